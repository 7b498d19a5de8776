/* SPDX-License-Identifier: MIT */
/*
 * relay.h - a request on its way to a foreign program, and the answer on its way back.
 *
 * A carrier moves the bytes: the pipes of a CGI child, a FastCGI or SCGI connection.  The
 * relay knows the request and the response: it reads the CGI head, keeps time and limits,
 * and ends the whole once, whoever brings that about.  It is the same in every mode: where
 * there is no event loop, vane__relay_answer() turns one of the backend's own until the relay
 * is over.
 *
 *	vane__relay_new()             the request is understood, nothing is started
 *	  vane__relay_read() ...      its body, as far as it is here; calls->input() when there
 *	                              is more
 *	  vane__relay_output() ...    output is gathered ...
 *	  vane__relay_push() ...      and sent; -EAGAIN: read no more until calls->resume()
 *	vane__relay_end()             no more output
 *	calls->cancel()             or: nobody wants the answer any more
 *
 * A relay is over after vane__relay_end() and vane__relay_fail(), after any other call that
 * returned a negative errno but -EAGAIN, and when cancel() is called: the carrier forgets it
 * then, and has its own things to put away.  cancel() never comes from within a call of the
 * carrier's.
 */
#ifndef VANE__RELAY_H
#define VANE__RELAY_H

#include <vane/gateway.h>
#include <vane/loop.h>
#include <vane/request.h>
#include <vane/response.h>

struct vane_backend;
struct vane__relay;

/* What carries a relay; carrier is what vane__relay_carry() was given. */
struct vane__relay_calls {
	const char *name; /* for the log: "cgi" */

	/* vane__relay_read(), which said -EAGAIN, has something to say. */
	void (*input)(void *carrier);

	/* What was pushed is taken: go on with output. */
	void (*resume)(void *carrier);

	/* The client has left, time is up, or a limit is reached: end what was begun. */
	void (*cancel)(void *carrier);
};

/*
 * Make a relay for a request; it lies in the request's memory.  kind and what are its name in
 * the log, and copied: "cgi", and the script's file or the application's address.  Returns 0
 * or a negative errno.
 */
int vane__relay_new(struct vane__relay **relay, struct vane_backend *backend,
	struct vane_request *req, const char *kind, const char *what);

/* Say who carries it from now on.  May be said again, as when another peer is tried. */
void vane__relay_carry(
	struct vane__relay *relay, const struct vane__relay_calls *calls, void *carrier);

/* The loop that watches and timers of this relay belong to. */
struct vane_loop *vane__relay_loop(const struct vane__relay *relay);

struct vane_request *vane__relay_request(const struct vane__relay *relay);

/* The length of the request's body in bytes; never unknown. */
int64_t vane__relay_body_length(const struct vane__relay *relay);

/*
 * Copy the next bytes of the request's body.  Returns how many, 0 at its end, -EAGAIN if
 * there are none now, or a negative errno: the relay is over.
 */
ssize_t vane__relay_read(struct vane__relay *relay, void *buf, size_t size);

/* Whether nothing of the body was read yet, so that another peer can be tried. */
bool vane__relay_untouched(const struct vane__relay *relay);

/*
 * The output is a whole message, head and framing too (RFC 3875, 5): say so before any of it.
 */
void vane__relay_nph(struct vane__relay *relay);

/* Take output; it is copied.  Returns 0, or a negative errno: the relay is over. */
int vane__relay_output(struct vane__relay *relay, const void *data, size_t len);

/*
 * Let what was taken reach the client: after each batch of output.  What it does not take is kept
 * for it.  Returns 0; -EAGAIN if there is no more room for that: give no more until resume();
 * another negative errno: the relay is over.
 */
int vane__relay_push(struct vane__relay *relay);

/* Take standard error: lines go to the log, up to the backend's limit. */
void vane__relay_errors(struct vane__relay *relay, const void *data, size_t len);

/*
 * There is no more output.  why is NULL if that is as it should be, else what is wrong: it
 * is logged, and answered with 502 or, once the head is out, with a cut connection.
 */
void vane__relay_end(struct vane__relay *relay, const char *why);

/*
 * Answer with that status instead: before there was any output.  why is logged, NULL: nothing
 * is.
 */
void vane__relay_fail(struct vane__relay *relay, int status, const char *why);

/* Whether output has come, so that it is too late for another peer. */
bool vane__relay_has_output(const struct vane__relay *relay);

/*
 * What a handler returns once its relay has been started.  Where there is a loop that is at
 * once, and the answer comes later; elsewhere it waits until the relay is over, and for
 * what the backend still has to put away.
 */
int vane__relay_answer(struct vane__relay *relay);

/* handler->finished of every handler that uses relays. */
void vane__relay_finished(struct vane_request *req);

#endif
