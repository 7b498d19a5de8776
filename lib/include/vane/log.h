/* SPDX-License-Identifier: MIT */
/*
 * vane/log.h - one event, one line.
 *
 * Lines look as Tornado's do: "[I 150610 10:42:05 4711] worker 0 started", and go to standard
 * error unless a function is set.  The letter is the level, the number the process.
 */
#ifndef VANE_LOG_H
#define VANE_LOG_H

#include <stdarg.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How much a line matters, the most first. */
enum vane_log_level {
	VANE_LOG_NONE,
	VANE_LOG_ERROR,   /* wants a person today */
	VANE_LOG_WARNING, /* wants one this week */
	VANE_LOG_INFO,    /* marks the life of a process */
	VANE_LOG_DEBUG    /* follows an exchange */
};

/* Where lines go.  line is text without a line end, and lives for the length of the call. */
typedef void (*vane_log_fn)(enum vane_log_level level, const char *line, void *data);

/* Say which levels are written: this one and those above it.  INFO until then. */
VANE_API void vane_log_set_level(enum vane_log_level level);

/* Whether lines of that level are written at all. */
VANE_API bool vane_log_wanted(enum vane_log_level level);

/* Have lines go to fn instead; NULL: to standard error again. */
VANE_API void vane_log_set_function(vane_log_fn fn, void *data);

/*
 * Write a line to the log.  Control characters and bytes that are not UTF-8's are written as
 * \xNN, so a peer's bytes may be among the arguments.  Lines above 4 KiB are cut.  errno is kept.
 */
VANE_API void vane_log(enum vane_log_level level, const char *fmt, ...) VANE_PRINTF(2, 3);
VANE_API void vane_vlog(enum vane_log_level level, const char *fmt, va_list args)
	VANE_PRINTF(2, 0);

#ifdef __cplusplus
}
#endif

#endif
