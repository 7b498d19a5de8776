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
#include <stdlib.h>

#include "buf.h"
#include "slice.h"

#define MAX_PARTS   (2 * VANE__MAX_VARS + 1)
#define MATCH_LIMIT 10000

struct part {
	struct vane_slice literal; /* data NULL: a variable */
	char *name;
	struct vane_slice regex;   /* data NULL: one segment */
};

struct vane__pattern {
	char *text;
	struct part parts[MAX_PARTS];
	size_t count;
	bool tail;		   /* ends in {name:.*} and has no other regex */
	pcre2_code *code;	   /* NULL: no regex needed */
	pcre2_match_data *data;
	pcre2_match_context *context;
};

/* The end of a variable: its "}", with braces of the regex counted and escapes skipped. */
static const char *closing_brace(const char *p)
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
	return NULL;
}

static bool name_ok(struct vane_slice name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		char c = vane__lower(name.data[i]);

		if (!(c >= 'a' && c <= 'z') && c != '_' && !(i > 0 && vane__is_digit(c)))
			return false;
	}
	return name.len > 0 && name.len <= 32;
}

static int parse_variable(struct part *part, struct vane_slice inside, const char **why)
{
	struct vane_slice name = vane__slice_split(&inside, ':');

	part->regex = inside;
	if (!name_ok(name)) {
		*why = "a variable's name is letters, digits and _";
		return -EINVAL;
	}
	if (part->regex.data != NULL && part->regex.len == 0) {
		*why = "a variable's regular expression is empty";
		return -EINVAL;
	}
	part->name = strndup(name.data, name.len);
	return part->name != NULL ? 0 : -ENOMEM;
}

static struct part *next_part(struct vane__pattern *pattern)
{
	return pattern->count < MAX_PARTS ? &pattern->parts[pattern->count++] : NULL;
}

static int parse(struct vane__pattern *pattern, const char **why)
{
	const char *p = pattern->text;
	bool after_variable = false;

	if (*p != '/') {
		*why = "a pattern begins with /";
		return -EINVAL;
	}
	while (*p != '\0') {
		struct part *part = next_part(pattern);
		const char *end;
		int rc;

		if (part == NULL) {
			*why = "too many variables";
			return -EINVAL;
		}
		if (*p != '{') {
			part->literal.data = p;
			part->literal.len = strcspn(p, "{");
			p += part->literal.len;
			after_variable = false;
			continue;
		}
		end = closing_brace(++p);
		if (end == NULL || after_variable) {
			*why = end == NULL ? "a { has no }" : "two variables without text between";
			return -EINVAL;
		}
		rc = parse_variable(
			part, (struct vane_slice){ p, (size_t) (end - p) }, why);
		if (rc < 0)
			return rc;
		after_variable = true;
		p = end + 1;
	}
	return 0;
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
			rc = vane__buf_printf(out, "(?<v%zu>%.*s)", var++, (int) regex.len,
				regex.data);
			continue;
		}
		for (k = 0; k < part->literal.len && rc == 0; k++)
			rc = vane__buf_printf(
				out, "\\x%02x", (unsigned char) part->literal.data[k]);
	}
	return rc;
}

static int compile(struct vane__pattern *pattern, const char **why)
{
	struct buf regex = { 0 };
	PCRE2_SIZE at;
	int error, rc = write_regex(pattern, &regex);

	if (rc < 0)
		goto out;
	pattern->code = pcre2_compile((PCRE2_SPTR) regex.data, regex.len,
		PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF |
			PCRE2_DOTALL,
		&error, &at, NULL);
	if (pattern->code == NULL) {
		*why = "its regular expression is not well-formed";
		rc = -EINVAL;
		goto out;
	}
	pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE); /* only faster: may fail */
	pattern->data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	if (pattern->data == NULL || pattern->context == NULL) {
		rc = -ENOMEM;
		goto out;
	}
	pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
out:
	vane__buf_fini(&regex);
	return rc;
}

/* How much of a regex engine the pattern needs. */
static int choose(struct vane__pattern *pattern, const char **why)
{
	size_t i, regexes = 0, vars = 0;
	const struct part *last = &pattern->parts[pattern->count - 1];

	for (i = 0; i < pattern->count; i++) {
		vars += pattern->parts[i].literal.data == NULL;
		regexes += pattern->parts[i].regex.data != NULL;
	}
	if (vars > VANE__MAX_VARS) {
		*why = "too many variables";
		return -EINVAL;
	}
	pattern->tail = regexes == 1 && last->regex.data != NULL &&
			vane__slice_equal(last->regex, SLICE(".*"));
	return regexes == 0 || pattern->tail ? 0 : compile(pattern, why);
}

int vane__pattern_new(struct vane__pattern **out, const char *text, const char **why)
{
	struct vane__pattern *pattern = calloc(1, sizeof(*pattern));
	int rc = -ENOMEM;

	*why = "out of memory";
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
	free(pattern->text);
	free(pattern);
}

bool vane__pattern_is_literal(const struct vane__pattern *pattern)
{
	return pattern->count == 1 && pattern->parts[0].literal.data != NULL;
}

static int match_regex(const struct vane__pattern *pattern, struct vane_slice path,
	struct vane__capture *captures)
{
	int rc = pcre2_match(pattern->code, (PCRE2_SPTR) path.data, path.len, 0, 0,
		pattern->data, pattern->context);
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(pattern->data);
	int count = 0;
	size_t i;

	if (rc < 0)
		return 0;
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
			return 0; /* its parentheses did not pair: "a)|(b" */
		captures[count].name = part->name;
		captures[count++].value = (struct vane_slice){ path.data + ends[2 * n],
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
			captures[count++].value = (struct vane_slice){ path.data, len };
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
	struct vane_slice *literal)
{
	if (i >= pattern->count)
		return false;
	*name = pattern->parts[i].name;
	*literal = pattern->parts[i].literal;
	return true;
}
