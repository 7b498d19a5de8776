/* SPDX-License-Identifier: MIT */
/*
 * utf8.c - UTF-8, one character after the other (RFC 3629).
 */
#include "utf8.h"

/* What may follow a first byte (RFC 3629, 4): how many bytes, and from where to where the second. */
struct lead {
	size_t more;
	unsigned char low, high;
};

static struct lead lead_of(unsigned char c)
{
	if (c < 0x80)
		return (struct lead) { 0, 0, 0 };
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead) { 1, 0x80, 0xbf };
	if (c >= 0xe0 && c <= 0xef)
		return (struct lead) { 2, c == 0xe0 ? 0xa0 : 0x80,
			c == 0xed ? 0x9f : 0xbf };
	if (c >= 0xf0 && c <= 0xf4)
		return (struct lead) { 3, c == 0xf0 ? 0x90 : 0x80,
			c == 0xf4 ? 0x8f : 0xbf };
	return (struct lead) { 1, 1, 0 }; /* no byte will do */
}

size_t vane__utf8_next(struct vane_slice text, bool *valid)
{
	struct lead lead = lead_of((unsigned char) text.data[0]);
	size_t len = 1;

	while (len <= lead.more && len < text.len) {
		unsigned char c = (unsigned char) text.data[len];

		if (c < lead.low || c > lead.high)
			break;
		lead.low = 0x80;
		lead.high = 0xbf;
		len++;
	}
	*valid = len == lead.more + 1;
	return len;
}
