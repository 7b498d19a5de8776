/* SPDX-License-Identifier: MIT */
/*
 * churn.c - the acceptance load of the life cycle: HUP, USR2, and TERM of a worker now and then,
 * all at once under load, and KILL of the master.
 *
 * Each row is a mode and what is in front of it, with one process and with four.  TERM of a worker,
 * where there is one process, is TERM of the program: the test is the supervisor then, which holds
 * the socket, descriptor 0 of the program, and starts it again.  Prints what was asked, lost and
 * done in each row; nothing may be lost.
 *
 * CHURN_SECONDS, CHURN_CLIENTS and CHURN_KILLS make it longer: scripts/rolling-restarts, where HUP
 * comes every 3 s, USR2 every 10 s and TERM every second.  Here time runs three times as fast.
 * CHURN_ONLY (a part of a row's name) and CHURN_KIND (HUP, USR2, TERM or all) choose.  VANE_BRIEF is set
 * where all of it has run in another build.
 */
#include "test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fronts/relay.h"
#include "support/load.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/tmp.h"

enum {
	WAIT_MSEC = 30000,
	WORKERS_MAX = 16,
	DRAIN_MSEC = 5000, /* --shutdown-timeout */
	SHARED_FD = 9      /* of the test, and then descriptor 0 of the program */
};

enum front_of_row { DIRECT, NGINX, APACHE };

struct row {
	const char *name, *mode;
	enum front_of_row front;
	int processes;
	bool brief; /* is run in any case */
};

static const struct row rows[] = {
	{ "http, 1 process", "http", DIRECT, 1, false },
	{ "http, 4 processes", "http", DIRECT, 4, true },
	{ "http behind nginx, 1 process", "http", NGINX, 1, false },
	{ "http behind nginx, 4 processes", "http", NGINX, 4, false },
	{ "FastCGI behind nginx, 1 process", "fastcgi", NGINX, 1, false },
	{ "FastCGI behind nginx, 4 processes", "fastcgi", NGINX, 4, true },
	{ "FastCGI behind Apache, 1 process", "fastcgi", APACHE, 1, false },
	{ "FastCGI behind Apache, 4 processes", "fastcgi", APACHE, 4, false },
	{ "SCGI behind nginx, 1 process", "scgi", NGINX, 1, true },
	{ "SCGI behind nginx, 4 processes", "scgi", NGINX, 4, false },
};

struct site {
	const struct row *row;
	struct tmp tmp;
	struct proc program;
	struct relay relay;
	int port;          /* of the program, for HTTP */
	char address[160]; /* of its socket, "127.0.0.1:8000" or "unix:/path" */
	unsigned starts, version, seed;
};

static long number_of(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtol(value, NULL, 10) : otherwise;
}

static bool is_brief(void)
{
	return getenv("VANE_BRIEF") != NULL;
}

/* ---- the program ---- */

static bool has_port(const struct row *row)
{
	return strcmp(row->mode, "http") == 0;
}

/* Versions of it are beside the test; each replaces the file of the one before. */
static void put_next_version(struct site *site)
{
	const char *dir = getenv("RELOADAPP_DIR");
	char from[256], there[TMP_PATH_MAX], new[TMP_PATH_MAX];

	snprintf(from, sizeof(from), "%s/reloadapp%u", dir != NULL ? dir : "tests/fixtures",
		site->version++ % 2 + 1);
	assert_int_equal(tmp_copy_program(&site->tmp, "new", from), 0);
	assert_int_equal(rename(tmp_path(&site->tmp, new, "new"),
				 tmp_path(&site->tmp, there, "app")),
		0);
}

/* The socket as a supervisor holds it, from the one start of the program to the next. */
static void hold_socket(struct site *site)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (has_port(site->row)) {
		fd = port_listen(&site->port);
		snprintf(site->address, sizeof(site->address), "127.0.0.1:%d", site->port);
	} else {
		tmp_path(&site->tmp, addr.sun_path, "app.sock");
		snprintf(site->address, sizeof(site->address), "unix:%s", addr.sun_path);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
		assert_int_equal(chmod(addr.sun_path, 0777), 0);
	}
	assert_true(fd >= 0);
	assert_int_equal(listen(fd, 1024), 0);
	assert_int_equal(dup2(fd, SHARED_FD), SHARED_FD);
	close(fd);
}

static void choose_address(struct site *site)
{
	char path[TMP_PATH_MAX];

	if (has_port(site->row)) {
		assert_int_equal(port_pick(&site->port, 1), 0);
		snprintf(site->address, sizeof(site->address), "127.0.0.1:%d", site->port);
	} else {
		snprintf(site->address, sizeof(site->address), "unix:%s",
			tmp_path(&site->tmp, path, "app.sock"));
	}
}

static void start_program(struct site *site)
{
	bool shared = site->row->processes == 1;
	char program[TMP_PATH_MAX], log[TMP_PATH_MAX], mode[32], processes[32], listen[192],
		name[32];
	char *const argv[] = { (char *) "/bin/sh", (char *) "-c",
		(char *) (shared ? "exec \"$0\" \"$@\" <&9" : "exec \"$0\" \"$@\""),
		program, mode, processes, listen, (char *) "--socket-mode=0666",
		(char *) "--shutdown-timeout=5s", NULL };
	const struct proc_start start = {
		.argv = argv, .log = log, .keep_fd = shared ? SHARED_FD : 0
	};

	snprintf(name, sizeof(name), "program%u.log", site->starts++);
	tmp_path(&site->tmp, log, name);
	tmp_path(&site->tmp, program, "app");
	snprintf(mode, sizeof(mode), "--mode=%s", site->row->mode);
	snprintf(processes, sizeof(processes), "--processes=%d", site->row->processes);
	snprintf(listen, sizeof(listen), "--listen=%s", shared ? "fd:0" : site->address);
	assert_int_equal(proc_start(&site->program, &start), 0);
	if (proc_wait_log(&site->program, ", vane ", WAIT_MSEC) < 0) {
		proc_print_log(&site->program);
		fail_msg("the program did not start");
	}
}

static void stop_program(struct site *site)
{
	int rc = proc_stop(&site->program);

	if (rc == 0 && site->program.status == 0)
		return;
	proc_print_log(&site->program);
	fail_msg("the program left with status %x", site->program.status);
}

static void site_start(struct site *site, const struct row *row)
{
	const char *const addresses[] = { site->address };
	const struct relay_to to = {
		.mode = row->mode, .addresses = addresses, .count = 1
	};

	*site = (struct site) { .row = row, .seed = 1 };
	assert_int_equal(tmp_make(&site->tmp), 0);
	put_next_version(site);
	if (row->processes == 1)
		hold_socket(site);
	else
		choose_address(site);
	start_program(site);
	if (row->front == NGINX)
		assert_int_equal(relay_start_nginx(&site->relay, &site->tmp, &to), 0);
	if (row->front == APACHE)
		assert_int_equal(relay_start_apache(&site->relay, &site->tmp, &to), 0);
}

static void site_stop(struct site *site)
{
	assert_int_equal(relay_stop(&site->relay), 0);
	stop_program(site);
	if (site->row->processes == 1)
		close(SHARED_FD);
	tmp_remove(&site->tmp);
}

/*
 * Under load Apache resets kept connections of clients even where the program is told nothing, and
 * POST must not be sent again.  What the program loses would be its 503, and in its log.
 */
static void site_load(const struct site *site, struct load *load)
{
	long clients = number_of("CHURN_CLIENTS", 20);

	load->no_kept_post = site->row->front == APACHE;
	assert_in_range(clients, 1, LOAD_CLIENTS_MAX);
	assert_int_equal(
		load_start(load, site->row->front == DIRECT ? site->port : site->relay.port,
			(size_t) clients),
		0);
}

static void await_load(const struct site *site, struct load *load, long requests)
{
	if (load_await(load, requests, WAIT_MSEC) == 0)
		return;
	proc_print_log(&site->program);
	fail_msg("%s: nobody answers", site->row->name);
}

/* ---- HUP, USR2 and TERM ---- */

static void send_hup(struct site *site)
{
	assert_int_equal(kill(site->program.pid, SIGHUP), 0);
}

static void send_usr2(struct site *site)
{
	put_next_version(site);
	assert_int_equal(kill(site->program.pid, SIGUSR2), 0);
}

/* Of a random worker, or of the program if it has none. */
static void send_term(struct site *site)
{
	pid_t workers[WORKERS_MAX];
	int count;

	if (site->row->processes == 1) {
		stop_program(site);
		start_program(site);
		return;
	}
	count = proc_children(site->program.pid, workers, WORKERS_MAX);
	if (count > 1)
		kill(workers[rand_r(&site->seed) % count], SIGTERM);
}

static const struct kind {
	const char *name;
	void (*send)(struct site *site);
	long period_msec;
} kinds[] = {
	{ "HUP", send_hup, 3000 },
	{ "USR2", send_usr2, 10000 },
	{ "TERM", send_term, 1000 },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Do what is due, until the time is over; count it. */
static void churn(struct site *site, long msec, bool hurry, long *done)
{
	const char *only = getenv("CHURN_KIND");
	bool all = only == NULL || strcmp(only, "all") == 0;
	long began = proc_now(), due[KINDS], period;
	size_t i;

	for (i = 0; i < KINDS; i++)
		due[i] = began + kinds[i].period_msec / (hurry ? 5 : 1);
	while (proc_now() < began + msec) {
		for (i = 0; i < KINDS; i++) {
			if (proc_now() < due[i])
				continue;
			period = kinds[i].period_msec / (hurry ? 3 : 1);
			due[i] += period;
			if (!all && strcmp(only, kinds[i].name) != 0)
				continue;
			kinds[i].send(site);
			done[i]++;
		}
		poll(NULL, 0, 5);
	}
}

/* How many of the reloads and upgrades came to their end: a TERM may cut one short. */
static long count_rolls(const struct site *site)
{
	char name[32], path[TMP_PATH_MAX], line[1024];
	long count = 0;
	unsigned i;

	for (i = 0; i < site->starts; i++) {
		FILE *in;

		snprintf(name, sizeof(name), "program%u.log", i);
		in = fopen(tmp_path(&site->tmp, path, name), "re");
		assert_non_null(in);
		while (fgets(line, sizeof(line), in) != NULL)
			count += strstr(line, "of the new program serve") != NULL;
		fclose(in);
	}
	return count;
}

static long report(const struct site *site, const struct load *load, const long *done)
{
	long complaints = site->row->front == DIRECT ? 0 : relay_complaints(&site->relay);
	char text[160];

	load_describe(load, text, sizeof(text));
	printf("churn: %-34s %s; %ld HUP, %ld USR2 (%ld went through), %ld TERM of %s",
		site->row->name, text, done[0], done[1], count_rolls(site), done[2],
		site->row->processes > 1 ? "a worker" : "the program");
	if (load->no_kept_post)
		printf("; no POST on kept connections");
	if (complaints != 0)
		printf("; %ld complaints of the front", complaints);
	printf("\n");
	fflush(stdout);
	return load_lost(load) + complaints;
}

static long seconds(void)
{
	return number_of("CHURN_SECONDS", is_brief() ? 1 : 3);
}

static long run_row(const struct row *row)
{
	long done[KINDS] = { 0 };
	struct load load = { 0 };
	struct site site;
	long lost, rolls;

	site_start(&site, row);
	site_load(&site, &load);
	await_load(&site, &load, 50);
	churn(&site, seconds() * 1000, seconds() < 10, done);
	await_load(&site, &load, 50);
	load_stop(&load);
	lost = report(&site, &load, done);
	if (lost != 0)
		proc_print_log(&site.program);
	rolls = count_rolls(&site);
	site_stop(&site);
	assert_true(done[2] > 0 || rolls > 0);
	return lost;
}

static bool is_chosen(const struct row *row)
{
	const char *only = getenv("CHURN_ONLY");

	if (only != NULL && strstr(row->name, only) == NULL)
		return false;
	if (row->front == NGINX && !relay_nginx_installed())
		return false;
	if (row->front == APACHE && !relay_apache_installed())
		return false;
	return row->brief || !is_brief();
}

/* All rows, also after one that has lost some. */
static void no_request_is_lost_whatever_the_program_is_told(void **state)
{
	long lost = 0;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && seconds() > 0; i++)
		if (is_chosen(&rows[i]))
			lost += run_row(&rows[i]);
	assert_int_equal(lost, 0);
}

/* ---- KILL ---- */

/* The process group of a process that lives, 0 if there is none. */
static pid_t group_of(pid_t pid)
{
	return proc_parent(pid) != 0 ? getpgid(pid) : 0;
}

static int count_in_group(pid_t group)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t) strtol(entry->d_name, NULL, 10);

		count += pid > 0 && group_of(pid) == group;
	}
	closedir(dir);
	return count;
}

/* Whether another program could listen there now. */
static bool can_listen(const struct site *site)
{
	struct sockaddr_in inet = { .sin_family = AF_INET,
		.sin_port = htons((in_port_t) site->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int on = 1;
	int fd;
	bool free;

	if (!has_port(site->row)) {
		fd = port_connect(0, site->address + strlen("unix:"));
		if (fd >= 0)
			close(fd);
		return fd < 0;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	free = bind(fd, (struct sockaddr *) &inet, sizeof(inet)) == 0;
	close(fd);
	return free;
}

struct afterwards {
	long free_msec,
		gone_msec; /* until others could listen, and nobody was left; the longest */
};

static void kill_master(struct site *site, struct afterwards *longest)
{
	long began = proc_now(), free_msec = -1, gone_msec = -1;
	pid_t group = site->program.pid;

	assert_int_equal(kill(group, SIGKILL), 0);
	while (free_msec < 0 || gone_msec < 0) {
		if (free_msec < 0 && can_listen(site))
			free_msec = proc_now() - began;
		if (gone_msec < 0 && count_in_group(group) == 0)
			gone_msec = proc_now() - began;
		if (proc_now() > began + DRAIN_MSEC) { /* as long as it may take at most */
			proc_print_log(&site->program);
			fail_msg("%s: somebody has outlived the master", site->row->name);
		}
		poll(NULL, 0, 1);
	}
	assert_int_equal(proc_stop(&site->program), 0);
	if (free_msec > longest->free_msec)
		longest->free_msec = free_msec;
	if (gone_msec > longest->gone_msec)
		longest->gone_msec = gone_msec;
}

/* Alone, and in the middle of a reload; each next one listens where the last one did. */
static void kill_masters(const struct row *row)
{
	long kills = number_of("CHURN_KILLS", is_brief() ? 1 : 3), i;
	struct afterwards longest = { 0 };
	struct load load = { .quiet = true };
	struct site site;
	char text[160];

	site_start(&site, row);
	site_load(&site, &load);
	for (i = 0; i < kills; i++) {
		await_load(&site, &load, 50);
		if (i % 2 == 1) {
			send_hup(&site);
			poll(NULL, 0, rand_r(&site.seed) % 300);
		}
		kill_master(&site, &longest);
		start_program(&site);
	}
	await_load(&site, &load, 50);
	load_stop(&load);
	load_describe(&load, text, sizeof(text));
	printf("churn: %-34s %ld KILL of the master: nobody left after %ld ms, others could "
	       "listen after %ld ms at most; %s\n",
		row->name, kills, longest.gone_msec, longest.free_msec, text);
	fflush(stdout);
	site_stop(&site);
}

static void nobody_outlives_the_master_under_load(void **state)
{
	static const char *const modes[] = { "http, 4", "FastCGI behind nginx, 4",
		"SCGI behind nginx, 4" };
	size_t i, j;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (j = 0; j < sizeof(modes) / sizeof(modes[0]); j++)
			if (strncmp(rows[i].name, modes[j], strlen(modes[j])) == 0 &&
				(rows[i].front == DIRECT || relay_nginx_installed()) &&
				number_of("CHURN_KILLS", 1) > 0)
				kill_masters(&rows[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_request_is_lost_whatever_the_program_is_told),
		cmocka_unit_test(nobody_outlives_the_master_under_load),
	};

	if (access("/proc/self/exe", R_OK) != 0) {
		printf("SKIP: there is no /proc to find processes in\n");
		return 77;
	}
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
