/* SPDX-License-Identifier: MIT */
/*
 * gateway.c - an application with routes of its own, and the programs of others beside them.
 *
 *	examples/gateway --scripts=/usr/lib/cgi-bin            CGI scripts, at /cgi-bin/
 *	examples/gateway --php=unix:/run/php/php-fpm.sock      PHP pages of this directory
 *	examples/gateway --program=/usr/local/bin/my.fcgi      started by us, at /app/
 *
 * vane-gateway does this without a line of C; here it is a part of something else.
 */
#include <vane.h>
#include <vane/gateway.h>

static struct vane_backend *cgi, *pages, *app;
static const char *scripts, *php, *command; /* as the options say */

static const struct vane_option options[] = {
	{ .name = "scripts", .help = "a directory of CGI scripts", .text = &scripts },
	{ .name = "php", .help = "where php-fpm listens", .text = &php },
	{ .name = "program", .help = "a FastCGI program to start", .text = &command },
	VANE_OPTION_END,
};

static int hello(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	return vane_response_puts(res, "Hello from a route of our own\n");
}

static int status(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	return vane_response_printf(res, "scripts: %s\nphp: %s\nprogram: %s\n",
		scripts ? scripts : "none", php ? php : "none", command ? command : "none");
}

static struct vane_route routes[6] = { VANE_GET("/", hello), VANE_GET("/status", status) };

static int make_cgi(void)
{
	struct vane_cgi_backend_opts opts = VANE_DEFAULTS;

	opts.scripts.root = scripts;
	/* as what Debian puts there leads out of it */
	opts.scripts.docroot.symlinks = VANE_SYMLINKS_ANYWHERE;
	return vane_cgi_backend_new(&cgi, &opts);
}

static int make_app(void)
{
	const char *const argv[] = { command, NULL };
	struct vane_spawn_opts program = VANE_DEFAULTS;
	struct vane_fastcgi_backend_opts opts = VANE_DEFAULTS;

	program.argv = argv;
	program.max_instances = 2;
	opts.spawn = &program;
	return vane_fastcgi_backend_new(&app, &opts);
}

static int make_pages(void)
{
	struct vane_fastcgi_backend_opts opts = VANE_DEFAULTS;

	opts.upstream = php;
	opts.scripts.root = ".";
	opts.scripts.suffixes = ".php";
	return vane_fastcgi_backend_new(&pages, &opts);
}

static void add_route(const char *pattern, struct vane_backend *backend)
{
	struct vane_route *route = routes;

	while (route->pattern != NULL)
		route++;
	route->pattern = pattern;
	route->handler = &vane_backend_handler;
	route->data = backend;
}

/* The options are read: what was not asked for gets no route. */
static int configure(struct vane_program *program)
{
	if ((scripts != NULL && make_cgi() < 0) || (command != NULL && make_app() < 0) ||
		(php != NULL && make_pages() < 0))
		return 1; /* and the log says why */
	if (cgi != NULL)
		add_route("/cgi-bin/{path:.*}", cgi);
	if (app != NULL)
		add_route("/app/{path:.*}", app);
	if (pages != NULL)
		add_route("/{path:.*}", pages);
	program->routes = routes;
	return 0;
}

/* While the loop is there, in which they watch what they run. */
static void stop(struct vane_program *program)
{
	(void) program;
	vane_backend_free(cgi);
	vane_backend_free(app);
	vane_backend_free(pages);
}

int main(int argc, char **argv)
{
	struct vane_program program = VANE_DEFAULTS;

	program.options = options;
	program.configure = configure;
	program.stop = stop;
	return vane_program_main(argc, argv, &program);
}
