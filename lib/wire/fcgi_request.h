/* SPDX-License-Identifier: MIT */
/*
 * fcgi_request.h - one FastCGI request, put together from the bytes of a connection.
 */
#ifndef VANE__FCGI_REQ_H
#define VANE__FCGI_REQ_H

#include <vane/types.h>

#include "buf.h"
#include "fcgi_app.h"

struct vane__fcgi_req_limits {
	size_t max_params_bytes, max_params;
	struct vane__fcgi_limits told; /* for FCGI_GET_VALUES */
};

/* How far a request is, in this order. */
enum vane__fcgi_req_phase {
	VANE__FCGI_REQ_IDLE,   /* none has begun */
	VANE__FCGI_REQ_BEGIN,  /* inside its FCGI_BEGIN_REQUEST */
	VANE__FCGI_REQ_PARAMS, /* its parameters are coming */
	VANE__FCGI_REQ_BODY,   /* all of them are here and sound; its body is coming */
	VANE__FCGI_REQ_WHOLE   /* its body has ended, or no more of it is looked at */
};

/* A request that is coming in.  A zeroed one is idle. */
struct vane__fcgi_req {
	struct vane__fcgi_record record;
	enum vane__fcgi_req_phase phase;
	unsigned id;
	bool keep;         /* FCGI_KEEP_CONN */
	bool overloaded;   /* set by the owner: refuse what begins */
	bool large;        /* its parameters are more than allowed */
	bool aborted;      /* it was taken back */
	struct buf params; /* the stream of pairs, without headers */
	/* what they are, once all are here: names and values in there, each followed by a NUL */
	struct vane_field *vars;
	size_t var_count, var_cap;
	struct buf body;    /* what has come of FCGI_STDIN; */
	size_t body_at;     /* so much of that was taken, */
	int64_t body_bytes; /* and so much has come in all */
	struct buf small;   /* content of BEGIN_REQUEST and of management records */
	unsigned char reply[VANE__FCGI_TOLD];
	size_t reply_len;
	const char *why; /* for VANE__FCGI_REQ_LARGE and VANE__FCGI_REQ_BAD */
};

enum vane__fcgi_req_event {
	VANE__FCGI_REQ_MORE, /* the input is used up */
	VANE__FCGI_REQ_DONE, /* the request is whole; the input may hold the next one */
	/*
	 * more parameters than allowed, of which vars has those that fit: refuse it; its
	 * rest is skipped after a reset
	 */
	VANE__FCGI_REQ_LARGE,
	VANE__FCGI_REQ_REPLY,   /* send reply, and go on */
	VANE__FCGI_REQ_REFUSED, /* send reply; the connection is of no more use */
	VANE__FCGI_REQ_ABORTED, /* the web server takes the request back */
	VANE__FCGI_REQ_BAD      /* the connection is of no use; why says why */
};

/* Take bytes from the front of in until something is to be done. */
enum vane__fcgi_req_event vane__fcgi_req_push(struct vane__fcgi_req *in,
	const struct vane__fcgi_req_limits *limits, struct vane_slice *bytes);

/* The last parameter of that name, which is the one that counts, or "". */
struct vane_slice vane__fcgi_req_param(
	const struct vane__fcgi_req *in, struct vane_slice name);

/* Forget the request, so that the next one can begin; bytes of its rest will be skipped. */
void vane__fcgi_req_reset(struct vane__fcgi_req *in);

/* Whether nothing has come that a next owner of the connection would have to know. */
bool vane__fcgi_req_idle(const struct vane__fcgi_req *in);

/* Give the memory back. */
void vane__fcgi_req_fini(struct vane__fcgi_req *in);

#endif
