/* SPDX-License-Identifier: MIT */
/*
 * args.c - arguments of a request: from the path, the query, and a form in the body.
 *
 * Queries and forms are parsed when they are first asked for.
 */
#include <vane/request.h>

#include "cookie.h"
#include "exchange.h"
#include "fields.h"
#include "form.h"
#include "limit.h"
#include "multipart.h"
#include "slice.h"
#include "text.h"

static struct vane__pairs *query_args(struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);

	if (req->query_parsed)
		return &req->query_args;
	req->query_parsed = true;
	if (req->query.data != NULL)
		req->query_error = vane__form_parse(&req->query_args, &x->arena, req->query,
			vane__limit_size(x->opts->max_args));
	if (req->query_error < 0)
		req->query_args.count = 0;
	return &req->query_args;
}

static int add_upload(struct vane_request *req, const struct vane__part *part)
{
	struct vane_exchange *x = vane__req_exchange(req);
	size_t cap = req->upload_cap > 0 ? req->upload_cap * 2 : 4;

	if (req->upload_count == req->upload_cap) {
		struct vane_upload *more =
			vane__arena_alloc(&x->arena, cap * sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		if (req->upload_count > 0)
			memcpy(more, req->uploads, req->upload_count * sizeof(*more));
		req->uploads = more;
		req->upload_cap = cap;
	}
	req->uploads[req->upload_count++] = (struct vane_upload) {
		.name = part->name,
		.filename = part->filename,
		.content_type = part->content_type != NULL ? part->content_type : "",
		.body = part->body,
	};
	return 0;
}

static size_t text_length(const char *text)
{
	return text != NULL ? strlen(text) : 0;
}

/* Count what is kept of a part: all but the content of files, which stays where it is. */
static int count_part(struct vane_request *req, const struct vane__part *part)
{
	size_t bytes = text_length(part->name) + text_length(part->filename) +
		       text_length(part->content_type);

	if (part->filename == NULL)
		bytes += part->body.len;
	req->form_bytes += bytes;
	return (int64_t) req->form_bytes > vane__req_exchange(req)->opts->max_form_bytes
		       ? -EMSGSIZE
		       : 0;
}

/* A part of a multipart form: a file, or an argument, which must be text. */
static int add_part(void *data, const struct vane__part *part)
{
	struct vane_request *req = data;
	struct vane_exchange *x = vane__req_exchange(req);
	const char *value;

	if (count_part(req, part) < 0)
		return -EMSGSIZE;
	if (part->filename != NULL)
		return add_upload(req, part);
	if (part->body.len > 0 && memchr(part->body.data, '\0', part->body.len) != NULL)
		return -EINVAL;
	value = vane__arena_dup(&x->arena, part->body.data, part->body.len);
	if (value == NULL)
		return -ENOMEM;
	return vane__pairs_add(&req->form_args, &x->arena, part->name, value,
		vane__limit_size(x->opts->max_args));
}

static int parse_multipart(struct vane_request *req, struct vane_slice type)
{
	struct vane_exchange *x = vane__req_exchange(req);
	struct vane_slice boundary;
	int rc = vane__field_param(type, SLICE("boundary"), &x->arena, &boundary);

	if (rc <= 0)
		return rc < 0 ? rc : -EINVAL;
	return vane__multipart_parse(vane_request_body(req), boundary, &x->arena,
		vane__limit_size(x->opts->max_parts), add_part, req);
}

static bool has_type(struct vane_slice field, struct vane_slice type)
{
	return vane__slice_equal_nocase(
		vane__slice_trim(vane__slice_split(&field, ';')), type);
}

static int parse_urlencoded(struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);
	struct vane_slice body = vane_request_body(req);

	if ((int64_t) body.len > x->opts->max_form_bytes)
		return -EMSGSIZE;
	return vane__form_parse(
		&req->form_args, &x->arena, body, vane__limit_size(x->opts->max_args));
}

static int parse_form(struct vane_request *req)
{
	struct vane_slice type = vane__request_find(req, SLICE("content-type"));

	if (type.len == 0)
		return 0;
	if (has_type(type, SLICE("application/x-www-form-urlencoded")))
		return parse_urlencoded(req);
	if (has_type(type, SLICE("multipart/form-data")))
		return parse_multipart(req, type);
	return 0;
}

/* The form, or none of it: half a form is worse than no form. */
static struct vane__pairs *form_args(struct vane_request *req)
{
	if (req->form_parsed || req->body_way != VANE__BODY_COLLECTED)
		return &req->form_args;
	req->form_parsed = true;
	req->form_error = parse_form(req);
	if (req->form_error < 0) {
		req->form_args.count = 0;
		req->upload_count = 0;
	}
	return &req->form_args;
}

/* The i-th value of that name. */
static const char *find(const struct vane__pairs *pairs, const char *name, size_t i)
{
	size_t k;

	for (k = 0; k < pairs->count; k++)
		if (strcmp(pairs->items[k].name, name) == 0 && i-- == 0)
			return pairs->items[k].value;
	return NULL;
}

static const char *find_last(const struct vane__pairs *pairs, const char *name)
{
	size_t k = pairs->count;

	while (k-- > 0)
		if (strcmp(pairs->items[k].name, name) == 0)
			return pairs->items[k].value;
	return NULL;
}

const char *vane_request_path_arg(const struct vane_request *asked, const char *name)
{
	struct vane_request *req = vane__req_own(asked);
	return vane__no_text(__func__, name) ? NULL : find(&req->path_args, name, 0);
}

const char *vane_request_query_arg(
	const struct vane_request *asked, const char *name, size_t i)
{
	struct vane_request *req = vane__req_own(asked);
	return vane__no_text(__func__, name) ? NULL : find(query_args(req), name, i);
}

const char *vane_request_form_arg(
	const struct vane_request *asked, const char *name, size_t i)
{
	struct vane_request *req = vane__req_own(asked);
	return vane__no_text(__func__, name) ? NULL : find(form_args(req), name, i);
}

const char *vane_request_arg(const struct vane_request *asked, const char *name)
{
	struct vane_request *req = vane__req_own(asked);
	const char *value;

	if (vane__no_text(__func__, name))
		return NULL;
	value = vane_request_path_arg(req, name);
	if (value == NULL)
		value = find_last(query_args(req), name);
	if (value == NULL)
		value = find_last(form_args(req), name);
	return value;
}

const char *vane_request_arg_or(
	const struct vane_request *asked, const char *name, const char *otherwise)
{
	struct vane_request *req = vane__req_own(asked);
	const char *value = vane_request_arg(req, name);

	return value != NULL ? value : otherwise;
}

/* Remember a cookie that was found, so that the next look at it takes no more memory. */
static const char *keep_cookie(
	struct vane_request *req, const char *name, const char *value)
{
	struct arena *arena = &vane__req_exchange(req)->arena;

	name = vane__arena_dup(arena, name, strlen(name));
	if (name == NULL ||
		vane__pairs_add(&req->cookies, arena, name, value, SIZE_MAX) < 0)
		return NULL;
	return value;
}

const char *vane_request_cookie(const struct vane_request *asked, const char *name)
{
	struct vane_request *req = vane__req_own(asked);
	struct arena *arena = &vane__req_exchange(req)->arena;
	const char *value, *header;

	if (vane__no_text(__func__, name))
		return NULL;
	value = find(&req->cookies, name, 0);
	if (value != NULL)
		return value;
	header = vane_request_field(req, "cookie");
	if (header == NULL)
		return NULL;
	value = vane__cookie_find(vane__slice(header), name, arena);
	return value != NULL ? keep_cookie(req, name, value) : NULL;
}

const struct vane_upload *vane_request_upload(
	const struct vane_request *asked, const char *name, size_t i)
{
	struct vane_request *req = vane__req_own(asked);
	size_t k;

	form_args(req);
	for (k = 0; k < req->upload_count; k++)
		if ((name == NULL || strcmp(req->uploads[k].name, name) == 0) && i-- == 0)
			return &req->uploads[k];
	return NULL;
}

int vane_request_form_error(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);
	form_args(req);
	req->form_error_told = true;
	return req->form_error;
}

/* What an error of query or form means to the client. */
static int status_of(
	int rc, int too_much, const char *why_much, const char *why_bad, const char **why)
{
	if (rc == 0 || rc == -ENOMEM)
		return rc;
	*why = rc == -EMSGSIZE ? why_much : why_bad;
	return rc == -EMSGSIZE ? too_much : 400;
}

int vane__request_args_status(const struct vane_request *req, const char **why)
{
	int status = status_of(req->query_error, 414, "too many arguments in the query",
		"a NUL in the query", why);

	if (status != 0 || req->form_error_told)
		return status;
	return status_of(req->form_error, 413,
		"the form is above --max-form-size, or has too many fields",
		"the form is malformed, or has a NUL in a text", why);
}
