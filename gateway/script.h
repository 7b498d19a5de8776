/* SPDX-License-Identifier: MIT */
/*
 * script.h - which script a request means, and whether it may run.
 */
#ifndef VANE__SCRIPT_H
#define VANE__SCRIPT_H

#include <vane/gateway.h>
#include <vane/types.h>

#include "buf.h"
#include "cgi_vars.h"

struct vane_request;
struct vane_docroot;

/* Where scripts are: struct vane_scripts, opened.  A zeroed one has none. */
struct vane__scripts {
	struct vane_docroot *docroot; /* NULL: no root */
	char *script;                 /* absolute */
	char *index;
	char *suffixes;
	bool executable; /* a script must be */
};

/*
 * Copy the settings and open the root.  executable: scripts are run as programs.  Returns
 * 0, or with a line in the log: -EINVAL for a root beside a script, an index that is no name,
 * or a suffix that does not begin with "."; -ENOMEM; or why the root or script cannot be had,
 * -EACCES for a script that is no regular file.
 */
int vane__scripts_init(
	struct vane__scripts *scripts, const struct vane_scripts *opts, bool executable);
void vane__scripts_fini(struct vane__scripts *scripts);

enum vane__script_kind {
	VANE__SCRIPT_RUN,       /* at says what */
	VANE__SCRIPT_STATIC,    /* a file or directory that is not ours to answer for */
	VANE__SCRIPT_DIRECTORY, /* one with an index: the path needs a slash at its end */
	VANE__SCRIPT_MISSING,
	VANE__SCRIPT_FORBIDDEN
};

/* What was found.  Zero it before the first use. */
struct vane__script {
	enum vane__script_kind kind;
	struct vane__location at; /* for VANE__SCRIPT_RUN */
	struct buf text;          /* what at points to */
	const char *why;          /* for VANE__SCRIPT_FORBIDDEN */
	bool ours;                /* likewise: whoever put it there would want to know */
};

/* What is looked for. */
struct vane__script_path {
	/* of the URL path, decoded, before what is looked up; no slash at its end */
	const char *prefix;
	const char *path;   /* decoded; begins with "/"; "": the prefix itself was asked */
	const char *target; /* raw, both with the query or without; NULL: not known */
};

/*
 * Find the script that a path means.
 *
 * The first regular file along the path is the script, the rest is PATH_INFO.  It must end
 * in one of the suffixes, in this case of letters, be found by the docroot's rules, and be
 * executable if the scripts are; nothing is ever run because of how PATH_INFO ends.  The
 * part of the path that names it may not hold an encoded slash, and no part "." or "..". A
 * file whose suffix differs by the case of letters is VANE__SCRIPT_FORBIDDEN, as it may be
 * the source of a script, found by a file system that ignores case.
 * Returns 0 with the answer in script, or a negative errno: -ENOMEM, -EMFILE, -ENFILE.
 */
int vane__script_find(struct vane__script *script, const struct vane__scripts *scripts,
	const struct vane__script_path *path);

/*
 * The same for a request: what its route's argument "path" matched is looked for, and what
 * stands before it is the prefix; without such an argument it is the whole path, but a route
 * that matches one path only is the prefix itself where there is no root.  instead, unless it
 * is NULL, is looked for in the place of all that.
 */
int vane__script_request(struct vane__script *script, const struct vane__scripts *scripts,
	struct vane_request *req, const char *instead);

/*
 * Whether the last name of a path ends in one of the suffixes, in any case of letters: it is
 * a script's or may be, so the file is not to be had as it lies there.
 */
bool vane__scripts_claim(const struct vane__scripts *scripts, const char *path);

/* Give the memory back. */
void vane__script_fini(struct vane__script *script);

#endif
