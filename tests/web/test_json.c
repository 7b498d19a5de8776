/* SPDX-License-Identifier: MIT */
/*
 * test_json.c - lib/web/json.c and lib/http/json_text.c
 */
#include "test.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vane/json.h>
#include <vane/log.h>
#include <vane/response.h>

#include "base.h"
#include "slice.h"
#include "support/locale.h"
#include "support/probe.h"

static char written[8192], logged[1024];

static int keep(const char *bytes, size_t len, void *data)
{
	size_t at = strlen(written);

	assert_true(at + len < sizeof(written));
	memcpy(written + at, bytes, len);
	written[at + len] = '\0';
	return 0;
}

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	assert_int_equal(level, VANE_LOG_ERROR);
	snprintf(logged, sizeof(logged), "%s", line);
}

static struct vane_json begin(void)
{
	struct vane_json json;

	written[0] = logged[0] = '\0';
	vane_json_init_writer(&json, keep, NULL);
	return json;
}

static void a_document_is_written_as_it_comes(void **state)
{
	struct vane_json json = begin();

	vane_json_begin_object(&json);
	vane_json_key(&json, "a");
	vane_json_begin_array(&json);
	vane_json_int(&json, -1);
	vane_json_begin_array(&json);
	vane_json_end_array(&json);
	vane_json_begin_object(&json);
	vane_json_end_object(&json);
	vane_json_string(&json, "x");
	vane_json_end_array(&json);
	vane_json_key_slice(&json, (struct vane_slice) { "bcd", 1 });
	vane_json_bool(&json, true);
	vane_json_key(&json, "");
	vane_json_bool(&json, false);
	vane_json_key(&json, "n");
	vane_json_null(&json);
	vane_json_key(&json, "u");
	vane_json_uint(&json, UINT64_MAX);
	vane_json_key(&json, "d");
	vane_json_double(&json, 0.1);
	vane_json_key(&json, "t");
	vane_json_string(&json, NULL);
	vane_json_key(&json, "r");
	vane_json_raw(&json, SLICE("[1, 2]"));
	vane_json_end_object(&json);
	assert_int_equal(vane_json_fini(&json), 0);
	assert_string_equal(written,
		"{\"a\":[-1,[],{},\"x\"],\"b\":true,\"\":false,\"n\":null,"
		"\"u\":18446744073709551615,\"d\":0.1,\"t\":null,\"r\":[1, 2]}");
}

static void a_single_value_is_a_document(void **state)
{
	struct vane_json json = begin();

	vane_json_int(&json, INT64_MIN);
	assert_int_equal(vane_json_fini(&json), 0);
	assert_string_equal(written, "-9223372036854775808");
}

static const char *written_string(struct vane_slice text)
{
	struct vane_json json = begin();

	vane_json_slice(&json, text);
	assert_int_equal(vane_json_fini(&json), 0);
	return written;
}

static void strings_are_escaped(void **state)
{
	static const struct {
		struct vane_slice text;
		const char *json;
	} rows[] = {
		{ { NULL, 0 }, "\"\"" },
		{ SLICE_INIT("plain /text"), "\"plain /text\"" },
		{ SLICE_INIT("\"\\"), "\"\\\"\\\\\"" },
		{ SLICE_INIT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
		{ SLICE_INIT("a\0b"), "\"a\\u0000b\"" },
		{ SLICE_INIT("\x1f\x7f"), "\"\\u001f\x7f\"" },
		{ SLICE_INIT("</script><!--"), "\"\\u003c/script>\\u003c!--\"" },
		{ SLICE_INIT("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa"),
			"\"\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa\"" },
		{ SLICE_INIT("caf\xc3\xa9 \xf0\x9f\x90\x93"),
			"\"caf\xc3\xa9 \xf0\x9f\x90\x93\"" },
		{ SLICE_INIT("\xff"), "\"\xef\xbf\xbd\"" },
		{ SLICE_INIT("a\xc3"), "\"a\xef\xbf\xbd\"" },
		{ SLICE_INIT("\xe2\x80x\xed\xa0\x80"),
			"\"\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(written_string(rows[i].text), rows[i].json);
}

static void every_control_character_is_escaped(void **state)
{
	char c, expected[16];

	for (c = 0; c < 0x20; c++) {
		if (strchr("\b\f\n\r\t", c) != NULL && c != '\0')
			continue;
		snprintf(expected, sizeof(expected), "\"\\u%04x\"", (unsigned) c);
		assert_string_equal(
			written_string((struct vane_slice) { &c, 1 }), expected);
	}
}

static const char *written_double(double value)
{
	struct vane_json json = begin();

	vane_json_double(&json, value);
	assert_int_equal(vane_json_fini(&json), 0);
	return written;
}

static void doubles_are_as_short_as_can_be(void **state)
{
	static const struct {
		double value;
		const char *json;
	} rows[] = {
		{ 0, "0" },
		{ -0.0, "-0" },
		{ 1, "1" },
		{ -42, "-42" },
		{ 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 100000, "100000" },
		{ 999999999999999, "999999999999999" },
		{ 1e15, "1e+15" },
		{ 9007199254740993.0, "9007199254740992" },
		{ 1e300, "1e+300" },
		{ 123456789.125, "123456789.125" },
		{ 1e-7, "1e-07" },
		{ DBL_MAX, "1.7976931348623157e+308" },
		{ DBL_MIN, "2.2250738585072014e-308" },
		{ 5e-324, "5e-324" },
		{ -5e-324, "-5e-324" },
		{ NAN, "null" },
		{ INFINITY, "null" },
		{ -INFINITY, "null" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(written_double(rows[i].value), rows[i].json);
}

static void doubles_are_read_as_the_same_ones(void **state)
{
	uint64_t seed = 1;
	int i;

	for (i = 0; i < 20000; i++) {
		volatile double value, back;
		uint64_t bits;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		bits = seed ^ seed >> 29;
		memcpy((void *) (uintptr_t) &value, &bits, sizeof(bits));
		if (!isfinite(value))
			continue;
		back = strtod(written_double(value), NULL);
		if (back != value)
			fail_msg("%a became %s", value, written);
		assert_true(strlen(written) <= 24);
	}
}

static void a_locale_changes_nothing(void **state)
{
	if (!locale_set_comma())
		skip();
	assert_string_equal(written_double(-1234.5), "-1234.5");
	assert_string_equal(written_double(5e-324), "5e-324");
	locale_reset();
}

/* What a call out of place leaves behind: its name in the log, and an error for good. */
struct misuse {
	const char *calls; /* each a letter, see call() */
	int rc;
	const char *says;
};

static void call(struct vane_json *json, char letter)
{
	switch (letter) {
	case '{':
		vane_json_begin_object(json);
		break;
	case '}':
		vane_json_end_object(json);
		break;
	case '[':
		vane_json_begin_array(json);
		break;
	case ']':
		vane_json_end_array(json);
		break;
	case 'k':
		vane_json_key(json, "k");
		break;
	case 'K':
		vane_json_key(json, NULL);
		break;
	case 'r':
		vane_json_raw(json, SLICE(""));
		break;
	default:
		vane_json_int(json, letter - '0');
	}
}

static const struct misuse misuses[] = {
	{ "", -EINVAL, "vane_json_fini(): the document has no value" },
	{ "[", -EINVAL, "vane_json_fini(): an array was not ended" },
	{ "[{", -EINVAL, "vane_json_fini(): an object was not ended" },
	{ "12", -EINVAL, "vane_json_int(): the document has its value already" },
	{ "[][", -EINVAL, "vane_json_begin_array(): the document has its value already" },
	{ "k", -EINVAL, "vane_json_key(): keys stand in objects only" },
	{ "[k", -EINVAL, "vane_json_key(): keys stand in objects only" },
	{ "{1", -EINVAL, "vane_json_int(): a value in an object wants a key" },
	{ "{k12", -EINVAL, "vane_json_int(): a value in an object wants a key" },
	{ "{kk", -EINVAL, "vane_json_key(): the key before this has no value" },
	{ "{k}", -EINVAL, "vane_json_end_object(): the last key has no value" },
	{ "{]", -EINVAL, "vane_json_end_array(): what is open is an object" },
	{ "{k[}", -EINVAL, "vane_json_end_object(): what is open is an array" },
	{ "}", -EINVAL, "vane_json_end_object(): nothing is open" },
	{ "[]]", -EINVAL, "vane_json_end_array(): nothing is open" },
	{ "{K", -EINVAL, "vane_json_key(): NULL in the place of text" },
	{ "r", -EINVAL, "vane_json_raw(): nothing is no value" },
	/* the first is the one that is told */
	{ "1]k}", -EINVAL, "vane_json_end_array(): nothing is open" },
};

static void a_call_out_of_place_is_named(void **state)
{
	size_t i;

	vane_log_set_function(keep_line, NULL);
	for (i = 0; i < ARRAY_SIZE(misuses); i++) {
		struct vane_json json = begin();
		const char *at;

		for (at = misuses[i].calls; *at != '\0'; at++)
			call(&json, *at);
		assert_int_equal(vane_json_fini(&json), misuses[i].rc);
		assert_non_null(strstr(logged, misuses[i].says));
		assert_int_equal(vane_json_null(&json), misuses[i].rc);
	}
	vane_log_set_function(NULL, NULL);
}

static void depth_is_bounded(void **state)
{
	struct vane_json json = begin();
	int i;

	for (i = 0; i < VANE_JSON_MAX_DEPTH; i++)
		assert_int_equal(
			i % 2 ? vane_json_begin_array(&json)
			      : (vane_json_begin_object(&json), vane_json_key(&json, "k")),
			0);
	for (i = VANE_JSON_MAX_DEPTH; i-- > 0;)
		assert_int_equal(
			i % 2 ? vane_json_end_array(&json) : vane_json_end_object(&json),
			0);
	assert_int_equal(vane_json_fini(&json), 0);

	json = begin();
	vane_log_set_function(keep_line, NULL);
	for (i = 0; i < VANE_JSON_MAX_DEPTH; i++)
		assert_int_equal(vane_json_begin_array(&json), 0);
	assert_int_equal(vane_json_begin_array(&json), -EMSGSIZE);
	assert_int_equal(vane_json_fini(&json), -EMSGSIZE);
	assert_non_null(strstr(logged, "vane_json_begin_array(): too many"));
	vane_log_set_function(NULL, NULL);
}

static void a_zeroed_writer_writes_nothing(void **state)
{
	struct vane_json json = { 0 };

	vane_log_set_function(keep_line, NULL);
	assert_int_equal(vane_json_int(&json, 1), -EINVAL);
	assert_int_equal(vane_json_fini(&json), -EINVAL);
	assert_non_null(strstr(logged, "vane_json_int(): the writer was not initialised"));
	vane_log_set_function(NULL, NULL);
}

static int full(const char *bytes, size_t len, void *data)
{
	int *left = data;

	return (*left)-- > 0 ? 0 : -ENOSPC;
}

static void what_cannot_be_written_is_remembered(void **state)
{
	struct vane_json json;
	int left = 2;

	vane_json_init_writer(&json, full, &left);
	vane_json_begin_array(&json);
	assert_int_equal(vane_json_int(&json, 1), 0);
	assert_int_equal(vane_json_int(&json, 2), -ENOSPC);
	left = 100;
	assert_int_equal(vane_json_string(&json, "x"), -ENOSPC);
	vane_json_end_array(&json);
	assert_int_equal(vane_json_fini(&json), -ENOSPC);
	assert_int_equal(left, 100);
}

static const char *calls;

static int answer_calls(struct vane_response *res)
{
	struct vane_json json;
	const char *at;

	vane_json_init(&json, res);
	for (at = calls; *at != '\0' && *at != '!' && *at != '.'; at++)
		call(&json, *at);
	if (*at == '!')
		vane_response_flush(res);
	if (*at != '.')
		vane_json_fini(&json);
	return 0;
}

static void a_response_has_its_type(void **state)
{
	struct probe probe;

	calls = "[12]";
	assert_int_equal(probe_answer(&probe, answer_calls), 200);
	assert_string_equal(probe_field(&probe, "content-type"), "application/json");
	assert_string_equal(probe.got.body, "[1,2]");
	probe_method(&probe, "HEAD", "/");
	assert_string_equal(probe.got.body, "");
	assert_string_equal(probe_field(&probe, "content-length"), "5");
	probe_fini(&probe);
}

static int answer_typed(struct vane_response *res)
{
	vane_response_set_type(res, "application/problem+json");
	return answer_calls(res);
}

static void another_type_is_left_alone(void **state)
{
	struct probe probe;

	calls = "1";
	probe_answer(&probe, answer_typed);
	assert_string_equal(
		probe_field(&probe, "content-type"), "application/problem+json");
	probe_fini(&probe);
}

static int answer_lines(struct vane_response *res)
{
	vane_response_set_type(res, "application/x-ndjson");
	answer_calls(res);
	vane_response_puts(res, "\n");
	vane_response_flush(res);
	answer_calls(res);
	return vane_response_puts(res, "\n");
}

static void documents_follow_each_other(void **state)
{
	struct probe probe;

	calls = "[1]";
	assert_int_equal(probe_answer(&probe, answer_lines), 200);
	assert_string_equal(probe.got.body, "[1]\n[1]\n");
	probe_fini(&probe);
}

/* The answer is 500, whatever the handler has returned; nobody sees half a document. */
static void a_wrong_document_is_not_sent(void **state)
{
	static const struct {
		const char *calls, *says;
	} rows[] = {
		{ "[1", "vane_json_fini(): an array was not ended" },
		{ "1]", "vane_json_end_array(): nothing is open" },
		{ "[1].", "vane_json_fini() was not called: the document is not whole" },
		{ "[1.", "vane_json_fini() was not called: the document is not whole" },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		calls = rows[i].calls;
		assert_int_equal(probe_answer(&probe, answer_calls), 500);
		assert_null(strstr(probe.got.body, "[1"));
		assert_non_null(strstr(probe.log, rows[i].says));
		probe_fini(&probe);
	}
}

static void a_wrong_document_is_cut_behind_the_head(void **state)
{
	struct probe probe;

	calls = "[1!";
	probe_answer(&probe, answer_calls);
	assert_int_equal(probe.got.status, 200);
	assert_false(probe.got.whole);
	assert_non_null(strstr(probe.log, "an array was not ended"));
	probe_fini(&probe);
}

static int answer_two_at_once(struct vane_response *res)
{
	struct vane_json one, other;

	vane_json_init(&one, res);
	vane_json_begin_array(&one);
	vane_json_init(&other, res);
	return vane_json_int(&other, 1);
}

static void two_documents_do_not_mix(void **state)
{
	struct probe probe;

	assert_int_equal(probe_answer(&probe, answer_two_at_once), 500);
	assert_non_null(strstr(
		probe.log, "vane_json_init(): the document before this was not ended"));
	probe_fini(&probe);
}

static int answer_error_instead(struct vane_response *res)
{
	struct vane_json json;

	vane_json_init(&json, res);
	vane_json_begin_array(&json);
	return vane_response_send_error(res, 404, "none of these");
}

static void an_error_page_may_take_its_place(void **state)
{
	struct probe probe;

	assert_int_equal(probe_answer(&probe, answer_error_instead), 404);
	assert_string_equal(
		probe_field(&probe, "content-type"), "text/html; charset=utf-8");
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_written_as_it_comes),
		cmocka_unit_test(a_single_value_is_a_document),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(every_control_character_is_escaped),
		cmocka_unit_test(doubles_are_as_short_as_can_be),
		cmocka_unit_test(doubles_are_read_as_the_same_ones),
		cmocka_unit_test(a_locale_changes_nothing),
		cmocka_unit_test(a_call_out_of_place_is_named),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(a_zeroed_writer_writes_nothing),
		cmocka_unit_test(what_cannot_be_written_is_remembered),
		cmocka_unit_test(a_response_has_its_type),
		cmocka_unit_test(another_type_is_left_alone),
		cmocka_unit_test(documents_follow_each_other),
		cmocka_unit_test(a_wrong_document_is_not_sent),
		cmocka_unit_test(a_wrong_document_is_cut_behind_the_head),
		cmocka_unit_test(two_documents_do_not_mix),
		cmocka_unit_test(an_error_page_may_take_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
