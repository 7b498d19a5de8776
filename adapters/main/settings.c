/* SPDX-License-Identifier: MIT */
/*
 * settings.c - the options of every program: their table, and what they become.
 */
#include "settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>
#include <vane/main.h>
#include <vane/options.h>
#include <vane/sandbox.h>

#include "base.h"
#include "doctor.h"
#include "limit.h"
#include "listen.h"

#define MAX_RESTARTS 1000000

static const struct vane__settings defaults = {
	.mode = "auto",
	.port = 8888,
	.processes = 1,
	.path_from = "uri",
	.protocol = "auto",
	.max_body_bytes = INT64_C(100) << 20,
	.max_body_total_bytes = INT64_C(1) << 30,
	.max_form_bytes = 1 << 20,
	.max_memory_bytes = 4 << 20,
	.max_header_bytes = 64 << 10,
	.idle_msec = 3600 * 1000,
	.header_msec = 60 * 1000,
	.min_rate = 500,
	.write_msec = 60 * 1000,
	.shutdown_msec = 10 * 1000,
	.grace_msec = 500,
	.socket_mode = 0660,
	.logging = "info",
	.access_log = "off",
	.log_syslog = "none",
	.log_rotate = "none",
	.log_when = "midnight",
	.log_interval = 1,
	.log_max_bytes = INT64_C(100) << 20,
	.log_max_backups = 10,
	.max_restarts = 100,
	.restart_window_msec = 600 * 1000,
	.max_per_address = VANE_NO_LIMIT,
	.slow_msec = VANE_NO_LIMIT,
	.handler_msec = VANE_NO_LIMIT,
	.max_requests = VANE_NO_LIMIT,
	.max_rss_bytes = VANE_NO_LIMIT,
	.nofile = VANE_NO_LIMIT,
};

/* Whether a place is among those that were given already, written the same way or not. */
static bool is_listened(
	const struct vane__settings *settings, const struct vane__listen *listen)
{
	struct vane__listen before;
	char here[320], there[320];
	size_t i;

	vane__listen_text(listen, here, sizeof(here));
	for (i = 0; i < settings->listen_count; i++) {
		(void) vane__listen_parse(&before, settings->listen[i]);
		vane__listen_text(&before, there, sizeof(there));
		if (strcmp(here, there) == 0 && strcmp(listen->port, "0") != 0)
			return true;
	}
	return false;
}

static int set_listen(void *data, const char *value, const char **why)
{
	struct vane__settings *settings = data;
	struct vane__listen listen;
	const char **grown;

	if (vane__listen_parse(&listen, value) < 0) {
		*why = "is not [ADDR:]PORT, unix:PATH, fd:N, fd:NAME or systemd";
		return -EINVAL;
	}
	if (is_listened(settings, &listen)) {
		*why = "is given twice";
		return -EINVAL;
	}
	grown = realloc(settings->listen, (settings->listen_count + 1) * sizeof(*grown));
	if (grown == NULL) {
		*why = "does not fit into memory";
		return -ENOMEM;
	}
	settings->listen = grown;
	grown[settings->listen_count++] = value;
	return 0;
}

static int set_mount(void *data, const char *value, const char **why)
{
	const char **mount = data;
	size_t len = strlen(value);

	if (strcmp(value, "auto") != 0 && len > 0 &&
		(value[0] != '/' || value[len - 1] == '/' ||
			strpbrk(value, "?#%") != NULL)) {
		*why = "is neither auto nor a path as in /app, without a slash at its end";
		return -EINVAL;
	}
	*mount = value;
	return 0;
}

/* Whether text is an address or a network, "10.0.0.0/8". */
static bool is_network(const char *text, size_t len)
{
	char buf[64], *slash;
	unsigned char addr[16];
	long bits, most;

	if (len == 0 || len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	slash = strchr(buf, '/');
	if (slash != NULL)
		*slash++ = '\0';
	most = inet_pton(AF_INET, buf, addr) == 1    ? 32
	       : inet_pton(AF_INET6, buf, addr) == 1 ? 128
						     : -1;
	if (most < 0 || slash == NULL)
		return most > 0;
	len = strspn(slash, "0123456789");
	bits = len > 0 && len < 4 && slash[len] == '\0' ? strtol(slash, NULL, 10) : -1;
	return bits >= 0 && bits <= most;
}

static int set_trusted(void *data, const char *value, const char **why)
{
	const char **trusted = data, *item = value, *comma;

	for (; item != NULL; item = comma != NULL ? comma + 1 : NULL) {
		comma = strchr(item, ',');
		item += strspn(item, " ");
		if (!is_network(
			    item, comma != NULL ? (size_t) (comma - item) : strlen(item))) {
			*why = "is not a list of addresses and networks: "
			       "10.0.0.1,192.168.0.0/16";
			return -EINVAL;
		}
	}
	*trusted = value;
	return 0;
}

static int set_socket_mode(void *data, const char *value, const char **why)
{
	unsigned *mode = data;
	size_t len = strspn(value, "01234567");

	if (len < 3 || len > 4 || value[len] != '\0' || strtol(value, NULL, 8) > 0777) {
		*why = "is not a file mode in octal digits: 0660";
		return -EINVAL;
	}
	*mode = (unsigned) strtol(value, NULL, 8);
	return 0;
}

static int set_path(void *data, const char *value, const char **why)
{
	const char **path = data;

	if (value[0] != '/' || strpbrk(value, "{}?#% ") != NULL) {
		*why = "is not a path as in /_status";
		return -EINVAL;
	}
	*path = value;
	return 0;
}

/* The forms that have a name. */
static const char *const access_logs[] = {
	[VANE_ACCESS_LOG_OFF] = "off",
	[VANE_ACCESS_LOG_COMMON] = "common",
	[VANE_ACCESS_LOG_COMBINED] = "combined",
	[VANE_ACCESS_LOG_TORNADO] = "tornado",
	[VANE_ACCESS_LOG_JSON] = "json",
};

/* VANE_ACCESS_LOG_FORMAT for what is none of them. */
static enum vane_access_log access_log_named(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(access_logs) / sizeof(access_logs[0]); i++)
		if (strcmp(word, access_logs[i]) == 0)
			return (enum vane_access_log) i;
	return VANE_ACCESS_LOG_FORMAT;
}

static int set_access_log(void *data, const char *value, const char **why)
{
	const char **access_log = data;

	if (access_log_named(value) == VANE_ACCESS_LOG_FORMAT &&
		strpbrk(value, "$%") == NULL) {
		*why = "is none of off, common, combined, tornado, json, nor a format: "
		       "$remote_addr, %h";
		return -EINVAL;
	}
	*access_log = value;
	return 0;
}

static int set_config(void *data, const char *value, const char **why)
{
	struct vane__settings *settings = data;
	int rc;

	if (settings->in_file) {
		*why = "is a file named in a file: give each on the command line";
		return -EINVAL;
	}
	rc = vane_autoreload_watch(value);
	if (rc < 0) {
		*why = "cannot be watched";
		return rc;
	}
	settings->in_file = true;
	rc = vane_options_parse_file(value);
	settings->in_file = false;
	return rc;
}

static int set_sandbox(void *data, const char *value, const char **why)
{
	static const struct {
		const char *word;
		enum vane__sandbox sandbox;
	} rows[] = {
		{ "require", VANE__SANDBOX_REQUIRED },
		{ "true", VANE__SANDBOX_ON },
		{ "yes", VANE__SANDBOX_ON },
		{ "on", VANE__SANDBOX_ON },
		{ "1", VANE__SANDBOX_ON },
		{ "false", VANE__SANDBOX_OFF },
		{ "no", VANE__SANDBOX_OFF },
		{ "off", VANE__SANDBOX_OFF },
		{ "0", VANE__SANDBOX_OFF },
	};
	enum vane__sandbox *sandbox = data;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(value, rows[i].word) == 0) {
			*sandbox = rows[i].sandbox;
			return 0;
		}
	*why = "is none of yes, no, require";
	return -EINVAL;
}

/* The rights that a path ends in, ":rw"; len becomes the path's. */
static unsigned rights_of(const char *value, size_t *len)
{
	static const struct {
		const char *word;
		unsigned rights;
	} rows[] = {
		{ ":ro", VANE_SANDBOX_READ },
		{ ":rw", VANE_SANDBOX_READ | VANE_SANDBOX_WRITE },
		{ ":rx", VANE_SANDBOX_READ | VANE_SANDBOX_EXECUTE },
	};
	const char *colon = strrchr(value, ':');
	size_t i;

	*len = strlen(value);
	for (i = 0; colon != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(colon, rows[i].word) == 0) {
			*len = (size_t) (colon - value);
			return rows[i].rights;
		}
	return VANE_SANDBOX_READ;
}

static int set_sandbox_allow(void *data, const char *value, const char **why)
{
	size_t len;
	unsigned rights = rights_of(value, &len);
	char *path = strndup(value, len);
	int rc;

	if (path == NULL)
		return -ENOMEM;
	rc = vane_sandbox_allow(path, rights);
	free(path);
	if (rc == -ENOENT)
		*why = "is not there: PATH, PATH:ro, PATH:rw or PATH:rx is wanted";
	else if (rc < 0)
		*why = rc == -EINVAL ? "names no file" : "cannot be looked at";
	return rc;
}

static int define(const struct vane_option *options, size_t count)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < count && rc == 0; i++)
		rc = vane_option_define(&options[i]);
	return rc;
}

/* clang-format off */

static int define_serving(struct vane__settings *s)
{
	const struct vane_option options[] = {
		{ .name = "mode", .text = &s->mode, .choices = "auto|http|fastcgi|scgi|cgi",
			.group = "serving" },
		{ .name = "listen", .set = set_listen, .data = s, .metavar = "WHERE",
			.group = "serving",
			.help = "[ADDR:]PORT, unix:PATH, fd:N, fd:NAME or systemd; may be repeated" },
		{ .name = "port", .integer = &s->port, .max = 65535, .group = "serving",
			.help = "where --listen is not given; 0: any free one" },
		{ .name = "address", .text = &s->address, .metavar = "ADDR",
			.group = "serving", .help = "for --port: all addresses; FastCGI and SCGI: 127.0.0.1" },
		{ .name = "processes", .integer = &s->processes, .max = 1024,
			.group = "serving", .help = "1: no fork, 0: one for each core" },
		{ .name = "mount", .set = set_mount, .data = &s->mount, .metavar = "PATH",
			.group = "serving",
			.help = "prefix that the routes live under; auto: SCRIPT_NAME" },
		{ .name = "path-from", .text = &s->path_from, .choices = "uri|pathinfo",
			.group = "serving", .help = "behind a front that rewrites" },
		{ .name = "xheaders", .boolean = &s->xheaders, .group = "serving",
			.help = "believe X-Real-Ip, X-Forwarded-For, X-Scheme, X-Forwarded-Proto" },
		{ .name = "forwarded", .boolean = &s->forwarded, .group = "serving",
			.help = "believe Forwarded (RFC 7239)" },
		{ .name = "trusted", .set = set_trusted, .data = &s->trusted,
			.metavar = "NETS", .group = "serving",
			.help = "of these peers; else of loopback and unix sockets" },
		{ .name = "listen-fd-blocking", .boolean = &s->fd_blocking,
			.group = "serving",
			.help = "an inherited socket is shared with a program that waits in accept" },
		{ .name = "proxy-protocol", .set = set_trusted, .data = &s->proxy_protocol,
			.metavar = "NETS", .group = "serving",
			.help = "peers that send its header, versions 1 and 2" },
		{ .name = "protocol", .text = &s->protocol, .choices = "auto|http|https",
			.group = "serving", .help = "the scheme of all requests" },
	};

	return define(options, ARRAY_SIZE(options));
}

static int define_limits(struct vane__settings *s)
{
	const struct vane_option options[] = {
		{ .name = "max-body-size", .bytes = &s->max_body_bytes, .limit = true,
			.group = "limits", .help = "of a request" },
		{ .name = "max-body-total", .bytes = &s->max_body_total_bytes, .limit = true,
			.group = "limits",
			.help = "of all that are collected at a time in a process" },
		{ .name = "max-form-size", .bytes = &s->max_form_bytes, .limit = true,
			.group = "limits",
			.help = "of a form without its files; above it 413" },
		{ .name = "max-request-memory", .bytes = &s->max_memory_bytes, .limit = true,
			.min = 64 << 10, .max = INT64_MAX, .group = "limits",
			.help = "for one request beside body and form; above it 431 or 500" },
		{ .name = "max-header-size", .bytes = &s->max_header_bytes, .limit = true,
			.min = 256, .max = 1 << 30, .group = "limits",
			.help = "request line and fields; FastCGI and SCGI: parameters" },
		{ .name = "max-connections", .integer = &s->max_connections, .limit = true,
			.group = "limits",
			.help = "in a process: as descriptors allow; FastCGI, SCGI: 10000" },
		{ .name = "max-per-address", .integer = &s->max_per_address, .limit = true,
			.group = "limits", .help = "connections of one client" },
		{ .name = "idle-timeout", .msec = &s->idle_msec, .limit = true,
			.group = "limits", .help = "between two requests of a connection" },
		{ .name = "header-timeout", .msec = &s->header_msec, .limit = true,
			.group = "limits", .help = "for the head of a request to arrive" },
		{ .name = "body-timeout", .msec = &s->body_msec, .limit = true,
			.group = "limits",
			.help = "between two pieces: 1m; FastCGI and SCGI, a head too: 10s" },
		{ .name = "min-rate", .bytes = &s->min_rate, .max = 1 << 30, .limit = true,
			.group = "limits", .help = "bytes of a body a second" },
		{ .name = "write-timeout", .msec = &s->write_msec, .limit = true,
			.group = "limits", .help = "without progress in writing" },
	};

	return define(options, ARRAY_SIZE(options));
}

static int define_process(struct vane__settings *s)
{
	const struct vane_option options[] = {
		{ .name = "shutdown-timeout", .msec = &s->shutdown_msec, .limit = true,
			.group = "process", .help = "for what is in progress at TERM or INT" },
		{ .name = "shutdown-grace", .msec = &s->grace_msec, .limit = true,
			.group = "process",
			.help = "then, for a request on a connection just opened or used" },
		{ .name = "max-restarts", .integer = &s->max_restarts, .limit = true,
			.min = 1, .max = MAX_RESTARTS, .group = "process",
			.help = "of workers that crash, before giving up" },
		{ .name = "restart-window", .msec = &s->restart_window_msec, .limit = true,
			.group = "process", .help = "in which they are counted" },
		{ .name = "max-worker-requests", .integer = &s->max_requests, .limit = true,
			.min = 1, .max = INT64_MAX, .group = "process",
			.help = "of a worker, then it is replaced; up to a tenth less" },
		{ .name = "max-worker-memory", .bytes = &s->max_rss_bytes, .limit = true,
			.min = 1 << 20, .max = INT64_MAX, .group = "process",
			.help = "resident, of a worker, then it is replaced" },
		{ .name = "max-handler-time", .msec = &s->handler_msec, .limit = true,
			.group = "process",
			.help = "that a handler may block, then its process is killed" },
		{ .name = "user", .text = &s->user, .metavar = "NAME", .group = "process",
			.help = "become that user after binding" },
		{ .name = "group", .text = &s->group, .metavar = "NAME", .group = "process",
			.help = "and that group; else the user's" },
		{ .name = "sandbox", .set = set_sandbox, .data = &s->sandbox, .alone = true,
			.metavar = "yes|no|require", .group = "process",
			.help = "no new privileges, and no files but what it needs" },
		{ .name = "sandbox-allow", .set = set_sandbox_allow, .metavar = "PATH[:rw]",
			.group = "process",
			.help = "and these: read, with :rw write, with :rx run; may be repeated" },
		{ .name = "socket-mode", .set = set_socket_mode, .data = &s->socket_mode,
			.metavar = "0660", .group = "process", .help = "of a unix socket" },
		{ .name = "pid-file", .text = &s->pid_file, .metavar = "FILE",
			.group = "process", .help = "write the process id there" },
		{ .name = "nofile", .integer = &s->nofile, .limit = true, .group = "process",
			.help = "open descriptors; none: as many as allowed" },
	};

	return define(options, ARRAY_SIZE(options));
}

static int define_seeing(struct vane__settings *s)
{
	const struct vane_option options[] = {
		{ .name = "logging", .text = &s->logging,
			.choices = "debug|info|warning|error|none", .group = "seeing" },
		{ .name = "log-file", .text = &s->log_file, .metavar = "FILE",
			.group = "seeing",
			.help = "else standard error; USR1 opens it again" },
		{ .name = "log-syslog", .text = &s->log_syslog,
			.choices = "none|daemon|user|local0|local1|local2|local3|local4|local5|local6|local7",
			.group = "seeing", .help = "the system's log, too" },
		{ .name = "access-log", .set = set_access_log, .data = &s->access_log,
			.metavar = "FORMAT", .group = "seeing",
			.help = "off, common, combined, tornado, json, or $words, %words" },
		{ .name = "access-log-if", .text = &s->access_log_if, .metavar = "RULE",
			.group = "seeing", .help = "only such: status>=400,status=3xx,time>500ms" },
		{ .name = "access-log-sample", .integer = &s->access_log_sample,
			.min = 1, .max = 1000000000, .group = "seeing",
			.help = "one in so many, of those that --access-log-if is not for" },
		{ .name = "access-log-file", .text = &s->access_log_file, .metavar = "FILE",
			.group = "seeing", .help = "the same for the access log" },
		{ .name = "slow", .msec = &s->slow_msec, .limit = true, .group = "seeing",
			.help = "name handlers in the log that block for longer" },
		{ .name = "slow-stack", .boolean = &s->slow_stack, .group = "seeing",
			.help = "with --slow: and where they are, by ptrace" },
		{ .name = "status", .set = set_path, .data = &s->status, .metavar = "PATH",
			.group = "seeing",
			.help = "figures there, for loopback, unix sockets and --trusted" },
		{ .name = "health", .set = set_path, .data = &s->health, .metavar = "PATH",
			.group = "seeing", .help = "200 there while it serves" },
		{ .name = "ready", .set = set_path, .data = &s->ready, .metavar = "PATH",
			.group = "seeing", .help = "200 there, and 503 once it is to stop" },
		{ .name = "access-log-buffer", .bytes = &s->access_log_buffer, .max = 1 << 30,
			.group = "seeing", .help = "lines wait there, a second at most" },
		{ .name = "log-rotate-mode", .text = &s->log_rotate, .choices = "none|size|time",
			.group = "seeing", .help = "put both files aside; none: logrotate does" },
		{ .name = "log-file-max-size", .bytes = &s->log_max_bytes, .limit = true,
			.group = "seeing", .help = "by size, above it" },
		{ .name = "log-file-num-backups", .integer = &s->log_max_backups, .limit = true,
			.group = "seeing", .help = "of which so many are kept" },
		{ .name = "log-rotate-when", .text = &s->log_when,
			.choices = "S|M|H|D|midnight|W0|W1|W2|W3|W4|W5|W6", .group = "seeing",
			.help = "by time, when such a period is over" },
		{ .name = "log-rotate-interval", .integer = &s->log_interval, .min = 1,
			.max = 1000000, .group = "seeing", .help = "or so many of them" },
		{ .name = "debug", .boolean = &s->debug, .group = "seeing",
			.help = "--autoreload, --serve-traceback, --access-log=tornado" },
		{ .name = "autoreload", .boolean = &s->autoreload, .group = "seeing",
			.help = "start anew when the program or its files are modified" },
		{ .name = "serve-traceback", .boolean = &s->serve_traceback,
			.group = "seeing", .help = "error pages say why, with the C stack" },
		{ .name = "config", .set = set_config, .data = s, .metavar = "FILE",
			.group = "settings",
			.help = "lines of name = value; what follows overrides" },
		{ .name = "strict", .boolean = &s->strict, .group = "settings",
			.help = "what cannot work in this mode is an error" },
		{ .name = "check", .boolean = &s->check, .group = "settings",
			.help = "check all this, say what would be done, leave" },
		{ .name = "print-config", .text = &s->print_config, .metavar = "SERVER",
			.choices = "nginx|apache|mod_fcgid|lighttpd|caddy|haproxy|supervisor|systemd|logrotate|kubernetes",
			.group = "settings" },
		{ .name = "doctor", .set = vane__doctor_option, .data = &s->doctor,
			.alone = true, .metavar = "URL", .group = "settings",
			.help = "ask through the front, say what is wrong there; alone: look at what comes" },
		{ .name = "doctor-front", .text = &s->doctor_front, .metavar = "FRONT",
			.choices = "nginx|apache|mod_fcgid|mod_cgi|lighttpd|caddy|haproxy",
			.group = "settings" },
		{ .name = "version", .boolean = &s->version, .group = "settings" },
		{ .name = "help", .boolean = &s->help, .group = "settings" },
	};

	return define(options, ARRAY_SIZE(options));
}

/* clang-format on */

int vane__settings_define(struct vane__settings *settings)
{
	int rc;

	*settings = defaults;
	rc = define_serving(settings);
	if (rc == 0)
		rc = define_limits(settings);
	if (rc == 0)
		rc = define_process(settings);
	if (rc == 0)
		rc = define_seeing(settings);
	return rc;
}

void vane__settings_fini(struct vane__settings *settings)
{
	free(settings->listen);
	settings->listen = NULL;
	settings->listen_count = 0;
}

/* What --debug sets, unless it is given itself. */
static bool holds(const struct vane__settings *settings, const char *name, bool value)
{
	return value || (settings->debug && !vane_option_given(name));
}

bool vane__settings_autoreload(const struct vane__settings *settings)
{
	return holds(settings, "autoreload", settings->autoreload);
}

bool vane__settings_traceback(const struct vane__settings *settings)
{
	return holds(settings, "serve-traceback", settings->serve_traceback);
}

static void set_access_logs(
	const struct vane__settings *settings, struct vane_app_opts *opts)
{
	opts->access_log = access_log_named(settings->access_log);
	if (opts->access_log == VANE_ACCESS_LOG_FORMAT)
		opts->access_log_format = settings->access_log;
	else if (settings->debug && !vane_option_given("access-log"))
		opts->access_log = VANE_ACCESS_LOG_TORNADO;
}

/* The option is for what a form does not take. */
static int64_t memory_limit(const struct vane__settings *settings)
{
	int64_t memory = settings->max_memory_bytes, form = settings->max_form_bytes;

	if (memory == VANE_NO_LIMIT || form == VANE_NO_LIMIT)
		return VANE_NO_LIMIT;
	return vane__limit_add(memory, form);
}

void vane__settings_app(
	const struct vane__settings *settings, struct vane_app_opts *opts, bool mount_auto)
{
	bool given = settings->mount != NULL;

	*opts = (struct vane_app_opts) {
		.max_body_bytes = settings->max_body_bytes,
		.max_body_total_bytes = settings->max_body_total_bytes,
		.max_form_bytes = settings->max_form_bytes,
		.max_memory_bytes = memory_limit(settings),
		.mount_auto = given ? strcmp(settings->mount, "auto") == 0 : mount_auto,
		.path_from_pathinfo = strcmp(settings->path_from, "pathinfo") == 0,
		.xheaders = settings->xheaders,
		.forwarded = settings->forwarded,
		.trusted = settings->trusted,
		.debug = vane__settings_traceback(settings),
		.debug_plain = !settings->debug,
	};
	set_access_logs(settings, opts);
	if (strcmp(settings->protocol, "auto") != 0)
		opts->protocol = settings->protocol;
	if (given && !opts->mount_auto)
		opts->mount = settings->mount;
}

void vane__settings_log(const struct vane__settings *settings)
{
	static const char *const words[] = { "none", "error", "warning", "info", "debug" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(settings->logging, words[i]) == 0)
			vane_log_set_level((enum vane_log_level) i);
}

void vane__settings_help(const char *program, const char *summary)
{
	char usage[512];
	int len;

	len = snprintf(usage, sizeof(usage), "usage: %.40s [options]", program);
	len += snprintf(usage + len, sizeof(usage) - (size_t) len, "%*s%s",
		(int) (80 - strlen(vane_version())) - len, " vane ", vane_version());
	if (summary != NULL)
		snprintf(usage + len, sizeof(usage) - (size_t) len, "\n%s", summary);
	vane_options_help(stdout, usage);
	printf("examples:\n"
	       " %s --debug --port=8888\n"
	       " %s --processes=0 --listen=127.0.0.1:8888 --xheaders\n"
	       " %s --mode=fastcgi --listen=127.0.0.1:9000\n"
	       " %s --print-config=nginx\n",
		program, program, program, program);
}
