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
#include <sysexits.h>

#include <vane/gateway.h>
#include <vane/log.h>
#include <vane/main.h>
#include <vane/options.h>
#include <vane/static.h>

#include "cmdline.h"
#include "backend.h"
#include "site.h"
#include "strlist.h"

#define WRONG_WORDS  2
#define CANNOT_SERVE 1

/* A backend that a map has made. */
struct served {
	enum vane__map_kind kind;
	union {
		struct vane__backend *backend; /* the first member of all of them */
		struct vane_cgi_backend *cgi;
		struct vane_fastcgi_backend *fastcgi;
		struct vane_scgi_backend *scgi;
	} is;
};

struct gateway {
	struct vane__cmdline opt;
	struct served *served;
	size_t served_count;
	struct vane_route *routes; /* their patterns are allocated */
	size_t route_count;
	struct vane__backend **backends; /* of the site */
	struct vane__site site;
};

/* An option's "0: none" as the library's settings have it. */
static int64_t or_none(int64_t value)
{
	return value > 0 ? value : -1;
}

static void fill_limits(const struct gateway *g, struct vane_backend_limits *limits)
{
	*limits = (struct vane_backend_limits) {
		.head_msec = or_none(g->opt.head_msec),
		.idle_msec = or_none(g->opt.idle_msec),
		.total_msec = or_none(g->opt.total_msec),
		.max_output_bytes = or_none(g->opt.max_output),
		.max_active = (int) g->opt.max_active,
		.max_queue = (int) g->opt.max_queue,
		.queue_msec = or_none(g->opt.queue_msec),
		.max_spool_bytes = or_none(g->opt.max_spool),
		.max_spool_total = or_none(g->opt.max_spool_total),
	};
}

static struct vane_docroot_opts docroot_opts(const struct gateway *g)
{
	struct vane_docroot_opts opts = { .dotfiles = g->opt.dotfiles };

	if (strcmp(g->opt.symlinks, "never") == 0)
		opts.symlinks = VANE_SYMLINKS_NEVER;
	else if (strcmp(g->opt.symlinks, "anywhere") == 0)
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

	for (map = g->opt.maps.first; map != NULL && g->opt.index != NULL; map = map->next)
		if (is_script(g->opt.index, map))
			return "index.html";
	return g->opt.index != NULL ? g->opt.index : "index.html";
}

/* The scripts of a map: those of that suffix below the root, or none for an application. */
static struct vane_scripts scripts_of(const struct gateway *g, const struct vane__map *map)
{
	struct vane_scripts scripts = { 0 };

	if (map->where[0] != '.')
		return scripts;
	scripts.root = g->opt.root;
	scripts.index =
		g->opt.index != NULL && is_script(g->opt.index, map) ? g->opt.index : NULL;
	scripts.suffixes = map->where;
	scripts.docroot = docroot_opts(g);
	return scripts;
}

static int make_cgi(const struct gateway *g, const struct vane__map *map,
	struct vane_cgi_backend **backend)
{
	struct vane_cgi_backend_opts opts = {
		.scripts = scripts_of(g, map),
		.env = (const char *const *) g->opt.params.list,
		.cpu_sec = g->opt.cpu_sec,
		.memory_bytes = g->opt.memory_bytes,
		.kill_msec = g->opt.kill_msec,
		.stream = g->opt.stream,
		.sendfile_root = g->opt.sendfile_root,
	};
	struct stat st;

	fill_limits(g, &opts.limits);
	if (map->where[0] == '.') {
		opts.program = map->what[0] != '\0' ? map->what : NULL;
	} else if (stat(map->what, &st) == 0 && S_ISDIR(st.st_mode)) {
		opts.scripts.root = map->what;
		opts.scripts.docroot = docroot_opts(g);
	} else {
		opts.scripts.script = map->what;
	}
	return vane_cgi_backend_new(backend, &opts);
}

static int make_upstream(
	const struct gateway *g, const struct vane__map *map, struct served *served)
{
	struct vane__strlist command = { 0 };
	struct vane_program_opts program = {
		.min_instances = (int) g->opt.min_instances,
		.max_instances = (int) g->opt.instances,
		.idle_msec = or_none(g->opt.instance_idle_msec),
		.max_requests = g->opt.max_requests,
		.kill_msec = g->opt.kill_msec,
	};
	struct vane_fastcgi_backend_opts opts = {
		.upstream = map->what,
		.scripts = scripts_of(g, map),
		.params = (const char *const *) g->opt.params.list,
		.keep = (int) g->opt.keep,
		.multiplex = g->opt.multiplex,
		.stream = g->opt.stream,
		.sendfile_root = g->opt.sendfile_root,
	};
	int rc = 0;

	fill_limits(g, &opts.limits);
	if (map->kind == VANE__MAP_PROGRAM) {
		rc = vane__strlist_split(&command, map->what);
		program.argv = (const char *const *) command.list;
		opts.program = &program;
		opts.upstream = NULL;
	}
	if (rc == 0)
		rc = map->kind == VANE__MAP_SCGI
			     ? vane_scgi_backend_new(&served->is.scgi, &opts)
			     : vane_fastcgi_backend_new(&served->is.fastcgi, &opts);
	vane__strlist_fini(&command);
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

/* Append a route whose pattern is so much of a text, and what follows it. */
static int add_route(struct gateway *g, const char *text, size_t len, const char *rest,
	const struct vane_handler *handler, void *data)
{
	size_t size = len + strlen(rest) + 1;
	char *pattern = malloc(size);

	if (pattern == NULL)
		return -ENOMEM;
	snprintf(pattern, size, "%.*s%s", (int) len, text, rest);
	g->routes[g->route_count++] = (struct vane_route) {
		.pattern = pattern, .handler = handler, .data = data
	};
	return 0;
}

/*
 * The path without a slash at its end: the program's own if it was given so, as that of an XML-RPC
 * or of a webhook is.  A folder of scripts has nothing there.
 */
static int serve_bare(
	struct gateway *g, const struct vane__map *map, struct vane__backend *backend)
{
	size_t len = strlen(map->where) - 1;

	if (map->bare && backend->scripts.docroot == NULL)
		return add_route(g, map->where, len, "", handler_of(map->kind), backend);
	return len > 0 ? add_route(g, map->where, len, "", &vane__slash_handler, NULL) : 0;
}

/* A path is a route of its own, before the site's; a suffix belongs to the site. */
static int serve_map(struct gateway *g, const struct vane__map *map)
{
	static const char *const names[] = { "cgi", "fastcgi", "scgi", "program" };
	struct served *served = &g->served[g->served_count];
	size_t len = strlen(map->where);
	int rc;

	served->kind = map->kind;
	rc = map->kind == VANE__MAP_CGI ? make_cgi(g, map, &served->is.cgi)
					: make_upstream(g, map, served);
	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "vane-gateway: --%s=%.*s=%s cannot be served",
			names[map->kind], (int) (len - map->bare), map->where, map->what);
		return rc;
	}
	g->served_count++;
	if (map->where[0] == '.') {
		g->backends[g->site.backend_count++] = served->is.backend;
		return 0;
	}
	rc = add_route(
		g, map->where, len, "{path:.*}", handler_of(map->kind), served->is.backend);
	return rc == 0 ? serve_bare(g, map, served->is.backend) : rc;
}

static int open_files(struct gateway *g)
{
	struct vane_static_opts opts = { .root = g->opt.root };
	struct vane_docroot_opts docroot = docroot_opts(g);
	int rc;

	if (g->opt.root == NULL)
		return 0;
	opts.symlinks = docroot.symlinks;
	opts.dotfiles = docroot.dotfiles;
	opts.index = g->site.index = index_of_files(g);
	rc = vane_static_new(&g->site.files, &opts);
	if (rc == 0)
		rc = vane_docroot_open(&g->site.seen, g->opt.root, &docroot);
	docroot.dotfiles = true;
	if (rc == 0)
		rc = vane_docroot_open(&g->site.all, g->opt.root, &docroot);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "vane-gateway: --root=%s: %s", g->opt.root,
			strerror(-rc));
	return rc;
}

static int check_sendfile_root(const char *path)
{
	struct stat st;
	int rc = 0;

	if (path != NULL && stat(path, &st) < 0)
		rc = -errno;
	else if (path != NULL && !S_ISDIR(st.st_mode))
		rc = -ENOTDIR;
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "vane-gateway: --sendfile-root=%s: %s", path,
			strerror(-rc));
	return rc;
}

/* Whether something is named so that it is found from this directory only. */
static bool is_relative(const struct vane__map *map)
{
	const char *what = map->what;

	if (strncmp(what, "unix:", 5) == 0)
		return what[5] != '/';
	if (what[0] == '/' || map->kind == VANE__MAP_FASTCGI || map->kind == VANE__MAP_SCGI)
		return false;
	return what[strcspn(what, "/ ")] == '/' ||
	       (map->kind == VANE__MAP_CGI && map->where[0] == '/');
}

static bool depends_on_directory(const struct gateway *g)
{
	const struct vane__map *map = g->opt.maps.first;

	while (map != NULL && !is_relative(map))
		map = map->next;
	return map != NULL || (g->opt.root != NULL && g->opt.root[0] != '/') ||
	       (g->opt.sendfile_root != NULL && g->opt.sendfile_root[0] != '/');
}

/* A PHP page that is sent as it lies there shows passwords, as likely as not. */
static void warn_of_source(const struct gateway *g, const char *name)
{
	const char *dot = name != NULL ? strrchr(name, '.') : NULL;
	const struct vane__map *map = g->opt.maps.first;

	if (dot == NULL || strcmp(dot, ".php") != 0)
		return;
	while (map != NULL && !is_script(name, map))
		map = map->next;
	if (map == NULL)
		vane_log(VANE_LOG_WARNING,
			"vane-gateway: nothing runs %s, its source is sent: say "
			"--program=.php=php-cgi or --fastcgi=.php=ADDRESS",
			name);
}

/* What the options say together.  Returns what is wrong, NULL: nothing. */
static const char *check(const struct gateway *g)
{
	const struct vane__map *map;

	if (g->opt.min_instances > g->opt.instances)
		return "--min-instances is more than --instances";
	if (g->opt.fallback != NULL && g->opt.fallback[0] != '/')
		return "--fallback is a path below --root, and begins with a slash";
	if (g->opt.fallback != NULL && g->opt.root == NULL)
		return "--fallback needs --root=DIR";
	if (g->opt.root == NULL && g->opt.maps.count == 0)
		return "there is nothing to serve: say --root=DIR, or see --help";
	for (map = g->opt.maps.first; map != NULL; map = map->next)
		if (map->where[0] == '.' && g->opt.root == NULL)
			return "a suffix needs --root=DIR, where the scripts are";
	if (vane_option_given("print-config") && depends_on_directory(g))
		return "--print-config needs whole paths, as in --root=/srv/www: what is "
		       "started elsewhere would take others";
	return NULL;
}

static int configure(struct vane_program *program)
{
	struct gateway *g = program->data;
	const char *wrong = check(g);
	const struct vane__map *map;
	size_t count = g->opt.maps.count;
	int rc;

	if (wrong != NULL) {
		fprintf(stderr, "vane-gateway: %s\n", wrong);
		return WRONG_WORDS;
	}
	if (vane__cmdline_name_idle(&g->opt) > 0 && vane_option_given("strict"))
		return EX_CONFIG;
	g->served = calloc(count + 1, sizeof(*g->served));
	g->routes = calloc(2 * count + 2, sizeof(*g->routes));
	g->backends = calloc(count + 1, sizeof(*g->backends));
	if (g->served == NULL || g->routes == NULL || g->backends == NULL)
		return CANNOT_SERVE;
	g->site.backends = g->backends;
	warn_of_source(g, g->opt.index);
	rc = check_sendfile_root(g->opt.sendfile_root);
	if (rc == 0)
		rc = open_files(g);
	for (map = g->opt.maps.first; map != NULL && rc == 0; map = map->next)
		rc = serve_map(g, map);
	g->site.fallback = g->opt.fallback;
	if (rc == 0 && g->opt.root != NULL)
		rc = add_route(g, "/", 1, "{path:.*}", &vane__site_handler, &g->site);
	if (rc < 0)
		return CANNOT_SERVE;
	program->routes = g->routes;
	return 0;
}

static void free_served(struct served *served)
{
	switch (served->kind) {
	case VANE__MAP_CGI:
		vane_cgi_backend_free(served->is.cgi);
		break;
	case VANE__MAP_SCGI:
		vane_scgi_backend_free(served->is.scgi);
		break;
	default:
		vane_fastcgi_backend_free(served->is.fastcgi);
	}
}

/* In a process that serves: with its part of the programs that are always there. */
static int start(struct vane_program *program, struct vane_loop *loop)
{
	struct gateway *g = program->data;
	size_t i;
	int rc = 0;

	for (i = 0; loop != NULL && i < g->served_count && rc == 0; i++) {
		if (g->served[i].kind == VANE__MAP_CGI)
			vane_cgi_backend_start(g->served[i].is.cgi, loop);
		else if (g->served[i].kind == VANE__MAP_PROGRAM)
			rc = vane_fastcgi_backend_start(g->served[i].is.fastcgi, loop);
	}
	return rc;
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

	for (i = 0; i < g->route_count; i++)
		free((char *) g->routes[i].pattern);
	while (g->served_count > 0)
		free_served(&g->served[--g->served_count]);
	vane_static_free(g->site.files);
	vane_docroot_close(g->site.seen);
	vane_docroot_close(g->site.all);
	free(g->served);
	free(g->routes);
	free(g->backends);
	vane__cmdline_fini(&g->opt);
}

int main(int argc, char **argv)
{
	struct gateway g = { .served = NULL };
	struct vane_program program = {
		.summary = "serve files, CGI scripts, FastCGI and SCGI applications",
		.configure = configure,
		.start = start,
		.stop = stop,
		.data = &g,
	};
	int rc = CANNOT_SERVE;

	if (vane__cmdline_define(&g.opt) == 0)
		rc = vane_program_main(argc, argv, &program);
	release(&g);
	return rc;
}
