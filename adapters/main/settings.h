/* SPDX-License-Identifier: MIT */
/*
 * settings.h - the options of every program that calls vane_main().
 */
#ifndef VANE__SETTINGS_H
#define VANE__SETTINGS_H

#include <vane/app.h>
#include <vane/types.h>

/* How much --sandbox is meant. */
enum vane__sandbox { VANE__SANDBOX_OFF, VANE__SANDBOX_ON, VANE__SANDBOX_REQUIRED };

/*
 * What the options say.  Text is borrowed from the options; NULL: not given.  Limits are as in the
 * structs that they are for: 0 is the default, where each mode has its own, VANE_NO_LIMIT none.
 */
struct vane__settings {
	const char *mode;
	const char **listen; /* each --listen, an array of its own */
	size_t listen_count;
	int64_t port;
	const char *address;
	int64_t processes;
	bool xheaders;
	bool forwarded;
	const char *trusted;
	const char *proxy_protocol;
	bool fd_blocking;
	const char *protocol;
	const char *mount;
	const char *path_from;
	int64_t max_body_bytes, max_body_total_bytes, max_form_bytes;
	int64_t max_memory_bytes, max_header_bytes;
	int64_t idle_msec, header_msec, body_msec, write_msec, shutdown_msec;
	int64_t grace_msec;
	int64_t max_connections, max_per_address, min_rate;
	unsigned socket_mode;
	const char *pid_file;
	const char *user, *group;
	enum vane__sandbox sandbox;
	int64_t nofile;
	const char *logging;
	const char *log_file;
	const char *access_log, *access_log_file, *access_log_if;
	const char *status, *health, *ready; /* paths */
	int64_t slow_msec, handler_msec;
	bool slow_stack;
	int64_t max_requests, max_rss_bytes; /* of a worker */
	int64_t access_log_sample, access_log_buffer;
	int64_t log_max_bytes, log_max_backups, log_interval;
	const char *log_syslog;
	const char *log_rotate, *log_when;
	bool debug, autoreload,
		serve_traceback; /* the first sets the others that are not given */
	bool strict;
	int64_t max_restarts, restart_window_msec;
	const char *print_config;
	const char *doctor; /* a URL, "": none, to look at what comes; NULL: not to */
	const char *doctor_front;
	bool check, help, version;
	bool in_file; /* a --config file is being read */
};

/* Fill in the defaults and define the options.  They hold on to settings. */
int vane__settings_define(struct vane__settings *settings);

void vane__settings_fini(struct vane__settings *settings);

/* The application's settings.  mount_auto: what holds if --mount is not given. */
void vane__settings_app(
	const struct vane__settings *settings, struct vane_app_opts *opts, bool mount_auto);

/* Whether files are watched: --autoreload, or else --debug. */
bool vane__settings_autoreload(const struct vane__settings *settings);

/* Whether error pages say why: --serve-traceback, or else --debug. */
bool vane__settings_traceback(const struct vane__settings *settings);

/* Set the level of the log. */
void vane__settings_log(const struct vane__settings *settings);

/* Print --help; summary may be NULL. */
void vane__settings_help(const char *program, const char *summary);

#endif
