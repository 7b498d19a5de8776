/* SPDX-License-Identifier: MIT */
/*
 * test_doctor_program.c - whole programs with --doctor: one that looks at what comes, to whom it says what it
 * sees, and one that asks for itself.
 *
 * This program serves as well: it starts itself.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "support/fcgi_peer.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/tmp.h"

#define PATIENCE_MSEC 30000

extern char **environ;

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello\n");
}

static const struct vane_route routes[] = { VANE_GET("/", hello), VANE_END };

struct scene {
	struct tmp tmp;
	struct proc proc;
	char log[TMP_PATH_MAX];
	int port;
};

static void launch(struct scene *scene, const char *const *words)
{
	static char self[256];
	char *argv[16] = { self, (char *) "serves" };
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct proc_start start = { .argv = argv };
	int i;

	assert_in_range(len, 1, sizeof(self) - 2);
	self[len] = '\0';
	for (i = 0; i < 12 && words[i] != NULL; i++)
		argv[2 + i] = (char *) words[i];
	assert_int_equal(tmp_make(&scene->tmp), 0);
	start.log = tmp_path(&scene->tmp, scene->log, "log");
	assert_int_equal(proc_start(&scene->proc, &start), 0);
}

static void start(struct scene *scene, const char *const *words)
{
	launch(scene, words);
	if (proc_wait_log(&scene->proc, "listening on", PATIENCE_MSEC) < 0) {
		proc_print_log(&scene->proc);
		fail_msg("it does not start");
	}
	scene->port = proc_log_port(&scene->proc);
}

static void stop(struct scene *scene, int status)
{
	assert_int_equal(proc_stop(&scene->proc), 0);
	assert_true(WIFEXITED(scene->proc.status));
	assert_int_equal(WEXITSTATUS(scene->proc.status), status);
	tmp_remove(&scene->tmp);
}

/* What is answered to these bytes, to be freed. */
static char *ask(int port, const char *bytes)
{
	char *text = calloc(1, 65536);
	size_t len = 0;
	ssize_t n;
	int fd = port_connect(port, NULL);

	assert_non_null(text);
	assert_true(fd >= 0);
	assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
	do {
		n = recv(fd, text + len, 65535 - len, 0);
		len += n > 0 ? (size_t) n : 0;
	} while (n > 0);
	close(fd);
	return text;
}

static void check(int port, const char *fields, const char *wanted, const char *unwanted)
{
	char bytes[1000], *text;

	snprintf(bytes, sizeof(bytes), "GET /x HTTP/1.0\r\nHost: a\r\n%s\r\n", fields);
	text = ask(port, bytes);
	if (strstr(text, wanted) == NULL)
		fail_msg("%s: wanted %s, got %s", fields, wanted, text);
	if (unwanted != NULL && strstr(text, unwanted) != NULL)
		fail_msg("%s: not wanted %s, got %s", fields, unwanted, text);
	free(text);
}

/* As with --status: loopback, and nobody who comes by way of a proxy that is not believed. */
static void what_arrives_is_told_to_who_may_see_it(void **state)
{
	static const char *const words[] = { "--listen=127.0.0.1:0", "--mount=/app",
		"--doctor", NULL };
	struct scene scene;

	start(&scene, words);
	check(scene.port, "", " 200 OK", "<html");
	check(scene.port, "", "wrong: mount: /x arrives", NULL);
	check(scene.port, "", "wrong: http10: ", "wrong: authorization: ");
	check(scene.port, "", "\tline: --mount=/app\n", NULL);
	check(scene.port, "X-Vane-Doctor: curl\r\n", "wrong: authorization: ", NULL);
	check(scene.port, "Accept: text/html\r\n", "text/plain", "<html");
	check(scene.port, "X-Forwarded-For: 192.0.2.9\r\n", " 404 ", "wrong: ");
	check(scene.port, "X-Vane-Doctor:  plain\r\n", "wrong: ", "vane-doctor 1\n");
	assert_int_equal(
		proc_wait_log(&scene.proc, "doctor: xheaders: X-Forwarded-For arrives", 0),
		0);
	stop(&scene, 1);
}

static void who_debugs_gets_a_page(void **state)
{
	static const char *const words[] = { "--listen=127.0.0.1:0", "--debug", "--doctor",
		NULL };
	struct scene scene;

	start(&scene, words);
	check(scene.port, "Accept: text/html\r\n", "<pre", NULL);
	check(scene.port, "Accept: text/html\r\nX-A: <b>\r\n", "x-a: &lt;b&gt;", "<b>");
	check(scene.port, "Accept: */*\r\n", "text/plain", "<pre");
	stop(&scene, 1);
}

static void one_that_finds_nothing_leaves_with_0(void **state)
{
	static const char *const words[] = { "--listen=127.0.0.1:0", "--doctor=yes", NULL };
	struct scene scene;
	char *text;

	start(&scene, words);
	text = ask(scene.port,
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: a=b\r\n\r\n");
	assert_non_null(strstr(text, "1 request: 0 wrong, 0 to be noted"));
	free(text);
	stop(&scene, 0);
}

/* What cannot be understood is looked at all the same, and HTTP_PROXY is seen. */
static void a_request_without_a_method_is_looked_at(void **state)
{
	static const char *const words[] = { "--mode=fastcgi", "--listen=127.0.0.1:0",
		"--doctor", "--doctor-front=nginx", NULL };
	static const char *const params[] = { "REMOTE_ADDR=127.0.0.1", "REQUEST_URI=/",
		"QUERY_STRING=", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_PORT=80",
		"HTTP_PROXY=x", NULL };
	struct scene scene;
	struct fcgi_peer peer;
	char address[40];

	start(&scene, words);
	snprintf(address, sizeof(address), "127.0.0.1:%d", scene.port);
	assert_int_equal(fcgi_peer_connect(&peer, address), 0);
	assert_int_equal(
		fcgi_peer_ask(&peer, &(struct fcgi_peer_request) { .params = params },
			PATIENCE_MSEC),
		0);
	assert_non_null(strstr(peer.out.data, "wrong: request-method: "));
	assert_non_null(strstr(
		peer.out.data, "\tline: fastcgi_param REQUEST_METHOD $request_method;\n"));
	assert_non_null(strstr(peer.out.data, "\tline: fastcgi_param HTTP_PROXY \"\";\n"));
	fcgi_peer_close(&peer);
	stop(&scene, 1);
}

/* Nobody is in front: what is missing of one is named, and what works is not. */
static void it_asks_for_itself(void **state)
{
	char listen[60], url[60];
	const char *words[] = { listen, url, NULL };
	struct scene scene;
	int port;

	assert_int_equal(port_pick(&port, 1), 0);
	snprintf(listen, sizeof(listen), "--listen=127.0.0.1:%d", port);
	snprintf(url, sizeof(url), "--doctor=http://127.0.0.1:%d/", port);
	launch(&scene, words);
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	assert_true(WIFEXITED(scene.proc.status));
	assert_int_equal(WEXITSTATUS(scene.proc.status), 1);
	assert_int_equal(proc_wait_log(&scene.proc, "by HTTP, 11 requests: 2 wrong", 0), 0);
	assert_int_equal(proc_wait_log(&scene.proc, "wrong: client-address: ", 0), 0);
	assert_int_equal(proc_wait_log(&scene.proc, "wrong: client-scheme: ", 0), 0);
	tmp_remove(&scene.tmp);
}

/* Those and the test's own, in an array that is the caller's. */
static char **with_environ(const char *const *vars, size_t count)
{
	size_t own = 0, i;
	char **env;

	while (environ[own] != NULL)
		own++;
	env = calloc(count + own + 1, sizeof(*env));
	assert_non_null(env);
	for (i = 0; i < count; i++)
		env[i] = (char *) vars[i];
	memcpy(env + count, environ, own * sizeof(*env));
	return env;
}

/* A CGI program is started for each request, and is told by a variable. */
static void a_cgi_program_reports_too(void **state)
{
	static const char *const vars[] = { "GATEWAY_INTERFACE=CGI/1.1",
		"REQUEST_METHOD=GET", "REMOTE_ADDR=127.0.0.1", "REQUEST_URI=/app",
		"SCRIPT_NAME=/app",
		"PATH_INFO=", "QUERY_STRING=", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_PORT=80",
		"SERVER_NAME=a", "SERVER_SOFTWARE=Apache/2.4", "HTTP_PROXY=x",
		"VANE_DOCTOR=http://127.0.0.1:1/" };
	char **env = with_environ(vars, sizeof(vars) / sizeof(vars[0]));
	char self[256], *argv[] = { self, (char *) "serves", NULL };
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct scene scene;
	struct proc_start start = { .argv = argv, .env = env };

	assert_in_range(len, 1, sizeof(self) - 2);
	self[len] = '\0';
	assert_int_equal(tmp_make(&scene.tmp), 0);
	start.log = tmp_path(&scene.tmp, scene.log, "log");
	assert_int_equal(proc_start(&scene.proc, &start), 0);
	free(env);
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	assert_int_equal(proc_wait_log(&scene.proc,
				 "Apache with mod_cgi, by CGI, 1 request: 1 wrong", 0),
		0);
	assert_int_equal(
		proc_wait_log(&scene.proc, "line: RequestHeader unset Proxy early", 0), 0);
	tmp_remove(&scene.tmp);
}

static void words_that_do_not_fit_are_refused(void **state)
{
	static const struct {
		const char *words[4];
		const char *said;
		int status;
	} rows[] = {
		{ { "--doctor=https://a/" }, "is https://, which it does not speak", 2 },
		{ { "--doctor=a" }, "is not a URL as in http://example.org/app", 2 },
		{ { "--doctor", "http://a/" }, "unexpected word 'http://a/'", 2 },
		{ { "--doctor-front=nginx", "--strict", "--check" },
			"--doctor-front has no meaning without --doctor", 78 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene scene;

		launch(&scene, rows[i].words);
		assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
		assert_int_equal(WEXITSTATUS(scene.proc.status), rows[i].status);
		if (proc_wait_log(&scene.proc, rows[i].said, 0) < 0) {
			proc_print_log(&scene.proc);
			fail_msg("row %zu: wanted %s", i, rows[i].said);
		}
		tmp_remove(&scene.tmp);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_arrives_is_told_to_who_may_see_it),
		cmocka_unit_test(who_debugs_gets_a_page),
		cmocka_unit_test(one_that_finds_nothing_leaves_with_0),
		cmocka_unit_test(a_request_without_a_method_is_looked_at),
		cmocka_unit_test(it_asks_for_itself),
		cmocka_unit_test(a_cgi_program_reports_too),
		cmocka_unit_test(words_that_do_not_fit_are_refused),
	};

	if (getenv("GATEWAY_INTERFACE") != NULL)
		return vane_main(1, argv, routes);
	if (argc > 1 && strcmp(argv[1], "serves") == 0) {
		argv[1] = argv[0];
		return vane_main(argc - 1, argv + 1, routes);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
