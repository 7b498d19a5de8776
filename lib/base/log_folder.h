/* SPDX-License-Identifier: MIT */
/*
 * log_folder.h - opens the folder of a file for root, without symbolic links of other users.
 */
#ifndef VANE__LOG_FOLDER_H
#define VANE__LOG_FOLDER_H

/*
 * Open the folder that a path's last component is in: an O_PATH descriptor, or a negative errno.
 *
 * A symbolic link on the way is followed where root made it in a folder that only root writes
 * to, also as part of what another link says; -ELOOP at all others.
 */
int vane__log_folder_open(const char *path);

/* The last component of a path, which is part of it. */
const char *vane__log_folder_name(const char *path);

#endif
