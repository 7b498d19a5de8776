/* SPDX-License-Identifier: MIT */
/*
 * handover.h - hand-overs that several servers of a program could have.
 */
#ifndef VANE__HANDOVER_H
#define VANE__HANDOVER_H

#include <vane/handover.h>

/*
 * From now on messages carry that tag, and those with another one are left to others.  0 is no tag,
 * and takes all: whoever makes the hand-over sees to it that its connections are of one kind.
 */
void vane__handover_set_tag(struct vane_handover *handover, uint64_t tag);

#endif
