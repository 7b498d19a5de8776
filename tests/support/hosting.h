/* SPDX-License-Identifier: MIT */
/*
 * hosting.h - vane-gateway with real programs behind it, the pages of tests/hosted, and a
 * client.
 *
 * In the temporary folder: site/ is the root, cgi/ and git/ hold CGI scripts at the paths
 * of the same name, repos/ is for repositories, spool/ for the gateway's temporary files.
 */
#ifndef VANE_TEST_HOSTING_H
#define VANE_TEST_HOSTING_H

#include "support/census.h"
#include "support/http.h"
#include "support/phpfpm.h"
#include "support/proc.h"
#include "support/tmp.h"

/* What to start; zero means the default. */
struct hosting_opts {
	bool php;                /* php-fpm for ".php" */
	bool fcgx;               /* the program of fcgx.c at /fcgx/ */
	bool own;                /* the same, started by the gateway, at /own/ */
	const char *root;        /* NULL: a copy of tests/hosted/php */
	const char *const *more; /* options of the gateway, up to a NULL */
	const pid_t *known;      /* processes that the test has started, up to a 0 */
	long memory_slack;       /* KiB that it may hold more at the end; 0: 4 MiB */
};

struct hosting {
	struct tmp tmp;
	struct phpfpm fpm;
	struct proc fcgx;
	struct proc gateway; /* its log has what programs say on standard error */
	struct http *http;
	int port;
	pid_t known[16];
	struct census_of of;
	struct census before;
	long memory_slack;
};

/* The gateway: $VANE_GATEWAY, or where the build puts it; and whether there is one. */
const char *hosting_program(void);
bool hosting_available(void);

/* Whether there is what these tests need; if not, says why they are skipped. */
bool hosting_possible(void);

/* Make the folder and what is in it; hosting_start() does if that was not called. */
int hosting_prepare(struct hosting *hosting);

/* Start all.  0 or a negative errno, when logs have been printed. */
int hosting_start(struct hosting *hosting, const struct hosting_opts *opts);

/*
 * Stop all.  Returns 0, or a number above if the gateway held more at the end than after
 * its start, or did not end well.
 */
int hosting_stop(struct hosting *hosting);

/* Ask; the answer is to be freed.  Fails the test if none comes. */
void hosting_ask(struct hosting *hosting, const struct ask *ask, struct answer *answer);
void hosting_get(struct hosting *hosting, const char *target, struct answer *answer);
void hosting_post(struct hosting *hosting, const char *target, const char *type,
	const char *body, size_t len, struct answer *answer);

/*
 * Ask for a target, and say whether it is answered with that status and a body that holds a
 * text; if not, standard error has what came.
 */
bool hosting_finds(
	struct hosting *hosting, const char *target, int status, const char *text);

/*
 * Run a program in the folder until it has ended, with that environment; its exit status, or a
 * negative errno. name.log in the folder has its output.
 */
int hosting_run(struct hosting *hosting, const char *name, const char *const *argv,
	const char *const *env);

#endif
