/* SPDX-License-Identifier: MIT */
/*
 * scgi_head.c - the head of an SCGI request, put together from the bytes of a connection.
 *
 * Pure but for its own memory: it is handed bytes and says when they are a head.
 */
#include "scgi_head.h"

#include <errno.h>
#include <stdlib.h>

#include "slice.h"

static const char too_many_bytes[] = "too many bytes of variables";

static enum vane__scgi_head_event bad(struct vane__scgi_head *head, const char *why)
{
	head->why = why;
	return VANE__SCGI_HEAD_BAD;
}

/* ---- the variables ---- */

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
 * Add the variable at that place of the content, which ends in a NUL.  False and why if it is
 * malformed: a name with "=" would be another one in an environ.
 */
static bool take_var(struct vane__scgi_head *head, size_t *at)
{
	const struct buf *content = &head->content;
	struct vane_slice name = vane__slice(content->data + *at), value;

	*at += name.len + 1;
	if (name.len == 0 || memchr(name.data, '=', name.len) != NULL) {
		bad(head, "a malformed name");
		return false;
	}
	if (*at == content->len) {
		bad(head, "a name without a value");
		return false;
	}
	value = vane__slice(content->data + *at);
	*at += value.len + 1;
	if (note_length(head, name.data, value.data) < 0) {
		bad(head, "a malformed CONTENT_LENGTH");
		return false;
	}
	head->vars[head->var_count++] = (struct vane_field) { name, value };
	return true;
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
	size_t at = 0;

	head->body_length = head->announced = -1;
	if (count == 0)
		return VANE__SCGI_HEAD_WHOLE;
	head->vars = calloc(count, sizeof(*head->vars));
	if (head->vars == NULL)
		return bad(head, "out of memory");
	while (at < head->content.len)
		if (!take_var(head, &at))
			return VANE__SCGI_HEAD_BAD;
	return VANE__SCGI_HEAD_WHOLE;
}

/* Where a text ends that begins there, behind its NUL; 0 if it has none. */
static size_t text_end(const struct buf *content, size_t at)
{
	const char *end = at < content->len
				  ? memchr(content->data + at, '\0', content->len - at)
				  : NULL;

	return end != NULL ? (size_t) (end - content->data) + 1 : 0;
}

/*
 * The variables are more than allowed.  Those that fit stay, up to one that is malformed, as they
 * say whose request it is that is refused.
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
	if (take_vars(head, count) == VANE__SCGI_HEAD_BAD && head->vars == NULL)
		return VANE__SCGI_HEAD_BAD;
	head->why = why; /* whatever is wrong with those that fit */
	return VANE__SCGI_HEAD_LARGE;
}

/* The content is here: find the variables. */
static enum vane__scgi_head_event split(
	struct vane__scgi_head *head, const struct vane__scgi_limits *limits)
{
	const struct buf *content = &head->content;
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

/* ---- the netstring around them ---- */

static char take_byte(struct vane_slice *in)
{
	in->len--;
	return *in->data++;
}

/* One more byte of the length, or the colon behind it. */
static enum vane__scgi_head_event take_length(struct vane__scgi_head *head, char c)
{
	size_t digit = (size_t) (c - '0');

	if (c == ':' && head->digits > 0) {
		head->begun = true;
		head->left = head->length;
		return VANE__SCGI_HEAD_MORE;
	}
	if (c < '0' || c > '9')
		return bad(head, "no netstring");
	if (head->digits > 0 && head->length == 0)
		return bad(head, "a length with a leading zero");
	if (head->length > (SIZE_MAX - digit) / 10)
		return bad(head, "too many bytes");
	head->length = head->length * 10 + digit;
	head->digits++;
	return VANE__SCGI_HEAD_MORE;
}

/* What is here of the content. */
static enum vane__scgi_head_event take_content(struct vane__scgi_head *head,
	const struct vane__scgi_limits *limits, struct vane_slice *in)
{
	struct vane_slice piece = { in->data, in->len < head->left ? in->len : head->left };
	bool over = piece.len > limits->max_bytes - head->content.len;

	head->left -= piece.len;
	in->data += piece.len;
	in->len -= piece.len;
	if (over)
		piece.len = limits->max_bytes - head->content.len;
	if (vane__buf_add_slice(&head->content, piece) < 0)
		return bad(head, "out of memory");
	return over ? large(head, limits, too_many_bytes) : VANE__SCGI_HEAD_MORE;
}

enum vane__scgi_head_event vane__scgi_head_push(struct vane__scgi_head *head,
	const struct vane__scgi_limits *limits, struct vane_slice *in)
{
	enum vane__scgi_head_event event = VANE__SCGI_HEAD_MORE;

	while (event == VANE__SCGI_HEAD_MORE && in->len > 0 && !head->begun)
		event = take_length(head, take_byte(in));
	if (event == VANE__SCGI_HEAD_MORE && in->len > 0 && head->left > 0)
		event = take_content(head, limits, in);
	if (event != VANE__SCGI_HEAD_MORE)
		return event;
	/* refused at once, by what happens to be here */
	if (head->begun && head->length > limits->max_bytes)
		return large(head, limits, too_many_bytes);
	if (in->len == 0)
		return VANE__SCGI_HEAD_MORE;
	return take_byte(in) == ',' ? split(head, limits)
				    : bad(head, "no comma behind the content");
}

struct vane_slice vane__scgi_head_var(
	const struct vane__scgi_head *head, struct vane_slice name)
{
	size_t i = head->var_count;

	while (i-- > 0)
		if (vane__slice_equal(head->vars[i].name, name))
			return head->vars[i].value;
	return SLICE("");
}

void vane__scgi_head_fini(struct vane__scgi_head *head)
{
	vane__buf_fini(&head->content);
	free(head->vars);
	*head = (struct vane__scgi_head) { 0 };
}
