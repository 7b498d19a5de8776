/* SPDX-License-Identifier: MIT */
/*
 * cgiout.c - a response as CGI wants it, for the adapters.
 */
#include "cgiout.h"

#include <string.h>

#include "slice.h"

int vane__cgiout_head(const struct vane_head *head, vane__cgiout_fn put, void *to)
{
	char status[40] = "Status: ", *end = status + 8;
	int rc;

	end += vane__put_number(end, (uint64_t) head->status);
	*end++ = ' ';
	rc = put(to, status, (size_t) (end - status));

	if (rc == 0)
		rc = put(to, head->reason, strlen(head->reason));
	if (rc == 0)
		rc = put(to, "\r\n", 2);
	if (rc == 0)
		rc = put(to, head->fields.data, head->fields.len);
	if (rc == 0)
		rc = put(to, "\r\n", 2);
	return rc;
}

int vane__cgiout_flush(struct vane__cgiout *out)
{
	size_t len = out->len;

	out->len = 0;
	return out->send(out->to, out->buf, len);
}

int vane__cgiout_put(void *to, const void *data, size_t len)
{
	struct vane__cgiout *out = to;
	int rc = 0;

	if (len > sizeof(out->buf) - out->len)
		rc = vane__cgiout_flush(out);
	if (rc < 0)
		return rc;
	if (len > sizeof(out->buf))
		return out->send(out->to, data, len);
	if (len > 0)
		memcpy(out->buf + out->len, data, len);
	out->len += len;
	return 0;
}
