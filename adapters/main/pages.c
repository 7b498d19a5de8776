/* SPDX-License-Identifier: MIT */
/*
 * pages.c - the paths that a program answers by itself, before its routes: --status, --health and
 * --ready.
 *
 * They stand before the program's in the table, so that no route and no filter of it is asked.
 */
#include "pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/request.h>
#include <vane/response.h>

#include "status.h"
#include "xheaders.h"

#define PAGES_MAX 3

static int answer(struct vane_response *res, int status, const char *text)
{
	vane_response_set_status(res, status);
	vane_response_add_field(res, "Cache-Control", "no-store");
	vane_response_add_field(res, "Content-Type", "text/plain; charset=utf-8");
	return vane_response_puts(res, text);
}

static int health_get(struct vane_request *req, struct vane_response *res)
{
	return answer(res, 200, "ok\n");
}

/* A load balancer is told before the sockets close; who asks on a connection that stays, as well. */
static int ready_get(struct vane_request *req, struct vane_response *res)
{
	const struct vane__pages *pages = vane_request_data(req);

	return pages->leaving ? answer(res, 503, "leaving\n") : answer(res, 200, "ready\n");
}

static const struct vane_handler health_handler = { .get = health_get, .quiet = true };
static const struct vane_handler ready_handler = { .get = ready_get, .quiet = true };

static int make_trust(struct vane__pages *pages)
{
	const char *trusted = pages->settings->trusted;
	int rc = vane__trust_new(&pages->loopback, NULL);

	if (rc == 0 && trusted != NULL)
		rc = vane__trust_new(&pages->trusted, trusted);
	return rc;
}

static size_t route_count(const struct vane_route *routes)
{
	size_t count = 0;

	while (routes[count].pattern != NULL)
		count++;
	return count;
}

/* The pages that are asked for, and the program's routes behind them. */
static int fill(struct vane__pages *pages, const struct vane_route *program)
{
	const struct {
		const char *path;
		const struct vane_handler *handler;
	} rows[PAGES_MAX] = {
		{ pages->settings->status, &vane__status_handler },
		{ pages->settings->health, &health_handler },
		{ pages->settings->ready, &ready_handler },
	};
	size_t count = route_count(program), at = 0, i;

	pages->own = calloc(count + PAGES_MAX + 1, sizeof(*pages->own));
	if (pages->own == NULL)
		return -ENOMEM;
	for (i = 0; i < PAGES_MAX; i++)
		if (rows[i].path != NULL)
			pages->own[at++] = (struct vane_route) { .pattern = rows[i].path,
				.handler = rows[i].handler,
				.data = pages };
	memcpy(pages->own + at, program, count * sizeof(*program));
	pages->routes = pages->own;
	return make_trust(pages);
}

int vane__pages_init(struct vane__pages *pages, const struct vane__settings *settings,
	const struct vane_route *program)
{
	*pages = (struct vane__pages) { .routes = program, .settings = settings };
	if (settings->doctor != NULL) /* which asks who may see something */
		return make_trust(pages);
	if (settings->status == NULL && settings->health == NULL && settings->ready == NULL)
		return 0;
	return fill(pages, program);
}

void vane__pages_fini(struct vane__pages *pages)
{
	free(pages->own);
	vane__trust_free(pages->loopback);
	vane__trust_free(pages->trusted);
	*pages = (struct vane__pages) { .own = NULL };
}
