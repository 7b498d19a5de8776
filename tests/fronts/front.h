/* SPDX-License-Identifier: MIT */
/*
 * front.h - a web server in front of the application under test: started by the test as its
 * own foreground process, configured in a temporary folder, listening on 127.0.0.1 only.
 */
#ifndef VANE_TEST_FRONT_H
#define VANE_TEST_FRONT_H

#include <stdbool.h>

#include "carrier.h"

#define FRONT_PORTS 7

/* One front server with what stands behind it. */
struct front {
	struct tmp tmp;
	struct proc server;
	struct proc fastcgi;       /* the application on a unix socket */
	struct proc scgi;          /* the same as an SCGI responder */
	struct proc native;        /* the application as a native server */
	char socket[TMP_PATH_MAX]; /* of fastcgi */
	char scgi_socket[TMP_PATH_MAX];
	int native_port;
	int ports[FRONT_PORTS]; /* of the server, as many as its template uses */
};

/* How to run a server. */
struct front_kind {
	const char *const *argv; /* words from tmp.h are replaced in all but the first */
	const char *const *env;  /* "NAME=value" in addition, or NULL */
	const char *config;      /* the template of its configuration, named "config" */
	const struct tmp_word *words; /* of its own, or NULL */
	const char *const *dirs; /* folders that it wants in the temporary one, or NULL */
	bool alone;              /* nothing of ours behind it */
	bool wants_native;       /* a native server behind it too */
	bool wants_scgi;         /* an SCGI responder behind it too */
	bool wants_program; /* the application as a file that it can start, "echoapp" */
};

/*
 * Start it and what stands behind it.  Templates know @DIR@, @SOCKET@, @SCGI@ (its
 * socket), @NATIVE@ (a port), @PORT0@ ... @PORT6@, and the words of the kind.  Logs are printed if that fails.
 */
int front_start(struct front *front, const struct front_kind *kind);

/* Stop all.  The log of the server is printed if print is true. */
void front_stop(struct front *front, bool print);

/*
 * Run the rows through one of its ports; returns how many failed.  Where VANE_BRIEF_FRONTS is set,
 * as another build has run them all, the first one stands for the others.
 */
int front_conform(const struct front *front, const char *name, int port, bool adapter);

/* The first of these names (up to a NULL) that can be started, NULL if none can. */
const char *front_find(const char *const *names);

#endif
