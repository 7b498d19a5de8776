/* SPDX-License-Identifier: MIT */
/*
 * logs.h - the files of the log and of the access log.
 */
#ifndef VANE__LOGS_H
#define VANE__LOGS_H

#include <vane/log.h>

#include "mode.h"
#include "settings.h"

struct vane__logs {
	struct vane_log_file *errors, *access; /* NULL: none */
};

/*
 * Open what --log-file and --access-log-file name, for who the process will be, and have the log
 * go there, and to the system's log under that name if --log-syslog says so.  0 or a negative errno, which is logged; a file that cannot be written is none.
 */
int vane__logs_open(struct vane__logs *logs, const char *name,
	const struct vane__settings *settings, enum vane__mode mode);

/* Close them: nothing may be logged there any more. */
void vane__logs_close(struct vane__logs *logs);

#endif
