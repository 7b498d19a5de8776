/* SPDX-License-Identifier: MIT */
/*
 * c_locale.h - reading and writing numbers as C does, whatever the program's locale.
 */
#ifndef VANE__C_LOCALE_H
#define VANE__C_LOCALE_H

#include <locale.h>

struct vane__c_locale {
	locale_t c, before;
};

/* This thread is in the locale "C" until it leaves it again.  0 or -ENOMEM. */
int vane__c_locale_enter(struct vane__c_locale *locale);
void vane__c_locale_leave(struct vane__c_locale *locale);

#endif
