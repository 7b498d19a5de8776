/* SPDX-License-Identifier: MIT */
/*
 * words.h - a list of strings that ends in a NULL, as argv does.
 */
#ifndef VANE__WORDS_H
#define VANE__WORDS_H

#include <stddef.h>

/* A zeroed one is empty, and has no list yet. */
struct vane__words {
	char **list; /* up to a NULL; NULL: none was added */
	size_t count;
};

/* Append a copy of so many bytes as text: 0 or -ENOMEM. */
int vane__words_add(struct vane__words *words, const char *text, size_t len);

/* Append what stands between the blanks of a text: 0 or -ENOMEM. */
int vane__words_split(struct vane__words *words, const char *text);

/* Append copies of a list, which may be NULL: 0 or -ENOMEM. */
int vane__words_copy(struct vane__words *words, const char *const *list);

void vane__words_fini(struct vane__words *words);

#endif
