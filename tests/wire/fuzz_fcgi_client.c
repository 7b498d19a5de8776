/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fcgi_client.c - lib/wire/fcgi_client.c, with the input as what a FastCGI application sends:
 * what comes of it must not depend on how it is cut
 */
#include "fuzz.h"

#include "fcgi_client.h"

static uint64_t add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *at = data;

	while (len-- > 0)
		hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
	return hash;
}

/* A stream's bytes count one by one, as pieces may be cut anywhere. */
static uint64_t add_piece(uint64_t hash, const struct vane__fcgi_client *client, int event,
	struct vane_slice piece)
{
	size_t i;

	for (i = 0; i < piece.len; i++) {
		hash = add(hash, &event, sizeof(event));
		hash = add(hash, &client->record.id, sizeof(client->record.id));
		hash = add(hash, piece.data + i, 1);
	}
	return hash;
}

static uint64_t add_event(uint64_t hash, const struct vane__fcgi_client *client, int event,
	struct vane_slice piece)
{
	if ((event == VANE__FCGI_OUT || event == VANE__FCGI_ERR) && piece.len > 0)
		return add_piece(hash, client, event, piece);
	hash = add(hash, &event, sizeof(event));
	hash = add(hash, &client->record.id, sizeof(client->record.id));
	if (event == VANE__FCGI_END) {
		hash = add(hash, &client->app_status, sizeof(client->app_status));
		hash = add(hash, &client->status, sizeof(client->status));
	}
	if (event == VANE__FCGI_VALUES)
		hash = add(hash, client->values, sizeof(client->values));
	return hash;
}

/* Read it all in pieces of that size, as from a connection. */
static uint64_t run(const uint8_t *data, size_t size, size_t cut)
{
	struct vane__fcgi_client client = { .small_len = 0 };
	uint64_t hash = 1;
	int event = 0;
	size_t at, n;

	for (at = 0; at < size && event >= 0; at += n) {
		struct vane_slice in = { (const char *) data + at, 0 }, piece = { 0 }, all;

		n = size - at < cut ? size - at : cut;
		in.len = n;
		all = in;
		while ((event = vane__fcgi_client_read(&client, &in, &piece)) !=
			VANE__FCGI_MORE) {
			FUZZ_CHECK(in.data + in.len == all.data + all.len);
			if (event == VANE__FCGI_OUT || event == VANE__FCGI_ERR)
				FUZZ_CHECK(fuzz_within(piece, all));
			hash = add_event(hash, &client, event, piece);
			if (event < 0) {
				FUZZ_CHECK(client.why != NULL);
				break;
			}
		}
		FUZZ_CHECK(event < 0 || in.len == 0);
	}
	event = event >= 0 && vane__fcgi_client_between(&client);
	return add(hash, &event, sizeof(event));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = run(data, size, SIZE_MAX);

	FUZZ_CHECK(run(data, size, 1) == whole);
	FUZZ_CHECK(run(data, size, 13) == whole);
	return 0;
}
