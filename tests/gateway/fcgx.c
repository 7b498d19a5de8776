/* SPDX-License-Identifier: MIT */
/*
 * fcgx.c - a FastCGI program as they are written with libfcgi alone: a loop around
 * FCGX_Accept(), one request at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcgiapp.h>

static const char *param(char **env, const char *name)
{
	const char *value = FCGX_GetParam(name, env);

	return value == NULL ? "" : value;
}

int main(void)
{
	FCGX_Stream *in, *out, *err;
	FCGX_ParamArray env;
	char buf[4096];
	int count = 0, n;

	while (FCGX_Accept(&in, &out, &err, &env) >= 0) {
		long bytes = 0;

		if (strcmp(param(env, "QUERY_STRING"), "exit") == 0)
			exit(7);
		while ((n = FCGX_GetStr(buf, sizeof(buf), in)) > 0)
			bytes += n;
		FCGX_FPrintF(err, "request %d of %d\n", ++count, (int) getpid());
		FCGX_FPrintF(out,
			"Status: 203 Third Hand\r\nContent-Type: text/plain\r\n\r\n"
			"%s %s%s\nrequest %d of %d\n%ld bytes\n",
			param(env, "REQUEST_METHOD"), param(env, "SCRIPT_NAME"),
			param(env, "PATH_INFO"), count, (int) getpid(), bytes);
	}
	return 0;
}
