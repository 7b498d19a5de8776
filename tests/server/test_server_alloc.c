/* SPDX-License-Identifier: MIT */
/*
 * test_server_alloc.c - lib/server/server.c and lib/conn*.c with any allocation failing: the
 * connection may be lost, the server goes on
 */
#include "test.h"

#include <string.h>
#include <sys/socket.h>

#include <vane.h>

#include "base.h"
#include "support/alloc.h"
#include "support/site.h"

#define H "Host: h\r\n"

static char large[100000];

static int answer(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);

	vane_response_write(res, body.data, body.len);
	vane_response_flush(res);
	return vane_response_write_ref(res, large, sizeof(large));
}

static int finish_later(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "later");
	return vane_response_finish(res);
}

static int defer(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 1, finish_later, NULL);
}

static const struct vane_handler handler = { .get = answer, .post = answer };
static const struct vane_handler defer_handler = { .get = defer };
static const struct vane_route routes[] = { { "/defer", &defer_handler },
	{ "/{rest:.*}", &handler }, { 0 } };

/* Each in pieces that arrive in turns of their own. */
static const char *const requests[][4] = {
	{ "GET / HTTP/1.1\r\n" H "\r\n" },
	{ "GET /de", "fer HTTP/1.1\r\n" H "\r\nGET /de", "fer HTTP/1.1\r\n" H "\r\n" },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
		"cde\r\n0\r\n", "\r\nGET / HTTP/1.1\r\n", H "\r\n" },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
		"abcde" },
	{ "nonsense\r\n\r\n" },
};

/* Ask a server that has nothing in stock yet.  Returns how many allocations failed. */
static long try_once(size_t row, long n, void (*arm)(long n))
{
	struct client c, next;
	struct site site;
	long failed = 0;
	size_t i;

	site_init(&site, routes, NULL, NULL);
	client_init(&c, &site);
	arm(n);
	for (i = 0; i < ARRAY_SIZE(requests[row]) && requests[row][i] != NULL; i++) {
		send(c.fd, requests[row][i], strlen(requests[row][i]), MSG_NOSIGNAL);
		site_turn(&site, 3);
	}
	failed = alloc_fail_never();
	client_init(&next, &site);
	client_puts(&next, "GET /defer HTTP/1.1\r\n" H "\r\n");
	client_await(&next, "later");
	client_fini(&next);
	client_fini(&c);
	site_await_connections(&site, 0);
	assert_int_equal(vane_server_in_flight(site.server), 0);
	site_fini(&site);
	return failed;
}

static void a_server_survives_any_failed_allocation(void **state)
{
	size_t row;
	long n;

	for (row = 0; row < ARRAY_SIZE(requests); row++) {
		for (n = 0; try_once(row, n, alloc_fail_after) > 0; n++)
			;
		assert_true(n > 3);
		for (n = 0; try_once(row, n, alloc_fail_once) > 0; n++)
			;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_survives_any_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
