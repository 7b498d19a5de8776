/* SPDX-License-Identifier: MIT */
/*
 * request_form.c - the form in a request's body: urlencoded or multipart/form-data, its arguments,
 * its parts, and why it cannot be read.
 *
 * It is parsed when it is first asked for.
 */
#include <vane/request.h>
#include <vane/util.h>

#include "exchange.h"
#include "fields.h"
#include "limit.h"
#include "multipart.h"
#include "slice.h"

static int64_t max_args(const struct vane_request *req)
{
	return vane__req_exchange(req)->opts->max_args;
}

static int refuse(struct vane_request *req, int rc, const char *why)
{
	req->form_why = why;
	return rc;
}

static int too_large(struct vane_request *req)
{
	return refuse(req, -EMSGSIZE,
		vane__request_text(req, "the form is above --max-form-size, %lld bytes",
			(long long) vane__req_exchange(req)->opts->max_form_bytes));
}

static int keep_part(struct vane_request *req, const struct vane__part *part)
{
	size_t cap = req->part_cap > 0 ? req->part_cap * 2 : 4;

	if (req->part_count == req->part_cap) {
		struct vane_part *more = vane_request_alloc(req, cap * sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		if (req->part_count > 0)
			memcpy(more, req->parts, req->part_count * sizeof(*more));
		req->parts = more;
		req->part_cap = cap;
	}
	req->parts[req->part_count++] = (struct vane_part) {
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
		       ? too_large(req)
		       : 0;
}

static int add_argument(struct vane_request *req, const struct vane__part *part)
{
	struct arena *arena = &vane__req_exchange(req)->arena;
	const char *value;
	int rc;

	if (part->body.len > 0 && memchr(part->body.data, '\0', part->body.len) != NULL)
		return refuse(req, -EINVAL,
			vane__request_text(
				req, "a NUL in the form, in argument %.60s", part->name));
	value = vane__arena_dup(arena, part->body.data, part->body.len);
	if (value == NULL)
		return -ENOMEM;
	rc = vane__pairs_add(
		&req->form_args, arena, part->name, value, vane__limit_size(max_args(req)));
	if (rc != -EMSGSIZE)
		return rc;
	return refuse(req, rc,
		vane__request_text(req, "more than %lld arguments in the form",
			(long long) max_args(req)));
}

/* A part of a multipart form: a file, or an argument, which must be text. */
static int add_part(void *data, const struct vane__part *part)
{
	struct vane_request *req = data;
	int rc = count_part(req, part);

	if (rc == 0 && part->filename == NULL)
		rc = add_argument(req, part);
	return rc < 0 ? rc : keep_part(req, part);
}

/* What is wrong with a multipart form outside of its arguments, and where. */
static const char *multipart_fault(struct vane_request *req, int rc)
{
	int64_t max = vane__req_exchange(req)->opts->max_parts;

	if (rc == -EINVAL)
		return vane__request_text(
			req, "the form is malformed, in part %zu", req->part_count + 1);
	if (max >= 0 && req->part_count >= vane__limit_size(max))
		return vane__request_text(
			req, "more than %lld parts in the form", (long long) max);
	return vane__request_text(req,
		"the form has a part with fields of more than %d bytes, part %zu",
		VANE__PART_HEAD_MAX, req->part_count + 1);
}

static int parse_multipart(struct vane_request *req, struct vane_slice type)
{
	struct vane_exchange *x = vane__req_exchange(req);
	struct vane_slice boundary;
	int rc = vane__field_param(type, SLICE("boundary"), &x->arena, &boundary);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return refuse(
			req, -EINVAL, "the form's Content-Type does not say its boundary");
	rc = vane__multipart_parse(vane_request_body(req), boundary, &x->arena,
		vane__limit_size(x->opts->max_parts), add_part, req);
	if ((rc == -EINVAL || rc == -EMSGSIZE) && req->form_why == NULL)
		req->form_why = multipart_fault(req, rc);
	return rc;
}

static int parse_urlencoded(struct vane_request *req)
{
	struct vane_slice body = vane_request_body(req);

	if ((int64_t) body.len > vane__req_exchange(req)->opts->max_form_bytes)
		return too_large(req);
	return vane__request_parse_args(req, &req->form_args, body, "form", &req->form_why);
}

static int parse_form(struct vane_request *req)
{
	struct vane_slice type = vane__request_find(req, SLICE("content-type"));

	if (type.len == 0)
		return 0;
	if (vane_media_type_is(type.data, "application/x-www-form-urlencoded"))
		return parse_urlencoded(req);
	if (vane_media_type_is(type.data, "multipart/form-data"))
		return parse_multipart(req, type);
	return 0;
}

/* The form, or none of it: half a form is worse than no form. */
const struct vane__pairs *vane__request_form_args(struct vane_request *req)
{
	if (req->form_parsed || req->body_way != VANE__BODY_COLLECTED)
		return &req->form_args;
	req->form_parsed = true;
	req->form_error = parse_form(req);
	if (req->form_error < 0) {
		req->form_args.count = 0;
		req->part_count = 0;
	}
	return &req->form_args;
}

/* The i-th part of that name, NULL for any; of the files only, or of all. */
static const struct vane_part *find_part(
	struct vane_request *req, const char *name, size_t i, bool files)
{
	size_t k;

	vane__request_form_args(req);
	for (k = 0; k < req->part_count; k++) {
		const struct vane_part *part = &req->parts[k];

		if (files && part->filename == NULL)
			continue;
		if ((name == NULL || strcmp(part->name, name) == 0) && i-- == 0)
			return part;
	}
	return NULL;
}

const struct vane_part *vane_request_part(
	const struct vane_request *req, const char *name, size_t i)
{
	return find_part(vane__req_own(req), name, i, false);
}

const struct vane_part *vane_request_upload(
	const struct vane_request *req, const char *name, size_t i)
{
	return find_part(vane__req_own(req), name, i, true);
}

int vane_request_form_error(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);

	vane__request_form_args(req);
	req->form_error_told = true;
	return req->form_error;
}
