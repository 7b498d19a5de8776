/* SPDX-License-Identifier: MIT */
/*
 * conn_proxy.c - the PROXY protocol on connections of the native server: a proxy in front says in a
 * header whose connection it is, and that peer counts from then on.
 */
#include "conn.h"

#include <arpa/inet.h>

#include <vane/log.h>

#include "slice.h"
#include "xheaders.h"

/* How often it is said that a header is missing: once a minute. */
#define COMPLAIN_TICKS (60 * VANE__CONN_TICKS)

/* The address of a peer as text, "" for a unix socket. */
static struct vane_slice peer_text(const struct vane__conn *c, char buf[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *in = (const struct sockaddr_in *) &c->peer;

	buf[0] = '\0';
	if (c->peer.sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &in->sin_addr, buf, INET6_ADDRSTRLEN);
	else if (c->peer.sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &c->peer.in6.sin6_addr, buf, INET6_ADDRSTRLEN);
	return vane__slice(buf);
}

void vane__conn_expect_proxy(struct vane__conn *c)
{
	char buf[INET6_ADDRSTRLEN];

	c->proxy_due = c->server->proxies != NULL &&
		       vane__trusted(c->server->proxies, peer_text(c, buf));
}

static void complain(struct vane__conn *c)
{
	struct vane_server *server = c->server;
	char buf[INET6_ADDRSTRLEN];
	bool again = server->told_proxy != 0 &&
		     server->ticks + 1 - server->told_proxy < COMPLAIN_TICKS;

	peer_text(c, buf);
	vane_log(again ? VANE_LOG_DEBUG : VANE_LOG_WARNING,
		"connection closed: %s does not begin with the PROXY protocol's header: have "
		"it send one, or take it off --proxy-protocol",
		buf[0] != '\0' ? buf : "unix:");
	if (!again)
		server->told_proxy = server->ticks + 1;
}

bool vane__conn_read_proxy(struct vane__conn *c)
{
	struct vane_slice in = { c->input + c->input_at, vane__conn_input_left(c) };
	struct vane__proxy proxy;
	size_t used;
	int rc = vane__proxy_read(&proxy, in, &used);

	vane__conn_set_busy(c, true);
	if (rc == 0)
		return false;
	c->proxy_due = false;
	c->proxied = true;
	if (rc < 0) {
		complain(c);
		c->cut = true;
		return false;
	}
	c->input_at += used;
	if (proxy.hidden)
		c->peer.sa.sa_family = AF_UNSPEC;
	if (!proxy.said)
		return true;
	memcpy(&c->peer, &proxy.peer, sizeof(proxy.peer));
	if (!c->server->readmit(c->server, c))
		c->cut = true;
	return !c->cut;
}
