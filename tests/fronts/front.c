/* SPDX-License-Identifier: MIT */
/*
 * front.c - starting a web server and what stands behind it, and stopping them.
 */
#include "fronts/front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/port.h"

#define START_MSEC 20000
#define TRIES      3
#define WORDS_MAX  24
#define ARGS_MAX   16

extern char **environ;

const char *front_find(const char *const *names)
{
	while (*names != NULL && !proc_available(*names))
		names++;
	return *names;
}

/* Where the words' numbers are written. */
struct words {
	struct tmp_word list[WORDS_MAX];
	char numbers[FRONT_PORTS + 1][8];
};

static void fill_words(
	struct words *words, const struct front *front, const struct tmp_word *more)
{
	static const char *const ports[FRONT_PORTS] = { "PORT0", "PORT1", "PORT2", "PORT3",
		"PORT4", "PORT5", "PORT6" };
	size_t n = 0;

	words->list[n++] = (struct tmp_word) { "DIR", front->tmp.path };
	words->list[n++] = (struct tmp_word) { "SOCKET", front->socket };
	words->list[n++] = (struct tmp_word) { "SCGI", front->scgi_socket };
	words->list[n++] = (struct tmp_word) { "NATIVE", words->numbers[FRONT_PORTS] };
	snprintf(words->numbers[FRONT_PORTS], 8, "%d", front->native_port);
	for (size_t i = 0; i < FRONT_PORTS; i++) {
		snprintf(words->numbers[i], 8, "%d", front->ports[i]);
		words->list[n++] = (struct tmp_word) { ports[i], words->numbers[i] };
	}
	for (; more != NULL && more->name != NULL && n < WORDS_MAX - 1; more++)
		words->list[n++] = *more;
	words->list[n] = (struct tmp_word) { 0 };
}

/* The environment of the test with some more, in an array that is the caller's. */
static char **more_env(const char *const *more)
{
	size_t count = 0, added = 0;
	char **env;

	while (environ[count] != NULL)
		count++;
	while (more != NULL && more[added] != NULL)
		added++;
	env = calloc(count + added + 1, sizeof(*env));
	if (env == NULL)
		return NULL;
	for (size_t i = 0; i < added; i++)
		env[i] = (char *) more[i];
	memcpy(env + added, environ, count * sizeof(*env));
	return env;
}

/* Once with these ports. */
static int start_server(struct front *front, const struct front_kind *kind)
{
	char log[TMP_PATH_MAX], path[TMP_PATH_MAX];
	const char *argv[ARGS_MAX] = { NULL };
	struct words words;
	char **env;
	int rc;

	rc = port_pick(front->ports, FRONT_PORTS);
	if (rc < 0)
		return rc;
	fill_words(&words, front, kind->words);
	rc = tmp_write(&front->tmp, "config", kind->config, words.list);
	if (rc < 0)
		return rc;
	tmp_path(&front->tmp, path, "config");
	for (size_t i = 0; kind->argv[i] != NULL && i < ARGS_MAX - 1; i++)
		argv[i] = strcmp(kind->argv[i], "@CONFIG@") == 0 ? path : kind->argv[i];
	env = more_env(kind->env);
	rc = proc_start(
		&front->server, &(struct proc_start) {
					.argv = (char *const *) argv,
					.env = env,
					.cwd = front->tmp.path,
					.log = tmp_path(&front->tmp, log, "server.log"),
				});
	free(env);
	return rc < 0 ? rc : proc_wait_port(&front->server, front->ports[0], START_MSEC);
}

static int start_behind(struct front *front, const struct front_kind *kind)
{
	const char *more[] = { "--processes", "2", "--logging", "none", NULL };
	const char *trusting[] = { "--processes", "2", "--logging", "none", "--xheaders",
		NULL };
	int rc = 0;

	tmp_path(&front->tmp, front->socket, "app.sock");
	if (!kind->alone)
		rc = carrier_start_fastcgi(
			&front->fastcgi, &front->tmp, front->socket, more);
	tmp_path(&front->tmp, front->scgi_socket, "scgi.sock");
	if (rc == 0 && kind->wants_scgi)
		rc = carrier_start_scgi(
			&front->scgi, &front->tmp, front->scgi_socket, more);
	if (rc == 0 && kind->wants_native)
		rc = carrier_start_native(
			&front->native, &front->tmp, &front->native_port, trusting);
	if (rc == 0 && kind->wants_program)
		rc = tmp_copy_program(&front->tmp, "echoapp", carrier_program());
	for (size_t i = 0; rc == 0 && kind->dirs != NULL && kind->dirs[i] != NULL; i++)
		rc = tmp_mkdir(&front->tmp, kind->dirs[i]);
	return rc;
}

int front_start(struct front *front, const struct front_kind *kind)
{
	int rc;

	*front = (struct front) { 0 };
	rc = tmp_make(&front->tmp);
	if (rc == 0)
		rc = start_behind(front, kind);
	if (rc < 0) {
		front_stop(front, true);
		return rc;
	}
	for (int i = 0; i < TRIES; i++) {
		rc = start_server(front, kind);
		if (rc != -ECHILD) /* it has not left at once: the ports were free */
			break;
	}
	if (rc < 0)
		front_stop(front, true);
	return rc;
}

static void print_file(const struct front *front, const char *name)
{
	struct proc proc = { 0 };

	tmp_path(&front->tmp, proc.log, name);
	fprintf(stderr, "%s:\n", name);
	proc_print_log(&proc);
}

void front_stop(struct front *front, bool print)
{
	proc_stop(&front->server);
	proc_stop(&front->fastcgi);
	proc_stop(&front->scgi);
	proc_stop(&front->native);
	if (print) {
		print_file(front, "server.log");
		print_file(front, "error.log");
		print_file(front, "fastcgi.log");
	}
	tmp_remove(&front->tmp);
}

int front_conform(const struct front *front, const char *name, int port, bool adapter)
{
	struct suite_carrier carrier = carrier_http(name, &front->ports[port], adapter);

	if (port > 0 && getenv("VANE_BRIEF_FRONTS") != NULL)
		return 0;
	return suite_run(&carrier);
}
