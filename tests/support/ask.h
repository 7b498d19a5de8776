/* SPDX-License-Identifier: MIT */
/*
 * ask.h - one exchange as a client sees it: what is asked, and what was answered.
 */
#ifndef VANE_TEST_ASK_H
#define VANE_TEST_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* What to ask.  Borrowed by whoever asks. */
struct ask {
	const char *method;
	const char *target;
	const char *const *fields; /* "Name: value" up to a NULL, Host among them */
	const char *body;
	size_t body_len;
	bool has_body; /* an empty one is announced too */
	bool chunked;
};

struct answer_field {
	char *name; /* in lower case */
	char *value;
};

/* What was answered; all of it is freed by answer_fini(). */
struct answer {
	int status; /* 0: none came */
	struct answer_field *fields;
	size_t field_count;
	char *body; /* followed by a NUL that is not counted */
	size_t body_len;
	size_t body_room;
	bool whole; /* false: the connection was cut */
};

/* Add a field from its line, with or without a line end.  A line without ":" is -EINVAL. */
int answer_add_line(struct answer *answer, const char *line, size_t len);

/*
 * Add the lines of a head up to its empty line; returns how many bytes that took, or -EINVAL.
 */
long answer_add_head(struct answer *answer, const char *head, size_t len);

/* Append to the body. */
int answer_add_body(struct answer *answer, const void *data, size_t len);

/* Take the response of a CGI program apart: "Status:" is the status, 200 without one. */
int answer_from_cgi(struct answer *answer, const char *data, size_t len);

/* The i-th value of a field, NULL past the last.  The name is in lower case. */
const char *answer_field(const struct answer *answer, const char *name, size_t i);

void answer_fini(struct answer *answer);

#endif
