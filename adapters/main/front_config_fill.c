/* SPDX-License-Identifier: MIT */
/*
 * front_config_fill.c - what the program knows of itself, for the server in front of it.
 */
#include "front_config.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <vane/log.h>
#include <vane/process.h>

#include "base.h"

/* A name that every configuration takes as a word. */
static void put_name(char *out, size_t size, const char *program)
{
	size_t i;

	for (i = 0; program[i] != '\0' && i + 1 < size; i++) {
		char c = program[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '-' || c == '_';

		out[i] = fine ? c : '_';
	}
	out[i] = '\0';
}

static void add_option(struct vane__front_config *config, const char *fmt, ...)
	VANE_PRINTF(2, 3);

static void add_option(struct vane__front_config *config, const char *fmt, ...)
{
	size_t len = strlen(config->options);
	va_list args;

	va_start(args, fmt);
	vsnprintf(config->options + len, sizeof(config->options) - len, fmt, args);
	va_end(args);
}

static void put_identity(
	struct vane__front_config *config, const struct vane__settings *settings)
{
	const char *user = settings->user, *group = settings->group;

	snprintf(config->identity, sizeof(config->identity), "%s%s%s%s",
		user != NULL ? " --user=" : "", user != NULL ? user : "",
		group != NULL ? " --group=" : "", group != NULL ? group : "");
}

bool vane__place_is_named(const struct vane__listen *listen)
{
	return listen->kind == VANE__LISTEN_TCP || listen->kind == VANE__LISTEN_UNIX;
}

bool vane__front_config_place(
	const struct vane__front_config *config, size_t i, struct vane__listen *listen)
{
	if (i < config->given_places)
		vane__listen_at(listen, config->settings, config->mode, i);
	else if (i == config->given_places && !config->listening)
		*listen = config->listen;
	else
		return false;
	return true;
}

static void put_host(char *host, size_t size, const struct vane__listen *listen)
{
	const char *address = listen->address;

	if (address[0] == '\0' || strcmp(address, "0.0.0.0") == 0)
		address = "127.0.0.1";
	else if (strcmp(address, "::") == 0)
		address = "::1";
	snprintf(host, size, strchr(address, ':') != NULL ? "[%s]" : "%s", address);
}

bool vane__front_config_peer(
	const struct vane__front_config *config, size_t i, struct vane__front_peer *peer)
{
	size_t k;

	for (k = 0; vane__front_config_place(config, k, &peer->listen); k++) {
		if (!vane__place_is_named(&peer->listen) || i-- > 0)
			continue;
		put_host(peer->host, sizeof(peer->host), &peer->listen);
		return true;
	}
	return false;
}

size_t vane__front_config_peers(const struct vane__front_config *config)
{
	struct vane__front_peer peer;
	size_t count = 0;

	while (vane__front_config_peer(config, count, &peer))
		count++;
	return count;
}

/*
 * The first place that a front can connect to.  Where none was given it is a socket with the
 * program's name.
 */
static void put_listen(struct vane__front_config *config)
{
	struct vane__listen *listen = &config->listen;
	size_t i;

	config->listening = true; /* so that only what was named is looked at */
	for (i = 0; vane__front_config_place(config, i, listen); i++)
		if (vane__place_is_named(listen)) {
			put_host(config->host, sizeof(config->host), listen);
			return;
		}
	config->listening = false;
	*listen = (struct vane__listen) { .kind = VANE__LISTEN_UNIX, .fd = -1 };
	if (config->mode == VANE__MODE_HTTP) {
		listen->kind = VANE__LISTEN_TCP;
		snprintf(listen->address, sizeof(listen->address), "127.0.0.1");
		snprintf(listen->port, sizeof(listen->port), "%lld",
			(long long) config->settings->port);
		put_host(config->host, sizeof(config->host), listen);
		return;
	}
	listen->path = listen->address; /* unused by unix sockets */
	snprintf(listen->address, sizeof(listen->address), "/run/%s.sock", config->name);
}

/* Whether text can stand in any configuration: nothing ends a word there, or begins one. */
static bool is_plain(const char *text, const char *what)
{
	if (strpbrk(text, " \t\n\"'\\${};%#,()") == NULL)
		return true;
	vane_log(VANE_LOG_ERROR,
		"cannot print a configuration for the %s \"%s\": it needs a name without "
		"blanks, quotes and the like",
		what, text);
	return false;
}

static bool files_are_plain(const struct vane__settings *settings)
{
	const char *const files[] = { settings->log_file, settings->access_log_file,
		settings->pid_file };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i] != NULL && !is_plain(files[i], "file"))
			return false;
	return true;
}

static bool places_are_plain(const struct vane__front_config *config)
{
	struct vane__listen listen;
	size_t i;

	for (i = 0; vane__front_config_place(config, i, &listen); i++)
		if (listen.kind == VANE__LISTEN_UNIX && !is_plain(listen.path, "socket"))
			return false;
	return true;
}

static bool is_any_port(const struct vane__listen *listen)
{
	return listen->kind == VANE__LISTEN_TCP &&
	       listen->port[strspn(listen->port, "0")] == '\0';
}

/* Whether somebody who reads the configuration can know where the program is. */
static bool places_are_known(const struct vane__front_config *config)
{
	struct vane__listen listen;
	char text[300];
	size_t i;

	for (i = 0; vane__front_config_place(config, i, &listen); i++)
		if (is_any_port(&listen)) {
			vane_log(VANE_LOG_ERROR,
				"cannot print a configuration for port 0, which is any "
				"free one: say which");
			return false;
		}
	if (config->listening || config->given_places == 0)
		return true;
	vane__listen_at(&listen, config->settings, config->mode, 0);
	vane__listen_text(&listen, text, sizeof(text));
	vane_log(VANE_LOG_ERROR,
		"cannot print a configuration for %s, which has no name: say the port or "
		"the unix socket with --listen",
		text);
	return false;
}

/* The master's own time on top: two seconds for QUIT, two more before KILL. */
static int stop_seconds(int64_t shutdown_msec)
{
	if (shutdown_msec == VANE_NO_LIMIT)
		return -1;
	return (int) ((shutdown_msec < INT32_MAX ? shutdown_msec : INT32_MAX) / 1000) + 5;
}

int vane__front_config_fill(struct vane__front_config *config,
	const struct vane__settings *settings, bool listen_given, const char *program,
	const char *path)
{
	bool mounted = settings->mount != NULL && strcmp(settings->mount, "auto") != 0;

	if (!is_plain(path, "program") ||
		(mounted && !is_plain(settings->mount, "mount")) ||
		(settings->user != NULL && !is_plain(settings->user, "user")) ||
		(settings->group != NULL && !is_plain(settings->group, "group")) ||
		!files_are_plain(settings))
		return -EINVAL;
	*config = (struct vane__front_config) {
		.mode = strcmp(settings->mode, "auto") == 0 && !listen_given
				? VANE__MODE_FASTCGI
				: vane__mode_named(settings->mode),
		.settings = settings,
		.given_places = listen_given ? vane__listen_count(settings) : 0,
		.processes = (int) settings->processes,
		.programs = settings->processes > 0 ? (int) settings->processes
						    : vane_cpu_count(),
		.max_body_bytes = settings->max_body_bytes != VANE_NO_LIMIT
					  ? settings->max_body_bytes
					  : 0,
		.stop_seconds = stop_seconds(settings->shutdown_msec),
	};
	put_name(config->name, sizeof(config->name), program);
	snprintf(config->path, sizeof(config->path), "%s", path);
	snprintf(
		config->mount, sizeof(config->mount), "%s", mounted ? settings->mount : "");
	put_identity(config, settings);
	put_listen(config);
	if (!places_are_known(config) || !places_are_plain(config))
		return -EINVAL;
	if (settings->mount != NULL)
		add_option(config, " --mount=%s", settings->mount);
	if (settings->max_body_bytes == VANE_NO_LIMIT)
		add_option(config, " --max-body-size=none");
	else if (settings->max_body_bytes != INT64_C(100) << 20)
		add_option(config, " --max-body-size=%lld", config->max_body_bytes);
	return 0;
}

/* What configurations say in words of their own, or what is not for the program that serves. */
static const char *const own_words[] = { "mode", "listen", "port", "address", "processes",
	"xheaders", "mount", "max-body-size", "user", "group", "config", "print-config",
	"check", "strict", "doctor", "doctor-front" };

/* How a value is quoted so that shells, systemd and the like read it as one word. */
static const char *quote_for(const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/=:.,_-+@[]";

	return value[0] != '\0' && value[strspn(value, plain)] == '\0' ? "" : "'";
}

int vane__front_config_give(
	struct vane__front_config *config, const char *name, const char *value)
{
	size_t len = strlen(config->given), room = sizeof(config->given) - len, i;
	const char *quote = quote_for(value);
	int n;

	for (i = 0; i < sizeof(own_words) / sizeof(own_words[0]); i++)
		if (strcmp(name, own_words[i]) == 0)
			return 0;
	n = snprintf(config->given + len, room, " --%s=%s%s%s", name, quote, value, quote);
	if (strpbrk(value, "'\"\\$%\n") == NULL && (size_t) n < room)
		return 0;
	vane_log(VANE_LOG_ERROR,
		"cannot print a configuration with that --%s: the value is too long, or has "
		"quotes, '$', '%%' or a backslash",
		name);
	return -EINVAL;
}
