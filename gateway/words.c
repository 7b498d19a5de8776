/* SPDX-License-Identifier: MIT */
/*
 * words.c - a list of strings that ends in a NULL, as argv does.
 */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int vane__words_add(struct vane__words *words, const char *text, size_t len)
{
	char **list = realloc(words->list, (words->count + 2) * sizeof(*list));
	char *copy;

	if (list == NULL)
		return -ENOMEM;
	words->list = list;
	copy = malloc(len + 1);
	if (copy != NULL) {
		memcpy(copy, text, len);
		copy[len] = '\0';
		list[words->count++] = copy;
	}
	list[words->count] = NULL;
	return copy != NULL ? 0 : -ENOMEM;
}

int vane__words_split(struct vane__words *words, const char *text)
{
	static const char blanks[] = " \t";
	int rc = 0;

	while (rc == 0) {
		size_t len;

		text += strspn(text, blanks);
		len = strcspn(text, blanks);
		if (len == 0)
			break;
		rc = vane__words_add(words, text, len);
		text += len;
	}
	return rc;
}

int vane__words_copy(struct vane__words *words, const char *const *list)
{
	int rc = 0;

	for (; list != NULL && *list != NULL && rc == 0; list++)
		rc = vane__words_add(words, *list, strlen(*list));
	return rc;
}

void vane__words_fini(struct vane__words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
	words->list = NULL;
	words->count = 0;
}
