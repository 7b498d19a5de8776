/* SPDX-License-Identifier: MIT */
/*
 * test_child.c - gateway/child.c and gateway/spawn.c
 *
 * Everything runs twice: with pidfds, and as where there are none.
 */
#include "config.h"

#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/loop.h>

#include "gateway/child.h"
#include "limit.h"
#include "support/alloc.h"
#include "support/vfork.h"

#define PATIENCE_MSEC 20000

static bool without_pidfds;

int __real_pidfd_open(pid_t pid, unsigned flags);
int __wrap_pidfd_open(pid_t pid, unsigned flags);

int __wrap_pidfd_open(pid_t pid, unsigned flags)
{
	if (!without_pidfds)
		return __real_pidfd_open(pid, flags);
	errno = ENOSYS;
	return -1;
}

/* Children, and the one that a test is about. */
struct scene {
	struct vane_loop *loop;
	struct vane__children *children;
	struct vane__child *child;
	pid_t pid;  /* of the one that was started last */
	int output; /* what it writes to its standard output */
	int ends;   /* how often its end was announced */
	int status;
	bool late, free_at_end;
	int descriptors;
};

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = -1;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void begin(struct scene *scene)
{
	*scene = (struct scene) { .output = -1, .descriptors = count_descriptors() };
	assert_int_equal(vane_loop_new(&scene->loop), 0);
	assert_int_equal(vane__children_new(&scene->children, scene->loop), 0);
}

/* No descriptor, and no child of any kind, is left. */
static void finish(struct scene *scene)
{
	vane__children_free(scene->children);
	vane_loop_free(scene->loop);
	if (scene->output >= 0)
		close(scene->output);
	assert_int_equal(count_descriptors(), scene->descriptors);
	while (waitpid(-1, NULL, 0) > 0)
		; /* grandchildren, which come to us as we are a subreaper */
	assert_int_equal(errno, ECHILD);
}

static void on_end(int status, void *data)
{
	struct scene *scene = data;

	scene->ends++;
	scene->status = status;
	if (!scene->free_at_end)
		return;
	vane__child_free(scene->child);
	scene->child = NULL;
}

/* Start the actor with these steps. */
static int try_start(
	struct scene *scene, const struct vane__child_opts *given, const char *const *steps)
{
	struct vane__child_opts opts = *given;
	static char *const env[] = { (char *) "ONE=1", NULL };
	char path[4096];
	int fds[2], rc;

	assert_non_null(realpath("tests/fixtures/actor", path));
	if (opts.path == NULL)
		opts.path = path;
	opts.argv = (char *const *) steps;
	opts.envp = env;
	if (opts.kill_msec == 0)
		opts.kill_msec = PATIENCE_MSEC;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	opts.fds[0] = -1;
	opts.fds[1] = fds[1];
	opts.fds[2] = fcntl(STDERR_FILENO, F_GETFD) < 0 ? -1 : STDERR_FILENO;
	rc = vane__child_start(scene->children, &opts, on_end, scene, &scene->child);
	close(fds[1]);
	if (rc < 0) {
		close(fds[0]);
		return rc;
	}
	scene->pid = vane__child_pid(scene->child);
	scene->output = fds[0];
	return 0;
}

#define OPTS(...)  (&(struct vane__child_opts) { __VA_ARGS__ })
#define PLAIN      OPTS(.path = NULL)
#define STEPS(...) ((const char *const[]) { "actor", __VA_ARGS__, NULL })
#define START(scene, opts, ...)                                                            \
	assert_int_equal(try_start((scene), (opts), STEPS(__VA_ARGS__)), 0)

static void on_late(void *data)
{
	((struct scene *) data)->late = true;
}

/* Whether that child, or any for 0, has not been reaped. */
static bool is_left(pid_t pid)
{
	siginfo_t info;

	return waitid(pid > 0 ? P_PID : P_ALL, (id_t) pid, &info,
		       WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Turn the loop until the child has ended, or until it has been reaped. */
static void turn_until(struct scene *scene, bool reaped)
{
	struct vane_timer *timer;

	assert_int_equal(
		vane_loop_call_later(scene->loop, PATIENCE_MSEC, on_late, scene, &timer),
		0);
	while (reaped ? is_left(scene->pid) : scene->ends == 0) {
		vane_loop_turn(scene->loop, true);
		assert_false(scene->late);
	}
	vane_timer_cancel(timer);
}

/* All that it writes, until it closes its output or has written that text. */
static char *read_output(struct scene *scene, char *buf, size_t size, const char *until)
{
	struct pollfd pfd = { .fd = scene->output, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	for (;;) {
		assert_int_equal(poll(&pfd, 1, PATIENCE_MSEC), 1);
		n = read(scene->output, buf + len, size - len - 1);
		assert_true(n >= 0);
		len += (size_t) n;
		buf[len] = '\0';
		if (n == 0 || (until != NULL && strstr(buf, until) != NULL))
			return buf;
	}
}

/* Wait until nobody has its output open any more. */
static void await_silence(struct scene *scene)
{
	char buf[4096];

	read_output(scene, buf, sizeof(buf), NULL);
}

static void its_end_is_announced(void **state)
{
	static const struct {
		const char *step;
		int status;
		const char *words;
	} rows[] = {
		{ "say:x", 0, "exited with status 0" },
		{ "exit:3", 3 << 8, "exited with status 3" },
		{ "exit:255", 255 << 8, "exited with status 255" },
		{ "kill:9", SIGKILL, "killed by signal 9 (Killed)" },
		{ "kill:11", SIGSEGV, "killed by signal 11 (Segmentation fault)" },
	};
	char words[VANE__CHILD_WORDS];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene;
		int status;

		begin(&scene);
		START(&scene, PLAIN, rows[i].step);
		assert_true(vane__child_pid(scene.child) > 0);
		turn_until(&scene, false);
		assert_int_equal(scene.status, rows[i].status);
		assert_true(vane__child_ended(scene.child, &status));
		assert_int_equal(status, rows[i].status);
		assert_string_equal(vane__child_words(status, words), rows[i].words);
		assert_true(is_left(scene.pid));
		vane__child_free(scene.child);
		assert_false(is_left(scene.pid));
		assert_int_equal(scene.ends, 1);
		finish(&scene);
	}
}

static void an_owner_may_free_it_when_it_hears_of_its_end(void **state)
{
	struct scene scene;

	begin(&scene);
	scene.free_at_end = true;
	START(&scene, PLAIN, "exit:1");
	turn_until(&scene, true);
	assert_int_equal(scene.ends, 1);
	finish(&scene);
}

static void what_cannot_be_started_is_an_errno(void **state)
{
	static const struct {
		const char *path, *directory;
		int rc;
	} rows[] = {
		{ "/nowhere/at/all", NULL, -ENOENT },
		{ "/", NULL, -EACCES },
		{ "/etc/passwd", NULL, -EACCES },
		{ "/etc/passwd/x", NULL, -ENOTDIR },
		{ "/bin/true", "/nowhere", -ENOENT },
		{ "/bin/true", "/etc/passwd", -ENOTDIR },
	};
	struct scene scene;
	size_t i;

	if (!vfork_shares_memory())
		skip();
	begin(&scene);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane__child_opts opts = { .path = rows[i].path,
			.directory = rows[i].directory };

		assert_int_equal(
			try_start(&scene, &opts, (const char *const[]) { "x", NULL }),
			rows[i].rc);
	}
	assert_false(is_left(0));
	finish(&scene);
}

static void it_gets_three_descriptors_and_its_environment(void **state)
{
	struct scene scene;
	char buf[4096];
	int leaked = open("/dev/null", O_RDONLY);

	assert_true(leaked >= 0); /* inherited, were it not for us */
	begin(&scene);
	START(&scene, OPTS(.directory = "/usr"), "fds", "environ", "cwd", "read", "args");
	assert_string_equal(read_output(&scene, buf, sizeof(buf), NULL),
		"fd 0\nfd 1\nfd 2\nONE=1\n/usr\nread 0\n"
		"actor\nfds\nenviron\ncwd\nread\nargs\n");
	turn_until(&scene, false);
	vane__child_free(scene.child);
	finish(&scene);
	close(leaked);
}

/* As in a process that was started with them closed. */
static void its_descriptors_may_be_low_ones_here(void **state)
{
	struct scene scene;
	char buf[4096];
	int saved[3], i;

	begin(&scene);
	fflush(NULL);
	for (i = 0; i < 3; i++) {
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
		close(i);
	}
	START(&scene, PLAIN, "fds", "say:out", "err:err");
	read_output(&scene, buf, sizeof(buf), NULL);
	turn_until(&scene, false);
	vane__child_free(scene.child);
	i = fcntl(scene.output, F_DUPFD_CLOEXEC, 3);
	close(scene.output);
	scene.output = i;
	for (i = 0; i < 3; i++) {
		dup2(saved[i], i);
		close(saved[i]);
	}
	assert_string_equal(buf, "fd 0\nfd 1\nfd 2\nout");
	finish(&scene);
}

static void on_usr1(int signo)
{
}

static void its_signals_are_those_of_a_new_process(void **state)
{
	struct scene scene;
	char buf[4096];
	sigset_t some, before, now;

	begin(&scene);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, on_usr1);
	sigemptyset(&some);
	sigaddset(&some, SIGUSR2);
	sigprocmask(SIG_BLOCK, &some, &before);
	START(&scene, PLAIN, "signals", "say:done");
	assert_string_equal(read_output(&scene, buf, sizeof(buf), NULL), "done");
	sigprocmask(SIG_SETMASK, &before, &now);
	assert_int_equal(sigismember(&now, SIGUSR2), 1); /* ours is as it was */
	assert_int_equal(sigismember(&now, SIGUSR1), 0);
	turn_until(&scene, false);
	vane__child_free(scene.child);
	finish(&scene);
	signal(SIGUSR1, SIG_DFL);
}

static void it_leads_a_group_of_its_own(void **state)
{
	struct scene scene;
	char buf[4096], wanted[4096];
	long pid;

	begin(&scene);
	START(&scene, PLAIN, "pid");
	pid = vane__child_pid(scene.child);
	snprintf(wanted, sizeof(wanted), "pid %ld\ngroup %ld\n", pid, pid);
	assert_string_equal(read_output(&scene, buf, sizeof(buf), NULL), wanted);
	vane__child_free(scene.child);
	turn_until(&scene, true);
	finish(&scene);
}

static void limits_hold(void **state)
{
	struct scene scene;
	char buf[4096], wanted[64];
	const int64_t most = 256 << 20;

	begin(&scene);
	START(&scene, OPTS(.cpu_sec = 7, .memory_bytes = most), "limits", "eat:1000000",
		"eat:500000000");
	snprintf(wanted, sizeof(wanted), "cpu 7\nmemory %ld\neaten\nno memory\n",
		(long) most);
	assert_string_equal(read_output(&scene, buf, sizeof(buf), NULL), wanted);
	turn_until(&scene, false);
	vane__child_free(scene.child);
	close(scene.output);

	scene.ends = 0;
	START(&scene, OPTS(.cpu_sec = 1), "spin");
	turn_until(&scene, false);
	assert_int_equal(scene.status, SIGXCPU);
	vane__child_free(scene.child);
	finish(&scene);
}

static void ending_it_is_told_by_term_then_kill(void **state)
{
	static const struct {
		const char *first;
		int64_t kill_msec;
		int status;
	} rows[] = {
		{ "say:x", 0, SIGTERM },
		{ "ignore:15", 20, SIGKILL },
		{ "join", 0, SIGTERM },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene;
		char buf[64];

		begin(&scene);
		START(&scene, OPTS(.kill_msec = rows[i].kill_msec), rows[i].first,
			"say:ready", "hang");
		read_output(&scene, buf, sizeof(buf), "ready");
		vane__child_end(scene.child);
		vane__child_end(scene.child);
		turn_until(&scene, false);
		assert_int_equal(scene.status, rows[i].status);
		vane__child_free(scene.child);
		finish(&scene);
	}
}

static void without_a_limit_it_is_not_killed(void **state)
{
	struct scene scene;
	char buf[64];

	begin(&scene);
	START(&scene, OPTS(.kill_msec = VANE__UNLIMITED), "ignore:15", "say:ready", "hang");
	read_output(&scene, buf, sizeof(buf), "ready");
	vane__child_end(scene.child);
	assert_int_equal(poll(NULL, 0, 50), 0);
	vane_loop_turn(scene.loop, false);
	assert_int_equal(scene.ends, 0);
	assert_int_equal(kill(vane__child_pid(scene.child), SIGKILL), 0);
	turn_until(&scene, false);
	vane__child_free(scene.child);
	finish(&scene);
}

static void letting_go_of_it_ends_it_silently(void **state)
{
	static const char *const firsts[] = { "say:x", "ignore:15", "join" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(firsts); i++) {
		struct scene scene;
		char buf[64];

		begin(&scene);
		START(&scene, OPTS(.kill_msec = 20), firsts[i], "say:ready", "hang");
		read_output(&scene, buf, sizeof(buf), "ready");
		vane__child_free(scene.child);
		turn_until(&scene, true);
		assert_int_equal(scene.ends, 0);
		finish(&scene);
	}
}

/* A grandchild that ignores TERM holds the output open until it is killed. */
static void grandchildren_end_with_it(void **state)
{
	static const struct {
		const char *last; /* of the leader */
		bool end, awaited;
	} rows[] = {
		{ "exit:0", false, true }, /* the leader ends by itself, then it is freed */
		{ "exit:0", true, true },  /* or is told to end after its end */
		{ "hang", true, true },    /* or is told to end before */
		{ "hang", false, false },  /* or let go of while it runs */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene scene;
		char buf[64];

		begin(&scene);
		START(&scene, PLAIN, "fork:3", "ignore:15", "say:ready", "hang",
			rows[i].last);
		read_output(&scene, buf, sizeof(buf), "ready");
		if (strcmp(rows[i].last, "exit:0") == 0)
			turn_until(&scene, false);
		if (rows[i].end)
			vane__child_end(scene.child);
		if (rows[i].awaited)
			turn_until(&scene, false);
		if (rows[i].end)
			await_silence(&scene);
		vane__child_free(scene.child);
		turn_until(&scene, true);
		await_silence(&scene);
		finish(&scene);
	}
}

static void a_grandchild_may_outlive_it_until_it_is_freed(void **state)
{
	struct scene scene;
	char buf[64];

	begin(&scene);
	START(&scene, PLAIN, "fork:5", "wait:100", "say:late", "wait:100", "say:r", "hang",
		"exit:0");
	turn_until(&scene, false);
	assert_string_equal(read_output(&scene, buf, sizeof(buf), "later"), "later");
	vane__child_free(scene.child);
	await_silence(&scene);
	finish(&scene);
}

static void freeing_all_kills_all(void **state)
{
	struct scene scene;
	int outputs[3], i;
	char buf[64];

	begin(&scene);
	for (i = 0; i < 3; i++) {
		START(&scene, PLAIN, "ignore:15", "fork:0", "say:ready", "hang");
		outputs[i] = scene.output;
		read_output(&scene, buf, sizeof(buf), "readyready");
	}
	vane__child_free(scene.child); /* one of them has been told */
	vane__children_free(scene.children);
	scene.children = NULL;
	for (i = 0; i < 3; i++) {
		scene.output = outputs[i];
		await_silence(&scene);
		close(outputs[i]);
	}
	scene.output = -1;
	assert_int_equal(scene.ends, 0);
	finish(&scene);
}

static void somebody_else_may_reap_it(void **state)
{
	struct scene scene;
	char buf[64], words[VANE__CHILD_WORDS];

	begin(&scene);
	START(&scene, PLAIN, "fork:2", "say:ready", "hang", "exit:0");
	read_output(&scene, buf, sizeof(buf), "ready");
	assert_true(waitpid(vane__child_pid(scene.child), NULL, 0) > 0);
	turn_until(&scene, false);
	assert_int_equal(scene.status, -1);
	vane__child_words(-1, words);
	await_silence(&scene);
	vane__child_free(scene.child);
	finish(&scene);
}

static void children_may_be_ignored_by_the_process(void **state)
{
	struct scene scene;

	begin(&scene);
	signal(SIGCHLD, SIG_IGN);
	START(&scene, PLAIN, "exit:3");
	turn_until(&scene, false);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(scene.status, -1);
	vane__child_free(scene.child);
	finish(&scene);
}

static void what_did_not_start_is_not_waited_for(void **state)
{
	struct scene scene;
	struct vane__child_opts opts = { .path = "/nowhere" };

	if (!vfork_shares_memory())
		skip();
	begin(&scene);
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(
		try_start(&scene, &opts, (const char *const[]) { "x", NULL }), -ENOENT);
	signal(SIGCHLD, SIG_DFL);
	finish(&scene);
}

static void lack_of_memory_leaves_nobody_behind(void **state)
{
	long n, failed;
	int rc;

	for (n = 0;; n++) {
		struct scene scene;

		begin(&scene);
		alloc_fail_once(n);
		rc = try_start(&scene, &(struct vane__child_opts) { .path = NULL },
			(const char *const[]) { "actor", "hang", NULL });
		failed = alloc_fail_never();
		if (failed == 0)
			assert_int_equal(rc, 0);
		else if (rc != 0) /* the loop has a reserve for libev */
			assert_int_equal(rc, -ENOMEM);
		if (rc == 0) { /* no timer for KILL: it comes at once */
			alloc_fail_after(0);
			vane__child_free(scene.child);
			alloc_fail_never();
			turn_until(&scene, true);
		}
		assert_false(is_left(0));
		finish(&scene);
		if (failed == 0)
			break;
	}
	assert_true(n > 0);
}

/* A process with a child dies, and the child with it, whatever it ignores. */
static void it_ends_with_us(void **state)
{
	struct scene scene;
	char buf[64];
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		begin(&scene);
		START(&scene, PLAIN, "ignore", "say:ready", "hang");
		read_output(&scene, buf, sizeof(buf), "ready");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(waitpid(-1, &status, 0) > 0); /* it has come to us */
	assert_int_equal(status, SIGKILL);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
}

static int without(void **state)
{
	without_pidfds = true;
	return 0;
}

static int with(void **state)
{
	without_pidfds = false;
	return 0;
}

#define BOTH(test) cmocka_unit_test_setup(test, with), cmocka_unit_test_setup(test, without)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(its_end_is_announced),
		BOTH(an_owner_may_free_it_when_it_hears_of_its_end),
		BOTH(what_cannot_be_started_is_an_errno),
		BOTH(it_gets_three_descriptors_and_its_environment),
		BOTH(its_descriptors_may_be_low_ones_here),
		BOTH(its_signals_are_those_of_a_new_process),
		BOTH(it_leads_a_group_of_its_own),
		BOTH(limits_hold),
		BOTH(ending_it_is_told_by_term_then_kill),
		BOTH(without_a_limit_it_is_not_killed),
		BOTH(letting_go_of_it_ends_it_silently),
		BOTH(grandchildren_end_with_it),
		BOTH(a_grandchild_may_outlive_it_until_it_is_freed),
		BOTH(freeing_all_kills_all),
		BOTH(somebody_else_may_reap_it),
		BOTH(children_may_be_ignored_by_the_process),
		BOTH(what_did_not_start_is_not_waited_for),
		BOTH(lack_of_memory_leaves_nobody_behind),
		BOTH(it_ends_with_us),
	};

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
