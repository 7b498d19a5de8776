/* SPDX-License-Identifier: MIT */
/*
 * test_accesslog.c - lib/accesslog.c: lines as they leave the process, for requests of a
 * front server (CGI), whose variables can hold anything.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vane.h>
#include <vane/cgi.h>

#define VARS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "Hello!\n");
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_route routes[] = { { "/{path:.*}", &hello_handler }, { 0 } };

static int temporary(void)
{
	char path[] = "/tmp/vane-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

/* What is written to standard error while a request is answered. */
static const char *line_for(enum vane_access_log form, const char *const *vars)
{
	static char line[4096];
	const struct vane_app_opts opts = { .access_log = form };
	int in = temporary(), out = temporary(), err = temporary(),
	    before = dup(STDERR_FILENO);
	struct vane_app *app;
	ssize_t n;

	assert_int_equal(vane_app_new(&app, routes, &opts), 0);
	dup2(err, STDERR_FILENO);
	vane_cgi_serve(app, (char *const *) (uintptr_t) vars, in, out);
	dup2(before, STDERR_FILENO);
	n = pread(err, line, sizeof(line) - 1, 0);
	assert_true(n >= 0);
	line[n] = '\0';
	vane_app_free(app);
	close(before);
	close(in);
	close(out);
	close(err);
	return line;
}

/* Bytes that could end an item early, or the line; from whichever variable. */
#define FORGED "x\" 200 5\n6.6.6.6 - admin [\x1b[31m"
#define ESCAPED(blank)                                                                     \
	"x\\x22" blank "200" blank "5\\x0a6.6.6.6" blank "-" blank "admin" blank           \
	"[\\x1b[31m"

static void whatever_is_logged_is_escaped_whoever_sent_it(void **state)
{
	static const struct {
		const char *var, *logged;
	} rows[] = {
		{ "REMOTE_ADDR=" FORGED, ESCAPED("\\x20") " - " },
		{ "REMOTE_USER=" FORGED, " - " ESCAPED("\\x20") " [" },
		{ "REQUEST_METHOD=" FORGED, "\"" ESCAPED("\\x20") " / " },
		{ "REQUEST_URI=/" FORGED, " /" ESCAPED("\\x20") " HTTP" },
		{ "HTTP_REFERER=" FORGED, "\"" },
		{ "HTTP_USER_AGENT=" FORGED, "\"" },
		{ "HTTP_REFERER=a \" b", "\"a \\x22 b\" \"-\"\n" },
		/* Not even that of the front server is believed. */
		{ "SERVER_PROTOCOL=HTTP/" FORGED, "\"GET / HTTP/1.1\" " },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *line = line_for(VANE_ACCESS_LOG_COMBINED,
			VARS("REQUEST_METHOD=GET", "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
				rows[i].var));

		assert_non_null(strstr(line, rows[i].logged));
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		assert_null(strchr(line, '\x1b'));
		line = line_for(VANE_ACCESS_LOG_TORNADO,
			VARS("REQUEST_METHOD=GET", "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
				rows[i].var));
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		assert_null(strchr(line, '\x1b'));
	}
}

static void the_user_that_is_logged_is_the_one_that_counts(void **state)
{
	const char *line = line_for(VANE_ACCESS_LOG_COMMON,
		VARS("REQUEST_METHOD=GET", "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
			"REMOTE_USER=admin", "REMOTE_USER=cert-user"));

	assert_memory_equal(line, "127.0.0.1 - cert-user [", 23);
	line = line_for(VANE_ACCESS_LOG_COMMON,
		VARS("REQUEST_METHOD=GET", "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
			"REMOTE_USER=admin", "REMOTE_USER="));
	assert_memory_equal(line, "127.0.0.1 - - [", 15);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_logged_is_escaped_whoever_sent_it),
		cmocka_unit_test(the_user_that_is_logged_is_the_one_that_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
