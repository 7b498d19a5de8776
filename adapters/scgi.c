/* SPDX-License-Identifier: MIT */
/*
 * scgi.c - the SCGI responder: its sockets, its settings and its end.
 */
#include "scgi.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/log.h>

unsigned vane_scgi_caps(void)
{
	return vane__scgi_driver.caps;
}

static void set_opts(struct vane_scgi *scgi, const struct vane_scgi_opts *opts)
{
	struct vane_scgi_opts *o = &scgi->opts;

	if (opts != NULL)
		*o = *opts;
	if (o->request_msec <= 0)
		o->request_msec = 10 * 1000;
	if (o->min_rate == 0)
		o->min_rate = 500;
	if (o->write_msec <= 0)
		o->write_msec = 60 * 1000;
	if (o->max_head_bytes == 0)
		o->max_head_bytes = 64 * 1024;
	if (o->max_vars == 0)
		o->max_vars = 512;
	if (o->max_connections == 0)
		o->max_connections = 10000;
	scgi->limits = (struct vane__scgi_limits) { o->max_head_bytes, o->max_vars };
}

static void on_accept(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct vane_scgi *scgi = data;
	const int one = 1;

	if (scgi->conn_count >= scgi->opts.max_connections) {
		close(fd);
		return;
	}
	if (peer->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	vane__scgi_conn_add(scgi, fd);
}

static void on_drain_timeout(void *data)
{
	vane__scgi_conn_close_all(data);
}

int vane_scgi_new(struct vane_scgi **out, struct vane_app *app, struct vane_loop *loop,
	const struct vane_scgi_opts *opts)
{
	struct vane_scgi *scgi = calloc(1, sizeof(*scgi));
	int rc;

	if (scgi == NULL)
		return -ENOMEM;
	scgi->app = app;
	scgi->loop = loop;
	scgi->acceptor = (struct vane__acceptor) {
		.loop = loop, .enter = on_accept, .cut = on_drain_timeout, .owner = scgi
	};
	list_init(&scgi->conns);
	set_opts(scgi, opts);
	scgi->acceptor.grace_msec = scgi->opts.grace_msec;
	rc = vane_exchange_new(&scgi->spares[0], app, NULL);
	if (rc < 0) {
		free(scgi);
		return rc;
	}
	scgi->spare_count = 1;
	*out = scgi;
	return 0;
}

void vane_scgi_free(struct vane_scgi *scgi)
{
	if (scgi == NULL)
		return;
	if (scgi->running != NULL) {
		vane_log(VANE_LOG_ERROR,
			"vane_scgi_free() within a handler of that responder");
		abort();
	}
	vane__acceptor_fini(&scgi->acceptor);
	vane__scgi_conn_close_all(scgi);
	while (scgi->spare_count > 0)
		vane_exchange_free(scgi->spares[--scgi->spare_count]);
	vane__buf_fini(&scgi->out);
	free(scgi);
}

int vane_scgi_add_sockets(struct vane_scgi *scgi, struct vane_sockets *socks)
{
	return vane__acceptor_add_all(&scgi->acceptor, socks, true);
}

int vane_scgi_drain(struct vane_scgi *scgi, int64_t msec, vane_loop_fn done, void *data)
{
	int rc = vane__acceptor_drain(&scgi->acceptor, msec, done, data);

	if (rc < 0)
		return rc;
	vane__acceptor_stop(&scgi->acceptor);
	vane__scgi_conn_retire_idle(scgi);
	vane__acceptor_check(&scgi->acceptor, scgi->conn_count);
	return 0;
}

size_t vane_scgi_cut(struct vane_scgi *scgi)
{
	vane__scgi_conn_close_all(scgi);
	return scgi->acceptor.cut_count;
}
