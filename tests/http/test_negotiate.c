/* SPDX-License-Identifier: MIT */
/*
 * test_negotiate.c - lib/http/negotiate.c
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "negotiate.h"
#include "slice.h"

#define OFFERS_MAX 5

struct row {
	const char *field; /* NULL: there is none */
	const char *offers[OFFERS_MAX];
	const char *best; /* NULL: none */
};

typedef const char *(*negotiate_fn)(struct vane_slice field, const char *const *offers);

static void check(const struct row *rows, size_t count, negotiate_fn fn)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct vane_slice field = { NULL, 0 };
		const char *best;

		if (rows[i].field != NULL)
			field = vane__slice(rows[i].field);
		best = fn(field, rows[i].offers);
		if (rows[i].best == NULL ? best != NULL
					 : best == NULL || strcmp(best, rows[i].best) != 0)
			fail_msg("%s: %s, not %s", rows[i].field, best, rows[i].best);
	}
}

#define CHECK(rows, fn) check(rows, ARRAY_SIZE(rows), fn)

#define JSON            "application/json"
#define HTML            "text/html"
#define HTML_UTF8       "text/html; charset=utf-8"

static void the_best_type_is_found(void **state)
{
	static const struct row rows[] = {
		{ NULL, { JSON, HTML }, JSON },
		{ NULL, { NULL }, NULL },
		{ "*/*", { JSON, HTML }, JSON },
		{ HTML, { JSON, HTML }, HTML },
		{ "TEXT/Html", { JSON, HTML }, HTML },
		{ "text/html, application/json", { JSON, HTML }, JSON },
		{ "text/html, application/json;q=0.9", { JSON, HTML }, HTML },
		{ "text/*;q=0.3, application/json;q=0.2", { JSON, HTML }, HTML },
		{ "image/png", { JSON, HTML }, NULL },
		{ "text/*", { JSON }, NULL },
		/* what browsers say */
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
		  "image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
			{ JSON, HTML }, HTML },
		{ "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", { JSON }, JSON },
		{ "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", { JSON, HTML },
			HTML },
	};

	CHECK(rows, vane__negotiate_type);
}

/* RFC 9110, 12.5.1: the example with its table. */
static void the_most_exact_range_counts(void **state)
{
	static const char field[] =
		"text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
		"text/plain;format=fixed;q=0.4, */*;q=0.5";
	static const char *const order[] = { "text/plain;format=flowed", "text/plain",
		"image/jpeg", "text/plain;format=fixed", "text/html;level=3" };
	size_t i;

	for (i = 0; i + 1 < ARRAY_SIZE(order); i++) {
		const char *const offers[] = { order[i + 1], order[i], NULL };

		assert_ptr_equal(
			vane__negotiate_type(vane__slice(field), offers), order[i]);
	}
}

static void a_weight_of_0_rules_out(void **state)
{
	static const struct row types[] = {
		{ "text/html;q=0, */*", { HTML, JSON }, JSON },
		{ "*/*, text/html;q=0", { HTML }, NULL },
		{ "*/*;q=0", { HTML, JSON }, NULL },
		{ "*/*;q=0, text/*", { JSON, HTML }, HTML },
		{ "text/*;q=0.000, text/html;q=0.001", { "text/plain", HTML }, HTML },
		{ "text/html;q=0, text/html", { HTML }, HTML },
	};
	static const struct row codings[] = {
		{ "gzip;q=0", { "gzip" }, NULL },
		{ "gzip;q=0, *", { "gzip", "br" }, "br" },
		{ "*;q=0", { "gzip" }, NULL },
		{ "*;q=0, gzip", { "br", "gzip" }, "gzip" },
	};

	CHECK(types, vane__negotiate_type);
	CHECK(codings, vane__negotiate_coding);
}

static void parameters_of_a_range_must_be_offered(void **state)
{
	static const struct row rows[] = {
		{ "text/html;level=1", { HTML, "text/html; level=1" },
			"text/html; level=1" },
		{ "text/html;level=1", { HTML }, NULL },
		{ "text/html;level=\"1\"", { "text/html;LEVEL=1" }, "text/html;LEVEL=1" },
		{ "text/html;level=1;q=0.1, text/html", { "text/html;level=1", HTML },
			HTML },
		{ HTML, { HTML_UTF8 }, HTML_UTF8 },
		{ "text/html;charset=UTF-8", { HTML_UTF8 }, HTML_UTF8 },
		{ "text/html;charset=latin1", { HTML_UTF8 }, NULL },
		{ "application/json;charset=utf-8", { JSON }, JSON },
		/* they stand behind the weight: RFC 7231 allowed that */
		{ "text/html;q=0.5;level=1", { HTML }, HTML },
		{ "text/html;q=0.5;!", { HTML }, HTML },
	};

	CHECK(rows, vane__negotiate_type);
}

static void malformed_elements_are_passed_over(void **state)
{
	static const struct row rows[] = {
		{ "", { JSON }, JSON },
		{ " , ,", { JSON }, JSON },
		{ "text", { JSON }, JSON },
		{ "text, text/html", { JSON, HTML }, HTML },
		{ "*/html, text/html", { JSON, HTML }, HTML },
		{ "text/html;q=, application/json;q=0.1", { HTML, JSON }, JSON },
		{ "text/html;q=1.001, application/json;q=0.1", { HTML, JSON }, JSON },
		{ "text/html;q=2, application/json;q=0.1", { HTML, JSON }, JSON },
		{ "text/html;q=-1, application/json;q=0.1", { HTML, JSON }, JSON },
		{ "text/html;q=0.5x, application/json;q=0.1", { HTML, JSON }, JSON },
		{ "text/html;q=99999999999999999999, application/json;q=0.1",
			{ HTML, JSON }, JSON },
		{ "text/html;q, application/json;q=0.1", { HTML, JSON }, JSON },
		{ "text/html;q=0.3333, application/json;q=.33", { JSON, HTML }, HTML },
		{ "text/html;q=1., application/json;Q=0.9", { JSON, HTML }, HTML },
		{ "text/html;x=\"a, application/json\"", { JSON, HTML }, NULL },
		{ "*/*;q=\"", { JSON }, JSON },
		/* an offer that is none is never chosen */
		{ "*/*;q=0.1, text/html", { "html" }, "html" },
		{ "text/html", { "html" }, NULL },
	};

	CHECK(rows, vane__negotiate_type);
}

static void what_stands_behind_the_hundredth_is_not_read(void **state)
{
	static const char *const offers[] = { HTML, NULL };
	char field[4096] = "";
	int i;

	for (i = 0; i < 99; i++)
		strcat(field, "image/png,");
	strcat(field, HTML);
	assert_ptr_equal(vane__negotiate_type(vane__slice(field), offers), offers[0]);
	memmove(field + 10, field, strlen(field) + 1);
	memcpy(field, "image/gif,", 10);
	assert_null(vane__negotiate_type(vane__slice(field), offers));
}

static void the_best_language_is_found(void **state)
{
	static const struct row rows[] = {
		{ NULL, { "en", "de" }, "en" },
		{ "de", { "en", "de" }, "de" },
		{ "DE-ch", { "de-CH" }, "de-CH" },
		{ "de", { "en", "de-CH" }, "de-CH" },
		{ "de-CH", { "en", "de" }, "de" },
		{ "de-CH, fr;q=0.9", { "fr", "de" }, "de" },
		{ "en-GB;q=0.5, en-US, fr;q=0.7", { "fr", "en" }, "en" },
		{ "de;q=0.9, de-CH-1996;q=0.2, fr;q=0.5", { "fr", "de-CH" }, "de-CH" },
		{ "da, en-gb;q=0.8, en;q=0.7", { "en-US", "en-GB" }, "en-GB" },
		{ "de-CH;q=0, *", { "de-CH", "de" }, "de" },
		{ "de-CH;q=0", { "de" }, NULL },
		{ "de;q=0, *;q=0.1", { "de-CH", "en" }, "en" },
		{ "*", { "en", "de" }, "en" },
		{ "d", { "de" }, NULL },
		{ "deu", { "de" }, NULL },
		{ "fr", { "en", "de" }, NULL },
		{ "fr fr, en", { "fr", "en" }, "en" },
		{ "", { "en" }, "en" },
	};

	CHECK(rows, vane__negotiate_language);
}

static void the_best_coding_is_found(void **state)
{
	static const struct row rows[] = {
		{ NULL, { "br", "gzip" }, NULL },
		{ "", { "br", "gzip" }, NULL },
		{ "???,", { "gzip" }, NULL },
		{ "gzip", { "br", "gzip" }, "gzip" },
		{ "GZIP", { "br", "gzip" }, "gzip" },
		{ "x-gzip", { "gzip" }, "gzip" },
		{ "gzip, deflate, br", { "br", "gzip" }, "br" },
		{ "gzip;q=1.0, br;q=0.5", { "br", "gzip" }, "gzip" },
		{ "*", { "br", "gzip" }, "br" },
		{ "br;q=0.5, *;q=0.8", { "br", "gzip" }, "gzip" },
		{ "identity", { "gzip" }, NULL },
		{ "identity, gzip", { "gzip" }, "gzip" },
		{ "identity, gzip;q=0.5", { "gzip" }, NULL },
		{ "identity;q=0.5, gzip;q=0.4", { "gzip" }, NULL },
		{ "gzip;q=0.5, *;q=1", { "gzip" }, "gzip" },
		{ "identity;q=0", { "gzip" }, NULL },
		{ "identity;q=0, gzip;q=0.001", { "gzip" }, "gzip" },
		{ "compress, gzip;q=0.001", { "gzip" }, "gzip" },
		{ "deflate", { "br", "gzip" }, NULL },
	};

	CHECK(rows, vane__negotiate_coding);
}

/* What a client can write is made of these; anything may come of them, but a fault. */
static void noise_does_no_harm(void **state)
{
	static const char *const pieces[] = { "text/html", "*/*", "*", "q=", "0.", "5", ";",
		",", "\"", "\\", " ", "=", "gzip", "identity", "-", "\xff", "/" };
	static const char *const offers[] = { HTML_UTF8, "gzip", "de-CH", NULL };
	unsigned seed = 1;
	int i, k;

	for (i = 0; i < 20000; i++) {
		char text[200] = "";
		struct vane_slice field;

		for (k = 0; k < 16; k++) {
			seed = seed * 1103515245 + 12345;
			strcat(text, pieces[(seed >> 16) % ARRAY_SIZE(pieces)]);
		}
		/* memory of its own, so that a sanitizer sees what is read behind it */
		field.len = strlen(text);
		field.data = malloc(field.len);
		assert_non_null(field.data);
		memcpy((char *) (uintptr_t) field.data, text, field.len);
		vane__negotiate_type(field, offers);
		vane__negotiate_language(field, offers);
		vane__negotiate_coding(field, offers);
		free((char *) (uintptr_t) field.data);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_type_is_found),
		cmocka_unit_test(the_most_exact_range_counts),
		cmocka_unit_test(a_weight_of_0_rules_out),
		cmocka_unit_test(parameters_of_a_range_must_be_offered),
		cmocka_unit_test(malformed_elements_are_passed_over),
		cmocka_unit_test(what_stands_behind_the_hundredth_is_not_read),
		cmocka_unit_test(the_best_language_is_found),
		cmocka_unit_test(the_best_coding_is_found),
		cmocka_unit_test(noise_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
