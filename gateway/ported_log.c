/* SPDX-License-Identifier: MIT */
/*
 * ported_log.c - what a ported program writes to standard error, in our log and in the web server's.
 */
#include <vane/request.h>

#include "ported.h"

static void log_line(const struct vane__ported_log *log, const char *data, size_t len)
{
	if (len > 0 && data[len - 1] == '\r')
		len--;
	if (len > 0)
		vane_request_log(log->req, VANE_LOG_WARNING, "%.*s", (int) len, data);
}

size_t vane__ported_log_lines(
	struct vane__ported_log *log, const char *data, size_t len, bool all)
{
	size_t done = 0;

	while (done < len) {
		const char *end = memchr(data + done, '\n', len - done);
		size_t n = end != NULL ? (size_t) (end - data) - done : len - done;

		if (end == NULL && !all)
			break;
		if (log->left <= 0)
			return len;
		log->left -= (int64_t) n + 1;
		log_line(log, data + done, n);
		if (log->left <= 0)
			vane_request_log(log->req, VANE_LOG_WARNING,
				"too much on standard error, the rest is dropped");
		done += n + (end != NULL);
	}
	return done;
}
