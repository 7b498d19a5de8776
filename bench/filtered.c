/* SPDX-License-Identifier: MIT */
/*
 * filtered.c - ours: hello through three filters, a request id, security headers, and one of its own.
 */
#include <vane.h>

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "Hello, World!\n");
}

static int only_get(struct vane_request *req, struct vane_response *res, void *data)
{
	return vane_request_method(req)[0] == 'G' ? 0 : 405;
}

static const struct vane_filter_type own = { .before = only_get };

static const struct vane_filter filters[] = {
	VANE_FILTER(&vane_request_id_filter, NULL),
	VANE_FILTER(&vane_security_filter, NULL),
	VANE_FILTER(&own, NULL),
	VANE_FILTER_END,
};

static const struct vane_route pages[] = { VANE_GET("/", hello), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
