/* SPDX-License-Identifier: MIT */
/*
 * gateway_users.c - vane-gateway whose programs are users of their own (--program-user), and confined
 * (--sandbox): who they are, what they can open, that they are ended, and that a reload changes nothing.
 *
 * It takes root: others see that it is refused.  As for Landlock, the kernel is asked what to expect.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/proc.h"
#include "support/raw.h"
#include "support/tmp.h"

#define PATIENCE_MSEC      30000
#define CREATE_RULESET     444
#define CREATE_RULESET_ABI 1
#define DAEMON             "1" /* on every Linux (LSB, 23.2) */

static const char script[] = "#!/bin/sh\n"
			     "printf 'Content-Type: text/plain\\n\\n'\n"
			     "echo user $(id -u) of $(id -G) end\n"
			     "grep -E '^(CapPrm|CapEff|NoNewPrivs)' /proc/self/status\n"
			     "cat @SECRET@ 2>&1\n";

static const char sleeper[] = "#!/bin/sh\n"
			      "echo $$ >@DIR@/pid\n"
			      "exec sleep 60\n";

struct scene {
	struct tmp tmp;
	struct proc proc;
	int port;
	char log[TMP_PATH_MAX];
};

static void put_script(const struct scene *scene, const char *name, const char *text)
{
	char secret[TMP_PATH_MAX], path[TMP_PATH_MAX];
	const struct tmp_word words[] = {
		{ "SECRET", tmp_path(&scene->tmp, secret, "secret") },
		{ "DIR", scene->tmp.path },
		{ 0 },
	};

	assert_int_equal(tmp_write(&scene->tmp, name, text, words), 0);
	assert_int_equal(chmod(tmp_path(&scene->tmp, path, name), 0755), 0);
}

static void open_scene(struct scene *scene)
{
	const char *dir = getenv("RELOADAPP_DIR");
	char from[256];

	*scene = (struct scene) { .port = 0 };
	assert_int_equal(tmp_make(&scene->tmp), 0);
	tmp_path(&scene->tmp, scene->log, "log");
	assert_int_equal(tmp_mkdir(&scene->tmp, "cgi"), 0);
	assert_int_equal(tmp_mkdir(&scene->tmp, "spool"), 0);
	assert_int_equal(tmp_write(&scene->tmp, "secret", "a secret\n", NULL), 0);
	snprintf(from, sizeof(from), "%s/reloadapp1", dir != NULL ? dir : "tests/fixtures");
	assert_int_equal(tmp_copy_program(&scene->tmp, "app", from), 0);
	put_script(scene, "cgi/who", script);
	put_script(scene, "cgi/sleeper", sleeper);
	assert_int_equal(chmod(scene->tmp.path, 0777), 0);
}

static void close_scene(struct scene *scene)
{
	proc_stop(&scene->proc);
	tmp_remove(&scene->tmp);
}

static void await(struct scene *scene, const char *text)
{
	if (proc_wait_log(&scene->proc, text, PATIENCE_MSEC) == 0)
		return;
	proc_print_log(&scene->proc);
	close_scene(scene);
	fail_msg("\"%s\" was not said", text);
}

static void launch(struct scene *scene, const char *words)
{
	char command[1400];
	char *argv[] = { (char *) "sh", (char *) "-c", command, NULL };
	struct proc_start start = { .argv = argv, .log = scene->log };

	snprintf(command, sizeof(command),
		"TMPDIR=%s/spool exec ./vane-gateway --listen=127.0.0.1:0 --cgi=/cgi/=%s/cgi "
		"--program='/app/=%s/app --mode=fastcgi --mount=auto' --strict %s",
		scene->tmp.path, scene->tmp.path, scene->tmp.path, words);
	assert_int_equal(proc_start(&scene->proc, &start), 0);
}

static void start(struct scene *scene, const char *words)
{
	launch(scene, words);
	await(scene, "listening on");
	scene->port = proc_log_port(&scene->proc);
}

static void stop(struct scene *scene)
{
	proc_stop(&scene->proc);
	if (!WIFEXITED(scene->proc.status) || WEXITSTATUS(scene->proc.status) != 0)
		proc_print_log(&scene->proc);
	assert_true(WIFEXITED(scene->proc.status));
	assert_int_equal(WEXITSTATUS(scene->proc.status), 0);
	close_scene(scene);
}

/* The answer, to be freed. */
static char *ask(struct scene *scene, const char *target)
{
	char bytes[512], *out = NULL;
	struct raw raw = { .bytes = bytes, .msec = PATIENCE_MSEC };
	size_t len;

	raw.len = (size_t) snprintf(bytes, sizeof(bytes),
		"GET %s HTTP/1.1\r\nHost: vane.test\r\nConnection: close\r\n\r\n", target);
	assert_int_equal(raw_ask(scene->port, &raw, &out, &len), 0);
	return out;
}

static void expect(struct scene *scene, const char *target, const char *wanted)
{
	char *out = ask(scene, target);

	if (strstr(out, wanted) == NULL) {
		proc_print_log(&scene->proc);
		fail_msg("%s: no '%s' in '%s'", target, wanted, out);
	}
	free(out);
}

/* The user of the process that answers there, by what it says of itself. */
static void expect_process_of(struct scene *scene, const char *target, uid_t uid)
{
	char *out = ask(scene, target), path[64];
	const char *at = strstr(out, ", process ");
	struct stat st;

	if (at == NULL)
		fail_msg("%s: '%s'", target, out);
	snprintf(path, sizeof(path), "/proc/%ld", strtol(at + 10, NULL, 10));
	free(out);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, uid);
}

static bool confines(void)
{
	return syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_ABI) > 0;
}

static void programs_are_their_users(void **state)
{
	static const struct {
		const char *words;
		bool sandbox;
	} rows[] = {
		{ "--user=nobody", false },
		{ "", false },
		{ "--user=nobody --processes=2", false },
		{ "--user=nobody --sandbox", true },
		{ "--sandbox", true },
	};
	char words[300];
	size_t i, turn;

	(void) state;
	for (i = 0; i < (geteuid() == 0 ? sizeof(rows) / sizeof(rows[0]) : 0); i++) {
		struct scene scene;

		open_scene(&scene);
		snprintf(words, sizeof(words),
			"--program-user=/cgi/=daemon --program-user=/app=nobody:daemon %s",
			rows[i].words);
		start(&scene, words);
		for (turn = 0; turn < 2; turn++) {
			expect(&scene, "/cgi/who", "user " DAEMON " of " DAEMON " end\n");
			expect(&scene, "/cgi/who", "CapPrm:\t0000000000000000\n");
			expect(&scene, "/cgi/who",
				rows[i].sandbox ? "NoNewPrivs:\t1\n" : "NoNewPrivs:\t0\n");
			expect(&scene, "/cgi/who",
				rows[i].sandbox && confines() ? "ermission denied"
							      : "a secret\n");
			expect_process_of(&scene, "/app/", 65534);
			if (turn > 0)
				break;
			kill(scene.proc.pid, SIGHUP);
			await(&scene, "of the new program serve");
		}
		stop(&scene);
	}
}

/* They are another user's than who ends them. */
static void programs_of_others_are_ended(void **state)
{
	struct scene scene;
	char path[TMP_PATH_MAX];
	long pid = 0, until = proc_now() + PATIENCE_MSEC;
	FILE *in;

	(void) state;
	if (geteuid() == 0) {
		open_scene(&scene);
		start(&scene, "--program-user=/cgi/=daemon --user=nobody "
			      "--program-timeout=200ms");
		expect(&scene, "/cgi/sleeper", "HTTP/1.1 504 ");
		in = fopen(tmp_path(&scene.tmp, path, "pid"), "re");
		assert_non_null(in);
		assert_int_equal(fscanf(in, "%ld", &pid), 1);
		fclose(in);
		while (kill((pid_t) pid, 0) == 0 && proc_now() < until)
			usleep(10000);
		assert_int_equal(kill((pid_t) pid, 0), -1);
		stop(&scene);
	}
}

static void who_is_not_root_is_refused(void **state)
{
	static const struct {
		const char *words, *says;
		int status;
	} rows[] = {
		{ "--program-user=/cgi/=daemon",
			"only root can run programs as another user", 1 },
		{ "--program-user=/cgi/=no-such-user", "there is no such user", 1 },
		{ "--program-user=/other/=daemon",
			"--program-user is for the WHERE of a --cgi or a --program", 2 },
		{ "--program-user=/cgi/=daemon:", "is not WHERE=USER or WHERE=USER:GROUP",
			2 },
	};
	size_t i;

	(void) state;
	for (i = geteuid() == 0 ? 1 : 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		open_scene(&scene);
		launch(&scene, rows[i].words);
		assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
		await(&scene, rows[i].says);
		assert_int_equal(WEXITSTATUS(scene.proc.status), rows[i].status);
		close_scene(&scene);
	}
}

/* Without a user of their own, and for any user. */
static void programs_are_confined_as_the_gateway_is(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	start(&scene, "--sandbox");
	expect(&scene, "/cgi/who", "NoNewPrivs:\t1\n");
	expect(&scene, "/cgi/who", confines() ? "ermission denied" : "a secret\n");
	expect_process_of(&scene, "/app/", geteuid());
	stop(&scene);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_are_their_users),
		cmocka_unit_test(programs_of_others_are_ended),
		cmocka_unit_test(who_is_not_root_is_refused),
		cmocka_unit_test(programs_are_confined_as_the_gateway_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
