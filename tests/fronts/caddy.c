/* SPDX-License-Identifier: MIT */
/*
 * caddy.c - Caddy as a front server.
 *
 * What is set beyond what a site needs: FastCGI's Status field does not go on to the
 * client.
 */
#include "fronts/caddy.h"

#include <stddef.h>

static const char config[] = "{\n"
			     "	admin off\n"
			     "	auto_https off\n"
			     "	storage file_system @DIR@/storage\n"
			     "}\n"
			     "http://:@PORT0@ {\n"
			     "	bind 127.0.0.1\n"
			     "	reverse_proxy unix/@SOCKET@ {\n"
			     "		transport fastcgi\n"
			     "		header_down -Status\n"
			     "	}\n"
			     "}\n";

static const char *const names[] = { "caddy", "/usr/bin/caddy", "/usr/local/bin/caddy",
	NULL };

bool caddy_installed(void)
{
	return front_find(names) != NULL;
}

int caddy_start(struct front *front)
{
	static const char *const dirs[] = { "storage", NULL };
	/* It would make folders in the home of whoever runs the test. */
	static const char *const env[] = { "HOME=.", "XDG_DATA_HOME=.", "XDG_CONFIG_HOME=.",
		NULL };
	const char *argv[] = { front_find(names), "run", "--adapter", "caddyfile",
		"--config", "@CONFIG@", NULL };
	const struct front_kind kind = {
		.argv = argv, .env = env, .config = config, .dirs = dirs
	};

	return front_start(front, &kind);
}
