/* SPDX-License-Identifier: MIT */
/*
 * test_option_limits.c - limits and times in the options of every program: they mean the same in
 * each mode that has them.
 */
#include "test.h"

#include <vane/options.h>

#include "adapters/main/serve_opts.h"
#include "base.h"
#include "support/option_limits.h"

/* What options end in. */
enum { SETTINGS = 1, APP, HTTP, FASTCGI, SCGI, PROCESS };

static struct vane__settings settings;

static void define(void)
{
	assert_int_equal(vane__settings_define(&settings), 0);
}

static void forget(void)
{
	vane__settings_fini(&settings);
	vane_options_reset();
}

static const void *get(int kind)
{
	static struct vane_app_opts app;
	static struct vane_server_opts http;
	static struct vane_fastcgi_opts fastcgi;
	static struct vane_scgi_opts scgi;
	static struct vane_process_opts process;

	vane__settings_app(&settings, &app, false);
	http = vane__serve_http_opts(&settings);
	fastcgi = vane__serve_fastcgi_opts(&settings);
	scgi = vane__serve_scgi_opts(&settings);
	process = vane__serve_process_opts(&settings);
	return kind == APP       ? (const void *) &app
	       : kind == HTTP    ? (const void *) &http
	       : kind == FASTCGI ? (const void *) &fastcgi
	       : kind == SCGI    ? (const void *) &scgi
	       : kind == PROCESS ? (const void *) &process
				 : (const void *) &settings;
}

#define IN(kind, type, member, otherwise)                                                  \
	{ kind, #type "." #member, offsetof(struct type, member), otherwise }
#define IN_SETTINGS(member, otherwise) IN(SETTINGS, vane__settings, member, otherwise)
#define IN_APP(member, otherwise)      IN(APP, vane_app_opts, member, otherwise)
#define IN_HTTP(member, otherwise)     IN(HTTP, vane_server_opts, member, otherwise)
#define IN_FASTCGI(member, otherwise)  IN(FASTCGI, vane_fastcgi_opts, member, otherwise)
#define IN_SCGI(member, otherwise)     IN(SCGI, vane_scgi_opts, member, otherwise)
#define IN_PROCESS(member, otherwise)  IN(PROCESS, vane_process_opts, member, otherwise)
#define IN_SERVERS(member, otherwise)                                                      \
	IN_HTTP(member, otherwise), IN_FASTCGI(member, otherwise),                         \
		IN_SCGI(member, otherwise)

/* 0 in a struct is the default of the mode. */
static const struct option_limit rows[] = {
	{ "max-body-size", "17", 17, { IN_APP(max_body_bytes, 100 << 20) } },
	{ "max-body-total", "17", 17, { IN_APP(max_body_total_bytes, 1 << 30) } },
	{ "max-form-size", "17", 17, { IN_APP(max_form_bytes, 1 << 20) } },
	{ "max-request-memory", "64k", (64 << 10) + (1 << 20),
		{ IN_APP(max_memory_bytes, 5 << 20) } },
	{ "max-header-size", "1k", 1024,
		{ IN_HTTP(max_header_bytes, 64 << 10),
			IN_FASTCGI(max_params_bytes, 64 << 10),
			IN_SCGI(max_head_bytes, 64 << 10) } },
	{ "max-connections", "17", 17, { IN_SERVERS(max_connections, 0) } },
	{ "max-per-address", "17", 17, { IN_HTTP(max_per_address, VANE_NO_LIMIT) } },
	{ "idle-timeout", "17ms", 17, { IN_HTTP(idle_msec, 3600000) } },
	{ "header-timeout", "17ms", 17, { IN_HTTP(header_msec, 60000) } },
	{ "body-timeout", "17ms", 17,
		{ IN_HTTP(body_msec, 0), IN_FASTCGI(request_msec, 0),
			IN_SCGI(request_msec, 0) } },
	{ "min-rate", "17", 17, { IN_SERVERS(min_rate, 500) } },
	{ "write-timeout", "17ms", 17, { IN_SERVERS(write_msec, 60000) } },
	{ "shutdown-timeout", "17ms", 17,
		{ IN_SETTINGS(shutdown_msec, 10000), IN_PROCESS(drain_msec, 10000) } },
	{ "shutdown-grace", "17ms", 17, { IN_SERVERS(grace_msec, 500) } },
	{ "max-restarts", "17", 17, { IN_PROCESS(max_restarts, 100) } },
	{ "restart-window", "17ms", 17, { IN_PROCESS(restart_window_msec, 600000) } },
	{ "log-file-max-size", "17", 17, { IN_SETTINGS(log_max_bytes, 100 << 20) } },
	{ "log-file-num-backups", "17", 17, { IN_SETTINGS(log_max_backups, 10) } },
	{ "max-worker-requests", "17", 17, { IN_SETTINGS(max_requests, VANE_NO_LIMIT) } },
	{ "max-worker-memory", "2M", 2 << 20,
		{ IN_SETTINGS(max_rss_bytes, VANE_NO_LIMIT) } },
	{ "max-handler-time", "17ms", 17, { IN_SETTINGS(handler_msec, VANE_NO_LIMIT) } },
	{ "slow", "17ms", 17, { IN_SETTINGS(slow_msec, VANE_NO_LIMIT) } },
	{ "nofile", "17", 17, { IN_SETTINGS(nofile, VANE_NO_LIMIT) } },
};

static const char *const others[] = { "access-log-buffer", "access-log-sample",
	"log-rotate-interval", "port", "processes", NULL };

static const struct option_limits limits = { rows, ARRAY_SIZE(rows), others, define, forget,
	get };

static void each_option_follows_the_rule_in_each_mode(void **state)
{
	option_limits_check(&limits);
}

static void no_limit_is_forgotten(void **state)
{
	option_limits_check_all_known(&limits);
}

/* Memory of a request is what the option says beside its form. */
static void no_limit_of_a_form_is_none_of_its_memory(void **state)
{
	const char *const words[] = { "x", "--max-form-size=none" };
	const struct vane_app_opts *app;
	int rest;

	define();
	assert_int_equal(vane_options_parse(2, (char *const *) words, &rest), 0);
	app = get(APP);
	assert_int_equal(app->max_form_bytes, VANE_NO_LIMIT);
	assert_int_equal(app->max_memory_bytes, VANE_NO_LIMIT);
	forget();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_follows_the_rule_in_each_mode),
		cmocka_unit_test(no_limit_is_forgotten),
		cmocka_unit_test(no_limit_of_a_form_is_none_of_its_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
