/* SPDX-License-Identifier: MIT */
/*
 * test_wait.c - vane_request_wait(): coming back to a request, with timers and without
 */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <vane.h>

#include "base.h"
#include "support/fake.h"
#include "support/probe.h"

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct vane_request *asked;
static int closes;

static void run(struct fake *fake, vane_handler_fn fn)
{
	fake_run(fake, 0, fn);
	fake_fini(fake);
}

static int say_done(struct vane_request *req, struct vane_response *res, void *data)
{
	return vane_response_printf(res, "done %s", (const char *) data);
}

static int wait_once(struct vane_request *req, struct vane_response *res)
{
	static char word[] = "waiting";
	int rc = vane_request_wait(req, 30, say_done, word);

	assert_int_equal(vane_request_wait(req, 30, say_done, word), -EBUSY);
	vane_response_puts(res, "begun, ");
	return rc;
}

static void it_comes_back_after_the_function_has_returned(void **state)
{
	static const struct vane_handler handler = { .get = wait_once };
	struct fake fake = { 0 };
	struct probe probe;
	int64_t began;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "begun, done waiting");
	probe_fini(&probe);

	began = now_msec();
	run(&fake, wait_once);
	assert_true(now_msec() - began >= 30);
	assert_int_equal(fake.status, 200);
	assert_string_equal(fake.body, "begun, done waiting");
	assert_int_equal(fake.stalls, 1);
}

struct ticks {
	int left;
	const void *stack;
};

static int tick(struct vane_request *req, struct vane_response *res, void *data)
{
	struct ticks *ticks = data;
	const void *here = __builtin_frame_address(0); /* sanitizers move variables */

	if (ticks->stack == NULL)
		ticks->stack = here;
	assert_ptr_equal(ticks->stack, here);
	return ticks->left-- > 0 ? vane_request_wait(req, 0, tick, ticks)
				 : vane_response_puts(res, "done");
}

static int wait_often(struct vane_request *req, struct vane_response *res)
{
	static struct ticks ticks;

	ticks = (struct ticks) { .left = 1000 };
	return vane_request_wait(req, 0, tick, &ticks);
}

static void however_often_it_takes_no_more_stack(void **state)
{
	static const struct vane_handler handler = { .get = wait_often };
	struct fake fake = { 0 };
	struct probe probe;

	run(&fake, wait_often);
	assert_string_equal(fake.body, "done");
	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "done");
	probe_fini(&probe);
}

static int fail_then(struct vane_request *req, struct vane_response *res, void *data)
{
	return 503;
}

static int wait_and_fail(struct vane_request *req, struct vane_response *res)
{
	return vane_request_wait(req, 1, fail_then, NULL);
}

static int finish_then(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "finished");
	assert_int_equal(vane_response_finish(res), 0);
	assert_int_equal(vane_request_wait(req, 1, fail_then, NULL), -EALREADY);
	return 0;
}

static int wait_and_finish(struct vane_request *req, struct vane_response *res)
{
	return vane_request_wait(req, 1, finish_then, NULL);
}

static int give_up_meanwhile(struct vane_request *req, struct vane_response *res)
{
	vane_request_wait(req, 1, fail_then, NULL);
	vane_response_puts(res, "at once");
	return vane_response_finish(res);
}

static int refuse(struct vane_request *req, struct vane_response *res)
{
	vane_request_wait(req, 1, finish_then, NULL);
	return 403;
}

static int hold_on(struct vane_request *req, struct vane_response *res, void *data)
{
	return vane_response_defer(res);
}

static int wait_and_hold(struct vane_request *req, struct vane_response *res)
{
	return vane_request_wait(req, 1, hold_on, NULL);
}

static void what_it_returns_is_what_a_handler_returns(void **state)
{
	static const struct {
		vane_handler_fn fn;
		int status, without_timers;
		const char *body;
	} rows[] = {
		{ wait_and_fail, 503, 503, NULL },
		{ wait_and_finish, 200, 200, "finished" },
		{ give_up_meanwhile, 200, 200, "at once" },
		{ refuse, 403, 403, NULL },
		{ wait_and_hold, 0, 500, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_handler handler = { .get = rows[i].fn };
		struct fake fake = { 0 };
		struct probe probe;

		run(&fake, rows[i].fn);
		assert_int_equal(fake.status, rows[i].without_timers);
		if (rows[i].body != NULL)
			assert_string_equal(fake.body, rows[i].body);
		if (rows[i].status == 0)
			continue; /* natively somebody will finish it */
		probe_init(&probe, &handler, NULL, NULL);
		assert_int_equal(probe_get(&probe, "/"), rows[i].status);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		probe_fini(&probe);
	}
}

static int wait_longer(struct vane_request *req, struct vane_response *res, void *data)
{
	int rc = vane_request_wait(req, VANE_WAIT_MAX_MSEC - 9, say_done, NULL);

	return vane_response_printf(res, "%s", rc == -ENOTSUP ? "no" : "yes");
}

static int wait_too_long(struct vane_request *req, struct vane_response *res)
{
	assert_int_equal(
		vane_request_wait(req, VANE_WAIT_MAX_MSEC + 1, say_done, NULL), -ENOTSUP);
	assert_non_null(strstr(vane_request_last_error(req), "as long as it may"));
	return vane_request_wait(req, 10, wait_longer, NULL);
}

static void without_timers_there_is_a_bound_for_all_of_them(void **state)
{
	struct fake fake = { 0 };

	run(&fake, wait_too_long);
	assert_string_equal(fake.body, "no");
}

static void note_close(struct vane_request *req, void *data)
{
	(*(int *) data)++;
}

static int see_gone(struct vane_request *req, struct vane_response *res, void *data)
{
	assert_true(vane_request_gone(req));
	assert_true(vane_request_wait(req, 0, see_gone, data) == -EPIPE);
	asked = req;
	return 0;
}

static int wait_for_gone(struct vane_request *req, struct vane_response *res)
{
	vane_request_on_close(req, note_close, &closes);
	return vane_request_wait(req, 20000, see_gone, NULL);
}

static void it_is_over_when_the_client_is_seen_to_leave(void **state)
{
	struct fake fake = { .gone_at = 3 };
	int64_t began = now_msec();

	asked = NULL;
	closes = 0;
	run(&fake, wait_for_gone);
	assert_true(now_msec() - began < 10000);
	assert_int_equal(closes, 1);
	assert_non_null(asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_comes_back_after_the_function_has_returned),
		cmocka_unit_test(however_often_it_takes_no_more_stack),
		cmocka_unit_test(what_it_returns_is_what_a_handler_returns),
		cmocka_unit_test(without_timers_there_is_a_bound_for_all_of_them),
		cmocka_unit_test(it_is_over_when_the_client_is_seen_to_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
