/* SPDX-License-Identifier: MIT */
/*
 * echofilter.h - filters around the handlers of the application under test.
 */
#ifndef VANE_TEST_ECHOFILTER_H
#define VANE_TEST_ECHOFILTER_H

#include <vane/filter.h>

/* The first lets in who has a key, where the path has "shut"; the second says that it was there. */
extern const struct vane_filter echo_gate[];

/* Error pages of a group's own, and of one within it, which fails where the path ends in "fails". */
extern const struct vane_filter echo_apart[];
extern const struct vane_filter echo_inner[];

/* The body in capitals. */
extern const struct vane_filter echo_loud[];

/* Those of vane/filters.h: ids and fields for safety. */
extern const struct vane_filter echo_safe[];

/* And those that pages of other origins, slow lines and caches are served by. */
extern const struct vane_filter echo_shared[];

#endif
