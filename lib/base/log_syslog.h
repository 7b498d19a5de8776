/* SPDX-License-Identifier: MIT */
/*
 * log_syslog.h - lines for the system's log.
 */
#ifndef VANE__LOG_SYSLOG_H
#define VANE__LOG_SYSLOG_H

#include <stddef.h>

#include <vane/log.h>

/* Whether lines go there. */
bool vane__syslog_wanted(void);

/* Send a line without an end.  What cannot be sent goes to standard error. */
void vane__syslog_send(enum vane_log_level level, const char *line);

/* The same for a line of an error with a stamp, from a signal handler. */
void vane__syslog_last_words(const char *text, size_t len);

#endif
