/* SPDX-License-Identifier: MIT */
/*
 * inherit_exec.h - what the two halves of inherit.h know of each other.
 */
#ifndef VANE__INHERIT_EXEC_H
#define VANE__INHERIT_EXEC_H

#include <signal.h>

#include "inherit.h"

#define VANE__INHERIT_VARIABLE "VANE_INHERIT"

/* Have the descriptors stay open across exec(), or not.  0, or what failed first. */
int vane__inherit_keep_open(const struct vane__inheritance *inherit, bool keep);

/* The signals that were blocked at the first start. */
void vane__inherit_mask(const struct vane__inheritance *inherit, sigset_t *set);

#endif
