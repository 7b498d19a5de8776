/* SPDX-License-Identifier: MIT */
/*
 * test_cgi_vars.c - lib/wire/cgi_vars.c
 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/wire/cgi_vars.h"
#include "support/alloc.h"

#define LIST(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* All of them, "NAME=value|" each. */
static void expect(struct vane__vars *vars, const char *text)
{
	char *const *envp = vane__vars_environ(vars);
	char all[1024] = "";

	for (assert_non_null(envp); *envp != NULL; envp++)
		strcat(strcat(all, *envp), "|");
	assert_string_equal(all, text);
}

static void variables_are_set_once(void **state)
{
	struct vane_slice name, value;
	struct vane__vars vars = { 0 };

	expect(&vars, "");
	assert_int_equal(vane__vars_add(&vars, "A", "1"), 0);
	assert_int_equal(vane__vars_set(&vars, "AB", ""), 0);
	assert_int_equal(vane__vars_set(&vars, "B", "x=y"), 0);
	expect(&vars, "A=1|AB=|B=x=y|");
	assert_int_equal(vane__vars_set(&vars, "A", "another value"), 0);
	expect(&vars, "A=another value|AB=|B=x=y|");
	assert_string_equal(vane__vars_get(&vars, "A"), "another value");
	assert_string_equal(vane__vars_get(&vars, "AB"), "");
	assert_null(vane__vars_get(&vars, "a"));
	assert_null(vane__vars_get(&vars, "ABC"));
	assert_true(vane__vars_at(&vars, 2, &name, &value));
	assert_int_equal(name.len, 1);
	assert_memory_equal(value.data, "x=y", value.len + 1);
	assert_false(vane__vars_at(&vars, 3, &name, &value));
	vane__vars_fini(&vars);
	expect(&vars, "");
	vane__vars_fini(&vars);
}

static void fields_are_named_as_cgi_names_them(void **state)
{
	struct vane__vars vars = { 0 };

	assert_int_equal(vane__vars_put_http(&vars, "accept-language", "fi"), 0);
	assert_int_equal(vane__vars_put_http(&vars, "X-1z", ""), 0);
	assert_int_equal(vane__vars_put_http(&vars, "Accept-Language", "sv"), 0);
	expect(&vars, "HTTP_ACCEPT_LANGUAGE=fi|HTTP_X_1Z=|");
	vane__vars_fini(&vars);
}

static void settings_come_last_and_count(void **state)
{
	struct vane__vars vars = { 0 };

	assert_int_equal(vane__vars_set(&vars, "A", "1"), 0);
	assert_int_equal(vane__vars_settings(&vars, NULL), 0);
	assert_int_equal(vane__vars_settings(&vars, LIST("B=", "A=2=3", "C=4")), 0);
	expect(&vars, "A=2=3|B=|C=4|");
	assert_int_equal(vane__vars_settings(&vars, LIST("D")), -EINVAL);
	assert_int_equal(vane__vars_settings(&vars, LIST("=5")), -EINVAL);
	assert_int_equal(vane__vars_settings(&vars, LIST("")), -EINVAL);
	expect(&vars, "A=2=3|B=|C=4|");
	vane__vars_fini(&vars);
}

static void little_of_our_environment_is_passed_on(void **state)
{
	struct vane__vars vars = { 0 };

	setenv("TZ", "Europe/Helsinki", 1);
	setenv("PATH", "/home/me/bin", 1);
	setenv("SECRET", "x", 1);
	assert_int_equal(vane__vars_environment(&vars), 0);
	expect(&vars, "PATH=/usr/local/bin:/usr/bin:/bin|TZ=Europe/Helsinki|");
	vane__vars_fini(&vars);
	unsetenv("TZ");
	assert_int_equal(vane__vars_environment(&vars), 0);
	expect(&vars, "PATH=/usr/local/bin:/usr/bin:/bin|");
	vane__vars_fini(&vars);
}

static void fastcgi_has_two_kinds_of_length(void **state)
{
	static const char expected[] = "\1\2Abc"
				       "\1\0E"
				       "\4\177NAME";
	static const char longer[] = "\4\x80\0\0\x80LONG";
	struct buf out = { 0 };
	struct vane__vars vars = { 0 };
	char value[129];

	memset(value, 'x', sizeof(value));
	value[127] = '\0';
	assert_int_equal(vane__vars_set(&vars, "A", "bc"), 0);
	assert_int_equal(vane__vars_set(&vars, "E", ""), 0);
	assert_int_equal(vane__vars_set(&vars, "NAME", value), 0);
	value[127] = 'x';
	value[128] = '\0';
	assert_int_equal(vane__vars_set(&vars, "LONG", value), 0);
	assert_int_equal(vane__vars_fastcgi(&vars, &out), 0);
	assert_int_equal(out.len, sizeof(expected) - 1 + 127 + sizeof(longer) - 1 + 128);
	assert_memory_equal(out.data, expected, sizeof(expected) - 1);
	assert_memory_equal(
		out.data + sizeof(expected) - 1 + 127, longer, sizeof(longer) - 1);
	vane__buf_fini(&out);
	vane__vars_fini(&vars);
}

/* A name of more than a byte's length, which fields may have. */
static void long_names_have_long_lengths(void **state)
{
	struct buf out = { 0 };
	struct vane__vars vars = { 0 };
	char name[301];

	memset(name, 'N', 300);
	name[300] = '\0';
	assert_int_equal(vane__vars_set(&vars, name, "v"), 0);
	assert_int_equal(vane__vars_fastcgi(&vars, &out), 0);
	assert_int_equal(out.len, 4 + 1 + 300 + 1);
	assert_memory_equal(out.data, "\x80\0\x1\x2c\1NN", 7);
	vane__buf_fini(&out);
	vane__vars_fini(&vars);
}

static void scgi_says_the_length_first(void **state)
{
	static const char with[] =
		"44:CONTENT_LENGTH\0005\0SCGI\0001\0A\0b\0CONTENT\0\0LAST\0x\0,";
	static const char without[] = "28:CONTENT_LENGTH\0000\0SCGI\0001\0A\0b\0,";
	struct buf out = { 0 };
	struct vane__vars vars = { 0 };

	assert_int_equal(vane__vars_set(&vars, "A", "b"), 0);
	assert_int_equal(vane__vars_scgi(&vars, &out), 0);
	assert_int_equal(out.len, sizeof(without) - 1);
	assert_memory_equal(out.data, without, out.len);
	vane__buf_fini(&out);
	assert_int_equal(vane__vars_settings(&vars,
				 LIST("CONTENT=", "SCGI=2", "CONTENT_LENGTH=5", "LAST=x")),
		0);
	assert_int_equal(vane__vars_scgi(&vars, &out), 0);
	assert_int_equal(out.len, sizeof(with) - 1);
	assert_memory_equal(out.data, with, out.len);
	vane__buf_fini(&out);
	vane__vars_fini(&vars);
}

static void lack_of_memory_leaves_them_whole(void **state)
{
	struct buf out = { 0 };
	struct vane__vars vars = { 0 };
	long n;

	for (n = 0; n < 2; n++) {
		alloc_fail_after(n);
		assert_int_equal(vane__vars_set(&vars, "A", "1"), -ENOMEM);
		alloc_fail_never();
		vane__vars_fini(&vars);
		alloc_fail_after(n);
		assert_int_equal(vane__vars_put_http(&vars, "a", "1"), -ENOMEM);
		alloc_fail_never();
		assert_int_equal(vars.count, 0);
		vane__vars_fini(&vars);
	}
	assert_int_equal(vane__vars_set(&vars, "A", "1"), 0);
	alloc_fail_after(0);
	assert_null(vane__vars_environ(&vars));
	assert_int_equal(vane__vars_fastcgi(&vars, &out), -ENOMEM);
	assert_int_equal(vane__vars_scgi(&vars, &out), -ENOMEM);
	alloc_fail_never();
	expect(&vars, "A=1|");
	vane__vars_fini(&vars);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_set_once),
		cmocka_unit_test(fields_are_named_as_cgi_names_them),
		cmocka_unit_test(settings_come_last_and_count),
		cmocka_unit_test(little_of_our_environment_is_passed_on),
		cmocka_unit_test(fastcgi_has_two_kinds_of_length),
		cmocka_unit_test(long_names_have_long_lengths),
		cmocka_unit_test(scgi_says_the_length_first),
		cmocka_unit_test(lack_of_memory_leaves_them_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
