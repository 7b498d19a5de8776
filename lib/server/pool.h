/* SPDX-License-Identifier: MIT */
/*
 * pool.h - exchanges and read buffers that a server's connections use one after the other.
 */
#ifndef VANE__POOL_H
#define VANE__POOL_H

#include <vane/driver.h>

#include "base.h"

/* Bytes of a read buffer. */
#define VANE__POOL_INPUT (68 * 1024)

/* The owner fills in the first two. */
struct vane__pool {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_exchange *exchanges[64];
	size_t count;
	size_t low; /* how few there were lately */
	char *inputs[8];
	size_t input_count;
};

/* An exchange, NULL without memory. */
struct vane_exchange *vane__pool_take_exchange(struct vane__pool *pool);

/* It is over: it is reset, or freed where there are enough. */
void vane__pool_give_exchange(struct vane__pool *pool, struct vane_exchange *x);

/* A read buffer, NULL without memory. */
char *vane__pool_take_input(struct vane__pool *pool);
void vane__pool_give_input(struct vane__pool *pool, char *input);

/* Note how few exchanges are left at the moment. */
static inline void vane__pool_note(struct vane__pool *pool)
{
	if (pool->count < pool->low)
		pool->low = pool->count;
}

/*
 * Of the exchanges that lay idle since the last time half are freed, those used longest ago, and a
 * read buffer: after a rush the memory is given back soon, and a steady load finds what it
 * needs.
 */
void vane__pool_trim(struct vane__pool *pool);

void vane__pool_fini(struct vane__pool *pool);

#endif
