/* SPDX-License-Identifier: MIT */
/*
 * crash.c - the last line of a process: which request it was at when a signal ended it.
 *
 * Everything below vane_log_crash() may run in a signal handler, with the heap or a lock in any
 * state: it writes to a buffer of its own, and then to the log's file or to standard error,
 * whatever log function there is.
 */
#include "config.h" /* for dladdr() */

#include <vane/process.h>

#include <dlfcn.h>
#include <signal.h>
#include <time.h>
#ifdef __GLIBC__
#include <ucontext.h>
#endif
#include <unistd.h>

#include <vane/log.h>

#include "crash.h"
#include "date.h"
#include "exchange.h"
#include "log_file.h"
#include "log_sink.h"
#include "route.h"
#include "signame.h"
#include "slice.h"
#include "stack.h"

/* For the handler, where a stack that has run over is what ended the process. */
#define STACK_BYTES (64 * 1024)

/* Of a path, so that the line stays one. */
#define PATH_MAX_BYTES 1024

static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };

/* What the process has one of: its second stack, and how far its clock is from UTC. */
static struct {
	_Alignas(16) char stack[STACK_BYTES];
	long utc_offset_sec;
	bool traces;              /* the stack is written as well, */
	struct vane__stack calls; /* which is this */
} self;

/* A line that is being put together. */
struct line {
	char text[PATH_MAX_BYTES * 4 + 1024];
	size_t len;
};

static void put_bytes(struct line *line, const char *text, size_t len)
{
	if (len > sizeof(line->text) - line->len)
		len = sizeof(line->text) - line->len;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void put(struct line *line, const char *text)
{
	put_bytes(line, text, strlen(text));
}

static void put_number(struct line *line, unsigned long number)
{
	char digits[24], *at = digits + sizeof(digits);

	do
		*--at = (char) ('0' + number % 10);
	while ((number /= 10) > 0);
	put_bytes(line, at, (size_t) (digits + sizeof(digits) - at));
}

/* A client's bytes: nothing of them can move a terminal or begin another line. */
static void put_escaped(struct line *line, struct vane_slice text)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < text.len && i < PATH_MAX_BYTES; i++) {
		unsigned char c = (unsigned char) text.data[i];
		char escape[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

		if (c > 0x20 && c < 0x7f && c != '\\')
			put_bytes(line, &text.data[i], 1);
		else
			put_bytes(line, escape, sizeof(escape));
	}
	if (i < text.len)
		put(line, "...");
}

/* The log's stamp, without localtime(), which may hold a lock. */
static void put_stamp(struct line *line)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char date[VANE__DATE_LEN]; /* "Sun, 06 Nov 1994 08:49:37 GMT" */
	int month = 0;

	vane__date_format(date, (int64_t) time(NULL) + self.utc_offset_sec);
	while (month < 11 && memcmp(months + (size_t) month * 3, date + 8, 3) != 0)
		month++;
	put(line, "[E ");
	put_bytes(line, date + 14, 2);
	put_bytes(line, month < 9 ? "0" : "1", 1);
	put_bytes(line, &"0123456789"[(month + 1) % 10], 1);
	put_bytes(line, date + 5, 2);
	put(line, " ");
	put_bytes(line, date + 17, 8);
	put(line, " ");
	put_number(line, (unsigned long) getpid());
	put(line, "] ");
}

static void put_request(struct line *line)
{
	const struct vane_exchange *x = vane__exchange_current;
	const struct vane_request *req;

	if (x == NULL)
		return;
	req = &x->req;
	put(line, " at ");
	put_escaped(line, req->env.method);
	put(line, " ");
	put_escaped(line, req->path != NULL ? vane__slice(req->path) : req->env.target);
	if (req->route == NULL)
		return;
	put(line, " (route ");
	put_escaped(line, vane__slice(req->route->pattern));
	put(line, ")");
}

void vane_log_crash(const char *what)
{
	struct line line = { .len = 0 };
	int saved = errno;

	vane__log_files_flush_now();
	if (!vane_log_wanted(VANE_LOG_ERROR))
		return;
	put_stamp(&line);
	put(&line, what);
	put_request(&line);
	line.len -= line.len == sizeof(line.text);
	put(&line, "\n");
	vane__log_last_words(line.text, line.len);
	errno = saved;
}

static void put_hex(struct line *line, uintptr_t number)
{
	char digits[2 * sizeof(number)], *at = digits + sizeof(digits);

	do
		*--at = "0123456789abcdef"[number % 16];
	while ((number /= 16) > 0);
	put(line, "+0x");
	put_bytes(line, at, (size_t) (digits + sizeof(digits) - at));
}

/* A function and the offset in it; or a file and the offset there, for addr2line(1). */
static void put_frame(struct line *line, const void *frame)
{
	const char *name, *slash;
	Dl_info info;

	put(line, " ");
	if (dladdr(frame, &info) == 0) {
		put(line, "?");
		return;
	}
	if (info.dli_sname != NULL) {
		put(line, info.dli_sname);
		put_hex(line, (uintptr_t) frame - (uintptr_t) info.dli_saddr);
		return;
	}
	name = info.dli_fname;
	slash = strrchr(name, '/');
	put(line, slash != NULL ? slash + 1 : name);
	put_hex(line, (uintptr_t) frame - (uintptr_t) info.dli_fbase);
}

/* Where it was, the innermost call first: one line. */
static void write_stack(const struct vane__stack *stack)
{
	struct line line = { .len = 0 };
	int i;

	put_stamp(&line);
	put(&line, "stack:");
	for (i = 0; i < stack->count; i++)
		put_frame(&line, stack->frames[i]);
	line.len -= line.len == sizeof(line.text);
	put(&line, "\n");
	vane__log_last_words(line.text, line.len);
}

/* The first call loads a library, which is too late in a crash. */
void vane_process_trace_crashes(void)
{
	self.traces = vane__stack_possible();
}

/* The instruction that the signal came at, NULL where it is not known how to tell. */
static const void *instruction(const ucontext_t *context)
{
#if defined(__GLIBC__) && defined(__x86_64__)
	return (const void *) (uintptr_t) context->uc_mcontext.gregs[REG_RIP];
#elif defined(__GLIBC__) && defined(__aarch64__)
	return (const void *) (uintptr_t) context->uc_mcontext.pc;
#else
	return NULL;
#endif
}

/* Leave out the calls of this file, if it is seen where they end. */
static void begin_where_it_was(struct vane__stack *stack, const void *where)
{
	int i;

	for (i = 0; i < stack->count; i++) {
		if (stack->frames[i] != where)
			continue;
		vane__stack_drop(stack, i);
		stack->exact = true;
		return;
	}
}

/* Whether the instruction is tried again when the handler returns, and kills. */
static bool comes_again(int signo, const siginfo_t *info)
{
	return info->si_code > 0 &&
	       (signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE);
}

/* The default action is in place again: the kernel's, with a core of where it happened. */
static void on_crash(int signo, siginfo_t *info, void *context)
{
	char what[32] = "killed by ";

	strcat(what, vane__signal_name(signo));
	vane_log_crash(what);
	if (self.traces) {
		vane__stack_take(&self.calls);
		begin_where_it_was(&self.calls, instruction(context));
		write_stack(&self.calls);
		vane__crash_page(vane__exchange_current, &self.calls, what);
	}
	if (comes_again(signo, info))
		return;
	raise(signo);
	_exit(128 + signo); /* the first process of a container is not killed by its own */
}

static void give_stack(void)
{
	stack_t stack = { .ss_sp = self.stack, .ss_size = sizeof(self.stack) }, now;

	/* somebody may have given one: a sanitizer, say */
	if (sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_DISABLE) != 0)
		sigaltstack(&stack, NULL);
}

void vane_process_catch_crashes(void)
{
	struct sigaction action = { .sa_sigaction = on_crash }, now;
	time_t when = time(NULL);
	struct tm tm;
	size_t i;

	give_stack();
	localtime_r(&when, &tm);
	self.utc_offset_sec = tm.tm_gmtoff;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
	sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		if (sigaction(crashes[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			sigaction(crashes[i], &action, NULL);
}

bool vane_process_at_request(void)
{
	return vane__exchange_current != NULL;
}
