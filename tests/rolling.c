/* SPDX-License-Identifier: MIT */
/*
 * rolling.c - rolling restarts under load: how many requests are lost.
 *
 * Each row has several programs that are restarted one after the other, again and again, by TERM
 * as supervisor does it, while clients ask without a pause, a third of them with POST.  Clients
 * send a request again only where RFC 9110 (9.2.2) lets them: not POST; and nginx is told to
 * send none again, but for those that could not be sent at all.  What it does send again is
 * counted as lost.  Prints requests and failures of each row; none may fail.
 *
 * ROLLING_CLIENTS and ROLLING_RESTARTS make it longer: scripts/rolling-restarts.
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "carrier.h"
#include "support/port.h"

enum {
	PROGRAMS = 4,
	CLIENTS_MAX = 256,
	BODY_BYTES = 300,
	WAIT_MSEC = 30000,
	SHARED_FD = 9 /* of the test, and then descriptor 0 of the programs */
};

/* What is between the clients and the programs. */
enum front_kind_of_row { DIRECT, PROXY, FASTCGI, FASTCGI_KEPT, SCGI };

struct row {
	const char *name, *mode;
	enum front_kind_of_row front;
	bool ports; /* each program has its own; else all share a socket on descriptor 0 */
	bool tcp;   /* that is one of TCP */
};

static const struct row rows[] = {
	{ "native, 4 ports behind nginx", "http", PROXY, true, true },
	{ "native, one shared fd 0", "http", DIRECT, false, true },
	{ "native, one shared fd 0 behind nginx", "http", PROXY, false, true },
	{ "FastCGI behind nginx", "fastcgi", FASTCGI, false, false },
	{ "FastCGI behind nginx, kept, unix", "fastcgi", FASTCGI_KEPT, false, false },
	{ "FastCGI behind nginx, kept, TCP", "fastcgi", FASTCGI_KEPT, false, true },
	{ "SCGI behind nginx", "scgi", SCGI, false, false },
};

struct site {
	const struct row *row;
	struct tmp tmp;
	struct proc programs[PROGRAMS], nginx;
	int ports[PROGRAMS + 1]; /* of the programs, and of nginx */
	char address[128];       /* of the shared socket, as nginx has it */
	int starts;
};

struct load {
	int port;
	atomic_bool stop;
	atomic_long requests, failed, posts;
};

static long number_of(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtol(value, NULL, 10) : otherwise;
}

/* What nginx is called here, NULL: nothing. */
static const char *nginx(void)
{
	static const char *const names[] = { "nginx", "/usr/sbin/nginx",
		"/usr/local/sbin/nginx" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (proc_available(names[i]))
			return names[i];
	return NULL;
}

/* ---- clients ---- */

struct client {
	struct load *load;
	pthread_t thread;
	int fd;    /* -1: none */
	bool used; /* an answer has come on it */
	bool post, keep;
	unsigned number;
	char in[8192];
};

static int open_connection(struct client *client)
{
	const struct timeval patience = { .tv_sec = WAIT_MSEC / 1000 };

	client->used = false;
	client->fd = port_connect(client->load->port, NULL);
	if (client->fd < 0)
		return client->fd;
	setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return 0;
}

static void close_connection(struct client *client)
{
	close(client->fd);
	client->fd = -1;
}

static size_t write_request(struct client *client, char *out, size_t size)
{
	const char *more = client->keep ? "" : "Connection: close\r\n";
	int len;

	if (!client->post)
		return (size_t) snprintf(out, size,
			"GET /?%u HTTP/1.1\r\nHost: vane.test\r\n%s\r\n", client->number,
			more);
	len = snprintf(out, size,
		"POST /echo HTTP/1.1\r\nHost: vane.test\r\nContent-Length: %d\r\n%s\r\n",
		BODY_BYTES, more);
	memset(out + len, 'a' + (int) (client->number % 26), BODY_BYTES);
	return (size_t) len + BODY_BYTES;
}

/* How long the answer is of which so much has come; 0: longer, but nobody knows. */
static size_t answer_length(const char *in, size_t len)
{
	const char *end = strstr(in, "\r\n\r\n"), *at;

	if (end == NULL)
		return 0;
	at = strstr(in, "Content-Length: ");
	if (at != NULL && at < end)
		return (size_t) (end + 4 - in) + strtoul(at + 16, NULL, 10);
	at = strstr(end, "\r\n0\r\n\r\n");
	return at != NULL ? (size_t) (at + 7 - in) : 0;
}

/* A receive with a time limit also ends where the machine was paused: signal(7). */
static ssize_t receive(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, buf, size, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Read an answer: 0, -ECONNRESET if nothing of it came, -EPROTO if it is not what it should be. */
static int read_answer(struct client *client)
{
	char wanted[BODY_BYTES / 2 + 1];
	size_t len = 0, whole = 0;
	ssize_t n;

	while (whole == 0 || len < whole) {
		n = receive(client->fd, client->in + len, sizeof(client->in) - len - 1);
		if (n <= 0)
			return len == 0 && (n == 0 || errno == ECONNRESET) ? -ECONNRESET
									   : -EPROTO;
		len += (size_t) n;
		client->in[len] = '\0';
		whole = answer_length(client->in, len);
	}
	memset(wanted, 'a' + (int) (client->number % 26), sizeof(wanted) - 1);
	wanted[sizeof(wanted) - 1] = '\0';
	if (strncmp(client->in, "HTTP/1.1 200 ", 13) != 0 ||
		(client->post && strstr(client->in, wanted) == NULL))
		return -EPROTO;
	return 0;
}

static bool told_to_close(const struct client *client)
{
	return !client->keep || strstr(client->in, "\r\nConnection: close\r\n") != NULL;
}

/* Ask once: 0 or a negative errno; the connection is closed then, or if it was the last. */
static int ask_once(struct client *client)
{
	char out[2048];
	size_t len = write_request(client, out, sizeof(out));
	int rc = client->fd < 0 ? open_connection(client) : 0;

	client->in[0] = '\0';
	if (rc < 0)
		return rc;
	if (send(client->fd, out, len, MSG_NOSIGNAL) != (ssize_t) len)
		rc = -ECONNRESET;
	if (rc == 0)
		rc = read_answer(client);
	if (rc == 0)
		client->used = true;
	if (rc < 0 || told_to_close(client))
		close_connection(client);
	return rc;
}

static void *client_main(void *data)
{
	struct client *client = data;
	struct load *load = client->load;

	while (!load->stop) {
		bool used = client->fd >= 0 && client->used;
		int rc = ask_once(client);

		if (rc == -ECONNRESET && used && !client->post)
			rc = ask_once(client); /* as RFC 9110 has it */
		client->number++;
		load->requests++;
		load->posts += client->post;
		if (rc == 0)
			continue;
		load->failed++;
		fprintf(stderr, "%s %s: %s: %.60s\n", client->post ? "POST" : "GET",
			used ? "again" : "first", strerror(-rc), client->in);
	}
	if (client->fd >= 0)
		close_connection(client);
	return NULL;
}

static void clients_start(struct client *clients, size_t count, struct load *load)
{
	size_t i;

	for (i = 0; i < count; i++) {
		clients[i] = (struct client) { .load = load,
			.fd = -1,
			.post = i % 3 == 0,
			.keep = i % 4 != 0,
			.number = (unsigned) i };
		assert_int_equal(
			pthread_create(&clients[i].thread, NULL, client_main, &clients[i]),
			0);
	}
}

static void clients_stop(struct client *clients, size_t count, struct load *load)
{
	size_t i;

	load->stop = true;
	for (i = 0; i < count; i++)
		pthread_join(clients[i].thread, NULL);
}

/* ---- what they ask ---- */

/* The socket that all share, as a process manager holds it. */
static void open_shared(struct site *site)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (site->row->tcp) {
		fd = port_listen(&site->ports[0]);
		snprintf(site->address, sizeof(site->address), "127.0.0.1:%d",
			site->ports[0]);
	} else {
		tmp_path(&site->tmp, addr.sun_path, "app.sock");
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
		chmod(addr.sun_path, 0777);
		snprintf(site->address, sizeof(site->address), "unix:%s", addr.sun_path);
	}
	assert_true(fd >= 0);
	assert_int_equal(listen(fd, 1024), 0);
	assert_int_equal(dup2(fd, SHARED_FD), SHARED_FD);
	close(fd);
}

static void start_program(struct site *site, size_t i)
{
	char name[32], log[TMP_PATH_MAX], mode[32], listen[64], script[64];
	char *const argv[] = { (char *) "/bin/sh", (char *) "-c", script,
		(char *) carrier_program(), mode, listen, (char *) "--shutdown-timeout=20s",
		NULL };
	struct proc_start start = {
		.argv = argv, .log = log, .keep_fd = site->row->ports ? 0 : SHARED_FD
	};

	snprintf(name, sizeof(name), "program%d.log", site->starts++);
	tmp_path(&site->tmp, log, name);
	snprintf(mode, sizeof(mode), "--mode=%s", site->row->mode);
	if (site->row->ports) {
		snprintf(listen, sizeof(listen), "--listen=127.0.0.1:%d", site->ports[i]);
		snprintf(script, sizeof(script), "exec \"$0\" \"$@\"");
	} else {
		snprintf(listen, sizeof(listen), "--listen=fd:0");
		snprintf(script, sizeof(script), "exec \"$0\" \"$@\" <&%d", SHARED_FD);
	}
	assert_int_equal(proc_start(&site->programs[i], &start), 0);
	if (proc_wait_log(&site->programs[i], ", vane ", WAIT_MSEC) < 0) {
		proc_print_log(&site->programs[i]);
		fail_msg("a program did not start");
	}
}

#define PARAMS(kind)                                                                       \
	kind "_param REQUEST_METHOD $request_method;\n" kind                               \
	     "_param REQUEST_URI $request_uri;\n" kind                                     \
	     "_param QUERY_STRING $query_string;\n" kind                                   \
	     "_param CONTENT_LENGTH $content_length;\n" kind                               \
	     "_param SERVER_SOFTWARE nginx/$nginx_version;\n" kind                         \
	     "_param SERVER_PROTOCOL $server_protocol;\n"

/* Nothing is sent again but to the next port, where one could not be reached. */
static const char *const locations[] = {
	[PROXY] = "proxy_pass http://app; proxy_http_version 1.1;\n"
		  "proxy_set_header Host $http_host; proxy_set_header Connection \"\";\n"
		  "proxy_next_upstream @NEXT@;",
	[FASTCGI] = PARAMS("fastcgi") "fastcgi_pass app; fastcgi_next_upstream off;",
	[FASTCGI_KEPT] = PARAMS("fastcgi") "fastcgi_pass app; fastcgi_next_upstream off;\n"
					   "fastcgi_keep_conn on;",
	[SCGI] = PARAMS("scgi") "scgi_param SCGI 1; scgi_pass app; scgi_next_upstream off;",
};

static const char config[] =
	"daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log warn;\n"
	"events { worker_connections 2048; }\n"
	"http {\naccess_log off;\nkeepalive_requests 1000000;\n"
	"client_body_temp_path body;\nfastcgi_temp_path fastcgi;\n"
	"proxy_temp_path proxy;\nscgi_temp_path scgi;\nuwsgi_temp_path uwsgi;\n"
	"upstream app {\n@SERVERS@\n@KEEP@\n}\n"
	"server { listen 127.0.0.1:@PORT@ backlog=1024; location / { @LOCATION@ } }\n}\n";

static void start_nginx(struct site *site)
{
	char servers[512] = "", port[16], location[2048], *next, log[TMP_PATH_MAX];
	const struct tmp_word words[] = { { "SERVERS", servers },
		{ "KEEP", site->row->front == FASTCGI || site->row->front == SCGI
				  ? ""
				  : "keepalive 64;" },
		{ "PORT", port }, { "LOCATION", location }, { NULL, NULL } };
	char *const argv[] = { (char *) nginx(), (char *) "-p", (char *) site->tmp.path,
		(char *) "-e", (char *) "error.log", (char *) "-c", (char *) "nginx.conf",
		NULL };
	const struct proc_start start = { .argv = argv, .log = log };
	size_t i;

	for (i = 0; i < PROGRAMS && site->row->ports; i++)
		snprintf(servers + strlen(servers), sizeof(servers) - strlen(servers),
			"server 127.0.0.1:%d max_fails=0;\n", site->ports[i]);
	if (!site->row->ports)
		snprintf(servers, sizeof(servers), "server %s max_fails=0;", site->address);
	snprintf(location, sizeof(location), "%s", locations[site->row->front]);
	next = strstr(location, "@NEXT@");
	if (next != NULL)
		snprintf(next, 16, "%s;", site->row->ports ? "error" : "off");
	snprintf(port, sizeof(port), "%d", site->ports[PROGRAMS]);
	tmp_path(&site->tmp, log, "nginx.log");
	assert_int_equal(tmp_write(&site->tmp, "nginx.conf", config, words), 0);
	assert_int_equal(proc_start(&site->nginx, &start), 0);
	if (proc_wait_port(&site->nginx, site->ports[PROGRAMS], WAIT_MSEC) < 0) {
		proc_print_log(&site->nginx);
		fail_msg("nginx did not start");
	}
}

/* Requests that nginx has lost, or sent again after it had sent them. */
static long count_complaints(const struct site *site)
{
	char path[TMP_PATH_MAX], line[4096];
	FILE *file = fopen(tmp_path(&site->tmp, path, "error.log"), "re");
	long count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strstr(line, "upstream") != NULL &&
			!(site->row->ports && strstr(line, "Connection refused") != NULL)) {
			fputs(line, stderr);
			count++;
		}
	fclose(file);
	return count;
}

static void site_start(struct site *site, const struct row *row)
{
	size_t i;

	*site = (struct site) { .row = row };
	assert_int_equal(tmp_make(&site->tmp), 0);
	assert_int_equal(port_pick(site->ports, PROGRAMS + 1), 0);
	if (!row->ports)
		open_shared(site);
	for (i = 0; i < PROGRAMS; i++)
		start_program(site, i);
	if (row->front != DIRECT)
		start_nginx(site);
}

static void site_stop(struct site *site)
{
	size_t i;

	assert_int_equal(proc_stop(&site->nginx), 0);
	for (i = 0; i < PROGRAMS; i++)
		assert_int_equal(proc_stop(&site->programs[i]), 0);
	if (!site->row->ports)
		close(SHARED_FD);
	tmp_remove(&site->tmp);
}

/* Restart all, one after the other. */
static void restart(struct site *site)
{
	size_t i;

	for (i = 0; i < PROGRAMS; i++) {
		assert_int_equal(proc_stop(&site->programs[i]), 0);
		if (site->programs[i].status != 0) {
			proc_print_log(&site->programs[i]);
			fail_msg("a program left with status %x", site->programs[i].status);
		}
		start_program(site, i);
	}
}

/* Wait until the clients have asked some more. */
static void await_requests(struct load *load, long count)
{
	long wanted = load->requests + count, deadline = proc_now() + WAIT_MSEC;

	while (load->requests < wanted) {
		assert_true(proc_now() < deadline);
		poll(NULL, 0, 2);
	}
}

static void run_row(const struct row *row)
{
	static struct client clients[CLIENTS_MAX];
	size_t count = (size_t) number_of("ROLLING_CLIENTS", 20);
	long restarts = number_of("ROLLING_RESTARTS", 2), complaints, i;
	struct load load = { 0 };
	struct site site;

	assert_in_range(count, 1, CLIENTS_MAX);
	site_start(&site, row);
	load.port = row->front == DIRECT ? site.ports[0] : site.ports[PROGRAMS];
	clients_start(clients, count, &load);
	for (i = 0; i < restarts; i++) {
		await_requests(&load, (long) count);
		restart(&site);
	}
	await_requests(&load, (long) count);
	clients_stop(clients, count, &load);
	complaints = row->front == DIRECT ? 0 : count_complaints(&site);
	printf("%-40s %ld requests (%ld POST), %ld restarts of each of %d: %ld failed\n",
		row->name, (long) load.requests, (long) load.posts, restarts, PROGRAMS,
		load.failed > complaints ? (long) load.failed : complaints);
	fflush(stdout);
	site_stop(&site);
	assert_int_equal(load.failed, 0);
	assert_int_equal(complaints, 0);
}

static void no_request_is_lost_in_rolling_restarts(void **state)
{
	const char *only = getenv("ROLLING_ONLY");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (only == NULL || strstr(rows[i].name, only) != NULL)
			run_row(&rows[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_request_is_lost_in_rolling_restarts),
	};

	if (nginx() == NULL) {
		fprintf(stderr, "nginx is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
