/* SPDX-License-Identifier: MIT */
/*
 * log_sink.h - the log of a process that is at its end.
 */
#ifndef VANE__LOG_SINK_H
#define VANE__LOG_SINK_H

#include <stddef.h>

/*
 * Write a whole line of an error, with its stamp and its end, to the log's file, or to standard
 * error where there is none, whatever function there is.  May be called from a signal handler.
 */
void vane__log_last_words(const char *text, size_t len);

#endif
