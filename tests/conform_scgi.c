/* SPDX-License-Identifier: MIT */
/*
 * conform_scgi.c - the rows hold for an SCGI responder that is asked by a scripted web
 * server: with requests in one piece, byte by byte, and cut at every byte.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier.h"
#include "support/cgivars.h"
#include "support/scgi_peer.h"

#define ASK_MSEC 30000

/* How the web server behaves. */
struct manner {
	const char *path;
	struct scgi_manner send;
};

static int open_peer(const struct suite_carrier *carrier, void **client)
{
	*client = carrier->data;
	return 0;
}

static void close_peer(void *client)
{
}

/* A response is whole if the connection was closed in order and no byte is missing. */
static int take_answer(
	const struct ask *ask, const struct scgi_answer *came, struct answer *answer)
{
	int rc = answer_from_cgi(answer, came->data, came->len);
	const char *length = rc == 0 ? answer_field(answer, "content-length", 0) : NULL;
	bool bodyless = strcmp(ask->method, "HEAD") == 0 || answer->status == 304;

	answer->whole =
		!came->reset && (length == NULL || bodyless ||
					strtoul(length, NULL, 10) == answer->body_len);
	return rc;
}

static int ask_peer(void *client, const struct ask *ask, struct answer *answer)
{
	const struct manner *manner = client;
	struct scgi_manner send = manner->send;
	struct scgi_answer came = { 0 };
	char **vars = cgi_vars(ask), *bytes;
	size_t len;
	int fd, rc;

	if (vars == NULL)
		return -ENOMEM;
	bytes = scgi_request((const char *const *) vars, ask->body, ask->body_len, &len);
	cgi_vars_free(vars);
	if (bytes == NULL)
		return -ENOMEM;
	if (ask->body_len > 5000)
		send.step = 0;
	fd = scgi_connect(manner->path);
	rc = fd < 0 ? fd : scgi_converse(fd, bytes, len, &send, &came);
	if (rc == 0)
		rc = take_answer(ask, &came, answer);
	free(came.data);
	free(bytes);
	return rc;
}

struct responder {
	struct tmp tmp;
	struct proc proc;
	char path[TMP_PATH_MAX];
};

static int conform(struct responder *responder, const char *name, struct scgi_manner send)
{
	struct manner manner = { .path = responder->path, .send = send };
	struct suite_carrier carrier = {
		.name = name,
		.adapter = true,
		.slow = send.step > 0,
		.open = open_peer,
		.ask = ask_peer,
		.close = close_peer,
		.data = &manner,
	};
	int failed;

	manner.send.msec = ASK_MSEC;
	failed = suite_run(&carrier);
	if (failed != 0)
		proc_print_log(&responder->proc);
	return failed;
}

static void requests_in_one_piece(void **state)
{
	assert_int_equal(conform(*state, "scgi", (struct scgi_manner) { 0 }), 0);
}

static void requests_that_end_with_half_a_close(void **state)
{
	assert_int_equal(
		conform(*state, "scgi-closed", (struct scgi_manner) { .half_close = true }),
		0);
}

static void requests_byte_by_byte(void **state)
{
	assert_int_equal(
		conform(*state, "scgi-split", (struct scgi_manner) { .step = 1 }), 0);
}

/* One request, cut in two at each of its bytes, must always give the same answer. */
static void a_request_may_be_cut_anywhere(void **state)
{
	static const char *const fields[] = { "Host: vane.test", "Cookie: a=1; b=2",
		"Content-Type: application/x-www-form-urlencoded", NULL };
	const struct ask ask = {
		.method = "POST", .target = "/form?a=q", .fields = fields
	};
	struct responder *responder = *state;
	char **vars = cgi_vars(&ask), *bytes;
	struct scgi_answer came;
	size_t len;

	assert_non_null(vars);
	bytes = scgi_request((const char *const *) vars, "b=f&c=%C3%A9", 12, &len);
	assert_non_null(bytes);
	for (size_t at = 1; at < len; at++) {
		int fd = scgi_connect(responder->path);

		assert_true(fd >= 0);
		assert_int_equal(scgi_send(fd, bytes, at), 0);
		assert_int_equal(scgi_converse(fd, bytes + at, len - at, NULL, &came), 0);
		assert_false(came.reset);
		assert_non_null(strstr(came.data,
			"\r\n\r\nquery a=q\nform b=f\nform c=\xc3\xa9\nerror=none\n"));
		free(came.data);
	}
	free(bytes);
	cgi_vars_free(vars);
}

static int start(void **state)
{
	static const char *const more[] = { "--processes", "2", "--logging", "none", NULL };
	struct responder *responder = calloc(1, sizeof(*responder));

	if (responder == NULL)
		return -ENOMEM;
	*state = responder;
	if (tmp_make(&responder->tmp) < 0)
		return -EIO;
	tmp_path(&responder->tmp, responder->path, "app.sock");
	return carrier_start_scgi(&responder->proc, &responder->tmp, responder->path, more);
}

static int stop(void **state)
{
	struct responder *responder = *state;
	int rc = proc_stop(&responder->proc);

	tmp_remove(&responder->tmp);
	free(responder);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_in_one_piece),
		cmocka_unit_test(requests_that_end_with_half_a_close),
		cmocka_unit_test(requests_byte_by_byte),
		cmocka_unit_test(a_request_may_be_cut_anywhere),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, stop);
}
