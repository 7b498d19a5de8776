/* SPDX-License-Identifier: MIT */
/*
 * sandbox.c - programs under --sandbox: what they can open and what they cannot, and that they serve,
 * spool, open logs again, reload and upgrade as ever.
 *
 * What is expected depends on the kernel, which is asked first: with Landlock files are denied,
 * without it the program says so.  The second is tried everywhere, as a program can be kept from
 * the system calls.  This program serves as well: it starts itself.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "support/proc.h"
#include "support/raw.h"
#include "support/tmp.h"

#define PATIENCE_MSEC      30000
#define CREATE_RULESET     444
#define CREATE_RULESET_ABI 1
#define NO_LANDLOCK        "TEST_SANDBOX_NO_LANDLOCK"
#define BODY_BYTES         (200 * 1024)

/* ---- the program ---- */

/* "ok", or the number of the error. */
static int open_get(struct vane_request *req, struct vane_response *res)
{
	const char *path = vane_request_arg(req, "path"),
		   *how = vane_request_arg(req, "how");
	int flags = strcmp(how, "read") == 0     ? O_RDONLY
		    : strcmp(how, "folder") == 0 ? O_RDONLY | O_DIRECTORY
						 : O_WRONLY | O_CREAT;
	int fd = open(path, flags | O_CLOEXEC, 0600), rc = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return rc == 0 ? vane_response_puts(res, "ok\n")
		       : vane_response_printf(res, "error %d\n", rc);
}

/* A line of /proc/self/status. */
static int status_get(struct vane_request *req, struct vane_response *res)
{
	const char *name = vane_request_arg(req, "name");
	FILE *in = fopen("/proc/self/status", "re");
	char line[256], *text = NULL;

	while (in != NULL && text == NULL && fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			text = line + strlen(name) + 2;
	if (in != NULL)
		fclose(in);
	return vane_response_printf(res, "is %s", text != NULL ? text : "nothing\n");
}

/* Run a program: what it says. */
static int run_get(struct vane_request *req, struct vane_response *res)
{
	char command[256], line[256] = "nothing\n";
	FILE *in;

	snprintf(command, sizeof(command), "%s -u 2>&1", vane_request_arg(req, "path"));
	in = popen(command, "re");
	if (in == NULL || fgets(line, sizeof(line), in) == NULL)
		snprintf(line, sizeof(line), "nothing\n");
	if (in != NULL)
		pclose(in);
	return vane_response_printf(res, "says %s", line);
}

static int body_post(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "got %zu\n", vane_request_body(req).len);
}

static const char *root, *more;
static struct vane_static *files;

static struct vane_route routes[] = {
	VANE_GET("/open", open_get),
	VANE_GET("/status", status_get),
	VANE_GET("/run", run_get),
	VANE_POST("/body", body_post),
	VANE_ROUTE("/files/{path:.*}", &vane_static_handler),
	VANE_END,
};

static int configure(struct vane_program *program)
{
	const struct vane_static_opts opts = { .root = root };

	(void) program;
	if (root == NULL || vane_static_new(&files, &opts) < 0)
		return 3;
	routes[4].data = files;
	return more == NULL || vane_sandbox_allow(more, VANE_SANDBOX_READ) == 0 ? 0 : 4;
}

/* As on a kernel that has never heard of it. */
static int forget_landlock(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CREATE_RULESET, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 ? -errno : 0;
}

static int serve(int argc, char **argv)
{
	const struct vane_option options[] = {
		{ .name = "root", .text = &root },
		{ .name = "more", .text = &more },
		VANE_OPTION_END,
	};
	struct vane_program program = {
		.routes = routes, .options = options, .configure = configure
	};
	int rc;

	if (getenv(NO_LANDLOCK) != NULL && forget_landlock() < 0)
		return 5;
	rc = vane_program_main(argc, argv, &program);
	vane_static_free(files);
	return rc;
}

/* ---- the test ---- */

struct scene {
	struct tmp tmp;
	struct proc proc;
	int port;
	bool without; /* Landlock */
	char log[TMP_PATH_MAX], app_log[TMP_PATH_MAX], www[TMP_PATH_MAX];
	char spool[TMP_PATH_MAX], secret[TMP_PATH_MAX], app[TMP_PATH_MAX];
};

static const char *self;

/* The kernel's version of it, 0: it has none. */
static long landlock_abi(void)
{
	long abi = syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_ABI);

	return abi > 0 ? abi : 0;
}

static bool confines(const struct scene *scene)
{
	return !scene->without && landlock_abi() > 0;
}

static void open_scene(struct scene *scene)
{
	char path[TMP_PATH_MAX];

	*scene = (struct scene) { .without = false };
	assert_int_equal(tmp_make(&scene->tmp), 0);
	tmp_path(&scene->tmp, scene->log, "out");
	tmp_path(&scene->tmp, scene->www, "www");
	tmp_path(&scene->tmp, scene->spool, "spool");
	tmp_path(&scene->tmp, scene->secret, "secret");
	tmp_path(&scene->tmp, scene->app, "app");
	tmp_path(&scene->tmp, scene->app_log, "log/app.log");
	assert_int_equal(tmp_mkdir(&scene->tmp, "www"), 0);
	assert_int_equal(tmp_mkdir(&scene->tmp, "spool"), 0);
	assert_int_equal(tmp_mkdir(&scene->tmp, "log"), 0);
	assert_int_equal(tmp_write(&scene->tmp, "www/page.txt", "a page\n", NULL), 0);
	assert_int_equal(tmp_write(&scene->tmp, "secret", "a secret\n", NULL), 0);
	assert_int_equal(chmod(tmp_path(&scene->tmp, path, "secret"), 0666), 0);
	assert_int_equal(tmp_copy_program(&scene->tmp, "app", self), 0);
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

/* Start it with these words behind its own; redirections of the shell's are among them. */
static void launch(struct scene *scene, const char *words)
{
	char command[1200];
	char *argv[] = { (char *) "sh", (char *) "-c", command, NULL };
	struct proc_start start = { .argv = argv, .log = scene->log };

	snprintf(command, sizeof(command),
		"cd / && %s TMPDIR=%s exec %s --listen=127.0.0.1:0 --root=%s "
		"--max-form-size=64k --max-request-memory=64k %s",
		scene->without ? NO_LANDLOCK "=1" : "", scene->spool, scene->app,
		scene->www, words);
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

static void ask(struct scene *scene, const char *target, const char *wanted)
{
	char bytes[1024], *out = NULL;
	struct raw raw = { .bytes = bytes, .msec = PATIENCE_MSEC };
	size_t len;

	raw.len = (size_t) snprintf(bytes, sizeof(bytes),
		"GET %s HTTP/1.1\r\nHost: vane.test\r\nConnection: close\r\n\r\n", target);
	assert_int_equal(raw_ask(scene->port, &raw, &out, &len), 0);
	if (strstr(out, wanted) == NULL) {
		proc_print_log(&scene->proc);
		fail_msg("%s: no '%s' in '%s'", target, wanted, out);
	}
	free(out);
}

static void try_open(
	struct scene *scene, const char *how, const char *path, const char *wanted)
{
	char target[512];

	snprintf(target, sizeof(target), "/open?how=%s&path=%s", how, path);
	ask(scene, target, wanted);
}

/* A body that does not fit into memory. */
static void post(struct scene *scene)
{
	static char bytes[BODY_BYTES + 256];
	struct raw raw = { .bytes = bytes, .msec = PATIENCE_MSEC };
	size_t len = (size_t) snprintf(bytes, sizeof(bytes),
		"POST /body HTTP/1.1\r\nHost: vane.test\r\nContent-Length: %d\r\n"
		"Content-Type: application/octet-stream\r\nConnection: close\r\n\r\n",
		BODY_BYTES);
	char wanted[32], *out = NULL;

	memset(bytes + len, 'x', BODY_BYTES);
	raw.len = len + BODY_BYTES;
	snprintf(wanted, sizeof(wanted), "got %d\n", BODY_BYTES);
	assert_int_equal(raw_ask(scene->port, &raw, &out, &len), 0);
	if (strstr(out, wanted) == NULL)
		fail_msg("no '%s' in '%s'", wanted, out);
	free(out);
}

static const char *denied(const struct scene *scene)
{
	static char text[32];

	snprintf(text, sizeof(text), "error %d\n", EACCES);
	return confines(scene) ? text : "ok\n";
}

/* What holds in every process that serves, whatever happened before. */
static void check_confined(struct scene *scene)
{
	char path[TMP_PATH_MAX];

	ask(scene, "/status?name=NoNewPrivs", "is 1\n");
	ask(scene, "/status?name=CapPrm", "is 0000000000000000\n");
	ask(scene, "/status?name=CapEff", "is 0000000000000000\n");
	try_open(scene, "read", scene->secret, denied(scene));
	try_open(scene, "write", scene->secret, denied(scene));
	try_open(scene, "folder", scene->tmp.path, denied(scene));
	try_open(scene, "write", tmp_path(&scene->tmp, path, "www/new"),
		confines(scene) || geteuid() != 0 ? denied(scene) : "ok\n");
	try_open(scene, "read", "/etc/hosts", "ok\n");
	try_open(scene, "folder", "/etc", denied(scene));
	try_open(scene, "write", tmp_path(&scene->tmp, path, "spool/new"), "ok\n");
	ask(scene, "/files/page.txt", "a page\n");
	post(scene);
}

static void a_program_has_what_it_needs_and_no_more(void **state)
{
	static const char *const words[] = { "--sandbox", "--sandbox --processes=2",
		"--sandbox=require" };
	size_t i;

	(void) state;
	for (i = 0; i < (landlock_abi() > 0 ? 3 : 2); i++) {
		struct scene scene;

		open_scene(&scene);
		start(&scene, words[i]);
		await(&scene, confines(&scene)
				      ? "sandbox: no new privileges, files by Landlock"
				      : "sandbox: no new privileges; files are not "
					"confined");
		check_confined(&scene);
		stop(&scene);
	}
}

/* Root's user is changed, and without that root has no more than its name. */
static void a_program_of_root_gives_up_what_root_may(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	start(&scene, geteuid() == 0 ? "--sandbox --user=nobody" : "--sandbox");
	check_confined(&scene);
	ask(&scene, "/status?name=Uid", geteuid() == 0 ? "is 65534\t65534" : "is ");
	stop(&scene);
}

static void without_it_nothing_is_confined(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	start(&scene, "--sandbox=no");
	ask(&scene, "/status?name=NoNewPrivs", "is 0\n");
	try_open(&scene, "read", scene.secret, "ok\n");
	stop(&scene);
}

static void a_system_without_landlock_is_named(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	scene.without = true;
	start(&scene, "--sandbox");
	await(&scene,
		"sandbox: no new privileges; files are not confined, as this system has "
		"no Landlock");
	check_confined(&scene);
	stop(&scene);
}

static void a_system_without_landlock_is_refused_where_it_is_required(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	scene.without = true;
	launch(&scene, "--sandbox=require");
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	await(&scene,
		"--sandbox=require: no new privileges; files are not confined, as this "
		"system has no Landlock");
	assert_true(WIFEXITED(scene.proc.status));
	assert_int_equal(WEXITSTATUS(scene.proc.status), 1);
	close_scene(&scene);
}

static void what_is_allowed_besides_may_be_had(void **state)
{
	struct scene scene;
	char words[600], path[TMP_PATH_MAX];

	(void) state;
	open_scene(&scene);
	tmp_mkdir(&scene.tmp, "data");
	tmp_mkdir(&scene.tmp, "more");
	tmp_write(&scene.tmp, "more/file", "", NULL);
	snprintf(words, sizeof(words),
		"--sandbox --sandbox-allow=%s --sandbox-allow=%s/data:rw --more=%s/more",
		scene.secret, scene.tmp.path, scene.tmp.path);
	start(&scene, words);
	try_open(&scene, "read", scene.secret, "ok\n");
	try_open(&scene, "write", scene.secret, denied(&scene));
	try_open(&scene, "write", tmp_path(&scene.tmp, path, "data/new"), "ok\n");
	try_open(&scene, "read", tmp_path(&scene.tmp, path, "data/new"), "ok\n");
	try_open(&scene, "read", tmp_path(&scene.tmp, path, "more/file"), "ok\n");
	try_open(&scene, "folder", scene.tmp.path, denied(&scene));
	stop(&scene);
}

static void a_path_that_is_not_there_is_refused(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	launch(&scene, "--sandbox --sandbox-allow=/is/not/there:rw");
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	await(&scene, "--sandbox-allow: '/is/not/there:rw' is not there");
	assert_int_equal(WEXITSTATUS(scene.proc.status), 2);
	close_scene(&scene);
}

static bool is_written(const struct scene *scene, const char *path)
{
	struct stat st;
	long until = proc_now() + PATIENCE_MSEC;

	(void) scene;
	while (stat(path, &st) < 0 || st.st_size == 0) {
		if (proc_now() > until)
			return false;
		usleep(10000);
	}
	return true;
}

/* By the worker, which has to make the file. */
static void logs_are_opened_again(void **state)
{
	struct scene scene;
	char words[400], aside[TMP_PATH_MAX];

	(void) state;
	open_scene(&scene);
	snprintf(words, sizeof(words), "--sandbox --access-log=common --access-log-file=%s",
		scene.app_log);
	start(&scene, words);
	ask(&scene, "/files/page.txt", "a page\n");
	assert_true(is_written(&scene, scene.app_log));
	assert_int_equal(
		rename(scene.app_log, tmp_path(&scene.tmp, aside, "log/aside")), 0);
	kill(scene.proc.pid, SIGUSR1);
	while (access(scene.app_log, F_OK) < 0)
		usleep(10000);
	ask(&scene, "/files/page.txt", "a page\n");
	assert_true(is_written(&scene, scene.app_log));
	check_confined(&scene);
	stop(&scene);
}

/* So many programs have said that their workers serve. */
static void await_programs(struct scene *scene, int count)
{
	char line[1024];
	long until = proc_now() + PATIENCE_MSEC;
	int found;

	do {
		FILE *in = fopen(scene->log, "re");

		assert_non_null(in);
		for (found = 0; fgets(line, sizeof(line), in) != NULL;)
			found += strstr(line, "of the new program serve") != NULL;
		fclose(in);
		usleep(10000);
	} while (found < count && proc_now() < until);
	assert_int_equal(found, count);
}

/* HUP and USR2: the new program is found, reads what it needs, and its workers are confined. */
static void a_program_is_reloaded_and_upgraded(void **state)
{
	static const char *const words[] = { "--sandbox", "--sandbox --processes=2" };
	size_t i;

	(void) state;
	for (i = 0; i < 2; i++) {
		struct scene scene;
		char new[TMP_PATH_MAX];

		open_scene(&scene);
		start(&scene, words[i]);
		kill(scene.proc.pid, SIGHUP);
		await_programs(&scene, 1);
		check_confined(&scene);
		assert_int_equal(tmp_copy_program(&scene.tmp, "new", self), 0);
		assert_int_equal(rename(tmp_path(&scene.tmp, new, "new"), scene.app), 0);
		kill(scene.proc.pid, SIGUSR2);
		await_programs(&scene, 2);
		check_confined(&scene);
		stop(&scene);
	}
}

/* What id says of itself, when it is a file of root's with that bit. */
static void a_setuid_program_gains_nothing(void **state)
{
	static const char *const words[] = {
		"--sandbox=no",
		"--sandbox",
	};
	struct statvfs fs;
	size_t i;

	(void) state;
	for (i = 0; i < 2; i++) {
		struct scene scene;
		char line[900], id[TMP_PATH_MAX], target[300];
		const char *wanted;

		open_scene(&scene);
		assert_int_equal(tmp_copy_program(&scene.tmp, "id", "/usr/bin/id"), 0);
		tmp_path(&scene.tmp, id, "id");
		assert_int_equal(chmod(id, 04755), 0);
		assert_int_equal(statvfs(id, &fs), 0);
		snprintf(line, sizeof(line),
			"%s %s --sandbox-allow=/usr:rx --sandbox-allow=/bin:rx "
			"--sandbox-allow=/lib:rx %s --sandbox-allow=%s:rx",
			words[i], geteuid() == 0 ? "--user=nobody" : "",
			access("/lib64", F_OK) == 0 ? "--sandbox-allow=/lib64:rx" : "", id);
		start(&scene, line);
		snprintf(target, sizeof(target), "/run?path=%s", id);
		wanted = geteuid() != 0                          ? "says "
			 : i > 0 || (fs.f_flag & ST_NOSUID) != 0 ? "says 65534\n"
								 : "says 0\n";
		ask(&scene, target, wanted);
		ask(&scene, "/status?name=NoNewPrivs", i > 0 ? "is 1\n" : "is 0\n");
		stop(&scene);
	}
}

static void check_and_the_status_page_say_what_is_active(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	start(&scene, "--sandbox --status=/figures");
	ask(&scene, "/figures?format=json", "\"sandbox\":\"no new privileges");
	stop(&scene);
	open_scene(&scene);
	launch(&scene, "--sandbox --check");
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	await(&scene, "sandbox: no new privileges");
	assert_int_equal(WEXITSTATUS(scene.proc.status), 0);
	close_scene(&scene);
}

static void files_are_not_watched_as_well(void **state)
{
	struct scene scene;

	(void) state;
	open_scene(&scene);
	launch(&scene, "--sandbox --autoreload");
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	await(&scene, "--autoreload and --sandbox do not go together");
	assert_int_equal(WEXITSTATUS(scene.proc.status), 2);
	close_scene(&scene);
	open_scene(&scene);
	start(&scene, "--sandbox --debug");
	await(&scene, "--debug sets no --autoreload with --sandbox");
	stop(&scene);
}

/* As a web server would have it: the answer goes to standard output. */
static void a_cgi_program_is_confined(void **state)
{
	char command[1500];
	char *argv[] = { (char *) "sh", (char *) "-c", command, NULL };
	struct scene scene;
	struct proc_start start = { .argv = argv, .log = scene.log };

	(void) state;
	open_scene(&scene);
	snprintf(command, sizeof(command),
		"REQUEST_METHOD=GET SERVER_PROTOCOL=HTTP/1.1 GATEWAY_INTERFACE=CGI/1.1 "
		"QUERY_STRING='how=read&path=%s' REQUEST_URI='/open?how=read&path=%s' "
		"TMPDIR=%s exec %s --root=%s --sandbox --mode=cgi </dev/null",
		scene.secret, scene.secret, scene.spool, scene.app, scene.www);
	assert_int_equal(proc_start(&scene.proc, &start), 0);
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	await(&scene, denied(&scene));
	close_scene(&scene);
}

static int test_all(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_has_what_it_needs_and_no_more),
		cmocka_unit_test(a_program_of_root_gives_up_what_root_may),
		cmocka_unit_test(without_it_nothing_is_confined),
		cmocka_unit_test(a_system_without_landlock_is_named),
		cmocka_unit_test(a_system_without_landlock_is_refused_where_it_is_required),
		cmocka_unit_test(what_is_allowed_besides_may_be_had),
		cmocka_unit_test(a_path_that_is_not_there_is_refused),
		cmocka_unit_test(logs_are_opened_again),
		cmocka_unit_test(a_program_is_reloaded_and_upgraded),
		cmocka_unit_test(a_setuid_program_gains_nothing),
		cmocka_unit_test(check_and_the_status_page_say_what_is_active),
		cmocka_unit_test(files_are_not_watched_as_well),
		cmocka_unit_test(a_cgi_program_is_confined),
	};
	static char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len <= 0)
		return 77;
	path[len] = '\0';
	self = path;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return argc > 1 ? serve(argc, argv) : test_all();
}
