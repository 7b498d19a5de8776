/* SPDX-License-Identifier: MIT */
/*
 * format.c - printf() whose texts pass through a function on their way.
 *
 * Each conversion is taken apart as far as its argument's type goes; libc formats the numbers.
 */
#include "format.h"

#include <stddef.h>
#include <stdio.h>

/* How long one may be, "%-+ #0123.456llX". */
enum { SPEC_SIZE = 32 };

enum length { NONE, CHAR, SHORT, LONG, LLONG, MAX, SIZE, PTRDIFF, LDOUBLE };

/* A conversion, with the stars in it replaced by what they stand for. */
struct spec {
	char text[SPEC_SIZE];
	size_t len;
	enum length length;
	char conversion;
	int precision; /* -1: none */
};

/* What va_list is on all systems: an array would be handed on as a pointer. */
struct arguments {
	va_list list;
};

static int put(struct spec *spec, char c)
{
	if (spec->len + 1 >= sizeof(spec->text))
		return -EINVAL;
	spec->text[spec->len++] = c;
	spec->text[spec->len] = '\0';
	return 0;
}

/* A width or a precision: digits, or a star. */
static int take_number(
	struct spec *spec, const char **fmt, struct arguments *args, int *value)
{
	int rc = 0;

	*value = 0;
	if (**fmt == '*') {
		int n = va_arg(args->list, int), len;

		*value = n;
		++*fmt;
		len = snprintf(
			spec->text + spec->len, sizeof(spec->text) - spec->len, "%d", n);
		if (len < 0 || (size_t) len >= sizeof(spec->text) - spec->len)
			return -EINVAL;
		spec->len += (size_t) len;
		return 0;
	}
	for (; **fmt >= '0' && **fmt <= '9' && rc == 0; ++*fmt) {
		if (*value < 1000 * 1000)
			*value = *value * 10 + (**fmt - '0');
		rc = put(spec, **fmt);
	}
	return rc;
}

static enum length take_length(const char **fmt)
{
	static const struct {
		const char *text;
		enum length length;
	} rows[] = { { "hh", CHAR }, { "h", SHORT }, { "ll", LLONG }, { "l", LONG },
		{ "j", MAX }, { "z", SIZE }, { "t", PTRDIFF }, { "L", LDOUBLE } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t len = strlen(rows[i].text);

		if (strncmp(*fmt, rows[i].text, len) == 0) {
			*fmt += len;
			return rows[i].length;
		}
	}
	return NONE;
}

/* One below 0, which only a star can give, is none (C11, 7.21.6.1). */
static int take_precision(struct spec *spec, const char **fmt, struct arguments *args)
{
	size_t len = spec->len;
	int rc = put(spec, *(*fmt)++);

	if (rc == 0)
		rc = take_number(spec, fmt, args, &spec->precision);
	if (spec->precision < 0) {
		spec->len = len;
		spec->text[len] = '\0';
	}
	return rc;
}

static int take_spec(struct spec *spec, const char **fmt, struct arguments *args)
{
	const char *modifier;
	int width, rc;

	*spec = (struct spec) { .precision = -1 };
	rc = put(spec, '%');
	while (rc == 0 && **fmt != '\0' && strchr("-+ #0", **fmt) != NULL)
		rc = put(spec, *(*fmt)++);
	if (rc == 0)
		rc = take_number(spec, fmt, args, &width);
	if (rc == 0 && **fmt == '.')
		rc = take_precision(spec, fmt, args);
	modifier = *fmt;
	spec->length = take_length(fmt);
	while (rc == 0 && modifier < *fmt)
		rc = put(spec, *modifier++);
	spec->conversion = **fmt;
	if (rc == 0)
		rc = spec->conversion != '\0' ? put(spec, *(*fmt)++) : -EINVAL;
	return rc;
}

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* it was taken from a literal */
#endif

#define PUT(type) vane__buf_printf(out, spec->text, va_arg(args->list, type))

static int put_integer(struct buf *out, const struct spec *spec, struct arguments *args)
{
	switch (spec->length) {
	case LONG:
		return PUT(long);
	case LLONG:
		return PUT(long long);
	case MAX:
		return PUT(intmax_t);
	case SIZE:
		return PUT(size_t);
	case PTRDIFF:
		return PUT(ptrdiff_t);
	case LDOUBLE:
		return -EINVAL;
	default:
		return PUT(int); /* shorter ones are promoted to it */
	}
}

static int put_other(struct buf *out, const struct spec *spec, struct arguments *args)
{
	if (spec->conversion == 'p')
		return PUT(void *);
	if (spec->conversion == '\0' || strchr("fFeEgGaA", spec->conversion) == NULL)
		return -EINVAL;
	return spec->length == LDOUBLE ? PUT(long double) : PUT(double);
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* As much of a text as the precision lets through; its width has no meaning once it is escaped. */
static int put_text(struct buf *out, vane__format_fn fn, const struct spec *spec,
	struct arguments *args)
{
	const char *text;
	char c;

	if (spec->length != NONE)
		return -EINVAL; /* wide characters */
	if (spec->conversion == 'c') {
		c = (char) va_arg(args->list, int);
		return fn(out, (struct vane_slice) { &c, 1 });
	}
	text = va_arg(args->list, const char *);
	if (text == NULL)
		return 0;
	return fn(
		out, (struct vane_slice) { text,
			     spec->precision >= 0 ? strnlen(text, (size_t) spec->precision)
						  : strlen(text) });
}

static int put_spec(struct buf *out, vane__format_fn fn, const struct spec *spec,
	struct arguments *args)
{
	switch (spec->conversion) {
	case '%':
		return vane__buf_add(out, "%", 1);
	case 's':
	case 'c':
		return put_text(out, fn, spec, args);
	case 'd':
	case 'i':
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		return put_integer(out, spec, args);
	default:
		return put_other(out, spec, args);
	}
}

int vane__format(struct buf *out, vane__format_fn fn, const char *fmt, va_list list)
{
	struct arguments args;
	struct spec spec;
	int rc = 0;

	va_copy(args.list, list);
	while (*fmt != '\0' && rc == 0) {
		size_t len = strcspn(fmt, "%");

		rc = vane__buf_add(out, fmt, len);
		fmt += len;
		if (rc < 0 || *fmt == '\0')
			break;
		fmt++;
		rc = take_spec(&spec, &fmt, &args);
		if (rc == 0)
			rc = put_spec(out, fn, &spec, &args);
	}
	va_end(args.list);
	return rc;
}
