/* SPDX-License-Identifier: MIT */
/*
 * dial.c - a request's way to a connection.
 *
 * Nothing has been sent before there is one, so whatever the request is it may go
 * elsewhere.
 */
#include "dial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whether we are short of something, so that another peer would not help. */
static bool is_ours(int rc)
{
	return rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM || rc == -ENOBUFS;
}

static void on_connected(void *data, int rc);

static bool wants_new(const struct vane__dial *dial)
{
	return dial->fresh || (dial->careful && dial->lease.peer->share == 1);
}

/*
 * A connection that is there already.  One that is idle and not wanted gives way to a new
 * one: the application may have no more processes than there are connections.
 */
static struct vane__peer_conn *find_conn(const struct vane__dial *dial)
{
	struct vane__peer_conn *conn = vane__peer_reuse(dial->lease.peer);

	if (conn == NULL || !wants_new(dial))
		return conn;
	if (conn->users == 0)
		vane__peer_conn_close(conn);
	return NULL;
}

/* Open a connection to the peer: 1 if there is one, 0 if there will be, or a negative errno. */
static int open_conn(struct vane__dial *dial)
{
	dial->conn = find_conn(dial);
	if (dial->conn != NULL)
		return 1;
	return vane__peer_connect(
		dial->lease.peer, dial->loop, on_connected, dial, &dial->conn);
}

/* A peer cannot be connected to: another one, which may be the end of it. */
static int after(struct vane__dial *dial, int rc)
{
	dial->error = rc;
	snprintf(dial->why, sizeof(dial->why), "cannot connect to %s: %s",
		dial->lease.peer->name, strerror(-rc));
	return dial->balancer->next(dial->balancer, &dial->lease, VANE__RESULT_REFUSED);
}

/* Go through the peers; rc is what was said of the last one. */
static void go_on(struct vane__dial *dial, int rc)
{
	while (rc == 1) {
		rc = open_conn(dial);
		if (rc == 1) {
			dial->done(dial->data, 0);
			return;
		}
		if (is_ours(rc))
			vane__dial_drop(dial, VANE__RESULT_DONE);
		if (rc == 0 || is_ours(rc))
			break;
		rc = after(dial, rc);
	}
	if (rc < 0)
		dial->done(dial->data, rc);
}

static void on_connected(void *data, int rc)
{
	struct vane__dial *dial = data;

	if (rc == 0) {
		dial->done(dial->data, 0);
		return;
	}
	vane__peer_conn_close(dial->conn);
	dial->conn = NULL;
	go_on(dial, after(dial, rc));
}

static void on_leased(void *data, int rc)
{
	go_on(data, rc < 0 ? rc : 1);
}

void vane__dial_start(struct vane__dial *dial)
{
	dial->lease.ready = on_leased;
	dial->lease.data = dial;
	go_on(dial, dial->balancer->acquire(dial->balancer, dial->loop, &dial->lease));
}

void vane__dial_next(struct vane__dial *dial, enum vane__result result)
{
	dial->conn = NULL;
	go_on(dial, dial->balancer->next(dial->balancer, &dial->lease, result));
}

void vane__dial_again(struct vane__dial *dial)
{
	dial->conn = NULL;
	dial->fresh = true;
	go_on(dial, 1);
}

void vane__dial_drop(struct vane__dial *dial, enum vane__result result)
{
	if (dial->conn != NULL && dial->conn->phase == VANE__PEER_CONN_CONNECTING)
		vane__peer_conn_close(dial->conn);
	dial->conn = NULL;
	dial->balancer->release(dial->balancer, &dial->lease, result);
}

void vane__dial_fail(struct vane__dial *dial, struct vane__relay *relay, int rc)
{
	if (rc == -EHOSTDOWN && dial->error == 0)
		snprintf(dial->why, sizeof(dial->why), "no peer can take it");
	else if (rc == -EAGAIN)
		snprintf(dial->why, sizeof(dial->why), "too many requests wait already");
	else if (rc == -ETIMEDOUT)
		snprintf(dial->why, sizeof(dial->why), "has waited too long for its turn");
	else if (rc != -EHOSTDOWN)
		snprintf(dial->why, sizeof(dial->why), "%s", strerror(-rc));
	vane__relay_fail(relay, 503, dial->why);
}
