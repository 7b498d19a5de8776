/* SPDX-License-Identifier: MIT */
/*
 * test_app.c - lib/core/app.c
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <vane/app.h>
#include <vane/log.h>

#include "base.h"
#include "support/alloc.h"

static const struct vane_handler plain = { 0 };
static const struct vane_handler async = { .needs = VANE_CAP_ASYNC | VANE_CAP_TIMERS };

static const struct vane_route routes[] = {
	{ "/", &plain, .name = "root" },
	{ "/s/{id}", &plain, .name = "story" },
	{ "/slow", &async },
	{ 0 },
};

static struct vane_app *make(const struct vane_app_opts *opts)
{
	struct vane_app *app = NULL;

	assert_int_equal(vane_app_new(&app, routes, opts), 0);
	return app;
}

static void an_app_without_settings_has_the_defaults(void **state)
{
	struct vane_app *app = make(NULL);
	const struct vane_app_opts *opts = vane_app_opts(app);

	assert_int_equal(opts->max_body_bytes, 100 * 1024 * 1024);
	assert_int_equal(opts->max_body_total_bytes, 1 << 30);
	assert_int_equal(opts->body_memory_bytes, 256 * 1024);
	assert_int_equal(opts->max_form_bytes, 1 << 20);
	assert_int_equal(opts->max_memory_bytes, 5 << 20);
	assert_int_equal(opts->max_args, 1000);
	assert_int_equal(opts->max_parts, 1000);
	assert_null(opts->mount);
	assert_int_equal(vane_app_route_count(app), 3);
	vane_app_free(app);
	vane_app_free(NULL);
}

static void no_limit_is_the_largest_number(void **state)
{
	static const struct vane_app_opts none = { .max_body_bytes = VANE_NO_LIMIT,
		.max_body_total_bytes = VANE_NO_LIMIT,
		.max_form_bytes = VANE_NO_LIMIT,
		.max_memory_bytes = VANE_NO_LIMIT };
	static const struct vane_app_opts large = { .max_form_bytes = INT64_MAX - 1000 };
	struct vane_app *app = make(&none);
	const struct vane_app_opts *opts = vane_app_opts(app);

	assert_true(opts->max_body_bytes == INT64_MAX);
	assert_true(opts->max_body_total_bytes == INT64_MAX);
	assert_true(opts->max_form_bytes == INT64_MAX);
	assert_true(opts->max_memory_bytes == INT64_MAX);
	vane_app_free(app);
	app = make(&large); /* a request may have that and more */
	assert_true(vane_app_opts(app)->max_memory_bytes == INT64_MAX);
	vane_app_free(app);
}

static void settings_are_copied(void **state)
{
	char mount[] = "/app", temp[] = "/tmp";
	struct vane_app_opts opts = { .mount = mount, .temp_dir = temp, .max_args = 7 };
	struct vane_app *app = make(&opts);

	mount[1] = temp[1] = 'X';
	opts.max_args = 8;
	assert_string_equal(vane_app_opts(app)->mount, "/app");
	assert_string_equal(vane_app_opts(app)->temp_dir, "/tmp");
	assert_int_equal(vane_app_opts(app)->max_args, 7);
	vane_app_free(app);
}

static void a_url_has_the_mount_in_front(void **state)
{
	static const struct {
		const char *mount, *url;
	} rows[] = {
		{ NULL, "/s/a%20b" },
		{ "", "/s/a%20b" },
		{ "/", "/s/a%20b" },
		{ "/app", "/app/s/a%20b" },
		{ "/app/", "/app/s/a%20b" },
		{ "/my app", "/my%20app/s/a%20b" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_app_opts opts = { .mount = rows[i].mount };
		struct vane_app *app = make(&opts);
		int len = vane_app_url(app, buf, sizeof(buf), "story", "id", "a b", NULL);

		assert_string_equal(buf, rows[i].url);
		assert_int_equal(len, strlen(rows[i].url));
		vane_app_free(app);
	}
}

static void a_url_is_cut_to_fit(void **state)
{
	struct vane_app *app = make(NULL);
	char buf[8] = "unused";

	assert_int_equal(vane_app_url(app, NULL, 0, "story", "id", "12345", NULL), 8);
	assert_int_equal(vane_app_url(app, buf, 8, "story", "id", "12345", NULL), 8);
	assert_string_equal(buf, "/s/1234");
	assert_int_equal(vane_app_url(app, buf, 1, "story", "id", "12345", NULL), 8);
	assert_string_equal(buf, "");
	assert_int_equal(vane_app_url(app, buf, 8, "none", NULL), -ENOENT);
	assert_int_equal(vane_app_url(app, buf, 8, "story", NULL), -EINVAL);
	vane_app_free(app);
}

/* Which it will be is known with a request. */
static void a_url_without_a_request_has_no_automatic_mount(void **state)
{
	static const struct vane_app_opts opts[] = { { .mount_auto = true },
		{ .path_from_pathinfo = true } };
	char buf[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		struct vane_app *app = make(&opts[i]);

		assert_int_equal(
			vane_app_url(app, buf, sizeof(buf), "story", "id", "1", NULL),
			-ENOTSUP);
		vane_app_free(app);
	}
}

static void note_unreachable(const char *pattern, const char *before, void *data)
{
	char *text = data;

	sprintf(text + strlen(text), "%s after %s; ", pattern,
		before != NULL ? before : "nothing");
}

static void routes_that_no_request_can_reach_are_told(void **state)
{
	static const struct vane_handler h = { 0 };
	static const struct vane_route hidden[] = { { "/{x}", &h }, { "/a", &h },
		{ "/a/../b", &h }, { "/a/b", &h }, { 0 } };
	struct vane_app *app;
	char text[200] = "";

	assert_int_equal(vane_app_new(&app, hidden, NULL), 0);
	assert_int_equal(vane_app_each_unreachable(app, note_unreachable, text), 2);
	assert_string_equal(text, "/a after /{x}; /a/../b after nothing; ");
	assert_int_equal(vane_app_each_unreachable(app, NULL, NULL), 2);
	vane_app_free(app);
}

static void note_unserved(const char *pattern, unsigned lacking, void *data)
{
	sprintf(data, "%s %x", pattern, lacking);
}

static void routes_that_a_mode_cannot_serve_are_told(void **state)
{
	struct vane_app *app = make(NULL);
	char told[40] = "";

	assert_int_equal(
		vane_app_each_unserved(app, VANE_CAP_ASYNC, note_unserved, told), 1);
	assert_string_equal(told, "/slow 2");
	assert_int_equal(vane_app_each_unserved(app, 0, NULL, NULL), 1);
	assert_int_equal(
		vane_app_each_unserved(app, VANE_CAP_ASYNC | VANE_CAP_TIMERS, NULL, NULL),
		0);
	vane_app_free(app);
}

static void every_capability_has_a_name_of_its_own(void **state)
{
	unsigned a, b;

	for (a = 1; a <= VANE_CAP_RAW; a <<= 1) {
		assert_string_not_equal(vane_cap_name(a), "?");
		for (b = a << 1; b <= VANE_CAP_RAW; b <<= 1)
			assert_string_not_equal(vane_cap_name(a), vane_cap_name(b));
	}
	assert_string_equal(vane_cap_name(VANE_CAP_RAW << 1), "?");
	assert_string_equal(vane_cap_name(VANE_CAP_ASYNC | VANE_CAP_TIMERS), "?");
	assert_string_equal(vane_cap_name(0), "?");
}

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	snprintf(data, 200, "%s", line);
}

static void bad_settings_are_refused_and_named(void **state)
{
	static const struct {
		struct vane_app_opts opts;
		const char *named;
	} rows[] = {
		{ { .mount = "app" }, "app" },
		{ { .xheaders = true, .trusted = "10.0.0.1,nonsense" }, "nonsense" },
	};
	struct vane_app *app;
	char line[200] = "";
	size_t i;

	vane_log_set_function(keep_line, line);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane_app_new(&app, routes, &rows[i].opts), -EINVAL);
		assert_non_null(strstr(line, rows[i].named));
	}
	vane_log_set_function(NULL, NULL);
}

static void an_app_survives_any_failed_allocation(void **state)
{
	static const struct vane_app_opts opts = { .mount = "/app",
		.temp_dir = "/tmp",
		.xheaders = true,
		.trusted = "10.0.0.0/8" };
	char line[200];
	struct vane_app *app;
	long n;
	int rc = -ENOMEM;

	vane_log_set_function(keep_line, line);
	for (n = 0; rc < 0; n++) {
		app = NULL;
		alloc_fail_after(n);
		rc = vane_app_new(&app, routes, &opts);
		alloc_fail_never();
		assert_true(rc == 0 || (rc == -ENOMEM && app == NULL));
		vane_app_free(app);
	}
	vane_log_set_function(NULL, NULL);
	assert_true(n > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_app_without_settings_has_the_defaults),
		cmocka_unit_test(no_limit_is_the_largest_number),
		cmocka_unit_test(settings_are_copied),
		cmocka_unit_test(a_url_has_the_mount_in_front),
		cmocka_unit_test(a_url_is_cut_to_fit),
		cmocka_unit_test(a_url_without_a_request_has_no_automatic_mount),
		cmocka_unit_test(routes_that_no_request_can_reach_are_told),
		cmocka_unit_test(routes_that_a_mode_cannot_serve_are_told),
		cmocka_unit_test(every_capability_has_a_name_of_its_own),
		cmocka_unit_test(bad_settings_are_refused_and_named),
		cmocka_unit_test(an_app_survives_any_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
