/* SPDX-License-Identifier: MIT */
/*
 * allow.c - what front doors may change, and why: the one list.
 *
 * Whatever a front can be configured to leave alone is configured in tests/fronts/; here is only
 * what cannot be.  An entry that a run of its front did not need fails that run.
 */
#include "allow.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct allow allow_list[] = {
	{ "native", "*", DIFFERS_FIELD, "date",
	  "the native server dates its answers; a front server does so itself" },
	{ 0 },
};
/* clang-format on */

/* Whether a comma-separated list of patterns has a word. */
static bool listed(const char *list, const char *word)
{
	char pattern[64];
	size_t len;

	for (; *list != '\0'; list += len, list += *list == ',') {
		len = strcspn(list, ",");
		snprintf(pattern, sizeof(pattern), "%.*s", (int)len, list);
		if (fnmatch(pattern, word, 0) == 0)
			return true;
	}
	return false;
}

bool allow_is_for(const struct allow *allow, const char *front)
{
	return listed(allow->fronts, front);
}

const struct allow *allow_find(
	const char *front, const char *row, const struct difference *difference)
{
	for (const struct allow *allow = allow_list; allow->fronts != NULL; allow++) {
		if (allow->what != difference->what || !allow_is_for(allow, front))
			continue;
		if (allow->names != NULL && !listed(allow->names, difference->name))
			continue;
		if (listed(allow->rows, row))
			return allow;
	}
	return NULL;
}
