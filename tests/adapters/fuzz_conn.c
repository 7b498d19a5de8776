/* SPDX-License-Identifier: MIT */
/*
 * fuzz_conn.c - whole connections to a server of ours, in one process: accepted, served, closed
 *
 * Three targets, by FUZZ_MODE: native HTTP, FastCGI and SCGI.  The first byte says how the
 * rest is sent, and how the peer behaves; the rest is what it sends.
 */
#include "config.h" /* for memmem() */

#include "fuzz.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <vane.h>
#include <vane/fastcgi.h>
#include <vane/scgi.h>
#include <vane/server.h>
#include <vane/static.h>

#include "support/fuzzpeer.h"

#define HTTP    1
#define FASTCGI 2
#define SCGI    3

/* ---- the application: a handler for each way to take a body and to answer ---- */

static int look(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value, *arg = vane_request_arg_or(req, "a", "-");
	size_t i, sum = vane_request_body(req).len + strlen(arg);

	for (i = 0; vane_request_field_at(req, i, &name, &value); i++)
		sum += strlen(name) + strlen(value);
	for (i = 0; vane_request_param_at(req, i, &name, &value); i++)
		sum += strlen(name) + strlen(value);
	for (i = 0; vane_request_upload(req, NULL, i) != NULL; i++)
		sum++;
	sum += strlen(vane_request_host(req)) + strlen(vane_request_remote_addr(req)) +
	       strlen(vane_request_remote_user(req)) +
	       strlen(vane_request_server_addr(req));
	FUZZ_CHECK(vane_request_path(req)[0] == '/');
	return vane_response_printf(res, "%zu %s", sum, arg);
}

static int take_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return vane_response_write(res, data, len);
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

static void go_on(struct vane_request *req, void *data)
{
	struct vane_response *res = vane_request_response(req);
	char buf[100];
	ssize_t n;

	while ((n = vane_request_read(req, buf, sizeof(buf))) > 0)
		vane_response_write(res, buf, (size_t) n);
	if (n == -EAGAIN)
		vane_request_on_body(req, go_on, NULL);
	else if (n < 0)
		vane_response_give_up(res, n == -EMSGSIZE ? 413 : 400);
	else
		vane_response_finish(res);
}

/* Answers while it reads. */
static int flow(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	vane_response_flush(res);
	go_on(req, NULL);
	return 0;
}

static int later(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "later");
	return vane_response_finish(res);
}

static int defer(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_request_after(req, 0, later, NULL);

	return rc < 0 ? 501 : vane_response_defer(res);
}

static ssize_t pull(void *data, char *buf, size_t size)
{
	size_t *left = data, n = size < *left ? size : *left;

	memset(buf, 's', n);
	*left -= n;
	return (ssize_t) n;
}

static int source(struct vane_request *req, struct vane_response *res)
{
	size_t *left = vane_request_alloc(req, sizeof(*left));
	struct vane_source from = { .pull = pull, .data = left, .length = -1 };

	if (left == NULL)
		return -ENOMEM;
	*left = 30000;
	return vane_response_write_source(res, &from);
}

static int fail(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "half");
	vane_response_flush(res);
	return vane_request_arg(req, "a") != NULL ? -EIO : 503;
}

static int forward(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_response_forward(res, vane_request_arg_or(req, "a", "/"));

	return rc < 0 ? 404 : 0;
}

static const struct vane_handler looker = { .any = look };
static const struct vane_handler piecewise = { .data = take_piece, .any = look };
static const struct vane_handler flowing = {
	.prepare = stream, .any = flow, .max_body = 500
};
static const struct vane_handler deferring = { .any = defer };
static const struct vane_handler pulling = { .any = source };
static const struct vane_handler failing = { .any = fail };
static const struct vane_handler forwarding = { .any = forward };

/* ---- the server, made once: the fuzzer never ends ---- */

static struct {
	struct vane_loop *loop;
	struct vane_server *http;
	struct vane_fastcgi *fastcgi;
	struct vane_scgi *scgi;
	struct fuzzpeer peer;
} site;

static struct vane_app *make_app(void)
{
	static struct vane_route routes[] = { { "/", &looker }, { "/p", &piecewise },
		{ "/w", &flowing }, { "/d", &deferring }, { "/s", &pulling },
		{ "/f", &failing }, { "/g", &forwarding }, { "/r/{n:[0-9]{1,5}}", &looker },
		{ "/t/{path:.*}", &vane_static_handler }, { "/{a}/{b}", &looker }, { 0 } };
	static const struct vane_app_opts opts = { .xheaders = true,
		.max_body_bytes = 2000,
		.body_memory_bytes = 100,
		.max_args = 20,
		.max_parts = 5,
		.access_log = VANE_ACCESS_LOG_TORNADO };
	struct vane_static *files;
	struct vane_app *app;
	size_t i;

	FUZZ_CHECK(
		vane_static_new(&files, &(struct vane_static_opts) {
						.root = "/usr/share", .index = "x" }) == 0);
	for (i = 0; routes[i].pattern != NULL; i++)
		if (routes[i].handler == &vane_static_handler)
			routes[i].data = files;
	FUZZ_CHECK(vane_app_new(&app, routes, &opts) == 0);
	return app;
}

static void make_site(void)
{
	struct vane_sockets socks = { 0 };
	struct vane_app *app;

	vane_log_set_level(VANE_LOG_NONE);
	app = make_app();
	FUZZ_CHECK(vane_loop_new(&site.loop) == 0);
	FUZZ_CHECK(vane_sockets_add(&socks, fuzzpeer_listen(&site.peer)) == 0);
	if (FUZZ_MODE == HTTP) {
		struct vane_server_opts opts = { .max_header_bytes = 1000,
			.max_fields = 10 };

		FUZZ_CHECK(vane_server_new(&site.http, app, site.loop, &opts) == 0);
		FUZZ_CHECK(vane_server_add_sockets(site.http, &socks) == 0);
	} else if (FUZZ_MODE == FASTCGI) {
		struct vane_fastcgi_opts opts = { .max_params_bytes = 1000,
			.max_params = 20 };

		FUZZ_CHECK(vane_fastcgi_new(&site.fastcgi, app, site.loop, &opts) == 0);
		FUZZ_CHECK(vane_fastcgi_add_sockets(site.fastcgi, &socks) == 0);
	} else {
		struct vane_scgi_opts opts = { .max_head_bytes = 1000, .max_vars = 20 };

		FUZZ_CHECK(vane_scgi_new(&site.scgi, app, site.loop, &opts) == 0);
		FUZZ_CHECK(vane_scgi_add_sockets(site.scgi, &socks) == 0);
	}
}

/* ---- what comes back ---- */

static void check_records(const struct fuzzpeer *peer)
{
	const unsigned char *at = (const unsigned char *) peer->got;
	size_t left = peer->got_len, len;

	while (left >= 8 && at[0] != 0) { /* eight zeroes say that the answer is cut */
		FUZZ_CHECK(at[0] == 1);
		FUZZ_CHECK(at[1] == 3 || at[1] == 6 || at[1] == 7 || at[1] == 10 ||
			   at[1] == 11);
		len = 8 + ((size_t) at[4] << 8) + at[5] + at[6];
		if (len > left)
			break;
		at += len;
		left -= len;
	}
}

/* What looked like another protocol is answered in that one's words; test_mistaken.c has them. */
static bool is_mistaken(const struct fuzzpeer *peer)
{
	static const char said[] = " is spoken here, and this is ";

	return (peer->got_len > 3 && memcmp(peer->got, "\x15\x03\x01", 3) == 0) ||
	       memmem(peer->got, peer->got_len, said, sizeof(said) - 1) != NULL;
}

static void check_answer(const struct fuzzpeer *peer)
{
	if (is_mistaken(peer))
		return;
	if (FUZZ_MODE == FASTCGI)
		check_records(peer);
	else if (peer->got_len > 0)
		fuzzpeer_check_head(peer, FUZZ_MODE == HTTP ? "HTTP/1.1 " : "Status: ");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int i;

	if (size < 1 || size > 4096)
		return 0;
	if (site.loop == NULL)
		make_site();
	FUZZ_CHECK(fuzzpeer_connect(&site.peer));
	fuzzpeer_run(&site.peer, site.loop, data[0], (const char *) data + 1, size - 1);
	check_answer(&site.peer);
	fuzzpeer_close(&site.peer);
	/* whatever it sent, nothing of it is left when it has gone */
	for (i = 0; i < 100 && site.http != NULL && vane_server_connections(site.http) > 0;
		i++)
		vane_loop_turn(site.loop, false);
	FUZZ_CHECK(site.http == NULL || vane_server_connections(site.http) == 0);
	for (i = 0; i < 4; i++)
		vane_loop_turn(site.loop, false);
	return 0;
}
