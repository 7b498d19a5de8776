/* SPDX-License-Identifier: MIT */
/*
 * files.c - a directory is served.
 *
 *	examples/files                      and open http://127.0.0.1:8888/README.md
 *	curl -r 0-99 http://127.0.0.1:8888/README.md
 *
 * What is served is the directory that it is started in.
 */
#include <vane.h>

static struct vane_route routes[] = {
	VANE_ROUTE("/{path:.*}", &vane_static_handler),
	VANE_END,
};

int main(int argc, char **argv)
{
	struct vane_static_opts opts = VANE_DEFAULTS;
	struct vane_static *files;
	int rc;

	opts.root = ".";
	opts.index = "index.html";
	rc = vane_static_new(&files, &opts);
	if (rc < 0)
		return 1; /* the log says why */
	routes[0].data = files;
	rc = vane_main(argc, argv, routes);
	vane_static_free(files);
	return rc;
}
