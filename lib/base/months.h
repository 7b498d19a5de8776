/* SPDX-License-Identifier: MIT */
/*
 * months.h - the names of months in dates of HTTP, of logs and of syslog, whatever the locale.
 */
#ifndef VANE__MONTHS_H
#define VANE__MONTHS_H

#define VANE__MONTHS                                                                       \
	{ "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",     \
		"Dec" }

#endif
