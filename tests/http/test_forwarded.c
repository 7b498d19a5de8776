/* SPDX-License-Identifier: MIT */
/*
 * test_forwarded.c - lib/http/forwarded.c
 */
#include "test.h"

#include <stdio.h>

#include "forwarded.h"
#include "slice.h"
#include "xheaders.h"

static void put(char *buf, size_t size, const struct vane__forwarded *said)
{
	snprintf(buf, size, "%.*s %u %.*s %.*s", (int) said->addr.len,
		said->addr.data != NULL ? said->addr.data : "", said->port,
		(int) said->proto.len, said->proto.data != NULL ? said->proto.data : "",
		(int) said->host.len, said->host.data != NULL ? said->host.data : "");
}

/* Loopback is trusted. */
static void the_last_that_is_not_trusted_counts(void **state)
{
	static const struct {
		const char *list, *said; /* address, port, proto, host */
	} rows[] = {
		{ "for=4.4.4.4", "4.4.4.4 0  " },
		{ "For=4.4.4.4;Proto=https;HOST=a.example", "4.4.4.4 0 https a.example" },
		{ "for=\"4.4.4.4:80\"", "4.4.4.4 80  " },
		{ "for=\"[2001:db8::1]\"", "2001:db8::1 0  " },
		{ "for=\"[2001:db8::1]:4711\"", "2001:db8::1 4711  " },
		{ "for=\"4.4.4.4:_port\"", "4.4.4.4 0  " },
		{ "for=5.5.5.5;proto=http, for=4.4.4.4;proto=https", "4.4.4.4 0 https " },
		{ "for=5.5.5.5;host=five,for=4.4.4.4;host=four,for=127.0.0.1;host=us",
			"4.4.4.4 0  four" },
		{ "for=127.0.0.2, for=127.0.0.1", "127.0.0.2 0  " },
		{ "for=127.0.0.2;proto=https , for=\"[::1]\"", "127.0.0.2 0 https " },
		/* hidden: nobody before it is believed */
		{ "for=5.5.5.5, for=_hidden;proto=https", " 0 https " },
		{ "for=5.5.5.5, for=unknown, for=127.0.0.1", " 0  " },
		{ "for=5.5.5.5, proto=https", " 0 https " },
		{ "for=5.5.5.5, ", " 0  " },
		{ "for=5.5.5.5, for=2001:db8::1", NULL },       /* colons want quotes */
		{ "for=5.5.5.5, for=\"2001:db8::1\"", " 0  " }, /* and brackets */
		{ "for=5.5.5.5, for=\"[4.4.4.4]\"", " 0  " },
		{ "for=5.5.5.5, for=\"[::2\"", " 0  " },
		{ "for=5.5.5.5, for=\"[::2]x\"", " 0  " },
		/* quotes hold what would end a value */
		{ "by=\"a,b;c=d\";for=4.4.4.4", "4.4.4.4 0  " },
		{ "by=\"\\\"\";for=4.4.4.4", "4.4.4.4 0  " },
		{ "for=\"4.4.4\\.4\"", " 0  " },
		{ "for=4.4.4.4; secret=x ;proto=http", "4.4.4.4 0 http " },
		{ ";;for=4.4.4.4;", "4.4.4.4 0  " },
		{ "", " 0  " },
	};
	struct vane__trust *trust;
	char text[200];
	size_t i;

	assert_int_equal(vane__trust_new(&trust, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane__forwarded said;
		bool ok = vane__forwarded(trust, vane__slice(rows[i].list), &said);

		print_message("%s\n", rows[i].list);
		assert_int_equal(ok, rows[i].said != NULL);
		if (!ok)
			continue;
		put(text, sizeof(text), &said);
		assert_string_equal(text, rows[i].said);
	}
	vane__trust_free(trust);
}

static void malformed_lists_say_nothing(void **state)
{
	static const char *const rows[] = { "for", "for=", "=4.4.4.4", "for=\"4.4.4.4",
		"for=4.4.4.4 proto=http", "for=4.4.4.4;for=5.5.5.5", "for=a\\b", "for=\"\\",
		"for=4.4.4.4, for", "for=4.4.4.4;proto=http;proto=https", "for =4.4.4.4",
		"for= 4.4.4.4", "4.4.4.4" };
	struct vane__trust *trust;
	size_t i;

	assert_int_equal(vane__trust_new(&trust, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane__forwarded said;

		print_message("%s\n", rows[i]);
		assert_false(vane__forwarded(trust, vane__slice(rows[i]), &said));
	}
	vane__trust_free(trust);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_that_is_not_trusted_counts),
		cmocka_unit_test(malformed_lists_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
