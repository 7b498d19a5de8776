/* SPDX-License-Identifier: MIT */
/*
 * serve_opts.h - the settings of servers, responders and the master, from those of the command line:
 * an option means the same in each mode that has it.
 */
#ifndef VANE__SERVE_OPTS_H
#define VANE__SERVE_OPTS_H

#include <vane/fastcgi.h>
#include <vane/process.h>
#include <vane/scgi.h>
#include <vane/server.h>

#include "settings.h"

struct vane_server_opts vane__serve_http_opts(const struct vane__settings *settings);
struct vane_fastcgi_opts vane__serve_fastcgi_opts(const struct vane__settings *settings);
struct vane_scgi_opts vane__serve_scgi_opts(const struct vane__settings *settings);
struct vane_process_opts vane__serve_process_opts(const struct vane__settings *settings);

#endif
