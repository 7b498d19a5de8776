/* SPDX-License-Identifier: MIT */
/*
 * ported_out.c - the response of a ported program, from the CGI head and the body that it writes.
 *
 * The program is not made to wait for its client where the mode does not: what the client has not
 * taken waits in memory, and above PENDING_BYTES in a temporary file without a name.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vane/log.h>
#include <vane/request.h>
#include <vane/response.h>

#include "ported.h"
#include "write_all.h"

#define PENDING_BYTES (256 * 1024)

void vane__ported_out_init(struct vane__ported_out *out, struct vane_request *req,
	struct vane_response *res, int64_t spool_max)
{
	*out = (struct vane__ported_out) {
		.req = req, .res = res, .left = -1, .spool_max = spool_max, .spool_fd = -1
	};
}

void vane__ported_out_fini(struct vane__ported_out *out)
{
	vane__cgi_head_fini(&out->head);
	if (out->spool_fd >= 0)
		close(out->spool_fd);
	out->spool_fd = -1;
}

static int refuse(struct vane__ported_out *out, int rc, const char *why)
{
	out->rc = rc;
	out->why = why;
	return rc;
}

static bool is_method(const struct vane__ported_out *out, const char *method)
{
	return strcmp(vane_request_method(out->req), method) == 0;
}

/* What the front server is told, if there is one: the client has no business with it. */
static int tell_front(struct vane__ported_out *out)
{
	const struct vane__cgi_head *head = &out->head;
	int rc = 0;

	if (vane_request_param(out->req, "GATEWAY_INTERFACE") == NULL)
		return 0;
	if (head->accel != NULL)
		rc = vane_response_add_field(out->res, "X-Accel-Redirect", head->accel);
	if (rc == 0 && head->sendfile != NULL)
		rc = vane_response_add_field(out->res, "X-Sendfile", head->sendfile);
	return rc;
}

static int copy_fields(struct vane__ported_out *out)
{
	const struct vane__cgi_head *head = &out->head;
	const char *name, *value;
	char length[24];
	size_t i;
	int rc = vane_response_set_status(out->res, head->status);

	for (i = 0; rc == 0 && vane__cgi_head_field(head, i, &name, &value); i++)
		rc = vane_response_add_field(out->res, name, value);
	if (rc == 0)
		rc = tell_front(out);
	if (rc < 0 || head->length < 0)
		return rc;
	snprintf(length, sizeof(length), "%" PRId64, head->length);
	return vane_response_set_field(out->res, "Content-Length", length);
}

/* The head is whole: what does it ask for? */
static int begin(struct vane__ported_out *out)
{
	int rc;

	if (out->head.local) {
		out->state = VANE__PORTED_DROP;
		return 0;
	}
	out->state = VANE__PORTED_BODY;
	/* 304 tells the length that another response would have (RFC 9110, 8.6). */
	if (out->head.status != 204 && out->head.status != 304)
		out->left = out->head.length;
	rc = copy_fields(out);
	return rc < 0 ? refuse(out, rc, "a field that no response may carry") : 0;
}

static int spool(struct vane__ported_out *out, const char *data, size_t len)
{
	int rc;

	if (out->spooled > out->spool_max - (int64_t) len)
		return refuse(out, -EMSGSIZE, "its client takes too little of it");
	if (out->spool_fd < 0)
		out->spool_fd = vane_request_open_temp_file(out->req);
	if (out->spool_fd < 0)
		return refuse(
			out, out->spool_fd, "no file for what its client has not taken");
	rc = vane__write_all(out->spool_fd, data, len);
	if (rc < 0)
		return refuse(out, rc, "no room for what its client has not taken");
	out->spooled += (int64_t) len;
	return 0;
}

/* The response sends it from the file. */
static int hand_spool_over(struct vane__ported_out *out)
{
	int fd = out->spool_fd;
	int64_t len = out->spooled;

	if (fd < 0)
		return 0;
	out->spool_fd = -1;
	out->spooled = 0;
	return vane_response_write_file(out->res, fd, 0, len);
}

/* Body, as much of it as was promised. */
static int take_body(struct vane__ported_out *out, const char *data, size_t len)
{
	size_t pending = vane_response_pending(out->res);
	int rc = 0;

	if (out->left >= 0 && (int64_t) len > out->left)
		len = (size_t) out->left;
	if (len == 0)
		return 0;
	if (out->left >= 0)
		out->left -= (int64_t) len;
	if (pending > PENDING_BYTES || (pending > 0 && out->spool_fd >= 0))
		return spool(out, data, len);
	rc = hand_spool_over(out);
	if (rc == 0)
		rc = vane_response_write(out->res, data, len);
	return rc < 0 ? refuse(out, rc, strerror(-rc)) : 0;
}

int vane__ported_out_take(struct vane__ported_out *out, const void *data, size_t len)
{
	size_t used = 0;
	int rc = out->rc;

	out->written = out->written || len > 0;
	if (rc == 0 && out->state == VANE__PORTED_HEAD) {
		rc = vane__cgi_head_feed(&out->head, data, len, &used);
		if (rc < 0)
			return refuse(out, rc, out->head.why);
		if (rc == 0)
			return 0;
		rc = begin(out);
	}
	if (rc < 0 || out->state != VANE__PORTED_BODY)
		return rc;
	return take_body(out, (const char *) data + used, len - used);
}

int vane__ported_out_flush(struct vane__ported_out *out)
{
	int rc = out->rc;

	if (rc < 0 || out->state != VANE__PORTED_BODY)
		return rc;
	if (vane_response_pending(out->res) == 0)
		rc = hand_spool_over(out);
	if (rc == 0)
		rc = vane_response_flush(out->res);
	return rc < 0 ? refuse(out, rc, strerror(-rc)) : 0;
}

/* What it wrote is no response, or no whole one. */
static int fail(struct vane__ported_out *out, const char *why)
{
	if (out->rc == -EPIPE)
		return 0; /* who has gone is answered nothing, and is no fault of the program's */
	return vane_response_send_error(
		out->res, 500, "%s: %s", vane_request_route(out->req), why);
}

/*
 * A body that HEAD leaves out has a length that nobody knows unless the head told it: it is
 * not that of no body (RFC 9110, 8.6), so the response begins before it is finished.
 */
static int end_body(struct vane__ported_out *out)
{
	if (is_method(out, "HEAD"))
		return out->head.length < 0 ? vane_response_flush(out->res) : 0;
	if (out->left > 0)
		return fail(out, "the response is shorter than its Content-Length");
	return hand_spool_over(out);
}

static int redirect(struct vane__ported_out *out)
{
	int rc = vane_response_forward(out->res, out->head.location);

	if (rc == -ELOOP)
		return fail(out, "too many internal redirects");
	return rc < 0 ? fail(out, "an internal redirect to what is no path") : 0;
}

int vane__ported_out_end(struct vane__ported_out *out)
{
	if (out->rc < 0)
		return fail(out, out->why);
	switch (out->state) {
	case VANE__PORTED_HEAD:
		return fail(out,
			out->written ? "the response ends in its head" : "no response");
	case VANE__PORTED_BODY:
		return end_body(out);
	default:
		return redirect(out);
	}
}
