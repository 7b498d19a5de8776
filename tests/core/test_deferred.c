/* SPDX-License-Identifier: MIT */
/*
 * test_deferred.c - lib/core/exchange.c and lib/core/request_timer.c: answers that come later
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"
#include "support/trace.h"

static int tick(struct vane_request *req, struct vane_response *res, void *data)
{
	trace_note(req, "t");
	return vane_response_puts(res, "tick ");
}

static int last_tick(struct vane_request *req, struct vane_response *res, void *data)
{
	trace_note(req, "l");
	vane_response_puts(res, "last");
	return vane_response_finish(res);
}

static int chain(struct vane_request *req, struct vane_response *res, void *data)
{
	trace_note(req, "c");
	return vane_request_after(req, 1, last_tick, NULL);
}

static int fail_later(struct vane_request *req, struct vane_response *res, void *data)
{
	return 503;
}

static int chain_before_never(
	struct vane_request *req, struct vane_response *res, void *data)
{
	vane_request_after(req, INT64_MAX, trace_never, NULL);
	vane_request_after(req, INT64_MAX - 5, trace_never, NULL);
	return chain(req, res, data);
}

static int puts_data(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, data);
	return strcmp(data, "two") == 0 ? vane_response_finish(res) : 0;
}

static int defer(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_arg(req, "rest");

	vane_response_defer(res);
	if (strcmp(how, "now") == 0) {
		vane_response_puts(res, "now");
		return vane_response_finish(res);
	}
	if (strcmp(how, "order") == 0) {
		vane_request_after(req, 3600 * 1000, last_tick, NULL);
		vane_request_after(req, 20, tick, NULL);
		vane_request_after(req, 10, tick, NULL);
		vane_request_after(req, -5, chain, NULL); /* an hour before last_tick */
		return 0;
	}
	if (strcmp(how, "data") == 0) {
		static char one[] = "one", two[] = "two";

		vane_request_after(req, 2, puts_data, two);
		return vane_request_after(req, 1, puts_data, one);
	}
	if (strcmp(how, "never") == 0)
		return vane_request_after(req, 10, chain_before_never, NULL);
	if (strcmp(how, "fail") == 0)
		return vane_request_after(req, 1, fail_later, NULL);
	if (strcmp(how, "return") == 0) {
		vane_request_after(req, 1, trace_never, NULL);
		return 404;
	}
	vane_request_after(req, 5, trace_never, NULL);
	return vane_request_after(req, 1, last_tick, NULL);
}

static void a_deferred_response_is_finished_later(void **state)
{
	static const struct vane_handler handler = { .get = defer,
		.finished = trace_finished };
	static const struct {
		const char *target;
		int status;
		const char *trace, *body;
	} rows[] = {
		{ "/now", 200, "f", "now" },
		{ "/stop", 200, "lf", "last" }, /* the other timer never fires */
		{ "/order", 200, "clf", "last" },
		{ "/never", 200, "clf", "last" },
		{ "/data", 200, "f", "onetwo" },
		{ "/fail", 503, "f", NULL },
		{ "/return", 404, "f", NULL },
	};
	struct trace trace;
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		trace.text[0] = '\0';
		probe_init(&probe, &handler, &trace, NULL);
		assert_int_equal(probe_get(&probe, rows[i].target), rows[i].status);
		assert_true(probe.got.whole);
		assert_string_equal(trace.text, rows[i].trace);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		probe_fini(&probe);
	}
}

static int tick_in_order(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	vane_request_after(req, 30, last_tick, NULL);
	vane_request_after(req, 20, tick, NULL);
	vane_request_after(req, 10, chain, NULL);
	vane_request_after(req, 20, tick, NULL);
	return 0;
}

static void timers_fire_in_the_order_of_their_deadlines(void **state)
{
	static const struct vane_handler handler = { .get = tick_in_order };
	struct trace trace = { "" };
	struct probe probe;

	probe_init(&probe, &handler, &trace, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(trace.text, "cl"); /* the chain's comes before the ticks */
	probe_fini(&probe);
}

static int defer_for_ever(struct vane_request *req, struct vane_response *res)
{
	struct vane_response **kept = vane_request_data(req);

	*kept = res;
	return vane_response_defer(res);
}

static void a_response_that_nothing_can_finish_is_a_deadlock(void **state)
{
	static const struct vane_handler handler = { .get = defer_for_ever };
	static const struct vane_test_request request = { 0 };
	struct vane_response *kept = NULL;
	struct vane_test_response got;
	struct probe probe;

	probe_init(&probe, &handler, &kept, NULL);
	assert_int_equal(vane_test_run(probe.app, &request, &got), -EDEADLK);
	assert_int_equal(got.status, 0);
	assert_false(got.whole);
	vane_test_response_fini(&got);
	assert_true(vane_response_puts(kept, "nobody listens") < 0);
	assert_true(vane_response_finish(kept) < 0); /* frees the exchange */
	probe_fini(&probe);
}

/* Each call after the finish, one bit if it did not say -EALREADY. */
static int finish_twice(struct vane_request *req, struct vane_response *res)
{
	unsigned *wrong = vane_request_data(req);

	vane_response_puts(res, "once");
	vane_response_finish(res);
	*wrong |= (vane_response_finish(res) != -EALREADY) << 0;
	*wrong |= (vane_response_puts(res, "twice") != -EALREADY) << 1;
	*wrong |= (vane_response_set_status(res, 404) != -EALREADY) << 2;
	*wrong |= (vane_response_add_field(res, "A", "b") != -EALREADY) << 3;
	*wrong |= (vane_response_flush(res) != -EALREADY) << 4;
	*wrong |= (vane_response_send_error(res, 500, "late") != -EALREADY) << 5;
	*wrong |= (vane_response_defer(res) != -EALREADY) << 6;
	*wrong |= (vane_response_printf(res, "%d", 3) != -EALREADY) << 7;
	return 500;
}

static void what_comes_after_the_finish_is_refused(void **state)
{
	static const struct vane_handler handler = { .get = finish_twice };
	unsigned wrong = 0;
	struct probe probe;

	probe_init(&probe, &handler, &wrong, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_int_equal(wrong, 0);
	assert_true(probe.got.whole);
	assert_string_equal(probe.got.body, "once");
	probe_fini(&probe);
}

/* After the head: fields and status are closed, the body is open. */
static int change_after_flush(struct vane_request *req, struct vane_response *res)
{
	unsigned *wrong = vane_request_data(req);

	*wrong |= vane_response_head_sent(res) << 0;
	vane_response_puts(res, "a");
	*wrong |= (vane_response_flush(res) != 0) << 1;
	*wrong |= !vane_response_head_sent(res) << 2;
	*wrong |= (vane_response_puts(res, "b") != 0) << 3;
	*wrong |= (vane_response_flush(res) != 0) << 4;
	*wrong |= (vane_response_send_error(res, 404, "late") != -EALREADY) << 5;
	*wrong |= (vane_response_puts(res, "c") != 0) << 6;
	return 0;
}

static void the_head_leaves_with_the_first_flush(void **state)
{
	static const struct vane_handler handler = { .get = change_after_flush };
	unsigned wrong = 0;
	struct probe probe;

	probe_init(&probe, &handler, &wrong, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_int_equal(wrong, 0);
	assert_true(probe.got.whole);
	assert_string_equal(probe.got.body, "abc");
	assert_null(probe_field(&probe, "Content-Length"));
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deferred_response_is_finished_later),
		cmocka_unit_test(timers_fire_in_the_order_of_their_deadlines),
		cmocka_unit_test(a_response_that_nothing_can_finish_is_a_deadlock),
		cmocka_unit_test(what_comes_after_the_finish_is_refused),
		cmocka_unit_test(the_head_leaves_with_the_first_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
