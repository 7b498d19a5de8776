/* SPDX-License-Identifier: MIT */
/*
 * debug_source.c - the lines of a source file around one of them.
 */
#include "debug_report.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line is cut there. */
#define MAX_BYTES 200

/* Only a regular file: nothing is waited for. */
static FILE *open_source(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *stream;

	if (fd < 0)
		return NULL;
	stream = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
	if (stream == NULL)
		close(fd);
	return stream;
}

/* The next line, without its end.  Whether there is one. */
static bool read_line(FILE *stream, char buf[MAX_BYTES])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(stream)) != EOF && c != '\n')
		if (len < MAX_BYTES - 1 && c != '\0' && c != '\r')
			buf[len++] = (char) c;
	buf[len] = '\0';
	return c != EOF || len > 0;
}

void vane__debug_source(
	struct vane__source_lines *out, struct arena *arena, const char *file, int line)
{
	int last = line + VANE__SOURCE_AROUND, number;
	char buf[MAX_BYTES];
	FILE *stream;

	out->count = 0;
	out->first = line > VANE__SOURCE_AROUND ? line - VANE__SOURCE_AROUND : 1;
	stream = file != NULL && line > 0 ? open_source(file) : NULL;
	if (stream == NULL)
		return;
	for (number = 1; number <= last && read_line(stream, buf); number++) {
		const char *copy = number < out->first
					   ? NULL
					   : vane__arena_dup(arena, buf, strlen(buf));

		if (copy != NULL)
			out->lines[out->count++] = copy;
	}
	fclose(stream);
}
