/* SPDX-License-Identifier: MIT */
/*
 * cgivars.h - CGI meta-variables for a request, as a good web server sets them (RFC
 * 3875, 4.1).
 */
#ifndef VANE_TEST_CGIVARS_H
#define VANE_TEST_CGIVARS_H

#include "support/ask.h"

/*
 * "NAME=value" strings up to a NULL, to be freed by cgi_vars_free(); NULL: no memory.  The
 * mount is "", so that PATH_INFO is the whole path, decoded.
 */
char **cgi_vars(const struct ask *ask);

void cgi_vars_free(char **vars);

#endif
