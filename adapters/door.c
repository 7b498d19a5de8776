/* SPDX-License-Identifier: MIT */
/*
 * door.c - what a responder's connections come in by, and how it closes.
 */
#include "door.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Accept on one more socket; it is the door's if that works. */
static int add_socket(struct vane__door *door, int fd)
{
	size_t count = door->socks.count;
	struct vane_accept **grown =
		realloc(door->accepts, (count + 1) * sizeof(*door->accepts));
	int rc;

	if (grown == NULL)
		return -ENOMEM;
	door->accepts = grown;
	rc = vane_add_accept_handler(
		door->loop, fd, door->enter, door->owner, &grown[count]);
	if (rc < 0)
		return rc;
	rc = vane_sockets_add(&door->socks, fd);
	if (rc < 0)
		vane_remove_accept_handler(grown[count]);
	return rc;
}

int vane__door_add(struct vane__door *door, struct vane_sockets *socks)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < socks->count && rc == 0; i++)
		rc = add_socket(door, socks->fds[i]);
	/* Those that were taken are ours, and only the list of them is freed; the others
	 * go. */
	if (rc < 0) {
		memmove(socks->fds, socks->fds + i - 1,
			(socks->count - i + 1) * sizeof(int));
		socks->count -= i - 1;
	} else {
		socks->count = 0;
	}
	vane_sockets_fini(socks);
	return rc;
}

static void stop_accepting(struct vane__door *door)
{
	size_t i;

	for (i = 0; i < door->socks.count; i++)
		vane_remove_accept_handler(door->accepts[i]);
	free(door->accepts);
	door->accepts = NULL;
	vane_sockets_fini(&door->socks);
}

static void on_drained(void *data)
{
	struct vane__door *door = data;

	door->timer = NULL;
	door->drained(door->drained_data); /* may free it */
}

void vane__door_check(struct vane__door *door, size_t count)
{
	if (door->drained == NULL || !door->draining || count > 0)
		return;
	vane_loop_cancel(door->timer);
	door->timer = NULL;
	vane_loop_call_later(door->loop, 0, on_drained, door, &door->timer);
}

static void on_timeout(void *data)
{
	struct vane__door *door = data;

	door->timer = NULL;
	door->cut(door->owner);
}

int vane__door_drain(struct vane__door *door, int64_t msec, vane_loop_fn done, void *data)
{
	int rc;

	if (door->draining)
		return -EALREADY;
	rc = vane_loop_call_later(door->loop, msec, on_timeout, door, &door->timer);
	if (rc < 0)
		return rc;
	door->drained = done;
	door->drained_data = data;
	door->draining = true;
	stop_accepting(door);
	return 0;
}

void vane__door_fini(struct vane__door *door)
{
	stop_accepting(door);
	door->drained = NULL;
	vane_loop_cancel(door->timer);
	door->timer = NULL;
}
