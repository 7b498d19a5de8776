/* SPDX-License-Identifier: MIT */
/*
 * cgi.c - the CGI backend (RFC 3875): what a script is started with, and when.
 *
 * How its bytes move is in cgi_run.c.
 */
#include "cgi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>

#include "limit.h"
#include "slice.h"
#include "vars_request.h"
#include "find_program.h"

/* More words than that are no search. */
#define MAX_INDEX_WORDS 64

/* Decode a word in place; false if it is not well-formed, or holds what no argument can. */
static bool decode(char *word)
{
	char *to = word;

	for (; *word != '\0'; word++) {
		char c = *word;

		if (c == '%') {
			int high = vane__hex(word[1]),
			    low = high < 0 ? -1 : vane__hex(word[2]);

			if (low < 0 || (high == 0 && low == 0))
				return false;
			c = (char) (high << 4 | low);
			word += 2;
		}
		*to++ = c;
	}
	*to = '\0';
	return true;
}

/* The words of a query are arguments if all of them can be (RFC 3875, 4.4). */
static int add_index_words(struct vane__strlist *args, struct vane_request *req)
{
	const char *method = vane_request_method(req), *query = vane_request_query(req);
	size_t first = args->count, i;
	int rc = 0;

	if (query == NULL || *query == '\0' || strchr(query, '=') != NULL)
		return 0;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return 0;
	for (;; query++) {
		size_t len = strcspn(query, "+");

		rc = vane__strlist_add(args, query, len);
		query += len;
		if (rc < 0 || *query == '\0')
			break;
	}
	for (i = first; i < args->count && decode(args->list[i]); i++)
		;
	if (i == args->count && i - first <= MAX_INDEX_WORDS)
		return rc;
	while (args->count > first) {
		free(args->list[--args->count]);
		args->list[args->count] = NULL;
	}
	return rc;
}

/* The folder of a script is where it runs (RFC 3875, 7.2). */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL || slash == path ? 1 : (size_t) (slash - path);

	return strndup(slash == NULL ? "." : path, len);
}

static int fill_in(struct vane__cgirun *run, struct vane_request *req,
	const struct vane__script *script)
{
	struct vane__cgi_backend *backend = run->backend;
	const char *file = script->at.script_filename;
	const char *first = backend->program != NULL ? backend->program : file;
	int rc;

	run->directory = folder_of(file);
	if (run->directory == NULL)
		return -ENOMEM;
	rc = vane__strlist_add(&run->args, first, strlen(first));
	/* perl and the like read the script from standard input without it: the body */
	if (rc == 0 && backend->program != NULL)
		rc = vane__strlist_add(&run->args, file, strlen(file));
	if (rc == 0 && backend->isindex)
		rc = add_index_words(&run->args, req);
	if (rc == 0)
		rc = vane__vars_request(
			&run->vars, req, &script->at, vane__relay_body_length(run->relay));
	if (rc == 0)
		rc = vane__vars_settings(
			&run->vars, (const char *const *) backend->backend.settings.list);
	if (rc == 0)
		rc = vane__vars_environment(&run->vars);
	return rc;
}

static struct vane__cgirun *new_run(
	struct vane__cgi_backend *backend, struct vane__relay *relay)
{
	struct vane__cgirun *run = calloc(1, sizeof(*run));

	if (run == NULL)
		return NULL;
	run->backend = backend;
	run->relay = relay;
	run->loop = vane__relay_loop(relay);
	run->in.fd = run->out.fd = run->err.fd = -1;
	list_add(&backend->runs, &run->node);
	return run;
}

static bool is_nph(const char *file)
{
	const char *slash = strrchr(file, '/');

	return strncmp(slash == NULL ? file : slash + 1, "nph-", 4) == 0;
}

static void fail(struct vane__cgirun *run, int status, const char *why)
{
	struct vane__relay *relay = run->relay;

	run->relay = NULL;
	vane__cgirun_abandon(run);
	vane__relay_fail(relay, status, why);
}

/* Its turn has come, or never will. */
static void on_turn(void *data, int rc)
{
	struct vane__cgirun *run = data;

	if (rc < 0)
		fail(run, 503, "has waited too long for its turn");
	else
		vane__cgirun_start(run);
}

static void queue(struct vane__cgirun *run)
{
	struct vane__limiter *limiter = &run->backend->limiter;
	int rc = vane__limiter_enter(limiter, run->loop, &run->waiter, on_turn, run);

	if (rc > 0)
		vane__cgirun_start(run);
	else if (rc < 0)
		fail(run, 503, "too many are waiting");
}

static struct vane__cgi_backend *cgi_of(struct vane_backend *base)
{
	return CONTAINER_OF(base, struct vane__cgi_backend, backend);
}

static int answer(struct vane_backend *base, struct vane_request *req,
	const struct vane__script *script)
{
	struct vane__cgi_backend *backend = cgi_of(base);
	const char *file = script->at.script_filename;
	struct vane__relay *relay;
	struct vane__cgirun *run;
	int rc = vane__relay_new(&relay, base, req, "cgi", file);

	if (rc < 0)
		return rc;
	run = new_run(backend, relay);
	if (run == NULL) {
		vane__relay_fail(relay, 500, strerror(ENOMEM));
		return vane__relay_answer(relay);
	}
	vane__relay_carry(relay, &vane__cgi_calls, run);
	if (is_nph(file))
		vane__relay_nph(relay);
	rc = backend->children != NULL ? 0
				       : vane__children_new(&backend->children, run->loop);
	if (rc == 0)
		rc = fill_in(run, req, script);
	if (rc < 0)
		fail(run, 500, strerror(-rc));
	else
		queue(run);
	return vane__relay_answer(relay);
}

static bool ending(const struct vane_backend *base)
{
	const struct list *runs =
		&CONTAINER_OF(base, struct vane__cgi_backend, backend)->runs;
	const struct list *at = runs->next;

	while (at != runs && !CONTAINER_OF(at, struct vane__cgirun, node)->told)
		at = at->next;
	return at != runs;
}

/* A script may have closed its output and gone on. */
static bool busy(const struct vane_backend *base)
{
	return !list_empty(&CONTAINER_OF(base, struct vane__cgi_backend, backend)->runs);
}

static int copy_settings(
	struct vane__cgi_backend *backend, const struct vane_cgi_backend_opts *opts)
{
	const struct vane_backend_limits *limits = &backend->backend.limits;
	const struct vane__limit own[] = {
		{ "vane_cgi_backend_opts.cpu_sec", &backend->cpu_sec, VANE_NO_LIMIT },
		{ "vane_cgi_backend_opts.memory_bytes", &backend->memory_bytes,
			VANE_NO_LIMIT },
		{ "vane_cgi_backend_opts.kill_msec", &backend->kill_msec, 5000 },
	};
	int rc;

	backend->cpu_sec = opts->cpu_sec;
	backend->memory_bytes = opts->memory_bytes;
	backend->kill_msec = opts->kill_msec;
	backend->isindex = opts->isindex;
	vane__limiter_init(&backend->limiter, limits->max_active, limits->max_queue,
		limits->queue_msec);
	rc = vane__limits_fill(own, ARRAY_SIZE(own));
	return rc == 0 ? vane__backend_set_vars(&backend->backend, opts->env) : rc;
}

static int set_program(struct vane__cgi_backend *backend, const char *program)
{
	int rc = program != NULL ? vane__find_program(program, &backend->program) : 0;

	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cgi: %s: %s", program, strerror(-rc));
	return rc;
}

static void cgi_free(struct vane_backend *base)
{
	struct vane__cgi_backend *backend = cgi_of(base);

	vane__children_free(backend->children);
	while (!list_empty(&backend->runs))
		vane__cgirun_free(
			CONTAINER_OF(backend->runs.next, struct vane__cgirun, node));
	vane__limiter_fini(&backend->limiter);
	free(backend->program);
	vane__run_as_fini(&backend->as);
	vane__backend_fini(base);
	free(backend);
}

static const struct vane__backend_calls calls = {
	.answer = answer, .ending = ending, .busy = busy, .free = cgi_free
};

int vane_cgi_backend_new(
	struct vane_backend **out, const struct vane_cgi_backend_opts *opts)
{
	const struct vane_scripts *scripts = &opts->scripts;
	struct vane__cgi_backend *backend;
	int rc;

	if (scripts->root == NULL && scripts->script == NULL) {
		vane_log(VANE_LOG_ERROR, "cgi: neither a root nor a script is given");
		return -EINVAL;
	}
	backend = calloc(1, sizeof(*backend));
	if (backend == NULL)
		return -ENOMEM;
	list_init(&backend->runs);
	rc = vane__backend_init(
		&backend->backend, &calls, &opts->limits, opts->sendfile_root);
	if (rc < 0) {
		free(backend);
		return rc;
	}
	backend->backend.stream = opts->stream;
	rc = vane__scripts_init(
		&backend->backend.scripts, scripts, opts->interpreter == NULL);
	if (rc == 0)
		rc = copy_settings(backend, opts);
	if (rc == 0)
		rc = set_program(backend, opts->interpreter);
	if (rc == 0)
		rc = vane__run_as_init(&backend->as, opts->user, opts->group);
	if (rc < 0) {
		cgi_free(&backend->backend);
		return rc;
	}
	*out = &backend->backend;
	return 0;
}
