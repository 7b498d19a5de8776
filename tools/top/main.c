/* SPDX-License-Identifier: MIT */
/*
 * main.c - vane-top: what a program that serves with --status is doing, in a terminal.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fetch.h"
#include "jsondoc.h"
#include "table.h"

#define DEFAULT_ADDRESS "127.0.0.1:8888"
#define DEFAULT_PATH    "/_status"

struct wanted {
	const char *address, *path;
	int interval_msec;
	bool once;
};

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: vane-top [--once] [--interval=SECONDS] [ADDRESS [PATH]]\n"
		     "\n"
		     "Shows the figures of a program that serves with --status=PATH.\n"
		     "\n"
		     "  ADDRESS     HOST:PORT or unix:PATH; " DEFAULT_ADDRESS "\n"
		     "  PATH        of --status, behind --mount; " DEFAULT_PATH "\n"
		     "  --interval  between two looks; 1\n"
		     "  --once      print once, as plain text, and leave\n");
	return status;
}

static int refuse(const char *word)
{
	fprintf(stderr, "vane-top: what is %s?\n", word);
	return usage(stderr, 2);
}

/* 0, or what to leave with and -1 for a wrong word. */
static int read_words(struct wanted *wanted, int argc, char **argv)
{
	int places = 0, i;

	for (i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--once") == 0) {
			wanted->once = true;
		} else if (strncmp(word, "--interval=", 11) == 0) {
			char *end;
			double seconds = strtod(word + 11, &end);

			if (*end != '\0' || !(seconds >= 0.1 && seconds <= 3600))
				return refuse(word);
			wanted->interval_msec = (int) (seconds * 1000);
		} else if (word[0] == '-' || places == 2) {
			return refuse(word);
		} else if (places++ == 0) {
			wanted->address = word;
		} else {
			wanted->path = word;
		}
	}
	return strpbrk(wanted->path, " \r\n?") != NULL || wanted->path[0] != '/'
		       ? refuse(wanted->path)
		       : 0;
}

static struct jsondoc *ask(const struct wanted *wanted, char **text, const char **why)
{
	struct jsondoc *doc = NULL;
	char target[1024];

	snprintf(target, sizeof(target), "%s?format=json", wanted->path);
	*text = fetch(wanted->address, target, why);
	if (*text != NULL) {
		doc = jsondoc_read(*text);
		if (doc == NULL || doc->type != JSONDOC_OBJECT) {
			*why = "what was answered is not the JSON of --status";
			jsondoc_free(doc);
			doc = NULL;
		}
	}
	return doc;
}

/* Print once; 0, or -1 where there is nothing to print, which is said. */
static int show(const struct wanted *wanted, const struct table *table)
{
	const char *why;
	char *text;
	struct jsondoc *doc = ask(wanted, &text, &why);

	if (doc != NULL)
		table_print(table, doc);
	else
		fprintf(wanted->once ? stderr : table->out, "vane-top: %s%s: %s%s",
			wanted->address, wanted->path, why, table->line_end);
	jsondoc_free(doc);
	free(text);
	return doc != NULL ? 0 : -1;
}

/* Draw over what was drawn before: from the top, each line to its end, and then the rest. */
static void watch(const struct wanted *wanted)
{
	struct table table = { .out = stdout, .line_end = "\033[K\n" };
	struct winsize size;

	printf("\033[2J");
	for (;;) {
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
			table.columns = size.ws_col;
			table.rows = size.ws_row;
		}
		printf("\033[H");
		show(wanted, &table);
		printf("\033[J");
		fflush(stdout);
		poll(NULL, 0, wanted->interval_msec);
	}
}

int main(int argc, char **argv)
{
	const struct table plain = { .out = stdout, .line_end = "\n" };
	struct wanted wanted = {
		.address = DEFAULT_ADDRESS, .path = DEFAULT_PATH, .interval_msec = 1000
	};
	int rc;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage(stdout, 0);
	rc = read_words(&wanted, argc, argv);
	if (rc != 0)
		return rc;
	if (!wanted.once)
		watch(&wanted);
	return show(&wanted, &plain) < 0 ? 1 : 0;
}
