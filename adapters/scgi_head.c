/* SPDX-License-Identifier: MIT */
/*
 * scgi_head.c - the head of an SCGI request: a netstring of variables.
 *
 * Pure but for its own memory: it is handed bytes and says when they are a head.
 */
#include "scgi_head.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char too_many_bytes[] = "too many bytes of variables";

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

/* Find the variables in the content, which has whole ones only, so many of them. */
static enum vane__scgi_head_event take_vars(struct vane__scgi_head *head, size_t count)
{
	size_t at = 0, i = 0;

	head->vars = calloc(count + 1, sizeof(*head->vars));
	if (head->vars == NULL)
		return bad(head, "out of memory");
	head->body_length = head->announced = -1;
	while (at < head->content.len) {
		char *var = take_var(head, &at);

		if (var == NULL)
			return VANE__SCGI_HEAD_BAD;
		head->vars[i++] = var;
	}
	return VANE__SCGI_HEAD_WHOLE;
}

/* Where a text ends that begins there, behind its NUL; 0 if it has none. */
static size_t text_end(const struct vane__bytes *content, size_t at)
{
	const char *end = at < content->len
				  ? memchr(content->data + at, '\0', content->len - at)
				  : NULL;

	return end != NULL ? (size_t) (end - content->data) + 1 : 0;
}

/*
 * The variables are more than allowed.  Those that fit stay, as they say whose request it is
 * that is refused.
 */
static enum vane__scgi_head_event large(struct vane__scgi_head *head,
	const struct vane__scgi_limits *limits, const char *why)
{
	size_t count = 0, fit = 0, end;

	while (count < limits->max_vars && (end = text_end(&head->content, fit)) > 0 &&
		(end = text_end(&head->content, end)) > 0) {
		fit = end;
		count++;
	}
	head->content.len = fit;
	if (take_vars(head, count) == VANE__SCGI_HEAD_BAD)
		return VANE__SCGI_HEAD_BAD;
	head->why = why;
	return VANE__SCGI_HEAD_LARGE;
}

/* The content is here: find the variables. */
static enum vane__scgi_head_event split(
	struct vane__scgi_head *head, const struct vane__scgi_limits *limits)
{
	const struct vane__bytes *content = &head->content;
	size_t nuls = 0, i;

	for (i = 0; i < content->len; i++)
		nuls += content->data[i] == '\0';
	if (content->len > 0 && content->data[content->len - 1] != '\0')
		return bad(head, "a value without its NUL");
	if (nuls / 2 > limits->max_vars)
		return large(head, limits, "too many variables");
	return take_vars(head, nuls / 2) == VANE__SCGI_HEAD_WHOLE ? check_lengths(head)
								  : VANE__SCGI_HEAD_BAD;
}

/* A piece of the content. */
static enum vane__scgi_head_event take_content(struct vane__scgi_head *head,
	const struct vane__scgi_limits *limits, struct vane_slice piece)
{
	bool over = piece.len > limits->max_bytes - head->content.len;

	if (over)
		piece.len = limits->max_bytes - head->content.len;
	if (vane__bytes_add(&head->content, piece.data, piece.len) < 0)
		return bad(head, "out of memory");
	return over ? large(head, limits, too_many_bytes) : VANE__SCGI_HEAD_MORE;
}

enum vane__scgi_head_event vane__scgi_head_push(struct vane__scgi_head *head,
	const struct vane__scgi_limits *limits, struct vane_slice *in)
{
	enum vane__scgi_head_event event;
	struct vane_slice piece;

	for (;;) {
		switch (vane__netstring_next(&head->netstring, SIZE_MAX, in, &piece)) {
		case VANE__NETSTRING_MORE:
			/* refused at once, by what happens to be here */
			return head->netstring.begun &&
					       head->netstring.length > limits->max_bytes
				       ? large(head, limits, too_many_bytes)
				       : VANE__SCGI_HEAD_MORE;
		case VANE__NETSTRING_DATA:
			event = take_content(head, limits, piece);
			if (event != VANE__SCGI_HEAD_MORE)
				return event;
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
	*head = (struct vane__scgi_head) { 0 };
}
