/* SPDX-License-Identifier: MIT */
/*
 * test_proxy.c - lib/wire/proxy.c
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proxy.h"

#define BYTES(text) text, sizeof(text) - 1
#define SIGN        "\r\n\r\n\0\r\nQUIT\n"
#define V6          "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define LONGEST                                                                            \
	"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "                           \
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"

static void name(const struct vane__proxy *proxy, char *buf, size_t size)
{
	char addr[INET6_ADDRSTRLEN] = "";

	if (!proxy->said) {
		snprintf(buf, size, proxy->hidden ? "hidden" : "-");
		return;
	}
	if (proxy->peer.sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &proxy->peer.in.sin_addr, addr, sizeof(addr));
	else
		inet_ntop(AF_INET6, &proxy->peer.in6.sin6_addr, addr, sizeof(addr));
	snprintf(buf, size, "%s %d", addr,
		ntohs(proxy->peer.sa.sa_family == AF_INET ? proxy->peer.in.sin_port
							  : proxy->peer.in6.sin6_port));
}

/* Fed whole, with a request behind it, and byte by byte. */
static void headers_say_whose_a_connection_is(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *peer;
	} rows[] = {
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1234 80\r\n"), "1.2.3.4 1234" },
		{ BYTES("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n"), "2001:db8::1 65535" },
		{ BYTES("PROXY UNKNOWN\r\n"), "hidden" }, { BYTES(LONGEST), "hidden" },
		{ BYTES(SIGN "\x21\x11\0\x0c"
			     "\1\2\3\4"
			     "\5\6\7\x08"
			     "\4\xd2"
			     "\0\x50"),
			"1.2.3.4 1234" },
		{ BYTES(SIGN "\x21\x21\0\x24" V6 V6 "\xff\xff"
			     "\0\x50"),
			"2001:db8::1 65535" },
		/* with a TLV behind the addresses */
		{ BYTES(SIGN "\x21\x11\0\x11"
			     "\1\2\3\4"
			     "\5\6\7\x08"
			     "\4\xd2"
			     "\0\x50"
			     "\x04\0\2xx"),
			"1.2.3.4 1234" },
		{ BYTES(SIGN "\x20\0\0\0"), "-" }, /* LOCAL */
		{ BYTES(SIGN "\x20\x11\0\x0c"
			     "123456789012"),
			"-" },                          /* LOCAL, with an address */
		{ BYTES(SIGN "\x21\0\0\0"), "hidden" }, /* not said */
		{ BYTES(SIGN "\x21\x12\0\x0c"
			     "\1\2\3\4"
			     "\5\6\7\x08"
			     "\4\xd2"
			     "\0\x50"),
			"1.2.3.4 1234" }, /* datagrams */
		{ BYTES(SIGN "\x21\x22\0\x24" V6 V6 "\xff\xff"
			     "\0\x50"),
			"2001:db8::1 65535" },
		{ BYTES(SIGN "\x21\x31\0\1x"), "hidden" }, /* unix sockets */
	};
	struct vane__proxy proxy;
	char bytes[512], peer[80];
	size_t i, len, used;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(bytes, rows[i].bytes, rows[i].len);
		memcpy(bytes + rows[i].len, "GET /", 5);
		for (len = 0; len < rows[i].len; len++)
			assert_int_equal(vane__proxy_read(&proxy,
						 (struct vane_slice) { bytes, len }, &used),
				0);
		assert_int_equal(vane__proxy_read(&proxy,
					 (struct vane_slice) { bytes, len + 5 }, &used),
			1);
		assert_int_equal(used, rows[i].len);
		name(&proxy, peer, sizeof(peer));
		assert_string_equal(peer, rows[i].peer);
	}
}

static void other_bytes_are_no_header(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ BYTES("GET / HTTP/1.1\r\n") }, { BYTES("PROXy") },
		{ BYTES("PROXY \r\n") }, { BYTES("PROXY TCP4\r\n") },
		{ BYTES("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n") },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n") },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n") },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n") },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n") },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n") },
		{ BYTES("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n") },
		{ BYTES("PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n") },
		{ BYTES("PROXY TCP4 ::1 ::1 1 2\r\n") },
		{ BYTES("PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n") },
		{ BYTES("PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n") },
		/* a byte more than there may be */
		{ BYTES("PROXY UNKNOWN x" LONGEST) }, { BYTES("\r\n\r\nGET") },
		{ BYTES(SIGN "\x11\x11\0\x0c") }, /* version 1 */
		{ BYTES(SIGN "\x22\x11\0\x0c") }, /* a command unknown */
		{ BYTES(SIGN "\x21\x11\0\x0b"
			     "12345678901") }, /* too short */
		{ BYTES(SIGN "\x21\x21\0\x0c"
			     "123456789012") }, /* for IPv6 */
		{ BYTES(SIGN "\x21\x11\xff\xff"
			     "123456789012") }, /* too long */
	};
	struct vane__proxy proxy;
	size_t i, used;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("%zu\n", i);
		assert_int_equal(
			vane__proxy_read(&proxy,
				(struct vane_slice) { rows[i].bytes, rows[i].len }, &used),
			-EBADMSG);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_say_whose_a_connection_is),
		cmocka_unit_test(other_bytes_are_no_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
