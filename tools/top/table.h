/* SPDX-License-Identifier: MIT */
/*
 * table.h - the figures of a program as lines of text.
 */
#ifndef VANE_TOP_TABLE_H
#define VANE_TOP_TABLE_H

#include <stdio.h>

#include "jsondoc.h"

/* How it is to look. */
struct table {
	FILE *out;
	const char *line_end; /* "\n", or what also clears the rest of a line */
	int columns;          /* of the terminal; 0: as wide as it comes */
	int rows;             /* the same */
};

/* Print what --status has said. */
void table_print(const struct table *table, const struct jsondoc *status);

#endif
