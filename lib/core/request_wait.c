/* SPDX-License-Identifier: MIT */
/*
 * request_wait.c - waiting within a request where there are no timers: vane_request_wait() in FastCGI,
 * SCGI and CGI mode.
 */
#include "clock.h"
#include "exchange.h"
#include "wait.h"

/* How often one looks whether the client is there still. */
#define LOOK_MSEC 100

int vane__request_wait_here(struct vane_request *req, int64_t msec)
{
	int64_t end = vane__now_msec() + msec;

	vane_request_block(req);
	for (;;) {
		int64_t left = end - vane__now_msec();

		if (vane_request_gone(req))
			return -EPIPE;
		if (left <= 0)
			return 0;
		vane__wait(-1, 0, left < LOOK_MSEC ? left : LOOK_MSEC, NULL);
	}
}
