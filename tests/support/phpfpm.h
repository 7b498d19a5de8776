/* SPDX-License-Identifier: MIT */
/*
 * phpfpm.h - php-fpm as a test starts it: in the foreground, on a unix socket in a
 * temporary folder, with all that it writes there.
 */
#ifndef VANE_TEST_PHPFPM_H
#define VANE_TEST_PHPFPM_H

#include <stdbool.h>

#include "support/proc.h"
#include "support/tmp.h"

struct phpfpm {
	struct proc proc;          /* its log has what scripts complain about */
	char socket[TMP_PATH_MAX]; /* any user may connect */
};

bool phpfpm_available(void);

/*
 * Start it with four children and wait until it listens.  Started by root, it answers as
 * www-data.  0 or a negative errno, when its log has been printed.
 */
int phpfpm_start(struct phpfpm *fpm, const struct tmp *tmp);

void phpfpm_stop(struct phpfpm *fpm);

#endif
