/* SPDX-License-Identifier: MIT */
/*
 * reload.c - a program that is started anew while it serves: HUP reads its configuration anew, USR2
 * runs another program on the same sockets, and the old one goes on serving if that does not come up.
 *
 * Each row runs as HTTP server, FastCGI and SCGI responder, with one process and with four.
 */
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/reload_site.h"

enum { SHARED_FD = 9 /* of the test, and then descriptor 0 of the program */ };

static void reload(const struct reload_mode *mode)
{
	struct reload_site site;
	int i;

	reload_start(&site, mode);
	reload_expect(&site, "version 1 says one");
	for (i = 1; i <= 2; i++) {
		reload_configure(&site, i == 1 ? "greeting = two\n" : "greeting = three\n");
		reload_tell(&site, SIGHUP);
		reload_await_lines(&site, "of the new program serve", i);
		reload_await_workers(&site, mode->count);
		reload_expect(
			&site, i == 1 ? "version 1 says two" : "version 1 says three");
		assert_true(reload_is_there(&site, "pid"));
	}
	reload_stop(&site);
}

static void a_reload_reads_the_configuration_anew(void **state)
{
	reload_each_mode(reload);
}

/* The connection has been used, and does not come anew: what had it has given it to what serves now. */
static void keep(const struct reload_mode *mode)
{
	char text[RELOAD_TEXT_SIZE] = "";
	struct reload_connection connection;
	struct reload_site site;

	if (strcmp(mode->name, "scgi") == 0)
		return; /* a connection is one request */
	reload_start(&site, mode);
	assert_int_equal(reload_open(&site, &connection), 0);
	assert_int_equal(reload_ask_on(&site, &connection, "/", text), 0);
	assert_non_null(strstr(text, "version 1 says one"));
	reload_configure(&site, "greeting = two\n");
	reload_tell(&site, SIGHUP);
	reload_await_lines(&site, "of the new program serve", 1);
	assert_int_equal(reload_ask_on(&site, &connection, "/", text), 0);
	assert_non_null(strstr(text, "version 1 says two"));
	reload_close(&site, &connection);
	reload_stop(&site);
}

static void an_idle_connection_stays_open(void **state)
{
	reload_each_mode(keep);
}

static void reload_in_vain(const struct reload_mode *mode)
{
	static const struct {
		const char *config, *said;
	} rows[] = {
		{ "greting = two\n", "did not come up (exited with status 2)" },
		{ "fails = 1\n", "did not come up (exited with status 1)" },
		{ "crashes = 1\n", "did not come up (killed by signal 9 (SIGKILL))" },
	};
	struct reload_site site;
	size_t i;

	reload_start(&site, mode);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reload_configure(&site, rows[i].config);
		reload_tell(&site, SIGHUP);
		reload_await_log(&site, rows[i].said);
		reload_await_workers(&site, mode->count > 1 ? mode->count : 0);
		reload_expect(&site, "version 1 says one");
	}
	reload_configure(&site, "greeting = two\n");
	reload_tell(&site, SIGHUP);
	reload_await_lines(&site, "of the new program serve", 1);
	reload_expect(&site, "version 1 says two");
	reload_stop(&site);
}

static void a_broken_configuration_leaves_the_old_one_in_service(void **state)
{
	reload_each_mode(reload_in_vain);
}

static void upgrade(const struct reload_mode *mode)
{
	struct reload_site site;

	reload_start(&site, mode);
	reload_put_program(&site, 2);
	reload_tell(&site, SIGHUP); /* the same program, although its file is another one */
	reload_await_lines(&site, "of the new program serve", 1);
	reload_await_workers(&site, mode->count);
	reload_expect(&site, "version 1 says one");
	reload_tell(&site, SIGUSR2);
	reload_await_lines(&site, "of the new program serve", 2);
	reload_await_workers(&site, mode->count);
	reload_expect(&site, "version 2 says one");
	reload_stop(&site);
}

static void an_upgrade_runs_what_is_at_the_path_now(void **state)
{
	reload_each_mode(upgrade);
}

/* All is well in the rehearsal, which is no worker, but worker 2 does not come up. */
static void a_worker_that_does_not_come_up_stops_the_roll(void **state)
{
	char text[RELOAD_TEXT_SIZE], from[TMP_PATH_MAX], to[TMP_PATH_MAX];
	struct reload_site site;
	int i, old = 0;

	reload_start(&site, &reload_modes[RELOAD_HTTP_4]);
	reload_put_program(&site, 2);
	assert_int_equal(
		rename(tmp_path(&site.tmp, from, "app"), tmp_path(&site.tmp, to, "app2")),
		0);
	reload_put_script(&site, "#!/bin/sh\nexport RELOADAPP_FAILS_AS=2\n"
				 "exec \"$(dirname \"$0\")/app2\" \"$@\"\n");
	reload_tell(&site, SIGUSR2);
	reload_await_log(
		&site, "child 2 of the new program did not come up (exited with status 1)");
	reload_await_workers(&site, 4);
	for (i = 0; i < 100; i++) {
		assert_int_equal(reload_ask(&site, "/", text), 0);
		old += strstr(text, "version 1") != NULL;
	}
	assert_true(old > 0);
	reload_stop(&site);
}

static void change_number(const struct reload_mode *mode)
{
	struct reload_site site;

	reload_start(&site, mode);
	if (mode->count == 1) {
		reload_tell(&site, SIGTTIN);
		reload_await_log(&site, "SIGTTIN ignored: there is one process");
		reload_tell(&site, SIGTTOU);
		reload_await_log(&site, "SIGTTOU ignored: there is one process");
		reload_expect(&site, "version 1 says one");
		reload_stop(&site);
		return;
	}
	reload_await_workers(&site, 4);
	reload_tell(&site, SIGTTIN);
	reload_await_workers(&site, 5);
	reload_tell(&site, SIGTTOU);
	reload_await_workers(&site, 4);
	reload_tell(&site, SIGTTOU);
	reload_await_workers(&site, 3);
	reload_expect(&site, "version 1 says one");
	reload_tell(&site, SIGHUP); /* as many as the options say */
	reload_await_workers(&site, 4);
	reload_await_log(&site, "of the new program serve");
	reload_expect(&site, "version 1 says one");
	reload_stop(&site);
}

static void workers_are_added_and_taken_away(void **state)
{
	reload_each_mode(change_number);
}

/* A socket as a process manager gives it: it is found again, under whatever number. */
static void keep_inherited(const struct reload_mode *mode)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct reload_site site;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), i;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "/tmp/vane-reload-%d.sock",
		(int) getpid());
	unlink(addr.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 128), 0);
	assert_int_equal(dup2(fd, SHARED_FD), SHARED_FD);
	close(fd);
	reload_start_with(&site, mode, "--shutdown-grace=100ms", SHARED_FD);
	snprintf(site.place, sizeof(site.place), "%s", addr.sun_path);
	for (i = 1; i <= 3; i++) {
		reload_expect(&site, "version 1 says one");
		reload_tell(&site, i == 2 ? SIGUSR2 : SIGHUP);
		reload_await_lines(&site, "of the new program serve", i);
		reload_await_workers(&site, mode->count);
	}
	reload_expect(&site, "version 1 says one");
	reload_stop(&site);
	unlink(addr.sun_path);
	close(SHARED_FD);
}

static void inherited_sockets_are_kept(void **state)
{
	reload_each_mode(keep_inherited);
}

static void kill_master(struct reload_site *site)
{
	pid_t workers[RELOAD_WORKERS_MAX];
	long deadline = proc_now() + RELOAD_WAIT_MSEC;
	int count, i;

	reload_await_workers(site, site->mode->count);
	count = reload_workers(site, workers);
	assert_int_equal(kill(site->proc.pid, SIGKILL), 0);
	for (i = 0; i < count; i++)
		while (proc_parent(workers[i]) != 0) {
			assert_true(proc_now() < deadline);
			poll(NULL, 0, 5);
		}
	proc_stop(&site->proc);
	tmp_remove(&site->tmp);
}

static void lose_master(const struct reload_mode *mode)
{
	struct reload_site site;

	reload_start(&site, mode);
	reload_tell(&site, SIGHUP);
	reload_await_lines(&site, "of the new program serve", 1);
	kill_master(&site);
}

/* The kernel does not tell those that have become another user. */
static void lose_master_as_another_user(const struct reload_mode *mode)
{
	struct reload_site site;
	int i;

	for (i = 0; i < 5 && mode->count > 1 && geteuid() == 0; i++) {
		reload_start_with(&site, mode, "--user=nobody", 0);
		kill_master(&site);
	}
}

static void nobody_outlives_the_master(void **state)
{
	reload_each_mode(lose_master);
	reload_each_mode(lose_master_as_another_user);
}

/* Whatever has been begun: the new program, the old one, or half of both. */
static void leave_in_between(const struct reload_mode *mode)
{
	static const int pauses_msec[] = { 0, 10, 40, 100 };
	size_t i;

	for (i = 0; i < sizeof(pauses_msec) / sizeof(pauses_msec[0]); i++) {
		struct reload_site site;

		reload_start(&site, mode);
		reload_tell(&site, SIGHUP);
		poll(NULL, 0, pauses_msec[i]);
		reload_stop(&site);
	}
}

static void it_leaves_in_the_middle_of_a_reload(void **state)
{
	reload_each_mode(leave_in_between);
}

/* ---- one process that drains, as it has begun to read a request ---- */

/* The connection of that request, when the new program serves. */
static int drain_after_hup(struct reload_site *site)
{
	static const char begin[] = "POST /echo HTTP/1.1\r\nHost: vane.test\r\n"
				    "Content-Length: 15\r\n\r\nversion ";
	long deadline = proc_now() + RELOAD_WAIT_MSEC;
	char text[RELOAD_TEXT_SIZE] = "";
	int fd;

	reload_start_with(site, &reload_modes[RELOAD_HTTP_1], "--shutdown-timeout=15s", 0);
	fd = reload_connect(site);
	assert_true(fd >= 0);
	assert_int_equal(send(fd, begin, strlen(begin), MSG_NOSIGNAL), strlen(begin));
	reload_expect(site, "version 1 says one"); /* it has accepted that one too */
	reload_configure(site, "greeting = two\n");
	reload_tell(site, SIGHUP);
	while (strstr(text, "says two") == NULL) {
		assert_true(proc_now() < deadline);
		assert_int_equal(reload_ask(site, "/", text), 0);
	}
	return fd;
}

static void end_drain(int fd)
{
	char text[RELOAD_TEXT_SIZE];

	assert_int_equal(send(fd, "of old\n", 7, MSG_NOSIGNAL), 7);
	assert_true(reload_read_answer(fd, text) >= 0);
	assert_string_equal(text, "version of old");
	close(fd);
}

static void told_while_the_old_one_drains_both_leave_in_order(void **state)
{
	struct reload_site site;
	int fd = drain_after_hup(&site);

	reload_tell(&site, SIGTERM);
	poll(NULL, 0, 100);
	end_drain(fd);
	assert_int_equal(proc_wait_end(&site.proc, RELOAD_WAIT_MSEC), 0);
	reload_stop(&site);
}

static void a_new_program_that_ends_while_the_old_one_drains_is_started_again(void **state)
{
	pid_t child[RELOAD_WORKERS_MAX];
	struct reload_site site;
	int fd = drain_after_hup(&site);

	assert_int_equal(reload_workers(&site, child), 1);
	assert_int_equal(kill(child[0], SIGKILL), 0);
	reload_await_log(&site, "starting it again");
	reload_expect(&site, "version 1 says two");
	end_drain(fd);
	reload_await_lines(&site, "of the new program serve", 1);
	reload_stop(&site);
}

static void a_reload_while_the_old_one_drains_follows_it(void **state)
{
	struct reload_site site;
	int fd = drain_after_hup(&site);

	reload_configure(&site, "greeting = three\n");
	reload_tell(&site, SIGHUP);
	poll(NULL, 0, 100);
	end_drain(fd);
	reload_await_lines(&site, "of the new program serve", 2);
	reload_await_workers(&site, 1);
	reload_expect(&site, "version 1 says three");
	reload_stop(&site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reload_reads_the_configuration_anew),
		cmocka_unit_test(an_idle_connection_stays_open),
		cmocka_unit_test(a_broken_configuration_leaves_the_old_one_in_service),
		cmocka_unit_test(an_upgrade_runs_what_is_at_the_path_now),
		cmocka_unit_test(a_worker_that_does_not_come_up_stops_the_roll),
		cmocka_unit_test(workers_are_added_and_taken_away),
		cmocka_unit_test(inherited_sockets_are_kept),
		cmocka_unit_test(nobody_outlives_the_master),
		cmocka_unit_test(it_leaves_in_the_middle_of_a_reload),
		cmocka_unit_test(told_while_the_old_one_drains_both_leave_in_order),
		cmocka_unit_test(
			a_new_program_that_ends_while_the_old_one_drains_is_started_again),
		cmocka_unit_test(a_reload_while_the_old_one_drains_follows_it),
	};

	if (access("/proc/self/exe", R_OK) != 0) {
		printf("SKIP: there is no /proc to find the program in\n");
		return 77;
	}
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
