/* SPDX-License-Identifier: MIT */
/*
 * proxy.c - the PROXY protocol, versions 1 and 2: the header that a proxy puts before a connection to
 * say whose it is.
 */
#include "proxy.h"

#include <arpa/inet.h>

#include "slice.h"

#define TEXT_MAX 107 /* with its CRLF (2.1) */
#define HEAD     16  /* of version 2 (2.2) */

static const char text_sign[] = "PROXY ";
static const char binary_sign[] = "\r\n\r\n\0\r\nQUIT\n";

/* ---- version 1 (2.1) ---- */

static int read_port(struct vane_slice text)
{
	int64_t port;

	if (text.len == 0 || text.len > 5 || vane__slice_number(text, &port) < 0 ||
		port > 65535)
		return -EBADMSG;
	return (int) port;
}

static bool read_addr(int family, struct vane_slice text, void *out)
{
	char buf[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(buf))
		return false;
	memcpy(buf, text.data, text.len);
	buf[text.len] = '\0';
	return strlen(buf) == text.len && inet_pton(family, buf, out) == 1;
}

/* "1.2.3.4 5.6.7.8 1234 80", or the same with IPv6. */
static int read_line(struct vane__proxy *proxy, int family, struct vane_slice line)
{
	struct vane_slice from = vane__slice_split(&line, ' ');
	struct vane_slice to = vane__slice_split(&line, ' ');
	struct vane_slice from_port = vane__slice_split(&line, ' ');
	struct in6_addr unused;
	int port = read_port(from_port);

	if (port < 0 || line.data == NULL || read_port(line) < 0 ||
		!read_addr(family, to, &unused))
		return -EBADMSG;
	proxy->said = true;
	proxy->peer.sa.sa_family = (sa_family_t) family;
	if (family == AF_INET)
		proxy->peer.in.sin_port = htons((uint16_t) port);
	else
		proxy->peer.in6.sin6_port = htons((uint16_t) port);
	return read_addr(family, from,
		       family == AF_INET ? (void *) &proxy->peer.in.sin_addr
					 : (void *) &proxy->peer.in6.sin6_addr)
		       ? 1
		       : -EBADMSG;
}

static int read_text(struct vane__proxy *proxy, struct vane_slice in, size_t *used)
{
	size_t most = in.len < TEXT_MAX ? in.len : TEXT_MAX;
	const char *end = memchr(in.data, '\n', most);
	struct vane_slice line, family;

	if (end == NULL)
		return in.len < TEXT_MAX ? 0 : -EBADMSG;
	*used = (size_t) (end - in.data) + 1;
	if (end[-1] != '\r') /* there are the letters before it */
		return -EBADMSG;
	line = (struct vane_slice) { in.data, *used - 2 };
	vane__slice_take(&line, sizeof(text_sign) - 1);
	family = vane__slice_split(&line, ' ');
	if (vane__slice_equal(family, SLICE("UNKNOWN"))) {
		proxy->hidden = true;
		return 1; /* whatever follows */
	}
	if (line.data == NULL)
		return -EBADMSG;
	if (vane__slice_equal(family, SLICE("TCP4")))
		return read_line(proxy, AF_INET, line);
	if (vane__slice_equal(family, SLICE("TCP6")))
		return read_line(proxy, AF_INET6, line);
	return -EBADMSG;
}

/* ---- version 2 (2.2) ---- */

/* The addresses, behind which TLVs may come, which nobody needs here. */
static int read_binary_addr(
	struct vane__proxy *proxy, unsigned kind, const char *at, size_t len)
{
	switch (kind) {
	case 0x11: /* TCP over IPv4: two addresses, two ports */
	case 0x12: /* UDP, as of HTTP/3 at the proxy */
		if (len < 12)
			return -EBADMSG;
		proxy->peer.in.sin_family = AF_INET;
		memcpy(&proxy->peer.in.sin_addr, at, 4);
		memcpy(&proxy->peer.in.sin_port, at + 8, 2);
		proxy->said = true;
		return 1;
	case 0x21: /* TCP over IPv6 */
	case 0x22:
		if (len < 36)
			return -EBADMSG;
		proxy->peer.in6.sin6_family = AF_INET6;
		memcpy(&proxy->peer.in6.sin6_addr, at, 16);
		memcpy(&proxy->peer.in6.sin6_port, at + 32, 2);
		proxy->said = true;
		return 1;
	default: /* unix sockets, or not said */
		proxy->hidden = true;
		return 1;
	}
}

static int read_binary(struct vane__proxy *proxy, struct vane_slice in, size_t *used)
{
	const unsigned char *head = (const unsigned char *) in.data;
	size_t len;

	if (in.len < HEAD)
		return 0;
	len = (size_t) head[14] << 8 | head[15];
	if (head[12] >> 4 != 2 || (head[12] & 0xf) > 1 || HEAD + len > VANE__PROXY_MAX)
		return -EBADMSG;
	if (in.len < HEAD + len)
		return 0;
	*used = HEAD + len;
	if ((head[12] & 0xf) == 0) /* LOCAL: a health check of the proxy's */
		return 1;
	return read_binary_addr(proxy, head[13], in.data + HEAD, len);
}

/* Whether bytes begin as a sign does, as far as they go. */
static bool begins(struct vane_slice in, const char *sign, size_t len)
{
	return memcmp(in.data, sign, in.len < len ? in.len : len) == 0;
}

int vane__proxy_read(struct vane__proxy *proxy, struct vane_slice in, size_t *used)
{
	memset(proxy, 0, sizeof(*proxy));
	*used = 0;
	if (in.len == 0)
		return 0;
	if (begins(in, text_sign, sizeof(text_sign) - 1))
		return in.len < sizeof(text_sign) - 1 ? 0 : read_text(proxy, in, used);
	if (begins(in, binary_sign, sizeof(binary_sign) - 1))
		return read_binary(proxy, in, used);
	return -EBADMSG;
}
