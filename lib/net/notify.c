/* SPDX-License-Identifier: MIT */
/*
 * notify.c - tells systemd how a service is: the protocol of sd_notify(3), without libsystemd.
 *
 * A message is a datagram of lines NAME=value.  None is waited for, and none that is lost is
 * missed: systemd has time-outs of its own.
 */
#include "config.h" /* for SOCK_CLOEXEC */

#include "notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>

#include "slice.h"

/* What a process is to whoever has started it, is a fact about the process. */
static struct {
	struct sockaddr_un addr;
	socklen_t addr_len; /* 0: nobody asks */
	pid_t pid;          /* whose service it is */
	int64_t alive_msec;
	bool stopping; /* it has been said */
} self;

/* "/path", or "@name" for an abstract one, which is not ended by a NUL. */
static bool set_address(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len < 2 || len > sizeof(self.addr.sun_path) - 1 ||
		(text[0] != '/' && text[0] != '@'))
		return false;
	self.addr.sun_family = AF_UNIX;
	memcpy(self.addr.sun_path, text, len + 1);
	self.addr_len = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len);
	if (text[0] == '@')
		self.addr.sun_path[0] = '\0';
	else
		self.addr_len++;
	return true;
}

/* A variable that is to be a number; anything else is 0. */
static int64_t number(const char *name)
{
	const char *text = getenv(name);
	int64_t n = 0;

	if (text != NULL && vane__slice_number(vane__slice(text), &n) < 0)
		n = 0;
	return n;
}

bool vane__notify_begin(void)
{
	const char *text = getenv("NOTIFY_SOCKET");
	int64_t usec = number("WATCHDOG_USEC"), pid = number("WATCHDOG_PID");

	memset(&self, 0, sizeof(self));
	self.pid = getpid();
	if (text != NULL && !set_address(text))
		vane_log(VANE_LOG_WARNING, "NOTIFY_SOCKET: '%s' is neither /PATH nor @NAME",
			text);
	if (pid == 0 || pid == self.pid)
		self.alive_msec = usec / 2000;
	if (usec > 0 && self.alive_msec == 0 && (pid == 0 || pid == self.pid))
		self.alive_msec = 1;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return self.addr_len > 0;
}

static void tell(const char *text)
{
	int fd;

	if (self.addr_len == 0 || self.pid != getpid())
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
			      (const struct sockaddr *) &self.addr, self.addr_len) < 0)
		vane_log(VANE_LOG_DEBUG, "the service manager is not told: %s",
			strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* A line may hold the name of a socket, which may hold anything. */
static void tell_line(const char *before, const char *line)
{
	char text[1024];
	size_t at = (size_t) snprintf(text, sizeof(text), "%sSTATUS=", before);

	for (; *line != '\0' && at < sizeof(text) - 2; line++)
		text[at++] = (char) ((unsigned char) *line < ' ' ? '?' : *line);
	text[at++] = '\n';
	text[at] = '\0';
	tell(text);
}

void vane__notify_ready(const char *status)
{
	char before[64];

	snprintf(before, sizeof(before), "READY=1\nMAINPID=%ld\n", (long) self.pid);
	tell_line(before, status);
}

void vane__notify_reloading(void)
{
	char text[80];
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld\n",
		(long long) ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	tell(text);
}

void vane__notify_stopping(void)
{
	if (self.stopping || self.pid != getpid())
		return;
	self.stopping = true;
	tell("STOPPING=1\nSTATUS=finishing what has begun\n");
}

void vane__notify_status(const char *status)
{
	tell_line("", status);
}

int64_t vane__notify_alive_msec(void)
{
	return self.addr_len > 0 && self.pid == getpid() ? self.alive_msec : 0;
}

void vane__notify_alive(void)
{
	tell("WATCHDOG=1\n");
}
