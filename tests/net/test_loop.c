/* SPDX-License-Identifier: MIT */
/*
 * test_loop.c - lib/net/loop.c
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "loop.h"

/* What the callbacks of a test share. */
struct scene {
	struct vane_loop *loop;
	struct vane_timer *timer;
	struct vane_watch *watch;
	int calls, wanted;
	int order[128];
};

/* One of several timers, which knows its place. */
struct numbered {
	struct scene *scene;
	int number;
};

static int64_t msec_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void burn(int64_t msec)
{
	int64_t end = msec_now() + msec;

	while (msec_now() < end)
		;
}

static int begin(void **state)
{
	static struct scene scene;

	memset(&scene, 0, sizeof(scene));
	*state = &scene;
	return vane_loop_new(&scene.loop);
}

static int end(void **state)
{
	struct scene *scene = *state;

	vane_loop_free(scene->loop);
	return 0;
}

static void count(void *data)
{
	struct scene *scene = data;

	if (++scene->calls == scene->wanted)
		vane_loop_stop(scene->loop);
}

static void record(void *data)
{
	struct numbered *one = data;

	one->scene->order[one->scene->calls] = one->number;
	count(one->scene);
}

static void a_stop_before_the_start_returns_at_once(void **state)
{
	struct scene *scene = *state;

	vane_loop_stop(scene->loop);
	assert_int_equal(vane_loop_run(scene->loop), 0);
	scene->wanted = 1;
	assert_int_equal(vane_loop_add_callback(scene->loop, count, scene), 0);
	assert_int_equal(vane_loop_run(scene->loop), 0);
	assert_int_equal(scene->calls, 1);
}

static void run_again(void *data)
{
	struct scene *scene = data;

	assert_int_equal(vane_loop_run(scene->loop), -EALREADY);
	assert_int_equal(vane_loop_turn(scene->loop, false), -EALREADY);
	count(scene);
}

static void a_running_loop_cannot_be_run(void **state)
{
	struct scene *scene = *state;

	scene->wanted = 1;
	vane_loop_add_callback(scene->loop, run_again, scene);
	assert_int_equal(vane_loop_run(scene->loop), 0);
	assert_int_equal(scene->calls, 1);
}

static void a_stop_finishes_the_turn(void **state)
{
	struct scene *scene = *state;
	int i;

	scene->wanted = 1; /* stops in the first of three */
	for (i = 0; i < 3; i++)
		vane_loop_add_callback(scene->loop, count, scene);
	vane_loop_run(scene->loop);
	assert_int_equal(scene->calls, 3);
}

static void timers_are_never_early(void **state)
{
	struct scene *scene = *state;
	int msec;

	for (msec = 0; msec < 20; msec++) {
		int64_t start;

		burn(2); /* so that the loop's idea of now is old */
		start = msec_now();
		scene->wanted = scene->calls + 1;
		assert_int_equal(
			vane_loop_call_later(scene->loop, msec, count, scene, NULL), 0);
		vane_loop_run(scene->loop);
		assert_true(msec_now() - start >= msec);
	}
}

static void arm_late(void *data)
{
	struct scene *scene = data;

	burn(30);
	scene->order[0] = (int) msec_now();
	scene->order[1] = (int) vane_loop_now(scene->loop);
	vane_loop_call_later(scene->loop, 20, count, scene, NULL);
}

static void a_timer_made_late_in_a_callback_is_not_early(void **state)
{
	struct scene *scene = *state;

	scene->wanted = 1;
	vane_loop_add_callback(scene->loop, arm_late, scene);
	vane_loop_run(scene->loop);
	assert_true(scene->order[1] >= scene->order[0]); /* its clock goes on meanwhile */
	assert_true((int) msec_now() - scene->order[0] >= 20);
}

static void equal_deadlines_fire_in_order(void **state)
{
	struct scene *scene = *state;
	struct numbered list[100];
	int i;

	for (i = 0; i < 100; i++) {
		list[i] = (struct numbered) { scene, i };
		assert_int_equal(
			vane_loop_call_later(scene->loop, 5, record, &list[i], NULL), 0);
	}
	scene->wanted = 100;
	vane_loop_run(scene->loop);
	for (i = 0; i < 100; i++)
		assert_int_equal(scene->order[i], i);
}

static void add_forever(void *data)
{
	struct scene *scene = data;

	scene->calls++;
	vane_loop_add_callback(scene->loop, add_forever, scene);
}

static void what_a_callback_adds_waits_for_the_next_turn(void **state)
{
	struct scene *scene = *state;
	int i;

	vane_loop_add_callback(scene->loop, add_forever, scene);
	for (i = 1; i <= 5; i++) {
		vane_loop_turn(scene->loop, false);
		assert_int_equal(scene->calls, i);
	}
}

static void stop_now(void *data)
{
	struct scene *scene = data;

	vane_loop_stop(scene->loop);
}

static void read_one(int fd, int events, void *data)
{
	struct scene *scene = data;
	char c;

	assert_int_equal(events, VANE_READ);
	assert_int_equal(read(fd, &c, 1), 1);
	scene->order[0]++;
}

static void callbacks_do_not_starve_timers_or_descriptors(void **state)
{
	struct scene *scene = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "xyz", 3), 3);
	assert_int_equal(vane_loop_add_watch(scene->loop, fds[0], VANE_READ, read_one,
				 scene, &scene->watch),
		0);
	vane_loop_add_callback(scene->loop, add_forever, scene);
	vane_loop_call_later(scene->loop, 20, stop_now, scene, NULL);
	vane_loop_run(scene->loop);
	assert_int_equal(scene->order[0], 3);
	close(fds[1]);
	vane_watch_remove(scene->watch);
	close(fds[0]);
}

static void a_timer_may_be_moved(void **state)
{
	struct scene *scene = *state;
	struct numbered one = { scene, 1 }, two = { scene, 2 }, three = { scene, 3 };
	struct vane_timer *first, *third;

	scene->wanted = 3;
	vane_loop_call_later(scene->loop, 3600 * 1000, record, &one, &first);
	vane_loop_call_later(scene->loop, 0, record, &two, NULL);
	vane_loop_call_later(scene->loop, INT64_MAX, record, &three, &third);
	vane_timer_rearm(third, 50);
	vane_timer_rearm(first, 0);
	vane_loop_run(scene->loop);
	assert_int_equal(
		scene->order[0], 2); /* as it was made before the first was moved */
	assert_int_equal(scene->order[1], 1);
	assert_int_equal(scene->order[2], 3);
}

static void a_cancelled_timer_does_not_fire(void **state)
{
	struct scene *scene = *state;
	struct vane_timer *second, *third;

	vane_loop_call_later(scene->loop, 1, count, scene, &scene->timer);
	vane_loop_call_later(scene->loop, 2, count, scene, &second);
	vane_loop_call_later(scene->loop, 60000, count, scene, &third);
	vane_loop_call_later(scene->loop, 5, stop_now, scene, NULL);
	vane_timer_cancel(second);
	vane_timer_cancel(third);
	vane_timer_cancel(NULL);
	vane_loop_run(scene->loop);
	assert_int_equal(scene->calls, 1);
}

static void an_endless_time_does_not_wrap(void **state)
{
	static const int64_t rows[] = { INT64_MAX, INT64_MAX - 1, INT64_MAX / 1000,
		INT64_MAX / 1000000, INT64_MAX / 1000000 + 1 };
	struct scene *scene = *state;
	struct vane_timer *moved;
	size_t i;

	scene->wanted = 1;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane_loop_call_later(
					 scene->loop, rows[i], count, scene, &scene->timer),
			0);
		assert_int_equal(
			vane_loop_call_later(scene->loop, 0, count, scene, &moved), 0);
		vane_timer_rearm(moved, rows[i]);
		assert_int_equal(
			vane_loop_call_later(scene->loop, -5, stop_now, scene, NULL), 0);
		vane_loop_run(scene->loop);
		assert_int_equal(scene->calls, 0);
	}
}

static void remove_myself(int fd, int events, void *data)
{
	struct scene *scene = data;

	scene->calls++;
	vane_watch_remove(scene->watch);
	scene->watch = NULL;
}

static void a_handler_may_remove_itself(void **state)
{
	struct scene *scene = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	vane_loop_add_watch(
		scene->loop, fds[0], VANE_READ, remove_myself, scene, &scene->watch);
	vane_loop_turn(scene->loop, true);
	vane_loop_turn(scene->loop, false);
	assert_int_equal(scene->calls, 1);
	assert_null(scene->watch);
	close(fds[0]);
	close(fds[1]);
}

static void note_events(int fd, int events, void *data)
{
	struct scene *scene = data;

	scene->order[0] = events;
	scene->calls++;
}

static void updating_pauses_and_resumes(void **state)
{
	static const struct {
		int watch_for, seen;
	} rows[] = {
		{ VANE_WRITE, VANE_WRITE },
		{ 0, 0 },
		{ VANE_READ, 0 },
		{ VANE_READ | VANE_WRITE, VANE_WRITE },
		{ VANE_READ | VANE_WRITE, VANE_WRITE },
		{ 0, 0 },
	};
	struct scene *scene = *state;
	struct vane_watch *watch;
	int fds[2];
	size_t i;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(
		vane_loop_add_watch(scene->loop, fds[1], 0, note_events, scene, &watch), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		scene->order[0] = 0;
		vane_watch_update(watch, rows[i].watch_for);
		vane_loop_turn(scene->loop, false);
		assert_int_equal(scene->order[0], rows[i].seen);
	}
	assert_int_equal(
		vane_loop_add_watch(scene->loop, -1, VANE_READ, note_events, scene, &watch),
		-EBADF);
	vane_watch_remove(watch);
	close(fds[0]);
	close(fds[1]);
}

static void signals_run_their_function(void **state)
{
	struct scene *scene = *state;
	struct sigaction action;

	scene->wanted = 1;
	assert_int_equal(vane_loop_add_signal(scene->loop, SIGKILL, count, scene), -EINVAL);
	assert_int_equal(vane_loop_add_signal(scene->loop, SIGUSR1, stop_now, scene), 0);
	assert_int_equal(vane_loop_add_signal(scene->loop, SIGUSR1, count, scene), 0);
	raise(SIGUSR1);
	vane_loop_run(scene->loop);
	assert_int_equal(scene->calls, 1);
	assert_int_equal(vane_loop_add_signal(scene->loop, SIGUSR1, NULL, NULL), 0);
	sigaction(SIGUSR1, NULL, &action);
	assert_true(action.sa_handler == SIG_DFL);
}

/* Write to a pipe that nobody reads. */
static void write_in_vain(void *data)
{
	struct scene *scene = data;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write(fds[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(fds[1]);
	count(scene);
}

static void what_is_written_in_vain_raises_no_signal(void **state)
{
	struct scene *scene = *state;
	struct sigaction before, after;
	sigset_t mask;

	sigaction(SIGPIPE, NULL, &before);
	assert_true(before.sa_handler == SIG_DFL);
	scene->wanted = 1;
	vane_loop_add_callback(scene->loop, write_in_vain, scene);
	vane_loop_run(scene->loop);
	vane_loop_add_callback(scene->loop, write_in_vain, scene);
	vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->calls, 2);
	sigprocmask(SIG_SETMASK, NULL, &mask); /* and none comes now */
	assert_int_equal(sigismember(&mask, SIGPIPE), 0);
	sigaction(SIGPIPE, NULL, &after);
	assert_true(after.sa_handler == SIG_DFL);
}

static void a_loop_may_ask_for_sigpipe(void **state)
{
	struct scene *scene = *state;

	scene->wanted = 2;
	assert_int_equal(vane_loop_add_signal(scene->loop, SIGPIPE, count, scene), 0);
	vane_loop_add_callback(scene->loop, write_in_vain, scene);
	vane_loop_run(scene->loop);
	assert_int_equal(scene->calls, 2);
}

static void ask_for_sigpipe(void *data)
{
	struct scene *scene = data;

	assert_int_equal(vane_loop_add_signal(scene->loop, SIGPIPE, count, scene), 0);
	write_in_vain(scene);
}

static void ask_no_more(void *data)
{
	struct scene *scene = data;

	assert_int_equal(vane_loop_add_signal(scene->loop, SIGPIPE, NULL, NULL), 0);
	write_in_vain(scene);
}

/* What comes is a call for each write, and one for each signal that was asked for. */
static void so_it_may_while_it_turns(void **state)
{
	struct scene *scene = *state;
	sigset_t mask;

	scene->wanted = 2;
	vane_loop_add_callback(scene->loop, ask_for_sigpipe, scene);
	vane_loop_run(scene->loop);
	assert_int_equal(scene->calls, 2);
	scene->wanted = 3;
	vane_loop_add_callback(scene->loop, ask_no_more, scene);
	vane_loop_run(scene->loop);
	assert_int_equal(scene->calls, 3);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_int_equal(sigismember(&mask, SIGPIPE), 0);
}

static void the_place_of_the_first_loop_is_kept(void **state)
{
	struct scene *scene = *state;
	struct vane_loop *second;
	char place[300];

	assert_non_null(strstr(vane_loop_made_at(), "test_loop.c:"));
	snprintf(place, sizeof(place), "%s", vane_loop_made_at());
	assert_int_equal(vane_loop_new(&second), 0);
	assert_string_equal(vane_loop_made_at(), place);
	vane_loop_free(second);
	vane_loop_free(scene->loop);
	assert_null(vane_loop_made_at());
	assert_int_equal(vane_loop_new(&scene->loop), 0);
}

static void what_is_left_goes_with_the_loop(void **state)
{
	struct scene *scene = *state;

	vane_loop_add_watch(
		scene->loop, STDOUT_FILENO, VANE_WRITE, note_events, scene, &scene->watch);
	vane_loop_call_later(scene->loop, 1000, count, scene, NULL);
	vane_loop_add_callback(scene->loop, count, scene);
	vane_loop_add_signal(scene->loop, SIGUSR2, count, scene);
	vane_loop_free(scene->loop);
	assert_int_equal(scene->calls, 0);
	assert_int_equal(vane_loop_new(&scene->loop), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_stop_before_the_start_returns_at_once),
		TEST(a_running_loop_cannot_be_run),
		TEST(a_stop_finishes_the_turn),
		TEST(timers_are_never_early),
		TEST(a_timer_made_late_in_a_callback_is_not_early),
		TEST(equal_deadlines_fire_in_order),
		TEST(what_a_callback_adds_waits_for_the_next_turn),
		TEST(callbacks_do_not_starve_timers_or_descriptors),
		TEST(a_timer_may_be_moved),
		TEST(a_cancelled_timer_does_not_fire),
		TEST(an_endless_time_does_not_wrap),
		TEST(a_handler_may_remove_itself),
		TEST(updating_pauses_and_resumes),
		TEST(signals_run_their_function),
		TEST(what_is_written_in_vain_raises_no_signal),
		TEST(a_loop_may_ask_for_sigpipe),
		TEST(so_it_may_while_it_turns),
		TEST(the_place_of_the_first_loop_is_kept),
		TEST(what_is_left_goes_with_the_loop),
	};

	alarm(120); /* rather than wait for ever for what does not come */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
