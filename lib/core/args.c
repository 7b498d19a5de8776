/* SPDX-License-Identifier: MIT */
/*
 * args.c - arguments of a request by name: from the path, the query, and a form in the body.
 *
 * Queries are parsed when they are first asked for.  The form is request_form.c's.
 */
#include <vane/request.h>

#include "exchange.h"
#include "form.h"

static const struct vane__pairs *query_args(struct vane_request *req)
{
	if (req->query_parsed)
		return &req->query_args;
	req->query_parsed = true;
	if (req->query.data != NULL)
		req->query_error = vane__request_parse_args(
			req, &req->query_args, req->query, "query", &req->query_why);
	if (req->query_error < 0)
		req->query_args.count = 0;
	return &req->query_args;
}

static const char *find_last(const struct vane__pairs *pairs, const char *name)
{
	size_t k = pairs->count;

	while (k-- > 0)
		if (strcmp(pairs->items[k].name, name) == 0)
			return pairs->items[k].value;
	return NULL;
}

const char *vane_request_path_arg(const struct vane_request *req, const char *name)
{
	return vane__req_no_text(req, __func__, name)
		       ? NULL
		       : vane__pairs_find(&req->path_args, name, 0);
}

const char *vane_request_query_arg(
	const struct vane_request *asked, const char *name, size_t i)
{
	struct vane_request *req = vane__req_own(asked);

	return vane__req_no_text(req, __func__, name)
		       ? NULL
		       : vane__pairs_find(query_args(req), name, i);
}

const char *vane_request_form_arg(
	const struct vane_request *asked, const char *name, size_t i)
{
	struct vane_request *req = vane__req_own(asked);

	return vane__req_no_text(req, __func__, name)
		       ? NULL
		       : vane__pairs_find(vane__request_form_args(req), name, i);
}

bool vane_request_path_arg_at(
	const struct vane_request *req, size_t i, const char **name, const char **value)
{
	return vane__pairs_at(&req->path_args, i, name, value);
}

bool vane_request_query_arg_at(
	const struct vane_request *req, size_t i, const char **name, const char **value)
{
	return vane__pairs_at(query_args(vane__req_own(req)), i, name, value);
}

bool vane_request_form_arg_at(
	const struct vane_request *req, size_t i, const char **name, const char **value)
{
	return vane__pairs_at(vane__request_form_args(vane__req_own(req)), i, name, value);
}

const char *vane_request_arg(const struct vane_request *asked, const char *name)
{
	struct vane_request *req = vane__req_own(asked);
	const char *value, *otherwise;

	if (vane__req_no_text(req, __func__, name))
		return NULL;
	value = vane_request_path_arg(req, name);
	if (value != NULL)
		return value;
	/* both are read: an error of one does not depend on who else has the name */
	otherwise = find_last(query_args(req), name);
	value = find_last(vane__request_form_args(req), name);
	return value != NULL ? value : otherwise;
}

const char *vane_request_arg_or(
	const struct vane_request *asked, const char *name, const char *otherwise)
{
	struct vane_request *req = vane__req_own(asked);
	const char *value = vane_request_arg(req, name);

	return value != NULL ? value : otherwise;
}

int vane_request_query_error(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);

	query_args(req);
	req->query_error_told = true;
	return req->query_error;
}

/* What an error of query or form means to the client. */
static int status_of(int rc, int too_much, const char *said, const char **why)
{
	if (rc == 0 || rc == -ENOMEM)
		return rc;
	*why = said != NULL ? said : "arguments that cannot be read"; /* out of memory */
	return rc == -EMSGSIZE ? too_much : 400;
}

int vane__request_query_status(const struct vane_request *req, const char **why)
{
	return status_of(req->query_error, 414, req->query_why, why);
}

int vane__request_form_status(const struct vane_request *req, const char **why)
{
	return status_of(req->form_error, 413, req->form_why, why);
}

int vane__request_args_status(const struct vane_request *req, const char **why)
{
	int status = 0;

	if (!req->query_error_told)
		status = vane__request_query_status(req, why);
	if (status == 0 && !req->form_error_told)
		status = vane__request_form_status(req, why);
	return status;
}
