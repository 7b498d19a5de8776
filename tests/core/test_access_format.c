/* SPDX-License-Identifier: MIT */
/*
 * test_access_format.c - lib/core/access_format.c, access_rule.c: what a line of the access log says,
 * and which requests have one.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vane.h>
#include <vane/test.h>

#include "base.h"

static char log_lines[4096];
static char access_path[] = "/tmp/vane-access-XXXXXX";

static int hello(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "X-Kind", "a \"greeting\"");
	return vane_response_printf(res, "Hello!\n");
}

static int go_wrong(struct vane_request *req, struct vane_response *res)
{
	vane_request_set_id(req, "id-7");
	return -EIO;
}

static int healthy(struct vane_request *req, struct vane_response *res)
{
	vane_request_set_logged(req, false);
	return vane_response_printf(res, "well\n");
}

static int status(struct vane_request *req, struct vane_response *res)
{
	return vane_response_set_status(res, atoi(vane_request_path_arg(req, "status")));
}

static const struct vane_route routes[] = { VANE_GET("/a b/{x}", hello),
	VANE_GET("/fail", go_wrong), VANE_GET("/health", healthy),
	VANE_GET("/s/{status}", status), VANE_END };

static void note_line(enum vane_log_level level, const char *line, void *data)
{
	snprintf(log_lines + strlen(log_lines), sizeof(log_lines) - strlen(log_lines),
		"%s\n", line);
}

static const char *lines(void)
{
	static char text[16384];
	int fd = open(access_path, O_RDWR | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	return text;
}

static struct vane_log_file *file;

static struct vane_app *app_with(struct vane_app_opts opts)
{
	struct vane_app *app = NULL;
	int rc;

	opts.access_log_file = file;
	log_lines[0] = '\0';
	rc = vane_app_new(&app, routes, &opts);
	assert_true(rc == 0 || rc == -EINVAL);
	return app;
}

static void ask(struct vane_app *app, const struct vane_test_request *request)
{
	struct vane_test_response response;

	assert_int_equal(vane_test_run(app, request, &response), 0);
	vane_test_response_fini(&response);
}

#define TRACE "0af7651916cd43dd8448eb211c80319c"

/* One request whose line has everything. */
static const struct vane_test_request everything = {
	.target = "/a%20b/c?d=e",
	.fields = (const char *const[]) { "Host: example.org:81", "Referer: http://\"x\"/",
		"User-Agent: a b", "X-Evil: \x1b[31m\xff", "Cookie: my_id=7; Mood=\"fair\"",
		"traceparent: 00-" TRACE "-b7ad6b7169203331-01", NULL },
	.params = (const char *const[]) { "REQUEST_ID=front-1", "REMOTE_USER=eve x", NULL },
};

static void words_say_what_they_stand_for(void **state)
{
	static const struct {
		const char *format, *line;
	} rows[] = {
		{ "$remote_addr", "127.0.0.1" },
		{ "%h %a", "127.0.0.1 127.0.0.1" },
		{ "%l %u", "- eve\\x20x" },
		{ "\"$remote_user\"", "\"eve x\"" },
		{ "$request", "GET /a%20b/c?d=e HTTP/1.1" },
		{ "\"%r\"", "\"GET /a%20b/c?d=e HTTP/1.1\"" },
		{ "$request_method %m", "GET GET" },
		{ "\"$uri\" %U", "\"/a b/c\" /a\\x20b/c" },
		{ "$args$is_args %q", "d=e? ?d=e" },
		{ "$status %s %>s %<s", "200 200 200 200" },
		{ "$body_bytes_sent %B %b", "7 7 7" },
		{ "$host %V", "example.org:81 example.org:81" },
		{ "$http_user_agent", "a\\x20b" },
		{ "\"${http_user_agent}!\"", "\"a b!\"" },
		{ "%{User-Agent}i %{Nothing}i", "a\\x20b -" },
		{ "\"%{Referer}i\"", "\"http://\\x22x\\x22/\"" },
		{ "\"$http_x_evil\"", "\"\\x1b[31m\\xff\"" },
		{ "$sent_http_x_kind", "a\\x20\\x22greeting\\x22" },
		{ "%{x-kind}o%{Nothing}o", "a\\x20\\x22greeting\\x22-" },
		{ "$request_id %L %{REQUEST_ID}e", "front-1 front-1 front-1" },
		{ "$traceparent", "00-" TRACE "-b7ad6b7169203331-01" },
		{ "$cookie_my_id %{my_id}C %{my-id}C", "7 7 -" },
		{ "$cookie_mood $cookie_Mood", "- fair" },
		{ "%{a \\b%%}t|%{begin:%n}t|", "a \\x5cb%|\\x0a|" },
		{ "$route", "/a\\x20b/{x}" },
		{ "$mode $worker $scheme", "test -1 http" },
		{ "$complete%X$cut.", "true+." },
		{ "%% 100%% \\\" \\t\\\\", "% 100% \" \t\\" },
		{ "%r$status%r", "GET /a%20b/c?d=e HTTP/1.1200GET /a%20b/c?d=e "
				 "HTTP/1.1" },
		{ "escape=json {\"ua\":\"$http_user_agent\",\"r\":\"$http_referer\",\"n\":\"%{N}i\"}",
			"{\"ua\":\"a b\",\"r\":\"http://\\\"x\\\"/\",\"n\":\"\"}" },
		{ "escape=json {\"e\":\"$http_x_evil\"}",
			"{\"e\":\"\\u001b[31m\xef\xbf\xbd\"}" },
	};
	char wanted[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_app *app = app_with(
			(struct vane_app_opts) { .access_log_format = rows[i].format });

		assert_non_null(app);
		ask(app, &everything);
		snprintf(wanted, sizeof(wanted), "%s\n", rows[i].line);
		assert_string_equal(lines(), wanted);
		vane_app_free(app);
	}
}

/* "d" stands for digits, "@" for any letter. */
static bool looks_like(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == 'd' && strspn(text, "0123456789") > 0)
			text += strspn(text, "0123456789");
		else if ((*pattern == '@' && *text > ' ') || *pattern == *text)
			text++;
		else
			return false;
	}
	return *text == '\n';
}

static void times_look_as_in_other_servers(void **state)
{
	static const char *const rows[][2] = {
		{ "$request_time", "d.d" },
		{ "%D %T %{us}T %{ms}T %{s}T", "d d d d d" },
		{ "[$time_local]", "[d/@@@/d:d:d:d @d]" },
		{ "%t", "[d/@@@/d:d:d:d @d]" },
		{ "$time_iso8601", "d-d-dTd:d:d@d:d" },
		{ "$msec", "d.d" },
		{ "%{%Y-%m-%d}t %{begin:%b}t", "d-d-d @@@" },
		{ "%{sec}t %{begin:usec}t %{end:msec}t", "d d d" },
		{ "%{sec}t.%{msec_frac}t %{usec_frac}t", "d.d d" },
		{ "$pid %P", "d d" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_app *app = app_with(
			(struct vane_app_opts) { .access_log_format = rows[i][0] });
		const char *line;

		ask(app, &everything);
		line = lines();
		if (!looks_like(line, rows[i][1]))
			fail_msg("%s: %s", rows[i][0], line);
		vane_app_free(app);
	}
}

static void unknown_words_are_refused_with_the_nearest(void **state)
{
	static const char *const rows[][2] = {
		{ "$statuss", "there is no $statuss, but $status\n" },
		{ "$remote_adr", "there is no $remote_adr, but $remote_addr\n" },
		{ "a $", "there is no $\n" },
		{ "$bytes_of_the_whole_world", "there is no $bytes_of_the_whole_world\n" },
		{ "${status", "${status has no end\n" },
		{ "%Z", "there is no %Z; write %% for a percent sign\n" },
		{ "100%", "there is no %; write %%" },
		{ "%{User-Agent}", "there is no %{User-Agent}; write" },
		{ "%{x}T", "there is no %{x}T; write" },
		{ "%{}i", "there is no %{}i; write" },
		{ "$http_", "there is no $http_" },
		{ "\\x", "are known behind a backslash" },
		{ "$status \\", "are known behind a backslash" },
		{ "$status\n", "a format is one line" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(app_with(
			(struct vane_app_opts) { .access_log_format = rows[i][0] }));
		if (strstr(log_lines, rows[i][1]) == NULL)
			fail_msg("%s: %s", rows[i][0], log_lines);
	}
}

static void json_lines_have_all_that_is_known(void **state)
{
	static const char *const parts[] = { "{\"time\":\"",
		"\"remote_addr\":\"127.0.0.1\",", "\"remote_user\":\"eve x\",",
		"\"method\":\"GET\",", "\"target\":\"/a%20b/c?d=e\",",
		"\"protocol\":\"HTTP/1.1\",", "\"host\":\"example.org:81\",",
		"\"route\":\"/a b/{x}\",", "\"status\":200,", "\"bytes\":7,",
		"\"complete\":true,", "\"seconds\":0.0",
		"\"referer\":\"http://\\\"x\\\"/\",", "\"user_agent\":\"a b\",",
		"\"request_id\":\"front-1\",", "\"traceparent\":\"00-" TRACE,
		"\"mode\":\"test\",", "\"worker\":-1,", "\"pid\":" };
	struct vane_app *app =
		app_with((struct vane_app_opts) { .access_log = VANE_ACCESS_LOG_JSON });
	const char *text;
	size_t i;

	ask(app, &everything);
	text = lines();
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(text, parts[i]) == NULL)
			fail_msg("no %s in %s", parts[i], text);
	vane_app_free(app);
}

static void a_traceparent_that_is_malformed_is_none(void **state)
{
	static const char *const rows[] = {
		"traceparent: 01-" TRACE "-b7ad6b7169203331-01",
		"traceparent: 00-" TRACE "-b7ad6b7169203331-0x",
		"traceparent: 00-" TRACE "-0000000000000000-01",
		"traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"traceparent: 00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"traceparent: 00-" TRACE "-b7ad6b7169203331-01-more",
		"traceparent: x",
	};
	struct vane_app *app =
		app_with((struct vane_app_opts) { .access_log_format = "$traceparent" });
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const fields[] = { rows[i], NULL };

		ask(app, &(struct vane_test_request) {
				 .target = "/health/", .fields = fields });
		assert_string_equal(lines(), "-\n");
	}
	vane_app_free(app);
}

static void errors_of_a_request_have_its_id_and_its_trace(void **state)
{
	struct vane_test_request request = everything;
	struct vane_app *app = app_with((struct vane_app_opts) { 0 });

	request.target = "/fail";
	ask(app, &request);
	assert_non_null(strstr(log_lines,
		"GET /fail (127.0.0.1) route /fail id id-7 trace " TRACE ": Input/output"));
	vane_app_free(app);
}

static const char *logged(const struct vane_app_opts *opts)
{
	static const char *const targets[] = { "/s/200", "/s/204", "/s/302", "/s/404",
		"/health", "/s/503" };
	struct vane_app_opts with_format = *opts;
	struct vane_app *app;
	size_t i;

	with_format.access_log_format = "$status";
	app = app_with(with_format);
	if (app == NULL)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		ask(app, &(struct vane_test_request) { .target = targets[i] });
	vane_app_free(app);
	return lines();
}

static void only_what_a_rule_says_is_logged(void **state)
{
	static const struct {
		const char *rule;
		int64_t sample;
		const char *lines; /* NULL: refused */
	} rows[] = {
		{ NULL, 0, "200\n204\n302\n404\n503\n" },
		{ NULL, 1, "200\n204\n302\n404\n503\n" },
		{ NULL, 2, "200\n302\n503\n" },
		{ "status>=400", 0, "404\n503\n" },
		{ "status>404", 0, "503\n" },
		{ "status<300", 0, "200\n204\n" },
		{ "status<=302", 0, "200\n204\n302\n" },
		{ "status=404", 0, "404\n" },
		{ "status=2xx,status=5xx", 0, "200\n204\n503\n" },
		{ "status>4xx", 0, "503\n" },
		{ "status>=4xx", 2, "200\n302\n404\n503\n" },
		{ "time>10h", 0, "" },
		{ "time>=0", 0, "200\n204\n302\n404\n503\n" },
		{ "status", 0, NULL },
		{ "status>=40", 0, NULL },
		{ "status==400", 0, NULL },
		{ "status>=400,", 0, NULL },
		{ "time>soon", 0, NULL },
		{ "size>7", 0, NULL },
		{ "", 0, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct vane_app_opts opts = { .access_log_if = rows[i].rule,
			.access_log_sample = rows[i].sample };
		const char *text = logged(&opts);

		if (rows[i].lines == NULL)
			assert_non_null(strstr(log_lines, "is no condition"));
		if (text == NULL || rows[i].lines == NULL)
			assert_ptr_equal(text, rows[i].lines);
		else
			assert_string_equal(text, rows[i].lines);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_say_what_they_stand_for),
		cmocka_unit_test(times_look_as_in_other_servers),
		cmocka_unit_test(unknown_words_are_refused_with_the_nearest),
		cmocka_unit_test(json_lines_have_all_that_is_known),
		cmocka_unit_test(a_traceparent_that_is_malformed_is_none),
		cmocka_unit_test(errors_of_a_request_have_its_id_and_its_trace),
		cmocka_unit_test(only_what_a_rule_says_is_logged),
	};
	int rc, fd = mkstemp(access_path);

	if (fd < 0 || vane_log_file_new(&file, access_path, NULL) < 0)
		return 99;
	vane_log_set_function(note_line, NULL);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	vane_log_file_free(file);
	close(fd);
	unlink(access_path);
	return rc;
}
