/* SPDX-License-Identifier: MIT */
/*
 * filter.h - the filters of a group of routes, and a request's way through them.
 */
#ifndef VANE__FILTER_H
#define VANE__FILTER_H

#include <vane/filter.h>

#include "base.h"

struct vane_exchange;

/* A filter, and what its functions are given. */
struct vane__filter {
	const struct vane_filter_type *type;
	void *data;
};

/* Those of a group: first the ones of the groups around it, then its own. */
struct vane__filters {
	struct vane__filters *next; /* in the list of all */
	size_t outer, count;        /* how many are not its own; how many there are */
	struct vane__filter list[];
};

/*
 * Start the filters of a group that stands in a group with outer (NULL: none), put them into the
 * list of all, and give them.  Returns 0, -EINVAL for one without a type, -ENOMEM, or what one
 * fails to start with.
 */
int vane__filters_new(struct vane__filters **all, const struct vane__filters *outer,
	const struct vane_filter *given, const struct vane__filters **out);

/* Stop those of a whole list, the last first, and free it. */
void vane__filters_free(struct vane__filters *all);

/*
 * A request enters: run .before of each, as far as they let it pass.  Returns 0, or what one
 * answered, which is to be concluded as a handler's; also when it has finished or deferred.
 */
int vane__filters_enter(struct vane_exchange *x, const struct vane__filters *filters);

/*
 * The head is about to leave: run .after of those that the request has entered, the last first,
 * each once; nobody where it has left, or is raw.  Returns 0, or the status or negative errno of the first that refuses; when the error
 * page for that is about to leave, those before it have their turn.
 */
int vane__filters_leave(struct vane_exchange *x);

/* The client has left, and a handler holds the response: run .abandoned of those that were entered. */
void vane__filters_abandoned(struct vane_exchange *x);

/* The exchange is over for its handler: run .finished of those that were entered. */
void vane__filters_finished(struct vane_exchange *x);

#endif
