/* SPDX-License-Identifier: MIT */
/*
 * htpasswd.h - users and the hashes of their passwords, from a file as Apache's htpasswd writes it.
 */
#ifndef VANE__HTPASSWD_H
#define VANE__HTPASSWD_H

#include "base.h"

struct vane__htpasswd;

/* Read a file; -errno if it cannot be read, with a line in the log.  The path is borrowed. */
int vane__htpasswd_new(struct vane__htpasswd **out, const char *path);

/* NULL is fine. */
void vane__htpasswd_free(struct vane__htpasswd *passwords);

/*
 * Read the file again if it has changed, which is looked for once a second; if it cannot be read, what
 * was there before counts.  Returns how often it has been read: another number, other passwords.
 */
unsigned vane__htpasswd_look(struct vane__htpasswd *passwords);

/*
 * Whether the password is that of the user.  Takes as long as a hash does, some 50 ms, also for a user
 * that there is not.
 */
bool vane__htpasswd_check(
	struct vane__htpasswd *passwords, const char *user, const char *password);

#endif
