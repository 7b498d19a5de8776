/* SPDX-License-Identifier: MIT */
/*
 * responder.c - the life of a responder: its sockets, its settings and its end.
 */
#include "responder.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/handover.h>
#include <vane/log.h>
#include <vane/process.h>

#include "handover.h"
#include "process.h"

/* Have descriptors that others give come here. */
static void on_handover(int fd, void *data)
{
	vane__responder_add(data, fd, false);
}

static void on_accept(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct vane__responder *responder = data;
	size_t max = vane__limit_size(responder->opts.max_connections);
	bool overloaded = responder->conn_count >= max;
	const int one = 1;

	if ((overloaded && responder->conn_count - max >= responder->protocol->extra) ||
		(responder->may_connect != NULL &&
			!responder->may_connect(responder, peer))) {
		close(fd);
		return;
	}
	if (peer->sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	vane__responder_add(responder, fd, overloaded);
}

static bool is_busy(void *data)
{
	return ((const struct vane__responder *) data)->running != NULL;
}

static void on_drain_timeout(void *data)
{
	vane__responder_close_all(data);
}

int vane__responder_init(struct vane__responder *responder,
	const struct vane__responder_protocol *protocol, struct vane_app *app,
	struct vane_loop *loop, const struct vane__responder_opts *opts)
{
	int rc = vane_exchange_new(&responder->spares[0], app, NULL);

	if (rc < 0)
		return rc;
	responder->spare_count = 1;
	responder->protocol = protocol;
	responder->app = app;
	responder->loop = loop;
	responder->opts = *opts;
	responder->on_ready = vane__responder_on_ready;
	responder->acceptor = (struct vane__acceptor) { .loop = loop,
		.enter = on_accept,
		.busy = is_busy,
		.cut = on_drain_timeout,
		.owner = responder,
		.grace_msec = opts->grace_msec };
	list_init(&responder->idle);
	list_init(&responder->others);
	if (opts->handover != NULL)
		rc = vane_handover_attach(opts->handover, loop, on_handover, responder);
	if (rc < 0)
		vane_exchange_free(responder->spares[0]);
	return rc;
}

static void stop_handover(struct vane__responder *responder)
{
	if (responder->opts.handover != NULL)
		vane_handover_detach(responder->opts.handover);
	responder->opts.handover = NULL;
}

void vane__responder_fini(struct vane__responder *responder)
{
	if (responder->running != NULL) {
		vane_log(VANE_LOG_ERROR,
			"vane_%s_free() within a handler of that responder",
			responder->protocol->name);
		abort();
	}
	stop_handover(responder);
	vane__acceptor_fini(&responder->acceptor);
	vane__responder_close_all(responder);
	while (responder->spare_count > 0)
		vane_exchange_free(responder->spares[--responder->spare_count]);
	vane__buf_fini(&responder->out);
}

int vane__responder_add_sockets(
	struct vane__responder *responder, struct vane_sockets *socks)
{
	int rc = vane__acceptor_add_all(&responder->acceptor, socks, true);
	uint64_t tag = vane__acceptor_tag(&responder->acceptor, false);

	/* siblings that serve the same take what a blocked one cannot */
	if (rc < 0 || tag == 0 || responder->opts.handover != NULL)
		return rc;
	responder->opts.handover = vane__process_take_handover(tag);
	if (responder->opts.handover == NULL)
		return 0;
	return vane_handover_attach(
		responder->opts.handover, responder->loop, on_handover, responder);
}

/* A program takes the place of this process that was not on its way yet when it began. */
static void find_heir(struct vane__responder *responder)
{
	if (responder->opts.handover != NULL)
		return;
	responder->opts.handover =
		vane__process_take_handover(vane__acceptor_tag(&responder->acceptor, true));
	if (responder->opts.handover != NULL)
		vane__handover_give_only(responder->opts.handover, responder->loop);
}

/* Idle connections go to who stays, where somebody does: no front sees one closed. */
static void give_to_heirs(struct vane__responder *responder)
{
	if (responder->opts.handover == NULL)
		return;
	vane_handover_detach(responder->opts.handover);
	if (vane_process_siblings_stay())
		vane__responder_give(responder);
	responder->opts.handover = NULL;
}

int vane__responder_drain(
	struct vane__responder *responder, int64_t msec, vane_loop_fn done, void *data)
{
	int rc = vane__acceptor_drain(&responder->acceptor, msec, done, data);

	if (rc < 0)
		return rc;
	find_heir(responder);
	vane__acceptor_stop(&responder->acceptor);
	give_to_heirs(responder);
	vane__responder_retire_idle(responder);
	vane__acceptor_check(&responder->acceptor, responder->conn_count);
	return 0;
}

size_t vane__responder_cut(struct vane__responder *responder)
{
	vane__responder_close_all(responder);
	return responder->acceptor.cut_count;
}
