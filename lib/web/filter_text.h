/* SPDX-License-Identifier: MIT */
/*
 * filter_text.h - checking the text in settings of filters when they are started.
 */
#ifndef VANE__FILTER_TEXT_H
#define VANE__FILTER_TEXT_H

#include "base.h"

/*
 * Whether text may be the value of a field, or its name: 0, or -EINVAL with a line in the log that
 * names the member.  NULL is fine.
 */
int vane__filter_check_value(const char *member, const char *text);
int vane__filter_check_name(const char *member, const char *text);

/* Say in the log what is wrong with a member.  Returns -EINVAL. */
int vane__filter_refuse(const char *member, const char *what);

#endif
