/* SPDX-License-Identifier: MIT */
/*
 * look.h - tells whether files, or folders with all that is in them, were modified.
 */
#ifndef VANE_AUTORELOAD_LOOK_H
#define VANE_AUTORELOAD_LOOK_H

#include <stdint.h>

/*
 * A number for what stat() says of a path, and of all below it, that is added to the one of other paths:
 * start with 0.  Names that begin with a dot are left out, as are editors' names that end with "~".
 */
uint64_t look_at(uint64_t before, const char *path);

#endif
