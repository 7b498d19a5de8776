/* SPDX-License-Identifier: MIT */
/*
 * outbox.h - what goes out on a connection: gathered, sent without waiting, and kept if the socket
 * is full.
 */
#ifndef VANE__OUTBOX_H
#define VANE__OUTBOX_H

#include "base.h"
#include "buf.h"

/* A piece up to that size is gathered; a larger one is sent from where it lies. */
#define VANE__OUTBOX_GATHER (16 * 1024)

/* More than that is sent before more is gathered. */
#define VANE__OUTBOX_GATHERED (64 * 1024)

/* What a handler may leave with a connection whose peer does not read; then it waits. */
#define VANE__OUTBOX_KEPT (256 * 1024)

/* Body that is sent before others have their turn. */
#define VANE__OUTBOX_TURN (256 * 1024)

/* The owner fills in the first two; zeroed else. */
struct vane__outbox {
	struct buf *shared; /* what is gathered for the connection that is at work */
	int fd;
	struct buf kept; /* bytes that the socket has not taken; */
	size_t sent;     /* so much of them it has */
	bool blocked;    /* it is full, so what follows goes there */
	int error;       /* a negative errno: nothing can follow */
};

/* Bytes that wait for the peer to read. */
static inline size_t vane__outbox_left(const struct vane__outbox *out)
{
	return out->kept.len - out->sent;
}

/* Where output goes: the shared buffer, unless it would overtake what waits. */
static inline struct buf *vane__outbox_gathered(struct vane__outbox *out)
{
	return out->blocked ? &out->kept : out->shared;
}

/* Gather bytes: 0 or a negative errno. */
int vane__outbox_add(struct vane__outbox *out, const void *data, size_t len);

/* Send what is gathered, or was left: 0, also if some of it is left, or a negative errno. */
int vane__outbox_send(struct vane__outbox *out);

/*
 * Send what is gathered and a piece, which needs no copy, where nothing waits; what the socket does
 * not take is kept.  0 or a negative errno.
 */
int vane__outbox_send_piece(struct vane__outbox *out, const char *data, size_t len);

/*
 * Gather a piece if it is small; send a large one from where it lies, behind what was gathered, and
 * keep what the socket does not take.  Returns how much of it that is, or a negative errno.
 */
ssize_t vane__outbox_write(struct vane__outbox *out, const struct vane_slice *piece);

/* Give the memory back. */
void vane__outbox_fini(struct vane__outbox *out);

#endif
