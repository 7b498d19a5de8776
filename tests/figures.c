/* SPDX-License-Identifier: MIT */
/*
 * figures.c - whether the figures of --status are what a client counts, while the program is reloaded
 * (HUP), upgraded (USR2), and loses workers (KILL).
 *
 * The load is that of the benchmarks, which says how many of its requests were answered; and how many
 * were not, as only those can be counted otherwise.
 */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/fcgi_peer.h"
#include "support/metrics.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/tmp.h"

#include "base.h"

#define CLIENTS "6"

enum { WAIT_MSEC = 20000, WORKERS_MAX = 16, FASTCGI_CLIENTS = 2, SEEN = 100 };

extern char **environ;

struct mode {
	const char *name, *processes;
	int count;
};

static const struct mode modes[] = {
	{ "http", "--processes=1", 1 },
	{ "http", "--processes=4", 4 },
	{ "fastcgi", "--processes=1", 1 },
	{ "fastcgi", "--processes=4", 4 },
};

struct site {
	const struct mode *mode;
	struct tmp tmp;
	struct proc proc;
	int port;
	char place[TMP_PATH_MAX]; /* of the unix socket of FastCGI */
};

/* ---- the program ---- */

static void put_program(const struct site *site, int version)
{
	char from[64], there[TMP_PATH_MAX], new[TMP_PATH_MAX];

	snprintf(from, sizeof(from), "tests/fixtures/reloadapp%d", version);
	assert_int_equal(tmp_copy_program(&site->tmp, "new", from), 0);
	assert_int_equal(rename(tmp_path(&site->tmp, new, "new"),
				 tmp_path(&site->tmp, there, "app")),
		0);
}

static int count_in_log(const struct site *site, const char *text)
{
	char line[1024];
	FILE *in = fopen(site->proc.log, "re");
	int count = 0;

	if (in == NULL) /* it has not begun yet */
		return 0;
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

static void site_start(struct site *site, const struct mode *mode, const char *more)
{
	char program[TMP_PATH_MAX], log[TMP_PATH_MAX], where[TMP_PATH_MAX + 16], name[32],
		config[TMP_PATH_MAX + 16], path[TMP_PATH_MAX];
	char *const argv[] = { program, name, (char *) (uintptr_t) mode->processes, where,
		config, (char *) (uintptr_t) (more != NULL ? more : "--strict=0"), NULL };

	*site = (struct site) { .mode = mode };
	assert_int_equal(tmp_make(&site->tmp), 0);
	put_program(site, 1);
	assert_int_equal(tmp_write(&site->tmp, "app.conf",
				 "status = /_s\nshutdown-grace = 50ms\n", NULL),
		0);
	tmp_path(&site->tmp, program, "app");
	tmp_path(&site->tmp, site->place, "socket");
	snprintf(name, sizeof(name), "--mode=%s", mode->name);
	snprintf(config, sizeof(config), "--config=%s",
		tmp_path(&site->tmp, path, "app.conf"));
	snprintf(where, sizeof(where), "--listen=unix:%s", site->place);
	if (strcmp(mode->name, "http") == 0) {
		assert_int_equal(port_pick(&site->port, 1), 0);
		snprintf(where, sizeof(where), "--listen=127.0.0.1:%d", site->port);
	}
	assert_int_equal(
		proc_start(&site->proc, &(struct proc_start) { .argv = argv,
						.log = tmp_path(&site->tmp, log, "log") }),
		0);
	await_lines(site, ", vane ", 1);
}

static void site_stop(struct site *site)
{
	assert_int_equal(proc_stop(&site->proc), 0);
	if (site->proc.status != 0) {
		proc_print_log(&site->proc);
		fail_msg("it left with status %x", site->proc.status);
	}
	tmp_remove(&site->tmp);
}

/* Tell it to start anew, and wait until it has, for that time. */
static void renew(struct site *site, int signo, int time)
{
	assert_int_equal(kill(site->proc.pid, signo), 0);
	await_lines(site, "of the new program serve", time);
}

/* ---- what it says ---- */

static char *ask_http(const struct site *site, const char *target)
{
	const struct timeval patience = { .tv_sec = WAIT_MSEC / 1000 };
	size_t room = 1 << 20, len = 0;
	char *text = malloc(room), line[128];
	int fd = port_connect(site->port, NULL);
	ssize_t n;

	assert_true(fd >= 0 && text != NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	n = snprintf(line, sizeof(line), "GET %s HTTP/1.0\r\nHost: h\r\n\r\n", target);
	assert_int_equal(send(fd, line, (size_t) n, MSG_NOSIGNAL), n);
	while ((n = recv(fd, text + len, room - len - 1, 0)) > 0)
		len += (size_t) n;
	text[len] = '\0';
	close(fd);
	return text;
}

static char *ask_fastcgi(const struct site *site, const char *target)
{
	char uri[128], address[TMP_PATH_MAX + 8], *text;
	const char *const params[] = { "REQUEST_METHOD=GET", uri,
		"SERVER_PROTOCOL=HTTP/1.1", "REMOTE_ADDR=127.0.0.1", NULL };
	struct fcgi_peer peer;

	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	snprintf(address, sizeof(address), "unix:%s", site->place);
	assert_int_equal(fcgi_peer_connect(&peer, address), 0);
	assert_int_equal(
		fcgi_peer_ask(
			&peer, &(struct fcgi_peer_request) { .params = params }, WAIT_MSEC),
		0);
	text = strdup(peer.out.data);
	assert_non_null(text);
	fcgi_peer_close(&peer);
	return text;
}

/* A form of the figures, to be freed; each look is a request of its own. */
static char *figures(const struct site *site, const char *form)
{
	char target[64], *text, *body;

	snprintf(target, sizeof(target), "/_s?format=%s", form);
	text = site->port > 0 ? ask_http(site, target) : ask_fastcgi(site, target);
	body = strstr(text, "\r\n\r\n");
	assert_non_null(body);
	assert_non_null(strstr(text, " 200 "));
	memmove(text, body + 4, strlen(body + 4) + 1);
	return text;
}

/* The first number behind a text; -1 if that is not there. */
static long number_behind(const char *json, const char *text)
{
	const char *at = json != NULL ? strstr(json, text) : NULL;

	return at != NULL ? strtol(at + strlen(text), NULL, 10) : -1;
}

/* What the load has asked for, and nobody else asks. */
static long load_counted(const struct site *site)
{
	char *json = figures(site, "json");
	long count = number_behind(json, "{\"pattern\":\"/\",\"requests\":");

	free(json);
	return count;
}

/* ---- the load ---- */

struct load {
	pid_t pids[FASTCGI_CLIENTS];
	int count;
	int end, out; /* the load ends when the first is closed; what it says */
};

static void spawn(struct load *load, char *const *argv, const int *in, const int *out)
{
	posix_spawn_file_actions_t actions;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	assert_int_equal(posix_spawn(&load->pids[load->count++], argv[0], &actions, NULL,
				 argv, environ),
		0);
	posix_spawn_file_actions_destroy(&actions);
}

static void load_start(struct load *load, const struct site *site)
{
	char port[16], place[TMP_PATH_MAX];
	char *const http[] = { (char *) "bench/load", (char *) "-r", port,
		(char *) CLIENTS ":/", NULL };
	char *const fastcgi[] = { (char *) "bench/load_fcgi", (char *) "-r", place, NULL };
	int in[2], out[2], i;

	*load = (struct load) { .count = 0 };
	snprintf(port, sizeof(port), "%d", site->port);
	snprintf(place, sizeof(place), "%s", site->place);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	if (site->port > 0)
		spawn(load, http, in, out);
	for (i = 0; i < FASTCGI_CLIENTS && site->port == 0; i++)
		spawn(load, fastcgi, in, out);
	close(in[0]);
	close(out[1]);
	load->end = in[1];
	load->out = out[0];
}

/* Wait until so many more of its requests have been answered. */
static void load_go_on(const struct site *site, long more)
{
	long deadline = proc_now() + WAIT_MSEC, least = load_counted(site) + more;

	while (load_counted(site) < least) {
		assert_true(proc_now() < deadline);
		poll(NULL, 0, 5);
	}
}

/* End it: how many of its requests were answered, and how many not. */
static void load_stop(struct load *load, long *answered, long *lost)
{
	char line[256];
	FILE *out = fdopen(load->out, "r");
	int i, status;

	close(load->end);
	*answered = *lost = 0;
	for (i = 0; i < load->count; i++) {
		char *rest;

		assert_non_null(fgets(line, sizeof(line), out));
		*answered += strtol(line, &rest, 10);
		*lost += strtol(rest, &rest, 10);
		*lost += load->count == 1 ? strtol(rest, NULL, 10) : 0; /* not in time */
	}
	for (i = 0; i < load->count; i++) {
		assert_int_equal(waitpid(load->pids[i], &status, 0), load->pids[i]);
		assert_int_equal(status, 0);
	}
	fclose(out);
}

/* ---- what is compared ---- */

/* The sum of all seconds. */
static long history_of(const char *json)
{
	const char *at = strstr(json, "\"history\":[");
	long sum = 0;

	assert_non_null(at);
	while ((at = strstr(at, "\"requests\":")) != NULL) {
		at += strlen("\"requests\":");
		sum += strtol(at, NULL, 10);
	}
	return sum;
}

/* Seconds have all that was counted, once they are over. */
static void check_history(const struct site *site, long counted)
{
	long deadline = proc_now() + WAIT_MSEC, sum;

	do {
		char *json = figures(site, "json");

		sum = history_of(json);
		free(json);
		assert_true(proc_now() < deadline);
		poll(NULL, 0, 50);
	} while (sum < counted);
}

static void check_metrics(const struct site *site, long counted)
{
	char *text = figures(site, "prometheus");
	struct metrics metrics;
	double all;

	assert_string_equal(metrics_parse(&metrics, text), "");
	assert_true(metrics_sum(&metrics, "vane_route_requests_total", "route", "/") ==
		    (double) counted);
	all = metrics_sum(&metrics, "vane_requests_total", NULL, NULL);
	assert_true(all > (double) counted);
	assert_true(all == metrics_sum(&metrics, "vane_request_duration_seconds_count",
				   NULL, NULL));
	metrics_fini(&metrics);
	free(text);
}

/* Whoever answered it counts it a moment later: wait for that. */
static long settled_count(const struct site *site, long least)
{
	long deadline = proc_now() + 500, count;

	do
		count = load_counted(site);
	while (count < least && proc_now() < deadline);
	return count;
}

static void check_counted(
	const struct site *site, const char *when, long answered, long uncertain)
{
	long counted = settled_count(site, answered - uncertain);

	if (counted < answered - uncertain || counted > answered + uncertain) {
		proc_print_log(&site->proc);
		fail_msg("%s %s %s: %ld are counted, %ld were answered, %ld were not",
			site->mode->name, site->mode->processes, when, counted, answered,
			uncertain);
	}
	check_metrics(site, counted);
}

static void kill_worker(struct site *site, int time)
{
	pid_t workers[WORKERS_MAX];

	assert_true(proc_children(site->proc.pid, workers, WORKERS_MAX) > 0);
	assert_int_equal(kill(workers[0], SIGKILL), 0);
	await_lines(site, "killed by signal 9 (SIGKILL), restarting", time);
}

/*
 * Nobody's request is lost in reloads and upgrades, and what is counted is exact.  A worker that is
 * killed may have answered one of each of its connections without having counted it, or the other way
 * round; and the client sees that connection end.
 */
static void count(const struct mode *mode)
{
	long answered, lost, before;
	struct site site;
	struct load load;

	site_start(&site, mode, NULL);
	load_start(&load, &site);
	load_go_on(&site, SEEN);
	renew(&site, SIGHUP, 1);
	load_go_on(&site, SEEN);
	put_program(&site, 2);
	renew(&site, SIGUSR2, 2);
	load_go_on(&site, SEEN);
	load_stop(&load, &before, &lost);
	check_counted(&site, "after two programs", before, 0);

	load_start(&load, &site);
	load_go_on(&site, SEEN);
	kill_worker(&site, 1);
	load_go_on(&site, SEEN);
	renew(&site, SIGHUP, 3);
	load_go_on(&site, SEEN);
	load_stop(&load, &answered, &lost);
	assert_true(lost <= strtol(CLIENTS, NULL, 10) * 4);
	check_counted(&site, "after a crash", before + answered, lost);
	check_history(&site, before + answered - lost);
	assert_int_equal(count_in_log(&site, "figures begin anew"), 0);
	site_stop(&site);
}

static void figures_are_what_the_clients_have_counted(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		count(&modes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_what_the_clients_have_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
