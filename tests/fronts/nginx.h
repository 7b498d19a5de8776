/* SPDX-License-Identifier: MIT */
/*
 * nginx.h - nginx as a front server.
 */
#ifndef VANE_TEST_NGINX_H
#define VANE_TEST_NGINX_H

#include "fronts/front.h"

/* Which of front.ports. */
enum {
	NGINX_FASTCGI,          /* a connection a request; request bodies buffered */
	NGINX_FASTCGI_KEPT,     /* kept connections */
	NGINX_FASTCGI_STREAMED, /* a connection a request; bodies passed on as they come */
	NGINX_FASTCGI_KEPT_STREAMED,
	NGINX_PROXY, /* proxy_pass to the native server */
	NGINX_SCGI,
	NGINX_SCGI_STREAMED, /* responses passed on as they come */
};

/* Whether it can be started here. */
bool nginx_installed(void);

/* Start nginx. */
int nginx_start(struct front *front);

/* The same with port 0 alone, and nothing behind it: front.socket is the test's to serve. */
int nginx_start_alone(struct front *front);

#endif
