/* SPDX-License-Identifier: MIT */
/*
 * relay.h - nginx or Apache in front of programs that are restarted: what could not be delivered
 * is told to the client, and not hidden by sending it again.
 */
#ifndef VANE_TEST_RELAY_H
#define VANE_TEST_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "support/proc.h"
#include "support/tmp.h"

struct relay {
	struct proc proc;
	int port; /* on 127.0.0.1 */
	const struct tmp *tmp;
	bool several;
};

/* What is behind it. */
struct relay_to {
	const char *mode; /* "http", "fastcgi", "scgi" */
	bool kept;        /* FastCGI: connections are */
	/*
	 * "127.0.0.1:8000" or "unix:/path".  Where there are several, a request that could not be
	 * sent to one goes to the next.  For Apache one, which is a unix socket.
	 */
	const char *const *addresses;
	size_t count;
};

bool relay_nginx_installed(void);
bool relay_apache_installed(void);

/* Start one, with its files in the folder, and wait until it listens.  0 or a negative errno. */
int relay_start_nginx(
	struct relay *relay, const struct tmp *tmp, const struct relay_to *to);
int relay_start_apache(
	struct relay *relay, const struct tmp *tmp, const struct relay_to *to);

/* How many requests its log says were lost or sent again; prints those lines. */
long relay_complaints(const struct relay *relay);

/* Stop it.  Does nothing if it has not been started. */
int relay_stop(struct relay *relay);

#endif
