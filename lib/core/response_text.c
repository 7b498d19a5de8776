/* SPDX-License-Identifier: MIT */
/*
 * response_text.c - texts that are escaped for where they stand: HTML, CSV.
 */
#include <vane/response.h>

#include "exchange.h"
#include "format.h"
#include "html.h"
#include "slice.h"
#include "text.h"

/* Append what was put together, or say what kept it from that; and free it. */
static int write_and_free(struct vane_response *res, struct buf *text, int rc)
{
	rc = rc < 0 ? vane__response_fail(res, rc)
		    : vane_response_write(res, text->data, text->len);
	vane__buf_fini(text);
	return rc;
}

int vane_response_puts_html(struct vane_response *res, const char *text)
{
	struct buf escaped = { 0 };
	int rc = -EINVAL;

	if (!vane__res_no_text(res, __func__, text))
		rc = vane__html_add(&escaped, vane__slice(text));
	return write_and_free(res, &escaped, rc);
}

int vane_response_vprintf_html(struct vane_response *res, const char *fmt, va_list args)
{
	struct buf page = { 0 };
	int rc = -EINVAL;

	if (!vane__res_no_text(res, __func__, fmt))
		rc = vane__format(&page, vane__html_add, fmt, args);
	if (rc == -EINVAL && fmt != NULL)
		vane__response_fault(
			res, rc, "%s(): \"%.100s\" is no format", __func__, fmt);
	return write_and_free(res, &page, rc);
}

int vane_response_printf_html(struct vane_response *res, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = vane_response_vprintf_html(res, fmt, args);
	va_end(args);
	return rc;
}

/* Whether the text has to stand in quotes: a comma, a quote, a line end, or blanks at its ends. */
static bool needs_quotes(const char *text)
{
	size_t len = strlen(text);

	return strpbrk(text, ",\"\r\n") != NULL ||
	       (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));
}

/* Whether a spreadsheet would take it for a formula: not where it is a number with a sign. */
static bool is_formula(const char *text)
{
	size_t digits;

	if (text[0] == '\0' || strchr("=+-@\t\r\n", text[0]) == NULL)
		return false;
	digits = strspn(text + 1, "0123456789.");
	return (text[0] != '-' && text[0] != '+') || digits == 0 ||
	       text[1 + digits] != '\0';
}

static int add_quoted(struct buf *out, const char *before, const char *text)
{
	int rc = vane__buf_add(out, before, strlen(before));

	for (; rc == 0 && *text != '\0'; text++) {
		rc = vane__buf_add(out, text, 1);
		if (rc == 0 && *text == '"')
			rc = vane__buf_add(out, "\"", 1);
	}
	return rc < 0 ? rc : vane__buf_add(out, "\"", 1);
}

static int add_value(struct buf *out, const char *value, bool safe)
{
	if (safe && is_formula(value))
		return add_quoted(out, "\"'", value);
	if (needs_quotes(value))
		return add_quoted(out, "\"", value);
	return vane__buf_add(out, value, strlen(value));
}

static int put_line(struct vane_response *res, const char *function,
	const char *const *values, bool safe)
{
	struct buf line = { 0 };
	size_t i;
	int rc = vane__res_no_text(res, function, values) ? -EINVAL : 0;

	for (i = 0; rc == 0 && values[i] != NULL; i++) {
		if (i > 0)
			rc = vane__buf_add(&line, ",", 1);
		if (rc == 0)
			rc = add_value(&line, values[i], safe);
	}
	if (rc == 0)
		rc = vane__buf_add(&line, "\r\n", 2);
	return write_and_free(res, &line, rc);
}

int vane_response_puts_csv(struct vane_response *res, const char *const *values)
{
	return put_line(res, __func__, values, false);
}

int vane_response_puts_csv_safe(struct vane_response *res, const char *const *values)
{
	return put_line(res, __func__, values, true);
}
