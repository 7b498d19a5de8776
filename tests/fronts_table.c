/* SPDX-License-Identifier: MIT */
/*
 * fronts_table.c - docs/fronts.md: what each front server changes, made from the rows and
 *the allow-list, which the conform_ programs hold true.
 *
 *	fronts_table --print > docs/fronts.md
 *
 * Without an argument it is a test: that the committed file says the same.
 */
#include "config.h" /* for VANE_WITH_FASTCGI, VANE_WITH_JANSSON and VANE_WITH_ZLIB */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allow.h"

static const struct {
	const char *name, *head, *title;
} fronts[] = {
	{ "native", "http", "the native server" },
	{ "cgi", "cgi", "a CGI program, started by a scripted web server" },
	{ "fastcgi", "fcgi", "a FastCGI responder, asked by a scripted web server" },
	{ "scgi", "scgi", "an SCGI responder, asked by a scripted web server" },
	{ "gateway-fastcgi", "gw-f", "vane-gateway --fastcgi" },
	{ "gateway-scgi", "gw-s", "vane-gateway --scgi" },
	{ "gateway-cgi", "gw-c", "vane-gateway --cgi" },
	{ "gateway-fcgiwrap", "gw-w",
		"vane-gateway --mode fastcgi --cgi, asked by a scripted web server" },
	{ "nginx-fastcgi", "ngx", "nginx, fastcgi_pass" },
	{ "nginx-fastcgi-kept", "ngx-k", "nginx, fastcgi_pass with kept connections" },
	{ "nginx-fastcgi-streamed", "ngx-s", "nginx, fastcgi_pass without buffering" },
	{ "nginx-fastcgi-kept-streamed", "ngx-ks", "nginx, fastcgi_pass with both" },
	{ "nginx-proxy", "ngx-p", "nginx, proxy_pass to the native server" },
	{ "nginx-scgi", "ngx-sc", "nginx, scgi_pass" },
	{ "nginx-scgi-streamed", "ngx-scs",
		"nginx, scgi_pass without buffering of responses" },
	{ "apache-proxy-fcgi", "ap-px", "Apache, mod_proxy_fcgi" },
	{ "apache-fcgid", "ap-fc", "Apache, mod_fcgid" },
	{ "apache-cgid", "ap-cgi", "Apache, mod_cgid" },
	{ "apache-proxy-scgi", "ap-sc", "Apache, mod_proxy_scgi" },
	{ "lighttpd", "lhttpd", "lighttpd, mod_fastcgi" },
	{ "lighttpd-scgi", "lh-sc", "lighttpd, mod_scgi" },
	{ "caddy", "caddy", "Caddy, its fastcgi transport" },
};

#define FRONTS (sizeof(fronts) / sizeof(*fronts))

static void print_intro(FILE *out)
{
	fputs("# What front servers change\n"
	      "\n"
	      "Made by `tests/fronts_table --print` from the rows of the conformance suite "
	      "and its\n"
	      "one list of allowed differences. Each row is asked through each front, and "
	      "must\n"
	      "give the same status, fields and bytes as the in-process test client does, "
	      "but for\n"
	      "what stands here. `make check` fails if something else differs, and if "
	      "something\n"
	      "that stands here does not.\n"
	      "\n"
	      "| column | front |\n|---|---|\n",
		out);
	for (size_t i = 0; i < FRONTS; i++)
		fprintf(out, "| %s | %s |\n", fronts[i].head, fronts[i].title);
}

static bool is_for_front(const struct allow *allow, size_t front)
{
	static const struct suite_row *const tables[] = { suite_requests, suite_responses };

	for (size_t t = 0; t < 2; t++) {
		for (const struct suite_row *row = tables[t]; row->name != NULL; row++) {
			if (allow_is_for(allow, fronts[front].name, row->name))
				return true;
		}
	}
	return false;
}

/* "a, b" for "a,b", as code where it is names. */
static void print_list(FILE *out, const char *list)
{
	for (; *list != '\0'; list++) {
		if (*list == ',')
			fputs(", ", out);
		else if (*list == '*')
			fputs("\\*", out);
		else
			fputc(*list, out);
	}
}

static void print_what(FILE *out, const struct allow *allow)
{
	static const char *const words[] = { "answers", "field", "handler sees another",
		"body", "looks whole", "no answer" };

	fputs(words[allow->what], out);
	if (allow->names == NULL)
		return;
	fputc(' ', out);
	print_list(out, allow->names);
}

static void print_changes(FILE *out)
{
	fputs("\n## The changes\n\n| | fronts | rows | what | why "
	      "|\n|---|---|---|---|---|\n",
		out);
	for (size_t n = 0; allow_list[n].fronts != NULL; n++) {
		const char *separator = "";

		fprintf(out, "| %zu | ", n + 1);
		for (size_t i = 0; i < FRONTS; i++) {
			if (!is_for_front(&allow_list[n], i))
				continue;
			fprintf(out, "%s%s", separator, fronts[i].head);
			separator = ", ";
		}
		fputs(" | ", out);
		if (allow_is_general(&allow_list[n]))
			fputs("all", out);
		else
			print_list(out, allow_list[n].rows);
		fputs(" | ", out);
		print_what(out, &allow_list[n]);
		fprintf(out, " | %s%s", allow_list[n].why,
			allow_list[n].sometimes ? " (not each time)" : "");
		if (allow_list[n].debian > 0)
			fprintf(out, " (up to Debian %d)", allow_list[n].debian);
		fputs(" |\n", out);
	}
}

static void print_cell(FILE *out, size_t front, const struct suite_row *row)
{
	const char *separator = " ";

	for (size_t n = 0; allow_list[n].fronts != NULL; n++) {
		if (allow_is_general(&allow_list[n]) ||
			!allow_is_for(&allow_list[n], fronts[front].name, row->name))
			continue;
		fprintf(out, "%s%zu", separator, n + 1);
		separator = ", ";
	}
	fputs(*separator == ' ' ? " = |" : " |", out);
}

static void print_rows(FILE *out, const struct suite_row *row)
{
	for (; row->name != NULL; row++) {
		fprintf(out, "| %s |", row->name);
		for (size_t i = 0; i < FRONTS; i++)
			print_cell(out, i, row);
		fputc('\n', out);
	}
}

static void print_all(FILE *out)
{
	print_intro(out);
	print_changes(out);
	fputs("\n## The rows\n\n"
	      "`=` is the same as the test client; a number is a change from above. What "
	      "is changed\n"
	      "in all rows is left out.\n\n| row |",
		out);
	for (size_t i = 0; i < FRONTS; i++)
		fprintf(out, " %s |", fronts[i].head);
	fputs("\n|---|", out);
	for (size_t i = 0; i < FRONTS; i++)
		fputs("---|", out);
	fputc('\n', out);
	print_rows(out, suite_requests);
	print_rows(out, suite_responses);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (file == NULL || getdelim(&text, &size, '\0', file) < 0)
		text = strdup("");
	if (file != NULL)
		fclose(file);
	return text;
}

static int compare_with_committed(void)
{
	const char *srcdir = getenv("srcdir");
	char path[512], *made = NULL, *committed;
	size_t size = 0;
	FILE *out = open_memstream(&made, &size);
	int rc;

	if (out == NULL)
		return 1;
	print_all(out);
	fclose(out);
	snprintf(path, sizeof(path), "%s/docs/fronts.md", srcdir == NULL ? "." : srcdir);
	committed = read_file(path);
	rc = strcmp(made, committed) == 0 ? 0 : 1;
	if (rc != 0)
		printf("%s is out of date: tests/fronts_table --print makes it\n", path);
	free(made);
	free(committed);
	return rc;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		print_all(stdout);
		return 0;
	}
#if !defined(VANE_WITH_FASTCGI) || !defined(VANE_WITH_JANSSON) || !defined(VANE_WITH_ZLIB)
	puts("SKIP: without libfcgi, jansson or zlib there are fewer rows than the table has");
	return 77;
#endif
	return compare_with_committed();
}
