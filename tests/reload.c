/* SPDX-License-Identifier: MIT */
/*
 * reload.c - a program that is started anew while it serves: HUP reads its configuration anew, USR2
 * runs another program on the same sockets, and no request is lost, whatever becomes of the new one.
 *
 * Each row runs as HTTP server, FastCGI and SCGI responder, with one process and with four.
 * RELOAD_SECONDS makes the load last longer: scripts/rolling-restarts.
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
#include <sys/un.h>
#include <unistd.h>

#include "support/fcgi_peer.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/scgi_peer.h"
#include "support/tmp.h"

enum {
	WAIT_MSEC = 20000,
	CLIENTS = 6,
	TEXT_SIZE = 256,
	WORKERS_MAX = 16,
	SHARED_FD = 9 /* of the test, and then descriptor 0 of the program */
};

struct mode {
	const char *name;
	const char *processes;
	int count;
};

static const struct mode modes[] = {
	{ "http", "1", 1 },
	{ "http", "4", 4 },
	{ "fastcgi", "1", 1 },
	{ "fastcgi", "4", 4 },
	{ "scgi", "1", 1 },
	{ "scgi", "4", 4 },
};

struct site {
	const struct mode *mode;
	struct tmp tmp;
	struct proc proc;
	int port;                 /* for HTTP */
	char place[TMP_PATH_MAX]; /* of the unix socket of the others */
};

/* ---- what is asked ---- */

static int connect_to(const struct site *site)
{
	const struct timeval patience = { .tv_sec = WAIT_MSEC / 1000 };
	int fd = port_connect(site->port, site->port > 0 ? NULL : site->place);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* Find what the program says in what has come. */
static int read_text(const char *came, char *text)
{
	const char *at = strstr(came, "version ");

	if (at == NULL || strchr(at, '\n') == NULL)
		return -EPROTO;
	snprintf(text, TEXT_SIZE, "%.*s", (int) strcspn(at, "\n"), at);
	return 0;
}

/* An answer ends with the line of the program's. */
static int read_http(int fd, char *text)
{
	char in[4096];
	size_t len = 0;
	ssize_t n;

	in[0] = '\0';
	do {
		n = recv(fd, in + len, sizeof(in) - 1 - len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return len == 0 ? -ECONNRESET : -EPROTO;
		len += (size_t) n;
		in[len] = '\0';
	} while (read_text(in, text) < 0 && len < sizeof(in) - 1);
	if (strncmp(in, "HTTP/1.1 200 ", 13) != 0)
		return -EPROTO;
	return strstr(in, "Connection: close") != NULL ? 1 : 0;
}

static int send_http(int fd, const char *target, bool keep)
{
	char out[256];
	int len = snprintf(out, sizeof(out), "GET %s HTTP/1.1\r\nHost: vane.test\r\n%s\r\n",
		target, keep ? "" : "Connection: close\r\n");

	return send(fd, out, (size_t) len, MSG_NOSIGNAL) == len ? 0 : -ECONNRESET;
}

static int ask_http(const struct site *site, const char *target, char *text)
{
	int fd = connect_to(site), rc;

	if (fd < 0)
		return fd;
	rc = send_http(fd, target, false);
	if (rc == 0)
		rc = read_http(fd, text);
	close(fd);
	return rc > 0 ? 0 : rc;
}

/* On a connection that is kept; it is tried again where RFC 9110 (9.2.2) has clients do so. */
static int ask_kept(const struct site *site, int *fd, const char *target, char *text)
{
	bool used = *fd >= 0;
	int rc;

	if (!used)
		*fd = connect_to(site);
	if (*fd < 0)
		return *fd;
	rc = send_http(*fd, target, true);
	if (rc == 0)
		rc = read_http(*fd, text);
	if (rc != 0) {
		close(*fd);
		*fd = -1;
	}
	if (rc == -ECONNRESET && used)
		return ask_kept(site, fd, target, text);
	return rc > 0 ? 0 : rc;
}

static int ask_fastcgi(const struct site *site, const char *target, char *text)
{
	char uri[128], address[TMP_PATH_MAX + 8];
	const char *const params[] = { "REQUEST_METHOD=GET", uri,
		"QUERY_STRING=", "SERVER_PROTOCOL=HTTP/1.1", NULL };
	const struct fcgi_peer_request request = { .params = params };
	struct fcgi_peer peer;
	int rc;

	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	snprintf(address, sizeof(address), "unix:%s", site->place);
	rc = fcgi_peer_connect(&peer, address);
	if (rc < 0)
		return rc;
	rc = fcgi_peer_ask(&peer, &request, WAIT_MSEC);
	if (rc == 0)
		rc = peer.ended && peer.out.data != NULL ? read_text(peer.out.data, text)
							 : -EPROTO;
	fcgi_peer_close(&peer);
	return rc;
}

static int ask_scgi(const struct site *site, const char *target, char *text)
{
	const struct scgi_manner manner = { .msec = WAIT_MSEC };
	struct scgi_answer answer = { 0 };
	size_t len;
	char *bytes = scgi_simple("GET", target, NULL, 0, &len);
	int fd = scgi_connect(site->place), rc = fd;

	if (fd >= 0)
		rc = scgi_converse(fd, bytes, len, &manner, &answer);
	if (rc == 0)
		rc = answer.reset ? -ECONNRESET : read_text(answer.data, text);
	free(answer.data);
	free(bytes);
	return rc;
}

static int ask(const struct site *site, const char *target, char *text)
{
	if (strcmp(site->mode->name, "fastcgi") == 0)
		return ask_fastcgi(site, target, text);
	if (strcmp(site->mode->name, "scgi") == 0)
		return ask_scgi(site, target, text);
	return ask_http(site, target, text);
}

static void ask_and_expect(const struct site *site, const char *wanted)
{
	char text[TEXT_SIZE] = "";

	assert_int_equal(ask(site, "/", text), 0);
	if (strstr(text, wanted) == NULL) {
		proc_print_log(&site->proc);
		fail_msg("'%s' has no '%s'", text, wanted);
	}
}

/* ---- the program ---- */

/* Versions of it are beside the test. */
static void put_program(const struct site *site, int version)
{
	const char *dir = getenv("RELOADAPP_DIR");
	char from[256], there[TMP_PATH_MAX], new[TMP_PATH_MAX];

	snprintf(from, sizeof(from), "%s/reloadapp%d", dir != NULL ? dir : "tests/fixtures",
		version);
	assert_int_equal(tmp_copy_program(&site->tmp, "new", from), 0);
	assert_int_equal(rename(tmp_path(&site->tmp, new, "new"),
				 tmp_path(&site->tmp, there, "app")),
		0);
}

static void put_script(const struct site *site, const char *script)
{
	char there[TMP_PATH_MAX], new[TMP_PATH_MAX];

	assert_int_equal(tmp_write(&site->tmp, "new", script, NULL), 0);
	assert_int_equal(chmod(tmp_path(&site->tmp, new, "new"), 0755), 0);
	assert_int_equal(rename(new, tmp_path(&site->tmp, there, "app")), 0);
}

static void configure(const struct site *site, const char *text)
{
	assert_int_equal(tmp_write(&site->tmp, "app.conf", text, NULL), 0);
}

static void await_log(struct site *site, const char *text)
{
	if (proc_wait_log(&site->proc, text, WAIT_MSEC) < 0) {
		proc_print_log(&site->proc);
		fail_msg("there is no line '%s'", text);
	}
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

/* Wait until the log has so many lines with that text. */
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

static void site_start_with(
	struct site *site, const struct mode *mode, const char *more, int keep_fd)
{
	char program[TMP_PATH_MAX], config[TMP_PATH_MAX + 16], log[TMP_PATH_MAX],
		where[TMP_PATH_MAX + 16], name[32], pid[TMP_PATH_MAX + 16],
		path[TMP_PATH_MAX];
	char *const argv[] = { (char *) "/bin/sh", (char *) "-c",
		(char *) (keep_fd > 0 ? "exec \"$0\" \"$@\" <&9" : "exec \"$0\" \"$@\""),
		program, name, (char *) "--processes", (char *) mode->processes, config,
		pid, where, (char *) (more != NULL ? more : "--strict=0"), NULL };
	const struct proc_start start = { .argv = argv, .log = log, .keep_fd = keep_fd };

	*site = (struct site) { .mode = mode };
	assert_int_equal(tmp_make(&site->tmp), 0);
	put_program(site, 1);
	configure(site, "greeting = one\n");
	tmp_path(&site->tmp, program, "app");
	tmp_path(&site->tmp, log, "log");
	tmp_path(&site->tmp, site->place, "socket");
	snprintf(config, sizeof(config), "--config=%s",
		tmp_path(&site->tmp, path, "app.conf"));
	snprintf(pid, sizeof(pid), "--pid-file=%s", tmp_path(&site->tmp, path, "pid"));
	snprintf(name, sizeof(name), "--mode=%s", mode->name);
	if (keep_fd > 0) {
		snprintf(where, sizeof(where), "--listen=fd:0");
	} else if (strcmp(mode->name, "http") == 0) {
		assert_int_equal(port_pick(&site->port, 1), 0);
		snprintf(where, sizeof(where), "--listen=127.0.0.1:%d", site->port);
	} else {
		snprintf(where, sizeof(where), "--listen=unix:%s", site->place);
	}
	assert_int_equal(proc_start(&site->proc, &start), 0);
	await_log(site, ", vane ");
}

static void site_start(struct site *site, const struct mode *mode)
{
	site_start_with(site, mode, "--shutdown-grace=100ms", 0);
}

static bool is_there(const struct site *site, const char *name)
{
	char path[TMP_PATH_MAX];

	return access(tmp_path(&site->tmp, path, name), F_OK) == 0;
}

/* It leaves in order, and takes its files along. */
static void site_stop(struct site *site)
{
	assert_int_equal(proc_stop(&site->proc), 0);
	if (site->proc.status != 0) {
		proc_print_log(&site->proc);
		fail_msg("it left with status %x", site->proc.status);
	}
	assert_false(is_there(site, "pid"));
	assert_false(is_there(site, "socket"));
	tmp_remove(&site->tmp);
}

static void tell(struct site *site, int signo)
{
	assert_int_equal(kill(site->proc.pid, signo), 0);
}

static void for_each_mode(void (*run)(const struct mode *mode))
{
	const char *only = getenv("RELOAD_ONLY");
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (only == NULL || strcmp(only, modes[i].name) == 0)
			run(&modes[i]);
}

static int workers_of(const struct site *site, pid_t *workers)
{
	return proc_children(site->proc.pid, workers, WORKERS_MAX);
}

static void await_workers(const struct site *site, int count)
{
	pid_t workers[WORKERS_MAX];
	long deadline = proc_now() + WAIT_MSEC;

	while (workers_of(site, workers) != count) {
		if (proc_now() > deadline) {
			proc_print_log(&site->proc);
			fail_msg("there are not %d workers", count);
		}
		poll(NULL, 0, 10);
	}
}

/* ---- without load ---- */

static void reload(const struct mode *mode)
{
	struct site site;
	int i;

	site_start(&site, mode);
	ask_and_expect(&site, "version 1 says one");
	for (i = 1; i <= 2; i++) {
		configure(&site, i == 1 ? "greeting = two\n" : "greeting = three\n");
		tell(&site, SIGHUP);
		await_lines(&site, "of the new program serve", i);
		await_workers(&site, mode->count);
		ask_and_expect(
			&site, i == 1 ? "version 1 says two" : "version 1 says three");
		assert_true(is_there(&site, "pid"));
	}
	site_stop(&site);
}

static void a_reload_reads_the_configuration_anew(void **state)
{
	for_each_mode(reload);
}

static void reload_in_vain(const struct mode *mode)
{
	static const struct {
		const char *config, *said;
	} rows[] = {
		{ "greting = two\n", "did not come up (exited with status 2)" },
		{ "fails = 1\n", "did not come up (exited with status 1)" },
		{ "crashes = 1\n", "did not come up (killed by signal 9 (SIGKILL))" },
	};
	struct site site;
	size_t i;

	site_start(&site, mode);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		configure(&site, rows[i].config);
		tell(&site, SIGHUP);
		await_log(&site, rows[i].said);
		await_workers(&site, mode->count > 1 ? mode->count : 0);
		ask_and_expect(&site, "version 1 says one");
	}
	configure(&site, "greeting = two\n");
	tell(&site, SIGHUP);
	await_lines(&site, "of the new program serve", 1);
	ask_and_expect(&site, "version 1 says two");
	site_stop(&site);
}

static void a_broken_configuration_leaves_the_old_one_in_service(void **state)
{
	for_each_mode(reload_in_vain);
}

static void upgrade(const struct mode *mode)
{
	struct site site;

	site_start(&site, mode);
	put_program(&site, 2);
	tell(&site, SIGHUP); /* the same program, although its file is another one */
	await_lines(&site, "of the new program serve", 1);
	await_workers(&site, mode->count);
	ask_and_expect(&site, "version 1 says one");
	tell(&site, SIGUSR2);
	await_lines(&site, "of the new program serve", 2);
	await_workers(&site, mode->count);
	ask_and_expect(&site, "version 2 says one");
	site_stop(&site);
}

static void an_upgrade_runs_what_is_at_the_path_now(void **state)
{
	for_each_mode(upgrade);
}

/* All is well in the rehearsal, which is no worker, but worker 2 does not come up. */
static void a_worker_that_does_not_come_up_stops_the_roll(void **state)
{
	char text[TEXT_SIZE], from[TMP_PATH_MAX], to[TMP_PATH_MAX];
	struct site site;
	int i, old = 0;

	site_start(&site, &modes[1]);
	put_program(&site, 2);
	assert_int_equal(
		rename(tmp_path(&site.tmp, from, "app"), tmp_path(&site.tmp, to, "app2")),
		0);
	put_script(&site, "#!/bin/sh\nexport RELOADAPP_FAILS_AS=2\n"
			  "exec \"$(dirname \"$0\")/app2\" \"$@\"\n");
	tell(&site, SIGUSR2);
	await_log(
		&site, "child 2 of the new program did not come up (exited with status 1)");
	await_workers(&site, 4);
	for (i = 0; i < 100; i++) {
		assert_int_equal(ask(&site, "/", text), 0);
		old += strstr(text, "version 1") != NULL;
	}
	assert_true(old > 0);
	site_stop(&site);
}

static void change_number(const struct mode *mode)
{
	struct site site;

	site_start(&site, mode);
	if (mode->count == 1) {
		tell(&site, SIGTTIN);
		await_log(&site, "SIGTTIN ignored: there is one process");
		tell(&site, SIGTTOU);
		await_log(&site, "SIGTTOU ignored: there is one process");
		ask_and_expect(&site, "version 1 says one");
		site_stop(&site);
		return;
	}
	await_workers(&site, 4);
	tell(&site, SIGTTIN);
	await_workers(&site, 5);
	tell(&site, SIGTTOU);
	await_workers(&site, 4);
	tell(&site, SIGTTOU);
	await_workers(&site, 3);
	ask_and_expect(&site, "version 1 says one");
	tell(&site, SIGHUP); /* as many as the options say */
	await_workers(&site, 4);
	await_log(&site, "of the new program serve");
	ask_and_expect(&site, "version 1 says one");
	site_stop(&site);
}

static void workers_are_added_and_taken_away(void **state)
{
	for_each_mode(change_number);
}

/* A socket as a process manager gives it: it is found again, under whatever number. */
static void keep_inherited(const struct mode *mode)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct site site;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), i;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "/tmp/vane-reload-%d.sock",
		(int) getpid());
	unlink(addr.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 128), 0);
	assert_int_equal(dup2(fd, SHARED_FD), SHARED_FD);
	close(fd);
	site_start_with(&site, mode, "--shutdown-grace=100ms", SHARED_FD);
	snprintf(site.place, sizeof(site.place), "%s", addr.sun_path);
	for (i = 1; i <= 3; i++) {
		ask_and_expect(&site, "version 1 says one");
		tell(&site, i == 2 ? SIGUSR2 : SIGHUP);
		await_lines(&site, "of the new program serve", i);
		await_workers(&site, mode->count);
	}
	ask_and_expect(&site, "version 1 says one");
	site_stop(&site);
	unlink(addr.sun_path);
	close(SHARED_FD);
}

static void inherited_sockets_are_kept(void **state)
{
	for_each_mode(keep_inherited);
}

static void kill_master(struct site *site)
{
	pid_t workers[WORKERS_MAX];
	long deadline = proc_now() + WAIT_MSEC;
	int count, i;

	await_workers(site, site->mode->count);
	count = workers_of(site, workers);
	assert_int_equal(kill(site->proc.pid, SIGKILL), 0);
	for (i = 0; i < count; i++)
		while (proc_parent(workers[i]) != 0) {
			assert_true(proc_now() < deadline);
			poll(NULL, 0, 5);
		}
	proc_stop(&site->proc);
	tmp_remove(&site->tmp);
}

static void lose_master(const struct mode *mode)
{
	struct site site;

	site_start(&site, mode);
	tell(&site, SIGHUP);
	await_lines(&site, "of the new program serve", 1);
	kill_master(&site);
}

/* The kernel does not tell those that have become another user. */
static void lose_master_as_another_user(const struct mode *mode)
{
	struct site site;
	int i;

	for (i = 0; i < 5 && mode->count > 1 && geteuid() == 0; i++) {
		site_start_with(&site, mode, "--user=nobody", 0);
		kill_master(&site);
	}
}

static void nobody_outlives_the_master(void **state)
{
	for_each_mode(lose_master);
	for_each_mode(lose_master_as_another_user);
}

/* ---- under load ---- */

struct load {
	const struct site *site;
	pthread_t threads[CLIENTS];
	atomic_bool stop;
	atomic_int answered, failed, started;
};

static void *client_main(void *data)
{
	struct load *load = data;
	bool kept = load->started++ % 2 == 0 && load->site->port > 0;
	char text[TEXT_SIZE];
	int fd = -1, rc;

	while (!load->stop) {
		const char *target = load->answered % 50 == 0 ? "/slow" : "/";

		rc = kept ? ask_kept(load->site, &fd, target, text)
			  : ask(load->site, target, text);
		if (rc == 0) {
			load->answered++;
		} else {
			load->failed++;
			fprintf(stderr, "%s%s: %s\n", kept ? "kept " : "", target,
				strerror(-rc));
		}
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void load_start(struct load *load, const struct site *site)
{
	size_t i;

	*load = (struct load) { .site = site };
	for (i = 0; i < CLIENTS; i++)
		assert_int_equal(
			pthread_create(&load->threads[i], NULL, client_main, load), 0);
}

static void load_await(struct load *load, int more)
{
	int wanted = load->answered + more;
	long deadline = proc_now() + WAIT_MSEC;

	while (load->answered < wanted) {
		if (proc_now() > deadline) {
			proc_print_log(&load->site->proc);
			fail_msg("nobody answers");
		}
		poll(NULL, 0, 2);
	}
}

static void load_stop(struct load *load)
{
	size_t i;

	load->stop = true;
	for (i = 0; i < CLIENTS; i++)
		pthread_join(load->threads[i], NULL);
	printf("reload: %-8s %s process%s: %d answered, %d failed\n",
		load->site->mode->name, load->site->mode->processes,
		load->site->mode->count == 1 ? "" : "es", load->answered, load->failed);
	if (load->failed > 0)
		proc_print_log(&load->site->proc);
	assert_int_equal(load->failed, 0);
}

static void crash_ten_times(const struct mode *mode)
{
	struct site site;
	struct load load;
	int i;

	site_start(&site, mode);
	put_script(&site, "#!/bin/sh\nkill -SEGV $$\n");
	load_start(&load, &site);
	for (i = 1; i <= 10; i++) {
		tell(&site, SIGUSR2);
		await_lines(&site, "did not come up (killed by signal 11 (SIGSEGV))", i);
		load_await(&load, 20);
	}
	load_stop(&load);
	ask_and_expect(&site, "version 1 says one");
	site_stop(&site);
}

static void a_new_program_that_crashes_at_its_start_costs_no_request(void **state)
{
	for_each_mode(crash_ten_times);
}

/* One of the workers is told to leave, while there are several. */
static void tell_some_worker(struct site *site, int turn)
{
	pid_t workers[WORKERS_MAX];
	int count = workers_of(site, workers);

	if (site->mode->count > 1 && count > 1)
		kill(workers[turn % count], SIGTERM);
}

/* HUP, again before that is over, USR2 to and fro, and a worker that leaves now and then. */
static void roll_under_load(const struct mode *mode)
{
	const char *text = getenv("RELOAD_SECONDS");
	long until = proc_now() + (text != NULL ? strtol(text, NULL, 10) * 1000 : 0);
	struct site site;
	struct load load;
	int i = 0;

	site_start_with(&site, mode, NULL, 0);
	load_start(&load, &site);
	do {
		load_await(&load, 50);
		tell_some_worker(&site, i);
		if (i % 4 == 3)
			put_program(&site, i % 8 == 3 ? 2 : 1);
		tell(&site, i % 4 == 3 ? SIGUSR2 : SIGHUP);
		await_lines(&site, "of the new program serve", i + 1);
		i++;
	} while (i < 4 || proc_now() < until);
	load_await(&load, 50);
	load_stop(&load);
	await_workers(&site, mode->count);
	site_stop(&site);
}

static void no_request_is_lost_in_reloads_and_upgrades(void **state)
{
	for_each_mode(roll_under_load);
}

/* Whatever has been begun: the new program, the old one, or half of both. */
static void leave_in_between(const struct mode *mode)
{
	static const int pauses_msec[] = { 0, 10, 40, 100 };
	size_t i;

	for (i = 0; i < sizeof(pauses_msec) / sizeof(pauses_msec[0]); i++) {
		struct site site;

		site_start(&site, mode);
		tell(&site, SIGHUP);
		poll(NULL, 0, pauses_msec[i]);
		site_stop(&site);
	}
}

static void it_leaves_in_the_middle_of_a_reload(void **state)
{
	for_each_mode(leave_in_between);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reload_reads_the_configuration_anew),
		cmocka_unit_test(a_broken_configuration_leaves_the_old_one_in_service),
		cmocka_unit_test(an_upgrade_runs_what_is_at_the_path_now),
		cmocka_unit_test(a_worker_that_does_not_come_up_stops_the_roll),
		cmocka_unit_test(workers_are_added_and_taken_away),
		cmocka_unit_test(inherited_sockets_are_kept),
		cmocka_unit_test(nobody_outlives_the_master),
		cmocka_unit_test(a_new_program_that_crashes_at_its_start_costs_no_request),
		cmocka_unit_test(no_request_is_lost_in_reloads_and_upgrades),
		cmocka_unit_test(it_leaves_in_the_middle_of_a_reload),
	};

	if (access("/proc/self/exe", R_OK) != 0) {
		printf("SKIP: there is no /proc to find the program in\n");
		return 77;
	}
	if (getenv("RELOAD_SECONDS") != NULL) /* the long form */
		cmocka_set_test_filter("no_request_*");
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
