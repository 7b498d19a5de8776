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

#include <stdlib.h>
#include <unistd.h>

#include <vane/handover.h>
#include <vane/log.h>
#include <vane/process.h>

#include "conn.h"
#include "exchange.h"

#define DEFAULT_GRACE_MSEC 500

/* Requests that are cut are named in the log, so many of them. */
#define NAMED_MAX 100

/* What waits in the kernel was let in: it is taken, unless it is left to others. */
static void stop_accepting(struct vane_server *server, bool leave)
{
	while (server->listeners != NULL) {
		struct vane__listener *listener = server->listeners;

		if (listener->accept != NULL && !leave && !listener->shared)
			vane_accept_last(listener->accept);
		server->listeners = listener->next;
		vane_remove_accept_handler(listener->accept);
		close(listener->fd);
		free(listener);
	}
}

/* The first connection of a phase, NULL if there is none. */
static struct vane__conn *first_of(struct vane_server *server, enum vane__phase phase)
{
	struct list *list = &server->phases[phase];

	return list_empty(list) ? NULL : CONTAINER_OF(list->next, struct vane__conn, node);
}

/* Close those that have been idle for longer than the grace. */
static void retire_idle(struct vane_server *server, uint32_t grace)
{
	size_t left = server->connections;

	while (left-- > 0) {
		struct vane__conn *c = first_of(server, VANE__PHASE_IDLE);

		if (c == NULL || (grace > 0 && server->ticks - c->since <= grace))
			break;
		vane__conn_set_phase(c, VANE__PHASE_IDLE); /* to the end of the list */
		if (vane__conn_is_idle(c))
			vane__conn_retire(c);
	}
}

/* Wait for the others: on_tick() sees to it that they do not stay for longer. */
static void await_idle(struct vane_server *server, uint32_t grace)
{
	struct list *idle = &server->phases[VANE__PHASE_IDLE], *node;
	uint32_t *limit = &server->limits[VANE__PHASE_IDLE];

	if (grace == 0 || *limit == 0 || grace < *limit)
		*limit = grace;
	for (node = idle->next; grace > 0 && node != idle; node = node->next)
		vane__server_set_busy(CONTAINER_OF(node, struct vane__conn, node), true);
}

void vane_server_stop(struct vane_server *server)
{
	uint32_t grace = vane__server_ticks(server->opts.grace_msec, DEFAULT_GRACE_MSEC);

	if (server->stopping)
		return;
	server->stopping = true;
	stop_accepting(server, vane_siblings_stay());
	if (server->opts.handover != NULL)
		vane_handover_detach(server->opts.handover);
	retire_idle(server, grace);
	await_idle(server, grace);
}

static void drained(struct vane_server *server)
{
	vane_loop_fn fn = server->drained;

	vane_loop_cancel(server->drain_timer);
	server->drain_timer = NULL;
	server->draining = false;
	server->drained = NULL;
	if (fn != NULL)
		fn(server->drained_data);
}

static void on_drain_timeout(void *data)
{
	struct vane_server *server = data;
	size_t cut = server->cut;

	server->drain_timer = NULL;
	vane_server_close_all_connections(server);
	cut = server->cut - cut;
	if (cut > 0)
		vane_log(VANE_LOG_WARNING,
			"drain: %zu request%s cut after the time allowed", cut,
			cut == 1 ? "" : "s");
	drained(server);
}

static void on_drained(void *data)
{
	struct vane_server *server = data;

	server->drained_timer = NULL;
	drained(server);
}

/* Done in a turn of its own: whoever finished the last request is still on the stack. */
static void announce_drained(struct vane_server *server)
{
	if (server->drained_timer == NULL)
		vane_loop_call_later(
			server->loop, 0, on_drained, server, &server->drained_timer);
}

void vane__server_see_drained(struct vane_server *server)
{
	if (UNLIKELY(server->in_flight == 0 && server->draining))
		announce_drained(server);
}

int vane_server_drain(
	struct vane_server *server, int64_t msec, vane_loop_fn done, void *data)
{
	int rc;

	if (server->draining)
		return -EALREADY;
	rc = vane__server_enter_loop(server);
	if (rc == 0)
		rc = vane_loop_call_later(
			server->loop, msec, on_drain_timeout, server, &server->drain_timer);
	if (rc < 0)
		return rc;
	vane_server_stop(server);
	server->draining = true;
	server->drained = done;
	server->drained_data = data;
	if (server->in_flight == 0)
		announce_drained(server);
	return 0;
}

void vane__server_set_busy(struct vane__conn *c, bool busy)
{
	struct vane_server *server = c->server;

	if (LIKELY(c->busy == busy))
		return;
	c->busy = busy;
	if (busy) {
		server->in_flight++;
		return;
	}
	server->in_flight--;
	vane__server_see_drained(server);
}

/* Whether closing it loses something that a client asked for, or is about to ask for. */
static bool has_request(const struct vane__conn *c)
{
	if (c->x != NULL)
		return !c->ended;
	return c->phase == VANE__PHASE_WRITE || c->phase == VANE__PHASE_HEADER;
}

/* Say what is cut, and for how long it has been going on, in tenths of a second. */
static void name_cut(struct vane_server *server, const struct vane__conn *c)
{
	uint32_t began = c->x != NULL ? c->began : c->since;
	uint32_t tenths = (server->ticks - began) * VANE__SERVER_TICK_MSEC / 100;
	struct vane_slice method = { "", 0 }, target = { "an answer that is not read", 26 };

	if (c->x != NULL) {
		method = c->x->req.env.method;
		target = c->x->req.env.target;
	} else if (c->phase == VANE__PHASE_HEADER) {
		target = (struct vane_slice) { "a head that is not whole", 24 };
	}
	if (++server->cut <= NAMED_MAX)
		vane_log(VANE_LOG_WARNING, "request cut after %u.%u s: %.*s%s%.*s",
			tenths / 10, tenths % 10, (int) method.len, method.data,
			method.len > 0 ? " " : "", (int) target.len, target.data);
}

static void close_all_in(struct vane_server *server, enum vane__phase phase)
{
	size_t left;

	for (left = server->connections; left > 0; left--) {
		struct vane__conn *c = first_of(server, phase);

		if (c == NULL)
			break;
		vane__conn_set_phase(c, phase); /* to the end: it may stay for now */
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

size_t vane_server_cut(struct vane_server *server)
{
	vane_server_close_all_connections(server);
	return server->cut;
}

void vane__server_end(struct vane_server *server)
{
	vane_loop_cancel(server->drain_timer);
	vane_loop_cancel(server->drained_timer);
	server->draining = false;
	stop_accepting(server, true); /* nobody would answer */
	if (server->opts.handover != NULL && !server->stopping)
		vane_handover_detach(server->opts.handover);
	server->stopping = true;
	vane_server_close_all_connections(server);
	/* What is told that another one is closed may still have used up a turn. */
	vane_loop_cancel(server->next_turn);
	server->next_turn = NULL;
}
