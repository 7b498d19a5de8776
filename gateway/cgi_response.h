/* SPDX-License-Identifier: MIT */
/*
 * cgi_response.h - a CGI response (RFC 3875, 6), from what a foreign program writes.
 */
#ifndef VANE__CGI_RESPONSE_H
#define VANE__CGI_RESPONSE_H

#include <vane/gateway.h>
#include <vane/request.h>

#include "cgi_head.h"
#include "spool.h"

struct vane_backend;

/* What is being written, in the order in which it comes. */
enum vane__cgi_response_state {
	VANE__CGI_RESPONSE_HEAD, /* the head, of which the client has nothing yet */
	VANE__CGI_RESPONSE_BODY, /* the body of a response whose head is understood */
	VANE__CGI_RESPONSE_RAW,  /* a whole message, given on as it is */
	/* what nobody will read: another answer takes its place at the end */
	VANE__CGI_RESPONSE_DROP
};

struct vane__cgi_response {
	struct vane_request *req;
	struct vane_backend *backend;
	enum vane__cgi_response_state state;
	struct vane__cgi_head head;
	bool nph;       /* a status line is to come */
	char start[12]; /* of it */
	size_t start_len;
	int64_t left;   /* of what Content-Length promised, -1: no promise */
	int64_t output; /* bytes of it all */
	struct vane__spool spool;
	bool spooling; /* output goes there: the client has not taken what came before */
};

void vane__cgi_response_init(struct vane__cgi_response *cgi, struct vane_backend *backend,
	struct vane_request *req);
void vane__cgi_response_fini(struct vane__cgi_response *cgi);

/* What comes is a message with a head and a framing of its own (RFC 3875, 5). */
void vane__cgi_response_nph(struct vane__cgi_response *cgi);

/* Whether there is something that can be sent: a response that begins, or goes on. */
static inline bool vane__cgi_response_has_body(const struct vane__cgi_response *cgi)
{
	return cgi->state == VANE__CGI_RESPONSE_BODY ||
	       cgi->state == VANE__CGI_RESPONSE_RAW;
}

/* Whether another path of the application is to answer. */
static inline bool vane__cgi_response_is_forward(const struct vane__cgi_response *cgi)
{
	return cgi->state == VANE__CGI_RESPONSE_DROP && cgi->head.local;
}

/*
 * Take output.  Returns 0, or a negative errno with *why to log: it is no response, or too
 * much.
 */
int vane__cgi_response_output(
	struct vane__cgi_response *cgi, const char *data, size_t len, const char **why);

/*
 * There is no more.  Does what is to be done in the place of the output: an internal
 * redirect, a file.  Returns 0 if the response is whole, or a negative errno with *why to
 * log.
 */
int vane__cgi_response_end(struct vane__cgi_response *cgi, const char **why);

#endif
