/* SPDX-License-Identifier: MIT */
/*
 * test_jansson.c - lib/web/jansson.c
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <vane/jansson.h>
#include <vane/request.h>
#include <vane/response.h>

#include "base.h"
#include "support/probe.h"

/* What was read is written again. */
static int echo_post(struct vane_request *req, struct vane_response *res)
{
	json_t *root;
	int rc = vane_request_json(req, &root);

	if (rc != 0) {
		assert_null(root);
		return rc;
	}
	rc = vane_response_write_json(res, root);
	json_decref(root);
	return rc;
}

static const struct vane_handler echo = { .post = echo_post };

static const struct vane_app_opts debugging = { .debug = true, .max_form_bytes = 1000 };

static int post(struct probe *probe, const char *type, struct vane_slice body)
{
	char field[128];
	struct vane_test_request request = { .method = "POST",
		.target = "/",
		.fields = FIELDS(field),
		.body = body.data,
		.body_len = body.len };

	snprintf(field, sizeof(field), "Content-Type: %s", type);
	if (type == NULL)
		request.fields = NULL;
	return probe_run(probe, &request);
}

static void bodies_are_read_and_written(void **state)
{
	static const struct {
		struct vane_slice body;
		const char *answer; /* NULL: the same */
	} rows[] = {
		{ SLICE_INIT("{\"a\":[1,-2,0.5,true,false,null,\"x\"],\"b\":{}}"), NULL },
		{ SLICE_INIT(" [ ]\n"), "[]" },
		{ SLICE_INIT("7"), "7" },
		{ SLICE_INIT("\"</\\u00e9\\u2028\""), "\"\\u003c/\xc3\xa9\\u2028\"" },
		{ SLICE_INIT("[9223372036854775807,1e300,0.1]"),
			"[9223372036854775807,1e+300,0.1]" },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &echo, NULL, &debugging);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(post(&probe, "application/json", rows[i].body), 200);
		assert_string_equal(probe.got.body,
			rows[i].answer != NULL ? rows[i].answer : rows[i].body.data);
		assert_string_equal(
			probe_field(&probe, "content-type"), "application/json");
	}
	probe_fini(&probe);
}

static void the_type_must_be_json(void **state)
{
	static const struct {
		const char *type;
		int status;
	} rows[] = {
		{ "application/json", 200 },
		{ "Application/JSON; charset=utf-8", 200 },
		{ "application/merge-patch+json", 200 },
		{ "text/plain", 415 },
		{ "text/json", 415 },
		{ "application/jsonp", 415 },
		{ "application/x-www-form-urlencoded", 415 },
		{ NULL, 415 },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &echo, NULL, &debugging);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(post(&probe, rows[i].type, SLICE("[]")), rows[i].status);
	assert_non_null(strstr(probe.got.body, "without a type"));
	post(&probe, "text/plain", SLICE("[]"));
	assert_non_null(
		strstr(probe.got.body, "the body is text/plain, not application/json"));
	probe_fini(&probe);
}

static void what_is_no_json_is_answered_with_its_place(void **state)
{
	static const struct {
		struct vane_slice body;
		const char *says;
	} rows[] = {
		{ SLICE_INIT(""), "JSON, line 1, column 0: " },
		{ SLICE_INIT("{\n \"a\": x}"), "JSON, line 2, column 7: " },
		{ SLICE_INIT("[1,]"), "JSON, line 1, column 4: " },
		{ SLICE_INIT("[1] x"), "JSON, line 1, column 5: " },
		{ SLICE_INIT("[\"\xff\"]"), "JSON, line 1, column " },
		{ SLICE_INIT("[\"\\u0000\"]"), "JSON, line 1, column " },
		{ SLICE_INIT("{\"a\":1,\"a\":2}"), "duplicate" },
		{ SLICE_INIT("[1e999]"), "JSON, line 1, column " },
		{ SLICE_INIT("[]\0"), "JSON, line 1, column " },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &echo, NULL, &debugging);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(post(&probe, "application/json", rows[i].body), 400);
		if (strstr(probe.got.body, rows[i].says) == NULL)
			fail_msg("%s", probe.got.body);
		if (i == 2)
			assert_non_null(strstr(probe.log, rows[i].says));
	}
	probe_fini(&probe);
}

static void the_reason_is_for_debug_mode_only(void **state)
{
	struct probe probe;

	probe_init(&probe, &echo, NULL, NULL);
	assert_int_equal(post(&probe, "application/json", SLICE("[")), 400);
	assert_null(strstr(probe.got.body, "line"));
	probe_fini(&probe);
}

static void a_large_body_is_refused(void **state)
{
	char body[1001];
	struct probe probe;

	memset(body, ' ', sizeof(body));
	body[0] = '1';
	probe_init(&probe, &echo, NULL, &debugging);
	assert_int_equal(
		post(&probe, "application/json", (struct vane_slice) { body, 1000 }), 200);
	assert_int_equal(
		post(&probe, "application/json", (struct vane_slice) { body, 1001 }), 413);
	probe_fini(&probe);
}

/* The status that comes back may be answered otherwise; the reason goes with that status only. */
static int own_answer(struct vane_request *req, struct vane_response *res)
{
	json_t *root;

	assert_int_equal(vane_request_json(req, &root), 415);
	return 422;
}

static void a_handler_may_answer_with_another_status(void **state)
{
	static const struct vane_handler handler = { .post = own_answer };
	struct probe probe;

	probe_init(&probe, &handler, NULL, &debugging);
	assert_int_equal(post(&probe, "text/plain", SLICE("[]")), 422);
	assert_null(strstr(probe.got.body, "application/json"));
	probe_fini(&probe);
}

static int stream_prepare(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

static int stream_post(struct vane_request *req, struct vane_response *res)
{
	json_t *root;

	assert_int_equal(vane_request_json(req, &root), -EINVAL);
	assert_null(root);
	assert_non_null(strstr(vane_request_last_error(req), "not collected"));
	return 0;
}

static void a_body_that_was_not_collected_is_an_error(void **state)
{
	static const struct vane_handler handler = { .prepare = stream_prepare,
		.post = stream_post };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(post(&probe, "application/json", SLICE("[]")), 200);
	probe_fini(&probe);
}

static int write_null(struct vane_response *res)
{
	assert_int_equal(vane_response_write_json(res, json_pack("{s:?}")), -EINVAL);
	return 0;
}

static int write_deep(struct vane_response *res)
{
	json_t *root = json_array();
	int i, rc;

	for (i = 0; i < 100; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, root);
		root = outer;
	}
	rc = vane_response_write_json(res, root);
	json_decref(root);
	assert_int_equal(rc, -EMSGSIZE);
	return 0;
}

static void what_cannot_be_written_is_500(void **state)
{
	struct probe probe;

	assert_int_equal(probe_answer(&probe, write_null), 500);
	assert_non_null(strstr(probe.log, "vane_response_write_json(): NULL"));
	probe_fini(&probe);
	assert_int_equal(probe_answer(&probe, write_deep), 500);
	assert_non_null(strstr(probe.log, "too many arrays and objects"));
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_read_and_written),
		cmocka_unit_test(the_type_must_be_json),
		cmocka_unit_test(what_is_no_json_is_answered_with_its_place),
		cmocka_unit_test(the_reason_is_for_debug_mode_only),
		cmocka_unit_test(a_large_body_is_refused),
		cmocka_unit_test(a_handler_may_answer_with_another_status),
		cmocka_unit_test(a_body_that_was_not_collected_is_an_error),
		cmocka_unit_test(what_cannot_be_written_is_500),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
