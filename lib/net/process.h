/* SPDX-License-Identifier: MIT */
/*
 * process.h - what servers know of the processes beside them.
 */
#ifndef VANE__PROCESS_H
#define VANE__PROCESS_H

#include <vane/process.h>

struct vane_handover;

/*
 * The hand-over that this worker has with its siblings, made before they were forked, or that a process
 * has with the program that takes its place; NULL where there are neither, and the second time: it
 * has one owner in a process, who detaches it and does not free it.
 *
 * tag names the listening sockets that the owner serves, see vane__acceptor_tag(): connections go
 * only to workers that serve the same.
 */
struct vane_handover *vane__process_take_handover(uint64_t tag);

#endif
