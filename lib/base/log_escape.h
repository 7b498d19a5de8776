/* SPDX-License-Identifier: MIT */
/*
 * log_escape.h - a line as it may stand in a log.
 */
#ifndef VANE__LOG_ESCAPE_H
#define VANE__LOG_ESCAPE_H

#include <stddef.h>

/*
 * Copy a line so that nothing in it can move a terminal or begin another line, as much of it as there
 * is room for, and a NUL.
 */
void vane__log_escape(char *out, size_t size, const char *line);

#endif
