/* SPDX-License-Identifier: MIT */
/*
 * fuzz_replay.c - run a fuzz target on its corpus, without a fuzzer.
 *
 * fuzz_uri runs every file in tests/corpus/uri, or in the directories that it is given, and
 * every beginning of each.  An input has memory of its own that ends where it ends, so that
 * a sanitizer or valgrind sees what is read behind it.
 */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

#define MAX_BYTES 65536 /* of a file; beginnings make it a square */

static void run(const char *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, data, size);
	FUZZ_CHECK(LLVMFuzzerTestOneInput(copy, size) == 0);
	free(copy);
}

/* Run a file: false if it cannot be read whole. */
static bool run_file(const char *path)
{
	static char data[MAX_BYTES];
	FILE *file = fopen(path, "rb");
	size_t size, len;
	bool whole;

	if (file == NULL)
		return false;
	size = fread(data, 1, sizeof(data), file);
	whole = fgetc(file) == EOF && !ferror(file);
	fclose(file);
	if (!whole)
		return false;
	for (len = 0; len <= size; len++)
		run(data, len);
	return true;
}

/* Run the files of a directory: their number, or -1. */
static int run_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[PATH_MAX + NAME_MAX + 2];
	int files = 0;

	if (dir == NULL)
		return -1;
	while (files >= 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		fprintf(stderr, "%s\n", name); /* the last one is what failed */
		files = run_file(name) ? files + 1 : -1;
	}
	closedir(dir);
	return files;
}

/* tests/corpus/uri below $srcdir for .../fuzz_uri */
static void default_directory(char *path, size_t size, const char *program)
{
	const char *srcdir = getenv("srcdir");
	const char *slash = strrchr(program, '/');
	const char *name = slash != NULL ? slash + 1 : program;
	const char *target = strstr(name, "fuzz_");

	snprintf(path, size, "%s/tests/corpus/%s", srcdir != NULL ? srcdir : ".",
		target != NULL ? target + strlen("fuzz_") : name);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	int i, files, total = 0;

	default_directory(path, sizeof(path), argv[0]);
	for (i = 1; i < argc || i == 1; i++) {
		const char *directory = i < argc ? argv[i] : path;

		files = run_directory(directory);
		if (files < 0) {
			fprintf(stderr, "%s: cannot be read\n", directory);
			return 1;
		}
		total += files;
	}
	printf("%d files\n", total);
	return total > 0 ? 0 : 1;
}
