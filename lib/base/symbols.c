/* SPDX-License-Identifier: MIT */
/*
 * symbols.c - the functions, files and lines of addresses: by libdw (DWARF) where it is there, else by
 * the dynamic linker.
 *
 * Debugging information is looked for in the files themselves and below /usr/lib/debug, and never
 * asked for in the net (DEBUGINFOD_URLS), which would have a page wait.
 */
#include "config.h" /* for dladdr() */

#include "symbols.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "stack.h"

#ifdef VANE_WITH_DW
#include <elfutils/libdwfl.h>
#endif

#ifdef VANE_WITH_DW
#define LIBRARY "libdw.so.1"

/* What is called of it. */
#define FUNCTIONS(each)                                                                    \
	each(dwfl_begin) each(dwfl_end) each(dwfl_linux_proc_report) each(dwfl_report_end) \
		each(dwfl_linux_proc_find_elf) each(dwfl_build_id_find_debuginfo)          \
			each(dwfl_addrmodule) each(dwfl_module_addrname)                   \
				each(dwfl_module_getsrc) each(dwfl_lineinfo)               \
					each(dwfl_linux_proc_attach)                       \
						each(dwfl_getthread_frames)                \
							each(dwfl_frame_pc)

#define MEMBER(name) __typeof__(name) *name;

struct dw {
	FUNCTIONS(MEMBER)
};

/* A stack that is being taken. */
struct unwinding {
	const struct dw *dw;
	struct vane__stack *stack;
};

struct vane__symbols {
	struct dw dw;
	void *library; /* NULL: it is not there */
	Dwfl *dwfl;    /* NULL: this process cannot be read */
	Dwfl_Callbacks callbacks;
	bool foreign; /* the dynamic linker of this process knows nothing of it */
};

#define FIND(name)                                                                         \
	at = dlsym(symbols->library, #name);                                               \
	memcpy(&symbols->dw.name, &at, sizeof(at));                                        \
	complete = complete && at != NULL;

/* Loaded when it is needed: programs in production have no use for it.  It stays. */
static bool load(struct vane__symbols *symbols)
{
	bool complete = true;
	void *at;

	symbols->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (symbols->library == NULL)
		return false;
	FUNCTIONS(FIND)
	return complete;
}

static void open_process(struct vane__symbols *symbols, pid_t pid)
{
	if (!load(symbols))
		return;
	symbols->callbacks.find_elf = symbols->dw.dwfl_linux_proc_find_elf;
	symbols->callbacks.find_debuginfo = symbols->dw.dwfl_build_id_find_debuginfo;
	symbols->dwfl = symbols->dw.dwfl_begin(&symbols->callbacks);
	if (symbols->dwfl == NULL)
		return;
	if (symbols->dw.dwfl_linux_proc_report(symbols->dwfl, pid) == 0 &&
		symbols->dw.dwfl_report_end(symbols->dwfl, NULL, NULL) == 0)
		return;
	symbols->dw.dwfl_end(symbols->dwfl);
	symbols->dwfl = NULL;
}

static void close_process(struct vane__symbols *symbols)
{
	if (symbols->dwfl != NULL)
		symbols->dw.dwfl_end(symbols->dwfl);
	if (symbols->library != NULL)
		dlclose(symbols->library);
}

static void find_by_dwarf(
	struct vane__symbols *symbols, Dwarf_Addr address, struct vane__symbol *out)
{
	Dwfl_Module *module = NULL;
	const char *name;
	Dwfl_Line *line;

	if (symbols->dwfl != NULL)
		module = symbols->dw.dwfl_addrmodule(symbols->dwfl, address);
	if (module == NULL)
		return;
	name = symbols->dw.dwfl_module_addrname(module, address);
	if (name != NULL)
		out->function = name;
	line = symbols->dw.dwfl_module_getsrc(module, address);
	if (line != NULL)
		out->file =
			symbols->dw.dwfl_lineinfo(line, NULL, &out->line, NULL, NULL, NULL);
}
static int add_frame(Dwfl_Frame *frame, void *data)
{
	struct unwinding *unwinding = data;
	struct vane__stack *stack = unwinding->stack;
	Dwarf_Addr pc;
	bool exact;

	if (!unwinding->dw->dwfl_frame_pc(frame, &pc, &exact))
		return DWARF_CB_ABORT;
	stack->frames[stack->count++] = (void *) (uintptr_t) pc;
	return stack->count < VANE__STACK_FRAMES ? DWARF_CB_OK : DWARF_CB_ABORT;
}

int vane__symbols_unwind(
	struct vane__symbols *symbols, pid_t pid, struct vane__stack *stack)
{
	struct unwinding unwinding = { &symbols->dw, stack };
	int rc;

	stack->count = 0;
	stack->exact = true;
	if (symbols->library == NULL)
		return -ENOSYS;
	if (symbols->dwfl == NULL)
		return -EPERM;
	rc = symbols->dw.dwfl_linux_proc_attach(symbols->dwfl, pid, true);
	if (rc != 0)
		return rc > 0 ? -rc : -EPERM;
	/* a stack that is known in part is one, too */
	symbols->dw.dwfl_getthread_frames(symbols->dwfl, pid, add_frame, &unwinding);
	return stack->count > 0 ? 0 : -ENODATA;
}
#else
struct vane__symbols {
	bool foreign;
};

static void open_process(struct vane__symbols *symbols, pid_t pid)
{
}

static void close_process(struct vane__symbols *symbols)
{
}

static void find_by_dwarf(
	struct vane__symbols *symbols, uintptr_t address, struct vane__symbol *out)
{
}

int vane__symbols_unwind(
	struct vane__symbols *symbols, pid_t pid, struct vane__stack *stack)
{
	return -ENOSYS;
}
#endif

static struct vane__symbols *new_symbols(pid_t pid, bool foreign)
{
	struct vane__symbols *symbols = calloc(1, sizeof(*symbols));

	if (symbols == NULL)
		return NULL;
	symbols->foreign = foreign;
	open_process(symbols, pid);
	return symbols;
}

struct vane__symbols *vane__symbols_new(void)
{
	return new_symbols(getpid(), false);
}

struct vane__symbols *vane__symbols_new_of(pid_t pid)
{
	return new_symbols(pid, true);
}

void vane__symbols_free(struct vane__symbols *symbols)
{
	if (symbols == NULL)
		return;
	close_process(symbols);
	free(symbols);
}

void vane__symbols_find(struct vane__symbols *symbols, const void *address, bool call,
	struct vane__symbol *out)
{
	const char *at = (const char *) address - (call ? 1 : 0);
	Dl_info info;

	*out = (struct vane__symbol) { .function = NULL };
	if (!symbols->foreign && dladdr(at, &info) != 0) {
		out->function = info.dli_sname;
		out->object = info.dli_fname;
		out->offset = (uintptr_t) at - (uintptr_t) info.dli_fbase;
	}
	find_by_dwarf(symbols, (uintptr_t) at, out);
}
