/* SPDX-License-Identifier: MIT */
/*
 * server_stop.c - how a native server ends: the last accept, the requests that it waits for,
 * and what is cut.
 *
 * A client that has connected, or has read an answer of a connection that it may keep, can have
 * its next request on the way when we are told to stop.  So a connection that was opened or
 * answered lately counts as in flight until the grace is over, and what comes on it is answered,
 * with "Connection: close".
 */
#include <vane/server.h>

#include <stdio.h>

#include <vane/handover.h>
#include <vane/process.h>

#include "app.h"
#include "conn.h"
#include "dispatch.h"
#include "exchange.h"
#include "handover.h"
#include "process.h"

/* The first connection of a phase, NULL if there is none. */
static struct vane__conn *first_of(struct vane_server *server, enum vane__phase phase)
{
	struct list *list = &server->phases[phase];

	return list_empty(list) ? NULL : CONTAINER_OF(list->next, struct vane__conn, node);
}

/*
 * Those that have been idle for longer than the grace, which has no end if it is 0, have a tick or two:
 * a front whose other connections are busy as this process leaves takes the ones that it has not used
 * lately, and would find them closed.
 */
static void retire_idle(struct vane_server *server, uint32_t grace)
{
	struct list *idle = &server->phases[VANE__PHASE_IDLE], *node;
	uint32_t since = server->ticks - grace + 1;

	for (node = idle->next; grace > 0 && node != idle; node = node->next) {
		struct vane__conn *c = CONTAINER_OF(node, struct vane__conn, node);

		if (server->ticks - c->since < grace)
			break;
		c->since = since;
	}
}

/* Wait for the others: on_tick() sees to it that they do not stay for longer. */
static void await_idle(struct vane_server *server, uint32_t grace)
{
	struct list *idle = &server->phases[VANE__PHASE_IDLE], *node;
	uint32_t *limit = &server->limits[VANE__PHASE_IDLE];

	if (grace > 0 && (*limit == 0 || grace < *limit))
		*limit = grace;
	for (node = idle->next; node != idle; node = node->next)
		vane__conn_set_busy(CONTAINER_OF(node, struct vane__conn, node), true);
}

/* A program takes the place of this process that was not on its way yet when the server began. */
static void find_heir(struct vane_server *server)
{
	if (server->opts.handover != NULL)
		return;
	server->opts.handover =
		vane__process_take_handover(vane__acceptor_tag(&server->acceptor, true));
	if (server->opts.handover != NULL)
		vane__handover_give_only(server->opts.handover, server->loop);
}

void vane_server_stop(struct vane_server *server)
{
	uint32_t grace = vane__server_ticks(server->opts.grace_msec);

	if (server->acceptor.stopped)
		return;
	find_heir(server);
	vane__acceptor_stop(&server->acceptor);
	if (server->opts.handover != NULL) {
		vane_handover_detach(server->opts.handover);
		if (vane_process_siblings_stay()) /* no client need notice */
			while (vane__server_offer_idle(server) > 0)
				;
	}
	retire_idle(server, grace);
	await_idle(server, grace);
}

/* Whether closing it loses something that a client asked for, or is about to ask for. */
static bool has_request(const struct vane__conn *c)
{
	if (c->x != NULL)
		return !c->ended;
	return c->phase == VANE__PHASE_WRITE || c->phase == VANE__PHASE_HEADER;
}

/* Say what is cut, and for how long it has been going on. */
static void name_cut(struct vane_server *server, const struct vane__conn *c)
{
	uint32_t ticks = server->ticks - (c->x != NULL ? c->began : c->since);
	char what[512] = "an answer that is not read";

	if (c->x != NULL) {
		struct vane_slice method = vane__for_log(c->x->req.env.method);
		struct vane_slice target = vane__for_log(c->x->req.env.target);

		snprintf(what, sizeof(what), "%.*s %.*s", (int) method.len, method.data,
			(int) target.len, target.data);
	} else if (c->phase == VANE__PHASE_HEADER) {
		strcpy(what, "a head that is not whole");
	}
	vane__acceptor_cut(
		&server->acceptor, what, (int64_t) ticks * VANE__SERVER_TICK_MSEC);
}

static void close_all_in(struct vane_server *server, enum vane__phase phase)
{
	size_t left;

	for (left = server->connections; left > 0; left--) {
		struct vane__conn *c = first_of(server, phase);

		if (c == NULL)
			break;
		vane__conn_requeue(c); /* to the end: it may stay for now */
		if (!c->handling && has_request(c))
			name_cut(server, c);
		vane__conn_close(c, -ECANCELED);
	}
}

/* Who is told of a close may write to others, which changes their phase: so look again. */
void vane_server_close_all_connections(struct vane_server *server)
{
	size_t before;
	int i;

	do {
		before = server->connections;
		for (i = 0; i < VANE__PHASES; i++)
			close_all_in(server, i);
	} while (server->connections < before);
}

void vane__server_cut(void *server)
{
	vane_server_close_all_connections(server);
}

size_t vane_server_cut(struct vane_server *server)
{
	vane_server_close_all_connections(server);
	return server->acceptor.cut_count;
}

/*
 * A response whose client has left may wait for a timer.  From now on nobody knows whether the loop or
 * the application goes first, and neither may find what it points to freed.
 */
static void stop_timers(struct vane_server *server)
{
	struct list *at, *left = &server->app->left;

	for (at = left->next; at != left; at = at->next) {
		struct vane_exchange *x = CONTAINER_OF(at, struct vane_exchange, left);

		if (vane__is_http_driver(x->driver) &&
			((const struct vane__conn *) x->carrier)->server == server)
			vane__request_timers_stop(x);
	}
}

void vane__server_end(struct vane_server *server)
{
	bool stopped = server->acceptor.stopped;

	vane__acceptor_fini(&server->acceptor); /* nobody would answer */
	if (server->opts.handover != NULL && !stopped)
		vane_handover_detach(server->opts.handover);
	vane_server_close_all_connections(server);
	stop_timers(server);
	/* What is told that another one is closed may still have used up a turn. */
	vane_timer_cancel(server->next_turn);
	server->next_turn = NULL;
}
