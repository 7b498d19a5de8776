/* SPDX-License-Identifier: MIT */
/*
 * front_config_manager.c - how what starts programs and keeps them running wants to be told.
 *
 * No server in front is known here: whom to believe is said if the user says it.
 */
#include "front_config.h"

#include <limits.h>
#include <string.h>

static const char *user_of(const struct vane__front_config *s)
{
	return s->settings->user != NULL ? s->settings->user : "www-data";
}

static const char *believing(const struct vane__front_config *s)
{
	return vane__front_config_http(s) && s->settings->xheaders ? " --xheaders" : "";
}

/* How many places it is to be reached at. */
static int count_places(const struct vane__front_config *s)
{
	struct vane__listen listen;
	int count = 0;

	while (vane__front_config_place(s, (size_t) count, &listen))
		count++;
	return count;
}

/* supervisord's sockets have names and IPv4 addresses only. */
static void supervisor_socket(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"; do not name it in a [group]: it would lose its socket\n"
		"[fcgi-program:%s]\ncommand=%s%s%s%s\n",
		s->name, s->path, vane__front_config_mode_option(s), s->options, s->given);
	if (s->listen.kind == VANE__LISTEN_UNIX)
		fprintf(out, "socket=unix://%s\nsocket_owner=%s\nsocket_mode=0660",
			s->listen.path, user_of(s));
	else
		fprintf(out, "socket=tcp://%s:%s",
			s->host[0] == '[' ? "localhost" : s->host, s->listen.port);
	fprintf(out,
		"\nuser=%s\nnumprocs=%d\n"
		"process_name=%%(program_name)s_%%(process_num)02d\n"
		"stderr_logfile=/var/log/supervisor/"
		"%%(program_name)s_%%(process_num)02d.log\n",
		user_of(s), s->programs);
}

/* It changes its user by itself, after it has bound what only root may bind. */
static void supervisor_program(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "[program:%s]\ncommand=", s->name);
	vane__front_config_command(out, s, false);
	fprintf(out,
		"%s --processes=%d%s\n"
		"stderr_logfile=/var/log/supervisor/%%(program_name)s.log\n",
		believing(s), s->processes,
		s->identity[0] != '\0' ? s->identity : " --user=www-data");
}

void vane__front_config_supervisor(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "; supervisord: save as /etc/supervisor/conf.d/%s.conf\n", s->name);
	/* its sockets are one for each program */
	if (vane__front_config_http(s) || count_places(s) > 1)
		supervisor_program(out, s);
	else
		supervisor_socket(out, s);
	fprintf(out, "autorestart=true\nstopsignal=TERM\nstopwaitsecs=%d\n",
		s->stop_seconds >= 0 ? s->stop_seconds : INT_MAX);
}

static void put_stream(FILE *out, const struct vane__listen *listen)
{
	if (listen->kind == VANE__LISTEN_UNIX)
		fprintf(out, "ListenStream=%s\n", listen->path);
	else if (listen->address[0] == '\0')
		fprintf(out, "ListenStream=%s\n", listen->port);
	else
		fprintf(out,
			strchr(listen->address, ':') != NULL ? "ListenStream=[%s]:%s\n"
							     : "ListenStream=%s:%s\n",
			listen->address, listen->port);
}

static void systemd_socket(FILE *out, const struct vane__front_config *s)
{
	struct vane__listen listen;
	bool has_unix = false;
	size_t i;

	fprintf(out,
		"# systemd: save this part as /etc/systemd/system/%s.socket\n"
		"[Unit]\nDescription=Socket of %s\n\n[Socket]\n",
		s->name, s->name);
	for (i = 0; vane__front_config_place(s, i, &listen); i++) {
		if (vane__place_is_named(&listen))
			put_stream(out, &listen);
		has_unix = has_unix || listen.kind == VANE__LISTEN_UNIX;
	}
	if (has_unix)
		fprintf(out, "SocketUser=%s\nSocketMode=0660\n", user_of(s));
	fprintf(out, "FileDescriptorName=%s\n\n[Install]\nWantedBy=sockets.target\n\n",
		vane__mode_name(s->mode));
}

void vane__front_config_systemd(FILE *out, const struct vane__front_config *s)
{
	const char *group = s->settings->group;
	char stop_time[16] = "infinity";

	if (s->stop_seconds >= 0)
		snprintf(stop_time, sizeof(stop_time), "%d", s->stop_seconds);
	systemd_socket(out, s);
	fprintf(out,
		"# systemd: save this part as /etc/systemd/system/%s.service\n"
		"# then: systemctl enable --now %s.socket %s.service\n"
		"[Unit]\nDescription=%s\nRequires=%s.socket\n"
		"After=network.target %s.socket\n\n",
		s->name, s->name, s->name, s->name, s->name, s->name);
	fprintf(out,
		"[Service]\nType=notify\n"
		"ExecStart=%s --listen=systemd --mode=%s --processes=%d%s%s%s\n"
		"ExecReload=/bin/kill -HUP $MAINPID\n"
		"User=%s\n%s%s%sKillMode=mixed\nTimeoutStopSec=%s\nRestart=on-failure\n"
		"NoNewPrivileges=yes\nPrivateTmp=yes\nProtectSystem=full\n\n"
		"[Install]\nWantedBy=multi-user.target\n",
		s->path, vane__mode_name(s->mode), s->processes, believing(s), s->options,
		s->given, user_of(s), group != NULL ? "Group=" : "",
		group != NULL ? group : "", group != NULL ? "\n" : "", stop_time);
}
