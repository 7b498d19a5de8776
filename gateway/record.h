/* SPDX-License-Identifier: MIT */
/*
 * record.h - FastCGI 1.0 as a web server speaks it: records to an application and from it.
 *
 * Bytes only.  What an application gets is written here, what it answers is taken apart.
 */
#ifndef VANE__GATEWAY_RECORD_H
#define VANE__GATEWAY_RECORD_H

#include <vane/types.h>

enum {
	VANE__FCGI_HEAD = 8,        /* bytes of a record's header (3.3) */
	VANE__FCGI_CONTENT = 65528, /* content we put in one: a multiple of eight */
	VANE__FCGI_MAX_ID = 65535
};

/* The types of what we send and get (8). */
enum vane__fcgi_type {
	VANE__FCGI_BEGIN_REQUEST = 1,
	VANE__FCGI_ABORT_REQUEST = 2,
	VANE__FCGI_END_REQUEST = 3,
	VANE__FCGI_PARAMS = 4,
	VANE__FCGI_STDIN = 5,
	VANE__FCGI_STDOUT = 6,
	VANE__FCGI_STDERR = 7,
	VANE__FCGI_GET_VALUES = 9,
	VANE__FCGI_GET_VALUES_RESULT = 10,
	VANE__FCGI_UNKNOWN_TYPE = 11
};

/* The protocol status of an FCGI_END_REQUEST (5.5). */
enum vane__fcgi_status {
	VANE__FCGI_REQUEST_COMPLETE,
	VANE__FCGI_CANT_MPX_CONN, /* the application does one at a time on a connection */
	VANE__FCGI_OVERLOADED,
	VANE__FCGI_UNKNOWN_ROLE
};

/* Write an FCGI_BEGIN_REQUEST for a responder: 16 bytes. */
size_t vane__fcgi_begin(unsigned char out[16], unsigned id, bool keep);

/* Write an FCGI_ABORT_REQUEST, or the empty record that ends a stream: 8 bytes each. */
size_t vane__fcgi_abort(unsigned char out[VANE__FCGI_HEAD], unsigned id);
size_t vane__fcgi_stream_end(
	unsigned char out[VANE__FCGI_HEAD], enum vane__fcgi_type type, unsigned id);

/*
 * Make one record of content, at most VANE__FCGI_CONTENT bytes, that stands at
 * out + VANE__FCGI_HEAD: the header is put before it and padding behind it, up to seven
 * bytes.  Returns the length of it all.
 */
size_t vane__fcgi_stdin(unsigned char *out, unsigned id, size_t content);

/* The room that so many bytes of name-value pairs take as a stream of records, end included. */
size_t vane__fcgi_params_room(size_t len);

/*
 * Make an FCGI_PARAMS stream of len bytes of pairs that stand at out + VANE__FCGI_HEAD,
 * where there is room for vane__fcgi_params_room(len) from out.  Records end between two
 * pairs unless a pair is too long for one: the standard does not ask for that, PHP does.
 * Returns the length of it all, end included.
 */
size_t vane__fcgi_params(unsigned char *out, unsigned id, size_t len);

/* Write an FCGI_GET_VALUES for all that the standard knows (4.1).  Returns its length. */
enum { VANE__FCGI_ASK = 72 };
size_t vane__fcgi_ask(unsigned char out[VANE__FCGI_ASK]);

/* What an application says of itself in an FCGI_GET_VALUES_RESULT; -1: nothing. */
struct vane__fcgi_values {
	long max_conns, max_reqs, mpxs_conns;
};

enum vane__fcgi_event {
	VANE__FCGI_MORE,   /* the input is used up */
	VANE__FCGI_OUT,    /* a piece of a response; empty at its end */
	VANE__FCGI_ERR,    /* a piece of what goes to the log; empty at its end */
	VANE__FCGI_END,    /* a request is over: app_status and status are set */
	VANE__FCGI_VALUES, /* values are set */
	VANE__FCGI_UNKNOWN /* it does not know a management record that we sent */
};

/* Longest FCGI_GET_VALUES_RESULT that is looked at, in bytes. */
enum { VANE__FCGI_SMALL = 1024 };

/* Takes a connection's bytes apart.  A zeroed one stands before the first record. */
struct vane__fcgi_reader {
	unsigned char head[VANE__FCGI_HEAD];
	unsigned have;           /* bytes of the header so far */
	unsigned type, id;       /* of the record; id is that of the event */
	size_t content, padding; /* bytes that have not come yet */
	bool told;               /* what the record says was told: padding is left */
	size_t small_len;
	unsigned char small[VANE__FCGI_SMALL]; /* content that is needed whole */
	uint32_t app_status;
	enum vane__fcgi_status status;
	struct vane__fcgi_values values;
	const char *why; /* after -EBADMSG */
};

/*
 * Read on: takes bytes from the front of in until there is something to tell.  Returns an
 * event, or -EBADMSG for what no application may send: nothing can be read after that.
 * piece lies in in; it is set for OUT and ERR.  Whether the id is one that was given is the
 * caller's to know.
 */
int vane__fcgi_read(
	struct vane__fcgi_reader *reader, struct vane_slice *in, struct vane_slice *piece);

/* Whether a reader stands between two records, so that a connection may end there. */
static inline bool vane__fcgi_between(const struct vane__fcgi_reader *reader)
{
	return reader->have == 0 || (reader->told && reader->padding == 0);
}

#endif
