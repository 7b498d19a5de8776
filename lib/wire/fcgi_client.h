/* SPDX-License-Identifier: MIT */
/*
 * fcgi_client.h - FastCGI 1.0 as a web server speaks it: what an application is sent, and what it
 * answers.
 *
 * Pure functions over bytes.  Numbers in brackets are sections of the FastCGI Specification 1.0.
 */
#ifndef VANE__FCGI_CLIENT_H
#define VANE__FCGI_CLIENT_H

#include "fcgi.h"

/* Write an FCGI_BEGIN_REQUEST for a responder (5.1): 16 bytes. */
size_t vane__fcgi_begin(unsigned char out[16], unsigned id, bool keep);

/* Write an FCGI_ABORT_REQUEST (5.4): 8 bytes. */
size_t vane__fcgi_abort(unsigned char out[VANE__FCGI_HEAD], unsigned id);

/* The room that so many bytes of name-value pairs take as a stream of records, end included. */
size_t vane__fcgi_params_room(size_t len);

/*
 * Make an FCGI_PARAMS stream (5.2) of len bytes of pairs that stand at out + VANE__FCGI_HEAD,
 * where there is room for vane__fcgi_params_room(len) from out.  Records end between two
 * pairs unless a pair is too long for one: the standard does not ask for that, PHP does.
 * Returns the length of it all, end included.
 */
size_t vane__fcgi_params(unsigned char *out, unsigned id, size_t len);

/* Write an FCGI_GET_VALUES for all that the standard knows (4.1).  Returns its length. */
enum { VANE__FCGI_GET_VALUES_LEN = 72 };
size_t vane__fcgi_get_values(unsigned char out[VANE__FCGI_GET_VALUES_LEN]);

enum vane__fcgi_event {
	VANE__FCGI_MORE,   /* the input is used up */
	VANE__FCGI_OUT,    /* a piece of a response (5.3); empty at its end */
	VANE__FCGI_ERR,    /* a piece of what goes to the log (5.3); empty at its end */
	VANE__FCGI_END,    /* a request is over (5.5): app_status and status are set */
	VANE__FCGI_VALUES, /* values are set (4.1) */
	VANE__FCGI_UNKNOWN /* it does not know a management record that we sent (4.2) */
};

/* Longest FCGI_GET_VALUES_RESULT that is looked at, in bytes. */
enum { VANE__FCGI_SMALL = 1024 };

/* Takes what an application sends apart.  A zeroed one stands before the first record. */
struct vane__fcgi_client {
	struct vane__fcgi_record record; /* its id is that of the event */
	size_t small_len;
	unsigned char small[VANE__FCGI_SMALL]; /* content that is needed whole */
	uint32_t app_status;
	enum vane__fcgi_status status;
	long values[VANE__FCGI_VALUE_COUNT]; /* what it says of itself; -1: nothing */
	const char *why;                     /* after -EBADMSG */
};

/*
 * Read on: takes bytes from the front of in until there is something to tell.  Returns an
 * event, or -EBADMSG for what no application may send: nothing can be read after that.
 * piece lies in in; it is set for OUT and ERR.  Whether the id is one that was given is the
 * caller's to know.
 */
int vane__fcgi_client_read(
	struct vane__fcgi_client *client, struct vane_slice *in, struct vane_slice *piece);

/*
 * Whether what was read until VANE__FCGI_MORE came ends between two records, so that a connection
 * may end there.
 */
static inline bool vane__fcgi_client_between(const struct vane__fcgi_client *client)
{
	return vane__fcgi_record_between(&client->record);
}

#endif
