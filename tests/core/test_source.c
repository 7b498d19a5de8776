/* SPDX-License-Identifier: MIT */
/*
 * test_source.c - struct vane_source: how much it is asked for and gives, and when it has nothing
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/fake.h"

/* What it gives in turn: a character, '.' for -EAGAIN, or its end. */
struct script {
	const char *at;
	size_t least_room, most_room;
	const char *sent; /* what the client gets, */
	char seen[32];    /* and how much of that it had after each '.' */
	bool dry;
	int done;
};

static struct script script;
static struct vane_response *held;
static const char *sent;

static ssize_t pull(void *data, char *buf, size_t size)
{
	struct script *s = data;

	if (size < s->least_room)
		s->least_room = size;
	if (size > s->most_room)
		s->most_room = size;
	if (s->dry && s->sent != NULL)
		snprintf(s->seen + strlen(s->seen), sizeof(s->seen) - strlen(s->seen),
			"%s ", s->sent);
	s->dry = *s->at == '.';
	if (*s->at == '\0')
		return 0;
	*buf = *s->at++;
	return *buf == '.' ? -EAGAIN : 1;
}

static void done(void *data)
{
	((struct script *) data)->done++;
}

static int play(struct vane_response *res, const char *text, int64_t length)
{
	struct vane_source source = { pull, done, &script, length };

	script = (struct script) { .at = text, .least_room = SIZE_MAX, .sent = sent };
	held = res;
	vane_response_puts(res, "<");
	vane_response_write_source(res, &source);
	return vane_response_puts(res, ">");
}

static int give_three(struct vane_request *req, struct vane_response *res)
{
	return play(res, "abc", 3);
}

static void it_is_told_how_much_room_there_is(void **state)
{
	struct fake fake = { 0 };

	fake_run(&fake, 0, give_three);
	fake_fini(&fake);
	assert_string_equal(fake.body, "<abc>");
	assert_int_equal(script.most_room, 3); /* as it is to be three bytes long */
	assert_int_equal(script.least_room, 1);
	assert_int_equal(script.done, 1);
}

static int pause_twice(struct vane_request *req, struct vane_response *res)
{
	return play(res, "ab.c..d", -1);
}

static int pass_on(struct vane_request *req, struct vane_slice bytes, enum vane_piece piece,
	struct vane_sink *sink, void *data)
{
	return bytes.len > 0 ? vane_sink_write(sink, bytes.data, bytes.len) : 0;
}

static int pause_filtered(struct vane_request *req, struct vane_response *res)
{
	vane_response_filter_body(res, pass_on, NULL);
	return pause_twice(req, res);
}

/* The same when the handler writes as it goes along. */
static int pause_deferred(struct vane_request *req, struct vane_response *res)
{
	pause_twice(req, res);
	vane_response_defer(res);
	return vane_response_flush(res);
}

static void what_was_given_leaves_while_there_is_nothing(void **state)
{
	static const vane_handler_fn fns[] = { pause_twice, pause_filtered,
		pause_deferred };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		struct fake fake = { 0 };

		fake_run(&fake, VANE_CAP_ASYNC, fns[i]);
		assert_string_equal(fake.body, "<ab");
		assert_int_equal(fake.flushes, 1);
		vane_response_source_ready(held);
		assert_string_equal(fake.body, "<abc");
		assert_int_equal(fake.flushes, 2);
		vane_response_source_ready(held); /* it was wrong */
		assert_string_equal(fake.body, "<abc");
		assert_int_equal(script.done, 0);
		vane_response_source_ready(held);
		assert_string_equal(fake.body, "<abcd>");
		if (fns[i] == pause_deferred) {
			vane_response_source_ready(held); /* there is none any more */
			vane_response_finish(held);
		}
		assert_int_equal(script.done, 1);
		assert_int_equal(fake.rc, 0);
		fake_fini(&fake);
	}
}

static void a_client_that_leaves_ends_it(void **state)
{
	struct fake fake = { 0 };

	fake_run(&fake, VANE_CAP_ASYNC, pause_twice);
	vane_exchange_abort(fake.x, -ECONNRESET);
	assert_int_equal(script.done, 1);
	assert_int_equal(fake.ends, 1);
	vane_app_free(fake.app); /* the exchange has freed itself */
}

static void where_nobody_can_be_told_it_is_asked_again(void **state)
{
	static const vane_handler_fn fns[] = { pause_twice, pause_filtered };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		struct fake fake = { 0 };

		sent = fake.body;
		fake_run(&fake, 0, fns[i]);
		sent = NULL;
		assert_string_equal(fake.body, "<abcd>");
		assert_string_equal(
			script.seen, "<ab <abc <abc "); /* it had left by then */
		assert_true(fake.flushes >= 3);
		assert_int_equal(fake.rc, 0);
		fake_fini(&fake);
	}
}

static void there_too_a_client_that_leaves_ends_it(void **state)
{
	struct fake fake = { .gone_at = 1 };

	fake_run(&fake, 0, pause_twice);
	assert_string_equal(fake.body, "<ab");
	assert_int_equal(fake.rc, -EPIPE);
	assert_int_equal(script.done, 1);
	fake_fini(&fake);
}

static int never(struct vane_request *req, struct vane_response *res, void *data)
{
	return 0;
}

/* All that the request may wait is spoken for. */
static int pause_too_long(struct vane_request *req, struct vane_response *res)
{
	assert_int_equal(vane_request_wait(req, VANE_WAIT_MAX_MSEC, never, NULL), 0);
	pause_twice(req, res);
	return vane_response_finish(res);
}

static void there_is_a_bound_for_it(void **state)
{
	struct fake fake = { 0 };

	fake_run(&fake, 0, pause_too_long);
	assert_string_equal(fake.body, "<ab");
	assert_int_equal(fake.rc, -ETIMEDOUT);
	assert_int_equal(script.done, 1);
	fake_fini(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_how_much_room_there_is),
		cmocka_unit_test(what_was_given_leaves_while_there_is_nothing),
		cmocka_unit_test(a_client_that_leaves_ends_it),
		cmocka_unit_test(where_nobody_can_be_told_it_is_asked_again),
		cmocka_unit_test(there_too_a_client_that_leaves_ends_it),
		cmocka_unit_test(there_is_a_bound_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
