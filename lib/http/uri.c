/* SPDX-License-Identifier: MIT */
/*
 * uri.c - request targets and authorities: splitting, checking, percent-encoding.
 *
 * Pure functions over slices; knows nothing of requests or of routes.
 */
#include "uri.h"

#include <arpa/inet.h>
#include <vane/util.h>

#include "slice.h"

enum {
	UNRESERVED = 1,
	SUB_DELIM = 2,
	PATH_EXTRA = 4, /* what a path may hold besides: ":", "@" and "/" */
	REFUSED = 8,    /* what no target may hold */
	QUERY = 16,     /* where the path ends */
	CHANGES = 32    /* a path that holds it may mean another */
};

static const unsigned char classes[256] = {
	[0 ... 0x20] = REFUSED,
	['!'] = SUB_DELIM,
	['#'] = REFUSED,
	['$'] = SUB_DELIM,
	['%'] = CHANGES,
	['&' ... ','] = SUB_DELIM, /* & ' ( ) * + , */
	['-'] = UNRESERVED,
	['.'] = UNRESERVED | CHANGES,
	['/'] = PATH_EXTRA,
	['0' ... '9'] = UNRESERVED,
	[':'] = PATH_EXTRA,
	[';'] = SUB_DELIM,
	['='] = SUB_DELIM,
	['?'] = QUERY,
	['@'] = PATH_EXTRA,
	['A' ... 'Z'] = UNRESERVED,
	['_'] = UNRESERVED,
	['a' ... 'z'] = UNRESERVED,
	['~'] = UNRESERVED,
	[0x7f] = REFUSED,
};

static inline unsigned class_of(char c)
{
	return classes[(unsigned char) c];
}

/* Where the first byte of such classes stands; adds those of all before it. */
static const char *find(const char *at, const char *end, unsigned wanted, unsigned *seen)
{
	for (; at < end; at++) {
		unsigned class = class_of(*at);

		if (class & wanted)
			break;
		*seen |= class;
	}
	return at;
}

int vane__uri_split(
	struct vane_slice target, struct vane_slice *path, struct vane_slice *query)
{
	const char *end = target.data + target.len, *at;
	unsigned seen = 0, ignored = 0;

	if (target.len == 0)
		return -EINVAL;
	if (target.data[0] != '/' && !vane__slice_equal(target, SLICE("*")))
		return -EINVAL;
	at = find(target.data, end, QUERY | REFUSED, &seen);
	*path = (struct vane_slice) { target.data, (size_t) (at - target.data) };
	*query = (struct vane_slice) { NULL, 0 };
	if (UNLIKELY(at < end)) {
		if (*at != '?' || find(at, end, REFUSED, &ignored) < end)
			return -EINVAL;
		*query = (struct vane_slice) { at + 1, (size_t) (end - at - 1) };
	}
	return (seen & CHANGES) == 0;
}

/* The value of the two digits behind a "%" at in.data[i], -1 if they are none. */
static int escaped_byte(struct vane_slice in, size_t i)
{
	int high, low;

	if (in.len - i < 3)
		return -1;
	high = vane__hex(in.data[i + 1]);
	low = vane__hex(in.data[i + 2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* The byte that in.data[*i] stands for, with *i moved to the last that it took; -1 or 0 if none. */
static int decoded_byte(struct vane_slice in, size_t *i)
{
	int c = (unsigned char) in.data[*i];

	if (c != '%')
		return c;
	c = escaped_byte(in, *i);
	*i += 2;
	return c;
}

int vane__uri_decode_path(char *out, struct vane_slice in, size_t *len)
{
	size_t i, n = 0;

	for (i = 0; i < in.len; i++) {
		bool escaped = in.data[i] == '%';
		int c = decoded_byte(in, &i);

		if (c <= 0)
			return -EINVAL;
		out[n++] = escaped && c == '/' ? '\0' : (char) c;
	}
	out[n] = '\0';
	*len = n;
	return 0;
}

static bool is_border(char c)
{
	return c == '/' || c == '\0';
}

/* Where a segment begins that has a dot in front, or the end. */
static size_t find_dotted(const char *path, size_t from, size_t len)
{
	const char *dot = path + from;

	while ((dot = memchr(dot, '.', (size_t) (path + len - dot))) != NULL) {
		if (is_border(dot[-1]))
			return (size_t) (dot - path);
		dot++;
	}
	return len;
}

/* The length of the dot segment that these bytes begin with, 0 if it is an ordinary one. */
static size_t dot_segment(const char *at, size_t left)
{
	size_t dots = 0;

	while (dots < left && dots < 3 && at[dots] == '.')
		dots++;
	return dots < 3 && (dots == left || is_border(at[dots])) ? dots : 0;
}

/* Drop the last segment: what is left ends in a border.  -EINVAL if there is none, or -EBADMSG. */
static int drop_segment(const char *path, size_t *len)
{
	if (*len == 1)
		return -EINVAL;
	if (is_border(path[*len - 2]))
		return -EBADMSG;
	do
		--*len;
	while (!is_border(path[*len - 1]));
	return 0;
}

int vane__uri_resolve(char *path, size_t *len)
{
	size_t at = find_dotted(path, 1, *len), out = at, next, dots;
	int rc;

	while (at < *len) {
		dots = dot_segment(path + at, *len - at);
		rc = dots == 2 ? drop_segment(path, &out) : 0;
		if (rc < 0)
			return rc;
		if (dots > 0)
			at += dots < *len - at ? dots + 1 : dots;
		next = at < *len ? find_dotted(path, at + (dots == 0), *len) : *len;
		memmove(path + out, path + at, next - at);
		out += next - at;
		at = next;
	}
	path[out] = '\0';
	*len = out;
	return 0;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986, 3.1) */
static bool scheme_ok(struct vane_slice s)
{
	size_t i;

	if (s.len == 0 || vane__lower(s.data[0]) < 'a' || vane__lower(s.data[0]) > 'z')
		return false;
	for (i = 1; i < s.len; i++) {
		char c = vane__lower(s.data[i]);

		if (!(c >= 'a' && c <= 'z') && !vane__is_digit(c) && c != '+' && c != '-' &&
			c != '.')
			return false;
	}
	return true;
}

int vane__uri_absolute(struct vane_slice target, struct vane_slice *scheme,
	struct vane_slice *authority, struct vane_slice *origin)
{
	const char *end = target.data + target.len;
	unsigned seen = 0;
	size_t i = 0;

	if (find(target.data, end, REFUSED, &seen) < end)
		return -EINVAL;
	*scheme = vane__slice_split(&target, ':');
	if (!scheme_ok(*scheme) || !vane__slice_starts(target, SLICE("//")))
		return -EINVAL;
	target.data += 2;
	target.len -= 2;
	while (i < target.len && target.data[i] != '/' && target.data[i] != '?')
		i++;
	*authority = (struct vane_slice) { target.data, i };
	*origin = i == target.len ? SLICE("/")
				  : (struct vane_slice) { target.data + i, target.len - i };
	return vane__authority_ok(*authority) ? 0 : -EINVAL;
}

/* ":" and digits up to 65535, or nothing. */
static bool port_ok(struct vane_slice s)
{
	unsigned port = 0;
	size_t i;

	if (s.len == 0)
		return true;
	if (s.data[0] != ':' || s.len > 6)
		return false;
	for (i = 1; i < s.len; i++) {
		if (!vane__is_digit(s.data[i]))
			return false;
		port = port * 10 + (unsigned) (s.data[i] - '0');
	}
	return port <= 65535;
}

/* What follows "[" as IPv6address "]" and a port. */
static bool ip_literal_ok(struct vane_slice s)
{
	const char *end = s.len > 0 ? memchr(s.data, ']', s.len) : NULL;
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	size_t len;

	if (end == NULL)
		return false;
	len = (size_t) (end - s.data);
	if (len >= sizeof(text) || memchr(s.data, '\0', len) != NULL)
		return false;
	memcpy(text, s.data, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &addr) == 1 &&
	       port_ok((struct vane_slice) { end + 1, s.len - len - 1 });
}

/* The first byte that a name may not hold as it is. */
static const char *skip_name(const char *at, const char *end)
{
	while (at < end && (class_of(*at) & (UNRESERVED | SUB_DELIM)))
		at++;
	return at;
}

bool vane__authority_ok(struct vane_slice host)
{
	const char *at = host.data, *end = at + host.len;

	if (host.len == 0)
		return false;
	if (*at == '[')
		return ip_literal_ok((struct vane_slice) { at + 1, host.len - 1 });
	at = skip_name(at, end);
	while (at < end && *at == '%') {
		if (escaped_byte(host, (size_t) (at - host.data)) < 0)
			return false;
		at = skip_name(at + 3, end);
	}
	return at > host.data && port_ok((struct vane_slice) { at, (size_t) (end - at) });
}

/* Percent-encode all bytes but those of the classes, as snprintf() would. */
static size_t quote(char *buf, size_t size, struct vane_slice text, unsigned keep)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i, need = 0, len = 0;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char) text.data[i];
		size_t n = classes[c] & keep ? 1 : 3;

		if (need == len && need + n < size) { /* an escape is not cut in two */
			buf[need] = n == 1 ? (char) c : '%';
			if (n == 3) {
				buf[need + 1] = hex[c >> 4];
				buf[need + 2] = hex[c & 15];
			}
			len += n;
		}
		need += n;
	}
	if (size > 0)
		buf[len] = '\0';
	return need;
}

size_t vane__uri_quote(char *buf, size_t size, struct vane_slice path)
{
	return quote(buf, size, path, UNRESERVED | SUB_DELIM | PATH_EXTRA);
}

size_t vane_url_escape(char *buf, size_t size, const char *text)
{
	return quote(buf, size, vane__slice(text != NULL ? text : ""), UNRESERVED);
}

/* Percent-decode as snprintf() would; blank is a byte that stands for a blank as it is, or NUL. */
static ssize_t unquote(char *buf, size_t size, const char *text, char blank)
{
	struct vane_slice in = vane__slice(text != NULL ? text : "");
	size_t i, need = 0;

	for (i = 0; i < in.len; i++, need++) {
		bool is_blank = in.data[i] == blank;
		int c = decoded_byte(in, &i);

		if (c <= 0) {
			if (size > 0)
				buf[0] = '\0';
			return -EINVAL;
		}
		if (need + 1 < size)
			buf[need] = is_blank ? ' ' : (char) c;
	}
	if (size > 0)
		buf[need < size ? need : size - 1] = '\0';
	return (ssize_t) need;
}

ssize_t vane_url_unescape(char *buf, size_t size, const char *text)
{
	return unquote(buf, size, text, '\0');
}

ssize_t vane_url_unescape_plus(char *buf, size_t size, const char *text)
{
	return unquote(buf, size, text, '+');
}
