/* SPDX-License-Identifier: MIT */
/*
 * site.c - a PHP site: its files, its pages, and index.php for every other address.
 *
 *	examples/site --root=/var/www/html --php=unix:/run/php/php-fpm.sock
 */
#include <vane.h>
#include <vane/gateway.h>

static const char *root = ".", *php = "unix:/run/php/php-fpm.sock"; /* as the options say */
static struct vane_backend *backends[2]; /* that for PHP, and a NULL */
static struct vane_site *site;

static const struct vane_option options[] = {
	{ .name = "root", .help = "where the site is", .text = &root },
	{ .name = "php", .help = "where php-fpm listens", .text = &php },
	VANE_OPTION_END,
};

static struct vane_route routes[] = {
	VANE_ROUTE("/{path:.*}", &vane_site_handler),
	VANE_END,
};

static int configure(struct vane_program *program)
{
	struct vane_fastcgi_backend_opts php_opts = VANE_DEFAULTS;
	struct vane_site_opts site_opts = VANE_DEFAULTS;

	php_opts.upstream = php;
	php_opts.scripts.root = root;
	php_opts.scripts.index = "index.php";
	php_opts.scripts.suffixes = ".php";
	if (vane_fastcgi_backend_new(&backends[0], &php_opts) < 0)
		return 1; /* and the log says why */
	site_opts.root = root;
	site_opts.backends = backends;
	site_opts.fallback = "/index.php";
	if (vane_site_new(&site, &site_opts) < 0)
		return 1;
	routes[0].data = site;
	program->routes = routes;
	return 0;
}

/* While the loop is there, in which the connections to PHP are watched. */
static void stop(struct vane_program *program)
{
	(void) program;
	vane_backend_free(backends[0]);
	vane_site_free(site);
}

int main(int argc, char **argv)
{
	struct vane_program program = VANE_DEFAULTS;

	program.options = options;
	program.configure = configure;
	program.stop = stop;
	return vane_program_main(argc, argv, &program);
}
