/* SPDX-License-Identifier: MIT */
/*
 * spool.h - what the client has not taken of a response yet, so that its program need not wait: in
 * a temporary file without a name, in the order in which it came.
 */
#ifndef VANE__SPOOL_H
#define VANE__SPOOL_H

#include <vane/request.h>
#include <vane/types.h>

#include "buf.h"

/* What all spools of a backend have together. */
struct vane__spools {
	int64_t max_bytes, max_total_bytes; /* of one, of all; VANE__UNLIMITED */
	int64_t total_bytes;                /* in files now */
	bool failed;                        /* was complained of */
};

struct vane__spool {
	struct vane__spools *all;
	struct vane_request *req;
	int fd;          /* -1: no file */
	int64_t len, at; /* bytes in the file; of them, handed on */
	struct buf rest; /* behind them: what the file did not take */
};

void vane__spool_init(
	struct vane__spool *spool, struct vane__spools *all, struct vane_request *req);

/* Close the file; what was handed on is the response's. */
void vane__spool_fini(struct vane__spool *spool);

/* Append: 0, or -ENOMEM.  What the file cannot take stays in memory. */
int vane__spool_add(struct vane__spool *spool, const void *data, size_t len);

/* Whether no more is to be added before it has been emptied. */
bool vane__spool_is_full(const struct vane__spool *spool);

bool vane__spool_is_empty(const struct vane__spool *spool);

/*
 * Hand on to the response what there is, to be sent from the file; where descriptors have run out,
 * a piece of it.  Returns 0 or a negative errno.
 */
int vane__spool_hand_on(struct vane__spool *spool, struct vane_response *res);

/* The same when nothing follows: all of it, and the file. */
int vane__spool_hand_over(struct vane__spool *spool, struct vane_response *res);

/* All that was handed on has been taken: begin anew, and give the room back. */
void vane__spool_rewind(struct vane__spool *spool);

#endif
