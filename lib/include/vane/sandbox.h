/* SPDX-License-Identifier: MIT */
/*
 * vane/sandbox.h - which files a program needs that --sandbox confines.
 *
 * Under --sandbox a process that serves can open what is named here and no other file, whatever it
 * is made to do: Linux's Landlock sees to that, where the kernel has it.
 */
#ifndef VANE_SANDBOX_H
#define VANE_SANDBOX_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What may be done with a file, or with all that is below a folder. */
enum vane_sandbox_rights {
	VANE_SANDBOX_READ = 1 << 0,  /* read files, list folders */
	VANE_SANDBOX_WRITE = 1 << 1, /* write, make, rename and remove; not read */
	VANE_SANDBOX_EXECUTE =
		1 << 2 /* run programs, whose libraries have to be named as well */
};

/*
 * Let a program that --sandbox confines have a file, or a folder with all that is below it.
 *
 * Call it in configure() of struct vane_program, or before vane_main(): with what is opened while it
 * serves, a database or the folder of uploads.  What is open already stays usable, and so needs no
 * word; the roots of vane_docroot_open() and vane_static_new() may be read, the temporary folder and
 * the folders of the log files written to without it.  vane_main(3) has the whole list.  Does
 * nothing without --sandbox.  Rights for the same path add up.
 *
 * path is copied; a relative one is of the folder of this moment, and a symbolic link means what it
 * leads to when a process begins to serve: what takes the place of that file later, under the same name,
 * is another file.  Where that happens, name the folder.
 *
 * Returns 0; -EINVAL for NULL, an empty path or rights that are none; -ENOENT, or what else stat() says of
 * the path; -ENOMEM.  All paths are forgotten when vane_main() returns.  Since 0.2.0.
 */
VANE_API int vane_sandbox_allow(const char *path, unsigned rights);

#ifdef __cplusplus
}
#endif

#endif
