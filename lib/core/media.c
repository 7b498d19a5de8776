/* SPDX-License-Identifier: MIT */
/*
 * media.c - what a client accepts and what it is given: Accept, Accept-Language, Content-Type.
 */
#include <vane/request.h>
#include <vane/response.h>

#include "exchange.h"
#include "fields.h"
#include "media_type.h"
#include "negotiate.h"
#include "slice.h"

typedef const char *(*negotiate_fn)(struct vane_slice field, const char *const *offers);

static const char *negotiate(struct vane_request *req, const char *field,
	const char *const *offers, negotiate_fn fn)
{
	const char *value = vane_request_field(req, field);

	return fn(value != NULL ? vane__slice(value) : (struct vane_slice) { NULL, 0 },
		offers);
}

const char *vane_request_accepts(struct vane_request *req, const char *const *types)
{
	if (vane__req_no_text(req, __func__, types))
		return NULL;
	return negotiate(req, "accept", types, vane__negotiate_type);
}

const char *vane_request_accepts_language(
	struct vane_request *req, const char *const *languages)
{
	if (vane__req_no_text(req, __func__, languages))
		return NULL;
	return negotiate(req, "accept-language", languages, vane__negotiate_language);
}

/* Whether its parameters can be read, and no byte is one that a field may not carry. */
static bool is_media_type(struct vane__media_type *out, struct vane_slice text)
{
	struct vane_slice rest, name, value;
	bool quoted;
	int rc = vane__media_type_parse(out, text);

	if (rc < 0 || !vane__field_value_ok(text))
		return false;
	rest = out->params;
	do
		rc = vane__param_next(&rest, &name, &value, &quoted);
	while (rc == 1);
	return rc == 0;
}

/* Text without a charset is what the client makes of it. */
static bool lacks_charset(const struct vane__media_type *type)
{
	return vane__slice_equal_nocase(type->type, SLICE("text")) &&
	       vane__media_type_param(type, SLICE("charset")).data == NULL;
}

int vane_response_set_type(struct vane_response *res, const char *type)
{
	struct vane__media_type parsed;
	struct buf value = { 0 };
	int rc;

	if (vane__res_no_text(res, __func__, type))
		return vane__response_fail(res, -EINVAL);
	if (!is_media_type(&parsed, vane__slice(type)))
		return vane__response_fail(
			res, vane__response_fault(res, -EINVAL,
				     "%s(): \"%.100s\" is no media type", __func__, type));
	if (!lacks_charset(&parsed))
		return vane_response_set_field(res, "Content-Type", type);
	rc = vane__buf_printf(&value, "%s; charset=utf-8", type);
	rc = rc < 0 ? vane__response_fail(res, rc)
		    : vane_response_set_field(res, "Content-Type", value.data);
	vane__buf_fini(&value);
	return rc;
}
