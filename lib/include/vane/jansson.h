/* SPDX-License-Identifier: MIT */
/*
 * vane/jansson.h - JSON bodies as values of libjansson: read from a request, written to a response.
 *
 *	json_t *root;
 *	int rc = vane_request_json(req, &root);
 *
 *	if (rc != 0)
 *		return rc;
 *	...
 *	json_decref(root);
 *
 * It is there where Vane was built with libjansson (not --without-jansson); the program includes
 * <jansson.h> itself, and links libjansson.  To write JSON alone, vane/json.h does without it.
 */
#ifndef VANE_JANSSON_H
#define VANE_JANSSON_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct json_t; /* json_t: jansson.h */

/*
 * Read the body of a request as JSON.
 *
 * Returns 0 with *out a new reference, which is the caller's to give back with json_decref().  Else
 * *out is NULL, and what comes back is what a handler returns: 415 if the Content-Type is neither
 * application/json nor one that ends in "+json"; 400 for what is no JSON (RFC 8259) in UTF-8, or has
 * a name twice in an object, as readers differ in which of the two they see; 413 above
 * vane_app_opts.max_form_bytes; or -ENOMEM; -EINVAL unless the body was collected.  Log and debug
 * mode have the reason, with line and column.
 *
 * Strings with a NUL in them (\u0000) are refused, as text.  A single value is JSON as well: look at
 * what it is before its members.  Since 0.2.0.
 */
VANE_API int vane_request_json(struct vane_request *req, struct json_t **out);

/*
 * Append a value to the body as JSON, as vane/json.h writes it.
 *
 * The Content-Type is set to application/json if there is none yet.  The value stays the caller's.
 * -EINVAL for NULL, which functions of libjansson return that have failed; -EMSGSIZE for more than
 * VANE_JSON_MAX_DEPTH arrays and objects within each other, as a value has that contains itself.
 * Since 0.2.0.
 */
VANE_API int vane_response_write_json(
	struct vane_response *res, const struct json_t *value);

#ifdef __cplusplus
}
#endif

#endif
