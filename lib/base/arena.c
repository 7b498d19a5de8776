/* SPDX-License-Identifier: MIT */
/*
 * arena.c - memory that is taken piece by piece and given back at once.
 */
#include "arena.h"

#include <stdlib.h>

struct arena_block {
	struct arena_block *older;
	size_t size;
	_Alignas(16) char bytes[];
};

void vane__arena_fini(struct arena *arena)
{
	while (arena->newest != NULL) {
		struct arena_block *block = arena->newest;

		arena->newest = block->older;
		free(block);
	}
	*arena = (struct arena) { .max = arena->max };
}

static void use_block(struct arena *arena, struct arena_block *block)
{
	arena->newest = block;
	arena->at = block->bytes;
	arena->end = block->bytes + block->size;
}

void vane__arena_reset(struct arena *arena)
{
	struct arena_block *block = arena->newest;

	arena->refused = false;
	if (block == NULL)
		return;
	while (block->older != NULL) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
	if (UNLIKELY(block->size > VANE__ARENA_BLOCK)) {
		free(block);
		*arena = (struct arena) { .max = arena->max };
		return;
	}
	arena->held = block->size;
	use_block(arena, block);
}

void *vane__arena_grow(struct arena *arena, size_t size)
{
	size_t room = size > VANE__ARENA_BLOCK ? size : VANE__ARENA_BLOCK;
	struct arena_block *block;

	if (size == 0)
		return vane__arena_alloc(arena, 1); /* NULL only for lack of memory */
	if (size > SIZE_MAX - sizeof(*block) - 16)
		return NULL;
	room = (room + 15) & ~(size_t) 15;
	if (arena->max > 0 &&
		(arena->held > arena->max || room > arena->max - arena->held)) {
		arena->refused = true;
		return NULL;
	}
	block = malloc(sizeof(*block) + room);
	if (block == NULL)
		return NULL;
	block->size = room;
	block->older = arena->newest;
	arena->held += room;
	use_block(arena, block);
	return vane__arena_alloc(arena, size);
}

char *vane__arena_dup(struct arena *arena, const void *data, size_t len)
{
	char *copy = len < SIZE_MAX ? vane__arena_alloc(arena, len + 1) : NULL;

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}
