/* SPDX-License-Identifier: MIT */
/*
 * test_request_memory.c - what a request takes of memory: the same however often it is asked, and
 * never more than it may.
 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane.h>

#include "exchange.h"
#include "support/probe.h"

#define TIMES     5000
#define FIELDS_ON 250

/* Bytes of the arena and of the buffers that its exchange keeps. */
static size_t held(struct vane_request *req)
{
	const struct vane_exchange *x = vane__req_exchange(req);

	return x->arena.held - (size_t) (x->arena.end - x->arena.at) + x->res.head.cap +
	       x->res.body.cap;
}

static const char *const many_names[] = { "a", "b", "c", "d" };

/* Everything that makes text of what was asked, or of what is answered. */
static void ask_all(struct vane_request *req, struct vane_response *res)
{
	size_t i;

	vane_request_method(req);
	vane_request_target(req);
	vane_request_query(req);
	vane_request_mount(req);
	vane_request_host(req);
	vane_request_server_name(req);
	vane_request_remote_addr(req);
	vane_request_remote_user(req);
	vane_request_field(req, "x-many");
	vane_request_field(req, "cookie");
	for (i = 0; i < ARRAY_SIZE(many_names); i++)
		vane_request_cookie(req, many_names[i]);
	vane_request_arg(req, "q");
	vane_request_form_error(req);
	vane_response_redirect(res, 302, "/a place with blanks/");
	vane_response_add_slash(res);
	vane_response_forward(res, "/%zz");
	vane_response_set_status(res, 200);
	vane_response_remove_field(res, "Location");
}

static int ask_often(struct vane_request *req, struct vane_response *res)
{
	size_t before, i;

	ask_all(req, res);
	before = held(req);
	for (i = 0; i < TIMES; i++)
		ask_all(req, res);
	return vane_response_printf(res, "%zu", held(req) - before);
}

static void asking_again_takes_no_more_memory(void **state)
{
	static const struct vane_handler handler = { .get = ask_often };
	static const struct vane_app_opts opts = { .mount_auto = true };
	const struct vane_test_request request = {
		.target = "/app/x?q=1",
		.fields = FIELDS("Host: vane.test:81", "X-Many: 1", "X-Many: 2",
			"Cookie: a=1; b=2", "Cookie: c=\"3\""),
		.params = FIELDS("SCRIPT_NAME=/app", "PATH_INFO=/x", "REMOTE_USER=me"),
	};
	struct probe probe;

	probe_init(&probe, &handler, NULL, &opts);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body, "0");
	probe_fini(&probe);
}

static struct {
	unsigned ticks;
	size_t first, most;
} ticker;

static int tick(struct vane_request *req, struct vane_response *res, void *data)
{
	size_t now = held(req);

	if (ticker.ticks == 0)
		ticker.first = now;
	if (now > ticker.most)
		ticker.most = now;
	if (++ticker.ticks == TIMES)
		return vane_response_finish(res);
	vane_response_puts(res, "data: tick\n\n");
	vane_response_flush(res);
	return vane_request_after(req, 100, tick, NULL);
}

static int start_ticking(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 100, tick, NULL);
}

static void a_stream_that_ticks_takes_one_timer(void **state)
{
	static const struct vane_handler handler = { .get = start_ticking };
	struct probe probe;

	ticker.ticks = 0;
	ticker.most = 0;
	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_int_equal(ticker.ticks, TIMES);
	assert_true(ticker.most - ticker.first <= 1024); /* the buffer of the first tick */
	probe_fini(&probe);
}

/* As the gateway does for each variable. */
static int walk_fields(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value, *first = NULL;
	size_t i, count = 0;

	for (i = 0; vane_request_field_at(req, i, &name, &value); i++) {
		value = vane_request_field(req, name);
		if (value == NULL || (first != NULL && value != first))
			return -ENOMEM;
		first = value;
		count++;
	}
	return vane_response_printf(
		res, "%zu fields, %zu bytes, %zu held", count, strlen(first), held(req));
}

static void repeated_fields_are_joined_once(void **state)
{
	static const struct vane_handler handler = { .get = walk_fields };
	static char line[240];
	const char *fields[FIELDS_ON + 1] = { NULL };
	struct vane_test_request request = { .fields = fields };
	size_t count, bytes, all;
	struct probe probe;
	int i;

	memset(line, 'v', sizeof(line) - 1);
	memcpy(line, "X-Many: ", 8);
	for (i = 0; i < FIELDS_ON; i++)
		fields[i] = line;
	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_int_equal(sscanf(probe.got.body, "%zu fields, %zu bytes, %zu held", &count,
				 &bytes, &all),
		3);
	assert_int_equal(count, FIELDS_ON);
	assert_int_equal(bytes, FIELDS_ON * (sizeof(line) - 9) + (FIELDS_ON - 1) * 2);
	assert_true(all < 4 * FIELDS_ON * sizeof(line));
	probe_fini(&probe);
}

static int take_all(struct vane_request *req, struct vane_response *res)
{
	size_t bytes = 0;

	while (vane_request_alloc(req, 10000) != NULL)
		bytes += 10000;
	if (vane_request_query_arg(req, "be-well", 0) != NULL)
		return vane_response_printf(res, "%zu", bytes);
	return -ENOMEM;
}

static void a_request_takes_no_more_than_it_may(void **state)
{
	static const struct vane_handler handler = { .get = take_all };
	static const struct vane_app_opts opts = { .max_memory_bytes = 1000000 };
	struct probe probe;
	int i;

	probe_init(&probe, &handler, NULL, &opts);
	assert_int_equal(probe_get(&probe, "/?be-well"), 200);
	i = atoi(probe.got.body);
	assert_true(i <= 1000000 && i > 600000);
	assert_int_equal(probe_get(&probe, "/"), 500);
	assert_non_null(strstr(probe.log, "more memory than a request may have"));
	probe_fini(&probe);
	probe_init(&probe, &handler, NULL, NULL); /* by default: 4 MiB, and 1 for a form */
	assert_int_equal(probe_get(&probe, "/?be-well"), 200);
	i = atoi(probe.got.body);
	assert_true(i <= 5 << 20 && i > 4 << 20);
	probe_fini(&probe);
}

static void a_head_that_takes_more_is_431(void **state)
{
	static const struct vane_handler handler = { .get = take_all };
	static const struct vane_app_opts opts = { .max_memory_bytes = 65536 };
	static char target[70000];
	struct probe probe;

	memset(target, 'a', sizeof(target) - 1);
	target[0] = '/';
	probe_init(&probe, &handler, NULL, &opts);
	assert_int_equal(probe_get(&probe, target), 431);
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(asking_again_takes_no_more_memory),
		cmocka_unit_test(a_stream_that_ticks_takes_one_timer),
		cmocka_unit_test(repeated_fields_are_joined_once),
		cmocka_unit_test(a_request_takes_no_more_than_it_may),
		cmocka_unit_test(a_head_that_takes_more_is_431),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
