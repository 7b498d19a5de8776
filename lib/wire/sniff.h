/* SPDX-License-Identifier: MIT */
/*
 * sniff.h - which protocol a connection speaks, by its first bytes, and what to say where that is
 * not the one that is spoken here.
 *
 * A web server that was told fastcgi_pass where proxy_pass is meant is told so, and so is whoever
 * reads the log.  Pure functions over bytes, but for that line.
 */
#ifndef VANE__SNIFF_H
#define VANE__SNIFF_H

#include "base.h"

enum vane__spoken {
	VANE__SPOKEN_UNKNOWN,
	VANE__SPOKEN_HTTP,
	VANE__SPOKEN_FASTCGI,
	VANE__SPOKEN_SCGI,
	VANE__SPOKEN_TLS,
	VANE__SPOKEN_PROXY, /* the header that HAProxy puts before a connection */
	VANE__SPOKEN_COUNT
};

/* When it was said last; zeroed: not yet.  One for each server. */
struct vane__sniff_log {
	bool told;
	int64_t at;
};

/* Enough for any answer. */
#define VANE__SNIFF_ANSWER 512

/*
 * What that looks like.  One byte can be enough for what is no text; HTTP is told by three, or by
 * its method.
 */
enum vane__spoken vane__sniff(struct vane_slice bytes);

/*
 * Say in the log what comes here, and the option or directive that mends it.  At most once a
 * minute, by that clock in milliseconds: whoever is told so comes with each request; else it is for
 * the level debug.
 */
void vane__sniff_complain(struct vane__sniff_log *log, int64_t now, enum vane__spoken here,
	enum vane__spoken spoken);

/*
 * Write what whoever sent those bytes can understand: a response with 400 for HTTP, a line for the
 * error log and the end of the request for FastCGI, a response with 500 for SCGI, an alert for TLS.
 * Returns its length, 0: nothing can be said.
 */
size_t vane__sniff_answer(char out[VANE__SNIFF_ANSWER], enum vane__spoken here,
	enum vane__spoken spoken, struct vane_slice bytes);

#endif
