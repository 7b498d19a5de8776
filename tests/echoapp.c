/* SPDX-License-Identifier: MIT */
/*
 * echoapp.c - the application under test as a program, to be started by hand or by a front; with --files
 * it has a directory besides, at /files/.
 */
#include <vane/main.h>
#include <vane/options.h>
#include <vane/static.h>

#include "echoroutes.h"

static const char *root;

static const struct vane_option options[] = {
	{ .name = "files", .text = &root, .metavar = "DIR", .help = "at /files/" },
	VANE_OPTION_END,
};

static struct vane_route routes[] = {
	VANE_ROUTE("/files/{path:.*}", &vane_static_handler),
	VANE_GROUP("", NULL, echo_routes),
	VANE_END,
};

static int configure(struct vane_program *program)
{
	struct vane_static_opts opts = { .root = root, .max_age_sec = 60 };
	struct vane_static *files;

	if (root == NULL)
		return 0;
	if (vane_static_new(&files, &opts) < 0)
		return 1;
	routes[0].data = files;
	program->routes = routes;
	program->data = files;
	return 0;
}

int main(int argc, char **argv)
{
	struct vane_program program = {
		.routes = echo_routes, .options = options, .configure = configure
	};
	int rc = vane_program_main(argc, argv, &program);

	vane_static_free(program.data);
	return rc;
}
