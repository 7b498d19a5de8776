/* SPDX-License-Identifier: MIT */
/*
 * ported.c - programs written against libfcgi give the same bytes through every door: examples/ported
 * and examples/ported_stdio natively, as CGI programs, and behind nginx as FastCGI responders.
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "carrier.h"
#include "fronts/front.h"
#include "fronts/nginx.h"
#include "support/cgivars.h"
#include "support/http.h"

enum { END_MSEC = 30000 };

static const char *const programs[] = { "examples/ported", "examples/ported_stdio" };

/* Ask a program that is started for this one request. */
static void ask_cgi(const char *program, const struct ask *ask, struct answer *answer)
{
	char command[256], log[TMP_PATH_MAX], body[TMP_PATH_MAX], out[TMP_PATH_MAX];
	char *argv[] = { (char *) (uintptr_t) "/bin/sh", (char *) (uintptr_t) "-c", command,
		NULL };
	char **vars = cgi_vars(ask), piece[4096];
	struct answer raw = { 0 };
	struct proc proc;
	struct tmp tmp;
	FILE *file;
	size_t n;

	assert_non_null(vars);
	assert_int_equal(tmp_make(&tmp), 0);
	file = fopen(tmp_path(&tmp, body, "body"), "w");
	assert_non_null(file);
	if (ask->body_len > 0)
		assert_int_equal(fwrite(ask->body, 1, ask->body_len, file), ask->body_len);
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command), "exec ./%s <%s >%s", program, body,
		tmp_path(&tmp, out, "out"));
	assert_int_equal(proc_start(&proc, &(struct proc_start) { .argv = argv,
						   .env = vars,
						   .log = tmp_path(&tmp, log, "log") }),
		0);
	assert_int_equal(proc_wait_end(&proc, END_MSEC), 0);
	assert_int_equal(proc.status, 0);
	file = fopen(out, "r");
	assert_non_null(file);
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		assert_int_equal(answer_add_body(&raw, piece, n), 0);
	fclose(file);
	assert_non_null(raw.body);
	assert_int_equal(answer_from_cgi(answer, raw.body, raw.body_len), 0);
	answer_fini(&raw);
	cgi_vars_free(vars);
	tmp_remove(&tmp);
}

static void ask_http(struct http *http, const struct ask *ask, struct answer *answer)
{
	assert_int_equal(http_ask(http, ask, answer), 0);
	assert_true(answer->whole);
}

static void expect_same(const struct answer *a, const struct answer *b)
{
	assert_int_equal(a->status, b->status);
	assert_string_equal(
		answer_field(a, "content-type", 0), answer_field(b, "content-type", 0));
	assert_int_equal(a->body_len, b->body_len);
	if (a->body_len > 0)
		assert_memory_equal(a->body, b->body, a->body_len);
}

static struct ask lines_of(size_t bytes)
{
	static const char *const fields[] = { "Host: x", "Content-Type: text/plain", NULL };
	struct ask ask = { .method = "POST",
		.target = "/",
		.fields = fields,
		.body_len = bytes,
		.has_body = true };
	char *body = malloc(bytes + 1);
	size_t i;

	assert_non_null(body);
	for (i = 0; i < bytes; i++)
		body[i] = (char) (i % 97 == 96 || i % 1000 == 0 ? '\n' : 'a' + i % 23);
	body[bytes] = '\0';
	ask.body = body;
	return ask;
}

static const char *const host[] = { "Host: x", NULL };

static const struct row {
	struct ask ask;
	size_t lines; /* or so many bytes of lines */
	int status;
} rows[] = {
	{ .ask = { .method = "GET", .target = "/", .fields = host }, .status = 200 },
	{ .ask = { .method = "HEAD", .target = "/", .fields = host }, .status = 200 },
	{ .ask = { .method = "GET", .target = "/?query", .fields = host }, .status = 200 },
	{ .ask = { .method = "GET", .target = "/old", .fields = host }, .status = 200 },
	{ .ask = { .method = "GET", .target = "/no%20such", .fields = host },
		.status = 404 },
	{ .ask = { .method = "POST",
		  .target = "/",
		  .fields = host,
		  .body = "",
		  .has_body = true },
		.status = 200 },
	{ .lines = 1, .status = 200 },
	{ .lines = 8192, .status = 200 },
	{ .lines = 1000 * 1000, .status = 200 },
};

/* Natively, or what says the front: all that follows is compared with the first answer. */
static void compare_all(const char *program, struct http *http, bool cgi)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ask lines = lines_of(rows[i].lines);
		const struct ask *ask = rows[i].lines > 0 ? &lines : &rows[i].ask;
		struct answer reference = { 0 }, answer = { 0 };

		ask_cgi(programs[0], ask, &reference);
		assert_int_equal(reference.status, rows[i].status);
		if (cgi)
			ask_cgi(program, ask, &answer);
		else
			ask_http(http, ask, &answer);
		expect_same(&reference, &answer);
		answer_fini(&reference);
		answer_fini(&answer);
		free((void *) (uintptr_t) lines.body);
	}
}

static void natively(void **state)
{
	static const char *const more[] = { "--logging", "none", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct proc proc;
		struct http *http;
		struct tmp tmp;
		int port;

		assert_int_equal(tmp_make(&tmp), 0);
		assert_int_equal(
			carrier_start_server(&proc, &tmp, programs[i], &port, more), 0);
		assert_int_equal(http_new(&http, port, NULL), 0);
		compare_all(programs[i], http, false);
		http_free(http);
		assert_int_equal(proc_stop(&proc), 0);
		tmp_remove(&tmp);
	}
}

static void as_cgi_programs(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		compare_all(programs[i], NULL, true);
}

static void behind_nginx(void **state)
{
	static const char *const more[] = { "--logging", "none", NULL };

	if (!nginx_installed()) {
		print_message("SKIP: nginx is not installed\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct front front;
		struct http *http;

		assert_int_equal(nginx_start_alone(&front), 0);
		assert_int_equal(carrier_start_responder(&front.fastcgi, &front.tmp,
					 programs[i], front.socket, more),
			0);
		assert_int_equal(http_new(&http, front.ports[0], NULL), 0);
		compare_all(programs[i], http, false);
		http_free(http);
		front_stop(&front, false);
	}
}

static int connect_slowly(int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t) port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), little = 4096;

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little));
	assert_int_equal(connect(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	return fd;
}

static void send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		assert_true(n > 0);
		data += n;
		len -= (size_t) n;
	}
}

/* All that comes until the end: how many bytes, and the last line. */
static size_t read_all(int fd, char *last, size_t size)
{
	static char buf[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		total += (size_t) n;
		if ((size_t) n >= size)
			memcpy(last, buf + n - size + 1, size - 1);
	}
	assert_int_equal(n, 0);
	return total;
}

/*
 * A client that reads nothing of ten megabytes holds up neither the function that writes them nor
 * the next client of the same process; what it has not taken comes when it wants it.
 */
static void a_client_that_does_not_read_delays_nobody(void **state)
{
	enum { LINES = 1000 * 1000 };
	static const char *const more[] = { "--logging", "none", NULL };
	static char lines[LINES];
	const struct ask ask = { .method = "GET", .target = "/", .fields = host };
	struct answer answer = { 0 };
	struct proc proc;
	struct http *http;
	struct tmp tmp;
	char head[128], last[32] = "";
	int port, fd;

	memset(lines, '\n', sizeof(lines));
	snprintf(head, sizeof(head),
		"POST / HTTP/1.0\r\nHost: x\r\nContent-Length: %d\r\n\r\n", LINES);
	assert_int_equal(tmp_make(&tmp), 0);
	assert_int_equal(carrier_start_server(&proc, &tmp, programs[0], &port, more), 0);
	fd = connect_slowly(port);
	send_all(fd, head, strlen(head));
	send_all(fd, lines, sizeof(lines));
	assert_int_equal(http_new(&http, port, NULL), 0);
	assert_int_equal(http_ask(http, &ask, &answer), 0);
	assert_int_equal(answer.status, 200);
	assert_true(read_all(fd, last, sizeof(last)) > 8 * LINES);
	assert_non_null(strstr(last, "\n1000000  \n"));
	close(fd);
	answer_fini(&answer);
	http_free(http);
	assert_int_equal(proc_stop(&proc), 0);
	tmp_remove(&tmp);
}

/* What a client has not taken is kept so far and no further. */
static void what_is_too_much_to_be_kept_cuts_the_response(void **state)
{
	enum { BYTES = 15 * 1000 * 1000 };
	static const char ask[] =
		"GET /ported/big-spooled/15000000 HTTP/1.0\r\nHost: x\r\n\r\n";
	static const char why[] = "its client takes too little of it";
	struct proc proc;
	struct tmp tmp;
	char last[32];
	int port, fd;

	assert_int_equal(tmp_make(&tmp), 0);
	assert_int_equal(carrier_start_native(&proc, &tmp, &port, NULL), 0);
	fd = connect_slowly(port);
	send_all(fd, ask, sizeof(ask) - 1);
	assert_int_equal(proc_wait_log(&proc, why, END_MSEC), 0);
	assert_true(read_all(fd, last, sizeof(last)) < BYTES);
	close(fd);
	assert_int_equal(proc_stop(&proc), 0);
	tmp_remove(&tmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(natively),
		cmocka_unit_test(as_cgi_programs),
		cmocka_unit_test(behind_nginx),
		cmocka_unit_test(a_client_that_does_not_read_delays_nobody),
		cmocka_unit_test(what_is_too_much_to_be_kept_cuts_the_response),
	};

	http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
