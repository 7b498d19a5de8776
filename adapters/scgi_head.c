/* SPDX-License-Identifier: MIT */
/*
 * scgi_head.c - the head of an SCGI request: a netstring of variables.
 *
 * Pure but for its own memory: it is handed bytes and says when they are a head.
 */
#include "scgi_head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum vane__scgi_head_event bad(struct vane__scgi_head *head, const char *why)
{
	head->why = why;
	return VANE__SCGI_HEAD_BAD;
}

/* A length in digits, none for 0; one that is too large for a number is the largest. */
static int parse_length(const char *text, int64_t *length)
{
	*length = 0;
	for (; *text != '\0'; text++) {
		int digit = *text - '0';

		if (digit < 0 || digit > 9)
			return -EINVAL;
		*length = *length > (INT64_MAX - digit) / 10 ? INT64_MAX
							     : *length * 10 + digit;
	}
	return 0;
}

/* What the lengths among the variables say; the first of a name counts. */
static int note_length(struct vane__scgi_head *head, const char *name, const char *value)
{
	if (head->body_length < 0 && strcmp(name, "CONTENT_LENGTH") == 0)
		return parse_length(value, &head->body_length);
	if (head->announced < 0 && strcmp(name, "HTTP_CONTENT_LENGTH") == 0 &&
		parse_length(value, &head->announced) < 0)
		head->announced = -1;
	return 0;
}

/*
 * One variable at that place of the content, which ends in a NUL: NAME\0VALUE\0 becomes
 * NAME=VALUE\0.  NULL and why if it is malformed.
 */
static char *take_var(struct vane__scgi_head *head, size_t *at)
{
	const struct vane__bytes *content = &head->content;
	char *name = content->data + *at, *value;
	size_t name_len = strlen(name);

	*at += name_len + 1;
	if (name_len == 0 || memchr(name, '=', name_len) != NULL) {
		bad(head, "a malformed name");
		return NULL;
	}
	if (*at == content->len) {
		bad(head, "a name without a value");
		return NULL;
	}
	value = content->data + *at;
	*at += strlen(value) + 1;
	if (note_length(head, name, value) < 0) {
		bad(head, "a malformed CONTENT_LENGTH");
		return NULL;
	}
	value[-1] = '=';
	return name;
}

/*
 * nginx with scgi_request_buffering off, before it was mended in 2026, gives the length of
 * what it happens to have of a body: the rest would be lost.
 */
static enum vane__scgi_head_event check_lengths(struct vane__scgi_head *head)
{
	if (head->body_length < 0)
		return bad(head, "no CONTENT_LENGTH");
	if (head->announced > head->body_length)
		return bad(head, "CONTENT_LENGTH is less than the client has announced");
	return VANE__SCGI_HEAD_WHOLE;
}

/* The content is here: find the variables. */
static enum vane__scgi_head_event split(
	struct vane__scgi_head *head, const struct vane__scgi_limits *limits)
{
	const struct vane__bytes *content = &head->content;
	size_t at = 0, nuls = 0, count = 0, i;

	for (i = 0; i < content->len; i++)
		nuls += content->data[i] == '\0';
	if (content->len > 0 && content->data[content->len - 1] != '\0')
		return bad(head, "a value without its NUL");
	if (nuls / 2 > limits->max_vars)
		return bad(head, "too many variables");
	head->vars = calloc(nuls / 2 + 1, sizeof(*head->vars));
	if (head->vars == NULL)
		return bad(head, "out of memory");
	head->body_length = head->announced = -1;
	while (at < content->len) {
		char *var = take_var(head, &at);

		if (var == NULL)
			return VANE__SCGI_HEAD_BAD;
		head->vars[count++] = var;
	}
	return check_lengths(head);
}

enum vane__scgi_head_event vane__scgi_head_push(struct vane__scgi_head *head,
	const struct vane__scgi_limits *limits, struct vane_slice *in)
{
	struct vane_slice piece;

	for (;;) {
		switch (vane__netstring_next(
			&head->netstring, limits->max_bytes, in, &piece)) {
		case VANE__NETSTRING_MORE:
			return VANE__SCGI_HEAD_MORE;
		case VANE__NETSTRING_DATA:
			if (vane__bytes_add(&head->content, piece.data, piece.len) < 0)
				return bad(head, "out of memory");
			break;
		case VANE__NETSTRING_END:
			return split(head, limits);
		case VANE__NETSTRING_BAD:
			return bad(head, head->netstring.why);
		}
	}
}

void vane__scgi_head_fini(struct vane__scgi_head *head)
{
	vane__bytes_fini(&head->content);
	free(head->vars);
	*head = (struct vane__scgi_head){ 0 };
}
