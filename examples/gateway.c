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

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "Hello from a route of our own\n");
}

static int status(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "scripts: %s\nphp: %s\nprogram: %s\n",
		scripts ? scripts : "none", php ? php : "none", command ? command : "none");
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler status_handler = { .get = status };
static struct vane_route routes[6] = { { "/", &hello_handler },
	{ "/status", &status_handler } };

static int make_hosts(void)
{
	const char *const argv[] = { command, NULL };
	const struct vane_spawn_opts program = { .argv = argv, .max_instances = 2 };
	int rc = 0;

	if (scripts != NULL)
		rc = vane_cgi_backend_new(&cgi,
			&(struct vane_cgi_backend_opts) {
				.scripts = { .root = scripts,
					/* as what Debian puts there leads out of it */
					.docroot.symlinks = VANE_SYMLINKS_ANYWHERE } });
	if (rc == 0 && command != NULL)
		rc = vane_fastcgi_backend_new(
			&app, &(struct vane_fastcgi_backend_opts) { .spawn = &program });
	if (rc == 0 && php != NULL)
		rc = vane_fastcgi_backend_new(
			&pages, &(struct vane_fastcgi_backend_opts) { .upstream = php,
					.scripts = { .root = ".", .suffixes = ".php" } });
	return rc;
}

/* The options are read: what was not asked for gets no route. */
static int configure(struct vane_program *program)
{
	struct vane_route *route = routes + 2;

	if (make_hosts() < 0)
		return 1; /* and the log says why */
	if (cgi != NULL)
		*route++ = (struct vane_route) { "/cgi-bin/{path:.*}",
			&vane_backend_handler, cgi };
	if (app != NULL)
		*route++ = (struct vane_route) { "/app/{path:.*}", &vane_backend_handler,
			app };
	if (pages != NULL)
		*route++ =
			(struct vane_route) { "/{path:.*}", &vane_backend_handler, pages };
	program->routes = routes;
	return 0;
}

/* While the loop is there, in which they watch what they run. */
static void stop(struct vane_program *program)
{
	vane_backend_free(cgi);
	vane_backend_free(app);
	vane_backend_free(pages);
}

int main(int argc, char **argv)
{
	struct vane_program program = { .configure = configure, .stop = stop };

	vane_option_define(&(struct vane_option) { .name = "scripts",
		.text = &scripts,
		.help = "a directory of CGI scripts" });
	vane_option_define(&(struct vane_option) {
		.name = "php", .text = &php, .help = "where php-fpm listens" });
	vane_option_define(&(struct vane_option) { .name = "program",
		.text = &command,
		.help = "a FastCGI program to start" });
	return vane_program_main(argc, argv, &program);
}
