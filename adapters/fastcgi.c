/* SPDX-License-Identifier: MIT */
/*
 * fastcgi.c - the FastCGI responder: its settings, and who may connect.
 */
#include "fastcgi.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

unsigned vane_fastcgi_caps(void)
{
	return vane__fastcgi_driver.caps;
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
static bool may_connect(struct vane__responder *responder, const struct sockaddr *peer)
{
	const struct vane_fastcgi *fastcgi =
		CONTAINER_OF(responder, struct vane_fastcgi, base);
	const char *at = fastcgi->web_servers;
	char buf[INET6_ADDRSTRLEN];
	const char *text = peer_text(peer, buf, sizeof(buf));

	if (peer->sa_family == AF_UNIX)
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

static int set_web_servers(struct vane_fastcgi *fastcgi)
{
	const char *web_servers = getenv("FCGI_WEB_SERVER_ADDRS");

	if (web_servers == NULL || *web_servers == '\0')
		return 0;
	fastcgi->base.may_connect = may_connect;
	fastcgi->web_servers = strdup(web_servers);
	return fastcgi->web_servers != NULL ? 0 : -ENOMEM;
}

static int fill_opts(struct vane_fastcgi_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_fastcgi_opts.request_msec", &o->request_msec,
			VANE__RESPONDER_REQUEST_MSEC },
		{ "vane_fastcgi_opts.min_rate", &o->min_rate, VANE__RESPONDER_MIN_RATE,
			true },
		{ "vane_fastcgi_opts.write_msec", &o->write_msec,
			VANE__RESPONDER_WRITE_MSEC },
		{ "vane_fastcgi_opts.max_params_bytes", &o->max_params_bytes,
			VANE__RESPONDER_HEAD_BYTES },
		{ "vane_fastcgi_opts.max_params", &o->max_params,
			VANE__RESPONDER_HEAD_VARS },
		{ "vane_fastcgi_opts.max_connections", &o->max_connections,
			VANE__RESPONDER_MAX_CONNECTIONS },
		{ "vane_fastcgi_opts.grace_msec", &o->grace_msec,
			VANE__RESPONDER_GRACE_MSEC },
	};

	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

int vane_fastcgi_new(struct vane_fastcgi **out, struct vane_app *app,
	struct vane_loop *loop, const struct vane_fastcgi_opts *opts)
{
	struct vane_fastcgi *fastcgi = calloc(1, sizeof(*fastcgi));
	struct vane_fastcgi_opts o =
		opts != NULL ? *opts : (struct vane_fastcgi_opts) { 0 };
	size_t told;
	int rc;

	if (fastcgi == NULL)
		return -ENOMEM;
	rc = fill_opts(&o);
	if (rc == 0)
		rc = set_web_servers(fastcgi);
	if (rc == 0)
		rc = vane__responder_init(&fastcgi->base, &vane__fastcgi_responder, app,
			loop,
			&(struct vane__responder_opts) { o.request_msec, o.min_rate,
				o.write_msec, o.max_connections, o.grace_msec,
				o.handover });
	if (rc < 0) {
		free(fastcgi->web_servers);
		free(fastcgi);
		return rc;
	}
	told = (size_t) (o.max_connections < INT_MAX ? o.max_connections : INT_MAX);
	fastcgi->limits = (struct vane__fcgi_req_limits) {
		.max_params_bytes = vane__limit_size(o.max_params_bytes),
		.max_params = vane__limit_size(o.max_params),
		.told = { told, told },
	};
	*out = fastcgi;
	return 0;
}

void vane_fastcgi_free(struct vane_fastcgi *fastcgi)
{
	if (fastcgi == NULL)
		return;
	vane__responder_fini(&fastcgi->base);
	if (fastcgi->spare_in != NULL)
		vane__fcgi_req_fini(fastcgi->spare_in);
	free(fastcgi->spare_in);
	free(fastcgi->web_servers);
	free(fastcgi);
}

void vane__fastcgi_set_look(struct vane_fastcgi *fastcgi, struct vane__responder_look *look)
{
	fastcgi->base.look = look;
}

int vane_fastcgi_add_sockets(struct vane_fastcgi *fastcgi, struct vane_sockets *socks)
{
	return vane__responder_add_sockets(&fastcgi->base, socks);
}

int vane_fastcgi_drain(
	struct vane_fastcgi *fastcgi, int64_t msec, vane_loop_fn done, void *data)
{
	return vane__responder_drain(&fastcgi->base, msec, done, data);
}

size_t vane_fastcgi_cut(struct vane_fastcgi *fastcgi)
{
	return vane__responder_cut(&fastcgi->base);
}
