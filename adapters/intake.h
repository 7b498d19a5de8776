/* SPDX-License-Identifier: MIT */
/*
 * intake.h - one FastCGI request, put together from the bytes of a connection.
 *
 * libfcgi aborts the process when lengths are evil, waits for the rest of what is half
 * sent, and answers no management record until more bytes come.  So it is never given a
 * connection to read: the bytes come in here, and it gets what was found whole and sound.
 */
#ifndef VANE__INTAKE_H
#define VANE__INTAKE_H

#include <vane/types.h>

#include "bytes.h"
#include "record.h"

struct vane__intake_limits {
	size_t max_params_bytes, max_params;
	struct vane__record_limits told; /* for FCGI_GET_VALUES */
};

/* How far a request is, in this order. */
enum vane__intake_phase {
	VANE__INTAKE_IDLE,   /* none has begun */
	VANE__INTAKE_BEGIN,  /* inside its FCGI_BEGIN_REQUEST */
	VANE__INTAKE_PARAMS, /* its parameters are coming */
	VANE__INTAKE_BODY,   /* all of them are here and sound; its body is coming */
	VANE__INTAKE_WHOLE   /* its body has ended */
};

/* A request that is coming in.  A zeroed one is idle. */
struct vane__intake {
	struct vane__record record;
	enum vane__intake_phase phase;
	unsigned id;
	bool keep;                 /* FCGI_KEEP_CONN */
	bool overloaded;           /* set by the owner: refuse what begins */
	bool large;                /* its parameters are more than allowed */
	struct vane__bytes params; /* the stream of pairs, without headers */
	struct vane__bytes body;   /* what has come of FCGI_STDIN and was not taken yet */
	int64_t body_bytes;        /* that have come of it in all */
	struct vane__bytes small;  /* content of BEGIN_REQUEST and of management records */
	unsigned char reply[VANE__RECORD_VALUES];
	size_t reply_len;
	const char *why; /* for VANE__INTAKE_LARGE and VANE__INTAKE_BAD */
};

enum vane__intake_event {
	VANE__INTAKE_MORE, /* the input is used up */
	VANE__INTAKE_DONE, /* the request is whole; the input may hold the next one */
	/*
	 * more parameters than allowed, of which params has those that fit: refuse it; its
	 * rest is skipped after a reset
	 */
	VANE__INTAKE_LARGE,
	VANE__INTAKE_REPLY,   /* send reply, and go on */
	VANE__INTAKE_REFUSED, /* send reply; the connection is of no more use */
	VANE__INTAKE_ABORTED, /* the web server takes the request back */
	VANE__INTAKE_BAD      /* the connection is of no use; why says why */
};

/* Take bytes from the front of in until something is to be done. */
enum vane__intake_event vane__intake_push(struct vane__intake *in,
	const struct vane__intake_limits *limits, struct vane_slice *bytes);

/* Forget the request, so that the next one can begin; bytes of its rest will be skipped. */
void vane__intake_reset(struct vane__intake *in);

/* Whether nothing has come that a next owner of the connection would have to know. */
bool vane__intake_idle(const struct vane__intake *in);

/* Give the memory back. */
void vane__intake_fini(struct vane__intake *in);

#endif
