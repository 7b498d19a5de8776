/* SPDX-License-Identifier: MIT */
/*
 * args_parse.c - parsing urlencoded arguments, of a query or a form, with a reason where they cannot
 * be read.
 */
#include "exchange.h"
#include "form.h"
#include "limit.h"
#include "slice.h"

/* The name of the i-th argument in urlencoded text, as it was sent. */
static struct vane_slice raw_name(struct vane_slice text, size_t i)
{
	struct vane_slice pair = { "", 0 };

	while (text.data != NULL) {
		pair = vane__slice_split(&text, '&');
		if (pair.len > 0 && i-- == 0)
			break;
	}
	return vane__slice_split(&pair, '=');
}

/* What vane__form_parse() could not read; NULL without memory. */
static const char *fault(struct vane_request *req, int rc, struct vane_slice text,
	size_t count, const char *where)
{
	struct vane_slice name;

	if (rc == -EMSGSIZE)
		return vane__request_text(req, "more than %lld arguments in the %s",
			(long long) vane__req_exchange(req)->opts->max_args, where);
	name = raw_name(text, count);
	return vane__request_text(req, "a NUL in the %s, in argument %.*s", where,
		name.len < 60 ? (int) name.len : 60, name.data);
}

int vane__request_parse_args(struct vane_request *req, struct vane__pairs *out,
	struct vane_slice text, const char *where, const char **why)
{
	struct vane_exchange *x = vane__req_exchange(req);
	int rc =
		vane__form_parse(out, &x->arena, text, vane__limit_size(x->opts->max_args));

	if (rc == -EINVAL || rc == -EMSGSIZE)
		*why = fault(req, rc, text, out->count, where);
	return rc;
}
