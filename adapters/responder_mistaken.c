/* SPDX-License-Identifier: MIT */
/*
 * responder_mistaken.c - a peer of a responder that speaks another protocol is told so, and the log
 * says what mends it.
 */
#include "responder.h"

/* Answer in the peer's own words, and be done with it. */
static void answer(struct vane__responder_conn *conn, enum vane__spoken spoken,
	struct vane_slice bytes)
{
	struct vane__responder *responder = conn->responder;
	char text[VANE__SNIFF_ANSWER];
	size_t len = vane__sniff_answer(text, responder->protocol->speaks, spoken, bytes);
	int rc = vane__outbox_add(&conn->out, text, len);

	responder->in.len = 0;
	if (rc == 0)
		rc = vane__outbox_send(&conn->out);
	if (rc < 0 || conn->out.blocked)
		vane__responder_close(conn);
	else
		vane__responder_finish(conn, true);
}

bool vane__responder_mistaken(struct vane__responder_conn *conn, struct vane_slice bytes)
{
	struct vane__responder *responder = conn->responder;
	enum vane__spoken spoken = vane__sniff(bytes);

	if (spoken == VANE__SPOKEN_UNKNOWN || spoken == responder->protocol->speaks ||
		conn->state > VANE__RESPONDER_BUSY || conn->x != NULL)
		return false;
	vane__sniff_complain(&responder->mistaken, vane_loop_now(responder->loop),
		responder->protocol->speaks, spoken);
	answer(conn, spoken, bytes);
	return true;
}
