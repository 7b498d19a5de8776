/* SPDX-License-Identifier: MIT */
/*
 * accept_briefly.c - accepts from a listening socket that is not to be made non-blocking, as others who
 * hold it wait in accept().
 *
 * O_NONBLOCK belongs to the open file description, which all share, and SO_RCVTIMEO to the socket:
 * either would end the wait of a sibling, and libfcgi takes that for a fatal error.  So one looks
 * whether a connection waits, and accepts; if somebody else was faster, a timer's signal ends the
 * wait.
 */
#include "config.h" /* for accept4() */

#include "netutil.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A wait that nobody meant is that long at most; the timer goes on, should it be early once. */
#define BRIEFLY_USEC 10000

/* What is borrowed from the process. */
struct borrowed {
	struct sigaction action;
	struct itimerval timer;
	sigset_t mask;
};

static void on_alarm(int signo)
{
}

static int begin(struct borrowed *before)
{
	const struct itimerval soon = { { 0, BRIEFLY_USEC }, { 0, BRIEFLY_USEC } };
	struct sigaction action = { .sa_handler = on_alarm };
	sigset_t alarm;

	sigemptyset(&action.sa_mask);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (sigaction(SIGALRM, &action, &before->action) < 0)
		return -errno;
	pthread_sigmask(SIG_UNBLOCK, &alarm, &before->mask);
	setitimer(ITIMER_REAL, &soon, &before->timer);
	return 0;
}

/* The timer first: the signal is to find the handler there still. */
static void end(const struct borrowed *before)
{
	const struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
	pthread_sigmask(SIG_SETMASK, &before->mask, NULL);
	sigaction(SIGALRM, &before->action, NULL);
	if (before->timer.it_value.tv_sec > 0 || before->timer.it_value.tv_usec > 0)
		setitimer(ITIMER_REAL, &before->timer, NULL);
}

int vane__accept_late(int fd, struct sockaddr *peer, unsigned *peer_len)
{
	struct borrowed before;
	socklen_t len = *peer_len;
	int rc = begin(&before), accepted;

	if (rc < 0)
		return rc;
	accepted = accept4(fd, peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	rc = accepted < 0 ? -errno : accepted;
	end(&before);
	*peer_len = len;
	return rc == -EINTR ? -EAGAIN : rc;
}

int vane__accept_briefly(int fd, struct sockaddr *peer, unsigned *peer_len)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (poll(&pfd, 1, 0) <= 0)
		return -EAGAIN;
	return vane__accept_late(fd, peer, peer_len);
}
