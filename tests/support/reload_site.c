/* SPDX-License-Identifier: MIT */
/*
 * reload_site.c - a program that is reloaded and upgraded by a test, in each mode.
 */
#include "test.h"

#include "support/reload_site.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/fcgi_peer.h"
#include "support/port.h"
#include "support/scgi_peer.h"

const struct reload_mode reload_modes[RELOAD_MODES] = {
	{ "http", "1", 1, false },
	{ "http", "4", 4, true },
	{ "fastcgi", "1", 1, true },
	{ "fastcgi", "4", 4, false },
	{ "scgi", "1", 1, false },
	{ "scgi", "4", 4, true },
};

/* ---- what is asked ---- */

int reload_connect(const struct reload_site *site)
{
	const struct timeval patience = { .tv_sec = RELOAD_WAIT_MSEC / 1000 };
	int fd = port_connect(site->port, site->port > 0 ? NULL : site->place);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* Find what the program says in what has come. */
static int read_text(const char *came, char *text)
{
	const char *at = strstr(came, "version ");

	if (at == NULL || strchr(at, '\n') == NULL)
		return -EPROTO;
	snprintf(text, RELOAD_TEXT_SIZE, "%.*s", (int) strcspn(at, "\n"), at);
	return 0;
}

int reload_read_answer(int fd, char *text)
{
	char in[4096];
	size_t len = 0;
	ssize_t n;

	in[0] = '\0';
	do {
		n = recv(fd, in + len, sizeof(in) - 1 - len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return len == 0 ? -ECONNRESET : -EPROTO;
		len += (size_t) n;
		in[len] = '\0';
	} while (read_text(in, text) < 0 && len < sizeof(in) - 1);
	if (strncmp(in, "HTTP/1.1 200 ", 13) != 0)
		return -EPROTO;
	return strstr(in, "Connection: close") != NULL ? 1 : 0;
}

static int send_http(int fd, const char *target, bool keep)
{
	char out[256];
	int len = snprintf(out, sizeof(out), "GET %s HTTP/1.1\r\nHost: vane.test\r\n%s\r\n",
		target, keep ? "" : "Connection: close\r\n");

	return send(fd, out, (size_t) len, MSG_NOSIGNAL) == len ? 0 : -ECONNRESET;
}

static int ask_http(const struct reload_site *site, const char *target, char *text)
{
	int fd = reload_connect(site), rc;

	if (fd < 0)
		return fd;
	rc = send_http(fd, target, false);
	if (rc == 0)
		rc = reload_read_answer(fd, text);
	close(fd);
	return rc > 0 ? 0 : rc;
}

/* On a connection that is kept; it is tried again where RFC 9110 (9.2.2) has clients do so. */
int reload_ask_kept(const struct reload_site *site, int *fd, const char *target, char *text)
{
	bool used = *fd >= 0;
	int rc;

	if (!used)
		*fd = reload_connect(site);
	if (*fd < 0)
		return *fd;
	rc = send_http(*fd, target, true);
	if (rc == 0)
		rc = reload_read_answer(*fd, text);
	if (rc != 0) {
		close(*fd);
		*fd = -1;
	}
	if (rc == -ECONNRESET && used)
		return reload_ask_kept(site, fd, target, text);
	return rc > 0 ? 0 : rc;
}

static bool is_fastcgi(const struct reload_site *site)
{
	return strcmp(site->mode->name, "fastcgi") == 0;
}

static int open_fastcgi(const struct reload_site *site, struct fcgi_peer *peer)
{
	char address[TMP_PATH_MAX + 8];

	snprintf(address, sizeof(address), "unix:%s", site->place);
	return fcgi_peer_connect(peer, address);
}

static int ask_by(struct fcgi_peer *peer, bool keep, const char *target, char *text)
{
	char uri[128];
	const char *const params[] = { "REQUEST_METHOD=GET", uri,
		"QUERY_STRING=", "SERVER_PROTOCOL=HTTP/1.1", NULL };
	const struct fcgi_peer_request request = { .params = params, .keep = keep };
	int rc;

	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	rc = fcgi_peer_ask(peer, &request, RELOAD_WAIT_MSEC);
	if (rc < 0)
		return rc;
	return peer->ended && peer->out.data != NULL ? read_text(peer->out.data, text)
						     : -EPROTO;
}

static int ask_fastcgi(const struct reload_site *site, const char *target, char *text)
{
	struct fcgi_peer peer;
	int rc = open_fastcgi(site, &peer);

	if (rc < 0)
		return rc;
	rc = ask_by(&peer, false, target, text);
	fcgi_peer_close(&peer);
	return rc;
}

int reload_open(const struct reload_site *site, struct reload_connection *connection)
{
	if (is_fastcgi(site))
		return open_fastcgi(site, &connection->peer);
	connection->fd = reload_connect(site);
	return connection->fd < 0 ? connection->fd : 0;
}

int reload_ask_on(const struct reload_site *site, struct reload_connection *connection,
	const char *target, char *text)
{
	int rc;

	if (is_fastcgi(site)) {
		fcgi_peer_next(&connection->peer, 1);
		return ask_by(&connection->peer, true, target, text);
	}
	rc = send_http(connection->fd, target, true);
	if (rc == 0)
		rc = reload_read_answer(connection->fd, text);
	return rc;
}

void reload_close(const struct reload_site *site, struct reload_connection *connection)
{
	if (is_fastcgi(site))
		fcgi_peer_close(&connection->peer);
	else
		close(connection->fd);
}

static int ask_scgi(const struct reload_site *site, const char *target, char *text)
{
	const struct scgi_manner manner = { .msec = RELOAD_WAIT_MSEC };
	struct scgi_answer answer = { 0 };
	size_t len;
	char *bytes = scgi_simple("GET", target, NULL, 0, &len);
	int fd = scgi_connect(site->place), rc = fd;

	if (fd >= 0)
		rc = scgi_converse(fd, bytes, len, &manner, &answer);
	if (rc == 0)
		rc = answer.reset ? -ECONNRESET : read_text(answer.data, text);
	free(answer.data);
	free(bytes);
	return rc;
}

int reload_ask(const struct reload_site *site, const char *target, char *text)
{
	if (is_fastcgi(site))
		return ask_fastcgi(site, target, text);
	if (strcmp(site->mode->name, "scgi") == 0)
		return ask_scgi(site, target, text);
	return ask_http(site, target, text);
}

void reload_expect(const struct reload_site *site, const char *wanted)
{
	char text[RELOAD_TEXT_SIZE] = "";

	assert_int_equal(reload_ask(site, "/", text), 0);
	if (strstr(text, wanted) == NULL) {
		proc_print_log(&site->proc);
		fail_msg("'%s' has no '%s'", text, wanted);
	}
}

/* ---- the program ---- */

/* Versions of it are beside the test. */
void reload_put_program(const struct reload_site *site, int version)
{
	const char *dir = getenv("RELOADAPP_DIR");
	char from[256], there[TMP_PATH_MAX], new[TMP_PATH_MAX];

	snprintf(from, sizeof(from), "%s/reloadapp%d", dir != NULL ? dir : "tests/fixtures",
		version);
	assert_int_equal(tmp_copy_program(&site->tmp, "new", from), 0);
	assert_int_equal(rename(tmp_path(&site->tmp, new, "new"),
				 tmp_path(&site->tmp, there, "app")),
		0);
}

void reload_put_script(const struct reload_site *site, const char *script)
{
	char there[TMP_PATH_MAX], new[TMP_PATH_MAX];

	assert_int_equal(tmp_write(&site->tmp, "new", script, NULL), 0);
	assert_int_equal(chmod(tmp_path(&site->tmp, new, "new"), 0755), 0);
	assert_int_equal(rename(new, tmp_path(&site->tmp, there, "app")), 0);
}

void reload_configure(const struct reload_site *site, const char *text)
{
	assert_int_equal(tmp_write(&site->tmp, "app.conf", text, NULL), 0);
}

void reload_await_log(struct reload_site *site, const char *text)
{
	if (proc_wait_log(&site->proc, text, RELOAD_WAIT_MSEC) < 0) {
		proc_print_log(&site->proc);
		fail_msg("there is no line '%s'", text);
	}
}

static int count_in_log(const struct reload_site *site, const char *text)
{
	char line[1024];
	FILE *in = fopen(site->proc.log, "re");
	int count = 0;

	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL)
		count += strstr(line, text) != NULL;
	fclose(in);
	return count;
}

/* Wait until the log has so many lines with that text. */
void reload_await_lines(struct reload_site *site, const char *text, int count)
{
	long deadline = proc_now() + RELOAD_WAIT_MSEC;

	while (count_in_log(site, text) < count) {
		if (proc_now() > deadline) {
			proc_print_log(&site->proc);
			fail_msg("there are not %d lines '%s'", count, text);
		}
		poll(NULL, 0, 10);
	}
}

void reload_start_with(struct reload_site *site, const struct reload_mode *mode,
	const char *more, int keep_fd)
{
	char program[TMP_PATH_MAX], config[TMP_PATH_MAX + 16], log[TMP_PATH_MAX],
		where[TMP_PATH_MAX + 16], name[32], pid[TMP_PATH_MAX + 16],
		path[TMP_PATH_MAX];
	char *const argv[] = { (char *) "/bin/sh", (char *) "-c",
		(char *) (keep_fd > 0 ? "exec \"$0\" \"$@\" <&9" : "exec \"$0\" \"$@\""),
		program, name, (char *) "--processes", (char *) mode->processes, config,
		pid, where, (char *) (more != NULL ? more : "--strict=0"), NULL };
	const struct proc_start start = { .argv = argv, .log = log, .keep_fd = keep_fd };

	*site = (struct reload_site) { .mode = mode };
	assert_int_equal(tmp_make(&site->tmp), 0);
	reload_put_program(site, 1);
	reload_configure(site, "greeting = one\n");
	tmp_path(&site->tmp, program, "app");
	tmp_path(&site->tmp, log, "log");
	tmp_path(&site->tmp, site->place, "socket");
	snprintf(config, sizeof(config), "--config=%s",
		tmp_path(&site->tmp, path, "app.conf"));
	snprintf(pid, sizeof(pid), "--pid-file=%s", tmp_path(&site->tmp, path, "pid"));
	snprintf(name, sizeof(name), "--mode=%s", mode->name);
	if (keep_fd > 0) {
		snprintf(where, sizeof(where), "--listen=fd:0");
	} else if (strcmp(mode->name, "http") == 0) {
		assert_int_equal(port_pick(&site->port, 1), 0);
		snprintf(where, sizeof(where), "--listen=127.0.0.1:%d", site->port);
	} else {
		snprintf(where, sizeof(where), "--listen=unix:%s", site->place);
	}
	assert_int_equal(proc_start(&site->proc, &start), 0);
	reload_await_log(site, ", vane ");
}

void reload_start(struct reload_site *site, const struct reload_mode *mode)
{
	reload_start_with(site, mode, "--shutdown-grace=100ms", 0);
}

bool reload_is_there(const struct reload_site *site, const char *name)
{
	char path[TMP_PATH_MAX];

	return access(tmp_path(&site->tmp, path, name), F_OK) == 0;
}

/* It leaves in order, and takes its files along. */
void reload_stop(struct reload_site *site)
{
	assert_int_equal(proc_stop(&site->proc), 0);
	if (site->proc.status != 0) {
		proc_print_log(&site->proc);
		fail_msg("it left with status %x", site->proc.status);
	}
	assert_false(reload_is_there(site, "pid"));
	assert_false(reload_is_there(site, "socket"));
	tmp_remove(&site->tmp);
}

void reload_tell(struct reload_site *site, int signo)
{
	assert_int_equal(kill(site->proc.pid, signo), 0);
}

void reload_each_mode(void (*run)(const struct reload_mode *mode))
{
	const char *only = getenv("RELOAD_ONLY");
	size_t i;

	for (i = 0; i < sizeof(reload_modes) / sizeof(reload_modes[0]); i++)
		if ((only == NULL || strcmp(only, reload_modes[i].name) == 0) &&
			(reload_modes[i].brief || getenv("VANE_BRIEF") == NULL))
			run(&reload_modes[i]);
}

int reload_workers(const struct reload_site *site, pid_t *workers)
{
	return proc_children(site->proc.pid, workers, RELOAD_WORKERS_MAX);
}

void reload_await_workers(const struct reload_site *site, int count)
{
	pid_t workers[RELOAD_WORKERS_MAX];
	long deadline = proc_now() + RELOAD_WAIT_MSEC;

	while (reload_workers(site, workers) != count) {
		if (proc_now() > deadline) {
			proc_print_log(&site->proc);
			fail_msg("there are not %d workers", count);
		}
		poll(NULL, 0, 10);
	}
}
