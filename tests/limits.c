/* SPDX-License-Identifier: MIT */
/*
 * limits.c - the rule for limits and times in every struct of the public headers: 0 is the default,
 * VANE_NO_LIMIT none, and other values below 0 are refused with the name of the member.
 *
 * The headers are read, too: a limit that is in one of them and not in the table here fails.
 */
#include "config.h"

#include "test.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vane/fastcgi.h>
#include <vane/fcgx.h>
#include <vane/filters.h>
#include <vane/gateway.h>
#include <vane/log.h>
#include <vane/netutil.h>
#include <vane/process.h>
#include <vane/scgi.h>
#include <vane/server.h>
#include <vane/static.h>
#include <vane/test.h>

#include "adapters/fastcgi.h"
#include "adapters/scgi.h"
#include "conn.h"
#include "gateway/app_backend.h"
#include "gateway/cgi.h"
#ifdef VANE_WITH_FASTCGI
#include "gateway/ported.h"
#endif
#include "log_file.h"
#include "master.h"
#include "netutil.h"

/* A value that no default has and that is allowed everywhere. */
#define SOME    17

#define DAY_SEC (24 * 3600)

static char logged[1024];
static struct vane_loop *loop;
static struct vane_app *app;

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	size_t len = strlen(logged);

	snprintf(logged + len, sizeof(logged) - len, "%s\n", line);
}

/*
 * What makes something of settings, and puts those in force into a struct of the same type.
 * Returns 0 or a negative errno.
 */
typedef int (*make_fn)(const void *given, void *in_force);

static int make_app(const void *given, void *in_force)
{
	static const struct vane_route none[] = { { 0 } };
	struct vane_app *made = NULL;
	int rc = vane_app_new(&made, none, given);

	if (rc == 0)
		memcpy(in_force, vane_app_opts(made), sizeof(struct vane_app_opts));
	vane_app_free(made);
	return rc;
}

static int take_body(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "taken");
}

static bool takes(struct vane_app *asked, size_t len)
{
	static const char body[1024] = "";
	const struct vane_test_request ask = {
		.method = "POST", .body = body, .body_len = len
	};
	struct vane_test_response response;
	bool taken;

	assert_int_equal(vane_test_run(asked, &ask, &response), 0);
	taken = response.status == 200;
	vane_test_response_fini(&response);
	return taken;
}

/* What is in force shows: the application takes bodies up to 99 bytes. */
static int make_handler(const void *given, void *in_force)
{
	static const int64_t sizes[] = { SOME, 99 };
	struct vane_handler handler = *(const struct vane_handler *) given;
	const struct vane_route routes[] = { { "/", &handler }, { 0 } };
	const struct vane_app_opts opts = { .max_body_bytes = 99 };
	struct vane_app *made = NULL;
	int64_t most = VANE__UNLIMITED;
	int rc;
	size_t i;

	handler.post = take_body;
	rc = vane_app_new(&made, routes, &opts);
	for (i = 0; rc == 0 && i < ARRAY_SIZE(sizes); i++)
		if (takes(made, (size_t) sizes[i]) && !takes(made, (size_t) sizes[i] + 1))
			most = sizes[i];
	((struct vane_handler *) in_force)->max_body = most;
	vane_app_free(made);
	return rc;
}

static int make_server(const void *given, void *in_force)
{
	struct vane_server *server = NULL;
	int rc = vane_server_new(&server, app, loop, given);

	if (rc == 0)
		memcpy(in_force, &server->opts, sizeof(server->opts));
	vane_server_free(server);
	return rc;
}

static int make_fastcgi(const void *given, void *in_force)
{
	struct vane_fastcgi *fastcgi = NULL;
	int rc = vane_fastcgi_new(&fastcgi, app, loop, given);
	const struct vane__responder_opts *o;

	if (rc < 0)
		return rc;
	o = &fastcgi->base.opts;
	*(struct vane_fastcgi_opts *) in_force = (struct vane_fastcgi_opts) {
		.request_msec = o->request_msec,
		.min_rate = o->min_rate,
		.write_msec = o->write_msec,
		.max_params_bytes = (int64_t) fastcgi->limits.max_params_bytes,
		.max_params = (int64_t) fastcgi->limits.max_params,
		.max_connections = o->max_connections,
		.grace_msec = fastcgi->base.acceptor.grace_msec,
	};
	vane_fastcgi_free(fastcgi);
	return rc;
}

static int make_scgi(const void *given, void *in_force)
{
	struct vane_scgi *scgi = NULL;
	int rc = vane_scgi_new(&scgi, app, loop, given);
	const struct vane__responder_opts *o;

	if (rc < 0)
		return rc;
	o = &scgi->base.opts;
	*(struct vane_scgi_opts *) in_force = (struct vane_scgi_opts) {
		.request_msec = o->request_msec,
		.min_rate = o->min_rate,
		.write_msec = o->write_msec,
		.max_head_bytes = (int64_t) scgi->limits.max_bytes,
		.max_vars = (int64_t) scgi->limits.max_vars,
		.max_connections = o->max_connections,
		.grace_msec = scgi->base.acceptor.grace_msec,
	};
	vane_scgi_free(scgi);
	return rc;
}

static int make_process(const void *given, void *in_force)
{
	struct vane_process_opts opts = *(const struct vane_process_opts *) given;
	int rc = vane__process_fill(&opts);

	*(struct vane_process_opts *) in_force = opts;
	return rc;
}

static int make_log_file(const void *given, void *in_force)
{
	struct vane_log_file_opts opts = *(const struct vane_log_file_opts *) given;
	int rc = vane__log_file_fill(&opts);

	*(struct vane_log_file_opts *) in_force = opts;
	return rc;
}

static int set_cookie(struct vane_request *req, struct vane_response *res)
{
	struct vane_cookie cookie = *(struct vane_cookie *) vane_request_data(req);

	cookie.name = cookie.value = "a";
	return vane_response_set_cookie(res, &cookie);
}

static const struct vane_handler cookie_handler = { .get = set_cookie };

/* The age that is sent with a file. */
static int make_static(const void *given, void *in_force)
{
	struct vane_static_opts opts = *(const struct vane_static_opts *) given;
	struct vane_static *files = NULL;
	const struct vane_route no_files[] = { { 0 } };
	struct vane_route routes[] = { { "/{path:.*}", &vane_static_handler }, { 0 } };
	struct vane_test_response response;
	struct vane_app *made = NULL;
	char text[64];
	int rc;

	opts.root = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	rc = vane_static_new(&files, &opts);
	routes[0].data = files;
	assert_int_equal(vane_app_new(&made, rc == 0 ? routes : no_files, NULL), 0);
	assert_int_equal(
		vane_test_run(made, &(struct vane_test_request) { .target = "/README.md" },
			&response),
		0);
	opts.max_age_sec = 0;
	if (vane_test_response_field(&response, "Cache-Control", 0, text, sizeof(text)))
		opts.max_age_sec = strtoll(text + strlen("max-age="), NULL, 10);
	*(struct vane_static_opts *) in_force = opts;
	vane_test_response_fini(&response);
	vane_app_free(made);
	vane_static_free(files);
	return rc;
}

/* The age that is sent with a cookie. */
static int make_cookie(const void *given, void *in_force)
{
	struct vane_cookie cookie = *(const struct vane_cookie *) given;
	struct vane_test_response response;
	struct vane_route routes[] = { { "/", &cookie_handler, .data = &cookie }, { 0 } };
	struct vane_app *made = NULL;
	char text[128];
	const char *age;
	int rc;

	assert_int_equal(vane_app_new(&made, routes, NULL), 0);
	assert_int_equal(
		vane_test_run(made, &(struct vane_test_request) { 0 }, &response), 0);
	vane_test_response_field(&response, "Set-Cookie", 0, text, sizeof(text));
	rc = response.status == 200 ? 0 : -EINVAL;
	age = rc == 0 ? strstr(text, "Max-Age=") : NULL;
	((struct vane_cookie *) in_force)->max_age_sec =
		age != NULL ? strtoll(age + strlen("Max-Age="), NULL, 10) : 0;
	vane_test_response_fini(&response);
	vane_app_free(made);
	return rc;
}

/* A backend of any kind: they have the same limits. */
static int make_limits(const void *given, void *in_force)
{
	const struct vane_fastcgi_backend_opts opts = { .upstream = "127.0.0.1:1",
		.limits = *(const struct vane_backend_limits *) given };
	struct vane_backend *backend = NULL;
	int rc = vane_fastcgi_backend_new(&backend, &opts);

	if (rc == 0)
		*(struct vane_backend_limits *) in_force = backend->limits;
	vane_backend_free(backend);
	return rc;
}

static int make_cgi(const void *given, void *in_force)
{
	struct vane_cgi_backend_opts opts = *(const struct vane_cgi_backend_opts *) given;
	struct vane_backend *backend = NULL;
	const struct vane__cgi_backend *cgi;
	int rc;

	opts.scripts.root = "/";
	rc = vane_cgi_backend_new(&backend, &opts);
	if (rc < 0)
		return rc;
	cgi = CONTAINER_OF(backend, struct vane__cgi_backend, backend);
	opts.cpu_sec = cgi->cpu_sec;
	opts.memory_bytes = cgi->memory_bytes;
	opts.kill_msec = cgi->kill_msec;
	*(struct vane_cgi_backend_opts *) in_force = opts;
	vane_backend_free(backend);
	return rc;
}

static int make_upstream(const void *given, void *in_force)
{
	struct vane_fastcgi_backend_opts opts =
		*(const struct vane_fastcgi_backend_opts *) given;
	struct vane_backend *backend = NULL;
	const struct vane__upstream *upstream;
	int rc;

	opts.upstream = "127.0.0.1:1";
	rc = vane_scgi_backend_new(&backend, &opts);
	if (rc < 0)
		return rc;
	upstream = &CONTAINER_OF(backend, struct vane__app_backend, backend)->upstream;
	opts.connect_msec = upstream->peer_opts.connect_msec;
	opts.max_fails = upstream->max_fails;
	opts.fail_msec = upstream->fail_msec;
	opts.max_idle = upstream->peer_opts.max_idle;
	opts.keep_msec = upstream->peer_opts.keep_msec;
	*(struct vane_fastcgi_backend_opts *) in_force = opts;
	vane_backend_free(backend);
	return rc;
}

static int make_spawn(const void *given, void *in_force)
{
	static const char *const argv[] = { "/bin/true", NULL };
	struct vane_spawn_opts opts = *(const struct vane_spawn_opts *) given;
	struct vane_backend *backend = NULL;
	const struct vane__program *program;
	int rc;

	opts.argv = argv;
	rc = vane_fastcgi_backend_new(
		&backend, &(struct vane_fastcgi_backend_opts) { .spawn = &opts });
	if (rc < 0)
		return rc;
	program = &CONTAINER_OF(backend, struct vane__app_backend, backend)->program;
	opts.min_instances = program->min;
	opts.max_instances = program->max;
	opts.idle_msec = program->idle_msec;
	opts.max_requests = program->max_requests;
	opts.kill_msec = program->kill_msec;
	*(struct vane_spawn_opts *) in_force = opts;
	vane_backend_free(backend);
	return rc;
}

#ifdef VANE_WITH_FASTCGI
static int make_ported(const void *given, void *in_force)
{
	struct vane_fcgx_program program = *(const struct vane_fcgx_program *) given;
	int rc = vane__ported_fill(&program);

	*(struct vane_fcgx_program *) in_force = program;
	return rc;
}
#endif

/* A member: its default, and what no limit is where that is not VANE__UNLIMITED. */
struct row {
	const char *name; /* "vane_app_opts.max_args" */
	make_fn make;
	size_t size, at;
	int64_t otherwise, none;
};

#define ROW(type, member, make, ...)                                                       \
	{ #type "." #member, make, sizeof(struct type), offsetof(struct type, member),     \
		__VA_ARGS__ }
#define NONE                 VANE__UNLIMITED
#define APP(member, ...)     ROW(vane_app_opts, member, make_app, __VA_ARGS__, NONE)
#define SERVER(member, ...)  ROW(vane_server_opts, member, make_server, __VA_ARGS__)
#define FASTCGI(member, ...) ROW(vane_fastcgi_opts, member, make_fastcgi, __VA_ARGS__)
#define SCGI(member, ...)    ROW(vane_scgi_opts, member, make_scgi, __VA_ARGS__)
#define PROCESS(member, ...) ROW(vane_process_opts, member, make_process, __VA_ARGS__, NONE)
#define LOG_FILE(member, ...)                                                              \
	ROW(vane_log_file_opts, member, make_log_file, __VA_ARGS__, NONE)
#define LIMITS(member, ...) ROW(vane_backend_limits, member, make_limits, __VA_ARGS__, NONE)
#define CGI(member, ...)    ROW(vane_cgi_backend_opts, member, make_cgi, __VA_ARGS__, NONE)
#define SPAWN(member, ...)  ROW(vane_spawn_opts, member, make_spawn, __VA_ARGS__)
#define PORTED(member, ...) ROW(vane_fcgx_program, member, make_ported, __VA_ARGS__, NONE)
#define UPSTREAM(member, ...)                                                              \
	ROW(vane_fastcgi_backend_opts, member, make_upstream, __VA_ARGS__, NONE)

static const struct row rows[] = {
	LOG_FILE(max_bytes, 100 << 20),
	LOG_FILE(max_backups, 10),
	APP(max_body_bytes, 100 << 20),
	APP(body_memory_bytes, 256 << 10),
	APP(max_body_total_bytes, 1 << 30),
	APP(max_form_bytes, 1 << 20),
	APP(max_memory_bytes, 5 << 20),
	APP(max_args, 1000),
	APP(max_parts, 1000),
	ROW(vane_handler, max_body, make_handler, 99, NONE),
	SERVER(max_header_bytes, 64 << 10, 1 << 30),
	SERVER(max_fields, 256, NONE),
	SERVER(max_connections, NONE, NONE),
	SERVER(max_per_address, NONE, NONE),
	SERVER(header_msec, 60000, NONE),
	SERVER(body_msec, 60000, NONE),
	SERVER(min_rate, 500, 0),
	SERVER(write_msec, 60000, NONE),
	SERVER(idle_msec, 3600000, NONE),
	SERVER(grace_msec, 500, NONE),
	FASTCGI(request_msec, 10000, NONE),
	FASTCGI(min_rate, 500, 0),
	FASTCGI(write_msec, 60000, NONE),
	FASTCGI(max_params_bytes, 64 << 10, NONE),
	FASTCGI(max_params, 512, NONE),
	FASTCGI(max_connections, 10000, NONE),
	FASTCGI(grace_msec, 500, NONE),
	SCGI(request_msec, 10000, NONE),
	SCGI(min_rate, 500, 0),
	SCGI(write_msec, 60000, NONE),
	SCGI(max_head_bytes, 64 << 10, NONE),
	SCGI(max_vars, 512, NONE),
	SCGI(max_connections, 10000, NONE),
	SCGI(grace_msec, 500, NONE),
	PROCESS(max_restarts, 100),
	PROCESS(restart_window_msec, 600000),
	PROCESS(drain_msec, 10000),
	ROW(vane_static_opts, max_age_sec, make_static, 0, 365 * DAY_SEC),
	ROW(vane_cookie, max_age_sec, make_cookie, 0, 400 * DAY_SEC),
	LIMITS(head_msec, 60000),
	LIMITS(idle_msec, 60000),
	LIMITS(total_msec, NONE),
	LIMITS(max_head_bytes, 64 << 10),
	LIMITS(max_output_bytes, NONE),
	LIMITS(max_error_bytes, 64 << 10),
	LIMITS(max_active, 64),
	LIMITS(max_queue, 256),
	LIMITS(queue_msec, 10000),
	LIMITS(max_spool_bytes, 64 << 20),
	LIMITS(max_spool_total, 1 << 30),
	CGI(cpu_sec, NONE),
	CGI(memory_bytes, NONE),
	CGI(kill_msec, 5000),
	SPAWN(min_instances, 0, 0),
	SPAWN(max_instances, 4, INT_MAX),
	SPAWN(idle_msec, 60000, NONE),
	SPAWN(max_requests, NONE, NONE),
	SPAWN(kill_msec, 5000, NONE),
	UPSTREAM(connect_msec, 5000),
	UPSTREAM(max_fails, 1),
	UPSTREAM(fail_msec, 10000),
	UPSTREAM(max_idle, 0),
	UPSTREAM(keep_msec, 10000),
#ifdef VANE_WITH_FASTCGI
	PORTED(max_error_bytes, 64 << 10),
	PORTED(max_spool_bytes, 1 << 30),
#endif
};

/* Of filters, whose tests see what is in force (tests/web/test_filter_*): what they start with. */
static const struct started {
	const char *name;
	const struct vane_filter_type *type;
	size_t at;
	int none; /* what no limit comes to */
} started[] = {
#define STARTED(filter, member, none)                                                      \
	{ "vane_" #filter "_opts." #member, &vane_##filter##_filter,                       \
		offsetof(struct vane_##filter##_opts, member), none }
	STARTED(cors, max_age_sec, 0),
#ifdef VANE_WITH_ZLIB
	STARTED(compress, min_bytes, 0),
	STARTED(compress, max_streams, 0),
#endif
	STARTED(rate_limit, max_requests, 0),
	STARTED(rate_limit, interval_msec, -EINVAL),
	STARTED(rate_limit, max_addresses, -EINVAL),
};

/* Members of other kinds whose names look as if they were limits. */
static const char *const others[] = {
	"vane_file.modified_sec", /* a time of day */
#ifndef VANE_WITH_ZLIB
	"vane_compress_opts.min_bytes",
	"vane_compress_opts.max_streams",
#endif
#ifndef VANE_WITH_FASTCGI
	"vane_fcgx_program.max_error_bytes",
	"vane_fcgx_program.max_spool_bytes",
#endif
};

/* Room for any of the structs. */
union any {
	char bytes[1024];
	int64_t aligned;
	void *pointer;
};

static int make(const struct row *row, int64_t value, int64_t *in_force)
{
	union any given = { { 0 } }, made = { { 0 } };
	int rc;

	assert_true(row->size <= sizeof(given));
	memcpy(given.bytes + row->at, &value, sizeof(value));
	logged[0] = '\0';
	rc = row->make(given.bytes, made.bytes);
	memcpy(in_force, made.bytes + row->at, sizeof(*in_force));
	return rc;
}

static void expect(const struct row *row, int64_t value, int64_t want)
{
	int64_t in_force = -77;
	int rc = make(row, value, &in_force);

	/* where a size_t is smaller */
	if (want == VANE__UNLIMITED && in_force == (int64_t) SIZE_MAX)
		in_force = want;
	if (rc != 0 || in_force != want)
		fail_msg("%s = %lld: %d, %lld in force, not %lld", row->name,
			(long long) value, rc, (long long) in_force, (long long) want);
}

static void expect_refusal(const struct row *row, int64_t value)
{
	const char *member = strchr(row->name, '.') + 1;
	int64_t in_force;
	int rc = make(row, value, &in_force);

	if (rc != -EINVAL || strstr(logged, member) == NULL ||
		strstr(logged, "below 0") == NULL)
		fail_msg("%s = %lld: %d, and it says \"%s\"", row->name, (long long) value,
			rc, logged);
}

static void each_member_follows_the_rule(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		expect(&rows[i], 0, rows[i].otherwise);
		expect(&rows[i], SOME, SOME);
		expect(&rows[i], VANE_NO_LIMIT, rows[i].none);
		expect_refusal(&rows[i], -2);
		expect_refusal(&rows[i], INT64_MIN);
	}
}

static int start(const struct started *row, int64_t value)
{
	union any given = { { 0 } };
	void *data = NULL;
	int rc;

	memcpy(given.bytes + row->at, &value, sizeof(value));
	logged[0] = '\0';
	rc = row->type->start(given.bytes, &data);
	if (rc == 0 && row->type->stop != NULL)
		row->type->stop(data);
	return rc;
}

static void so_does_each_member_of_a_filter(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(started); i++) {
		assert_int_equal(start(&started[i], 0), 0);
		assert_int_equal(start(&started[i], SOME), 0);
		assert_int_equal(start(&started[i], VANE_NO_LIMIT), started[i].none);
		assert_int_equal(start(&started[i], -2), -EINVAL);
		assert_non_null(strstr(logged, started[i].name));
		assert_int_equal(start(&started[i], INT64_MIN), -EINVAL);
	}
}

/* An int, as listen() takes it. */
static void so_does_the_backlog(void **state)
{
	logged[0] = '\0';
	assert_int_equal(vane__backlog(0), 1024);
	assert_int_equal(vane__backlog(SOME), SOME);
	assert_int_equal(vane__backlog(VANE_NO_LIMIT), INT_MAX);
	assert_string_equal(logged, "");
	assert_int_equal(vane__backlog(-2), -EINVAL);
	assert_non_null(strstr(logged, "backlog: -2 is below 0"));
}

static void drains_take_no_other_times_below_zero(void **state)
{
	struct vane_server *server = NULL;

	assert_int_equal(vane_server_new(&server, app, loop, NULL), 0);
	assert_int_equal(vane_server_drain(server, -2, NULL, NULL), -EINVAL);
	assert_int_equal(vane_server_drain(server, VANE_NO_LIMIT, NULL, NULL), 0);
	vane_server_free(server);
}

/* ---- the headers ---- */

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static bool looks_like_a_limit(const char *member)
{
	return strncmp(member, "max_", 4) == 0 || strncmp(member, "min_", 4) == 0 ||
	       ends_in(member, "_msec") || ends_in(member, "_sec") ||
	       ends_in(member, "_bytes");
}

static bool is_known(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return true;
	for (i = 0; i < ARRAY_SIZE(started); i++)
		if (strcmp(started[i].name, name) == 0)
			return true;
	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (strcmp(others[i], name) == 0)
			return true;
	return false;
}

/* One declaration of a member: "int64_t max_args, max_parts". */
static size_t check_members(const char *type, char *text)
{
	size_t found = 0;
	char *word, *rest, name[128];
	bool wide = strncmp(text, "int64_t ", 8) == 0;

	for (word = strtok_r(text, " ,*\t\n", &rest); word != NULL;
		word = strtok_r(NULL, " ,*\t\n", &rest)) {
		if (!looks_like_a_limit(word))
			continue;
		snprintf(name, sizeof(name), "%s.%s", type, word);
		if (!is_known(name))
			fail_msg("%s is in no table of tests/limits.c", name);
		if (!wide)
			fail_msg("%s is no int64_t", name);
		found++;
	}
	return found;
}

/* Without comments and preprocessor lines. */
static void strip(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (strncmp(text, "/*", 2) == 0) {
			text = strstr(text, "*/");
			assert_non_null(text);
			text += 2;
		} else if (*text == '#') {
			text += strcspn(text, "\n");
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* All members of "struct NAME { ... };", functions among them left out. */
static size_t check_struct(const char *type, char *body)
{
	char *member, *rest;
	size_t found = 0;

	for (member = strtok_r(body, ";", &rest); member != NULL;
		member = strtok_r(NULL, ";", &rest)) {
		member += strspn(member, " \t\n");
		if (strchr(member, '(') == NULL)
			found += check_members(type, member);
	}
	return found;
}

static size_t check_header(const char *path)
{
	static char text[64 * 1024];
	FILE *file = fopen(path, "r");
	char *at = text, *end, type[64];
	size_t found = 0;

	if (file == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	strip(text);
	while ((at = strstr(at, "\nstruct ")) != NULL) {
		at += strlen("\nstruct ");
		if (sscanf(at, "%63[a-z0-9_] {", type) != 1 || at[strlen(type)] != ' ' ||
			at[strlen(type) + 1] != '{')
			continue;
		end = strstr(at, "\n};");
		assert_non_null(end);
		*end = '\0';
		found += check_struct(type, strchr(at, '{') + 1);
		at = end + 1;
	}
	return found;
}

static void no_limit_of_a_header_is_forgotten(void **state)
{
	static const char *const folders[] = { "lib", "adapters", "gateway" };
	const char *srcdir = getenv("srcdir");
	char pattern[512];
	size_t i, k, found = 0;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		glob_t headers;

		snprintf(pattern, sizeof(pattern), "%s/%s/include/vane/*.h",
			srcdir != NULL ? srcdir : ".", folders[i]);
		assert_int_equal(glob(pattern, 0, NULL, &headers), 0);
		for (k = 0; k < headers.gl_pathc; k++)
			found += check_header(headers.gl_pathv[k]);
		globfree(&headers);
	}
	assert_true(found >= ARRAY_SIZE(rows)); /* so they are read */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_member_follows_the_rule),
		cmocka_unit_test(so_does_each_member_of_a_filter),
		cmocka_unit_test(so_does_the_backlog),
		cmocka_unit_test(drains_take_no_other_times_below_zero),
		cmocka_unit_test(no_limit_of_a_header_is_forgotten),
	};
	static const struct vane_route none[] = { { 0 } };
	int failed = 1;

	vane_log_set_function(keep_line, NULL);
	if (vane_loop_new(&loop) == 0 && vane_app_new(&app, none, NULL) == 0)
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	vane_app_free(app);
	vane_loop_free(loop);
	return failed;
}
