/* SPDX-License-Identifier: MIT */
/*
 * mode.h - how a program was started, and so what it is to be.
 */
#ifndef VANE__MODE_H
#define VANE__MODE_H

#include <vane/types.h>

enum vane__mode { VANE__MODE_HTTP, VANE__MODE_FASTCGI, VANE__MODE_SCGI, VANE__MODE_CGI };

/* Where the listening sockets come from. */
enum vane__source {
	VANE__SOURCE_BIND,    /* from --listen or --port, or the default */
	VANE__SOURCE_SYSTEMD, /* descriptors 3 and up (LISTEN_FDS) */
	VANE__SOURCE_STDIN,   /* descriptor 0 */
	VANE__SOURCE_NONE     /* CGI */
};

/* What can be seen of the way a program was started.  Text is NULL where there is none. */
struct vane__facts {
	const char *mode; /* --mode; NULL or "auto": find out */
	const char
		*listen_given;  /* "by --port": which of those that say where; NULL: none */
	const char *listen_pid; /* the environment's LISTEN_PID, ... */
	const char *listen_fds;
	const char *listen_fdnames;
	const char *gateway_interface;
	const char *request_method;
	const char *supervisor; /* SUPERVISOR_ENABLED, ... */
	const char *supervisor_group;
	const char *supervisor_process;
	pid_t pid;
	bool stdin_listening;
	bool apache; /* the parent is an Apache httpd */
};

struct vane__choice {
	enum vane__mode mode;
	enum vane__source source;
	int fds;         /* how many descriptors from systemd */
	bool manager;    /* the process that started us counts processes by itself */
	bool never_fork; /* mod_fcgid: it signals only the process it started */
	const char *why; /* for the start line: "by --mode" */
};

/* Look at the environment, the parent and descriptor 0. */
void vane__facts_gather(struct vane__facts *facts);

/*
 * Decide.  A pure function; the first rule that fits wins: what the options say, sockets
 * from systemd, a listening descriptor 0, CGI's variables, HTTP.
 *
 * -EINVAL with *why set where the facts contradict each other.
 */
int vane__mode_choose(
	struct vane__choice *choice, const struct vane__facts *facts, const char **why);

/* "http", "fastcgi", "scgi", "cgi" */
const char *vane__mode_name(enum vane__mode mode);

/* The mode of that name; http if it is none of the others. */
enum vane__mode vane__mode_named(const char *name);

/* "HTTP", "FastCGI", ... */
const char *vane__mode_title(enum vane__mode mode);

/* Whether whoever connects is taken for the web server, and believed. */
static inline bool vane__mode_believes(enum vane__mode mode)
{
	return mode == VANE__MODE_FASTCGI || mode == VANE__MODE_SCGI;
}

/*
 * The next option, from *i on, that was given although it has no meaning in that mode; NULL
 * when there are no more.
 */
const char *vane__mode_next_foreign(
	enum vane__mode mode, size_t *i, bool (*given)(const char *name));

/*
 * How many words at the end of a command line come from the query of a CGI request (RFC
 * 3875, 4.4: a search without "=" becomes words), so from the client, and are to be left
 * alone.
 */
int vane__mode_query_words(int argc, char *const *argv, const char *query);

#endif
