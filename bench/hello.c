/* SPDX-License-Identifier: MIT */
/*
 * hello.c - ours: the smallest application, in whichever mode it is started.
 */
#include <vane.h>

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "Hello, World!\n");
}

static const struct vane_handler greeting = { .get = hello };

static const struct vane_route routes[] = {
	{ "/", &greeting },
	{ 0 },
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
