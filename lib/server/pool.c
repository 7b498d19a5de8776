/* SPDX-License-Identifier: MIT */
/*
 * pool.c - exchanges and read buffers that a server's connections use one after the other.
 */
#include "config.h" /* for HAVE_MALLOC_TRIM */

#include "pool.h"

#include <stdlib.h>

#ifdef HAVE_MALLOC_TRIM
#include <malloc.h>
#endif

/* malloc() keeps what lies below anything that is still in use, until it is told to look. */
static void give_memory_back(void)
{
#ifdef HAVE_MALLOC_TRIM
	malloc_trim(0);
#endif
}

void vane__pool_trim(struct vane__pool *pool)
{
	size_t surplus = pool->low / 2, i;

	for (i = 0; i < surplus; i++)
		vane_exchange_free(pool->exchanges[i]);
	pool->count -= surplus;
	memmove(pool->exchanges, pool->exchanges + surplus,
		pool->count * sizeof(pool->exchanges[0]));
	pool->low = pool->count;
	if (pool->input_count > 1)
		free(pool->inputs[--pool->input_count]);
	/* one is left of many: the rush is over */
	if (surplus > 0 && pool->count == 1)
		give_memory_back();
}

struct vane_exchange *vane__pool_take_exchange(struct vane__pool *pool)
{
	struct vane_exchange *x = NULL;

	if (LIKELY(pool->count > 0))
		return pool->exchanges[--pool->count];
	return vane_exchange_new(&x, pool->app, pool->loop) == 0 ? x : NULL;
}

void vane__pool_give_exchange(struct vane__pool *pool, struct vane_exchange *x)
{
	if (UNLIKELY(pool->count == ARRAY_SIZE(pool->exchanges))) {
		vane_exchange_free(x);
		return;
	}
	vane_exchange_reset(x);
	pool->exchanges[pool->count++] = x;
}

char *vane__pool_take_input(struct vane__pool *pool)
{
	if (LIKELY(pool->input_count > 0))
		return pool->inputs[--pool->input_count];
	return malloc(VANE__POOL_INPUT);
}

void vane__pool_give_input(struct vane__pool *pool, char *input)
{
	if (LIKELY(pool->input_count < ARRAY_SIZE(pool->inputs)))
		pool->inputs[pool->input_count++] = input;
	else
		free(input);
}

void vane__pool_fini(struct vane__pool *pool)
{
	while (pool->count > 0)
		vane_exchange_free(pool->exchanges[--pool->count]);
	while (pool->input_count > 0)
		free(pool->inputs[--pool->input_count]);
}
