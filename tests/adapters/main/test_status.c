/* SPDX-License-Identifier: MIT */
/*
 * test_status.c - the figures of whole programs (--status, --health, --ready), handlers that take too
 * long (--slow, --max-handler-time), and workers that are replaced (--max-worker-requests,
 * --max-worker-memory)
 *
 * This program serves as well: it starts itself.
 */
#include "config.h"
#include "test.h"

#include <errno.h>
#include <poll.h>
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
#include "support/metrics.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/scgi_peer.h"
#include "support/tmp.h"

#define PATIENCE_MSEC 30000

/* ---- the program that serves ---- */

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello\n");
}

static int break_down(struct vane_request *req, struct vane_response *res)
{
	return 503;
}

static int block(struct vane_request *req, struct vane_response *res)
{
	int msec = (int) strtol(vane_request_arg(req, "msec"), NULL, 10);

	poll(NULL, 0, msec);
	return vane_response_puts(res, "blocked\n");
}

static int finish(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "late\n");
	return vane_response_finish(res);
}

static int wait_a_while(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 2000, finish, NULL);
}

static int eat(struct vane_request *req, struct vane_response *res)
{
	size_t size = (size_t) 300 << 20, i;
	volatile char *memory = malloc(size);

	if (memory == NULL)
		return -ENOMEM;
	for (i = 0; i < size; i += 512)
		memory[i] = 1;
	return vane_response_puts(res, "eaten\n");
}

static const struct vane_route routes[] = { VANE_GET("/", hello), VANE_POST("/", hello),
	VANE_GET("/fail", break_down), VANE_GET("/block/{msec}", block),
	VANE_GET("/wait", wait_a_while), VANE_GET("/eat", eat), VANE_GET("/_s", break_down),
	VANE_GET("/a{b:[\"\\\\]*}", hello), VANE_END };

static int serve(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	return vane_main(argc, argv, routes);
}

/* ---- what asks it ---- */

struct scene {
	struct tmp tmp;
	struct proc proc;
	char log[TMP_PATH_MAX];
	int port;
	unsigned long asked; /* for figures */
};

static void await_log(struct scene *scene, const char *text)
{
	if (proc_wait_log(&scene->proc, text, PATIENCE_MSEC) == 0)
		return;
	proc_print_log(&scene->proc);
	proc_stop(&scene->proc);
	fail_msg("\"%s\" is not in the log", text);
}

static bool log_has(struct scene *scene, const char *text)
{
	return proc_wait_log(&scene->proc, text, 0) == 0;
}

static int port_of(struct scene *scene)
{
	int port;

	await_log(scene, "listening on");
	port = proc_log_port(&scene->proc);
	assert_int_not_equal(port, 0);
	return port;
}

/* Start it with up to six more words. */
static void start(struct scene *scene, const char *const *words)
{
	char self[256], *argv[16] = { self, (char *) "serves",
		(char *) "--listen=127.0.0.1:0", (char *) "--status=/_s" };
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct proc_start start = { .argv = argv };
	int i;

	assert_in_range(len, 1, sizeof(self) - 2);
	self[len] = '\0';
	for (i = 0; i < 6 && words[i] != NULL; i++)
		argv[4 + i] = (char *) words[i];
	scene->asked = 0;
	assert_int_equal(tmp_make(&scene->tmp), 0);
	start.log = tmp_path(&scene->tmp, scene->log, "log");
	assert_int_equal(proc_start(&scene->proc, &start), 0);
	scene->port = port_of(scene);
}

static void stop(struct scene *scene, int status)
{
	int rc = proc_stop(&scene->proc);

	if (rc != 0 || !WIFEXITED(scene->proc.status) ||
		WEXITSTATUS(scene->proc.status) != status)
		proc_print_log(&scene->proc);
	assert_int_equal(rc, 0);
	assert_true(WIFEXITED(scene->proc.status));
	assert_int_equal(WEXITSTATUS(scene->proc.status), status);
	tmp_remove(&scene->tmp);
}

/* All that comes until the end, followed by a NUL. */
static char *read_all(int fd)
{
	char *text = NULL;
	size_t len = 0, room = 0;
	ssize_t n;

	do {
		if (room - len < 4096) {
			room = 2 * room + 8192;
			text = realloc(text, room);
			assert_non_null(text);
		}
		n = recv(fd, text + len, room - len - 1, 0);
		if (n > 0)
			len += (size_t) n;
	} while (n > 0);
	text[len] = '\0';
	return text;
}

static int send_request(int port, const char *line, const char *fields)
{
	char text[512];
	int fd = port_connect(port, NULL);
	int len = snprintf(
		text, sizeof(text), "%s HTTP/1.0\r\nHost: h\r\n%s\r\n", line, fields);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, text, (size_t) len, MSG_NOSIGNAL), len);
	return fd;
}

/* What was answered, head and body, to be freed. */
static char *ask_all_of_it(int port, const char *line, const char *fields)
{
	int fd = send_request(port, line, fields);
	char *text = read_all(fd);

	close(fd);
	return text;
}

/* The status of an answer, 0 if there is none. */
static int ask(int port, const char *line, const char *fields)
{
	char *text = ask_all_of_it(port, line, fields);
	int status =
		strncmp(text, "HTTP/1.", 7) == 0 ? (int) strtol(text + 9, NULL, 10) : 0;

	free(text);
	return status;
}

/* Its body, to be freed; its status is to be 200. */
static char *ask_body(int port, const char *line, const char *fields)
{
	char *text = ask_all_of_it(port, line, fields);
	char *end = strstr(text, "\r\n\r\n");

	assert_int_equal(strncmp(text + 8, " 200 ", 5), 0);
	assert_non_null(end);
	memmove(text, end + 4, strlen(end + 4) + 1);
	return text;
}

static int get(struct scene *scene, const char *target)
{
	char line[256];

	snprintf(line, sizeof(line), "GET %s", target);
	return ask(scene->port, line, "");
}

/* The figures as JSON; they count this request from the next time on. */
static char *figures(struct scene *scene)
{
	scene->asked++;
	return ask_body(scene->port, "GET /_s?format=json", "");
}

/* The first number behind a key; -1 if there is none. */
static long long number(const char *json, const char *key)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(json, quoted);
	return at != NULL ? strtoll(at + strlen(quoted), NULL, 10) : -1;
}

/* How often a key is there. */
static int occurs(const char *json, const char *key)
{
	int count = 0;

	for (json = strstr(json, key); json != NULL; json = strstr(json + 1, key))
		count++;
	return count;
}

/* Wait until a number is that: the figures, to be freed. */
static char *await_figure(struct scene *scene, const char *key, long long value)
{
	int i;

	for (i = 0; i < PATIENCE_MSEC / 50; i++) {
		char *json = figures(scene);

		if (number(json, key) == value)
			return json;
		free(json);
		poll(NULL, 0, 50);
	}
	proc_print_log(&scene->proc);
	fail_msg("\"%s\" does not become %lld", key, value);
	return NULL;
}

/* ---- figures ---- */

static void ask_all(struct scene *scene)
{
	int i;

	for (i = 0; i < 40; i++)
		assert_int_equal(get(scene, "/"), 200);
	for (i = 0; i < 5; i++)
		assert_int_equal(get(scene, "/nowhere"), 404);
	for (i = 0; i < 3; i++)
		assert_int_equal(get(scene, "/fail"), 503);
	assert_int_equal(ask(scene->port, "POST /", ""), 200);
	assert_int_equal(get(scene, "/a%22%5C"), 200);
	assert_int_equal(ask(scene->port, "GET /%zz", ""), 400);
}

/* What ask_all() has asked for, and the figures so far. */
static void check_sums(struct scene *scene, const char *json)
{
	long long own = (long long) scene->asked - 1;

	assert_int_equal(number(json, "requests"), 51 + own);
	assert_int_equal(number(json, "2xx"), 42 + own);
	assert_int_equal(number(json, "3xx"), 0);
	assert_int_equal(number(json, "4xx"), 6);
	assert_int_equal(number(json, "5xx"), 3);
	assert_non_null(strstr(json, "{\"pattern\":\"/\",\"requests\":41,\"errors\":0,"));
	assert_non_null(
		strstr(json, "{\"pattern\":\"/fail\",\"requests\":3,\"errors\":3,"));
	assert_non_null(strstr(json, "{\"pattern\":null,\"requests\":6,\"errors\":0,"));
}

/* Whichever worker answers, and what they have counted outlives them. */
static void figures_are_those_of_all_workers_and_stay(void **state)
{
	struct scene scene;
	long long pid;
	char *json;
	int i;

	start(&scene, (const char *[6]) { "--processes=4" });
	ask_all(&scene);
	for (i = 0; i < 8; i++) {
		json = figures(&scene);
		check_sums(&scene, json);
		assert_int_equal(occurs(json, "\"pid\":"), 4);
		assert_int_equal(occurs(json, "\"restarts\":0,"), 5);
		free(json);
	}
	json = figures(&scene);
	pid = number(json, "pid");
	free(json);
	assert_int_equal(kill((pid_t) pid, SIGKILL), 0);
	json = await_figure(&scene, "restarts", 1);
	check_sums(&scene, json);
	free(json);
	for (i = 0; i < 100; i++) {
		json = figures(&scene);
		check_sums(&scene, json);
		if (occurs(json, "\"pid\":") == 4)
			break;
		free(json);
		poll(NULL, 0, 50);
	}
	assert_int_equal(occurs(json, "\"generation\":2"), 1);
	assert_true(number(json, "pid") != pid);
	free(json);
	stop(&scene, 0);
}

static void one_process_has_figures_and_seconds(void **state)
{
	struct scene scene;
	char *json, *first;

	start(&scene, (const char *[6]) { NULL });
	ask_all(&scene);
	json = figures(&scene);
	check_sums(&scene, json);
	assert_int_equal(occurs(json, "\"state\":\"handler\",\"route\":\"/_s\""), 1);
	assert_int_equal(number(json, "in_flight"), 1);
	assert_int_equal(number(json, "connections"), 1);
	free(json);
	poll(NULL, 0, 2500);
	json = figures(&scene);
	first = strstr(json, "\"history\":[{");
	assert_non_null(first);
	assert_true(occurs(first, "\"age\":") >= 2);
	assert_true(number(first, "memory") > 100000);
	free(json);
	stop(&scene, 0);
}

static void metrics_are_as_prometheus_reads_them(void **state)
{
	struct scene scene;
	struct metrics metrics;
	char *text;

	start(&scene, (const char *[6]) { "--processes=2" });
	ask_all(&scene);
	text = ask_body(scene.port, "GET /_s",
		"Accept: application/openmetrics-text;version=1.0.0,"
		"text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n");
	assert_string_equal(metrics_parse(&metrics, text), "");
	assert_int_equal(metrics_sum(&metrics, "vane_requests_total", NULL, NULL), 51);
	assert_int_equal(metrics_sum(&metrics, "vane_requests_total", "class", "4xx"), 6);
	assert_int_equal(
		metrics_sum(&metrics, "vane_request_duration_seconds_count", NULL, NULL),
		51);
	assert_int_equal(
		metrics_sum(&metrics, "vane_route_requests_total", "route", "/"), 41);
	assert_int_equal(metrics_sum(&metrics, "vane_route_requests_total", "route",
				 "/a{b:[\\\"\\\\\\\\]*}"),
		1);
	assert_int_equal(metrics_sum(&metrics, "vane_worker_up", NULL, NULL), 2);
	metrics_fini(&metrics);
	free(text);
	stop(&scene, 0);
}

/* So that the test above means something. */
static void what_promtool_refuses_is_refused(void **state)
{
#define HEAD(name, type) "# HELP " name " What.\n# TYPE " name " " type "\n"
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ HEAD("a", "gauge") "a 1\n", true },
		{ HEAD("a_total", "counter") "a_total{b=\"\\\"\\\\\\n\"} 1\n", true },
		{ HEAD("h", "histogram") "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\n"
					 "h_sum 3\nh_count 2\n",
			true },
		{ HEAD("a", "gauge") "a 1", false },
		{ HEAD("a", "gauge") "a NaN\n", false },
		{ HEAD("a", "gauge") "a +Inf\n", false },
		{ HEAD("a", "gauge") "a 1\na 2\n", false },
		{ HEAD("a", "gauge") "a{b=\"\\t\"} 1\n", false },
		{ HEAD("a", "gauge") "a{b=\"1\",b=\"2\"} 1\n", false },
		{ HEAD("a", "gauge") HEAD("b", "gauge") "a 1\n", false },
		{ HEAD("a", "gauge") "a 1\n" HEAD("a", "gauge"), false },
		{ HEAD("a", "counter") "a 1\n", false },
		{ HEAD("a_total", "gauge") "a_total 1\n", false },
		{ HEAD("a_milliseconds", "gauge") "a_milliseconds 1\n", false },
		{ HEAD("2a", "gauge") "2a 1\n", false },
		{ "# HELP a \\t\n# TYPE a gauge\na 1\n", false },
		{ "# TYPE a gauge\na 1\n", false },
		{ "a 1\n", false },
		{ HEAD("h", "histogram") "h_bucket{le=\"1\"} 1\nh_sum 3\nh_count 1\n",
			false },
		{ HEAD("h", "histogram") "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 2\n",
			false },
		{ HEAD("h", "histogram") "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\n",
			false },
		{ HEAD("h", "histogram") "h_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 3\n",
			false },
	};
#undef HEAD
	struct metrics metrics;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((metrics_parse(&metrics, rows[i].text)[0] == '\0') != rows[i].good)
			fail_msg("%s: %s", rows[i].text, metrics.why);
		metrics_fini(&metrics);
	}
}

/* Drawn without scripts, and with a point for a second that is over. */
static void a_browser_is_shown_a_page(void **state)
{
	static const char accept[] = "Accept: text/html,*/*;q=0.8\r\n";
	struct scene scene;
	char *text;

	start(&scene, (const char *[6]) { "--processes=2" });
	ask_all(&scene);
	poll(NULL, 0, 2500);
	text = ask_body(scene.port, "GET /_s", accept);
	assert_non_null(strstr(text, "<title>serves: status</title>"));
	assert_int_equal(occurs(text, "<svg "), 5);
	assert_int_equal(occurs(text, "</svg>"), 5);
	assert_int_equal(occurs(text, "<script"), 0);
	assert_non_null(strstr(text, "<td class=\"text\">/a{b:[&quot;\\\\]*}<td>1"));
	assert_non_null(strstr(text, "<path class=\"s0\" d=\"M59"));
	free(text);
	stop(&scene, 0);
}

static void vane_top_prints_the_figures(void **state)
{
	struct scene scene;
	char command[256], text[8192] = "";
	FILE *pipe;

	start(&scene, (const char *[6]) { "--processes=2" });
	ask_all(&scene);
	snprintf(
		command, sizeof(command), "./vane-top --once 127.0.0.1:%d /_s", scene.port);
	pipe = popen(command, "re");
	assert_non_null(pipe);
	assert_true(fread(text, 1, sizeof(text) - 1, pipe) > 0);
	assert_int_equal(pclose(pipe), 0);
	assert_non_null(strstr(text, "serves: ready, mode http"));
	assert_non_null(strstr(text, "2xx 42, 3xx 0, 4xx 6, 5xx 3"));
	assert_non_null(strstr(text, "        41      0"));
	assert_int_equal(occurs(text, "\n     1 "), 1);
	snprintf(command, sizeof(command),
		"./vane-top --once 127.0.0.1:%d /nowhere 2>/dev/null", scene.port);
	assert_int_equal(WEXITSTATUS(system(command)), 1);
	stop(&scene, 0);
}

static void figures_are_for_those_who_may_see_them(void **state)
{
	static const struct {
		const char *line, *fields;
		int status;
	} rows[] = {
		{ "GET /_s", "", 200 },
		{ "HEAD /_s", "", 200 },
		{ "POST /_s", "", 405 },
		{ "GET /_s?format=prometheus", "", 200 },
		{ "GET /_s?format=html", "", 200 },
		{ "GET /_s", "Accept: image/png\r\n", 200 },
		{ "GET /_s?format=yaml", "", 400 },
		{ "GET /_s", "X-Forwarded-For: 127.0.0.1\r\n", 404 },
		{ "POST /_s", "X-Real-IP: 127.0.0.1\r\n", 404 },
		{ "GET /_s", "Forwarded: for=127.0.0.1\r\n", 404 },
	};
	/* a front that sets only the one passes on the client's other */
	static const struct {
		const char *fields;
		int status;
	} both[] = {
		{ "X-Real-IP: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.7\r\n", 404 },
		{ "X-Real-IP: 127.0.0.1\r\nX-Forwarded-For: 10.1.2.3, 192.0.2.7\r\n", 404 },
		{ "X-Real-IP: 192.0.2.7\r\nX-Forwarded-For: 127.0.0.1\r\n", 404 },
		{ "X-Real-IP: x\r\nX-Forwarded-For: 127.0.0.1\r\n", 404 },
		{ "X-Real-IP: x\r\n", 404 },
		{ "X-Forwarded-For: x\r\n", 404 },
		{ "X-Real-IP: 10.1.2.3\r\nX-Forwarded-For: 192.0.2.7, 127.0.0.1\r\n", 200 },
	};
	struct scene scene, behind;
	size_t i;

	start(&scene, (const char *[6]) { NULL });
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			ask(scene.port, rows[i].line, rows[i].fields), rows[i].status);
	stop(&scene, 0);
	start(&behind,
		(const char *[6]) { "--xheaders", "--trusted=127.0.0.1,10.0.0.0/8" });
	assert_int_equal(
		ask(behind.port, "GET /_s", "X-Forwarded-For: 192.0.2.7\r\n"), 404);
	assert_int_equal(ask(behind.port, "GET /_s", "X-Real-IP: 10.1.2.3\r\n"), 200);
	for (i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		assert_int_equal(
			ask(behind.port, "GET /_s", both[i].fields), both[i].status);
	stop(&behind, 0);
}

/* Over FastCGI: what was answered, with its head. */
static char *ask_fastcgi(struct scene *scene, const char *target, const char *remote)
{
	char address[32], uri[64], addr[64];
	const char *const params[] = { "REQUEST_METHOD=GET", "SERVER_PROTOCOL=HTTP/1.1",
		uri, addr, NULL };
	struct fcgi_peer peer;
	char *text;

	snprintf(address, sizeof(address), "127.0.0.1:%d", scene->port);
	snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	snprintf(addr, sizeof(addr), "REMOTE_ADDR=%s", remote);
	assert_int_equal(fcgi_peer_connect(&peer, address), 0);
	assert_int_equal(
		fcgi_peer_ask(&peer, &(struct fcgi_peer_request) { .params = params },
			PATIENCE_MSEC),
		0);
	text = strdup(peer.out.data);
	assert_non_null(text);
	fcgi_peer_close(&peer);
	return text;
}

static void figures_come_over_fastcgi(void **state)
{
	static const struct {
		const char *remote, *status;
	} rows[] = {
		{ "192.0.2.1", "Status: 404" },
		{ "10.0.0.1", "Status: 200" },
		{ "", "Status: 404" },
		{ "unix:", "Status: 404" },
	};
	static const char *const processes[] = { "--processes=1", "--processes=2" };
	struct scene scene;
	size_t i, k;
	char *text;

	for (i = 0; i < 2; i++) {
		start(&scene, (const char *[6]) { "--mode=fastcgi", processes[i],
				      "--trusted=10.0.0.0/8" });
		for (k = 0; k < 7; k++) {
			text = ask_fastcgi(&scene, "/", "192.0.2.1");
			assert_non_null(strstr(text, "hello"));
			free(text);
		}
		text = ask_fastcgi(&scene, "/_s", "127.0.0.1");
		assert_int_equal(number(text, "requests"), 7);
		assert_true(number(text, "connections") >= 1);
		assert_int_equal(occurs(text, "\"pid\":"), i + 1);
		free(text);
		for (k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
			text = ask_fastcgi(&scene, "/_s", rows[k].remote);
			if (strncmp(text, rows[k].status, 11) != 0 &&
				strcmp(rows[k].status, "Status: 200") != 0)
				fail_msg("%s: %s", rows[k].remote, text);
			assert_int_equal(strstr(text, "\"workers\"") != NULL,
				strcmp(rows[k].status, "Status: 200") == 0);
			free(text);
		}
		stop(&scene, 0);
	}
}

static void figures_come_over_scgi(void **state)
{
	struct scene scene;
	size_t len, i;
	char *request, *text;
	int fd;

	start(&scene, (const char *[6]) { "--mode=scgi", "--processes=2" });
	for (i = 0; i < 6; i++) {
		request = scgi_simple("GET", i < 5 ? "/" : "/_s", NULL, 0, &len);
		fd = port_connect(scene.port, NULL);
		assert_true(fd >= 0);
		assert_int_equal(send(fd, request, len, MSG_NOSIGNAL), len);
		text = read_all(fd);
		assert_int_equal(strstr(text, "hello") != NULL, i < 5);
		if (i == 5)
			assert_int_equal(number(text, "requests"), 5);
		free(text);
		free(request);
		close(fd);
	}
	stop(&scene, 0);
}

/* ---- health and readiness ---- */

static void health_checks_are_neither_logged_nor_counted(void **state)
{
	struct scene scene;
	char *json;

	start(&scene, (const char *[6]) {
			      "--health=/up", "--ready=/ready", "--access-log=common" });
	assert_int_equal(get(&scene, "/up"), 200);
	assert_int_equal(get(&scene, "/ready"), 200);
	assert_int_equal(get(&scene, "/"), 200);
	json = figures(&scene);
	assert_int_equal(number(json, "requests"), 1);
	free(json);
	await_log(&scene, "GET /_s?");
	assert_true(log_has(&scene, "\"GET / HTTP/1.0\" 200"));
	assert_false(log_has(&scene, "GET /up"));
	assert_false(log_has(&scene, "GET /ready"));
	stop(&scene, 0);
}

static void await_text(int fd, char *buf, size_t size)
{
	ssize_t n;

	assert_int_equal(poll(&(struct pollfd) { fd, POLLIN, 0 }, 1, PATIENCE_MSEC), 1);
	n = recv(fd, buf, size - 1, 0);
	assert_true(n >= 0);
	buf[n] = '\0';
}

/* The listening socket is closed then, but a load balancer keeps its connection. */
static void readiness_ends_when_a_drain_begins(void **state)
{
	static const char again[] = "GET /ready HTTP/1.1\r\nHost: h\r\n\r\n";
	struct scene scene;
	char buf[4096], *text;
	int kept, held;

	start(&scene, (const char *[6]) { "--health=/up", "--ready=/ready",
			      "--shutdown-grace=5s", "--processes=2" });
	kept = port_connect(scene.port, NULL);
	assert_true(kept >= 0);
	assert_int_equal(
		send(kept, again, sizeof(again) - 1, MSG_NOSIGNAL), sizeof(again) - 1);
	await_text(kept, buf, sizeof(buf));
	assert_non_null(strstr(buf, " 200 "));
	held = send_request(scene.port, "GET /wait", "");
	poll(NULL, 0, 200);
	kill(scene.proc.pid, SIGTERM);
	poll(NULL, 0, 300);
	assert_int_equal(
		send(kept, again, sizeof(again) - 1, MSG_NOSIGNAL), sizeof(again) - 1);
	await_text(kept, buf, sizeof(buf));
	assert_non_null(strstr(buf, " 503 "));
	text = read_all(held);
	assert_non_null(strstr(text, "late"));
	free(text);
	close(held);
	close(kept);
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	tmp_remove(&scene.tmp);
}

/* ---- handlers that take too long ---- */

static void a_slow_handler_is_named_while_it_runs(void **state)
{
	static const char *const processes[] = { "--processes=1", "--processes=2" };
	struct scene scene;
	char *text;
	size_t i;
	int fd;

	for (i = 0; i < 2; i++) {
		start(&scene, (const char *[6]) { processes[i], "--slow=200ms" });
		assert_int_equal(get(&scene, "/block/50"), 200);
		fd = send_request(scene.port, "GET /block/2000", "");
		await_log(&scene, "ms in /block/{msec}");
		assert_int_equal(poll(&(struct pollfd) { fd, POLLIN, 0 }, 1, 0), 0);
		assert_true(log_has(&scene, "blocked for 2"));
		text = read_all(fd);
		assert_non_null(strstr(text, "blocked\n")); /* and its sleep was not cut */
		free(text);
		close(fd);
		stop(&scene, 0);
	}
}

/* Without libdw, and where nobody may be traced, the log says that. */
static void where_a_slow_handler_is_is_told(void **state)
{
	static const char *const processes[] = { "--processes=1", "--processes=2" };
	struct scene scenes[2];
	char *text;
	size_t i;
	int fds[2];

	for (i = 0; i < 2; i++) {
		start(&scenes[i],
			(const char *[6]) { processes[i], "--slow=100ms", "--slow-stack" });
		fds[i] = send_request(scenes[i].port, "GET /block/2000", "");
	}
	for (i = 0; i < 2; i++) {
		await_log(&scenes[i], "ms in /block/{msec}");
		await_log(&scenes[i], "stack");
#ifdef VANE_WITH_DW
		if (!log_has(&scenes[i], "cannot be read")) {
			await_log(&scenes[i], "): stack: ");
			assert_true(log_has(&scenes[i], "poll"));
			assert_true(log_has(&scenes[i], "vane_exchange_start"));
		}
#endif
		text = read_all(fds[i]);
		assert_non_null(strstr(text, "blocked\n")); /* and its sleep was not cut */
		free(text);
		close(fds[i]);
		assert_int_equal(get(&scenes[i], "/"), 200); /* it goes on */
		stop(&scenes[i], 0);
	}
}

static void a_handler_that_is_stuck_is_ended(void **state)
{
	struct scene scene;
	char *json;
	int fd;

	start(&scene, (const char *[6]) { "--processes=2", "--max-handler-time=300ms" });
	fd = send_request(scene.port, "GET /block/60000", "");
	await_log(&scene, "more than --max-handler-time");
	await_log(&scene, "killed by SIGABRT at GET /block/60000 (route /block/{msec})");
	close(fd);
#ifdef HAVE_EXECINFO_H
	await_log(&scene, "stack: ");
	await_log(&scene, "poll+0x");
#endif
	json = await_figure(&scene, "restarts", 1);
	free(json);
	assert_int_equal(get(&scene, "/"), 200);
	stop(&scene, 0);
	start(&scene, (const char *[6]) { "--max-handler-time=300ms" });
	fd = send_request(scene.port, "GET /block/60000", "");
	assert_int_equal(proc_wait_end(&scene.proc, PATIENCE_MSEC), 0);
	assert_true(WIFSIGNALED(scene.proc.status));
	assert_true(log_has(&scene, "killed by SIGABRT at GET /block/60000"));
	close(fd);
	tmp_remove(&scene.tmp);
}

/* ---- workers that are replaced ---- */

/* A client that keeps its connection until it is told to close it: whether it was answered. */
static bool ask_kept(struct scene *scene, int *fd)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	char buf[4096];

	if (*fd < 0)
		*fd = port_connect(scene->port, NULL);
	if (*fd < 0 || send(*fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return false;
	await_text(*fd, buf, sizeof(buf));
	if (strstr(buf, "Connection: close") != NULL) {
		close(*fd);
		*fd = -1;
	}
	return strstr(buf, "hello\n") != NULL;
}

/* Some connections are used all the time, others have been idle when their worker leaves. */
static void a_worker_is_replaced_after_its_requests_and_none_is_lost(void **state)
{
	struct scene scene;
	int fds[4] = { -1, -1, -1, -1 }, i, lost = 0;
	char *json;

	start(&scene, (const char *[6]) { "--processes=2", "--max-worker-requests=50",
			      "--shutdown-grace=50ms" });
	for (i = 0; i < 2000; i++) {
		lost += !ask_kept(&scene, &fds[i % 2]);
		if (i % 500 == 499)
			lost += !ask_kept(&scene, &fds[2]) + !ask_kept(&scene, &fds[3]);
		poll(NULL, 0, 1);
	}
	assert_int_equal(lost, 0);
	await_log(&scene, "--max-worker-requests is reached, making room for another");
	json = figures(&scene);
	assert_true(number(json, "recycles") >= 2);
	assert_int_equal(number(json, "restarts"), 0);
	assert_int_equal(number(json, "2xx"), 2008 + (long long) scene.asked - 1);
	free(json);
	assert_false(log_has(&scene, "restarting"));
	for (i = 0; i < 4; i++)
		close(fds[i]);
	stop(&scene, 0);
}

static void a_worker_is_replaced_when_it_has_too_much_memory(void **state)
{
	struct scene scene;

	start(&scene, (const char *[6]) { "--processes=2", "--max-worker-memory=256M" });
	assert_int_equal(get(&scene, "/eat"), 200);
	await_log(&scene, "--max-worker-memory is reached");
	free(await_figure(&scene, "recycles", 1));
	stop(&scene, 0);
}

static void limits_of_workers_have_no_meaning_without_a_master(void **state)
{
	struct scene scene;

	start(&scene, (const char *[6]) { "--max-worker-requests=5" });
	assert_true(
		log_has(&scene, "--max-worker-requests has no meaning with one process"));
	stop(&scene, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_those_of_all_workers_and_stay),
		cmocka_unit_test(one_process_has_figures_and_seconds),
		cmocka_unit_test(metrics_are_as_prometheus_reads_them),
		cmocka_unit_test(what_promtool_refuses_is_refused),
		cmocka_unit_test(a_browser_is_shown_a_page),
		cmocka_unit_test(vane_top_prints_the_figures),
		cmocka_unit_test(figures_are_for_those_who_may_see_them),
		cmocka_unit_test(figures_come_over_fastcgi),
		cmocka_unit_test(figures_come_over_scgi),
		cmocka_unit_test(health_checks_are_neither_logged_nor_counted),
		cmocka_unit_test(readiness_ends_when_a_drain_begins),
		cmocka_unit_test(a_slow_handler_is_named_while_it_runs),
		cmocka_unit_test(where_a_slow_handler_is_is_told),
		cmocka_unit_test(a_handler_that_is_stuck_is_ended),
		cmocka_unit_test(a_worker_is_replaced_after_its_requests_and_none_is_lost),
		cmocka_unit_test(a_worker_is_replaced_when_it_has_too_much_memory),
		cmocka_unit_test(limits_of_workers_have_no_meaning_without_a_master),
	};

	if (argc > 1)
		return serve(argc - 1, argv + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
