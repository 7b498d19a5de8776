/* SPDX-License-Identifier: MIT */
/*
 * meta.h - CGI meta-variables (RFC 3875, 4.1) understood as a request.
 */
#ifndef VANE__META_H
#define VANE__META_H

#include <vane/driver.h>

#include "arena.h"

/*
 * Fill env from meta-variables, whose names and values are followed by a NUL; they are borrowed, and
 * so is the array, from which those are taken out that nobody is to see.
 *
 * Returns 0, a status to refuse the request with, or -ENOMEM.  With a status, env holds
 * what could be understood.
 */
int vane__meta_env(
	struct vane_env *env, struct arena *arena, struct vane_field *vars, size_t count);

/* NAME=value strings up to a NULL as meta-variables, values borrowed; NULL without memory. */
struct vane_field *vane__meta_split(struct arena *arena, char *const *vars, size_t *count);

#endif
