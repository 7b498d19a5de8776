/* SPDX-License-Identifier: MIT */
/*
 * scoreboard_file.c - the memory of the scoreboard: a file without a name, which workers share and a
 * new program takes over.
 *
 * It lies in memory (memfd_create), else in the folder for temporary files; where neither is to be had,
 * it is memory that ends with the program.
 */
#include "config.h" /* for memfd_create() */

#include "scoreboard_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score.h"
#include "temp_file.h"

/* Counted up when a number of a score comes to mean something else. */
#define SCORES_VERSION 1

/* A page, and a multiple of what a score is aligned to. */
#define HEAD_BYTES 4096

static const char magic[8] = { 'v', 'a', 'n', 'e', 's', 'c', 'o', 'r' };

char *vane__board_file_scores(const struct vane__board_file *file)
{
	return (char *) file->head + HEAD_BYTES;
}

static int size_for(const struct vane__board_layout *layout, size_t scores, size_t *bytes)
{
	if (scores > (SIZE_MAX / 2 - HEAD_BYTES) / layout->score_bytes)
		return -EOVERFLOW;
	*bytes = HEAD_BYTES + scores * layout->score_bytes;
	return 0;
}

/* Files may be limited, those in memory too, and a longer one is a signal. */
static bool is_allowed(size_t bytes)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	       (limit.rlim_cur == RLIM_INFINITY || bytes <= limit.rlim_cur);
}

#ifdef HAVE_MEMFD_CREATE
/* It takes no memory where nothing is written. */
static int open_memory(size_t bytes)
{
	int fd = -1, rc;

#ifdef MFD_NOEXEC_SEAL
	fd = memfd_create("vane-scores", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
#endif
	if (fd < 0)
		fd = memfd_create("vane-scores", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	/* none of those who have it can take memory from under the others */
	if (ftruncate(fd, (off_t) bytes) == 0 &&
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}
#else
static int open_memory(size_t bytes)
{
	(void) bytes;
	return -ENOSYS;
}
#endif

/* A full disk is noticed here, and not when a score is written. */
static int open_disk(size_t bytes)
{
	int fd = vane__temp_file_open(NULL), rc;

	if (fd < 0)
		return fd;
	rc = posix_fallocate(fd, 0, (off_t) bytes);
	if (rc == 0)
		return fd;
	close(fd);
	return -rc;
}

static int open_file(size_t bytes)
{
	int fd = is_allowed(bytes) ? open_memory(bytes) : -EFBIG;

	return fd == -EFBIG || fd >= 0 ? fd : open_disk(bytes);
}

static int map(struct vane__board_file *file, int fd, size_t bytes)
{
	int flags = fd >= 0 ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	*file = (struct vane__board_file) { .fd = fd, .head = memory, .bytes = bytes };
	return 0;
}

int vane__board_file_new(struct vane__board_file *file,
	const struct vane__board_layout *layout, size_t scores, int64_t now_usec)
{
	size_t bytes;
	int rc = size_for(layout, scores, &bytes), fd;

	if (rc < 0)
		return rc;
	fd = open_file(bytes);
	rc = map(file, fd < 0 ? -1 : fd, bytes);
	if (rc < 0) {
		if (fd >= 0)
			close(fd);
		return rc;
	}
	memcpy(file->head->magic, magic, sizeof(magic));
	file->head->version = SCORES_VERSION;
	file->head->seconds = VANE__SCORE_SECONDS;
	file->head->buckets = VANE__HISTOGRAM_BUCKETS;
	file->head->layout = *layout;
	file->head->began_usec = now_usec;
	return 0;
}

static bool is_ours(const struct vane__board_head *head,
	const struct vane__board_layout *layout, int64_t now_usec)
{
	return memcmp(head->magic, magic, sizeof(magic)) == 0 &&
	       head->version == SCORES_VERSION && head->seconds == VANE__SCORE_SECONDS &&
	       head->buckets == VANE__HISTOGRAM_BUCKETS &&
	       head->layout.score_bytes == layout->score_bytes &&
	       head->layout.routes == layout->routes &&
	       head->layout.patterns == layout->patterns && head->began_usec > 0 &&
	       head->began_usec <= now_usec;
}

/* Whether it has a head that is understood.  0, -EPROTO, or another negative errno. */
static int check(int fd, const struct vane__board_layout *layout, int64_t now_usec)
{
	struct vane__board_head head;
	ssize_t n = pread(fd, &head, sizeof(head), 0);

	if (n < 0)
		return -errno;
	return n == (ssize_t) sizeof(head) && is_ours(&head, layout, now_usec) ? 0
									       : -EPROTO;
}

static bool is_on_disk(int fd)
{
#ifdef F_GET_SEALS
	return fcntl(fd, F_GET_SEALS) < 0;
#else
	(void) fd;
	return true;
#endif
}

static int grow(int fd, off_t from, size_t bytes)
{
	if (!is_allowed(bytes))
		return -EFBIG;
	if (is_on_disk(fd))
		return -posix_fallocate(fd, from, (off_t) bytes - from);
	return ftruncate(fd, (off_t) bytes) < 0 ? -errno : 0;
}

int vane__board_file_adopt(struct vane__board_file *file,
	const struct vane__board_layout *layout, size_t scores, int64_t now_usec, int fd)
{
	size_t bytes;
	struct stat st;
	int rc = size_for(layout, scores, &bytes);

	if (rc == 0 && fstat(fd, &st) < 0)
		rc = -errno;
	if (rc == 0 && !S_ISREG(st.st_mode))
		rc = -EPROTO;
	if (rc == 0)
		rc = check(fd, layout, now_usec);
	if (rc == 0 && (size_t) st.st_size < bytes)
		rc = grow(fd, st.st_size, bytes);
	else if (rc == 0)
		bytes = (size_t) st.st_size;
	return rc < 0 ? rc : map(file, fd, bytes);
}

void vane__board_file_close(struct vane__board_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

void vane__board_file_fini(struct vane__board_file *file)
{
	if (file->head == NULL)
		return;
	munmap(file->head, file->bytes);
	vane__board_file_close(file);
	*file = (struct vane__board_file) { .fd = -1 };
}
