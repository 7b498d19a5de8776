/* SPDX-License-Identifier: MIT */
/*
 * child.c - child processes: how they are watched and how they end.  How they begin is in
 * spawn.c.
 */
#include "config.h"

#include "child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_PIDFD_OPEN
#include <sys/pidfd.h>
#endif

#include "limit.h"
#include "list.h"
#include "spawn.h"

#define LAST_WAIT_MSEC  1000 /* for those that are left at the end of the process */
#define FIRST_LOOK_MSEC 2 /* where there are no pidfds we have to look, ever less often */
#define LAST_LOOK_MSEC  64

struct vane__child {
	struct vane__children *all;
	struct list node;
	pid_t pid; /* its group has the same number */
	int pidfd; /* -1: the system has none */
	struct vane_watch *watch;
	struct vane_timer *look; /* in the place of the watch */
	int64_t look_msec;
	struct vane_timer *patience; /* since TERM */
	int64_t kill_msec;
	bool ended, ending; /* the leader is a zombie; it was told to end */
	int status;
	vane__child_fn fn; /* NULL: its owner has let go of it */
	void *data;
};

struct vane__children {
	struct vane_loop *loop;
	struct list list;
};

static struct vane__child *child_of(struct list *node)
{
	return CONTAINER_OF(node, struct vane__child, node);
}

int vane__children_new(struct vane__children **out, struct vane_loop *loop)
{
	struct vane__children *children = calloc(1, sizeof(*children));

	if (children == NULL)
		return -ENOMEM;
	children->loop = loop;
	list_init(&children->list);
	*out = children;
	return 0;
}

/* Nothing watches it any more. */
static void unwatch(struct vane__child *child)
{
	vane_watch_remove(child->watch);
	child->watch = NULL;
	vane_timer_cancel(child->look);
	child->look = NULL;
}

static void forget(struct vane__child *child)
{
	unwatch(child);
	vane_timer_cancel(child->patience);
	if (child->pidfd >= 0)
		close(child->pidfd);
	list_del(&child->node);
	free(child);
}

/* Tell the group, and the leader if it has gone over to another one. */
static void tell(const struct vane__child *child, int signo)
{
	kill(-child->pid, signo);
	if (!child->ended && getpgid(child->pid) != child->pid)
		kill(child->pid, signo);
}

/* The leader has ended: its group is killed, and it is reaped. */
static void reap(struct vane__child *child)
{
	kill(-child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	forget(child);
}

/* See whether the leader has ended, and leave it as it is. */
static void look(struct vane__child *child)
{
	siginfo_t info = { .si_pid = 0 };
	int rc;

	if (child->ended)
		return;
	do
		rc = waitid(P_PID, (id_t) child->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	while (rc < 0 && errno == EINTR);
	if (rc == 0 && info.si_pid == 0)
		return;
	child->ended = true;
	if (rc < 0) /* ECHILD: somebody waits for children that are not theirs */
		child->status = -1;
	else if (info.si_code == CLD_EXITED)
		child->status = (info.si_status & 0xff) << 8;
	else
		child->status = info.si_status;
	/* Those who reap our children leave us no hold on the group: it has to go now. */
	if (child->ending || child->status == -1)
		kill(-child->pid, SIGKILL);
}

bool vane__child_ended(struct vane__child *child, int *status)
{
	look(child);
	*status = child->status;
	return child->ended;
}

/* Tell the owner, or finish the work if there is none. */
static void announce(struct vane__child *child)
{
	unwatch(child);
	vane_timer_cancel(child->patience);
	child->patience = NULL;
	if (child->fn == NULL)
		reap(child);
	else
		child->fn(child->status, child->data);
}

static void on_pidfd(int fd, int events, void *data)
{
	struct vane__child *child = data;

	look(child);
	if (child->ended)
		announce(child);
}

static void on_look(void *data);

static int look_again(struct vane__child *child)
{
	child->look_msec *= 2;
	if (child->look_msec > LAST_LOOK_MSEC)
		child->look_msec = LAST_LOOK_MSEC;
	return vane_loop_call_later(
		child->all->loop, child->look_msec, on_look, child, &child->look);
}

static void on_look(void *data)
{
	struct vane__child *child = data;

	child->look = NULL;
	look(child);
	if (child->ended) {
		announce(child);
		return;
	}
	if (look_again(child) == 0)
		return;
	/* There is no other way to hear of its end. */
	tell(child, SIGKILL);
	while (waitid(P_PID, (id_t) child->pid, &(siginfo_t) { 0 }, WEXITED | WNOWAIT) <
			0 &&
		errno == EINTR)
		;
	look(child);
	announce(child);
}

/* Have the loop say when the leader has ended. */
static int watch(struct vane__child *child)
{
#ifdef HAVE_PIDFD_OPEN
	child->pidfd = pidfd_open(child->pid, 0);
#endif
	if (child->pidfd >= 0)
		return vane_loop_add_watch(child->all->loop, child->pidfd, VANE_READ,
			on_pidfd, child, &child->watch);
	child->look_msec = FIRST_LOOK_MSEC / 2;
	return look_again(child);
}

int vane__child_start(struct vane__children *children, const struct vane__child_opts *opts,
	vane__child_fn fn, void *data, struct vane__child **out)
{
	struct vane__child *child = calloc(1, sizeof(*child));
	int rc;

	if (child == NULL)
		return -ENOMEM;
	rc = vane__spawn(opts, &child->pid);
	if (rc < 0) {
		free(child);
		return rc;
	}
	child->all = children;
	child->pidfd = -1;
	child->kill_msec = opts->kill_msec;
	child->fn = fn;
	child->data = data;
	list_add(&children->list, &child->node);
	rc = watch(child);
	if (rc < 0) {
		tell(child, SIGKILL);
		reap(child);
		return rc;
	}
	*out = child;
	return 0;
}

pid_t vane__child_pid(const struct vane__child *child)
{
	return child->pid;
}

static void on_impatience(void *data)
{
	struct vane__child *child = data;

	child->patience = NULL;
	tell(child, SIGKILL);
}

void vane__child_end(struct vane__child *child)
{
	if (child->ending)
		return;
	look(child);
	child->ending = true;
	if (child->ended) {
		kill(-child->pid, SIGKILL);
		return;
	}
	tell(child, SIGTERM);
	if (child->kill_msec == VANE__UNLIMITED)
		return;
	if (vane_loop_call_later(child->all->loop, child->kill_msec, on_impatience, child,
		    &child->patience) < 0)
		tell(child, SIGKILL);
}

void vane__child_free(struct vane__child *child)
{
	if (child == NULL)
		return;
	child->fn = NULL;
	look(child);
	if (child->ended)
		reap(child);
	else
		vane__child_end(child);
}

/* Reap it if it has ended. */
static bool reap_dead(struct vane__child *child)
{
	look(child);
	if (!child->ended)
		return false;
	reap(child);
	return true;
}

void vane__children_free(struct vane__children *children)
{
	int left_msec = LAST_WAIT_MSEC;
	struct list *at, *next;

	if (children == NULL)
		return;
	for (at = children->list.next; at != &children->list; at = at->next)
		tell(child_of(at), SIGKILL);
	do
		for (at = children->list.next; at != &children->list; at = next) {
			next = at->next;
			reap_dead(child_of(at));
		}
	while (!list_empty(&children->list) && left_msec-- > 0 && poll(NULL, 0, 1) <= 0);
	while (!list_empty(&children->list))
		forget(child_of(children->list.next));
	free(children);
}

const char *vane__child_words(int status, char *buf)
{
	if (status == -1)
		snprintf(buf, VANE__CHILD_WORDS, "ended, and somebody else reaped it");
	else if (WIFEXITED(status))
		snprintf(buf, VANE__CHILD_WORDS, "exited with status %d",
			WEXITSTATUS(status));
	else
		snprintf(buf, VANE__CHILD_WORDS, "killed by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	return buf;
}
