/* SPDX-License-Identifier: MIT */
/*
 * test_main.c - vane_main(): what whole programs say, where they listen, and how they
 * leave.
 *
 * Each program is a child of this one.  What it answers to requests is the conformance
 * suite's subject.
 */
#include "config.h" /* for pipe2() */

#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vane.h>
#include <vane/process.h>

enum { PATIENCE_MSEC = 10000 };

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "hello\n");
}

/* Never answered. */
static void give_up(struct vane_request *req, void *data)
{
	vane_response_give_up(vane_request_response(req), -EPIPE);
}

static int wait_for_ever(struct vane_request *req, struct vane_response *res)
{
	vane_log(VANE_LOG_INFO, "begun");
	vane_request_on_close(req, give_up, NULL);
	return vane_response_defer(res);
}

static const struct vane_handler endless = { .get = wait_for_ever };
static const struct vane_handler greeting = { .get = hello };
static const struct vane_handler patient = { .get = hello,
	.needs = VANE_CAP_ASYNC | VANE_CAP_TIMERS };

static const struct vane_route all_served[] = { { .pattern = "/", .handler = &greeting },
	{ 0 } };
static const struct vane_route with_patient[] = { { .pattern = "/", .handler = &greeting },
	{ .pattern = "/poll", .handler = &patient }, { 0 } };

static const struct vane_route with_hidden[] = { { .pattern = "/{x}",
							 .handler = &greeting },
	{ .pattern = "/poll", .handler = &greeting },
	{ .pattern = "/a/../b", .handler = &greeting }, { 0 } };
static const struct vane_route with_mistake[] = {
	{ .pattern = "/{x:a(b}", .handler = &greeting },
	{ 0 },
};
static const struct vane_route with_endless[] = {
	{ .pattern = "/never", .handler = &endless },
	{ 0 },
};

/* A program to run, and what became of it. */
struct program {
	const char *words[8];
	const char *env[6]; /* NAME=value */
	const struct vane_route *routes;
	const struct vane_program *parts; /* NULL: only routes */
	int in;                           /* its descriptor 0; 0: /dev/null */
	uid_t uid;                        /* 0: ours */
	pid_t pid;
	int out, err;
	char said[8192], complained[8192];
	int status;
};

static int run_parts(int argc, char **argv, const struct vane_program *parts)
{
	struct vane_program program = *parts;

	return vane_program_main(argc, argv, &program);
}

static void become(const struct program *program, int out, int err)
{
	static const char *const variables[] = { "GATEWAY_INTERFACE", "REQUEST_METHOD",
		"QUERY_STRING", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
		"SUPERVISOR_ENABLED", "SUPERVISOR_GROUP_NAME", "SUPERVISOR_PROCESS_NAME" };
	char *argv[10] = { (char *) "/usr/bin/prog" };
	char word[64];
	int argc = 1, fd;
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		unsetenv(variables[i]);
	for (i = 0; i < 6 && program->env[i] != NULL; i++)
		putenv((char *) program->env[i]);
	if (getenv("LISTEN_FDS") != NULL) {
		snprintf(word, sizeof(word), "%ld", (long) getpid());
		setenv("LISTEN_PID", word, 1);
	}
	while (argc < 9 && program->words[argc - 1] != NULL) {
		argv[argc] = (char *) program->words[argc - 1];
		argc++;
	}
	fd = program->in > 0 ? program->in : open("/dev/null", O_RDONLY);
	dup2(fd, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (getenv("LISTEN_FDS") != NULL && program->in > 0)
		dup2(program->in, 3);
	if (program->uid != 0 && setuid(program->uid) < 0)
		_exit(99);
	if (program->parts != NULL)
		exit(run_parts(argc, argv, program->parts));
	exit(vane_main(argc, argv, program->routes != NULL ? program->routes : all_served));
}

static void start(struct program *program)
{
	int out[2], err[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	program->said[0] = program->complained[0] = '\0';
	fflush(NULL);
	program->pid = fork();
	assert_true(program->pid >= 0);
	if (program->pid == 0)
		become(program, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	program->out = out[0];
	program->err = err[0];
}

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Read what is there; false at the end of file, or when patience is over. */
static bool read_more(int fd, char *text, size_t size, int64_t deadline)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int64_t left = deadline - now_msec();
	size_t len = strlen(text);
	ssize_t n;

	if (left <= 0 || poll(&pollfd, 1, (int) left) <= 0)
		return false;
	n = read(fd, text + len, size - len - 1);
	text[len + (n > 0 ? (size_t) n : 0)] = '\0';
	return n > 0;
}

/* Wait until a program has said something on standard error. */
static void await(struct program *program, const char *words)
{
	int64_t deadline = now_msec() + PATIENCE_MSEC;

	while (strstr(program->complained, words) == NULL)
		if (!read_more(program->err, program->complained,
			    sizeof(program->complained), deadline))
			fail_msg("\"%s\" was not said, but:\n%s", words,
				program->complained);
}

/* Wait for its end, which has to come soon. */
static void finish(struct program *program)
{
	int64_t deadline = now_msec() + PATIENCE_MSEC;
	int status;

	while (read_more(
		program->err, program->complained, sizeof(program->complained), deadline))
		;
	while (read_more(program->out, program->said, sizeof(program->said), deadline))
		;
	close(program->out);
	close(program->err);
	while (waitpid(program->pid, &status, WNOHANG) == 0) {
		if (now_msec() > deadline) {
			kill(program->pid, SIGKILL);
			waitpid(program->pid, &status, 0);
			fail_msg("it did not leave; it said:\n%s", program->complained);
		}
		poll(NULL, 0, 5);
	}
	program->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int listening_socket(unsigned *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *) &addr, &len), 0);
	*port = ntohs(addr.sin_port);
	return fd;
}

/* What is said and how the program leaves, for those that do not serve. */
static void programs_that_do_not_serve_say_why(void **state)
{
	static const struct {
		const char *words[4];
		const char *env[3];
		const struct vane_route *routes;
		int status;
		const char *said, *complained;
	} rows[] = {
		{ { "--version" }, { NULL }, NULL, 0, "prog (vane " VANE_VERSION ")\n",
			"" },
		{ { "--help" }, { NULL }, NULL, 0, "usage: prog [options]", "" },
		{ { "-h" }, { NULL }, NULL, 0, "--port=8888", "" },
		{ { "--prot=1" }, { NULL }, NULL, 2, "",
			"prog: unknown option --prot, did you mean --port?" },
		{ { "--check" }, { "VANE_PORT=81", "VANE_MODE=scgi" }, NULL, 0,
			"would listen on 127.0.0.1:81", "" },
		{ { "--check", "--port=82" }, { "VANE_PORT=81" }, NULL, 0,
			"would listen on *:82", "" },
		{ { "--check" }, { "VANE_PORT=x" }, NULL, 2, "",
			"VANE_PORT: 'x' is not a whole number from 0 to 65535" },
		{ { "--check" }, { "VANE_PRT=1" }, NULL, 0, "",
			"unknown option VANE_PRT in the environment, did you mean "
			"VANE_PORT?" },
		{ { "--port=x" }, { NULL }, NULL, 2, "",
			"prog: --port: 'x' is not a whole number from 0 to 65535" },
		{ { "--debug", "false" }, { NULL }, NULL, 2, "",
			"prog: unexpected word 'false'" },
		{ { "--mode=fastcgi", "--address=0.0.0.0" }, { NULL }, NULL, 2, "",
			"--listen=0.0.0.0:8888" },
		{ { "--check" }, { NULL }, NULL, 0,
			"mode http (no inherited socket, no CGI variables), 1 process, 1 "
			"route\nwould listen on *:8888 (all addresses)\n",
			"" },
		{ { "--check", "--address=127.0.0.1" }, { NULL }, NULL, 0,
			"mode http (by --address), 1 process", "" },
		{ { "--check", "--port=82" }, { NULL }, NULL, 0, "http (by --port)", "" },
		{ { "--check", "--listen=82" }, { NULL }, NULL, 0, "http (by --listen)",
			"" },
		{ { "--check", "--processes=3", "--listen=unix:/run/x" }, { NULL }, NULL, 0,
			"3 processes, 1 route\nwould listen on unix:/run/x\n", "" },
		{ { "--check" }, { "LISTEN_FDS=2", "LISTEN_FDNAMES=http" }, NULL, 0,
			"would listen on 2 descriptors from systemd\n", "" },
		{ { "--check" }, { "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET" },
			NULL, 0, "mode cgi (CGI variables)", "" },
		{ { NULL }, { "SUPERVISOR_ENABLED=1" }, NULL, 1, "",
			"an [fcgi-program] that is named in a [group] loses its socket" },
		{ { "--check" },
			{ "SUPERVISOR_ENABLED=1", "SUPERVISOR_GROUP_NAME=app",
				"SUPERVISOR_PROCESS_NAME=app_00" },
			NULL, 0, "mode http", "supervisord kills after stopwaitsecs" },
		{ { "--check", "--listen=82", "--shutdown-timeout=none" },
			{ "SUPERVISOR_ENABLED=1" }, NULL, 0, "mode http",
			"above --shutdown-timeout" },
		{ { "--check", "--listen=82", "--shutdown-timeout=9s" },
			{ "SUPERVISOR_ENABLED=1" }, NULL, 0, "mode http", "" },
		{ { "--check", "--mode=cgi", "--strict" }, { NULL }, with_patient, 78, "",
			"prog: mode cgi: 1 of 2 routes cannot run here: /poll (async, "
			"timers)" },
		{ { "--check", "--mode=http", "--strict" }, { NULL }, with_patient, 0,
			"2 routes", "" },
		{ { "--check" }, { NULL }, with_hidden, 0, "3 routes",
			"2 of 3 routes can never be reached: /poll (all of it is taken by "
			"/{x}), /a/../b (no path has \".\" or \"..\" as a segment)" },
		{ { "--check", "--strict" }, { NULL }, with_hidden, 78, "",
			"2 of 3 routes can never be reached" },
		{ { "--check", "--mode=cgi" }, { NULL }, with_hidden, 0, "3 routes",
			"2 of 3 routes can never be reached" },
		{ { "--mode=cgi" }, { "REQUEST_METHOD=GET" }, with_hidden, 0, "404", "" },
		{ { "--mode=cgi", "--port=1" }, { "REQUEST_METHOD=GET" }, NULL, 0, "hello",
			"--port has no meaning in cgi mode" },
		{ { "--check", "--mode=scgi", "--xheaders" }, { NULL }, NULL, 0,
			"mode scgi", "--xheaders has no meaning in scgi mode" },
		{ { "--check", "--trusted=::1" }, { NULL }, NULL, 0, "mode http",
			"--trusted has no meaning without --xheaders or --forwarded" },
		{ { "--check", "--trusted=::1", "--status=/_s", "--strict" }, { NULL },
			NULL, 0, "mode http", "" },
		{ { "--mode=cgi", "--status=/" }, { "REQUEST_METHOD=GET" }, NULL, 0,
			"hello", "--status has no meaning in cgi mode" },
		{ { "--check", "--max-worker-memory=1G" }, { NULL }, NULL, 0, "mode http",
			"--max-worker-memory has no meaning with one process" },
		{ { "--check", "--socket-mode=0600" }, { NULL }, NULL, 0, "mode http",
			"--socket-mode has no meaning where no unix socket is made" },
		{ { "--check", "--mount=auto" }, { NULL }, NULL, 0, "mode http",
			"--mount has no meaning as auto in http mode" },
		{ { "--check", "--mount=auto", "--mode=scgi" }, { NULL }, NULL, 0,
			"mode scgi", "" },
		{ { "--check", "--user=no-such-user" }, { NULL }, NULL, 1, "",
			"--user=no-such-user: no such user" },
		{ { "--check", "--group=no-such-group" }, { NULL }, NULL, 1, "",
			"--group=no-such-group: no such group" },
		{ { "--check", "--listen=unix:/no/such/folder/s" }, { NULL }, NULL, 1, "",
			"cannot listen on unix:/no/such/folder/s: there is no such "
			"folder" },
		{ { "--check", "--listen=unix:/dev/null/s" }, { NULL }, NULL, 1, "",
			"cannot listen on unix:/dev/null/s: Not a directory" },
		{ { "--check", "--listen=unix:s" }, { NULL }, NULL, 0, "unix:s", "" },
		{ { "--listen=*:8080", "--listen=8080" }, { NULL }, NULL, 2, "",
			"prog: --listen: '8080' is given twice" },
		{ { "--check", "--port=0" }, { NULL }, NULL, 0, "*:0", "" },
		{ { "-p", "80" }, { NULL }, NULL, 2, "",
			"prog: unknown option -p, see --help for all" },
		{ { "--config=/no/such/file" }, { NULL }, NULL, 2, "",
			"prog: cannot read /no/such/file: No such file" },
		{ { "--print-config=nginx", "--port=0" }, { NULL }, NULL, 1, "",
			"for port 0, which is any free one: say which" },
		{ { "--print-config=systemd", "--listen=systemd" }, { NULL }, NULL, 1, "",
			"for systemd, which has no name: say the port or the unix socket" },
		{ { "--print-config=systemd", "--processes=0" }, { NULL }, NULL, 0,
			" --processes=0\n", "" },
		{ { "--check", "--socket-mode=0600", "--listen=unix:/x" }, { NULL }, NULL,
			0, "unix:/x", "" },
		{ { "--check", "--max-restarts=5" }, { NULL }, NULL, 0, "mode http",
			"--max-restarts has no meaning with one process" },
		{ { "--check", "--restart-window=1m" }, { NULL }, NULL, 0, "mode http",
			"--restart-window has no meaning with one process" },
		{ { "--check", "--write-timeout=0", "--max-per-address=0" }, { NULL }, NULL,
			0, "mode http",
			"--write-timeout=0 is the default, 1m; for no limit say none" },
		{ { "--check", "--write-timeout=none", "--mode=scgi" }, { NULL }, NULL, 0,
			"mode scgi", "" },
		{ { "--write-timeout=-1" }, { NULL }, NULL, 2, "",
			"prog: --write-timeout: '-1' is below 0; for no limit say none" },
		{ { "--print-config=systemd", "--shutdown-timeout=none" }, { NULL }, NULL,
			0, "TimeoutStopSec=infinity\n", "" },
		{ { "--print-config=systemd", "--shutdown-timeout=none" }, { NULL }, NULL,
			0, " --shutdown-timeout=none\n", "" },
		{ { "--print-config=nginx", "--max-body-size=none" }, { NULL }, NULL, 0,
			"client_max_body_size 0;", "" },
		{ { "--print-config=nginx", "--max-body-size=none" }, { NULL }, NULL, 0,
			" --max-body-size=none", "" },
		{ { "--check", "--max-restarts=5", "--processes=2" }, { NULL }, NULL, 0,
			"2 processes", "" },
		{ { "--check", "--mode=scgi", "--path-from=pathinfo", "--mount=/x" },
			{ NULL }, NULL, 0, "mode scgi",
			"--mount has no meaning with --path-from" },
		{ { "--check", "--trusted=::1", "--strict" }, { NULL }, NULL, 78, "",
			"--trusted has no meaning without --xheaders" },
		{ { "--listen=unix:/no/such/folder/s" }, { NULL }, NULL, 1, "",
			"cannot listen on unix:/no/such/folder/s: there is no such "
			"folder" },
		{ { "--check" }, { NULL }, with_mistake, 1, "",
			"route /{x:a(b}: the regular expression of {x}: missing closing "
			"parenthesis at offset 3" },
		{ { "--check", "--path-from=pathinfo" }, { NULL }, NULL, 0, "mode http",
			"--path-from has no meaning in http mode" },
		{ { "--check", "--path-from=pathinfo", "--strict" }, { NULL }, NULL, 78, "",
			"--path-from has no meaning in http mode" },
		{ { "--listen=fd:77" }, { NULL }, NULL, 1, "",
			"cannot listen on descriptor 77: it is no listening stream "
			"socket" },
		{ { "--listen=systemd" }, { NULL }, NULL, 1, "",
			"cannot listen on systemd: LISTEN_PID and LISTEN_FDS" },
		{ { "--port=0", "--user=no-such-user" }, { NULL }, NULL, 1, "",
			"--user=no-such-user: no such user" },
		{ { "--print-config=nginx" }, { NULL }, NULL, 0,
			"server unix:/run/prog.sock;", "" },
		{ { "--print-config=nginx", "--mode=cgi" }, { NULL }, NULL, 1, "",
			"a CGI program needs no configuration" },
		{ { "--print-config=caddy", "--mode=scgi" }, { NULL }, NULL, 1, "",
			"caddy does not speak SCGI" },
		{ { "--mode=scgi", "--address=0.0.0.0" }, { NULL }, NULL, 2, "",
			"SCGI believes whoever connects" },
		{ { "--check", "--mode=scgi" }, { NULL }, with_patient, 0,
			"would listen on 127.0.0.1:8888\n",
			"1 of 2 routes cannot run here: /poll (async, timers)" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .routes = rows[i].routes };

		print_message("%s %s\n", rows[i].words[0],
			rows[i].words[1] ? rows[i].words[1] : "");
		memcpy(program.words, rows[i].words, sizeof(rows[i].words));
		memcpy(program.env, rows[i].env, sizeof(rows[i].env));
		start(&program);
		finish(&program);
		if (strstr(program.said, rows[i].said) == NULL)
			fail_msg("said: %s\n%s", program.said, program.complained);
		if (rows[i].complained[0] == '\0')
			assert_string_equal(program.complained, "");
		if (strstr(program.complained, rows[i].complained) == NULL)
			fail_msg("complained: %s", program.complained);
		assert_int_equal(program.status, rows[i].status);
	}
}

static void fastcgi_names_routes_that_cannot_run(void **state)
{
	struct program program = { .words = { "--check", "--mode=fastcgi" },
		.routes = with_patient };

	start(&program);
	finish(&program);
	assert_non_null(strstr(program.complained,
		"1 of 2 routes cannot run here: /poll (async, timers)"));
	assert_non_null(strstr(program.said, "would listen on 127.0.0.1:8888\n"));
	assert_int_equal(program.status, 0);
}

static void a_port_in_use_is_named(void **state)
{
	struct program program = { .words = { NULL } };
	char word[64], line[128];
	unsigned port;
	int fd = listening_socket(&port);

	snprintf(word, sizeof(word), "--listen=127.0.0.1:%u", port);
	snprintf(line, sizeof(line),
		"cannot listen on 127.0.0.1:%u: Address already in use: a program serves "
		"there already, stop it or choose another port",
		port);
	program.words[0] = word;
	start(&program);
	finish(&program);
	assert_non_null(strstr(program.complained, line));
	assert_int_equal(program.status, 1);
	close(fd);
}

static void a_folder_that_is_not_ours_is_named(void **state)
{
	struct program program = { .words = { "--listen=unix:/nobody-may.sock" },
		.uid = 65534 };

	if (geteuid() == 65534)
		skip();
	if (geteuid() != 0)
		program.uid = 0; /* already somebody else */
	start(&program);
	finish(&program);
	assert_non_null(strstr(program.complained,
		"cannot listen on unix:/nobody-may.sock: Permission denied: this user may "
		"not "
		"make a file there, start as root with --user=NAME"));
	assert_int_equal(program.status, 1);
}

static void only_root_becomes_another_user(void **state)
{
	struct program program = { .words = { "--listen=127.0.0.1:0", "--user=root" },
		.uid = 65534 };

	if (geteuid() == 65534)
		skip();
	if (geteuid() != 0)
		program.uid = 0; /* already somebody else */
	start(&program);
	finish(&program);
	assert_non_null(
		strstr(program.complained, "--user=root: only root can become that"));
	assert_int_equal(program.status, 1);
}

/* A program that says when it is called, on standard error. */
static int told_get(struct vane_request *req, struct vane_response *res)
{
	fprintf(stderr, "<get>");
	return vane_response_printf(res, "hello\n");
}

static const struct vane_handler told = { .get = told_get };
static const struct vane_route told_routes[] = { { .pattern = "/", .handler = &told },
	{ 0 } };

static int tell_configure(struct vane_program *program)
{
	fprintf(stderr, "<configure>");
	program->routes = told_routes;
	return 0;
}

static int tell_refusal(struct vane_program *program)
{
	fprintf(stderr, "<refuse>");
	return 42;
}

static int tell_start(struct vane_program *program, struct vane_loop *loop)
{
	fprintf(stderr, "<start %s%s>", loop != NULL ? "loop" : "alone",
		vane_task_id() >= 0 ? " worker" : "");
	return 0;
}

static int fail_start(struct vane_program *program, struct vane_loop *loop)
{
	return -ENXIO;
}

static void tell_stop(struct vane_program *program)
{
	fprintf(stderr, "<stop>");
}

static const struct vane_program telling = { .summary = "tells when it is called",
	.configure = tell_configure,
	.start = tell_start,
	.stop = tell_stop };
static const struct vane_program refusing = {
	.configure = tell_refusal, .start = tell_start, .stop = tell_stop
};
static const struct vane_program failing = {
	.routes = told_routes, .start = fail_start, .stop = tell_stop
};

/* Its parts in the order of their calls, whatever else is said. */
static void parts_of(const char *complained, char *parts, size_t size)
{
	const char *at = complained;

	parts[0] = '\0';
	while ((at = strchr(at, '<')) != NULL) {
		size_t len = strcspn(at, ">") + 1, have = strlen(parts);

		snprintf(parts + have, size - have, "%.*s", (int) len, at);
		at += len;
	}
}

static void parts_of_programs_that_do_not_wait(void **state)
{
	static const struct {
		const struct vane_program *parts;
		const char *words[3], *env[3], *says;
		int status;
	} rows[] = {
		{ &telling, { "--help" }, { NULL }, "", 0 },
		{ &telling, { "--version" }, { NULL }, "", 0 },
		{ &telling, { "--no-such-option" }, { NULL }, "", 2 },
		{ &telling, { "--check" }, { NULL }, "<configure>", 0 },
		{ &telling, { "--print-config=nginx" }, { NULL }, "<configure>", 0 },
		{ &telling, { NULL }, { "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET" },
			"<configure><start alone><get><stop>", 0 },
		{ &refusing, { "--check" }, { NULL }, "<refuse>", 42 },
		{ &refusing, { "--listen=127.0.0.1:0" }, { NULL }, "<refuse>", 42 },
		{ &failing, { "--listen=127.0.0.1:0" }, { NULL }, "", 1 },
		{ &failing, { "--mode=cgi" }, { NULL }, "", 1 },
	};
	char parts[256];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .parts = rows[i].parts };

		memcpy(program.words, rows[i].words, sizeof(rows[i].words));
		memcpy(program.env, rows[i].env, sizeof(rows[i].env));
		start(&program);
		finish(&program);
		parts_of(program.complained, parts, sizeof(parts));
		assert_string_equal(parts, rows[i].says);
		assert_int_equal(program.status, rows[i].status);
		if (rows[i].parts == &failing)
			assert_non_null(strstr(program.complained,
				"cannot start: No such device or address"));
		if (rows[i].words[0] != NULL && strcmp(rows[i].words[0], "--help") == 0)
			assert_non_null(
				strstr(program.said, "\ntells when it is called\n"));
	}
}

/* Says what its program keeps, in an answer and in an error page. */
static int say_data(struct vane_request *req, struct vane_response *res)
{
	const char *data = vane_app_data(vane_request_app(req));

	return vane_request_query(req) != NULL ? 404 : vane_response_puts(res, data);
}

static int say_sorry(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data)
{
	return vane_response_printf(res, "sorry, %s", (const char *) data);
}

static void a_program_has_defaults_and_pages_of_its_own(void **state)
{
	static const struct vane_route own_routes[] = { VANE_GET("/", say_data), VANE_END };
	static const char *const defaults[] = { "port=9000", "mode=scgi", NULL };
	static const char *const unknown[] = { "prot=9000", NULL };
	static char data[] = "the program's own";
	static int64_t depth = 3;
	static const struct vane_option options[] = {
		{ .name = "depth", .integer = &depth }, VANE_OPTION_END
	};
	static const struct vane_program own = { .routes = own_routes,
		.options = options,
		.defaults = defaults,
		.env_prefix = "SHOP",
		.error_page = say_sorry,
		.data = data };
	static const struct vane_program wrong = { .routes = own_routes,
		.defaults = unknown };
	static const struct {
		const struct vane_program *parts;
		const char *words[2], *env[4];
		int status;
		const char *said, *complained;
	} rows[] = {
		{ &own, { "--check" }, { NULL }, 0, "would listen on 127.0.0.1:9000", "" },
		{ &own, { "--help" }, { NULL }, 0, "--port=9000", "" },
		{ &own, { "--help" }, { NULL }, 0, "--depth=3", "" },
		{ &own, { "--check" }, { "SHOP_DEPTH=x" }, 2, "",
			"SHOP_DEPTH: 'x' is not a whole number" },
		{ &own, { "--check" }, { "VANE_PORT=81" }, 0, "127.0.0.1:81", "" },
		{ &own, { "--check" }, { "VANE_PORT=81", "SHOP_PORT=82" }, 0,
			"127.0.0.1:82", "" },
		{ &own, { "--port=83" }, { "SHOP_PORT=82", "SHOP_CHECK=yes" }, 0,
			"127.0.0.1:83", "" },
		{ &own, { "--mode=cgi" }, { "REQUEST_METHOD=GET" }, 0,
			"\r\n\r\nthe program's own", "" },
		{ &own, { "--mode=cgi" }, { "REQUEST_METHOD=GET", "QUERY_STRING=x" }, 0,
			"\r\n\r\nsorry, the program's own", "" },
		{ &wrong, { "--check" }, { NULL }, 2, "",
			"default of --prot: there is no such option" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .parts = rows[i].parts };

		memcpy(program.words, rows[i].words, sizeof(rows[i].words));
		memcpy(program.env, rows[i].env, sizeof(rows[i].env));
		start(&program);
		finish(&program);
		assert_int_equal(program.status, rows[i].status);
		assert_non_null(strstr(program.said, rows[i].said));
		assert_non_null(strstr(program.complained, rows[i].complained));
	}
}

/* Ask for / on a connection and read the answer to its end. */
static void ask(const struct sockaddr *addr, socklen_t len, char *answer, size_t size)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	int64_t deadline = now_msec() + PATIENCE_MSEC;
	int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	answer[0] = '\0';
	assert_int_equal(connect(fd, addr, len), 0);
	assert_int_equal(write(fd, request, sizeof(request) - 1), sizeof(request) - 1);
	while (read_more(fd, answer, size, deadline))
		;
	close(fd);
}

static struct sockaddr_in address_of(const struct program *program)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	const char *at = strstr(program->complained, "http://127.0.0.1:");

	assert_non_null(at);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons((uint16_t) strtol(at + 17, NULL, 10));
	return addr;
}

static void ask_port(const struct program *program, char *answer, size_t size)
{
	struct sockaddr_in addr = address_of(program);

	ask((struct sockaddr *) &addr, sizeof(addr), answer, size);
}

static void servers_leave_when_they_are_told(void **state)
{
	static const struct {
		const char *words[2];
		int signo;
	} rows[] = {
		{ { "--listen=127.0.0.1:0" }, SIGTERM },
		{ { "--listen=127.0.0.1:0" }, SIGINT },
		{ { "--listen=127.0.0.1:0" }, SIGQUIT },
		{ { "--listen=127.0.0.1:0", "--processes=2" }, SIGTERM },
		{ { "--listen=127.0.0.1:0", "--processes=2" }, SIGINT },
		{ { "--listen=127.0.0.1:0", "--processes=2" }, SIGQUIT },
	};
	char answer[1024];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .words = {
						   rows[i].words[0], rows[i].words[1] } };

		start(&program);
		await(&program, ", vane " VANE_VERSION "\n");
		ask_port(&program, answer, sizeof(answer));
		assert_non_null(strstr(answer, "hello\n"));
		kill(program.pid, rows[i].signo);
		finish(&program);
		assert_int_equal(program.status, 0);
		assert_string_equal(program.said, ""); /* it may be a socket there */
	}
}

/* A request that will not be answered has begun. */
static int begin_endless(struct program *program, const struct sockaddr_in *addr)
{
	static const char request[] = "GET /never?mind HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *) addr, sizeof(*addr)), 0);
	assert_int_equal(write(fd, request, sizeof(request) - 1), sizeof(request) - 1);
	await(program, "begun");
	return fd;
}

static void what_a_stop_cuts_is_named_and_in_the_exit_status(void **state)
{
	static const struct {
		const char *processes;
		int signo;
	} rows[] = {
		{ "--processes=1", SIGTERM },
		{ "--processes=2", SIGTERM },
		{ "--processes=1", SIGQUIT },
		{ "--processes=2", SIGQUIT },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .routes = with_endless,
			.words = { "--listen=127.0.0.1:0", rows[i].processes,
				"--shutdown-timeout=100ms" } };
		struct sockaddr_in addr;
		int fd;

		start(&program);
		await(&program, ", vane " VANE_VERSION "\n");
		addr = address_of(&program);
		fd = begin_endless(&program, &addr);
		kill(program.pid, rows[i].signo);
		finish(&program);
		assert_int_equal(program.status, VANE_EXIT_CUT);
		assert_non_null(strstr(program.complained, "request cut after "));
		assert_non_null(strstr(program.complained, "s: GET /never?mind\n"));
		close(fd);
	}
}

/* One request is in progress; no other connection may wait for what comes to nothing. */
static void whoever_comes_during_a_drain_is_refused(void **state)
{
	static const char *const processes[] = { "--processes=1", "--processes=2" };
	size_t i;

	for (i = 0; i < sizeof(processes) / sizeof(processes[0]); i++) {
		struct program program = { .routes = with_endless,
			.words = { "--listen=127.0.0.1:0", processes[i],
				"--shutdown-timeout=60s" } };
		int64_t deadline = now_msec() + PATIENCE_MSEC;
		struct sockaddr_in addr;
		int fd, late, rc;

		start(&program);
		await(&program, ", vane " VANE_VERSION "\n");
		addr = address_of(&program);
		fd = begin_endless(&program, &addr);
		kill(program.pid, SIGTERM);
		do {
			late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
			rc = connect(late, (struct sockaddr *) &addr, sizeof(addr)) < 0
				     ? errno
				     : 0;
			close(late);
			assert_true(now_msec() < deadline);
		} while (rc == 0);
		assert_int_equal(rc, ECONNREFUSED);
		kill(program.pid, SIGTERM);
		finish(&program);
		assert_int_equal(program.status, VANE_EXIT_CUT);
		close(fd);
	}
}

/* Start and stop are each process's own; those of the master are not called. */
static void parts_of_programs_that_serve(void **state)
{
	static const struct {
		const char *processes, *says;
	} rows[] = {
		{ "--processes=1", "<configure><start loop><get><stop>" },
		{ "--processes=2", "<configure><start loop worker><start loop worker><get>"
				   "<stop><stop>" },
	};
	char answer[1024], parts[256];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .parts = &telling,
			.words = { "--listen=127.0.0.1:0", rows[i].processes } };
		int64_t deadline = now_msec() + PATIENCE_MSEC;

		start(&program);
		do {
			assert_true(read_more(program.err, program.complained,
				sizeof(program.complained), deadline));
			parts_of(program.complained, parts, sizeof(parts));
		} while (strncmp(parts, rows[i].says, strlen(parts)) == 0 &&
			 strncmp(rows[i].says + strlen(parts), "<get>", 5) != 0);
		await(&program, ", vane " VANE_VERSION "\n");
		ask_port(&program, answer, sizeof(answer));
		assert_non_null(strstr(answer, "hello\n"));
		kill(program.pid, SIGTERM);
		finish(&program);
		parts_of(program.complained, parts, sizeof(parts));
		assert_string_equal(parts, rows[i].says);
		assert_int_equal(program.status, 0);
	}
}

/* The listening socket of a process manager, on descriptor 0 and on 3. */
static void inherited_sockets_are_served(void **state)
{
	static const struct {
		const char *words[3], *env[2], *says;
	} rows[] = {
		{ { "--mode=http", "--listen=fd:0" }, { NULL }, "(by --mode)" },
		{ { "--mode=http" }, { NULL },
			"(by --mode, descriptor 0 is a listening socket)" },
		{ { NULL }, { "LISTEN_FDS=1", "LISTEN_FDNAMES=http" },
			"(sockets from systemd)" },
		{ { "--mode=http", "--listen=systemd" }, { "LISTEN_FDS=1" },
			"(by --mode)" },
	};
	char answer[1024];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .words = { rows[i].words[0], rows[i].words[1] },
			.env = { rows[i].env[0], rows[i].env[1] } };
		unsigned port;

		program.in = listening_socket(&port);
		start(&program);
		close(program.in);
		await(&program, ", vane " VANE_VERSION "\n");
		assert_non_null(strstr(program.complained, rows[i].says));
		ask_port(&program, answer, sizeof(answer));
		assert_non_null(strstr(answer, "hello\n"));
		kill(program.pid, SIGTERM);
		finish(&program);
		assert_int_equal(program.status, 0);
	}
}

/* O_NONBLOCK is shared with whoever waits in accept() for the same socket. */
static void an_inherited_socket_stays_blocking_where_that_is_asked_for(void **state)
{
	static const char *const words[] = { NULL, "--listen-fd-blocking" };
	char answer[1024];
	int i;

	for (i = 0; i < 2; i++) {
		struct program program = { .words = { "--mode=http", words[i] } };
		unsigned port;

		program.in = listening_socket(&port);
		start(&program);
		await(&program, ", vane " VANE_VERSION "\n");
		assert_int_equal(
			(fcntl(program.in, F_GETFL) & O_NONBLOCK) != 0, words[i] == NULL);
		close(program.in);
		ask_port(&program, answer, sizeof(answer));
		assert_non_null(strstr(answer, "hello\n"));
		kill(program.pid, SIGTERM);
		finish(&program);
		assert_int_equal(program.status, 0);
	}
}

static void a_listening_descriptor_0_means_fastcgi(void **state)
{
	/* who starts it; and whether USR1 ends it, as old web servers do */
	static const struct {
		const char *env;
		bool ends;
	} rows[] = { { NULL, true }, { "SUPERVISOR_ENABLED=1", false } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = { .words = { "--logging=debug" },
			.env = { rows[i].env } };
		unsigned port;

		program.in = listening_socket(&port);
		start(&program);
		close(program.in);
		await(&program, "\n");
		if (strstr(program.complained, "built without FastCGI") == NULL) {
			await(&program,
				"mode fastcgi (descriptor 0 is a listening socket)");
			kill(program.pid, SIGUSR1);
			if (!rows[i].ends) {
				kill(program.pid, SIGTTIN); /* what follows it */
				await(&program, "SIGTTIN ignored");
				kill(program.pid, SIGTTOU);
				await(&program, "SIGTTOU ignored");
				assert_null(strstr(program.complained, "draining"));
				kill(program.pid, SIGTERM);
			}
			await(&program, "draining");
		}
		finish(&program);
		assert_in_range(program.status, 0, 1);
	}
}

static void unix_sockets_and_pid_files_are_made(void **state)
{
	char dir[] = "/tmp/vane-main-XXXXXX", listen[64], pid_file[64], text[32] = "",
	     answer[1024];
	struct program program = { .words = { listen, pid_file, "--socket-mode=0600" } };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;
	FILE *file;

	assert_non_null(mkdtemp(dir));
	snprintf(listen, sizeof(listen), "--listen=unix:%s/s", dir);
	snprintf(pid_file, sizeof(pid_file), "--pid-file=%s/p", dir);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
	start(&program);
	await(&program, ", vane " VANE_VERSION "\n");
	file = fopen(pid_file + 11, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_int_equal(strtol(text, NULL, 10), program.pid);
	assert_int_equal(stat(addr.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ask((struct sockaddr *) &addr, sizeof(addr), answer, sizeof(answer));
	assert_non_null(strstr(answer, "hello\n"));
	kill(program.pid, SIGTERM);
	finish(&program);
	assert_int_equal(program.status, 0);
	assert_int_equal(access(pid_file + 11, F_OK), -1);
	assert_int_equal(access(addr.sun_path, F_OK), -1);
	rmdir(dir);
}

static void cgi_words_from_the_client_are_left_alone(void **state)
{
	struct program program = { .words = { "--port", "--help" },
		.env = { "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET",
			"QUERY_STRING=--port+--help", "REQUEST_URI=/?--port+--help",
			"SERVER_NAME=x" } };

	start(&program);
	finish(&program);
	assert_int_equal(strncmp(program.said, "Status: 200 OK\r\n", 16), 0);
	assert_non_null(strstr(program.said, "\r\n\r\nhello\n"));
	assert_string_equal(program.complained, "");
	assert_int_equal(program.status, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_that_do_not_serve_say_why),
		cmocka_unit_test(fastcgi_names_routes_that_cannot_run),
		cmocka_unit_test(a_port_in_use_is_named),
		cmocka_unit_test(a_folder_that_is_not_ours_is_named),
		cmocka_unit_test(only_root_becomes_another_user),
		cmocka_unit_test(servers_leave_when_they_are_told),
		cmocka_unit_test(what_a_stop_cuts_is_named_and_in_the_exit_status),
		cmocka_unit_test(whoever_comes_during_a_drain_is_refused),
		cmocka_unit_test(parts_of_programs_that_do_not_wait),
		cmocka_unit_test(a_program_has_defaults_and_pages_of_its_own),
		cmocka_unit_test(parts_of_programs_that_serve),
		cmocka_unit_test(inherited_sockets_are_served),
		cmocka_unit_test(
			an_inherited_socket_stays_blocking_where_that_is_asked_for),
		cmocka_unit_test(a_listening_descriptor_0_means_fastcgi),
		cmocka_unit_test(unix_sockets_and_pid_files_are_made),
		cmocka_unit_test(cgi_words_from_the_client_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
