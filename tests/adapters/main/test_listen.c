/* SPDX-License-Identifier: MIT */
/*
 * test_listen.c - adapters/main/listen_parse.c: what --listen's words mean.
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "adapters/main/listen.h"

static void words_name_places(void **state)
{
	static const struct {
		const char *word, *text;
		enum vane__listen_kind kind;
		bool anywhere;
	} rows[] = {
		{ "8888", "*:8888", VANE__LISTEN_TCP, true },
		{ ":8888", "*:8888", VANE__LISTEN_TCP, true },
		{ "*:8888", "*:8888", VANE__LISTEN_TCP, false },
		{ "0", "*:0", VANE__LISTEN_TCP, true },
		{ "127.0.0.1:80", "127.0.0.1:80", VANE__LISTEN_TCP, false },
		{ "localhost:65535", "localhost:65535", VANE__LISTEN_TCP, false },
		{ "[::1]:80", "[::1]:80", VANE__LISTEN_TCP, false },
		{ "[::]:80", "[::]:80", VANE__LISTEN_TCP, false },
		{ "unix:/run/x.sock", "unix:/run/x.sock", VANE__LISTEN_UNIX, false },
		{ "unix:x", "unix:x", VANE__LISTEN_UNIX, false },
		{ "fd:0", "descriptor 0", VANE__LISTEN_FD, false },
		{ "fd:12", "descriptor 12", VANE__LISTEN_FD, false },
		{ "systemd", "systemd", VANE__LISTEN_SYSTEMD, false },
		{ "fd:admin.socket", "socket admin.socket of systemd", VANE__LISTEN_NAMED,
			false },
		{ "fd:2nd", "socket 2nd of systemd", VANE__LISTEN_NAMED, false },
	};
	char text[300];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane__listen listen;

		assert_int_equal(vane__listen_parse(&listen, rows[i].word), 0);
		assert_int_equal(listen.kind, rows[i].kind);
		assert_int_equal(listen.anywhere, rows[i].anywhere);
		vane__listen_text(&listen, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

static void other_words_are_refused(void **state)
{
	static const char *const rows[] = { "", ":", "x", "65536", "-1", "80 ", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:http", "::1:80", "[::1]", "[::1]80",
		"unix:", "fd:", "fd:a:b", "fd:a b", "fd:-1", "http://x:80", "a/b:80",
		"Systemd" };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane__listen listen;

		assert_int_equal(vane__listen_parse(&listen, rows[i]), -EINVAL);
	}
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	struct vane__listen listen;
	char word[400];

	memset(word, 'a', sizeof(word));
	memcpy(word + 300, ":80", 4);
	assert_int_equal(vane__listen_parse(&listen, word), -EINVAL);
}

static void loopback_is_known(void **state)
{
	static const struct {
		const char *address;
		bool loopback;
	} rows[] = {
		{ "127.0.0.1", true },
		{ "127.255.1.2", true },
		{ "::1", true },
		{ "localhost", true },
		{ "128.0.0.1", false },
		{ "0.0.0.0", false },
		{ "::", false },
		{ "", false },
		{ "localhost.example.org", false },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			vane__listen_is_loopback(rows[i].address), rows[i].loopback);
}

static void without_an_address_fastcgi_and_scgi_are_for_this_machine(void **state)
{
	static const char *nine = "9000", *all = "*:9000";
	static const struct {
		struct vane__settings settings;
		enum vane__mode mode;
		const char *text;
	} rows[] = {
		{ { .port = 8888 }, VANE__MODE_HTTP, "*:8888" },
		{ { .port = 8888 }, VANE__MODE_FASTCGI, "127.0.0.1:8888" },
		{ { .port = 80, .address = "::1" }, VANE__MODE_HTTP, "[::1]:80" },
		{ { .port = 80, .address = "10.0.0.1" }, VANE__MODE_FASTCGI,
			"10.0.0.1:80" },
		{ { .listen = &nine, .listen_count = 1 }, VANE__MODE_HTTP, "*:9000" },
		{ { .listen = &nine, .listen_count = 1 }, VANE__MODE_FASTCGI,
			"127.0.0.1:9000" },
		{ { .port = 8888 }, VANE__MODE_SCGI, "127.0.0.1:8888" },
		{ { .listen = &all, .listen_count = 1 }, VANE__MODE_FASTCGI, "*:9000" },
	};
	char text[300];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane__listen listen;

		assert_int_equal(vane__listen_count(&rows[i].settings), 1);
		vane__listen_at(&listen, &rows[i].settings, rows[i].mode, 0);
		vane__listen_text(&listen, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_name_places),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
		cmocka_unit_test(loopback_is_known),
		cmocka_unit_test(without_an_address_fastcgi_and_scgi_are_for_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
