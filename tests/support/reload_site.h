/* SPDX-License-Identifier: MIT */
/*
 * reload_site.h - a program that is reloaded and upgraded by a test, in each mode: started on a
 * port or a unix socket, replaced, configured anew, asked as each mode is.
 */
#ifndef VANE_TEST_RELOAD_SITE_H
#define VANE_TEST_RELOAD_SITE_H

#include <stdbool.h>
#include <sys/types.h>

#include "support/fcgi_peer.h"
#include "support/proc.h"
#include "support/tmp.h"

enum { RELOAD_WAIT_MSEC = 20000, RELOAD_TEXT_SIZE = 256, RELOAD_WORKERS_MAX = 16 };

struct reload_mode {
	const char *name;
	const char *processes;
	int count;
	bool brief; /* is run in any case */
};

/* HTTP, FastCGI and SCGI, each with one process and with four. */
enum { RELOAD_HTTP_1, RELOAD_HTTP_4, RELOAD_MODES = 6 };
extern const struct reload_mode reload_modes[RELOAD_MODES];

struct reload_site {
	const struct reload_mode *mode;
	struct tmp tmp;
	struct proc proc;
	int port;                 /* for HTTP */
	char place[TMP_PATH_MAX]; /* of the unix socket of the others */
};

/* Run a function in each, in some of them where VANE_BRIEF is set; RELOAD_ONLY is a mode's name. */
void reload_each_mode(void (*run)(const struct reload_mode *mode));

/* Start version 1, which says "one"; with one more word, NULL: none, and a descriptor for its 0. */
void reload_start_with(struct reload_site *site, const struct reload_mode *mode,
	const char *more, int keep_fd);
void reload_start(struct reload_site *site, const struct reload_mode *mode);

/* End it: it leaves in order, and takes its files along. */
void reload_stop(struct reload_site *site);

/* Put another version, or a script, where the program is. */
void reload_put_program(const struct reload_site *site, int version);
void reload_put_script(const struct reload_site *site, const char *script);
void reload_configure(const struct reload_site *site, const char *text);

/* Send a signal. */
void reload_tell(struct reload_site *site, int signo);

/* Wait for a line of its log, for so many with that text, for so many workers. */
void reload_await_log(struct reload_site *site, const char *text);
void reload_await_lines(struct reload_site *site, const char *text, int count);
void reload_await_workers(const struct reload_site *site, int count);
int reload_workers(const struct reload_site *site, pid_t *workers);

/* Whether it has that file. */
bool reload_is_there(const struct reload_site *site, const char *name);

/* Ask, and find the line of the program's in the answer: 0 or a negative errno. */
int reload_ask(const struct reload_site *site, const char *target, char *text);

/*
 * On a connection that is kept, -1: none yet; it is tried again where RFC 9110 (9.2.2) has clients
 * do so.
 */
int reload_ask_kept(
	const struct reload_site *site, int *fd, const char *target, char *text);

/* A connection to it, that waits no longer than the test: -1 or a negative errno. */
int reload_connect(const struct reload_site *site);

/*
 * Read an answer by HTTP, which ends with the line of the program's: 0, 1 if the connection is to be
 * closed, or a negative errno.
 */
int reload_read_answer(int fd, char *text);

/* A connection that is kept, by HTTP or FastCGI, and is asked once more whatever has become of it. */
struct reload_connection {
	int fd;
	struct fcgi_peer peer;
};

int reload_open(const struct reload_site *site, struct reload_connection *connection);
int reload_ask_on(const struct reload_site *site, struct reload_connection *connection,
	const char *target, char *text);
void reload_close(const struct reload_site *site, struct reload_connection *connection);

/* Ask for "/": its answer has that text. */
void reload_expect(const struct reload_site *site, const char *wanted);

#endif
