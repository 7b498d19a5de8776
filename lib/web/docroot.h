/* SPDX-License-Identifier: MIT */
/*
 * docroot.h - the inside of a docroot, for its test: the way without openat2() must be tried too.
 * And what a file that was opened elsewhere is.
 */
#ifndef VANE__DOCROOT_H
#define VANE__DOCROOT_H

#include <vane/docroot.h>

#include "base.h"
#include "sandbox.h"

struct stat;

struct vane_docroot {
	int root;   /* O_PATH */
	bool walks; /* openat2() is missing */
	struct vane_docroot_opts opts;
	struct vane__sandbox_place place; /* a confined process may read it */
	char path[];                      /* the root's, as vane_docroot_root() gives it */
};

/* Why vane_docroot_find() refuses a path with -EACCES, as words that go on after the path. */
const char *vane__docroot_why(const struct vane_docroot *docroot, const char *path);

/* What stat() says, in widths that do not depend on who asks. */
void vane__file_fill(struct vane_file *file, const struct stat *st);

#endif
