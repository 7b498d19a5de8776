/* SPDX-License-Identifier: MIT */
/*
 * serve_opts.c - the settings of servers, responders and the master, from those of the command line.
 */
#include "serve_opts.h"

struct vane_server_opts vane__serve_http_opts(const struct vane__settings *settings)
{
	return (struct vane_server_opts) {
		.max_header_bytes = settings->max_header_bytes,
		.header_msec = settings->header_msec,
		.body_msec = settings->body_msec,
		.write_msec = settings->write_msec,
		.idle_msec = settings->idle_msec,
		.grace_msec = settings->grace_msec,
		.max_connections = settings->max_connections,
		.max_per_address = settings->max_per_address,
		.min_rate = settings->min_rate,
		.proxy_protocol = settings->proxy_protocol,
	};
}

struct vane_fastcgi_opts vane__serve_fastcgi_opts(const struct vane__settings *settings)
{
	return (struct vane_fastcgi_opts) {
		.request_msec = settings->body_msec,
		.max_params_bytes = settings->max_header_bytes,
		.max_connections = settings->max_connections,
		.min_rate = settings->min_rate,
		.write_msec = settings->write_msec,
		.grace_msec = settings->grace_msec,
	};
}

struct vane_scgi_opts vane__serve_scgi_opts(const struct vane__settings *settings)
{
	return (struct vane_scgi_opts) {
		.request_msec = settings->body_msec,
		.max_head_bytes = settings->max_header_bytes,
		.max_connections = settings->max_connections,
		.min_rate = settings->min_rate,
		.write_msec = settings->write_msec,
		.grace_msec = settings->grace_msec,
	};
}

struct vane_process_opts vane__serve_process_opts(const struct vane__settings *settings)
{
	return (struct vane_process_opts) {
		.max_restarts = settings->max_restarts,
		.restart_window_msec = settings->restart_window_msec,
		.drain_msec = settings->shutdown_msec,
	};
}
