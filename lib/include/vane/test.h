/* SPDX-License-Identifier: MIT */
/*
 * vane/test.h - ask an application without a socket.
 *
 * For tests of handlers: a request struct in, a response struct out, in this process.  The
 * mode is "test"; timers run on a clock that jumps, so nothing has to be waited for.
 */
#ifndef VANE_TEST_H
#define VANE_TEST_H

#include <vane/app.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What to ask; zero means the default. */
struct vane_test_request {
	const char *method;        /* "GET" */
	const char *target;        /* "/" */
	const char *const *fields; /* "Name: value" strings up to a NULL */
	/* "NAME=value" strings up to a NULL, a front server's */
	const char *const *params;
	const void *body;
	size_t body_len;
	/* give the body in pieces of that many bytes; 0: whole */
	size_t piece;
	bool chunked; /* do not announce its length */
	/* the peer leaves after that many body bytes; 0: never */
	size_t cut_after;
	const char *remote_addr; /* "127.0.0.1"; "": a unix socket */
};

/* What was answered.  All of it is freed by vane_test_response_fini(). */
struct vane_test_response {
	int status;   /* 0: cut before the head */
	char *fields; /* the field lines, "Name: value\r\n" each */
	char *body;   /* followed by a NUL that is not counted */
	size_t body_len;
	bool whole; /* false: the connection was cut */
};

/*
 * Ask an application, without a socket.  Returns 0, or a negative errno if the exchange could not
 * be made at all; -EDEADLK if a deferred response has no timer left that could finish it.
 */
VANE_API int vane_test_run(struct vane_app *app, const struct vane_test_request *request,
	struct vane_test_response *response);

/*
 * A header field of the response by its name in any case: the i-th value copied into buf, cut to
 * fit.  Returns buf, or NULL if there is none.
 */
VANE_API const char *vane_test_response_field(const struct vane_test_response *response,
	const char *name, size_t i, char *buf, size_t size);

/* Free what a response holds; the struct itself is the caller's. */
VANE_API void vane_test_response_fini(struct vane_test_response *response);

#ifdef __cplusplus
}
#endif

#endif
