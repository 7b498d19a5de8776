/* SPDX-License-Identifier: MIT */
/*
 * gateway_php.c - vane-gateway hosts PHP: php-fpm over FastCGI, php-cgi over
 * CGI and as a FastCGI program of its own.
 */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/hosting.h"
#include "support/port.h"

#define MILLION     1000000
#define MILLION_MD5 "7707d6ae4e027c70eea2a935c2296f21" /* of as many times "a" */
#define WAIT_MSEC   20000

static char million[MILLION];

static void assert_body(const struct answer *answer, int status, const char *body)
{
	assert_int_equal(answer->status, status);
	assert_true(answer->whole);
	assert_string_equal(answer->body, body);
}

static void phpinfo(void **state)
{
	assert_true(hosting_finds(*state, "/info.php", 200, "FPM/FastCGI"));
	assert_true(hosting_finds(*state, "/info.php?=1", 200, "PHP Version"));
}

static void the_index_answers_for_its_folder(void **state)
{
	assert_true(hosting_finds(*state, "/", 200, "index, /index.php, \n"));
	assert_true(hosting_finds(*state, "/?a=b", 200, "index, /index.php, \n"));
	assert_true(hosting_finds(*state, "/index.php/more", 200, "/index.php, /more\n"));
}

static void files_are_served_beside_scripts(void **state)
{
	assert_true(hosting_finds(*state, "/plain.txt", 200, "a plain file\n"));
	assert_true(hosting_finds(*state, "/missing.txt", 404, ""));
}

/* What people get wrong: each would run or show what nobody asked for. */
static void what_is_no_script_is_not_run(void **state)
{
	static const struct {
		const char *target;
		int status;
	} rows[] = {
		{ "/missing.php", 404 },
		{ "/plain.txt/x.php", 404 },
		{ "/missing/x.php", 404 },
		{ "/.hidden.php", 404 },
		{ "/../php-fpm.conf", 400 },
		{ "/%2e%2e/php-fpm.conf", 400 },
		{ "/info.php%00.txt", 400 },
		{ "/info.PHP", 404 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct answer answer;

		hosting_get(*state, rows[i].target, &answer);
		if (answer.status != rows[i].status)
			print_message("%s: %d\n", rows[i].target, answer.status);
		assert_in_range(answer.status, 400, 404);
		assert_null(strstr(answer.body == NULL ? "" : answer.body, "<?php"));
		answer_fini(&answer);
	}
}

static void variables(void **state)
{
	static const char *const expected[] = { "\nGATEWAY_INTERFACE=CGI/1.1\n",
		"\nREQUEST_METHOD=GET\n", "\nSCRIPT_NAME=/vars.php\n",
		"\nPATH_INFO=/a b/\n", "\nQUERY_STRING=x=%20&y\n",
		"\nREQUEST_URI=/vars.php/a%20b/?x=%20&y\n", "\nSERVER_PROTOCOL=HTTP/1.1\n",
		"\nREMOTE_ADDR=127.0.0.1\n", "\nHTTP_HOST=vane.test:81\n",
		"\nSERVER_NAME=vane.test\n", "\nSERVER_PORT=81\n", "\nHTTP_X_TWICE=a, b\n",
		"\nHTTP_COOKIE=c=1; d=2\n", NULL };
	static const char *const fields[] = { "Host: vane.test:81", "Proxy: evil:1",
		"X-Twice: a", "X-Twice: b", "Cookie: c=1; d=2", NULL };
	struct answer answer;

	hosting_ask(*state,
		&(struct ask) { .method = "GET",
			.target = "/vars.php/a%20b/?x=%20&y",
			.fields = fields },
		&answer);
	assert_int_equal(answer.status, 200);
	for (size_t i = 0; expected[i] != NULL; i++) {
		if (strstr(answer.body, expected[i]) == NULL)
			fail_msg("no %s in:\n%s", expected[i], answer.body);
	}
	assert_null(strstr(answer.body, "HTTP_PROXY"));
	assert_null(strstr(answer.body, "\nCONTENT_LENGTH="));
	answer_fini(&answer);
}

static void uploads(void **state)
{
	static const char head[] =
		"--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"
		"--b\r\nContent-Disposition: form-data; name=\"doc\"; "
		"filename=\"a.bin\"\r\n"
		"Content-Type: application/x-a\r\n\r\n";
	static const char tail[] = "\r\n--b--\r\n";
	size_t len = sizeof(head) - 1 + MILLION + sizeof(tail) - 1;
	char *body = malloc(len);
	struct answer answer;

	assert_non_null(body);
	memcpy(body, head, sizeof(head) - 1);
	memcpy(body + sizeof(head) - 1, million, MILLION);
	memcpy(body + len - sizeof(tail) + 1, tail, sizeof(tail) - 1);
	hosting_post(*state, "/upload.php", "multipart/form-data; boundary=b", body, len,
		&answer);
	assert_body(&answer, 200,
		"field note hello\nfile doc a.bin application/x-a 0 1000000 " MILLION_MD5
		"\n");
	answer_fini(&answer);
	free(body);
}

static void bodies_arrive_whole(void **state)
{
	static const struct ask rows[] = {
		{ .method = "PUT" },
		{ .method = "PUT", .chunked = true },
		{ .method = "PATCH" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ask ask = rows[i];
		struct answer answer;
		char expected[128];

		ask.target = "/input.php";
		ask.body = million;
		ask.body_len = MILLION;
		ask.has_body = true;
		snprintf(expected, sizeof(expected), "%s %d " MILLION_MD5 "\n", ask.method,
			MILLION);
		hosting_ask(*state, &ask, &answer);
		assert_body(&answer, 200, expected);
		answer_fini(&answer);
	}
}

static void sessions(void **state)
{
	char field[256], expected[32];
	const char *fields[] = { "Host: vane.test", field, NULL };
	struct answer answer;

	hosting_get(*state, "/session.php", &answer);
	assert_body(&answer, 200, "visit 1\n");
	assert_non_null(answer_field(&answer, "set-cookie", 0));
	snprintf(field, sizeof(field), "Cookie: %.*s",
		(int) strcspn(answer_field(&answer, "set-cookie", 0), ";"),
		answer_field(&answer, "set-cookie", 0));
	answer_fini(&answer);
	for (int i = 2; i < 5; i++) {
		snprintf(expected, sizeof(expected), "visit %d\n", i);
		hosting_ask(*state,
			&(struct ask) { .method = "GET",
				.target = "/session.php",
				.fields = fields },
			&answer);
		assert_body(&answer, 200, expected);
		answer_fini(&answer);
	}
}

static void heads(void **state)
{
	struct answer answer;

	hosting_get(*state, "/head.php", &answer);
	assert_body(&answer, 202, "accepted\n");
	assert_string_equal(
		answer_field(&answer, "content-type", 0), "text/plain; charset=iso-8859-1");
	assert_string_equal(answer_field(&answer, "x-two", 0), "a");
	assert_string_equal(answer_field(&answer, "x-two", 1), "b");
	for (size_t i = 0; i < 3; i++)
		assert_non_null(answer_field(&answer, "set-cookie", i));
	assert_null(answer_field(&answer, "set-cookie", 3));
	assert_null(answer_field(&answer, "status", 0));
	answer_fini(&answer);

	hosting_ask(
		*state, &(struct ask) { .method = "HEAD", .target = "/head.php" }, &answer);
	assert_int_equal(answer.status, 202);
	assert_int_equal(answer.body_len, 0);
	answer_fini(&answer);

	hosting_get(*state, "/location.php?to=/elsewhere&code=303", &answer);
	assert_int_equal(answer.status, 303);
	assert_string_equal(answer_field(&answer, "location", 0), "/elsewhere");
	answer_fini(&answer);
}

static void large_answers(void **state)
{
	struct answer answer;

	hosting_get(*state, "/big.php?bytes=20000000", &answer);
	assert_int_equal(answer.status, 200);
	assert_true(answer.whole);
	assert_int_equal(answer.body_len, 20000000);
	answer_fini(&answer);
}

/* A request on a connection of its own, whose answer is read as it comes. */
struct slow {
	int fd;
	char in[4096];
	size_t len;
};

static void slow_ask(struct slow *slow, const struct hosting *hosting, const char *target)
{
	char text[256];
	int len = snprintf(text, sizeof(text),
		"GET %s HTTP/1.1\r\nHost: vane.test\r\nConnection: close\r\n\r\n", target);

	*slow = (struct slow) { .fd = port_connect(hosting->port, NULL) };
	assert_true(slow->fd >= 0);
	assert_int_equal(send(slow->fd, text, (size_t) len, MSG_NOSIGNAL), len);
}

/* Read until a text has come; false if the answer ends without it. */
static bool slow_await(struct slow *slow, const char *text)
{
	struct pollfd poll_fd = { .fd = slow->fd, .events = POLLIN };
	ssize_t n;

	while (strstr(slow->in, text) == NULL) {
		assert_int_equal(poll(&poll_fd, 1, WAIT_MSEC), 1);
		n = recv(slow->fd, slow->in + slow->len, sizeof(slow->in) - 1 - slow->len,
			0);
		if (n <= 0)
			return false;
		slow->len += (size_t) n;
	}
	return true;
}

static void pieces_leave_as_they_come(void **state)
{
	struct hosting *hosting = *state;
	struct slow slow;

	slow_ask(&slow, hosting, "/stream.php?until=go");
	assert_true(slow_await(&slow, "piece 1\n"));
	assert_null(strstr(slow.in, "piece 2\n"));
	assert_int_equal(tmp_write(&hosting->tmp, "go", "", NULL), 0);
	assert_true(slow_await(&slow, "piece 2\n"));
	close(slow.fd);
}

static void a_slow_script_holds_up_nobody_else(void **state)
{
	struct pollfd poll_fd;
	struct slow slow;

	slow_ask(&slow, *state, "/slow.php?sec=2");
	for (int i = 0; i < 20; i++)
		assert_true(hosting_finds(*state, "/index.php", 200, "index"));
	poll_fd = (struct pollfd) { .fd = slow.fd, .events = POLLIN };
	assert_int_equal(poll(&poll_fd, 1, 0), 0);
	assert_true(slow_await(&slow, "slow\n"));
	close(slow.fd);
}

/* More requests wait than php-fpm has processes; those in front leave, the others go on. */
static void clients_that_leave_make_room(void **state)
{
	struct slow slow[12];

	for (size_t i = 0; i < 12; i++)
		slow_ask(&slow[i], *state, "/slow.php?sec=1");
	for (size_t i = 0; i < 12; i += 2)
		close(slow[i].fd);
	for (size_t i = 1; i < 12; i += 2) {
		assert_true(slow_await(&slow[i], "slow\n"));
		close(slow[i].fd);
	}
	assert_true(hosting_finds(*state, "/index.php", 200, "index"));
}

static void crashes(void **state)
{
	static const struct {
		const char *target;
		int status;
		bool whole;
	} rows[] = {
		{ "/crash.php?how=exit", 200, true },
		{ "/crash.php?how=throw", 500, true },
		{ "/crash.php?how=signal", 502, true },
		{ "/crash.php?how=signal&late=1", 200, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct answer answer;

		hosting_get(*state, rows[i].target, &answer);
		if (answer.status != rows[i].status || answer.whole != rows[i].whole)
			fail_msg("%s: %d%s", rows[i].target, answer.status,
				answer.whole ? "" : " and cut");
		answer_fini(&answer);
		assert_true(hosting_finds(*state, "/index.php", 200, "index"));
	}
}

static void complaints_are_logged(void **state)
{
	struct hosting *hosting = *state;

	assert_true(hosting_finds(hosting, "/complain.php", 200, "complained\n"));
	assert_int_equal(proc_wait_log(&hosting->gateway, "complaint one", WAIT_MSEC), 0);
	assert_int_equal(proc_wait_log(&hosting->gateway, "complaint two", WAIT_MSEC), 0);
	assert_true(hosting_finds(hosting, "/crash.php?how=throw", 500, ""));
	assert_int_equal(
		proc_wait_log(&hosting->gateway, "thrown on purpose", WAIT_MSEC), 0);
}

static void files_are_sent_for_scripts(void **state)
{
	struct answer answer;

	hosting_get(*state, "/send.php?file=/plain.txt", &answer);
	assert_body(&answer, 200, "a plain file\n");
	assert_string_equal(answer_field(&answer, "content-type", 0), "application/x-sent");
	assert_null(answer_field(&answer, "x-accel-redirect", 0));
	answer_fini(&answer);
	assert_true(hosting_finds(*state, "/send.php?file=/missing.txt", 404, ""));
	hosting_get(*state, "/send.php?file=/../php-fpm.conf", &answer);
	assert_in_range(answer.status, 400, 599);
	assert_null(strstr(answer.body, "php_admin"));
	answer_fini(&answer);
}

/* As a script of its own, with #! in its first line. */
static void php_cgi(void **state)
{
	struct answer answer;

	if (!proc_available("/usr/bin/php-cgi")) {
		print_message("SKIP: php-cgi is not installed\n");
		skip();
	}
	hosting_post(*state, "/cgi/page.php/more", "text/plain", million, MILLION, &answer);
	assert_body(&answer, 206, "cgi-fcgi /cgi/page.php /more\nPOST 1000000\n");
	assert_string_equal(answer_field(&answer, "set-cookie", 1), "b=2");
	answer_fini(&answer);
}

/* As the program that runs all scripts. */
static void php_cgi_for_a_suffix(void **state)
{
	static const char *const more[] = { "--cgi", ".php=/usr/bin/php-cgi", NULL };
	struct hosting hosting = { 0 };
	struct answer answer;

	if (!proc_available("/usr/bin/php-cgi")) {
		print_message("SKIP: php-cgi is not installed\n");
		skip();
	}
	assert_int_equal(
		hosting_start(&hosting, &(struct hosting_opts) { .more = more }), 0);
	assert_true(hosting_finds(&hosting, "/", 200, "index, /index.php, \n"));
	assert_true(hosting_finds(&hosting, "/info.php", 200, "CGI/FastCGI"));
	assert_true(hosting_finds(&hosting, "/index.php/x", 200, "/index.php, /x\n"));
	assert_true(hosting_finds(&hosting, "/plain.txt/x.php", 404, ""));
	assert_true(hosting_finds(&hosting, "/index.php?-s", 200, "index, /index.php"));
	hosting_post(&hosting, "/input.php", "text/plain", million, MILLION, &answer);
	assert_body(&answer, 200, "POST 1000000 " MILLION_MD5 "\n");
	answer_fini(&answer);
	assert_true(hosting_finds(&hosting, "/crash.php?how=throw", 500, ""));
	assert_true(hosting_finds(&hosting, "/crash.php?how=signal", 502, ""));
	assert_int_equal(hosting_stop(&hosting), 0);
}

/* php-cgi as a FastCGI program that the gateway starts: PHP without any service. */
static void php_cgi_that_the_gateway_starts(void **state)
{
	static const char *const more[] = { "--program", ".php=php-cgi", "--max-requests",
		"50", NULL };
	struct hosting hosting = { 0 };
	struct answer answer;

	if (!proc_available("/usr/bin/php-cgi")) {
		print_message("SKIP: php-cgi is not installed\n");
		skip();
	}
	assert_int_equal(
		hosting_start(&hosting, &(struct hosting_opts) { .more = more }), 0);
	assert_true(hosting_finds(&hosting, "/info.php", 200, "CGI/FastCGI"));
	assert_true(hosting_finds(&hosting, "/index.php/more", 200, "/index.php, /more\n"));
	assert_true(hosting_finds(&hosting, "/plain.txt/x.php", 404, ""));
	hosting_post(&hosting, "/input.php", "text/plain", million, MILLION, &answer);
	assert_body(&answer, 200, "POST 1000000 " MILLION_MD5 "\n");
	answer_fini(&answer);
	for (int i = 0; i < 200; i++)
		assert_true(hosting_finds(&hosting, "/", 200, "index, /index.php, \n"));
	assert_int_equal(hosting_stop(&hosting), 0);
}

/*
 * Some ask for a page and do not read it, as many announce a form and do not send it: others have
 * their answers, though there is one instance for all.
 */
static void slow_clients_hold_no_instance(void **state)
{
	enum { SLOW = 20, PAGE = 8 * 1024 * 1024 };
	static const char *const more[] = { "--program", ".php=php-cgi", "--instances", "1",
		NULL };
	static const char form[] = "POST /input.php HTTP/1.1\r\nHost: vane.test\r\n"
				   "Content-Length: 1000\r\n\r\nhalf";
	struct hosting hosting = { 0 };
	char page[128];
	int fds[SLOW], i;

	if (!proc_available("/usr/bin/php-cgi")) {
		print_message("SKIP: php-cgi is not installed\n");
		skip();
	}
	snprintf(page, sizeof(page),
		"GET /big.php?bytes=%d HTTP/1.1\r\nHost: vane.test\r\n\r\n", PAGE);
	assert_int_equal(hosting_start(&hosting, &(struct hosting_opts) { .more = more,
							 .memory_slack = 32 * 1024 }),
		0);
	for (i = 0; i < SLOW; i++) {
		const char *text = i % 2 == 0 ? page : form;

		fds[i] = port_connect(hosting.port, NULL);
		assert_true(fds[i] >= 0);
		assert_int_equal(send(fds[i], text, strlen(text), MSG_NOSIGNAL),
			(ssize_t) strlen(text));
	}
	for (i = 0; i < 10; i++)
		assert_true(hosting_finds(&hosting, "/", 200, "index, /index.php, \n"));
	for (i = 0; i < SLOW; i++)
		close(fds[i]);
	assert_int_equal(hosting_stop(&hosting), 0);
}

static int start(void **state)
{
	static struct hosting hosting;
	char site[TMP_PATH_MAX];
	const char *const more[] = { "--sendfile-root", site, NULL };
	int rc = hosting_prepare(&hosting);

	memset(million, 'a', sizeof(million));
	*state = &hosting;
	tmp_path(&hosting.tmp, site, "site");
	return rc < 0 ? rc
		      : hosting_start(&hosting,
				&(struct hosting_opts) { .php = true, .more = more });
}

static int stop(void **state)
{
	return hosting_stop(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phpinfo),
		cmocka_unit_test(the_index_answers_for_its_folder),
		cmocka_unit_test(files_are_served_beside_scripts),
		cmocka_unit_test(what_is_no_script_is_not_run),
		cmocka_unit_test(variables),
		cmocka_unit_test(uploads),
		cmocka_unit_test(bodies_arrive_whole),
		cmocka_unit_test(sessions),
		cmocka_unit_test(heads),
		cmocka_unit_test(large_answers),
		cmocka_unit_test(pieces_leave_as_they_come),
		cmocka_unit_test(a_slow_script_holds_up_nobody_else),
		cmocka_unit_test(clients_that_leave_make_room),
		cmocka_unit_test(crashes),
		cmocka_unit_test(complaints_are_logged),
		cmocka_unit_test(files_are_sent_for_scripts),
		cmocka_unit_test(php_cgi),
		cmocka_unit_test(php_cgi_for_a_suffix),
		cmocka_unit_test(php_cgi_that_the_gateway_starts),
		cmocka_unit_test(slow_clients_hold_no_instance),
	};

	if (!hosting_available() || !phpfpm_available() || !census_possible()) {
		printf("SKIP: there is no %s\n", !hosting_available() ? "vane-gateway"
						 : !phpfpm_available()
							 ? "php-fpm"
							 : "/proc to count in");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
