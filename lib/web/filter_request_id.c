/* SPDX-License-Identifier: MIT */
/*
 * filter_request_id.c - a filter that gives each request an id (X-Request-Id, correlation id).
 *
 * Random bytes are drawn by the page, as a system call for each request costs more than all else
 * here.  The page is wiped in a child that is forked: two processes never give the same ids.
 */
#include <vane/filters.h>
#include <vane/request.h>
#include <vane/response.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base.h"
#include "exchange.h"
#include "filter_text.h"
#include "slice.h"

#define ID_BYTES  16
#define ID_MAX    128

#define OWN_FIELD "X-Request-Id"

/* A page of the kernel's, which is all zero in a child. */
struct bits {
	size_t left;
	unsigned char bytes[4096 - sizeof(size_t)];
};

struct maker {
	const char *field; /* NULL: the usual one */
	bool trust;
	bool wiped; /* the page is, in a child: bytes can be kept there */
	struct bits *bits;
};

static int start(void *config, void **data)
{
	static const struct vane_request_id_opts none;
	const struct vane_request_id_opts *opts = config != NULL ? config : &none;
	struct maker *maker;
	void *page;
	int rc = vane__filter_check_name("vane_request_id_opts.field", opts->field);

	if (rc < 0)
		return rc;
	maker = calloc(1, sizeof(*maker));
	if (maker == NULL)
		return -ENOMEM;
	page = mmap(NULL, sizeof(*maker->bits), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED) {
		free(maker);
		return -ENOMEM;
	}
	maker->bits = page;
#ifdef MADV_WIPEONFORK
	maker->wiped = madvise(page, sizeof(*maker->bits), MADV_WIPEONFORK) == 0;
#endif
	maker->trust = opts->trust;
	maker->field = opts->field;
	*data = maker;
	return 0;
}

static void stop(void *data)
{
	struct maker *maker = data;

	munmap(maker->bits, sizeof(*maker->bits));
	free(maker);
}

/* Fresh random bytes, NULL if the kernel has none. */
static const unsigned char *draw(struct maker *maker)
{
	struct bits *bits = maker->bits;
	size_t want = maker->wiped ? sizeof(bits->bytes) / ID_BYTES * ID_BYTES : ID_BYTES;
	ssize_t got;

	if (bits->left < ID_BYTES) {
		do /* a signal may cut what is more than 256 bytes: what there is will do */
			got = getrandom(bits->bytes, want, 0);
		while (got < 0 && errno == EINTR);
		if (got < ID_BYTES)
			return NULL;
		bits->left = (size_t) got / ID_BYTES * ID_BYTES;
	}
	bits->left -= ID_BYTES;
	return bits->bytes + bits->left;
}

static bool is_well_formed(const char *id)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-_.:+/=@";
	size_t len = strspn(id, allowed);

	return len > 0 && len <= ID_MAX && id[len] == '\0';
}

static int make(struct maker *maker, struct vane_request *req)
{
	const unsigned char *bytes = draw(maker);
	char text[2 * ID_BYTES + 1];
	int rc;

	if (bytes == NULL)
		return -EIO;
	vane__put_hex(text, bytes, ID_BYTES);
	text[2 * ID_BYTES] = '\0';
	rc = vane_request_set_id(req, text);
	if (rc == 0)
		rc = vane_request_set_state(
			req, maker, (void *) (uintptr_t) vane_request_id(req));
	return rc;
}

static const char *field_name(const struct maker *maker)
{
	return maker->field != NULL ? maker->field : OWN_FIELD;
}

static int before(struct vane_request *req, struct vane_response *res, void *data)
{
	struct maker *maker = data;
	const char *given;

	if (vane_request_id(req)[0] != '\0') /* it was forwarded, or has passed another */
		return 0;
	given = maker->trust ? vane_request_field(req, field_name(maker)) : NULL;
	if (given != NULL && is_well_formed(given))
		return vane_request_set_id(req, given);
	return make(maker, req);
}

/* One that we have made, in the usual field: nothing in it has to be looked at. */
static int add_own(struct vane_response *res, const char *id)
{
	char line[sizeof(OWN_FIELD ": ") - 1 + 2 * ID_BYTES + 2];

	memcpy(line, OWN_FIELD ": ", sizeof(OWN_FIELD ": ") - 1);
	memcpy(line + sizeof(OWN_FIELD ": ") - 1, id, 2 * ID_BYTES);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	return vane__response_add_lines(res, (struct vane_slice) { line, sizeof(line) });
}

static int after(struct vane_request *req, struct vane_response *res, void *data)
{
	const struct maker *maker = data;
	const char *id = vane_request_id(req);

	if (maker->field == NULL && vane_request_state(req, data) == id &&
		vane_response_field(res, OWN_FIELD).data == NULL)
		return add_own(res, id);
	return vane_response_set_field(res, field_name(maker), id);
}

const struct vane_filter_type vane_request_id_filter = {
	.start = start, .stop = stop, .before = before, .after = after
};
