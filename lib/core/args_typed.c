/* SPDX-License-Identifier: MIT */
/*
 * args_typed.c - arguments as numbers, truth values and text of a certain length, and the 400 with its
 * reason where they are missing or wrong.
 *
 * The locale has no say: numbers are HTML's valid integers and floating-point numbers.
 */
#include <vane/request.h>

#include <math.h>
#include <stdlib.h>

#include "c_locale.h"
#include "exchange.h"
#include "slice.h"
#include "utf8.h"

#define NO_ARG ((struct vane_slice) { NULL, 0 })

/* HTML's ASCII whitespace. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static struct vane_slice strip(struct vane_slice s)
{
	while (s.len > 0 && is_blank(s.data[0]))
		vane__slice_take(&s, 1);
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

static int wants(struct vane_request *req, const char *name, struct vane_slice text,
	const char *wanted)
{
	int status;

	if (wanted == NULL)
		return -ENOMEM;
	status = vane__request_refuse(req, 400, "argument %.60s %s: %s is wanted", name,
		text.len == 0 ? "is missing" : "is wrong", wanted);
	req->arg_why = req->refused_why;
	return status;
}

/*
 * The argument without white space around it, data NULL if there is none.  Returns 0, or what to
 * answer where nobody knows.
 */
static int fetch(struct vane_request *req, const char *function, const char *name,
	struct vane_slice *text)
{
	const char *value, *why = NULL;
	int status = 0;

	*text = NO_ARG;
	if (vane__req_no_text(req, function, name))
		return -EINVAL;
	value = vane_request_path_arg(req, name);
	if (value == NULL) {
		value = vane_request_arg(req, name);
		status = vane__request_query_status(req, &why);
		if (status == 0)
			status = vane__request_form_status(req, &why);
	}
	if (status == 0 && value != NULL)
		*text = strip(vane__slice(value));
	return status > 0 ? vane__request_refuse(req, status, "%s", why) : status;
}

/* Whole numbers */

/* "-"? digits: 0, -EINVAL, -ERANGE. */
static int parse_int(struct vane_slice s, int64_t *out)
{
	bool below = s.len > 0 && s.data[0] == '-';
	int64_t n = 0;
	size_t i;

	if (below)
		vane__slice_take(&s, 1);
	if (s.len == 0)
		return -EINVAL;
	for (i = 0; i < s.len; i++) {
		int digit = s.data[i] - '0';

		if (!vane__is_digit(s.data[i]))
			return -EINVAL;
		if (__builtin_mul_overflow(n, 10, &n) ||
			__builtin_add_overflow(n, below ? -digit : digit, &n))
			return -ERANGE;
	}
	*out = n;
	return 0;
}

static const char *wanted_int(struct vane_request *req, int64_t min, int64_t max)
{
	if (min == INT64_MIN && max == INT64_MAX)
		return "a whole number";
	if (max == INT64_MAX)
		return vane__request_text(
			req, "a whole number of at least %lld", (long long) min);
	if (min == INT64_MIN)
		return vane__request_text(
			req, "a whole number of at most %lld", (long long) max);
	return vane__request_text(
		req, "a whole number from %lld to %lld", (long long) min, (long long) max);
}

static int read_int(struct vane_request *req, const char *name, struct vane_slice text,
	int64_t min, int64_t max, int64_t *value)
{
	int64_t n;

	if (parse_int(text, &n) < 0 || n < min || n > max)
		return wants(req, name, text, wanted_int(req, min, max));
	*value = n;
	return 0;
}

int vane_request_int_arg(struct vane_request *req, const char *name, int64_t min,
	int64_t max, int64_t *value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	if (rc != 0 || text.len == 0)
		return rc;
	return read_int(req, name, text, min, max, value);
}

int vane_request_require_int(struct vane_request *req, const char *name, int64_t min,
	int64_t max, int64_t *value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	return rc != 0 ? rc : read_int(req, name, text, min, max, value);
}

/* Numbers */

static size_t skip_digits(struct vane_slice *s)
{
	size_t n = 0;

	while (n < s->len && vane__is_digit(s->data[n]))
		n++;
	vane__slice_take(s, n);
	return n;
}

static bool skip_one(struct vane_slice *s, const char *of)
{
	if (s->len == 0 || strchr(of, s->data[0]) == NULL)
		return false;
	vane__slice_take(s, 1);
	return true;
}

/* "-"? digits? ("." digits)? (e ("+" | "-")? digits)?, with digits before the e. */
static bool is_number(struct vane_slice s)
{
	size_t digits;

	skip_one(&s, "-");
	digits = skip_digits(&s);
	if (skip_one(&s, ".")) {
		size_t more = skip_digits(&s);

		if (more == 0)
			return false;
		digits += more;
	}
	if (digits == 0)
		return false;
	if (skip_one(&s, "eE")) {
		skip_one(&s, "+-");
		if (skip_digits(&s) == 0)
			return false;
	}
	return s.len == 0;
}

static const char *wanted_double(struct vane_request *req, double min, double max)
{
	if (isinf(min) && isinf(max))
		return "a number";
	if (isinf(max))
		return vane__request_text(req, "a number of at least %.15g", min);
	if (isinf(min))
		return vane__request_text(req, "a number of at most %.15g", max);
	return vane__request_text(req, "a number from %.15g to %.15g", min, max);
}

/* In the locale "C".  What stands behind the text is white space or a NUL. */
static int read_double_in_c(struct vane_request *req, const char *name,
	struct vane_slice text, double min, double max, double *value)
{
	double n = is_number(text) ? strtod(text.data, NULL) : INFINITY;

	if (isinf(n) || n < min || n > max)
		return wants(req, name, text, wanted_double(req, min, max));
	*value = n;
	return 0;
}

static int read_double(struct vane_request *req, const char *name, struct vane_slice text,
	double min, double max, double *value)
{
	struct vane__c_locale locale;
	int rc = vane__c_locale_enter(&locale);

	if (rc < 0)
		return rc;
	rc = read_double_in_c(req, name, text, min, max, value);
	vane__c_locale_leave(&locale);
	return rc;
}

int vane_request_double_arg(
	struct vane_request *req, const char *name, double min, double max, double *value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	if (rc != 0 || text.len == 0)
		return rc;
	return read_double(req, name, text, min, max, value);
}

int vane_request_require_double(
	struct vane_request *req, const char *name, double min, double max, double *value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	return rc != 0 ? rc : read_double(req, name, text, min, max, value);
}

/* Truth values */

static int read_bool(
	struct vane_request *req, const char *name, struct vane_slice text, bool *value)
{
	static const char *const words[] = { "0", "1", "false", "true", "no", "yes", "off",
		"on" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!vane__slice_equal_nocase(text, vane__slice(words[i])))
			continue;
		*value = i % 2 == 1;
		return 0;
	}
	return wants(req, name, text, "true or false");
}

int vane_request_bool_arg(struct vane_request *req, const char *name, bool *value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	return rc != 0 || text.len == 0 ? rc : read_bool(req, name, text, value);
}

int vane_request_require_bool(struct vane_request *req, const char *name, bool *value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	return rc != 0 ? rc : read_bool(req, name, text, value);
}

/* Text */

static bool is_control(char c)
{
	return ((unsigned char) c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
	       c == 0x7f;
}

/* How many characters it has; NULL in *wrong, or what is wanted instead of what it is. */
static size_t count_chars(struct vane_slice text, const char **wrong)
{
	size_t chars = 0;
	bool valid;

	*wrong = NULL;
	for (; text.len > 0; chars++) {
		if (is_control(text.data[0]))
			*wrong = "text without control characters";
		vane__slice_take(&text, vane__utf8_next(text, &valid));
		if (!valid)
			*wrong = "text in UTF-8";
	}
	return chars;
}

static const char *wanted_text(struct vane_request *req, size_t min, size_t max)
{
	if (max == SIZE_MAX)
		return vane__request_text(req, "text of at least %zu characters", min);
	if (min == 0)
		return vane__request_text(req, "text of at most %zu characters", max);
	return vane__request_text(req, "text of %zu to %zu characters", min, max);
}

static int read_text(struct vane_request *req, const char *name, struct vane_slice text,
	size_t min, size_t max, const char **value)
{
	const char *wrong, *copy;
	size_t chars = count_chars(text, &wrong);

	if (wrong != NULL)
		return wants(req, name, text, wrong);
	if (chars < min || chars > max)
		return wants(req, name, text, wanted_text(req, min, max));
	copy = text.data;
	if (copy[text.len] != '\0') /* white space was behind it */
		copy = vane__arena_dup(
			&vane__req_exchange(req)->arena, text.data, text.len);
	if (copy == NULL)
		return -ENOMEM;
	*value = copy;
	return 0;
}

int vane_request_text_arg(struct vane_request *req, const char *name, size_t min_chars,
	size_t max_chars, const char **value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	if (rc != 0 || text.data == NULL || (text.len == 0 && min_chars > 0))
		return rc;
	return read_text(req, name, text, min_chars, max_chars, value);
}

int vane_request_require_text(struct vane_request *req, const char *name, size_t min_chars,
	size_t max_chars, const char **value)
{
	struct vane_slice text;
	int rc = fetch(req, __func__, name, &text);

	if (rc == 0 && text.data == NULL)
		rc = wants(req, name, text, wanted_text(req, min_chars, max_chars));
	return rc != 0 ? rc : read_text(req, name, text, min_chars, max_chars, value);
}
