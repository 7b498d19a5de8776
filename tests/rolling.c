/* SPDX-License-Identifier: MIT */
/*
 * rolling.c - rolling restarts under load: how many requests are lost.
 *
 * Each row has several programs that are restarted one after the other, again and again, by TERM
 * as supervisor does it, while clients ask without a pause, a third of them with POST.  nginx is told
 * to send no request again, but for those that could not be sent at all.  What it does send again
 * is counted as lost.  Prints requests and failures of each row; none may fail.
 *
 * ROLLING_CLIENTS and ROLLING_RESTARTS make it longer: scripts/rolling-restarts.  VANE_BRIEF
 * makes it shorter.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "carrier.h"
#include "fronts/relay.h"
#include "support/load.h"
#include "support/port.h"

enum {
	PROGRAMS = 4,
	WAIT_MSEC = 30000,
	SHARED_FD = 9 /* of the test, and then descriptor 0 of the programs */
};

/* What is between the clients and the programs. */
enum front_of_row { DIRECT, NGINX, KEPT /* the same, which keeps FastCGI connections */ };

struct row {
	const char *name, *mode;
	enum front_of_row front;
	bool ports; /* each program has its own; else all share a socket on descriptor 0 */
	bool tcp;   /* that is one of TCP */
};

static const struct row rows[] = {
	{ "native, 4 ports behind nginx", "http", NGINX, true, true },
	{ "native, one shared fd 0", "http", DIRECT, false, true },
	{ "native, one shared fd 0 behind nginx", "http", NGINX, false, true },
	{ "FastCGI behind nginx", "fastcgi", NGINX, false, false },
	{ "FastCGI behind nginx, kept, unix", "fastcgi", KEPT, false, false },
	{ "FastCGI behind nginx, kept, TCP", "fastcgi", KEPT, false, true },
	{ "SCGI behind nginx", "scgi", NGINX, false, false },
};

struct site {
	const struct row *row;
	struct tmp tmp;
	struct proc programs[PROGRAMS];
	struct relay nginx;
	int ports[PROGRAMS]; /* of the programs; the first one is that of a shared socket */
	char address[128];   /* of the shared socket, as nginx has it */
	int starts;
};

/* Where all of it has run in another build. */
static bool is_brief(void)
{
	return getenv("VANE_BRIEF") != NULL;
}

static long number_of(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtol(value, NULL, 10) : otherwise;
}

/* ---- what they ask ---- */

/* The socket that all share, as a process manager holds it. */
static void open_shared(struct site *site)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (site->row->tcp) {
		fd = port_listen(&site->ports[0]);
		snprintf(site->address, sizeof(site->address), "127.0.0.1:%d",
			site->ports[0]);
	} else {
		tmp_path(&site->tmp, addr.sun_path, "app.sock");
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
		chmod(addr.sun_path, 0777);
		snprintf(site->address, sizeof(site->address), "unix:%s", addr.sun_path);
	}
	assert_true(fd >= 0);
	assert_int_equal(listen(fd, 1024), 0);
	assert_int_equal(dup2(fd, SHARED_FD), SHARED_FD);
	close(fd);
}

static void start_program(struct site *site, size_t i)
{
	char name[32], log[TMP_PATH_MAX], mode[32], listen[64], script[64];
	char *const argv[] = { (char *) "/bin/sh", (char *) "-c", script,
		(char *) carrier_program(), mode, listen, (char *) "--shutdown-timeout=20s",
		NULL };
	struct proc_start start = {
		.argv = argv, .log = log, .keep_fd = site->row->ports ? 0 : SHARED_FD
	};

	snprintf(name, sizeof(name), "program%d.log", site->starts++);
	tmp_path(&site->tmp, log, name);
	snprintf(mode, sizeof(mode), "--mode=%s", site->row->mode);
	if (site->row->ports) {
		snprintf(listen, sizeof(listen), "--listen=127.0.0.1:%d", site->ports[i]);
		snprintf(script, sizeof(script), "exec \"$0\" \"$@\"");
	} else {
		snprintf(listen, sizeof(listen), "--listen=fd:0");
		snprintf(script, sizeof(script), "exec \"$0\" \"$@\" <&%d", SHARED_FD);
	}
	assert_int_equal(proc_start(&site->programs[i], &start), 0);
	if (proc_wait_log(&site->programs[i], ", vane ", WAIT_MSEC) < 0) {
		proc_print_log(&site->programs[i]);
		fail_msg("a program did not start");
	}
}

static void start_nginx(struct site *site)
{
	char ports[PROGRAMS][32];
	const char *addresses[PROGRAMS] = { site->address };
	const struct relay_to to = {
		.mode = site->row->mode,
		.kept = site->row->front == KEPT,
		.addresses = addresses,
		.count = site->row->ports ? PROGRAMS : 1,
	};
	size_t i;

	for (i = 0; i < to.count && site->row->ports; i++) {
		snprintf(ports[i], sizeof(ports[i]), "127.0.0.1:%d", site->ports[i]);
		addresses[i] = ports[i];
	}
	assert_int_equal(relay_start_nginx(&site->nginx, &site->tmp, &to), 0);
}

static void site_start(struct site *site, const struct row *row)
{
	size_t i;

	*site = (struct site) { .row = row };
	assert_int_equal(tmp_make(&site->tmp), 0);
	assert_int_equal(port_pick(site->ports, PROGRAMS), 0);
	if (!row->ports)
		open_shared(site);
	for (i = 0; i < PROGRAMS; i++)
		start_program(site, i);
	if (row->front != DIRECT)
		start_nginx(site);
}

static void site_stop(struct site *site)
{
	size_t i;

	assert_int_equal(relay_stop(&site->nginx), 0);
	for (i = 0; i < PROGRAMS; i++)
		assert_int_equal(proc_stop(&site->programs[i]), 0);
	if (!site->row->ports)
		close(SHARED_FD);
	tmp_remove(&site->tmp);
}

/* Restart all, one after the other. */
static void restart(struct site *site)
{
	size_t i;

	for (i = 0; i < PROGRAMS; i++) {
		assert_int_equal(proc_stop(&site->programs[i]), 0);
		if (site->programs[i].status != 0) {
			proc_print_log(&site->programs[i]);
			fail_msg("a program left with status %x", site->programs[i].status);
		}
		start_program(site, i);
	}
}

static void await_requests(struct load *load, long count)
{
	assert_int_equal(load_await(load, count, WAIT_MSEC), 0);
}

static void run_row(const struct row *row)
{
	size_t count = (size_t) number_of("ROLLING_CLIENTS", 20);
	long restarts = number_of("ROLLING_RESTARTS", is_brief() ? 1 : 2), complaints, i;
	struct load load = { 0 };
	struct site site;
	char text[160];

	assert_in_range(count, 1, LOAD_CLIENTS_MAX);
	site_start(&site, row);
	assert_int_equal(
		load_start(&load, row->front == DIRECT ? site.ports[0] : site.nginx.port,
			count),
		0);
	for (i = 0; i < restarts; i++) {
		await_requests(&load, (long) count);
		restart(&site);
	}
	await_requests(&load, (long) count);
	load_stop(&load);
	complaints = row->front == DIRECT ? 0 : relay_complaints(&site.nginx);
	load_describe(&load, text, sizeof(text));
	printf("rolling: %-36s %s, %ld complaints; %ld restarts of each of %d\n", row->name,
		text, complaints, restarts, PROGRAMS);
	fflush(stdout);
	site_stop(&site);
	assert_int_equal(load_lost(&load), 0);
	assert_int_equal(complaints, 0);
}

static void no_request_is_lost_in_rolling_restarts(void **state)
{
	const char *only = getenv("ROLLING_ONLY");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (only == NULL || strstr(rows[i].name, only) != NULL)
			run_row(&rows[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_request_is_lost_in_rolling_restarts),
	};

	if (!relay_nginx_installed()) {
		fprintf(stderr, "nginx is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
