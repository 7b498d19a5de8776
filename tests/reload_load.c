/* SPDX-License-Identifier: MIT */
/*
 * reload_load.c - reloads and upgrades while clients ask by HTTP, FastCGI and SCGI, without a front
 * server: no request is lost, whatever becomes of the new program.
 *
 * RELOAD_SECONDS makes it last longer: scripts/rolling-restarts.
 */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/reload_site.h"

enum { CLIENTS = 6 };

struct load {
	const struct reload_site *site;
	pthread_t threads[CLIENTS];
	atomic_bool stop;
	atomic_int answered, failed, started, asked;
};

static void *client_main(void *data)
{
	struct load *load = data;
	bool kept = load->started++ % 2 == 0 && load->site->port > 0;
	char text[RELOAD_TEXT_SIZE];
	int fd = -1, rc;

	while (!load->stop) {
		const char *target = load->asked++ % 100 == 0 ? "/slow" : "/";

		rc = kept ? reload_ask_kept(load->site, &fd, target, text)
			  : reload_ask(load->site, target, text);
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

static void load_start(struct load *load, const struct reload_site *site)
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
	long deadline = proc_now() + RELOAD_WAIT_MSEC;

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

static void crash_ten_times(const struct reload_mode *mode)
{
	struct reload_site site;
	struct load load;
	int i;

	reload_start(&site, mode);
	reload_put_script(&site, "#!/bin/sh\nkill -SEGV $$\n");
	load_start(&load, &site);
	for (i = 1; i <= 10; i++) {
		reload_tell(&site, SIGUSR2);
		reload_await_lines(
			&site, "did not come up (killed by signal 11 (SIGSEGV))", i);
		load_await(&load, 20);
	}
	load_stop(&load);
	reload_expect(&site, "version 1 says one");
	reload_stop(&site);
}

static void a_new_program_that_crashes_at_its_start_costs_no_request(void **state)
{
	reload_each_mode(crash_ten_times);
}

/* One of the workers is told to leave, while there are several. */
static void tell_some_worker(struct reload_site *site, int turn)
{
	pid_t workers[RELOAD_WORKERS_MAX];
	int count = reload_workers(site, workers);

	if (site->mode->count > 1 && count > 1)
		kill(workers[turn % count], SIGTERM);
}

/* HUP, again before that is over, USR2 to and fro, and a worker that leaves now and then. */
static void roll_under_load(const struct reload_mode *mode)
{
	const char *text = getenv("RELOAD_SECONDS");
	long until = proc_now() + (text != NULL ? strtol(text, NULL, 10) * 1000 : 0);
	struct reload_site site;
	struct load load;
	int i = 0;

	/* The long form, and tests/churn, are for what holds where nothing is set. */
	reload_start_with(&site, mode, text != NULL ? NULL : "--shutdown-grace=100ms", 0);
	load_start(&load, &site);
	do {
		load_await(&load, 50);
		tell_some_worker(&site, i);
		if (i % 4 == 3)
			reload_put_program(&site, i % 8 == 3 ? 2 : 1);
		reload_tell(&site, i % 4 == 3 ? SIGUSR2 : SIGHUP);
		reload_await_lines(&site, "of the new program serve", i + 1);
		i++;
	} while (i < 4 || proc_now() < until);
	load_await(&load, 50);
	load_stop(&load);
	reload_await_workers(&site, mode->count);
	reload_stop(&site);
}

static void no_request_is_lost_in_reloads_and_upgrades(void **state)
{
	reload_each_mode(roll_under_load);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_program_that_crashes_at_its_start_costs_no_request),
		cmocka_unit_test(no_request_is_lost_in_reloads_and_upgrades),
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
