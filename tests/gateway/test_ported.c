/* SPDX-License-Identifier: MIT */
/*
 * test_ported.c - gateway/ported.c and its sisters, with the libfcgi that is installed
 */
#include "config.h"     /* for environ */
#define NO_FCGI_DEFINES /* stdio is the test's own */

#include "test.h"

#include <errno.h>
#include <fcgi_stdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vane.h>
#include <vane/cgi.h>
#include <vane/fcgx.h>

#include "base.h"
#include "support/alloc.h"
#include "support/pattern.h"
#include "support/probe.h"

enum { BUFFER = 8192 }; /* libfcgi's and ours */

static const char plain[] = "Content-Type: text/plain\r\n\r\n";

/* Sizes around the ends of buffers. */
static const size_t sizes[] = { 0, 1, 2, BUFFER - 30, BUFFER - 29, BUFFER - 28, BUFFER - 27,
	BUFFER - 26, BUFFER - 25, BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER - 1,
	2 * BUFFER, 2 * BUFFER + 1, 65535, 65536, 65537, 300000 };
static const size_t pieces[] = { 1, 7, BUFFER - 1, BUFFER, BUFFER + 1, 1000000 };

/* A desk asks one program; what it is to do, and what it found, is kept here. */
static struct {
	const char *text; /* to be written */
	size_t size, piece;
	int (*extra)(FCGX_Request *request);
	char *heap; /* that many bytes of a pattern */
	int rc, error;
	bool head_sent[2];
	struct vane_request *req;
} desk;

static void ask_for(size_t size, size_t piece)
{
	free(desk.heap);
	desk.heap = malloc(size + 1);
	assert_non_null(desk.heap);
	pattern_fill(desk.heap, 0, size);
	desk.size = size;
	desk.piece = piece;
}

static void begin(struct probe *probe, int (*answer)(FCGX_Request *request))
{
	static struct vane_fcgx_program program;

	program = (struct vane_fcgx_program) { .answer = answer };
	probe_init(probe, &vane_fcgx_handler, &program, NULL);
}

static void end(struct probe *probe)
{
	probe_fini(probe);
	free(desk.heap);
	memset(&desk, 0, sizeof(desk));
}

static void expect_log(const struct probe *probe, const char *text)
{
	if (strstr(probe->log, text) == NULL)
		fail_msg("\"%s\" is not in the log: %s", text, probe->log);
}

/* Heads */

static int put_text(FCGX_Request *request)
{
	FCGX_PutS(desk.text, request->out);
	return 0;
}

static int put_chars(FCGX_Request *request)
{
	const char *at;

	for (at = desk.text; *at != '\0'; at++)
		assert_int_equal(FCGX_PutChar(*at, request->out), *at);
	return 0;
}

static int put_flushed(FCGX_Request *request)
{
	const char *at;

	for (at = desk.text; *at != '\0'; at++) {
		FCGX_PutChar(*at, request->out);
		FCGX_FFlush(request->out);
	}
	return 0;
}

static void heads_mean_what_they_say(void **state)
{
	static const struct {
		const char *text;
		int status;
		const char *name, *value, *body;
	} rows[] = {
		{ "Content-Type: a/b\r\n\r\nbody", 200, "Content-Type", "a/b", "body" },
		{ "Content-Type: a/b\n\nbody\n", 200, "Content-Type", "a/b", "body\n" },
		{ "Content-type: a/b\r\n\nbody", 200, "Content-Type", "a/b", "body" },
		{ "Status: 404 Not Here\r\nX-A: 1\r\n\r\nno", 404, "X-A", "1", "no" },
		{ "Status: 204\n\n", 204, "Content-Type", NULL, "" },
		{ "Status: 204\n\nbody", 204, "Content-Length", NULL, "" },
		{ "Location: http://there/x\r\n\r\n", 302, "Location", "http://there/x",
			"" },
		{ "Status: 303\nLocation: /here\n\n", 303, "Location", "/here", "" },
		{ "Content-Type: a/b\nContent-Length: 2\n\nbody", 200, "Content-Length",
			"2", "bo" },
		{ "Content-Type: a/b\nX-Accel-Redirect: /secret\n\n", 200,
			"X-Accel-Redirect", NULL, "" },
	};
	static int (*const ways[])(
		FCGX_Request *request) = { put_text, put_chars, put_flushed };
	struct probe probe;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (k = 0; k < ARRAY_SIZE(ways); k++) {
			begin(&probe, ways[k]);
			desk.text = rows[i].text;
			assert_int_equal(probe_get(&probe, "/x"), rows[i].status);
			assert_true(probe.got.whole);
			assert_string_equal(probe.got.body, rows[i].body);
			if (rows[i].value == NULL)
				assert_null(probe_field(&probe, rows[i].name));
			else
				assert_string_equal(
					probe_field(&probe, rows[i].name), rows[i].value);
			assert_string_equal(probe.log, "");
			end(&probe);
		}
	}
}

static void what_is_no_response_is_answered_with_500_and_a_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "no response" },
		{ "<html>hello\n</html>\n", "no colon in line 1 of its head" },
		{ "hello", "the response ends in its head" },
		{ "Content-Type: a/b\n", "the response ends in its head" },
		{ "\nbody", "no field at all" },
		{ "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "a status line in line 1" },
		{ "Status: 700\n\n", "a status that is none" },
		{ "Transfer-Encoding: chunked\n\n0\n\n", "a Transfer-Encoding" },
		{ "Content-Type: a/b\nContent-Length: 5\n\nbody", "shorter" },
		{ "Location: /%zz\n\n", "what is no path" },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&probe, put_text);
		desk.text = rows[i].text;
		assert_int_equal(probe_get(&probe, "/x"), 500);
		assert_true(probe.got.whole);
		expect_log(&probe, "/{rest:.*}: ");
		expect_log(&probe, rows[i].why);
		end(&probe);
	}
}

static void a_fault_behind_the_head_cuts_the_response(void **state)
{
	struct probe probe;

	begin(&probe, put_flushed);
	desk.text = "Content-Type: a/b\nContent-Length: 5\n\nbody";
	assert_int_equal(probe_get(&probe, "/x"), 200);
	assert_false(probe.got.whole);
	expect_log(&probe, "shorter than its Content-Length");
	end(&probe);
}

static int write_after_a_bad_head(FCGX_Request *request)
{
	char waste[2 * BUFFER];

	memset(waste, '\n', sizeof(waste));
	desk.rc = FCGX_PutStr(waste, sizeof(waste), request->out);
	desk.error = FCGX_GetError(request->out);
	assert_int_equal(FCGX_PutStr("x", 1, request->out), -1);
	assert_int_equal(FCGX_PutChar('x', request->out), EOF);
	assert_int_equal(FCGX_FClose(request->out), EOF);
	return 0;
}

static void a_program_learns_that_its_head_is_none(void **state)
{
	struct probe probe;

	begin(&probe, write_after_a_bad_head);
	assert_int_equal(probe_get(&probe, "/x"), 500);
	assert_int_equal(desk.rc, -1);
	assert_int_equal(desk.error, EBADMSG);
	end(&probe);
}

static int say_there(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "there: %s", vane_request_target(req));
}

static void a_location_that_is_a_path_is_answered_here(void **state)
{
	static const struct vane_handler there = { .get = say_there };
	static struct vane_fcgx_program program = { .answer = put_text };
	static const struct vane_route routes[] = {
		{ "/here", &vane_fcgx_handler, .data = &program },
		{ "/there", &there },
		{ 0 },
	};
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	desk.text = "Location: /there?q\r\n\r\nnever seen";
	assert_int_equal(probe_get(&probe, "/here"), 200);
	assert_string_equal(probe.got.body, "there: /there?q");
	desk.text = "Location: /here\n\n"; /* in circles */
	assert_int_equal(probe_get(&probe, "/here"), 500);
	expect_log(&probe, "too many internal redirects");
	end(&probe);
}

static void the_front_is_told_what_is_meant_for_it(void **state)
{
	struct probe probe;

	begin(&probe, put_text);
	desk.text = "Content-Type: a/b\nX-Accel-Redirect: /secret\nX-Sendfile: /s\n\n";
	assert_int_equal(probe_run(&probe,
				 &(struct vane_test_request) {
					 .params = FIELDS("GATEWAY_INTERFACE=CGI/1.1") }),
		200);
	assert_string_equal(probe_field(&probe, "X-Accel-Redirect"), "/secret");
	assert_string_equal(probe_field(&probe, "X-Sendfile"), "/s");
	end(&probe);
}

static void head_has_the_fields_and_no_body(void **state)
{
	struct probe probe;

	begin(&probe, put_text);
	desk.text = "Content-Type: a/b\n\nbody";
	assert_int_equal(probe_method(&probe, "HEAD", "/x"), 200);
	assert_string_equal(probe_field(&probe, "Content-Type"), "a/b");
	assert_null(probe_field(&probe, "Content-Length"));
	assert_int_equal(probe.got.body_len, 0);
	desk.text = "Content-Type: a/b\nContent-Length: 7\n\n";
	assert_int_equal(probe_method(&probe, "HEAD", "/x"), 200);
	assert_string_equal(probe_field(&probe, "Content-Length"), "7");
	assert_true(probe.got.whole);
	end(&probe);
}

/* Output */

static int put_pattern(FCGX_Request *request)
{
	size_t at, n;

	FCGX_PutS(plain, request->out);
	for (at = 0; at < desk.size; at += n) {
		n = desk.size - at < desk.piece ? desk.size - at : desk.piece;
		assert_int_equal(
			FCGX_PutStr(desk.heap + at, (int) n, request->out), (int) n);
	}
	return 0;
}

static void expect_pattern(const struct probe *probe)
{
	assert_true(probe->got.whole);
	assert_int_equal(probe->got.body_len, desk.size);
	assert_memory_equal(probe->got.body, desk.heap, desk.size);
}

static void output_of_any_size_arrives(void **state)
{
	struct probe probe;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (k = 0; k < ARRAY_SIZE(pieces); k++) {
			begin(&probe, put_pattern);
			ask_for(sizes[i], pieces[k]);
			assert_int_equal(probe_get(&probe, "/x"), 200);
			expect_pattern(&probe);
			end(&probe);
		}
	}
}

static void what_fits_a_buffer_has_a_length(void **state)
{
	struct probe probe;

	begin(&probe, put_pattern);
	ask_for(100, 100);
	assert_int_equal(probe_get(&probe, "/x"), 200);
	assert_string_equal(probe_field(&probe, "Content-Length"), "100");
	end(&probe);
}

static int format(FCGX_Request *request)
{
	int n;

	FCGX_FPrintF(request->out, "%s", plain);
	n = FCGX_FPrintF(request->out, "%d|%5s|%-4d|%x|%c|%.2f|%ld|%%|%03u", -1, "ab", 7,
		255, 'z', 1.5, 1234567890L, 8u);
	assert_true(n > 0);
	return 0;
}

static void libfcgi_formats(void **state)
{
	struct probe probe;

	begin(&probe, format);
	assert_int_equal(probe_get(&probe, "/x"), 200);
	assert_string_equal(probe.got.body, "-1|   ab|7   |ff|z|1.50|1234567890|%|008");
	end(&probe);
}

static int flush(FCGX_Request *request)
{
	FCGX_PutS(plain, request->out);
	desk.head_sent[0] = vane_response_head_sent(vane_request_response(desk.req));
	assert_int_equal(FCGX_FFlush(request->out), 0);
	desk.head_sent[1] = vane_response_head_sent(vane_request_response(desk.req));
	FCGX_PutS("first ", request->out);
	FCGX_FFlush(request->out);
	assert_int_equal(vane_response_pending(vane_request_response(desk.req)), 0);
	FCGX_PutS("second", request->out);
	return 0;
}

static int keep(struct vane_request *req, struct vane_response *res)
{
	desk.req = req;
	return 0;
}

static void a_flush_reaches_the_client(void **state)
{
	static struct vane_fcgx_program program = { .answer = flush };
	struct vane_handler handler = vane_fcgx_handler;
	struct probe probe;

	handler.prepare = keep;
	probe_init(&probe, &handler, &program, NULL);
	assert_int_equal(probe_get(&probe, "/x"), 200);
	assert_false(desk.head_sent[0]);
	assert_true(desk.head_sent[1]);
	assert_string_equal(probe.got.body, "first second");
	end(&probe);
}

static int write_for_ever(FCGX_Request *request)
{
	static const char piece[1000] = { 'x' };
	int64_t total = 0;

	FCGX_PutS(plain, request->out);
	while (FCGX_PutStr(piece, sizeof(piece), request->out) > 0)
		total += (int64_t) sizeof(piece);
	desk.error = FCGX_GetError(request->out);
	assert_int_equal(FCGX_FFlush(request->out), 0); /* as libfcgi has it */
	assert_int_equal(FCGX_FClose(request->out), EOF);
	assert_true(total < 10 * 1000 * 1000);
	return 0;
}

/* As a CGI program, whose front has closed the pipe. */
static void a_client_that_has_gone_is_an_error(void **state)
{
	static const char *const vars[] = { "GATEWAY_INTERFACE=CGI/1.1",
		"REQUEST_METHOD=GET", "REQUEST_URI=/x", "SERVER_PROTOCOL=HTTP/1.1",
		"SCRIPT_NAME=", "PATH_INFO=/x", NULL };
	struct probe probe;
	int out[2];

	begin(&probe, write_for_ever);
	assert_int_equal(pipe(out), 0);
	close(out[0]);
	assert_true(vane_cgi_serve(probe.app, (char *const *) (void *) vars, STDIN_FILENO,
			    out[1]) < 0);
	close(out[1]);
	assert_int_equal(desk.error, EPIPE);
	assert_null(strstr(probe.log, "{rest"));
	end(&probe);
}

static int close_early(FCGX_Request *request)
{
	FCGX_PutS(plain, request->out);
	FCGX_PutS("all", request->out);
	assert_int_equal(FCGX_FClose(request->out), 0);
	assert_int_equal(FCGX_PutS("more", request->out), -1);
	assert_int_equal(FCGX_FClose(request->out), 0);
	return 0;
}

static int finish(FCGX_Request *request)
{
	FCGX_PutS(plain, request->out);
	FCGX_PutS("all", request->out);
	FCGX_PutS("an error", request->err);
	FCGX_SetExitStatus(3, request->out);
	FCGX_Finish_r(request);
	assert_null(request->out);
	return 0;
}

static int exit_badly(FCGX_Request *request)
{
	return -1;
}

static void an_exit_status_that_is_returned_is_explained(void **state)
{
	struct probe probe;

	begin(&probe, exit_badly);
	assert_int_equal(probe_get(&probe, "/x"), 500);
	expect_log(&probe, "the function has returned -1");
	end(&probe);
}

static void a_program_may_close_and_finish_itself(void **state)
{
	static int (*const ways[])(FCGX_Request *request) = { close_early, finish };
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		begin(&probe, ways[i]);
		assert_int_equal(probe_get(&probe, "/x"), 200);
		assert_string_equal(probe.got.body, "all");
		if (ways[i] == finish) {
			expect_log(&probe, ": an error");
			expect_log(&probe, ": exit status 3");
		}
		end(&probe);
	}
}

static int filter(FCGX_Request *request)
{
	FCGX_PutS(plain, request->out);
	FCGX_FPrintF(request->out, "%d", FCGX_StartFilterData(request->in));
	return 0;
}

static void nobody_is_a_filter(void **state)
{
	struct probe probe;

	begin(&probe, filter);
	assert_int_equal(probe_get(&probe, "/x"), 200);
	assert_string_equal(probe.got.body, "-1");
	end(&probe);
}

/* Input */

static int echo_pieces(FCGX_Request *request)
{
	char *piece = malloc(desk.piece);
	int n;

	assert_non_null(piece);
	FCGX_PutS(plain, request->out);
	do {
		n = FCGX_GetStr(piece, (int) desk.piece, request->in);
		FCGX_PutStr(piece, n, request->out);
	} while (n == (int) desk.piece);
	assert_int_equal(FCGX_HasSeenEOF(request->in), EOF);
	assert_int_equal(FCGX_GetStr(piece, 1, request->in), 0);
	assert_int_equal(FCGX_GetChar(request->in), EOF);
	assert_int_equal(FCGX_UnGetChar('x', request->in), EOF);
	assert_int_equal(FCGX_GetError(request->in), 0);
	free(piece);
	return 0;
}

/* Each byte is read, given back, and read again. */
static int echo_chars(FCGX_Request *request)
{
	int c;

	FCGX_PutS(plain, request->out);
	while ((c = FCGX_GetChar(request->in)) != EOF) {
		assert_int_equal(FCGX_HasSeenEOF(request->in), 0);
		assert_int_equal(FCGX_UnGetChar(c, request->in), c);
		assert_int_equal(FCGX_GetChar(request->in), c);
		FCGX_PutChar(c, request->out);
	}
	assert_int_equal(FCGX_HasSeenEOF(request->in), EOF);
	return 0;
}

static void post(struct probe *probe)
{
	assert_int_equal(probe_run(probe, &(struct vane_test_request) { .method = "POST",
						  .body = desk.heap,
						  .body_len = desk.size }),
		200);
	expect_pattern(probe);
	assert_string_equal(probe->log, "");
}

static void input_of_any_size_is_read(void **state)
{
	struct probe probe;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (k = 0; k < ARRAY_SIZE(pieces); k++) {
			begin(&probe, echo_pieces);
			ask_for(sizes[i], pieces[k]);
			post(&probe);
			end(&probe);
		}
		begin(&probe, echo_chars);
		ask_for(sizes[i], 1);
		post(&probe);
		end(&probe);
	}
}

static int echo_lines(FCGX_Request *request)
{
	char line[8];

	FCGX_PutS(plain, request->out);
	while (FCGX_GetLine(line, sizeof(line), request->in) != NULL)
		FCGX_FPrintF(request->out, "[%s]", line);
	assert_null(FCGX_GetLine(line, sizeof(line), request->in));
	return 0;
}

static void lines_are_read_as_libfcgi_reads_them(void **state)
{
	static const struct {
		const char *body, *lines;
	} rows[] = {
		{ "", "" },
		{ "a\n", "[a\n]" },
		{ "a\n\nb", "[a\n][\n][b]" },
		{ "1234567\n", "[1234567][\n]" },
		{ "12345678901234567", "[1234567][8901234][567]" },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&probe, echo_lines);
		assert_int_equal(
			probe_run(&probe, &(struct vane_test_request) { .method = "POST",
						  .body = rows[i].body,
						  .body_len = strlen(rows[i].body) }),
			200);
		assert_string_equal(probe.got.body, rows[i].lines);
		end(&probe);
	}
}

/* Variables */

static int put_method(FCGX_Request *request)
{
	FCGX_FPrintF(request->out, "X-Method: %s\n\n",
		FCGX_GetParam("REQUEST_METHOD", request->envp));
	return 0;
}

static void it_answers_every_method(void **state)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH",
		"DELETE", "OPTIONS" };
	struct probe probe;
	size_t i;

	begin(&probe, put_method);
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		assert_int_equal(probe_method(&probe, methods[i], "/x"), 200);
		assert_non_null(probe_field(&probe, "X-Method"));
		assert_string_equal(probe.field, methods[i]);
	}
	end(&probe);
}

static int put_variables(FCGX_Request *request)
{
	static const char *const names[] = { "REQUEST_METHOD", "QUERY_STRING",
		"SCRIPT_NAME", "PATH_INFO", "CONTENT_LENGTH", "CONTENT_TYPE",
		"SERVER_PROTOCOL", "HTTP_X_A", "REMOTE_ADDR", "SERVER_NAME", "FRONT",
		"SCRIPT_FILENAME" };
	size_t i;

	FCGX_PutS(plain, request->out);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = FCGX_GetParam(names[i], request->envp);

		FCGX_FPrintF(request->out, "%s|", value != NULL ? value : "-");
	}
	return 0;
}

static void variables_are_cgis(void **state)
{
	static struct vane_fcgx_program program = { .answer = put_variables };
	static const struct vane_route routes[] = {
		{ "/one", &vane_fcgx_handler, .data = &program },
		{ "/below/{path:.*}", &vane_fcgx_handler, .data = &program },
		{ "/{path}", &vane_fcgx_handler, .data = &program },
		{ 0 },
	};
	static const struct {
		const char *target, *text;
	} rows[] = {
		{ "/m/one?q=%41",
			"POST|q=%41|/m/one|-|3|a/b|HTTP/1.1|1, 2|127.0.0.1|h|f|/srv/x|" },
		{ "/m/below/a%20b/c",
			"POST||/m/below|/a b/c|3|a/b|HTTP/1.1|1, 2|127.0.0.1|h|f|/srv/x|" },
		{ "/m/below/",
			"POST||/m/below|/|3|a/b|HTTP/1.1|1, 2|127.0.0.1|h|f|/srv/x|" },
		{ "/m/x", "POST||/m|/x|3|a/b|HTTP/1.1|1, 2|127.0.0.1|h|f|/srv/x|" },
	};
	static const struct vane_app_opts opts = { .mount = "/m" };
	struct probe probe;
	size_t i;
	int chunked;

	probe_init_routes(&probe, routes, &opts);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (chunked = 0; chunked < 2; chunked++) {
			assert_int_equal(
				probe_run(&probe,
					&(struct vane_test_request) { .method = "POST",
						.target = rows[i].target,
						.fields = FIELDS("Host: H:81", "X-A: 1",
							"X-A: 2", "Content-Type: a/b"),
						.params = FIELDS("FRONT=f",
							"SCRIPT_FILENAME=/srv/x"),
						.body = "abc",
						.body_len = 3,
						.chunked = chunked != 0 }),
				200);
			assert_string_equal(probe.got.body, rows[i].text);
		}
	}
	probe_fini(&probe);
}

/* fcgi_stdio.h */

static int echo_stdio(void)
{
	char line[16];

	FCGI_printf("%s", plain);
	FCGI_printf("%s %s|", getenv("REQUEST_METHOD"), getenv("QUERY_STRING"));
	while (FCGI_fgets(line, sizeof(line), FCGI_stdin) != NULL)
		FCGI_fputs(line, FCGI_stdout);
	FCGI_fprintf(FCGI_stderr, "feof %d\n", FCGI_feof(FCGI_stdin) != 0);
	FCGI_puts("|");
	FCGI_putchar('.');
	FCGI_SetExitStatus(2);
	return 0;
}

static void stdio_is_the_requests_while_it_runs(void **state)
{
	static struct vane_fcgx_program program = { .answer_stdio = echo_stdio };
	char **before = environ;
	struct probe probe;

	probe_init(&probe, &vane_fcgx_handler, &program, NULL);
	assert_int_equal(
		probe_run(&probe, &(struct vane_test_request) { .method = "POST",
					  .target = "/x?q",
					  .body = "a line\nand another of some length",
					  .body_len = 33 }),
		200);
	assert_string_equal(
		probe.got.body, "POST q|a line\nand another of some length|\n.");
	expect_log(&probe, ": feof 1\n");
	expect_log(&probe, ": exit status 2\n");
	assert_ptr_equal(environ, before);
	assert_null(_fcgi_sF[1].fcgx_stream);
	assert_int_equal(FCGI_printf("nobody hears"), EOF);
	probe_fini(&probe);
}

static int use_stdio(void)
{
	char buf[8];
	int c;

	assert_int_equal(
		FCGI_fwrite((void *) (uintptr_t) plain, 1, sizeof(plain) - 1, FCGI_stdout),
		sizeof(plain) - 1);
	assert_int_equal(FCGI_fflush(FCGI_stdout), 0);
	c = FCGI_getchar();
	assert_int_equal(FCGI_ungetc(c, FCGI_stdin), c);
	assert_int_equal(FCGI_fread(buf, 1, 3, FCGI_stdin), 3);
	assert_int_equal(FCGI_fwrite(buf, 1, 3, FCGI_stdout), 3);
	assert_int_equal(FCGI_fread(buf, 1, sizeof(buf), FCGI_stdin), 2);
	assert_int_equal(FCGI_ferror(FCGI_stdin), 0);
	assert_int_equal(FCGI_fputc('!', FCGI_stdout), '!');
	errno = ENOENT;
	FCGI_perror("a file");
	assert_int_equal(FCGI_fclose(FCGI_stdout), 0);
	assert_int_equal(FCGI_printf("too late"), EOF);
	return 0;
}

static void what_stdio_has_works(void **state)
{
	static struct vane_fcgx_program program = { .answer_stdio = use_stdio };
	struct probe probe;

	probe_init(&probe, &vane_fcgx_handler, &program, NULL);
	assert_int_equal(probe_run(&probe, &(struct vane_test_request) { .method = "POST",
						   .body = "12345",
						   .body_len = 5 }),
		200);
	assert_string_equal(probe.got.body, "123!");
	expect_log(&probe, ": a file: No such file or directory");
	probe_fini(&probe);
}

static int set_environ(FCGX_Request *request)
{
	environ = request->envp;
	FCGX_FPrintF(request->out, "%s%s", plain, getenv("REQUEST_METHOD"));
	setenv("ADDED", "x", 1);
	return 0;
}

static void the_environment_is_given_back(void **state)
{
	char **before = environ;
	struct probe probe;

	begin(&probe, set_environ);
	assert_int_equal(probe_get(&probe, "/x"), 200);
	assert_string_equal(probe.got.body, "GET");
	assert_ptr_equal(environ, before);
	assert_null(getenv("ADDED"));
	end(&probe);
}

/* Errors */

static int put_errors(FCGX_Request *request)
{
	size_t at, len = strlen(desk.text);

	FCGX_PutS(plain, request->out);
	for (at = 0; at < len; at += desk.piece) {
		size_t n = len - at < desk.piece ? len - at : desk.piece;

		FCGX_PutStr(desk.text + at, (int) n, request->err);
		if (desk.rc > 0)
			FCGX_FFlush(request->err);
	}
	return 0;
}

#define WHO "GET /x (127.0.0.1) route /{rest:.*}: "

static void errors_are_logged_line_by_line(void **state)
{
	static const struct {
		const char *text, *log;
	} rows[] = {
		{ "one\n", WHO "one\n" },
		{ "one", WHO "one\n" },
		{ "one\r\n\ntwo\nthree", WHO "one\n" WHO "two\n" WHO "three\n" },
		{ "", "" },
	};
	struct probe probe;
	size_t i, k;
	int flushed;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (k = 1; k < 6; k++) {
			for (flushed = 0; flushed < 2; flushed++) {
				begin(&probe, put_errors);
				desk.text = rows[i].text;
				desk.piece = k;
				desk.rc = flushed;
				assert_int_equal(probe_get(&probe, "/x"), 200);
				assert_string_equal(probe.log, rows[i].log);
				end(&probe);
			}
		}
	}
}

static int put_long_error(FCGX_Request *request)
{
	FCGX_PutS(plain, request->out);
	desk.rc = FCGX_PutStr(desk.heap, (int) desk.size, request->err);
	return 0;
}

static void a_long_line_is_logged_in_pieces(void **state)
{
	struct probe probe;

	begin(&probe, put_long_error);
	ask_for(1500, 1);
	memset(desk.heap, 'e', desk.size);
	assert_int_equal(probe_get(&probe, "/x"), 200);
	assert_int_equal(desk.rc, 1500);
	assert_int_equal(strlen(probe.log), 1500 + 2 * strlen(WHO "\n"));
	end(&probe);
}

static void so_many_errors_and_no_more(void **state)
{
	static struct vane_fcgx_program program = { .answer = put_errors,
		.max_error_bytes = 10 };
	struct probe probe;

	probe_init(&probe, &vane_fcgx_handler, &program, NULL);
	desk.text = "one\ntwo\nthree\nfour\nfive\n";
	desk.piece = 100;
	assert_int_equal(probe_get(&probe, "/x"), 200);
	expect_log(&probe, ": two\n");
	expect_log(&probe, "the rest is dropped");
	assert_null(strstr(probe.log, "four"));
	end(&probe);
}

static int give_back(FCGX_Request *request)
{
	FCGX_PutS(plain, request->out);
	FCGX_PutS("never seen", request->out);
	return desk.rc;
}

static void what_it_returns_counts(void **state)
{
	static const struct {
		int rc, status;
	} rows[] = { { 0, 200 }, { 404, 404 }, { 503, 503 }, { -EIO, 500 } };
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&probe, give_back);
		desk.rc = rows[i].rc;
		assert_int_equal(probe_get(&probe, "/x"), rows[i].status);
		assert_true(rows[i].rc == 0 || strstr(probe.got.body, "never") == NULL);
		end(&probe);
	}
}

static void a_route_without_a_program_is_told(void **state)
{
	static struct vane_fcgx_program none,
		both = { .answer = put_text, .answer_stdio = echo_stdio };
	struct vane_fcgx_program *const rows[] = { NULL, &none, &both };
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_init(&probe, &vane_fcgx_handler, rows[i], NULL);
		assert_int_equal(probe_get(&probe, "/x"), 500);
		expect_log(&probe, "no struct vane_fcgx_program");
		probe_fini(&probe);
	}
}

static void lack_of_memory_is_answered(void **state)
{
	struct probe probe;
	int status = 0;
	long n;

	for (n = 0; n < 200; n++) {
		begin(&probe, put_text);
		desk.text = "Content-Type: a/b\nX-A: 1\n\nbody";
		vane_test_response_fini(&probe.got);
		alloc_fail_once(n);
		status = vane_test_run(probe.app,
			&(struct vane_test_request) { .fields = FIELDS("A: 1", "A: 2") },
			&probe.got);
		if (alloc_fail_never() == 0)
			break;
		if (status == 0)
			assert_true(probe.got.status == 500 || probe.got.status == 200 ||
				    probe.got.status == 0);
		end(&probe);
	}
	assert_int_equal(status, 0);
	assert_int_equal(probe.got.status, 200);
	assert_true(n > 10);
	end(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_mean_what_they_say),
		cmocka_unit_test(what_is_no_response_is_answered_with_500_and_a_reason),
		cmocka_unit_test(a_fault_behind_the_head_cuts_the_response),
		cmocka_unit_test(a_program_learns_that_its_head_is_none),
		cmocka_unit_test(a_location_that_is_a_path_is_answered_here),
		cmocka_unit_test(the_front_is_told_what_is_meant_for_it),
		cmocka_unit_test(head_has_the_fields_and_no_body),
		cmocka_unit_test(output_of_any_size_arrives),
		cmocka_unit_test(what_fits_a_buffer_has_a_length),
		cmocka_unit_test(libfcgi_formats),
		cmocka_unit_test(a_flush_reaches_the_client),
		cmocka_unit_test(a_client_that_has_gone_is_an_error),
		cmocka_unit_test(an_exit_status_that_is_returned_is_explained),
		cmocka_unit_test(a_program_may_close_and_finish_itself),
		cmocka_unit_test(nobody_is_a_filter),
		cmocka_unit_test(input_of_any_size_is_read),
		cmocka_unit_test(lines_are_read_as_libfcgi_reads_them),
		cmocka_unit_test(it_answers_every_method),
		cmocka_unit_test(variables_are_cgis),
		cmocka_unit_test(stdio_is_the_requests_while_it_runs),
		cmocka_unit_test(what_stdio_has_works),
		cmocka_unit_test(the_environment_is_given_back),
		cmocka_unit_test(errors_are_logged_line_by_line),
		cmocka_unit_test(a_long_line_is_logged_in_pieces),
		cmocka_unit_test(so_many_errors_and_no_more),
		cmocka_unit_test(what_it_returns_counts),
		cmocka_unit_test(a_route_without_a_program_is_told),
		cmocka_unit_test(lack_of_memory_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
