/* SPDX-License-Identifier: MIT */
/*
 * ownfile.h - files that go with the process that made them: sockets and the pid file.
 */
#ifndef VANE__OWNFILE_H
#define VANE__OWNFILE_H

/*
 * Remove that file when this process exits, if it is then what it is now: whatever a successor
 * has put in its place stays.  Not in children, nor where the directory belongs to another user
 * than this process has become.  path is copied.  0 or a negative errno.
 */
int vane__ownfile_note(const char *path);

#endif
