/* SPDX-License-Identifier: MIT */
/*
 * shared.h - a native server whose handlers share with the test what happens to them.
 */
#ifndef VANE_TEST_SHARED_H
#define VANE_TEST_SHARED_H

#include <vane/handler.h>
#include <vane/request.h>
#include <vane/response.h>

#include "site.h"

/* What handlers and the test share. */
struct shared {
	struct site site;
	struct vane_response *deferred; /* the one that waits for the test */
	int closed, finished, drained;  /* how often that was told */
	size_t pulled, size;            /* of what shared_pull() gives */
	int64_t msec;                   /* for handlers of a test's own */
	bool close_all;
};

/* Serve these routes, whose data becomes the struct; the options may be NULL. */
void shared_begin(struct shared *shared, struct vane_route *routes,
	const struct vane_app_opts *app_opts, const struct vane_server_opts *opts);

/* Turn the loop until a response is deferred. */
void shared_await_deferred(struct shared *shared);

/* GET says its path in brackets, POST its body. */
extern const struct vane_handler shared_plain_handler;

/* Answered when the test says so. */
extern const struct vane_handler shared_defer_handler;
int shared_defer(struct vane_request *req, struct vane_response *res);

/* As many letters as the test says: "ABC...", with a length if there is a query. */
extern const struct vane_handler shared_large_handler;
ssize_t shared_pull(void *data, char *buf, size_t size);

/* Count that. */
void shared_on_close(struct vane_request *req, void *data);
void shared_on_finished(struct vane_request *req);

#endif
