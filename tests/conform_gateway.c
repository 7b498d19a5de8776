/* SPDX-License-Identifier: MIT */
/*
 * conform_gateway.c - the rows hold through vane-gateway, with the application behind it as
 * a FastCGI and an SCGI responder and as a CGI program; and through vane-gateway as what
 * runs CGI programs behind a web server that cannot.
 */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "carrier.h"
#include "carrier_fcgi.h"
#include "support/http.h"

#define ARGS_MAX 16

/* The application in all the shapes that a gateway can ask. */
struct behind {
	struct tmp tmp;
	struct proc fastcgi, scgi;
	char fastcgi_map[TMP_PATH_MAX + 16], scgi_map[TMP_PATH_MAX + 16];
	char cgi_map[TMP_PATH_MAX + 16];
};

static const char *gateway(void)
{
	const char *path = getenv("VANE_GATEWAY");

	return path == NULL ? "./vane-gateway" : path;
}

/* Judge a gateway that was started, and stop it. */
static void conform(const struct suite_carrier *carrier, struct proc *proc)
{
	int failed = suite_run(carrier);

	if (failed != 0)
		proc_print_log(proc);
	assert_int_equal(proc_stop(proc), 0);
	assert_int_equal(failed, 0);
}

/* native -> gateway -> what the options say. */
static void conform_native(
	const struct behind *behind, const char *name, const char *const *options)
{
	const char *argv[ARGS_MAX] = { "--logging", "error" };
	struct suite_carrier carrier;
	struct proc proc;
	size_t argc = 2;
	int port;

	for (; *options != NULL && argc < ARGS_MAX - 1; options++)
		argv[argc++] = *options;
	assert_int_equal(
		carrier_start_server(&proc, &behind->tmp, gateway(), &port, argv), 0);
	carrier = carrier_http(name, &port, true);
	conform(&carrier, &proc);
}

static void fastcgi(void **state)
{
	const struct behind *behind = *state;

	conform_native(behind, "gateway-fastcgi",
		(const char *[]) { "--fastcgi", behind->fastcgi_map, NULL });
}

static void fastcgi_on_kept_connections(void **state)
{
	const struct behind *behind = *state;

	conform_native(behind, "gateway-fastcgi-kept",
		(const char *[]) {
			"--fastcgi", behind->fastcgi_map, "--max-idle", "4", NULL });
}

static void fastcgi_with_streamed_bodies(void **state)
{
	const struct behind *behind = *state;

	conform_native(behind, "gateway-fastcgi-streamed",
		(const char *[]) { "--fastcgi", behind->fastcgi_map, "--stream", NULL });
}

static void scgi(void **state)
{
	const struct behind *behind = *state;

	conform_native(behind, "gateway-scgi",
		(const char *[]) { "--scgi", behind->scgi_map, NULL });
}

static void cgi(void **state)
{
	const struct behind *behind = *state;

	conform_native(
		behind, "gateway-cgi", (const char *[]) { "--cgi", behind->cgi_map, NULL });
}

/* What fcgiwrap is used for: a FastCGI responder that runs CGI programs. */
static void cgi_behind_fastcgi(void **state)
{
	const struct behind *behind = *state;
	const char *more[] = { "--logging", "error", "--processes", "4", "--cgi",
		behind->cgi_map, NULL };
	struct fcgi_manner manner = { .keep = false };
	char path[TMP_PATH_MAX];
	struct suite_carrier carrier;
	struct proc proc;

	tmp_path(&behind->tmp, path, "gateway.sock");
	snprintf(manner.address, sizeof(manner.address), "unix:%s", path);
	assert_int_equal(
		carrier_start_responder(&proc, &behind->tmp, gateway(), path, more), 0);
	carrier = carrier_fcgi("gateway-fcgiwrap", &manner);
	carrier.slow = true;
	conform(&carrier, &proc);
}

static const char *const quiet[] = { "--processes", "2", "--logging", "none", NULL };

static int start(void **state)
{
	static struct behind behind;
	char path[TMP_PATH_MAX] = "";
	int rc = tmp_make(&behind.tmp);

	*state = &behind;
	if (rc == 0)
		rc = carrier_start_fastcgi(&behind.fastcgi, &behind.tmp,
			tmp_path(&behind.tmp, path, "fastcgi"), quiet);
	snprintf(behind.fastcgi_map, sizeof(behind.fastcgi_map), "/=unix:%s", path);
	if (rc == 0)
		rc = carrier_start_scgi(&behind.scgi, &behind.tmp,
			tmp_path(&behind.tmp, path, "scgi"), quiet);
	snprintf(behind.scgi_map, sizeof(behind.scgi_map), "/=unix:%s", path);
	if (rc == 0)
		rc = tmp_copy_program(&behind.tmp, "echoapp", carrier_program());
	snprintf(behind.cgi_map, sizeof(behind.cgi_map), "/=%s",
		tmp_path(&behind.tmp, path, "echoapp"));
	return rc;
}

static int stop(void **state)
{
	struct behind *behind = *state;
	int rc = proc_stop(&behind->fastcgi);

	rc |= proc_stop(&behind->scgi);
	tmp_remove(&behind->tmp);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fastcgi),
		cmocka_unit_test(fastcgi_on_kept_connections),
		cmocka_unit_test(fastcgi_with_streamed_bodies),
		cmocka_unit_test(scgi),
		cmocka_unit_test(cgi),
		cmocka_unit_test(cgi_behind_fastcgi),
	};

	signal(SIGPIPE, SIG_IGN);
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
