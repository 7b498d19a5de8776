/* SPDX-License-Identifier: MIT */
/*
 * backend.h - what CGI, FastCGI and SCGI backends have in common: limits, loop, clock.
 */
#ifndef VANE__BACKEND_H
#define VANE__BACKEND_H

#include <vane/gateway.h>
#include <vane/loop.h>
#include <vane/request.h>

#include "list.h"
#include "script.h"
#include "spool.h"
#include "strlist.h"

struct vane__relay;
struct vane_backend;

/* What differs between the kinds of backends.  What does nothing may be NULL. */
struct vane__backend_calls {
	/*
	 * Have a request answered by what was found for it, and return as a handler does:
	 * what vane__relay_answer() said, or a status.  The script is the caller's.
	 */
	int (*answer)(struct vane_backend *backend, struct vane_request *req,
		const struct vane__script *script);

	/* Whether something that was told to end is still there. */
	bool (*ending)(const struct vane_backend *backend);

	/* Whether something goes on that no relay waits for. */
	bool (*busy)(const struct vane_backend *backend);

	int (*start)(struct vane_backend *backend, struct vane_loop *loop);
	void (*reload)(struct vane_backend *backend);
	void (*free)(struct vane_backend *backend);
};

struct vane_backend {
	const struct vane__backend_calls *calls;
	struct vane_backend_limits limits; /* in force */
	struct vane_loop *own_loop;        /* where a mode has none */
	struct vane_docroot *sendfile;     /* NULL: X-Accel-Redirect is not honoured */
	char *sendfile_root;               /* its name as it was given */
	struct vane__scripts scripts;
	struct vane__strlist settings; /* variables of the administrator's */
	struct vane__spools spools;    /* of what clients have not taken */
	bool stream;             /* bodies are handed on as they come, where that can be */
	struct list relays;      /* those under way */
	struct vane_timer *tick; /* runs while there are any */
	struct vane_loop *tick_loop; /* there */
	/* the process's, which turns ours between requests; NULL: not known */
	struct vane_loop *outer;
	struct vane_timer *care; /* there, while it is busy */
};

/*
 * Whether a body may be handed on as it comes.  A chunked one is collected, as foreign
 * programs want to know its length beforehand; and so is any where reading waits: behind
 * another server, nginx sends no more of a body once the answer has begun, and a script
 * that begins early would wait for the rest.
 */
bool vane__backend_can_stream(const struct vane_request *req);

/*
 * Answer a request if its path, or the one instead of it unless that is NULL, means one of
 * the backend's scripts: 1, *rc is what the handler returns then; 0 if it means none.
 */
int vane__backend_try(struct vane_backend *backend, struct vane_request *req,
	const char *instead, int *rc);

/* 0, or a negative errno if sendfile_root (NULL: none) cannot be opened. */
int vane__backend_init(struct vane_backend *backend,
	const struct vane__backend_calls *calls, const struct vane_backend_limits *limits,
	const char *sendfile_root);

/*
 * Copy "NAME=value" up to a NULL; NULL: none.  0, -EINVAL with a line in the log for one that is
 * not of that form, or -ENOMEM.
 */
int vane__backend_set_vars(struct vane_backend *backend, const char *const *settings);

void vane__backend_fini(struct vane_backend *backend);

/* A relay is over where a mode has no loop: what goes on is seen to from the outer one. */
void vane__backend_settle(struct vane_backend *backend);

/* The loop a request's things are to be watched in.  NULL: there is no memory for one. */
struct vane_loop *vane__backend_loop(
	struct vane_backend *backend, const struct vane_request *req);

#endif
