/* SPDX-License-Identifier: MIT */
/*
 * strlist.h - a list of strings that grows and ends in a NULL, as argv does.
 */
#ifndef VANE__STRLIST_H
#define VANE__STRLIST_H

#include <stddef.h>

/* A zeroed one is empty, and has no list yet. */
struct vane__strlist {
	char **list; /* up to a NULL; NULL: none was added */
	size_t count;
};

/* Append a copy of so many bytes as text: 0 or -ENOMEM. */
int vane__strlist_add(struct vane__strlist *strlist, const char *text, size_t len);

/* Append copies of a list, which may be NULL: 0 or -ENOMEM. */
int vane__strlist_copy(struct vane__strlist *strlist, const char *const *list);

void vane__strlist_fini(struct vane__strlist *strlist);

#endif
