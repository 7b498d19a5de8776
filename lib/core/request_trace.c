/* SPDX-License-Identifier: MIT */
/*
 * request_trace.c - a request in logs: whether it is there, its id, and its trace (traceparent).
 */
#include <stdio.h>

#include "exchange.h"
#include "slice.h"

void vane_request_set_logged(struct vane_request *req, bool logged)
{
	req->unlogged = !logged;
}

/* What nginx is told to call it (fastcgi_param REQUEST_ID $request_id), and mod_unique_id does. */
const char *vane__request_log_id(const struct vane_request *req)
{
	const char *id = req->id;

	if (id == NULL)
		id = vane_request_param(req, "REQUEST_ID");
	if (id == NULL)
		id = vane_request_param(req, "UNIQUE_ID");
	return id != NULL ? id : "";
}

static bool is_hex(const char *text, size_t len)
{
	bool zero = true;
	size_t i;

	for (i = 0; i < len; i++) {
		if ((text[i] < '0' || text[i] > '9') && (text[i] < 'a' || text[i] > 'f'))
			return false;
		zero = zero && text[i] == '0';
	}
	return !zero;
}

/* W3C Trace Context, 3.2: "00-" trace id "-" parent id "-" flags; ids of zeros are none. */
struct vane_slice vane__request_traceparent(const struct vane_request *req)
{
	struct vane_slice text = vane__request_find(req, SLICE("traceparent"));
	const char *p = text.data;

	if (text.len == 55 && memcmp(p, "00-", 3) == 0 && is_hex(p + 3, 32) &&
		p[35] == '-' && is_hex(p + 36, 16) && p[52] == '-' &&
		strspn(p + 53, "0123456789abcdef") == 2)
		return text;
	return (struct vane_slice) { NULL, 0 };
}

const char *vane__request_tag(const struct vane_request *req, char buf[VANE__TAG_ROOM])
{
	const char *id = vane__request_log_id(req);
	struct vane_slice trace = vane__request_traceparent(req);
	int len = 0;

	buf[0] = '\0';
	if (id[0] != '\0')
		len = snprintf(buf, VANE__TAG_ROOM, " id %.128s", id);
	if (trace.len > 0)
		snprintf(buf + len, VANE__TAG_ROOM - (size_t) len, " trace %.32s",
			trace.data + 3);
	return buf;
}
