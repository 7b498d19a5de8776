/* SPDX-License-Identifier: MIT */
/*
 * echoflow.c - handlers that go along with their client: they read the body themselves,
 * write as much as is taken, or have others answer.
 *
 * They wait by callbacks where the mode has them; elsewhere reading and writing wait.
 */
#include "echoflow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vane/request.h>
#include <vane/response.h>

#include "support/pattern.h"

/* More than any row asks for: fuzzers ask for everything. */
#define BYTES_MAX (16 * 1024 * 1024)

static void plain(struct vane_response *res)
{
	vane_response_set_field(res, "Content-Type", "text/plain; charset=utf-8");
}

/* What a callback's work came to: it is not done, or it is, or that failed. */
static void conclude(struct vane_request *req, int rc)
{
	struct vane_response *res = vane_request_response(req);

	if (rc == -EAGAIN)
		return;
	if (rc == 0)
		vane_response_finish(res);
	else
		vane_response_give_up(res, rc);
}

/* Reading */

struct flow {
	size_t len;
	uint64_t hash;
};

static int stream(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

static void read_on(struct vane_request *req, void *data);

/* Read what is there.  0 and an answer at the end, -EAGAIN, or what to answer. */
static int read_some(struct vane_request *req, struct vane_response *res, struct flow *flow)
{
	char buf[3000];
	ssize_t n;

	while ((n = vane_request_read(req, buf, sizeof(buf))) > 0) {
		flow->hash = fnv_add(flow->hash, buf, (size_t) n);
		flow->len += (size_t) n;
	}
	if (n == -EAGAIN)
		vane_request_on_body(req, read_on, flow);
	if (n < 0)
		return n == -EMSGSIZE ? 413 : n == -EBADMSG ? 400 : (int) n;
	plain(res);
	return vane_response_printf(
		res, "len=%zu fnv=%016" PRIx64 "\n", flow->len, flow->hash);
}

static void read_on(struct vane_request *req, void *data)
{
	conclude(req, read_some(req, vane_request_response(req), data));
}

static int read_post(struct vane_request *req, struct vane_response *res)
{
	struct flow *flow = vane_request_alloc(req, sizeof(*flow));
	int rc;

	if (flow == NULL)
		return -ENOMEM;
	*flow = (struct flow) { .hash = FNV_START };
	rc = read_some(req, res, flow);
	return rc == -EAGAIN ? vane_response_defer(res) : rc;
}

const struct vane_handler echo_flow = {
	.prepare = stream, .post = read_post, .put = read_post
};
const struct vane_handler echo_flow_small = {
	.prepare = stream, .post = read_post, .max_body = 1024
};

/* The same functions where the body was collected for them. */
const struct vane_handler echo_read = { .post = read_post, .put = read_post };

/* Writing */

struct drain {
	size_t at, size;
	char buf[30000];
};

static void drain_on(struct vane_request *req, void *data);

/* Write as long as all is taken: the one buffer is free again then.  0, -EAGAIN or an errno. */
static int drain_some(struct vane_response *res, struct drain *drain)
{
	size_t len;
	int rc = 0;

	while (drain->at < drain->size && vane_response_pending(res) == 0 && rc == 0) {
		len = drain->size - drain->at;
		if (len > sizeof(drain->buf))
			len = sizeof(drain->buf);
		pattern_fill(drain->buf, drain->at, len);
		drain->at += len;
		vane_response_write_ref(res, drain->buf, len);
		rc = vane_response_flush(res);
	}
	if (rc < 0 || vane_response_pending(res) == 0)
		return rc;
	vane_response_on_drain(res, drain_on, drain);
	return -EAGAIN;
}

static void drain_on(struct vane_request *req, void *data)
{
	conclude(req, drain_some(vane_request_response(req), data));
}

static int drain_get(struct vane_request *req, struct vane_response *res)
{
	struct drain *drain = vane_request_alloc(req, sizeof(*drain));
	int rc;

	if (drain == NULL)
		return -ENOMEM;
	drain->at = 0;
	drain->size = strtoul(vane_request_arg_or(req, "bytes", "0"), NULL, 10);
	if (drain->size > BYTES_MAX)
		drain->size = BYTES_MAX;
	vane_response_set_field(res, "Content-Type", "application/octet-stream");
	rc = drain_some(res, drain);
	return rc == -EAGAIN ? vane_response_defer(res) : rc;
}

const struct vane_handler echo_drain = { .get = drain_get };

/* Elsewhere, and as it is */

static int forward_any(struct vane_request *req, struct vane_response *res)
{
	const char *to = vane_request_query_arg(req, "to", 0);
	char target[500];

	if (to == NULL)
		to = "/forward"; /* and so on */
	plain(res);
	vane_response_puts(res, "never to be seen");
	snprintf(target, sizeof(target), "%s%s", vane_request_mount(req), to);
	switch (vane_response_forward(res, target)) {
	case 0:
		return 500; /* too late to matter */
	case -ELOOP:
		return 508;
	default:
		return 400;
	}
}

const struct vane_handler echo_forward = { .any = forward_any };

/* The same answer with a head of its own, where that may be. */
static int raw_get(struct vane_request *req, struct vane_response *res)
{
	bool can = vane_request_can(req, VANE_CAP_RAW);
	int rc = vane_response_set_raw(res, 200);

	if (rc != (can ? 0 : -ENOTSUP))
		return 500;
	if (can)
		vane_response_puts(res,
			"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n\r\n");
	else
		plain(res);
	return vane_response_puts(res, "as is\n");
}

const struct vane_handler echo_raw = { .get = raw_get };

/* Coming back */

static int go_on(struct vane_request *req, struct vane_response *res, void *data)
{
	int *left = data;

	if (vane_request_query_arg(req, "fail", 0) != NULL)
		return 404;
	vane_response_printf(res, "%d left\n", *left);
	if (vane_request_query_arg(req, "flush", 0) != NULL)
		vane_response_flush(res);
	if ((*left)-- > 0)
		return vane_request_wait(req, 5, go_on, left);
	return vane_response_puts(res, "done\n");
}

static int wait_get(struct vane_request *req, struct vane_response *res)
{
	int *left = vane_request_alloc(req, sizeof(*left));
	int rc;

	if (left == NULL)
		return -ENOMEM;
	*left = (int) strtoul(vane_request_arg_or(req, "n", "0"), NULL, 10) % 100;
	plain(res);
	rc = vane_request_wait(req, 5, go_on, left);
	if (rc == 0 && vane_request_wait(req, 5, go_on, left) != -EBUSY)
		return 500;
	/* before it comes back, in every mode */
	vane_response_puts(res, "begun\n");
	return rc;
}

const struct vane_handler echo_wait = { .get = wait_get };
