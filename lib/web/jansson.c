/* SPDX-License-Identifier: MIT */
/*
 * jansson.c - JSON bodies as values of libjansson: read from a request, written to a response.
 */
#include <vane/jansson.h>
#include <vane/json.h>
#include <vane/util.h>

#include <jansson.h>

#include "exchange.h"
#include "slice.h"

static bool is_json(const char *type)
{
	return vane_media_type_is(type, "application/json") ||
	       vane_media_type_is(type, "*/*+json");
}

/* What stands against reading the body: a status or a negative errno, 0 if nothing does. */
static int check_body(struct vane_request *req)
{
	const char *type = vane_request_field(req, "content-type");

	if (req->body_way != VANE__BODY_COLLECTED)
		return vane__request_fail(req, -EINVAL,
			"the body was not collected: it cannot be read as JSON");
	if (!is_json(type))
		return vane__request_refuse(req, 415,
			"the body is %.100s, not application/json",
			type != NULL ? type : "without a type");
	if ((int64_t) vane_request_body(req).len >
		vane__req_exchange(req)->opts->max_form_bytes)
		return vane__request_refuse(req, 413, "the JSON is above --max-form-size");
	return 0;
}

int vane_request_json(struct vane_request *req, json_t **out)
{
	struct vane_slice body = vane_request_body(req);
	json_error_t error;
	int rc = check_body(req);

	*out = NULL;
	if (rc != 0)
		return rc;
	*out = json_loadb(body.data != NULL ? body.data : "", body.len,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (*out != NULL)
		return 0;
	if (json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	return vane__request_refuse(req, 400, "JSON, line %d, column %d: %s", error.line,
		error.column, error.text);
}

static void write_value(struct vane_json *out, const json_t *value);

static void write_array(struct vane_json *out, const json_t *array)
{
	size_t i;

	vane_json_begin_array(out);
	for (i = 0; i < json_array_size(array) && out->error == 0; i++)
		write_value(out, json_array_get(array, i));
	vane_json_end_array(out);
}

static void write_object(struct vane_json *out, const json_t *object)
{
	/* none of these changes it: they take no const as they may be asked to */
	json_t *values = (json_t *) (uintptr_t) object;
	void *at = json_object_iter(values);

	vane_json_begin_object(out);
	for (; at != NULL && out->error == 0; at = json_object_iter_next(values, at)) {
		vane_json_key(out, json_object_iter_key(at));
		write_value(out, json_object_iter_value(at));
	}
	vane_json_end_object(out);
}

static void write_value(struct vane_json *out, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_object(out, value);
		break;
	case JSON_ARRAY:
		write_array(out, value);
		break;
	case JSON_STRING:
		vane_json_slice(out, (struct vane_slice) { json_string_value(value),
					     json_string_length(value) });
		break;
	case JSON_INTEGER:
		vane_json_int(out, json_integer_value(value));
		break;
	case JSON_REAL:
		vane_json_double(out, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		vane_json_bool(out, json_is_true(value));
		break;
	default:
		vane_json_null(out);
	}
}

int vane_response_write_json(struct vane_response *res, const json_t *value)
{
	struct vane_json out;

	if (value == NULL)
		return vane__response_fail(
			res, vane__response_fault(res, -EINVAL,
				     "%s(): NULL in the place of a value", __func__));
	vane_json_init(&out, res);
	write_value(&out, value);
	return vane_json_fini(&out);
}
