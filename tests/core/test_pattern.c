/* SPDX-License-Identifier: MIT */
/*
 * test_pattern.c - lib/core/pattern.c
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pattern.h"
#include "slice.h"
#include "support/alloc.h"

/* A path in which "%" stands for the NUL of an encoded slash; captures NULL: no match. */
static const struct {
	const char *pattern, *path, *captures;
} rows[] = {
	{ "/", "/", "" },
	{ "/", "/a", NULL },
	{ "/a/b", "/a/b", "" },
	{ "/a/b", "/a/b/", NULL },
	{ "/a/b", "/A/b", NULL },
	{ "/a/b", "/a%b", NULL },
	{ "/a.b", "/axb", NULL },
	/* one segment, at least a byte of it */
	{ "/{a}", "/x", "a=x" },
	{ "/{a}", "/", NULL },
	{ "/{a}", "/x/", NULL },
	{ "/{a}", "/x/y", NULL },
	{ "/{a}", "/x%y", "a=x%y" },
	{ "/{a}/", "/x/", "a=x" },
	{ "/{a}/", "/x", NULL },
	{ "/s/{a}/{b}", "/s/1/2", "a=1,b=2" },
	{ "/s/{a}/{b}", "/s//2", NULL },
	{ "/s/{a}/{b}", "/s/1/", NULL },
	{ "/s/{a}/e", "/s/1/e", "a=1" },
	{ "/s/{a}/e", "/s/1/2/e", NULL },
	/* a part of a segment */
	{ "/{a}.html", "/x.html", "a=x" },
	{ "/{a}.html", "/x.html.html", "a=x.html" },
	{ "/{a}.html", "/.html", NULL },
	{ "/{a}.html", "/x.htm", NULL },
	{ "/{a}.html", "/x/y.html", NULL },
	{ "/v{a}", "/v2", "a=2" },
	{ "/v{a}", "/v", NULL },
	{ "/{a}-{b}", "/x-y-z", "a=x,b=y-z" },
	{ "/{a}-{b}", "/x--", "a=x,b=-" },
	{ "/{a}-{b}", "/--x", "a=-,b=x" },
	{ "/{a}-{b}", "/x-", NULL },
	{ "/{a}ab{b}b/{c}", "/xabab/c", "a=x,b=a,c=c" },
	{ "/{a}-{b}/e", "/x/y-z/e", NULL },
	/* regular expressions: anchored, with braces, classes and groups */
	{ "/{n:[0-9]+}", "/42", "n=42" },
	{ "/{n:[0-9]+}", "/42x", NULL },
	{ "/{n:[0-9]+}", "/42\n", NULL },
	{ "/{n:[0-9]{2,3}}", "/42", "n=42" },
	{ "/{n:[0-9]{2,3}}", "/4242", NULL },
	{ "/{n:[}]+}", "/}}", "n=}}" },
	{ "/{n:[]}]+}", "/]}", "n=]}" },
	{ "/{n:[^]}]+}", "/ab", "n=ab" },
	{ "/{n:\\}+}", "/}}", "n=}}" },
	{ "/{n:[[:alpha:]]+}", "/ab", "n=ab" },
	{ "/{n:a|bc}", "/bc", "n=bc" },
	{ "/{n:a|bc}", "/abc", NULL },
	{ "/{n:(a)(b)}{_M2}", "/x", NULL },
	{ "/{n:(?:a)(b)}/{m:(c)}", "/ab/c", "n=ab,m=c" },
	{ "/{n:x*}.{m}", "/.y", "n=,m=y" },
	{ "/a+b/{n:.}", "/a+b/c", "n=c" },
	{ "/a+b/{n:.}", "/aab/c", NULL },
	{ "/{n:[^/]+}", "/a%b", "n=a%b" },
	{ "/{n:[a-z/]+}", "/a%b", NULL },
	{ "/{n:.+}", "/a/b\nc", "n=a/b\nc" },
	{ "/{n:.}", "/\xff", "n=\xff" },
	/* a tail needs none */
	{ "/t/{r:.*}", "/t/", "r=" },
	{ "/t/{r:.*}", "/t/a/b", "r=a/b" },
	{ "/t/{r:.*}", "/t", NULL },
	{ "/t{r:.*}", "/tail", "r=ail" },
	{ "/{a}/{r:.*}", "/x/y/z", "a=x,r=y/z" },
	{ "/{r:.*}", "/a%/b", "r=a%/b" },
};

static void write_captures(char *out, const struct vane__capture *captures, int count)
{
	size_t at = 0, k;
	int i;

	for (i = 0; i < count; i++) {
		at += (size_t) sprintf(
			out + at, "%s%s=", i > 0 ? "," : "", captures[i].name);
		for (k = 0; k < captures[i].value.len; k++)
			out[at++] = captures[i].value.data[k] != '\0'
					    ? captures[i].value.data[k]
					    : '%';
	}
	out[at] = '\0';
}

/* The captures as text in out, or NULL. */
static const char *match(const char *text, const char *path, char *out)
{
	struct vane__capture captures[VANE__MAX_VARS];
	struct vane__pattern *pattern = NULL;
	size_t len = strlen(path), i;
	char *copy = malloc(len); /* ends where it ends */
	char why[VANE__PATTERN_WHY];
	int count;

	if (vane__pattern_new(&pattern, text, why) < 0) {
		free(copy);
		return NULL;
	}
	for (i = 0; i < len; i++)
		copy[i] = path[i] != '%' ? path[i] : '\0';
	count = vane__pattern_match(pattern, (struct vane_slice) { copy, len }, captures);
	if (count > 0)
		write_captures(out, captures, count - 1);
	vane__pattern_free(pattern);
	free(copy);
	return count > 0 ? out : NULL;
}

static void patterns_match_whole_paths(void **state)
{
	size_t i, wrong = 0;
	char out[256];

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *got = match(rows[i].pattern, rows[i].path, out);

		if (got == NULL ? rows[i].captures == NULL
				: rows[i].captures != NULL &&
					  strcmp(got, rows[i].captures) == 0)
			continue;
		print_error("%s on %s gives %s\n", rows[i].pattern, rows[i].path,
			got != NULL ? got : "no match");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void a_pattern_that_is_not_well_formed_is_refused_with_a_reason(void **state)
{
	static const char *const bad[] = { "", "a", "{a}", "/{", "/{a", "/{}", "/{a:}",
		"/{1a}", "/{a-b}", "/{a b}", "/{a}{b}", "/{a:[}", "/{a:(}", "/{a:*}",
		"/{a:\\}", "/{a:x{2}", "/a}", "/{a}}", "/{a}/b}/c", "/{a}/{a}",
		"/{a}/{b}/{a:.}", "/{n:a)|(/b}", "/{a:x}/{b:)(}", "/{n:(?<v0>x)}",
		"/{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}",
		"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}",
		"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q:.*}" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct vane__pattern *pattern = NULL;
		char why[VANE__PATTERN_WHY] = "";
		int rc = vane__pattern_new(&pattern, bad[i], why);

		if (rc != -EINVAL)
			print_error("%s: %d\n", bad[i], rc);
		assert_int_equal(rc, -EINVAL);
		assert_true(why[0] != '\0');
	}
}

static void the_most_variables_there_can_be_are_captured(void **state)
{
	char out[256];

	assert_string_equal(match("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}"
				  "/{o}/{p:.}",
				    "/0/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f", out),
		"a=0,b=1,c=2,d=3,e=4,f=5,g=6,h=7,i=8,j=9,k=a,l=b,m=c,n=d,o=e,p=f");
}

static void a_mistake_in_a_pattern_is_named(void **state)
{
	static const char *const mistakes[][2] = {
		{ "/a/{b", "a { has no }" },
		{ "/a/{b:x(y}", "the regular expression of {b}: missing closing "
				"parenthesis at offset 3" },
		{ "/{a:x+}/{b:y)}", "the regular expression of {b}: unmatched closing "
				    "parenthesis at offset 1" },
		{ "/{a:*}", "the regular expression of {a}: quantifier does not follow a "
			    "repeatable item at offset 0" },
		{ "/{a:(?<v0>x)}",
			"its regular expressions together: two named subpatterns "
			"have the same name (PCRE2_DUPNAMES not set) at offset " },
		{ "/a}", "a } has no {: write {name:[}]} for one" },
		{ "/{a}/{a}", "two variables have one name" },
		{ "/{1bad}", "a variable's name begins with a digit" },
		{ "/{}", "a variable has no name" },
		{ "/{:x}", "a variable has no name" },
		{ "/{a-b}", "a variable's name is letters, digits and _" },
		{ "/{abcdefghijabcdefghijabcdefghijabc}",
			"a variable's name is longer than 32 characters" },
		{ "/{x:[}", "a [ in a variable's regular expression has no ]" },
	};
	struct vane__pattern *pattern;
	char why[VANE__PATTERN_WHY];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		assert_int_equal(vane__pattern_new(&pattern, mistakes[i][0], why), -EINVAL);
		why[strlen(mistakes[i][1])] = '\0';
		assert_string_equal(why, mistakes[i][1]);
	}
}

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}

/* What matching "/" and so many times "a", and perhaps "!", against the pattern returns. */
static int match_long(const char *text, size_t len, bool mark)
{
	struct vane__capture captures[VANE__MAX_VARS];
	struct vane__pattern *pattern;
	char why[VANE__PATTERN_WHY], *path = malloc(len + 2);
	int count;

	assert_non_null(path);
	path[0] = '/';
	memset(path + 1, 'a', len);
	path[len + 1] = '!';
	assert_int_equal(vane__pattern_new(&pattern, text, why), 0);
	count = vane__pattern_match(
		pattern, (struct vane_slice) { path, len + 1 + (mark ? 1 : 0) }, captures);
	vane__pattern_free(pattern);
	free(path);
	return count;
}

/* Without the limit it takes hours. */
static void a_regular_expression_that_explodes_gives_up_and_says_so(void **state)
{
	static const char *const evil[] = { "/{n:(a+)+}", "/{n:(a|aa)+}",
		"/{n:(?:[ab]+c?)+}" };
	double began = cpu_seconds();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(evil); i++)
		assert_int_equal(match_long(evil[i], 60, true), -ELOOP);
	assert_true(cpu_seconds() - began < 2.0);
}

static void a_long_path_is_matched_or_too_long_but_never_no_match(void **state)
{
	static const char *const honest[] = { "/{x:(?:[a-z0-9]|/)*}", "/{x:([a-z]|/)+}",
		"/{x:(?:[a-z]+/?)*}" };
	size_t i;
	int count;

	for (i = 0; i < ARRAY_SIZE(honest); i++) {
		assert_int_equal(match_long(honest[i], 1409, false), 2);
		assert_int_equal(match_long(honest[i], 8000, false), 2);
	}
	assert_int_equal(match_long(honest[0], 8000, true), 0);
	count = match_long(honest[1], 1000000, false);
	assert_true(count == -ENAMETOOLONG || count == -ELOOP);
}

static void its_parts_come_in_order(void **state)
{
	struct vane__pattern *pattern;
	struct vane_slice literal, regex;
	char why[VANE__PATTERN_WHY];
	const char *name;

	assert_int_equal(vane__pattern_new(&pattern, "/a/{b}-{c:.}", why), 0);
	assert_false(vane__pattern_is_literal(pattern));
	assert_true(vane__pattern_part(pattern, 0, &name, &literal, &regex));
	assert_null(name);
	assert_true(vane__slice_equal(literal, SLICE("/a/")));
	assert_true(vane__pattern_part(pattern, 1, &name, &literal, &regex));
	assert_string_equal(name, "b");
	assert_null(regex.data);
	assert_true(vane__pattern_part(pattern, 3, &name, &literal, &regex));
	assert_string_equal(name, "c");
	assert_true(vane__slice_equal(regex, SLICE(".")));
	assert_false(vane__pattern_part(pattern, 4, &name, &literal, &regex));
	vane__pattern_free(pattern);
	assert_int_equal(vane__pattern_new(&pattern, "/a", why), 0);
	assert_true(vane__pattern_is_literal(pattern));
	vane__pattern_free(pattern);
	vane__pattern_free(NULL);
}

/* Whether the first leaves nothing to the second. */
static const struct {
	const char *first, *second;
	bool covers;
} covers[] = {
	{ "/\1", "/{a}", false },
	{ "/\1{a}", "/{a}", false },
	{ "/a", "/a", true },
	{ "/a", "/b", false },
	{ "/{x}", "/b", true },
	{ "/{x}", "/{y}", true },
	{ "/{x}", "/v{y}", true },
	{ "/v{x}", "/{y}", false },
	{ "/{x}", "/{y}.html", true },
	{ "/{x}.html", "/{y}", false },
	{ "/{x}", "/{y}/", false },
	{ "/{x}", "/a/b", false },
	{ "/{x}", "/", false },
	{ "/{x}-{y}", "/{y}-{x}", true },
	{ "/{x}-{y}", "/a-{y}", true },
	{ "/{x}", "/{y}-{z}", true },
	{ "/{x}/{y}", "/t/{r:.*}", false },
	{ "/{r:.*}", "/t/{x}", true },
	{ "/{r:.*}", "/{q:.*}", true },
	{ "/{r:.*}", "/", true },
	{ "/t/{r:.*}", "/t/{x}/y", true },
	{ "/t/{r:.*}", "/t", false },
	{ "/t/{r:.*}", "/{q:.*}", false },
	{ "/t/{r:.*}", "/t/{n:[0-9]+}", true },
	{ "/t{r:.*}", "/t/{q:.*}", true },
	{ "/{n:[0-9]+}", "/7", true },
	{ "/{n:[0-9]+}", "/x", false },
	{ "/{n:[0-9]+}", "/{m:[0-9]+}", true },
	{ "/{n:[0-9]+}", "/{m:[0-9]*}", false },
	{ "/{n:[0-9]+}", "/{m}", false },
	{ "/{n:\x01*}", "/{m}", false },
	{ "/{n}", "/{m:[0-9]+}", false },
};

static void a_pattern_knows_what_it_leaves_to_others(void **state)
{
	struct vane__pattern *first, *second;
	char why[VANE__PATTERN_WHY];
	size_t i, wrong = 0;

	for (i = 0; i < ARRAY_SIZE(covers); i++) {
		assert_int_equal(vane__pattern_new(&first, covers[i].first, why), 0);
		assert_int_equal(vane__pattern_new(&second, covers[i].second, why), 0);
		if (vane__pattern_covers(first, second) != covers[i].covers) {
			print_error("%s and %s\n", covers[i].first, covers[i].second);
			wrong++;
		}
		vane__pattern_free(first);
		vane__pattern_free(second);
	}
	assert_int_equal(wrong, 0);
}

static void a_pattern_survives_any_failed_allocation(void **state)
{
	struct vane__pattern *pattern;
	char why[VANE__PATTERN_WHY];
	long n;
	int rc = -ENOMEM;

	for (n = 0; rc < 0; n++) {
		pattern = NULL;
		alloc_fail_after(n);
		rc = vane__pattern_new(&pattern, "/a/{b}/{c:[0-9]+}", why);
		alloc_fail_never();
		assert_true(rc == 0 || (rc == -ENOMEM && pattern == NULL));
		vane__pattern_free(pattern);
	}
	assert_true(n > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_whole_paths),
		cmocka_unit_test(
			a_pattern_that_is_not_well_formed_is_refused_with_a_reason),
		cmocka_unit_test(the_most_variables_there_can_be_are_captured),
		cmocka_unit_test(a_mistake_in_a_pattern_is_named),
		cmocka_unit_test(a_regular_expression_that_explodes_gives_up_and_says_so),
		cmocka_unit_test(a_long_path_is_matched_or_too_long_but_never_no_match),
		cmocka_unit_test(a_pattern_knows_what_it_leaves_to_others),
		cmocka_unit_test(its_parts_come_in_order),
		cmocka_unit_test(a_pattern_survives_any_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
