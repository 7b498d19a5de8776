/* SPDX-License-Identifier: MIT */
/*
 * json.c - a writer of JSON documents: what may stand where (RFC 8259).
 *
 * It keeps one bit for each array or object that is open, and no memory.
 */
#include <vane/json.h>
#include <vane/response.h>

#include <vane/log.h>

#include "exchange.h"
#include "json_text.h"
#include "slice.h"

static int fail(struct vane_json *json, int rc)
{
	if (json->error == 0)
		json->error = rc;
	return json->error;
}

/* A call that is out of place: the response is no good, and the log says which call it was. */
static int misuse(struct vane_json *json, int rc, const char *function, const char *what)
{
	if (json->error < 0)
		return json->error;
	if (json->res != NULL)
		vane__response_fail(json->res,
			vane__response_fault(json->res, rc, "%s(): %s", function, what));
	else
		vane_log(VANE_LOG_ERROR, "%s(): %s", function, what);
	return fail(json, rc);
}

static int put(struct vane_json *json, const char *bytes, size_t len)
{
	int rc = json->error;

	if (rc == 0)
		rc = json->res != NULL ? vane_response_write(json->res, bytes, len)
				       : json->write(bytes, len, json->data);
	return rc < 0 ? fail(json, rc) : 0;
}

static int put_text(struct vane_json *json, struct vane_slice text)
{
	char buf[VANE__JSON_ESCAPE];

	put(json, "\"", 1);
	while (text.len > 0 && json->error == 0) {
		struct vane_slice piece = vane__json_take(&text, buf);

		put(json, piece.data, piece.len);
	}
	return put(json, "\"", 1);
}

static bool in_object(const struct vane_json *json)
{
	return json->depth > 0 && (json->objects >> (json->depth - 1) & 1);
}

static int begin_item(struct vane_json *json)
{
	bool second = json->filled;

	json->filled = true;
	return second ? put(json, ",", 1) : json->error;
}

/* Whether a value may stand here, with the comma before it. */
static int begin_value(struct vane_json *json, const char *function)
{
	if (json->error < 0)
		return json->error;
	if (json->res == NULL && json->write == NULL)
		return misuse(json, -EINVAL, function, "the writer was not initialised");
	if (in_object(json)) {
		if (!json->keyed)
			return misuse(json, -EINVAL, function,
				"a value in an object wants a key");
		json->keyed = false;
		return 0;
	}
	if (json->depth == 0 && json->filled)
		return misuse(
			json, -EINVAL, function, "the document has its value already");
	return begin_item(json);
}

static int put_value(struct vane_json *json, const char *function, struct vane_slice value)
{
	int rc = begin_value(json, function);

	return rc < 0 ? rc : put(json, value.data, value.len);
}

static int begin(struct vane_json *json, const char *function, bool object)
{
	int rc = begin_value(json, function);

	if (rc == 0 && json->depth == VANE_JSON_MAX_DEPTH)
		rc = misuse(
			json, -EMSGSIZE, function, "too many arrays and objects are open");
	if (rc < 0)
		return rc;
	json->objects &= ~(UINT64_C(1) << json->depth);
	json->objects |= (uint64_t) object << json->depth++;
	json->filled = false;
	return put(json, object ? "{" : "[", 1);
}

static int end(struct vane_json *json, const char *function, bool object)
{
	if (json->error < 0)
		return json->error;
	if (json->depth == 0)
		return misuse(json, -EINVAL, function, "nothing is open");
	if (in_object(json) != object)
		return misuse(json, -EINVAL, function,
			object ? "what is open is an array" : "what is open is an object");
	if (json->keyed)
		return misuse(json, -EINVAL, function, "the last key has no value");
	json->depth--;
	json->filled = true;
	return put(json, object ? "}" : "]", 1);
}

void vane_json_init(struct vane_json *json, struct vane_response *res)
{
	*json = (struct vane_json) { .res = res };
	if (res->begun != NULL) {
		misuse(json, -EINVAL, __func__, "the document before this was not ended");
		return;
	}
	res->begun = "vane_json_fini() was not called: the document is not whole";
	if (!res->typed && !res->head_sent && !res->raw)
		vane_response_set_type(res, "application/json");
}

void vane_json_init_writer(struct vane_json *json, vane_json_write_fn write, void *data)
{
	*json = (struct vane_json) { .write = write, .data = data };
}

int vane_json_fini(struct vane_json *json)
{
	if (json->res != NULL)
		json->res->begun = NULL;
	if (json->error == 0 && json->depth > 0)
		misuse(json, -EINVAL, __func__,
			in_object(json) ? "an object was not ended"
					: "an array was not ended");
	else if (json->error == 0 && !json->filled)
		misuse(json, -EINVAL, __func__, "the document has no value");
	return json->error;
}

int vane_json_begin_object(struct vane_json *json)
{
	return begin(json, __func__, true);
}

int vane_json_end_object(struct vane_json *json)
{
	return end(json, __func__, true);
}

int vane_json_begin_array(struct vane_json *json)
{
	return begin(json, __func__, false);
}

int vane_json_end_array(struct vane_json *json)
{
	return end(json, __func__, false);
}

static int key(struct vane_json *json, const char *function, struct vane_slice name)
{
	if (json->error < 0)
		return json->error;
	if (!in_object(json))
		return misuse(json, -EINVAL, function, "keys stand in objects only");
	if (json->keyed)
		return misuse(json, -EINVAL, function, "the key before this has no value");
	begin_item(json);
	put_text(json, name);
	json->keyed = true;
	return put(json, ":", 1);
}

int vane_json_key(struct vane_json *json, const char *name)
{
	if (name == NULL)
		return misuse(json, -EINVAL, __func__, "NULL in the place of text");
	return key(json, __func__, vane__slice(name));
}

int vane_json_key_slice(struct vane_json *json, struct vane_slice name)
{
	return key(json, __func__, name);
}

int vane_json_string(struct vane_json *json, const char *text)
{
	int rc = begin_value(json, __func__);

	if (rc < 0)
		return rc;
	return text != NULL ? put_text(json, vane__slice(text)) : put(json, "null", 4);
}

int vane_json_slice(struct vane_json *json, struct vane_slice text)
{
	int rc = begin_value(json, __func__);

	return rc < 0 ? rc : put_text(json, text);
}

int vane_json_int(struct vane_json *json, int64_t value)
{
	char buf[VANE__JSON_NUMBER];

	return put_value(
		json, __func__, (struct vane_slice) { buf, vane__json_int(buf, value) });
}

int vane_json_uint(struct vane_json *json, uint64_t value)
{
	char buf[VANE__JSON_NUMBER];

	return put_value(
		json, __func__, (struct vane_slice) { buf, vane__put_number(buf, value) });
}

int vane_json_double(struct vane_json *json, double value)
{
	char buf[VANE__JSON_NUMBER];

	return put_value(
		json, __func__, (struct vane_slice) { buf, vane__json_double(buf, value) });
}

int vane_json_bool(struct vane_json *json, bool value)
{
	return put_value(json, __func__, value ? SLICE("true") : SLICE("false"));
}

int vane_json_null(struct vane_json *json)
{
	return put_value(json, __func__, SLICE("null"));
}

int vane_json_raw(struct vane_json *json, struct vane_slice value)
{
	if (value.len == 0)
		return misuse(json, -EINVAL, __func__, "nothing is no value");
	return put_value(json, __func__, value);
}
