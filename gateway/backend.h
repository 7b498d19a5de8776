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

struct vane__relay;

struct vane__backend {
	struct vane_backend_limits limits; /* defaults filled in; < 0: none */
	struct vane_loop *own_loop;        /* where a mode has none */
	struct vane_docroot *sendfile;     /* NULL: X-Accel-Redirect is not honoured */
	char *sendfile_root;               /* its name as it was given */
	struct vane__scripts scripts;
	struct vane__spools spools; /* of what clients have not taken */
	bool stream; /* bodies are handed on as they come, where that can be */
	/*
	 * Have a request answered by what was found for it, and return as a handler does:
	 * what vane__relay_answer() said, or a status.  The script is the caller's.
	 */
	int (*answer)(struct vane__backend *backend, struct vane_request *req,
		const struct vane__script *script);
	struct list relays;          /* those under way */
	struct vane_timer *tick;     /* runs while there are any */
	struct vane_loop *tick_loop; /* there */
	/*
	 * Waits, where a mode has no loop, for what is left when a relay is over; may be NULL.
	 */
	void (*settle)(struct vane__backend *backend, struct vane_loop *loop);
	/* Whether something goes on there all the same; may be NULL. */
	bool (*busy)(const struct vane__backend *backend);
	struct vane_loop
		*outer; /* the process's, turned between requests; NULL: not known */
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
 * What the tables of all backends' handlers hold: the route's data is a struct whose first
 * member is the backend.
 */
int vane__backend_prepare(struct vane_request *req, struct vane_response *res);
int vane__backend_any(struct vane_request *req, struct vane_response *res);

/*
 * Answer a request if its path, or the one instead of it unless that is NULL, means one of
 * the backend's scripts: 1, *rc is what the handler returns then; 0 if it means none.
 */
int vane__backend_try(struct vane__backend *backend, struct vane_request *req,
	const char *instead, int *rc);

/* 0, or a negative errno if sendfile_root (NULL: none) cannot be opened. */
int vane__backend_init(struct vane__backend *backend,
	const struct vane_backend_limits *limits, const char *sendfile_root);
void vane__backend_fini(struct vane__backend *backend);

/* A relay is over where a mode has no loop: what goes on is seen to from the outer one. */
void vane__backend_settle(struct vane__backend *backend);

/* The loop a request's things are to be watched in.  NULL: there is no memory for one. */
struct vane_loop *vane__backend_loop(
	struct vane__backend *backend, const struct vane_request *req);

#endif
