/* SPDX-License-Identifier: MIT */
/*
 * faults.h - what foreign programs do wrong, and what a gateway makes of it.
 *
 * The programs are badpeer.c, over FastCGI and SCGI, and badcgi.c.
 */
#ifndef VANE_TEST_FAULTS_H
#define VANE_TEST_FAULTS_H

#include <stddef.h>

enum { FAULT_FASTCGI, FAULT_SCGI, FAULT_CGI, FAULT_KINDS };
enum { FAULT_CUT = 1000 }; /* added to a status: the connection is cut */

struct fault {
	const char *query;
	int status[FAULT_KINDS];      /* 0: no such fault there */
	const char *log[FAULT_KINDS]; /* in the one line of the log; NULL: there is none */
	size_t errors;                /* lines of standard error, besides */
	size_t body;                  /* so many bytes are posted */
};

/* Up to one without a query.  Whoever waits does so for a minute. */
extern const struct fault faults[];

#endif
