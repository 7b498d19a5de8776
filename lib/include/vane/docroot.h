/* SPDX-License-Identifier: MIT */
/*
 * vane/docroot.h - a directory that files are served from.
 *
 * Whoever takes paths from clients opens files through one: what lies outside of the
 * directory, or is nobody's business, is not found by any path.
 */
#ifndef VANE_DOCROOT_H
#define VANE_DOCROOT_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_docroot;

/* Which symbolic links below the root are followed. */
enum vane_symlinks {
	/*
	 * relative ones that do not leave the root at any point; none where openat2() is
	 * missing (Linux before 5.6)
	 */
	VANE_SYMLINKS_INSIDE,
	VANE_SYMLINKS_NEVER,
	VANE_SYMLINKS_ANYWHERE /* all: who may make one there serves any file */
};

/* Settings of a docroot; zero means the default. */
struct vane_docroot_opts {
	enum vane_symlinks symlinks VANE_ZERO;
	bool dotfiles
		VANE_ZERO; /* serve names that begin with a dot; ".well-known" always is */
};

/*
 * What is known of a file or directory.
 *
 * Not struct stat, whose members are as wide as the macros of who includes it say: a program
 * on a 32-bit system need not be compiled as the library was.
 */
struct vane_file {
	uint64_t device, inode;
	int64_t size;         /* bytes */
	int64_t modified_sec; /* since 1970 */
	int32_t modified_nsec;
	/* type and permissions, for S_ISDIR() and the like of <sys/stat.h> */
	uint32_t mode;
};

/*
 * Open a docroot: a directory that files are served from.  opts may be NULL.
 *
 * The root may be a symbolic link; it is followed once, here, and what it is moved to later
 * does not matter.  Returns 0, or a negative errno: -ENOTDIR if it is no directory.
 */
VANE_API int vane_docroot_open(struct vane_docroot **docroot, const char *root,
	const struct vane_docroot_opts *opts);

/* Close a docroot.  NULL is fine; descriptors that were found stay open. */
VANE_API void vane_docroot_close(struct vane_docroot *docroot);

/* The root's real path: absolute, without a slash at its end ("" for "/" itself). */
VANE_API const char *vane_docroot_root(const struct vane_docroot *docroot);

/*
 * Open what lies at a path below the root.
 *
 * The path is decoded; it may begin with one slash.  "" and "/" are the root, and a slash
 * at the end asks for a directory.  open_flags is O_RDONLY or O_PATH.
 *
 * Returns a descriptor of a regular file or a directory, which is the caller's to close and
 * is not inherited by programs, with *file filled in; -EACCES for what may not be had (the
 * names "." and "..", those with a dot in front, links that are not to be followed or lead in
 * circles, devices, FIFOs, sockets, and what the kernel refuses); -ENOENT for what is not
 * there and for empty names, as in "a//b"; -ENOTDIR for "file/" and "file/name";
 * -ENAMETOOLONG; or what else open() fails with.
 */
VANE_API int vane_docroot_find(const struct vane_docroot *docroot, const char *path,
	int open_flags, struct vane_file *file);

/*
 * See what lies at a path below the root: as vane_docroot_find() would find it, but without a
 * descriptor, which costs less.  Returns 0 with *file filled in, or what vane_docroot_find()
 * fails with.
 */
VANE_API int vane_docroot_stat(
	const struct vane_docroot *docroot, const char *path, struct vane_file *file);

#ifdef __cplusplus
}
#endif

#endif
