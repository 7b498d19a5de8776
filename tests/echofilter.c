/* SPDX-License-Identifier: MIT */
/*
 * echofilter.c - filters around the handlers of the application under test
 */
#include "config.h" /* for VANE_WITH_ZLIB */

#include "echofilter.h"

#include <errno.h>
#include <string.h>

#include <vane.h>

static int check_key(struct vane_request *req, struct vane_response *res, void *data)
{
	if (strstr(vane_request_path(req), "shut") == NULL)
		return 0;
	return vane_request_query_arg(req, "key", 0) != NULL ? 0 : 403;
}

static int sign(struct vane_request *req, struct vane_response *res, void *data)
{
	return vane_response_add_field(res, "X-Signed", "yes");
}

/* What it counts must be there at the end, which nobody sees but a memory checker. */
static int count(struct vane_request *req, struct vane_response *res, void *data)
{
	int *passed = vane_request_alloc(req, sizeof(*passed));

	if (passed == NULL)
		return -ENOMEM;
	*passed = 1;
	return vane_request_set_state(req, data, passed);
}

static void count_down(struct vane_request *req, void *data)
{
	int *passed = vane_request_state(req, data);

	if (passed != NULL)
		--*passed;
}

static const struct vane_filter_type key = { .before = check_key };
static const struct vane_filter_type sign_off = {
	.before = count, .after = sign, .finished = count_down
};

static char counted[] = "counted";

const struct vane_filter echo_gate[] = { VANE_FILTER(&key, NULL),
	VANE_FILTER(&sign_off, counted), VANE_FILTER_END };

static int write_page(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data)
{
	const char *path = vane_request_path(req), *name = data;
	size_t len = strlen(path);

	vane_response_set_type(res, "text/plain");
	vane_response_printf(res, "%s: %d%s%s\n", name, status, why != NULL ? ": " : "",
		why != NULL ? why : "");
	if (strcmp(name, "inner") == 0 && len > 5 && strcmp(path + len - 5, "fails") == 0)
		return -EIO;
	return 0;
}

static const struct vane_filter_type pages = { .error_page = write_page };
static char apart[] = "apart", inner[] = "inner";

const struct vane_filter echo_apart[] = { VANE_FILTER(&pages, apart), VANE_FILTER_END };
const struct vane_filter echo_inner[] = { VANE_FILTER(&pages, inner), VANE_FILTER_END };

static int in_capitals(struct vane_request *req, struct vane_slice bytes,
	enum vane_piece piece, struct vane_sink *sink, void *data)
{
	char some[512];
	size_t i, at = 0;
	int rc = 0;

	for (i = 0; i < bytes.len && rc == 0; i++) {
		char c = bytes.data[i];

		some[at++] = c >= 'a' && c <= 'z' ? (char) (c - 32) : c;
		if (at < sizeof(some) && i + 1 < bytes.len)
			continue;
		rc = vane_sink_write(sink, some, at);
		at = 0;
	}
	return rc < 0 || piece != VANE_PIECE_END ? rc : vane_sink_write(sink, "!", 1);
}

static int speak_up(struct vane_request *req, struct vane_response *res, void *data)
{
	return vane_response_filter_body(res, in_capitals, NULL);
}

static const struct vane_filter_type loud = { .after = speak_up };

const struct vane_filter echo_loud[] = { VANE_FILTER(&loud, NULL), VANE_FILTER_END };

/* Clients give the ids, as the answers of two carriers are compared. */
static struct vane_request_id_opts ids = { .trust = true };
static struct vane_security_opts safety = { .csp = "default-src 'self'",
	.opener_policy = "" };

const struct vane_filter echo_safe[] = { VANE_FILTER(&vane_request_id_filter, &ids),
	VANE_FILTER(&vane_security_filter, &safety), VANE_FILTER_END };

static const char *const origins[] = { "https://a.test", NULL };
static struct vane_cors_opts cors = { .origins = origins, .exposed = "X-Seen" };

#ifdef VANE_WITH_ZLIB
static const char *const types[] = { "text/*", "application/octet-stream", NULL };
static struct vane_compress_opts compress = { .types = types };
#endif

const struct vane_filter echo_shared[] = { VANE_FILTER(&vane_cors_filter, &cors),
#ifdef VANE_WITH_ZLIB
	VANE_FILTER(&vane_compress_filter, &compress),
#endif
	VANE_FILTER(&vane_etag_filter, NULL), VANE_FILTER_END };
