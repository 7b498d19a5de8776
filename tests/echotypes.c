/* SPDX-License-Identifier: MIT */
/*
 * echotypes.c - handlers that ask what a client accepts, and say what they answer in.
 */
#include "echotypes.h"

#include <vane/request.h>
#include <vane/response.h>

static int accept_get(struct vane_request *req, struct vane_response *res)
{
	static const char *const types[] = { "text/html", "application/json", NULL };
	const char *type = vane_request_accepts(req, types);

	vane_response_add_field(res, "Vary", "Accept");
	if (type == NULL)
		return 406;
	vane_response_set_type(res, type);
	return vane_response_printf(res, "%s\n", type);
}

const struct vane_handler echo_accept = { .get = accept_get };

static int accept_language_get(struct vane_request *req, struct vane_response *res)
{
	static const char *const languages[] = { "en", "de", NULL };
	const char *language = vane_request_accepts_language(req, languages);

	if (language == NULL)
		return 406;
	vane_response_set_type(res, "text/plain");
	return vane_response_printf(res, "%s\n", language);
}

const struct vane_handler echo_accept_language = { .get = accept_language_get };

static int type_get(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_type(res, vane_request_arg_or(req, "is", "text/plain"));
	return vane_response_puts(res, "typed\n");
}

const struct vane_handler echo_type = { .get = type_get };
