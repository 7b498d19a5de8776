/* SPDX-License-Identifier: MIT */
/*
 * fake.c - a carrier that does what a test says: with timers or without, and a client that leaves.
 */
#include "fake.h"

#include <errno.h>
#include <string.h>

#include "test.h"

static ssize_t read_none(void *data, void *buf, size_t size)
{
	return 0;
}

static int begin(void *data, const struct vane_head *head)
{
	((struct fake *) data)->status = head->status;
	return 0;
}

/* What there is room for, counted and dropped. */
static ssize_t take_some(struct fake *fake, size_t len)
{
	if (len > fake->room)
		len = fake->room;
	if (len == 0)
		return -EAGAIN;
	fake->room -= len;
	fake->len += len;
	return (ssize_t) len;
}

static ssize_t take(void *data, const struct vane_slice *piece)
{
	struct fake *fake = data;

	if (fake->slow)
		return take_some(fake, piece->len);
	assert_true(fake->len + piece->len < sizeof(fake->body));
	memcpy(fake->body + fake->len, piece->data, piece->len);
	fake->len += piece->len;
	return (ssize_t) piece->len;
}

static int flush(void *data)
{
	((struct fake *) data)->flushes++;
	return 0;
}

static void end(void *data, int rc)
{
	struct fake *fake = data;

	fake->ends++;
	fake->rc = rc;
}

static int peer_closed(void *data)
{
	struct fake *fake = data;

	fake->looks++;
	return fake->gone_at > 0 && fake->looks >= fake->gone_at ? -EPIPE : 0;
}

static void stall(void *data)
{
	((struct fake *) data)->stalls++;
}

#define CALLS                                                                              \
	.read = read_none, .begin = begin, .write = take, .flush = flush, .end = end,      \
	.peer_closed = peer_closed, .stall = stall

static const struct vane_driver at_once = {
	.mode = "at-once", .caps = VANE_CAP_CLOSE_DETECT, CALLS
};
static const struct vane_driver later = {
	.mode = "later", .caps = VANE_CAP_CLOSE_DETECT | VANE_CAP_ASYNC, CALLS
};

void fake_run(struct fake *fake, unsigned caps, vane_handler_fn fn)
{
	const struct vane_route routes[] = { { "/", &fake->handler, .data = fake }, { 0 } };

	fake->handler = (struct vane_handler) { .get = fn };
	assert_int_equal(vane_app_new(&fake->app, routes, NULL), 0);
	fake_ask(fake, caps, fake->app, NULL, 0);
}

void fake_ask(struct fake *fake, unsigned caps, struct vane_app *app,
	const struct vane_field *fields, size_t count)
{
	struct vane_env *env;

	assert_int_equal(vane_exchange_new(&fake->x, app, NULL), 0);
	env = vane_exchange_env(fake->x);
	env->fields = fields;
	env->field_count = count;
	env->method = (struct vane_slice) { "GET", 3 };
	env->target = (struct vane_slice) { "/", 1 };
	env->host = (struct vane_slice) { "a", 1 };
	env->remote_addr = (struct vane_slice) { "127.0.0.1", 9 };
	vane_exchange_start(fake->x, caps != 0 ? &later : &at_once, fake);
}

void fake_fini(struct fake *fake)
{
	assert_int_equal(fake->ends, 1);
	vane_exchange_free(fake->x);
	vane_app_free(fake->app);
}
