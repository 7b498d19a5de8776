/* SPDX-License-Identifier: MIT */
/*
 * ported_stdio.c - the same as ported.c, of a program that prints through fcgi_stdio.h.
 *
 * Its accept loop was
 *
 *	while (FCGI_Accept() >= 0)
 *		answer();
 *
 * printf(), stdin and getenv() are the request's while answer() runs.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <fcgi_stdio.h>
#include <vane.h>
#include <vane/fcgx.h>

static const char *param(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "";
}

static void number_lines(void)
{
	bool begins = true;
	int number = 0;
	char line[80];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (begins)
			printf("%4d  ", ++number);
		fputs(line, stdout);
		begins = strchr(line, '\n') != NULL;
	}
}

static int answer(void)
{
	const char *path = param("PATH_INFO");

	if (strcmp(path, "/old") == 0) {
		printf("Location: %s/\n\n", param("SCRIPT_NAME"));
	} else if (strcmp(path, "/") != 0) {
		fprintf(stderr, "there is no %s\n", path);
		printf("Status: 404 Not Found\nContent-Type: text/plain\n\n"
		       "There is no %s here.\n",
			path);
	} else {
		printf("Content-Type: text/plain\n\n");
		if (strcmp(param("REQUEST_METHOD"), "POST") != 0)
			printf("Post some lines.\n");
		number_lines();
	}
	return 0;
}

static struct vane_fcgx_program program = { .answer_stdio = answer };

static const struct vane_route routes[] = {
	VANE_ROUTE("/{path:.*}", &vane_fcgx_handler, &program),
	VANE_END,
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
