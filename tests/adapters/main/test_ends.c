/* SPDX-License-Identifier: MIT */
/*
 * test_ends.c - how whole programs end that are not asked to, or do not want to
 *
 * This program serves as well: it starts itself.
 */

#include "test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "support/fcgi_peer.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/scgi_peer.h"
#include "support/tmp.h"

#define PATIENCE_MSEC 30000

/* ---- the program that serves ---- */

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello\n");
}

/* Runs over its stack. */
static int overflow(volatile char *before)
{
	volatile char here[4096] = { before[0] };

	return here[0] == 0 ? 0 : overflow(here) + here[1];
}

static int crash_now(const char *how)
{
	volatile char *nowhere = NULL;
	char start = 1;

	if (strcmp(how, "segv") == 0)
		return nowhere[0];
	if (strcmp(how, "overflow") == 0)
		return overflow(&start);
	if (strcmp(how, "fpe") == 0)
		raise(SIGFPE);
	abort();
	return 0;
}

static int crash_later(struct vane_request *req, struct vane_response *res, void *data)
{
	return crash_now("abort");
}

static int crash(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_arg(req, "how");

	if (strcmp(how, "later") != 0)
		return crash_now(how);
	vane_response_defer(res);
	return vane_request_after(req, 1, crash_later, NULL);
}

static int block(struct vane_request *req, struct vane_response *res)
{
	vane_log(VANE_LOG_INFO, "blocking");
	for (;;)
		pause();
	return 0;
}

/* Write until the front server has read all, which it does not. */
static int flood(struct vane_request *req, struct vane_response *res)
{
	static const char piece[64 * 1024];
	int rc = 0;

	vane_log(VANE_LOG_INFO, "blocking");
	while (rc == 0) {
		vane_response_write(res, piece, sizeof(piece));
		rc = vane_response_flush(res);
	}
	return rc;
}

/* Have a child of a child, which nobody knows any more when it ends. */
static pid_t leave_an_orphan(void)
{
	pid_t orphan = -1;
	int fds[2];
	char byte;

	if (pipe(fds) < 0)
		return -1;
	if (fork() == 0) {
		pid_t pid = fork();

		if (pid > 0 && write(fds[1], &pid, sizeof(pid)) < 0)
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &orphan, sizeof(orphan)) != sizeof(orphan))
		orphan = -1;
	while (read(fds[0], &byte, 1) > 0)
		; /* both have ended */
	close(fds[0]);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return orphan;
}

static int orphan(struct vane_request *req, struct vane_response *res)
{
	pid_t pid = leave_an_orphan();
	int i;

	for (i = 0; i < PATIENCE_MSEC / 10 && kill(pid, 0) == 0; i++)
		poll(NULL, 0, 10);
	vane_log(VANE_LOG_INFO, pid > 0 && kill(pid, 0) < 0 ? "collected" : "left to rot");
	return 0;
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler crash_handler = { .get = crash };
static const struct vane_handler block_handler = { .get = block };
static const struct vane_handler flood_handler = { .get = flood };
static const struct vane_handler orphan_handler = { .get = orphan };
static const struct vane_route routes[] = { { "/", &hello_handler },
	{ "/crash/{how}", &crash_handler }, { "/block", &block_handler },
	{ "/flood", &flood_handler }, { "/orphan", &orphan_handler }, { 0 } };

static int start_blocking(struct vane_program *program, struct vane_loop *loop)
{
	return block(NULL, NULL);
}

static int start_in_vain(struct vane_program *program, struct vane_loop *loop)
{
	return -ECONNREFUSED;
}

static int serve(int argc, char **argv)
{
	struct vane_program program = { .routes = routes };
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	if (strcmp(argv[0], "fails") == 0)
		program.start = start_in_vain;
	if (strcmp(argv[0], "blocks") == 0)
		program.start = start_blocking;
	return vane_program_main(argc, argv, &program);
}

/* ---- the tests ---- */

struct scene {
	struct tmp tmp;
	struct proc proc;
	char log[TMP_PATH_MAX];
};

/* Start it with up to three more words. */
static void start(struct scene *scene, const char *name, const char *const *words)
{
	char *argv[8] = { (char *) "/proc/self/exe", (char *) name,
		(char *) "--listen=127.0.0.1:0" };
	struct proc_start start = { .argv = argv };
	int i;

	for (i = 0; i < 3 && words[i] != NULL; i++)
		argv[3 + i] = (char *) words[i];
	assert_int_equal(tmp_make(&scene->tmp), 0);
	start.log = tmp_path(&scene->tmp, scene->log, "log");
	assert_int_equal(proc_start(&scene->proc, &start), 0);
}

/* Wait for its end: the exit status, or 1000 and the signal. */
static int await_end(struct scene *scene)
{
	if (proc_wait_end(&scene->proc, PATIENCE_MSEC) < 0) {
		proc_print_log(&scene->proc);
		proc_stop(&scene->proc);
		fail_msg("it does not end");
	}
	return WIFEXITED(scene->proc.status) ? WEXITSTATUS(scene->proc.status)
					     : 1000 + WTERMSIG(scene->proc.status);
}

static bool log_has(struct scene *scene, const char *text)
{
	return proc_wait_log(&scene->proc, text, 0) == 0;
}

static void a_start_that_fails_ends_the_program(void **state)
{
	static const struct {
		const char *words[3];
		const char *says;
	} rows[] = {
		{ { "--mode=http" }, "cannot start: Connection refused" },
		{ { "--mode=http", "--processes=4" }, "No child came to serve, giving up" },
		{ { "--mode=scgi", "--processes=2" }, "No child came to serve, giving up" },
		{ { "--mode=scgi" }, "cannot start: Connection refused" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		start(&scene, "fails", rows[i].words);
		assert_int_equal(await_end(&scene), 1);
		assert_true(log_has(&scene, "cannot start: Connection refused"));
		assert_true(log_has(&scene, rows[i].says));
		assert_false(log_has(&scene, "listening on"));
		tmp_remove(&scene.tmp);
	}
}

/* Wait for a line that says so. */
static void await_log(struct scene *scene, const char *text)
{
	if (proc_wait_log(&scene->proc, text, PATIENCE_MSEC) == 0)
		return;
	proc_print_log(&scene->proc);
	proc_stop(&scene->proc);
	fail_msg("\"%s\" is not in the log", text);
}

/* The port in the start line. */
static int port_of(struct scene *scene)
{
	int port;

	await_log(scene, "127.0.0.1:");
	port = proc_log_port(&scene->proc);
	assert_int_not_equal(port, 0);
	return port;
}

/* Send a request, and do not wait for an answer. */
static void ask(struct scene *scene, const char *target)
{
	int fd = port_connect(port_of(scene), NULL);
	char text[256];
	int len =
		snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", target);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, text, (size_t) len, MSG_NOSIGNAL), len);
	shutdown(fd, SHUT_WR);
	poll(&(struct pollfd) { .fd = fd, .events = POLLIN }, 1, 100);
	close(fd);
}

#ifdef __SANITIZE_ADDRESS__
#define FAULTS_ARE_OURS false
#else
#define FAULTS_ARE_OURS true
#endif

/* One process dies of it, a worker is restarted; the same line names signal and request. */
static void a_crash_names_its_signal_and_its_request(void **state)
{
	static const struct {
		const char *target;
		int signo;
		bool fault; /* a sanitizer sees to those */
		const char *says;
	} rows[] = {
		{ "/crash/abort", SIGABRT, false,
			"killed by SIGABRT at GET /crash/abort (route /crash/{how})" },
		{ "/crash/later", SIGABRT, false,
			"killed by SIGABRT at GET /crash/later (route /crash/{how})" },
		{ "/crash/a%0a%1b%5b3m%e4?q", SIGABRT, false,
			"GET /crash/a\\x0a\\x1b[3m\\xe4 (route" },
		{ "/crash/fpe", SIGFPE, true, "killed by SIGFPE at GET /crash/fpe (route" },
		{ "/crash/segv", SIGSEGV, true,
			"killed by SIGSEGV at GET /crash/segv (route" },
		{ "/crash/overflow", SIGSEGV, true,
			"killed by SIGSEGV at GET /crash/overflow (route" },
	};
	struct scene one, two;
	char restarted[64];
	size_t i;

	start(&two, "serves", (const char *[3]) { "--mode=http", "--processes=2" });
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].fault && !FAULTS_ARE_OURS)
			continue;
		start(&one, "serves", (const char *[3]) { "--mode=http" });
		ask(&one, rows[i].target);
		assert_int_equal(await_end(&one), 1000 + rows[i].signo);
		assert_true(log_has(&one, rows[i].says));
		tmp_remove(&one.tmp);
		ask(&two, rows[i].target);
		await_log(&two, rows[i].says);
		snprintf(restarted, sizeof(restarted), "killed by signal %d (",
			rows[i].signo);
		await_log(&two, restarted);
	}
	assert_int_equal(proc_stop(&two.proc), 0);
	tmp_remove(&two.tmp);
}

/* Whatever a handler does, or does not. */
static void orders_end_a_process_that_does_not_listen(void **state)
{
	static const char ended[] =
		"did not leave in time, ended at GET /block (route /block)",
			  told[] = "told to quit at GET /block (route /block)",
			  nowhere[] = "did not leave in time, ended\n";
	static const struct {
		const char *name, *processes, *timeout;
		int orders[3];
		const char *says;
	} rows[] = {
		{ "serves", "--processes=1", "--shutdown-timeout=1h", { SIGTERM, SIGTERM },
			ended },
		{ "serves", "--processes=1", "--shutdown-timeout=none",
			{ SIGTERM, SIGTERM }, ended },
		{ "serves", "--processes=2", "--shutdown-timeout=none",
			{ SIGTERM, SIGTERM }, told },
		{ "serves", "--processes=1", "--shutdown-timeout=1h",
			{ SIGINT, SIGINT, SIGINT }, ended },
		{ "serves", "--processes=1", "--shutdown-timeout=1h", { SIGQUIT }, ended },
		{ "serves", "--processes=1", "--shutdown-timeout=100ms", { SIGTERM },
			ended },
		{ "serves", "--processes=2", "--shutdown-timeout=1h", { SIGTERM, SIGTERM },
			told },
		{ "blocks", "--processes=1", "--shutdown-timeout=1h", { SIGTERM, SIGTERM },
			nowhere },
	};
	enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
	struct scene scenes[COUNT];
	size_t i, k;

	for (i = 0; i < COUNT; i++) { /* all at a time: each takes its two seconds */
		start(&scenes[i], rows[i].name,
			(const char *[3]) {
				"--mode=http", rows[i].processes, rows[i].timeout });
		if (strcmp(rows[i].name, "serves") == 0)
			ask(&scenes[i], "/block");
		await_log(&scenes[i], "blocking");
		for (k = 0; k < 3 && rows[i].orders[k] != 0; k++) {
			kill(scenes[i].proc.pid, rows[i].orders[k]);
			poll(NULL, 0, 50); /* or two of them are one */
		}
	}
	for (i = 0; i < COUNT; i++) {
		assert_int_equal(await_end(&scenes[i]), 1);
		assert_true(log_has(&scenes[i], rows[i].says));
		tmp_remove(&scenes[i].tmp);
	}
}

/* Ask by FastCGI or SCGI and never read the answer: the connection. */
static int ask_and_sleep(struct scene *scene, const char *mode)
{
	const char *const params[] = { "REQUEST_METHOD=GET", "SERVER_PROTOCOL=HTTP/1.1",
		"REQUEST_URI=/flood", NULL };
	int fd = port_connect(port_of(scene), NULL);
	struct fcgi_bytes bytes = { 0 };
	char *scgi = NULL;
	size_t len;

	assert_true(fd >= 0);
	if (strcmp(mode, "--mode=scgi") == 0)
		scgi = scgi_simple("GET", "/flood", NULL, 0, &len);
	else
		fcgi_peer_whole(&bytes, &(struct fcgi_peer_request) { .params = params });
	if (scgi == NULL)
		len = bytes.len;
	assert_int_equal(
		send(fd, scgi != NULL ? scgi : bytes.data, len, MSG_NOSIGNAL), len);
	fcgi_bytes_fini(&bytes);
	free(scgi);
	return fd;
}

static void orders_end_a_process_whose_answer_nobody_reads(void **state)
{
	static const char ended[] =
		"did not leave in time, ended at GET /flood (route /flood)";
	static const struct {
		const char *mode, *timeout;
		int orders[2];
	} rows[] = {
		{ "--mode=fastcgi", "--shutdown-timeout=1h", { SIGTERM, SIGTERM } },
		{ "--mode=fastcgi", "--shutdown-timeout=1h", { SIGQUIT } },
		{ "--mode=fastcgi", "--shutdown-timeout=100ms", { SIGTERM } },
		{ "--mode=scgi", "--shutdown-timeout=1h", { SIGTERM, SIGTERM } },
	};
	enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
	struct scene scenes[COUNT];
	int fds[COUNT];
	size_t i, k;

	for (i = 0; i < COUNT; i++) { /* all at a time: each takes its two seconds */
		start(&scenes[i], "serves",
			(const char *[3]) {
				rows[i].mode, rows[i].timeout, "--write-timeout=1h" });
		fds[i] = ask_and_sleep(&scenes[i], rows[i].mode);
		await_log(&scenes[i], "blocking");
		poll(NULL, 0, 100); /* until it waits, mostly */
		for (k = 0; k < 2 && rows[i].orders[k] != 0; k++) {
			kill(scenes[i].proc.pid, rows[i].orders[k]);
			poll(NULL, 0, 50); /* or two of them are one */
		}
	}
	for (i = 0; i < COUNT; i++) {
		assert_int_equal(await_end(&scenes[i]), 1);
		assert_true(log_has(&scenes[i], ended));
		close(fds[i]);
		tmp_remove(&scenes[i].tmp);
	}
}

static void a_worker_that_lost_its_master_ends_in_time(void **state)
{
	static const char says[] = "did not leave in time, ended at GET /block";
	struct scene scene;
	int i;

	start(&scene, "serves",
		(const char *[3]) {
			"--mode=http", "--processes=2", "--shutdown-timeout=100ms" });
	ask(&scene, "/block");
	await_log(&scene, "blocking");
	kill(scene.proc.pid, SIGKILL);
	while (waitpid(scene.proc.pid, &scene.proc.status, 0) < 0)
		assert_int_equal(errno, EINTR); /* not proc's, which would kill the group */
	scene.proc.pid = 0;
	assert_true(WIFSIGNALED(scene.proc.status));
	for (i = 0; i < PATIENCE_MSEC / 10 && !log_has(&scene, says); i++)
		poll(NULL, 0, 10);
	assert_true(log_has(&scene, says));
	tmp_remove(&scene.tmp);
}

/* In a container, where it gets every orphan, one process is one that serves and one that waits. */
static void the_first_process_collects_orphans(void **state)
{
	/* LeakSanitizer looks itself up in /proc, which has other numbers. */
	char self[256], *argv[] = { (char *) "env", (char *) "ASAN_OPTIONS=detect_leaks=0",
		(char *) "unshare", (char *) "--pid", (char *) "--fork", self,
		(char *) "serves", (char *) "--mode=http", (char *) "--listen=127.0.0.1:0",
		(char *) "--max-restarts=5", NULL };
	struct proc_start start = { .argv = argv };
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct scene scene;

	if (len < 0 || system("unshare --pid --fork true 2>/dev/null") != 0)
		skip(); /* not permitted here */
	self[len] = '\0';
	assert_int_equal(tmp_make(&scene.tmp), 0);
	start.log = tmp_path(&scene.tmp, scene.log, "log");
	assert_int_equal(proc_start(&scene.proc, &start), 0);
	ask(&scene, "/orphan");
	await_log(&scene, "collected");
	assert_false(log_has(&scene, "has no meaning"));
	kill(-scene.proc.pid, SIGTERM);
	if (await_end(&scene) != 0) {
		proc_print_log(&scene.proc);
		fail_msg("it left with status %x", scene.proc.status);
	}
	tmp_remove(&scene.tmp);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_that_fails_ends_the_program),
		cmocka_unit_test(a_crash_names_its_signal_and_its_request),
		cmocka_unit_test(orders_end_a_process_that_does_not_listen),
		cmocka_unit_test(orders_end_a_process_whose_answer_nobody_reads),
		cmocka_unit_test(a_worker_that_lost_its_master_ends_in_time),
		cmocka_unit_test(the_first_process_collects_orphans),
	};

	if (argc > 1)
		return serve(argc - 1, argv + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
