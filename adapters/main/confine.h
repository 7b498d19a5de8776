/* SPDX-License-Identifier: MIT */
/*
 * confine.h - --sandbox: the files that a program needs, the words that say what is active, and the
 * step that every process takes before its first request.
 */
#ifndef VANE__CONFINE_H
#define VANE__CONFINE_H

#include <stdbool.h>

#include "settings.h"

struct vane__confine {
	bool on;
	int abi;          /* of Landlock; 0 or less: it is not there */
	char words[1500]; /* what is active */
};

/*
 * Put what the settings and the system need into the list of the files that may be had, and find words
 * for it all; program is the file of the program, NULL: it is not known.  Does nothing without
 * --sandbox.  Returns 0, or a negative errno that has been logged: -ENOSYS if it is required and the
 * system has not got it.
 */
int vane__confine_plan(struct vane__confine *confine, const struct vane__settings *settings,
	const char *program);

/* What is active, NULL: --sandbox was not given. */
const char *vane__confine_words(const struct vane__confine *confine);

/* Log that. */
void vane__confine_report(const struct vane__confine *confine);

/*
 * Confine this process, once it is the user that it is to be; becomes_users is as in struct vane_program.
 * Failure is logged.
 */
int vane__confine_enter(const struct vane__confine *confine, bool becomes_users);

#endif
