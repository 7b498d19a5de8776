/* SPDX-License-Identifier: MIT */
/*
 * test_fastcgi.c - gateway/fastcgi_request.c, gateway/fastcgi_conn.c and gateway/get_values.c: what
 * a FastCGI application is sent, and what becomes of what it answers
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/gateway.h>

#include "gateway/get_values.h"
#include "support/app_peer.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

#define TEXT      "Content-Type: text/plain\r\n\r\n"

/* A gateway in this process, its client, and the applications behind it. */
struct stage {
	struct app_peer apps[2];
	struct vane_backend *host;
	struct vane_route routes[2];
	struct site site;
	struct client client;
	char upstream[80];
};

static void begin(struct stage *stage, struct vane_fastcgi_backend_opts opts, int apps)
{
	int i;

	memset(stage, 0, sizeof(*stage));
	for (i = 0; i < apps; i++) {
		app_peer_init(&stage->apps[i], &stage->site);
		snprintf(stage->upstream + strlen(stage->upstream),
			sizeof(stage->upstream) - strlen(stage->upstream), "%s%s",
			i > 0 ? "," : "", stage->apps[i].address);
	}
	opts.upstream = stage->upstream;
	assert_int_equal(vane_fastcgi_backend_new(&stage->host, &opts), 0);
	stage->routes[0] = (struct vane_route) { "/{path:.*}", &vane_backend_handler,
		.data = stage->host };
	site_init(&stage->site, stage->routes, NULL, NULL);
	client_init(&stage->client, &stage->site);
}

static void end(struct stage *stage)
{
	size_t i;

	client_fini(&stage->client);
	site_turn(&stage->site, 1);
	vane_backend_free(stage->host);
	site_fini(&stage->site);
	for (i = 0; i < 2; i++) {
		if (stage->apps[i].listener > 0)
			app_peer_fini(&stage->apps[i]);
	}
}

static const struct vane_fastcgi_backend_opts plain = { .upstream = NULL };
static const struct vane_fastcgi_backend_opts keeping = { .max_idle = 4 };

static bool has_param(const struct app_conn *conn, const char *name, const char *value)
{
	struct fcgi_bytes pair = { 0 };
	bool found;

	fcgi_peer_pair(&pair, name, value);
	found = memmem(conn->params.data, conn->params.len, pair.data, pair.len) != NULL;
	fcgi_bytes_fini(&pair);
	return found;
}

/* The question that comes beside a host's first request; values are pairs up to a NULL. */
static void answer_question(struct stage *stage, const char *const *values)
{
	struct fcgi_bytes pairs = { 0 }, bytes = { 0 };
	struct app_conn asking;

	app_accept(&stage->apps[0], &asking);
	app_await(&asking, &asking.asked);
	for (; *values != NULL; values += 2)
		fcgi_peer_pair(&pairs, values[0], values[1]);
	fcgi_peer_record(&bytes, FCGI_PEER_VALUES, 0, pairs.data, pairs.len, 0);
	app_send(&asking, bytes.data, bytes.len);
	app_await(&asking, &asking.eof);
	app_close(&asking);
	fcgi_bytes_fini(&pairs);
	fcgi_bytes_fini(&bytes);
}

/* A whole exchange on a new connection, which is left open. */
static void serve(struct stage *stage, struct app_conn *conn)
{
	client_forget(&stage->client);
	client_puts(&stage->client, GET("/"));
	app_accept(&stage->apps[0], conn);
	app_await(conn, &conn->whole);
	app_answer(conn, TEXT "served");
	client_await(&stage->client, "served");
}

/* A connection that the gateway keeps, and that has served one request. */
static void make_kept(struct stage *stage, struct app_conn *conn)
{
	static const char *const values[] = { "FCGI_MPXS_CONNS", "0", NULL };

	client_puts(&stage->client, GET("/"));
	app_accept(&stage->apps[0], conn);
	answer_question(stage, values);
	app_await(conn, &conn->whole);
	assert_false(conn->keep);
	app_answer(conn, TEXT "first");
	client_await(&stage->client, "first");
	app_await(conn, &conn->eof);
	app_close(conn);
	serve(stage, conn);
	assert_true(conn->keep);
}

static void requests_and_answers_pass(void **state)
{
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, plain, 1);
	client_puts(&stage.client, GET("/some/path?query"));
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	assert_int_equal(conn.id, 1);
	assert_false(conn.keep);
	assert_int_equal(conn.body.len, 0);
	assert_true(has_param(&conn, "REQUEST_METHOD", "GET"));
	assert_true(has_param(&conn, "QUERY_STRING", "query"));
	app_answer(&conn, "Status: 418 Teapot\r\n" TEXT "short and stout");
	client_await(&stage.client, "short and stout");
	client_await(&stage.client, "HTTP/1.1 418 ");
	app_await(&conn, &conn.eof);
	app_close(&conn);
	end(&stage);
}

static void bodies_are_sent_whole(void **state)
{
	static char body[300001];
	struct stage stage;
	struct app_conn conn;

	(void) state;
	memset(body, 'b', sizeof(body));
	begin(&stage, plain, 1);
	client_puts(&stage.client,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300001\r\n\r\n");
	client_send(&stage.client, body, sizeof(body));
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	assert_true(has_param(&conn, "CONTENT_LENGTH", "300001"));
	assert_int_equal(conn.body.len, sizeof(body));
	assert_memory_equal(conn.body.data, body, sizeof(body));
	app_answer(&conn, TEXT "taken");
	client_await(&stage.client, "taken");
	app_close(&conn);
	end(&stage);
}

static void bodies_may_be_sent_as_they_come(void **state)
{
	struct vane_fastcgi_backend_opts opts = { .stream = true };
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, opts, 1);
	client_puts(&stage.client,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfirst");
	app_accept(&stage.apps[0], &conn);
	app_await_body(&conn, 5);
	assert_false(conn.whole);
	client_puts(&stage.client, "later");
	app_await(&conn, &conn.whole);
	assert_string_equal(conn.body.data, "firstlater");
	app_answer(&conn, TEXT "taken");
	client_await(&stage.client, "taken");
	app_close(&conn);
	end(&stage);
}

static void an_answer_may_come_before_the_body(void **state)
{
	struct vane_fastcgi_backend_opts opts = { .stream = true };
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, opts, 1);
	client_puts(&stage.client,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nfirst");
	app_accept(&stage.apps[0], &conn);
	app_await_body(&conn, 5);
	app_answer(&conn, "Status: 403\r\n" TEXT "no");
	client_await(&stage.client, "HTTP/1.1 403 ");
	app_await(&conn, &conn.eof);
	app_close(&conn);
	end(&stage);
}

static void connections_are_kept(void **state)
{
	struct stage stage;
	struct app_conn conn, other;

	(void) state;
	begin(&stage, keeping, 1);
	make_kept(&stage, &conn);
	client_forget(&stage.client);
	client_puts(&stage.client, GET("/again"));
	app_await(&conn, &conn.whole);
	app_answer(&conn, TEXT "again");
	client_await(&stage.client, "again");
	/* One that the application closes is not used. */
	app_close(&conn);
	site_turn(&stage.site, 5);
	serve(&stage, &other);
	app_close(&other);
	end(&stage);
}

static void what_an_idle_connection_says_ends_it(void **state)
{
	struct stage stage;
	struct app_conn conn, other;

	(void) state;
	begin(&stage, keeping, 1);
	make_kept(&stage, &conn);
	app_out(&conn, 1, "late", 4);
	app_await(&conn, &conn.eof);
	serve(&stage, &other);
	app_close(&conn);
	app_close(&other);
	end(&stage);
}

static void who_has_few_processes_has_few_connections(void **state)
{
	static const char *const values[] = { "FCGI_MAX_CONNS", "0", NULL };
	struct stage stage;
	struct app_conn conn;
	int i;

	(void) state;
	assert_int_equal(vane__get_values_keep(4, -1, 0), 4);
	assert_int_equal(vane__get_values_keep(4, 100, 8), 4);
	assert_int_equal(vane__get_values_keep(4, 8, 3), 2);
	assert_int_equal(vane__get_values_keep(4, 2, 3), 0);
	begin(&stage, keeping, 1);
	for (i = 0; i < 2; i++) {
		client_puts(&stage.client, GET("/"));
		app_accept(&stage.apps[0], &conn);
		if (i == 0)
			answer_question(&stage, values);
		app_await(&conn, &conn.whole);
		assert_false(conn.keep);
		app_answer(&conn, TEXT "here");
		client_await(&stage.client, "here");
		client_forget(&stage.client);
		app_close(&conn);
	}
	end(&stage);
}

static void no_answer_to_questions_is_waited_for(void **state)
{
	struct stage stage;
	struct app_conn conn, asking;

	(void) state;
	begin(&stage, keeping, 1);
	client_puts(&stage.client, GET("/"));
	app_accept(&stage.apps[0], &conn);
	app_accept(&stage.apps[0], &asking);
	app_await(&conn, &conn.whole);
	app_answer(&conn, TEXT "here");
	client_await(&stage.client, "here");
	app_close(&conn);
	app_await(&asking, &asking.asked);
	app_await(&asking, &asking.eof);
	app_close(&asking);
	serve(&stage, &conn);
	assert_true(conn.keep);
	app_close(&conn);
	end(&stage);
}

static void a_kept_connection_that_breaks_is_no_error(void **state)
{
	struct stage stage;
	struct app_conn conn, other;

	(void) state;
	begin(&stage, keeping, 1);
	make_kept(&stage, &conn);
	client_forget(&stage.client);
	client_puts(&stage.client, GET("/retried"));
	app_await(&conn, &conn.whole);
	app_close(&conn);
	app_accept(&stage.apps[0], &other);
	app_await(&other, &other.whole);
	assert_true(has_param(&other, "REQUEST_URI", "/retried"));
	/* But once is enough. */
	app_close(&other);
	client_await(&stage.client, "HTTP/1.1 502 ");
	assert_false(app_is_called(&stage.apps[0]));
	end(&stage);
}

/* What must not be done twice is not entrusted to a connection that may be closed just now. */
static void what_cannot_be_repeated_has_a_new_connection(void **state)
{
	static const char *const requests[] = {
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
		"LOCK / HTTP/1.1\r\nHost: h\r\n\r\n",
	};
	size_t i;

	(void) state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct stage stage;
		struct app_conn conn, other;

		begin(&stage, keeping, 1);
		make_kept(&stage, &conn);
		client_forget(&stage.client);
		client_puts(&stage.client, requests[i]);
		app_await(&conn, &conn.eof);
		app_close(&conn);
		app_accept(&stage.apps[0], &other);
		app_await(&other, &other.whole);
		app_close(&other);
		client_await(&stage.client, "HTTP/1.1 502 ");
		assert_false(app_is_called(&stage.apps[0]));
		end(&stage);
	}
}

static void who_has_begun_to_answer_is_not_asked_again(void **state)
{
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, keeping, 1);
	make_kept(&stage, &conn);
	client_forget(&stage.client);
	client_puts(&stage.client, GET("/"));
	app_await(&conn, &conn.whole);
	app_out(&conn, 1, "Content", 7);
	app_close(&conn);
	client_await(&stage.client, "HTTP/1.1 502 ");
	assert_false(app_is_called(&stage.apps[0]));
	end(&stage);
}

static void a_client_that_leaves_aborts_its_request(void **state)
{
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, plain, 1);
	client_puts(&stage.client, GET("/"));
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	close(stage.client.fd);
	stage.client.fd = -1;
	app_await(&conn, &conn.eof);
	assert_true(conn.aborted);
	app_close(&conn);
	end(&stage);
}

/* It is the end of the answer that finds out: HEAD has its head sent only then. */
static void a_client_may_leave_when_all_is_said(void **state)
{
	const struct linger now = { 1, 0 };
	struct fcgi_bytes answer = { 0 };
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, plain, 1);
	client_puts(&stage.client, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	setsockopt(stage.client.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(stage.client.fd);
	stage.client.fd = -1;
	fcgi_peer_record(&answer, FCGI_PEER_STDOUT, conn.id, TEXT, strlen(TEXT), 4);
	fcgi_peer_record(&answer, FCGI_PEER_END, conn.id, "\0\0\0\0\0\0\0", 8, 0);
	send(conn.fd, answer.data, answer.len, MSG_NOSIGNAL);
	fcgi_bytes_fini(&answer);
	site_await_connections(&stage.site, 0);
	assert_int_equal(vane_server_in_flight(stage.site.server), 0);
	assert_string_equal(stage.site.log, "");
	app_await(&conn, &conn.eof);
	app_close(&conn);
	end(&stage);
}

static void an_aborted_request_may_end_in_time(void **state)
{
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, keeping, 1);
	make_kept(&stage, &conn);
	client_puts(&stage.client, GET("/"));
	app_await(&conn, &conn.whole);
	client_fini(&stage.client);
	app_await(&conn, &conn.aborted);
	app_out(&conn, 1, "what nobody wants", 17);
	app_end(&conn, 1, 0, 0);
	/* Its connection is as good as any. */
	client_init(&stage.client, &stage.site);
	site_turn(&stage.site, 5);
	client_puts(&stage.client, GET("/next"));
	app_next(&conn);
	app_await(&conn, &conn.whole);
	app_answer(&conn, TEXT "next");
	client_await(&stage.client, "next");
	app_close(&conn);
	end(&stage);
}

static void an_aborted_request_that_does_not_end_is_left(void **state)
{
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, keeping, 1);
	make_kept(&stage, &conn);
	client_puts(&stage.client, GET("/"));
	app_await(&conn, &conn.whole);
	close(stage.client.fd);
	stage.client.fd = -1;
	app_await(&conn, &conn.aborted);
	app_await(&conn, &conn.eof);
	app_close(&conn);
	end(&stage);
}

static void a_host_may_end_before_that(void **state)
{
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, keeping, 1);
	make_kept(&stage, &conn);
	client_puts(&stage.client, GET("/"));
	app_await(&conn, &conn.whole);
	close(stage.client.fd);
	stage.client.fd = -1;
	app_await(&conn, &conn.aborted);
	app_close(&conn);
	end(&stage);
}

static void who_is_overloaded_is_passed_by(void **state)
{
	struct stage stage;
	struct app_conn conn;
	int i;

	(void) state;
	begin(&stage, plain, 2);
	client_puts(&stage.client, GET("/"));
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	app_end(&conn, 1, 0, 2);
	app_close(&conn);
	app_accept(&stage.apps[1], &conn);
	app_await(&conn, &conn.whole);
	app_answer(&conn, TEXT "here");
	client_await(&stage.client, "here");
	app_close(&conn);
	/* If all are, there is nobody left. */
	client_puts(&stage.client, GET("/"));
	for (i = 0; i < 2; i++) {
		app_accept(&stage.apps[i], &conn);
		app_await(&conn, &conn.whole);
		app_end(&conn, 1, 0, 2);
		app_close(&conn);
	}
	client_await(&stage.client, "HTTP/1.1 503 ");
	client_await(&stage.client, "Retry-After: ");
	end(&stage);
}

static void who_is_not_there_is_passed_by(void **state)
{
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, plain, 2);
	app_peer_fini(&stage.apps[0]);
	stage.apps[0].listener = -1;
	stage.site.descriptors--;
	client_puts(
		&stage.client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
	app_accept(&stage.apps[1], &conn);
	app_await(&conn, &conn.whole);
	app_answer(&conn, TEXT "here");
	client_await(&stage.client, "here");
	app_close(&conn);
	assert_non_null(strstr(stage.site.log, "down, tried again in"));
	app_peer_fini(&stage.apps[1]);
	stage.apps[1].listener = -1;
	stage.site.descriptors--;
	client_puts(&stage.client, GET("/"));
	client_await(&stage.client, "HTTP/1.1 503 ");
	client_await(&stage.client, "Retry-After: ");
	end(&stage);
}

static void the_fewest_requests_decide(void **state)
{
	struct stage stage;
	struct app_conn conns[4];
	struct client clients[3];
	int i;

	(void) state;
	begin(&stage, plain, 2);
	client_puts(&stage.client, GET("/"));
	app_accept(&stage.apps[0], &conns[0]);
	for (i = 0; i < 3; i++) {
		client_init(&clients[i], &stage.site);
		client_puts(&clients[i], GET("/"));
		if (i == 1) {
			/* The second has one, the first has none: it is not its turn. */
			app_accept(&stage.apps[0], &conns[2]);
		} else {
			app_accept(&stage.apps[1], &conns[i + 1]);
		}
		if (i == 0) {
			app_await(&conns[0], &conns[0].whole);
			app_answer(&conns[0], TEXT "here");
			client_await(&stage.client, "here");
		}
	}
	for (i = 0; i < 4; i++)
		app_close(&conns[i]);
	for (i = 0; i < 3; i++) {
		client_await(&clients[i], "HTTP/1.1 502 ");
		client_fini(&clients[i]);
	}
	end(&stage);
}

static void requests_stand_in_line(void **state)
{
	struct vane_fastcgi_backend_opts opts = { .limits = { .max_active = 1,
							  .max_queue = 1 } };
	struct client second, third;
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, opts, 1);
	client_init(&second, &stage.site);
	client_init(&third, &stage.site);
	client_puts(&stage.client, GET("/"));
	app_accept(&stage.apps[0], &conn);
	client_puts(&second, GET("/second"));
	assert_false(app_is_called(&stage.apps[0]));
	client_puts(&third, GET("/"));
	client_await(&third, "HTTP/1.1 503 ");
	app_await(&conn, &conn.whole);
	app_answer(&conn, TEXT "here");
	client_await(&stage.client, "here");
	app_close(&conn);
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	assert_true(has_param(&conn, "REQUEST_URI", "/second"));
	app_answer(&conn, TEXT "there");
	client_await(&second, "there");
	app_close(&conn);
	client_fini(&second);
	client_fini(&third);
	end(&stage);
}

/* An application that takes several requests on a connection, and the first of them. */
static void begin_shared(struct stage *stage, struct app_conn *conn)
{
	static const char *const values[] = { "FCGI_MPXS_CONNS", "1", "FCGI_MAX_REQS", "2",
		NULL };
	const struct vane_fastcgi_backend_opts opts = { .multiplex = true, .max_idle = 4 };

	begin(stage, opts, 1);
	client_puts(&stage->client, GET("/"));
	app_accept(&stage->apps[0], conn);
	answer_question(stage, values);
	app_await(conn, &conn->whole);
	app_answer(conn, TEXT "first");
	client_await(&stage->client, "first");
	app_close(conn);
	client_forget(&stage->client);
	client_puts(&stage->client, GET("/one"));
	app_accept(&stage->apps[0], conn);
	app_await(conn, &conn->whole);
	assert_int_equal(conn->id, 1);
}

static void requests_share_a_connection(void **state)
{
	struct client second, third;
	struct stage stage;
	struct app_conn conn, other;

	(void) state;
	begin_shared(&stage, &conn);
	client_init(&second, &stage.site);
	client_init(&third, &stage.site);
	conn.whole = false;
	client_puts(&second, GET("/two"));
	app_await(&conn, &conn.whole);
	assert_int_equal(conn.id, 2);
	assert_true(has_param(&conn, "REQUEST_URI", "/two"));
	/* It takes two; a third one has a connection of its own. */
	client_puts(&third, GET("/three"));
	app_accept(&stage.apps[0], &other);
	app_await(&other, &other.whole);
	assert_int_equal(other.id, 1);
	app_out(&conn, 2, TEXT "two ", strlen(TEXT) + 4);
	app_out(&conn, 1, TEXT "one ", strlen(TEXT) + 4);
	app_out(&conn, 2, "second", 6);
	app_end(&conn, 2, 0, 0);
	client_await(&second, "two ");
	client_await(&second, "second");
	app_out(&conn, 1, "first", 5);
	app_end(&conn, 1, 0, 0);
	client_await(&stage.client, "first");
	assert_int_equal(client_count(&stage.client, "second"), 0);
	app_answer(&other, TEXT "three");
	client_await(&third, "three");
	client_fini(&second);
	client_fini(&third);
	app_close(&conn);
	app_close(&other);
	end(&stage);
}

static void one_that_is_aborted_leaves_the_others_alone(void **state)
{
	struct client second;
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin_shared(&stage, &conn);
	client_init(&second, &stage.site);
	conn.whole = false;
	client_puts(&second, GET("/two"));
	app_await(&conn, &conn.whole);
	client_fini(&second);
	app_await(&conn, &conn.aborted);
	/* It never says that it has ended; after a second nobody waits for that any more. */
	site_turn(&stage.site, 1100);
	app_out(&conn, 2, "late", 4);
	app_out(&conn, 1, TEXT "one", strlen(TEXT) + 3);
	app_end(&conn, 1, 0, 0);
	client_await(&stage.client, "one");
	app_await(&conn, &conn.eof);
	app_close(&conn);
	end(&stage);
}

static void a_shared_connection_that_breaks_takes_all_along(void **state)
{
	struct client second;
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin_shared(&stage, &conn);
	client_init(&second, &stage.site);
	conn.whole = false;
	client_puts(&second, GET("/two"));
	app_await(&conn, &conn.whole);
	app_out(&conn, 3, "x", 1);
	client_await(&second, "HTTP/1.1 502 ");
	client_await(&stage.client, "HTTP/1.1 502 ");
	app_await(&conn, &conn.eof);
	app_close(&conn);
	client_fini(&second);
	end(&stage);
}

static void who_cannot_share_after_all_need_not(void **state)
{
	struct client second;
	struct stage stage;
	struct app_conn conn, other;

	(void) state;
	begin_shared(&stage, &conn);
	client_init(&second, &stage.site);
	conn.whole = false;
	client_puts(&second, GET("/two"));
	app_await(&conn, &conn.whole);
	app_end(&conn, 2, 0, 1);
	app_accept(&stage.apps[0], &other);
	app_await(&other, &other.whole);
	assert_true(has_param(&other, "REQUEST_URI", "/two"));
	app_answer(&other, TEXT "two");
	client_await(&second, "two");
	conn.id = 1;
	app_answer(&conn, TEXT "one");
	client_await(&stage.client, "one");
	app_close(&conn);
	app_close(&other);
	client_fini(&second);
	end(&stage);
}

/* Send what there is room for; the client does not read. */
static size_t send_some(struct app_conn *conn, struct stage *stage, size_t max)
{
	static char record[8 + 65528];
	size_t sent = 0, at = 0;
	int idle = 0;

	memcpy(record, "\1\6\0\1\xff\xf8\0\0", 8);
	while (sent < max && idle < 200) {
		ssize_t n = send(conn->fd, record + at, sizeof(record) - at, MSG_NOSIGNAL);

		idle = n > 0 ? 0 : idle + 1;
		sent += n > 0 ? (size_t) n : 0;
		at = (at + (n > 0 ? (size_t) n : 0)) % sizeof(record);
		site_turn(&stage->site, n > 0 ? 0 : 1);
	}
	/* The record has to be whole; there is a client that reads from here on. */
	while (at > 0) {
		ssize_t n = send(conn->fd, record + at, sizeof(record) - at, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t) n : 0;
		at = (at + (n > 0 ? (size_t) n : 0)) % sizeof(record);
		if (recv(stage->client.fd, (char[65536]) { 0 }, 65536, 0) < 0)
			site_turn(&stage->site, 1);
	}
	return sent;
}

static void a_slow_client_slows_the_application_down_in_the_end(void **state)
{
	static const struct vane_fastcgi_backend_opts opts = {
		.limits = { .max_spool_bytes = 1024 * 1024 }
	};
	enum { MAX = 64 * 1024 * 1024 };
	struct stage stage;
	struct app_conn conn;
	size_t sent;

	(void) state;
	begin(&stage, opts, 1);
	client_puts(&stage.client, GET("/"));
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	app_out(&conn, 1, TEXT, strlen(TEXT));
	sent = send_some(&conn, &stage, MAX);
	assert_true(sent < MAX);
	app_out(&conn, 1, "the end", 7);
	app_end(&conn, 1, 0, 0);
	client_await(&stage.client, "the end");
	app_close(&conn);
	end(&stage);
}

static void errors_and_statuses_are_logged(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct stage stage;
	struct app_conn conn;

	(void) state;
	begin(&stage, plain, 1);
	client_puts(&stage.client, GET("/"));
	app_accept(&stage.apps[0], &conn);
	app_await(&conn, &conn.whole);
	fcgi_peer_record(&bytes, FCGI_PEER_STDERR, 1, "oh dear\n", 8, 0);
	app_send(&conn, bytes.data, bytes.len);
	app_out(&conn, 1, TEXT "here", strlen(TEXT) + 4);
	app_end(&conn, 1, 3, 0);
	client_await(&stage.client, "here");
	assert_non_null(strstr(stage.site.log, "oh dear"));
	assert_non_null(strstr(stage.site.log, "exit status 3"));
	fcgi_bytes_fini(&bytes);
	app_close(&conn);
	end(&stage);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_answers_pass),
		cmocka_unit_test(bodies_are_sent_whole),
		cmocka_unit_test(bodies_may_be_sent_as_they_come),
		cmocka_unit_test(an_answer_may_come_before_the_body),
		cmocka_unit_test(connections_are_kept),
		cmocka_unit_test(what_an_idle_connection_says_ends_it),
		cmocka_unit_test(who_has_few_processes_has_few_connections),
		cmocka_unit_test(no_answer_to_questions_is_waited_for),
		cmocka_unit_test(a_kept_connection_that_breaks_is_no_error),
		cmocka_unit_test(what_cannot_be_repeated_has_a_new_connection),
		cmocka_unit_test(who_has_begun_to_answer_is_not_asked_again),
		cmocka_unit_test(a_client_that_leaves_aborts_its_request),
		cmocka_unit_test(a_client_may_leave_when_all_is_said),
		cmocka_unit_test(an_aborted_request_may_end_in_time),
		cmocka_unit_test(an_aborted_request_that_does_not_end_is_left),
		cmocka_unit_test(a_host_may_end_before_that),
		cmocka_unit_test(who_is_overloaded_is_passed_by),
		cmocka_unit_test(who_is_not_there_is_passed_by),
		cmocka_unit_test(the_fewest_requests_decide),
		cmocka_unit_test(requests_stand_in_line),
		cmocka_unit_test(requests_share_a_connection),
		cmocka_unit_test(one_that_is_aborted_leaves_the_others_alone),
		cmocka_unit_test(a_shared_connection_that_breaks_takes_all_along),
		cmocka_unit_test(who_cannot_share_after_all_need_not),
		cmocka_unit_test(a_slow_client_slows_the_application_down_in_the_end),
		cmocka_unit_test(errors_and_statuses_are_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
