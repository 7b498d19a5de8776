/* SPDX-License-Identifier: MIT */
/*
 * mode.c - which of its shapes a program takes: server, FastCGI or SCGI responder, or CGI
 * program.
 *
 * libfcgi's own test is no use: it looks at descriptor 0 only and takes whatever is no
 * socket for CGI, which is wrong under systemd, and under a web server that gives CGI
 * programs a socket pair.
 */
#include "mode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vane/netutil.h>

#include "slice.h"

#define GROUPED                                                                            \
	"started by supervisord, but descriptor 0 is no listening socket: an "             \
	"[fcgi-program] that is named in a [group] loses its socket, take it out of the "  \
	"group"

#define IN_0 "by --mode, descriptor 0 is a listening socket"

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* Whether our parent is an Apache, which starts FastCGI programs through mod_fcgid. */
static bool parent_is_apache(void)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long) getppid());
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fgets(name, sizeof(name), file) != NULL)
		name[strcspn(name, "\n")] = '\0';
	fclose(file);
	return strcmp(name, "apache2") == 0 || strcmp(name, "httpd") == 0;
}

void vane__facts_gather(struct vane__facts *facts)
{
	*facts = (struct vane__facts) {
		.listen_pid = getenv("LISTEN_PID"),
		.listen_fds = getenv("LISTEN_FDS"),
		.listen_fdnames = getenv("LISTEN_FDNAMES"),
		.gateway_interface = getenv("GATEWAY_INTERFACE"),
		.request_method = getenv("REQUEST_METHOD"),
		.supervisor = getenv("SUPERVISOR_ENABLED"),
		.supervisor_group = getenv("SUPERVISOR_GROUP_NAME"),
		.supervisor_process = getenv("SUPERVISOR_PROCESS_NAME"),
		.pid = getpid(),
		.stdin_listening = vane_socket_is_listening(STDIN_FILENO),
	};
	facts->apache = facts->stdin_listening && parent_is_apache();
}

/* A variable that is to be a number; anything else is 0. */
static int64_t number(const char *text)
{
	int64_t n = 0;

	if (is_set(text))
		vane__slice_number(vane__slice(text), &n);
	return n;
}

/* How many descriptors systemd has handed to this very process. */
static int systemd_fds(const struct vane__facts *facts)
{
	int64_t n = number(facts->listen_fds);

	return n > 0 && n < 1024 && number(facts->listen_pid) == facts->pid ? (int) n : 0;
}

/* Whether a colon-separated list has that word. */
static bool has_name(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list != NULL) {
		if (strncmp(list, word, len) == 0 &&
			(list[len] == ':' || list[len] == '\0'))
			return true;
		list = strchr(list, ':');
		if (list != NULL)
			list++;
	}
	return false;
}

static int choose_systemd(
	struct vane__choice *choice, const struct vane__facts *facts, const char **why)
{
	static const enum vane__mode modes[] = { VANE__MODE_HTTP, VANE__MODE_FASTCGI,
		VANE__MODE_SCGI };
	size_t i, found = 0;

	choice->mode = VANE__MODE_HTTP;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!has_name(facts->listen_fdnames, vane__mode_name(modes[i])))
			continue;
		choice->mode = modes[i];
		found++;
	}
	if (found > 1) {
		*why = "LISTEN_FDNAMES names sockets of several kinds, of http, fastcgi "
		       "and scgi a program serves one: give --mode";
		return -EINVAL;
	}
	choice->why = "sockets from systemd";
	return 0;
}

/*
 * Whether supervisord has started a program that may have lost its socket.  Outside of a [group]
 * the group is called as the program is, and each process begins with that name, unless its
 * process_name says otherwise: a [program] as any other.
 */
static bool lost_socket(const struct vane__facts *facts)
{
	const char *group = facts->supervisor_group, *process = facts->supervisor_process;

	if (!is_set(facts->supervisor))
		return false;
	return !is_set(group) || !is_set(process) ||
	       strncmp(process, group, strlen(group)) != 0;
}

/* --mode was given; where the sockets come from was perhaps not. */
static int choose_given(
	struct vane__choice *choice, const struct vane__facts *facts, const char **why)
{
	choice->why = "by --mode";
	choice->mode = vane__mode_named(facts->mode);
	if (choice->mode == VANE__MODE_CGI)
		choice->source = VANE__SOURCE_NONE;
	if (choice->mode == VANE__MODE_CGI || facts->listen_given != NULL)
		return 0;
	if (choice->fds > 0)
		choice->source = VANE__SOURCE_SYSTEMD;
	else if (facts->stdin_listening) {
		choice->source = VANE__SOURCE_STDIN;
		choice->why = IN_0;
	} else if (vane__mode_believes(choice->mode) && is_set(facts->supervisor)) {
		*why = GROUPED ", or give --listen";
		return -EINVAL;
	}
	return 0;
}

static int choose(
	struct vane__choice *choice, const struct vane__facts *facts, const char **why)
{
	if (facts->mode != NULL && strcmp(facts->mode, "auto") != 0)
		return choose_given(choice, facts, why);
	if (facts->listen_given != NULL) {
		choice->why = facts->listen_given;
		return 0;
	}
	if (choice->fds > 0) {
		choice->source = VANE__SOURCE_SYSTEMD;
		return choose_systemd(choice, facts, why);
	}
	if (facts->stdin_listening) {
		choice->mode = VANE__MODE_FASTCGI;
		choice->source = VANE__SOURCE_STDIN;
		choice->why = "descriptor 0 is a listening socket";
		return 0;
	}
	if (is_set(facts->gateway_interface) && is_set(facts->request_method)) {
		choice->mode = VANE__MODE_CGI;
		choice->source = VANE__SOURCE_NONE;
		choice->why = "CGI variables";
		return 0;
	}
	choice->why = "no inherited socket, no CGI variables";
	if (!lost_socket(facts))
		return 0;
	*why = GROUPED
		"; a [program] that is to serve by itself says --mode=http or --port";
	return -EINVAL;
}

int vane__mode_choose(
	struct vane__choice *choice, const struct vane__facts *facts, const char **why)
{
	int rc;

	*choice = (struct vane__choice) { .fds = systemd_fds(facts) };
	rc = choose(choice, facts, why);
	if (rc < 0)
		return rc;
	choice->manager = choice->source == VANE__SOURCE_STDIN;
	choice->never_fork = choice->manager && facts->apache;
	return 0;
}

const char *vane__mode_name(enum vane__mode mode)
{
	static const char *const names[] = { "http", "fastcgi", "scgi", "cgi" };

	return names[mode];
}

enum vane__mode vane__mode_named(const char *name)
{
	enum vane__mode mode = VANE__MODE_CGI;

	while (mode != VANE__MODE_HTTP && strcmp(name, vane__mode_name(mode)) != 0)
		mode--;
	return mode;
}

const char *vane__mode_title(enum vane__mode mode)
{
	static const char *const titles[] = { "HTTP", "FastCGI", "SCGI", "CGI" };

	return titles[mode];
}

const char *vane__mode_next_foreign(
	enum vane__mode mode, size_t *i, bool (*given)(const char *name))
{
	enum {
		HTTP = 1 << VANE__MODE_HTTP,
		FASTCGI = 1 << VANE__MODE_FASTCGI,
		SCGI = 1 << VANE__MODE_SCGI,
		CGI = 1 << VANE__MODE_CGI,
		SERVERS = HTTP | FASTCGI | SCGI
	};
	static const struct {
		const char *name;
		int modes;
	} rows[] = {
		{ "access-log-buffer", SERVERS },
		{ "address", SERVERS },
		{ "body-timeout", SERVERS },
		{ "forwarded", HTTP },
		{ "group", SERVERS },
		{ "header-timeout", HTTP },
		{ "health", SERVERS },
		{ "idle-timeout", HTTP },
		{ "listen", SERVERS },
		{ "listen-fd-blocking", SERVERS },
		{ "log-file-max-size", SERVERS },
		{ "log-file-num-backups", SERVERS },
		{ "log-rotate-interval", SERVERS },
		{ "log-rotate-mode",
			SERVERS }, /* a CGI program is started for each request */
		{ "log-rotate-when", SERVERS },
		{ "max-body-total", HTTP }, /* elsewhere one request runs at a time */
		{ "max-connections", SERVERS },
		{ "max-handler-time", SERVERS },
		{ "max-header-size", SERVERS },
		{ "max-per-address", HTTP },
		{ "max-worker-memory", SERVERS },
		{ "max-worker-requests", SERVERS },
		{ "min-rate", SERVERS },
		{ "max-restarts", SERVERS },
		{ "path-from", FASTCGI | SCGI | CGI },
		{ "pid-file", SERVERS },
		{ "port", SERVERS },
		{ "processes", SERVERS },
		{ "proxy-protocol", HTTP },
		{ "ready", SERVERS },
		{ "restart-window", SERVERS },
		{ "shutdown-grace", SERVERS },
		{ "shutdown-timeout", SERVERS },
		{ "slow", SERVERS },
		{ "socket-mode", SERVERS },
		{ "status", SERVERS },
		{ "trusted", HTTP },
		{ "user", SERVERS },
		{ "write-timeout", SERVERS },
		{ "xheaders", HTTP },
	};

	while (*i < sizeof(rows) / sizeof(rows[0])) {
		size_t at = (*i)++;

		if ((rows[at].modes & (1 << mode)) == 0 && given(rows[at].name))
			return rows[at].name;
	}
	return NULL;
}

/* The next byte of a percent-encoded word, -1 at its end. */
static int next_byte(const char **p)
{
	const char *s = *p;

	if (*s == '\0' || *s == '+')
		return -1;
	if (*s == '%' && vane__hex(s[1]) >= 0 && vane__hex(s[2]) >= 0) {
		*p += 3;
		return vane__hex(s[1]) * 16 + vane__hex(s[2]);
	}
	*p += 1;
	return (unsigned char) *s;
}

/* Whether a word is that part of the query; servers put backslashes before what shells eat. */
static bool is_query_word(const char *word, const char *query)
{
	int c;

	for (;;) {
		do
			c = next_byte(&query);
		while (c == '\\');
		while (*word == '\\')
			word++;
		if (c < 0 || *word == '\0')
			return c < 0 && *word == '\0';
		if (c != (unsigned char) *word++)
			return false;
	}
}

int vane__mode_query_words(int argc, char *const *argv, const char *query)
{
	const char *p;
	int count = 1, i;

	if (query == NULL || query[0] == '\0' || strchr(query, '=') != NULL)
		return 0;
	for (p = query; *p != '\0'; p++)
		count += *p == '+';
	if (count > argc - 1)
		return 0;
	for (i = 0, p = query; i < count; i++) {
		if (!is_query_word(argv[argc - count + i], p))
			return 0;
		p += strcspn(p, "+");
		p += *p == '+';
	}
	return count;
}
