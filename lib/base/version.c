/* SPDX-License-Identifier: MIT */
/*
 * version.c - which library this is.
 */
#include <vane/types.h>

const char *vane_version(void)
{
	return VANE_VERSION;
}
