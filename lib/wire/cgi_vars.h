/* SPDX-License-Identifier: MIT */
/*
 * cgi_vars.h - the meta-variables of a request (RFC 3875, 4.1), written: as environ, FastCGI and
 * SCGI want them.
 */
#ifndef VANE__CGI_VARS_H
#define VANE__CGI_VARS_H

#include "buf.h"
#include "slice.h"

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

/* What was asked, of whom, by whom.  What is NULL or "" is not said, unless a line says so. */
struct vane__cgi_request {
	const char *method, *target; /* always said */
	const char *query;           /* always said */
	const char *version;         /* "HTTP/1.1"; always said */
	const char *scheme;          /* "http" or "https"; always said */
	const char *host;        /* the authority that counts, whatever the field says */
	const char *server_name; /* always said */
	const char *server_addr;
	const char *remote_addr; /* always said */
	const char *remote_user, *auth_type;
	const char *content_type;
	int64_t body_length; /* < 0: there is no body */
	int server_port;
	int remote_port; /* 0 is not said */
};

/*
 * Say what RFC 3875, 4.1 and the habits of PHP want to know of a request: into an empty
 * set, before its fields and its front server's parameters.  Returns 0 or -ENOMEM.
 */
int vane__vars_add_request(struct vane__vars *vars, const struct vane__cgi_request *request,
	const struct vane__location *at);

/*
 * Add a field as HTTP_NAME, unless there is such a variable: repeated ones are to be joined.
 *
 * Never HTTP_PROXY ("httpoxy"), nor what has a variable of its own; and none whose name has other
 * bytes than letters, digits and "-", as two of them could become one variable.  0 or -ENOMEM.
 */
int vane__vars_add_field(struct vane__vars *vars, const struct vane__cgi_request *request,
	const char *name, const char *value);

/*
 * Hand on what the front server has set besides, unless it is ours to say.  To be called from the
 * last to the first, as the last of a name counts.  0 or -ENOMEM.
 */
int vane__vars_add_param(struct vane__vars *vars, const char *name, const char *value);

/* Add a variable that is not there yet: 0 or -ENOMEM. */
int vane__vars_put(struct vane__vars *vars, struct vane_slice name, const char *value);

static inline int vane__vars_add(
	struct vane__vars *vars, const char *name, const char *value)
{
	return vane__vars_put(vars, vane__slice(name), value);
}

/* Add NAME as HTTP_NAME, unless there is such a variable: 0 or -ENOMEM. */
int vane__vars_put_http(struct vane__vars *vars, const char *name, const char *value);

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
