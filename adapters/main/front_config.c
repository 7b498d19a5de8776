/* SPDX-License-Identifier: MIT */
/*
 * front_config.c - configurations for servers in front and for what starts programs: which there are,
 * and what most of them have in common.
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

bool vane__front_config_http(const struct vane__front_config *s)
{
	return s->mode == VANE__MODE_HTTP;
}

const char *vane__front_config_mount(const struct vane__front_config *s)
{
	return s->mount[0] != '\0' ? s->mount : "/";
}

const char *vane__front_config_mode_option(const struct vane__front_config *s)
{
	return s->mode == VANE__MODE_SCGI ? " --mode=scgi" : "";
}

/* Whether one of the places is a socket in /run. */
static bool is_in_run(const struct vane__front_config *s)
{
	struct vane__front_peer peer;
	size_t i;

	for (i = 0; vane__front_config_peer(s, i, &peer); i++)
		if (peer.listen.kind == VANE__LISTEN_UNIX &&
			strncmp(peer.listen.path, "/run/", 5) == 0)
			return true;
	return false;
}

/*
 * Nobody but root makes a socket in /run, and then only root may connect to it: it has to
 * become the front's user.
 */
void vane__front_config_start(
	FILE *out, const struct vane__front_config *s, const char *front_user)
{
	fprintf(out, "# start the program with: ");
	vane__front_config_command(out, s, true);
	if (vane__front_config_http(s))
		fprintf(out, " --xheaders");
	if (s->processes != 1)
		fprintf(out, " --processes=%d", s->processes);
	if (s->identity[0] != '\0')
		fprintf(out, "%s", s->identity);
	else if (is_in_run(s))
		fprintf(out, " --user=%s", front_user);
	fputc('\n', out);
}

void vane__front_config_put_peer(
	FILE *out, const struct vane__front_peer *peer, const char *unix_prefix)
{
	if (peer->listen.kind == VANE__LISTEN_UNIX)
		fprintf(out, "%s%s", unix_prefix, peer->listen.path);
	else
		fprintf(out, "%s:%s", peer->host, peer->listen.port);
}

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
		{ "kubernetes", vane__front_config_kubernetes },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].server, server) == 0)
			rows[i].print(out, config);
}
