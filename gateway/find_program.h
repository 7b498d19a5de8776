/* SPDX-License-Identifier: MIT */
/*
 * find_program.h - the absolute path of a program, looked for in PATH.
 */
#ifndef VANE__FIND_PROGRAM_H
#define VANE__FIND_PROGRAM_H

/*
 * The absolute path of a program: a name without a slash is looked for in PATH.  Links are
 * left alone, as a program may go by the name of one.  Returns 0, the path being the
 * caller's to free; -ENOENT or -EACCES if there is none that we may run; -ENOMEM.
 */
int vane__find_program(const char *name, char **path);

#endif
