/* SPDX-License-Identifier: MIT */
/*
 * test_start.c - what whole programs open when they start, say about it, and leave behind
 *
 * This program serves as well: it starts itself.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "support/proc.h"
#include "support/tmp.h"

#define PATIENCE_MSEC 30000

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello\n");
}

static const struct vane_handler handler = { .get = hello };
static const struct vane_route routes[] = { { "/", &handler }, { 0 } };

struct scene {
	struct tmp tmp;
	struct proc proc;
	char log[TMP_PATH_MAX], socket[TMP_PATH_MAX], pid_file[TMP_PATH_MAX];
};

static void open_scene(struct scene *scene)
{
	assert_int_equal(tmp_make(&scene->tmp), 0);
	tmp_path(&scene->tmp, scene->log, "log");
	tmp_path(&scene->tmp, scene->socket, "s");
	tmp_path(&scene->tmp, scene->pid_file, "pid");
}

/* Have a shell start a program with these words and redirections. */
static void start_program(struct scene *scene, const char *program, const char *words)
{
	char command[640];
	char *argv[] = { (char *) "sh", (char *) "-c", command, NULL };
	struct proc_start start = { .argv = argv, .log = scene->log };

	snprintf(command, sizeof(command), "exec %s %s", program, words);
	assert_int_equal(proc_start(&scene->proc, &start), 0);
}

static void start(struct scene *scene, const char *words)
{
	start_program(scene, getenv("TEST_START_SELF"), words);
}

static void await(struct scene *scene, const char *text)
{
	if (proc_wait_log(&scene->proc, text, PATIENCE_MSEC) == 0)
		return;
	proc_print_log(&scene->proc);
	proc_stop(&scene->proc);
	fail_msg("\"%s\" was not said", text);
}

static void stop(struct scene *scene)
{
	assert_int_equal(proc_stop(&scene->proc), 0);
	assert_true(WIFEXITED(scene->proc.status));
	assert_int_equal(WEXITSTATUS(scene->proc.status), 0);
}

/* How often a text is in its log. */
static int count_in_log(const struct scene *scene, const char *text)
{
	static char log[65536];
	FILE *file = fopen(scene->log, "re");
	const char *at = log;
	int count = 0;

	assert_non_null(file);
	log[fread(log, 1, sizeof(log) - 1, file)] = '\0';
	fclose(file);
	while ((at = strstr(at, text)) != NULL) {
		count++;
		at++;
	}
	return count;
}

static void target_of(pid_t pid, int fd, char *target, size_t size)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long) pid, fd);
	len = readlink(path, target, size - 1);
	target[len > 0 ? len : 0] = '\0';
}

/* Else the first socket is descriptor 0, and the next file what is written to descriptor 2. */
static void closed_standard_descriptors_are_opened_on_nothing(void **state)
{
	static const char *const how[] = { "<&- >&-", "<&-" };
	char words[300], target[128];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words), "--listen=unix:%s %s", scene.socket, how[i]);
		start(&scene, words);
		await(&scene, "listening on");
		for (fd = 0; fd < (i == 0 ? 2 : 1); fd++) {
			target_of(scene.proc.pid, fd, target, sizeof(target));
			assert_string_equal(target, "/dev/null");
		}
		stop(&scene);
		tmp_remove(&scene.tmp);
	}
}

/* The soft limit of a process. */
static long descriptors_of(pid_t pid)
{
	char path[64], line[256];
	long limit = -1;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%ld/limits", (long) pid);
	in = fopen(path, "re");
	assert_non_null(in);
	while (limit < 0 && fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, "Max open files", 14) == 0)
			limit = strtol(line + 14, NULL, 10);
	fclose(in);
	return limit;
}

static void as_many_descriptors_are_had_as_are_allowed(void **state)
{
	static const struct {
		const char *words;
		long limit;
	} rows[] = { { "", 700 }, { "--nofile=300", 300 }, { "--nofile=700", 700 } };
	char words[512];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words),
			"'ulimit -S -n 200; ulimit -H -n 700; exec \"$0\" \"$@\"' %s "
			"--listen=unix:%s %s",
			getenv("TEST_START_SELF"), scene.socket, rows[i].words);
		start_program(&scene, "sh -c", words);
		await(&scene, "listening on");
		assert_int_equal(descriptors_of(scene.proc.pid), rows[i].limit);
		stop(&scene);
		tmp_remove(&scene.tmp);
	}
}

static void programs_without_any_descriptor_serve(void **state)
{
	const char *const programs[] = { getenv("TEST_START_SELF"), "./vane-gateway" };
	char words[300], target[128];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words), "%s --listen=unix:%s <&- >&- 2>&-",
			i == 1 ? "--root=/" : "", scene.socket);
		start_program(&scene, programs[i], words);
		assert_int_equal(
			proc_wait_unix(&scene.proc, scene.socket, PATIENCE_MSEC), 0);
		for (fd = 0; fd < 3; fd++) {
			target_of(scene.proc.pid, fd, target, sizeof(target));
			assert_string_equal(target, "/dev/null");
		}
		stop(&scene);
		tmp_remove(&scene.tmp);
	}
}

/* As the other options in test_main.c. */
static void options_of_the_gateway_that_have_no_meaning_are_named(void **state)
{
	static const struct {
		const char *words, *says; /* NULL: nothing */
		int status;
	} rows[] = {
		{ "--root=/ --cgi-cpu=1", "--cgi-cpu has no meaning without --cgi", 0 },
		{ "--root=/ --cgi-cpu=1 --strict", "--cgi-cpu has no meaning", 78 },
		{ "--root=/ --cgi-cpu=1 --cgi=.cgi=", NULL, 0 },
		{ "--scgi=/x/=127.0.0.1:1 --max-idle=2",
			"--max-idle has no meaning without --fastcgi or --program", 0 },
		{ "--scgi=/x/=127.0.0.1:1 --index=a",
			"--index has no meaning without --root", 0 },
		{ "--root=/ --max-active=2",
			"--max-active has no meaning without a program", 0 },
		{ "--scgi=/x/=127.0.0.1:1 --max-active=2", NULL, 0 },
	};
	char words[300];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words), "--check %s", rows[i].words);
		start_program(&scene, "./vane-gateway", words);
		assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
		assert_int_equal(WEXITSTATUS(scene.proc.status), rows[i].status);
		assert_int_equal(
			count_in_log(&scene, "has no meaning"), rows[i].says != NULL);
		if (rows[i].says != NULL)
			assert_int_equal(count_in_log(&scene, rows[i].says), 1);
		tmp_remove(&scene.tmp);
	}
}

static void mistakes_in_options_of_the_gateway_are_named_as_given(void **state)
{
	static const struct {
		const char *words, *says;
		int status;
	} rows[] = {
		{ "--root=/ --index=/a/b", "--index: '/a/b' is no name of a file", 2 },
		{ "--root=/nope", "--root=/nope: No such file or directory", 1 },
		{ "--root=/ --sendfile-root=/nope", "--sendfile-root=/nope: No such file",
			1 },
		{ "--root=/ --sendfile-root=/dev/null",
			"--sendfile-root=/dev/null: Not a directory", 1 },
		{ "--cgi=/hook=/nope.sh", "--cgi=/hook=/nope.sh cannot be served", 1 },
		{ "--cgi=/hook/=/nope.sh", "--cgi=/hook/=/nope.sh cannot be served", 1 },
		{ "--scgi=/x=unix:", "--scgi=/x=unix: cannot be served", 1 },
		{ "--root=/ --cgi=.cgi= '--param=A B=3'",
			"--param: 'A B=3' is not NAME=VALUE, with a name of", 2 },
	};
	char words[300];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words), "--check %s", rows[i].words);
		start_program(&scene, "./vane-gateway", words);
		assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
		if (count_in_log(&scene, rows[i].says) != 1) {
			proc_print_log(&scene.proc);
			fail_msg("\"%s\" was not said", rows[i].says);
		}
		assert_int_equal(WEXITSTATUS(scene.proc.status), rows[i].status);
		tmp_remove(&scene.tmp);
	}
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static const char *const counts[] = { "--processes=1", "--processes=2" };

static void its_socket_and_pid_file_go_with_a_program(void **state)
{
	char words[400];
	size_t i;

	for (i = 0; i < 2; i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words), "%s --listen=unix:%s --pid-file=%s",
			counts[i], scene.socket, scene.pid_file);
		start(&scene, words);
		await(&scene, "listening on");
		assert_true(exists(scene.socket) && exists(scene.pid_file));
		stop(&scene);
		assert_false(exists(scene.socket) || exists(scene.pid_file));
		tmp_remove(&scene.tmp);
	}
}

/* As a restart does: the old one is still there when the new one has the name. */
static void what_a_successor_has_made_stays(void **state)
{
	char words[400];
	size_t i;

	for (i = 0; i < 2; i++) {
		struct scene scene;
		struct proc old;
		char first_log[TMP_PATH_MAX], moved[TMP_PATH_MAX];

		open_scene(&scene);
		tmp_path(&scene.tmp, moved, "moved");
		snprintf(words, sizeof(words), "%s --listen=unix:%s --pid-file=%s",
			counts[i], scene.socket, scene.pid_file);
		start(&scene, words);
		await(&scene, "listening on");
		old = scene.proc;
		strcpy(first_log, scene.log);
		tmp_path(&scene.tmp, scene.log, "log-of-the-next");
		assert_int_equal(rename(scene.socket, moved), 0);
		start(&scene, words);
		await(&scene, "listening on");
		assert_int_equal(proc_stop(&old), 0);
		assert_true(exists(scene.socket) && exists(scene.pid_file));
		assert_int_equal(
			proc_wait_unix(&scene.proc, scene.socket, PATIENCE_MSEC), 0);
		stop(&scene);
		assert_false(exists(scene.socket) || exists(scene.pid_file));
		assert_true(exists(moved)); /* not under a name of ours any more */
		tmp_remove(&scene.tmp);
	}
}

/* A socket that was handed to it belongs to whoever made it. */
static void a_socket_that_was_inherited_stays(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct scene scene;
	char words[64];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	open_scene(&scene);
	assert_true(strlen(scene.socket) < sizeof(addr.sun_path));
	strcpy(addr.sun_path, scene.socket);
	assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 8), 0);
	snprintf(words, sizeof(words), "--mode=http --listen=fd:%d", fd);
	start(&scene, words);
	await(&scene, "listening on");
	stop(&scene);
	assert_true(exists(scene.socket));
	close(fd);
	tmp_remove(&scene.tmp);
}

static void root_is_warned_once_if_it_is_to_stay_root(void **state)
{
	static const struct {
		const char *words;
		int warnings;
	} rows[] = {
		{ "--processes=1", 1 },
		{ "--processes=2", 1 },
		{ "--processes=2 --user=nobody", 0 },
		{ "--processes=1 --user=root", 0 },
	};
	char words[300];
	size_t i;

	if (geteuid() != 0)
		skip();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words), "--listen=127.0.0.1:0 %s", rows[i].words);
		start(&scene, words);
		await(&scene, "listening on");
		stop(&scene);
		assert_int_equal(count_in_log(&scene, "requests are handled as root"),
			rows[i].warnings);
		tmp_remove(&scene.tmp);
	}
}

static void the_line_at_the_start_says_how_far_it_is_reached(void **state)
{
	static const struct {
		const char *words, *says;
	} rows[] = {
		{ "--port=0", "/ (all addresses), 1 process" },
		{ "--listen=0.0.0.0:0", "/ (all addresses), 1 process" },
		{ "--port=0 --address=127.0.0.1", "/, 1 process" },
		{ "--mode=scgi --port=0", "127.0.0.1:" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		start(&scene, rows[i].words);
		await(&scene, "listening on");
		assert_int_equal(count_in_log(&scene, rows[i].says), 1);
		stop(&scene);
		tmp_remove(&scene.tmp);
	}
}

static int test_all(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_standard_descriptors_are_opened_on_nothing),
		cmocka_unit_test(as_many_descriptors_are_had_as_are_allowed),
		cmocka_unit_test(programs_without_any_descriptor_serve),
		cmocka_unit_test(mistakes_in_options_of_the_gateway_are_named_as_given),
		cmocka_unit_test(options_of_the_gateway_that_have_no_meaning_are_named),
		cmocka_unit_test(its_socket_and_pid_file_go_with_a_program),
		cmocka_unit_test(what_a_successor_has_made_stays),
		cmocka_unit_test(a_socket_that_was_inherited_stays),
		cmocka_unit_test(the_line_at_the_start_says_how_far_it_is_reached),
		cmocka_unit_test(root_is_warned_once_if_it_is_to_stay_root),
	};
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		return 77;
	self[len] = '\0';
	setenv("TEST_START_SELF", self, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return argc > 1 ? vane_main(argc, argv, routes) : test_all();
}
