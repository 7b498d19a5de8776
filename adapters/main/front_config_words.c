/* SPDX-License-Identifier: MIT */
/*
 * front_config_words.c - what configurations of several servers have in common: how the program is
 * started, and where it is reached.
 */
#include "front_config.h"

#include <string.h>

static void put_place(FILE *out, const struct vane__listen *listen, bool loopback)
{
	const char *address = listen->address;

	switch (listen->kind) {
	case VANE__LISTEN_UNIX:
		fprintf(out, " --listen=unix:%s", listen->path);
		break;
	case VANE__LISTEN_FD:
		fprintf(out, " --listen=fd:%d", listen->fd);
		break;
	case VANE__LISTEN_NAMED:
		fprintf(out, " --listen=fd:%s", listen->path);
		break;
	case VANE__LISTEN_SYSTEMD:
		fprintf(out, " --listen=systemd");
		break;
	default:
		if (listen->anywhere && loopback)
			address = "127.0.0.1";
		else if (address[0] == '\0')
			address = "*";
		fprintf(out,
			strchr(address, ':') != NULL ? " --listen=[%s]:%s"
						     : " --listen=%s:%s",
			address, listen->port);
	}
}

void vane__front_config_command(
	FILE *out, const struct vane__front_config *s, bool loopback)
{
	struct vane__listen listen;
	size_t i;

	fprintf(out, "%s --mode=%s", s->path, vane__mode_name(s->mode));
	for (i = 0; vane__front_config_place(s, i, &listen); i++)
		put_place(out, &listen, loopback);
	fprintf(out, "%s%s", s->options, s->given);
}

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

int vane__front_config_kept_sec(const struct vane__front_config *s, int own_sec)
{
	int64_t idle_msec = s->settings->idle_msec;

	if (!vane__front_config_http(s) || idle_msec <= 0 ||
		idle_msec > (int64_t) own_sec * 1000)
		return 0;
	return idle_msec >= 2000 ? (int) (idle_msec / 2000) : 1;
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
