/* SPDX-License-Identifier: MIT */
/*
 * pages_access.c - who may see the figures of --status.
 */
#include "pages.h"

#include <string.h>

#include <vane/request.h>

#include "slice.h"
#include "xheaders.h"

/* Who has an address, and whose: behind a proxy it is the proxy's unless that is believed. */
static bool came_by_proxy(const struct vane_request *req)
{
	static const char *const fields[] = { "X-Forwarded-For", "X-Real-Ip", "Forwarded" };
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (vane_request_field(req, fields[i]) != NULL)
			return true;
	return false;
}

static bool is_allowed(const struct vane__pages *pages, struct vane_slice addr)
{
	return addr.len > 0 && (vane__trusted(pages->loopback, addr) ||
				       vane__trusted(pages->trusted, addr));
}

/*
 * Whether all allow it that a front may have said.  One that sets only X-Forwarded-For passes on what a
 * client says in X-Real-Ip, which would count.
 */
static bool fields_allow(const struct vane__pages *pages, const struct vane_request *req)
{
	const char *real = vane_request_field(req, "X-Real-Ip"), *comma;
	const char *list = vane_request_field(req, "X-Forwarded-For");

	if (real != NULL && !is_allowed(pages, vane__slice_trim(vane__slice(real))))
		return false;
	if (list == NULL)
		return true;
	comma = strrchr(list, ',');
	return is_allowed(
		pages, vane__slice_trim(vane__slice(comma != NULL ? comma + 1 : list)));
}

bool vane__pages_may_see(const struct vane__pages *pages, struct vane_request *req)
{
	struct vane_slice addr = vane__slice(vane_request_remote_addr(req));

	if (!pages->settings->xheaders && came_by_proxy(req))
		return false;
	/* a unix socket; or somebody of whom a front does not say who it is */
	if (addr.len == 0)
		return strcmp(vane_request_mode(req), "http") == 0 && !came_by_proxy(req) &&
		       pages->settings->proxy_protocol == NULL;
	return is_allowed(pages, addr) &&
	       (!pages->settings->xheaders || fields_allow(pages, req));
}
