/* SPDX-License-Identifier: MIT */
/*
 * test_process.c - lib/net/process.c and lib/net/master.c
 *
 * Each test forks a process that becomes a master.  All of them tell what happens, line by
 * line, through one pipe: the master its log, workers what the test wants to know.  The end
 * of the pipe says that none of them is left.
 */
#include "config.h"

#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/loop.h>
#include <vane/process.h>

#include "base.h"
#include "master.h"

#define PATIENCE_MSEC 20000

struct scene {
	pid_t master;
	int reports; /* where the lines come out */
};

/* Where this process writes its lines; a test has one family of processes at a time. */
static int report_fd = -1;

static void report(const char *fmt, ...) VANE_PRINTF(1, 2);

static void report(const char *fmt, ...)
{
	char line[512];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	line[len] = '\n';
	if (write(report_fd, line, (size_t) len + 1) < 0)
		_exit(99);
}

static void report_log(enum vane_log_level level, const char *line, void *data)
{
	report("%s", line);
}

static int64_t msec_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Fork a master whose workers run that function; before() runs in it first. */
static void start_prepared(struct scene *scene, const struct vane_process_opts *opts,
	void (*work)(int id), void (*before)(void))
{
	int fds[2], rc;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fflush(NULL);
	scene->master = fork();
	assert_true(scene->master >= 0);
	if (scene->master > 0) {
		close(fds[1]);
		scene->reports = fds[0];
		return;
	}
	close(fds[0]);
	report_fd = fds[1];
	vane_log_set_function(report_log, NULL);
	if (before != NULL)
		before();
	rc = vane_fork_processes(opts);
	if (rc < 0) {
		report("failed with %d", -rc);
		_exit(1);
	}
	work(rc);
	_exit(0);
}

static void start(
	struct scene *scene, const struct vane_process_opts *opts, void (*work)(int id))
{
	start_prepared(scene, opts, work, NULL);
}

/* The next line; false at the end, when all processes have gone. */
static bool next_line(struct scene *scene, char *line, size_t size)
{
	struct pollfd poll_fd = { .fd = scene->reports, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	do {
		assert_int_equal(poll(&poll_fd, 1, PATIENCE_MSEC), 1);
		assert_true(len < size);
		n = read(scene->reports, line + len, 1);
		if (n == 0)
			return false;
		assert_int_equal(n, 1);
	} while (line[len++] != '\n');
	line[len - 1] = '\0';
	return true;
}

static void expect_line(struct scene *scene, const char *wanted)
{
	char line[512];

	assert_true(next_line(scene, line, sizeof(line)));
	assert_string_equal(line, wanted);
}

/* Read lines until one begins like that, and hand out what follows. */
static void await_line(struct scene *scene, const char *head, char *rest, size_t size)
{
	char line[512];

	do
		assert_true(next_line(scene, line, sizeof(line)));
	while (strncmp(line, head, strlen(head)) != 0);
	if (rest != NULL)
		snprintf(rest, size, "%s", line + strlen(head));
}

/* Count the lines that begin like that, to the end. */
static int count_lines(struct scene *scene, const char *head)
{
	char line[512];
	int count = 0;

	while (next_line(scene, line, sizeof(line)))
		count += strncmp(line, head, strlen(head)) == 0;
	return count;
}

/* Wait until all have gone: the master's exit status, or 1000 and its signal. */
static int finish(struct scene *scene)
{
	int status;

	count_lines(scene, "");
	close(scene->reports);
	assert_int_equal(waitpid(scene->master, &status, 0), scene->master);
	while (waitpid(-1, NULL, 0) > 0)
		; /* those that the master left to us */
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void say_and_leave(int id)
{
	report("worker %d of %d", vane_task_id(), vane_task_count());
}

static void say_and_wait(int id)
{
	report("worker %d is %d", id, (int) getpid());
	for (;;)
		pause();
}

static void say_and_crash(int id)
{
	report("worker %d is %d", id, (int) getpid());
	_exit(3);
}

static void workers_have_ids_and_the_master_leaves_when_they_do(void **state)
{
	struct scene scene;
	char line[512];
	int seen = 0, normal = 0;

	assert_int_equal(vane_task_id(), -1);
	assert_int_equal(vane_task_count(), 0);
	assert_int_equal(vane_life_fd(), -1);
	start(&scene, &(struct vane_process_opts) { .processes = 3 }, say_and_leave);
	expect_line(&scene, "Starting 3 processes");
	while (next_line(&scene, line, sizeof(line))) {
		int id, pid;

		if (sscanf(line, "worker %d of 3", &id) == 1)
			seen |= 1 << id;
		if (sscanf(line, "child %d (pid %d) exited normally", &id, &pid) == 2)
			normal++;
		assert_null(strstr(line, "restarting"));
	}
	assert_int_equal(seen, 7);
	assert_int_equal(normal, 3);
	assert_int_equal(finish(&scene), 0);
}

static void a_killed_worker_comes_back_with_its_id(void **state)
{
	struct scene scene;
	char line[512], wanted[512];
	int victim, heir;

	start(&scene, &(struct vane_process_opts) { .processes = 2 }, say_and_wait);
	await_line(&scene, "worker 1 is ", line, sizeof(line));
	victim = (int) strtol(line, NULL, 10);
	assert_int_equal(kill(victim, SIGKILL), 0);
	snprintf(wanted, sizeof(wanted),
		"child 1 (pid %d) killed by signal 9 (SIGKILL), restarting", victim);
	await_line(&scene, wanted, NULL, 0);
	await_line(&scene, "worker 1 is ", line, sizeof(line));
	heir = (int) strtol(line, NULL, 10);
	assert_int_not_equal(heir, victim);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	assert_int_equal(finish(&scene), 0);
}

static void it_gives_up_after_too_many_restarts(void **state)
{
	static const struct {
		int max_restarts, forks;
	} rows[] = { { 3, 4 }, { 1, 2 }, { -1, 1 } };
	char line[512], last[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_process_opts opts = { .processes = 1,
			.max_restarts = rows[i].max_restarts };
		struct scene scene;
		int forks = 0, deaths = 0, id, pid;

		start(&scene, &opts, say_and_crash);
		while (next_line(&scene, line, sizeof(line))) {
			snprintf(last, sizeof(last), "%s", line);
			forks += strncmp(line, "worker 0", 8) == 0;
			deaths +=
				sscanf(line, "child %d (pid %d) exited with status 3, rest",
					&id, &pid) == 2;
		}
		assert_int_equal(forks, rows[i].forks);
		assert_int_equal(deaths, rows[i].forks);
		assert_string_equal(last, "Too many child restarts, giving up");
		assert_int_equal(finish(&scene), 1);
	}
}

static void first_crashes(int id)
{
	if (id == 0)
		say_and_crash(id);
	say_and_wait(id);
}

static void say_that_one_is_ready(void *data)
{
	report("ready: %s", (const char *) data);
}

static void serve_and_crash(int id)
{
	vane_process_ready();
	vane_process_ready(); /* once is enough */
	say_and_crash(id);
}

static void workers_that_never_serve_are_not_restarted(void **state)
{
	static const struct {
		void (*work)(int id);
		int forks;
		const char *last;
	} rows[] = {
		{ say_and_crash, 3, "No child came to serve, giving up" },
		{ serve_and_crash, 8, "Too many child restarts, giving up" },
	};
	char line[512], last[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_process_opts opts = { .processes = 3,
			.max_restarts = 5,
			.ready = say_that_one_is_ready,
			.data = (char *) "yes" };
		struct scene scene;
		int forks = 0, ready = 0;

		start(&scene, &opts, rows[i].work);
		while (next_line(&scene, line, sizeof(line))) {
			forks += strncmp(line, "worker ", 7) == 0;
			ready += strcmp(line, "ready: yes") == 0;
			if (strstr(line, "giving up") != NULL)
				snprintf(last, sizeof(last), "%s", line);
		}
		assert_true(forks <= rows[i].forks);
		assert_int_equal(ready, rows[i].work == serve_and_crash);
		assert_string_equal(last, rows[i].last);
		assert_int_equal(finish(&scene), 1);
	}
}

/* The first serves, and nobody else says so: those that fail are restarted. */
static void first_serves(int id)
{
	if (id > 0)
		say_and_crash(id);
	vane_process_ready();
	say_and_wait(id);
}

static void once_one_serves_others_are_restarted(void **state)
{
	struct vane_process_opts opts = { .processes = 4, .ready = say_that_one_is_ready };
	struct scene scene;
	int i;

	opts.data = (char *) "one";
	start(&scene, &opts, first_serves);
	for (i = 0; i < 6; i++)
		await_line(&scene, "worker 1 ", NULL, 0);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	count_lines(&scene, "");
	assert_in_range(finish(&scene), 0, 1); /* one may crash meanwhile */
}

static void second_is_slow(int id)
{
	sigset_t user;
	int signo;

	if (id == 0)
		say_and_crash(id);
	sigemptyset(&user);
	sigaddset(&user, SIGUSR1);
	sigprocmask(SIG_BLOCK, &user, NULL);
	report("slow %d", (int) getpid());
	sigwait(&user, &signo);
	vane_process_ready();
	for (;;)
		pause();
}

static void one_that_fails_does_not_keep_others_from_serving(void **state)
{
	struct vane_process_opts opts = { .processes = 2, .ready = say_that_one_is_ready };
	struct scene scene;
	char slow[64];
	int i;

	opts.data = (char *) "one";
	start(&scene, &opts, second_is_slow);
	await_line(&scene, "slow ", slow, sizeof(slow));
	for (i = 0; i < 4; i++)
		await_line(&scene, "worker 0 ", NULL, 0);
	assert_int_equal(kill((pid_t) strtol(slow, NULL, 10), SIGUSR1), 0);
	await_line(&scene, "ready: one", NULL, 0);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	count_lines(&scene, "");
	assert_in_range(finish(&scene), 0, 1); /* one may crash meanwhile */
}

static void say_and_cut(int id)
{
	report("worker %d", id);
	_exit(VANE_EXIT_CUT);
}

/* It was not told to leave: that is a status like others. */
static void a_worker_that_ends_with_75_by_itself_is_replaced(void **state)
{
	struct vane_process_opts opts = { .processes = 2, .max_restarts = 2 };
	struct scene scene;

	start(&scene, &opts, say_and_cut);
	/* as giving up comes between */
	assert_in_range(count_lines(&scene, "worker "), 3, 4);
	assert_int_equal(finish(&scene), 1);
}

/* Told alone, it has ended the socket that another one would be given. */
static void a_single_worker_that_ends_with_75_ends_the_program(void **state)
{
	struct vane_process_opts opts = { .processes = 1 };
	struct scene scene;

	start(&scene, &opts, say_and_cut);
	assert_int_equal(count_lines(&scene, "worker 0"), 1);
	assert_int_equal(finish(&scene), VANE_EXIT_CUT);
}

static void crashes_that_are_far_apart_do_not_add_up(void **state)
{
	struct vane_process_opts opts = {
		.processes = 1, .max_restarts = 1, .restart_window_msec = 50
	};
	struct scene scene;
	int i;

	start(&scene, &opts, say_and_crash); /* 100, 200, 400 ms between them */
	for (i = 0; i < 4; i++)
		await_line(&scene, "worker 0 is ", NULL, 0);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	finish(&scene);
}

static void giving_up_leaves_nobody_behind(void **state)
{
	struct vane_process_opts opts = { .processes = 3, .max_restarts = 2 };
	struct scene scene;

	start(&scene, &opts, first_crashes);
	await_line(&scene, "Too many child restarts, giving up", NULL, 0);
	assert_int_equal(finish(&scene), 1); /* and the pipe has come to its end */
}

/* Wait for TERM as a well-behaved worker does. */
static void leave_when_told(int id)
{
	sigset_t term;
	int signo;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	report("worker %d is ready", id);
	sigwait(&term, &signo);
	report("worker %d drains", id);
}

static void never_leave(int id)
{
	leave_when_told(id);
	for (;;)
		pause(); /* TERM is still blocked */
}

/* Nor when QUIT comes. */
static void never_ever_leave(int id)
{
	signal(SIGQUIT, SIG_IGN);
	never_leave(id);
}

static void on_quit(int signo)
{
	_exit(0);
}

static void leave_at_once(int id)
{
	signal(SIGQUIT, on_quit);
	never_leave(id);
}

static void fail_when_told(int id)
{
	leave_when_told(id);
	_exit(4);
}

static void await_ready(struct scene *scene, int count)
{
	while (count-- > 0)
		await_line(scene, "worker ", NULL, 0);
}

static void orders_end_the_family(void **state)
{
	static const struct {
		void (*work)(int id);
		int signo, again; /* the second after both drain; 0: none */
		int64_t drain_msec;
		int status;
	} rows[] = {
		{ leave_when_told, SIGTERM, 0, 0, 0 }, { leave_when_told, SIGINT, 0, 0, 0 },
		{ say_and_wait, SIGTERM, 0, 0, 0 }, { fail_when_told, SIGTERM, 0, 0, 1 },
		{ never_leave, SIGTERM, SIGTERM, 60000, 0 },
		{ never_leave, SIGTERM, SIGINT, 60000, 0 },
		{ never_leave, SIGQUIT, 0, 60000, 0 },
		{ leave_at_once, SIGQUIT, 0, 60000, 0 },
		{ leave_at_once, SIGTERM, SIGTERM, 60000, 0 },
		{ leave_at_once, SIGTERM, 0, -1, 0 },       /* the two seconds */
		{ never_ever_leave, SIGQUIT, 0, 60000, 1 }, /* and here */
		{ never_leave, SIGTERM, 0, -1, 0 },         /* the two seconds */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_process_opts opts = { .processes = 2,
			.drain_msec = rows[i].drain_msec };
		struct scene scene;

		start(&scene, &opts, rows[i].work);
		await_ready(&scene, 2);
		assert_int_equal(kill(scene.master, rows[i].signo), 0);
		if (rows[i].again != 0) {
			await_ready(&scene, 2); /* "drains" */
			assert_int_equal(kill(scene.master, rows[i].again), 0);
		}
		assert_int_equal(count_lines(&scene, "worker 0 is"), 0);
		assert_int_equal(finish(&scene), rows[i].status);
	}
}

static void order_at_once(int id)
{
	if (id == 0)
		kill(getppid(), SIGTERM);
	for (;;)
		pause();
}

static void defaults_need_no_settings(void **state)
{
	struct scene scene;

	start(&scene, NULL, leave_when_told);
	await_ready(&scene, 1);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	assert_int_equal(finish(&scene), 0);
}

static void an_order_during_the_start_is_not_lost(void **state)
{
	struct scene scene;

	start(&scene, &(struct vane_process_opts) { .processes = 4 }, order_at_once);
	assert_int_equal(finish(&scene), 0);
}

static void other_signals_are_ignored(void **state)
{
	struct scene scene;

	start(&scene, &(struct vane_process_opts) { .processes = 1 }, leave_when_told);
	await_ready(&scene, 1);
	assert_int_equal(kill(scene.master, SIGHUP), 0);
	await_line(&scene, "signal SIGHUP ignored", NULL, 0);
	assert_int_equal(kill(scene.master, SIGUSR2), 0);
	await_line(&scene, "signal SIGUSR2 ignored", NULL, 0);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	assert_int_equal(finish(&scene), 0);
}

/* Log to where nobody reads, and have that kill. */
static void have_no_reader(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0 || dup2(fds[1], STDERR_FILENO) < 0)
		_exit(98);
	close(fds[0]);
	signal(SIGPIPE, SIG_DFL);
	vane_log_set_function(NULL, NULL);
	vane_log_set_level(VANE_LOG_WARNING); /* the first line is before the fork */
}

static void a_log_that_nobody_reads_does_not_end_the_master(void **state)
{
	struct scene scene;
	char line[64];

	start_prepared(&scene, &(struct vane_process_opts) { .processes = 1 }, say_and_wait,
		have_no_reader);
	await_line(&scene, "worker 0 is ", line, sizeof(line));
	assert_int_equal(kill((pid_t) strtol(line, NULL, 10), SIGKILL), 0);
	/* and the end of the first was logged */
	await_line(&scene, "worker 0 is ", NULL, 0);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	assert_int_equal(finish(&scene), 0);
}

static void notice_the_end(int id)
{
	struct pollfd life = { .fd = vane_life_fd(), .events = POLLIN };
	struct timespec patience = { .tv_sec = PATIENCE_MSEC / 1000 };
	sigset_t term;
	char c;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	report("worker %d is ready", id);
	if (poll(&life, 1, PATIENCE_MSEC) == 1 && read(life.fd, &c, 1) == 0)
		report("pipe ended");
	if (sigtimedwait(&term, NULL, &patience) == SIGTERM)
		report("signal came");
}

static void workers_learn_that_the_master_was_killed(void **state)
{
	struct scene scene;
	char line[512];
	int pipes = 0, terms = 0;

	start(&scene, &(struct vane_process_opts) { .processes = 2 }, notice_the_end);
	await_ready(&scene, 2);
	assert_int_equal(kill(scene.master, SIGKILL), 0);
	while (next_line(&scene, line, sizeof(line))) {
		pipes += strcmp(line, "pipe ended") == 0;
		terms += strcmp(line, "signal came") == 0;
	}
	assert_int_equal(pipes, 2);
	assert_int_equal(terms, 2);
	assert_int_equal(finish(&scene), 1000 + SIGKILL);
}

/* Say at TERM whether others stay. */
static void await_the_end(int id)
{
	sigset_t term;
	int signo;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	report("worker %d is %d, others %s", id, (int) getpid(),
		vane_siblings_stay() ? "stay" : "leave");
	sigwait(&term, &signo);
	report("at the end others %s", vane_siblings_stay() ? "stay" : "leave");
	_exit(id == 0 ? VANE_EXIT_CUT : 0);
}

static void workers_know_whether_others_stay(void **state)
{
	static const struct {
		int processes;
		bool alone; /* a worker is told to leave, and not the master */
		const char *before, *after;
	} rows[] = {
		{ 2, true, "stay", "stay" },
		{ 2, false, "stay", "leave" },
		{ 1, true, "leave", "leave" },
	};
	char line[512], rest[512], *before;
	int ready;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene;

		start(&scene,
			&(struct vane_process_opts) { .processes = rows[i].processes },
			await_the_end);
		for (ready = 0; ready < rows[i].processes; ready++) {
			await_line(&scene, "worker ", line, sizeof(line));
			if (line[0] == '0')
				memcpy(rest, line + strlen("0 is "), sizeof(rest) - 5);
		}
		before = strrchr(rest, ' ') + 1;
		assert_string_equal(before, rows[i].before);
		kill(rows[i].alone ? (pid_t) strtol(rest, NULL, 10) : scene.master,
			SIGTERM);
		await_line(&scene, "at the end others ", rest, sizeof(rest));
		assert_string_equal(rest, rows[i].after);
		if (rows[i].alone && rows[i].processes > 1) {
			await_line(&scene, "worker 0 is ", NULL, 0); /* it is replaced */
			kill(scene.master, SIGTERM);
		}
		assert_int_equal(finish(&scene), VANE_EXIT_CUT);
	}
}

static void on_term(int signo)
{
}

static void have_own_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	signal(SIGTERM, on_term);
	signal(SIGCHLD, SIG_IGN);
}

static void report_signals(int id)
{
	struct sigaction term, chld, hup;
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigaction(SIGTERM, NULL, &term);
	sigaction(SIGCHLD, NULL, &chld);
	sigaction(SIGHUP, NULL, &hup);
	report("usr1 %d term %d chld %d; %d %d %d", sigismember(&mask, SIGUSR1),
		sigismember(&mask, SIGTERM), sigismember(&mask, SIGCHLD),
		term.sa_handler == on_term, chld.sa_handler == SIG_IGN,
		hup.sa_handler == SIG_DFL);
}

static void workers_have_the_signals_of_the_caller(void **state)
{
	struct scene scene;

	start_prepared(&scene, &(struct vane_process_opts) { .processes = 1 },
		report_signals, have_own_signals);
	expect_line(&scene, "Starting 1 processes");
	expect_line(&scene, "usr1 1 term 0 chld 0; 1 1 1");
	assert_int_equal(count_lines(&scene, "child 0 "), 1); /* despite SIG_IGN */
	assert_int_equal(finish(&scene), 0);
}

static int stray_pipe[2];

static void have_a_child(void)
{
	if (pipe2(stray_pipe, O_CLOEXEC) < 0)
		_exit(98);
	if (fork() == 0) {
		char c;

		close(stray_pipe[1]);
		if (read(stray_pipe[0], &c, 1) == 1)
			_exit(7);
		_exit(8);
	}
}

static void end_the_stray(int id)
{
	sigset_t none;

	sigemptyset(&none);
	report("worker %d", id);
	if (write(stray_pipe[1], "x", 1) != 1)
		_exit(97);
	leave_when_told(id);
}

static void other_children_are_none_of_its_business(void **state)
{
	struct scene scene;

	start_prepared(&scene, &(struct vane_process_opts) { .processes = 1 },
		end_the_stray, have_a_child);
	await_line(&scene, "worker 0 is ready", NULL, 0);
	assert_int_equal(kill(scene.master, SIGTERM), 0);
	assert_int_equal(count_lines(&scene, "child "), 1); /* the worker's normal exit */
	assert_int_equal(finish(&scene), 0);
}

static void report_random(int id)
{
	report("random %ld", random());
}

static void workers_draw_different_numbers(void **state)
{
	struct scene scene;
	char one[64], two[64];

	start(&scene, &(struct vane_process_opts) { .processes = 2 }, report_random);
	await_line(&scene, "random ", one, sizeof(one));
	await_line(&scene, "random ", two, sizeof(two));
	assert_string_not_equal(one, two);
	assert_int_equal(finish(&scene), 0);
}

static void fork_again(int id)
{
	report("again: %d", -vane_fork_processes(&(struct vane_process_opts) { 0 }));
}

static void a_worker_cannot_fork_workers(void **state)
{
	struct scene scene;
	char rc[16], wanted[16];

	start(&scene, &(struct vane_process_opts) { .processes = 1 }, fork_again);
	await_line(&scene, "again: ", rc, sizeof(rc));
	snprintf(wanted, sizeof(wanted), "%d", EALREADY);
	assert_string_equal(rc, wanted);
	assert_int_equal(finish(&scene), 0);
}

static void make_a_loop(void)
{
	static struct vane_loop *loop; /* it is never freed, but not lost either */

	if (vane_loop_new_at(&loop, "early.c", 12) < 0)
		_exit(98);
}

static void a_loop_made_before_is_named(void **state)
{
	struct scene scene;
	char line[512], wanted[64];

	start_prepared(&scene, &(struct vane_process_opts) { .processes = 2 },
		say_and_leave, make_a_loop);
	assert_true(next_line(&scene, line, sizeof(line)));
	assert_memory_equal(line, "Cannot run in multiple processes: ", 34);
	assert_non_null(strstr(line, "early.c:12"));
	snprintf(wanted, sizeof(wanted), "failed with %d", EBUSY);
	expect_line(&scene, wanted);
	assert_int_equal(finish(&scene), 1);
}

static void crash_once(int id)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	report("worker %d has %d, life %d", id, count, fcntl(vane_life_fd(), F_GETFD));
	_exit(2);
}

static void restarted_workers_hold_no_more_than_the_first(void **state)
{
	struct vane_process_opts opts = { .processes = 1, .max_restarts = 2 };
	struct scene scene;
	char first[64], line[64];
	int i;

	start(&scene, &opts, crash_once);
	await_line(&scene, "worker 0 has ", first, sizeof(first));
	assert_non_null(strstr(first, "life 1")); /* close-on-exec */
	for (i = 0; i < 2; i++) {
		await_line(&scene, "worker 0 has ", line, sizeof(line));
		assert_string_equal(line, first);
	}
	assert_int_equal(finish(&scene), 1);
}

static void a_crash_loop_is_slow(void **state)
{
	struct scene scene;
	int64_t start_msec = msec_now();
	char line[512];
	int forks = 0;

	start(&scene, &(struct vane_process_opts) { .processes = 1 }, say_and_crash);
	while (forks < 4) { /* 0, 100, 300, 700 ms */
		assert_true(next_line(&scene, line, sizeof(line)));
		forks += strncmp(line, "worker 0", 8) == 0;
	}
	assert_true(msec_now() - start_msec >= 700);
	await_line(&scene, "child 0 ", NULL, 0);
	assert_int_equal(kill(scene.master, SIGTERM), 0); /* while none lives */
	assert_int_equal(finish(&scene), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_have_ids_and_the_master_leaves_when_they_do),
		cmocka_unit_test(a_killed_worker_comes_back_with_its_id),
		cmocka_unit_test(it_gives_up_after_too_many_restarts),
		cmocka_unit_test(workers_that_never_serve_are_not_restarted),
		cmocka_unit_test(once_one_serves_others_are_restarted),
		cmocka_unit_test(one_that_fails_does_not_keep_others_from_serving),
		cmocka_unit_test(a_worker_that_ends_with_75_by_itself_is_replaced),
		cmocka_unit_test(a_single_worker_that_ends_with_75_ends_the_program),
		cmocka_unit_test(crashes_that_are_far_apart_do_not_add_up),
		cmocka_unit_test(giving_up_leaves_nobody_behind),
		cmocka_unit_test(orders_end_the_family),
		cmocka_unit_test(defaults_need_no_settings),
		cmocka_unit_test(an_order_during_the_start_is_not_lost),
		cmocka_unit_test(other_signals_are_ignored),
		cmocka_unit_test(a_log_that_nobody_reads_does_not_end_the_master),
		cmocka_unit_test(workers_learn_that_the_master_was_killed),
		cmocka_unit_test(workers_know_whether_others_stay),
		cmocka_unit_test(workers_have_the_signals_of_the_caller),
		cmocka_unit_test(other_children_are_none_of_its_business),
		cmocka_unit_test(workers_draw_different_numbers),
		cmocka_unit_test(a_worker_cannot_fork_workers),
		cmocka_unit_test(a_loop_made_before_is_named),
		cmocka_unit_test(restarted_workers_hold_no_more_than_the_first),
		cmocka_unit_test(a_crash_loop_is_slow),
	};
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core); /* which takes its time */
	signal(SIGHUP, SIG_DFL);          /* with nohup it comes to us ignored */
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans of a killed master come to us */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
