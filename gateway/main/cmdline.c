/* SPDX-License-Identifier: MIT */
/*
 * cmdline.c - what vane-gateway is told on its command line, or in a file.
 */
#include "cmdline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>
#include <vane/options.h>

static int set_map(void *data, const char *value, const char **why)
{
	struct vane__map_option *option = data;

	return vane__maps_add(&option->cmdline->maps, option->kind, value, why);
}

static int set_user(void *data, const char *value, const char **why)
{
	struct vane__cmdline *cmdline = data;
	const char *user = strchr(value, '=');
	int rc;

	if (user != NULL && (user[1] == ':' || value[strlen(value) - 1] == ':')) {
		*why = "is not WHERE=USER or WHERE=USER:GROUP";
		return -EINVAL;
	}
	rc = vane__maps_add(&cmdline->users, VANE__MAP_PROGRAM, value, why);
	if (rc == -EEXIST)
		*why = "is for a place that has a user already";
	return rc;
}

static int set_param(void *data, const char *value, const char **why)
{
	static const char in_names[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_";
	struct vane__cmdline *cmdline = data;
	size_t len = strspn(value, in_names), count = cmdline->param_count;
	const char **params;

	if (len == 0 || value[len] != '=') {
		*why = "is not NAME=VALUE, with a name of letters, digits and _";
		return -EINVAL;
	}
	params = realloc(cmdline->params, (count + 2) * sizeof(*params));
	if (params == NULL)
		return -ENOMEM;
	params[count] = value;
	params[count + 1] = NULL;
	cmdline->params = params;
	cmdline->param_count = count + 1;
	return 0;
}

static int set_index(void *data, const char *value, const char **why)
{
	const char **index = data;

	if (value[0] == '\0' || value[0] == '.' || strchr(value, '/') != NULL) {
		*why = "is no name of a file, as index.php is";
		return -EINVAL;
	}
	*index = value;
	return 0;
}

static int define_all(struct vane_option *options, size_t count, const char *group)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < count && rc == 0; i++) {
		options[i].group = group;
		rc = vane_option_define(&options[i]);
	}
	return rc;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int define_sites(struct vane__cmdline *cmdline)
{
	struct vane__map_option *maps = cmdline->map_options;
	/* clang-format off */
	struct vane_option options[] = {
		{ .name = "root", .text = &cmdline->root, .metavar = "DIR",
			.help = "directory of files and scripts" },
		{ .name = "index", .set = set_index, .data = &cmdline->index, .metavar = "NAME",
			.help = "what a directory stands for: index.php, say" },
		{ .name = "fallback", .text = &cmdline->fallback, .metavar = "PATH",
			.help = "what answers where there is nothing: /index.php, say" },
		{ .name = "cgi", .set = set_map, .data = &maps[VANE__MAP_CGI],
			.metavar = "WHERE=WHAT",
			.help = "CGI: /cgi-bin/=DIR, /hook=SCRIPT, .cgi= or .php=PROGRAM "
				"(repeatable)" },
		{ .name = "fastcgi", .set = set_map, .data = &maps[VANE__MAP_FASTCGI],
			.metavar = "WHERE=ADDRESS",
			.help = "FastCGI: .php=unix:PATH, /app/=HOST:PORT[,...] (repeatable)" },
		{ .name = "scgi", .set = set_map, .data = &maps[VANE__MAP_SCGI],
			.metavar = "WHERE=ADDRESS", .help = "the same over SCGI (repeatable)" },
		{ .name = "program", .set = set_map, .data = &maps[VANE__MAP_PROGRAM],
			.metavar = "WHERE=COMMAND",
			.help = "a FastCGI program to start and keep running (repeatable)" },
		{ .name = "program-user", .set = set_user, .data = cmdline,
			.metavar = "WHERE=USER[:GROUP]",
			.help = "whom the --cgi or --program of that WHERE runs as (repeatable)" },
		{ .name = "symlinks", .text = &cmdline->symlinks,
			.choices = "inside|never|anywhere",
			.help = "which symbolic links are followed" },
		{ .name = "dotfiles", .boolean = &cmdline->dotfiles,
			.help = "serve names that begin with a dot" },
		{ .name = "sendfile-root", .text = &cmdline->sendfile_root, .metavar = "DIR",
			.help = "honour X-Accel-Redirect and X-Sendfile below it" },
		{ .name = "param", .set = set_param, .data = cmdline, .metavar = "NAME=VALUE",
			.help = "a variable that programs get (repeatable)" },
	};
	/* clang-format on */

	return define_all(options, COUNT(options), "site");
}

static int define_limits(struct vane__cmdline *cmdline)
{
	/* clang-format off */
	struct vane_option options[] = {
		{ .name = "program-head-timeout", .msec = &cmdline->head_msec, .limit = true,
			.help = "until a response begins, then 504" },
		{ .name = "program-idle-timeout", .msec = &cmdline->idle_msec, .limit = true,
			.help = "without a byte of a response that has begun" },
		{ .name = "program-timeout", .msec = &cmdline->total_msec, .limit = true,
			.help = "for a request in all" },
		{ .name = "max-output", .bytes = &cmdline->max_output, .limit = true,
			.help = "of a response" },
		{ .name = "max-spool", .bytes = &cmdline->max_spool, .limit = true,
			.help = "of a response that waits for its client in a file; then the "
				"program waits" },
		{ .name = "max-spool-total", .bytes = &cmdline->max_spool_total, .limit = true,
			.help = "of all of them with a WHERE, in a process" },
		{ .name = "max-active", .integer = &cmdline->max_active, .limit = true,
			.help = "requests with a program at a time, in a process" },
		{ .name = "max-queue", .integer = &cmdline->max_queue, .limit = true,
			.help = "requests that wait for that, then 503" },
		{ .name = "queue-timeout", .msec = &cmdline->queue_msec, .limit = true,
			.help = "how long they wait, then 503" },
		{ .name = "cgi-cpu", .integer = &cmdline->cpu_sec, .limit = true,
			.metavar = "SECONDS",
			.help = "seconds of processor time of a CGI script" },
		{ .name = "cgi-memory", .bytes = &cmdline->memory_bytes, .limit = true,
			.help = "address space of a CGI script" },
		{ .name = "kill-timeout", .msec = &cmdline->kill_msec, .limit = true,
			.help = "from TERM to KILL" },
		{ .name = "stream", .boolean = &cmdline->stream,
			.help = "hand request bodies to programs as they come" },
		{ .name = "max-idle", .integer = &cmdline->max_idle, .limit = true,
			.help = "idle FastCGI connections to keep, to each address in a "
				"process: 0" },
		{ .name = "multiplex", .boolean = &cmdline->multiplex,
			.help = "several requests on a connection, where the application can" },
		{ .name = "instances", .integer = &cmdline->instances, .limit = true,
			.help = "of each --program, at most, in all processes" },
		{ .name = "min-instances", .integer = &cmdline->min_instances, .limit = true,
			.help = "of each --program, always there; the others when needed" },
		{ .name = "instance-idle-timeout", .msec = &cmdline->instance_idle_msec,
			.limit = true,
			.help = "then those above --min-instances end" },
		{ .name = "max-requests", .integer = &cmdline->max_requests, .limit = true,
			.help = "of an instance, then it is replaced" },
	};
	/* clang-format on */

	return define_all(options, COUNT(options), "programs");
}

int vane__cmdline_define(struct vane__cmdline *cmdline)
{
	int kind, rc;

	*cmdline = (struct vane__cmdline) {
		.symlinks = "inside",
		.head_msec = 60 * 1000,
		.idle_msec = 60 * 1000,
		.max_active = 64,
		.max_queue = 256,
		.queue_msec = 10 * 1000,
		.max_spool = INT64_C(64) << 20,
		.max_spool_total = INT64_C(1) << 30,
		.kill_msec = 5 * 1000,
		.instances = 4,
		.instance_idle_msec = 60 * 1000,
		.total_msec = VANE_NO_LIMIT,
		.max_output = VANE_NO_LIMIT,
		.cpu_sec = VANE_NO_LIMIT,
		.memory_bytes = VANE_NO_LIMIT,
		.min_instances = VANE_NO_LIMIT,
		.max_requests = VANE_NO_LIMIT,
	};
	for (kind = 0; kind < VANE__MAP_KINDS; kind++)
		cmdline->map_options[kind] =
			(struct vane__map_option) { cmdline, (enum vane__map_kind) kind };
	rc = define_sites(cmdline);
	return rc == 0 ? define_limits(cmdline) : rc;
}

static struct vane_backend_limits limits_of(const struct vane__cmdline *cmdline)
{
	return (struct vane_backend_limits) {
		.head_msec = cmdline->head_msec,
		.idle_msec = cmdline->idle_msec,
		.total_msec = cmdline->total_msec,
		.max_output_bytes = cmdline->max_output,
		.max_active = cmdline->max_active,
		.max_queue = cmdline->max_queue,
		.queue_msec = cmdline->queue_msec,
		.max_spool_bytes = cmdline->max_spool,
		.max_spool_total = cmdline->max_spool_total,
	};
}

void vane__cmdline_limit_cgi(
	const struct vane__cmdline *cmdline, struct vane_cgi_backend_opts *opts)
{
	opts->limits = limits_of(cmdline);
	opts->cpu_sec = cmdline->cpu_sec;
	opts->memory_bytes = cmdline->memory_bytes;
	opts->kill_msec = cmdline->kill_msec;
}

void vane__cmdline_limit_upstream(
	const struct vane__cmdline *cmdline, struct vane_fastcgi_backend_opts *opts)
{
	opts->limits = limits_of(cmdline);
	opts->max_idle = cmdline->max_idle;
}

void vane__cmdline_limit_spawn(
	const struct vane__cmdline *cmdline, struct vane_spawn_opts *opts)
{
	opts->min_instances = cmdline->min_instances;
	opts->max_instances = cmdline->instances;
	opts->idle_msec = cmdline->instance_idle_msec;
	opts->max_requests = cmdline->max_requests;
	opts->kill_msec = cmdline->kill_msec;
}

int vane__cmdline_name_idle(const struct vane__cmdline *cmdline)
{
	enum {
		CGI = 1 << VANE__MAP_CGI,
		FASTCGI = 1 << VANE__MAP_FASTCGI,
		SCGI = 1 << VANE__MAP_SCGI,
		PROGRAM = 1 << VANE__MAP_PROGRAM,
		ALL = CGI | FASTCGI | SCGI | PROGRAM,
		ROOT = 1 << VANE__MAP_KINDS
	};
	static const struct {
		const char *name;
		int kinds;
		const char *without;
	} rows[] = {
		{ "index", ROOT, "--root" },
		{ "symlinks", ROOT | CGI, "--root or --cgi" },
		{ "dotfiles", ROOT | CGI, "--root or --cgi" },
		{ "sendfile-root", ALL, "a program" },
		{ "param", ALL, "a program" },
		{ "program-head-timeout", ALL, "a program" },
		{ "program-idle-timeout", ALL, "a program" },
		{ "program-timeout", ALL, "a program" },
		{ "max-output", ALL, "a program" },
		{ "max-spool", ALL, "a program" },
		{ "max-spool-total", ALL, "a program" },
		{ "max-active", ALL, "a program" },
		{ "max-queue", ALL, "a program" },
		{ "queue-timeout", ALL, "a program" },
		{ "stream", ALL, "a program" },
		{ "cgi-cpu", CGI, "--cgi" },
		{ "cgi-memory", CGI, "--cgi" },
		{ "kill-timeout", CGI | PROGRAM, "--cgi or --program" },
		{ "max-idle", FASTCGI | PROGRAM, "--fastcgi or --program" },
		{ "multiplex", FASTCGI | PROGRAM, "--fastcgi or --program" },
		{ "instances", PROGRAM, "--program" },
		{ "min-instances", PROGRAM, "--program" },
		{ "instance-idle-timeout", PROGRAM, "--program" },
		{ "max-requests", PROGRAM, "--program" },
	};
	const struct vane__map *map;
	int there = cmdline->root != NULL ? ROOT : 0, found = 0;

	for (map = cmdline->maps.first; map != NULL; map = map->next)
		there |= 1 << map->kind;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if ((rows[i].kinds & there) != 0 || !vane_option_given(rows[i].name))
			continue;
		vane_log(VANE_LOG_WARNING, "--%s has no meaning without %s", rows[i].name,
			rows[i].without);
		found++;
	}
	return found;
}

void vane__cmdline_fini(struct vane__cmdline *cmdline)
{
	vane__maps_fini(&cmdline->maps);
	vane__maps_fini(&cmdline->users);
	free(cmdline->params);
}
