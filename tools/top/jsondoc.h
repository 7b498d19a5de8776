/* SPDX-License-Identifier: MIT */
/*
 * jsondoc.h - reads a JSON document into a tree (RFC 8259).
 */
#ifndef VANE_TOP_JSONDOC_H
#define VANE_TOP_JSONDOC_H

#include <stdbool.h>

enum jsondoc_type {
	JSONDOC_NULL,
	JSONDOC_BOOL,
	JSONDOC_NUMBER,
	JSONDOC_STRING,
	JSONDOC_ARRAY,
	JSONDOC_OBJECT
};

struct jsondoc {
	enum jsondoc_type type;
	const char *key;  /* in an object */
	const char *text; /* of a string */
	double number;    /* of a number, or 0 and 1 of a truth value */
	struct jsondoc *child, *next;
};

/* Read text, which is written over and lives as long as the tree; NULL for what is none, or too deep. */
struct jsondoc *jsondoc_read(char *text);
void jsondoc_free(struct jsondoc *doc);

/* A member of an object, NULL if there is none, or no object. */
const struct jsondoc *jsondoc_get(const struct jsondoc *doc, const char *key);

/* Its number, or its text; 0 or "" if there is none. */
double jsondoc_number(const struct jsondoc *doc, const char *key);
const char *jsondoc_text(const struct jsondoc *doc, const char *key);

#endif
