/* SPDX-License-Identifier: MIT */
/*
 * site.h - a directory of files and of scripts of several kinds: what vane-gateway serves.
 */
#ifndef VANE__SITE_H
#define VANE__SITE_H

#include <vane/handler.h>
#include <vane/static.h>
#include <vane/docroot.h>

struct vane__backend;

/*
 * A site: each backend is asked in turn whether a path means one of its scripts; then the files.
 */
struct vane__site {
	struct vane__backend **backends;
	size_t backend_count;
	struct vane_static *files; /* NULL: what is no script is not there */
	const char *index;         /* of a folder, as files has it; NULL: none */
	struct vane_docroot *seen; /* the same folder, as files sees it */
	struct vane_docroot *all;  /* with names that begin with a dot: what is there */
	const char *fallback; /* "/index.php": what answers for the rest; NULL: 404 does */
};

/* Answers from a site, the route's data. */
extern const struct vane_handler vane__site_handler;

/* Redirects to the same path with a slash at its end. */
extern const struct vane_handler vane__slash_handler;

#endif
