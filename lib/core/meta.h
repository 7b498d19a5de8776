/* SPDX-License-Identifier: MIT */
/*
 * meta.h - CGI meta-variables (RFC 3875, 4.1) understood as a request.
 */
#ifndef VANE__META_H
#define VANE__META_H

#include <vane/driver.h>

#include "arena.h"

/*
 * Fill env from NAME=value strings up to a NULL, which are borrowed.
 *
 * Returns 0, a status to refuse the request with, or -ENOMEM.  With a status, env holds
 * what could be understood.
 */
int vane__meta_env(struct vane_env *env, struct arena *arena, char *const *vars);

#endif
