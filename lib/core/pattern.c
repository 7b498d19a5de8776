/* SPDX-License-Identifier: MIT */
/*
 * pattern.c - one route pattern: "/story/{id:[0-9]+}/{part}".
 *
 * Literals are compared, {name} is found by looking for the text behind it, and only a
 * {name:regex} costs a regular expression; {name:.*} at the end is a prefix and costs none.
 */
#include "config.h" /* for memmem() */

#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "slice.h"

#define MAX_NAME  32
#define MAX_PARTS (2 * VANE__MAX_VARS + 1)

/*
 * What a match may take before it gives up: steps, of which an honest expression needs some
 * for each byte; stack of compiled code, grown as needed (a path of 40,000 bytes through
 * "(?:[a-z]|/)*" takes 1 MiB); and heap where there is no compiled code.
 */
#define MATCH_STEPS          10000
#define MATCH_STEPS_PER_BYTE 8
#define MATCH_STACK_START    (32 * 1024)
#define MATCH_STACK_BYTES    (1024 * 1024)
#define MATCH_HEAP_KBYTES    8192

struct part {
	struct vane_slice literal; /* data NULL: a variable */
	char *name;
	struct vane_slice regex; /* data NULL: one segment */
};

struct vane__pattern {
	char *text;
	struct part parts[MAX_PARTS];
	size_t count;
	bool tail;        /* ends in {name:.*} and has no other regex */
	pcre2_code *code; /* NULL: no regex needed */
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

/*
 * The end of a variable: its "}", with braces of the regex counted and escapes skipped.  NULL: it
 * has none, and *what is what has no end.
 */
static const char *closing_brace(const char *p, const char **what)
{
	int depth = 0;
	bool class = false;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (class)
			class = *p != ']';
		else if (*p == '[') {
			class = true;
			p += p[1] == '^' ? 1 : 0;
			p += p[1] == ']' ? 1 : 0;
		} else if (*p == '{')
			depth++;
		else if (*p == '}' && depth-- == 0)
			return p;
	}
	*what = class ? "a [ in a variable's regular expression has no ]" : "a { has no }";
	return NULL;
}

/* Why that cannot be the name of a variable, NULL: it can. */
static const char *name_fault(struct vane_slice name)
{
	size_t i;

	if (name.len == 0)
		return "a variable has no name";
	if (name.len > MAX_NAME)
		return "a variable's name is longer than 32 characters";
	if (vane__is_digit(name.data[0]))
		return "a variable's name begins with a digit";
	for (i = 0; i < name.len; i++) {
		char c = vane__lower(name.data[i]);

		if (!(c >= 'a' && c <= 'z') && c != '_' && !vane__is_digit(c))
			return "a variable's name is letters, digits and _";
	}
	return NULL;
}

static int refuse(char why[VANE__PATTERN_WHY], const char *text)
{
	snprintf(why, VANE__PATTERN_WHY, "%s", text);
	return -EINVAL;
}

static bool name_taken(const struct vane__pattern *pattern, struct vane_slice name)
{
	size_t i;

	for (i = 0; i < pattern->count; i++)
		if (pattern->parts[i].name != NULL &&
			vane__slice_equal(vane__slice(pattern->parts[i].name), name))
			return true;
	return false;
}

static int parse_variable(struct vane__pattern *pattern, struct part *part,
	struct vane_slice inside, char *why)
{
	struct vane_slice name = vane__slice_split(&inside, ':');
	const char *fault = name_fault(name);

	part->regex = inside;
	if (fault != NULL)
		return refuse(why, fault);
	if (name_taken(pattern, name))
		return refuse(why, "two variables have one name");
	if (part->regex.data != NULL && part->regex.len == 0)
		return refuse(why, "a variable's regular expression is empty");
	part->name = strndup(name.data, name.len);
	return part->name != NULL ? 0 : -ENOMEM;
}

/* Text up to the next variable. */
static int parse_literal(struct part *part, const char **p, char *why)
{
	part->literal.data = *p;
	part->literal.len = strcspn(*p, "{}");
	*p += part->literal.len;
	return **p != '}' ? 0 : refuse(why, "a } has no {: write {name:[}]} for one");
}

static int parse(struct vane__pattern *pattern, char *why)
{
	const char *p = pattern->text, *end, *what;
	bool after_variable = false;
	int rc = *p == '/' ? 0 : refuse(why, "a pattern begins with /");

	while (rc == 0 && *p != '\0') {
		struct part *part = &pattern->parts[pattern->count];

		if (pattern->count == MAX_PARTS)
			return refuse(why, "too many variables");
		if (*p != '{') {
			rc = parse_literal(part, &p, why);
			after_variable = false;
			pattern->count++;
			continue;
		}
		end = closing_brace(++p, &what);
		if (end == NULL)
			return refuse(why, what);
		if (after_variable)
			return refuse(why, "two variables without text between");
		rc = parse_variable(
			pattern, part, (struct vane_slice) { p, (size_t) (end - p) }, why);
		after_variable = true;
		pattern->count++;
		p = end + 1;
	}
	return rc;
}

/* The whole pattern as a regular expression; the variables are groups v0, v1, ... */
static int write_regex(const struct vane__pattern *pattern, struct buf *out)
{
	size_t i, var = 0, k;
	int rc = 0;

	for (i = 0; i < pattern->count && rc == 0; i++) {
		const struct part *part = &pattern->parts[i];

		if (part->literal.data == NULL) {
			struct vane_slice regex = part->regex;

			if (regex.data == NULL)
				regex = SLICE("[^/]+");
			rc = vane__buf_printf(
				out, "(?<v%zu>%.*s)", var++, (int) regex.len, regex.data);
			continue;
		}
		for (k = 0; k < part->literal.len && rc == 0; k++)
			rc = vane__buf_printf(
				out, "\\x%02x", (unsigned char) part->literal.data[k]);
	}
	return rc;
}

static pcre2_code *compile(struct vane_slice regex, int *error, PCRE2_SIZE *at)
{
	return pcre2_compile((PCRE2_SPTR) regex.data, regex.len,
		PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
			PCRE2_NEVER_UTF | PCRE2_DOTALL,
		error, at, NULL);
}

static int refuse_regex(char *why, const char *name, int error, PCRE2_SIZE at)
{
	PCRE2_UCHAR text[128] = "?";

	if (error == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	pcre2_get_error_message(error, text, sizeof(text));
	snprintf(why, VANE__PATTERN_WHY, "%s%s%s: %s at offset %zu",
		name != NULL ? "the regular expression of {"
			     : "its regular expressions together",
		name != NULL ? name : "", name != NULL ? "}" : "", (const char *) text,
		(size_t) at);
	return -EINVAL;
}

/*
 * Each regular expression must be one by itself: the whole would be well-formed with
 * "a)|(b" too, and could say of no other mistake where in the variable it is.  Groups are
 * counted in the whole, so that a reference to one may lead nowhere here.
 */
static int check_regexes(const struct vane__pattern *pattern, char *why)
{
	PCRE2_SIZE at;
	size_t i;
	int error;

	for (i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];
		pcre2_code *code;

		if (part->regex.data == NULL)
			continue;
		code = compile(part->regex, &error, &at);
		pcre2_code_free(code);
		if (code == NULL && error != PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE)
			return refuse_regex(why, part->name, error, at);
	}
	return 0;
}

/* Where and how long to match. */
static int prepare_match(struct vane__pattern *pattern)
{
	bool jit =
		pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0; /* only faster */

	pattern->data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	if (jit)
		pattern->stack =
			pcre2_jit_stack_create(MATCH_STACK_START, MATCH_STACK_BYTES, NULL);
	if (pattern->data == NULL || pattern->context == NULL ||
		(jit && pattern->stack == NULL))
		return -ENOMEM;
	pcre2_set_heap_limit(pattern->context, MATCH_HEAP_KBYTES);
	if (jit)
		pcre2_jit_stack_assign(pattern->context, NULL, pattern->stack);
	return 0;
}

static int compile_all(struct vane__pattern *pattern, char *why)
{
	struct buf regex = { 0 };
	PCRE2_SIZE at;
	int error, rc = check_regexes(pattern, why);

	if (rc == 0)
		rc = write_regex(pattern, &regex);
	if (rc == 0) {
		pattern->code = compile(vane__buf_slice(&regex), &error, &at);
		rc = pattern->code != NULL ? prepare_match(pattern)
					   : refuse_regex(why, NULL, error, at);
	}
	vane__buf_fini(&regex);
	return rc;
}

/* How much of a regex engine the pattern needs. */
static int choose(struct vane__pattern *pattern, char *why)
{
	size_t i, regexes = 0, vars = 0;
	const struct part *last = &pattern->parts[pattern->count - 1];

	for (i = 0; i < pattern->count; i++) {
		vars += pattern->parts[i].literal.data == NULL;
		regexes += pattern->parts[i].regex.data != NULL;
	}
	if (vars > VANE__MAX_VARS)
		return refuse(why, "too many variables");
	pattern->tail = regexes == 1 && last->regex.data != NULL &&
			vane__slice_equal(last->regex, SLICE(".*"));
	return regexes == 0 || pattern->tail ? 0 : compile_all(pattern, why);
}

int vane__pattern_new(
	struct vane__pattern **out, const char *text, char why[VANE__PATTERN_WHY])
{
	struct vane__pattern *pattern = calloc(1, sizeof(*pattern));
	int rc = -ENOMEM;

	snprintf(why, VANE__PATTERN_WHY, "out of memory");
	if (pattern == NULL)
		return -ENOMEM;
	pattern->text = strdup(text);
	if (pattern->text != NULL)
		rc = parse(pattern, why);
	if (rc == 0)
		rc = choose(pattern, why);
	if (rc < 0) {
		vane__pattern_free(pattern);
		return rc;
	}
	*out = pattern;
	return 0;
}

void vane__pattern_free(struct vane__pattern *pattern)
{
	size_t i;

	if (pattern == NULL)
		return;
	for (i = 0; i < pattern->count; i++)
		free(pattern->parts[i].name);
	pcre2_code_free(pattern->code);
	pcre2_match_data_free(pattern->data);
	pcre2_match_context_free(pattern->context);
	pcre2_jit_stack_free(pattern->stack);
	free(pattern->text);
	free(pattern);
}

bool vane__pattern_is_literal(const struct vane__pattern *pattern)
{
	return pattern->count == 1 && pattern->parts[0].literal.data != NULL;
}

/* What it means that neither a match was found nor that there is none. */
static int gave_up(int error)
{
	switch (error) {
	case PCRE2_ERROR_MATCHLIMIT:
		return -ELOOP;
	case PCRE2_ERROR_JIT_STACKLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
		return -ENAMETOOLONG;
	case PCRE2_ERROR_NOMEMORY:
		return -ENOMEM;
	default:
		return -EINVAL;
	}
}

static int run_regex(const struct vane__pattern *pattern, struct vane_slice path)
{
	int rc;

	pcre2_set_match_limit(pattern->context,
		(uint32_t) (MATCH_STEPS + MATCH_STEPS_PER_BYTE * path.len));
	rc = pcre2_match(pattern->code, (PCRE2_SPTR) path.data, path.len, 0, 0,
		pattern->data, pattern->context);
	if (rc >= 0)
		return 1;
	return rc == PCRE2_ERROR_NOMATCH ? 0 : gave_up(rc);
}

static int match_regex(const struct vane__pattern *pattern, struct vane_slice path,
	struct vane__capture *captures)
{
	int count = 0, rc = run_regex(pattern, path);
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(pattern->data);
	size_t i;

	if (rc <= 0)
		return rc;
	for (i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];
		char group[8];
		int n;

		if (part->literal.data != NULL)
			continue;
		memcpy(group, "v", 1);
		group[1 + vane__put_number(group + 1, (uint64_t) count)] = '\0';
		n = pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR) group);
		if (ends[2 * n] == PCRE2_UNSET)
			return 0;
		captures[count].name = part->name;
		captures[count++].value = (struct vane_slice) { path.data + ends[2 * n],
			ends[2 * n + 1] - ends[2 * n] };
	}
	return count + 1;
}

/*
 * How far a {name} in front of some literal reaches: to where that is first found, but for the
 * last part, which must be at the end.  It is at least one byte and has no slash.
 */
static bool reach(struct vane_slice rest, struct vane_slice literal, bool last, size_t *len)
{
	const char *found;

	if (literal.data == NULL)
		*len = rest.len;
	else if (rest.len <= literal.len)
		return false;
	else if (last)
		*len = rest.len - literal.len;
	else {
		found = memmem(rest.data + 1, rest.len - 1, literal.data, literal.len);
		if (found == NULL)
			return false;
		*len = (size_t) (found - rest.data);
	}
	return *len > 0 && memchr(rest.data, '/', *len) == NULL;
}

static int match_parts(const struct vane__pattern *pattern, struct vane_slice path,
	struct vane__capture *captures)
{
	static const struct vane_slice none = { NULL, 0 };
	size_t i;
	int count = 0;

	for (i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];
		bool last = i + 1 == pattern->count;
		size_t len = part->literal.len;

		if (part->literal.data != NULL) {
			if (!vane__slice_starts(path, part->literal))
				return 0;
		} else {
			if (last && pattern->tail)
				len = path.len;
			else if (!reach(path, last ? none : part[1].literal,
					 i + 2 == pattern->count, &len))
				return 0;
			captures[count].name = part->name;
			captures[count++].value = (struct vane_slice) { path.data, len };
		}
		path.data += len;
		path.len -= len;
	}
	return path.len == 0 ? count + 1 : 0;
}

int vane__pattern_match(const struct vane__pattern *pattern, struct vane_slice path,
	struct vane__capture captures[VANE__MAX_VARS])
{
	return pattern->code != NULL ? match_regex(pattern, path, captures)
				     : match_parts(pattern, path, captures);
}

bool vane__pattern_part(const struct vane__pattern *pattern, size_t i, const char **name,
	struct vane_slice *literal, struct vane_slice *regex)
{
	if (i >= pattern->count)
		return false;
	*name = pattern->parts[i].name;
	*literal = pattern->parts[i].literal;
	*regex = pattern->parts[i].regex;
	return true;
}
