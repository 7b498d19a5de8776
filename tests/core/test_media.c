/* SPDX-License-Identifier: MIT */
/*
 * test_media.c - lib/core/media.c
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include <vane/request.h>
#include <vane/response.h>

#include "support/probe.h"

static int negotiate_get(struct vane_request *req, struct vane_response *res)
{
	static const char *const types[] = { "text/html", "application/json", NULL };
	static const char *const languages[] = { "en", "de", NULL };
	const char *type = vane_request_accepts(req, types);
	const char *language = vane_request_accepts_language(req, languages);

	if (type == NULL || language == NULL)
		return 406;
	vane_response_set_type(res, type);
	return vane_response_puts(res, language);
}

static const struct vane_handler negotiating = { .get = negotiate_get };

static void the_clients_wishes_are_heard(void **state)
{
	const struct {
		const char *const *fields;
		int status;
		const char *type, *language;
	} rows[] = {
		{ NULL, 200, "text/html; charset=utf-8", "en" },
		{ FIELDS("Accept: application/json"), 200, "application/json", "en" },
		{ FIELDS("Accept: image/png", "Accept: application/json;q=0.1"), 200,
			"application/json", "en" },
		{ FIELDS("Accept: image/png"), 406, NULL, NULL },
		{ FIELDS("Accept-Language: de-AT"), 200, "text/html; charset=utf-8", "de" },
		{ FIELDS("Accept-Language: fr"), 406, NULL, NULL },
	};
	struct probe probe;
	size_t i;

	probe_init(&probe, &negotiating, NULL, NULL);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane_test_request request = {
			.method = "GET", .target = "/", .fields = rows[i].fields
		};

		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		if (rows[i].type == NULL)
			continue;
		assert_string_equal(probe_field(&probe, "content-type"), rows[i].type);
		assert_memory_equal(probe.got.body, rows[i].language, 2);
	}
	probe_fini(&probe);
}

static const char *given;

static int set_type(struct vane_response *res)
{
	int rc;

	vane_response_set_field(res, "Content-Type", "x/y");
	rc = vane_response_set_type(res, given);
	return rc < 0 ? rc : vane_response_puts(res, "body");
}

static void a_type_takes_the_place_of_another(void **state)
{
	static const struct {
		const char *type, *field;
	} rows[] = {
		{ "application/json", "application/json" },
		{ "text/html", "text/html; charset=utf-8" },
		{ "TEXT/plain", "TEXT/plain; charset=utf-8" },
		{ "text/csv; header=present", "text/csv; header=present; charset=utf-8" },
		{ "text/plain; charset=iso-8859-1", "text/plain; charset=iso-8859-1" },
		{ "text/plain; Charset=\"utf-8\"", "text/plain; Charset=\"utf-8\"" },
		{ "application/xml", "application/xml" },
		{ "text/plain;", "text/plain;; charset=utf-8" },
		{ "multipart/mixed; boundary=\"a b\"",
			"multipart/mixed; boundary=\"a b\"" },
	};
	struct probe probe;
	size_t i;

	given = rows[0].type;
	probe_init_answer(&probe, set_type);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		given = rows[i].type;
		assert_int_equal(probe_get(&probe, "/"), 200);
		assert_string_equal(probe_field(&probe, "content-type"), rows[i].field);
	}
	probe_fini(&probe);
}

static void what_is_no_media_type_is_an_error_that_names_it(void **state)
{
	static const char *const rows[] = { "", "html", "text/html; charset",
		"text/html; charset=", "text/html\r\nX: y", "text/html; a=\"\r\n\"",
		"a/b c/d" };
	struct probe probe;
	size_t i;

	given = rows[1];
	probe_init_answer(&probe, set_type);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		given = rows[i];
		assert_int_equal(probe_get(&probe, "/"), 500);
	}
	assert_non_null(
		strstr(probe.log, "vane_response_set_type(): \"html\" is no media type"));
	probe_fini(&probe);
}

static int too_late(struct vane_response *res)
{
	vane_response_puts(res, "body");
	vane_response_flush(res);
	assert_int_equal(vane_response_set_type(res, "text/html"), -EALREADY);
	return 0;
}

static void a_type_comes_before_the_head_has_left(void **state)
{
	struct probe probe;

	probe_init_answer(&probe, too_late);
	probe_get(&probe, "/");
	assert_false(probe.got.whole);
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clients_wishes_are_heard),
		cmocka_unit_test(a_type_takes_the_place_of_another),
		cmocka_unit_test(what_is_no_media_type_is_an_error_that_names_it),
		cmocka_unit_test(a_type_comes_before_the_head_has_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
