/* SPDX-License-Identifier: MIT */
/*
 * test_crashpage.c - what the client of a crash gets, in each mode: a page in debug mode, nothing without
 *
 * This program serves as well: it starts itself.
 */
#include "config.h"

#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "support/fcgi_peer.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/scgi_peer.h"
#include "support/tmp.h"

#define PATIENCE_MSEC 30000

#ifdef __SANITIZE_ADDRESS__
#define FAULTS_ARE_OURS false /* a sanitizer sees to those */
#else
#define FAULTS_ARE_OURS true
#endif

/* ---- the program that serves ---- */

/* Not static, so that the linker may know it. */
int crash_in_handler(struct vane_request *req, struct vane_response *res);

int crash_in_handler(struct vane_request *req, struct vane_response *res)
{
	const char *how = vane_request_arg(req, "how");
	volatile char *nowhere = NULL;

	vane_response_add_field(res, "X-Before", "1");
	vane_response_puts(res, "dropped");
	if (strcmp(how, "flushed") == 0)
		vane_response_flush(res);
	if (strcmp(how, "segv") == 0)
		return nowhere[0]; /* here it is */
	abort();
	return 0;
}

static int write_page(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data)
{
	return vane_response_puts(res, "the program's own");
}

static const struct vane_route routes[] = { VANE_GET("/crash/{how}", crash_in_handler),
	VANE_POST("/crash/{how}", crash_in_handler), VANE_END };

static int serve(int argc, char **argv)
{
	struct vane_program program = { .routes = routes, .error_page = write_page };
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	return vane_program_main(argc, argv, &program);
}

/* ---- what asks it ---- */

struct scene {
	struct tmp tmp;
	struct proc proc;
	char log[TMP_PATH_MAX];
	char *got; /* all that came */
};

static void start(struct scene *scene, const char *const *words)
{
	char self[256],
		*argv[8] = { self, (char *) "serves", (char *) "--listen=127.0.0.1:0" };
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct proc_start start = { .argv = argv };
	int i;

	assert_in_range(len, 1, sizeof(self) - 2);
	self[len] = '\0';
	for (i = 0; i < 4 && words[i] != NULL; i++)
		argv[3 + i] = (char *) words[i];
	assert_int_equal(tmp_make(&scene->tmp), 0);
	start.log = tmp_path(&scene->tmp, scene->log, "log");
	assert_int_equal(proc_start(&scene->proc, &start), 0);
	if (proc_wait_log(&scene->proc, "listening on", PATIENCE_MSEC) == 0)
		return;
	proc_print_log(&scene->proc);
	fail_msg("it does not start");
}

static bool log_has(struct scene *scene, const char *text)
{
	return proc_wait_log(&scene->proc, text, 0) == 0;
}

static void await_signal(struct scene *scene, int signo)
{
	assert_int_equal(proc_wait_end(&scene->proc, PATIENCE_MSEC), 0);
	assert_true(WIFSIGNALED(scene->proc.status));
	assert_int_equal(WTERMSIG(scene->proc.status), signo);
	free(scene->got);
	tmp_remove(&scene->tmp);
}

/* All that comes until the other side closes; a reset is no close. */
static char *read_all(int fd)
{
	size_t room = 256 * 1024, len = 0;
	char *text = malloc(room);
	ssize_t n;

	assert_non_null(text);
	while ((n = read(fd, text + len, room - 1 - len)) > 0)
		len += (size_t) n;
	assert_int_equal(n, 0);
	text[len] = '\0';
	close(fd);
	return text;
}

static void ask_http(struct scene *scene, const char *head, const char *body)
{
	int fd = port_connect(proc_log_port(&scene->proc), NULL);
	char text[512];
	int len = snprintf(text, sizeof(text),
		"%s HTTP/1.1\r\nHost: h\r\nAccept: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
		head, strlen(body), body);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, text, (size_t) len, MSG_NOSIGNAL), len);
	scene->got = read_all(fd);
}

static void ask_fastcgi(struct scene *scene, const char *target, const char *accept)
{
	char address[64], uri[128], http_accept[64];
	const char *const params[] = { "REQUEST_METHOD=GET", uri,
		"SERVER_PROTOCOL=HTTP/1.1", http_accept, NULL };
	struct fcgi_peer peer;

	snprintf(address, sizeof(address), "127.0.0.1:%d", proc_log_port(&scene->proc));
	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	snprintf(http_accept, sizeof(http_accept), "HTTP_ACCEPT=%s", accept);
	assert_int_equal(fcgi_peer_connect(&peer, address), 0);
	assert_int_equal(
		fcgi_peer_ask(&peer, &(struct fcgi_peer_request) { .params = params },
			PATIENCE_MSEC),
		0);
	assert_true(peer.ended && !peer.cut && !peer.malformed);
	scene->got = strdup(peer.out.data);
	fcgi_peer_close(&peer);
}

static void ask_scgi(struct scene *scene, const char *target)
{
	char address[32];
	struct scgi_answer answer;
	char *request;
	size_t len;
	int fd;

	snprintf(address, sizeof(address), ":%d", proc_log_port(&scene->proc));
	request = scgi_simple("GET", target, NULL, 0, &len);
	fd = scgi_connect(address);
	assert_true(fd >= 0);
	assert_int_equal(
		scgi_converse(fd, request, len, &(struct scgi_manner) { 0 }, &answer), 0);
	assert_false(answer.reset);
	scene->got = answer.data;
	free(request);
}

static void assert_has(const struct scene *scene, const char *text)
{
	if (strstr(scene->got, text) == NULL)
		fail_msg("no \"%s\" in: %s", text, scene->got);
}

static void assert_page(const struct scene *scene, const char *why)
{
	assert_has(scene, why);
	assert_has(scene, "/crash/{how}");
	assert_null(strstr(scene->got, "dropped"));
	assert_null(strstr(scene->got, "X-Before"));
	assert_null(strstr(scene->got, "the program's own"));
#ifdef HAVE_EXECINFO_H
	assert_has(scene, "The calls that led there");
#endif
#ifdef VANE_WITH_DW
	assert_has(scene, "crash_in_handler");
#endif
}

/* The body is as long as the head says. */
static void assert_whole(const struct scene *scene)
{
	const char *body = strstr(scene->got, "\r\n\r\n"),
		   *length = strstr(scene->got, "Content-Length: ");

	assert_non_null(body);
	assert_non_null(length);
	assert_int_equal(strlen(body + 4), strtol(length + 16, NULL, 10));
}

static void a_crash_is_shown_with_its_stack(void **state)
{
	static const struct {
		const char *how, *option;
		int signo;
		const char *says;
	} rows[] = {
		{ "GET /crash/abort", "--serve-traceback", SIGABRT, "killed by SIGABRT" },
		{ "POST /crash/abort", "--debug", SIGABRT, "killed by SIGABRT" },
		{ "GET /crash/segv", "--serve-traceback", SIGSEGV, "killed by SIGSEGV" },
	};
	struct scene scene;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].signo != SIGABRT && !FAULTS_ARE_OURS)
			continue;
		start(&scene, (const char *[4]) { "--mode=http", rows[i].option,
				      "--access-log=tornado" });
		ask_http(&scene, rows[i].how, "body");
		assert_int_equal(strncmp(scene.got, "HTTP/1.1 500 ", 13), 0);
		assert_has(&scene, "Connection: close\r\n");
		assert_page(&scene, rows[i].says);
		assert_whole(&scene);
		proc_wait_end(&scene.proc, PATIENCE_MSEC);
		assert_true(log_has(&scene, rows[i].says));
		assert_true(log_has(&scene, " 500 "));
#ifdef HAVE_EXECINFO_H
		assert_true(log_has(&scene, "stack: "));
#endif
		await_signal(&scene, rows[i].signo);
	}
}

static void it_is_shown_over_fastcgi_and_scgi(void **state)
{
	struct scene scene;

	start(&scene, (const char *[4]) { "--mode=fastcgi", "--serve-traceback" });
	ask_fastcgi(&scene, "/crash/abort", "text/html");
	assert_int_equal(strncmp(scene.got, "Status: 500 ", 12), 0);
	assert_page(&scene, "killed by SIGABRT");
	assert_has(&scene, "</html>\n");
	await_signal(&scene, SIGABRT);
	start(&scene, (const char *[4]) { "--mode=scgi", "--serve-traceback" });
	ask_scgi(&scene, "/crash/abort");
	assert_page(&scene, "killed by SIGABRT");
	await_signal(&scene, SIGABRT);
}

static void it_is_shown_by_a_cgi_program(void **state)
{
	char self[256], *argv[] = { (char *) "env", (char *) "GATEWAY_INTERFACE=CGI/1.1",
		(char *) "REQUEST_METHOD=GET", (char *) "REQUEST_URI=/crash/abort",
		(char *) "SERVER_PROTOCOL=HTTP/1.1", self, (char *) "serves",
		(char *) "--serve-traceback", NULL };
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct proc_start start = { .argv = argv };
	struct scene scene = { .got = NULL };

	assert_in_range(len, 1, sizeof(self) - 2);
	self[len] = '\0';
	assert_int_equal(tmp_make(&scene.tmp), 0);
	start.log = tmp_path(&scene.tmp, scene.log, "log");
	assert_int_equal(proc_start(&scene.proc, &start), 0);
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	assert_true(log_has(&scene, "Status: 500 "));
	assert_true(log_has(&scene, "killed by SIGABRT"));
	assert_true(log_has(&scene, "Again, from a shell"));
	await_signal(&scene, SIGABRT);
}

/* What was begun is cut, and nobody is told more than that without the options. */
static void nothing_is_sent_otherwise(void **state)
{
	static const struct {
		const char *head, *option;
		size_t at_most;
	} rows[] = {
		{ "GET /crash/abort", NULL, 0 },
		{ "GET /crash/abort", "--serve-traceback=0", 0 },
		{ "GET /crash/abort", "--max-handler-time=1h", 0 },
		{ "GET /crash/flushed", "--serve-traceback", 300 },
	};
	struct scene scene;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&scene, (const char *[4]) { "--mode=http", rows[i].option });
		ask_http(&scene, rows[i].head, "");
		assert_true(strlen(scene.got) <= rows[i].at_most);
		assert_null(strstr(scene.got, "SIGABRT"));
		assert_null(strstr(scene.got, "0\r\n\r\n"));
		await_signal(&scene, SIGABRT);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_is_shown_with_its_stack),
		cmocka_unit_test(it_is_shown_over_fastcgi_and_scgi),
		cmocka_unit_test(it_is_shown_by_a_cgi_program),
		cmocka_unit_test(nothing_is_sent_otherwise),
	};

	if (argc > 1)
		return serve(argc - 1, argv + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
