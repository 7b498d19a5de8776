/* SPDX-License-Identifier: MIT */
/*
 * pages.h - the pages and scripts in tests/hosted, copied to where programs may read them.
 */
#ifndef VANE_TEST_PAGES_H
#define VANE_TEST_PAGES_H

#include "support/tmp.h"

/*
 * Copy one with its words replaced; whoever may run it here may run it there.  0 or a negative
 * errno.
 */
int pages_copy(const struct tmp *tmp, const char *from, const char *to,
	const struct tmp_word *words);

/* Copy a folder, which is made, and the files in it. */
int pages_copy_folder(const struct tmp *tmp, const char *from, const char *to,
	const struct tmp_word *words);

#endif
