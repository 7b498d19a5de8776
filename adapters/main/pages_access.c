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

bool vane__pages_may_see(const struct vane__pages *pages, struct vane_request *req)
{
	struct vane_slice addr = vane__slice(vane_request_remote_addr(req));

	if (!pages->settings->xheaders && came_by_proxy(req))
		return false;
	/* a unix socket; or somebody of whom a front does not say who it is */
	if (addr.len == 0)
		return strcmp(vane_request_mode(req), "http") == 0 && !came_by_proxy(req) &&
		       pages->settings->proxy_protocol == NULL;
	return vane__trusted(pages->loopback, addr) || vane__trusted(pages->trusted, addr);
}
