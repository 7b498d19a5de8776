/* SPDX-License-Identifier: MIT */
/*
 * maps.h - vane-gateway's options of the form WHERE=WHAT: which paths, or which suffixes,
 * are answered by which program.
 */
#ifndef VANE__MAPS_H
#define VANE__MAPS_H

#include <stdbool.h>
#include <stddef.h>

/* What answers. */
enum vane__map_kind {
	VANE__MAP_CGI, /* a directory of scripts, one script, or a program that runs them */
	VANE__MAP_FASTCGI, /* the address of an application */
	VANE__MAP_SCGI,    /* likewise */
	VANE__MAP_PROGRAM, /* the command line of a FastCGI application to start */
	VANE__MAP_KINDS
};

struct vane__map {
	struct vane__map *next; /* in the order they were given */
	enum vane__map_kind kind;
	/* a path that was given without a slash at its end: it is the program's own */
	bool bare;
	char *what;   /* "" if nothing stands behind the "=" */
	char where[]; /* "/prefix/", with a slash at its end, or ".suffix" */
};

struct vane__maps {
	struct vane__map *first, *last;
	size_t count;
};

/*
 * Read "WHERE=WHAT" and append it.  Returns 0, or a negative errno with *why set to what
 * goes on after "--cgi: 'value' ".
 */
int vane__maps_add(struct vane__maps *maps, enum vane__map_kind kind, const char *text,
	const char **why);

/* The first of that place, NULL if there is none. */
const struct vane__map *vane__maps_find(const struct vane__maps *maps, const char *where);

void vane__maps_fini(struct vane__maps *maps);

#endif
