/* SPDX-License-Identifier: MIT */
/*
 * tree.h - the inside of a tree, for its test: the way without openat2() must be tried too.
 * And what a file that was opened elsewhere is.
 */
#ifndef VANE__TREE_H
#define VANE__TREE_H

#include <vane/tree.h>

#include "base.h"

struct stat;

struct vane_tree {
	int root;   /* O_PATH */
	bool walks; /* openat2() is missing */
	struct vane_tree_opts opts;
	char path[]; /* the root's, as vane_tree_root() gives it */
};

/* Why vane_tree_find() refuses a path with -EACCES, as words that go on after the path. */
const char *vane__tree_why(const struct vane_tree *tree, const char *path);

/* What stat() says, in widths that do not depend on who asks. */
void vane__file_fill(struct vane_file *file, const struct stat *st);

#endif
