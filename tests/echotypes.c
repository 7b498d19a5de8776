/* SPDX-License-Identifier: MIT */
/*
 * echotypes.c - handlers that ask what a client accepts, and answer in types of their own.
 */
#include "config.h" /* for VANE_WITH_JANSSON */

#include "echotypes.h"

#ifdef VANE_WITH_JANSSON
#include <jansson.h>
#include <vane/jansson.h>
#endif
#include <vane/json.h>
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

/* What was asked, as JSON; /json/open leaves it open. */
static int json_get(struct vane_request *req, struct vane_response *res)
{
	struct vane_json json;

	vane_json_init(&json, res);
	vane_json_begin_object(&json);
	vane_json_key(&json, "text");
	vane_json_string(&json, vane_request_query_arg(req, "text", 0));
	vane_json_key(&json, "numbers");
	vane_json_begin_array(&json);
	vane_json_int(&json, -7);
	vane_json_uint(&json, UINT64_MAX);
	vane_json_double(&json, 0.1);
	vane_json_end_array(&json);
	if (vane_request_path_arg(req, "end") != NULL)
		return 0;
	vane_json_end_object(&json);
	return vane_json_fini(&json);
}

const struct vane_handler echo_json = { .get = json_get };

#ifdef VANE_WITH_JANSSON
/* What was sent, with one member more. */
static int jansson_any(struct vane_request *req, struct vane_response *res)
{
	json_t *root;
	int rc = vane_request_json(req, &root);

	if (rc != 0)
		return rc;
	if (json_is_object(root))
		json_object_set_new(root, "seen", json_true());
	rc = vane_response_write_json(res, root);
	json_decref(root);
	return rc;
}

const struct vane_handler echo_jansson = { .any = jansson_any };
#endif
