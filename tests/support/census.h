/* SPDX-License-Identifier: MIT */
/*
 * census.h - what a server and its children hold: processes, descriptors, memory, files.
 *
 * Taken before and after something that must leave nothing behind.  Linux's /proc only.
 */
#ifndef VANE_TEST_CENSUS_H
#define VANE_TEST_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whom to count. */
struct census_of {
	/*
	 * the server; its children that run the same program are its workers and count with
	 * it, all others are programs it hosts
	 */
	pid_t pid;
	const char *folder; /* where its temporary files are; NULL: not counted */
	/*
	 * children of the test that are no strays, up to a 0; the server is known; NULL:
	 * none
	 */
	const pid_t *known;
};

struct census {
	long workers;     /* the server and those of its children */
	long hosted;      /* other processes below it, dead ones that nobody reaped too */
	long zombies;     /* of those */
	long strays;      /* orphans: processes that have lost their parents */
	long descriptors; /* of server and workers */
	long memory;      /* KiB that are theirs: stacks and heaps, in memory or swapped */
	long files;       /* in the folder and below */
};

/* Whether there is what this needs. */
bool census_possible(void);

/*
 * Once, before the server is started: orphans of the server become children of the test, so
 * that none is lost from sight. 0 or a negative errno.
 */
int census_adopt(void);

/* Count.  0, or -ESRCH if there is no such process. */
int census_take(struct census *census, const struct census_of *of);

/*
 * Wait until nothing is more than it was; memory may have grown by so many KiB.  Returns 0,
 * or how many counts have grown, when each is named on standard error with what is there
 * now. Dead strays are collected.
 */
int census_return(
	const struct census *before, const struct census_of *of, long memory, int msec);

/* How many processes anywhere run a program from below that folder. */
long census_running(const char *folder);

/* Write what is there to standard error: processes with their states, descriptors. */
void census_print(const struct census_of *of);

#endif
