/* SPDX-License-Identifier: MIT */
/*
 * sigpipe.h - keep SIGPIPE from ending the process: sendfile() has no MSG_NOSIGNAL, nor has
 * write(), which libfcgi uses.
 */
#ifndef VANE__SIGPIPE_H
#define VANE__SIGPIPE_H

#include <vane/types.h>

struct sigpipe {
	bool blocked; /* it was before: nothing to give back */
};

/* Block SIGPIPE in this thread: who writes to a peer that has gone gets EPIPE and no more. */
void vane__sigpipe_hold(struct sigpipe *before);

/* As it was before, without one that has come meanwhile.  errno is kept. */
void vane__sigpipe_release(const struct sigpipe *before);

#endif
