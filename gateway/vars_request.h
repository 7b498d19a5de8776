/* SPDX-License-Identifier: MIT */
/*
 * vars_request.h - the meta-variables of a request that a foreign program is to answer.
 */
#ifndef VANE__VARS_REQUEST_H
#define VANE__VARS_REQUEST_H

#include "cgi_vars.h"

struct vane_request;

/*
 * Say what a program wants to know of a request, its fields and its front server's parameters
 * included, into an empty set.  body_length is the body's in bytes, 0 for none.  Returns 0 or
 * -ENOMEM.
 */
int vane__vars_request(struct vane__vars *vars, struct vane_request *req,
	const struct vane__location *at, int64_t body_length);

#endif
