/* SPDX-License-Identifier: MIT */
/*
 * cgi_head.h - the head of a CGI response (RFC 3875, 6): parsed from bytes as they come, with
 * Status, Location and the fields to pass on; and written.
 */
#ifndef VANE__CGI_HEAD_H
#define VANE__CGI_HEAD_H

#include <vane/types.h>

#include "buf.h"

enum {
	VANE__CGI_HEAD_BYTES = 64 * 1024, /* default limits */
	VANE__CGI_HEAD_FIELDS = 256
};

/* What the head says of itself that is not passed on as it stands. */
enum vane__cgi_head_word {
	VANE__CGI_HEAD_STATUS,
	VANE__CGI_HEAD_LENGTH,
	VANE__CGI_HEAD_TYPE,
	VANE__CGI_HEAD_LOCATION,
	VANE__CGI_HEAD_ACCEL,
	VANE__CGI_HEAD_SENDFILE,
	VANE__CGI_HEAD_WORDS
};

/*
 * A head.  Zero all but the settings before the first byte.
 *
 * The texts live until the head is put away.
 */
struct vane__cgi_head {
	/* Settings. */
	bool nph;         /* it begins with a status line (RFC 3875, 5) */
	size_t max_bytes; /* blank line included; 0: VANE__CGI_HEAD_BYTES */
	size_t max_fields; /* those that are not passed on included; 0: VANE__CGI_HEAD_FIELDS */

	/* What it says, once it is whole. */
	int status;           /* 200 to 599, whether said or not */
	bool local;           /* location is to be answered by this server (6.2.2) */
	int64_t length;       /* Content-Length, -1: none */
	const char *type;     /* Content-Type, NULL: none */
	const char *location; /* NULL: none */
	const char *accel;    /* X-Accel-Redirect, NULL: none */
	const char *sendfile; /* X-Sendfile, NULL: none */

	/* Why it was refused, for the log: "no colon in line 3 of its head". */
	char why[64];

	/* Its own. */
	struct buf text, fields;
	size_t start; /* of the line that is being read */
	size_t words[VANE__CGI_HEAD_WORDS];
	unsigned line;
};

/* Give the memory back and forget all but the settings. */
void vane__cgi_head_fini(struct vane__cgi_head *head);

/*
 * Take the next bytes.
 *
 * Lines end in LF or CRLF.  Returns 1 when the head is whole, *used tells how many bytes
 * were of it: the rest is body; 0 if more is needed; -EBADMSG for what is no such head,
 * -EMSGSIZE above a limit, or -ENOMEM, and why is set.
 *
 * What CGI leaves open is decided so:
 * - Lines that begin with a blank are refused: RFC 3875, 6.3 has no continuation lines, and
 *   programs that split theirs do not agree on what one means.
 * - A Status below 200 is refused, as no final response would follow it.
 * - Without Status the status is 302 with a Location, else 200.  A Location that is a path
 *   is local then if nothing would be lost by that: with further fields but Content-Type and
 *   Content-Length the client is redirected, and gets them.
 * - Status and Location may come once, Content-Length only with one value, and the last
 *   Content-Type counts, as Apache has it.
 * - A Transfer-Encoding is refused: without its field the client would read the coding as part
 *   of the page.  For the same reason what Connection names is passed on if it is a Content-
 *   field.
 */
int vane__cgi_head_feed(
	struct vane__cgi_head *head, const void *data, size_t len, size_t *used);

/*
 * The i-th field that is to be passed on, in the order they came, or false past the last.
 *
 * Those that concern only one connection are not among them (RFC 9110, 7.6.1, with those
 * that Connection names), nor Status, Content-Length, X-Accel-Redirect and X-Sendfile.
 * Names are tokens, and values hold no control characters but tabs.
 */
bool vane__cgi_head_field(
	const struct vane__cgi_head *head, size_t i, const char **name, const char **value);

struct vane_head;

/*
 * Append the head of a response: "Status: 200 OK" first, so that no front server has to guess, then
 * the fields, then the blank line.  Returns 0 or -ENOMEM.
 */
int vane__cgi_head_add(struct buf *out, const struct vane_head *head);

#endif
