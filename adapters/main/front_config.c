/* SPDX-License-Identifier: MIT */
/*
 * front_config.c - configurations for servers in front and for what starts programs: which there are.
 *
 * Each was tried in front of a program; what stands in them beyond the necessary is there
 * to hand requests on as they came: slashes, encoded slashes, Authorization, bodies.
 *
 * A native server is told to believe X-Real-Ip, X-Forwarded-For, X-Scheme and
 * X-Forwarded-Proto: all that speak HTTP to it set each of them, or take it out, whatever the
 * client wrote.
 */
#include "front_config.h"

#include <string.h>

typedef void (*print_fn)(FILE *out, const struct vane__front_config *s);

void vane__front_config_print(
	FILE *out, const struct vane__front_config *config, const char *server)
{
	static const struct {
		const char *server;
		print_fn print;
	} rows[] = {
		{ "nginx", vane__front_config_nginx },
		{ "apache", vane__front_config_apache },
		{ "mod_fcgid", vane__front_config_mod_fcgid },
		{ "lighttpd", vane__front_config_lighttpd },
		{ "caddy", vane__front_config_caddy },
		{ "haproxy", vane__front_config_haproxy },
		{ "supervisor", vane__front_config_supervisor },
		{ "systemd", vane__front_config_systemd },
		{ "logrotate", vane__front_config_logrotate },
		{ "kubernetes", vane__front_config_kubernetes },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].server, server) == 0)
			rows[i].print(out, config);
}
