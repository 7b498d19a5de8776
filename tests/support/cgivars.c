/* SPDX-License-Identifier: MIT */
/*
 * cgivars.c - CGI meta-variables for a request.
 */
#include "support/cgivars.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VARS_MAX 256

static void add(char **vars, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(char **vars, const char *fmt, ...)
{
	size_t i = 0;
	va_list args;

	while (vars[i] != NULL)
		i++;
	if (i >= VARS_MAX - 1)
		return;
	va_start(args, fmt);
	if (vasprintf(&vars[i], fmt, args) < 0)
		vars[i] = NULL;
	va_end(args);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return isxdigit((unsigned char) c) ? tolower((unsigned char) c) - 'a' + 10 : -1;
}

/* The path of a target, decoded as far as a variable can hold it. */
static void add_path(char **vars, const char *target)
{
	size_t len = strcspn(target, "?"), out = 0;
	char *path = malloc(len + 1);

	if (path == NULL)
		return;
	for (size_t i = 0; i < len; i++) {
		path[out] = target[i];
		if (target[i] == '%' && i + 2 < len && hex(target[i + 1]) >= 0 &&
			hex(target[i + 2]) >= 0) {
			path[out] = (char) (hex(target[i + 1]) * 16 + hex(target[i + 2]));
			i += 2;
		}
		out += path[out] != '\0';
	}
	path[out] = '\0';
	add(vars, "PATH_INFO=%s", path);
	free(path);
}

/* The variable of that name, "HTTP_X_Y=1", or NULL. */
static char **find(char **vars, const char *name, size_t len)
{
	for (; *vars != NULL; vars++) {
		if (strncmp(*vars, name, len) == 0 && (*vars)[len] == '=')
			return vars;
	}
	return NULL;
}

/* A field as HTTP_ variable; a repeated one is joined to the first. */
static void add_field(char **vars, const char *field)
{
	size_t len = strcspn(field, ":");
	const char *value = field + len + 1;
	char name[80] = "HTTP_", **before, *joined;
	size_t value_len, n = 5;

	value += strspn(value, " \t");
	for (value_len = strlen(value); value_len > 0; value_len--) {
		if (strchr(" \t", value[value_len - 1]) == NULL)
			break;
	}
	if (memchr(field, '_', len) != NULL)
		return; /* cannot be told from the one with "-": good servers drop it */
	for (size_t i = 0; i < len && n < sizeof(name) - 1; i++)
		name[n++] =
			field[i] == '-' ? '_' : (char) toupper((unsigned char) field[i]);
	name[n] = '\0';
	if (strcmp(name, "HTTP_CONTENT_TYPE") == 0)
		memmove(name, name + 5, n - 4);
	before = find(vars, name, strlen(name));
	if (before == NULL) {
		add(vars, "%s=%.*s", name, (int) value_len, value);
		return;
	}
	if (asprintf(&joined, "%s%s%.*s", *before,
		    strcmp(name, "HTTP_COOKIE") == 0 ? "; " : ", ", (int) value_len,
		    value) < 0)
		return;
	free(*before);
	*before = joined;
}

char **cgi_vars(const struct ask *ask)
{
	char **vars = calloc(VARS_MAX, sizeof(*vars));
	const char *query = strchr(ask->target, '?');

	if (vars == NULL)
		return NULL;
	add(vars, "GATEWAY_INTERFACE=CGI/1.1");
	add(vars, "SERVER_PROTOCOL=HTTP/1.1");
	add(vars, "SERVER_SOFTWARE=suite");
	add(vars, "SERVER_NAME=vane.test");
	add(vars, "SERVER_PORT=80");
	add(vars, "REMOTE_ADDR=127.0.0.1");
	add(vars, "REMOTE_PORT=12345");
	add(vars, "REQUEST_METHOD=%s", ask->method);
	add(vars, "REQUEST_URI=%s", ask->target);
	add(vars, "SCRIPT_NAME=");
	add_path(vars, ask->target);
	add(vars, "QUERY_STRING=%s", query == NULL ? "" : query + 1);
	if (ask->has_body || ask->chunked)
		add(vars, "CONTENT_LENGTH=%zu", ask->body_len);
	for (const char *const *field = ask->fields; *field != NULL; field++)
		add_field(vars, *field);
	return vars;
}

void cgi_vars_free(char **vars)
{
	for (size_t i = 0; vars != NULL && vars[i] != NULL; i++)
		free(vars[i]);
	free(vars);
}
