/* SPDX-License-Identifier: MIT */
/*
 * inherit.h - what a program hands over to the one that is started in its place: listening sockets,
 * workers, pipes and figures, in one variable of the environment.
 *
 * That is how a program is reloaded and upgraded: the process that knows the new program starts it
 * with exec(), and descriptors and children survive that.
 */
#ifndef VANE__INHERIT_H
#define VANE__INHERIT_H

#include <sys/types.h>
#include <vane/types.h>

/* What the new program is to be. */
enum vane__inherit_role {
	VANE__INHERIT_NONE,      /* it was started as any other */
	VANE__INHERIT_REHEARSAL, /* do all of a start, say so, and leave */
	VANE__INHERIT_WORKER,    /* serve, as worker 0 of who has started it */
	VANE__INHERIT_MASTER     /* be the master of these workers, in the same process */
};

/* A listening socket, and the place it stands for: "127.0.0.1:8888". */
struct vane__inherit_socket {
	int fd;
	char *place;
};

/* What has to be done with a worker. */
enum vane__inherit_state {
	VANE__INHERIT_KEEP,   /* it is of the new program */
	VANE__INHERIT_OLD,    /* to be replaced */
	VANE__INHERIT_LEAVING /* it was told to leave */
};

struct vane__inherit_worker {
	enum vane__inherit_state state;
	int id;
	pid_t pid;
};

struct vane__inheritance {
	enum vane__inherit_role role;
	pid_t from;      /* the process that hands it over: this one, or the parent */
	int report;      /* a byte there says that the program is ready; -1 */
	int life[2];     /* the life pipe; -1 */
	int handover[2]; /* the sockets of a vane_handover, -1, ... */
	char *mode;      /* ... for workers of this mode */
	int board;       /* of the scores; -1 */
	char *fdnames;   /* LISTEN_FDNAMES of the first start; NULL: none */
	char *notify; /* NOTIFY_SOCKET and WATCHDOG_USEC of the first start; NULL: none */
	char *watchdog;
	uint64_t mask; /* signals that were blocked at the first start, bit 0 is signal 1 */
	struct vane__inherit_socket *sockets;
	size_t socket_count;
	bool changed; /* since it was taken: others are listened on */
	struct vane__inherit_worker *workers;
	size_t worker_count;
};

/* Nothing; to be freed by vane__inherit_fini(), which leaves the descriptors open. */
void vane__inherit_init(struct vane__inheritance *inherit);
void vane__inherit_fini(struct vane__inheritance *inherit);

/* Add one; the place is copied.  0 or -ENOMEM. */
int vane__inherit_add_socket(struct vane__inheritance *inherit, int fd, const char *place);
int vane__inherit_add_worker(struct vane__inheritance *inherit,
	enum vane__inherit_state state, int id, pid_t pid);

/* Exchange the sockets of two. */
void vane__inherit_swap_sockets(struct vane__inheritance *a, struct vane__inheritance *b);

/* Whether it has that socket. */
bool vane__inherit_has_socket(const struct vane__inheritance *inherit, int fd);

/* Write it as text, to be freed; NULL: no memory. */
char *vane__inherit_format(const struct vane__inheritance *inherit);

/* Read such a text.  0, -EINVAL or -ENOMEM, with nothing in inherit. */
int vane__inherit_parse(struct vane__inheritance *inherit, const char *text);

/*
 * Take what was handed over to this process, if anything was, and take the variable out of the
 * environment; the descriptors become close-on-exec.  One that is for another process is left out,
 * and so is any in a set-user-ID or set-group-ID program, whose environment is not to be trusted.
 * 0 or a negative errno.
 */
int vane__inherit_take(struct vane__inheritance *inherit);

/* How to start the new program. */
struct vane__inherit_program {
	const char *file;  /* what is executed */
	const char *cwd;   /* where; NULL: here */
	char *const *argv; /* with these words */
};

/* Start it as a child, which gets TERM when this process dies.  Its pid, or a negative errno. */
pid_t vane__inherit_spawn(const struct vane__inherit_program *program,
	const struct vane__inheritance *inherit);

/* Become it.  Returns only if that fails: a negative errno. */
int vane__inherit_exec(const struct vane__inherit_program *program,
	const struct vane__inheritance *inherit);

/* Say that this program is ready, if somebody waits for that. */
void vane__inherit_report(struct vane__inheritance *inherit);

#endif
