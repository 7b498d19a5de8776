/* SPDX-License-Identifier: MIT */
/*
 * main.c - vane-gateway: a directory of files, CGI scripts, and FastCGI and SCGI
 * applications, behind Vane's server; or behind another one's, in the modes of vane_main().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <vane/gateway.h>
#include <vane/log.h>
#include <vane/main.h>
#include <vane/options.h>
#include <vane/static.h>

#include "host.h"
#include "maps.h"
#include "site.h"
#include "words.h"

#define WRONG_WORDS  2
#define CANNOT_SERVE 1

/* A host that a map has made. */
struct served {
	enum vane__map_kind kind;
	union {
		struct vane__host *host; /* the first member of all of them */
		struct vane_cgi_host *cgi;
		struct vane_fastcgi_host *fastcgi;
		struct vane_scgi_host *scgi;
	} is;
};

struct gateway {
	struct vane__maps maps;
	struct vane__words params; /* --param */
	const char *root, *index, *symlinks, *sendfile_root;
	bool dotfiles, stream, multiplex;
	int64_t head_msec, idle_msec, total_msec, max_output, max_active, max_queue,
		queue_msec;
	int64_t cpu_sec, memory_bytes, kill_msec, keep, instances, max_requests;
	struct served *served;
	size_t served_count;
	struct vane_route *routes;
	char **patterns;
	struct vane__host **hosts; /* of the site */
	struct vane__site site;
};

/* What a map's option needs to know. */
struct map_option {
	struct gateway *gateway;
	enum vane__map_kind kind;
};

static int set_map(void *data, const char *value, const char **why)
{
	struct map_option *option = data;

	return vane__maps_add(&option->gateway->maps, option->kind, value, why);
}

static int set_param(void *data, const char *value, const char **why)
{
	if (value[0] == '=' || strchr(value, '=') == NULL) {
		*why = "is not NAME=VALUE";
		return -EINVAL;
	}
	return vane__words_add(data, value, strlen(value));
}

static int define_all(const struct vane_option *options, size_t count)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < count && rc == 0; i++)
		rc = vane_define(&options[i]);
	return rc;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int define_sites(struct gateway *g, struct map_option *maps)
{
	const struct vane_option options[] = {
		{ .name = "root",
			.text = &g->root,
			.metavar = "DIR",
			.group = "site",
			.help = "directory of files and scripts" },
		{ .name = "index",
			.text = &g->index,
			.metavar = "NAME",
			.group = "site",
			.help = "what a directory stands for: index.php, say" },
		{ .name = "cgi",
			.set = set_map,
			.data = &maps[VANE__MAP_CGI],
			.metavar = "WHERE=WHAT",
			.group = "site",
			.help = "CGI: /cgi-bin/=DIR, /app/=SCRIPT, .cgi= or .php=PROGRAM "
				"(repeatable)" },
		{ .name = "fastcgi",
			.set = set_map,
			.data = &maps[VANE__MAP_FASTCGI],
			.metavar = "WHERE=ADDRESS",
			.group = "site",
			.help = "FastCGI: .php=unix:PATH, /app/=HOST:PORT[,...] "
				"(repeatable)" },
		{ .name = "scgi",
			.set = set_map,
			.data = &maps[VANE__MAP_SCGI],
			.metavar = "WHERE=ADDRESS",
			.group = "site",
			.help = "the same over SCGI (repeatable)" },
		{ .name = "program",
			.set = set_map,
			.data = &maps[VANE__MAP_PROGRAM],
			.metavar = "WHERE=COMMAND",
			.group = "site",
			.help = "a FastCGI program to start and keep running "
				"(repeatable)" },
		{ .name = "symlinks",
			.text = &g->symlinks,
			.choices = "inside|never|anywhere",
			.group = "site",
			.help = "which symbolic links are followed" },
		{ .name = "dotfiles",
			.boolean = &g->dotfiles,
			.group = "site",
			.help = "serve names that begin with a dot" },
		{ .name = "sendfile-root",
			.text = &g->sendfile_root,
			.metavar = "DIR",
			.group = "site",
			.help = "honour X-Accel-Redirect and X-Sendfile below it" },
		{ .name = "param",
			.set = set_param,
			.data = &g->params,
			.metavar = "NAME=VALUE",
			.group = "site",
			.help = "a variable that programs get (repeatable)" },
	};

	return define_all(options, COUNT(options));
}

static int define_limits(struct gateway *g)
{
	const struct vane_option options[] = {
		{ .name = "program-head-timeout",
			.msec = &g->head_msec,
			.group = "programs",
			.help = "until a response begins, then 504" },
		{ .name = "program-idle-timeout",
			.msec = &g->idle_msec,
			.group = "programs",
			.help = "without a byte of a response that has begun" },
		{ .name = "program-timeout",
			.msec = &g->total_msec,
			.group = "programs",
			.help = "for a request in all; 0: none" },
		{ .name = "max-output",
			.bytes = &g->max_output,
			.group = "programs",
			.help = "of a response; 0: no limit" },
		{ .name = "max-active",
			.integer = &g->max_active,
			.min = 1,
			.max = 100000,
			.group = "programs",
			.help = "requests with a program at a time, in a process" },
		{ .name = "max-queue",
			.integer = &g->max_queue,
			.min = 1,
			.max = 1000000,
			.group = "programs",
			.help = "requests that wait for that, then 503" },
		{ .name = "queue-timeout",
			.msec = &g->queue_msec,
			.group = "programs",
			.help = "how long they wait, then 503" },
		{ .name = "cgi-cpu",
			.integer = &g->cpu_sec,
			.min = 0,
			.max = 86400,
			.metavar = "SECONDS",
			.group = "programs",
			.help = "processor time of a CGI script; 0: no limit" },
		{ .name = "cgi-memory",
			.bytes = &g->memory_bytes,
			.group = "programs",
			.help = "address space of a CGI script; 0: no limit" },
		{ .name = "kill-timeout",
			.msec = &g->kill_msec,
			.group = "programs",
			.help = "from TERM to KILL" },
		{ .name = "stream",
			.boolean = &g->stream,
			.group = "programs",
			.help = "hand request bodies to FastCGI and SCGI as they come" },
		{ .name = "keep",
			.integer = &g->keep,
			.min = 0,
			.max = 10000,
			.group = "programs",
			.help = "idle FastCGI connections to keep, to each address in a "
				"process" },
		{ .name = "multiplex",
			.boolean = &g->multiplex,
			.group = "programs",
			.help = "several requests on a connection, where the application "
				"can" },
		{ .name = "instances",
			.integer = &g->instances,
			.min = 1,
			.max = 10000,
			.group = "programs",
			.help = "of each --program, at most, in all processes" },
		{ .name = "max-requests",
			.integer = &g->max_requests,
			.min = 0,
			.max = 1000000000,
			.group = "programs",
			.help = "of an instance, then it is replaced; 0: no limit" },
	};

	return define_all(options, COUNT(options));
}

/* An option's "0: none" as the library's settings have it. */
static int64_t or_none(int64_t value)
{
	return value > 0 ? value : -1;
}

static void fill_limits(const struct gateway *g, struct vane_host_limits *limits)
{
	*limits = (struct vane_host_limits){
		.head_msec = or_none(g->head_msec),
		.idle_msec = or_none(g->idle_msec),
		.total_msec = or_none(g->total_msec),
		.max_output_bytes = or_none(g->max_output),
		.max_active = (int) g->max_active,
		.max_queue = (int) g->max_queue,
		.queue_msec = or_none(g->queue_msec),
	};
}

static struct vane_tree_opts tree_opts(const struct gateway *g)
{
	struct vane_tree_opts opts = { .dotfiles = g->dotfiles };

	if (strcmp(g->symlinks, "never") == 0)
		opts.symlinks = VANE_SYMLINKS_NEVER;
	else if (strcmp(g->symlinks, "anywhere") == 0)
		opts.symlinks = VANE_SYMLINKS_ANYWHERE;
	return opts;
}

/* Whether a name ends in the suffix of a map. */
static bool is_script(const char *name, const struct vane__map *map)
{
	size_t len = strlen(name), end = strlen(map->where);

	return map->where[0] == '.' && len > end &&
	       strcmp(name + len - end, map->where) == 0;
}

/* What a directory stands for among the files: what is no script. */
static const char *index_of_files(const struct gateway *g)
{
	const struct vane__map *map;

	for (map = g->maps.first; map != NULL && g->index != NULL; map = map->next)
		if (is_script(g->index, map))
			return "index.html";
	return g->index != NULL ? g->index : "index.html";
}

/* The scripts of a map: those of that suffix below the root, or none for an application. */
static struct vane_scripts scripts_of(const struct gateway *g, const struct vane__map *map)
{
	struct vane_scripts scripts = { 0 };

	if (map->where[0] != '.')
		return scripts;
	scripts.root = g->root;
	scripts.index = g->index != NULL && is_script(g->index, map) ? g->index : NULL;
	scripts.suffixes = map->where;
	scripts.tree = tree_opts(g);
	return scripts;
}

static int make_cgi(
	const struct gateway *g, const struct vane__map *map, struct vane_cgi_host **host)
{
	struct vane_cgi_host_opts opts = {
		.scripts = scripts_of(g, map),
		.env = (const char *const *) g->params.list,
		.cpu_sec = g->cpu_sec,
		.memory_bytes = g->memory_bytes,
		.kill_msec = g->kill_msec,
		.sendfile_root = g->sendfile_root,
	};
	struct stat st;

	fill_limits(g, &opts.limits);
	if (map->where[0] == '.') {
		opts.program = map->what[0] != '\0' ? map->what : NULL;
	} else if (stat(map->what, &st) == 0 && S_ISDIR(st.st_mode)) {
		opts.scripts.root = map->what;
		opts.scripts.tree = tree_opts(g);
	} else {
		opts.scripts.script = map->what;
	}
	return vane_cgi_host_new(host, &opts);
}

static int make_upstream(
	const struct gateway *g, const struct vane__map *map, struct served *served)
{
	struct vane__words command = { 0 };
	struct vane_program_opts program = { .max_instances = (int) g->instances,
		.max_requests = g->max_requests,
		.kill_msec = g->kill_msec };
	struct vane_fastcgi_host_opts opts = {
		.upstream = map->what,
		.scripts = scripts_of(g, map),
		.params = (const char *const *) g->params.list,
		.keep = (int) g->keep,
		.multiplex = g->multiplex,
		.stream = g->stream,
		.sendfile_root = g->sendfile_root,
	};
	int rc = 0;

	fill_limits(g, &opts.limits);
	if (map->kind == VANE__MAP_PROGRAM) {
		rc = vane__words_split(&command, map->what);
		program.argv = (const char *const *) command.list;
		opts.program = &program;
		opts.upstream = NULL;
	}
	if (rc == 0)
		rc = map->kind == VANE__MAP_SCGI
			     ? vane_scgi_host_new(&served->is.scgi, &opts)
			     : vane_fastcgi_host_new(&served->is.fastcgi, &opts);
	vane__words_fini(&command);
	return rc;
}

static const struct vane_handler *handler_of(enum vane__map_kind kind)
{
	switch (kind) {
	case VANE__MAP_CGI:
		return &vane_cgi_handler;
	case VANE__MAP_SCGI:
		return &vane_scgi_handler;
	default:
		return &vane_fastcgi_handler;
	}
}

/* A path is a route of its own, before the site's; a suffix belongs to the site. */
static int serve_map(struct gateway *g, const struct vane__map *map, size_t *routes)
{
	static const char rest[] = "{path:.*}";
	struct served *served = &g->served[g->served_count];
	size_t size = strlen(map->where) + sizeof(rest);
	char *pattern;
	int rc;

	served->kind = map->kind;
	rc = map->kind == VANE__MAP_CGI ? make_cgi(g, map, &served->is.cgi)
					: make_upstream(g, map, served);
	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "vane-gateway: %s=%s: %s", map->where, map->what,
			strerror(-rc));
		return rc;
	}
	g->served_count++;
	if (map->where[0] == '.') {
		g->hosts[g->site.host_count++] = served->is.host;
		return 0;
	}
	pattern = malloc(size);
	if (pattern == NULL)
		return -ENOMEM;
	snprintf(pattern, size, "%s%s", map->where, rest);
	g->patterns[*routes] = pattern;
	g->routes[(*routes)++] = (struct vane_route){ .pattern = pattern,
		.handler = handler_of(map->kind),
		.data = served->is.host };
	return 0;
}

static int open_files(struct gateway *g)
{
	struct vane_static_opts opts = { .root = g->root };
	struct vane_tree_opts tree = tree_opts(g);
	int rc;

	if (g->root == NULL)
		return 0;
	opts.symlinks = tree.symlinks;
	opts.dotfiles = tree.dotfiles;
	opts.index = index_of_files(g);
	rc = vane_static_new(&g->site.files, &opts);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "vane-gateway: %s: %s", g->root, strerror(-rc));
	return rc;
}

/* What the options say together.  Returns what is wrong, NULL: nothing. */
static const char *check(const struct gateway *g)
{
	const struct vane__map *map;

	if (g->root == NULL && g->maps.count == 0)
		return "there is nothing to serve: say --root=DIR, or see --help";
	for (map = g->maps.first; map != NULL; map = map->next)
		if (map->where[0] == '.' && g->root == NULL)
			return "a suffix needs --root=DIR, where the scripts are";
	return NULL;
}

static int configure(struct vane_program *program)
{
	struct gateway *g = program->data;
	const char *wrong = check(g);
	const struct vane__map *map;
	size_t routes = 0, count = g->maps.count;
	int rc;

	if (wrong != NULL) {
		fprintf(stderr, "vane-gateway: %s\n", wrong);
		return WRONG_WORDS;
	}
	g->served = calloc(count + 1, sizeof(*g->served));
	g->routes = calloc(count + 2, sizeof(*g->routes));
	g->patterns = calloc(count + 1, sizeof(*g->patterns));
	g->hosts = calloc(count + 1, sizeof(*g->hosts));
	if (g->served == NULL || g->routes == NULL || g->patterns == NULL ||
		g->hosts == NULL)
		return CANNOT_SERVE;
	g->site.hosts = g->hosts;
	rc = open_files(g);
	for (map = g->maps.first; map != NULL && rc == 0; map = map->next)
		rc = serve_map(g, map, &routes);
	if (rc < 0)
		return CANNOT_SERVE;
	if (g->root != NULL)
		g->routes[routes] = (struct vane_route){ .pattern = "/{path:.*}",
			.handler = &vane__site_handler,
			.data = &g->site };
	program->routes = g->routes;
	return 0;
}

static void free_served(struct served *served)
{
	switch (served->kind) {
	case VANE__MAP_CGI:
		vane_cgi_host_free(served->is.cgi);
		break;
	case VANE__MAP_SCGI:
		vane_scgi_host_free(served->is.scgi);
		break;
	default:
		vane_fastcgi_host_free(served->is.fastcgi);
	}
}

/* While the loop is still there, in which they watch their children and connections. */
static void stop(struct vane_program *program)
{
	struct gateway *g = program->data;

	while (g->served_count > 0)
		free_served(&g->served[--g->served_count]);
}

static void release(struct gateway *g)
{
	size_t i;

	for (i = 0; g->patterns != NULL && i < g->maps.count; i++)
		free(g->patterns[i]);
	while (g->served_count > 0)
		free_served(&g->served[--g->served_count]);
	vane_static_free(g->site.files);
	free(g->served);
	free(g->routes);
	free(g->patterns);
	free(g->hosts);
	vane__maps_fini(&g->maps);
	vane__words_fini(&g->params);
}

int main(int argc, char **argv)
{
	struct gateway g = {
		.symlinks = "inside",
		.head_msec = 60 * 1000,
		.idle_msec = 60 * 1000,
		.max_active = 64,
		.max_queue = 256,
		.queue_msec = 10 * 1000,
		.kill_msec = 5 * 1000,
		.instances = 4,
	};
	struct map_option maps[] = {
		{ &g, VANE__MAP_CGI },
		{ &g, VANE__MAP_FASTCGI },
		{ &g, VANE__MAP_SCGI },
		{ &g, VANE__MAP_PROGRAM },
	};
	struct vane_program program = {
		.summary = "serve files, CGI scripts, FastCGI and SCGI applications",
		.configure = configure,
		.stop = stop,
		.data = &g,
	};
	int rc = CANNOT_SERVE;

	if (define_sites(&g, maps) == 0 && define_limits(&g) == 0)
		rc = vane_program_main(argc, argv, &program);
	release(&g);
	return rc;
}
