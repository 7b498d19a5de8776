/* SPDX-License-Identifier: MIT */
/*
 * door.c - what a responder's connections come in by, and how it closes.
 */
#include "door.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/process.h>

/* Requests that are cut are named in the log, so many of them. */
#define NAMED_MAX          100

#define DEFAULT_GRACE_MSEC 500

/* Accept on one more socket, which is the door's; it is closed if that fails. */
static int add_socket(struct vane__door *door, int fd, bool shared)
{
	struct vane__entrance *grown =
		realloc(door->entrances, (door->count + 1) * sizeof(*grown));
	struct vane__entrance *entrance;
	int rc = -ENOMEM;

	if (grown != NULL) {
		door->entrances = grown;
		entrance = &grown[door->count];
		*entrance = (struct vane__entrance) { .fd = fd, .shared = shared };
		rc = vane_add_accept_handler(
			door->loop, fd, door->enter, door->owner, &entrance->accept);
	}
	if (rc < 0)
		close(fd);
	else
		door->count++;
	return rc;
}

int vane__door_add(struct vane__door *door, struct vane_sockets *socks)
{
	int rc = 0;

	while (rc == 0 && socks->count > 0) {
		socks->count--;
		rc = add_socket(door, socks->fds[socks->count],
			vane_sockets_shared(socks, socks->count));
	}
	vane_sockets_fini(socks);
	return rc;
}

/* What waits in the kernel was let in: it is taken, unless others go on to take it. */
static void stop_accepting(struct vane__door *door, bool leave)
{
	while (door->count > 0) {
		struct vane__entrance *entrance = &door->entrances[--door->count];

		if (!leave && !entrance->shared)
			vane_accept_last(entrance->accept);
		vane_remove_accept_handler(entrance->accept);
		close(entrance->fd);
	}
	free(door->entrances);
	door->entrances = NULL;
}

/*
 * The end comes in a turn of its own: whoever closed the last one is on the stack still.  While
 * sockets are emptied, and what was handed over is taken, the last may be followed by another.
 */
void vane__door_check(struct vane__door *door, size_t count)
{
	bool empty = count == 0;
	int64_t left;

	if (!door->draining || door->timer == NULL || door->empty == empty)
		return;
	left = empty ? 0 : door->until - vane_loop_now(door->loop);
	door->empty = empty;
	vane_loop_rearm(door->timer, left > 0 ? left : 0);
}

/* None is left, or they have had their time. */
static void on_timer(void *data)
{
	struct vane__door *door = data;

	door->timer = NULL;
	if (!door->empty)
		door->cut(door->owner);
	if (door->drained != NULL)
		door->drained(door->drained_data); /* may free it */
}

int vane__door_drain(struct vane__door *door, int64_t msec, vane_loop_fn done, void *data)
{
	int64_t now = vane_loop_now(door->loop);
	int rc;

	if (door->draining)
		return -EALREADY;
	rc = vane_loop_call_later(door->loop, msec, on_timer, door, &door->timer);
	if (rc < 0)
		return rc;
	door->until = msec < INT64_MAX - now ? now + msec : INT64_MAX;
	door->drained = done;
	door->drained_data = data;
	door->draining = true;
	stop_accepting(door, vane_siblings_stay());
	return 0;
}

void vane__door_fini(struct vane__door *door)
{
	stop_accepting(door, true);
	door->drained = NULL;
	vane_loop_cancel(door->timer);
	door->timer = NULL;
}

int64_t vane__door_grace(const struct vane__door *door, int64_t since)
{
	int64_t grace = door->grace_msec != 0 ? door->grace_msec : DEFAULT_GRACE_MSEC;
	int64_t left = grace - (vane_loop_now(door->loop) - since);

	return grace > 0 && left > 0 ? left : 0;
}

void vane__door_cut(struct vane__door *door, const char *what, int64_t since)
{
	int64_t msec = vane_loop_now(door->loop) - since;

	if (++door->cut_count <= NAMED_MAX)
		vane_log(VANE_LOG_WARNING, "request cut after %lld.%lld s: %s",
			(long long) msec / 1000, (long long) msec % 1000 / 100, what);
}
