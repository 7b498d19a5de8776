/* SPDX-License-Identifier: MIT */
/*
 * test_accesslog.c - lib/core/accesslog.c: lines as they leave the process, for requests of a
 * front server (CGI), whose variables can hold anything, and for what is no request.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane.h>
#include <vane/cgi.h>
#include <vane/server.h>

#include "support/site.h"

#define VARS(...) ((const char *const[]) { __VA_ARGS__, NULL })

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
		assert_null(strstr(line, "\n6.6.6.6"));
		assert_null(strchr(line, '\x1b'));
		line = line_for(VANE_ACCESS_LOG_TORNADO,
			VARS("REQUEST_METHOD=GET", "REQUEST_URI=/", "REMOTE_ADDR=127.0.0.1",
				rows[i].var));
		assert_null(strstr(line, "\n6.6.6.6"));
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

/* Sent as it stands here; what is long is made of "%" and its length. */
static void send_text(struct client *client, const char *text)
{
	const char *at = strchr(text, '%');
	size_t len = at != NULL ? (size_t) strtol(at + 1, NULL, 10) : 0;
	char *filler = malloc(len + 1);

	assert_non_null(filler);
	memset(filler, 'x', len);
	client_send(client, text, at != NULL ? (size_t) (at - text) : strlen(text));
	client_send(client, filler, len);
	client_puts(client, at != NULL ? strchr(at, ';') + 1 : "");
	free(filler);
}

/* Standard error is a file while this is so: what is written there. */
struct capture {
	int before, file;
	char text[8192];
};

static void capture_begin(struct capture *capture)
{
	capture->before = dup(STDERR_FILENO);
	capture->file = temporary();
	dup2(capture->file, STDERR_FILENO);
}

static void capture_end(struct capture *capture)
{
	ssize_t n = pread(capture->file, capture->text, sizeof(capture->text) - 1, 0);

	assert_true(n >= 0);
	capture->text[n] = '\0';
	dup2(capture->before, STDERR_FILENO);
	close(capture->before);
	close(capture->file);
}

static void what_is_refused_is_logged_with_its_request_line_and_the_reason(void **state)
{
	static const struct {
		const char *sent,
			*line; /* "method target (peer): reason", part of it at least */
		const char *common;
	} rows[] = {
		{ "GET /a HTTP/1.1\r\nHost: h\r\nBad Header: x\r\n\r\n",
			"400 GET /a (127.0.0.1): ", "\"GET /a HTTP/1.1\" 400 " },
		{ "BREW /a HTTP/1.1\r\nHost: h\r\n\r\n",
			"501 BREW /a (127.0.0.1): the method is not known",
			"\"BREW /a HTTP/1.1\" 501 " },
		{ "GET /a HTTP/1.2\r\nHost: h\r\n\r\n",
			"505 GET /a (127.0.0.1): the version is not spoken here",
			"\"GET /a HTTP/1.2\" 505 " },
		{ "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
			"400 GET /a (127.0.0.1): ", "\"GET /a b\\x20HTTP/1.1\" 400 " },
		{ "GET /a HTTP/1.1\r\n\r\n", "400 GET /a (127.0.0.1): no Host field",
			"\"GET /a HTTP/1.1\" 400 " },
		{ "GET /a HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
			"400 GET /a (127.0.0.1): the host is malformed",
			"\"GET /a HTTP/1.1\" 400 " },
		{ "GET /%70000; HTTP/1.1\r\nHost: h\r\n\r\n",
			"x (127.0.0.1): the target is too long", "\"GET /xxx" },
		{ "GET /a HTTP/1.1\r\nHost: h\r\nX: %70000;\r\n\r\n",
			"431 GET /a (127.0.0.1): the head is too long",
			"\"GET /a HTTP/1.1\" 431 " },
		{ "GET /a HTTP/1.1\r\nHost: h\r\nExpect: more\r\n\r\n",
			"417 GET /a (127.0.0.1): an expectation that is not known",
			"\"GET /a HTTP/1.1\" 417 " },
		{ "GET /late HT", "408 GET /late (127.0.0.1): the rest of the head",
			"\"GET /late HT\" 408 " },
	};
	static const struct vane_server_opts opts = { .header_msec = 200 };
	struct vane_app_opts app_opts = { .access_log = VANE_ACCESS_LOG_COMMON };
	struct capture capture;
	struct client client;
	struct site site;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		site_init(&site, routes, &app_opts, &opts);
		capture_begin(&capture);
		client_init(&client, &site);
		send_text(&client, rows[i].sent);
		client_await_close(&client);
		client_fini(&client);
		capture_end(&capture);
		assert_non_null(strstr(capture.text, rows[i].common));
		assert_non_null(strstr(site.log, rows[i].line));
		site_fini(&site);
	}
}

static void what_a_front_sends_is_refused_with_a_reason(void **state)
{
	const struct {
		const char *const *vars;
		const char *line;
	} rows[] = {
		{ VARS("REQUEST_METHOD=G T", "REQUEST_URI=/a"),
			"400 G T /a (-): REQUEST_METHOD is no method\n" },
		{ VARS("REQUEST_METHOD=GET", "REQUEST_URI=a"),
			"400 GET a (-): REQUEST_URI is malformed\n" },
		{ VARS("REQUEST_METHOD=GET", "REQUEST_URI=/a", "HTTP_X=a\nb"),
			"400 GET /a (-): a malformed field\n" },
		{ VARS("REQUEST_METHOD=GET", "REQUEST_URI=/a", "HTTP_HOST=a",
			  "HTTP_HOST=b"),
			"400 GET /a (-): several Host fields\n" },
		{ VARS("REQUEST_METHOD=GET", "REQUEST_URI=/%"),
			"400 GET /% (-): the path is malformed\n" },
		{ VARS("REQUEST_METHOD=GET", "REQUEST_URI=/a",
			  "CONTENT_LENGTH=99999999999999999999"),
			"413 GET /a (-): CONTENT_LENGTH is too large\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_non_null(
			strstr(line_for(VANE_ACCESS_LOG_OFF, rows[i].vars), rows[i].line));
}

static void a_peer_on_a_unix_socket_has_a_name(void **state)
{
	static const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_TORNADO };
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	struct site site;
	int fds[2];

	site_init(&site, routes, &opts, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(write(fds[1], request, sizeof(request) - 1), sizeof(request) - 1);
	assert_int_equal(vane_server_add_connection(site.server, fds[0]), 0);
	site_turn(&site, 1);
	assert_memory_equal(site.log, "200 GET / (unix:) ", 18);
	close(fds[1]);
	site_await_connections(&site, 0);
	site_fini(&site);
	assert_memory_equal(
		line_for(VANE_ACCESS_LOG_COMMON,
			VARS("REQUEST_METHOD=GET", "REQUEST_URI=/", "REMOTE_ADDR=unix:")),
		"unix: - - [", 11);
	assert_memory_equal(line_for(VANE_ACCESS_LOG_COMMON,
				    VARS("REQUEST_METHOD=GET", "REQUEST_URI=/")),
		"- - - [", 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_is_refused_is_logged_with_its_request_line_and_the_reason),
		cmocka_unit_test(what_a_front_sends_is_refused_with_a_reason),
		cmocka_unit_test(a_peer_on_a_unix_socket_has_a_name),
		cmocka_unit_test(whatever_is_logged_is_escaped_whoever_sent_it),
		cmocka_unit_test(the_user_that_is_logged_is_the_one_that_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
