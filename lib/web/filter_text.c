/* SPDX-License-Identifier: MIT */
/*
 * filter_text.c - checking the text in settings of filters when they are started.
 */
#include "filter_text.h"

#include <vane/log.h>

#include "fields.h"
#include "slice.h"

int vane__filter_refuse(const char *member, const char *what)
{
	vane_log(VANE_LOG_ERROR, "%s %s", member, what);
	return -EINVAL;
}

int vane__filter_check_value(const char *member, const char *text)
{
	if (text == NULL || vane__field_value_ok(vane__slice(text)))
		return 0;
	return vane__filter_refuse(
		member, "has a line end or another control character in it");
}

int vane__filter_check_name(const char *member, const char *text)
{
	if (text == NULL || vane__is_token(vane__slice(text)))
		return 0;
	return vane__filter_refuse(member, "is no name of a field");
}
