/* SPDX-License-Identifier: MIT */
/*
 * h1out.c - HTTP/1.1 response heads and chunks as bytes (RFC 9112).
 */
#include "h1out.h"

#include <vane/driver.h>

#include "date.h"
#include "slice.h"

#define STATUS_200 "HTTP/1.1 200 OK\r\n"
#define SERVER     "Server: vane\r\n"

#define LINE_LEN   (sizeof(STATUS_200) - 1)
#define SERVER_LEN (sizeof(SERVER) - 1)

static char *put(char *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

#define PUT(at, literal) put((at), (literal), sizeof(literal) - 1)

void vane__h1out_common(struct vane__h1_common *common, int64_t now)
{
	char *at = PUT(common->bytes, STATUS_200 SERVER);

	at = PUT(at, "Date: ");
	vane__date_format(at, now);
	at = PUT(at + VANE__DATE_LEN, "\r\n");
	common->len = (size_t) (at - common->bytes);
}

static char *put_status(char *at, const struct vane_head *head)
{
	at = PUT(at, "HTTP/1.1 ");
	*at++ = (char) ('0' + head->status / 100);
	*at++ = (char) ('0' + head->status / 10 % 10);
	*at++ = (char) ('0' + head->status % 10);
	*at++ = ' ';
	at = put(at, head->reason.data, head->reason.len);
	return PUT(at, "\r\n");
}

/* Server and Date, but for those that the handler has set itself. */
static char *put_stamp(
	char *at, const struct vane__h1_common *common, const struct vane_head *head)
{
	const char *date = common->bytes + LINE_LEN + SERVER_LEN;

	if (!head->has_server)
		at = PUT(at, SERVER);
	return head->has_date ? at : put(at, date, common->len - LINE_LEN - SERVER_LEN);
}

int vane__h1out_head(struct buf *out, const struct vane__h1_common *common,
	const struct vane_head *head, enum vane__h1_framing framing, const char *connection)
{
	size_t connection_len = connection != NULL ? strlen(connection) : 0;
	char *at;

	if (vane__buf_reserve(out, common->len + head->fields.len + head->reason.len +
					   connection_len + 96) < 0)
		return -ENOMEM;
	at = out->data + out->len;
	if (LIKELY(head->status == 200 && !head->has_server && !head->has_date)) {
		at = put(at, common->bytes, common->len);
	} else {
		at = put_status(at, head);
		at = put_stamp(at, common, head);
	}
	if (head->fields.len > 0)
		at = put(at, head->fields.data, head->fields.len);
	if (framing == VANE__H1_CHUNKED)
		at = PUT(at, "Transfer-Encoding: chunked\r\n");
	if (connection != NULL) {
		at = PUT(at, "Connection: ");
		at = put(at, connection, connection_len);
		at = PUT(at, "\r\n");
	}
	at = PUT(at, "\r\n");
	out->len = (size_t) (at - out->data);
	return 0;
}

size_t vane__h1out_chunk_head(char buf[VANE__H1_CHUNK_HEAD], size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char digits[16];
	size_t i = sizeof(digits), n;

	do {
		digits[--i] = hex[len & 15];
		len >>= 4;
	} while (len > 0);
	n = sizeof(digits) - i;
	memcpy(buf, digits + i, n);
	memcpy(buf + n, "\r\n", 2);
	return n + 2;
}
