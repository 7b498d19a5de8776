/* SPDX-License-Identifier: MIT */
/*
 * test_logs.c - the log and the access log of whole programs, in files.
 *
 * Each program is a child of this one, and listens on a unix socket in a folder of its own.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vane.h>

#include "support/tmp.h"

enum { PATIENCE_MSEC = 10000 };

static struct tmp tmp;
static pid_t program;
static char where[TMP_PATH_MAX], log_path[TMP_PATH_MAX], access_path[TMP_PATH_MAX];

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "hello\n");
}

static int crash(struct vane_request *req, struct vane_response *res)
{
	return raise(SIGSEGV);
}

static int leave(struct vane_request *req, struct vane_response *res)
{
	exit(3);
}

static const struct vane_route routes[] = { VANE_GET("/", hello), VANE_GET("/crash", crash),
	VANE_GET("/exit", leave), VANE_END };

static void run(const char *const *words)
{
	char *argv[12] = { (char *) "prog" };
	int argc = 1, null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDERR_FILENO);
	signal(SIGSEGV, SIG_DFL); /* it is cmocka's */
	for (; words[argc - 1] != NULL; argc++)
		argv[argc] = (char *) (uintptr_t) words[argc - 1];
	exit(vane_main(argc, argv, routes));
}

static const char *text_of(const char *path)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void nap(void)
{
	const struct timespec ts = { .tv_nsec = 5 * 1000 * 1000 };

	nanosleep(&ts, NULL);
}

/* A file has no end to wait for: it is looked at until it has that text. */
static bool comes(const char *path, const char *text)
{
	int i;

	for (i = 0; i < PATIENCE_MSEC / 5; i++) {
		if (strstr(text_of(path), text) != NULL)
			return true;
		nap();
	}
	print_message("%s: no \"%s\" in: %s\n", path, text, text_of(path));
	return false;
}

/* A connection to the program, -1 where it does not listen. */
static int connection(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s", where);
	if (connect(fd, (struct sockaddr *) &addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	return -1;
}

#define START(...) start((const char *const[]) { __VA_ARGS__, NULL })

static void start(const char *const *more)
{
	static char listen[200], log_word[200], access_word[200];
	const char *words[12] = { listen, log_word, access_word };
	int i, fd = -1;

	snprintf(listen, sizeof(listen), "--listen=unix:%s", where);
	snprintf(log_word, sizeof(log_word), "--log-file=%s", log_path);
	snprintf(access_word, sizeof(access_word), "--access-log-file=%s", access_path);
	for (i = 0; more[i] != NULL; i++)
		words[3 + i] = more[i];
	fflush(NULL);
	program = fork();
	assert_true(program >= 0);
	if (program == 0)
		run(words);
	for (i = 0; i < PATIENCE_MSEC / 5 && (fd = connection()) < 0; i++)
		nap();
	assert_true(fd >= 0);
	close(fd);
}

static int finish(void)
{
	int status = -1;

	assert_int_equal(waitpid(program, &status, 0), program);
	return status;
}

static void ask_for(const char *path)
{
	int len, fd = connection();
	char text[1024];

	assert_true(fd >= 0);
	len = snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n", path);
	assert_int_equal(write(fd, text, (size_t) len), len);
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

static void comes_to_be(const char *path)
{
	int i;

	for (i = 0; i < PATIENCE_MSEC / 5 && access(path, F_OK) < 0; i++)
		nap();
	assert_true(i < PATIENCE_MSEC / 5);
}

static void logs_are_opened_again_at_usr1(void **state)
{
	static const char *const processes[] = { "--processes=1", "--processes=3" };
	static char old[TMP_PATH_MAX], old_access[TMP_PATH_MAX];
	size_t i;
	int tries;

	for (i = 0; i < 2; i++) {
		START("--access-log=common", processes[i]);
		ask_for("/");
		assert_true(comes(access_path, "\"GET / HTTP/1.0\" 200 6\n"));
		assert_int_equal(rename(log_path, tmp_path(&tmp, old, "old")), 0);
		assert_int_equal(
			rename(access_path, tmp_path(&tmp, old_access, "old_access")), 0);
		kill(program, SIGUSR1);
		/* a worker's first request may be before the signal */
		for (tries = 0; tries < 100 && strstr(text_of(access_path), "?new") == NULL;
			tries++)
			ask_for("/?new");
		assert_true(comes(access_path, "/?new"));
		kill(program, SIGTERM);
		assert_int_equal(finish(), 0);
		if (i == 1)
			assert_non_null(strstr(text_of(log_path), "exited normally"));
		unlink(log_path);
		unlink(access_path);
	}
}

static void usr1_opens_logs_again_in_fastcgi_and_scgi_mode_too(void **state)
{
	static const char *const modes[] = { "--mode=fastcgi", "--mode=scgi" };
	static const char *const processes[] = { "--processes=1", "--processes=2" };
	char old[TMP_PATH_MAX];
	int i;

	for (i = 0; i < 4; i++) {
		START(modes[i / 2], processes[i % 2], "--logging=debug");
		assert_int_equal(rename(log_path, tmp_path(&tmp, old, "old")), 0);
		kill(program, SIGUSR1);
		comes_to_be(log_path);
		kill(program, SIGTERM);
		assert_int_equal(finish(), 0);
		/* a worker may be told to leave before it has opened its log again */
		assert_non_null(strstr(
			text_of(log_path), i % 2 == 0 ? "draining" : "exited normally"));
		unlink(log_path);
	}
}

static void a_crash_is_in_the_file_of_the_log(void **state)
{
	START("--access-log=common");
	ask_for("/crash");
	assert_int_equal(WTERMSIG(finish()), SIGSEGV);
	assert_non_null(strstr(
		text_of(log_path), "killed by SIGSEGV at GET /crash (route /crash)\n"));
}

static void lines_of_tornado_have_their_stamp_in_a_file_of_their_own(void **state)
{
	START("--access-log=tornado");
	ask_for("/");
	assert_true(comes(access_path, "] 200 GET / (unix:) "));
	assert_memory_equal(text_of(access_path), "[I ", 3);
	assert_null(strstr(text_of(log_path), "200 GET"));
	kill(program, SIGTERM);
	assert_int_equal(finish(), 0);
}

static void buffered_lines_are_a_second_old_at_most(void **state)
{
	START("--access-log=common", "--access-log-buffer=64k", "--processes=2");
	ask_for("/");
	assert_true(comes(access_path, "\"GET / HTTP/1.0\" 200 6\n"));
	kill(program, SIGTERM);
	assert_int_equal(finish(), 0);
}

static void buffered_lines_are_written_at_a_crash_and_at_the_end(void **state)
{
	START("--access-log=$request_uri", "--access-log-buffer=64k", "--logging=info");
	ask_for("/?1");
	ask_for("/?2");
	ask_for("/crash");
	assert_int_equal(WTERMSIG(finish()), SIGSEGV);
	assert_string_equal(text_of(access_path), "/?1\n/?2\n");
	unlink(where);
	START("--access-log=$request_uri", "--access-log-buffer=64k", "--logging=info");
	ask_for("/?3");
	kill(program, SIGTERM);
	assert_int_equal(finish(), 0);
	assert_string_equal(text_of(access_path), "/?1\n/?2\n/?3\n");
	START("--access-log=$request_uri", "--access-log-buffer=64k", "--logging=info");
	ask_for("/?4");
	ask_for("/exit");
	assert_int_equal(WEXITSTATUS(finish()), 3);
	assert_string_equal(text_of(access_path), "/?1\n/?2\n/?3\n/?4\n");
}

static void files_are_put_aside_as_options_say(void **state)
{
	char name[TMP_PATH_MAX];

	START("--access-log=$request_uri", "--log-rotate-mode=size",
		"--log-file-max-size=10", "--log-file-num-backups=1");
	ask_for("/?1234");
	ask_for("/?5678");
	kill(program, SIGTERM);
	assert_int_equal(finish(), 0);
	assert_string_equal(text_of(access_path), "/?5678\n");
	assert_string_equal(text_of(tmp_path(&tmp, name, "access.1")), "/?1234\n");
	tmp_path(&tmp, name, "access.2");
	assert_int_equal(access(name, F_OK), -1);
}

static int make_dir(void **state)
{
	assert_int_equal(tmp_make(&tmp), 0);
	tmp_path(&tmp, where, "s");
	tmp_path(&tmp, log_path, "log");
	tmp_path(&tmp, access_path, "access");
	return 0;
}

static int remove_dir(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(logs_are_opened_again_at_usr1),
		TEST(usr1_opens_logs_again_in_fastcgi_and_scgi_mode_too),
		TEST(a_crash_is_in_the_file_of_the_log),
		TEST(buffered_lines_are_a_second_old_at_most),
		TEST(buffered_lines_are_written_at_a_crash_and_at_the_end),
		TEST(files_are_put_aside_as_options_say),
		TEST(lines_of_tornado_have_their_stamp_in_a_file_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
