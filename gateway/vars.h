/* SPDX-License-Identifier: MIT */
/*
 * vars.h - the meta-variables of a request (RFC 3875, 4.1), and the three ways to hand them
 * to a foreign program.
 */
#ifndef VANE__VARS_H
#define VANE__VARS_H

#include <string.h>

#include <vane/types.h>

#include "buf.h"

struct vane_request;

/* Variables.  A zeroed one has none. */
struct vane__vars {
	struct buf text;  /* "NAME=value" and a NUL, one after the other */
	struct buf pairs; /* where they are */
	struct buf envp;  /* for vane__vars_environ() */
	size_t count;
};

/* Where a request meets a script.  What is NULL or "" is not said. */
struct vane__location {
	const char *script_name;     /* URL path of the script, decoded; always said */
	const char *path_info;       /* what follows it in the path, decoded */
	const char *script_filename; /* absolute */
	const char *document_root;   /* absolute, without a slash at its end */
};

/* Whether one of a path's parts is "." or "..", so that as a file's it could lead elsewhere. */
bool vane__path_climbs(const char *path);

/* Be empty, and keep the memory for the next. */
void vane__vars_clear(struct vane__vars *vars);

/* Give the memory back; it can be used again. */
void vane__vars_fini(struct vane__vars *vars);

/*
 * Say what RFC 3875, 4.1 and the habits of PHP want to know of a request: into an empty
 * set.
 *
 * Fields become HTTP_ variables, repeated ones joined; but never HTTP_PROXY ("httpoxy"),
 * and none whose name has other bytes than letters, digits and "-", as two of them could
 * become one variable.  What a front server has set besides is handed on as it is, but for
 * what says where the script is.  body_length is the body's in bytes, 0 for none.  Returns 0
 * or -ENOMEM.
 */
int vane__vars_request(struct vane__vars *vars, struct vane_request *req,
	const struct vane__location *at, int64_t body_length);

/* Add a variable that is not there yet: 0 or -ENOMEM. */
int vane__vars_put(struct vane__vars *vars, struct vane_slice name, const char *value);

static inline int vane__vars_add(
	struct vane__vars *vars, const char *name, const char *value)
{
	return vane__vars_put(vars, (struct vane_slice) { name, strlen(name) }, value);
}

/* Add a field as HTTP_NAME, unless there is such a variable: 0 or -ENOMEM. */
int vane__vars_add_field(struct vane__vars *vars, const char *name, const char *value);

/* Add a variable, or set it to another value: 0 or -ENOMEM. */
int vane__vars_set(struct vane__vars *vars, const char *name, const char *value);

/*
 * Set what an administrator wants: "NAME=value" up to a NULL; settings may be NULL. Returns
 * 0, -EINVAL if one has no name or no "=", or -ENOMEM.
 */
int vane__vars_settings(struct vane__vars *vars, const char *const *settings);

/*
 * Add what a child process gets of our environment: TZ, as the time is not the program's to
 * choose, and a PATH that is always the same.  All else would differ with whoever started
 * us; settings can say it.  0 or -ENOMEM.
 */
int vane__vars_environment(struct vane__vars *vars);

/* The i-th variable, or false past the last.  Good until the next change. */
bool vane__vars_at(const struct vane__vars *vars, size_t i, struct vane_slice *name,
	struct vane_slice *value);

/* A variable's value, NULL if it is not there.  Good until the next change. */
const char *vane__vars_get(const struct vane__vars *vars, const char *name);

/* For execve(): "NAME=value" up to a NULL.  Good until the next change; NULL: no memory. */
char *const *vane__vars_environ(struct vane__vars *vars);

/* Append FastCGI's name-value pairs (FastCGI 1.0, 3.4): 0, -ENOMEM, or -EMSGSIZE for 2^31 bytes. */
int vane__vars_fastcgi(const struct vane__vars *vars, struct buf *out);

/* Append an SCGI head: CONTENT_LENGTH first, then SCGI, as a netstring.  0 or -ENOMEM. */
int vane__vars_scgi(const struct vane__vars *vars, struct buf *out);

#endif
