/* SPDX-License-Identifier: MIT */
/*
 * test_utf8.c - lib/base/utf8.c
 */
#include "test.h"

#include "utf8.h"

static void characters_and_errors_are_told_apart(void **state)
{
	static const struct {
		struct vane_slice text;
		size_t len;
		bool valid;
	} rows[] = {
		{ SLICE_INIT("a\xc3"), 1, true },
		{ SLICE_INIT("\0"), 1, true },
		{ SLICE_INIT("\x7f"), 1, true },
		{ SLICE_INIT("\xc3\xa9\xa9"), 2, true },
		{ SLICE_INIT("\xc2\x80"), 2, true },
		{ SLICE_INIT("\xe0\xa0\x80"), 3, true },
		{ SLICE_INIT("\xed\x9f\xbf"), 3, true },
		{ SLICE_INIT("\xee\x80\x80"), 3, true },
		{ SLICE_INIT("\xef\xbf\xbf"), 3, true },
		{ SLICE_INIT("\xf0\x90\x80\x80"), 4, true },
		{ SLICE_INIT("\xf4\x8f\xbf\xbf"), 4, true },
		/* a byte that follows, overlong forms, surrogates, above U+10FFFF */
		{ SLICE_INIT("\x80"), 1, false },
		{ SLICE_INIT("\xbf\xbf"), 1, false },
		{ SLICE_INIT("\xc0\x80"), 1, false },
		{ SLICE_INIT("\xc1\xbf"), 1, false },
		{ SLICE_INIT("\xe0\x9f\xbf"), 1, false },
		{ SLICE_INIT("\xed\xa0\x80"), 1, false },
		{ SLICE_INIT("\xf0\x8f\xbf\xbf"), 1, false },
		{ SLICE_INIT("\xf4\x90\x80\x80"), 1, false },
		{ SLICE_INIT("\xf5\x80\x80\x80"), 1, false },
		{ SLICE_INIT("\xff\x80"), 1, false },
		/* what ends too early is one error */
		{ SLICE_INIT("\xc3"), 1, false },
		{ SLICE_INIT("\xc3z"), 1, false },
		{ SLICE_INIT("\xe2\x80"), 2, false },
		{ SLICE_INIT("\xe2\x80z"), 2, false },
		{ SLICE_INIT("\xf1\x80\x80"), 3, false },
		{ SLICE_INIT("\xf1\x80\x80z"), 3, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool valid = !rows[i].valid;

		assert_int_equal(vane__utf8_next(rows[i].text, &valid), rows[i].len);
		assert_int_equal(valid, rows[i].valid);
	}
}

/* Each character there is, written and read. */
static void all_characters_are_read(void **state)
{
	uint32_t c;

	for (c = 0x80; c <= 0x10ffff; c++) {
		char buf[4];
		size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
		static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
		bool valid;

		for (i = len - 1; i > 0; i--)
			buf[i] = (char) (0x80 | (c >> 6 * (len - 1 - i) & 0x3f));
		buf[0] = (char) (leads[len] | c >> 6 * (len - 1));
		i = vane__utf8_next((struct vane_slice) { buf, len }, &valid);
		if (c >= 0xd800 && c <= 0xdfff)
			assert_false(valid);
		else if (!valid || i != len)
			fail_msg("U+%04X", (unsigned) c);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_and_errors_are_told_apart),
		cmocka_unit_test(all_characters_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
