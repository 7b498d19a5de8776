/* SPDX-License-Identifier: MIT */
/*
 * handover.h - what the library knows of hand-overs: several servers of a program could have one, and
 * another program can go on with it.
 */
#ifndef VANE__HANDOVER_H
#define VANE__HANDOVER_H

#include <vane/handover.h>

/*
 * From now on messages carry that tag, and those with another one are left to others.  0 is no tag,
 * and takes all: whoever makes the hand-over sees to it that its connections are of one kind.
 */
void vane__handover_set_tag(struct vane_handover *handover, uint64_t tag);

/* Give by it and take nothing, which needs no vane_handover_attach(): the loop is told of what goes. */
void vane__handover_give_only(struct vane_handover *handover, struct vane_loop *loop);

/* Its two descriptors, which stay its own. */
void vane__handover_fds(const struct vane_handover *handover, int fds[2]);

/* One of such descriptors, which are its own from then on.  0 or -ENOMEM. */
int vane__handover_from(struct vane_handover **handover, const int fds[2]);

#endif
