/* SPDX-License-Identifier: MIT */
/*
 * conn_in.c - the bytes that come on a connection: heads into a buffer, bodies past it.
 *
 * An idle connection owns no buffer.  The server lends one for a read; the connection keeps it
 * while a request that lies in it is being answered, and copies what is left of a head that
 * has not come whole.  A body with a length is read from the socket straight to where it is
 * wanted; a chunked one goes through the room behind its head, where what follows it stays.
 */
#include <stdlib.h>

#include "conn.h"

/* A rest of up to that many bytes moves to a buffer of its own. */
#define SMALL_REST (16 * 1024)

/* Room that there is at least behind a head; a full read leaves as much. */
#define LEAST_ROOM (VANE__CONN_INPUT - VANE__CONN_READ)

void vane__conn_drop_input(struct vane__conn *c)
{
	if (c->input_lent)
		vane__pool_give_input(&c->server->pool, c->input);
	else
		free(c->input);
	c->input = NULL;
	c->input_lent = false;
	c->input_at = c->input_len = c->input_cap = 0;
}

static int borrow_input(struct vane__conn *c)
{
	c->input = vane__pool_take_input(&c->server->pool);
	if (c->input == NULL)
		return -ENOMEM;
	c->input_cap = VANE__CONN_INPUT;
	c->input_lent = true;
	return 0;
}

/* Move the input that is left to a buffer of our own with that capacity. */
static int move_input(struct vane__conn *c, size_t cap)
{
	size_t left = vane__conn_input_left(c);
	char *copy = malloc(cap);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, c->input + c->input_at, left);
	vane__conn_drop_input(c);
	c->input = copy;
	c->input_len = left;
	c->input_cap = cap;
	return 0;
}

bool vane__conn_has_room(const struct vane__conn *c)
{
	return c->x == NULL || c->input_len < c->input_cap || vane__conn_input_left(c) == 0;
}

int vane__conn_make_room(struct vane__conn *c)
{
	if (LIKELY(c->input_cap - c->input_len >= LEAST_ROOM))
		return 0;
	return move_input(c, vane__conn_input_left(c) + SMALL_REST);
}

ssize_t vane__conn_read(struct vane__conn *c)
{
	size_t room;
	ssize_t n;

	if (c->input == NULL && borrow_input(c) < 0)
		return -ENOMEM;
	if (c->x == NULL && c->input_cap - c->input_len < LEAST_ROOM &&
		move_input(c, c->input_cap * 2) < 0)
		return -ENOMEM;
	if (c->x != NULL && vane__conn_input_left(c) == 0)
		c->input_at = c->input_len = c->body_at;
	room = c->input_cap - c->input_len;
	n = vane__stream_read(&c->stream, c->input + c->input_len,
		room < VANE__CONN_READ ? room : VANE__CONN_READ);
	if (LIKELY(n > 0)) {
		c->input_len += (size_t) n;
		return n;
	}
	if (n == -EAGAIN)
		return 0;
	c->eof = true;
	return n;
}

int vane__conn_keep_input(struct vane__conn *c)
{
	size_t left = vane__conn_input_left(c);

	assert(c->x == NULL);
	if (c->input == NULL)
		return 0;
	if (LIKELY(left == 0)) {
		vane__conn_drop_input(c);
		return 0;
	}
	if (!c->input_lent || left > SMALL_REST)
		return 0;
	return move_input(c, left < 512 ? 2 * LEAST_ROOM : left + 2 * LEAST_ROOM);
}

/* From the socket to where it is wanted, and not a byte more than the body has. */
static ssize_t receive_plain(struct vane__conn *c, char *buf, size_t size)
{
	size_t want = (int64_t) size < c->in.left ? size : (size_t) c->in.left, used;
	ssize_t n = vane__stream_read(&c->stream, buf, want);

	if (n > 0)
		return vane__h1in_body(&c->in, buf, (size_t) n, &used, buf, (size_t) n);
	if (n == -EAGAIN)
		return n;
	c->eof = true;
	return n < 0 ? n : -EBADMSG;
}

/* More framing and bytes behind the head.  Returns 1 if some came. */
static int receive_chunked(struct vane__conn *c)
{
	ssize_t n = vane__conn_read(c);

	if (n > 0)
		return 1;
	if (n < 0)
		return (int) n;
	return c->eof ? -EBADMSG : -EAGAIN;
}

static ssize_t read_body(struct vane__conn *c, char *buf, size_t size)
{
	size_t used;
	ssize_t n;

	for (;;) {
		n = vane__h1in_body(&c->in, c->input + c->input_at,
			vane__conn_input_left(c), &used, buf, size);
		c->input_at += used;
		if (n != 0 || c->in.body_done)
			return n;
		if (vane__conn_input_left(c) > 0)
			continue;
		if (c->eof)
			return -EBADMSG;
		if (!c->continued) {
			n = vane__conn_continue(c);
			if (n < 0)
				return n;
		}
		if (c->in.left >= 0)
			return receive_plain(c, buf, size);
		n = receive_chunked(c);
		if (n < 0)
			return n;
	}
}

ssize_t vane__conn_read_body(struct vane__conn *c, char *buf, size_t size)
{
	ssize_t n;

	if (!vane__conn_has_turn(c))
		return -EAGAIN;
	n = read_body(c, buf, size);
	if (n > 0) {
		vane__conn_count(c, (size_t) n);
		c->came += (uint64_t) n;
	}
	return n;
}

int vane__conn_discard(struct vane__conn *c)
{
	char waste[8192];

	for (;;) {
		ssize_t n = vane__conn_read_body(c, waste, sizeof(waste));

		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n < 0 ? (int) n : 1;
	}
}
