/* SPDX-License-Identifier: MIT */
/*
 * text.h - text that a caller must give, and did not.
 */
#ifndef VANE__TEXT_H
#define VANE__TEXT_H

#include <vane/log.h>

#include "base.h"

/* Whether it is NULL, which is said in the log: the fault is the program's. */
static inline bool vane__no_text(const char *function, const void *text)
{
	if (LIKELY(text != NULL))
		return false;
	vane_log(VANE_LOG_ERROR, "%s(): NULL in the place of text", function);
	return true;
}

#endif
