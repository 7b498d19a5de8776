/* SPDX-License-Identifier: MIT */
/*
 * test_handover.c - lib/net/handover.c
 */
#include "config.h"

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/handover.h>
#include <vane/log.h>
#include <vane/loop.h>

#include "base.h"
#include "handover.h"

#define MANY 40

struct scene {
	struct vane_handover *handover;
	struct vane_loop *loop;
	int taken[MANY * 2];
	int count;
	int complaints;
	int descriptors; /* open before the test */
};

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void count_line(enum vane_log_level level, const char *line, void *data)
{
	struct scene *scene = data;

	scene->complaints++;
}

static int begin(void **state)
{
	static struct scene scene;

	memset(&scene, 0, sizeof(scene));
	*state = &scene;
	scene.descriptors = open_descriptors();
	vane_log_set_function(count_line, &scene);
	return vane_handover_new(&scene.handover);
}

/* Whatever a test did with descriptors, none is left. */
static int end(void **state)
{
	struct scene *scene = *state;
	int i;

	for (i = 0; i < scene->count; i++)
		close(scene->taken[i]);
	vane_handover_free(scene->handover);
	vane_loop_free(scene->loop);
	vane_log_set_function(NULL, NULL);
	return open_descriptors() == scene->descriptors ? 0 : -1;
}

static void keep(int fd, void *data)
{
	struct scene *scene = data;

	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	scene->taken[scene->count++] = fd;
}

static void attach(struct scene *scene)
{
	assert_int_equal(vane_loop_new(&scene->loop), 0);
	assert_int_equal(
		vane_handover_attach(scene->handover, scene->loop, keep, scene), 0);
}

/* Connected pairs: one end of each to give, the other to try it with. */
static void make_pairs(int *ours, int *theirs, int count)
{
	int fds[2], i;

	for (i = 0; i < count; i++) {
		assert_int_equal(
			socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
		ours[i] = fds[0];
		theirs[i] = fds[1];
	}
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void sixteen_a_turn_arrive_and_work(void **state)
{
	struct scene *scene = *state;
	int ours[MANY], theirs[MANY], i;
	char c;

	attach(scene);
	make_pairs(ours, theirs, MANY);
	assert_int_equal(vane_handover_give(scene->handover, ours, MANY), MANY);
	for (i = 0; i < MANY; i++)
		assert_false(is_open(ours[i]));
	vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->count, 16);
	vane_loop_turn(scene->loop, true);
	vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->count, MANY);
	for (i = 0; i < MANY; i++) {
		c = (char) i;
		assert_int_equal(write(scene->taken[i], &c, 1), 1);
		assert_int_equal(read(theirs[i], &c, 1), 1);
		assert_int_equal(c, i);
		close(theirs[i]);
	}
}

/* Another worker: answers one byte on each connection, and leaves. */
static void serve(struct scene *scene, int count)
{
	int i;

	attach(scene);
	while (scene->count < count)
		vane_loop_turn(scene->loop, true);
	vane_handover_detach(scene->handover);
	for (i = 0; i < count; i++)
		if (write(scene->taken[i], "y", 1) != 1)
			_exit(1);
	_exit(0);
}

static void another_process_takes_them(void **state)
{
	struct scene *scene = *state;
	int ours[20], theirs[20], status, i;
	pid_t pid = fork();
	char c;

	assert_true(pid >= 0);
	if (pid == 0)
		serve(scene, 20);
	make_pairs(ours, theirs, 20);
	assert_int_equal(vane_handover_give(scene->handover, ours, 20), 20);
	for (i = 0; i < 20; i++) {
		struct pollfd answer = { .fd = theirs[i], .events = POLLIN };

		assert_int_equal(poll(&answer, 1, 20000), 1);
		assert_int_equal(read(theirs[i], &c, 1), 1);
		assert_int_equal(c, 'y');
		close(theirs[i]);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_full_queue_leaves_the_rest_with_the_caller(void **state)
{
	struct scene *scene = *state;
	int fds[16], pipe_fds[2], total = 0, left;
	size_t given, i;

	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	do {
		for (i = 0; i < 16; i++)
			assert_true((fds[i] = fcntl(pipe_fds[1], F_DUPFD_CLOEXEC, 0)) >= 0);
		given = vane_handover_give(scene->handover, fds, 16);
		total += (int) given;
		assert_true(total < 1000000);
	} while (given == 16);
	assert_true(total >= 256);
	for (i = 0; i < given; i++)
		assert_false(is_open(fds[i]));
	for (; i < 16; i++) {
		assert_true(is_open(fds[i]));
		close(fds[i]);
	}
	left = open_descriptors();
	vane_handover_free(scene->handover); /* closes what waits: the pipe's end shows */
	scene->handover = NULL;
	assert_int_equal(open_descriptors(), left - 2);
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], fds, 1), 0);
	close(pipe_fds[0]);
}

static void leaving_takes_all_that_waits(void **state)
{
	struct scene *scene = *state;
	int ours[MANY], theirs[MANY + 1], i;

	vane_handover_detach(scene->handover); /* does nothing yet */
	attach(scene);
	assert_int_equal(
		vane_handover_attach(scene->handover, scene->loop, keep, scene), -EALREADY);
	make_pairs(ours, theirs, MANY);
	assert_int_equal(vane_handover_give(scene->handover, ours, MANY), MANY);
	vane_handover_detach(scene->handover);
	assert_int_equal(scene->count, MANY);
	make_pairs(ours, theirs + MANY, 1);
	assert_int_equal(vane_handover_give(scene->handover, ours, 1), 1);
	vane_loop_turn(scene->loop, false);
	assert_int_equal(scene->count, MANY); /* the last one waits for others */
	for (i = 0; i <= MANY; i++)
		close(theirs[i]);
}

static void nothing(int fd, int events, void *data)
{
}

/* How often a descriptor is in an epoll instance of this process. */
static int count_in_epoll(int wanted)
{
	char path[64], line[256];
	int fd, watched, count = 0;

	for (fd = 0; fd < 256; fd++) {
		FILE *info;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		info = fopen(path, "re");
		if (info == NULL)
			continue;
		while (fgets(line, sizeof(line), info) != NULL)
			count +=
				sscanf(line, "tfd: %d", &watched) == 1 && watched == wanted;
		fclose(info);
	}
	return count;
}

static void the_giver_hears_no_more_of_what_it_gave(void **state)
{
	struct scene *scene = *state;
	struct vane_watch *watch;
	int ours, theirs;

	attach(scene);
	make_pairs(&ours, &theirs, 1);
	assert_int_equal(
		vane_loop_add_watch(scene->loop, ours, VANE_READ, nothing, NULL, &watch),
		0);
	vane_loop_turn(scene->loop, false);
	assert_int_equal(count_in_epoll(ours), 1);
	vane_watch_remove(watch);
	assert_int_equal(vane_handover_give(scene->handover, &ours, 1), 1);
	assert_int_equal(count_in_epoll(ours), 0);

	/* and libev is not confused: the number can be watched again */
	vane_handover_detach(scene->handover);
	assert_int_equal(scene->count, 1);
	assert_int_equal(scene->taken[0], ours);
	assert_int_equal(vane_loop_add_watch(scene->loop, scene->taken[0],
				 VANE_READ | VANE_WRITE, nothing, NULL, &watch),
		0);
	vane_loop_turn(scene->loop, true);
	assert_int_equal(count_in_epoll(ours), 1);
	vane_watch_remove(watch);
	close(theirs);
}

/* Let this process have only so many descriptors above those that are open. */
static struct rlimit allow_descriptors(int more)
{
	struct rlimit old, few;
	int next = dup(STDIN_FILENO);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t) (next + more);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	return old;
}

static void note(void *data)
{
	*(bool *) data = true;
}

static void without_room_they_are_left_to_others(void **state)
{
	struct scene *scene = *state;
	int ours[16], theirs[16], i, turns;
	struct rlimit old;
	bool over = false;

	attach(scene);
	vane_loop_turn(scene->loop, false); /* libev makes its own descriptors now */
	make_pairs(ours, theirs, 16);
	assert_int_equal(vane_handover_give(scene->handover, ours, 16), 16);
	old = allow_descriptors(10);
	vane_loop_call_later(scene->loop, 250, note, &over, NULL);
	for (turns = 0; !over && turns < 30; turns++)
		vane_loop_turn(scene->loop, true);
	assert_true(over); /* without spinning */
	assert_int_equal(scene->count, 0);
	assert_int_equal(scene->complaints, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	for (turns = 0; scene->count == 0 && turns < 30; turns++)
		vane_loop_turn(scene->loop, true);
	assert_int_equal(scene->count, 16);
	for (i = 0; i < 16; i++)
		close(theirs[i]);
}

static void what_does_not_fit_at_the_last_look_is_closed(void **state)
{
	struct scene *scene = *state;
	int ours[16], theirs[16], i;
	struct rlimit old;
	char c;

	attach(scene);
	make_pairs(ours, theirs, 16);
	assert_int_equal(vane_handover_give(scene->handover, ours, 16), 16);
	old = allow_descriptors(3);
	vane_handover_detach(scene->handover);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(scene->count <= 3);
	assert_int_equal(scene->complaints, 1);
	/* the kernel has closed the others: their peers see it */
	for (i = 0; i < 16; i++) {
		if (i >= scene->count)
			assert_int_equal(read(theirs[i], &c, 1), 0);
		close(theirs[i]);
	}
}

static void stop(void *data)
{
	vane_loop_stop(data);
}

/* Half a second of the loop. */
static void turn(struct scene *scene)
{
	struct vane_timer *timer;

	assert_int_equal(
		vane_loop_call_later(scene->loop, 500, stop, scene->loop, &timer), 0);
	assert_int_equal(vane_loop_run(scene->loop), 0);
}

static void those_of_other_servers_are_left_to_them(void **state)
{
	struct scene *scene = *state;
	int ours[2], theirs[2];

	attach(scene);
	make_pairs(ours, theirs, 2);
	vane__handover_set_tag(scene->handover, 1);
	assert_int_equal(vane_handover_give(scene->handover, ours, 2), 2);
	vane__handover_set_tag(scene->handover, 2);
	turn(scene);
	assert_int_equal(scene->count, 0);
	vane__handover_set_tag(scene->handover, 1);
	turn(scene);
	assert_int_equal(scene->count, 2);
	assert_int_equal(scene->complaints, 0);
	close(theirs[0]);
	close(theirs[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(sixteen_a_turn_arrive_and_work),
		TEST(another_process_takes_them),
		TEST(a_full_queue_leaves_the_rest_with_the_caller),
		TEST(leaving_takes_all_that_waits),
		TEST(the_giver_hears_no_more_of_what_it_gave),
		TEST(without_room_they_are_left_to_others),
		TEST(those_of_other_servers_are_left_to_them),
		TEST(what_does_not_fit_at_the_last_look_is_closed),
	};

	alarm(120); /* rather than wait for ever for what does not come */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
