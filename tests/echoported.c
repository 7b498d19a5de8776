/* SPDX-License-Identifier: MIT */
/*
 * echoported.c - what code written against libfcgi answers: the same through every door.
 */
#include "echoported.h"

#include <fcgi_stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/pattern.h"

/* More than any row asks for: fuzzers ask for everything. */
#define BYTES_MAX (16 * 1024 * 1024)

static const char *param(FCGX_ParamArray envp, const char *name)
{
	const char *value = FCGX_GetParam(name, envp);

	return value != NULL ? value : "(none)";
}

static int big(FCGX_Request *request)
{
	size_t left = strtoul(param(request->envp, "PATH_INFO") + 1, NULL, 10), at = 0;
	char piece[3000];

	if (left > BYTES_MAX)
		return 400;
	FCGX_PutS("Content-Type: application/octet-stream\r\n\r\n", request->out);
	while (left > 0) {
		size_t n = left < sizeof(piece) ? left : sizeof(piece);

		pattern_fill(piece, at, n);
		if (FCGX_PutStr(piece, (int) n, request->out) < 0)
			return 0;
		at += n;
		left -= n;
	}
	return 0;
}

static int echo(FCGX_Request *request)
{
	char piece[1000];
	int n;

	FCGX_FPrintF(request->out, "Content-Type: %s\r\n\r\n",
		param(request->envp, "CONTENT_TYPE"));
	while ((n = FCGX_GetStr(piece, sizeof(piece), request->in)) > 0)
		FCGX_PutStr(piece, n, request->out);
	return 0;
}

static int env(FCGX_Request *request)
{
	static const char *const names[] = { "REQUEST_METHOD", "REQUEST_URI",
		"QUERY_STRING", "SCRIPT_NAME", "PATH_INFO", "CONTENT_LENGTH",
		"CONTENT_TYPE", "HTTP_HOST", "HTTP_X_A", "HTTP_PROXY" };
	size_t i;

	FCGX_PutS("Content-Type: text/plain\n\n", request->out);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		FCGX_FPrintF(
			request->out, "%s=%s\n", names[i], param(request->envp, names[i]));
	return 0;
}

static int flush(FCGX_Request *request)
{
	FCGX_PutS("Content-Type: text/plain\r\n\r\nfirst\n", request->out);
	FCGX_FFlush(request->out);
	FCGX_PutS("second\n", request->out);
	FCGX_FFlush(request->out);
	FCGX_Finish_r(request);
	return 0;
}

static int head(FCGX_Request *request)
{
	FCGX_PutS("Status: 418 I'm a teapot\nContent-Type: text/plain\nX-Ported: yes\n"
		  "Set-Cookie: a=1\nSet-Cookie: b=2\nContent-Length: 6\n\nshort and stout",
		request->out);
	return 0;
}

/* To where the query says. */
static int location(FCGX_Request *request)
{
	FCGX_FPrintF(
		request->out, "Location: %s\r\n\r\n", param(request->envp, "QUERY_STRING"));
	return 0;
}

static int none(FCGX_Request *request)
{
	FCGX_PutS("<html>no head</html>\n", request->out);
	return 0;
}

static int stdio(void)
{
	char line[30];

	printf("Content-Type: text/plain\n\n%s %s\n", getenv("REQUEST_METHOD"),
		getenv("QUERY_STRING"));
	while (fgets(line, sizeof(line), stdin) != NULL)
		printf("[%s]", line);
	return 0;
}

struct vane_fcgx_program ported_big = { .answer = big };
struct vane_fcgx_program ported_big_spooled = { .answer = big,
	.max_spool_bytes = 1024 * 1024 };
struct vane_fcgx_program ported_echo = { .answer = echo };
struct vane_fcgx_program ported_env = { .answer = env };
struct vane_fcgx_program ported_flush = { .answer = flush };
struct vane_fcgx_program ported_head = { .answer = head };
struct vane_fcgx_program ported_location = { .answer = location };
struct vane_fcgx_program ported_none = { .answer = none };
struct vane_fcgx_program ported_stdio = { .answer_stdio = stdio };
