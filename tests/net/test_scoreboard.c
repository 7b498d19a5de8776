/* SPDX-License-Identifier: MIT */
/*
 * test_scoreboard.c - lib/net/scoreboard.c, scoreboard_beat.c and watchdog.c
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/loop.h>

#include "base.h"
#include "scoreboard.h"

static char last[1024];

static void keep(enum vane_log_level level, const char *line, void *data)
{
	snprintf(last, sizeof(last), "%s", line);
}

static int make_board(void **state)
{
	const struct vane__board_opts opts = { .ids = 2, .routes = 1 };

	assert_int_equal(vane__board_new(&opts), 0);
	return 0;
}

static int free_board(void **state)
{
	vane__board_free();
	return 0;
}

static uint64_t all_requests(void)
{
	struct vane__score_sums sums = { 0 };
	const struct vane__score *score;
	size_t i;

	for (i = 0; (score = vane__board_score(i)) != NULL; i++)
		vane__score_add_sums(&sums, score);
	return vane__score_sums_requests(&sums);
}

/* Fork a process that has answered so many requests of each class when it ends. */
static void run_worker(int id, int count)
{
	struct vane__score *score = vane__board_take(id);
	pid_t pid = fork();

	vane__board_forked(score, pid);
	if (pid == 0) {
		vane__score->connections = 3;
		while (count-- > 0) {
			vane__score_request(vane__score, 200, 50, 7);
			vane__score_request(vane__score, 404, 1000, 1);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(vane__board_ended(pid));
}

static void what_a_worker_has_counted_stays_when_it_has_ended(void **state)
{
	struct vane__score_sums sums = { 0 };
	const struct vane__score *score;

	run_worker(0, 10);
	run_worker(0, 5);
	run_worker(1, 1);
	score = vane__board_score(0);
	assert_int_equal(all_requests(), 32);
	assert_int_equal(score->generation, 2);
	assert_int_equal(score->connections, 0);
	vane__score_add_sums(&sums, score);
	assert_int_equal(sums.classes[1], 15);
	assert_int_equal(sums.classes[3], 15);
	assert_int_equal(sums.histogram[0], 15);
	assert_int_equal(sums.histogram[6], 15);
	assert_int_equal(sums.bytes, 15 * 8);
	assert_int_equal(sums.usec, 15 * 1050);
}

static void a_score_has_no_process_until_one_is_forked(void **state)
{
	run_worker(0, 1);
	assert_int_equal(vane__board_take(0)->pid, 0);
}

static void a_successor_has_a_score_while_the_one_before_drains(void **state)
{
	struct vane__score *first = vane__board_take(1), *second = vane__board_take(1);
	int more;

	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	assert_int_equal(first->id, 1);
	assert_int_equal(second->id, 1);
	for (more = 2; more < 8; more++)
		assert_non_null(vane__board_take(1));
	assert_null(vane__board_take(1));
	assert_null(vane__board_take(2));
	vane__board_forked(second, -EAGAIN);
	assert_ptr_equal(vane__board_take(1), second);
}

static void who_follows_in_the_same_second_adds_to_it(void **state)
{
	struct vane__board_second second;
	struct vane__score *score = vane__board_take(0);
	int i;

	vane__board.began_usec = vane__score_clock() - 500000;
	for (i = 0; i < 3; i++) {
		vane__board_forked(score, 12345);
		vane__score_request(score, 200, 50, 1);
		assert_false(vane__board_ended(12345));
		vane__board.began_usec = vane__score_clock() - 500000; /* it goes on */
		assert_ptr_equal(vane__board_take(0), score);
	}
	vane__board_read_second(1, &second);
	assert_int_equal(second.requests, 3);
	vane__board.began_usec -= 1000000;
	vane__score_request(score, 200, 50, 1);
	vane__score_close_second(score, 2);
	vane__board_read_second(1, &second);
	assert_int_equal(second.requests, 4);
	vane__score_close_second(score, 3);
	vane__board_read_second(2, &second);
	assert_int_equal(second.requests, 0);
}

static void a_worker_that_makes_room_is_known(void **state)
{
	struct vane__score *score = vane__board_take(0);

	vane__board_forked(score, 12345);
	score->state = VANE__SCORE_RECYCLED;
	assert_false(vane__board_ended(54321));
	assert_true(vane__board_ended(12345));
	assert_int_equal(score->sums.recycles, 1);
	assert_false(vane__board_ended(12345));
}

static void a_second_has_what_came_in_it(void **state)
{
	struct vane__score *a = vane__board_take(0), *b = vane__board_take(1);
	struct vane__board_second second;
	uint32_t n;

	a->second = b->second = 1;
	a->rss_kib = 100;
	b->rss_kib = 10;
	a->most_lag = 5;
	b->most_lag = 7;
	vane__score_request(a, 200, 50, 1);
	vane__score_request(b, 500, 2000, 1);
	vane__score_close_second(a, 1); /* it is not over */
	vane__board_read_second(1, &second);
	assert_int_equal(second.scores, 0);
	vane__score_close_second(a, 2);
	vane__score_close_second(b, 2);
	vane__score_request(a, 302, 50, 1);
	vane__score_close_second(a, 4);
	vane__board_read_second(1, &second);
	assert_int_equal(second.scores, 2);
	assert_int_equal(second.requests, 2);
	assert_int_equal(second.classes[1], 1);
	assert_int_equal(second.classes[4], 1);
	assert_int_equal(second.histogram[0], 1);
	assert_int_equal(second.histogram[8], 1);
	assert_int_equal(second.rss_kib, 110);
	assert_int_equal(second.lag_usec, 7);
	vane__board_read_second(2, &second);
	assert_int_equal(second.requests, 1);
	assert_int_equal(second.classes[2], 1);
	vane__board_read_second(3, &second);
	assert_int_equal(second.scores, 0);
	for (n = 4; n <= 1 + VANE__SCORE_SECONDS; n++)
		vane__score_close_second(a, n + 1);
	vane__board_read_second(1, &second); /* overwritten by a */
	assert_int_equal(second.scores, 1);
	assert_int_equal(second.requests, 1);
	vane__board_read_second(1 + VANE__SCORE_SECONDS, &second);
	assert_int_equal(second.scores, 1);
}

static void no_score_reads_a_second_that_changes(void **state)
{
	struct vane__score *score = vane__board_take(0);
	int turns = 0, status;
	pid_t pid = fork();

	vane__board_forked(score, pid);
	if (pid == 0) {
		uint32_t n;
		int i;

		for (n = 1; n <= 2000000; n++) {
			score->second = n;
			for (i = 0; i < 1 + (int) (n % 7); i++)
				vane__score_request(score, 200, 50, 1);
			score->rss_kib = n;
			vane__score_close_second(score, n + 1);
		}
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct vane__board_second second;
		uint32_t n = VANE__SCORE_GET(score->second);

		/* one that is about to be written over */
		n = n > VANE__SCORE_SECONDS ? n - VANE__SCORE_SECONDS + turns % 2 : n;
		vane__board_read_second(n, &second);
		if (second.scores == 0)
			continue;
		assert_int_equal(second.requests, 1 + n % 7);
		assert_int_equal(second.histogram[0], 1 + n % 7);
		assert_int_equal(second.rss_kib, n);
		turns++;
	}
	assert_true(turns > 0);
}

static void the_limit_of_requests_is_spread_over_a_tenth(void **state)
{
	assert_int_equal(vane__beat_jitter(1, 77), 1);
	assert_int_equal(vane__beat_jitter(100, 0), 100);
	assert_int_equal(vane__beat_jitter(100, 10), 90);
	assert_int_equal(vane__beat_jitter(100, 11), 100);
	assert_in_range(vane__beat_jitter(100, UINT32_MAX), 90, 100);
}

static void on_full(const char *why, void *data)
{
	struct vane_loop *loop = data;

	snprintf(last, sizeof(last), "%s", why);
	vane_loop_stop(loop);
}

static void a_beat_tells_of_a_limit_that_is_reached(void **state)
{
	static const struct {
		int64_t max_requests, max_rss;
		const char *why;
	} rows[] = {
		{ 2, -1, "--max-worker-requests" },
		{ -1, 4096, "--max-worker-memory" },
	};
	size_t i;

	vane__board_alone();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_loop *loop;
		struct vane__beat_opts opts = { rows[i].max_requests, rows[i].max_rss,
			on_full, NULL };
		struct vane__beat *beat;

		assert_int_equal(vane_loop_new(&loop), 0);
		opts.data = loop;
		assert_int_equal(vane__beat_start(&beat, loop, &opts), 0);
		vane__score_request(vane__score, 200, 1, 1);
		vane__score_request(vane__score, 200, 1, 1);
		assert_int_equal(vane_loop_run(loop), 0);
		assert_string_equal(last, rows[i].why);
		vane__beat_stop(beat);
		vane_loop_free(loop);
	}
}

static const char *name_of(unsigned index, void *data)
{
	return index == 2 ? "/slow/{id}" : "?";
}

static bool is_child(int id, pid_t pid, void *data)
{
	return id == 0 && pid == *(const pid_t *) data;
}

static void who_blocks_is_named_once_and_then_ended(void **state)
{
	const struct vane__board_opts opts = { .ids = 1,
		.routes = 3,
		.slow_msec = 1000,
		.handler_msec = 5000,
		.route = name_of };
	struct vane__score *score;
	int64_t now = vane__score_clock();
	int status;
	pid_t pid;

	last[0] = '\0';
	vane__board_free();
	assert_int_equal(vane__board_new(&opts), 0);
	assert_int_equal(vane__watchdog_msec(), 250);
	score = vane__board_take(0);
	pid = fork();
	vane__board_forked(score, pid);
	if (pid == 0) {
		alarm(30);
		signal(SIGABRT, SIG_IGN);
		score->since_usec = now - 100000;
		score->route = 3;
		for (;;)
			pause();
	}
	while (VANE__SCORE_GET(score->route) == 0)
		usleep(1000);
	vane_log_set_function(keep, NULL);
	/* a worker may write what it likes there: nobody else is ended */
	score->pid = getppid();
	score->since_usec = now - 9000000;
	vane__watchdog_look(is_child, &pid);
	assert_string_equal(last, "");
	score->pid = pid;
	score->since_usec = now - 100000;
	vane__watchdog_look(is_child, &pid);
	assert_string_equal(last, "");
	score->since_usec = now - 1100000;
	vane__watchdog_look(is_child, &pid);
	assert_non_null(strstr(last, "blocked for 11"));
	assert_non_null(strstr(last, " ms in /slow/{id}"));
	last[0] = '\0';
	vane__watchdog_look(is_child, &pid);
	assert_string_equal(last, "");
	score->told_usec = score->since_usec = now - 5100000;
	vane__watchdog_look(is_child, &pid); /* which it does not care about */
	assert_non_null(strstr(last, "more than --max-handler-time"));
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	score->struck_usec = score->told_usec = score->since_usec = now - 7100000;
	vane__watchdog_look(is_child, &pid);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	vane_log_set_function(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_a_worker_has_counted_stays_when_it_has_ended, make_board,
			free_board),
		cmocka_unit_test_setup_teardown(
			a_score_has_no_process_until_one_is_forked, make_board, free_board),
		cmocka_unit_test_setup_teardown(
			a_successor_has_a_score_while_the_one_before_drains, make_board,
			free_board),
		cmocka_unit_test_setup_teardown(
			who_follows_in_the_same_second_adds_to_it, make_board, free_board),
		cmocka_unit_test_setup_teardown(
			a_worker_that_makes_room_is_known, make_board, free_board),
		cmocka_unit_test_setup_teardown(
			a_second_has_what_came_in_it, make_board, free_board),
		cmocka_unit_test_setup_teardown(
			no_score_reads_a_second_that_changes, make_board, free_board),
		cmocka_unit_test(the_limit_of_requests_is_spread_over_a_tenth),
		cmocka_unit_test_setup_teardown(
			a_beat_tells_of_a_limit_that_is_reached, make_board, free_board),
		cmocka_unit_test_setup_teardown(
			who_blocks_is_named_once_and_then_ended, make_board, free_board),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
