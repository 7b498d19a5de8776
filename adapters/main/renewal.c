/* SPDX-License-Identifier: MIT */
/*
 * renewal.c - how a program makes way for a new one at HUP and USR2: what it takes over at its
 * start, and what it hands over.
 */
#include "renewal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inherit_exec.h"
#include "scoreboard.h"
#include "serve.h"

/* How long a new program may take until it serves. */
#define START_MSEC 30000

/* ---- what is taken over ---- */

static uint64_t blocked_now(void)
{
	uint64_t mask = 0;
	sigset_t set;
	int signo;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (signo = 1; signo <= 64; signo++)
		if (sigismember(&set, signo) == 1)
			mask |= UINT64_C(1) << (signo - 1);
	return mask;
}

/* The signals of a master wait for it, as they did for the one before. */
static void restore_mask(const struct vane__inheritance *inherit)
{
	sigset_t set;

	vane__inherit_mask(inherit, &set);
	if (inherit->role == VANE__INHERIT_MASTER) {
		vane__master_signals(&set);
		vane__serve_add_signals(&set);
	}
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static int copy_text(char **to, const char *text)
{
	*to = text != NULL ? strdup(text) : NULL;
	return text != NULL && *to == NULL ? -ENOMEM : 0;
}

/* A variable that says for which process the others are. */
static bool is_ours(const char *name)
{
	const char *pid = getenv(name);

	return pid == NULL || strtol(pid, NULL, 10) == (long) getpid();
}

static int note_first_start(struct vane__inheritance *inherit)
{
	int rc = copy_text(&inherit->fdnames, getenv("LISTEN_FDNAMES"));

	inherit->mask = blocked_now();
	if (rc == 0)
		rc = copy_text(&inherit->notify, getenv("NOTIFY_SOCKET"));
	if (rc == 0 && is_ours("WATCHDOG_PID"))
		rc = copy_text(&inherit->watchdog, getenv("WATCHDOG_USEC"));
	return rc;
}

/* What systemd was to be told, it is by the master. */
static void restore_environment(const struct vane__inheritance *inherit)
{
	if (inherit->role != VANE__INHERIT_MASTER)
		return;
	if (inherit->notify != NULL)
		setenv("NOTIFY_SOCKET", inherit->notify, 1);
	if (inherit->watchdog != NULL)
		setenv("WATCHDOG_USEC", inherit->watchdog, 1);
}

int vane__renewal_begin(struct vane__run *run, int argc, char *const *argv)
{
	int rc = vane__inherit_take(&run->inherit);

	if (rc == 0)
		rc = vane__origin_init(&run->origin, argc, argv);
	if (rc == 0 && run->inherit.role == VANE__INHERIT_NONE) {
		rc = note_first_start(&run->inherit);
	} else if (rc == 0) {
		restore_mask(&run->inherit);
		restore_environment(&run->inherit);
		vane__origin_name(&run->origin);
	}
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "what was handed over cannot be taken: %s",
			strerror(-rc));
	return rc;
}

void vane__renewal_fini(struct vane__run *run)
{
	vane__origin_fini(&run->origin);
	vane__inherit_fini(&run->inherit);
}

bool vane__renewal_is_rehearsal(const struct vane__run *run)
{
	return run->inherit.role == VANE__INHERIT_REHEARSAL;
}

static int count_place(const struct vane__inheritance *inherit, const char *place)
{
	size_t i;
	int count = 0;

	for (i = 0; i < inherit->socket_count; i++)
		count += strcmp(inherit->sockets[i].place, place) == 0;
	return count;
}

/* The variables of systemd are gone, and descriptor 0 may have another number. */
void vane__renewal_facts(struct vane__run *run)
{
	struct vane__facts *facts = &run->facts;
	int systemd = count_place(&run->inherit, "systemd");

	if (run->inherit.role == VANE__INHERIT_NONE)
		return;
	if (count_place(&run->inherit, "descriptor 0") > 0)
		facts->stdin_listening = true;
	if (systemd == 0)
		return;
	snprintf(run->listen_pid, sizeof(run->listen_pid), "%ld", (long) facts->pid);
	snprintf(run->listen_fds, sizeof(run->listen_fds), "%d", systemd);
	facts->listen_pid = run->listen_pid;
	facts->listen_fds = run->listen_fds;
	facts->listen_fdnames = run->inherit.fdnames;
}

void vane__renewal_check_handover(struct vane__run *run)
{
	struct vane__inheritance *inherit = &run->inherit;
	int *fds = inherit->handover;

	if (inherit->mode != NULL && !inherit->changed &&
		strcmp(inherit->mode, vane__mode_name(run->choice.mode)) == 0)
		return;
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	fds[0] = fds[1] = -1;
}

/* ---- what is handed over ---- */

static int fill(struct vane__run *run, struct vane__inheritance *to)
{
	const struct vane__inheritance *ours = &run->inherit;
	int rc = copy_text(&to->fdnames, ours->fdnames);
	size_t i;

	to->mask = ours->mask;
	for (i = 0; i < ours->socket_count && rc == 0; i++)
		rc = vane__inherit_add_socket(
			to, ours->sockets[i].fd, ours->sockets[i].place);
	if (rc < 0 || to->role == VANE__INHERIT_REHEARSAL)
		return rc;
	to->board = vane__board_fd();
	vane__process_handover_fds(to->handover);
	rc = copy_text(&to->mode, vane__mode_name(run->choice.mode));
	if (rc < 0 || to->role != VANE__INHERIT_MASTER)
		return rc;
	return copy_text(&to->notify, ours->notify) < 0 ||
			       copy_text(&to->watchdog, ours->watchdog) < 0
		       ? -ENOMEM
		       : 0;
}

/*
 * Without a master the sockets are the server's, which closes them when it stops: what is handed
 * over are copies.
 */
static int keep_sockets(struct vane__run *run)
{
	struct vane__inheritance *ours = &run->inherit;
	size_t i;

	for (i = 0; i < ours->socket_count && !run->keeps_sockets; i++) {
		int fd = fcntl(ours->sockets[i].fd, F_DUPFD_CLOEXEC, 3);

		if (fd < 0) {
			int rc = -errno;

			while (i-- > 0)
				close(ours->sockets[i].fd);
			return rc;
		}
		ours->sockets[i].fd = fd;
	}
	run->keeps_sockets = true;
	return 0;
}

static struct vane__inherit_program program_for(const struct vane__run *run, int signo)
{
	return signo == SIGUSR2 ? vane__origin_file(&run->origin)
				: vane__origin_again(&run->origin);
}

static pid_t spawn(struct vane__inheritance *inherit, int signo, void *data)
{
	struct vane__run *run = data;
	const struct vane__inherit_program program = program_for(run, signo);
	int rc = inherit->role == VANE__INHERIT_WORKER ? keep_sockets(run) : 0;

	if (rc == 0)
		rc = fill(run, inherit);
	return rc < 0 ? rc : vane__inherit_spawn(&program, inherit);
}

static int become(struct vane__inheritance *inherit, int signo, void *data)
{
	struct vane__run *run = data;
	const struct vane__inherit_program program = program_for(run, signo);
	int rc = fill(run, inherit);

	return rc < 0 ? rc : vane__inherit_exec(&program, inherit);
}

void vane__renewal_make(struct vane__run *run, struct vane__renewal *renewal)
{
	*renewal = (struct vane__renewal) {
		.spawn = spawn, .become = become, .start_msec = START_MSEC, .data = run
	};
	vane__renewal_check_handover(run);
	if (run->inherit.role == VANE__INHERIT_MASTER)
		renewal->inherited = &run->inherit;
	vane__inherit_mask(&run->inherit, &renewal->mask);
	vane__serve_add_signals(&renewal->mask);
}
