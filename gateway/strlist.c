/* SPDX-License-Identifier: MIT */
/*
 * strlist.c - a list of strings that grows and ends in a NULL, as argv does.
 */
#include "strlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int vane__strlist_add(struct vane__strlist *strlist, const char *text, size_t len)
{
	char **list = realloc(strlist->list, (strlist->count + 2) * sizeof(*list));
	char *copy;

	if (list == NULL)
		return -ENOMEM;
	strlist->list = list;
	copy = malloc(len + 1);
	if (copy != NULL) {
		memcpy(copy, text, len);
		copy[len] = '\0';
		list[strlist->count++] = copy;
	}
	list[strlist->count] = NULL;
	return copy != NULL ? 0 : -ENOMEM;
}

int vane__strlist_copy(struct vane__strlist *strlist, const char *const *list)
{
	int rc = 0;

	for (; list != NULL && *list != NULL && rc == 0; list++)
		rc = vane__strlist_add(strlist, *list, strlen(*list));
	return rc;
}

void vane__strlist_fini(struct vane__strlist *strlist)
{
	size_t i;

	for (i = 0; i < strlist->count; i++)
		free(strlist->list[i]);
	free(strlist->list);
	strlist->list = NULL;
	strlist->count = 0;
}
