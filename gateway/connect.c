/* SPDX-License-Identifier: MIT */
/*
 * connect.c - a request's upstream connection: to one peer, else to the next.
 *
 * Nothing has been sent before there is one, so whatever the request is it may go
 * elsewhere.
 */
#include "connect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whether we are short of something, so that another peer would not help. */
static bool is_ours(int rc)
{
	return rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM || rc == -ENOBUFS;
}

static void on_connected(void *data, int rc);

static bool wants_new(const struct vane__connect *connect)
{
	return connect->fresh || (connect->careful && connect->lease.peer->share == 1);
}

/*
 * A connection that is there already.  One that is idle and not wanted gives way to a new
 * one: the application may have no more processes than there are connections.
 */
static struct vane__peer_conn *find_conn(const struct vane__connect *connect)
{
	struct vane__peer_conn *conn = vane__peer_reuse(connect->lease.peer);

	if (conn == NULL || !wants_new(connect))
		return conn;
	if (conn->users == 0)
		vane__peer_conn_close(conn);
	return NULL;
}

/* Open a connection to the peer: 1 if there is one, 0 if there will be, or a negative errno. */
static int open_conn(struct vane__connect *connect)
{
	connect->conn = find_conn(connect);
	if (connect->conn != NULL)
		return 1;
	return vane__peer_connect(
		connect->lease.peer, connect->loop, on_connected, connect, &connect->conn);
}

/* A peer cannot be connected to: another one, which may be the end of it. */
static int after(struct vane__connect *connect, int rc)
{
	connect->error = rc;
	snprintf(connect->why, sizeof(connect->why), "cannot connect to %s: %s",
		connect->lease.peer->name, strerror(-rc));
	return connect->balancer->next(
		connect->balancer, &connect->lease, VANE__RESULT_REFUSED);
}

/* Go through the peers; rc is what was said of the last one. */
static void go_on(struct vane__connect *connect, int rc)
{
	while (rc == 1) {
		rc = open_conn(connect);
		if (rc == 1) {
			connect->done(connect->data, 0);
			return;
		}
		if (is_ours(rc))
			vane__connect_drop(connect, VANE__RESULT_DONE);
		if (rc == 0 || is_ours(rc))
			break;
		rc = after(connect, rc);
	}
	if (rc < 0)
		connect->done(connect->data, rc);
}

static void on_connected(void *data, int rc)
{
	struct vane__connect *connect = data;

	if (rc == 0) {
		connect->done(connect->data, 0);
		return;
	}
	vane__peer_conn_close(connect->conn);
	connect->conn = NULL;
	go_on(connect, after(connect, rc));
}

static void on_leased(void *data, int rc)
{
	go_on(data, rc < 0 ? rc : 1);
}

void vane__connect_start(struct vane__connect *connect)
{
	connect->lease.ready = on_leased;
	connect->lease.data = connect;
	go_on(connect, connect->balancer->acquire(
			       connect->balancer, connect->loop, &connect->lease));
}

void vane__connect_next(struct vane__connect *connect, enum vane__result result)
{
	connect->conn = NULL;
	go_on(connect, connect->balancer->next(connect->balancer, &connect->lease, result));
}

void vane__connect_again(struct vane__connect *connect)
{
	connect->conn = NULL;
	connect->fresh = true;
	go_on(connect, 1);
}

void vane__connect_drop(struct vane__connect *connect, enum vane__result result)
{
	if (connect->conn != NULL && connect->conn->phase == VANE__PEER_CONN_CONNECTING)
		vane__peer_conn_close(connect->conn);
	connect->conn = NULL;
	connect->balancer->release(connect->balancer, &connect->lease, result);
}

void vane__connect_fail(struct vane__connect *connect, struct vane__relay *relay, int rc)
{
	if (rc == -EHOSTDOWN && connect->error == 0)
		snprintf(connect->why, sizeof(connect->why), "no peer can take it");
	else if (rc == -EAGAIN)
		snprintf(connect->why, sizeof(connect->why),
			"too many requests wait already");
	else if (rc == -ETIMEDOUT)
		snprintf(connect->why, sizeof(connect->why),
			"has waited too long for its turn");
	else if (rc != -EHOSTDOWN)
		snprintf(connect->why, sizeof(connect->why), "%s", strerror(-rc));
	vane__relay_fail(relay, 503, connect->why);
}
