/* SPDX-License-Identifier: MIT */
/*
 * test_inherit.c - lib/net/inherit.c: what a program leaves to the next one
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "inherit.h"

static void make(struct vane__inheritance *inherit)
{
	vane__inherit_init(inherit);
	inherit->role = VANE__INHERIT_MASTER;
	inherit->from = getpid();
	inherit->life[0] = 5;
	inherit->life[1] = 6;
	inherit->board = 7;
	inherit->mask = UINT64_C(0x8000000000004000);
	inherit->mode = strdup("http");
	assert_int_equal(vane__inherit_add_socket(inherit, 3, "unix:/run/a b.sock"), 0);
	assert_int_equal(vane__inherit_add_socket(inherit, 4, "*:8888"), 0);
	assert_int_equal(vane__inherit_add_worker(inherit, VANE__INHERIT_OLD, 0, 4711), 0);
	assert_int_equal(
		vane__inherit_add_worker(inherit, VANE__INHERIT_LEAVING, 3, 4712), 0);
}

static void what_is_written_can_be_read(void **state)
{
	struct vane__inheritance given, taken;
	char *text;

	make(&given);
	text = vane__inherit_format(&given);
	assert_int_equal(vane__inherit_parse(&taken, text), 0);
	assert_int_equal(taken.role, VANE__INHERIT_MASTER);
	assert_int_equal(taken.from, getpid());
	assert_int_equal(taken.report, -1);
	assert_int_equal(taken.life[0], 5);
	assert_int_equal(taken.life[1], 6);
	assert_int_equal(taken.board, 7);
	assert_int_equal(taken.handover[0], -1);
	assert_true(taken.mask == given.mask);
	assert_string_equal(taken.mode, "http");
	assert_null(taken.fdnames);
	assert_int_equal(taken.socket_count, 2);
	assert_int_equal(taken.sockets[0].fd, 3);
	assert_string_equal(taken.sockets[0].place, "unix:/run/a b.sock");
	assert_string_equal(taken.sockets[1].place, "*:8888");
	assert_int_equal(taken.worker_count, 2);
	assert_int_equal(taken.workers[1].state, VANE__INHERIT_LEAVING);
	assert_int_equal(taken.workers[1].id, 3);
	assert_int_equal(taken.workers[1].pid, 4712);
	free(text);
	vane__inherit_fini(&taken);
	vane__inherit_fini(&given);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} rows[] = {
		{ "role worker", 0 },
		{ "role worker\nwhat a later version adds", 0 },
		{ "", -EINVAL },
		{ "role", -EINVAL },
		{ "role none", -EINVAL },
		{ "role king", -EINVAL },
		{ "life 1 2", -EINVAL },
		{ "role worker\nlife 1", -EINVAL },
		{ "role worker\nlife a b", -EINVAL },
		{ "role worker\nsocket -1 here", -EINVAL },
		{ "role worker\nsocket here", -EINVAL },
		{ "role worker\nold 1", -EINVAL },
		{ "role worker\nold -1 5", -EINVAL },
		{ "role worker\nold 1 0", -EINVAL },
		{ "role worker\nold 1 -1", -EINVAL },
		{ "role worker\nfrom here", -EINVAL },
		{ "role worker\nboard here", -EINVAL },
	};
	struct vane__inheritance taken;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vane__inherit_parse(&taken, rows[i].text), rows[i].rc);
		vane__inherit_fini(&taken);
	}
}

static void only_who_is_meant_takes_it(void **state)
{
	static const struct {
		const char *role;
		bool from_parent, taken;
	} rows[] = {
		{ "master", false, true },
		{ "master", true, false },
		{ "worker", true, true },
		{ "worker", false, false },
		{ "rehearsal", true, true },
	};
	struct vane__inheritance taken;
	char text[200];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = dup(STDERR_FILENO);
		snprintf(text, sizeof(text), "role %s\nfrom %d\nsocket %d here",
			rows[i].role, (int) (rows[i].from_parent ? getppid() : getpid()),
			fd);
		setenv("VANE_INHERIT", text, 1);
		assert_int_equal(vane__inherit_take(&taken), 0);
		assert_null(getenv("VANE_INHERIT"));
		assert_int_equal(taken.role != VANE__INHERIT_NONE, rows[i].taken);
		if (rows[i].taken)
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		vane__inherit_fini(&taken);
		close(fd);
	}
}

static void a_descriptor_that_is_not_there_is_noticed(void **state)
{
	struct vane__inheritance taken;
	char text[200];

	snprintf(text, sizeof(text), "role master\nfrom %d\nsocket 999 here",
		(int) getpid());
	setenv("VANE_INHERIT", text, 1);
	assert_int_equal(vane__inherit_take(&taken), -EBADF);
	assert_int_equal(taken.role, VANE__INHERIT_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(only_who_is_meant_takes_it),
		cmocka_unit_test(a_descriptor_that_is_not_there_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
