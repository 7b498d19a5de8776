/* SPDX-License-Identifier: MIT */
/*
 * shared.c - a native server whose handlers share with the test what happens to them
 */
#include "shared.h"

#include "test.h"

static int plain(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "[%s]", vane_request_path(req));
}

static int echo_body(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);

	return vane_response_write(res, body.data, body.len);
}

void shared_on_close(struct vane_request *req, void *data)
{
	struct shared *shared = vane_request_data(req);

	shared->closed++;
}

void shared_on_finished(struct vane_request *req)
{
	struct shared *shared = vane_request_data(req);

	shared->finished++;
}

int shared_defer(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);

	shared->deferred = res;
	vane_request_on_close(req, shared_on_close, NULL);
	return vane_response_defer(res);
}

ssize_t shared_pull(void *data, char *buf, size_t size)
{
	struct shared *shared = data;
	size_t left = shared->size - shared->pulled, i;

	if (size > left)
		size = left;
	for (i = 0; i < size; i++)
		buf[i] = (char) ('A' + (shared->pulled + i) % 26);
	shared->pulled += size;
	return (ssize_t) size;
}

static int large(struct vane_request *req, struct vane_response *res)
{
	struct shared *shared = vane_request_data(req);
	struct vane_source source = { .pull = shared_pull, .data = shared, .length = -1 };

	vane_request_on_close(req, shared_on_close, NULL);
	if (vane_request_query(req) != NULL)
		source.length = (int64_t) shared->size;
	shared->pulled = 0;
	return vane_response_write_source(res, &source);
}

const struct vane_handler shared_plain_handler = { .get = plain, .post = echo_body };
const struct vane_handler shared_defer_handler = { .get = shared_defer,
	.finished = shared_on_finished };
const struct vane_handler shared_large_handler = { .get = large,
	.finished = shared_on_finished };

void shared_begin(struct shared *shared, struct vane_route *routes,
	const struct vane_app_opts *app_opts, const struct vane_server_opts *opts)
{
	size_t i;

	*shared = (struct shared) { .deferred = NULL };
	for (i = 0; routes[i].pattern != NULL; i++)
		routes[i].data = shared;
	site_init(&shared->site, routes, app_opts, opts);
}

void shared_await_deferred(struct shared *shared)
{
	int i;

	for (i = 0; shared->deferred == NULL && i < 5000; i++)
		site_turn(&shared->site, 1);
	assert_non_null(shared->deferred);
}
