/* SPDX-License-Identifier: MIT */
/*
 * log_syslog.c - lines for the system's log: datagrams as syslog(3) sends them (RFC 3164, 4).
 *
 * It is not syslog(3), which may wait for a log that is full, and keeps what went wrong to itself.
 */
#include "log_syslog.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "log_line.h"
#include "months.h"

#define OWN_PATH "/dev/log"

/* Where the lines of the process go. */
static struct {
	bool wanted;
	int fd;       /* -1: it is not connected */
	int facility; /* as in syslog.h, shifted */
	bool failing; /* it was said that lines cannot be sent */
	char name[64];
	struct sockaddr_un addr;
} self = { .fd = -1 };

static const struct {
	const char *name;
	int code;
} facilities[] = {
	{ "daemon", LOG_DAEMON },
	{ "user", LOG_USER },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

static void disconnect(void)
{
	if (self.fd >= 0)
		close(self.fd);
	self.fd = -1;
}

int vane_log_set_syslog(const char *facility, const char *name, const char *path)
{
	size_t i = 0;

	disconnect();
	self.wanted = false;
	if (facility == NULL)
		return 0;
	while (i < ARRAY_SIZE(facilities) && strcmp(facilities[i].name, facility) != 0)
		i++;
	if (path == NULL)
		path = OWN_PATH;
	if (i == ARRAY_SIZE(facilities) || strlen(path) >= sizeof(self.addr.sun_path))
		return -EINVAL;
	self.addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
	memcpy(self.addr.sun_path, path, strlen(path) + 1);
	snprintf(self.name, sizeof(self.name), "%s", name != NULL ? name : "vane");
	self.facility = facilities[i].code;
	self.failing = false;
	self.wanted = true;
	return 0;
}

bool vane__syslog_wanted(void)
{
	return self.wanted;
}

static int connect_it(void)
{
	self.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (self.fd < 0)
		return -errno;
	if (connect(self.fd, (const struct sockaddr *) &self.addr, sizeof(self.addr)) < 0) {
		int rc = -errno;

		disconnect();
		return rc;
	}
	return 0;
}

/* Once more where the other end has been started anew. */
static int send_text(const char *text, size_t len)
{
	int tries, rc = 0;

	for (tries = 0; tries < 2; tries++) {
		rc = self.fd < 0 ? connect_it() : 0;
		if (rc < 0)
			return rc;
		if (send(self.fd, text, len, MSG_NOSIGNAL) >= 0)
			return 0;
		rc = -errno;
		if (rc == -EAGAIN)
			return rc;
		disconnect();
	}
	return rc;
}

static int severity(enum vane_log_level level)
{
	return level == VANE_LOG_ERROR     ? LOG_ERR
	       : level == VANE_LOG_WARNING ? LOG_WARNING
	       : level == VANE_LOG_INFO    ? LOG_INFO
					   : LOG_DEBUG;
}

/* On standard error, once, and then the line. */
static void fall_back(enum vane_log_level level, const char *line, int rc)
{
	char text[VANE__LOG_LINE_ROOM], why[200];

	if (!self.failing) {
		snprintf(why, sizeof(why),
			"%s: %s: cannot send there: its lines go to standard error",
			self.addr.sun_path, strerror(-rc));
		vane__log_stderr(
			VANE_LOG_ERROR, text, vane__log_line(text, VANE_LOG_ERROR, why));
	}
	self.failing = true;
	vane__log_stderr(level, text, vane__log_line(text, level, line));
}

void vane__syslog_send(enum vane_log_level level, const char *line)
{
	static const char *const months[] = VANE__MONTHS;
	char text[VANE__LOG_LINE_BYTES + 160];
	time_t now = time(NULL);
	struct tm tm;
	int len, rc;

	localtime_r(&now, &tm);
	len = snprintf(text, sizeof(text), "<%d>%s %2d %02d:%02d:%02d %s[%ld]: %.*s",
		self.facility | severity(level), months[tm.tm_mon], tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, self.name, (long) getpid(), VANE__LOG_LINE_BYTES - 1,
		line);
	rc = send_text(text, (size_t) len);
	if (rc < 0)
		fall_back(level, line, rc);
	else
		self.failing = false;
}

/* What the crash was may be written elsewhere, too: nobody is told that this could not be sent. */
void vane__syslog_last_words(const char *text, size_t len)
{
	char line[VANE__LOG_LINE_ROOM + 80];
	int priority = self.facility | LOG_ERR;
	char head[] = { '<', (char) ('0' + priority / 100),
		(char) ('0' + priority / 10 % 10), (char) ('0' + priority % 10), '>' };
	size_t skip = priority >= 100 ? 0 : 1, at = sizeof(head) - skip, named;

	memcpy(line, head + skip, at);
	if (skip)
		line[0] = '<';
	named = strlen(self.name);
	memcpy(line + at, self.name, named);
	at += named;
	memcpy(line + at, ": ", 2);
	at += 2;
	len -= len > 0 && text[len - 1] == '\n';
	if (len > sizeof(line) - at)
		len = sizeof(line) - at;
	memcpy(line + at, text, len);
	(void) send_text(line, at + len);
}
