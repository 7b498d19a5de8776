/* SPDX-License-Identifier: MIT */
/*
 * carrier.h - carriers over HTTP, and the application under test as a process.
 */
#ifndef VANE_TEST_CARRIER_H
#define VANE_TEST_CARRIER_H

#include "suite.h"
#include "support/proc.h"
#include "support/tmp.h"

/* A carrier that is an HTTP server on a port of 127.0.0.1.  port is borrowed. */
struct suite_carrier carrier_http(const char *name, const int *port, bool adapter);

/* The program of the application under test: $VANE_ECHOAPP, or where the build puts it. */
const char *carrier_program(void);

/*
 * Start it as a native server on a free port, or as a FastCGI or SCGI responder on a unix
 * socket that any user may connect to, with more options up to a NULL, and wait until it listens.
 * Its log is in the folder.  0 or a negative errno, when its log has been printed.
 */
int carrier_start_native(
	struct proc *proc, const struct tmp *tmp, int *port, const char *const *more);
int carrier_start_fastcgi(struct proc *proc, const struct tmp *tmp, const char *path,
	const char *const *more);
int carrier_start_scgi(struct proc *proc, const struct tmp *tmp, const char *path,
	const char *const *more);

/* Start another program whose main is vane_main()'s, as a native server. */
int carrier_start_server(struct proc *proc, const struct tmp *tmp, const char *program,
	int *port, const char *const *more);

/* The same as a FastCGI responder on a unix socket. */
int carrier_start_responder(struct proc *proc, const struct tmp *tmp, const char *program,
	const char *path, const char *const *more);

#endif
