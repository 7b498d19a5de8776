/* SPDX-License-Identifier: MIT */
/*
 * request_cookies.c - the cookies of a request: by name, all of one name, or all there are.
 *
 * They are parsed when the first is asked for.
 */
#include <vane/request.h>

#include "cookie.h"
#include "exchange.h"
#include "slice.h"

static const struct vane__pairs *cookies(struct vane_request *req)
{
	struct arena *arena = &vane__req_exchange(req)->arena;
	const char *field;

	if (req->cookies_parsed)
		return &req->cookies;
	field = vane_request_field(req, "cookie");
	req->cookies_parsed = field == NULL || vane__cookie_parse(&req->cookies, arena,
						       vane__slice(field)) == 0;
	if (!req->cookies_parsed)
		req->cookies.count = 0;
	return &req->cookies;
}

const char *vane_request_cookie_value(
	const struct vane_request *req, const char *name, size_t i)
{
	return vane__req_no_text(req, __func__, name)
		       ? NULL
		       : vane__pairs_find(cookies(vane__req_own(req)), name, i);
}

const char *vane_request_cookie(const struct vane_request *req, const char *name)
{
	return vane__req_no_text(req, __func__, name)
		       ? NULL
		       : vane_request_cookie_value(req, name, 0);
}

bool vane_request_cookie_at(
	const struct vane_request *req, size_t i, const char **name, const char **value)
{
	return vane__pairs_at(cookies(vane__req_own(req)), i, name, value);
}
