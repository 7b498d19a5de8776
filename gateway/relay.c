/* SPDX-License-Identifier: MIT */
/*
 * relay.c - the life of a relay: begun, fed, pushed, over.
 *
 * Two sides call in: the carrier with output, the library with news of the client.  Whoever
 * brings the end about, it comes once.  While a call of the carrier's is on the stack the
 * client's leaving is only noted, so that the carrier is never called back from there.
 */
#include "relay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane/log.h>

#include "base.h"
#include "backend.h"
#include "cgi_response.h"
#include "stderrlog.h"

/* How often deadlines are looked at. */
#define TICK_MSEC 200

/* What the client has not taken stays in memory up to here, then it goes to a file. */
#define SPOOL_ABOVE (64 * 1024)

struct vane__relay {
	struct vane_backend *backend;
	struct list node; /* among the backend's */
	struct vane_request *req;
	struct vane_loop *loop;
	const struct vane__relay_calls *calls; /* NULL: not carried, or over */
	void *carrier;
	struct vane__cgi_response cgi;
	struct vane__stderrlog errors;
	int64_t began, active; /* when; and when there was the last sign of the program */
	int inside;            /* calls of the carrier's on the stack */
	bool waits;            /* its handler does, for want of a loop */
	bool gone;             /* the client, while inside */
	bool over;
	bool touched; /* some of the body was read */
	bool starved; /* nothing of the body is here: not the program's fault */
	bool blocked; /* the client does not read: nor is that */
	char name[];  /* for the log: "cgi /srv/x.cgi" */
};

/* Whose state of a request a relay is: beside that of a handler or of filters. */
static const char owner;

static void on_tick(void *data);

static int watch_clock(struct vane_backend *backend, struct vane_loop *loop)
{
	backend->tick_loop = loop;
	return vane_loop_call_later(loop, TICK_MSEC, on_tick, backend, &backend->tick);
}

static int enlist(struct vane__relay *r)
{
	struct vane_backend *backend = r->backend;

	list_add(&backend->relays, &r->node);
	return backend->tick == NULL ? watch_clock(backend, r->loop) : 0;
}

static void delist(struct vane__relay *r)
{
	list_del(&r->node);
	if (list_empty(&r->backend->relays)) {
		vane_timer_cancel(r->backend->tick);
		r->backend->tick = NULL;
	}
}

static struct vane_response *response(const struct vane__relay *r)
{
	return vane_request_response(r->req);
}

/* Nobody calls it any more. */
static void put_away(struct vane__relay *r)
{
	r->over = true;
	r->calls = NULL;
	delist(r);
	vane__stderrlog_end(&r->errors);
	vane_request_on_close(r->req, NULL, NULL);
	vane_request_on_body(r->req, NULL, NULL);
	vane_response_on_drain(response(r), NULL, NULL);
}

/* The response is complete, or an error page; the request's memory may be gone after this. */
static void finish(struct vane__relay *r)
{
	put_away(r);
	vane_response_finish(response(r));
}

/* What the client has is not to be taken for whole. */
static void cut(struct vane__relay *r, int rc)
{
	put_away(r);
	vane_response_give_up(response(r), rc);
}

/* The response has not begun; one that is cut, and 500, are logged by those who are told. */
static void complain(const struct vane__relay *r, int status, const char *why)
{
	if (why != NULL && status != 500)
		vane_log(VANE_LOG_ERROR, "%s: %s (%s %s)", r->name, why,
			vane_request_method(r->req), vane_request_target(r->req));
}

/* Answer with an error, or cut what is on its way already. */
static void fail(struct vane__relay *r, int status, const char *why)
{
	struct vane_response *res = response(r);

	int rc = -ECONNABORTED;

	if (why != NULL || !vane_response_head_sent(res))
		rc = vane_response_send_error(
			res, status, "%s: %s", r->name, why != NULL ? why : "");
	if (rc < 0) {
		cut(r, rc);
		return;
	}
	complain(r, status, why);
	if (status == 503)
		vane_response_set_field(res, "Retry-After", "1");
	finish(r);
}

/* From outside of the carrier: it is to forget the relay. */
static void cancel(struct vane__relay *r)
{
	const struct vane__relay_calls *calls = r->calls;

	r->calls = NULL;
	if (calls != NULL)
		calls->cancel(r->carrier);
}

static void on_gone(struct vane_request *req, void *data)
{
	struct vane__relay *r = data;

	if (r->inside > 0) {
		r->gone = true;
		return;
	}
	cancel(r);
	finish(r);
}

/* The carrier's call returns: what was noted meanwhile is seen to.  rc < 0: it is over. */
static int leave(struct vane__relay *r, int rc)
{
	r->inside--;
	if (rc < 0 && rc != -EAGAIN)
		return rc;
	if (r->gone && r->inside == 0) {
		finish(r);
		return -EPIPE;
	}
	return rc;
}

/* Why a relay's time is up, NULL: it is not. */
static const char *overdue(const struct vane__relay *r, int64_t now)
{
	const struct vane_backend_limits *limits = &r->backend->limits;

	if (now - r->began >= limits->total_msec)
		return "takes too long";
	if (r->starved || r->blocked)
		return NULL;
	if (r->cgi.state == VANE__CGI_RESPONSE_HEAD) {
		if (now - r->active >= limits->head_msec)
			return "no response in time";
	} else if (now - r->active >= limits->idle_msec) {
		return "the response does not go on";
	}
	return NULL;
}

/*
 * End the first relay there is reason to end.  Others may end with it, so look again after it.
 */
static bool end_one(struct vane_backend *backend, int64_t now)
{
	struct list *at;

	for (at = backend->relays.next; at != &backend->relays; at = at->next) {
		struct vane__relay *r = CONTAINER_OF(at, struct vane__relay, node);
		const char *why = overdue(r, now);

		if (why != NULL) {
			cancel(r);
			fail(r, 504, why);
			return true;
		}
		if (r->waits && vane_request_gone(r->req)) {
			cancel(r);
			finish(r);
			return true;
		}
	}
	return false;
}

static void on_tick(void *data)
{
	struct vane_backend *backend = data;
	int64_t now = vane_loop_now(backend->tick_loop);

	backend->tick = NULL;
	while (end_one(backend, now))
		;
	if (!list_empty(&backend->relays) && backend->tick == NULL)
		watch_clock(backend, backend->tick_loop);
}

int vane__relay_new(struct vane__relay **out, struct vane_backend *backend,
	struct vane_request *req, const char *kind, const char *what)
{
	size_t kind_len = strlen(kind), what_len = strlen(what);
	struct vane__relay *r =
		vane_request_alloc(req, sizeof(*r) + kind_len + what_len + 2);
	struct vane_loop *loop = vane__backend_loop(backend, req);
	int rc;

	if (r == NULL || loop == NULL)
		return -ENOMEM;
	memset(r, 0, sizeof(*r));
	memcpy(r->name, kind, kind_len);
	r->name[kind_len] = ' ';
	memcpy(r->name + kind_len + 1, what, what_len + 1);
	r->backend = backend;
	r->req = req;
	r->loop = loop;
	r->waits = vane_request_loop(req) == NULL;
	r->began = r->active = vane_loop_now(loop);
	vane__cgi_response_init(&r->cgi, backend, req);
	vane__stderrlog_init(&r->errors, r->name, backend->limits.max_error_bytes);
	rc = vane_request_set_state(req, &owner, r);
	if (rc < 0)
		return rc;
	rc = enlist(r);
	if (rc < 0) {
		delist(r);
		return rc;
	}
	vane_request_on_close(req, on_gone, r);
	*out = r;
	return 0;
}

void vane__relay_carry(
	struct vane__relay *r, const struct vane__relay_calls *calls, void *carrier)
{
	r->calls = calls;
	r->carrier = carrier;
}

struct vane_loop *vane__relay_loop(const struct vane__relay *r)
{
	return r->loop;
}

struct vane_request *vane__relay_request(const struct vane__relay *r)
{
	return r->req;
}

int64_t vane__relay_body_length(const struct vane__relay *r)
{
	return vane_request_body_length(r->req);
}

bool vane__relay_untouched(const struct vane__relay *r)
{
	return !r->touched;
}

bool vane__relay_has_output(const struct vane__relay *r)
{
	return r->cgi.output > 0;
}

void vane__relay_nph(struct vane__relay *r)
{
	vane__cgi_response_nph(&r->cgi);
}

static void on_body(struct vane_request *req, void *data)
{
	struct vane__relay *r = data;

	r->starved = false;
	r->active = vane_loop_now(r->loop);
	r->calls->input(r->carrier);
}

/* The body cannot be had: by the client's fault, or it is gone. */
static void fail_body(struct vane__relay *r, int rc)
{
	if (rc == -EMSGSIZE)
		fail(r, 413, NULL);
	else if (rc == -EBADMSG)
		fail(r, 400, NULL);
	else
		cut(r, rc);
}

ssize_t vane__relay_read(struct vane__relay *r, void *buf, size_t size)
{
	ssize_t n;

	r->inside++;
	n = vane_request_read(r->req, buf, size);
	r->touched = r->touched || n > 0;
	if (n == -EAGAIN) {
		r->starved = true;
		vane_request_on_body(r->req, on_body, r);
	} else if (n >= 0) {
		r->active = vane_loop_now(r->loop);
	} else {
		r->inside--;
		fail_body(r, (int) n);
		return n;
	}
	return leave(r, 0) < 0 ? -EPIPE : n;
}

/*
 * Whether output is for the client.  What is dropped, as a body for HEAD is, holds up
 * nobody and may go on for ever, so it does not count as a response that goes on.
 */
static bool is_heard(const struct vane__relay *r)
{
	const struct vane__cgi_response *cgi = &r->cgi;
	int status = cgi->head.status;

	if (cgi->state != VANE__CGI_RESPONSE_BODY)
		return cgi->state != VANE__CGI_RESPONSE_DROP;
	return cgi->left != 0 && status != 204 && status != 304 &&
	       strcmp(vane_request_method(r->req), "HEAD") != 0;
}

int vane__relay_output(struct vane__relay *r, const void *data, size_t len)
{
	const char *why = NULL;
	int rc;

	if (is_heard(r))
		r->active = vane_loop_now(r->loop);
	r->inside++;
	rc = vane__cgi_response_output(&r->cgi, data, len, &why);
	if (rc < 0) {
		r->inside--;
		if (r->gone || why == NULL)
			cut(r, rc);
		else
			fail(r, 502, why);
		return rc;
	}
	return leave(r, 0);
}

/* Hand on what waits, as far as the client takes it. */
static int refill(struct vane__relay *r)
{
	struct vane_response *res = response(r);
	int rc = 0;

	while (rc == 0 && vane_response_pending(res) == 0 &&
		!vane__spool_is_empty(&r->cgi.spool)) {
		rc = vane__spool_hand_on(&r->cgi.spool, res);
		if (rc == 0)
			rc = vane_response_flush(res);
	}
	return rc;
}

/* The client has taken all there was: what comes now is for it, without a way round. */
static void end_spooling(struct vane__relay *r)
{
	vane__spool_rewind(&r->cgi.spool);
	r->cgi.spooling = false;
	if (!r->blocked)
		return;
	r->blocked = false;
	r->active = vane_loop_now(r->loop);
	r->calls->resume(r->carrier);
}

static void on_drain(struct vane_request *req, void *data)
{
	struct vane__relay *r = data;
	int rc;

	r->inside++;
	rc = refill(r);
	r->inside--;
	if (rc < 0 || r->gone) {
		cancel(r);
		finish(r);
	} else if (vane_response_pending(response(r)) > 0) {
		vane_response_on_drain(response(r), on_drain, r);
	} else {
		end_spooling(r);
	}
}

/* Give the client what it takes; when too much is left, what follows goes to the spool. */
static int push(struct vane__relay *r)
{
	struct vane_response *res = response(r);

	r->inside++;
	if (vane_response_flush(res) < 0) {
		r->gone = true;
	} else if (vane_response_pending(res) > SPOOL_ABOVE) {
		r->cgi.spooling = true;
		vane_response_on_drain(res, on_drain, r);
	}
	return leave(r, 0);
}

int vane__relay_push(struct vane__relay *r)
{
	if (!vane__cgi_response_has_body(&r->cgi))
		return 0;
	if (!r->cgi.spooling)
		return push(r);
	r->blocked = vane__spool_is_full(&r->cgi.spool);
	return r->blocked ? -EAGAIN : 0;
}

void vane__relay_errors(struct vane__relay *r, const void *data, size_t len)
{
	vane__stderrlog_add(&r->errors, data, len);
}

/*
 * What the output comes to, done as the last thing.  The carrier is gone by now, so that a
 * client that leaves here has nobody to cancel.
 */
static void conclude(struct vane__relay *r)
{
	const char *why = NULL;
	bool forwarded = vane__cgi_response_is_forward(&r->cgi);
	int rc;

	vane_request_on_close(r->req, NULL, NULL);
	if (forwarded)
		put_away(r); /* the request goes on without us */
	rc = vane__cgi_response_end(&r->cgi, &why);
	if (rc < 0 && forwarded) {
		vane_response_send_error(response(r), 500, "%s: %s", r->name, why);
		vane_response_finish(response(r));
	} else if (rc < 0) {
		fail(r, rc == -ENOENT ? 404 : 502, why);
	} else if (!forwarded) {
		finish(r);
	}
}

void vane__relay_end(struct vane__relay *r, const char *why)
{
	if (why != NULL)
		fail(r, 502, why);
	else
		conclude(r);
}

void vane__relay_fail(struct vane__relay *r, int status, const char *why)
{
	fail(r, status, why);
}

int vane__relay_answer(struct vane__relay *r)
{
	struct vane_backend *backend = r->backend;

	if (!r->waits)
		return r->over ? 0 : vane_response_defer(response(r));
	vane_request_block(r->req);
	while (!r->over)
		vane_loop_turn(r->loop, true);
	vane__backend_settle(backend);
	return 0;
}

void vane__relay_finished(struct vane_request *req)
{
	struct vane__relay *r = vane_request_state(req, &owner);

	if (r != NULL)
		vane__cgi_response_fini(&r->cgi);
}
