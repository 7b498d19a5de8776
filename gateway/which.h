/* SPDX-License-Identifier: MIT */
/*
 * which.h - where a program is.
 */
#ifndef VANE__WHICH_H
#define VANE__WHICH_H

/*
 * The absolute path of a program: a name without a slash is looked for in PATH.  Links are
 * left alone, as a program may go by the name of one.  Returns 0, the path being the
 * caller's to free; -ENOENT or -EACCES if there is none that we may run; -ENOMEM.
 */
int vane__which(const char *name, char **path);

#endif
