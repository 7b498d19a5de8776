/* SPDX-License-Identifier: MIT */
/*
 * fuzz_backend.c - a program behind the gateway that answers as it likes, and a client in front
 *
 * The first byte says how the answer is sent (support/fuzzpeer.h), the second over which
 * protocol and to which request, the rest is the answer.
 */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>
#include <vane.h>
#include <vane/gateway.h>
#include <vane/server.h>

#include "support/fuzzpeer.h"

/* Bits of the second byte. */
enum {
	OVER_SCGI = 1,
	RECORDS = 2, /* FastCGI: what is sent is the content of records */
	POST = 4,
	HEAD = 8,
	ENDS = 16 /* RECORDS: with an END_REQUEST */
};

/* Made once: the fuzzer never ends. */
static struct {
	struct vane_loop *loop;
	struct vane_server *server;
	struct fuzzpeer client, program;
	int listener; /* of the program */
	char dir[64], path[80];
} site;

static void clean_up(void)
{
	unlink(site.path);
	rmdir(site.dir);
}

/* The program's socket has a file, as the gateway wants one. */
static void listen_as_program(void)
{
	snprintf(site.dir, sizeof(site.dir), "/tmp/vane-fuzz-XXXXXX");
	FUZZ_CHECK(mkdtemp(site.dir) != NULL);
	snprintf(site.path, sizeof(site.path), "%s/s", site.dir);
	atexit(clean_up);
	FUZZ_CHECK(vane_bind_unix_socket(site.path, 0, 0, &site.listener) == 0);
}

static void make_site(void)
{
	static struct vane_route routes[] = { { "/f/{path:.*}", &vane_backend_handler },
		{ "/s/{path:.*}", &vane_backend_handler }, { 0 } };
	struct vane_fastcgi_backend_opts opts = { .sendfile_root = "/usr/share",
		.limits = { .max_head_bytes = 1000 } };
	struct vane_backend *fastcgi;
	struct vane_backend *scgi;
	struct vane_sockets socks = { 0 };
	struct vane_app *app;
	char upstream[100];

	vane_log_set_level(VANE_LOG_NONE);
	listen_as_program();
	snprintf(upstream, sizeof(upstream), "unix:%s", site.path);
	opts.upstream = upstream;
	FUZZ_CHECK(vane_fastcgi_backend_new(&fastcgi, &opts) == 0);
	FUZZ_CHECK(vane_scgi_backend_new(&scgi, &opts) == 0);
	routes[0].data = fastcgi;
	routes[1].data = scgi;
	FUZZ_CHECK(vane_app_new(&app, routes, NULL) == 0);
	FUZZ_CHECK(vane_loop_new(&site.loop) == 0);
	FUZZ_CHECK(vane_server_new(&site.server, app, site.loop, NULL) == 0);
	FUZZ_CHECK(vane_sockets_add(&socks, fuzzpeer_listen(&site.client)) == 0);
	FUZZ_CHECK(vane_server_add_sockets(site.server, &socks) == 0);
}

static void ask(unsigned how)
{
	const char *path = how & OVER_SCGI ? "/s/x" : "/f/x";
	char request[200];
	int len;

	FUZZ_CHECK(fuzzpeer_connect(&site.client));
	/* nothing follows the request: behind a byte that waits nobody sees a client leave */
	len = snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: h\r\n%s",
		how & POST   ? "POST"
		: how & HEAD ? "HEAD"
			     : "GET",
		path, how & POST ? "Content-Length: 4\r\n\r\nbody" : "\r\n");
	FUZZ_CHECK(send(site.client.fd, request, (size_t) len, MSG_NOSIGNAL) == len);
}

/* Wait for the gateway to come, and take what it asks for. */
static bool accept_gateway(void)
{
	int i;

	site.program.fd = -1;
	site.program.got_len = 0;
	site.program.eof = false;
	for (i = 0; i < 20 && site.program.fd < 0; i++) {
		vane_loop_turn(site.loop, false);
		site.program.fd =
			accept4(site.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	}
	return site.program.fd >= 0;
}

/* The answer in a record of STDOUT, as far as one goes, and the end of the request. */
static size_t wrap(char *out, unsigned how, const char *data, size_t len)
{
	const char head[8] = { 1, 6, 0, 1, (char) (len >> 8), (char) len, 0, 0 };
	static const char end[24] = { 1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0 };

	memcpy(out, head, sizeof(head));
	memcpy(out + sizeof(head), data, len);
	if (!(how & ENDS))
		return sizeof(head) + len;
	memcpy(out + sizeof(head) + len, end, sizeof(end));
	return sizeof(head) + len + sizeof(end);
}

/* The gateway may come again, for another request or with one that was asked in vain. */
static void turn_away(void)
{
	int fd;

	vane_loop_turn(site.loop, false);
	while ((fd = accept4(site.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		close(fd);
}

/* What the client is told is one response, whatever the program has said. */
static void check_client(void)
{
	int i;

	for (i = 0; i < 40 && !site.client.eof; i++) {
		turn_away();
		fuzzpeer_read(&site.client);
	}
	if (site.client.got_len > 0)
		fuzzpeer_check_head(&site.client, "HTTP/1.1 ");
	fuzzpeer_close(&site.client);
	for (i = 0; i < 100 && vane_server_connections(site.server) > 0; i++)
		turn_away();
	FUZZ_CHECK(vane_server_connections(site.server) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char wrapped[4096 + 100];
	const char *answer = (const char *) data + 2;
	size_t len;

	if (size < 2 || size > 4096)
		return 0;
	if (site.loop == NULL)
		make_site();
	len = size - 2;
	if (data[1] & RECORDS) {
		len = wrap(wrapped, data[1], answer, len);
		answer = wrapped;
	}
	ask(data[1]);
	if (accept_gateway()) {
		fuzzpeer_run(&site.program, site.loop, data[0], answer, len);
		fuzzpeer_close(&site.program);
	}
	check_client();
	return 0;
}
