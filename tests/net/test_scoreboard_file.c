/* SPDX-License-Identifier: MIT */
/*
 * test_scoreboard_file.c - lib/net/scoreboard_file.c: a program goes on with the figures of the one
 * before
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base.h"
#include "scoreboard.h"

/* The system has none. */
static bool refuses_memory;

int memfd_create(const char *name, unsigned int flags)
{
	if (refuses_memory) {
		errno = ENOSYS;
		return -1;
	}
	return (int) syscall(SYS_memfd_create, name, flags);
}

static const char *pattern;

static const char *pattern_of(unsigned index, void *data)
{
	return index == 0 ? "/" : pattern;
}

static const struct vane__board_opts two_workers = {
	.ids = 2, .routes = 2, .route = pattern_of
};

static int begin(void **state)
{
	pattern = "/b";
	refuses_memory = false;
	return 0;
}

static int end(void **state)
{
	vane__board_free();
	return 0;
}

static uint64_t all_requests(void)
{
	struct vane__score_sums sums = { 0 };
	size_t i;

	for (i = 0; vane__board_score(i) != NULL; i++)
		vane__score_add_sums(&sums, vane__board_score(i));
	return vane__score_sums_requests(&sums);
}

/* A worker that has answered so many. */
static struct vane__score *work(int id, pid_t pid, int count)
{
	struct vane__score *score = vane__board_take(id);

	assert_non_null(score);
	vane__board_forked(score, pid);
	for (; count > 0; count--)
		vane__score_request(score, 200, 50, 1);
	return score;
}

/* As an exec() does, with the descriptor that it leaves. */
static int leave(void)
{
	int fd = fcntl(vane__board_fd(), F_DUPFD_CLOEXEC, 3);

	assert_true(fd >= 0);
	vane__board_free();
	return fd;
}

static bool is_worker(int id, pid_t pid, void *data)
{
	return id == 1 && pid == 4711;
}

static void the_next_program_goes_on(void)
{
	struct vane__score *score;
	uint32_t second;
	int fd;

	assert_int_equal(vane__board_new(&two_workers), 0);
	work(0, 4710, 3);
	work(1, 4711, 4);
	usleep(2000);
	second = vane__board_second();
	fd = leave();
	assert_int_equal(vane__board_adopt(&two_workers, fd), 0);
	assert_true(vane__board_age() >= 2000);
	assert_true(vane__board_second() >= second);
	assert_int_equal(vane__board_ids(), 2);
	assert_int_equal(all_requests(), 7);
	vane__board_settle(is_worker, NULL);
	assert_int_equal(vane__board_score(0)->state, VANE__SCORE_FREE);
	score = work(1, 4712, 5);
	assert_int_equal(all_requests(), 12);
	assert_int_equal(score->generation, 1); /* the one before has its own still */
	assert_false(vane__board_ended(4711));
	assert_int_equal(all_requests(), 12);
}

static void the_next_program_goes_on_with_the_scores(void **state)
{
	the_next_program_goes_on();
#ifdef F_GET_SEALS
	/* none of those who write there can take it from under a master */
	assert_int_equal(ftruncate(vane__board_fd(), 4096), -1);
#endif
}

static void where_memory_has_no_descriptor_it_is_a_file(void **state)
{
	struct stat st;

	refuses_memory = true;
	the_next_program_goes_on();
	assert_int_equal(fstat(vane__board_fd(), &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void more_workers_than_before_have_scores(void **state)
{
	const struct vane__board_opts more = { .ids = 9, .routes = 2, .route = pattern_of };
	int i;

	for (i = 0; i < 2; i++) {
		refuses_memory = i == 1;
		assert_int_equal(vane__board_new(&two_workers), 0);
		work(1, 4711, 4);
		assert_null(vane__board_take(2));
		assert_int_equal(vane__board_adopt(&more, leave()), 0);
		work(8, 4712, 2);
		assert_null(vane__board_take(9));
		assert_int_equal(vane__board_ids(), 9);
		assert_int_equal(all_requests(), 6);
		/* and fewer have them all the same, as theirs were counted */
		assert_int_equal(vane__board_adopt(&two_workers, leave()), 0);
		assert_int_equal(all_requests(), 6);
		vane__board_free();
	}
}

static void refuse(const struct vane__board_opts *opts, int fd, int rc)
{
	assert_int_equal(vane__board_adopt(opts, fd), rc);
	assert_false(vane__board_exists());
	assert_int_equal(vane__board_fd(), -1);
	assert_true(fcntl(fd, F_GETFD) >= 0); /* it is the caller's */
}

static void scores_of_another_kind_are_refused(void **state)
{
	static const size_t places[] = { 0, offsetof(struct vane__board_head, version),
		offsetof(struct vane__board_head, seconds),
		offsetof(struct vane__board_head, buckets),
		offsetof(struct vane__board_head, layout.score_bytes) };
	struct vane__board_opts others = two_workers;
	int64_t future = vane__score_clock() + 3600 * INT64_C(1000000);
	int fd, pipes[2];
	size_t i;

	assert_int_equal(vane__board_new(&two_workers), 0);
	fd = leave();
	others.routes = 3;
	refuse(&others, fd, -EPROTO);
	pattern = "/c";
	refuse(&two_workers, fd, -EPROTO);
	pattern = "/b";
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		unsigned char byte, other;

		assert_int_equal(pread(fd, &byte, 1, (off_t) places[i]), 1);
		other = byte ^ 1;
		assert_int_equal(pwrite(fd, &other, 1, (off_t) places[i]), 1);
		refuse(&two_workers, fd, -EPROTO);
		assert_int_equal(pwrite(fd, &byte, 1, (off_t) places[i]), 1);
	}
	assert_int_equal(pwrite(fd, &future, sizeof(future),
				 offsetof(struct vane__board_head, began_usec)),
		sizeof(future));
	refuse(&two_workers, fd, -EPROTO);
	close(fd);
	assert_int_equal(pipe(pipes), 0);
	refuse(&two_workers, pipes[0], -EPROTO);
	close(pipes[0]);
	close(pipes[1]);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	refuse(&two_workers, fd, -EPROTO);
	close(fd);
}

/* Workers write there, and nothing that they write is an index. */
static void what_workers_write_leads_nowhere(void **state)
{
	struct vane__score *score;

	assert_int_equal(vane__board_new(&two_workers), 0);
	score = work(1, 4711, 1);
	score->second = UINT32_MAX;
	vane__board.file.head->used = UINT32_MAX;
	assert_int_equal(vane__board_ids(), 2);
	assert_int_equal(all_requests(), 1);
	vane__board_settle(is_worker, NULL);
	(void) vane__board_ended(4711);
	assert_int_equal(all_requests(), 1);
}

static void where_files_are_limited_it_is_memory_that_ends(void **state)
{
	struct rlimit before, small;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 65536;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(vane__board_new(&two_workers), 0);
	work(1, 4711, 4);
	assert_int_equal(vane__board_fd(), -1);
	assert_int_equal(all_requests(), 4);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_next_program_goes_on_with_the_scores, begin, end),
		cmocka_unit_test_setup_teardown(
			where_memory_has_no_descriptor_it_is_a_file, begin, end),
		cmocka_unit_test_setup_teardown(
			more_workers_than_before_have_scores, begin, end),
		cmocka_unit_test_setup_teardown(
			scores_of_another_kind_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(
			what_workers_write_leads_nowhere, begin, end),
		cmocka_unit_test_setup_teardown(
			where_files_are_limited_it_is_memory_that_ends, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
