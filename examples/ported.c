/* SPDX-License-Identifier: MIT */
/*
 * ported.c - a program that was written against libfcgi, and is a handler now.
 *
 *	examples/ported --mode=http --listen=127.0.0.1:8001
 *	curl --data-binary @NEWS http://127.0.0.1:8001/		numbers the lines
 *
 * Its accept loop was
 *
 *	FCGX_Init();
 *	FCGX_InitRequest(&request, 0, 0);
 *	while (FCGX_Accept_r(&request) >= 0)
 *		answer(&request);
 *
 * and what answer() does is as it was.  It runs as FastCGI, SCGI and CGI program too.
 */
#include <stdbool.h>
#include <string.h>

#include <fcgiapp.h>
#include <vane.h>
#include <vane/fcgx.h>

static const char *param(const FCGX_Request *request, const char *name)
{
	const char *value = FCGX_GetParam(name, request->envp);

	return value != NULL ? value : "";
}

static void number_lines(FCGX_Stream *in, FCGX_Stream *out)
{
	bool begins = true;
	int number = 0;
	char line[80];

	while (FCGX_GetLine(line, sizeof(line), in) != NULL) {
		if (begins)
			FCGX_FPrintF(out, "%4d  ", ++number);
		FCGX_PutS(line, out);
		begins = strchr(line, '\n') != NULL;
	}
}

static int answer(FCGX_Request *request)
{
	const char *path = param(request, "PATH_INFO");

	if (strcmp(path, "/old") == 0) {
		FCGX_FPrintF(request->out, "Location: %s/\r\n\r\n",
			param(request, "SCRIPT_NAME"));
	} else if (strcmp(path, "/") != 0) {
		FCGX_FPrintF(request->err, "there is no %s\n", path);
		FCGX_FPrintF(request->out,
			"Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\n"
			"There is no %s here.\n",
			path);
	} else {
		FCGX_FPrintF(request->out, "Content-Type: text/plain\r\n\r\n");
		if (strcmp(param(request, "REQUEST_METHOD"), "POST") != 0)
			FCGX_FPrintF(request->out, "Post some lines.\n");
		number_lines(request->in, request->out);
	}
	return 0;
}

static struct vane_fcgx_program program = { .answer = answer };

static const struct vane_route routes[] = {
	VANE_ROUTE("/{path:.*}", &vane_fcgx_handler, &program),
	VANE_END,
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
