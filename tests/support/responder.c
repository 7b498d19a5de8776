/* SPDX-License-Identifier: MIT */
/*
 * responder.c - a FastCGI or SCGI responder in a process of its own, and fronts that ask it.
 */
#include "support/responder.h"

#include "test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vane.h>
#include <vane/fastcgi.h>
#include <vane/scgi.h>

#include "support/responder_app.h"
#include "support/scgi_peer.h"

const struct responder_speech responder_fastcgi = { "FastCGI", true };
const struct responder_speech responder_scgi = { "SCGI", false };

struct responder_shared *responder_shared;
char *responder_big;
size_t responder_big_len = RESPONDER_BIG_BYTES;
const char *const responder_big_paths[] = { "/borrowed", "/copied", "/file", "/source" };
pid_t responder_pid;

static const struct responder_speech *speech;
static char dir[64], address[96]; /* a path, or ":PORT" */

static struct fcgi_bytes ahead; /* was read already, */
static size_t ahead_at;         /* and so much of it collected */

static struct vane_fastcgi *fastcgi; /* the responder's process has one of them */
static struct vane_scgi *scgi;
struct vane_loop *responder_loop;

void responder_pause(int msec)
{
	nanosleep(&(struct timespec) { .tv_nsec = msec * 1000000L }, NULL);
}

void responder_wait_until_started(int count)
{
	int i;

	for (i = 0; i < RESPONDER_WAIT_MSEC && responder_shared->started < count; i++)
		responder_pause(1);
	assert_true(responder_shared->started >= count);
}

void responder_wait_for(const volatile int *what)
{
	int i;

	for (i = 0; i < RESPONDER_WAIT_MSEC && *what == 0; i++)
		responder_pause(1);
	assert_true(*what > 0);
}

int responder_set_up(void **state)
{
	size_t i;

	responder_shared = mmap(NULL, sizeof(*responder_shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	responder_big = malloc(RESPONDER_BIG_BYTES);
	if (responder_shared == MAP_FAILED || responder_big == NULL)
		return -1;
	for (i = 0; i < RESPONDER_BIG_BYTES; i++)
		responder_big[i] = (char) ('a' + (i / 4099 + i) % 26);
	return 0;
}

int responder_run(const struct responder_test *rows, size_t count)
{
	static const struct responder_speech *const speeches[] = { &responder_fastcgi,
		&responder_scgi };
	struct CMUnitTest *tests = calloc(2 * count, sizeof(*tests));
	size_t i;
	int rc;

	if (tests == NULL)
		return 1;
	for (i = 0; i < 2 * count; i++) {
		char *name = malloc(128);

		if (name == NULL)
			return 1;
		snprintf(name, 128, "%s: %s", speeches[i / count]->name,
			rows[i % count].name);
		tests[i] = (struct CMUnitTest) { .name = name,
			.test_func = rows[i % count].run,
			.initial_state = (void *) (uintptr_t) speeches[i / count] };
	}
	rc = _cmocka_run_group_tests("tests", tests, 2 * count, responder_set_up, NULL);
	for (i = 0; i < 2 * count; i++)
		free((void *) (uintptr_t) tests[i].name);
	free(tests);
	return rc;
}

/* ---- the responder's process ---- */

static void on_drained(void *data)
{
	responder_shared->drained++;
	vane_loop_stop(responder_loop);
}

int responder_drain(int msec)
{
	return fastcgi != NULL ? vane_fastcgi_drain(fastcgi, msec, on_drained, NULL)
			       : vane_scgi_drain(scgi, msec, on_drained, NULL);
}

static void on_term(void *data)
{
	if (responder_drain(2000) < 0)
		vane_loop_stop(responder_loop);
}

static int make_fastcgi(
	struct vane_app *app, const struct responder_opts *o, struct vane_sockets *socks)
{
	const struct vane_fastcgi_opts opts = { .request_msec = o->request_msec,
		.min_rate = o->min_rate,
		.write_msec = o->write_msec,
		.grace_msec = o->grace_msec,
		.max_params_bytes = o->max_head_bytes,
		.max_connections = o->max_connections };
	int rc = vane_fastcgi_new(&fastcgi, app, responder_loop, &opts);

	return rc == 0 ? vane_fastcgi_add_sockets(fastcgi, socks) : rc;
}

static int make_scgi(
	struct vane_app *app, const struct responder_opts *o, struct vane_sockets *socks)
{
	const struct vane_scgi_opts opts = { .request_msec = o->request_msec,
		.min_rate = o->min_rate,
		.write_msec = o->write_msec,
		.grace_msec = o->grace_msec,
		.max_head_bytes = o->max_head_bytes,
		.max_connections = o->max_connections };
	int rc = vane_scgi_new(&scgi, app, responder_loop, &opts);

	return rc == 0 ? vane_scgi_add_sockets(scgi, socks) : rc;
}

static int work(const struct responder_opts *opts, struct vane_sockets *socks)
{
	struct vane_app *app;

	if (vane_loop_new(&responder_loop) < 0 ||
		vane_app_new(&app, responder_routes, NULL) < 0 ||
		(speech->fastcgi ? make_fastcgi(app, opts, socks)
				 : make_scgi(app, opts, socks)) < 0 ||
		vane_loop_add_signal(responder_loop, SIGTERM, on_term, NULL) < 0)
		return 3;
	if (opts->begin != NULL)
		opts->begin();
	vane_loop_run(responder_loop);
	if (opts->end != NULL)
		return opts->end();
	vane_fastcgi_free(fastcgi);
	vane_scgi_free(scgi);
	vane_app_free(app);
	vane_loop_free(responder_loop);
	return 0;
}

static void start_at(int fd, const struct responder_opts *opts)
{
	static const struct responder_opts defaults;
	struct vane_sockets socks = { 0 };

	memset(responder_shared, 0, sizeof(*responder_shared));
	ahead.len = ahead_at = 0;
	assert_int_equal(vane_sockets_add(&socks, fd), 0);
	responder_pid = fork();
	assert_true(responder_pid >= 0);
	if (responder_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* no test leaves it behind */
		signal(SIGSEGV, SIG_DFL);         /* nor does it become a test itself */
		signal(SIGABRT, SIG_DFL);
		vane_log_set_level(VANE_LOG_NONE);
		exit(work(opts != NULL ? opts : &defaults, &socks));
	}
	vane_sockets_fini(&socks);
}

void responder_start(
	const struct responder_speech *spoken, const struct responder_opts *opts)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	speech = spoken;
	snprintf(dir, sizeof(dir), "%.40s/vane-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(dir));
	snprintf(address, sizeof(address), "%s/s", dir);
	assert_int_equal(vane_bind_unix_socket(address, 0, 0, &fd), 0);
	start_at(fd, opts);
}

/* Bound, with a send buffer of that size, 0: as it is. */
static int bind_tcp(int size)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	if (size > 0)
		assert_int_equal(
			setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *) &at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 128), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *) &at, &len), 0);
	dir[0] = '\0';
	snprintf(address, sizeof(address), ":%d", ntohs(at.sin_port));
	return fd;
}

void responder_start_tcp(
	const struct responder_speech *spoken, const struct responder_opts *opts)
{
	speech = spoken;
	start_at(bind_tcp(0), opts);
}

void responder_start_narrow(
	const struct responder_speech *spoken, const struct responder_opts *opts)
{
	speech = spoken;
	start_at(bind_tcp(8192), opts);
}

int responder_status(void)
{
	int status;

	assert_int_equal(waitpid(responder_pid, &status, 0), responder_pid);
	assert_true(WIFEXITED(status));
	if (dir[0] != '\0') {
		unlink(address);
		rmdir(dir);
	}
	return WEXITSTATUS(status);
}

void responder_expect_end(void)
{
	assert_int_equal(responder_status(), 0);
}

void responder_stop(void)
{
	assert_int_equal(kill(responder_pid, SIGTERM), 0);
	responder_expect_end();
}

long responder_memory(void)
{
	char path[64];
	long pages = 0, all;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int) responder_pid);
	file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%ld %ld", &all, &pages) != 2)
		pages = 0;
	if (file != NULL)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

/* The time that it has worked, in milliseconds. */
static long work_done(void)
{
	char path[64], line[512] = "";
	unsigned long user = 0, kernel = 0;
	FILE *file;
	char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int) responder_pid);
	file = fopen(path, "r");
	at = file != NULL && fgets(line, sizeof(line), file) != NULL ? strrchr(line, ')')
								     : NULL;
	if (at != NULL)
		sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			&user, &kernel);
	if (file != NULL)
		fclose(file);
	return (long) (user + kernel) * 1000 / sysconf(_SC_CLK_TCK);
}

void responder_expect_rest(void)
{
	long before = work_done();

	responder_pause(400);
	assert_true(work_done() - before < 200);
}

int responder_fds(void)
{
	char path[64];
	int count = 0;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int) responder_pid);
	fds = opendir(path);
	if (fds == NULL)
		return 0; /* no /proc: nothing to compare */
	while (readdir(fds) != NULL)
		count++;
	closedir(fds);
	return count;
}

void responder_expect_fds(int count)
{
	int i;

	for (i = 0; i < RESPONDER_WAIT_MSEC && responder_fds() != count; i++)
		responder_pause(1);
	assert_int_equal(responder_fds(), count);
}

/* ---- asking ---- */

int responder_connect(void)
{
	const struct timeval patience = { .tv_sec = RESPONDER_WAIT_MSEC / 1000 };
	int fd = scgi_connect(address);

	assert_true(fd >= 0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static void add_var(struct fcgi_bytes *vars, const char *name, const char *value)
{
	fcgi_bytes_add(vars, name, strlen(name) + 1);
	fcgi_bytes_add(vars, value, strlen(value) + 1);
}

static void scgi_head(
	struct fcgi_bytes *bytes, const char *method, const char *path, const char *length)
{
	struct fcgi_bytes vars = { 0 };
	char number[16];

	add_var(&vars, "CONTENT_LENGTH", length);
	add_var(&vars, "SCGI", "1");
	add_var(&vars, "REQUEST_METHOD", method);
	add_var(&vars, "REQUEST_URI", path);
	fcgi_bytes_add(
		bytes, number, (size_t) snprintf(number, sizeof(number), "%zu:", vars.len));
	fcgi_bytes_add(bytes, vars.data, vars.len);
	fcgi_bytes_add(bytes, ",", 1);
	fcgi_bytes_fini(&vars);
}

void responder_head(
	struct fcgi_bytes *bytes, const char *method, const char *path, size_t body_len)
{
	struct fcgi_bytes pairs = { 0 };
	char number[32];

	snprintf(number, sizeof(number), "%zu", body_len);
	if (!speech->fastcgi) {
		scgi_head(bytes, method, path, number);
		return;
	}
	fcgi_peer_pair(&pairs, "REQUEST_METHOD", method);
	fcgi_peer_pair(&pairs, "REQUEST_URI", path);
	fcgi_peer_pair(&pairs, "CONTENT_LENGTH", number);
	fcgi_peer_begin(bytes, 1, FCGI_PEER_RESPONDER, FCGI_PEER_KEEP);
	fcgi_peer_record(bytes, FCGI_PEER_PARAMS, 1, pairs.data, pairs.len, 0);
	fcgi_peer_record(bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
	fcgi_bytes_fini(&pairs);
}

void responder_body(struct fcgi_bytes *bytes, const char *data, size_t len)
{
	if (!speech->fastcgi) {
		fcgi_bytes_add(bytes, data, len);
		return;
	}
	while (len > 0) {
		size_t n = len < 65535 ? len : 65535;

		fcgi_peer_record(bytes, FCGI_PEER_STDIN, 1, data, n, 0);
		data += n;
		len -= n;
	}
}

void responder_body_end(struct fcgi_bytes *bytes)
{
	if (speech->fastcgi)
		fcgi_peer_record(bytes, FCGI_PEER_STDIN, 1, NULL, 0, 0);
}

void responder_request(
	struct fcgi_bytes *bytes, const char *method, const char *path, size_t body_len)
{
	responder_head(bytes, method, path, body_len);
	responder_body(bytes, responder_big, body_len);
	responder_body_end(bytes);
}

void responder_send(int fd, struct fcgi_bytes *bytes)
{
	size_t at = 0;

	while (at < bytes->len) {
		ssize_t n = send(fd, bytes->data + at, bytes->len - at, MSG_NOSIGNAL);

		assert_true(n > 0);
		at += (size_t) n;
	}
	fcgi_bytes_fini(bytes);
}

void responder_get(int fd, const char *path)
{
	struct fcgi_bytes bytes = { 0 };

	responder_request(&bytes, "GET", path, 0);
	responder_send(fd, &bytes);
}

void responder_wait_until_taken(int fd)
{
	int queued = 1, i;

	for (i = 0; i < RESPONDER_WAIT_MSEC && queued > 0; i++) {
		assert_int_equal(ioctl(fd, SIOCOUTQ, &queued), 0);
		responder_pause(1);
	}
	assert_int_equal(queued, 0);
}

void responder_wait_until_answered(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
}

int responder_ask_and_block(const char *path)
{
	int fd = responder_connect();

	responder_get(fd, path);
	responder_wait_until_answered(fd);
	responder_expect_alive();
	return fd;
}

int responder_ask_early_and_block(void)
{
	struct fcgi_bytes bytes = { 0 };
	int fd = responder_connect();

	responder_head(&bytes, "POST", "/early", RESPONDER_BIG_BYTES);
	responder_body(&bytes, responder_big, 60000);
	responder_send(fd, &bytes);
	responder_wait_until_answered(fd);
	responder_expect_alive();
	return fd;
}

/* ---- the answer ---- */

void responder_read_ahead(int fd, size_t most)
{
	char piece[65536];
	ssize_t n = recv(fd, piece, most < sizeof(piece) ? most : sizeof(piece), 0);

	assert_true(n > 0);
	fcgi_bytes_add(&ahead, piece, (size_t) n);
}

/* As recv(), but for its errors. */
static ssize_t receive(int fd, char *buf, size_t len, int flags)
{
	size_t here = ahead.len - ahead_at < len ? ahead.len - ahead_at : len;
	ssize_t n = 0;

	if (here > 0)
		memcpy(buf, ahead.data + ahead_at, here);
	ahead_at += here;
	if (ahead_at == ahead.len)
		ahead_at = ahead.len = 0;
	if (here == 0 || (here < len && (flags & MSG_WAITALL)))
		n = recv(fd, buf + here, len - here, flags);
	assert_true(n >= 0 || errno == ECONNRESET); /* and not for lack of patience */
	return n < 0 ? n : (ssize_t) here + n;
}

/* Read so many bytes: false if the connection ends before. */
static bool read_all(int fd, void *buf, size_t len)
{
	return len == 0 || receive(fd, buf, len, MSG_WAITALL) == (ssize_t) len;
}

/* Read one record, and not a byte of what comes behind it.  Returns its type, or 0 at the end. */
static unsigned read_record(int fd, struct fcgi_bytes *out)
{
	unsigned char head[8], content[65536 + 256];
	size_t len;

	if (!read_all(fd, head, sizeof(head)) || head[0] == 0)
		return 0;
	len = (size_t) head[4] << 8 | head[5];
	if (!read_all(fd, content, len + head[6]))
		return 0;
	assert_int_equal(head[0], 1);
	assert_int_equal(head[2] << 8 | head[3], 1);
	if (head[1] == FCGI_PEER_STDOUT) {
		fcgi_bytes_add(out, content, len);
	} else {
		assert_int_equal(head[1], FCGI_PEER_END);
		assert_int_equal(content[4], 0);
	}
	return head[1];
}

static bool read_records(int fd, struct fcgi_bytes *out)
{
	unsigned type;

	while ((type = read_record(fd, out)) == FCGI_PEER_STDOUT)
		;
	return type == FCGI_PEER_END;
}

static bool read_stream(int fd, struct fcgi_bytes *out)
{
	char piece[65536];
	ssize_t n;

	while ((n = receive(fd, piece, sizeof(piece), 0)) > 0)
		fcgi_bytes_add(out, piece, (size_t) n);
	return n == 0;
}

void responder_collect(int fd, struct responder_answer *answer)
{
	*answer = (struct responder_answer) { .body = "(no head)" };
	answer->whole = speech->fastcgi ? read_records(fd, &answer->out)
					: read_stream(fd, &answer->out);
	if (answer->out.len > 0 && strstr(answer->out.data, "\r\n\r\n") != NULL)
		answer->body = strstr(answer->out.data, "\r\n\r\n") + 4;
	if (answer->out.len > 0)
		answer->body_len =
			answer->out.len - (size_t) (answer->body - answer->out.data);
}

void responder_expect(int fd, const char *status, const char *body)
{
	struct responder_answer answer;
	char line[64];
	int len = snprintf(line, sizeof(line), "Status: %s", status);

	responder_collect(fd, &answer);
	assert_true(answer.whole);
	assert_true(answer.out.len > (size_t) len);
	assert_memory_equal(answer.out.data, line, (size_t) len);
	if (body != NULL)
		assert_string_equal(answer.body, body);
	fcgi_bytes_fini(&answer.out);
}

void responder_expect_big(int fd)
{
	struct responder_answer answer;

	responder_collect(fd, &answer);
	assert_true(answer.whole);
	assert_memory_equal(answer.out.data, "Status: 200 ", 12);
	assert_int_equal(answer.body_len, RESPONDER_BIG_BYTES);
	assert_memory_equal(answer.body, responder_big, RESPONDER_BIG_BYTES);
	fcgi_bytes_fini(&answer.out);
}

void responder_expect_cut(int fd)
{
	struct responder_answer answer;

	responder_collect(fd, &answer);
	assert_false(answer.whole);
	fcgi_bytes_fini(&answer.out);
	close(fd);
}

void responder_expect_next(int fd)
{
	char byte;

	if (speech->fastcgi) {
		responder_get(fd, "/hello");
		responder_expect(fd, "200", "hello");
	} else {
		assert_int_equal(recv(fd, &byte, 1, 0), 0);
	}
	close(fd);
}

void responder_expect_alive(void)
{
	int fd = responder_connect();

	responder_get(fd, "/hello");
	responder_expect(fd, "200", "hello");
	responder_expect_next(fd);
}
