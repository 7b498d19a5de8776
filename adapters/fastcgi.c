/* SPDX-License-Identifier: MIT */
/*
 * fastcgi.c - the FastCGI responder: its sockets, its settings and its end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/handover.h>
#include <vane/log.h>

#include "responder.h"

/* So many connections above the limit are told so; beyond that they are closed. */
#define MORE_CONNECTIONS 128

unsigned vane_fastcgi_caps(void)
{
	return vane__fastcgi_driver.caps;
}

static void set_opts(struct vane_fastcgi *fastcgi, const struct vane_fastcgi_opts *opts)
{
	struct vane_fastcgi_opts *o = &fastcgi->opts;

	if (opts != NULL)
		*o = *opts;
	if (o->request_msec <= 0)
		o->request_msec = 10 * 1000;
	if (o->min_rate == 0)
		o->min_rate = 500;
	if (o->write_msec <= 0)
		o->write_msec = 60 * 1000;
	if (o->max_params_bytes == 0)
		o->max_params_bytes = 64 * 1024;
	if (o->max_params == 0)
		o->max_params = 512;
	if (o->max_connections == 0)
		o->max_connections = 10000;
	fastcgi->limits = (struct vane__fcgi_req_limits) {
		.max_params_bytes = o->max_params_bytes,
		.max_params = o->max_params,
		.told = { o->max_connections, o->max_connections },
	};
}

/* Have descriptors that others give come here. */
static void on_handover(int fd, void *data)
{
	vane__fcconn_add(data, fd, false);
}

/* A peer's address as text, or NULL if it has none that FCGI_WEB_SERVER_ADDRS could name. */
static const char *peer_text(const struct sockaddr *peer, char *buf, size_t size)
{
	struct sockaddr_storage addr;

	if (peer->sa_family == AF_INET) {
		memcpy(&addr, peer, sizeof(struct sockaddr_in));
		return inet_ntop(AF_INET, &((struct sockaddr_in *) &addr)->sin_addr, buf,
			(socklen_t) size);
	}
	if (peer->sa_family == AF_INET6) {
		memcpy(&addr, peer, sizeof(struct sockaddr_in6));
		return inet_ntop(AF_INET6, &((struct sockaddr_in6 *) &addr)->sin6_addr, buf,
			(socklen_t) size);
	}
	return NULL;
}

/* Whether a peer is in FCGI_WEB_SERVER_ADDRS (FastCGI 1.0, 3.2), which is for TCP only. */
static bool may_come(const struct vane_fastcgi *fastcgi, const struct sockaddr *peer)
{
	const char *at = fastcgi->web_servers;
	char buf[INET6_ADDRSTRLEN];
	const char *text = peer_text(peer, buf, sizeof(buf));

	if (at == NULL || peer->sa_family == AF_UNIX)
		return true;
	if (text == NULL)
		return false; /* no address is not a unix socket */
	for (;;) {
		size_t len = strcspn(at, ",");

		if (len == strlen(text) && memcmp(at, text, len) == 0)
			return true;
		if (at[len] == '\0')
			return false;
		at += len + 1;
	}
}

static void on_accept(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct vane_fastcgi *fastcgi = data;
	size_t max = fastcgi->opts.max_connections;
	const int one = 1;

	if (fastcgi->conn_count >= max + MORE_CONNECTIONS || !may_come(fastcgi, peer)) {
		close(fd);
		return;
	}
	if (peer->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	vane__fcconn_add(fastcgi, fd, fastcgi->conn_count >= max);
}

static void on_drain_timeout(void *data)
{
	vane__fcconn_close_all(data);
}

static int setup(struct vane_fastcgi *fastcgi)
{
	const char *web_servers = getenv("FCGI_WEB_SERVER_ADDRS");
	int rc;

	if (web_servers != NULL && *web_servers != '\0') {
		fastcgi->web_servers = strdup(web_servers);
		if (fastcgi->web_servers == NULL)
			return -ENOMEM;
	}
	rc = vane_exchange_new(&fastcgi->spares[0], fastcgi->app, NULL);
	fastcgi->spare_count = rc == 0;
	if (rc == 0 && fastcgi->opts.handover != NULL)
		rc = vane_handover_attach(
			fastcgi->opts.handover, fastcgi->loop, on_handover, fastcgi);
	return rc;
}

int vane_fastcgi_new(struct vane_fastcgi **out, struct vane_app *app,
	struct vane_loop *loop, const struct vane_fastcgi_opts *opts)
{
	struct vane_fastcgi *fastcgi = calloc(1, sizeof(*fastcgi));
	int rc;

	if (fastcgi == NULL)
		return -ENOMEM;
	fastcgi->app = app;
	fastcgi->driver = &vane__fastcgi_driver;
	fastcgi->on_ready = vane__fcconn_on_ready;
	fastcgi->loop = loop;
	fastcgi->acceptor = (struct vane__acceptor) {
		.loop = loop, .enter = on_accept, .cut = on_drain_timeout, .owner = fastcgi
	};
	list_init(&fastcgi->idle);
	list_init(&fastcgi->others);
	set_opts(fastcgi, opts);
	fastcgi->acceptor.grace_msec = fastcgi->opts.grace_msec;
	rc = setup(fastcgi);
	if (rc < 0) {
		fastcgi->opts.handover = NULL;
		vane_fastcgi_free(fastcgi);
		return rc;
	}
	*out = fastcgi;
	return 0;
}

void vane_fastcgi_free(struct vane_fastcgi *fastcgi)
{
	if (fastcgi == NULL)
		return;
	if (fastcgi->running != NULL) {
		vane_log(VANE_LOG_ERROR,
			"vane_fastcgi_free() within a handler of that responder");
		abort();
	}
	if (fastcgi->opts.handover != NULL && !fastcgi->acceptor.stopped)
		vane_handover_detach(fastcgi->opts.handover);
	vane__acceptor_fini(&fastcgi->acceptor);
	vane__fcconn_close_all(fastcgi);
	while (fastcgi->spare_count > 0)
		vane_exchange_free(fastcgi->spares[--fastcgi->spare_count]);
	if (fastcgi->spare_in != NULL)
		vane__fcgi_req_fini(fastcgi->spare_in);
	free(fastcgi->spare_in);
	vane__buf_fini(&fastcgi->out);
	free(fastcgi->web_servers);
	free(fastcgi);
}

int vane_fastcgi_add_sockets(struct vane_fastcgi *fastcgi, struct vane_sockets *socks)
{
	return vane__acceptor_add_all(&fastcgi->acceptor, socks, true);
}

int vane_fastcgi_drain(
	struct vane_fastcgi *fastcgi, int64_t msec, vane_loop_fn done, void *data)
{
	int rc = vane__acceptor_drain(&fastcgi->acceptor, msec, done, data);

	if (rc < 0)
		return rc;
	vane__acceptor_stop(&fastcgi->acceptor);
	if (fastcgi->opts.handover != NULL)
		vane_handover_detach(fastcgi->opts.handover);
	vane__fcconn_retire_idle(fastcgi);
	vane__acceptor_check(&fastcgi->acceptor, fastcgi->conn_count);
	return 0;
}

size_t vane_fastcgi_cut(struct vane_fastcgi *fastcgi)
{
	vane__fcconn_close_all(fastcgi);
	return fastcgi->acceptor.cut_count;
}
