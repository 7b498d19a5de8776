/* SPDX-License-Identifier: MIT */
/*
 * autoreload.c - a program with --autoreload is restarted when its file, its configuration or a file
 * that it names is modified, without a refused connection; and where that is refused.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/port.h"
#include "support/proc.h"
#include "support/tmp.h"

enum { WAIT_MSEC = 20000, SETTLED_MSEC = 1800 };

struct site {
	struct tmp tmp;
	struct proc proc;
	int port;
};

/* ---- what is asked ---- */

/* The answer as it came.  0 or a negative errno: nobody listens, or somebody hangs up. */
static int ask(const struct site *site, const char *target, char *in, size_t size)
{
	const struct timeval patience = { .tv_sec = WAIT_MSEC / 1000 };
	int fd = port_connect(site->port, NULL), len;
	char out[128];
	size_t have = 0;
	ssize_t n = -1;

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	len = snprintf(out, sizeof(out),
		"GET %s HTTP/1.1\r\nHost: vane.test\r\nConnection: close\r\n\r\n", target);
	if (send(fd, out, (size_t) len, MSG_NOSIGNAL) == len)
		while ((n = recv(fd, in + have, size - 1 - have, 0)) > 0)
			have += (size_t) n;
	close(fd);
	in[have] = '\0';
	return n < 0 ? -ECONNRESET : strncmp(in, "HTTP/1.1 200 ", 13) == 0 ? 0 : -EPROTO;
}

/* Until the program says that, as others may answer before; but somebody answers always. */
static void await_answer(const struct site *site, const char *wanted)
{
	long deadline = proc_now() + WAIT_MSEC;
	char in[2048];

	do {
		assert_int_equal(ask(site, "/", in, sizeof(in)), 0);
		if (strstr(in, wanted) != NULL)
			return;
		poll(NULL, 0, 20);
	} while (proc_now() < deadline);
	proc_print_log(&site->proc);
	fail_msg("nobody says '%s'", wanted);
}

static void await_log(struct site *site, const char *text)
{
	if (proc_wait_log(&site->proc, text, WAIT_MSEC) == 0)
		return;
	proc_print_log(&site->proc);
	fail_msg("there is no line '%s'", text);
}

static int count_in_log(const struct site *site, const char *text)
{
	char line[1024];
	FILE *in = fopen(site->proc.log, "re");
	int count = 0;

	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL)
		count += strstr(line, text) != NULL;
	fclose(in);
	return count;
}

static void await_lines(struct site *site, const char *text, int count)
{
	long deadline = proc_now() + WAIT_MSEC;

	while (count_in_log(site, text) < count) {
		if (proc_now() > deadline) {
			proc_print_log(&site->proc);
			fail_msg("there are not %d lines '%s'", count, text);
		}
		poll(NULL, 0, 10);
	}
}

/* ---- the program ---- */

static const char *version_path(char *buf, size_t size, int version)
{
	const char *dir = getenv("RELOADAPP_DIR");

	snprintf(
		buf, size, "%s/reloadapp%d", dir != NULL ? dir : "tests/fixtures", version);
	return buf;
}

static void replace(const struct site *site)
{
	char from[TMP_PATH_MAX], to[TMP_PATH_MAX];

	assert_int_equal(
		rename(tmp_path(&site->tmp, from, "new"), tmp_path(&site->tmp, to, "app")),
		0);
}

static void put_program(const struct site *site, int version)
{
	char from[256];

	version_path(from, sizeof(from), version);
	assert_int_equal(tmp_copy_program(&site->tmp, "new", from), 0);
	replace(site);
}

static void put_broken(const struct site *site)
{
	char path[TMP_PATH_MAX];

	assert_int_equal(tmp_write(&site->tmp, "new", "\177ELF and no more", NULL), 0);
	assert_int_equal(chmod(tmp_path(&site->tmp, path, "new"), 0755), 0);
	replace(site);
}

static void put(const struct site *site, const char *name, const char *text)
{
	assert_int_equal(tmp_write(&site->tmp, name, text, NULL), 0);
}

static void site_start(struct site *site, const char *more)
{
	char program[TMP_PATH_MAX], conf[TMP_PATH_MAX], log[TMP_PATH_MAX];
	char config[TMP_PATH_MAX + 16], where[32], watch[TMP_PATH_MAX + 16];
	char *const argv[] = { program, config, where, watch, (char *) more, NULL };
	const struct proc_start start = { .argv = argv, .log = log };

	*site = (struct site) { 0 };
	assert_int_equal(tmp_make(&site->tmp), 0);
	put_program(site, 1);
	put(site, "app.conf", "greeting = one\n");
	put(site, "page", "a page\n");
	tmp_path(&site->tmp, program, "app");
	tmp_path(&site->tmp, log, "log");
	snprintf(config, sizeof(config), "--config=%s",
		tmp_path(&site->tmp, conf, "app.conf"));
	snprintf(watch, sizeof(watch), "--watch=%s", tmp_path(&site->tmp, conf, "page"));
	assert_int_equal(port_pick(&site->port, 1), 0);
	snprintf(where, sizeof(where), "--listen=127.0.0.1:%d", site->port);
	assert_int_equal(proc_start(&site->proc, &start), 0);
	await_log(site, ", vane ");
}

static void site_stop(struct site *site)
{
	assert_int_equal(proc_stop(&site->proc), 0);
	assert_int_equal(site->proc.status, 0);
	tmp_remove(&site->tmp);
}

/* ---- restarts ---- */

struct client {
	const struct site *site;
	atomic_bool stop;
	atomic_int answered, failed;
};

static void *client_main(void *data)
{
	struct client *client = data;
	char in[2048];

	while (!client->stop) {
		if (ask(client->site, "/", in, sizeof(in)) == 0)
			client->answered++;
		else
			client->failed++;
		poll(NULL, 0, 10);
	}
	return NULL;
}

/* Twice, as the second time there is a master. */
static void a_new_program_is_started_and_nobody_is_refused(void **state)
{
	struct client client = { 0 };
	pthread_t thread;
	struct site site;

	site_start(&site, "--autoreload");
	client.site = &site;
	assert_int_equal(pthread_create(&thread, NULL, client_main, &client), 0);
	await_answer(&site, "version 1 says one");
	put_program(&site, 2);
	await_answer(&site, "version 2 says one");
	await_log(&site, "/app modified; restarting server");
	put_program(&site, 1);
	await_answer(&site, "version 1 says one");
	client.stop = true;
	pthread_join(thread, NULL);
	assert_int_equal(count_in_log(&site, "modified; restarting server"), 2);
	assert_int_equal(client.failed, 0);
	assert_true(client.answered > 0);
	site_stop(&site);
}

static void debug_sets_it_and_files_are_watched(void **state)
{
	struct site site;

	site_start(&site, "--debug");
	put(&site, "app.conf", "greeting = two\n");
	await_answer(&site, "says two");
	await_log(&site, "/app.conf modified; restarting server");
	put(&site, "page", "another page\n");
	await_log(&site, "/page modified; restarting server");
	await_answer(&site, "says two");
	site_stop(&site);
}

static void without_it_nothing_is_watched(void **state)
{
	struct site site;

	site_start(&site, "--debug=false");
	put(&site, "app.conf", "greeting = two\n");
	poll(NULL, 0, SETTLED_MSEC);
	assert_int_equal(count_in_log(&site, "modified; restarting server"), 0);
	await_answer(&site, "says one");
	site_stop(&site);
}

/* Before there is a master, and when there is one. */
static void a_broken_program_leaves_the_old_one_until_the_next_change(void **state)
{
	struct site site;
	int version;

	site_start(&site, "--autoreload");
	for (version = 2; version >= 1; version--) {
		char wanted[32];

		snprintf(wanted, sizeof(wanted), "version %d says one", 3 - version);
		await_answer(&site, wanted);
		put_broken(&site);
		await_lines(&site, "did not come up", 3 - version);
		poll(NULL, 0, SETTLED_MSEC); /* it is not tried again and again */
		assert_int_equal(
			count_in_log(&site, "modified; restarting"), 5 - 2 * version);
		await_answer(&site, wanted);
		put_program(&site, version);
		snprintf(wanted, sizeof(wanted), "version %d says one", version);
		await_answer(&site, wanted);
	}
	site_stop(&site);
}

struct waiting {
	const struct site *site;
	long msec;
	int rc;
};

static void *wait_main(void *data)
{
	struct waiting *waiting = data;
	long since = proc_now();
	char in[2048];

	waiting->rc = ask(waiting->site, "/hold", in, sizeof(in));
	waiting->msec = proc_now() - since;
	return NULL;
}

/* The first time it is the process itself that drains, then a worker. */
static void what_is_in_progress_has_a_second(void **state)
{
	struct waiting waiting;
	struct site site;
	pthread_t thread;
	int version;

	site_start(&site, "--autoreload");
	for (version = 2; version >= 1; version--) {
		waiting = (struct waiting) { .site = &site };
		assert_int_equal(pthread_create(&thread, NULL, wait_main, &waiting), 0);
		poll(NULL, 0, 100);
		put_program(&site, version);
		pthread_join(thread, NULL);
		assert_int_not_equal(waiting.rc, 0);
		assert_in_range(waiting.msec, 1000, 6000);
		await_answer(&site, version == 2 ? "version 2" : "version 1");
	}
	assert_int_equal(proc_stop(&site.proc), 0); /* its status tells of the cut */
	tmp_remove(&site.tmp);
}

/* The signal comes from whom it may, a worker that has seen a change among them. */
static void a_change_while_the_old_one_drains_is_not_lost(void **state)
{
	struct waiting waiting;
	struct site site;
	pthread_t thread;

	site_start(&site, "--shutdown-timeout=3s");
	waiting = (struct waiting) { .site = &site };
	assert_int_equal(pthread_create(&thread, NULL, wait_main, &waiting), 0);
	poll(NULL, 0, 100);
	put_program(&site, 2);
	kill(site.proc.pid, SIGUSR2);
	await_answer(&site, "version 2");
	put_program(&site, 1);
	kill(site.proc.pid, SIGUSR2); /* the first process answers /hold still */
	pthread_join(thread, NULL);
	await_answer(&site, "version 1");
	assert_int_equal(proc_stop(&site.proc), 0);
	tmp_remove(&site.tmp);
}

/* Copied in pieces, by somebody who pauses for longer than two looks are apart. */
static void a_program_that_is_being_written_is_waited_for(void **state)
{
	char from[256], path[TMP_PATH_MAX], bytes[8192];
	struct site site;
	int in, out;
	ssize_t n;

	site_start(&site, "--autoreload");
	assert_int_equal(unlink(tmp_path(&site.tmp, path, "app")), 0);
	in = open(version_path(from, sizeof(from), 2), O_RDONLY | O_CLOEXEC);
	out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_true(in >= 0 && out >= 0);
	n = read(in, bytes, sizeof(bytes));
	assert_int_equal(write(out, bytes, (size_t) n), n);
	poll(NULL, 0, SETTLED_MSEC);
	await_answer(&site, "version 1 says one");
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t) n), n);
	close(in);
	close(out);
	await_answer(&site, "version 2 says one");
	assert_int_equal(count_in_log(&site, "did not come up"), 0);
	assert_int_equal(count_in_log(&site, "modified; restarting server"), 1);
	site_stop(&site);
}

/* ---- refusals ---- */

static void run_and_expect(char *const *argv, int status, const char *said)
{
	struct tmp tmp;
	char log[TMP_PATH_MAX];
	const struct proc_start start = { .argv = argv, .log = log };
	struct proc proc = { 0 };

	assert_int_equal(tmp_make(&tmp), 0);
	tmp_path(&tmp, log, "log");
	assert_int_equal(proc_start(&proc, &start), 0);
	assert_int_equal(proc_wait_end(&proc, WAIT_MSEC), 0);
	if (!WIFEXITED(proc.status) || WEXITSTATUS(proc.status) != status ||
		(said != NULL && proc_wait_log(&proc, said, 0) < 0)) {
		proc_print_log(&proc);
		fail_msg("%s %s: status %x, and '%s' is wanted", argv[1], argv[2],
			proc.status, said);
	}
	tmp_remove(&tmp);
}

static void it_is_refused_where_it_cannot_be(void **state)
{
	static const struct {
		const char *first, *second;
		int status;
		const char *said;
	} rows[] = {
		{ "--autoreload", "--processes=2", 2,
			"--autoreload and --processes=2 do not go together" },
		{ "--autoreload", "--processes=0", 2,
			"--autoreload and --processes=0 do not go together" },
		{ "--debug", "--processes=2", 2,
			"--debug and --processes=2 do not go together" },
		{ "--autoreload", "--mode=fastcgi", 2,
			"--autoreload and --mode=fastcgi do not go together" },
		{ "--autoreload", "--mode=scgi", 2,
			"--autoreload and --mode=scgi do not go together" },
		{ "--autoreload", "--mode=cgi", 2,
			"--autoreload and --mode=cgi do not go together" },
		{ "--debug", "--mode=fastcgi", 0,
			"--debug sets no --autoreload in fastcgi mode" },
	};
	char program[256];
	size_t i;

	version_path(program, sizeof(program), 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *const argv[] = { program, (char *) rows[i].first,
			(char *) rows[i].second, (char *) "--check", NULL };

		run_and_expect(argv, rows[i].status, rows[i].said);
	}
}

static void each_of_debugs_flags_can_be_given_alone(void **state)
{
	char program[256];
	char *const off[] = { program, (char *) "--debug=1", (char *) "--autoreload=0",
		(char *) "--processes=2", (char *) "--check", NULL };

	version_path(program, sizeof(program), 1);
	run_and_expect(off, 0, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_program_is_started_and_nobody_is_refused),
		cmocka_unit_test(debug_sets_it_and_files_are_watched),
		cmocka_unit_test(without_it_nothing_is_watched),
		cmocka_unit_test(a_broken_program_leaves_the_old_one_until_the_next_change),
		cmocka_unit_test(what_is_in_progress_has_a_second),
		cmocka_unit_test(a_change_while_the_old_one_drains_is_not_lost),
		cmocka_unit_test(a_program_that_is_being_written_is_waited_for),
		cmocka_unit_test(it_is_refused_where_it_cannot_be),
		cmocka_unit_test(each_of_debugs_flags_can_be_given_alone),
	};

	if (access("/proc/self/exe", R_OK) != 0) {
		printf("SKIP: there is no /proc to find the program in\n");
		return 77;
	}
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
