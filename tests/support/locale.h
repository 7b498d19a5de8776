/* SPDX-License-Identifier: MIT */
/*
 * locale.h - a locale that writes numbers with a comma.
 */
#ifndef VANE_TEST_LOCALE_H
#define VANE_TEST_LOCALE_H

#include <stdbool.h>

/*
 * Set one; where the system has none it is made for the process, by localedef.  False if that cannot
 * be either.
 */
bool locale_set_comma(void);

/* Back to C. */
void locale_reset(void);

#endif
