/* SPDX-License-Identifier: MIT */
/*
 * test_fastcgi_slow.c - adapters/fastcgi*.c: fronts that do not read, or send slowly, while others
 * ask the same process
 *
 * The responder is a process of its own, the fronts are scripted here.
 */
#include "test.h"

#include <errno.h>
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
#include <vane/fastcgi.h>

#include "support/fcgi_peer.h"

#define LENGTH(a)  (sizeof(a) / sizeof((a)[0]))

#define WAIT_MSEC  20000
#define SHORT_MSEC 300

/* Larger than what any socket takes. */
#define BIG_BYTES (10 * 1024 * 1024)

/* What handlers and tests tell each other. */
struct shared {
	volatile int finished, closed, error;
	volatile int started;
	volatile int drained;
};

static struct shared *shared;
static char *big_bytes;

static struct {
	char dir[64], address[96];
	pid_t pid;
} server;

static struct vane_fastcgi *fastcgi; /* the responder's process */
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

/* ---- the application ---- */

static void note_finished(struct vane_request *req)
{
	shared->finished++;
}

static void note_closed(struct vane_request *req)
{
	shared->closed++;
}

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "hello");
}

static int big_borrowed(struct vane_request *req, struct vane_response *res)
{
	return vane_response_write_ref(res, big_bytes, BIG_BYTES);
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

/* No faster than anybody reads. */
static ssize_t pull_endless(void *data, char *buf, size_t size)
{
	size_t n = size < 8192 ? size : 8192;

	pause_msec(1);
	memset(buf, 'e', n);
	return (ssize_t) n;
}

static void forget_source(void *data)
{
	free(data);
	shared->closed++;
}

static int big_source(struct vane_request *req, struct vane_response *res)
{
	const struct vane_source source = { .pull = pull_big,
		.done = forget_source,
		.data = calloc(1, sizeof(size_t)),
		.length = BIG_BYTES };

	return vane_response_write_source(res, &source);
}

static int endless(struct vane_request *req, struct vane_response *res)
{
	const struct vane_source source = {
		.pull = pull_endless, .done = forget_source, .length = -1
	};

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

/* Writes a little now and then, until it is told that nobody listens. */
static int tick(struct vane_request *req, struct vane_response *res)
{
	int rc = 0;

	vane_on_close(req, note_closed);
	while (rc == 0) {
		vane_response_puts(res, "tick\n");
		rc = vane_response_flush(res);
		shared->started++;
		pause_msec(1);
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

/* Turns the loop itself, for longer than anything may take. */
static int turn_loop(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	int64_t until = vane_loop_now(loop) + 3 * SHORT_MSEC;

	shared->started += (int) len;
	while (shared->started > 40000 && vane_loop_now(loop) < until) {
		vane_loop_turn(loop, false);
		pause_msec(1);
	}
	return 0;
}

static void on_drained(void *data)
{
	shared->drained++;
	vane_loop_stop(loop);
}

/* Stops the responder from within, as a command of an administrator may. */
static int leave(struct vane_request *req, struct vane_response *res)
{
	if (vane_fastcgi_drain(fastcgi, 5000, on_drained, NULL) < 0)
		return 500;
	return vane_response_puts(res, "bye");
}

static const struct vane_handler hello_handler = { .get = hello };
static const struct vane_handler borrowed_handler = { .get = big_borrowed,
	.finished = note_finished };
static const struct vane_handler copied_handler = { .get = big_copied,
	.finished = note_finished };
static const struct vane_handler file_handler = { .get = big_file,
	.finished = note_finished };
static const struct vane_handler source_handler = { .get = big_source,
	.finished = note_finished };
static const struct vane_handler endless_handler = { .get = endless,
	.finished = note_finished };
static const struct vane_handler flood_handler = { .get = flood,
	.finished = note_finished };
static const struct vane_handler tick_handler = { .get = tick, .finished = note_finished };
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
static const struct vane_handler turn_handler = {
	.data = turn_loop, .post = count, .finished = note_finished
};
static const struct vane_handler length_handler = {
	.post = length, .finished = note_finished, .max_body = -1
};
static const struct vane_handler leave_handler = { .get = leave };

static const struct vane_route routes[] = { { "/hello", &hello_handler },
	{ "/borrowed", &borrowed_handler }, { "/copied", &copied_handler },
	{ "/file", &file_handler }, { "/source", &source_handler },
	{ "/endless", &endless_handler }, { "/flood", &flood_handler },
	{ "/tick", &tick_handler }, { "/early", &early_handler },
	{ "/echo", &echo_handler }, { "/count", &count_handler },
	{ "/length", &length_handler }, { "/turn", &turn_handler },
	{ "/leave", &leave_handler }, { 0 } };

static const char *const big_paths[] = { "/borrowed", "/copied", "/file", "/source" };

/* ---- the responder's process ---- */

static void on_term(void *data)
{
	if (vane_fastcgi_drain(fastcgi, 2000, on_drained, NULL) < 0)
		vane_loop_stop(loop);
}

static int work(const struct vane_fastcgi_opts *opts, struct vane_sockets *socks)
{
	struct vane_app *app;

	if (vane_loop_new(&loop) < 0 || vane_app_new(&app, routes, NULL) < 0 ||
		vane_fastcgi_new(&fastcgi, app, loop, opts) < 0 ||
		vane_fastcgi_add_sockets(fastcgi, socks) < 0 ||
		vane_loop_add_signal(loop, SIGTERM, on_term, NULL) < 0)
		return 3;
	vane_loop_run(loop);
	vane_fastcgi_free(fastcgi);
	vane_app_free(app);
	vane_loop_free(loop);
	return 0;
}

static void start_with(const struct vane_fastcgi_opts *opts)
{
	struct vane_sockets socks = { 0 };
	const char *tmp = getenv("TMPDIR");
	char path[80];
	int fd;

	memset(shared, 0, sizeof(*shared));
	snprintf(server.dir, sizeof(server.dir), "%.40s/vane-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(server.dir));
	snprintf(path, sizeof(path), "%s/s", server.dir);
	snprintf(server.address, sizeof(server.address), "unix:%s", path);
	assert_int_equal(vane_bind_unix_socket(path, 0, 0, &fd), 0);
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

/* It must be alive still, and leave properly. */
static void expect_end(void)
{
	char path[80];
	int status;

	assert_int_equal(waitpid(server.pid, &status, 0), server.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	snprintf(path, sizeof(path), "%s/s", server.dir);
	unlink(path);
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

static int start_narrow(void **state)
{
	start_with(&(const struct vane_fastcgi_opts) { .max_params_bytes = 3000 });
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

#define ASK(...) (&(const struct fcgi_peer_request) { __VA_ARGS__ })

static void connect_to(struct fcgi_peer *peer)
{
	const struct timeval patience = { .tv_sec = WAIT_MSEC / 1000 };

	assert_int_equal(fcgi_peer_connect(peer, server.address), 0);
	assert_int_equal(
		setsockopt(peer->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
		0);
}

/* A whole request, kept. */
static void add_request(
	struct fcgi_bytes *bytes, const char *method, const char *path, size_t body_len)
{
	char method_var[32], uri_var[64], length_var[48];
	const char *const vars[] = { method_var, uri_var, length_var, NULL };

	snprintf(method_var, sizeof(method_var), "REQUEST_METHOD=%s", method);
	snprintf(uri_var, sizeof(uri_var), "REQUEST_URI=%s", path);
	snprintf(length_var, sizeof(length_var), "CONTENT_LENGTH=%zu", body_len);
	fcgi_peer_whole(bytes,
		ASK(.keep = true, .params = vars, .body = big_bytes, .body_len = body_len));
}

static void send_bytes(struct fcgi_peer *peer, struct fcgi_bytes *bytes)
{
	assert_int_equal(send(peer->fd, bytes->data, bytes->len, MSG_NOSIGNAL),
		(ssize_t) bytes->len);
	bytes->len = 0;
}

/* Ask, and read nothing. */
static void send_request(struct fcgi_peer *peer, const char *path)
{
	struct fcgi_bytes bytes = { 0 };

	add_request(&bytes, "GET", path, 0);
	send_bytes(peer, &bytes);
	fcgi_bytes_fini(&bytes);
}

/* Something of the answer is here, so that the rest waits for us. */
static void wait_until_answered(struct fcgi_peer *peer)
{
	char byte;

	assert_int_equal(recv(peer->fd, &byte, 1, MSG_PEEK), 1);
}

static const char *body_of(const struct fcgi_peer *peer)
{
	const char *end = peer->out.len > 0 ? strstr(peer->out.data, "\r\n\r\n") : NULL;

	return end != NULL ? end + 4 : "(no head)";
}

static void read_all(const struct fcgi_peer *peer, void *buf, size_t len)
{
	if (len > 0)
		assert_int_equal(recv(peer->fd, buf, len, MSG_WAITALL), (ssize_t) len);
}

/* Read one record, and not a byte of what comes behind it.  Returns its type. */
static unsigned read_record(struct fcgi_peer *peer)
{
	unsigned char head[8], content[65536 + 256];
	size_t len;

	read_all(peer, head, sizeof(head));
	assert_int_equal(head[0], 1);
	len = (size_t) head[4] << 8 | head[5];
	read_all(peer, content, len + head[6]);
	if (head[1] == FCGI_PEER_VALUES) {
		peer->values_count++;
		return head[1];
	}
	assert_int_equal(head[2] << 8 | head[3], peer->id);
	if (head[1] == FCGI_PEER_STDOUT) {
		fcgi_bytes_add(&peer->out, content, len);
		return head[1];
	}
	assert_int_equal(head[1], FCGI_PEER_END);
	assert_int_equal(len, 8);
	assert_int_equal(content[4], 0);
	peer->ended = true;
	return head[1];
}

static void collect_end(struct fcgi_peer *peer)
{
	while (read_record(peer) != FCGI_PEER_END)
		;
}

static void expect_big(struct fcgi_peer *peer)
{
	const char *body;

	collect_end(peer);
	body = body_of(peer);
	assert_int_equal(peer->out.data + peer->out.len - body, BIG_BYTES);
	assert_memory_equal(body, big_bytes, BIG_BYTES);
}

static void expect_hello(struct fcgi_peer *peer)
{
	fcgi_peer_next(peer, 1);
	send_request(peer, "/hello");
	collect_end(peer);
	assert_string_equal(body_of(peer), "hello");
}

/* Another connection is answered meanwhile. */
static void expect_alive(void)
{
	struct fcgi_peer peer;

	connect_to(&peer);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
}

/* Ask for that, and read nothing of the answer but that it comes. */
static void ask_and_block(struct fcgi_peer *peer, const char *path)
{
	connect_to(peer);
	send_request(peer, path);
	wait_until_answered(peer);
	expect_alive();
}

static void expect_nobody_left(void)
{
	struct fcgi_peer peer;
	int i;

	connect_to(&peer);
	expect_hello(&peer);
	for (i = 0; i < 3; i++)
		expect_hello(&peer);
	fcgi_peer_close(&peer);
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
	struct fcgi_peer peers[LENGTH(big_paths)];
	size_t i;

	for (i = 0; i < LENGTH(big_paths); i++)
		ask_and_block(&peers[i], big_paths[i]);
	expect_rest();
	for (i = 0; i < LENGTH(big_paths); i++) {
		expect_big(&peers[i]);
		expect_hello(&peers[i]);
		fcgi_peer_close(&peers[i]);
	}
	assert_int_equal(shared->finished, (int) LENGTH(big_paths));
}

static void a_front_that_goes_while_the_answer_waits_is_forgotten(void **state)
{
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < LENGTH(big_paths); i++) {
		ask_and_block(&peer, big_paths[i]);
		shared->finished = 0;
		fcgi_peer_close(&peer);
		wait_for(&shared->finished);
	}
	expect_rest();
}

/* It has said all that it has to say, and reads on. */
static void a_front_that_half_closes_gets_all_of_its_answer(void **state)
{
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < LENGTH(big_paths); i++) {
		ask_and_block(&peer, big_paths[i]);
		assert_int_equal(shutdown(peer.fd, SHUT_WR), 0);
		expect_alive();
		expect_rest();
		expect_big(&peer);
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
		fcgi_peer_close(&peer);
	}
}

static void a_front_that_reads_nothing_is_dropped_in_time(void **state)
{
	const struct vane_fastcgi_opts opts = { .write_msec = SHORT_MSEC };
	struct fcgi_peer peer;
	size_t i;

	start_with(&opts);
	for (i = 0; i < LENGTH(big_paths); i++) {
		shared->finished = 0;
		ask_and_block(&peer, big_paths[i]);
		wait_for(&shared->finished);
		assert_int_equal(
			fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
		assert_false(peer.ended);
		fcgi_peer_close(&peer);
	}
	expect_alive();
	stop_now();
}

static void what_waits_for_many_fronts_is_bounded(void **state)
{
	struct fcgi_peer peers[100];
	/* what is copied into memory is the handler's choice */
	static const char *const ways[] = { "/borrowed", "/file", "/source" };
	long before;
	size_t i;

	expect_alive();
	before = memory_of_server();
	for (i = 0; i < LENGTH(peers); i++) {
		ask_and_block(&peers[i], ways[i % LENGTH(ways)]);
	}
	assert_true(memory_of_server() - before < (long) LENGTH(peers) * 768 * 1024);
	for (i = 0; i < LENGTH(peers); i++)
		fcgi_peer_close(&peers[i]);
	expect_nobody_left();
}

static void a_handler_that_writes_for_ever_waits_and_takes_no_more_memory(void **state)
{
	const struct vane_fastcgi_opts opts = { .write_msec = SHORT_MSEC };
	struct fcgi_peer peer;
	long before;

	start_with(&opts);
	expect_alive();
	before = memory_of_server();
	connect_to(&peer);
	send_request(&peer, "/flood");
	wait_for(&shared->finished);
	assert_true(shared->error < 0);
	assert_true(shared->started < 1024); /* 16 MiB */
	assert_true(memory_of_server() - before < 16L * 1024 * 1024);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
	assert_false(peer.ended);
	fcgi_peer_close(&peer);
	expect_alive();
	stop_now();
}

/* ---- what comes behind ---- */

static void a_request_behind_an_answer_that_waits_is_answered_after_it(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < 2 * LENGTH(big_paths); i++) {
		bool together = i >= LENGTH(big_paths);

		connect_to(&peer);
		add_request(&bytes, "GET", big_paths[i % LENGTH(big_paths)], 0);
		if (!together) {
			send_bytes(&peer, &bytes);
			wait_until_answered(&peer);
		}
		add_request(&bytes, "GET", "/hello", 0);
		add_request(&bytes, "POST", "/length", 50000);
		send_bytes(&peer, &bytes);
		expect_alive();
		expect_big(&peer);
		fcgi_peer_next(&peer, 1);
		collect_end(&peer);
		assert_string_equal(body_of(&peer), "hello");
		fcgi_peer_next(&peer, 1);
		collect_end(&peer);
		assert_string_equal(body_of(&peer), "50000");
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&bytes);
}

/* The answer waits, and so does the end of the body. */
static void ask_early_and_block(struct fcgi_peer *peer)
{
	struct fcgi_bytes bytes = { 0 };

	connect_to(peer);
	add_request(&bytes, "POST", "/early", 60000);
	bytes.len -= 8; /* the end of the body */
	send_bytes(peer, &bytes);
	wait_until_answered(peer);
	expect_alive();
	fcgi_bytes_fini(&bytes);
}

/* Read on to the end of the answer that was taken back, and ask for another. */
static void expect_taken_back(struct fcgi_peer *peer)
{
	collect_end(peer);
	assert_true(peer->out.len < BIG_BYTES);
	assert_int_equal(shared->finished, 1);
	shared->finished = 0;
}

static void an_abort_while_the_answer_waits_ends_it_and_the_connection_goes_on(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t i;

	for (i = 0; i < 2 * LENGTH(big_paths) + 2; i++) {
		bool together = i % 2;

		if (i < 2 * LENGTH(big_paths))
			ask_and_block(&peer, big_paths[i / 2]);
		else
			ask_early_and_block(&peer);
		fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
		if (together)
			add_request(&bytes, "GET", "/hello", 0);
		send_bytes(&peer, &bytes);
		wait_for(&shared->finished);
		expect_alive();
		expect_taken_back(&peer);
		if (together) {
			fcgi_peer_next(&peer, 1);
			collect_end(&peer);
			assert_string_equal(body_of(&peer), "hello");
		}
		expect_hello(&peer);
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&bytes);
}

/* Whoever reads all the time leaves room all the time, and yet the abort is seen. */
static void an_abort_ends_an_answer_that_is_read_as_it_comes(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;

	connect_to(&peer);
	send_request(&peer, "/endless");
	while (peer.out.len < 1024 * 1024)
		read_record(&peer);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	send_bytes(&peer, &bytes);
	while (read_record(&peer) != FCGI_PEER_END)
		assert_true(peer.out.len < 8 * 1024 * 1024);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
	fcgi_bytes_fini(&bytes);
}

/* The head is on its way, so the answer cannot be whole: the front knows that. */
static void an_abort_that_a_handler_notices_leaves_the_connection(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;

	connect_to(&peer);
	send_request(&peer, "/tick");
	wait_for(&shared->started);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	send_bytes(&peer, &bytes);
	collect_end(&peer);
	assert_int_equal(shared->closed, 1);
	assert_true(shared->error < 0);
	expect_hello(&peer);
	/* one that reads its body */
	shared->finished = shared->error = 0;
	add_request(&bytes, "POST", "/echo", 60000);
	bytes.len -= 8;
	send_bytes(&peer, &bytes);
	fcgi_peer_next(&peer, 1);
	while (peer.out.len < 60000)
		read_record(&peer);
	fcgi_peer_record(&bytes, FCGI_PEER_ABORT, 1, NULL, 0, 0);
	send_bytes(&peer, &bytes);
	collect_end(&peer);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
	fcgi_bytes_fini(&bytes);
}

/* More answers than the socket takes, while half a request is here. */
static void questions_before_and_within_a_request_are_answered_as_they_are_read(
	void **state)
{
	struct fcgi_bytes request = { 0 }, bytes = { 0 };
	struct fcgi_peer peer;
	size_t at[3] = { 0, 16 }, i; /* between two records */
	unsigned asked, count = 6000;

	add_request(&request, "POST", "/length", 70000);
	at[2] = request.len - 8 - (8 + 70000 - 65535);
	for (i = 0; i < LENGTH(at); i++) {
		fcgi_bytes_add(&bytes, request.data, at[i]);
		connect_to(&peer);
		assert_int_equal(
			fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
		bytes.len = 0;
		for (asked = 0; asked < 100; asked++)
			fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0,
				"\016\0FCGI_MAX_CONNS\015\0FCGI_MAX_REQS", 31, 1);
		for (asked = 0; asked < count; asked += 100)
			assert_int_equal(send(peer.fd, bytes.data, bytes.len, MSG_NOSIGNAL),
				(ssize_t) bytes.len);
		bytes.len = 0;
		expect_alive();
		while (peer.values_count < count)
			assert_int_equal(read_record(&peer), FCGI_PEER_VALUES);
		expect_rest();
		fcgi_bytes_add(&bytes, request.data + at[i], request.len - at[i]);
		send_bytes(&peer, &bytes);
		collect_end(&peer);
		assert_string_equal(body_of(&peer), "70000");
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&request);
	fcgi_bytes_fini(&bytes);
}

static void expect_431(struct fcgi_peer *peer)
{
	fcgi_peer_next(peer, 1);
	collect_end(peer);
	assert_memory_equal(peer->out.data, "Status: 431 ", 12);
}

/* What does not fit is answered once, and what comes behind it, too. */
static void a_refusal_that_waits_for_room_is_said_once(void **state)
{
	struct fcgi_bytes bytes = { 0 }, pairs = { 0 };
	struct fcgi_peer peer;
	const struct timeval moment = { .tv_usec = SHORT_MSEC * 1000 };
	unsigned i, count = 3000;
	ssize_t n = 0;

	fcgi_peer_pair(&pairs, "REQUEST_METHOD", "GET");
	while (pairs.len < 2000)
		fcgi_peer_pair(&pairs, "X", "y");
	connect_to(&peer);
	assert_int_equal(
		setsockopt(peer.fd, SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof(moment)), 0);
	for (i = 0; i < count; i++) {
		fcgi_peer_begin(&bytes, 1, FCGI_PEER_RESPONDER, FCGI_PEER_KEEP);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, pairs.data, pairs.len, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, pairs.data, pairs.len, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_PARAMS, 1, NULL, 0, 0);
		fcgi_peer_record(&bytes, FCGI_PEER_STDIN, 1, NULL, 0, 0);
		n = send(peer.fd, bytes.data, bytes.len, MSG_NOSIGNAL);
		if (n != (ssize_t) bytes.len)
			break;
		bytes.len = 0;
		if (i % 64 == 0)
			expect_alive();
	}
	assert_true(i < count); /* it reads no more, as we do not */
	expect_rest();
	for (count = 0; count < i; count++)
		expect_431(&peer);
	n = n > 0 ? n : 0;
	assert_int_equal(
		fcgi_peer_send(&peer, bytes.data + n, bytes.len - (size_t) n, WAIT_MSEC),
		0);
	expect_431(&peer);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
	expect_alive();
	fcgi_bytes_fini(&bytes);
	fcgi_bytes_fini(&pairs);
}

/* ---- who sends slowly, or for long ---- */

static void a_large_body_that_comes_slowly_delays_nobody(void **state)
{
	static const char *const paths[] = { "/length", "/count" };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	size_t way, at, n;

	for (way = 0; way < LENGTH(paths); way++) {
		connect_to(&peer);
		bytes.len = 0;
		add_request(&bytes, "POST", paths[way], 500000);
		for (at = 0; at < bytes.len; at += n) {
			n = bytes.len - at < 25013 ? bytes.len - at : 25013;
			assert_int_equal(
				fcgi_peer_send(&peer, bytes.data + at, n, WAIT_MSEC), 0);
			expect_alive();
		}
		collect_end(&peer);
		assert_string_equal(body_of(&peer), "500000");
		expect_hello(&peer);
		fcgi_peer_close(&peer);
	}
	fcgi_bytes_fini(&bytes);
}

static void a_handler_may_answer_while_it_reads(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	const char *body;

	connect_to(&peer);
	add_request(&bytes, "POST", "/echo", BIG_BYTES);
	assert_int_equal(fcgi_peer_send(&peer, bytes.data, bytes.len, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&peer, FCGI_PEER_UNTIL_END, WAIT_MSEC), 0);
	body = body_of(&peer);
	assert_int_equal(peer.out.data + peer.out.len - body, BIG_BYTES);
	assert_memory_equal(body, big_bytes, BIG_BYTES);
	fcgi_peer_next(&peer, 1);
	expect_hello(&peer);
	fcgi_peer_close(&peer);
	fcgi_bytes_fini(&bytes);
}

/* A handler that waits for body is not held by a front that only reads on, a little at a time. */
static void a_body_is_waited_for_no_longer_while_the_answer_is_read(void **state)
{
	const struct vane_fastcgi_opts opts = { .request_msec = 3000, .min_rate = -1 };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	char piece[32768];
	size_t len = 0;

	start_with(&opts);
	connect_to(&peer);
	add_request(&bytes, "POST", "/echo", 600000);
	bytes.len = 430000;
	send_bytes(&peer, &bytes);
	while (shared->error == 0 && len < 400000) {
		ssize_t n = recv(peer.fd, piece, sizeof(piece), MSG_WAITALL);

		assert_true(n > 0);
		len += (size_t) n;
		pause_msec(300);
	}
	assert_true(shared->error < 0);
	fcgi_peer_close(&peer);
	expect_alive();
	stop_now();
	fcgi_bytes_fini(&bytes);
}

/* It is answered, and goes on to send what nobody wants. */
static void a_body_that_never_ends_is_not_listened_to_for_ever(void **state)
{
	const struct vane_fastcgi_opts opts = { .write_msec = SHORT_MSEC };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	int i;

	start_with(&opts);
	ask_early_and_block(&peer);
	fcgi_peer_record(&bytes, FCGI_PEER_STDIN, 1, big_bytes, 8192, 0);
	for (i = 0; i < WAIT_MSEC && shared->finished == 0; i++) {
		if (send(peer.fd, bytes.data, bytes.len, MSG_NOSIGNAL) < 0)
			break;
		pause_msec(1);
	}
	assert_true(i < WAIT_MSEC); /* and not because we have stopped */
	wait_for(&shared->finished);
	fcgi_peer_close(&peer);
	expect_alive();
	stop_now();
	fcgi_bytes_fini(&bytes);
}

/* Whoever sends all the time is listened to all the time, and yet the answer comes. */
static void a_body_that_never_ends_does_not_hold_up_the_answer(void **state)
{
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer;
	pid_t sender;

	connect_to(&peer);
	add_request(&bytes, "POST", "/early", 60000);
	bytes.len -= 8; /* the end of the body */
	send_bytes(&peer, &bytes);
	fcgi_peer_record(&bytes, FCGI_PEER_STDIN, 1, big_bytes, 50000, 0);
	sender = fork();
	assert_true(sender >= 0);
	if (sender == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (send(peer.fd, bytes.data, bytes.len, MSG_NOSIGNAL) > 0)
			;
		_exit(0);
	}
	expect_big(&peer);
	kill(sender, SIGKILL);
	assert_int_equal(waitpid(sender, NULL, 0), sender);
	fcgi_peer_close(&peer);
	expect_alive();
	fcgi_bytes_fini(&bytes);
}

/* ---- the end ---- */

static void one_connection_too_many_does_not_stay(void **state)
{
	const struct vane_fastcgi_opts opts = { .max_connections = 1,
		.request_msec = SHORT_MSEC };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer first, second;

	start_with(&opts);
	connect_to(&first);
	expect_hello(&first);
	connect_to(&second);
	fcgi_peer_record(&bytes, FCGI_PEER_GET_VALUES, 0, NULL, 0, 0);
	send_bytes(&second, &bytes);
	assert_int_equal(fcgi_peer_collect(&second, FCGI_PEER_UNTIL_VALUES, WAIT_MSEC), 0);
	assert_int_equal(fcgi_peer_collect(&second, FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
	expect_hello(&first);
	fcgi_peer_close(&second);
	fcgi_peer_close(&first);
	stop_now();
	fcgi_bytes_fini(&bytes);
}

static void a_handler_may_begin_the_end(void **state)
{
	const struct vane_fastcgi_opts opts = { .grace_msec = -1 };
	struct fcgi_peer peer;

	start_with(&opts);
	connect_to(&peer);
	send_request(&peer, "/leave");
	collect_end(&peer);
	assert_string_equal(body_of(&peer), "bye");
	wait_for(&shared->drained);
	fcgi_peer_close(&peer);
	expect_end();
}

/* Neither its own time is up meanwhile, nor that of others. */
static void a_handler_may_turn_the_loop_for_long(void **state)
{
	const struct vane_fastcgi_opts opts = { .request_msec = SHORT_MSEC,
		.min_rate = -1 };
	struct fcgi_bytes bytes = { 0 };
	struct fcgi_peer peer, other;
	size_t half;

	start_with(&opts);
	connect_to(&peer);
	connect_to(&other);
	add_request(&bytes, "POST", "/turn", 60000);
	half = bytes.len - 20000;
	assert_int_equal(fcgi_peer_send(&peer, bytes.data, half, WAIT_MSEC), 0);
	wait_for(&shared->started);
	assert_int_equal(fcgi_peer_send(&other, bytes.data, half, WAIT_MSEC), 0);
	while (shared->started < 70000)
		pause_msec(1);
	stop_now();
	fcgi_bytes_fini(&bytes);
}

static void a_stop_waits_for_answers_that_are_read_slowly(void **state)
{
	struct fcgi_peer peers[LENGTH(big_paths)];
	size_t i;

	start_with(NULL);
	for (i = 0; i < LENGTH(big_paths); i++)
		ask_and_block(&peers[i], big_paths[i]);
	assert_int_equal(kill(server.pid, SIGTERM), 0);
	for (i = 0; i < LENGTH(big_paths); i++) {
		expect_big(&peers[i]);
		assert_int_equal(
			fcgi_peer_collect(&peers[i], FCGI_PEER_UNTIL_CLOSED, WAIT_MSEC), 0);
		fcgi_peer_close(&peers[i]);
	}
	expect_end();
	assert_int_equal(shared->finished, (int) LENGTH(big_paths));
}

static void a_stop_cuts_answers_that_nobody_reads(void **state)
{
	struct fcgi_peer peers[LENGTH(big_paths) + 1];
	size_t i;

	start_with(NULL);
	for (i = 0; i < LENGTH(big_paths); i++)
		ask_and_block(&peers[i], big_paths[i]);
	ask_early_and_block(&peers[i]);
	stop_now();
	assert_int_equal(shared->finished, (int) LENGTH(peers));
	for (i = 0; i < LENGTH(peers); i++)
		fcgi_peer_close(&peers[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)
		WITH_SERVER(a_front_that_reads_nothing_of_a_large_answer_delays_nobody),
		WITH_SERVER(a_front_that_goes_while_the_answer_waits_is_forgotten),
		WITH_SERVER(a_front_that_half_closes_gets_all_of_its_answer),
		cmocka_unit_test(a_front_that_reads_nothing_is_dropped_in_time),
		WITH_SERVER(what_waits_for_many_fronts_is_bounded),
		cmocka_unit_test(
			a_handler_that_writes_for_ever_waits_and_takes_no_more_memory),
		WITH_SERVER(a_request_behind_an_answer_that_waits_is_answered_after_it),
		WITH_SERVER(
			an_abort_while_the_answer_waits_ends_it_and_the_connection_goes_on),
		WITH_SERVER(an_abort_ends_an_answer_that_is_read_as_it_comes),
		WITH_SERVER(an_abort_that_a_handler_notices_leaves_the_connection),
		WITH_SERVER(
			questions_before_and_within_a_request_are_answered_as_they_are_read),
		cmocka_unit_test_setup_teardown(
			a_refusal_that_waits_for_room_is_said_once, start_narrow, stop),
		WITH_SERVER(a_large_body_that_comes_slowly_delays_nobody),
		WITH_SERVER(a_handler_may_answer_while_it_reads),
		cmocka_unit_test(a_body_is_waited_for_no_longer_while_the_answer_is_read),
		cmocka_unit_test(a_body_that_never_ends_is_not_listened_to_for_ever),
		WITH_SERVER(a_body_that_never_ends_does_not_hold_up_the_answer),
		cmocka_unit_test(one_connection_too_many_does_not_stay),
		cmocka_unit_test(a_handler_may_begin_the_end),
		cmocka_unit_test(a_handler_may_turn_the_loop_for_long),
		cmocka_unit_test(a_stop_waits_for_answers_that_are_read_slowly),
		cmocka_unit_test(a_stop_cuts_answers_that_nobody_reads),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
