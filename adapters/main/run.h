/* SPDX-License-Identifier: MIT */
/*
 * run.h - a program about to serve, and what it says of that.
 *
 *	run.c     its way from the command line
 *	report.c  its words
 */
#ifndef VANE__RUN_H
#define VANE__RUN_H

#include <vane/app.h>
#include <vane/log.h>
#include <vane/main.h>
#include <vane/netutil.h>

#include "confine.h"
#include "doctor.h"
#include "logs.h"
#include "origin.h"
#include "privileges.h"
#include "mode.h"
#include "pages.h"
#include "settings.h"

struct vane__run {
	const char *name; /* of the program, without folders */
	struct vane_program *program;
	struct vane__settings settings;
	struct vane__facts facts;
	struct vane__choice choice;
	struct vane__privileges privileges;
	struct vane__confine confine;
	bool forks;
	int processes;
	unsigned caps;
	struct vane__logs logs;
	struct vane__pages pages;
	struct vane__doctor doctor; /* with --doctor */
	struct vane_app *app;
	struct vane_sockets socks;
	char where[1024]; /* their names, each behind a blank */
	struct vane__origin origin;
	/* what was handed over to us; with the sockets and their places that we have */
	struct vane__inheritance inherit;
	bool keeps_sockets;                  /* those are copies of ours */
	char listen_pid[24], listen_fds[24]; /* for facts */
};

/* Name the routes that no request reaches.  With --strict that is the exit status. */
int vane__report_unreachable(const struct vane__run *run);

/* Warn of limits that were given as 0, which others take for none. */
void vane__report_zeros(const struct vane__run *run);

/* Name the routes that this mode cannot serve.  With --strict that is the exit status. */
int vane__report_unserved(const struct vane__run *run);

/* Note the names of the sockets, which will be the server's when there is a use for them. */
void vane__report_sockets(struct vane__run *run);

/* The line at the start, once the first process serves. */
void vane__report_start(const struct vane__run *run);

/* --check: what would be done, as far as that can be said without doing it. */
void vane__report_check(const struct vane__run *run);

#endif
