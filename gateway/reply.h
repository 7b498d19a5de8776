/* SPDX-License-Identifier: MIT */
/*
 * reply.h - from what a foreign program writes to the response it means (RFC 3875, 6).
 */
#ifndef VANE__REPLY_H
#define VANE__REPLY_H

#include <vane/gateway.h>
#include <vane/request.h>

#include "cgi_head.h"
#include "spool.h"

struct vane__host;

/* What is being written, in the order in which it comes. */
enum vane__reply_state {
	VANE__REPLY_HEAD, /* the head, of which the client has nothing yet */
	VANE__REPLY_BODY, /* the body of a response whose head is understood */
	VANE__REPLY_RAW,  /* a whole message, given on as it is */
	/* what nobody will read: another answer takes its place at the end */
	VANE__REPLY_DROP
};

struct vane__reply {
	struct vane_request *req;
	struct vane__host *host;
	enum vane__reply_state state;
	struct vane__cgi_head head;
	bool nph;       /* a status line is to come */
	char start[12]; /* of it */
	size_t start_len;
	int64_t left;   /* of what Content-Length promised, -1: no promise */
	int64_t output; /* bytes of it all */
	struct vane__spool spool;
	bool spooling; /* output goes there: the client has not taken what came before */
};

void vane__reply_init(
	struct vane__reply *reply, struct vane__host *host, struct vane_request *req);
void vane__reply_fini(struct vane__reply *reply);

/* What comes is a message with a head and a framing of its own (RFC 3875, 5). */
void vane__reply_nph(struct vane__reply *reply);

/* Whether there is something that can be sent: a response that begins, or goes on. */
static inline bool vane__reply_has_body(const struct vane__reply *reply)
{
	return reply->state == VANE__REPLY_BODY || reply->state == VANE__REPLY_RAW;
}

/* Whether another path of the application is to answer. */
static inline bool vane__reply_is_forward(const struct vane__reply *reply)
{
	return reply->state == VANE__REPLY_DROP && reply->head.local;
}

/*
 * Take output.  Returns 0, or a negative errno with *why to log: it is no response, or too
 * much.
 */
int vane__reply_output(
	struct vane__reply *reply, const char *data, size_t len, const char **why);

/*
 * There is no more.  Does what is to be done in the place of the output: an internal
 * redirect, a file.  Returns 0 if the response is whole, or a negative errno with *why to
 * log.
 */
int vane__reply_end(struct vane__reply *reply, const char **why);

#endif
