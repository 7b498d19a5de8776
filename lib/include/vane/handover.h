/* SPDX-License-Identifier: MIT */
/*
 * vane/handover.h - idle connections go to whoever is free.
 *
 * A kept connection belongs to one process, so while a handler blocks there, the requests
 * that arrive on its other connections would wait although workers are idle.  An idle
 * connection is a descriptor and nothing else: before a worker enters such a handler, it puts
 * its idle ones into a socket that all workers read.  Workers of vane_fork_processes() have such a
 * socket, which is used by the first server or responder of each that serves sockets from before the
 * fork; what is here is for others.
 */
#ifndef VANE_HANDOVER_H
#define VANE_HANDOVER_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_loop;
struct vane_handover;

/*
 * Takes a connection that another worker gave.  The descriptor is the callback's; it must not
 * free the hand-over.
 */
typedef void (*vane_handover_fn)(int fd, void *data);

/* Make a hand-over, before the workers are forked. */
VANE_API int vane_handover_new(struct vane_handover **out);

/* Free a hand-over.  What still waits in it is closed.  NULL is fine. */
VANE_API void vane_handover_free(struct vane_handover *handover);

/*
 * Take what others give, in this loop, from now on: sixteen connections a turn at most, so
 * that others have their share, and none while descriptors are short.  -EALREADY the second time.
 */
VANE_API int vane_handover_attach(struct vane_handover *handover, struct vane_loop *loop,
	vane_handover_fn fn, void *data);

/*
 * Give connections away.  Returns how many of them, from the first, were taken on: those are
 * closed here.  The others stay the caller's, as when too many wait already.  A watch on them
 * must have been removed before: it would outlive the descriptor here.
 */
VANE_API size_t vane_handover_give(
	struct vane_handover *handover, const int *fds, size_t count);

/* Stop taking, after a last look at all that waits: for a worker that leaves. */
VANE_API void vane_handover_detach(struct vane_handover *handover);

#ifdef __cplusplus
}
#endif

#endif
