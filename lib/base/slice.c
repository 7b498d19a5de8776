/* SPDX-License-Identifier: MIT */
/*
 * slice.c - questions about bytes that somebody else owns.
 */
#include "slice.h"

bool vane__slice_equal_nocase(struct vane_slice a, struct vane_slice b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (vane__lower(a.data[i]) != vane__lower(b.data[i]))
			return false;
	return true;
}

bool vane__slice_starts(struct vane_slice s, struct vane_slice prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}

struct vane_slice vane__slice_trim(struct vane_slice s)
{
	while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

struct vane_slice vane__slice_split(struct vane_slice *s, char sep)
{
	const char *at = s->len > 0 ? memchr(s->data, sep, s->len) : NULL;
	struct vane_slice head = *s;

	if (at == NULL) {
		*s = (struct vane_slice) { NULL, 0 };
		return head;
	}
	head.len = (size_t) (at - s->data);
	s->data = at + 1;
	s->len -= head.len + 1;
	return head;
}

int vane__slice_number(struct vane_slice s, int64_t *out)
{
	const char *at = s.data, *end = at + s.len;
	const uint64_t most = INT64_MAX;
	uint64_t n = 0;

	if (s.len == 0)
		return -EINVAL;
	for (; at < end; at++) {
		unsigned digit = (unsigned char) *at - (unsigned) '0';

		if (digit > 9)
			return -EINVAL;
		if (UNLIKELY(n >= most / 10) && n > (most - digit) / 10)
			return -ERANGE;
		n = n * 10 + digit;
	}
	*out = (int64_t) n;
	return 0;
}

int vane__hex(char c)
{
	if (vane__is_digit(c))
		return c - '0';
	c = vane__lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void vane__put_hex(char *buf, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		buf[2 * i] = digits[bytes[i] >> 4];
		buf[2 * i + 1] = digits[bytes[i] & 15];
	}
}

size_t vane__put_number(char *buf, uint64_t n)
{
	size_t len = 1, i;
	uint64_t limit;

	for (limit = 10; n >= limit && len < 19; limit *= 10)
		len++;
	len += n >= UINT64_C(10000000000000000000); /* ten times that is too much for it */
	for (i = len; i > 0; n /= 10)
		buf[--i] = (char) ('0' + n % 10);
	return len;
}
