/* SPDX-License-Identifier: MIT */
/*
 * c_locale.c - reading and writing numbers as C does, whatever the program's locale.
 */
#include "c_locale.h"

#include <errno.h>

int vane__c_locale_enter(struct vane__c_locale *locale)
{
	locale->c = newlocale(LC_ALL_MASK, "C", (locale_t) 0);
	if (locale->c == (locale_t) 0)
		return -ENOMEM;
	locale->before = uselocale(locale->c);
	return 0;
}

void vane__c_locale_leave(struct vane__c_locale *locale)
{
	uselocale(locale->before);
	freelocale(locale->c);
}
