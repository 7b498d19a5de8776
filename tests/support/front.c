/* SPDX-License-Identifier: MIT */
/*
 * front.c - requests as a server in front hands them over
 */
#include "front.h"

#include "test.h"

#include <string.h>

#include <vane/request.h>
#include <vane/response.h>

static int describe(struct vane_request *req, struct vane_response *res)
{
	const char *query = vane_request_query(req);

	return vane_response_printf(res, "%s %s|%s|%s|%s|%s|%s|%s|%d",
		vane_request_method(req), vane_request_target(req), vane_request_mount(req),
		vane_request_path(req), query != NULL ? query : "-",
		vane_request_scheme(req), vane_request_host(req),
		vane_request_remote_addr(req), vane_request_remote_port(req));
}

const struct vane_handler front_describer = { .get = describe, .del = describe };

static ssize_t no_read(void *carrier, void *buf, size_t size)
{
	return 0;
}

static int keep_head(void *carrier, const struct vane_head *head)
{
	struct carried *carried = carrier;

	carried->status = head->status;
	return 0;
}

static ssize_t keep_body(void *carrier, const struct vane_slice *piece)
{
	struct carried *carried = carrier;

	size_t len = strlen(carried->body), room = sizeof(carried->body) - 1 - len;

	strncat(carried->body, piece->data, piece->len < room ? piece->len : room);
	return (ssize_t) piece->len;
}

static int no_flush(void *carrier)
{
	return 0;
}

static void note_end(void *carrier, int rc)
{
	struct carried *carried = carrier;

	carried->ended++;
}

static const struct vane_driver front_driver = { .mode = "front",
	.read = no_read,
	.begin = keep_head,
	.write = keep_body,
	.flush = no_flush,
	.end = note_end };

struct vane_slice front_slice(const char *text)
{
	return (struct vane_slice) { text, text != NULL ? strlen(text) : 0 };
}

void front_ask(struct vane_app *app, struct vane_env *env, struct carried *carried)
{
	struct vane_exchange *x;

	*carried = (struct carried) { .status = 0 };
	env->method = front_slice("GET");
	assert_int_equal(vane_exchange_new(&x, app, NULL), 0);
	*vane_exchange_env(x) = *env;
	vane_exchange_start(x, &front_driver, carried);
	assert_int_equal(carried->ended, 1);
	vane_exchange_free(x);
}
