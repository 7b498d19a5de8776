/* SPDX-License-Identifier: MIT */
/*
 * status.c - status codes and what they say (RFC 9110, 15, and IANA's registry).
 */
#include "status.h"

#include <vane/util.h>

#define LOWEST          100
#define LINE(s, reason) [s - LOWEST] = SLICE_INIT(#s " " reason)

/* With holes, so that the line of every response is found by its number. */
static const struct vane_slice lines[] = {
	LINE(100, "Continue"),
	LINE(101, "Switching Protocols"),
	LINE(102, "Processing"),
	LINE(103, "Early Hints"),
	LINE(200, "OK"),
	LINE(201, "Created"),
	LINE(202, "Accepted"),
	LINE(203, "Non-Authoritative Information"),
	LINE(204, "No Content"),
	LINE(205, "Reset Content"),
	LINE(206, "Partial Content"),
	LINE(207, "Multi-Status"),
	LINE(208, "Already Reported"),
	LINE(226, "IM Used"),
	LINE(300, "Multiple Choices"),
	LINE(301, "Moved Permanently"),
	LINE(302, "Found"),
	LINE(303, "See Other"),
	LINE(304, "Not Modified"),
	LINE(305, "Use Proxy"),
	LINE(307, "Temporary Redirect"),
	LINE(308, "Permanent Redirect"),
	LINE(400, "Bad Request"),
	LINE(401, "Unauthorized"),
	LINE(402, "Payment Required"),
	LINE(403, "Forbidden"),
	LINE(404, "Not Found"),
	LINE(405, "Method Not Allowed"),
	LINE(406, "Not Acceptable"),
	LINE(407, "Proxy Authentication Required"),
	LINE(408, "Request Timeout"),
	LINE(409, "Conflict"),
	LINE(410, "Gone"),
	LINE(411, "Length Required"),
	LINE(412, "Precondition Failed"),
	LINE(413, "Content Too Large"),
	LINE(414, "URI Too Long"),
	LINE(415, "Unsupported Media Type"),
	LINE(416, "Range Not Satisfiable"),
	LINE(417, "Expectation Failed"),
	LINE(421, "Misdirected Request"),
	LINE(422, "Unprocessable Content"),
	LINE(423, "Locked"),
	LINE(424, "Failed Dependency"),
	LINE(425, "Too Early"),
	LINE(426, "Upgrade Required"),
	LINE(428, "Precondition Required"),
	LINE(429, "Too Many Requests"),
	LINE(431, "Request Header Fields Too Large"),
	LINE(451, "Unavailable For Legal Reasons"),
	LINE(500, "Internal Server Error"),
	LINE(501, "Not Implemented"),
	LINE(502, "Bad Gateway"),
	LINE(503, "Service Unavailable"),
	LINE(504, "Gateway Timeout"),
	LINE(505, "HTTP Version Not Supported"),
	LINE(506, "Variant Also Negotiates"),
	LINE(507, "Insufficient Storage"),
	LINE(508, "Loop Detected"),
	LINE(510, "Not Extended"),
	LINE(511, "Network Authentication Required"),
};

struct vane_slice vane__status_line(int status)
{
	if (status < LOWEST || (size_t) status - LOWEST >= ARRAY_SIZE(lines))
		return (struct vane_slice) { NULL, 0 };
	return lines[status - LOWEST];
}

struct vane_slice vane__status_words(int status)
{
	struct vane_slice line = vane__status_line(status);

	if (UNLIKELY(line.data == NULL))
		return SLICE("Unknown");
	return (struct vane_slice) { line.data + 4, line.len - 4 };
}

const char *vane_status_reason(int status)
{
	return vane__status_words(status).data;
}
