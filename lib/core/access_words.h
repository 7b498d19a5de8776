/* SPDX-License-Identifier: MIT */
/*
 * access_words.h - the words that formats of the access log have, and what each writes.
 */
#ifndef VANE__ACCESS_WORDS_H
#define VANE__ACCESS_WORDS_H

#include "access_format.h"
#include "base.h"
#include "buf.h"

/* How what is not ours is escaped. */
enum vane__access_style {
	VANE__STYLE_WORD,   /* a blank would end it */
	VANE__STYLE_QUOTED, /* in quotes */
	VANE__STYLE_JSON    /* in a string of JSON */
};

struct vane__access_op;

/* An exchange, and where its line is being written. */
struct vane__access_scribe {
	struct buf *line;
	struct vane_exchange *x;
	struct vane_request *req;
	const struct vane__access_end *end;
};

typedef void (*vane__access_fn)(
	const struct vane__access_scribe *s, const struct vane__access_op *op);

struct vane__access_op {
	struct vane_slice before; /* what stands before it */
	vane__access_fn put;      /* NULL: nothing follows */
	enum vane__access_style style;
	const char *name; /* of the field or variable, where there is one */
};

/* A word: nginx's, and Apache's letter with what stands in braces, NULL: nothing. */
struct vane__access_word {
	const char *name;
	char letter;
	const char *in_braces;
	vane__access_fn put;
};

/* Both end with one that writes nothing (.put is NULL). */
extern const struct vane__access_word vane__access_words[];

/* A word that has a name in it: behind nginx's, or in the braces of Apache's letter. */
struct vane__access_named {
	const char *before; /* "": nginx has none */
	char letter;
	bool field; /* its name is one of a field: any case will do */
	vane__access_fn put;
};

extern const struct vane__access_named vane__access_named[];

#endif
