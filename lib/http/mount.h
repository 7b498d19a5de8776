/* SPDX-License-Identifier: MIT */
/*
 * mount.h - the part of a path that an application lives under.
 */
#ifndef VANE__MOUNT_H
#define VANE__MOUNT_H

#include "base.h"

/* Whether a path lies under a mount, at the border of a segment. */
bool vane__mount_has(struct vane_slice mount, struct vane_slice path);

/*
 * The mount that a front server means by SCRIPT_NAME, where that can be believed: the path
 * begins with it and PATH_INFO is the rest, which may be nothing.  Empty where it cannot.
 *
 * In path an encoded slash is a NUL byte; script_name and path_info are as the front
 * decoded them.  Dot segments are resolved in path and in path_info.
 */
struct vane_slice vane__mount_of_front(
	struct vane_slice script_name, struct vane_slice path_info, struct vane_slice path);

#endif
