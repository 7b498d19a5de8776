/* SPDX-License-Identifier: MIT */
/*
 * hello.c - the smallest program: one function, two routes.
 *
 *	examples/hello                      and ask for http://127.0.0.1:8888/hello/Ada
 *	examples/hello --mode=fastcgi --listen=unix:/tmp/hello.sock
 *	examples/hello --print-config=nginx
 */
#include <vane.h>

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(
		res, "Hello, %s!\n", vane_request_arg_or(req, "name", "World"));
}

static const struct vane_route routes[] = {
	VANE_GET("/", hello),
	VANE_GET("/hello/{name}", hello),
	VANE_END,
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
