/* SPDX-License-Identifier: MIT */
/*
 * renewal.h - how a program makes way for a new one at HUP and USR2: what it takes over at its
 * start, and what it hands over.
 */
#ifndef VANE__RENEWAL_H
#define VANE__RENEWAL_H

#include "master.h"
#include "run.h"

/*
 * Note how the program was started, and take what another one has handed over to it.  First of all.
 * 0 or a negative errno, which is logged.
 */
int vane__renewal_begin(struct vane__run *run, int argc, char *const *argv);
void vane__renewal_fini(struct vane__run *run);

/* Whether it was started to show that it can start, and to leave again. */
bool vane__renewal_is_rehearsal(const struct vane__run *run);

/* Have the facts be what they were at the first start. */
void vane__renewal_facts(struct vane__run *run);

/* Close what was handed over for connections of another protocol, or of other sockets. */
void vane__renewal_check_handover(struct vane__run *run);

/* How a master, or a process without one, makes way; run is borrowed. */
void vane__renewal_make(struct vane__run *run, struct vane__renewal *renewal);

#endif
