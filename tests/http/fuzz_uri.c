/* SPDX-License-Identifier: MIT */
/*
 * fuzz_uri.c - lib/http/uri.c, with the input as a target, as an authority and as text
 */
#include "fuzz.h"

#include <vane/util.h>

#include "uri.h"

static void check_split(struct vane_slice in)
{
	struct vane_slice path, query;

	if (vane__uri_split(in, &path, &query) < 0)
		return;
	FUZZ_CHECK(fuzz_within(path, in));
	FUZZ_CHECK(path.data[0] == '/' || vane__slice_equal(in, SLICE("*")));
	FUZZ_CHECK(memchr(path.data, '?', path.len) == NULL);
	FUZZ_CHECK(memchr(in.data, '\0', in.len) == NULL &&
		   memchr(in.data, '#', in.len) == NULL);
	if (query.data == NULL) {
		FUZZ_CHECK(path.len == in.len);
		return;
	}
	FUZZ_CHECK(fuzz_within(query, in));
	FUZZ_CHECK(path.len + 1 + query.len == in.len);
}

static void check_absolute(struct vane_slice in)
{
	struct vane_slice scheme, authority, origin, path, query;

	if (vane__uri_absolute(in, &scheme, &authority, &origin) < 0)
		return;
	FUZZ_CHECK(scheme.data == in.data && fuzz_within(authority, in));
	FUZZ_CHECK(vane__authority_ok(authority));
	if (fuzz_within(origin, in))
		FUZZ_CHECK(origin.data + origin.len == in.data + in.len);
	else
		FUZZ_CHECK(vane__slice_equal(origin, SLICE("/")));
	FUZZ_CHECK(origin.data[0] == '?' || vane__uri_split(origin, &path, &query) >= 0);
}

static void check_authority(struct vane_slice in)
{
	size_t i;

	if (!vane__authority_ok(in))
		return;
	FUZZ_CHECK(in.len > 0 && in.data[0] != ':');
	for (i = 0; i < in.len; i++)
		FUZZ_CHECK(in.data[i] > 0x20 && in.data[i] < 0x7f &&
			   strchr("@/?#\\", in.data[i]) == NULL);
}

/* What was quoted is what is decoded, but for slashes. */
static void check_quoting(const char *text, size_t text_len)
{
	struct vane_slice in = { text, text_len };
	size_t need = vane__uri_quote(NULL, 0, in), len, i;
	char *quoted = malloc(need + 1);

	FUZZ_CHECK(quoted != NULL);
	FUZZ_CHECK(vane__uri_quote(quoted, need + 1, in) == need && strlen(quoted) == need);
	FUZZ_CHECK(vane__uri_decode_path(
			   quoted, (struct vane_slice) { quoted, need }, &len) == 0);
	FUZZ_CHECK(len == text_len);
	for (i = 0; i < len; i++)
		FUZZ_CHECK(quoted[i] == text[i] || (quoted[i] == '\0' && text[i] == '/'));
	free(quoted);
}

static void check_decoding(struct vane_slice in)
{
	char *path = malloc(in.len + 1);
	size_t i, len;

	FUZZ_CHECK(path != NULL);
	memcpy(path, in.data, in.len);
	if (vane__uri_decode_path(path, (struct vane_slice) { path, in.len }, &len) == 0) {
		FUZZ_CHECK(len <= in.len && path[len] == '\0');
		for (i = 0; i < len; i++)
			if (path[i] == '\0')
				path[i] = '/';
		check_quoting(path, len);
	}
	free(path);
}

/* Whatever room there is, what is written is a beginning of the whole. */
static void check_escaping(struct vane_slice in)
{
	char text[64], whole[3 * sizeof(text)], part[3 * sizeof(text)];
	size_t size, need;

	if (in.len >= sizeof(text))
		return;
	memcpy(text, in.data, in.len);
	text[in.len] = '\0';
	need = vane_url_escape(whole, sizeof(whole), text);
	FUZZ_CHECK(strlen(whole) == need);
	FUZZ_CHECK(vane_url_unescape_plus(part, sizeof(part), whole) ==
		   (ssize_t) strlen(text));
	FUZZ_CHECK(strcmp(part, text) == 0);
	for (size = 1; size <= need; size++) {
		FUZZ_CHECK(vane_url_escape(part, size, text) == need);
		FUZZ_CHECK(strlen(part) < size && strncmp(part, whole, strlen(part)) == 0);
	}
}

/* Never longer than it was, and none is cut short by a NUL. */
static void check_unescaping(struct vane_slice in)
{
	char text[64], plain[sizeof(text)];
	ssize_t len;

	if (in.len >= sizeof(text))
		return;
	memcpy(text, in.data, in.len);
	text[in.len] = '\0';
	len = vane_url_unescape(plain, sizeof(plain), text);
	FUZZ_CHECK(len == -EINVAL || (len >= 0 && (size_t) len <= strlen(text)));
	FUZZ_CHECK(strlen(plain) == (len < 0 ? 0 : (size_t) len));
	FUZZ_CHECK(vane_url_unescape(text, sizeof(text), text) == len);
	FUZZ_CHECK(strcmp(text, plain) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice in = { (const char *) data, size };

	check_split(in);
	check_absolute(in);
	check_authority(in);
	check_decoding(in);
	check_escaping(in);
	check_unescaping(in);
	return 0;
}
