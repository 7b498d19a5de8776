/* SPDX-License-Identifier: MIT */
/*
 * base64.c - base64 (RFC 4648, 4).
 */
#include "base64.h"

/* The six bits of a character, -1 for one that is none of the alphabet. */
static int bits_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* How many of the last four characters are padding. */
static size_t padding(struct vane_slice text)
{
	size_t count = 0;

	while (count < 2 && text.len > count && text.data[text.len - 1 - count] == '=')
		count++;
	return count;
}

ssize_t vane__base64_decode(char *buf, struct vane_slice text)
{
	size_t pad = padding(text), i, at = 0;
	unsigned group = 0;

	if (text.len % 4 != 0)
		return -EINVAL;
	for (i = 0; i < text.len; i++) {
		int bits = i < text.len - pad ? bits_of(text.data[i]) : 0;

		if (bits < 0)
			return -EINVAL;
		group = group << 6 | (unsigned) bits;
		if (i % 4 != 3)
			continue;
		buf[at++] = (char) (group >> 16 & 0xff);
		buf[at++] = (char) (group >> 8 & 0xff);
		buf[at++] = (char) (group & 0xff);
		group = 0;
	}
	/* bits that padding leaves over are zero, or two texts would stand for the same bytes */
	if ((pad > 0 && buf[at - 1] != 0) || (pad == 2 && buf[at - 2] != 0))
		return -EINVAL;
	return (ssize_t) (at - pad);
}
