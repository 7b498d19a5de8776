/* SPDX-License-Identifier: MIT */
/*
 * test_debugpage.c - lib/core/debug_*.c: what the error page of debug mode shows, and that none of it is
 * shown without
 */
#include "config.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"
#include "symbols.h"

static const struct vane_app_opts debug = { .debug = true };
static const struct vane_app_opts plain = { .debug = true, .debug_plain = true };

/* Not static, so that their names are known without debugging information, too. */
int says_what_is_wrong(struct vane_request *req, struct vane_response *res);
int returns_an_error(struct vane_request *req, struct vane_response *res);
int uses_it_wrongly(struct vane_request *req, struct vane_response *res);
int finishes_late(struct vane_request *req, struct vane_response *res);

int says_what_is_wrong(struct vane_request *req, struct vane_response *res)
{
	volatile int rc; /* so that the call is none in place of this function's return */

	rc = vane_response_send_error(res, 503, "<b>no & room"); /* the line */
	return rc;
}

int returns_an_error(struct vane_request *req, struct vane_response *res)
{
	return -EIO;
}

int uses_it_wrongly(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "Bad Name", "x"); /* here */
	return vane_response_puts(res, "text");
}

int finishes_late(struct vane_request *req, struct vane_response *res)
{
	volatile int rc;

	vane_response_defer(res);
	rc = vane_response_give_up(res, -EIO);
	return rc;
}

static const struct vane_route routes[] = { VANE_GET("/first", returns_an_error),
	VANE_GET("/says", says_what_is_wrong), VANE_POST("/says", says_what_is_wrong),
	VANE_GET("/returns", returns_an_error), VANE_GET("/wrong", uses_it_wrongly),
	VANE_GET("/late", finishes_late), VANE_GET("/last", returns_an_error), VANE_END };

static void assert_shows(const struct probe *probe, const char *text)
{
	if (strstr(probe->got.body, text) == NULL)
		fail_msg("no \"%s\" in: %s", text, probe->got.body);
}

static void assert_hides(const struct probe *probe, const char *text)
{
	if (strstr(probe->got.body, text) != NULL)
		fail_msg("\"%s\" in: %s", text, probe->got.body);
}

static int ask(struct probe *probe, const char *target, const char *accept)
{
	char field[100];
	const struct vane_test_request request = { .target = target,
		.fields = FIELDS(field) };

	snprintf(field, sizeof(field), "Accept: %s", accept);
	return probe_run(probe, &request);
}

static const char *const types[] = { "text/html", "text/plain", "application/json" };

/* Whether libdw is there, and this program was compiled with -g. */
static bool lines_are_known(void)
{
	struct vane__symbols *symbols = vane__symbols_new();
	int (*fn)(struct vane_request *, struct vane_response *) = returns_an_error;
	struct vane__symbol symbol;
	const void *address;

	memcpy(&address, &fn, sizeof(address));
	vane__symbols_find(symbols, address, false, &symbol);
	vane__symbols_free(symbols);
	return symbol.line > 0;
}

static void the_stack_is_that_of_where_the_error_was_said(void **state)
{
	static const struct {
		const char *target, *function;
		int status;
	} rows[] = { { "/says", "says_what_is_wrong", 503 },
		{ "/wrong", "uses_it_wrongly", 500 }, { "/late", "finishes_late", 500 } };
	struct probe probe;
	size_t i, type;

	probe_init_routes(&probe, routes, &debug);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (type = 0; type < ARRAY_SIZE(types); type++) {
			assert_int_equal(
				ask(&probe, rows[i].target, types[type]), rows[i].status);
#ifdef HAVE_EXECINFO_H
			assert_shows(&probe, "The calls that led there");
#endif
			if (!lines_are_known())
				continue;
			/* among the calls, as the request names the handler further down */
			assert_shows(&probe, "test_debugpage.c");
			assert_shows(&probe, rows[i].function);
			assert_true(strstr(probe.got.body, rows[i].function) <
				    strstr(probe.got.body, "outes"));
		}
	}
	probe_fini(&probe);
}
static void who_returns_an_error_is_named(void **state)
{
	struct probe probe;
	size_t type;

	probe_init_routes(&probe, routes, &debug);
	for (type = 0; type < ARRAY_SIZE(types); type++) {
		assert_int_equal(ask(&probe, "/returns", types[type]), 500);
		assert_shows(&probe, "No stack: ");
		assert_shows(&probe, "handler");
		if (!lines_are_known())
			continue;
		assert_shows(&probe, "returns_an_error (");
		assert_shows(&probe, "test_debugpage.c:");
	}
	probe_fini(&probe);
}

/* Where the tree of the sources is where it was, and something can read which lines these are. */
static bool source_is_known(void)
{
	FILE *source = fopen(__FILE__, "r");

	if (source != NULL)
		fclose(source);
	return source != NULL && lines_are_known();
}

static void lines_of_the_source_are_shown_if_they_are_known(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, &debug);
	assert_int_equal(ask(&probe, "/says", "text/plain"), 503);
	if (!source_is_known()) {
		assert_hides(&probe, "/* the line */");
		probe_fini(&probe);
		return;
	}
	assert_shows(&probe, "no & room\"); /* the line */\n");
	assert_shows(&probe, "volatile int rc; /*");
	assert_int_equal(ask(&probe, "/says", "text/html"), 503);
	assert_shows(&probe, "&quot;&lt;b&gt;no &amp; room&quot;); /* the line */</b>\n");
	assert_hides(&probe, "<b>no & room");
	probe_fini(&probe);
}

static void routes_are_those_that_were_tried(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, &debug);
	ask(&probe, "/returns", "text/plain");
	assert_shows(&probe, "the last one matches:\n  /first  GET\n");
	assert_shows(&probe, "  /returns  GET\n\n");
	assert_hides(&probe, "/wrong");
	assert_int_equal(ask(&probe, "/nowhere", "text/plain"), 404);
	assert_shows(&probe, "None of these routes matches:\n");
	assert_shows(&probe, "  /last  GET\n");
	assert_hides(
		&probe, "The calls that led there"); /* nothing is wrong with the program */
	probe_fini(&probe);
}

static void secrets_are_masked(void **state)
{
	const struct vane_test_request request = {
		.target = "/returns?a=1&api_token=hush1&b=2&password=hush2",
		.fields = FIELDS("Authorization: Basic hush3",
			"Cookie: sid=hush4; hush5; b=hush6", "X-API-Key: hush7",
			"X-XSRFToken: hush8", "Proxy-Authorization: hush9",
			"Referer: http://h/?token=hush0&c=3", "X-Seen: shown"),
	};
	static const char *const shown[] = { "a=1&api_token=***&b=2&password=***",
		"authorization: Basic ***", "cookie: sid=***; ***; b=***", "x-api-key: ***",
		"x-xsrftoken: ***", "proxy-authorization: ***", "http://h/?token=***&c=3",
		"x-seen: shown" };
	const char *const *fields = request.fields;
	struct probe probe;
	size_t i, type;

	probe_init_routes(&probe, routes, &debug);
	for (type = 0; type < ARRAY_SIZE(types); type++) {
		char accept[40];
		const char *all[10] = { accept };
		struct vane_test_request asked = request;

		snprintf(accept, sizeof(accept), "Accept: %s", types[type]);
		for (i = 0; fields[i] != NULL; i++)
			all[i + 1] = fields[i];
		asked.fields = all;
		assert_int_equal(probe_run(&probe, &asked), 500);
		assert_hides(&probe, "hush");
		for (i = 0; type == 1 && i < ARRAY_SIZE(shown); i++)
			assert_shows(&probe, shown[i]);
	}
	probe_fini(&probe);
}

/* The command's line in a page of text. */
static const char *curl_of(const struct probe *probe)
{
	const char *at = strstr(probe->got.body, "\ncurl ");

	assert_non_null(at);
	return at + 1;
}

static void the_request_can_be_asked_again(void **state)
{
	const struct vane_test_request get = { .target = "/returns?q=[it's]",
		.fields = FIELDS("Host: vane.test", "Accept: text/plain",
			"X-Odd: it's; $(rm) `x` \"y\" \\",
			"X-Empty: ", "Connection: close") };
	const struct vane_test_request post = { .method = "POST",
		.target = "/says",
		.fields = FIELDS("Accept: text/plain"),
		.body = "four",
		.body_len = 4 };
	struct probe probe;

	probe_init_routes(&probe, routes, &debug);
	assert_int_equal(probe_run(&probe, &get), 500);
	assert_string_equal(curl_of(&probe),
		"curl -ig --path-as-is 'http://vane.test/returns?q=[it'\\''s]' \\\n"
		"  -H 'accept: text/plain' \\\n"
		"  -H 'x-odd: it'\\''s; $(rm) `x` \"y\" \\' \\\n"
		"  -H 'x-empty;'\n");
	assert_int_equal(probe_run(&probe, &post), 503);
	assert_string_equal(curl_of(&probe),
		"curl -ig --path-as-is -X 'POST' 'http://localhost/says' \\\n"
		"  -H 'accept: text/plain' \\\n"
		"  --data-binary @body\n");
	assert_shows(&probe, "body: 4 bytes");
	probe_fini(&probe);
}

/* What a shell makes of the command: curl is a function there that says its arguments. */
static void a_shell_reads_the_command_as_it_was(void **state)
{
	const struct vane_test_request get = { .target = "/returns?a='b'&c",
		.fields = FIELDS("Host: vane.test", "Accept: text/plain",
			"X-Odd: $(echo x) `y` \"'z'\" \\ !") };
	char script[8192], said[1024] = "";
	struct probe probe;
	FILE *shell;
	size_t len;

	probe_init_routes(&probe, routes, &debug);
	probe_run(&probe, &get);
	snprintf(script, sizeof(script), "curl() { printf '<%%s>' \"$@\"; }\n%s",
		curl_of(&probe));
	shell = popen(script, "r");
	assert_non_null(shell);
	len = fread(said, 1, sizeof(said) - 1, shell);
	said[len] = '\0';
	assert_int_equal(pclose(shell), 0);
	assert_string_equal(said,
		"<-ig><--path-as-is><http://vane.test/returns?a='b'&c><-H>"
		"<accept: text/plain><-H><x-odd: $(echo x) `y` \"'z'\" \\ !>");
	probe_fini(&probe);
}

static void it_is_text_for_who_does_not_say_with_debug_plain(void **state)
{
	static const struct {
		const char *accept, *type;
	} rows[] = { { "*/*", "text/plain; charset=utf-8" },
		{ "text/html,*/*;q=0.8", "text/html; charset=utf-8" },
		{ "application/json", "application/json" } };
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, routes, &plain);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ask(&probe, "/returns", rows[i].accept);
		assert_string_equal(probe_field(&probe, "Content-Type"), rows[i].type);
		assert_string_equal(
			probe_field(&probe, "X-Content-Type-Options"), "nosniff");
	}
	probe_get(&probe, "/returns");
	assert_int_equal(strncmp(probe.got.body, "500: Internal Server Error\n\n", 28), 0);
	probe_fini(&probe);
}

static void what_a_client_sends_moves_no_page(void **state)
{
	const struct vane_test_request request = {
		.target = "/returns?<script>alert(1)</script>",
		.fields =
			FIELDS("Accept: text/html", "X-<i>: no", "X-Odd: </pre><script>x"),
	};
	struct probe probe;

	probe_init_routes(&probe, routes, &debug);
	probe_run(&probe, &request);
	assert_shows(&probe, "&lt;script&gt;");
	assert_hides(&probe, "<script");
	assert_hides(&probe, "<i>");
	probe_fini(&probe);
}

static void nothing_of_it_is_shown_without_debug(void **state)
{
	static const struct vane_app_opts not_debug = { .debug_plain = true };
	static const char *const targets[] = { "/says", "/returns", "/wrong", "/late",
		"/nowhere" };
	static const char *const words[] = { "test_debugpage", ".c", "0x", "_error",
		"/first", "curl", "no & room", "says_", "X-Odd", "calls", "stack",
		"routes" };
	struct probe probe;
	size_t i, type, word;

	probe_init_routes(&probe, routes, &not_debug);
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		for (type = 0; type < ARRAY_SIZE(types); type++) {
			assert_in_range(ask(&probe, targets[i], types[type]), 404, 503);
			for (word = 0; word < ARRAY_SIZE(words); word++)
				assert_hides(&probe, words[word]);
			assert_true(probe.got.body_len < 1500);
		}
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stack_is_that_of_where_the_error_was_said),
		cmocka_unit_test(who_returns_an_error_is_named),
		cmocka_unit_test(lines_of_the_source_are_shown_if_they_are_known),
		cmocka_unit_test(routes_are_those_that_were_tried),
		cmocka_unit_test(secrets_are_masked),
		cmocka_unit_test(the_request_can_be_asked_again),
		cmocka_unit_test(a_shell_reads_the_command_as_it_was),
		cmocka_unit_test(it_is_text_for_who_does_not_say_with_debug_plain),
		cmocka_unit_test(what_a_client_sends_moves_no_page),
		cmocka_unit_test(nothing_of_it_is_shown_without_debug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
