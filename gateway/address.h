/* SPDX-License-Identifier: MIT */
/*
 * address.h - where applications listen, as text: "unix:/run/app.sock", "127.0.0.1:9000",
 * "[::1]:9000", "app.example.org:9000".
 */
#ifndef VANE__ADDRESS_H
#define VANE__ADDRESS_H

#include "peer.h"

/*
 * Make a peer of each address in a list with commas or blanks between them; a name gives
 * one for every address that it stands for, now.  Only address, address_len and name are
 * filled in. The array is the caller's to free.  Returns 0, -EINVAL, -ENOENT for a name
 * that cannot be resolved, or -E2BIG if there are too many for a lease to tell apart, each
 * with a line in the log; -ENOMEM.
 */
int vane__address_list(const char *text, struct vane__peer **peers, size_t *count);

#endif
