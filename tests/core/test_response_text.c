/* SPDX-License-Identifier: MIT */
/*
 * test_response_text.c - lib/core/response_text.c and lib/base/format.c: texts that are escaped for
 * where they stand
 */
#include "test.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

static int texts(struct vane_response *res)
{
	vane_response_printf_html(res, "<a title='%s'>%s</a> %%", "it's", "<b> & \"c\"");
	vane_response_printf_html(res, "|%c%c|", '<', 'x');
	vane_response_printf_html(res, "%.2s|%.*s|%.0s|", "<<<", 1, "&&", "none");
	vane_response_printf_html(res, "%20s|%-5s|", "narrow", "left");
	vane_response_printf_html(res, "plain");
	return vane_response_printf_html(res, "%s", "");
}

static void texts_are_escaped_and_the_format_is_not(void **state)
{
	struct probe probe;

	assert_int_equal(probe_answer(&probe, texts), 200);
	assert_string_equal(probe.got.body,
		"<a title='it&#39;s'>&lt;b&gt; &amp; &quot;c&quot;</a> %|&lt;x|"
		"&lt;&lt;|&amp;||narrow|left|plain");
	probe_fini(&probe);
}

static char expected[2048];

/* The same by libc. */
#define BOTH(...)                                                                          \
	do {                                                                               \
		size_t len = strlen(expected);                                             \
                                                                                           \
		snprintf(expected + len, sizeof(expected) - len, __VA_ARGS__);             \
		vane_response_printf_html(res, __VA_ARGS__);                               \
	} while (0)

static int numbers(struct vane_response *res)
{
	static const char text[] = "x";

	expected[0] = '\0';
	BOTH("%d %i %u %o %x %X|", -1, INT_MIN, UINT_MAX, 8, 255, 255);
	BOTH("%hhd %hd %ld %lld|", 'a', (short) -7, LONG_MIN, LLONG_MAX);
	BOTH("%lu %llu %zu %zx %td %jd|", ULONG_MAX, ULLONG_MAX, SIZE_MAX, (size_t) 16,
		(ptrdiff_t) -3, (intmax_t) INT64_MIN);
	BOTH("%" PRId64 " %" PRIu32 "|", INT64_C(-5), UINT32_C(5));
	BOTH("%5d|%-5d|%05d|%+d|% d|%#x|%.3d|%*d|%-*d|%.*d|", 1, 2, 3, 4, 5, 6, 7, 4, 8, 4,
		9, 2, 1);
	BOTH("%.*d|%.*f|%*d|%5.*d|", -5, 7, -1, 1.5, -6, 8, -2, 3); /* below 0 is none */
	BOTH("%f %.2f %e %g %G %a %10.3f|", 1.5, 2.345, 1e10, 1e-10, 1e20, 1.0, 3.14159);
	BOTH("%Lf %.1Lf|", 1.5L, 2.25L);
	BOTH("%p|", (const void *) text);
	return 0;
}

static void numbers_are_as_printf_has_them(void **state)
{
	struct probe probe;

	assert_int_equal(probe_answer(&probe, numbers), 200);
	assert_string_equal(probe.got.body, expected);
	probe_fini(&probe);
}

/* Not through the macro of the header, whose format the compiler looks at. */
static const char *bad_format;

static int bad(struct vane_response *res)
{
	int (*print)(struct vane_response *res, const char *fmt, ...) =
		vane_response_printf_html;

	return print(res, bad_format, 1, 2, 3);
}

static void what_is_no_format_is_an_error_that_names_the_call(void **state)
{
	static const char *const formats[] = { "%n", "%", "%y", "%ls", "%5", "%l",
		"%1234567890123456789012345678901234567890d" };
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		bad_format = formats[i];
		assert_int_equal(probe_answer(&probe, bad), 500);
		assert_non_null(strstr(probe.log, "vane_response_vprintf_html(): \"%"));
		probe_fini(&probe);
	}
}

static int values(struct vane_response *res)
{
	static const char *const rows[][6] = {
		{ "name", "text", NULL },
		{ "a,b", "say \"no\"", "two\r\nlines", " blank", "", NULL },
		{ NULL },
		{ "plain text", "1.5", NULL },
	};
	size_t i;

	vane_response_set_type(res, "text/csv");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		vane_response_puts_csv(res, rows[i]);
	return 0;
}

static void values_stand_in_quotes_where_they_need_to(void **state)
{
	struct probe probe;

	assert_int_equal(probe_answer(&probe, values), 200);
	assert_string_equal(probe.got.body,
		"name,text\r\n"
		"\"a,b\",\"say \"\"no\"\"\",\"two\r\nlines\",\" blank\",\r\n"
		"\r\n"
		"plain text,1.5\r\n");
	assert_string_equal(probe_field(&probe, "Content-Type"), "text/csv; charset=utf-8");
	probe_fini(&probe);
}

static int formulas(struct vane_response *res)
{
	static const char *const row[] = { "=1+1", "+1", "-1.50", "-1+1", "@SUM(A1)", "\tx",
		"a=1", "-", "=\"x\"", "", NULL };

	vane_response_puts_csv(res, row);
	return vane_response_puts_csv_safe(res, row);
}

static void what_a_spreadsheet_would_run_is_text_if_that_is_wanted(void **state)
{
	struct probe probe;

	assert_int_equal(probe_answer(&probe, formulas), 200);
	assert_string_equal(probe.got.body,
		"=1+1,+1,-1.50,-1+1,@SUM(A1),\tx,a=1,-,\"=\"\"x\"\"\",\r\n"
		"\"'=1+1\",+1,-1.50,\"'-1+1\",\"'@SUM(A1)\",\"'\tx\",a=1,\"'-\","
		"\"'=\"\"x\"\"\",\r\n");
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped_and_the_format_is_not),
		cmocka_unit_test(numbers_are_as_printf_has_them),
		cmocka_unit_test(what_is_no_format_is_an_error_that_names_the_call),
		cmocka_unit_test(values_stand_in_quotes_where_they_need_to),
		cmocka_unit_test(what_a_spreadsheet_would_run_is_text_if_that_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
