/* SPDX-License-Identifier: MIT */
/*
 * test_scgi_slow.c - adapters/scgi*.c: fronts that do not read, or send slowly, while others ask
 * the same process
 *
 * The responder is a process of its own, the fronts are scripted here.
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vane.h>
#include <vane/scgi.h>

#include "support/scgi_peer.h"

#define LENGTH(a)  (sizeof(a) / sizeof((a)[0]))

#define WAIT_MSEC  20000
#define SHORT_MSEC 300

/* Larger than what any socket takes. */
#define BIG_BYTES (10 * 1024 * 1024)

/* Not much more than what is kept. */
#define SOME_BYTES (300 * 1024)

/* What handlers and tests tell each other. */
struct shared {
	volatile int finished, error, started;
};

static struct shared *shared;
static char *big_bytes;

static struct {
	char dir[64], address[96];
	pid_t pid;
} server;

static struct vane_scgi *scgi; /* the responder's process */
static struct vane_loop *loop;

static void pause_msec(int msec)
{
	nanosleep(&(struct timespec) { .tv_nsec = msec * 1000000L }, NULL);
}

/* Wait until a handler has said something. */
static void wait_for(const volatile int *what)
{
	int i;

	for (i = 0; i < WAIT_MSEC && *what == 0; i++)
		pause_msec(1);
	assert_true(*what > 0);
}

static void wait_until_started(int count)
{
	int i;

	for (i = 0; i < WAIT_MSEC && shared->started < count; i++)
		pause_msec(1);
	assert_true(shared->started >= count);
}

/* ---- the application ---- */

static void note_finished(struct vane_request *req)
{
	shared->finished++;
}

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello");
}

static int big_borrowed(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write_ref(res, big_bytes, BIG_BYTES);
}

static int some(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write_ref(res, big_bytes, SOME_BYTES);
}

static int big_copied(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write(res, big_bytes, BIG_BYTES);
}

static int big_file(struct vane_request *req, struct vane_response *res)
{
	int fd = vane_request_temp_file(req);
	size_t done = 0;

	while (fd >= 0 && done < BIG_BYTES) {
		ssize_t n = write(fd, big_bytes + done, BIG_BYTES - done);

		if (n < 0)
			return 500;
		done += (size_t) n;
	}
	return vane_response_write_file(res, fd, 0, BIG_BYTES);
}

static ssize_t pull_big(void *data, char *buf, size_t size)
{
	size_t *at = data, n = BIG_BYTES - *at < size ? BIG_BYTES - *at : size;

	memcpy(buf, big_bytes + *at, n);
	*at += n;
	return (ssize_t) n;
}

static void forget_source(void *data)
{
	free(data);
}

static int big_source(struct vane_request *req, struct vane_response *res)
{
	const struct vane_source source = { .pull = pull_big,
		.done = forget_source,
		.data = calloc(1, sizeof(size_t)),
		.length = BIG_BYTES };

	return vane_response_write_source(res, &source);
}

/* Writes for ever, and looks only at what the flush says. */
static int flood(struct vane_request *req, struct vane_response *res)
{
	int rc = 0;

	while (rc == 0) {
		vane_response_write(res, big_bytes, 16384);
		rc = vane_response_flush(res);
		shared->started++;
	}
	shared->error = rc;
	return 0;
}

static int take_stream(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

/* Answers before it has read its body, which it never does. */
static int answer_early(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write_ref(res, big_bytes, BIG_BYTES);
}

/* What comes goes back at once. */
static int echo(struct vane_request *req, struct vane_response *res)
{
	char buf[30000];
	ssize_t n;

	while ((n = vane_request_read(req, buf, sizeof(buf))) > 0) {
		shared->started += (int) n;
		vane_response_write(res, buf, (size_t) n);
		if (vane_response_flush(res) < 0)
			break;
	}
	shared->error = (int) n;
	return 0;
}

static int count_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	shared->started += (int) len;
	return 0;
}

static int count(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%d", shared->started);
}

static int length(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "%zu", vane_request_body(req).len);
}

static void on_drained(void *data)
{
	vane_loop_stop(loop);
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler borrowed_handler = { .get = big_borrowed,
	.finished = note_finished };
static const struct vane_handler some_handler = { .get = some, .finished = note_finished };
static const struct vane_handler copied_handler = { .get = big_copied,
	.finished = note_finished };
static const struct vane_handler file_handler = { .get = big_file,
	.finished = note_finished };
static const struct vane_handler source_handler = { .get = big_source,
	.finished = note_finished };
static const struct vane_handler flood_handler = { .get = flood,
	.finished = note_finished };
static const struct vane_handler early_handler = { .prepare = take_stream,
	.post = answer_early,
	.finished = note_finished,
	.max_body = -1 };
static const struct vane_handler echo_handler = {
	.prepare = take_stream, .post = echo, .finished = note_finished, .max_body = -1
};
static const struct vane_handler count_handler = {
	.data = count_piece, .post = count, .finished = note_finished, .max_body = -1
};
static const struct vane_handler length_handler = {
	.post = length, .finished = note_finished, .max_body = -1
};

static const struct vane_route routes[] = { { "/hello", &hello_handler },
	{ "/borrowed", &borrowed_handler }, { "/some", &some_handler },
	{ "/copied", &copied_handler }, { "/file", &file_handler },
	{ "/source", &source_handler }, { "/flood", &flood_handler },
	{ "/early", &early_handler }, { "/echo", &echo_handler },
	{ "/count", &count_handler }, { "/length", &length_handler }, { 0 } };

static const char *const big_paths[] = { "/borrowed", "/copied", "/file", "/source" };

/* ---- the responder's process ---- */

static void on_term(void *data)
{
	if (vane_scgi_drain(scgi, 2000, on_drained, NULL) < 0)
		vane_loop_stop(loop);
}

static int work(const struct vane_scgi_opts *opts, struct vane_sockets *socks)
{
	struct vane_app *app;

	if (vane_loop_new(&loop) < 0 || vane_app_new(&app, routes, NULL) < 0 ||
		vane_scgi_new(&scgi, app, loop, opts) < 0 ||
		vane_scgi_add_sockets(scgi, socks) < 0 ||
		vane_loop_add_signal(loop, SIGTERM, on_term, NULL) < 0)
		return 3;
	vane_loop_run(loop);
	vane_scgi_free(scgi);
	vane_app_free(app);
	vane_loop_free(loop);
	return 0;
}

/* A socket below a new directory, by which the fronts find it. */
static int bind_unix(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(server.dir, sizeof(server.dir), "%.40s/vane-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(server.dir));
	snprintf(server.address, sizeof(server.address), "%s/s", server.dir);
	assert_int_equal(vane_bind_unix_socket(server.address, 0, 0, &fd), 0);
	return fd;
}

/* One at 127.0.0.1 whose connections hold little. */
static int bind_narrow(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	const int size = 8192;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *) &at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *) &at, &len), 0);
	server.dir[0] = '\0';
	snprintf(server.address, sizeof(server.address), ":%d", ntohs(at.sin_port));
	return fd;
}

static void start_at(int fd, const struct vane_scgi_opts *opts)
{
	struct vane_sockets socks = { 0 };

	memset(shared, 0, sizeof(*shared));
	assert_int_equal(vane_sockets_add(&socks, fd), 0);
	server.pid = fork();
	assert_true(server.pid >= 0);
	if (server.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* no test leaves it behind */
		signal(SIGSEGV, SIG_DFL);         /* nor does it become a test itself */
		signal(SIGABRT, SIG_DFL);
		vane_log_set_level(VANE_LOG_NONE);
		exit(work(opts, &socks));
	}
	vane_sockets_fini(&socks);
}

static void start_with(const struct vane_scgi_opts *opts)
{
	start_at(bind_unix(), opts);
}

/* It must be alive still, and leave properly. */
static void expect_end(void)
{
	int status;

	assert_int_equal(waitpid(server.pid, &status, 0), server.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	if (server.dir[0] == '\0')
		return;
	unlink(server.address);
	rmdir(server.dir);
}

static void stop_now(void)
{
	assert_int_equal(kill(server.pid, SIGTERM), 0);
	expect_end();
}

static int start(void **state)
{
	start_with(NULL);
	return 0;
}

static int stop(void **state)
{
	stop_now();
	return 0;
}

/* What it has of memory, in bytes; 0 where nobody says. */
static long memory_of_server(void)
{
	char path[64];
	long pages = 0, all;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int) server.pid);
	file = fopen(path, "r");
	if (file == NULL || fscanf(file, "%ld %ld", &all, &pages) != 2)
		pages = 0;
	if (file != NULL)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

/* The time that it has worked, in milliseconds. */
static long work_of_server(void)
{
	char path[64], line[512] = "";
	unsigned long user = 0, kernel = 0;
	FILE *file;
	char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int) server.pid);
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

/* Whoever waits for its peer costs nothing. */
static void expect_rest(void)
{
	long before = work_of_server();

	pause_msec(400);
	assert_true(work_of_server() - before < 200);
}

/* ---- asking ---- */

static int connect_to_server(void)
{
	const struct timeval patience = { .tv_sec = WAIT_MSEC / 1000 };
	int fd = scgi_connect(server.address);

	assert_true(fd >= 0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static void send_bytes(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		assert_true(n > 0);
		bytes += n;
		len -= (size_t) n;
	}
}

static void send_get(int fd, const char *path)
{
	size_t len;
	char *bytes = scgi_simple("GET", path, NULL, 0, &len);

	send_bytes(fd, bytes, len);
	free(bytes);
}

/* Ask, and read nothing. */
static int send_request(const char *path)
{
	int fd = connect_to_server();

	send_get(fd, path);
	return fd;
}

/* What an answer consists of. */
struct answer {
	char *data; /* followed by a NUL */
	const char *body;
	size_t len, body_len;
	bool reset; /* it is not whole */
};

/* Read to its end, and close. */
static void collect(int fd, struct answer *answer)
{
	size_t size = BIG_BYTES + 65536;
	ssize_t n;

	*answer = (struct answer) { .data = malloc(size) };
	assert_non_null(answer->data);
	while ((n = recv(fd, answer->data + answer->len, size - 1 - answer->len, 0)) > 0)
		answer->len += (size_t) n;
	assert_true(n == 0 || errno == ECONNRESET); /* and not for lack of patience */
	answer->reset = n < 0;
	answer->data[answer->len] = '\0';
	answer->body = strstr(answer->data, "\r\n\r\n");
	answer->body = answer->body != NULL ? answer->body + 4 : "(no head)";
	answer->body_len = answer->len - (size_t) (answer->body - answer->data);
	close(fd);
}

static void expect_body(int fd, const char *body)
{
	struct answer answer;

	collect(fd, &answer);
	assert_false(answer.reset);
	assert_string_equal(answer.body, body);
	free(answer.data);
}

static void expect_big(int fd)
{
	struct answer answer;

	collect(fd, &answer);
	assert_false(answer.reset);
	assert_memory_equal(answer.data, "Status: 200 ", 12);
	assert_int_equal(answer.body_len, BIG_BYTES);
	assert_memory_equal(answer.body, big_bytes, BIG_BYTES);
	free(answer.data);
}

static void expect_cut(int fd)
{
	struct answer answer;

	collect(fd, &answer);
	assert_true(answer.reset);
	assert_true(answer.len < BIG_BYTES);
	free(answer.data);
}

/* Another connection is answered meanwhile. */
static void expect_alive(void)
{
	expect_body(send_request("/hello"), "hello");
}

/* Something of the answer is here, so that the rest waits for us. */
static void wait_until_answered(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
}

/* Ask for that, and read nothing of the answer but that it comes. */
static int ask_and_block(const char *path)
{
	int fd = send_request(path);

	wait_until_answered(fd);
	expect_alive();
	return fd;
}

/* The answer waits, and so does the end of the body. */
static int ask_early_and_block(size_t body_len)
{
	int fd = connect_to_server();
	size_t len;
	char *bytes = scgi_simple("POST", "/early", big_bytes, body_len, &len);

	send_bytes(fd, bytes, len - body_len + 40000);
	free(bytes);
	wait_until_answered(fd);
	expect_alive();
	return fd;
}

static int set_up(void **state)
{
	size_t i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	big_bytes = malloc(BIG_BYTES);
	if (shared == MAP_FAILED || big_bytes == NULL)
		return -1;
	for (i = 0; i < BIG_BYTES; i++)
		big_bytes[i] = (char) ('a' + (i / 4099 + i) % 26);
	return 0;
}

/* ---- who does not read ---- */

static void a_front_that_reads_nothing_of_a_large_answer_delays_nobody(void **state)
{
	int fds[LENGTH(big_paths)];
	size_t i;

	for (i = 0; i < LENGTH(fds); i++)
		fds[i] = ask_and_block(big_paths[i]);
	expect_rest();
	for (i = 0; i < LENGTH(fds); i++)
		expect_big(fds[i]);
	assert_int_equal(shared->finished, (int) LENGTH(fds));
}

static void a_front_that_goes_while_the_answer_waits_is_forgotten(void **state)
{
	size_t i;

	for (i = 0; i < LENGTH(big_paths); i++) {
		int fd = ask_and_block(big_paths[i]);

		shared->finished = 0;
		close(fd);
		wait_for(&shared->finished);
	}
	expect_rest();
}

/* It has said all that it has to say, and reads on. */
static void a_front_that_half_closes_gets_all_of_its_answer(void **state)
{
	size_t i;

	for (i = 0; i < LENGTH(big_paths) + 1; i++) {
		int fd = i < LENGTH(big_paths) ? ask_and_block(big_paths[i])
					       : ask_early_and_block(100000);

		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		expect_alive();
		expect_rest();
		expect_big(fd);
	}
}

static void a_front_that_reads_nothing_is_dropped_in_time(void **state)
{
	const struct vane_scgi_opts opts = { .write_msec = SHORT_MSEC };
	size_t i;

	start_with(&opts);
	for (i = 0; i < LENGTH(big_paths); i++) {
		int fd;

		shared->finished = 0;
		fd = ask_and_block(big_paths[i]);
		wait_for(&shared->finished);
		expect_cut(fd);
	}
	expect_alive();
	stop_now();
}

/* It takes longer than the limit to read what is kept, but there is progress all the time. */
static void a_front_that_reads_slowly_gets_all_of_its_answer(void **state)
{
	const struct vane_scgi_opts opts = { .write_msec = 5 * SHORT_MSEC };
	struct answer answer;
	const int size = 8192;
	char piece[8192];
	size_t got = 0;
	int fd, i;

	start_at(bind_narrow(), &opts);
	fd = connect_to_server();
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	send_get(fd, "/some");
	for (i = 0; i < 7 * SHORT_MSEC / 100; i++) {
		ssize_t n = recv(fd, piece, sizeof(piece), 0);

		assert_true(n > 0);
		got += (size_t) n;
		pause_msec(100);
	}
	collect(fd, &answer);
	assert_false(answer.reset);
	assert_true(got + answer.len > SOME_BYTES);
	free(answer.data);
	stop_now();
}

static void what_waits_for_many_fronts_is_bounded(void **state)
{
	/* what is copied into memory is the handler's choice */
	static const char *const ways[] = { "/borrowed", "/file", "/source" };
	int fds[100];
	long before;
	size_t i;

	expect_alive();
	before = memory_of_server();
	for (i = 0; i < LENGTH(fds); i++)
		fds[i] = ask_and_block(ways[i % LENGTH(ways)]);
	assert_true(memory_of_server() - before < (long) LENGTH(fds) * 768 * 1024);
	for (i = 0; i < LENGTH(fds); i++)
		close(fds[i]);
	expect_alive();
}

static void a_handler_that_writes_for_ever_waits_and_takes_no_more_memory(void **state)
{
	const struct vane_scgi_opts opts = { .write_msec = SHORT_MSEC };
	long before;
	int fd;

	start_with(&opts);
	expect_alive();
	before = memory_of_server();
	fd = send_request("/flood");
	wait_for(&shared->finished);
	assert_true(shared->error < 0);
	assert_true(shared->started < 1024); /* 16 MiB */
	assert_true(memory_of_server() - before < 16L * 1024 * 1024);
	expect_cut(fd);
	expect_alive();
	stop_now();
}

/* ---- who sends slowly, or for long ---- */

static void a_large_body_that_comes_slowly_delays_nobody(void **state)
{
	static const char *const paths[] = { "/length", "/count" };
	size_t way, at, n, len;

	for (way = 0; way < LENGTH(paths); way++) {
		int fd = connect_to_server();
		char *bytes = scgi_simple("POST", paths[way], big_bytes, 500000, &len);

		for (at = 0; at < len; at += n) {
			n = len - at < 25013 ? len - at : 25013;
			send_bytes(fd, bytes + at, n);
			expect_alive();
		}
		expect_body(fd, "500000");
		free(bytes);
	}
	expect_rest();
}

/* Its exchange runs, and is told; nobody else is delayed. */
static void a_large_body_that_stops_coming_is_refused_in_time(void **state)
{
	const struct vane_scgi_opts opts = { .request_msec = SHORT_MSEC };
	struct answer answer;
	size_t len;
	char *bytes = scgi_simple("POST", "/length", big_bytes, 500000, &len);
	int fd;

	start_with(&opts);
	fd = connect_to_server();
	send_bytes(fd, bytes, 300000);
	expect_alive();
	collect(fd, &answer);
	assert_memory_equal(answer.data, "Status: 400 ", 12);
	free(answer.data);
	free(bytes);
	wait_for(&shared->finished);
	stop_now();
}

static void a_large_body_that_trickles_is_refused(void **state)
{
	const struct vane_scgi_opts opts = { .request_msec = SHORT_MSEC,
		.min_rate = 1000000 };
	struct answer answer;
	size_t at, len;
	char *bytes = scgi_simple("POST", "/length", big_bytes, 500000, &len);
	int fd;

	start_with(&opts);
	fd = connect_to_server();
	send_bytes(fd, bytes, 100000);
	for (at = 100000; at < len - 1; at++) {
		if (send(fd, bytes + at, 1, MSG_NOSIGNAL) < 0 || shared->finished > 0)
			break;
		pause_msec(1);
	}
	assert_true(at < len - 1);
	collect(fd, &answer);
	assert_memory_equal(answer.data, "Status: 400 ", 12);
	free(answer.data);
	free(bytes);
	stop_now();
}

/* The handler reads it all while the answer waits, and neither side reads first. */
static void a_handler_may_answer_while_it_reads(void **state)
{
	struct scgi_answer answer;
	size_t len;
	char *bytes = scgi_simple("POST", "/echo", big_bytes, BIG_BYTES, &len);
	const char *body;

	assert_int_equal(scgi_converse(connect_to_server(), bytes, len, NULL, &answer), 0);
	assert_false(answer.reset);
	body = strstr(answer.data, "\r\n\r\n");
	assert_non_null(body);
	assert_int_equal(answer.data + answer.len - (body + 4), BIG_BYTES);
	assert_memory_equal(body + 4, big_bytes, BIG_BYTES);
	free(answer.data);
	free(bytes);
}

/* The rest of the body comes when what there was of it is back, more than the socket takes. */
static void what_is_written_leaves_while_a_handler_waits_for_body(void **state)
{
	const size_t body_len = 600000, half = 300000;
	int fd = connect_to_server();
	size_t len, got = 0;
	char *bytes = scgi_simple("POST", "/echo", big_bytes, body_len, &len);
	char *back = malloc(half);
	struct answer answer;

	assert_non_null(back);
	send_bytes(fd, bytes, len - body_len + half);
	wait_until_started((int) half);
	while (got < half) {
		ssize_t n = recv(fd, back + got, half - got, 0);

		assert_true(n > 0);
		got += (size_t) n;
	}
	send_bytes(fd, bytes + len - body_len + half, body_len - half);
	collect(fd, &answer);
	assert_false(answer.reset);
	assert_true(got + answer.len > body_len);
	free(answer.data);
	free(back);
	free(bytes);
}

/* The handler wants nothing of it, and its answer is larger than what the socket takes. */
static void a_front_that_sends_all_of_its_body_first_gets_the_answer(void **state)
{
	int fd = connect_to_server();
	size_t len;
	char *bytes = scgi_simple("POST", "/early", big_bytes, BIG_BYTES, &len);

	send_bytes(fd, bytes, len);
	expect_alive();
	expect_rest();
	expect_big(fd);
	free(bytes);
}

/* It is answered, and goes on to send what nobody wants. */
static void a_body_that_never_ends_is_not_listened_to_for_ever(void **state)
{
	const struct vane_scgi_opts opts = { .write_msec = SHORT_MSEC };
	int fd, i;

	start_with(&opts);
	fd = ask_early_and_block(BIG_BYTES);
	for (i = 0; i < WAIT_MSEC && shared->finished == 0; i++) {
		if (send(fd, big_bytes, 100, MSG_NOSIGNAL) < 0)
			break;
		pause_msec(1);
	}
	assert_true(i < WAIT_MSEC); /* and not because we have stopped */
	wait_for(&shared->finished);
	close(fd);
	expect_alive();
	stop_now();
}

/* ---- the end ---- */

static void a_stop_waits_for_answers_that_are_read_slowly(void **state)
{
	int fds[LENGTH(big_paths)];
	size_t i;

	start_with(NULL);
	for (i = 0; i < LENGTH(fds); i++)
		fds[i] = ask_and_block(big_paths[i]);
	assert_int_equal(kill(server.pid, SIGTERM), 0);
	for (i = 0; i < LENGTH(fds); i++)
		expect_big(fds[i]);
	expect_end();
	assert_int_equal(shared->finished, (int) LENGTH(fds));
}

static void a_stop_cuts_answers_that_nobody_reads(void **state)
{
	int fds[LENGTH(big_paths) + 1];
	size_t i;

	start_with(NULL);
	for (i = 0; i < LENGTH(big_paths); i++)
		fds[i] = ask_and_block(big_paths[i]);
	fds[i] = ask_early_and_block(60000);
	stop_now();
	assert_int_equal(shared->finished, (int) LENGTH(fds));
	for (i = 0; i < LENGTH(big_paths); i++)
		expect_cut(fds[i]);
	close(fds[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)
		WITH_SERVER(a_front_that_reads_nothing_of_a_large_answer_delays_nobody),
		WITH_SERVER(a_front_that_goes_while_the_answer_waits_is_forgotten),
		WITH_SERVER(a_front_that_half_closes_gets_all_of_its_answer),
		cmocka_unit_test(a_front_that_reads_nothing_is_dropped_in_time),
		cmocka_unit_test(a_front_that_reads_slowly_gets_all_of_its_answer),
		WITH_SERVER(what_waits_for_many_fronts_is_bounded),
		cmocka_unit_test(
			a_handler_that_writes_for_ever_waits_and_takes_no_more_memory),
		WITH_SERVER(a_large_body_that_comes_slowly_delays_nobody),
		cmocka_unit_test(a_large_body_that_stops_coming_is_refused_in_time),
		cmocka_unit_test(a_large_body_that_trickles_is_refused),
		WITH_SERVER(a_handler_may_answer_while_it_reads),
		WITH_SERVER(what_is_written_leaves_while_a_handler_waits_for_body),
		WITH_SERVER(a_front_that_sends_all_of_its_body_first_gets_the_answer),
		cmocka_unit_test(a_body_that_never_ends_is_not_listened_to_for_ever),
		cmocka_unit_test(a_stop_waits_for_answers_that_are_read_slowly),
		cmocka_unit_test(a_stop_cuts_answers_that_nobody_reads),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
