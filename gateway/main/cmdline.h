/* SPDX-License-Identifier: MIT */
/*
 * cmdline.h - what vane-gateway is told on its command line, or in a file.
 */
#ifndef VANE__CMDLINE_H
#define VANE__CMDLINE_H

#include <stdbool.h>
#include <stdint.h>

#include <vane/gateway.h>

#include "maps.h"

struct vane__cmdline;

/* What the option of a kind of map needs to know. */
struct vane__map_option {
	struct vane__cmdline *cmdline;
	enum vane__map_kind kind;
};

/* Limits and times, in ms, are as in the structs that they are for: VANE_NO_LIMIT is none. */
struct vane__cmdline {
	struct vane__maps maps;
	struct vane__maps users; /* --program-user: what is "USER", or "USER:GROUP" */
	const char **params;     /* --param: up to a NULL; NULL: none */
	size_t param_count;
	const char *root, *index, *fallback, *symlinks, *sendfile_root;
	bool dotfiles, stream, multiplex;
	int64_t head_msec, idle_msec, total_msec, max_output, max_active, max_queue,
		queue_msec, max_spool, max_spool_total;
	int64_t cpu_sec, memory_bytes, kill_msec, max_idle;
	int64_t instances, min_instances, instance_idle_msec, max_requests;
	struct vane__map_option map_options[VANE__MAP_KINDS];
};

/*
 * Fill in the defaults, and define the options that change them: it stays where it is until
 * they are read.  0 or a negative errno.
 */
int vane__cmdline_define(struct vane__cmdline *cmdline);

/*
 * Name the options that were given and have nothing to do, as there is nothing of what they are
 * about, each in the log.  Returns how many there are.
 */
int vane__cmdline_name_idle(const struct vane__cmdline *cmdline);

/* Set limits and times of what is made: those that the options are about. */
void vane__cmdline_limit_cgi(
	const struct vane__cmdline *cmdline, struct vane_cgi_backend_opts *opts);
void vane__cmdline_limit_upstream(
	const struct vane__cmdline *cmdline, struct vane_fastcgi_backend_opts *opts);
void vane__cmdline_limit_spawn(
	const struct vane__cmdline *cmdline, struct vane_spawn_opts *opts);

void vane__cmdline_fini(struct vane__cmdline *cmdline);

#endif
