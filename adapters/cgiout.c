/* SPDX-License-Identifier: MIT */
/*
 * cgiout.c - a response's head as CGI wants it, for the CGI and the FastCGI adapter.
 */
#include "cgiout.h"

#include <stdio.h>
#include <string.h>

int vane__cgiout_head(const struct vane_head *head, vane__cgiout_fn put, void *to)
{
	char status[32];
	int len = snprintf(status, sizeof(status), "Status: %d ", head->status);
	int rc = put(to, status, (size_t) len);

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
