/* SPDX-License-Identifier: MIT */
/*
 * slice.h - questions about bytes that somebody else owns.
 *
 * ASCII only, whatever the locale: protocol text knows no other.
 */
#ifndef VANE__SLICE_H
#define VANE__SLICE_H

#include "base.h"

static inline char vane__lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
}

static inline bool vane__is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline struct vane_slice vane__slice(const char *text)
{
	return (struct vane_slice) { text, strlen(text) };
}

/* FNV-1a: short, and good enough for tables of a fixed size. */
static inline size_t vane__slice_hash(struct vane_slice s)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char) s.data[i]) * 16777619u;
	return hash;
}

static inline bool vane__slice_equal(struct vane_slice a, struct vane_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Whether they are the same but for the case of ASCII letters. */
bool vane__slice_equal_nocase(struct vane_slice a, struct vane_slice b);

bool vane__slice_starts(struct vane_slice s, struct vane_slice prefix);

/* Without blanks and tabs at both ends. */
struct vane_slice vane__slice_trim(struct vane_slice s);

/*
 * Cut off what stands before the first sep and give it back; s is what stands behind it, or
 * has data NULL if there was none.
 */
struct vane_slice vane__slice_split(struct vane_slice *s, char sep);

/* Cut off up to len bytes from the front and give them back. */
static inline struct vane_slice vane__slice_take(struct vane_slice *s, size_t len)
{
	struct vane_slice head = { s->data, len < s->len ? len : s->len };

	s->data += head.len;
	s->len -= head.len;
	return head;
}

/* A whole slice of decimal digits as a number: -EINVAL for anything else, -ERANGE. */
int vane__slice_number(struct vane_slice s, int64_t *out);

/* The value of a hexadecimal digit, -1 for another byte. */
int vane__hex(char c);

/* Write bytes as hexadecimal digits in lower case, two for each; no NUL is added. */
void vane__put_hex(char *buf, const unsigned char *bytes, size_t len);

/* Write an unsigned number in decimal; buf has room for 20 bytes.  Returns the length. */
size_t vane__put_number(char *buf, uint64_t n);

#endif
