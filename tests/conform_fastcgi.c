/* SPDX-License-Identifier: MIT */
/*
 * conform_fastcgi.c - the rows hold for a FastCGI responder that is asked by a scripted web
 * server: on kept connections and on one a request, in large records and in records of one
 * byte, with padding and without, and cut at every byte.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier.h"
#include "carrier_fcgi.h"
#include "support/cgivars.h"
#include "support/fcgi_peer.h"

#define ASK_MSEC 30000

struct responder {
	struct tmp tmp;
	struct proc proc;
	char path[TMP_PATH_MAX];
};

static int conform(struct responder *responder, const char *name, struct fcgi_manner manner)
{
	struct suite_carrier carrier = carrier_fcgi(name, &manner);
	int failed;

	snprintf(manner.address, sizeof(manner.address), "unix:%s", responder->path);
	failed = suite_run(&carrier);
	if (failed != 0)
		proc_print_log(&responder->proc);
	return failed;
}

static void a_connection_for_each_request(void **state)
{
	assert_int_equal(conform(*state, "fastcgi", (struct fcgi_manner) { 0 }), 0);
}

static void kept_connections(void **state)
{
	assert_int_equal(
		conform(*state, "fastcgi-kept", (struct fcgi_manner) { .keep = true }), 0);
}

static void padded_records(void **state)
{
	assert_int_equal(conform(*state, "fastcgi-padded",
				 (struct fcgi_manner) {
					 .keep = true, .padding = 255, .record = 1000 }),
		0);
}

static void records_of_one_byte(void **state)
{
	assert_int_equal(
		conform(*state, "fastcgi-split",
			(struct fcgi_manner) { .keep = true, .padding = 7, .record = 1 }),
		0);
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
	char **vars = cgi_vars(&ask), address[TMP_PATH_MAX + 8];
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;

	assert_non_null(vars);
	snprintf(address, sizeof(address), "unix:%s", responder->path);
	fcgi_peer_whole(&bytes, &(struct fcgi_peer_request) {
					.keep = true,
					.params = (const char *const *) vars,
					.body = "b=f&c=%C3%A9",
					.body_len = 12,
					.padding = 3,
				});
	assert_int_equal(fcgi_peer_connect(&peer, address), 0);
	for (size_t at = 1; at < bytes.len; at++) {
		fcgi_peer_next(&peer, 1);
		assert_int_equal(
			fcgi_peer_send_cut(&peer, bytes.data, bytes.len, at, ASK_MSEC), 0);
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, ASK_MSEC), 0);
		assert_true(peer.ended);
		assert_non_null(strstr(peer.out.data,
			"\r\n\r\nquery a=q\nform b=f\nform c=\xc3\xa9\nerror=none\n"));
	}
	fcgi_peer_close(&peer);
	fcgi_bytes_fini(&bytes);
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
	return carrier_start_fastcgi(
		&responder->proc, &responder->tmp, responder->path, more);
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
		cmocka_unit_test(a_connection_for_each_request),
		cmocka_unit_test(kept_connections),
		cmocka_unit_test(padded_records),
		cmocka_unit_test(records_of_one_byte),
		cmocka_unit_test(a_request_may_be_cut_anywhere),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, stop);
}
