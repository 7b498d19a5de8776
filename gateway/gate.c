/* SPDX-License-Identifier: MIT */
/*
 * gate.c - so many at a time, and the others in a line that is neither endless nor forever.
 */
#include "gate.h"

#include <vane/loop.h>

#include "base.h"

static void watch_patience(struct vane__gate *gate);

void vane__gate_init(
	struct vane__gate *gate, int max_inside, int max_waiting, int64_t wait_msec)
{
	*gate = (struct vane__gate) {
		.max_inside = max_inside, .max_waiting = max_waiting, .wait_msec = wait_msec
	};
	list_init(&gate->line);
}

static struct vane__ticket *ticket_at(struct list *node)
{
	return CONTAINER_OF(node, struct vane__ticket, node);
}

/* Who has waited the longest; NULL: nobody waits. */
static struct vane__ticket *first(struct vane__gate *gate)
{
	return list_empty(&gate->line) ? NULL : ticket_at(gate->line.next);
}

static void step_out_of_line(struct vane__gate *gate, struct vane__ticket *ticket)
{
	list_del(&ticket->node);
	gate->waiting--;
}

static bool is_overdue(const struct vane__gate *gate, const struct vane__ticket *ticket)
{
	return vane_loop_now(gate->loop) - ticket->since >= gate->wait_msec;
}

static void on_patience(void *data)
{
	struct vane__gate *gate = data;
	struct vane__ticket *ticket;

	gate->timer = NULL;
	while ((ticket = first(gate)) != NULL && is_overdue(gate, ticket)) {
		step_out_of_line(gate, ticket);
		ticket->gate = NULL;
		ticket->fn(ticket->data, -ETIMEDOUT);
	}
	watch_patience(gate);
}

/*
 * One timer, for whoever has waited the longest.  Without one, as if there were no memory for
 * it, they wait until it is their turn.
 */
static void watch_patience(struct vane__gate *gate)
{
	const struct vane__ticket *ticket = first(gate);
	int64_t left;

	if (ticket == NULL) {
		vane_loop_cancel(gate->timer);
		gate->timer = NULL;
	}
	if (ticket == NULL || gate->timer != NULL || gate->wait_msec < 0)
		return;
	left = gate->wait_msec - (vane_loop_now(gate->loop) - ticket->since);
	vane_loop_call_later(
		gate->loop, left > 0 ? left : 0, on_patience, gate, &gate->timer);
}

static bool has_room(const struct vane__gate *gate)
{
	return gate->max_inside < 0 || gate->inside < gate->max_inside;
}

static void stand_in_line(struct vane__gate *gate, struct vane__ticket *ticket)
{
	list_add(&gate->line, &ticket->node);
	gate->waiting++;
	watch_patience(gate);
}

int vane__gate_enter(struct vane__gate *gate, struct vane_loop *loop,
	struct vane__ticket *ticket, void (*fn)(void *data, int rc), void *data)
{
	assert(ticket->gate == NULL);
	gate->loop = loop;
	if (!has_room(gate) && gate->max_waiting >= 0 && gate->waiting >= gate->max_waiting)
		return -EAGAIN;
	*ticket = (struct vane__ticket) {
		.gate = gate, .fn = fn, .data = data, .since = vane_loop_now(loop)
	};
	if (!has_room(gate)) {
		stand_in_line(gate, ticket);
		return 0;
	}
	ticket->inside = true;
	gate->inside++;
	return 1;
}

/*
 * Let in whom there is room for.  Those that leave again at once make room for the next here,
 * not each within the other.
 */
static void admit(struct vane__gate *gate)
{
	struct vane__ticket *ticket;

	if (gate->admitting)
		return;
	gate->admitting = true;
	while ((ticket = first(gate)) != NULL && has_room(gate)) {
		step_out_of_line(gate, ticket);
		ticket->inside = true;
		gate->inside++;
		ticket->fn(ticket->data, 0);
	}
	gate->admitting = false;
	watch_patience(gate);
}

void vane__gate_put_back(struct vane__ticket *ticket)
{
	struct vane__gate *gate = ticket->gate;
	struct list *at = gate->line.next;

	assert(ticket->inside);
	ticket->inside = false;
	gate->inside--;
	/* the clock runs for the first, so that has to be who has waited the longest */
	while (at != &gate->line && ticket_at(at)->since < ticket->since)
		at = at->next;
	list_add(at, &ticket->node);
	gate->waiting++;
	/* it may have waited longer than whom the clock runs for */
	vane_loop_cancel(gate->timer);
	gate->timer = NULL;
	watch_patience(gate);
}

void vane__gate_resize(struct vane__gate *gate, int max_inside)
{
	gate->max_inside = max_inside;
	admit(gate);
}

void vane__gate_leave(struct vane__ticket *ticket)
{
	struct vane__gate *gate = ticket->gate;

	if (gate == NULL)
		return;
	ticket->gate = NULL;
	if (!ticket->inside) {
		step_out_of_line(gate, ticket);
		watch_patience(gate);
		return;
	}
	ticket->inside = false;
	gate->inside--;
	admit(gate);
}

void vane__gate_fini(struct vane__gate *gate)
{
	assert(gate->inside == 0 && gate->waiting == 0);
	vane_loop_cancel(gate->timer);
	gate->timer = NULL;
}
