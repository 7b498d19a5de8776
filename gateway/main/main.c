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
#include <vane/response.h>
#include <vane/sandbox.h>

#include "cmdline.h"

#define WRONG_WORDS  2
#define CANNOT_SERVE 1

struct gateway {
	struct vane__cmdline opt;
	struct vane_backend **backends; /* one for each map */
	size_t backend_count;
	struct vane_route *routes; /* their patterns are allocated */
	size_t route_count;
	struct vane_backend **scripts; /* those of suffixes, up to a NULL */
	size_t script_count;
	struct vane_site *site;
};

static int slash_any(struct vane_request *req, struct vane_response *res)
{
	return vane_response_add_slash(res);
}

static const struct vane_handler slash_handler = { .any = slash_any };

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

/* Whether a map is of a folder of scripts, which is not one script. */
static bool is_folder(const struct vane__map *map)
{
	struct stat st;

	return map->kind == VANE__MAP_CGI && map->where[0] == '/' &&
	       stat(map->what, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The scripts of a map: those of that suffix below the root, a folder's, one, or none. */
static struct vane_scripts scripts_of(const struct gateway *g, const struct vane__map *map)
{
	struct vane_scripts scripts = { .docroot = docroot_opts(g) };

	if (is_folder(map))
		scripts.root = map->what;
	else if (map->kind == VANE__MAP_CGI && map->where[0] == '/')
		scripts.script = map->what;
	if (map->where[0] != '.')
		return scripts;
	scripts.root = g->opt.root;
	scripts.index =
		g->opt.index != NULL && is_script(g->opt.index, map) ? g->opt.index : NULL;
	scripts.suffixes = map->where;
	return scripts;
}

/* Whom a map's program is run as; for as long as they are allocated. */
struct run_as {
	char *user;
	const char *group; /* behind it, in the same place; NULL: the user's */
};

static int find_run_as(
	const struct gateway *g, const struct vane__map *map, struct run_as *as)
{
	const struct vane__map *user = vane__maps_find(&g->opt.users, map->where);
	char *colon;

	*as = (struct run_as) { .user = NULL };
	if (user == NULL || vane_option_given("print-config"))
		return 0; /* that is printed by anybody, for elsewhere */
	as->user = strdup(user->what);
	if (as->user == NULL)
		return -ENOMEM;
	colon = strchr(as->user, ':');
	if (colon != NULL) {
		*colon = '\0';
		as->group = colon + 1;
	}
	return 0;
}

static int make_cgi(
	const struct gateway *g, const struct vane__map *map, struct vane_backend **backend)
{
	struct vane_cgi_backend_opts opts = {
		.scripts = scripts_of(g, map),
		.env = g->opt.params,
		.stream = g->opt.stream,
		.sendfile_root = g->opt.sendfile_root,
	};
	struct run_as as;
	int rc = find_run_as(g, map, &as);

	vane__cmdline_limit_cgi(&g->opt, &opts);
	if (map->where[0] == '.' && map->what[0] != '\0')
		opts.interpreter = map->what;
	opts.user = as.user;
	opts.group = as.group;
	if (rc == 0)
		rc = vane_cgi_backend_new(backend, &opts);
	free(as.user);
	return rc;
}

/* The words of a command line, up to a NULL, in one allocation; NULL: no memory. */
static const char **split(const char *text)
{
	size_t len = strlen(text), count = 0;
	const char **words = malloc((len / 2 + 2) * sizeof(*words) + len + 1);
	char *copy, *word, *rest;

	if (words == NULL)
		return NULL;
	copy = memcpy(words + len / 2 + 2, text, len + 1);
	while ((word = strtok_r(copy, " \t", &rest)) != NULL) {
		words[count++] = word;
		copy = NULL;
	}
	words[count] = NULL;
	return words;
}

static int make_program(const struct gateway *g, const struct vane__map *map,
	struct vane_fastcgi_backend_opts *opts, struct vane_backend **backend)
{
	const char **command = split(map->what);
	struct vane_spawn_opts program = { .argv = command };
	struct run_as as;
	int rc = find_run_as(g, map, &as);

	vane__cmdline_limit_spawn(&g->opt, &program);
	program.user = as.user;
	program.group = as.group;
	opts->spawn = &program;
	if (rc == 0)
		rc = command != NULL ? vane_fastcgi_backend_new(backend, opts) : -ENOMEM;
	free(as.user);
	free(command);
	return rc;
}

static int make_upstream(
	const struct gateway *g, const struct vane__map *map, struct vane_backend **backend)
{
	struct vane_fastcgi_backend_opts opts = {
		.scripts = scripts_of(g, map),
		.params = g->opt.params,
		.multiplex = g->opt.multiplex,
		.stream = g->opt.stream,
		.sendfile_root = g->opt.sendfile_root,
	};

	vane__cmdline_limit_upstream(&g->opt, &opts);
	if (map->kind == VANE__MAP_PROGRAM)
		return make_program(g, map, &opts, backend);
	opts.upstream = map->what;
	return map->kind == VANE__MAP_SCGI ? vane_scgi_backend_new(backend, &opts)
					   : vane_fastcgi_backend_new(backend, &opts);
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
	struct gateway *g, const struct vane__map *map, struct vane_backend *backend)
{
	size_t len = strlen(map->where) - 1;

	if (map->bare && !is_folder(map))
		return add_route(g, map->where, len, "", &vane_backend_handler, backend);
	return len > 0 ? add_route(g, map->where, len, "", &slash_handler, NULL) : 0;
}

/* A path is a route of its own, before the site's; a suffix belongs to the site. */
static int serve_map(struct gateway *g, const struct vane__map *map)
{
	static const char *const names[] = { "cgi", "fastcgi", "scgi", "program" };
	size_t len = strlen(map->where);
	struct vane_backend *backend;
	int rc = map->kind == VANE__MAP_CGI ? make_cgi(g, map, &backend)
					    : make_upstream(g, map, &backend);

	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "vane-gateway: --%s=%.*s=%s cannot be served",
			names[map->kind], (int) (len - map->bare), map->where, map->what);
		return rc;
	}
	g->backends[g->backend_count++] = backend;
	if (map->where[0] == '.') {
		g->scripts[g->script_count++] = backend;
		return 0;
	}
	rc = add_route(g, map->where, len, "{path:.*}", &vane_backend_handler, backend);
	return rc == 0 ? serve_bare(g, map, backend) : rc;
}

static int serve_site(struct gateway *g)
{
	const struct vane_site_opts opts = {
		.root = g->opt.root,
		.index = index_of_files(g),
		.docroot = docroot_opts(g),
		.backends = g->scripts,
		.fallback = g->opt.fallback,
	};
	int rc;

	if (g->opt.root == NULL)
		return 0;
	rc = vane_site_new(&g->site, &opts);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "vane-gateway: --root=%s: %s", g->opt.root,
			strerror(-rc));
	return rc == 0 ? add_route(g, "/", 1, "{path:.*}", &vane_site_handler, g->site)
		       : rc;
}

/* Whether an option names a folder; it is told by its name where it does not. */
static int check_folder(const char *option, const char *path)
{
	struct stat st;
	int rc = 0;

	if (path != NULL && stat(path, &st) < 0)
		rc = -errno;
	else if (path != NULL && !S_ISDIR(st.st_mode))
		rc = -ENOTDIR;
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "vane-gateway: --%s=%s: %s", option, path,
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

/* Whether something is started there, by us. */
static bool runs_something(const struct gateway *g, const char *where)
{
	const struct vane__map *map = vane__maps_find(&g->opt.maps, where);

	return map != NULL &&
	       (map->kind == VANE__MAP_CGI || map->kind == VANE__MAP_PROGRAM);
}

/* What a program of the system needs to run under --sandbox. */
static int allow_system(void)
{
	static const char *const folders[] = { "/usr", "/bin", "/sbin", "/lib", "/lib32",
		"/lib64", "/nix/store", "/gnu/store" };
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]) && (rc == 0 || rc == -ENOENT);
		i++)
		rc = vane_sandbox_allow(
			folders[i], VANE_SANDBOX_READ | VANE_SANDBOX_EXECUTE);
	return rc == -ENOENT ? 0 : rc;
}

/* The scripts of a map, or its program; what is found by PATH is the system's, or has to be named. */
static int allow_map(const struct gateway *g, const struct vane__map *map)
{
	const char *what = map->what;
	size_t len = strcspn(what, " \t");
	char *path;
	int rc;

	if (map->where[0] == '.' && map->kind == VANE__MAP_CGI && what[0] == '\0')
		what = g->opt.root;
	else if (map->where[0] == '.' && memchr(what, '/', len) == NULL)
		return 0;
	path = map->kind == VANE__MAP_PROGRAM ? strndup(what, len) : strdup(what);
	if (path == NULL)
		return -ENOMEM;
	rc = map->kind == VANE__MAP_PROGRAM && strchr(path, '/') == NULL
		     ? 0
		     : vane_sandbox_allow(path, VANE_SANDBOX_READ | VANE_SANDBOX_EXECUTE);
	free(path);
	return rc;
}

/* Programs that we start are confined as we are under --sandbox: what they are made of is needed. */
static int allow_programs(const struct gateway *g)
{
	const struct vane__map *map = g->opt.maps.first;
	bool any = false;
	int rc = 0;

	for (; map != NULL && rc == 0; map = map->next) {
		if (!runs_something(g, map->where))
			continue;
		any = true;
		rc = allow_map(g, map);
	}
	return rc == 0 && any ? allow_system() : rc;
}

/* What the options say together.  Returns what is wrong, NULL: nothing. */
static const char *check(const struct gateway *g)
{
	const struct vane__map *map;

	if (g->opt.instances != VANE_NO_LIMIT && g->opt.min_instances > g->opt.instances)
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
	for (map = g->opt.users.first; map != NULL; map = map->next)
		if (!runs_something(g, map->where))
			return "--program-user is for the WHERE of a --cgi or a --program";
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
	g->backends = calloc(count + 1, sizeof(struct vane_backend *));
	g->scripts = calloc(count + 1, sizeof(struct vane_backend *));
	g->routes = calloc(2 * count + 2, sizeof(*g->routes));
	if (g->backends == NULL || g->scripts == NULL || g->routes == NULL)
		return CANNOT_SERVE;
	warn_of_source(g, g->opt.index);
	rc = check_folder("sendfile-root", g->opt.sendfile_root);
	if (rc == 0)
		rc = check_folder("root", g->opt.root);
	for (map = g->opt.maps.first; map != NULL && rc == 0; map = map->next)
		rc = serve_map(g, map);
	if (rc == 0)
		rc = serve_site(g);
	if (rc == 0)
		rc = allow_programs(g);
	if (rc < 0)
		return CANNOT_SERVE;
	program->becomes_users = g->opt.users.count > 0;
	program->routes = g->routes;
	return 0;
}

/* In a process that serves: with its part of the programs that are always there. */
static int start(struct vane_program *program, struct vane_loop *loop)
{
	struct gateway *g = program->data;
	size_t i;
	int rc = 0;

	for (i = 0; loop != NULL && i < g->backend_count && rc == 0; i++)
		rc = vane_backend_start(g->backends[i], loop);
	return rc;
}

/* While the loop is still there, in which they watch their children and connections. */
static void stop(struct vane_program *program)
{
	struct gateway *g = program->data;

	while (g->backend_count > 0)
		vane_backend_free(g->backends[--g->backend_count]);
}

static void release(struct gateway *g)
{
	size_t i;

	for (i = 0; i < g->route_count; i++)
		free((char *) g->routes[i].pattern);
	while (g->backend_count > 0)
		vane_backend_free(g->backends[--g->backend_count]);
	vane_site_free(g->site);
	free(g->backends);
	free(g->scripts);
	free(g->routes);
	vane__cmdline_fini(&g->opt);
}

int main(int argc, char **argv)
{
	struct gateway g = { .site = NULL };
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
