/* SPDX-License-Identifier: MIT */
/*
 * test_stream.c - what a connection reads and writes
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream.h"

/* A stream, and its peer as a descriptor. */
struct pair {
	struct vane__stream stream;
	int peer;
};

static int begin(void **state)
{
	static struct pair pair;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	pair.stream = (struct vane__stream) { .fd = fds[0] };
	pair.peer = fds[1];
	*state = &pair;
	return 0;
}

static void close_peer(struct pair *pair)
{
	if (pair->peer >= 0)
		close(pair->peer);
	pair->peer = -1;
}

static int end(void **state)
{
	struct pair *pair = *state;

	close_peer(pair);
	vane__stream_close(&pair->stream);
	return 0;
}

static void peer_writes(const struct pair *pair, const char *text)
{
	assert_int_equal(write(pair->peer, text, strlen(text)), strlen(text));
}

/* The peer gets exactly that. */
static void peer_reads(const struct pair *pair, const char *text)
{
	char buf[64];
	ssize_t n = read(pair->peer, buf, sizeof(buf));

	assert_int_equal(n, strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

/* Write until it takes no more; returns how much that was. */
static size_t fill(struct pair *pair)
{
	static const char data[64 * 1024];
	size_t sum = 0;
	ssize_t n;

	while ((n = vane__stream_write(&pair->stream, data, sizeof(data), 0)) > 0)
		sum += (size_t) n;
	assert_int_equal(n, -EAGAIN);
	return sum;
}

/* A file of that text, which has no name. */
static int file_of(const char *text)
{
	char name[] = "/tmp/vane-stream-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

/* Data, "not now", and the end are told apart. */
static void reading_tells_three_things_apart(void **state)
{
	struct pair *pair = *state;
	char buf[8];

	assert_int_equal(vane__stream_read(&pair->stream, buf, sizeof(buf)), -EAGAIN);
	peer_writes(pair, "words");
	assert_int_equal(vane__stream_read(&pair->stream, buf, 3), 3);
	assert_int_equal(vane__stream_read(&pair->stream, buf, sizeof(buf)), 2);
	close_peer(pair);
	assert_int_equal(vane__stream_read(&pair->stream, buf, sizeof(buf)), 0);
	assert_int_equal(vane__stream_read(&pair->stream, buf, sizeof(buf)), 0);
}

static struct iovec piece(const char *text, size_t len)
{
	return (struct iovec) { (void *) (uintptr_t) text, len };
}

static void pieces_are_written_in_their_order(void **state)
{
	struct pair *pair = *state;
	struct iovec iov[] = { piece("one ", 4), piece("", 0), piece("two", 3) };

	assert_int_equal(vane__stream_writev(&pair->stream, iov, ARRAY_SIZE(iov), 0), 7);
	peer_reads(pair, "one two");
}

/* What does not fit is left to the caller, and there is room again when the peer has read. */
static void a_full_socket_takes_a_part_and_then_none(void **state)
{
	struct pair *pair = *state;
	size_t size = 16 * 1024 * 1024, sum;
	char *large = calloc(1, size);
	struct iovec iov[2] = { { large, 10 }, { large, size } };
	ssize_t n;

	assert_non_null(large);
	n = vane__stream_writev(&pair->stream, iov, 2, 0);
	assert_in_range(n, 1, size);
	sum = (size_t) n + fill(pair);
	assert_int_equal(vane__stream_writev(&pair->stream, iov, 2, 0), -EAGAIN);
	while ((n = read(pair->peer, large, size)) > 0)
		sum -= (size_t) n;
	assert_int_equal(sum, 0);
	assert_int_equal(vane__stream_write(&pair->stream, large, 1, 0), 1);
	free(large);
}

/* It has closed with bytes of ours unread: that is no end, and no signal. */
static void a_peer_that_has_gone_is_an_errno(void **state)
{
	struct pair *pair = *state;
	struct iovec iov = piece("x", 1);
	int fd = file_of("a file");
	char buf[8];

	assert_int_equal(vane__stream_write(&pair->stream, "unread", 6, 0), 6);
	close_peer(pair);
	assert_int_equal(vane__stream_read(&pair->stream, buf, sizeof(buf)), -ECONNRESET);
	assert_int_equal(vane__stream_write(&pair->stream, "x", 1, 0), -EPIPE);
	assert_int_equal(vane__stream_writev(&pair->stream, &iov, 1, 0), -EPIPE);
	assert_int_equal(vane__stream_sendfile(&pair->stream, NULL, fd, 0, 6), -EPIPE);
	close(fd);
}

static void a_file_goes_out_from_where_it_is_asked_to_its_end(void **state)
{
	struct pair *pair = *state;
	int fd = file_of("a short file");

	assert_int_equal(vane__stream_sendfile(&pair->stream, NULL, fd, 2, 5), 5);
	peer_reads(pair, "short");
	assert_int_equal(vane__stream_sendfile(&pair->stream, NULL, fd, 8, 1000), 4);
	peer_reads(pair, "file");
	assert_int_equal(vane__stream_sendfile(&pair->stream, NULL, fd, 12, 1000), 0);
	fill(pair);
	assert_int_equal(vane__stream_sendfile(&pair->stream, NULL, fd, 0, 5), -EAGAIN);
	close(fd);
}

/* sendfile() refuses some files, and some places to go to: that is nobody's failure. */
static void what_the_kernel_does_not_send_is_told_from_failures(void **state)
{
	struct pair *pair = *state;
	int fd = file_of("a file");

	assert_int_equal(fcntl(pair->stream.fd, F_SETFL, O_NONBLOCK | O_APPEND), 0);
	assert_int_equal(vane__stream_sendfile(&pair->stream, NULL, fd, 0, 6), -ENOTSUP);
	close(fd);
}

static void after_a_shutdown_there_is_still_reading(void **state)
{
	struct pair *pair = *state;
	char buf[8];

	assert_int_equal(vane__stream_shutdown(&pair->stream), 0);
	peer_reads(pair, "");
	peer_writes(pair, "late");
	assert_int_equal(vane__stream_read(&pair->stream, buf, sizeof(buf)), 4);
	assert_int_equal(vane__stream_write(&pair->stream, "x", 1, 0), -EPIPE);
}

/* Looking takes nothing away; the end is nothing that is pending. */
static void pending_is_what_can_be_read(void **state)
{
	struct pair *pair = *state;
	char buf[8];

	assert_false(vane__stream_pending(&pair->stream));
	peer_writes(pair, "ab");
	assert_true(vane__stream_pending(&pair->stream));
	assert_int_equal(vane__stream_read(&pair->stream, buf, sizeof(buf)), 2);
	assert_false(vane__stream_pending(&pair->stream));
	close_peer(pair);
	assert_false(vane__stream_pending(&pair->stream));
}

/* A stream that is not plain: it notes what it was asked. */
struct notes {
	struct vane__stream_layer layer;
	char text[64];
};

static void note(const struct vane__stream *stream, const char *what)
{
	struct notes *notes = CONTAINER_OF(stream->layer, struct notes, layer);

	strcat(notes->text, what);
}

static ssize_t note_read(struct vane__stream *stream, void *buf, size_t size)
{
	note(stream, "read ");
	return -EAGAIN;
}

static ssize_t note_writev(
	struct vane__stream *stream, const struct iovec *iov, size_t count, int flags)
{
	note(stream, (flags & VANE__STREAM_MORE) != 0 ? "more " : "write ");
	note(stream, iov[count - 1].iov_base);
	return (ssize_t) iov[0].iov_len;
}

static ssize_t note_sendfile(
	struct vane__stream *stream, int fd, int64_t offset, size_t size)
{
	note(stream, " sendfile");
	return -ENOTSUP;
}

static int note_shutdown(struct vane__stream *stream)
{
	note(stream, " shutdown");
	return -EAGAIN;
}

static bool note_pending(const struct vane__stream *stream)
{
	note(stream, " pending");
	return true;
}

static void note_close(struct vane__stream *stream)
{
	note(stream, " close");
}

static void a_stream_that_is_not_plain_is_asked_itself(void **state)
{
	static const struct vane__stream_calls calls = { note_read, note_writev,
		note_sendfile, note_shutdown, note_pending, note_close };
	struct notes notes = { .layer = { &calls } };
	struct vane__stream stream = { .fd = -1, .layer = &notes.layer };
	struct iovec iov[2] = { piece("one", 3), piece("two", 3) };
	char buf[8];

	assert_int_equal(vane__stream_read(&stream, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(vane__stream_write(&stream, "a ", 2, VANE__STREAM_MORE), 2);
	assert_int_equal(vane__stream_writev(&stream, iov, 2, 0), 3);
	assert_int_equal(vane__stream_sendfile(&stream, NULL, -1, 0, 1), -ENOTSUP);
	assert_int_equal(vane__stream_shutdown(&stream), -EAGAIN);
	assert_true(vane__stream_pending(&stream));
	vane__stream_close(&stream);
	assert_string_equal(
		notes.text, "read more a write two sendfile shutdown pending close");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reading_tells_three_things_apart),
		TEST(pieces_are_written_in_their_order),
		TEST(a_full_socket_takes_a_part_and_then_none),
		TEST(a_peer_that_has_gone_is_an_errno),
		TEST(a_file_goes_out_from_where_it_is_asked_to_its_end),
		TEST(what_the_kernel_does_not_send_is_told_from_failures),
		TEST(after_a_shutdown_there_is_still_reading),
		TEST(pending_is_what_can_be_read),
		cmocka_unit_test(a_stream_that_is_not_plain_is_asked_itself),
	};

	signal(SIGPIPE, SIG_DFL); /* whoever started us may ignore it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
