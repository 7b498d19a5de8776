/* SPDX-License-Identifier: MIT */
/*
 * inherit.c - what a program hands over to the one that is started in its place: as text in a
 * variable of the environment.
 *
 * A line for each thing, "socket 3 127.0.0.1:8888".  What a later version does not know is passed
 * over, so that versions of Vane can follow each other.
 */
#include "inherit.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "inherit_exec.h"

static const char *const role_names[] = { "none", "rehearsal", "worker", "master" };
static const char *const state_names[] = { "keep", "old", "leaving" };

/* What is text, by the word before it. */
static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{ "mode", offsetof(struct vane__inheritance, mode) },
	{ "fdnames", offsetof(struct vane__inheritance, fdnames) },
	{ "notify", offsetof(struct vane__inheritance, notify) },
	{ "watchdog", offsetof(struct vane__inheritance, watchdog) },
};

static char **text_at(const struct vane__inheritance *inherit, size_t i)
{
	return (char **) ((uintptr_t) inherit + texts[i].offset);
}

void vane__inherit_init(struct vane__inheritance *inherit)
{
	*inherit = (struct vane__inheritance) {
		.report = -1, .life = { -1, -1 }, .handover = { -1, -1 }, .board = -1
	};
}

void vane__inherit_fini(struct vane__inheritance *inherit)
{
	size_t i;

	for (i = 0; i < inherit->socket_count; i++)
		free(inherit->sockets[i].place);
	free(inherit->sockets);
	free(inherit->workers);
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		free(*text_at(inherit, i));
	vane__inherit_init(inherit);
}

int vane__inherit_add_socket(struct vane__inheritance *inherit, int fd, const char *place)
{
	struct vane__inherit_socket *grown =
		realloc(inherit->sockets, (inherit->socket_count + 1) * sizeof(*grown));
	char *copy = strdup(place);

	if (grown != NULL)
		inherit->sockets = grown;
	if (grown == NULL || copy == NULL) {
		free(copy);
		return -ENOMEM;
	}
	grown[inherit->socket_count++] = (struct vane__inherit_socket) { fd, copy };
	return 0;
}

void vane__inherit_swap_sockets(struct vane__inheritance *a, struct vane__inheritance *b)
{
	struct vane__inherit_socket *sockets = a->sockets;
	size_t count = a->socket_count;

	a->sockets = b->sockets;
	a->socket_count = b->socket_count;
	b->sockets = sockets;
	b->socket_count = count;
}

bool vane__inherit_has_socket(const struct vane__inheritance *inherit, int fd)
{
	size_t i;

	for (i = 0; i < inherit->socket_count; i++)
		if (inherit->sockets[i].fd == fd)
			return true;
	return false;
}

int vane__inherit_add_worker(struct vane__inheritance *inherit,
	enum vane__inherit_state state, int id, pid_t pid)
{
	struct vane__inherit_worker *grown =
		realloc(inherit->workers, (inherit->worker_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	inherit->workers = grown;
	grown[inherit->worker_count++] = (struct vane__inherit_worker) { state, id, pid };
	return 0;
}

/* ---- as text ---- */

static void write_all_lines(FILE *out, const struct vane__inheritance *inherit)
{
	size_t i;

	fprintf(out, "role %s\nfrom %ld\nmask %" PRIx64 "\n", role_names[inherit->role],
		(long) inherit->from, inherit->mask);
	fprintf(out, "report %d\nboard %d\nlife %d %d\nhandover %d %d\n", inherit->report,
		inherit->board, inherit->life[0], inherit->life[1], inherit->handover[0],
		inherit->handover[1]);
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (*text_at(inherit, i) != NULL)
			fprintf(out, "%s %s\n", texts[i].name, *text_at(inherit, i));
	for (i = 0; i < inherit->socket_count; i++)
		fprintf(out, "socket %d %s\n", inherit->sockets[i].fd,
			inherit->sockets[i].place);
	for (i = 0; i < inherit->worker_count; i++)
		fprintf(out, "%s %d %ld\n", state_names[inherit->workers[i].state],
			inherit->workers[i].id, (long) inherit->workers[i].pid);
}

char *vane__inherit_format(const struct vane__inheritance *inherit)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	write_all_lines(out, inherit);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Read a number and the blank behind it.  False if there is none. */
static bool number(const char **at, long *n)
{
	char *end;

	if (**at != '-' && !isdigit((unsigned char) **at))
		return false;
	*n = strtol(*at, &end, 10);
	while (*end == ' ')
		end++;
	*at = end;
	return true;
}

static int two_numbers(const char *rest, int *numbers)
{
	long a, b;

	if (!number(&rest, &a) || !number(&rest, &b))
		return -EINVAL;
	numbers[0] = (int) a;
	numbers[1] = (int) b;
	return 0;
}

static int copy(char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	return *to == NULL ? -ENOMEM : 0;
}

static int read_socket(struct vane__inheritance *inherit, const char *rest)
{
	long fd;

	return number(&rest, &fd) && fd >= 0
		       ? vane__inherit_add_socket(inherit, (int) fd, rest)
		       : -EINVAL;
}

/* A word of a table: its index, or -1. */
static int find(const char *const *words, size_t count, const char *word)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return (int) i;
	return -1;
}

static int read_line(struct vane__inheritance *inherit, char *line)
{
	char *rest = strchr(line, ' ');
	int which, pair[2];
	long n = 0;
	size_t i;

	if (rest == NULL)
		return -EINVAL;
	*rest++ = '\0';
	if (strcmp(line, "socket") == 0)
		return read_socket(inherit, rest);
	if (strcmp(line, "life") == 0)
		return two_numbers(rest, inherit->life);
	if (strcmp(line, "handover") == 0)
		return two_numbers(rest, inherit->handover);
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (strcmp(line, texts[i].name) == 0)
			return copy(text_at(inherit, i), rest);
	which = find(state_names, ARRAY_SIZE(state_names), line);
	if (which >= 0)
		return two_numbers(rest, pair) < 0 || pair[0] < 0 || pair[1] <= 0
			       ? -EINVAL
			       : vane__inherit_add_worker(inherit,
					 (enum vane__inherit_state) which, pair[0],
					 pair[1]);
	if (strcmp(line, "role") == 0) {
		which = find(role_names, ARRAY_SIZE(role_names), rest);
		inherit->role =
			which < 0 ? VANE__INHERIT_NONE : (enum vane__inherit_role) which;
		return which <= 0 ? -EINVAL : 0;
	}
	if (strcmp(line, "mask") == 0) {
		inherit->mask = strtoull(rest, NULL, 16);
		return 0;
	}
	if (strcmp(line, "from") != 0 && strcmp(line, "report") != 0 &&
		strcmp(line, "board") != 0)
		return 0;
	if (!number((const char **) &rest, &n))
		return -EINVAL;
	if (line[0] == 'f')
		inherit->from = (pid_t) n;
	else
		*(line[0] == 'r' ? &inherit->report : &inherit->board) = (int) n;
	return 0;
}

int vane__inherit_parse(struct vane__inheritance *inherit, const char *text)
{
	char *all = strdup(text), *save = NULL, *line;
	int rc = all == NULL ? -ENOMEM : 0;

	vane__inherit_init(inherit);
	for (line = rc == 0 ? strtok_r(all, "\n", &save) : NULL; line != NULL && rc == 0;
		line = strtok_r(NULL, "\n", &save))
		rc = read_line(inherit, line);
	free(all);
	if (rc == 0 && inherit->role == VANE__INHERIT_NONE)
		rc = -EINVAL;
	if (rc < 0)
		vane__inherit_fini(inherit);
	return rc;
}

/* ---- descriptors ---- */

static int mark(int fd, bool keep)
{
	if (fd < 0)
		return 0;
	return fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

int vane__inherit_keep_open(const struct vane__inheritance *inherit, bool keep)
{
	const int fds[] = { inherit->report, inherit->board, inherit->life[0],
		inherit->life[1], inherit->handover[0], inherit->handover[1] };
	int rc = 0, one;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		one = mark(fds[i], keep);
		rc = rc == 0 ? one : rc;
	}
	for (i = 0; i < inherit->socket_count; i++) {
		one = mark(inherit->sockets[i].fd, keep);
		rc = rc == 0 ? one : rc;
	}
	return rc;
}

int vane__inherit_take(struct vane__inheritance *inherit)
{
	const char *text = getenv(VANE__INHERIT_VARIABLE);
	int rc;

	vane__inherit_init(inherit);
	if (getuid() != geteuid() || getgid() != getegid()) { /* it is the caller's word */
		unsetenv(VANE__INHERIT_VARIABLE);
		return 0;
	}
	if (text == NULL)
		return 0;
	rc = vane__inherit_parse(inherit, text);
	unsetenv(VANE__INHERIT_VARIABLE);
	if (rc < 0)
		return rc;
	if (inherit->from !=
		(inherit->role == VANE__INHERIT_MASTER ? getpid() : getppid())) {
		vane__inherit_fini(inherit);
		return 0;
	}
	rc = vane__inherit_keep_open(inherit, false);
	if (rc < 0)
		vane__inherit_fini(inherit);
	return rc;
}

void vane__inherit_report(struct vane__inheritance *inherit)
{
	ssize_t n;

	if (inherit->report < 0)
		return;
	n = write(inherit->report, "", 1);
	(void) n;
	close(inherit->report);
	inherit->report = -1;
}
