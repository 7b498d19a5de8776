/* SPDX-License-Identifier: MIT */
/*
 * test_xheaders.c - lib/http/xheaders.c
 */
#include "test.h"

#include "slice.h"
#include "support/alloc.h"
#include "xheaders.h"

#define TEN "10.0.0.0/8 192.168.1.1, fd00::/8,2001:db8::/33\t::ffff:172.16.0.0/108"

static void peers_are_trusted_by_address_and_network(void **state)
{
	static const struct {
		const char *list, *addr;
		bool trusted;
	} rows[] = {
		{ NULL, "", true },
		{ NULL, "127.0.0.1", true },
		{ NULL, "127.255.255.255", true },
		{ NULL, "::1", true },
		{ NULL, "::ffff:127.0.0.1", true },
		{ NULL, "128.0.0.1", false },
		{ NULL, "::2", false },
		{ NULL, "::127.0.0.1", false },
		{ NULL, "localhost", false },
		{ "", "", true },
		{ "", "127.0.0.1", false },
		{ TEN, "127.0.0.1", false },
		{ TEN, "10.0.0.0", true },
		{ TEN, "10.255.255.255", true },
		{ TEN, "11.0.0.0", false },
		{ TEN, "9.255.255.255", false },
		{ TEN, "192.168.1.1", true },
		{ TEN, "192.168.1.2", false },
		{ TEN, "fdff::1", true },
		{ TEN, "fe00::1", false },
		{ TEN, "fd00::1%eth0", true },
		{ TEN, "2001:db8:7fff::1", true },
		{ TEN, "2001:db8:8000::1", false },
		{ TEN, "172.31.0.1", true },
		{ TEN, "172.32.0.1", false },
		{ TEN, "10.0.0.1:80", false },
		{ TEN, "10.0.0.1 ", false },
		{ "10.1.2.3/8", "10.9.9.9", true },
		{ "0.0.0.0/0", "1.2.3.4", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "::1", true },
		{ "::/0", "1.2.3.4", true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane__trust *trust;

		assert_int_equal(vane__trust_new(&trust, rows[i].list), 0);
		assert_int_equal(
			vane__trusted(trust, vane__slice(rows[i].addr)), rows[i].trusted);
		vane__trust_free(trust);
	}
	assert_true(vane__trusted(NULL, SLICE("")));
	assert_false(vane__trusted(NULL, SLICE("127.0.0.1")));
	assert_false(vane__trusted(NULL, SLICE("\0")));
}

static void other_lists_are_refused(void **state)
{
	static const char *const rows[] = { "x", "localhost", "10.0.0", "10.0.0.0/33",
		"10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "10.0.0.1:80",
		"[::1]", "127.0.0.1, x", "/8", "fe80::1%eth0", "10.0.0.0/255.0.0.0",
		"10.0.0.0/99999999999999999999" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane__trust *trust = NULL;

		assert_int_equal(vane__trust_new(&trust, rows[i]), -EINVAL);
		assert_null(trust);
	}
}

static void long_lists_fit(void **state)
{
	static const char shortest[] =
		"::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::";
	struct vane__trust *trust;

	assert_int_equal(vane__trust_new(&trust, shortest), 0);
	vane__trust_free(trust);
}

static void lack_of_memory_is_reported(void **state)
{
	struct vane__trust *trust;

	alloc_fail_after(0);
	assert_int_equal(vane__trust_new(&trust, NULL), -ENOMEM);
	alloc_fail_never();
	vane__trust_free(NULL);
}

static struct vane_slice field(const char *value)
{
	return value != NULL ? vane__slice(value) : (struct vane_slice) { NULL, 0 };
}

static void the_client_is_the_last_that_is_not_trusted(void **state)
{
	static const struct {
		const char *forwarded_for, *real_ip, *addr;
	} rows[] = {
		{ NULL, NULL, NULL },
		{ "4.4.4.4", NULL, "4.4.4.4" },
		{ "5.5.5.5, 4.4.4.4", NULL, "4.4.4.4" },
		{ "5.5.5.5,4.4.4.4 , 127.0.0.1", NULL, "4.4.4.4" },
		{ "4.4.4.4, 127.0.0.1, ::1", NULL, "4.4.4.4" },
		{ "127.0.0.2, 127.0.0.1", NULL, "127.0.0.2" },
		{ "2001:DB8::1", NULL, "2001:DB8::1" },
		{ "5.5.5.5, bad", NULL, NULL },
		{ "5.5.5.5, ", NULL, NULL },
		{ "5.5.5.5,,127.0.0.1", NULL, NULL },
		{ "", NULL, NULL },
		{ "5.5.5.5, 4.4.4.4:80", NULL, NULL },
		{ "[2001:db8::1]", NULL, NULL },
		{ "fe80::1%eth0", NULL, NULL },
		{ NULL, "6.6.6.6", "6.6.6.6" },
		{ NULL, " 6.6.6.6 ", "6.6.6.6" },
		{ NULL, "127.0.0.1", "127.0.0.1" },
		{ "4.4.4.4", "6.6.6.6", "6.6.6.6" },
		{ "4.4.4.4", "bad", NULL },
		{ "4.4.4.4", "", NULL },
		{ "4.4.4.4", "6.6.6.6, 7.7.7.7", NULL },
		{ "bad", "6.6.6.6", "6.6.6.6" },
	};
	struct vane__trust *trust;
	size_t i;

	assert_int_equal(vane__trust_new(&trust, NULL), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice addr = SLICE("as it was");
		bool found = vane__xheaders_remote(
			trust, field(rows[i].forwarded_for), field(rows[i].real_ip), &addr);

		assert_int_equal(found, rows[i].addr != NULL);
		assert_true(vane__slice_equal(
			addr, vane__slice(found ? rows[i].addr : "as it was")));
	}
	vane__trust_free(trust);
}

static void the_last_scheme_counts(void **state)
{
	static const struct {
		const char *x_scheme, *forwarded;
		int https; /* -1: stays as it is */
	} rows[] = {
		{ NULL, NULL, -1 },
		{ "https", NULL, 1 },
		{ "http", NULL, 0 },
		{ NULL, "https", 1 },
		{ NULL, "HTTP", 0 },
		{ NULL, "http, https", 1 },
		{ NULL, "https,http", 0 },
		{ NULL, "https, ", -1 },
		{ NULL, "wss", -1 },
		{ NULL, "", -1 },
		{ "http", "https", 0 },
		{ "ftp", "https", -1 },
		{ " https ", NULL, 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool https = i % 2, before = https;
		bool said = vane__xheaders_scheme(
			field(rows[i].x_scheme), field(rows[i].forwarded), &https);

		assert_int_equal(said, rows[i].https >= 0);
		assert_int_equal(https, said ? rows[i].https : before);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_are_trusted_by_address_and_network),
		cmocka_unit_test(other_lists_are_refused),
		cmocka_unit_test(long_lists_fit),
		cmocka_unit_test(lack_of_memory_is_reported),
		cmocka_unit_test(the_client_is_the_last_that_is_not_trusted),
		cmocka_unit_test(the_last_scheme_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
