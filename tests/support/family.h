/* SPDX-License-Identifier: MIT */
/*
 * family.h - a master and its workers, which tell what happens.
 *
 * Each test forks a process that becomes a master.  All of them write lines to one pipe: the
 * master its log, workers what the test wants to know.  The end of the pipe says that none of
 * them is left.
 */
#ifndef VANE_TEST_FAMILY_H
#define VANE_TEST_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <vane/process.h>

/* How long a line is waited for. */
#define FAMILY_PATIENCE_MSEC 20000

struct family {
	pid_t master;
	int reports; /* where the lines come out */
};

/* Once in main(): no core files, HUP as ever, and orphans come to us. */
void family_prepare_process(void);

/* Fork a master whose workers run that function; before() runs in it first. */
void family_start_prepared(struct family *family, const struct vane_process_opts *opts,
	void (*work)(int id), void (*before)(void));
void family_start(
	struct family *family, const struct vane_process_opts *opts, void (*work)(int id));

/* The same with a master that makes way for new programs. */
struct vane__renewal;
void family_start_renewed(struct family *family, const struct vane_process_opts *opts,
	const struct vane__renewal *renewal, void (*work)(int id), void (*before)(void));

/* For the processes of it: write a line. */
void family_report(const char *fmt, ...) VANE_PRINTF(1, 2);

/* What workers may do: say "worker 0 is 123", its process id, and stay. */
void family_say_and_wait(int id);

/* Or wait for TERM as a well-behaved worker does: "worker 0 is ready", "worker 0 drains". */
void family_leave_when_told(int id);

/* The next line; false at the end, when all processes have gone. */
bool family_next_line(struct family *family, char *line, size_t size);
void family_expect(struct family *family, const char *wanted);

/* Read lines until one begins like that, and hand out what follows; rest may be NULL. */
void family_await(struct family *family, const char *head, char *rest, size_t size);

/* Read the lines of so many workers, and what comes between them. */
void family_await_ready(struct family *family, int count);

/* Count the lines that begin like that, to the end. */
int family_count(struct family *family, const char *head);

/* Wait until all have gone: the master's exit status, or 1000 and its signal. */
int family_finish(struct family *family);

#endif
