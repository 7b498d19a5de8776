/* SPDX-License-Identifier: MIT */
/*
 * test_server_fair.c - lib/conn*.c: a client that is as fast as the server does not have it for
 * itself.
 *
 * The greedy client is served from within the handler's own functions: each piece is taken, or the
 * next one given, before the server asks again, so that nothing but a limit of its own makes it turn
 * to others.  Bytes and requests in a turn of the loop are counted, and a second client is answered
 * meanwhile; no clock is read.
 */
#include "test.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/site.h"

#define MIB               ((size_t) 1024 * 1024)
#define TOTAL             (24 * MIB)
#define TURN_MOST         (2 * MIB + 256 * 1024) /* bytes in a turn */
#define REQUESTS_MOST     512                    /* pieces or requests in a turn */
#define PROBE_TURNS       4
#define TURNS             100000

#define GET(path)         "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define POST(path, field) "POST " path " HTTP/1.1\r\nHost: h\r\n" field "\r\n\r\n"
#define LENGTH            "Content-Length: 100000000"
#define CHUNKED           "Transfer-Encoding: chunked"

struct greed {
	struct site site;
	struct client client;
	size_t piece;
	int64_t length;                /* of its response, -1: chunked */
	bool chunked;                  /* its body is */
	size_t moved, calls;           /* so far */
	size_t most_moved, most_calls; /* in a turn */
	size_t fed;                    /* sent to the server and not seen by it */
};

/* The client takes all that has come. */
static void take(struct greed *greed)
{
	static char waste[65536];

	while (recv(greed->client.fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		;
}

/* The client sends as much of that, again and again, as goes into the socket. */
static void feed(struct greed *greed, const char *text, size_t len)
{
	while (greed->fed < TOTAL) {
		ssize_t n = send(greed->client.fd, text + greed->fed % len,
			len - greed->fed % len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n <= 0)
			return;
		greed->fed += (size_t) n;
	}
}

static void feed_body(struct greed *greed)
{
	static char chunk[8 + 30000 + 2] = "007530\r\n"; /* 30000 */
	const size_t head = greed->chunked ? 8 : 0;

	memset(chunk + 8, 'b', 30000);
	memcpy(chunk + sizeof(chunk) - 2, "\r\n", 2);
	feed(greed, chunk + 8 - head, sizeof(chunk) - 8 + head);
}

static ssize_t pull(void *data, char *buf, size_t size)
{
	struct greed *greed = data;
	size_t n = greed->piece < size ? greed->piece : size;

	if (greed->length < 0 && greed->moved >= TOTAL)
		return 0;
	take(greed);
	memset(buf, 'x', n);
	greed->moved += n;
	greed->calls++;
	return (ssize_t) n;
}

static int get_source(struct vane_request *req, struct vane_response *res)
{
	struct greed *greed = vane_request_data(req);
	const struct vane_source source = {
		.pull = pull, .data = greed, .length = greed->length
	};

	return vane_response_write_source(res, &source);
}

static int get_probe(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "probed");
}

static int take_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	struct greed *greed = vane_request_data(req);

	greed->moved += len;
	greed->calls++;
	feed_body(greed);
	return 0;
}

static int put_done(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "done");
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

/* As a gateway reads: whatever is there, then again when there is more. */
static void read_on(struct vane_request *req, void *data)
{
	struct greed *greed = vane_request_data(req);
	struct vane_response *res = vane_request_response(req);
	static char buf[16384];
	ssize_t n;

	while ((n = vane_request_read(req, buf, sizeof(buf))) > 0) {
		greed->moved += (size_t) n;
		greed->calls++;
		feed_body(greed);
	}
	if (n == -EAGAIN)
		vane_request_on_body(req, read_on, NULL);
	else
		vane_response_finish(res);
}

static int post_stream(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	read_on(req, NULL);
	return 0;
}

/* The next requests are here before this one is answered. */
static int get_many(struct vane_request *req, struct vane_response *res)
{
	static const char more[] = GET("/many");
	struct greed *greed = vane_request_data(req);

	greed->calls++;
	take(greed);
	feed(greed, more, sizeof(more) - 1);
	return vane_response_puts(res, "one of many");
}

static const struct vane_handler source_handler = { .get = get_source };
static const struct vane_handler probe_handler = { .get = get_probe };
static const struct vane_handler data_handler = { .data = take_piece, .post = put_done };
static const struct vane_handler stream_handler = { .prepare = stream,
	.post = post_stream };
static const struct vane_handler many_handler = { .get = get_many };

/* One turn, and what was moved in it. */
static void turn(struct greed *greed)
{
	size_t moved = greed->moved, calls = greed->calls;

	vane_loop_turn(greed->site.loop, false);
	moved = greed->moved - moved;
	calls = greed->calls - calls;
	greed->most_moved = moved > greed->most_moved ? moved : greed->most_moved;
	greed->most_calls = calls > greed->most_calls ? calls : greed->most_calls;
}

/* A second client comes while the first is served: it is answered within some turns. */
static void probe(struct greed *greed)
{
	static const char request[] =
		"GET /probe HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
	struct client client;
	char answer[512];
	ssize_t n = -1;
	int turns = 0;

	client_init(&client, &greed->site);
	assert_int_equal(
		send(client.fd, request, sizeof(request) - 1, 0), sizeof(request) - 1);
	for (; turns < PROBE_TURNS && n <= 0; turns++) {
		turn(greed);
		n = recv(client.fd, answer, sizeof(answer), MSG_DONTWAIT);
	}
	assert_true(n > 0);
	client_fini(&client);
}

/* Serve the greedy client until so much was moved, or asked. */
static void serve(struct greed *greed, const char *request, size_t moved, size_t calls)
{
	const struct vane_route routes[] = {
		{ "/source", &source_handler, .data = greed },
		{ "/data", &data_handler, .data = greed },
		{ "/stream", &stream_handler, .data = greed },
		{ "/many", &many_handler, .data = greed },
		{ "/probe", &probe_handler },
		{ 0 },
	};
	int turns;

	greed->moved = greed->calls = greed->fed = greed->most_moved = greed->most_calls =
		0;
	site_init(&greed->site, routes, NULL, NULL);
	client_init(&greed->client, &greed->site);
	client_puts(&greed->client, request);
	if (strstr(request, "POST") != NULL)
		feed_body(greed);
	for (turns = 0; greed->calls == 0 && turns < TURNS; turns++)
		turn(greed);
	probe(greed);
	for (; (greed->moved < moved || greed->calls < calls) && turns < TURNS; turns++) {
		turn(greed);
		take(greed);
		if (strstr(request, "POST") != NULL)
			feed_body(greed);
	}
	assert_true(greed->moved >= moved && greed->calls >= calls);
	client_fini(&greed->client);
	site_fini(&greed->site);
	print_message("%.24s: at most %zu bytes and %zu calls in a turn\n", request,
		greed->most_moved, greed->most_calls);
	assert_true(greed->most_moved <= TURN_MOST);
	assert_true(greed->most_calls <= REQUESTS_MOST);
}

static void pieces_of_a_source_count_towards_a_turn(void **state)
{
	static const size_t pieces[] = { 100, 8000, 16384, 65536 };
	static const int64_t lengths[] = { -1, 100000000 };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(pieces); i++)
		for (k = 0; k < ARRAY_SIZE(lengths); k++) {
			struct greed greed = { .piece = pieces[i], .length = lengths[k] };

			serve(&greed, GET("/source"), pieces[i] < 1000 ? MIB / 2 : TOTAL,
				0);
		}
}

static void pieces_of_a_body_count_towards_a_turn(void **state)
{
	static const struct {
		const char *request;
		bool chunked;
	} rows[] = {
		{ POST("/data", LENGTH), false },
		{ POST("/data", CHUNKED), true },
		{ POST("/stream", LENGTH), false },
		{ POST("/stream", CHUNKED), true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct greed greed = { .chunked = rows[i].chunked };

		serve(&greed, rows[i].request, TOTAL / 2, 0);
	}
}

static void pipelined_requests_count_towards_a_turn(void **state)
{
	struct greed greed = { .piece = 0 };

	serve(&greed, GET("/many"), 0, 10000);
}

static int post_answered(struct vane_request *req, struct vane_response *res)
{
	static char answer[100 * 1024];

	memset(answer, 'a', sizeof(answer));
	vane_response_defer(res);
	vane_response_write(res, answer, sizeof(answer));
	vane_response_flush(res);
	read_on(req, NULL);
	return 0;
}

static const struct vane_handler answered_handler = { .prepare = stream,
	.post = post_answered };

/*
 * The client reads nothing until its body is gone.  A unix socket takes the answer whole and does
 * not count as writable any more: a turn that was used up is none of its business.
 */
static void a_turn_used_up_by_reading_does_not_wait_for_room(void **state)
{
	struct greed greed = { .length = -1 };
	const struct vane_route routes[] = {
		{ "/", &answered_handler, .data = &greed },
		{ 0 },
	};
	int fds[2], turns;

	site_init(&greed.site, routes, NULL, NULL);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(vane_server_add_connection(greed.site.server, fds[0]), 0);
	greed.client = (struct client) { .site = &greed.site, .fd = fds[1] };
	client_puts(&greed.client, POST("/", LENGTH));
	for (turns = 0; greed.moved < TOTAL && turns < TURNS; turns++) {
		feed_body(&greed);
		turn(&greed);
	}
	assert_true(greed.moved >= TOTAL);
	assert_true(greed.most_moved <= TURN_MOST);
	client_fini(&greed.client);
	site_fini(&greed.site);
}

/* The server's end of a connection, which is in this process too. */
static int other_end(int fd)
{
	struct sockaddr_in mine, theirs;
	socklen_t len = sizeof(mine);
	int other;

	assert_int_equal(getsockname(fd, (struct sockaddr *) &mine, &len), 0);
	for (other = 3; other < 1024; other++) {
		len = sizeof(theirs);
		if (getpeername(other, (struct sockaddr *) &theirs, &len) == 0 &&
			theirs.sin_family == AF_INET && theirs.sin_port == mine.sin_port)
			return other;
	}
	return -1;
}

/* A client that reads nothing of a response without end. */
static void the_kernel_keeps_little_that_is_not_sent(void **state)
{
	struct greed greed = { .piece = 65536, .length = 100000000 };
	const struct vane_route routes[] = {
		{ "/file", &source_handler, .data = &greed },
		{ 0 },
	};
	int unsent = -1, turns, fd;
	size_t before;

	site_init(&greed.site, routes, NULL, NULL);
	client_init(&greed.client, &greed.site);
	client_puts(&greed.client, GET("/file"));
	for (turns = 0; greed.calls == 0 && turns < TURNS; turns++)
		turn(&greed);
	fd = greed.client.fd;
	greed.client.fd = -1; /* take() finds nothing from now on */
	do {
		before = greed.calls;
		site_turn(&greed.site, 50);
	} while (greed.calls > before);
	assert_int_equal(ioctl(other_end(fd), SIOCOUTQNSD, &unsent), 0);
	print_message("%d bytes unsent\n", unsent);
	assert_in_range(unsent, 1, 1024 * 1024);
	greed.client.fd = fd;
	client_fini(&greed.client);
	site_fini(&greed.site);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_a_source_count_towards_a_turn),
		cmocka_unit_test(pieces_of_a_body_count_towards_a_turn),
		cmocka_unit_test(pipelined_requests_count_towards_a_turn),
		cmocka_unit_test(a_turn_used_up_by_reading_does_not_wait_for_room),
		cmocka_unit_test(the_kernel_keeps_little_that_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
