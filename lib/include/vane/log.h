/* SPDX-License-Identifier: MIT */
/*
 * vane/log.h - one event, one line.
 *
 * Lines look as Tornado's do: "[I 150610 10:42:05 4711] worker 0 started", and go to standard
 * error unless a file or a function is set.  The letter is the level, the number the process.
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

/* Have lines go to fn instead; NULL: to the file, or to standard error, again. */
VANE_API void vane_log_set_function(vane_log_fn fn, void *data);

struct vane_log_file; /* that lines are appended to: the log's, or vane_app_opts.access_log_file */

/* When a file is put aside, and a new one begun. */
enum vane_log_rotate {
	VANE_LOG_ROTATE_NONE, /* never: somebody else does it, see vane_log_reopen() */
	VANE_LOG_ROTATE_SIZE, /* before it is larger than max_bytes: FILE.1 is the last one */
	VANE_LOG_ROTATE_TIME /* when a period is over: FILE.2026-11-28 */
};

/*
 * Settings of such a file; zero means the default, VANE_NO_LIMIT that there is no limit.  All processes
 * that write to a file are to have the same.
 */
struct vane_log_file_opts {
	enum vane_log_rotate rotate;
	int64_t max_bytes;   /* of a file: 100 MiB */
	int64_t max_backups; /* files that were put aside and are kept: 10 */
	/*
	 * the period by the local clock: "S", "M", "H", "D" or "midnight", which is the same, or "W0"
	 * to "W6", a week that begins on Monday to Sunday; NULL: "midnight".  Static.
	 */
	const char *when;
	int64_t interval; /* so many of them: 1 */
	/*
	 * lines wait until so many bytes would be exceeded, or vane_log_flush() is called, which is to
	 * be done every second: vane_main() does; 0: they do not wait
	 */
	size_t buffer_size;
	/*
	 * if root makes the file it is given to uid and gid: to whom the process, or its workers,
	 * will be later, so that they can open it again.  Root then opens regular files with one name
	 * only, and follows symbolic links to a folder only where root made them.
	 */
	bool owned;
	uid_t uid;
	gid_t gid;
};

/*
 * Open a file for lines, or make it (0640); opts may be NULL.
 *
 * Each line is one write() at the end of the file, so several processes may have the same one:
 * those that are forked later share it, and lines do not mix.  path is copied.  A file that cannot
 * be written is no failure: that is said once on standard error, where its lines go until it can.
 *
 * Returns 0, -EINVAL without a path or for settings that are none, which is logged, or -ENOMEM.
 * Since 0.2.0.
 */
VANE_API int vane_log_file_new(struct vane_log_file **file, const char *path,
	const struct vane_log_file_opts *opts);

/* Close a file that nothing writes to any more.  NULL is fine.  Since 0.2.0. */
VANE_API void vane_log_file_free(struct vane_log_file *file);

/*
 * Have the lines of the log go to a file; NULL: to standard error again.  It is borrowed, and of no
 * use while a function is set.  Since 0.2.0.
 */
VANE_API void vane_log_set_file(struct vane_log_file *file);

/*
 * Have the lines of the log go to the system's log, beside its file if it has one: facility is
 * "daemon", "user", or "local0" to "local7"; NULL: not any more.  name is the program's; path is the
 * socket of the log, NULL: /dev/log.  What cannot be sent goes to standard error.  Of no use while a
 * function is set.  Returns 0, or -EINVAL for another facility or a path that is too long.
 * Since 0.2.0.
 */
VANE_API int vane_log_set_syslog(const char *facility, const char *name, const char *path);

/*
 * Write what waits in the buffers of all files of this process.  A crash that
 * vane_process_catch_crashes() sees, vane_log_file_free() and vane_log_reopen() do it too.  Since 0.2.0.
 */
VANE_API void vane_log_flush(void);

/*
 * Open all files of this process again by their names, after somebody has moved them away (logrotate).
 * One that cannot be opened goes on as it was.  vane_main() does this at USR1, and the master of
 * vane_fork_processes(), which passes the signal on to its workers.  Since 0.2.0.
 */
VANE_API void vane_log_reopen(void);

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
