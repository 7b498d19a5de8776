/* SPDX-License-Identifier: MIT */
/*
 * test_program.c - gateway/program.c and gateway/program_socket.c
 *
 * A native server in this process and clients of it; the program is tests/fixtures/fcgxapp.
 * When a test is over no descriptor, no process and no file is left.
 */
#include "config.h"

#include "test.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/gateway.h>
#include <vane/log.h>

#include "gateway/app_backend.h"
#include "gateway/program_socket.h"
#include "base.h"
#include "support/probe.h"
#include "support/site.h"
#include "support/tmp.h"
#include "support/vfork.h"

#define PATIENCE_MSEC 20000

static struct tmp tmp;
static bool without_proc;

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);

int __wrap_access(const char *path, int mode)
{
	if (!without_proc || strncmp(path, "/proc/", 6) != 0)
		return __real_access(path, mode);
	errno = ENOENT;
	return -1;
}

struct scene {
	struct site site;
	struct vane_route routes[2];
	struct vane_backend *host;
	bool late;
};

static const char *const plain[] = { "tests/fixtures/fcgxapp", NULL };
static const char *const deaf[] = { "tests/fixtures/fcgxapp", "deaf", NULL };
static const char *const dying[] = { "tests/fixtures/fcgxapp", "die", NULL };
static const char *const logging[] = { "tests/fixtures/fcgxapp", "log", NULL };
static const char *const missing[] = { "/bin/nowhere", NULL };

static struct vane_backend *make_host(const struct vane_spawn_opts *program,
	const struct vane_backend_limits *limits, int rc)
{
	struct vane_spawn_opts opts = *program;
	struct vane_fastcgi_backend_opts host_opts = { .spawn = &opts };
	struct vane_backend *host = NULL;

	if (opts.argv == NULL)
		opts.argv = plain;
	if (limits != NULL)
		host_opts.limits = *limits;
	assert_int_equal(vane_fastcgi_backend_new(&host, &host_opts), rc);
	return host;
}

/* Serve what the host answers. */
static void begin_with(struct scene *scene)
{
	scene->routes[0] = (struct vane_route) { "/{path:.*}", &vane_backend_handler,
		.data = scene->host };
	scene->routes[1] = (struct vane_route) { 0 };
	site_init(&scene->site, scene->routes, NULL, NULL);
}

static void begin(struct scene *scene, const struct vane_spawn_opts *program,
	const struct vane_backend_limits *limits)
{
	scene->late = false;
	scene->host = make_host(program, limits, 0);
	begin_with(scene);
}

#define BEGIN(scene, ...) begin((scene), &(struct vane_spawn_opts) { __VA_ARGS__ }, NULL)

static void await_silence(void)
{
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_int_equal(errno, ECHILD);
}

static int count_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return ftw->level > 0;
}

static void finish(struct scene *scene)
{
	vane_backend_free(scene->host);
	site_fini(&scene->site);
	await_silence();
	assert_int_equal(nftw(tmp.path, count_file, 8, FTW_PHYS), 0);
}

static void ask(struct scene *scene, struct client *client, const char *query)
{
	char text[512];

	client_init(client, &scene->site);
	snprintf(text, sizeof(text),
		"GET /?%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", query);
	client_puts(client, text);
}

static int status_of(const struct client *client)
{
	assert_int_equal(strncmp(client->in, "HTTP/1.1 ", 9), 0);
	return (int) strtol(client->in + 9, NULL, 10);
}

/* Ask for something that is said in few bytes: the status, and the text. */
static int get(struct scene *scene, const char *query, char *text, size_t size)
{
	struct client client;
	char *body;
	int status;

	ask(scene, &client, query);
	client_await_close(&client);
	status = status_of(&client);
	body = strstr(client.in, "chunked") != NULL
		       ? client_dechunk(&client)
		       : strdup(strstr(client.in, "\r\n\r\n") + 4);
	assert_non_null(body);
	if (text != NULL)
		snprintf(text, size, "%s", body);
	free(body);
	client_fini(&client);
	return status;
}

static long get_pid(struct scene *scene)
{
	char text[64];

	assert_int_equal(get(scene, "pid", text, sizeof(text)), 200);
	return strtol(text, NULL, 10);
}

static void on_late(void *data)
{
	((struct scene *) data)->late = true;
}

static void turn_until_late(struct scene *scene, int msec)
{
	scene->late = false;
	assert_int_equal(
		vane_loop_call_later(scene->site.loop, msec, on_late, scene, NULL), 0);
	while (!scene->late)
		vane_loop_turn(scene->site.loop, true);
	scene->late = false;
}

/* Turn the loop until a text is in the log. */
static void await_log(struct scene *scene, const char *text)
{
	struct vane_timer *timer;

	assert_int_equal(vane_loop_call_later(
				 scene->site.loop, PATIENCE_MSEC, on_late, scene, &timer),
		0);
	while (strstr(scene->site.log, text) == NULL) {
		vane_loop_turn(scene->site.loop, true);
		if (scene->late)
			fail_msg("no \"%s\" in \"%s\"", text, scene->site.log);
	}
	vane_timer_cancel(timer);
}

/* Turn the loop until that process, a child of ours, is gone. */
static void await_end(struct scene *scene, long pid)
{
	struct vane_timer *timer;

	assert_int_equal(vane_loop_call_later(
				 scene->site.loop, PATIENCE_MSEC, on_late, scene, &timer),
		0);
	while (kill((pid_t) pid, 0) == 0) {
		vane_loop_turn(scene->site.loop, false);
		usleep(1000);
		assert_false(scene->late);
	}
	vane_timer_cancel(timer);
}

static void a_worker_is_started_when_it_is_needed(void **state)
{
	struct scene scene;
	long pid;
	int i;

	BEGIN(&scene, .max_instances = 2);
	site_turn(&scene.site, 20);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* not before */
	pid = get_pid(&scene);
	assert_true(pid > 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(get_pid(&scene), pid); /* one is enough */
	finish(&scene);
}

static void it_gets_what_it_should(void **state)
{
	static const char *const env[] = { "EXTRA=1", NULL };
	struct scene scene;
	char text[256];

	BEGIN(&scene, .env = env, .directory = "/usr");
	assert_int_equal(get(&scene, "fds", text, sizeof(text)), 200);
	assert_string_equal(text, "fd 0\nfd 1\nfd 2\nfd 3\n"); /* the last is the request */
	get(&scene, "cwd", text, sizeof(text));
	assert_string_equal(text, "/usr");
	get(&scene, "env=EXTRA", text, sizeof(text));
	assert_string_equal(text, "1");
	get(&scene, "env=HOME", text, sizeof(text));
	assert_string_equal(text, "(none)");
	get(&scene, "env=PHP_FCGI_MAX_REQUESTS", text, sizeof(text));
	assert_string_equal(text, "0");
	finish(&scene);
}

static void standard_error_goes_to_the_log(void **state)
{
	struct scene scene;

	BEGIN(&scene, .argv = logging);
	get(&scene, "err=something", NULL, 0);
	await_log(&scene, ": it begins");
	await_log(&scene, ": something");
	finish(&scene);
}

static void as_many_run_as_are_needed_and_allowed(void **state)
{
	struct vane_spawn_opts opts = { .max_instances = 2, .idle_msec = 50 };
	struct client clients[4];
	struct scene scene;
	size_t i;

	begin(&scene, &opts, NULL);
	for (i = 0; i < ARRAY_SIZE(clients); i++)
		ask(&scene, &clients[i], i < 2 ? "wait=200" : "pid");
	for (i = 0; i < ARRAY_SIZE(clients); i++)
		client_await_close(&clients[i]);
	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		assert_int_equal(status_of(&clients[i]), 200);
		client_fini(&clients[i]);
	}
	/* and they leave when nobody needs them */
	turn_until_late(&scene, 50);
	while (waitpid(-1, NULL, WNOHANG | WNOWAIT) == 0)
		site_turn(&scene.site, 5);
	finish(&scene);
}

static void some_are_always_there(void **state)
{
	struct scene scene;
	char log[8192];
	long pid;

	vane_log_set_level(VANE_LOG_DEBUG);
	BEGIN(&scene, .min_instances = 2, .max_instances = 3, .idle_msec = 1);
	assert_int_equal(vane_backend_start(scene.host, scene.site.loop), 0);
	await_log(&scene, "started");
	turn_until_late(&scene, 50);
	snprintf(log, sizeof(log), "%s", scene.site.log);
	assert_non_null(strstr(strstr(log, "started") + 1, "started"));
	assert_null(strstr(log, "killed"));
	pid = get_pid(&scene);
	scene.site.log[0] = '\0';
	assert_int_equal(kill((pid_t) pid, SIGKILL), 0);
	await_log(&scene, "killed by signal 9");
	await_log(&scene, "started");
	assert_int_not_equal(get_pid(&scene), pid);
	vane_log_set_level(VANE_LOG_INFO);
	finish(&scene);
}

static void one_that_dies_is_replaced(void **state)
{
	static const struct {
		const char *query, *log;
	} rows[] = { { "crash", "killed by signal 9" },
		{ "exit", "exited with status 7" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene;
		long pid;

		BEGIN(&scene, .max_instances = 1);
		pid = get_pid(&scene);
		assert_int_equal(get(&scene, rows[i].query, NULL, 0), 502);
		await_log(&scene, rows[i].log);
		assert_int_not_equal(get_pid(&scene), pid);
		finish(&scene);
	}
}

/* It was killed while it was idle, and we have not noticed yet. */
static void one_that_is_gone_is_not_asked(void **state)
{
	struct scene scene;
	long pid;

	BEGIN(&scene, .max_instances = 1);
	pid = get_pid(&scene);
	assert_int_equal(kill((pid_t) pid, SIGKILL), 0);
	while (waitid(P_PID, (id_t) pid, &(siginfo_t) { 0 }, WEXITED | WNOWAIT) < 0)
		;
	assert_int_not_equal(get_pid(&scene), pid);
	finish(&scene);
}

static void those_that_die_at_once_are_held_back(void **state)
{
	struct scene scene;
	int i;

	BEGIN(&scene, .argv = dying, .min_instances = 1);
	assert_int_equal(vane_backend_start(scene.host, scene.site.loop), 0);
	await_log(&scene, "exited with status 5, the next one waits for 0 ms");
	await_log(&scene, "waits for 100 ms");
	await_log(&scene, "waits for 200 ms");
	await_log(&scene, "waits for 400 ms");
	for (i = 0; i < 2; i++)
		assert_true(get(&scene, "pid", NULL, 0) >= 502);
	finish(&scene);
}

/*
 * Each of them kills the worker that gets it, so that the next one is held back ever longer.
 * Who comes meanwhile waits for it, and has its answer.
 */
static void who_finds_none_because_of_others_waits_for_the_next(void **state)
{
	enum { KILLERS = 5, OTHERS = 5 };
	struct client clients[OTHERS];
	struct scene scene;
	int i;

	BEGIN(&scene, .max_instances = 1);
	for (i = 0; i < KILLERS; i++)
		assert_int_equal(get(&scene, "crash", NULL, 0), 502);
	await_log(&scene, "waits for 400 ms");
	for (i = 0; i < OTHERS; i++)
		ask(&scene, &clients[i], "pid");
	for (i = 0; i < OTHERS; i++) {
		client_await_close(&clients[i]);
		assert_int_equal(status_of(&clients[i]), 200);
		client_fini(&clients[i]);
	}
	finish(&scene);
}

/* ... but not for longer than anybody waits. */
static void nobody_waits_longer_than_the_queue_allows(void **state)
{
	struct vane_backend_limits limits = { .queue_msec = 50 };
	struct vane__program *program;
	struct scene scene;

	begin(&scene, &(struct vane_spawn_opts) { .max_instances = 1 }, &limits);
	assert_int_equal(get(&scene, "crash", NULL, 0), 502);
	await_log(&scene, "the next one waits");
	program = &CONTAINER_OF(scene.host, struct vane__app_backend, backend)->program;
	program->not_before = vane_loop_now(scene.site.loop) + PATIENCE_MSEC;
	assert_int_equal(get(&scene, "pid", NULL, 0), 503);
	assert_non_null(strstr(scene.site.log, "has waited too long for its turn"));
	finish(&scene);
}

static void who_asks_one_that_dies_at_once_is_told(void **state)
{
	struct scene scene;
	int status;

	BEGIN(&scene, .argv = dying);
	status = get(&scene, "pid", NULL, 0);
	assert_true(status == 502 || status == 503);
	await_log(&scene, "exited with status 5");
	get(&scene, "pid", NULL, 0);
	await_log(&scene, "waits for 100 ms");
	assert_true(get(&scene, "pid", NULL, 0) >= 502);
	finish(&scene);
}

static void one_that_hangs_is_ended(void **state)
{
	static const char *const *const programs[] = { plain, deaf };
	static const struct vane_backend_limits limits = { .head_msec = 300 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(programs); i++) {
		struct vane_spawn_opts opts = {
			.argv = programs[i], .max_instances = 1, .kill_msec = 50
		};
		struct scene scene;
		long pid;

		begin(&scene, &opts, &limits);
		pid = get_pid(&scene);
		assert_int_equal(get(&scene, "hang", NULL, 0), 504);
		await_end(&scene, pid);
		assert_int_not_equal(get_pid(&scene), pid);
		finish(&scene);
	}
}

static void one_whose_client_leaves_is_ended_unless_it_comes_to_an_end(void **state)
{
	struct client client;
	struct scene scene;
	long pid;

	BEGIN(&scene, .max_instances = 1, .kill_msec = 100);
	pid = get_pid(&scene);
	ask(&scene, &client, "wait=100");
	site_turn(&scene.site, 20);
	client_fini(&client);
	assert_int_equal(get_pid(&scene), pid);
	ask(&scene, &client, "hang");
	site_turn(&scene.site, 20);
	client_fini(&client);
	await_log(&scene, "has not come to an end");
	await_end(&scene, pid);
	finish(&scene);
}

static void one_that_has_answered_enough_is_replaced(void **state)
{
	struct scene scene;
	long pid, last = 0;
	int i, changes = 0;

	BEGIN(&scene, .max_instances = 1, .min_instances = 1, .max_requests = 3);
	for (i = 0; i < 9; i++) {
		pid = get_pid(&scene);
		changes += pid != last;
		last = pid;
	}
	assert_int_equal(changes, 3);
	assert_string_equal(scene.site.log, "");
	finish(&scene);
}

/* The one that is busy answers first, and the new ones are there meanwhile. */
static void those_that_are_outdated_are_replaced(void **state)
{
	struct scene scene;
	struct client busy;
	long idle, pid;

	BEGIN(&scene, .max_instances = 2, .min_instances = 1);
	ask(&scene, &busy, "wait=200");
	idle = get_pid(&scene);
	vane_backend_reload(scene.host);
	await_end(&scene, idle);
	pid = get_pid(&scene);
	assert_int_not_equal(pid, idle);
	assert_int_equal(get_pid(&scene), pid);
	client_await_close(&busy);
	assert_int_equal(status_of(&busy), 200);
	client_fini(&busy);
	assert_string_equal(scene.site.log, "");
	finish(&scene);
}

static void the_end_waits_for_those_that_are_deaf_but_not_long(void **state)
{
	struct scene scene;
	struct client client;

	BEGIN(&scene, .argv = deaf, .kill_msec = 50, .max_instances = 2);
	ask(&scene, &client, "wait=50");
	get_pid(&scene);
	client_await_close(&client);
	client_fini(&client);
	finish(&scene);
}

static void without_a_loop_it_serves_too(void **state)
{
	struct vane_backend_limits limits = { .head_msec = 300 };
	struct vane_backend *host;
	struct probe probe;
	int descriptors = site_descriptors();

	host = make_host(&(struct vane_spawn_opts) { .kill_msec = 50 }, &limits, 0);
	probe_init(&probe, &vane_backend_handler, host, NULL);
	assert_int_equal(probe_get(&probe, "/?pid"), 200);
	assert_int_equal(probe_get(&probe, "/?hang"), 504);
	assert_int_equal(probe_get(&probe, "/?pid"), 200);
	assert_int_equal(probe_get(&probe, "/?crash"), 502);
	assert_int_equal(probe_get(&probe, "/?pid"), 200);
	probe_fini(&probe);
	vane_backend_free(host);
	await_silence();
	assert_int_equal(site_descriptors(), descriptors);
}

/*
 * As behind another server: it is started in the loop of the process, which is not turned while a
 * request waits.
 */
static void with_a_loop_that_does_not_turn_it_is_heard(void **state)
{
	struct vane_backend_limits limits = { .head_msec = PATIENCE_MSEC };
	struct vane__program *program;
	struct vane_backend *host;
	struct vane_loop *loop;
	struct probe probe;

	assert_int_equal(vane_loop_new(&loop), 0);
	host = make_host(&(struct vane_spawn_opts) { .max_instances = 1 }, &limits, 0);
	assert_int_equal(vane_backend_start(host, loop), 0);
	probe_init(&probe, &vane_backend_handler, host, NULL);
	program = &CONTAINER_OF(host, struct vane__app_backend, backend)->program;
	program->not_before = vane_loop_now(loop) + 50;
	assert_int_equal(probe_get(&probe, "/?pid"), 200);
	vane_log_set_level(VANE_LOG_NONE);
	assert_int_equal(probe_get(&probe, "/?flood=10000"), 200);
	assert_int_equal(probe_get(&probe, "/?pid"), 200);
	vane_log_set_level(VANE_LOG_INFO);
	probe_fini(&probe);
	vane_backend_free(host);
	vane_loop_free(loop);
	await_silence();
}

static void an_scgi_program_is_started_too(void **state)
{
	static const char *const scgi[] = { "tests/fixtures/badpeer", "scgi", NULL };
	struct vane_fastcgi_backend_opts opts = {
		.spawn = &(struct vane_spawn_opts) { .argv = scgi },
	};
	struct vane_backend *host;
	struct probe probe;
	int descriptors = site_descriptors();

	assert_int_equal(vane_scgi_backend_new(&host, &opts), 0);
	probe_init(&probe, &vane_backend_handler, host, NULL);
	assert_int_equal(probe_get(&probe, "/?hello=5"), 200);
	assert_int_equal(probe.got.body_len, 5);
	assert_int_equal(probe_get(&probe, "/?hello=6"), 200);
	probe_fini(&probe);
	vane_backend_free(host);
	await_silence();
	assert_int_equal(site_descriptors(), descriptors);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	static const char *const nothing[] = { NULL };
	static const char *const no_file[] = { "tests", NULL };
	static const char *const bad_env[] = { "NAME", NULL };
	struct vane_fastcgi_backend_opts both = {
		.upstream = "127.0.0.1:1",
		.spawn = &(struct vane_spawn_opts) { .argv = plain },
	};
	struct vane_backend *host;

	vane_log_set_level(VANE_LOG_NONE);
	make_host(&(struct vane_spawn_opts) { .argv = nothing }, NULL, -EINVAL);
	make_host(&(struct vane_spawn_opts) { .argv = missing }, NULL, -ENOENT);
	make_host(&(struct vane_spawn_opts) { .argv = no_file }, NULL, -ENOENT);
	make_host(&(struct vane_spawn_opts) { .env = bad_env }, NULL, -EINVAL);
	assert_int_equal(vane_fastcgi_backend_new(&host, &both), -EINVAL);
	vane_log_set_level(VANE_LOG_INFO);
}

static void what_cannot_be_started_is_tried_again(void **state)
{
	struct scene scene;

	if (!vfork_shares_memory())
		skip();
	BEGIN(&scene, .directory = "/nowhere");
	assert_int_equal(get(&scene, "pid", NULL, 0), 503);
	assert_int_equal(get(&scene, "pid", NULL, 0), 503);
	await_log(&scene,
		"cannot be started: No such file or directory, tried again in 100 ms");
	finish(&scene);
}

/* With /proc it leads somewhere though there is no file, and nobody listens any more. */
static void a_program_socket_leaves_nothing_behind(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct vane__program_socket sock;
	int round;

	for (round = 0; round < 2; round++) {
		int descriptors = site_descriptors(), listener, fd;

		without_proc = round == 1;
		assert_int_equal(vane__program_socket_open(&sock, &listener), 0);
		assert_int_equal(nftw(tmp.path, count_file, 8, FTW_PHYS), round);
		snprintf(address.sun_path, sizeof(address.sun_path), "%s", sock.path);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(
			connect(fd, (struct sockaddr *) &address, sizeof(address)), 0);
		close(fd);
		close(listener);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(
			connect(fd, (struct sockaddr *) &address, sizeof(address)), -1);
		assert_int_equal(errno, ECONNREFUSED);
		close(fd);
		vane__program_socket_close(&sock);
		vane__program_socket_close(&sock);
		assert_int_equal(nftw(tmp.path, count_file, 8, FTW_PHYS), 0);
		assert_int_equal(site_descriptors(), descriptors);
	}
	without_proc = false;
}

static void without_proc_there_are_files_meanwhile(void **state)
{
	struct scene scene;

	without_proc = true;
	BEGIN(&scene, .max_instances = 1);
	assert_true(get_pid(&scene) > 0);
	assert_int_equal(nftw(tmp.path, count_file, 8, FTW_PHYS), 1);
	assert_int_equal(get(&scene, "crash", NULL, 0), 502);
	assert_true(get_pid(&scene) > 0);
	finish(&scene);
	without_proc = false;
}

static int make_folder(void **state)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (tmp_make(&tmp) < 0)
		return -1;
	return setenv("TMPDIR", tmp.path, 1);
}

static int remove_folder(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_is_started_when_it_is_needed),
		cmocka_unit_test(it_gets_what_it_should),
		cmocka_unit_test(standard_error_goes_to_the_log),
		cmocka_unit_test(as_many_run_as_are_needed_and_allowed),
		cmocka_unit_test(some_are_always_there),
		cmocka_unit_test(one_that_dies_is_replaced),
		cmocka_unit_test(one_that_is_gone_is_not_asked),
		cmocka_unit_test(those_that_die_at_once_are_held_back),
		cmocka_unit_test(who_asks_one_that_dies_at_once_is_told),
		cmocka_unit_test(who_finds_none_because_of_others_waits_for_the_next),
		cmocka_unit_test(nobody_waits_longer_than_the_queue_allows),
		cmocka_unit_test(one_that_hangs_is_ended),
		cmocka_unit_test(
			one_whose_client_leaves_is_ended_unless_it_comes_to_an_end),
		cmocka_unit_test(one_that_has_answered_enough_is_replaced),
		cmocka_unit_test(those_that_are_outdated_are_replaced),
		cmocka_unit_test(the_end_waits_for_those_that_are_deaf_but_not_long),
		cmocka_unit_test(without_a_loop_it_serves_too),
		cmocka_unit_test(with_a_loop_that_does_not_turn_it_is_heard),
		cmocka_unit_test(an_scgi_program_is_started_too),
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
		cmocka_unit_test(what_cannot_be_started_is_tried_again),
		cmocka_unit_test(a_program_socket_leaves_nothing_behind),
		cmocka_unit_test(without_proc_there_are_files_meanwhile),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
