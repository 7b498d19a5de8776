/* SPDX-License-Identifier: MIT */
/*
 * vane/json.h - write JSON as it comes about (RFC 8259).
 *
 *	struct vane_json json;
 *
 *	vane_json_init(&json, res);
 *	vane_json_begin_object(&json);
 *	vane_json_key(&json, "name");
 *	vane_json_string(&json, name);
 *	vane_json_key(&json, "sizes");
 *	vane_json_begin_array(&json);
 *	vane_json_int(&json, 7);
 *	vane_json_end_array(&json);
 *	vane_json_end_object(&json);
 *	return vane_json_fini(&json);
 *
 * What is written is JSON, or there is an error.  A writer remembers its first error and gives it back
 * from every later call, so only that of vane_json_fini() needs a look: -EINVAL for a call that is out
 * of place, as a key in an array, with a line in the log that names it; -EMSGSIZE for more than
 * VANE_JSON_MAX_DEPTH arrays and objects within each other; else what writing it came to.
 *
 * A response whose document is wrong, or was not ended, is answered with 500 in its place; or it is
 * cut, if its head has left already.
 */
#ifndef VANE_JSON_H
#define VANE_JSON_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many arrays and objects may be open within each other. */
#define VANE_JSON_MAX_DEPTH 64

/* Take these bytes, which are a part of the document: 0 or a negative errno. */
typedef int (*vane_json_write_fn)(const char *bytes, size_t len, void *data);

/* A writer.  It holds no memory; what is in it is its own business. */
struct vane_json {
	struct vane_response *res;
	vane_json_write_fn write;
	void *data;
	uint64_t objects;
	unsigned depth;
	int error;
	bool filled, keyed;
};

/*
 * Begin a document in a response, behind what its body has already.  The Content-Type is set to
 * application/json if there is none yet.
 *
 * The next may begin when this one is ended: for lines of JSON, write the line ends between them.
 * Since 0.2.0.
 */
VANE_API void vane_json_init(struct vane_json *json, struct vane_response *res);

/* Begin a document that goes elsewhere.  Since 0.2.0. */
VANE_API void vane_json_init_writer(
	struct vane_json *json, vane_json_write_fn write, void *data);

/*
 * End a document.  Returns 0, or the first error, a negative errno: -EINVAL if something is open
 * yet, or nothing was written.  Since 0.2.0.
 */
VANE_API int vane_json_fini(struct vane_json *json);

/*
 * Begin and end objects and arrays: each is a value, and ends before what it is in.
 * Since 0.2.0.
 */
VANE_API int vane_json_begin_object(struct vane_json *json);
VANE_API int vane_json_end_object(struct vane_json *json);
VANE_API int vane_json_begin_array(struct vane_json *json);
VANE_API int vane_json_end_array(struct vane_json *json);

/*
 * Write the name of the next value in an object.  That it is not there twice is the caller's
 * business.  Since 0.2.0.
 */
VANE_API int vane_json_key(struct vane_json *json, const char *name);
VANE_API int vane_json_key_slice(struct vane_json *json, struct vane_slice name);

/*
 * Write a string, of text or of bytes; text that is NULL is null.
 *
 * What is no UTF-8 becomes U+FFFD.  "<" is written as \u003c, and U+2028 and U+2029 as escapes too, so
 * that a document may stand in a script of an HTML page.  Since 0.2.0.
 */
VANE_API int vane_json_string(struct vane_json *json, const char *text);
VANE_API int vane_json_slice(struct vane_json *json, struct vane_slice text);

/*
 * Write an integer.  Beyond 2^53 clients that know doubles only read another one (RFC 8259, 6).
 * Since 0.2.0.
 */
VANE_API int vane_json_int(struct vane_json *json, int64_t value);
VANE_API int vane_json_uint(struct vane_json *json, uint64_t value);

/*
 * Write a double, as the shortest number that is read as the same one, whatever the locale.  JSON
 * knows no NaN and no infinity: they are null, as in JavaScript.  Since 0.2.0.
 */
VANE_API int vane_json_double(struct vane_json *json, double value);

/* Write true or false; or null.  Since 0.2.0. */
VANE_API int vane_json_bool(struct vane_json *json, bool value);
VANE_API int vane_json_null(struct vane_json *json);

/*
 * Write a value that is JSON already.  It is not looked at: only -EINVAL if it is empty.
 * Since 0.2.0.
 */
VANE_API int vane_json_raw(struct vane_json *json, struct vane_slice value);

#ifdef __cplusplus
}
#endif

#endif
