/* SPDX-License-Identifier: MIT */
/*
 * list.h - a doubly linked list whose nodes lie in what is listed.
 */
#ifndef VANE__LIST_H
#define VANE__LIST_H

#include <stdbool.h>

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *list)
{
	list->next = list->prev = list;
}

static inline bool list_empty(const struct list *list)
{
	return list->next == list;
}

/* Append a node that is in no list. */
static inline void list_add(struct list *list, struct list *node)
{
	node->prev = list->prev;
	node->next = list;
	list->prev->next = node;
	list->prev = node;
}

/* Take a node out; it may be taken out again, and lists nothing then. */
static inline void list_del(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* Move all that is listed to another head, which need not be initialised; nothing is left. */
static inline void list_move(struct list *to, struct list *from)
{
	list_init(to);
	list_add(from, to);
	list_del(from);
}

#endif
