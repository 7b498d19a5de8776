/* SPDX-License-Identifier: MIT */
/*
 * carrier.c - carriers over HTTP, and the application under test as a process.
 */
#include "carrier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/http.h"
#include "support/port.h"

#define START_MSEC 10000
#define TRIES      5
#define ARGS_MAX   64

static int open_http(const struct suite_carrier *carrier, void **client)
{
	struct http *http = NULL;
	int rc = http_new(&http, *(const int *) carrier->data, NULL);

	*client = http;
	return rc;
}

static int ask_http(void *client, const struct ask *ask, struct answer *answer)
{
	return http_ask(client, ask, answer);
}

static void close_http(void *client)
{
	http_free(client);
}

struct suite_carrier carrier_http(const char *name, const int *port, bool adapter)
{
	return (struct suite_carrier) {
		.name = name,
		.adapter = adapter,
		.open = open_http,
		.ask = ask_http,
		.close = close_http,
		.data = (void *) port,
	};
}

const char *carrier_program(void)
{
	const char *program = getenv("VANE_ECHOAPP");

	return program == NULL ? "tests/echoapp" : program;
}

static int start(struct proc *proc, const struct tmp *tmp, const char *program,
	const char *mode, const char *listen, const char *const *more)
{
	const char *argv[ARGS_MAX] = { program, "--mode", mode, "--listen", listen };
	char log[TMP_PATH_MAX], name[32];
	size_t argc = 5;

	for (; more != NULL && *more != NULL && argc < ARGS_MAX - 1; more++)
		argv[argc++] = *more;
	argv[argc] = NULL;
	snprintf(name, sizeof(name), "%s.log", mode);
	return proc_start(proc, &(struct proc_start) {
					.argv = (char *const *) argv,
					.log = tmp_path(tmp, log, name),
				});
}

static int started(struct proc *proc, const char *program, int rc)
{
	if (rc == 0)
		return 0;
	fprintf(stderr, "%s did not start\n", program);
	proc_print_log(proc);
	proc_stop(proc);
	return rc;
}

int carrier_start_server(struct proc *proc, const struct tmp *tmp, const char *program,
	int *port, const char *const *more)
{
	char listen[32];
	int rc = -EADDRINUSE;

	/* Another test may take the port before the program does. */
	for (int i = 0; i < TRIES && rc != 0 && rc != -ENOENT; i++) {
		rc = port_pick(port, 1);
		if (rc < 0)
			return rc;
		snprintf(listen, sizeof(listen), "127.0.0.1:%d", *port);
		rc = start(proc, tmp, program, "http", listen, more);
		if (rc == 0)
			rc = proc_wait_port(proc, *port, START_MSEC);
		if (rc == -ETIMEDOUT)
			break;
	}
	return started(proc, program, rc);
}

int carrier_start_native(
	struct proc *proc, const struct tmp *tmp, int *port, const char *const *more)
{
	return carrier_start_server(proc, tmp, carrier_program(), port, more);
}

static int start_unix(struct proc *proc, const struct tmp *tmp, const char *program,
	const char *mode, const char *path, const char *const *more)
{
	const char *argv[ARGS_MAX] = { "--socket-mode", "0666" };
	char listen[TMP_PATH_MAX + 8];
	size_t argc = 2;
	int rc;

	for (; more != NULL && *more != NULL && argc < ARGS_MAX - 1; more++)
		argv[argc++] = *more;
	argv[argc] = NULL;
	snprintf(listen, sizeof(listen), "unix:%s", path);
	rc = start(proc, tmp, program, mode, listen, argv);
	if (rc == 0)
		rc = proc_wait_unix(proc, path, START_MSEC);
	return started(proc, program, rc);
}

int carrier_start_fastcgi(
	struct proc *proc, const struct tmp *tmp, const char *path, const char *const *more)
{
	return start_unix(proc, tmp, carrier_program(), "fastcgi", path, more);
}

int carrier_start_scgi(
	struct proc *proc, const struct tmp *tmp, const char *path, const char *const *more)
{
	return start_unix(proc, tmp, carrier_program(), "scgi", path, more);
}

int carrier_start_responder(struct proc *proc, const struct tmp *tmp, const char *program,
	const char *path, const char *const *more)
{
	return start_unix(proc, tmp, program, "fastcgi", path, more);
}
