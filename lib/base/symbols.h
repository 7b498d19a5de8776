/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - the functions, files and lines of addresses in this process, or in another.
 *
 * Files and lines take libdw, and a program that was compiled with -g; without them there are the
 * functions that the dynamic linker knows (-rdynamic), or an offset for addr2line(1).
 */
#ifndef VANE__SYMBOLS_H
#define VANE__SYMBOLS_H

#include <sys/types.h>

#include "base.h"

struct vane__stack;

/* What is known of an address.  Texts are those of the symbols. */
struct vane__symbol {
	const char *function; /* NULL: not known */
	const char *object;   /* the program or library it is in; NULL: not known */
	uintptr_t offset;     /* there */
	const char *file;     /* as the compiler was told; NULL: not known */
	int line;             /* 0: not known */
};

struct vane__symbols;

/* What this process has mapped now.  Reads files, and takes a while.  NULL without memory. */
struct vane__symbols *vane__symbols_new(void);

/* What another process has mapped, which this one may ptrace(); only libdw knows of that. */
struct vane__symbols *vane__symbols_new_of(pid_t pid);

void vane__symbols_free(struct vane__symbols *symbols);

/* What an address is.  call: it follows the call that is meant, as in a stack. */
void vane__symbols_find(struct vane__symbols *symbols, const void *address, bool call,
	struct vane__symbol *out);

/*
 * The calls of the main thread of that other process, which is in a ptrace-stop of the caller's.  0,
 * -ENOSYS without libdw, or another negative errno.
 */
int vane__symbols_unwind(
	struct vane__symbols *symbols, pid_t pid, struct vane__stack *stack);

#endif
