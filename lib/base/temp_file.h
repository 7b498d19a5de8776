/* SPDX-License-Identifier: MIT */
/*
 * temp_file.h - temporary files without a name.
 */
#ifndef VANE__TEMP_FILE_H
#define VANE__TEMP_FILE_H

/*
 * Open one in a folder, NULL: that of TMPDIR, else /tmp.  It has no name, so that no crash can leave
 * it behind, is close-on-exec, and only its owner may read it.  The descriptor, or a negative errno.
 */
int vane__temp_file_open(const char *dir);

#endif
