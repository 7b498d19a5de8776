/* SPDX-License-Identifier: MIT */
/*
 * fastcgi_out.c - what goes out on a FastCGI connection.
 *
 * Records gather in a buffer that all connections share while one is at work, and leave in one
 * piece.  What the socket does not take stays with the connection, and goes out as the peer reads.
 */
#include "fastcgi.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "cgi_head.h"
#include "slice.h"

/* Fields of more bytes may not fit into one record, with the line before them. */
#define LONG_HEAD (32 * 1024)

/* What one request may have in the web server's log. */
#define LOG_BYTES (64 * 1024)

/* Say in the header of the open record how long it is. */
static void close_record(struct vane__fastcgi_conn *conn)
{
	struct buf *out = vane__outbox_gathered(&conn->base.out);

	if (!conn->record_open)
		return;
	vane__fcgi_head((unsigned char *) out->data + conn->record_at, VANE__FCGI_STDOUT,
		conn->in->id, out->len - conn->record_at - VANE__FCGI_HEAD, 0);
	conn->record_open = false;
}

/* Begin a record whose length is not known yet. */
static void open_record(struct vane__fastcgi_conn *conn)
{
	struct buf *out = vane__outbox_gathered(&conn->base.out);

	conn->record_at = out->len;
	conn->record_open = true;
	out->len += VANE__FCGI_HEAD;
}

/* Add content to the open record, and to others. */
static int add_content(struct vane__fastcgi_conn *conn, const char *data, size_t len)
{
	struct buf *out = vane__outbox_gathered(&conn->base.out);
	int rc = vane__buf_reserve(
		out, len + (len / VANE__FCGI_CONTENT + 2) * VANE__FCGI_HEAD);

	while (rc == 0 && len > 0) {
		size_t room, n;

		if (!conn->record_open)
			open_record(conn);
		room = VANE__FCGI_CONTENT + VANE__FCGI_HEAD - (out->len - conn->record_at);
		n = len < room ? len : room;
		memcpy(out->data + out->len, data, n);
		out->len += n;
		data += n;
		len -= n;
		if (n == room)
			close_record(conn);
	}
	return rc;
}

int vane__fastcgi_send(struct vane__fastcgi_conn *conn)
{
	close_record(conn);
	return vane__outbox_send(&conn->base.out);
}

/* Send a large piece as a record, from where it lies.  Returns how much of it, or a negative errno. */
static ssize_t send_piece(struct vane__fastcgi_conn *conn, const struct vane_slice *piece)
{
	size_t len = piece->len < VANE__FCGI_CONTENT ? piece->len : VANE__FCGI_CONTENT;
	unsigned char head[VANE__FCGI_HEAD];
	int rc;

	close_record(conn);
	vane__fcgi_head(head, VANE__FCGI_STDOUT, conn->in->id, len, 0);
	rc = vane__outbox_add(&conn->base.out, head, sizeof(head));
	if (rc == 0)
		rc = vane__outbox_send_piece(&conn->base.out, piece->data, len);
	return rc < 0 ? rc : (ssize_t) len;
}

ssize_t vane__fastcgi_write(struct vane__fastcgi_conn *conn, const struct vane_slice *piece)
{
	size_t len = piece->len < VANE__OUTBOX_KEPT ? piece->len : VANE__OUTBOX_KEPT;
	int rc;

	if (len > VANE__OUTBOX_GATHER && !conn->base.out.blocked)
		return send_piece(conn, piece);
	rc = add_content(conn, piece->data, len);
	if (rc == 0 && vane__outbox_gathered(&conn->base.out)->len > VANE__OUTBOX_GATHERED)
		rc = vane__fastcgi_send(conn);
	return rc < 0 ? rc : (ssize_t) len;
}

/* A head that needs more than one record. */
static int add_long_head(struct vane__fastcgi_conn *conn, const struct vane_head *head)
{
	struct buf text = { 0 };
	int rc = vane__cgi_head_add(&text, head);

	if (rc == 0)
		rc = add_content(conn, text.data, text.len);
	vane__buf_fini(&text);
	return rc;
}

int vane__fastcgi_begin(struct vane__fastcgi_conn *conn, const struct vane_head *head)
{
	struct buf *out = vane__outbox_gathered(&conn->base.out);
	int rc;

	if (UNLIKELY(head->fields.len > LONG_HEAD))
		return add_long_head(conn, head);
	rc = vane__buf_reserve(out, VANE__FCGI_HEAD);
	if (rc < 0)
		return rc;
	open_record(conn);
	rc = vane__cgi_head_add(out, head);
	if (UNLIKELY(rc < 0)) {
		out->len = conn->record_at;
		conn->record_open = false;
	}
	return rc;
}

void vane__fastcgi_log(struct vane__fastcgi_conn *conn, const struct vane_slice *line)
{
	struct vane__outbox *out = &conn->base.out;
	unsigned char head[VANE__FCGI_HEAD];
	size_t len = line->len + 1;

	if (len > LOG_BYTES - conn->logged || vane__outbox_left(out) >= VANE__OUTBOX_KEPT ||
		vane__buf_reserve(vane__outbox_gathered(out), sizeof(head) + len) < 0)
		return;
	close_record(conn);
	vane__fcgi_head(head, VANE__FCGI_STDERR, conn->in->id, len, 0);
	vane__outbox_add(out, head, sizeof(head));
	vane__outbox_add(out, line->data, line->len);
	vane__outbox_add(out, "\n", 1);
	conn->logged += len;
}

static bool is_abort(const struct vane__fastcgi_conn *conn, const char *head, size_t len)
{
	struct vane__fcgi_record record = { .have = 0 };
	struct vane_slice in = { head, len }, none;

	/* Between two records this may be an abort; inside of one it is body. */
	return vane__fcgi_record_between(&conn->in->record) &&
	       conn->base.responder->in.len == 0 &&
	       vane__fcgi_record_next(&record, &in, &none) == VANE__FCGI_RECORD_START &&
	       vane__fcgi_is_abort(&record, conn->in->id);
}

bool vane__fastcgi_aborted(struct vane__fastcgi_conn *conn)
{
	char head[VANE__FCGI_HEAD];
	ssize_t n = recv(conn->base.fd, head, sizeof(head), MSG_DONTWAIT | MSG_PEEK);

	return conn->in->aborted || (n > 0 && is_abort(conn, head, (size_t) n));
}

bool vane__fastcgi_gone(struct vane__fastcgi_conn *conn)
{
	char head[VANE__FCGI_HEAD];
	ssize_t n = recv(conn->base.fd, head, sizeof(head), MSG_DONTWAIT | MSG_PEEK);

	if (conn->in->aborted)
		return true;
	if (n <= 0)
		return n == 0 ||
		       (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
	return is_abort(conn, head, (size_t) n);
}

int vane__fastcgi_say(struct vane__fastcgi_conn *conn, const void *records, size_t len)
{
	int rc;

	close_record(conn);
	rc = vane__outbox_add(&conn->base.out, records, len);
	return rc < 0 ? rc : vane__outbox_send(&conn->base.out);
}

/*
 * FastCGI has no word for a response that is not whole.  Front servers take FCGI_END_REQUEST for the
 * end of a whole response whatever its appStatus, and nginx takes a close for that, too; but none of
 * them goes on after bytes that are no record.
 */
static size_t put_cut(unsigned char *out)
{
	memset(out, 0, VANE__FCGI_HEAD); /* version 0 */
	return VANE__FCGI_HEAD;
}

static bool behind_nginx(const struct vane__fcgi_req *in)
{
	struct vane_slice software = vane__fcgi_req_param(in, SLICE("SERVER_SOFTWARE"));

	return vane__slice_starts(software, SLICE("nginx/"));
}

/*
 * The last response of a connection that the web server would keep: if it finds the end of that in
 * one turn and the end of the connection in the next, it may have sent a request between the two.
 * Over TCP both can leave in one segment.
 *
 * nginx keeps a connection if a response ends with its FCGI_END_REQUEST, and sends the next request
 * before it learns that we have closed; but it does not if something follows in the same piece.
 * That is a management record that asks for nothing.
 */
static size_t put_last(struct vane__fastcgi_conn *conn, unsigned char *out)
{
	const int on = 1;

	setsockopt(conn->base.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	return behind_nginx(conn->in) ? vane__fcgi_unknown_type(out, 0) : 0;
}

int vane__fastcgi_say_end(struct vane__fastcgi_conn *conn, bool cut, bool last)
{
	unsigned char end[2 * VANE__FCGI_HEAD + 16 + 16];
	size_t len = 0;

	if (cut) {
		len = put_cut(end);
	} else {
		len = vane__fcgi_stream_end(end, VANE__FCGI_STDOUT, conn->in->id);
		if (conn->logged > 0)
			len += vane__fcgi_stream_end(
				end + len, VANE__FCGI_STDERR, conn->in->id);
		len += vane__fcgi_end_request(end + len, conn->in->id, 0);
	}
	if (last && !cut)
		len += put_last(conn, end + len);
	return vane__fastcgi_say(conn, end, len);
}
