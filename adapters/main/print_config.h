/* SPDX-License-Identifier: MIT */
/*
 * print_config.h - what to write into the configuration of the server in front.
 */
#ifndef VANE__PRINT_CONFIG_H
#define VANE__PRINT_CONFIG_H

#include <stdio.h>

#include <vane/handler.h>

#include "settings.h"

/*
 * A configuration for --print-config's server, of a program with those routes (NULL: not known).  What
 * stands in its way is logged: -EINVAL.
 */
int vane__print_config(FILE *out, const struct vane__settings *settings,
	const char *program, const struct vane_route *routes);

#endif
