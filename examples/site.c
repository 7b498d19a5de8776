/* SPDX-License-Identifier: MIT */
/*
 * site.c - a PHP site: its files, its pages, and index.php for every other address.
 *
 *	examples/site --root=/var/www/html --php=unix:/run/php/php-fpm.sock
 */
#include <vane.h>
#include <vane/gateway.h>

static const char *root = ".", *php = "unix:/run/php/php-fpm.sock"; /* as the options say */
static struct vane_backend *pages;
static struct vane_site *site;
static struct vane_route routes[2] = { { "/{path:.*}", &vane_site_handler } };

static int configure(struct vane_program *program)
{
	const struct vane_fastcgi_backend_opts php_opts = { .upstream = php,
		.scripts = { .root = root, .index = "index.php", .suffixes = ".php" } };

	if (vane_fastcgi_backend_new(&pages, &php_opts) < 0)
		return 1; /* and the log says why */
	if (vane_site_new(
		    &site, &(struct vane_site_opts) { .root = root,
				   .backends = (struct vane_backend *[]) { pages, NULL },
				   .fallback = "/index.php" }) < 0)
		return 1;
	routes[0].data = site;
	return 0;
}

/* While the loop is there, in which the connections to PHP are watched. */
static void stop(struct vane_program *program)
{
	vane_backend_free(pages);
	vane_site_free(site);
}

int main(int argc, char **argv)
{
	struct vane_program program = { routes, .configure = configure, .stop = stop };

	vane_option_define(&(struct vane_option) {
		.name = "root", .text = &root, .help = "where the site is" });
	vane_option_define(&(struct vane_option) {
		.name = "php", .text = &php, .help = "where php-fpm listens" });
	return vane_program_main(argc, argv, &program);
}
