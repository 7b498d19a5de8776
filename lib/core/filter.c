/* SPDX-License-Identifier: MIT */
/*
 * filter.c - running the filters of a request: before its handler, before its head leaves, at its end.
 */
#include "filter.h"

#include <stdlib.h>

#include <vane/log.h>

#include "exchange.h"

static int start(struct vane__filter *filter, const struct vane_filter *given)
{
	filter->type = given->type;
	filter->data = given->data;
	return given->type->start != NULL ? given->type->start(given->data, &filter->data)
					  : 0;
}

static void stop(struct vane__filters *filters, size_t count)
{
	while (count-- > filters->outer)
		if (filters->list[count].type->stop != NULL)
			filters->list[count].type->stop(filters->list[count].data);
}

int vane__filters_new(struct vane__filters **all, const struct vane__filters *outer,
	const struct vane_filter *given, const struct vane__filters **out)
{
	size_t own = 0, around = outer != NULL ? outer->count : 0;
	struct vane__filters *filters;

	while (given[own].type != NULL)
		own++;
	filters = calloc(1, sizeof(*filters) + (around + own) * sizeof(filters->list[0]));
	if (filters == NULL)
		return -ENOMEM;
	filters->outer = filters->count = around;
	if (around > 0)
		memcpy(filters->list, outer->list, around * sizeof(filters->list[0]));
	for (; filters->count < around + own; filters->count++) {
		int rc = start(
			&filters->list[filters->count], &given[filters->count - around]);

		if (rc < 0) {
			stop(filters, filters->count);
			free(filters);
			return rc;
		}
	}
	filters->next = *all;
	*all = filters;
	*out = filters;
	return 0;
}

void vane__filters_free(struct vane__filters *all)
{
	while (all != NULL) {
		struct vane__filters *filters = all;

		all = filters->next;
		stop(filters, filters->count);
		free(filters);
	}
}

int vane__filters_enter(struct vane_exchange *x, const struct vane__filters *filters)
{
	struct vane_response *res = &x->res;
	int rc = 0;

	x->req.filters = filters;
	while (x->req.entered < filters->count) {
		const struct vane__filter *filter = &filters->list[x->req.entered++];

		x->req.to_leave = x->req.entered;
		if (filter->type->before == NULL)
			continue;
		rc = filter->type->before(&x->req, res, filter->data);
		if (rc != 0 || res->finished || res->deferred || res->error < 0 ||
			x->aborted)
			break;
	}
	return rc;
}

int vane__filters_leave(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;
	int rc = 0;

	if (x->res.head_sent || x->res.raw)
		return 0;
	req->leaving = true;
	while (req->to_leave > 0 && rc == 0) {
		const struct vane__filter *filter = &req->filters->list[--req->to_leave];

		if (filter->type->after != NULL)
			rc = filter->type->after(req, &x->res, filter->data);
		if (rc == 0)
			rc = x->res.error;
	}
	req->leaving = false;
	return rc;
}

void vane__filters_abandoned(struct vane_exchange *x)
{
	size_t i = x->req.entered;

	while (i-- > 0) {
		const struct vane__filter *filter = &x->req.filters->list[i];

		if (filter->type->abandoned != NULL)
			filter->type->abandoned(&x->req, filter->data);
	}
}

void vane__filters_finished(struct vane_exchange *x)
{
	size_t i = x->req.entered;

	x->req.entered = 0;
	while (i-- > 0) {
		const struct vane__filter *filter = &x->req.filters->list[i];

		if (filter->type->finished != NULL)
			filter->type->finished(&x->req, filter->data);
	}
}
