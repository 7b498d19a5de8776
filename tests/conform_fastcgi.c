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
#include "support/cgivars.h"
#include "support/fcgi_peer.h"

#define ASK_MSEC 30000

/* How the web server behaves. */
struct manner {
	char address[TMP_PATH_MAX + 8];
	bool keep;
	unsigned padding;
	size_t record; /* bytes of content in a record; 0: as many as it holds */
};

struct peer {
	const struct manner *manner;
	struct fcgi_peer connection;
	bool connected;
};

static int open_peer(const struct suite_carrier *carrier, void **client)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return -ENOMEM;
	peer->manner = carrier->data;
	*client = peer;
	return 0;
}

static void hang_up(struct peer *peer)
{
	if (peer->connected)
		fcgi_peer_close(&peer->connection);
	peer->connected = false;
}

static void close_peer(void *client)
{
	hang_up(client);
	free(client);
}

/* A response is whole if FCGI_END_REQUEST says so; one that was cut ends in what is no
 * record. */
static int take_answer(const struct fcgi_peer *connection, struct answer *answer)
{
	int rc;

	if (connection->malformed)
		return -EPROTO;
	rc = answer_from_cgi(answer,
		connection->out.data == NULL ? "" : connection->out.data,
		connection->out.len);
	answer->whole = connection->ended && connection->app_status == 0;
	return rc;
}

static int ask_peer(void *client, const struct ask *ask, struct answer *answer)
{
	struct peer *peer = client;
	const struct manner *manner = peer->manner;
	char **vars = cgi_vars(ask);
	struct fcgi_peer_request request = {
		.keep = manner->keep,
		.params = (const char *const *) vars,
		.body = ask->body,
		.body_len = ask->body_len,
		.record = ask->body_len > 5000 ? 0 : manner->record,
		.padding = manner->padding,
	};
	int rc = 0;

	if (vars == NULL)
		return -ENOMEM;
	if (!peer->connected)
		rc = fcgi_peer_connect(&peer->connection, manner->address);
	else
		fcgi_peer_next(&peer->connection, 1);
	peer->connected = rc == 0;
	if (rc == 0)
		rc = fcgi_peer_ask(&peer->connection, &request, ASK_MSEC);
	if (rc == 0 || (rc == -ECONNRESET && peer->connection.out.len > 0))
		rc = take_answer(&peer->connection, answer);
	/* A request that was cut leaves a connection that is not to be used again. */
	if (rc < 0 || !manner->keep || !answer->whole || peer->connection.closed)
		hang_up(peer);
	cgi_vars_free(vars);
	return rc;
}

struct responder {
	struct tmp tmp;
	struct proc proc;
	char path[TMP_PATH_MAX];
};

static int conform(struct responder *responder, const char *name, struct manner manner)
{
	struct suite_carrier carrier = {
		.name = name,
		.adapter = true,
		.slow = manner.record > 0,
		.open = open_peer,
		.ask = ask_peer,
		.close = close_peer,
		.data = &manner,
	};
	int failed;

	snprintf(manner.address, sizeof(manner.address), "unix:%s", responder->path);
	failed = suite_run(&carrier);
	if (failed != 0)
		proc_print_log(&responder->proc);
	return failed;
}

static void a_connection_for_each_request(void **state)
{
	assert_int_equal(conform(*state, "fastcgi", (struct manner){ 0 }), 0);
}

static void kept_connections(void **state)
{
	assert_int_equal(
		conform(*state, "fastcgi-kept", (struct manner){ .keep = true }), 0);
}

static void padded_records(void **state)
{
	assert_int_equal(
		conform(*state, "fastcgi-padded",
			(struct manner){ .keep = true, .padding = 255, .record = 1000 }),
		0);
}

static void records_of_one_byte(void **state)
{
	assert_int_equal(
		conform(*state, "fastcgi-split",
			(struct manner){ .keep = true, .padding = 7, .record = 1 }),
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
	fcgi_peer_whole(&bytes, &(struct fcgi_peer_request){
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
