/* SPDX-License-Identifier: MIT */
/*
 * test_upstream.c - gateway/address.c, peer.c, upstream.c and connect.c: where applications
 * are, and how a request finds one
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/netutil.h>

#include "gateway/address.h"
#include "gateway/connect.h"
#include "gateway/upstream.h"
#include "support/alloc.h"
#include "support/port.h"
#include "support/tmp.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const struct vane_backend_limits limits = {
	.max_active = 2, .max_queue = 1, .queue_msec = 10 * 1000
};

static void ignore_line(enum vane_log_level level, const char *line, void *data)
{
}

static void addresses_are_read(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *names[3];
	} rows[] = {
		{ "unix:/run/app.sock", 0, { "unix:/run/app.sock" } },
		{ "127.0.0.1:9000", 0, { "127.0.0.1:9000" } },
		{ "[::1]:9000", 0, { "[::1]:9000" } },
		{ "[127.0.0.1]:9000", 0, { "127.0.0.1:9000" } },
		{ "127.0.0.1:1, unix:rel\t[::1]:65535,", 0,
			{ "127.0.0.1:1", "unix:rel", "[::1]:65535" } },
		{ "", -EINVAL, { NULL } },
		{ " ,", -EINVAL, { NULL } },
		{ "unix:", -EINVAL, { NULL } },
		{ "127.0.0.1", -EINVAL, { NULL } },
		{ "127.0.0.1:", -EINVAL, { NULL } },
		{ ":9000", -EINVAL, { NULL } },
		{ "127.0.0.1:0", -EINVAL, { NULL } },
		{ "127.0.0.1:65536", -EINVAL, { NULL } },
		{ "127.0.0.1:http", -EINVAL, { NULL } },
		{ "::1:9000", -EINVAL, { NULL } },
		{ "[]:9000", -EINVAL, { NULL } },
		{ "[:9000", -EINVAL, { NULL } },
		{ "a..b:9000", -ENOENT, { NULL } },
		{ "127.0.0.1:1,nonsense", -EINVAL, { NULL } },
	};
	struct vane__peer *peers;
	size_t i, k, count;

	(void) state;
	for (i = 0; i < LENGTH(rows); i++) {
		peers = NULL;
		count = 0;
		assert_int_equal(
			vane__address_list(rows[i].text, &peers, &count), rows[i].rc);
		for (k = 0; k < 3 && rows[i].names[k] != NULL; k++)
			assert_true(
				k < count && strcmp(peers[k].name, rows[i].names[k]) == 0);
		assert_int_equal(count, k);
		free(peers);
	}
}

static void there_are_limits_to_addresses(void **state)
{
	struct vane__peer *peers = NULL;
	char text[1200] = "";
	size_t i, count = 0;

	(void) state;
	for (i = 0; i < 64; i++)
		strcat(text, "127.0.0.1:9000 ");
	assert_int_equal(vane__address_list(text, &peers, &count), 0);
	assert_int_equal(count, 64);
	free(peers);
	peers = NULL;
	strcat(text, "127.0.0.1:9000 ");
	assert_int_equal(vane__address_list(text, &peers, &count), -E2BIG);
	assert_null(peers);
	memset(text, 'x', 200);
	memcpy(text, "unix:", 5);
	text[200] = '\0';
	assert_int_equal(vane__address_list(text, &peers, &count), -EINVAL);
}

/* Applications that listen, and a group of them. */
struct stage {
	struct vane_loop *loop;
	struct vane__upstream upstream;
	struct tmp tmp;
	int listeners[3];
	char text[400];
	char paths[3][TMP_PATH_MAX];
};

static void begin(struct stage *stage, int count, int backlog)
{
	struct vane_fastcgi_backend_opts opts = {
		.upstream = stage->text,
		.fail_msec = 30,
		.connect_msec = 100,
		.keep_msec = 30,
	};
	int i;

	memset(stage, 0, sizeof(*stage));
	assert_int_equal(tmp_make(&stage->tmp), 0);
	for (i = 0; i < count; i++) {
		char name[2] = { (char) ('a' + i), '\0' };

		tmp_path(&stage->tmp, stage->paths[i], name);
		assert_int_equal(vane_bind_unix_socket(
					 stage->paths[i], 0, backlog, &stage->listeners[i]),
			0);
		snprintf(stage->text + strlen(stage->text),
			sizeof(stage->text) - strlen(stage->text), "unix:%s ",
			stage->paths[i]);
	}
	assert_int_equal(vane_loop_new(&stage->loop), 0);
	assert_int_equal(vane__upstream_fill(&opts), 0);
	assert_int_equal(vane__upstream_init(&stage->upstream, &opts, &limits), 0);
}

static void end(struct stage *stage)
{
	int i;

	vane__upstream_fini(&stage->upstream);
	vane_loop_free(stage->loop);
	for (i = 0; i < 3; i++) {
		if (stage->listeners[i] > 0)
			close(stage->listeners[i]);
	}
	tmp_remove(&stage->tmp);
}

static void shut(struct stage *stage, int i)
{
	close(stage->listeners[i]);
	stage->listeners[i] = 0;
	unlink(stage->paths[i]);
}

/* A request's way to a connection, and what came of it. */
struct way {
	struct vane__connect connect;
	struct vane__peer_conn *conn;
	int rc; /* 1: nothing yet */
};

static void on_done(void *data, int rc)
{
	struct way *way = data;

	way->rc = rc;
	way->conn = way->connect.conn;
	way->connect.conn = NULL;
}

static void go(struct stage *stage, struct way *way)
{
	*way = (struct way) { .rc = 1 };
	way->connect.balancer = &stage->upstream.balancer;
	way->connect.loop = stage->loop;
	way->connect.done = on_done;
	way->connect.data = way;
	vane__connect_start(&way->connect);
}

static void await(struct stage *stage, struct way *way)
{
	while (way->rc == 1)
		vane_loop_turn(stage->loop, true);
}

static void come_back(struct way *way, enum vane__result result)
{
	vane__peer_conn_close(way->conn);
	vane__connect_drop(&way->connect, result);
	memset(way, 0, sizeof(*way));
}

/* Which of the peers it is. */
static int which(const struct stage *stage, const struct way *way)
{
	return (int) (way->connect.lease.peer - stage->upstream.peers);
}

static void requests_take_turns(void **state)
{
	struct stage stage;
	struct way ways[2];
	int i;

	(void) state;
	begin(&stage, 3, 8);
	for (i = 0; i < 5; i++) {
		go(&stage, &ways[0]);
		assert_int_equal(ways[0].rc, 0);
		assert_int_equal(which(&stage, &ways[0]), i % 3);
		come_back(&ways[0], VANE__RESULT_DONE);
	}
	/* One that has a request has more than the others. */
	go(&stage, &ways[0]);
	assert_int_equal(which(&stage, &ways[0]), 2);
	stage.upstream.turn = 2;
	go(&stage, &ways[1]);
	assert_int_equal(which(&stage, &ways[1]), 0);
	come_back(&ways[0], VANE__RESULT_DONE);
	come_back(&ways[1], VANE__RESULT_DONE);
	end(&stage);
}

static void those_that_are_down_rest_a_while(void **state)
{
	struct stage stage;
	struct way way;
	int i;

	(void) state;
	begin(&stage, 2, 8);
	shut(&stage, 0);
	for (i = 0; i < 3; i++) {
		go(&stage, &way);
		assert_int_equal(way.rc, 0);
		assert_int_equal(which(&stage, &way), 1);
		come_back(&way, VANE__RESULT_DONE);
		assert_true(stage.upstream.peers[0].rest_until > 0);
	}
	shut(&stage, 1);
	go(&stage, &way);
	assert_int_equal(way.rc, -EHOSTDOWN);
	/* Then they are tried again. */
	assert_int_equal(
		vane_bind_unix_socket(stage.paths[0], 0, 8, &stage.listeners[0]), 0);
	while (vane__upstream_rest(&stage.upstream) > 0)
		vane_loop_turn(stage.loop, false);
	go(&stage, &way);
	assert_int_equal(way.rc, 0);
	assert_int_equal(which(&stage, &way), 0);
	come_back(&way, VANE__RESULT_DONE);
	end(&stage);
}

static void one_that_is_alone_does_not_rest(void **state)
{
	struct stage stage;
	struct way way;

	(void) state;
	begin(&stage, 1, 8);
	shut(&stage, 0);
	go(&stage, &way);
	assert_int_equal(way.rc, -EHOSTDOWN);
	assert_int_equal(way.connect.error, -ENOENT);
	assert_int_equal(
		vane_bind_unix_socket(stage.paths[0], 0, 8, &stage.listeners[0]), 0);
	go(&stage, &way);
	assert_int_equal(way.rc, 0);
	come_back(&way, VANE__RESULT_DONE);
	end(&stage);
}

static void connections_over_tcp_are_awaited(void **state)
{
	struct vane_fastcgi_backend_opts opts = { .connect_msec = 10 * 1000 };
	int port, fd = port_listen(&port);
	char text[80];
	struct stage stage = { .loop = NULL };
	struct way way;

	(void) state;
	snprintf(text, sizeof(text), "127.0.0.1:%d 127.0.0.1:%d", port, port);
	opts.upstream = text;
	assert_int_equal(vane_loop_new(&stage.loop), 0);
	assert_int_equal(vane__upstream_fill(&opts), 0);
	assert_int_equal(vane__upstream_init(&stage.upstream, &opts, &limits), 0);
	go(&stage, &way);
	await(&stage, &way);
	assert_int_equal(way.rc, 0);
	come_back(&way, VANE__RESULT_DONE);
	/* Given up meanwhile. */
	go(&stage, &way);
	vane__connect_drop(&way.connect, VANE__RESULT_DONE);
	close(fd);
	go(&stage, &way);
	await(&stage, &way);
	assert_int_equal(way.rc, -EHOSTDOWN);
	assert_int_equal(way.connect.error, -ECONNREFUSED);
	vane__upstream_fini(&stage.upstream);
	vane_loop_free(stage.loop);
}

/* Fill the queue of connections that nobody accepts; how many there are. */
static size_t fill_queue(const char *path, int *fds, size_t max)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t count = 0;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	for (count = 0; count < max; count++) {
		fds[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(fds[count], (struct sockaddr *) &addr, sizeof(addr)) < 0) {
			close(fds[count]);
			break;
		}
	}
	assert_true(count < max);
	return count;
}

static void a_full_queue_is_waited_for(void **state)
{
	struct stage stage;
	struct way way;
	int fds[64];
	size_t count;

	(void) state;
	begin(&stage, 1, 1);
	count = fill_queue(stage.paths[0], fds, LENGTH(fds));
	go(&stage, &way);
	assert_int_equal(way.rc, 1);
	close(accept(stage.listeners[0], NULL, NULL));
	await(&stage, &way);
	assert_int_equal(way.rc, 0);
	come_back(&way, VANE__RESULT_DONE);
	/* But not for ever. */
	while (accept(stage.listeners[0], NULL, NULL) >= 0)
		;
	close(fds[--count]);
	while (count > 0)
		close(fds[--count]);
	count = fill_queue(stage.paths[0], fds, LENGTH(fds));
	go(&stage, &way);
	await(&stage, &way);
	assert_int_equal(way.rc, -EHOSTDOWN);
	assert_int_equal(way.connect.error, -ETIMEDOUT);
	while (count > 0)
		close(fds[--count]);
	end(&stage);
}

static void too_many_stand_in_line(void **state)
{
	struct stage stage;
	struct way ways[4];

	(void) state;
	begin(&stage, 1, 8);
	go(&stage, &ways[0]);
	go(&stage, &ways[1]);
	go(&stage, &ways[2]);
	go(&stage, &ways[3]);
	assert_int_equal(ways[1].rc, 0);
	assert_int_equal(ways[2].rc, 1);
	assert_int_equal(ways[3].rc, -EAGAIN);
	come_back(&ways[0], VANE__RESULT_DONE);
	assert_int_equal(ways[2].rc, 0);
	/* Somebody may leave the line. */
	go(&stage, &ways[3]);
	assert_int_equal(ways[3].rc, 1);
	vane__connect_drop(&ways[3].connect, VANE__RESULT_DONE);
	come_back(&ways[1], VANE__RESULT_DONE);
	come_back(&ways[2], VANE__RESULT_DONE);
	end(&stage);
}

static void idle_connections_are_closed_in_time(void **state)
{
	struct stage stage;
	struct way ways[2];
	struct vane__peer *peer;

	(void) state;
	begin(&stage, 1, 8);
	peer = &stage.upstream.peers[0];
	peer->keep = 2;
	go(&stage, &ways[0]);
	go(&stage, &ways[1]);
	vane__peer_conn_keep(ways[0].conn);
	vane__peer_conn_keep(ways[1].conn);
	assert_int_equal(peer->idle, 2);
	vane__connect_drop(&ways[0].connect, VANE__RESULT_DONE);
	vane__connect_drop(&ways[1].connect, VANE__RESULT_DONE);
	/* The one that was used last is taken first. */
	go(&stage, &ways[0]);
	assert_ptr_equal(ways[0].conn, ways[1].conn);
	assert_true(ways[0].conn->used);
	assert_int_equal(peer->idle, 1);
	while (peer->idle > 0)
		vane_loop_turn(stage.loop, true);
	assert_int_equal(peer->open, 1);
	vane__peer_conn_keep(ways[0].conn);
	vane__connect_drop(&ways[0].connect, VANE__RESULT_DONE);
	while (peer->open > 0)
		vane_loop_turn(stage.loop, true);
	end(&stage);
}

static void no_more_are_kept_than_there_shall_be(void **state)
{
	struct stage stage;
	struct way ways[2];
	struct vane__peer *peer;

	(void) state;
	begin(&stage, 1, 8);
	peer = &stage.upstream.peers[0];
	peer->keep = 1;
	go(&stage, &ways[0]);
	go(&stage, &ways[1]);
	vane__peer_conn_keep(ways[0].conn);
	assert_int_equal(peer->idle, 0);
	vane__peer_conn_keep(ways[1].conn);
	assert_int_equal(peer->idle, 1);
	vane__connect_drop(&ways[0].connect, VANE__RESULT_DONE);
	vane__connect_drop(&ways[1].connect, VANE__RESULT_DONE);
	/* One that the application closes is none any more. */
	close(accept(stage.listeners[0], NULL, NULL));
	close(accept(stage.listeners[0], NULL, NULL));
	while (peer->open > 0)
		vane_loop_turn(stage.loop, true);
	assert_null(vane__peer_reuse(peer));
	end(&stage);
}

static void memory_may_run_out(void **state)
{
	struct stage stage;
	struct way way = { .rc = -1 };
	long n;

	(void) state;
	begin(&stage, 2, 8);
	for (n = 0; way.rc != 0; n++) {
		alloc_fail_after(n);
		go(&stage, &way);
		alloc_fail_never();
		assert_true(way.rc == 0 || way.rc == -ENOMEM);
		assert_int_equal(stage.upstream.limiter.active, way.rc == 0);
	}
	assert_true(n > 1);
	come_back(&way, VANE__RESULT_DONE);
	assert_int_equal(stage.upstream.peers[0].open + stage.upstream.peers[1].open, 0);
	end(&stage);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(there_are_limits_to_addresses),
		cmocka_unit_test(requests_take_turns),
		cmocka_unit_test(those_that_are_down_rest_a_while),
		cmocka_unit_test(one_that_is_alone_does_not_rest),
		cmocka_unit_test(connections_over_tcp_are_awaited),
		cmocka_unit_test(a_full_queue_is_waited_for),
		cmocka_unit_test(too_many_stand_in_line),
		cmocka_unit_test(idle_connections_are_closed_in_time),
		cmocka_unit_test(no_more_are_kept_than_there_shall_be),
		cmocka_unit_test(memory_may_run_out),
	};

	vane_log_set_function(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
