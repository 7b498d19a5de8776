/* SPDX-License-Identifier: MIT */
/*
 * test_jsondoc.c - tools/top/jsondoc.c
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "jsondoc.h"

static struct jsondoc *read_copy(const char *text, char **copy)
{
	*copy = strdup(text);
	assert_non_null(*copy);
	return jsondoc_read(*copy);
}

static void members_are_found(void **state)
{
	char *copy;
	struct jsondoc *doc = read_copy(" {\"a\" : 1.5e1, \"b\":[1, {\"c\":\"x\"} ],"
					"\"d\":true,\"e\":null,\"f\":{},\"g\":[]} ",
		&copy);
	const struct jsondoc *b = jsondoc_get(doc, "b");

	assert_non_null(doc);
	assert_int_equal(jsondoc_number(doc, "a"), 15);
	assert_int_equal(b->type, JSONDOC_ARRAY);
	assert_int_equal(b->child->number, 1);
	assert_string_equal(jsondoc_text(b->child->next, "c"), "x");
	assert_int_equal(jsondoc_number(doc, "d"), 1);
	assert_int_equal(jsondoc_get(doc, "e")->type, JSONDOC_NULL);
	assert_string_equal(jsondoc_text(doc, "a"), "");
	assert_int_equal(jsondoc_number(doc, "z"), 0);
	assert_null(jsondoc_get(b, "c"));
	assert_null(jsondoc_get(NULL, "c"));
	jsondoc_free(doc);
	free(copy);
}

static void escapes_are_text(void **state)
{
	char *copy;
	struct jsondoc *doc =
		read_copy("[\"\\u003ca\\\\\\\"\\/\\n\\u00e4\\u20ac\\ud800\", \"\"]", &copy);

	assert_non_null(doc);
	assert_string_equal(doc->child->text, "<a\\\"/\n\xc3\xa4\xe2\x82\xac?");
	assert_string_equal(doc->child->next->text, "");
	jsondoc_free(doc);
	free(copy);
}

static void what_is_no_document_is_refused(void **state)
{
	static const char *const rows[] = { "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}",
		"[1 2]", "nul", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\n\"",
		"1 2", "{1:2}", "[", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "nan", "inf",
		"+1" };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *copy;
		struct jsondoc *doc = read_copy(rows[i], &copy);

		if (doc != NULL)
			fail_msg("%s is taken", rows[i]);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found),
		cmocka_unit_test(escapes_are_text),
		cmocka_unit_test(what_is_no_document_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
