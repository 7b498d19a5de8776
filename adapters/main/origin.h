/* SPDX-License-Identifier: MIT */
/*
 * origin.h - how this program was started: its file, folder and words, to start it anew.
 */
#ifndef VANE__ORIGIN_H
#define VANE__ORIGIN_H

#include "inherit.h"

struct vane__origin {
	char *path; /* of the program's file: absolute, links are not resolved */
	char *cwd;  /* NULL: unknown, or gone */
	char *words;
	char **argv; /* pieces of words, up to a NULL */
};

/*
 * Note it all, before somebody changes it.  The words are those that the system has noted; argv
 * is for where it has not.  0 or a negative errno.
 */
int vane__origin_init(struct vane__origin *origin, int argc, char *const *argv);
void vane__origin_fini(struct vane__origin *origin);

/* The file that a word in front of a command line stands for, to be freed; NULL: none. */
char *vane__origin_find(const char *word, const char *cwd, const char *path);

/* What to execute: this program again, whatever became of its file; or the file. */
struct vane__inherit_program vane__origin_again(const struct vane__origin *origin);
struct vane__inherit_program vane__origin_file(const struct vane__origin *origin);

/* Have the name that ps shows be the program's again, where it was started by another. */
void vane__origin_name(const struct vane__origin *origin);

#endif
