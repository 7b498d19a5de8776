/* SPDX-License-Identifier: MIT */
/*
 * proc.h - programs that a test starts, waits for, and stops by their process id.
 *
 * Each leads a process group of its own and gets TERM when the test dies.
 */
#ifndef VANE_TEST_PROC_H
#define VANE_TEST_PROC_H

#include <stdbool.h>
#include <sys/types.h>

struct proc {
	pid_t pid;     /* 0: not running */
	int status;    /* as waitpid() gives it, once it has ended */
	char log[128]; /* where its standard output and error go */
};

/* What to start; zero means the default. */
struct proc_start {
	char *const *argv; /* argv[0] is looked for in PATH */
	char *const *env;  /* NULL: that of the test */
	const char *cwd;   /* NULL: that of the test */
	const char *log;   /* path of the log; needed */
	int keep_fd;       /* a descriptor to be inherited as it is; 0: none */
};

/* Start a program.  0 or a negative errno; -ENOENT if there is no such program. */
int proc_start(struct proc *proc, const struct proc_start *start);

/* Wait until it accepts connections: -ETIMEDOUT, or -ECHILD if it has ended instead. */
int proc_wait_port(struct proc *proc, int port, int msec);
int proc_wait_unix(struct proc *proc, const char *path, int msec);

/* Wait until its log holds a text. */
int proc_wait_log(struct proc *proc, const char *text, int msec);

/* Wait until it has ended by itself. */
int proc_wait_end(struct proc *proc, int msec);

/*
 * Ask it to end with TERM, wait, and use KILL after ten seconds, when -ETIMEDOUT is
 * returned. What is left of its group is killed.  Does nothing if it is not running.
 */
int proc_stop(struct proc *proc);

/* The port behind the first "127.0.0.1:" in its log; 0 if there is none, or not yet. */
int proc_log_port(const struct proc *proc);

/* Copy its log to standard error. */
void proc_print_log(const struct proc *proc);

/* The parent of a process, 0 if there is no such process, or only what is left of one. */
pid_t proc_parent(pid_t pid);

/* The children of a process that live, max at most; returns how many there are. */
int proc_children(pid_t parent, pid_t *children, int max);

/* Whether a program can be started by that name. */
bool proc_available(const char *name);

/* Milliseconds of a clock that only goes forward. */
long proc_now(void);

#endif
