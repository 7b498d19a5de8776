/* SPDX-License-Identifier: MIT */
/*
 * test_limiter.c - gateway/limiter.c: who is inside, who stands in line, and for how long
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include <vane/loop.h>

#include "gateway/limiter.h"
#include "limit.h"

#define GUESTS 5

struct scene {
	struct vane_loop *loop;
	struct vane__limiter limiter;
	struct guest {
		struct scene *scene;
		struct vane__waiter waiter;
		bool returns; /* to the line as soon as it is inside */
	} guests[GUESTS];
	char told[64]; /* who was let in, and whose time was up, in that order */
};

static void note(struct scene *scene, char what, const struct guest *guest)
{
	char *end = scene->told + strlen(scene->told);

	*end++ = what;
	*end++ = (char) ('0' + (guest - scene->guests));
	*end = '\0';
}

static void on_turn(void *data, int rc)
{
	struct guest *guest = data;
	struct scene *scene = guest->scene;

	note(scene, rc == 0 ? '+' : '-', guest);
	if (rc < 0 || !guest->returns)
		return;
	guest->returns = false;
	scene->limiter.max_active = 0;
	vane__limiter_put_back(&guest->waiter);
}

static void begin(struct scene *scene, int max_active, int64_t wait_msec)
{
	int i;

	memset(scene, 0, sizeof(*scene));
	assert_int_equal(vane_loop_new(&scene->loop), 0);
	vane__limiter_init(&scene->limiter, max_active, GUESTS - 1, wait_msec);
	for (i = 0; i < GUESTS; i++)
		scene->guests[i].scene = scene;
}

static int enter(struct scene *scene, int i)
{
	struct guest *guest = &scene->guests[i];

	return vane__limiter_enter(
		&scene->limiter, scene->loop, &guest->waiter, on_turn, guest);
}

static void end(struct scene *scene)
{
	int i;

	/* from the end of the line on, so that nobody else enters */
	for (i = GUESTS - 1; i >= 0; i--)
		vane__limiter_leave(&scene->guests[i].waiter);
	vane__limiter_fini(&scene->limiter);
	vane_loop_free(scene->loop);
}

static void the_line_moves_in_its_order(void **state)
{
	struct scene scene;

	begin(&scene, 1, VANE__UNLIMITED);
	assert_int_equal(enter(&scene, 0), 1);
	assert_int_equal(enter(&scene, 1), 0);
	assert_int_equal(enter(&scene, 2), 0);
	vane__limiter_leave(&scene.guests[0].waiter);
	vane__limiter_leave(&scene.guests[1].waiter);
	assert_string_equal(scene.told, "+1+2");
	end(&scene);
}

static void the_line_has_an_end(void **state)
{
	struct scene scene;
	int i;

	begin(&scene, 0, VANE__UNLIMITED);
	for (i = 0; i < GUESTS - 1; i++)
		assert_int_equal(enter(&scene, i), 0);
	assert_int_equal(enter(&scene, i), -EAGAIN);
	end(&scene);
}

static void more_room_lets_in_as_many_as_it_has(void **state)
{
	struct scene scene;
	int i;

	begin(&scene, 0, VANE__UNLIMITED);
	for (i = 0; i < 3; i++)
		assert_int_equal(enter(&scene, i), 0);
	vane__limiter_resize(&scene.limiter, 2);
	assert_string_equal(scene.told, "+0+1");
	vane__limiter_resize(&scene.limiter, 0);
	assert_int_equal(scene.limiter.active, 2);
	end(&scene);
}

static void who_is_put_back_is_the_next(void **state)
{
	struct scene scene;

	begin(&scene, 0, VANE__UNLIMITED);
	assert_int_equal(enter(&scene, 0), 0);
	assert_int_equal(enter(&scene, 1), 0);
	scene.guests[0].returns = true;
	vane__limiter_resize(&scene.limiter, 2);
	assert_string_equal(scene.told, "+0");
	assert_int_equal(scene.limiter.waiting, 2);
	vane__limiter_resize(&scene.limiter, 2);
	assert_string_equal(scene.told, "+0+0+1");
	end(&scene);
}

/* Its time goes on from when it came, and there is nobody else in line. */
static void who_is_put_back_waits_no_longer_than_others(void **state)
{
	struct scene scene;
	int turns = 0;

	begin(&scene, 0, 30);
	assert_int_equal(enter(&scene, 0), 0);
	scene.guests[0].returns = true;
	vane__limiter_resize(&scene.limiter, 1);
	assert_string_equal(scene.told, "+0");
	while (scene.limiter.waiting > 0 && turns++ < 1000)
		vane_loop_turn(scene.loop, true);
	assert_string_equal(scene.told, "+0-0");
	end(&scene);
}

/*
 * Two that were inside come back, the one that has waited longer first: its time is up, the
 * other's is not.
 */
static void who_is_put_back_does_not_stop_the_clock_of_others(void **state)
{
	struct scene scene;
	int turns = 0;

	begin(&scene, 2, 600000);
	assert_int_equal(enter(&scene, 0), 1);
	assert_int_equal(enter(&scene, 1), 1);
	scene.guests[0].waiter.since -= 1200000;
	scene.limiter.max_active = 0;
	vane__limiter_put_back(&scene.guests[0].waiter);
	vane__limiter_put_back(&scene.guests[1].waiter);
	while (scene.limiter.waiting > 1 && turns++ < 1000)
		vane_loop_turn(scene.loop, false);
	assert_string_equal(scene.told, "-0");
	end(&scene);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_moves_in_its_order),
		cmocka_unit_test(the_line_has_an_end),
		cmocka_unit_test(more_room_lets_in_as_many_as_it_has),
		cmocka_unit_test(who_is_put_back_is_the_next),
		cmocka_unit_test(who_is_put_back_waits_no_longer_than_others),
		cmocka_unit_test(who_is_put_back_does_not_stop_the_clock_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
