/* SPDX-License-Identifier: MIT */
/*
 * tmp.h - a temporary folder that is gone when the test is.
 *
 * It can be entered by any user: web servers started by root work as somebody else.
 */
#ifndef VANE_TEST_TMP_H
#define VANE_TEST_TMP_H

#include <stddef.h>

struct tmp {
	char path[80];
};

/* A name and what stands for it in a template, "PORT" for "@PORT@".  A list ends with { 0 }. */
struct tmp_word {
	const char *name;
	const char *value;
};

/* Make a folder below $TMPDIR, or /tmp.  0 or a negative errno. */
int tmp_make(struct tmp *tmp);

/* The path of something in it, for as long as the buffer lives. */
#define TMP_PATH_MAX 128
const char *tmp_path(const struct tmp *tmp, char *buf, const char *name);

/* Make a folder in it; web servers may write there. */
int tmp_mkdir(const struct tmp *tmp, const char *name);

/* Write a file from a template. */
int tmp_write(const struct tmp *tmp, const char *name, const char *text,
	const struct tmp_word *words);

/* Copy a program into it. */
int tmp_copy_program(const struct tmp *tmp, const char *name, const char *from);

/* Remove it with all that is in it. */
void tmp_remove(struct tmp *tmp);

#endif
