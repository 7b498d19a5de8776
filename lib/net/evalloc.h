/* SPDX-License-Identifier: MIT */
/*
 * evalloc.h - memory for libev, which ends the process where it gets none.
 *
 * Its arrays grow within calls that cannot fail.  So there is a reserve that is large enough
 * for all of them to grow once, and whoever gives libev more to watch asks for that first: he
 * can fail.
 */
#ifndef VANE__EVALLOC_H
#define VANE__EVALLOC_H

/* A loop is about to be made, or was freed: the last takes the reserve along. */
void vane__evalloc_enter(void);
void vane__evalloc_leave(void);

/*
 * See that the reserve is whole, and large enough for a loop that watches that descriptor; -1:
 * none.  0 or -ENOMEM: then nothing more may be given to libev.
 */
int vane__evalloc_ready(int fd);

#endif
