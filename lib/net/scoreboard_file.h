/* SPDX-License-Identifier: MIT */
/*
 * scoreboard_file.h - the memory of the scoreboard: a file without a name, which workers share and a
 * new program takes over.
 *
 * Workers may be another user's, and write there: what is read of it is taken for no more than
 * figures.
 */
#ifndef VANE__SCOREBOARD_FILE_H
#define VANE__SCOREBOARD_FILE_H

#include <stddef.h>
#include <stdint.h>

/* What a program and its successor have to agree on. */
struct vane__board_layout {
	uint32_t score_bytes; /* of a score with its routes */
	uint32_t routes;
	uint64_t patterns; /* of the routes, as one number */
};

/* What is before the scores. */
struct vane__board_head {
	char magic[8];
	uint32_t version;
	uint32_t seconds, buckets; /* of the ring, and of the histogram */
	struct vane__board_layout layout;
	int64_t began_usec; /* by CLOCK_MONOTONIC, which goes on in the new program */
	uint32_t used;      /* ids that have had a score */
};

struct vane__board_file {
	int fd; /* -1: the memory cannot be handed over, or that is not ours to do */
	struct vane__board_head *head; /* NULL: there is none */
	size_t bytes;                  /* of all */
};

/* Where the scores are, behind the head. */
char *vane__board_file_scores(const struct vane__board_file *file);

/* Make it for so many scores, all zeros.  0 or a negative errno. */
int vane__board_file_new(struct vane__board_file *file,
	const struct vane__board_layout *layout, size_t scores, int64_t now_usec);

/*
 * Take over that of another program, with room for so many scores at least.  0, with fd in file;
 * -EPROTO if it is of another layout, or another negative errno, and then fd is still the caller's.
 */
int vane__board_file_adopt(struct vane__board_file *file,
	const struct vane__board_layout *layout, size_t scores, int64_t now_usec, int fd);

/* It is not to be handed over by this process. */
void vane__board_file_close(struct vane__board_file *file);
void vane__board_file_fini(struct vane__board_file *file);

#endif
