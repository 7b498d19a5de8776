/* SPDX-License-Identifier: MIT */
/*
 * test_ends.c - how whole programs end that are not asked to, or do not want to
 *
 * This program serves as well: it starts itself.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "support/port.h"
#include "support/proc.h"
#include "support/tmp.h"

#define PATIENCE_MSEC 30000

/* ---- the program that serves ---- */

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello\n");
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_route routes[] = { { "/", &hello_handler }, { 0 } };

static int start_in_vain(struct vane_program *program, struct vane_loop *loop)
{
	return -ECONNREFUSED;
}

static int serve(int argc, char **argv)
{
	struct vane_program program = { .routes = routes };

	if (strcmp(argv[0], "fails") == 0)
		program.start = start_in_vain;
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

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_that_fails_ends_the_program),
	};

	if (argc > 1)
		return serve(argc - 1, argv + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
