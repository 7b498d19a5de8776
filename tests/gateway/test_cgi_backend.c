/* SPDX-License-Identifier: MIT */
/*
 * test_cgi_backend.c - gateway/cgi.c and gateway/cgi_run.c
 *
 * A native server in this process and clients of it; the script is tests/fixtures/actor,
 * which does what the query says.  When a test is over no descriptor and no process is
 * left.
 */
#include "config.h"

#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/gateway.h>
#include <vane/log.h>

#include "gateway/cgi.h"
#include "base.h"
#include "support/probe.h"
#include "support/site.h"
#include "support/tmp.h"
#include "support/vfork.h"

#define PATIENCE_MSEC 20000

static struct tmp tmp;
static char root[TMP_PATH_MAX];

struct scene {
	struct site site;
	struct vane_route routes[2];
	struct vane_backend *host;
	bool late;
};

static void begin(struct scene *scene, const struct vane_cgi_backend_opts *given)
{
	struct vane_cgi_backend_opts opts = *given;
	int descriptors = site_descriptors();

	if (opts.scripts.root == NULL && opts.scripts.script == NULL)
		opts.scripts.root = root;
	if (opts.kill_msec == 0)
		opts.kill_msec = PATIENCE_MSEC;
	scene->late = false;
	assert_int_equal(vane_cgi_backend_new(&scene->host, &opts), 0);
	scene->routes[0] = (struct vane_route) { "/{path:.*}", &vane_backend_handler,
		.data = scene->host };
	scene->routes[1] = (struct vane_route) { 0 };
	site_init(&scene->site, scene->routes, NULL, NULL);
	scene->site.descriptors = descriptors;
}

#define BEGIN(scene, ...) begin((scene), &(struct vane_cgi_backend_opts) { __VA_ARGS__ })

static void on_late(void *data)
{
	((struct scene *) data)->late = true;
}

static struct vane__cgi_backend *cgi_of(struct vane_backend *host)
{
	return CONTAINER_OF(host, struct vane__cgi_backend, backend);
}

/* Whether any child has not been reaped. */
static bool is_any_left(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Scripts that have ended were reaped.  They lead their groups; who does not is a grandchild. */
static void expect_reaped(void)
{
	siginfo_t info = { .si_pid = 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info.si_pid != 0) {
		assert_int_not_equal(getpgid(info.si_pid), info.si_pid);
		waitpid(info.si_pid, NULL, 0);
		info.si_pid = 0;
	}
}

/* Turn the loop until no script runs any more. */
static void await_rest(struct scene *scene)
{
	struct vane_timer *timer;

	assert_int_equal(vane_loop_call_later(
				 scene->site.loop, PATIENCE_MSEC, on_late, scene, &timer),
		0);
	while (!list_empty(&cgi_of(scene->host)->runs)) {
		vane_loop_turn(scene->site.loop, true);
		assert_false(scene->late);
	}
	vane_timer_cancel(timer);
	assert_int_equal(cgi_of(scene->host)->limiter.active, 0);
	expect_reaped();
}

/* Nobody at all is left; grandchildren come to us, as we are a subreaper. */
static void await_silence(void)
{
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_int_equal(errno, ECHILD);
}

static void finish(struct scene *scene)
{
	await_rest(scene);
	vane_server_close_all_connections(scene->site.server);
	vane_backend_free(scene->host);
	site_fini(&scene->site);
	await_silence();
}

/* Ask without waiting for an answer. */
static void ask(struct scene *scene, struct client *client, const char *target)
{
	char text[512];

	client_init(client, &scene->site);
	snprintf(text, sizeof(text),
		"GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", target);
	client_puts(client, text);
}

/* Ask, and have the whole answer in client->in. */
static void get(struct scene *scene, struct client *client, const char *target)
{
	ask(scene, client, target);
	client_await_close(client);
}

static int status_of(const struct client *client)
{
	assert_int_equal(strncmp(client->in, "HTTP/1.1 ", 9), 0);
	return (int) strtol(client->in + 9, NULL, 10);
}

/* The body of an answer: as it is, or chunked; NULL if it was cut. */
static char *body_of(const struct client *client)
{
	const char *end = strstr(client->in, "\r\n\r\n");

	assert_non_null(end);
	if (strstr(client->in, "Transfer-Encoding: chunked") != NULL)
		return client_dechunk(client);
	return strdup(end + 4);
}

static void expect_body(const struct client *client, const char *wanted)
{
	char *body = body_of(client);

	assert_non_null(body);
	assert_string_equal(body, wanted);
	free(body);
}

static void expect_log(struct scene *scene, const char *text, bool wanted)
{
	if ((strstr(scene->site.log, text) != NULL) != wanted)
		fail_msg("%s \"%s\" in the log: %s", wanted ? "no" : "", text,
			scene->site.log);
}

static void a_script_gets_what_it_should(void **state)
{
	static const struct {
		const char *target, *body;
	} rows[] = {
		{ "/actor.cgi?head&say:hello", "hello" },
		{ "/actor.cgi?head", "" },
		{ "/actor.cgi?head&fds&read&signals", "fd 0\nfd 1\nfd 2\nread 0\n" },
		{ "/actor.cgi/a%20b?head&env:PATH_INFO&env:SCRIPT_NAME&env:REQUEST_METHOD",
			"PATH_INFO=/a b\nSCRIPT_NAME=/actor.cgi\nREQUEST_METHOD=GET\n" },
		{ "/actor.cgi?head&env:HOME&env:GATEWAY_INTERFACE",
			"HOME=(none)\nGATEWAY_INTERFACE=CGI/1.1\n" },
		{ "/actor.cgi?head&env:EXTRA&env:SERVER_SOFTWARE",
			"EXTRA=1\nSERVER_SOFTWARE=mine\n" },
	};
	static const char *const env[] = { "EXTRA=1", "SERVER_SOFTWARE=mine", NULL };
	struct scene scene;
	size_t i;

	signal(SIGPIPE, SIG_IGN); /* which is no business of the script's */
	BEGIN(&scene, .env = env);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct client client;

		get(&scene, &client, rows[i].target);
		assert_int_equal(status_of(&client), 200);
		expect_body(&client, rows[i].body);
		client_fini(&client);
	}
	assert_string_equal(scene.site.log, "");
	finish(&scene);
	signal(SIGPIPE, SIG_DFL);
}

static void it_runs_in_its_folder(void **state)
{
	struct scene scene;
	struct client client;
	char wanted[512];

	BEGIN(&scene, .cpu_sec = 30, .memory_bytes = 1 << 28);
	get(&scene, &client, "/sub/actor.cgi?head&cwd&args&limits");
	snprintf(wanted, sizeof(wanted), "%s/sub\n%s/sub/actor.cgi\ncpu 30\nmemory %d\n",
		root, root, 1 << 28);
	expect_body(&client, wanted);
	client_fini(&client);
	finish(&scene);
}

static void a_program_may_run_the_scripts(void **state)
{
	struct scene scene;
	struct client client;
	char wanted[512];

	BEGIN(&scene, .interpreter = "tests/fixtures/actor", .scripts.suffixes = ".page",
		.scripts.root = root);
	get(&scene, &client, "/sub/x.page/more?head&env:SCRIPT_FILENAME&cwd");
	snprintf(wanted, sizeof(wanted), "SCRIPT_FILENAME=%s/sub/x.page\n%s/sub\n", root,
		root);
	expect_body(&client, wanted);
	client_fini(&client);
	get(&scene, &client, "/actor.cgi?head");
	assert_int_equal(status_of(&client), 404);
	client_fini(&client);
	finish(&scene);
}

/* Without a name it would take what the client has sent for the script. */
static void an_interpreter_is_told_the_script_and_not_given_the_body(void **state)
{
	static const char post[] = "POST /sub/say.page?-x HTTP/1.1\r\nHost: x\r\n"
				   "Connection: close\r\nContent-Length: 36\r\n\r\n"
				   "echo Content-Type: x/y; echo; echo b";
	struct scene scene;
	struct client client;
	char wanted[512];

	BEGIN(&scene, .interpreter = "/bin/sh", .scripts.suffixes = ".page");
	client_init(&client, &scene.site);
	client_puts(&client, post);
	client_await_close(&client);
	snprintf(wanted, sizeof(wanted), "%s/sub/say.page, 0\n", root);
	expect_body(&client, wanted);
	client_fini(&client);
	finish(&scene);
}

/* The steps of actor.c may be arguments. */
static void words_of_a_query_are_arguments_only_if_asked_for(void **state)
{
	static const struct {
		bool isindex;
		const char *target;
		int status;
		const char *body;
	} rows[] = {
		{ false, "/actor.cgi?head+args", 502,
			NULL }, /* one step of no known name */
		{ true, "/actor.cgi?head+say:a%2Bb+say:%26", 200, "a+b&" },
		{ true, "/actor.cgi?head+say:a%00b", 502, NULL }, /* cannot be one */
		{ true, "/actor.cgi?head+say:a%2", 502, NULL },
		{ true, "/actor.cgi?head&say:a=b", 200, "a=b" }, /* a query */
		{ true, "/actor.cgi", 502, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene;
		struct client client;

		BEGIN(&scene, .isindex = rows[i].isindex);
		get(&scene, &client, rows[i].target);
		assert_int_equal(status_of(&client), rows[i].status);
		if (rows[i].body != NULL)
			expect_body(&client, rows[i].body);
		client_fini(&client);
		finish(&scene);
	}
}

/* More than pipes and buffers hold, to and fro. */
static void bodies_go_through(void **state)
{
	const size_t len = 3 << 20;
	char *sent = malloc(len + 1), *got, head[200];
	struct scene scene;
	struct client client;
	size_t i;

	for (i = 0; i < len; i++)
		sent[i] = (char) ('a' + i * 7 % 26);
	sent[len] = '\0';
	BEGIN(&scene, .scripts.index = NULL);
	client_init(&client, &scene.site);
	snprintf(head, sizeof(head),
		"POST /actor.cgi?head&copy HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
		"Content-Length: %zu\r\n\r\n",
		len);
	client_puts(&client, head);
	for (i = 0; i < len; i += 65536)
		client_send(&client, sent + i, len - i < 65536 ? len - i : 65536);
	client_await_close(&client);
	got = body_of(&client);
	assert_non_null(got);
	assert_string_equal(got, sent);
	client_fini(&client);
	finish(&scene);
	free(sent);
	free(got);
}

static void a_chunked_body_has_a_length_for_it(void **state)
{
	struct scene scene;
	struct client client;

	BEGIN(&scene, .isindex = false);
	client_init(&client, &scene.site);
	client_puts(&client,
		"POST /actor.cgi?head&env:CONTENT_LENGTH&copy HTTP/1.1\r\nHost: h\r\n"
		"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
	client_await_close(&client);
	expect_body(&client, "CONTENT_LENGTH=5\nabcde");
	client_fini(&client);
	finish(&scene);
}

static void a_script_may_leave_its_input_alone(void **state)
{
	static const char *const targets[] = { "/actor.cgi?head&say:done",
		"/actor.cgi?close:0&head&wait:20&say:done",
		"/actor.cgi?head&read:1000&say:done" };
	size_t i, sent;

	signal(SIGPIPE, SIG_DFL); /* which must not hit us */
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		static char zeros[65536];
		struct scene scene;
		struct client client;
		char text[256];

		BEGIN(&scene, .stream = true);
		client_init(&client, &scene.site);
		snprintf(text, sizeof(text),
			"POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n",
			targets[i]);
		client_puts(&client, text);
		for (sent = 0; sent < 1000000; sent += sizeof(zeros))
			client_send(&client, zeros, sizeof(zeros));
		client_await(&client, "done");
		assert_int_equal(status_of(&client), 200);
		expect_log(&scene, "cgi", false);
		client_fini(&client);
		finish(&scene);
	}
}

/* How a script ends, and what its client sees: a status, and a body or a cut connection. */
static void an_end_has_an_answer(void **state)
{
	static const struct {
		const char *steps;
		int status;
		const char *body; /* NULL: of our own making; "cut" */
		const char *log;  /* NULL: nothing */
	} rows[] = {
		{ "head&say:x", 200, "x", NULL },
		{ "head&say:x&exit:3", 200, "x", "exited with status 3" },
		{ "exit:3", 502, NULL, "exited with status 3" },
		{ "kill:11", 502, NULL, "killed by signal 11" },
		{ "head&say:x&wait:50&kill:11", 200, "cut", "killed by signal 11" },
		{ "say:", 502, NULL, "cgi" },
		{ "say:nonsense", 502, NULL, "cgi" },
		{ "say:A:_b", 502, NULL, "cgi" },
		{ "close:1", 502, NULL, "cgi" },
		{ "say:Status:_404_No~~no", 404, "no", NULL },
		{ "say:Location:_http://x/~~", 302, "", NULL },
		{ "say:Location:_/sub/actor.cgi?head^say:there~~", 200, "there", NULL },
		{ "say:Content-Length:_3~~ab&wait:50", 200, "cut", "cgi" },
		{ "say:Status:_304~Content-Length:_3~~&wait:50", 304, "", NULL },
		{ "say:Status:_204~Content-Length:_3~~abc", 204, "", NULL },
		{ "err:one~two~&head&say:x&err:three", 200, "x", "three" },
		{ "head&say:x&close:1&err:still~&say:y", 200, "x", NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene;
		struct client client;
		char target[256];
		char *body;

		BEGIN(&scene, .isindex = false);
		snprintf(target, sizeof(target), "/actor.cgi?%s", rows[i].steps);
		get(&scene, &client, target);
		if (status_of(&client) != rows[i].status)
			fail_msg("%s: %s", rows[i].steps, client.in);
		body = body_of(&client);
		if (rows[i].body != NULL && strcmp(rows[i].body, "cut") == 0)
			assert_true(body == NULL || strstr(client.in, "Content-Length: 3"));
		else if (rows[i].body != NULL)
			expect_body(&client, rows[i].body);
		free(body);
		client_fini(&client);
		await_rest(&scene);
		if (rows[i].log == NULL)
			expect_log(&scene, "cgi", strstr(rows[i].steps, "close:1") != NULL);
		else
			expect_log(&scene, rows[i].log, true);
		finish(&scene);
	}
}

static void what_cannot_be_started_is_said(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *log;
	} rows[] = {
		{ "/nothing.cgi", 404, NULL },
		{ "/sub/x.page", 403, "/sub/x.page: it is not executable (GET)" },
		{ "/nowhere.cgi", 500,
			"cannot be started: No such file or directory (what its #! line" },
		{ "/empty.cgi", 500,
			"cannot be started: Exec format error (it has no #! line)" },
	};
	struct scene scene;
	size_t i;

	if (!vfork_shares_memory())
		skip();
	BEGIN(&scene, .isindex = false);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct client client;

		get(&scene, &client, rows[i].target);
		assert_int_equal(status_of(&client), rows[i].status);
		if (rows[i].log != NULL)
			expect_log(&scene, rows[i].log, true);
		client_fini(&client);
	}
	finish(&scene);
}

static void a_head_of_its_own_is_passed_on(void **state)
{
	struct scene scene;
	struct client client;

	BEGIN(&scene, .isindex = false);
	get(&scene, &client, "/nph-actor.cgi?say:HTTP/1.1_299_Fine~X:_y~~body");
	assert_string_equal(client.in, "HTTP/1.1 299 Fine\nX: y\n\nbody");
	client_fini(&client);
	finish(&scene);
}

/* Scripts that hang in many ways, with grandchildren, deaf to TERM: all end in time. */
static const char *const hangers[] = {
	"/actor.cgi?err:ready~&hang",
	"/actor.cgi?ignore:15&err:ready~&hang",
	"/actor.cgi?head&say:x&err:ready~&hang",
	"/actor.cgi?fork:0&ignore:15&err:ready~&hang",
	"/actor.cgi?head&fork:3&ignore:15&err:ready~&hang&exit:0",
	"/actor.cgi?head&fork:2&err:ready~&hang&hang",
};

/* As Apache and lighttpd have it: a path of the file system, or one from the directory on. */
static void a_file_may_be_named_by_its_whole_path(void **state)
{
	static const struct {
		const char *field, *before, *name;
		int status;
	} rows[] = {
		{ "X-Sendfile", "", "/files/a.txt", 200 },
		{ "X-Sendfile", NULL, "/files/a.txt", 200 },
		{ "X-Sendfile", NULL, "/files/missing.txt", 404 },
		{ "X-Sendfile", NULL, "x/files/a.txt", 404 },
		{ "X-Sendfile", NULL, "/../secret.txt", 404 },
		{ "X-Sendfile", "/etc", "/passwd", 404 },
		{ "X-Accel-Redirect", "", "/files/a.txt", 200 },
		{ "X-Accel-Redirect", NULL, "/files/a.txt", 404 },
	};
	char www[TMP_PATH_MAX], slashed[TMP_PATH_MAX + 1], target[TMP_PATH_MAX + 64];
	struct scene scene;
	struct client client;
	size_t i;

	(void) state;
	tmp_mkdir(&tmp, "www");
	tmp_mkdir(&tmp, "www/files");
	assert_int_equal(tmp_write(&tmp, "www/files/a.txt", "a file", NULL), 0);
	assert_int_equal(tmp_write(&tmp, "secret.txt", "a secret", NULL), 0);
	tmp_path(&tmp, www, "www");
	snprintf(slashed, sizeof(slashed), "%s/", www);
	BEGIN(&scene, .sendfile_root = slashed);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(target, sizeof(target), "/actor.cgi?say:%s:%s%s~~", rows[i].field,
			rows[i].before != NULL ? rows[i].before : www, rows[i].name);
		get(&scene, &client, target);
		if (status_of(&client) != rows[i].status)
			fail_msg("%s: %s", target, client.in);
		if (rows[i].status == 200)
			expect_body(&client, "a file");
		client_fini(&client);
	}
	finish(&scene);
}

static void await_log(struct scene *scene, const char *text)
{
	struct vane_timer *timer;

	assert_int_equal(vane_loop_call_later(
				 scene->site.loop, PATIENCE_MSEC, on_late, scene, &timer),
		0);
	while (strstr(scene->site.log, text) == NULL) {
		vane_loop_turn(scene->site.loop, true);
		assert_false(scene->late);
	}
	vane_timer_cancel(timer);
}

static void hanging_scripts_end_when_time_is_up(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hangers); i++) {
		struct scene scene;
		struct client client;

		BEGIN(&scene, .kill_msec = 30, .limits.head_msec = 100,
			.limits.idle_msec = 100);
		get(&scene, &client, hangers[i]);
		if (strstr(hangers[i], "head") == NULL)
			assert_int_equal(status_of(&client), 504);
		client_fini(&client);
		finish(&scene);
	}
}

static void they_end_when_the_client_leaves(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hangers); i++) {
		struct scene scene;
		struct client client;

		BEGIN(&scene, .kill_msec = 30);
		ask(&scene, &client, hangers[i]);
		await_log(&scene, "ready");
		client_fini(&client);
		finish(&scene);
	}
}

/* Its body is for nobody, so that no client is too slow for it, and none is missed. */
static void a_flood_of_what_is_dropped_ends(void **state)
{
	static const char *const requests[] = {
		"HEAD /actor.cgi?head&fill:999999999999 HTTP/1.1\r\n",
		"GET /actor.cgi?say:Content-Length:_1~~&fill:999999999999 HTTP/1.1\r\n",
		"GET /actor.cgi?say:Status:_304~~&fill:999999999999 HTTP/1.1\r\n",
		"GET /actor.cgi?say:Location:_/x~~&fill:999999999999 HTTP/1.1\r\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		struct scene scene;
		struct client client;

		BEGIN(&scene, .limits.idle_msec = 200);
		client_init(&client, &scene.site);
		client_puts(&client, requests[i]);
		client_puts(&client, "Host: h\r\n\r\n");
		await_log(&scene, "does not go on");
		client_fini(&client);
		finish(&scene);
	}
}

/* When its output is at its end already, and it stays for longer than that is waited for. */
static void the_client_may_leave_between_output_and_end(void **state)
{
	struct scene scene;
	struct client client;

	BEGIN(&scene, .kill_msec = 300);
	ask(&scene, &client, "/actor.cgi?ignore:15&head&say:x&close:1&err:ready~&hang");
	await_log(&scene, "ready");
	client_fini(&client);
	finish(&scene);
}

static void they_end_with_the_server(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hangers); i++) {
		struct scene scene;
		struct client client;

		BEGIN(&scene, .kill_msec = PATIENCE_MSEC);
		ask(&scene, &client, hangers[i]);
		await_log(&scene, "ready");
		vane_server_free(scene.site.server);
		scene.site.server = NULL;
		vane_backend_free(scene.host);
		client_fini(&client);
		site_fini(&scene.site);
		await_silence();
	}
}

static void a_grandchild_may_finish_the_response(void **state)
{
	struct scene scene;
	struct client client;

	BEGIN(&scene, .isindex = false);
	get(&scene, &client, "/actor.cgi?head&say:a&fork:3&wait:300&say:b&exit:0");
	assert_int_equal(status_of(&client), 200);
	expect_body(&client, "ab");
	client_fini(&client);
	finish(&scene);
}

/* Its response is complete when its output is at its end; it may go on for a while. */
static void a_script_may_outlive_its_response(void **state)
{
	struct scene scene;
	struct client client;

	BEGIN(&scene, .limits.idle_msec = 5000);
	get(&scene, &client, "/actor.cgi?head&say:x&close:1&fillerr:300000&hang");
	expect_body(&client, "x");
	client_fini(&client);
	assert_true(is_any_left());
	finish(&scene);
}

static void standard_error_is_logged_up_to_a_limit(void **state)
{
	struct scene scene;
	struct client client;

	BEGIN(&scene, .limits.max_error_bytes = 300);
	get(&scene, &client, "/actor.cgi?fillerr:1000000&head&say:x");
	expect_body(&client, "x");
	assert_true(strlen(scene.site.log) > 300);
	assert_true(strlen(scene.site.log) < 1500);
	client_fini(&client);
	finish(&scene);
}

static void only_so_many_run_at_a_time(void **state)
{
	struct scene scene;
	struct client clients[3];

	BEGIN(&scene, .limits.max_active = 1, .limits.max_queue = 1);
	ask(&scene, &clients[0], "/actor.cgi?err:ready~&wait:100&head&say:first");
	await_log(&scene, "ready");
	ask(&scene, &clients[1], "/actor.cgi?head&say:second");
	site_await_connections(&scene.site, 2);
	while (cgi_of(scene.host)->limiter.waiting == 0)
		site_turn(&scene.site, 1);
	get(&scene, &clients[2], "/actor.cgi?head&say:third");
	assert_int_equal(status_of(&clients[2]), 503);
	assert_non_null(strstr(clients[2].in, "Retry-After: "));
	client_await_close(&clients[0]);
	client_await_close(&clients[1]);
	expect_body(&clients[0], "first");
	expect_body(&clients[1], "second");
	client_fini(&clients[0]);
	client_fini(&clients[1]);
	client_fini(&clients[2]);
	finish(&scene);
}

static void who_waits_too_long_or_leaves_is_not_started(void **state)
{
	struct scene scene;
	struct client clients[3];

	BEGIN(&scene, .limits.max_active = 1, .limits.queue_msec = 100);
	ask(&scene, &clients[0], "/actor.cgi?head&say:x&err:ready~&hang");
	await_log(&scene, "ready");
	ask(&scene, &clients[1], "/actor.cgi?err:second~");
	while (cgi_of(scene.host)->limiter.waiting == 0)
		site_turn(&scene.site, 1);
	client_fini(&clients[1]);
	get(&scene, &clients[2], "/actor.cgi?err:third~");
	assert_int_equal(status_of(&clients[2]), 503);
	client_fini(&clients[0]);
	client_fini(&clients[2]);
	await_rest(&scene);
	expect_log(&scene, "actor.cgi: second", false);
	expect_log(&scene, "actor.cgi: third", false);
	finish(&scene);
}

/* Above what may wait for a client that does not read, it holds up the script. */
static void a_slow_client_holds_up_the_script_in_the_end(void **state)
{
	const size_t len = 32 << 20;
	struct scene scene;
	struct client client;
	char *body, target[80];

	BEGIN(&scene, .limits = { .max_spool_bytes = 1 << 20 });
	snprintf(target, sizeof(target), "/actor.cgi?head&fill:%zu&err:filled~", len);
	ask(&scene, &client, target);
	site_turn(&scene.site, 300);
	expect_log(&scene, "filled", false);
	assert_true(is_any_left());
	client_await_close(&client);
	body = body_of(&client);
	assert_non_null(body);
	assert_int_equal(strlen(body), len);
	free(body);
	client_fini(&client);
	finish(&scene);
}

static void clients_leave_at_every_stage(void **state)
{
	struct scene scene;
	int msec;

	BEGIN(&scene, .kill_msec = 50);
	for (msec = 0; msec < 40; msec++) {
		struct client client;

		ask(&scene, &client, "/actor.cgi?wait:10&head&fill:1000000&wait:10&say:x");
		site_turn(&scene.site, msec);
		client_fini(&client);
	}
	finish(&scene);
}

/* Where a mode has no loop the handler waits, and all is done the same. */
static void without_a_loop_it_waits(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *body;
	} rows[] = {
		{ "/actor.cgi?head&say:hello", 200, "hello" },
		{ "/actor.cgi?exit:3", 502, NULL },
		{ "/actor.cgi?ignore:15&hang", 504, NULL },
		{ "/actor.cgi?head&say:a&fork:3&wait:100&say:b&exit:0", 200, "ab" },
		{ "/nothing.cgi", 404, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_cgi_backend_opts opts = {
			.scripts.root = root,
			.kill_msec = 30,
			.limits.head_msec = rows[i].status == 504 ? 300 : 0,
		};
		struct vane_backend *host;
		struct probe probe;

		assert_int_equal(vane_cgi_backend_new(&host, &opts), 0);
		probe_init(&probe, &vane_backend_handler, host, NULL);
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		assert_true(list_empty(&cgi_of(host)->runs));
		await_silence();
		probe_fini(&probe);
		vane_backend_free(host);
	}
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	static const char *const bad_env[] = { "NAME", NULL };
	static const struct {
		struct vane_cgi_backend_opts opts;
		int rc;
	} rows[] = {
		{ { .isindex = true }, -EINVAL },
		{ { .scripts.root = "/nowhere" }, -ENOENT },
		{ { .scripts.root = "/", .scripts.script = "/bin/true" }, -EINVAL },
		{ { .scripts.root = "/", .env = bad_env }, -EINVAL },
		{ { .scripts.root = "/", .interpreter = "/nowhere" }, -ENOENT },
		{ { .scripts.root = "/", .interpreter = "nowhere" }, -ENOENT },
		{ { .scripts.script = "/bin/true", .sendfile_root = "/nowhere" }, -ENOENT },
	};
	int descriptors = site_descriptors();
	struct vane_backend *host;
	size_t i;

	vane_log_set_level(VANE_LOG_NONE);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane_cgi_backend_new(&host, &rows[i].opts), rows[i].rc);
	vane_log_set_level(VANE_LOG_INFO);
	vane_backend_free(NULL);
	assert_int_equal(site_descriptors(), descriptors);
}

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	snprintf(data, 512, "%s", line);
}

static void what_cannot_be_had_is_named(void **state)
{
	static const char *const bad_env[] = { "NAME", NULL };
	static const struct {
		struct vane_cgi_backend_opts opts;
		const char *line;
	} rows[] = {
		{ { .scripts.root = "/nowhere" }, "gateway: /nowhere: No such file" },
		{ { .scripts.script = "/" }, "gateway: /: Permission denied" },
		{ { .scripts = { .root = "/", .script = "/x" } },
			"gateway: \"/x\" cannot be" },
		{ { .scripts = { .root = "/", .index = "a/b" } },
			"gateway: \"a/b\" is no" },
		{ { .scripts = { .root = "/", .suffixes = "php" } },
			"gateway: \"php\" is" },
		{ { .scripts.root = "/", .env = bad_env }, "gateway: \"NAME\" is not of" },
		{ { .scripts.root = "/", .interpreter = "none" },
			"cgi: none: No such file" },
	};
	struct vane_backend *host;
	char line[512];
	size_t i;

	vane_log_set_function(keep_line, line);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(vane_cgi_backend_new(&host, &rows[i].opts) < 0);
		assert_memory_equal(line, rows[i].line, strlen(rows[i].line));
	}
	vane_log_set_function(NULL, NULL);
}

static void write_script(const char *name, const char *text, mode_t mode)
{
	char path[TMP_PATH_MAX];

	assert_int_equal(tmp_write(&tmp, name, text, NULL), 0);
	assert_int_equal(chmod(tmp_path(&tmp, path, name), mode), 0);
}

static int make_scripts(void **state)
{
	static const char *const copies[] = { "actor.cgi", "nph-actor.cgi",
		"sub/actor.cgi" };
	size_t i;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	assert_int_equal(tmp_make(&tmp), 0);
	assert_non_null(realpath(tmp.path, root));
	assert_int_equal(tmp_mkdir(&tmp, "sub"), 0);
	for (i = 0; i < ARRAY_SIZE(copies); i++)
		assert_int_equal(
			tmp_copy_program(&tmp, copies[i], "tests/fixtures/actor"), 0);
	write_script("nowhere.cgi", "#!/nowhere/at/all\n", 0755);
	write_script("empty.cgi", "", 0755);
	write_script("sub/x.page", "", 0644);
	write_script("sub/say.page", "echo Content-Type: x/y; echo; echo $0, $#\n", 0644);
	return 0;
}

static int remove_scripts(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_script_gets_what_it_should),
		cmocka_unit_test(it_runs_in_its_folder),
		cmocka_unit_test(a_program_may_run_the_scripts),
		cmocka_unit_test(an_interpreter_is_told_the_script_and_not_given_the_body),
		cmocka_unit_test(words_of_a_query_are_arguments_only_if_asked_for),
		cmocka_unit_test(bodies_go_through),
		cmocka_unit_test(a_chunked_body_has_a_length_for_it),
		cmocka_unit_test(a_script_may_leave_its_input_alone),
		cmocka_unit_test(an_end_has_an_answer),
		cmocka_unit_test(what_cannot_be_started_is_said),
		cmocka_unit_test(a_head_of_its_own_is_passed_on),
		cmocka_unit_test(a_file_may_be_named_by_its_whole_path),
		cmocka_unit_test(hanging_scripts_end_when_time_is_up),
		cmocka_unit_test(they_end_when_the_client_leaves),
		cmocka_unit_test(the_client_may_leave_between_output_and_end),
		cmocka_unit_test(a_flood_of_what_is_dropped_ends),
		cmocka_unit_test(they_end_with_the_server),
		cmocka_unit_test(a_grandchild_may_finish_the_response),
		cmocka_unit_test(a_script_may_outlive_its_response),
		cmocka_unit_test(standard_error_is_logged_up_to_a_limit),
		cmocka_unit_test(only_so_many_run_at_a_time),
		cmocka_unit_test(who_waits_too_long_or_leaves_is_not_started),
		cmocka_unit_test(a_slow_client_holds_up_the_script_in_the_end),
		cmocka_unit_test(clients_leave_at_every_stage),
		cmocka_unit_test(without_a_loop_it_waits),
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
		cmocka_unit_test(what_cannot_be_had_is_named),
	};

	return cmocka_run_group_tests(tests, make_scripts, remove_scripts);
}
