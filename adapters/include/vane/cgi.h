/* SPDX-License-Identifier: MIT */
/*
 * vane/cgi.h - an application as a CGI program (RFC 3875).
 */
#ifndef VANE_CGI_H
#define VANE_CGI_H

#include <vane/app.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Answer the one request that this process was started for: meta-variables from vars (as
 * environ), the body from in, the response to out.
 *
 * What the handler has left of the body is read after the answer, for 30 seconds, 5 without any, or
 * 4 GiB at most: whoever sends it first is to find the answer.  If out is a socket it is shut
 * down for writing before.
 *
 * Returns 0, or a negative errno if the response did not reach the front server whole.
 */
VANE_API int vane_cgi_serve(struct vane_app *app, char *const *vars, int in, int out);

/* What CGI can do, as VANE_CAP_ bits. */
VANE_API unsigned vane_cgi_caps(void);

#ifdef __cplusplus
}
#endif

#endif
