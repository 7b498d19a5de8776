/* SPDX-License-Identifier: MIT */
/*
 * test_cgi.c - adapters/cgi.c
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vane.h>
#include <vane/cgi.h>

#define VARS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static int closed; /* on_close callbacks that ran */

static int hello(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "X-Mode", vane_request_mode(req));
	return vane_response_printf(res, "Hello!\n");
}

static int hello_later(struct vane_request *req, struct vane_response *res, void *data)
{
	return hello(req, res);
}

static int echo(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);

	vane_response_set_field(res, "Content-Type", "x/y");
	return vane_response_write(res, body.data, body.len);
}

static void note_closed(struct vane_request *req, void *data)
{
	closed++;
}

/* More than any buffer on the way holds. */
static int big(struct vane_request *req, struct vane_response *res)
{
	char piece[1000];
	int i;

	vane_request_on_close(req, note_closed, NULL);
	for (i = 0; i < 1000; i++) {
		memset(piece, 'a' + i % 26, sizeof(piece));
		vane_response_write(res, piece, sizeof(piece));
		if (i % 100 == 99 && vane_response_flush(res) < 0)
			return 0;
	}
	return 0;
}

/* Says whether the first line was out before the rest was written. */
static int streamed(struct vane_request *req, struct vane_response *res)
{
	struct stat st;

	vane_response_printf(res, "first\n");
	vane_response_flush(res);
	fstat(*(int *) vane_request_data(req), &st);
	return vane_response_printf(res, "%s\n", st.st_size > 0 ? "out" : "kept");
}

static int cut(struct vane_request *req, struct vane_response *res)
{
	vane_response_printf(res, "half of");
	vane_response_flush(res);
	return -EIO;
}

static int caps(struct vane_request *req, struct vane_response *res)
{
	vane_response_printf(res, "%d %d", vane_request_after(req, 1, hello_later, NULL),
		vane_request_can(req, VANE_CAP_TIMERS));
	return 0;
}

static int later(struct vane_request *req, struct vane_response *res)
{
	return vane_response_defer(res);
}

static int out; /* where the response goes, for streamed() */

/* Who asks, as the front server says; and what a client must not say. */
static int who(struct vane_request *req, struct vane_response *res)
{
	const char *user = vane_request_param(req, "REMOTE_USER");

	return vane_response_printf(res, "%s|%s|%s", vane_request_remote_user(req),
		user != NULL ? user : "-",
		vane_request_param(req, "HTTP_PROXY") == NULL ? "hidden" : "shown");
}

static const struct vane_handler who_handler = { .get = who };
static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler echo_handler = { .post = echo, .get = echo };
static const struct vane_handler big_handler = { .get = big };
static const struct vane_handler streamed_handler = { .get = streamed };
static const struct vane_handler cut_handler = { .get = cut };
static const struct vane_handler caps_handler = { .get = caps };
static const struct vane_handler later_handler = { .get = later };

static const struct vane_route routes[] = { { "/hello", &hello_handler },
	{ "/who", &who_handler }, { "/echo", &echo_handler }, { "/big", &big_handler },
	{ "/streamed", &streamed_handler, .data = &out }, { "/cut", &cut_handler },
	{ "/caps", &caps_handler }, { "/later", &later_handler }, { 0 } };

static int open_file(const char *data, size_t len)
{
	char path[] = "/tmp/vane-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int serve(const char *const *vars, int in, int out_fd)
{
	struct vane_app *app;
	int rc;

	vane_log_set_level(VANE_LOG_NONE);
	assert_int_equal(vane_app_new(&app, routes, NULL), 0);
	rc = vane_cgi_serve(app, (char *const *) (uintptr_t) vars, in, out_fd);
	vane_app_free(app);
	return rc;
}

/* Serve from and to files; what came out is the caller's to free. */
static char *ask(const char *const *vars, const char *body, size_t len, int expected_rc)
{
	int in = open_file(body, len);
	off_t size;
	char *text;

	out = open_file("", 0);
	assert_int_equal(serve(vars, in, out), expected_rc);
	size = lseek(out, 0, SEEK_END);
	text = calloc(1, (size_t) size + 1);
	assert_non_null(text);
	assert_int_equal(pread(out, text, (size_t) size, 0), size);
	close(in);
	close(out);
	return text;
}

static void expect_start(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		assert_string_equal(text, start);
}

static const char *body_of(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");

	assert_non_null(end);
	return end + 4;
}

static void the_status_comes_first(void **state)
{
	char *text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/hello"), "", 0, 0);

	expect_start(text, "Status: 200 OK\r\n");
	assert_non_null(strstr(text, "\r\nX-Mode: cgi\r\n"));
	assert_non_null(strstr(text, "\r\nContent-Length: 7\r\n"));
	assert_string_equal(body_of(text), "Hello!\n");
	free(text);
	text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/nothing"), "", 0, 0);
	expect_start(text, "Status: 404 Not Found\r\n");
	free(text);
	text = ask(VARS("REQUEST_METHOD=HEAD", "REQUEST_URI=/hello"), "", 0, 0);
	expect_start(text, "Status: 200 OK\r\n");
	assert_string_equal(body_of(text), "");
	free(text);
	text = ask(VARS("REQUEST_URI=/hello"), "", 0, 0);
	expect_start(text, "Status: 400 Bad Request\r\n");
	free(text);
}

static void bodies_have_the_announced_length(void **state)
{
	static const struct {
		const char *length, *more, *body, *status, *echoed;
	} rows[] = {
		{ "CONTENT_LENGTH=4", "X=", "body", "Status: 200 OK\r\n", "body" },
		{ "CONTENT_LENGTH=4", "X=", "bodyguard", "Status: 200 OK\r\n", "body" },
		{ "CONTENT_LENGTH=9", "X=", "body", "Status: 400 Bad Request\r\n", NULL },
		{ "CONTENT_LENGTH=0", "X=", "body", "Status: 200 OK\r\n", "" },
		/* Without a length there is no body, whatever standard input is ... */
		{ "CONTENT_LENGTH=", "X=", "body", "Status: 200 OK\r\n", "" },
		{ "X=", "X=", "body", "Status: 200 OK\r\n", "" },
		/* ... but where the front server says that it passes one on as it comes. */
		{ "X=", "HTTP_TRANSFER_ENCODING=Chunked", "body", "Status: 200 OK\r\n",
			"body" },
		{ "X=", "HTTP_TRANSFER_ENCODING=\tchunked \t", "body", "Status: 200 OK\r\n",
			"body" },
		{ "X=", "HTTP_TRANSFER_ENCODING=chunkedx", "body", "Status: 200 OK\r\n",
			"" },
		{ "CONTENT_LENGTH=2", "HTTP_TRANSFER_ENCODING=chunked", "body",
			"Status: 200 OK\r\n", "bo" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char length[40], more[40], *text;

		strcpy(length, rows[i].length);
		strcpy(more, rows[i].more);
		text = ask(VARS("REQUEST_METHOD=POST", "REQUEST_URI=/echo", length, more),
			rows[i].body, strlen(rows[i].body), 0);
		expect_start(text, rows[i].status);
		if (rows[i].echoed != NULL)
			assert_string_equal(body_of(text), rows[i].echoed);
		free(text);
	}
}

static void standard_input_is_not_read_without_a_body(void **state)
{
	int pipes[2];

	/* It would never end: the writing end stays open. */
	assert_int_equal(pipe(pipes), 0);
	out = open_file("", 0);
	assert_int_equal(
		serve(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/echo"), pipes[0], out), 0);
	close(pipes[0]);
	close(pipes[1]);
	close(out);
}

static void large_responses_are_whole(void **state)
{
	char *text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/big"), "", 0, 0);
	const char *body = body_of(text);
	size_t i;

	assert_int_equal(strlen(body), 1000000);
	for (i = 0; i < 1000000; i += 500)
		assert_int_equal(body[i], 'a' + i / 1000 % 26);
	free(text);
}

static void a_flush_reaches_the_front_server(void **state)
{
	char *text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/streamed"), "", 0, 0);

	assert_string_equal(body_of(text), "first\nout\n");
	free(text);
}

static void a_front_server_that_leaves_is_an_error_and_no_signal(void **state)
{
	struct sigaction before, after;
	int pipes[2], in = open_file("", 0);

	sigaction(SIGPIPE, &(struct sigaction) { .sa_handler = SIG_DFL }, &before);
	assert_int_equal(pipe(pipes), 0);
	close(pipes[0]);
	closed = 0;
	assert_int_equal(
		serve(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/big"), in, pipes[1]),
		-EPIPE);
	assert_int_equal(closed, 1);
	sigaction(SIGPIPE, &before, &after);
	assert_ptr_equal(after.sa_handler, SIG_DFL);
	close(pipes[1]);
	close(in);
}

static void of_two_variables_the_last_counts_and_the_proxy_is_hidden(void **state)
{
	char *text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/who", "REMOTE_USER=admin",
				 "HTTP_PROXY=http://evil/", "REMOTE_USER=cert-user"),
		"", 0, 0);

	assert_string_equal(body_of(text), "cert-user|cert-user|hidden");
	free(text);
	text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/who", "REMOTE_USER=admin",
			   "REMOTE_USER="),
		"", 0, 0);
	assert_string_equal(body_of(text), "||hidden");
	free(text);
}

static void a_response_that_fails_halfway_is_an_error(void **state)
{
	char *text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/cut"), "", 0, -EIO);

	assert_string_equal(body_of(text), "half of");
	free(text);
}

static void what_it_cannot_do_fails_as_the_capabilities_say(void **state)
{
	char expected[32], *text;

	assert_int_equal(vane_cgi_caps(), VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN);
	snprintf(expected, sizeof(expected), "%d 0", -ENOTSUP);
	text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/caps"), "", 0, 0);
	assert_string_equal(body_of(text), expected);
	free(text);
	text = ask(VARS("REQUEST_METHOD=GET", "REQUEST_URI=/later"), "", 0, 0);
	expect_start(text, "Status: 500 Internal Server Error\r\n");
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_status_comes_first),
		cmocka_unit_test(bodies_have_the_announced_length),
		cmocka_unit_test(standard_input_is_not_read_without_a_body),
		cmocka_unit_test(large_responses_are_whole),
		cmocka_unit_test(a_flush_reaches_the_front_server),
		cmocka_unit_test(a_front_server_that_leaves_is_an_error_and_no_signal),
		cmocka_unit_test(of_two_variables_the_last_counts_and_the_proxy_is_hidden),
		cmocka_unit_test(a_response_that_fails_halfway_is_an_error),
		cmocka_unit_test(what_it_cannot_do_fails_as_the_capabilities_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
