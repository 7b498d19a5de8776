/* SPDX-License-Identifier: MIT */
/*
 * life.c - a whole server under load: workers that are killed come back, nobody outlives
 * the master, TERM loses no request, and a worker that blocks holds up nobody else.
 */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "carrier.h"
#include "support/http.h"
#include "support/port.h"

#define CLIENTS   8
#define WORKERS   4
#define WAIT_MSEC 10000

static const char *const no_fields[] = { "Host: vane.test", NULL };

struct site {
	struct tmp tmp;
	struct proc proc;
	int port;
};

static void site_start(struct site *site)
{
	static const char *const more[] = { "--processes", "4", "--logging", "none", NULL };

	assert_int_equal(tmp_make(&site->tmp), 0);
	assert_int_equal(
		carrier_start_native(&site->proc, &site->tmp, &site->port, more), 0);
}

static void site_stop(struct site *site)
{
	assert_int_equal(proc_stop(&site->proc), 0);
	tmp_remove(&site->tmp);
}

static void await_workers(const struct site *site, pid_t *workers)
{
	long deadline = proc_now() + WAIT_MSEC;

	while (proc_children(site->proc.pid, workers, WORKERS) < WORKERS) {
		assert_true(proc_now() < deadline);
		poll(NULL, 0, 5);
	}
}

/* Clients that ask without a pause, until they are told to stop or the server is gone. */
struct load {
	int port;
	const char *target;
	long pause_msec;
	atomic_bool stop;
	atomic_int answered, failed;
	pthread_mutex_t lock;
	long *times; /* of each answer, in milliseconds; up to TIMES_MAX */
	size_t time_count;
};

#define TIMES_MAX 100000

static void note_time(struct load *load, long msec)
{
	pthread_mutex_lock(&load->lock);
	if (load->time_count < TIMES_MAX)
		load->times[load->time_count++] = msec;
	pthread_mutex_unlock(&load->lock);
}

/*
 * Ask as a good client does: a kept connection that was closed before the first byte of an
 * answer is no failure, the request is sent again.  Returns 0, or -ECONNREFUSED when nobody
 * listens any more.
 */
static int ask_once(struct load *load, struct http *http)
{
	const struct ask ask = {
		.method = "GET", .target = load->target, .fields = no_fields
	};
	long began = proc_now();
	struct answer answer;
	int rc = -ECONNRESET;

	for (int i = 0; i < 5 && rc == -ECONNRESET; i++) {
		rc = http_ask(http, &ask, &answer);
		if (rc == 0 && (answer.status != 200 || !answer.whole))
			rc = -EPROTO;
		answer_fini(&answer);
	}
	if (rc == 0) {
		load->answered++;
		note_time(load, proc_now() - began);
	} else if (rc != -ECONNREFUSED) {
		fprintf(stderr, "%s: %s\n", load->target, strerror(-rc));
		load->failed++;
	}
	return rc;
}

static void *client_main(void *data)
{
	struct load *load = data;
	struct http *http = NULL;

	if (http_new(&http, load->port, NULL) < 0) {
		load->failed++;
		return NULL;
	}
	while (!load->stop && ask_once(load, http) != -ECONNREFUSED) {
		if (load->pause_msec > 0)
			poll(NULL, 0, (int) load->pause_msec);
	}
	http_free(http);
	return NULL;
}

struct clients {
	struct load load;
	pthread_t threads[CLIENTS];
	size_t count;
};

static void clients_start(struct clients *clients, const struct site *site,
	const char *target, size_t count, long pause_msec)
{
	clients->load = (struct load) {
		.port = site->port, .target = target, .pause_msec = pause_msec
	};
	pthread_mutex_init(&clients->load.lock, NULL);
	clients->load.times = calloc(TIMES_MAX, sizeof(long));
	assert_non_null(clients->load.times);
	clients->count = count;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pthread_create(&clients->threads[i], NULL, client_main,
					 &clients->load),
			0);
}

static void clients_await(struct clients *clients, int answered)
{
	long deadline = proc_now() + WAIT_MSEC;

	while (clients->load.answered < answered) {
		assert_true(proc_now() < deadline);
		poll(NULL, 0, 2);
	}
}

static void clients_stop(struct clients *clients)
{
	clients->load.stop = true;
	for (size_t i = 0; i < clients->count; i++)
		pthread_join(clients->threads[i], NULL);
	pthread_mutex_destroy(&clients->load.lock);
}

static void clients_fini(struct clients *clients)
{
	free(clients->load.times);
}

/* Whoever was with the killed worker loses one request; all others go on. */
static void a_killed_worker_comes_back(void **state)
{
	pid_t before[WORKERS] = { 0 }, after[WORKERS] = { 0 };
	struct clients clients;
	struct site site;
	size_t same = 0;

	site_start(&site);
	await_workers(&site, before);
	clients_start(&clients, &site, "/", CLIENTS, 1);
	clients_await(&clients, 100);
	assert_int_equal(kill(before[0], SIGKILL), 0);
	while (proc_parent(before[0]) != 0)
		poll(NULL, 0, 1);
	await_workers(&site, after);
	clients_await(&clients, clients.load.answered + 100);
	clients_stop(&clients);
	for (size_t i = 0; i < WORKERS; i++) {
		for (size_t j = 0; j < WORKERS; j++)
			same += before[i] == after[j];
	}
	assert_int_equal(same, WORKERS - 1);
	assert_true(clients.load.failed <= CLIENTS);
	clients_fini(&clients);
	site_stop(&site);
}

static void nobody_outlives_the_master(void **state)
{
	pid_t workers[WORKERS] = { 0 };
	struct site site;
	long deadline;
	int fd;

	site_start(&site);
	await_workers(&site, workers);
	assert_int_equal(kill(site.proc.pid, SIGKILL), 0);
	deadline = proc_now() + WAIT_MSEC;
	for (size_t i = 0; i < WORKERS; i++) {
		while (proc_parent(workers[i]) != 0) {
			assert_true(proc_now() < deadline);
			poll(NULL, 0, 5);
		}
	}
	fd = port_connect(site.port, NULL);
	assert_int_equal(fd, -ECONNREFUSED);
	site_stop(&site);
}

static void term_under_load_loses_no_request(void **state)
{
	static const char *const targets[] = { "/", "/source/300000", "/stream/20",
		"/later" };

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		pid_t workers[WORKERS];
		struct clients clients;
		struct site site;

		site_start(&site);
		await_workers(&site, workers);
		clients_start(&clients, &site, targets[i], CLIENTS, 0);
		clients_await(&clients, 200);
		assert_int_equal(kill(site.proc.pid, SIGTERM), 0);
		assert_int_equal(proc_wait_end(&site.proc, WAIT_MSEC), 0);
		clients_stop(&clients);
		assert_int_equal(site.proc.status, 0);
		assert_int_equal(clients.load.failed, 0);
		clients_fini(&clients);
		site_stop(&site);
	}
}

static int compare_times(const void *a, const void *b)
{
	long x = *(const long *) a, y = *(const long *) b;

	return (x > y) - (x < y);
}

/* Three of four workers block most of the time; what is quick must not wait for them. */
static void a_blocked_worker_holds_up_nobody_else(void **state)
{
	struct clients slow, quick;
	pid_t workers[WORKERS];
	struct site site;
	long p95;

	site_start(&site);
	await_workers(&site, workers);
	clients_start(&quick, &site, "/", CLIENTS, 2);
	clients_await(&quick, 200);
	clients_start(&slow, &site, "/block/200", 3, 1);
	clients_await(&slow, 20);
	clients_stop(&quick);
	clients_stop(&slow);
	assert_int_equal(quick.load.failed + slow.load.failed, 0);
	qsort(quick.load.times, quick.load.time_count, sizeof(long), compare_times);
	p95 = quick.load.times[quick.load.time_count * 95 / 100];
	printf("life: %zu quick requests beside 3 that block 200 ms: p95 %ld ms, longest "
	       "%ld ms\n",
		quick.load.time_count, p95, quick.load.times[quick.load.time_count - 1]);
	assert_true(p95 < 100);
	clients_fini(&slow);
	clients_fini(&quick);
	site_stop(&site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_worker_comes_back),
		cmocka_unit_test(nobody_outlives_the_master),
		cmocka_unit_test(term_under_load_loses_no_request),
		cmocka_unit_test(a_blocked_worker_holds_up_nobody_else),
	};

	if (access("/proc/self/stat", R_OK) != 0) {
		printf("SKIP: there is no /proc to find workers in\n");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
