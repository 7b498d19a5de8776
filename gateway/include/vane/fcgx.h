/* SPDX-License-Identifier: MIT */
/*
 * vane/fcgx.h - a handler for code that was written against libfcgi: what stood in its accept loop
 * answers a route, natively, as FastCGI, SCGI or CGI program, and in tests.
 *
 *	static int guestbook(FCGX_Request *request)
 *	{
 *		FCGX_FPrintF(request->out, "Content-Type: text/plain\r\n\r\n%s asks\n",
 *			FCGX_GetParam("REMOTE_ADDR", request->envp));
 *		return 0;
 *	}
 *	static struct vane_fcgx_program program = { .answer = guestbook };
 *	static const struct vane_route routes[] = {
 *		VANE_ROUTE("/guestbook", &vane_fcgx_handler, &program), VANE_END };
 *
 * docs/porting.md has it step by step.  It is there unless Vane was configured with
 * --without-fastcgi; the program includes <fcgiapp.h> or <fcgi_stdio.h> itself, and links libfcgi.
 */
#ifndef VANE_FCGX_H
#define VANE_FCGX_H

#include <vane/handler.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct FCGX_Request; /* FCGX_Request: fcgiapp.h */

/*
 * Such a program: one of the two functions.  Zero means the default, VANE_NO_LIMIT no limit; another
 * limit below 0 is answered with 500.
 */
struct vane_fcgx_program {
	/*
	 * what stood in while (FCGX_Accept_r(request) >= 0) { ... }: request has in, out, err
	 * and envp
	 */
	int (*answer)(struct FCGX_Request *request) VANE_ZERO;
	/*
	 * what stood in while (FCGI_Accept() >= 0) { ... }, with fcgi_stdio.h: stdin, stdout,
	 * stderr and getenv() are the request's while it runs
	 */
	int (*answer_stdio)(void) VANE_ZERO;
	/* of standard error a request, the rest is dropped: 64 KiB */
	int64_t max_error_bytes VANE_ZERO;
	/*
	 * of a response that its client has not taken, kept in a temporary file, as the
	 * function is not made to wait natively; above it the response is cut: 1 GiB
	 */
	int64_t max_spool_bytes VANE_ZERO;
};

/*
 * The handler of a route whose .data is a struct vane_fcgx_program, for every method.
 *
 * The function returns as a vane_handler_fn does: 0, a status of 400 to 599 to be answered with
 * the application's error page, or a negative errno.  It runs to its end in one piece, one request
 * at a time in a process, as in an accept loop: several processes answer several at a time, and
 * idle connections are handed to those that are free (.blocking).
 *
 * - The body has been collected when it runs, as far as vane_app_opts.max_body_bytes, in memory or a
 *   file; CONTENT_LENGTH says how long it is also where the client did not.
 * - The parameters are those of CGI (RFC 3875, 4.1) in every mode, and what a front server has set
 *   besides.  A route's argument "path" becomes PATH_INFO, what stands before it in the path
 *   SCRIPT_NAME; without such an argument SCRIPT_NAME is the path.
 * - It writes a CGI head first: Status, Location (one that is a path is answered by the
 *   application itself), fields, an empty line; lines end as they like.  What is no such head is
 *   answered with 500 and a reason in the log.  X-Accel-Redirect and X-Sendfile go to the front
 *   server where there is one.
 * - FCGX_FFlush() reaches the client, as does every 8 KiB that is full.  A client that has gone is an
 *   error of the stream.
 * - The error stream goes to the log line by line, and in FastCGI mode to the web server's too, as
 *   vane_request_log() has it; an exit status that is not 0 is logged.
 * - FCGX_Finish_r(request) may stand at its end, FCGX_Accept_r() may not be called.
 */
VANE_API extern const struct vane_handler vane_fcgx_handler;

#ifdef __cplusplus
}
#endif

#endif
