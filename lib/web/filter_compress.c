/* SPDX-License-Identifier: MIT */
/*
 * filter_compress.c - a filter that compresses bodies with gzip by zlib (RFC 1952), as clients accept.
 *
 * A compressor is some 260 KiB that take longer to make than a small page to compress, so they are
 * used again; how many there are is limited.
 */
#include <vane/filters.h>
#include <vane/request.h>
#include <vane/response.h>
#include <vane/util.h>

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base.h"
#include "fields.h"
#include "filter_text.h"
#include "limit.h"
#include "negotiate.h"
#include "slice.h"

/* So many are kept for later. */
#define IDLE_MAX 4

struct compressor {
	z_stream z;
	struct compressor *next;
};

struct settings {
	const char *const *types;
	int64_t min_bytes, max_streams, level;
	int64_t streams; /* in use */
	struct compressor *idle;
	size_t idle_count;
};

static const char *const default_types[] = { "text/*", "application/atom+xml",
	"application/javascript", "application/json", "application/x-javascript",
	"application/xhtml+xml", "application/xml", "image/svg+xml", NULL };

static int start(void *config, void **data)
{
	static const struct vane_compress_opts none;
	const struct vane_compress_opts *opts = config != NULL ? config : &none;
	struct settings own = { .types = opts->types != NULL ? opts->types : default_types,
		.min_bytes = opts->min_bytes,
		.max_streams = opts->max_streams,
		.level = opts->level },
			*settings;
	const struct vane__limit limits[] = {
		{ "vane_compress_opts.min_bytes", &own.min_bytes, 1024, true },
		{ "vane_compress_opts.max_streams", &own.max_streams, 256, false },
	};
	int rc = vane__limits_fill(limits, ARRAY_SIZE(limits));

	if (rc < 0)
		return rc;
	if (own.level < 0 || own.level > 9)
		return vane__filter_refuse("vane_compress_opts.level", "is none of 1 to 9");
	if (own.level == 0)
		own.level = 6;
	settings = malloc(sizeof(*settings));
	if (settings == NULL)
		return -ENOMEM;
	*settings = own;
	*data = settings;
	return 0;
}

static void compressor_free(struct compressor *compressor)
{
	deflateEnd(&compressor->z);
	free(compressor);
}

static void stop(void *data)
{
	struct settings *settings = data;

	while (settings->idle != NULL) {
		struct compressor *compressor = settings->idle;

		settings->idle = compressor->next;
		compressor_free(compressor);
	}
	free(settings);
}

static struct compressor *compressor_new(const struct settings *settings)
{
	struct compressor *compressor = calloc(1, sizeof(*compressor));

	/* the largest window, and 16 for a gzip head without a time: the same bytes each time */
	if (compressor != NULL &&
		deflateInit2(&compressor->z, (int) settings->level, Z_DEFLATED,
			MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(compressor);
		compressor = NULL;
	}
	return compressor;
}

/* One to work with, NULL if there are too many or no memory. */
static struct compressor *take(struct settings *settings)
{
	struct compressor *compressor = settings->idle;

	if (settings->streams >= settings->max_streams)
		return NULL;
	if (compressor != NULL) {
		settings->idle = compressor->next;
		settings->idle_count--;
	} else {
		compressor = compressor_new(settings);
	}
	if (compressor != NULL)
		settings->streams++;
	return compressor;
}

/* The one of this request is free again, if it has one: at the end, or when nobody reads any more. */
static void give_back(struct vane_request *req, void *data)
{
	struct settings *settings = data;
	struct compressor *compressor = vane_request_state(req, data);

	if (compressor == NULL)
		return;
	vane_request_set_state(req, data, NULL);
	settings->streams--;
	if (settings->idle_count >= IDLE_MAX || deflateReset(&compressor->z) != Z_OK) {
		compressor_free(compressor);
		return;
	}
	compressor->next = settings->idle;
	settings->idle = compressor;
	settings->idle_count++;
}

static int compress_piece(struct vane_request *req, struct vane_slice bytes,
	enum vane_piece piece, struct vane_sink *sink, void *data)
{
	static const int how[] = { [VANE_PIECE_MORE] = Z_NO_FLUSH,
		[VANE_PIECE_FLUSH] = Z_SYNC_FLUSH,
		[VANE_PIECE_END] = Z_FINISH };
	struct compressor *compressor = vane_request_state(req, data);
	unsigned char out[16 * 1024];
	z_stream *z;
	int rc;

	if (compressor == NULL)
		return -EPIPE; /* the client has left, and it was given back */
	z = &compressor->z;
	z->next_in = (unsigned char *) (uintptr_t) bytes.data;
	z->avail_in = (uInt) bytes.len;
	do {
		z->next_out = out;
		z->avail_out = sizeof(out);
		if (deflate(z, how[piece]) == Z_STREAM_ERROR)
			return -EIO;
		rc = vane_sink_write(sink, out, sizeof(out) - z->avail_out);
	} while (rc == 0 && z->avail_out == 0);
	if (piece == VANE_PIECE_END)
		give_back(req, data);
	return rc;
}

/* Whether a list of words has that one. */
static bool has_word(struct vane_slice list, struct vane_slice word)
{
	struct vane_slice item;

	while (vane__list_next(&list, &item))
		if (vane__slice_equal_nocase(item, word))
			return true;
	return false;
}

static bool is_wanted_type(const struct settings *settings, const struct vane_response *res)
{
	struct vane_slice type = vane_response_field(res, "Content-Type");
	char text[256] = "text/plain"; /* what one without a type is sent as */
	const char *const *one = settings->types;

	if (type.len >= sizeof(text))
		return false;
	if (type.data != NULL) {
		memcpy(text, type.data, type.len);
		text[type.len] = '\0';
	}
	while (*one != NULL && !vane_media_type_is(text, *one))
		one++;
	return *one != NULL;
}

/* Whether there is something that is worth it; and that may be changed (RFC 9110, 7.7). */
static bool is_worth_it(const struct settings *settings, const struct vane_response *res)
{
	int status = vane_response_status(res);
	int64_t length = vane_response_length(res);

	return status != 204 && status != 206 && status != 304 &&
	       (length < 0 || (length > 0 && length >= settings->min_bytes)) &&
	       vane_response_field(res, "Content-Encoding").data == NULL &&
	       vane_response_field(res, "Content-Range").data == NULL &&
	       !has_word(
		       vane_response_field(res, "Cache-Control"), SLICE("no-transform")) &&
	       is_wanted_type(settings, res);
}

/* The bytes are others now: the tag stays for what they mean (RFC 9110, 8.8.1). */
static int weaken_etag(struct vane_response *res)
{
	struct vane_slice etag = vane_response_field(res, "ETag");
	char weak[256] = "W/";

	if (etag.len == 0 || etag.data[0] != '"')
		return 0;
	if (etag.len + 3 > sizeof(weak))
		return vane_response_remove_field(res, "ETag");
	memcpy(weak + 2, etag.data, etag.len);
	weak[etag.len + 2] = '\0';
	return vane_response_set_field(res, "ETag", weak);
}

static bool is_accepted(const struct vane_request *req)
{
	static const char *const codings[] = { "gzip", NULL };
	const char *accepted = vane_request_field(req, "Accept-Encoding");

	return accepted != NULL &&
	       vane__negotiate_coding(vane__slice(accepted), codings) != NULL;
}

static int install(struct vane_request *req, struct vane_response *res, void *data)
{
	struct compressor *compressor = NULL;
	int rc;

	if (strcmp(vane_request_method(req), "HEAD") != 0) { /* which has the same fields */
		compressor = take(data);
		if (compressor == NULL)
			return 0;
	}
	rc = vane_request_set_state(req, data, compressor);
	if (rc < 0) {
		compressor_free(compressor);
		((struct settings *) data)->streams--;
		return rc;
	}
	vane_response_set_field(res, "Content-Encoding", "gzip");
	vane_response_remove_field(res, "Accept-Ranges");
	weaken_etag(res);
	return vane_response_filter_body(res, compress_piece, data);
}

static int after(struct vane_request *req, struct vane_response *res, void *data)
{
	struct vane_slice vary = vane_response_field(res, "Vary");

	if (!has_word(vary, SLICE("Accept-Encoding")) && !has_word(vary, SLICE("*")))
		vane_response_add_field(res, "Vary", "Accept-Encoding");
	if (!is_accepted(req) || !is_worth_it(data, res))
		return 0;
	return install(req, res, data);
}

const struct vane_filter_type vane_compress_filter = { .start = start,
	.stop = stop,
	.after = after,
	.finished = give_back,
	.abandoned = give_back };
