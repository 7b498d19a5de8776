/* SPDX-License-Identifier: MIT */
/*
 * test_netutil.c - lib/net/netutil.c and lib/net/unixsock.c
 */
#include "test.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <vane/log.h>

#include "base.h"
#include "netutil.h"

/* A hand-made list, as a resolver would give it. */
struct entry {
	struct addrinfo ai;
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addr;
};

static void loopback(struct entry *entry, struct entry *next, in_port_t port)
{
	*entry = (struct entry) { .ai = { .ai_family = AF_INET,
					  .ai_socktype = SOCK_STREAM } };
	entry->ai.ai_addrlen = sizeof(entry->addr.in);
	entry->ai.ai_addr = (struct sockaddr *) &entry->addr.in;
	entry->ai.ai_next = next != NULL ? &next->ai : NULL;
	entry->addr.in.sin_family = AF_INET;
	entry->addr.in.sin_port = htons(port);
	entry->addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

/* An address of a family that no system has. */
static void unknown_family(struct entry *entry, struct entry *next)
{
	loopback(entry, next, 0);
	entry->ai.ai_family = 250;
	entry->addr.in.sin_family = 250;
}

static int open_descriptors(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static int connect_to(int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0 ? -errno : 0;

	close(fd);
	return rc;
}

static void a_bound_socket_is_as_promised(void **state)
{
	struct vane_sockets socks;
	char name[64], wanted[64];
	int fd;

	assert_int_equal(
		vane_bind_sockets(
			&(struct vane_bind_opts) { .address = "127.0.0.1" }, &socks),
		0);
	assert_int_equal(socks.count, 1);
	fd = socks.fds[0];
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(option(fd, SOL_SOCKET, SO_REUSEADDR), 1);
	assert_true(vane_socket_is_listening(fd));
	assert_true(vane_socket_port(fd) > 0);
	snprintf(wanted, sizeof(wanted), "127.0.0.1:%d", vane_socket_port(fd));
	assert_int_equal(vane_socket_name(fd, name, sizeof(name)), strlen(wanted));
	assert_string_equal(name, wanted);
	assert_int_equal(vane_socket_name(fd, name, 4), strlen(wanted));
	assert_string_equal(name, "127");
	assert_int_equal(connect_to(vane_socket_port(fd)), 0);
	vane_sockets_fini(&socks);
	assert_null(socks.fds);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void no_address_means_all_interfaces_on_one_port(void **state)
{
	static const char *const addresses[] = { NULL, "" };
	struct vane_sockets socks;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct vane_bind_opts opts = { .address = addresses[i], .port = "0" };

		assert_int_equal(vane_bind_sockets(&opts, &socks), 0);
		assert_true(socks.count >= 1);
		for (k = 0; k < socks.count; k++) {
			int family = option(socks.fds[k], SOL_SOCKET, SO_DOMAIN);

			assert_int_equal(vane_socket_port(socks.fds[k]),
				vane_socket_port(socks.fds[0]));
			if (family == AF_INET6)
				assert_int_equal(
					option(socks.fds[k], IPPROTO_IPV6, IPV6_V6ONLY), 1);
		}
		assert_int_equal(connect_to(vane_socket_port(socks.fds[0])), 0);
		vane_sockets_fini(&socks);
	}
}

static void a_family_can_be_chosen(void **state)
{
	struct vane_sockets socks;

	assert_int_equal(
		vane_bind_sockets(&(struct vane_bind_opts) { .family = AF_INET }, &socks),
		0);
	assert_int_equal(socks.count, 1);
	assert_int_equal(option(socks.fds[0], SOL_SOCKET, SO_DOMAIN), AF_INET);
	vane_sockets_fini(&socks);
}

static void a_port_in_use_is_reported(void **state)
{
	struct vane_bind_opts opts = { .address = "127.0.0.1" };
	struct vane_sockets socks, more = { 0 };
	char port[16];
	int before;

	assert_int_equal(vane_bind_sockets(&opts, &socks), 0);
	snprintf(port, sizeof(port), "%d", vane_socket_port(socks.fds[0]));
	opts.port = port;
	before = open_descriptors();
	assert_int_equal(vane_bind_sockets(&opts, &more), -EADDRINUSE);
	assert_int_equal(more.count, 0);
	assert_int_equal(open_descriptors(), before);
	vane_sockets_fini(&socks);
	assert_int_equal(vane_bind_sockets(&opts, &socks), 0);
	vane_sockets_fini(&socks);
}

static void two_can_share_a_port_if_both_want_to(void **state)
{
	struct vane_bind_opts opts = { .address = "127.0.0.1", .reuse_port = true };
	struct vane_sockets socks, more;
	char port[16];

	assert_int_equal(vane_bind_sockets(&opts, &socks), 0);
	snprintf(port, sizeof(port), "%d", vane_socket_port(socks.fds[0]));
	opts.port = port;
	assert_int_equal(vane_bind_sockets(&opts, &more), 0);
	vane_sockets_fini(&socks);
	vane_sockets_fini(&more);
}

static void what_cannot_be_resolved_is_refused(void **state)
{
	static const struct {
		struct vane_bind_opts opts;
		int rc;
	} rows[] = {
		{ { .address = "localhost", .flags = AI_NUMERICHOST }, -ENOENT },
		{ { .address = "127.0.0.1", .port = "no-such-service-here" }, -ENOENT },
		{ { .address = "127.0.0.1", .port = "65536" }, -EINVAL },
		{ { .address = "127.0.0.1", .port = "99999999999999999999" }, -EINVAL },
		{ { .address = "127.0.0.1", .port = "-1" }, -EINVAL },
		{ { .address = "127.0.0.1", .port = " 80" }, -EINVAL },
		{ { .address = "127.0.0.1", .port = "" }, -EINVAL },
	};
	struct vane_sockets socks;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(vane_bind_sockets(&rows[i].opts, &socks), rows[i].rc);
}

static void an_address_listed_twice_is_bound_once(void **state)
{
	struct vane_bind_opts opts = { 0 };
	struct vane_sockets socks;
	struct entry one, two, three;

	loopback(&three, NULL, 0);
	loopback(&two, &three, 0);
	loopback(&one, &two, 0);
	three.addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	assert_int_equal(vane__bind_addresses(&one.ai, &opts, &socks), 0);
	assert_int_equal(socks.count, 2);
	assert_int_equal(vane_socket_port(socks.fds[0]), vane_socket_port(socks.fds[1]));
	vane_sockets_fini(&socks);
}

static void families_that_the_system_lacks_are_skipped(void **state)
{
	struct vane_bind_opts opts = { 0 };
	struct vane_sockets socks;
	struct entry one, two;
	char name[64];

	loopback(&two, NULL, 0);
	unknown_family(&one, &two);
	assert_int_equal(vane__bind_addresses(&one.ai, &opts, &socks), 0);
	assert_int_equal(socks.count, 1);
	assert_true(vane_socket_name(socks.fds[0], name, sizeof(name)) > 0);
	assert_memory_equal(name, "127.0.0.1:", 10);
	vane_sockets_fini(&socks);
	unknown_family(&one, NULL);
	assert_int_equal(vane__bind_addresses(&one.ai, &opts, &socks), -EAFNOSUPPORT);
}

static void one_failure_takes_all_back(void **state)
{
	struct vane_bind_opts opts = { 0 };
	struct vane_sockets taken, socks = { 0 };
	struct entry one, two;
	int before;

	loopback(&one, NULL, 0);
	assert_int_equal(vane__bind_addresses(&one.ai, &opts, &taken), 0);
	loopback(&two, NULL, (in_port_t) vane_socket_port(taken.fds[0]));
	loopback(&one, &two, (in_port_t) vane_socket_port(taken.fds[0]));
	one.addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	before = open_descriptors();
	assert_int_equal(vane__bind_addresses(&one.ai, &opts, &socks), -EADDRINUSE);
	assert_int_equal(socks.count, 0);
	assert_int_equal(open_descriptors(), before);
	vane_sockets_fini(&taken);
}

static void a_set_with_a_taken_port_is_tried_again(void **state)
{
	struct vane_bind_opts opts = { .port = "0" };
	struct vane_sockets socks;
	struct entry one, two;
	int tries;

	/*
	 * the second can never be bound to the port of the first: it is the same address, told
	 * apart by bytes that the kernel does not look at
	 */
	loopback(&two, NULL, 0);
	loopback(&one, &two, 0);
	two.addr.in.sin_zero[0] = 1;
	for (tries = 0; tries < 3; tries++)
		assert_int_equal(vane__bind_addresses(&one.ai, &opts, &socks), -EADDRINUSE);
}

static void only_listening_stream_sockets_are_adopted(void **state)
{
	int sock = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(vane_socket_adopt(fds[0]), -ENOTSOCK);
	assert_int_equal(vane_socket_adopt(udp), -EINVAL);
	assert_int_equal(vane_socket_adopt(sock), -EINVAL);
	assert_false(vane_socket_is_listening(sock));
	assert_false(vane_socket_is_listening(fds[0]));
	assert_int_equal(listen(sock, 1), 0);
	assert_int_equal(vane_socket_adopt(sock), 0);
	assert_true(fcntl(sock, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(sock, F_GETFL) & O_NONBLOCK);
	close(sock);
	close(udp);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(vane_socket_adopt(sock), -EBADF);
	assert_int_equal(vane_socket_port(sock), -EBADF);
}

/* A folder of our own, gone after the test. */
static char folder[64], path[100];

static int make_folder(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/vane-test-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/x.sock", folder);
	return 0;
}

static int remove_folder(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static int connect_unix(const char *file)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(addr.sun_path, file, strlen(file) + 1);
	if (connect(fd, (struct sockaddr *) &addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void a_unix_socket_has_its_mode_whatever_the_umask(void **state)
{
	static const struct {
		unsigned mode, found;
		mode_t mask;
	} rows[] = {
		{ 0, 0660, 0 },
		{ 0, 0660, 077 },
		{ 0600, 0600, 0 },
		{ 0666, 0666, 022 },
	};
	char name[120], wanted[120];
	struct stat st;
	size_t i;
	int fd;

	snprintf(wanted, sizeof(wanted), "unix:%s", path);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		mode_t mask = umask(rows[i].mask);

		assert_int_equal(vane_bind_unix_socket(path, rows[i].mode, 0, &fd), 0);
		assert_int_equal(umask(mask), rows[i].mask);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, rows[i].found);
		assert_true(vane_socket_is_listening(fd));
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		vane_socket_name(fd, name, sizeof(name));
		assert_string_equal(name, wanted);
		assert_int_equal(vane_socket_port(fd), -EAFNOSUPPORT);
		close(fd); /* stale from now on: the next row replaces it */
	}
}

static void a_served_unix_socket_is_left_alone(void **state)
{
	int fd, second, peer, waiting[8];
	size_t i;

	assert_int_equal(vane_bind_unix_socket(path, 0, 1, &fd), 0);
	assert_int_equal(vane_bind_unix_socket(path, 0, 0, &second), -EADDRINUSE);
	peer = connect_unix(path);
	assert_true(peer >= 0);
	close(peer);
	for (i = 0; i < ARRAY_SIZE(waiting); i++) /* fill its queue */
		waiting[i] = connect_unix(path);
	assert_int_equal(waiting[7], -1);
	assert_int_equal(vane_bind_unix_socket(path, 0, 0, &second), -EADDRINUSE);
	assert_int_equal(access(path, F_OK), 0);
	for (i = 0; i < ARRAY_SIZE(waiting); i++)
		if (waiting[i] >= 0)
			close(waiting[i]);
	close(fd);
}

static void a_file_in_the_way_is_left_alone(void **state)
{
	int fd, file = open(path, O_CREAT | O_WRONLY, 0600);

	assert_true(file >= 0);
	close(file);
	assert_int_equal(vane_bind_unix_socket(path, 0, 0, &fd), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
}

static void a_bad_path_is_refused(void **state)
{
	char longer[200];
	int fd, before = open_descriptors();

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(vane_bind_unix_socket(longer, 0, 0, &fd), -ENAMETOOLONG);
	assert_int_equal(vane_bind_unix_socket("", 0, 0, &fd), -EINVAL);
	assert_int_equal(vane_bind_unix_socket("/nonexistent/x", 0, 0, &fd), -ENOENT);
	assert_int_equal(open_descriptors(), before);
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bound_socket_is_as_promised),
		cmocka_unit_test(no_address_means_all_interfaces_on_one_port),
		cmocka_unit_test(a_family_can_be_chosen),
		cmocka_unit_test(a_port_in_use_is_reported),
		cmocka_unit_test(two_can_share_a_port_if_both_want_to),
		cmocka_unit_test(what_cannot_be_resolved_is_refused),
		cmocka_unit_test(an_address_listed_twice_is_bound_once),
		cmocka_unit_test(families_that_the_system_lacks_are_skipped),
		cmocka_unit_test(one_failure_takes_all_back),
		cmocka_unit_test(a_set_with_a_taken_port_is_tried_again),
		cmocka_unit_test(only_listening_stream_sockets_are_adopted),
		IN_FOLDER(a_unix_socket_has_its_mode_whatever_the_umask),
		IN_FOLDER(a_served_unix_socket_is_left_alone),
		IN_FOLDER(a_file_in_the_way_is_left_alone),
		IN_FOLDER(a_bad_path_is_refused),
	};

	vane_log_set_level(VANE_LOG_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
