/* SPDX-License-Identifier: MIT */
/*
 * hosting.c - vane-gateway with real programs behind it.
 */
#include "support/hosting.h"

#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "carrier.h"
#include "support/pages.h"

#define START_MSEC  20000
#define RUN_MSEC    60000
#define RETURN_MSEC 15000
#ifdef __SANITIZE_ADDRESS__
#define SLACK_KIB 1048576 /* what was freed stays for a while, to catch who uses it */
#else
#define SLACK_KIB 4096 /* what malloc() keeps for the next time */
#endif
#define FCGX     "tests/fixtures/fcgx"
#define ARGS_MAX 64

static const char *const host[] = { "Host: vane.test", NULL };

const char *hosting_program(void)
{
	const char *path = getenv("VANE_GATEWAY");

	return path == NULL ? "./vane-gateway" : path;
}

bool hosting_available(void)
{
	return proc_available(hosting_program());
}

bool hosting_possible(void)
{
	if (hosting_available() && census_possible())
		return true;
	printf("SKIP: there is no %s\n",
		hosting_available() ? "/proc to count in" : "vane-gateway");
	return false;
}

int hosting_prepare(struct hosting *hosting)
{
	static const char *const folders[] = { "repos", "spool" };
	struct tmp *tmp = &hosting->tmp;
	int rc = tmp_make(tmp);
	const struct tmp_word words[] = { { "DIR", tmp->path }, { 0 } };

	for (size_t i = 0; rc == 0 && i < sizeof(folders) / sizeof(*folders); i++)
		rc = tmp_mkdir(tmp, folders[i]);
	if (rc == 0)
		rc = pages_copy_folder(tmp, "php", "site", NULL);
	if (rc == 0)
		rc = tmp_write(tmp, "site/plain.txt", "a plain file\n", NULL);
	if (rc == 0)
		rc = tmp_write(tmp, "site/.hidden.php", "<?php echo 'hidden';", NULL);
	if (rc == 0)
		rc = pages_copy_folder(tmp, "cgi", "cgi", words);
	if (rc == 0)
		rc = pages_copy_folder(tmp, "git", "git", words);
	if (rc == 0)
		rc = pages_copy(tmp, "git/cgitrc", "cgitrc", words);
	return rc == 0 ? pages_copy(tmp, "git/gitweb.conf", "gitweb.conf", words) : rc;
}

/* spawn-fcgi stays what it starts, with the socket on descriptor 0. */
static int start_fcgx(struct hosting *hosting)
{
	char log[TMP_PATH_MAX], socket[TMP_PATH_MAX];
	const char *argv[] = { "spawn-fcgi", "-n", "-M", "0666", "-s", socket, "--", FCGX,
		NULL };
	int rc;

	tmp_path(&hosting->tmp, socket, "fcgx.sock");
	rc = proc_start(
		&hosting->fcgx, &(struct proc_start) {
					.argv = (char *const *) argv,
					.log = tmp_path(&hosting->tmp, log, "fcgx.log"),
				});
	return rc < 0 ? rc : proc_wait_unix(&hosting->fcgx, socket, START_MSEC);
}

static int start_gateway(struct hosting *hosting, const struct hosting_opts *opts)
{
	char site[TMP_PATH_MAX], php[TMP_PATH_MAX + 16], fcgx[TMP_PATH_MAX + 16];
	char cgi[TMP_PATH_MAX], git[TMP_PATH_MAX], spool[TMP_PATH_MAX];
	const char *argv[ARGS_MAX] = { "--cgi", cgi, "--cgi", git, "--root",
		opts->root != NULL ? opts->root : site, "--index", "index.php" };
	char *before = getenv("TMPDIR");
	size_t argc = 8;
	int rc;

	before = before == NULL ? NULL : strdup(before);
	tmp_path(&hosting->tmp, site, "site");
	tmp_path(&hosting->tmp, spool, "spool");
	snprintf(cgi, sizeof(cgi), "/cgi/=%.90s/cgi", hosting->tmp.path);
	snprintf(git, sizeof(git), "/git/=%.90s/git", hosting->tmp.path);
	snprintf(php, sizeof(php), ".php=unix:%s", hosting->fpm.socket);
	snprintf(fcgx, sizeof(fcgx), "/fcgx/=unix:%.90s/fcgx.sock", hosting->tmp.path);
	if (opts->php) {
		argv[argc++] = "--fastcgi";
		argv[argc++] = php;
	}
	if (opts->fcgx) {
		argv[argc++] = "--fastcgi";
		argv[argc++] = fcgx;
	}
	if (opts->own) {
		argv[argc++] = "--program";
		argv[argc++] = "/own/=" FCGX;
	}
	for (size_t i = 0; opts->more != NULL && opts->more[i] != NULL; i++)
		argv[argc++] = opts->more[i];
	setenv("TMPDIR", spool, 1);
	rc = carrier_start_server(
		&hosting->gateway, &hosting->tmp, hosting_program(), &hosting->port, argv);
	if (before == NULL)
		unsetenv("TMPDIR");
	else
		setenv("TMPDIR", before, 1);
	free(before);
	return rc;
}

/* Whom the gateway has not started. */
static void note_known(struct hosting *hosting, const pid_t *more)
{
	size_t count = 0;

	for (; more != NULL && more[count] != 0; count++)
		hosting->known[count] = more[count];
	if (hosting->fpm.proc.pid != 0)
		hosting->known[count++] = hosting->fpm.proc.pid;
	if (hosting->fcgx.pid != 0)
		hosting->known[count++] = hosting->fcgx.pid;
	hosting->known[count] = 0;
}

/* The first answers make what stays: then it is counted. */
static int take_census(struct hosting *hosting, const struct hosting_opts *opts)
{
	const char *const targets[] = { "/plain.txt", "/cgi/hello.sh", "/git/git.sh",
		"/index.php", opts->fcgx ? "/fcgx/" : NULL, opts->own ? "/own/" : NULL };
	static char spool[TMP_PATH_MAX];
	struct answer answer;

	hosting->of = (struct census_of) { .pid = hosting->gateway.pid,
		.folder = tmp_path(&hosting->tmp, spool, "spool"),
		.known = hosting->known };
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		if (targets[i] == NULL)
			continue;
		hosting_get(hosting, targets[i], &answer);
		answer_fini(&answer);
	}
	return census_take(&hosting->before, &hosting->of);
}

static void stop_all(struct hosting *hosting)
{
	http_free(hosting->http);
	hosting->http = NULL;
	proc_stop(&hosting->gateway);
	proc_stop(&hosting->fcgx);
	phpfpm_stop(&hosting->fpm);
	tmp_remove(&hosting->tmp);
}

int hosting_start(struct hosting *hosting, const struct hosting_opts *opts)
{
	int rc = census_adopt();

	hosting->memory_slack =
		opts->memory_slack > SLACK_KIB ? opts->memory_slack : SLACK_KIB;
	if (rc == 0 && hosting->tmp.path[0] == '\0')
		rc = hosting_prepare(hosting);
	if (rc == 0 && opts->php)
		rc = phpfpm_start(&hosting->fpm, &hosting->tmp);
	if (rc == 0 && opts->fcgx)
		rc = start_fcgx(hosting);
	if (rc == 0)
		rc = start_gateway(hosting, opts);
	if (rc == 0)
		rc = http_new(&hosting->http, hosting->port, NULL);
	if (rc == 0) {
		note_known(hosting, opts->known);
		rc = take_census(hosting, opts);
	}
	if (rc < 0) {
		fprintf(stderr, "hosting: %s\n", strerror(-rc));
		proc_print_log(&hosting->gateway);
		proc_print_log(&hosting->fcgx);
		stop_all(hosting);
	}
	return rc;
}

int hosting_stop(struct hosting *hosting)
{
	int bad = 0;

	if (hosting->of.pid != 0)
		bad = census_return(
			&hosting->before, &hosting->of, hosting->memory_slack, RETURN_MSEC);
	bad += proc_stop(&hosting->gateway) != 0;
	bad += hosting->gateway.status != 0;
	bad += proc_wait_log(&hosting->gateway, "Sanitizer", 0) == 0;
	if (bad > 0)
		proc_print_log(&hosting->gateway);
	stop_all(hosting);
	return bad;
}

void hosting_ask(struct hosting *hosting, const struct ask *ask, struct answer *answer)
{
	struct ask with_host = *ask;

	if (ask->fields == NULL)
		with_host.fields = host;
	*answer = (struct answer) { 0 };
	assert_int_equal(http_ask(hosting->http, &with_host, answer), 0);
}

void hosting_get(struct hosting *hosting, const char *target, struct answer *answer)
{
	hosting_ask(hosting, &(struct ask) { .method = "GET", .target = target }, answer);
}

void hosting_post(struct hosting *hosting, const char *target, const char *type,
	const char *body, size_t len, struct answer *answer)
{
	char field[256];
	const char *const fields[] = { host[0], field, NULL };

	snprintf(field, sizeof(field), "Content-Type: %s", type);
	hosting_ask(hosting,
		&(struct ask) { .method = "POST",
			.target = target,
			.fields = fields,
			.body = body,
			.body_len = len,
			.has_body = true },
		answer);
}

bool hosting_finds(
	struct hosting *hosting, const char *target, int status, const char *text)
{
	struct answer answer;
	bool found;

	hosting_get(hosting, target, &answer);
	found = answer.status == status && answer.whole &&
		strstr(answer.body == NULL ? "" : answer.body, text) != NULL;
	if (!found)
		fprintf(stderr, "%s: %d%s, %zu bytes: %.2000s\n", target, answer.status,
			answer.whole ? "" : " and cut", answer.body_len,
			answer.body == NULL ? "" : answer.body);
	answer_fini(&answer);
	return found;
}

int hosting_run(struct hosting *hosting, const char *name, const char *const *argv,
	const char *const *env)
{
	struct proc proc;
	char log[TMP_PATH_MAX], file[64];
	int rc;

	snprintf(file, sizeof(file), "%s.log", name);
	rc = proc_start(&proc, &(struct proc_start) {
				       .argv = (char *const *) argv,
				       .env = (char *const *) env,
				       .cwd = hosting->tmp.path,
				       .log = tmp_path(&hosting->tmp, log, file),
			       });
	if (rc == 0)
		rc = proc_wait_end(&proc, RUN_MSEC);
	proc_stop(&proc);
	if (rc == 0)
		rc = WIFEXITED(proc.status) ? WEXITSTATUS(proc.status) : -ECHILD;
	if (rc != 0)
		proc_print_log(&proc);
	return rc;
}
