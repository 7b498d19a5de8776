/* SPDX-License-Identifier: MIT */
/*
 * conn_head.c - reads the heads of requests from the input of a connection, and begins their
 * exchanges: of the application, or of a refusal.
 */
#include "conn.h"

#include <stdlib.h>

#include "exchange.h"

/*
 * Answer what cannot be understood, and be done with the connection.  Its head began at that
 * offset of the input.
 */
static void refuse(
	struct vane__conn *c, struct vane_env *env, size_t at, int status, const char *why)
{
	c->in.keep_alive = false;
	c->in.body_done = false;
	env->why = why;
	vane__h1in_line(c->input + at, c->input_len - at, env, &c->x->arena);
	vane_exchange_refuse(c->x, c->server->driver, c, status);
}

static int take_exchange(struct vane__conn *c)
{
	c->x = vane__pool_take_exchange(&c->server->pool);
	c->ended = false;
	if (LIKELY(c->x != NULL))
		return 0;
	c->cut = true;
	return -ENOMEM;
}

/* A head is whole: start its exchange. */
static void start(struct vane__conn *c, size_t head_len)
{
	struct vane_env *env;
	size_t at;
	int rc;

	if (vane__conn_make_room(c) < 0 || take_exchange(c) < 0) {
		c->cut = true;
		return;
	}
	env = &c->x->req.env; /* empty as yet, and in no need of a copy */
	env->peer = &c->peer.sa;
	c->began = c->server->ticks;
	c->server->acceptor.served++;
	at = c->input_at;
	c->in.base = c->input + at;
	c->input_at += head_len;
	c->body_at = c->input_at;
	c->waited = 0;
	c->came = 0;
	rc = vane__h1in_env(&c->in, env, &c->x->arena);
	c->continued = !c->in.expects_continue || c->in.http_1_0;
	if (LIKELY(rc == 0))
		vane_exchange_start(c->x, c->server->driver, c);
	else if (rc == -ENOMEM && c->x->arena.refused)
		refuse(c, env, at, 431, "more memory than a request may have");
	else if (rc == -ENOMEM)
		c->cut = true;
	else
		refuse(c, env, at, -rc, c->server->head.why);
}

void vane__conn_refuse_head(struct vane__conn *c, int status, const char *why)
{
	if (take_exchange(c) < 0)
		return;
	c->x->req.env.peer = &c->peer.sa;
	refuse(c, &c->x->req.env, c->input_at, status, why);
}

/*
 * No head begins so.  If another protocol does, say so in its own words, and in the log; whoever
 * speaks it has use for neither a response nor a line in the access log.
 */
static bool is_mistaken(struct vane__conn *c)
{
	struct vane_server *server = c->server;
	struct vane_slice bytes = { c->input + c->input_at, vane__conn_input_left(c) };
	enum vane__spoken spoken = vane__sniff(bytes);
	char text[VANE__SNIFF_ANSWER];
	size_t len;

	if (spoken == VANE__SPOKEN_UNKNOWN || spoken == VANE__SPOKEN_HTTP)
		return false;
	vane__sniff_complain(
		&server->mistaken, vane_loop_now(server->loop), VANE__SPOKEN_HTTP, spoken);
	len = vane__sniff_answer(text, VANE__SPOKEN_HTTP, spoken, bytes);
	if (vane__conn_say(c, text, len) < 0)
		c->cut = true;
	c->close_after = true;
	return true;
}

/* The size of what is in use of a head. */
static size_t head_size(const struct vane__h1_head *head)
{
	return offsetof(struct vane__h1_head, fields) +
	       head->count * sizeof(head->fields[0]);
}

/* The head is in pieces: keep what was found of it until there is more. */
static void keep_head(struct vane__conn *c)
{
	const struct vane__h1_head *head = &c->server->head;

	c->head = malloc(head_size(head));
	if (c->head == NULL)
		c->cut = true;
	else
		memcpy(c->head, head, head_size(head));
}

/* Get the parser ready for a head, or for the rest of one.  */
static void prepare_head(struct vane__conn *c)
{
	struct vane__h1_head *head = &c->server->head;

	if (LIKELY(c->head == NULL)) {
		vane__h1in_next(&c->in, head);
		return;
	}
	memcpy(head, c->head, head_size(c->head));
	free(c->head);
	c->head = NULL;
	c->in.head = head;
}

/*
 * Empty lines before a request are none (RFC 9112, 2.2); a bare LF is no line, and left to be
 * refused.  Returns whether anything follows.
 */
static bool skip_empty_lines(struct vane__conn *c)
{
	const char *input = c->input;

	while (c->input_at < c->input_len &&
		(input[c->input_at] == '\r' || (input[c->input_at] == '\n' && c->after_cr)))
		c->after_cr = input[c->input_at++] == '\r';
	if (c->input_at == c->input_len)
		return false;
	c->after_cr = false;
	return true;
}

/* There is more of a head than there may be. */
static int too_long(struct vane__conn *c)
{
	struct vane__h1_head *head = &c->server->head;

	head->why = head->count == 0 ? "the target is too long" : "the head is too long";
	return head->count == 0 ? -414 : -431;
}

bool vane__conn_read_head(struct vane__conn *c, size_t seen)
{
	size_t max = (size_t) c->server->opts.max_header_bytes, len, used;
	int rc;

	if (UNLIKELY(c->proxy_due) && !vane__conn_read_proxy(c))
		return false;
	if (c->head == NULL && !skip_empty_lines(c))
		return false;
	len = vane__conn_input_left(c);
	prepare_head(c);
	vane__conn_set_busy(c, true);
	rc = vane__h1in_head(
		&c->in, c->input + c->input_at, seen, len < max ? len : max, &used);
	if (LIKELY(rc > 0)) {
		start(c, used);
		return true;
	}
	if (rc == 0 && len >= max)
		rc = too_long(c);
	if (rc < 0) {
		if (!is_mistaken(c))
			vane__conn_refuse_head(c, -rc, c->server->head.why);
		return true;
	}
	keep_head(c);
	return false;
}
