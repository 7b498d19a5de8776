/* SPDX-License-Identifier: MIT */
/*
 * origin.c - how this program was started: its file, folder and words, to start it anew.
 */
#include "config.h"

#include "origin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#define SELF "/proc/self/exe"

/* A folder and a name in it; an empty folder is the current one. */
static char *join(const char *folder, size_t len, const char *cwd, const char *name)
{
	char *path = NULL;
	int n;

	if (len > 0 && folder[0] == '/')
		n = asprintf(&path, "%.*s/%s", (int) len, folder, name);
	else if (cwd == NULL)
		return NULL;
	else
		n = asprintf(&path, "%s/%.*s%s%s", cwd, (int) len, folder,
			len > 0 ? "/" : "", name);
	return n < 0 ? NULL : path;
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *vane__origin_find(const char *word, const char *cwd, const char *path)
{
	size_t len;
	char *found;

	if (word[0] == '/')
		return strdup(word);
	if (strchr(word, '/') != NULL)
		return join("", 0, cwd, word);
	for (; path != NULL; path = path[len] == ':' ? path + len + 1 : NULL) {
		len = strcspn(path, ":");
		found = join(path, len, cwd, word);
		if (found != NULL && is_program(found))
			return found;
		free(found);
	}
	return NULL;
}

/* All words, each with a NUL behind it; NULL: they cannot be read.  The length is never 0. */
static char *read_words(size_t *len)
{
	FILE *in = fopen("/proc/self/cmdline", "re");
	char *words = NULL;
	size_t size = 0;
	ssize_t n;

	*len = 0;
	if (in == NULL)
		return NULL;
	n = getdelim(&words, &size, EOF, in);
	fclose(in);
	if (n > 0 && words[n - 1] == '\0') {
		*len = (size_t) n;
		return words;
	}
	free(words);
	return NULL;
}

static char *copy_words(int argc, char *const *argv, size_t *len)
{
	char *words = NULL;
	FILE *out = open_memstream(&words, len);
	int i;

	if (out == NULL)
		return NULL;
	for (i = 0; i < argc; i++)
		fwrite(argv[i], 1, strlen(argv[i]) + 1, out);
	if (fclose(out) == 0 && argc > 0)
		return words;
	free(words);
	return NULL;
}

static char **split_words(char *words, size_t len)
{
	size_t i, count = 0;
	char **argv;

	for (i = 0; i < len; i++)
		count += words[i] == '\0';
	argv = calloc(count + 1, sizeof(*argv));
	for (i = 0, count = 0; argv != NULL && i < len; i += strlen(words + i) + 1)
		argv[count++] = words + i;
	return argv;
}

int vane__origin_init(struct vane__origin *origin, int argc, char *const *argv)
{
	size_t len;

	*origin = (struct vane__origin) { .cwd = getcwd(NULL, 0) };
	origin->words = read_words(&len);
	if (origin->words == NULL)
		origin->words = copy_words(argc, argv, &len);
	if (origin->words != NULL)
		origin->argv = split_words(origin->words, len);
	if (origin->argv == NULL)
		return -ENOMEM;
	origin->path = vane__origin_find(origin->argv[0], origin->cwd, getenv("PATH"));
	if (origin->path == NULL)
		origin->path = realpath(SELF, NULL);
	return 0;
}

void vane__origin_fini(struct vane__origin *origin)
{
	free(origin->path);
	free(origin->cwd);
	free(origin->words);
	free(origin->argv);
	*origin = (struct vane__origin) { 0 };
}

static struct vane__inherit_program program(
	const struct vane__origin *origin, const char *file)
{
	return (struct vane__inherit_program) { file, origin->cwd, origin->argv };
}

/* By its path, if that is still the same file: the system names processes by what was executed. */
struct vane__inherit_program vane__origin_again(const struct vane__origin *origin)
{
	struct stat self, file;

	if (origin->path != NULL && stat(SELF, &self) == 0 &&
		stat(origin->path, &file) == 0 && self.st_dev == file.st_dev &&
		self.st_ino == file.st_ino)
		return program(origin, origin->path);
	return program(origin, access(SELF, F_OK) == 0 ? SELF : origin->path);
}

struct vane__inherit_program vane__origin_file(const struct vane__origin *origin)
{
	return program(origin, origin->path != NULL ? origin->path : SELF);
}

void vane__origin_name(const struct vane__origin *origin)
{
#ifdef PR_SET_NAME
	const char *slash = strrchr(origin->argv[0], '/');

	prctl(PR_SET_NAME, slash != NULL ? slash + 1 : origin->argv[0]);
#endif
}
