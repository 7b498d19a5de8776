/* SPDX-License-Identifier: MIT */
/*
 * autoreload.c - watches files by stat() twice a second, and has the program restarted when one
 * of them was modified and rests.
 *
 * A file rests when two looks find the same, and nobody has the program open to write to it.  What is
 * compared is what stat() says: a file that is put in the place of another is noticed, and so is one
 * that is older.  What is gone is waited for: linkers delete before they write.
 */
#include "config.h" /* for F_SETLEASE */

#include "autoreload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/main.h>

#define SELF      "/proc/self/exe"

#define LOOK_MSEC 500

/* A new program has this long to come up, in looks. */
#define DUE_LOOKS 60

/* One that is being written is waited for no longer than this: the system may be mistaken. */
#define WRITING_LOOKS 20

struct look {
	bool there;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct file {
	struct file *next;
	struct look base, last; /* when it was read, and half a second ago */
	char path[];
};

/* As options are: named before there is a loop, and one list for the process. */
static struct {
	struct file *files;
	const char *program;
	struct vane_loop *loop;
	struct vane_timer *timer;
	vane_loop_fn changed;
	void *data;
	int due, writing; /* looks that are left, and that were in vain */
} watch;

static struct look look_at(const char *path)
{
	struct look look = { 0 };
	struct stat st;

	if (stat(path, &st) < 0)
		return look;
	look = (struct look) { true, st.st_dev, st.st_ino, st.st_size, st.st_mtim };
	return look;
}

static bool is_same(const struct look *a, const struct look *b)
{
	return a->there == b->there && a->dev == b->dev && a->ino == b->ino &&
	       a->size == b->size && a->mtime.tv_sec == b->mtime.tv_sec &&
	       a->mtime.tv_nsec == b->mtime.tv_nsec;
}

static struct file *find(const char *path)
{
	struct file *file = watch.files;

	while (file != NULL && strcmp(file->path, path) != 0)
		file = file->next;
	return file;
}

/* The one that is there already keeps what it was first. */
static int add(const char *path, const struct look *base)
{
	size_t size = strlen(path) + 1;
	struct file *file;

	if (find(path) != NULL)
		return 0;
	file = malloc(sizeof(*file) + size);
	if (file == NULL)
		return -ENOMEM;
	memcpy(file->path, path, size);
	file->base = file->last = *base;
	file->next = watch.files;
	watch.files = file;
	return 0;
}

int vane_autoreload_watch(const char *path)
{
	char *folder = NULL, *absolute = NULL;
	struct look look;
	int rc;

	if (path == NULL || path[0] == '\0')
		return -EINVAL;
	look = look_at(path);
	if (path[0] == '/')
		return add(path, &look);
	folder = getcwd(NULL, 0);
	if (folder == NULL)
		return -errno;
	rc = asprintf(&absolute, "%s/%s", folder, path) < 0 ? -ENOMEM : 0;
	free(folder);
	if (rc == 0) {
		rc = add(absolute, &look);
		free(absolute);
	}
	return rc;
}

/* ---- the program and its libraries ---- */

/* Whether a path stands for what runs here, or for a file that took the place of that. */
static bool is_own(const char *path)
{
	static const char gone[] = " (deleted)";
	char self[PATH_MAX], *real;
	ssize_t n = readlink(SELF, self, sizeof(self) - 1);
	size_t len = n > 0 ? (size_t) n : 0;
	bool same;

	if (len > sizeof(gone) - 1 &&
		memcmp(self + len - (sizeof(gone) - 1), gone, sizeof(gone) - 1) == 0)
		len -= sizeof(gone) - 1;
	self[len] = '\0';
	real = realpath(path, NULL);
	same = real != NULL && strcmp(real, self) == 0;
	free(real);
	return same;
}

/*
 * What runs is compared with what is at its path: a change between the start and the first look
 * is seen.  A script that became this program has no such twin.
 */
static int add_program(const char *path)
{
	struct look look = look_at(is_own(path) ? SELF : path);

	return add(path, &look);
}

/* Those of the system change when it is upgraded, many at a time, and not by a build. */
static bool is_systems(const char *path)
{
	static const char *const folders[] = { "/usr/", "/lib", "/nix/", "/gnu/" };
	size_t i;

	if (strncmp(path, "/usr/local/", 11) == 0)
		return false;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

static int add_mapped(char *line)
{
	char *path = strchr(line, '/');
	struct look look;

	if (path == NULL)
		return 0;
	path[strcspn(path, "\n")] = '\0';
	if (strstr(path, ".so") == NULL || is_systems(path))
		return 0;
	look = look_at(path);
	return look.there ? add(path, &look) : 0;
}

/* Without /proc there are none. */
static int add_libraries(void)
{
	FILE *in = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	if (in == NULL)
		return 0;
	while (rc == 0 && getline(&line, &size, in) > 0)
		rc = add_mapped(line);
	free(line);
	fclose(in);
	return rc;
}

/*
 * Whether somebody has the file open to write to it, who could not be told from the time of the last
 * change: a lease to read is refused then.  A signal would say that one is broken.
 */
static bool is_being_written(const char *path)
{
#ifdef F_SETLEASE
	const struct sigaction none = { .sa_handler = SIG_IGN };
	struct sigaction before;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool refused;

	if (fd < 0)
		return false;
	sigaction(SIGIO, &none, &before);
	refused = fcntl(fd, F_SETLEASE, F_RDLCK) < 0 && errno == EAGAIN;
	close(fd);
	sigaction(SIGIO, &before, NULL);
	return refused;
#else
	(void) path;
	return false;
#endif
}

/* ---- the looks ---- */

/* The first that has changed, if all that have changed rest. */
static struct file *find_change(void)
{
	struct file *file, *first = NULL;
	bool rests = true;

	for (file = watch.files; file != NULL; file = file->next) {
		const struct look now = look_at(file->path);

		if (!is_same(&now, &file->last)) {
			file->last = now;
			rests = false;
		} else if (!now.there && strcmp(file->path, watch.program) == 0) {
			rests = false;
		} else if (now.there && !is_same(&now, &file->base) && first == NULL) {
			first = file;
		}
	}
	return rests ? first : NULL;
}

static bool is_program_written(void)
{
	if (watch.writing >= WRITING_LOOKS || !is_being_written(watch.program)) {
		watch.writing = 0;
		return false;
	}
	watch.writing++;
	return true;
}

/* All changes lead to one restart; if that fails the next change does. */
static void restart(const struct file *modified)
{
	struct file *file;

	vane_log(VANE_LOG_INFO, "%s modified; restarting server", modified->path);
	for (file = watch.files; file != NULL; file = file->next)
		file->base = file->last;
	watch.due = DUE_LOOKS;
	watch.changed(watch.data);
}

static void on_time(void *data)
{
	const struct file *modified;

	watch.timer = NULL;
	if (watch.due > 0)
		watch.due--;
	modified = find_change();
	if (modified != NULL && !is_program_written())
		restart(modified);
	if (watch.loop != NULL && vane_loop_call_later(watch.loop, LOOK_MSEC, on_time, NULL,
					  &watch.timer) < 0)
		vane_log(VANE_LOG_ERROR, "out of memory: files are watched no more");
}

int vane__autoreload_start(
	struct vane_loop *loop, const char *program, vane_loop_fn changed, void *data)
{
	int rc = add_program(program);

	if (rc == 0)
		rc = add_libraries();
	if (rc < 0)
		return rc;
	watch.loop = loop;
	watch.program = program;
	watch.changed = changed;
	watch.data = data;
	return vane_loop_call_later(loop, LOOK_MSEC, on_time, NULL, &watch.timer);
}

void vane__autoreload_stop(void)
{
	vane_timer_cancel(watch.timer);
	watch.timer = NULL;
	watch.loop = NULL;
}

bool vane__autoreload_is_due(void)
{
	return watch.due > 0;
}

void vane__autoreload_fini(void)
{
	struct file *file;

	while ((file = watch.files) != NULL) {
		watch.files = file->next;
		free(file);
	}
	watch.due = watch.writing = 0;
}
