/* SPDX-License-Identifier: MIT */
/*
 * test_mount.c - lib/http/mount.c
 */
#include "test.h"

#include "mount.h"
#include "slice.h"

static void mounts_end_at_the_border_of_a_segment(void **state)
{
	assert_true(vane__mount_has(SLICE("/app"), SLICE("/app")));
	assert_true(vane__mount_has(SLICE("/app"), SLICE("/app/x")));
	assert_false(vane__mount_has(SLICE("/app"), SLICE("/apple")));
	assert_false(vane__mount_has(SLICE("/app"), SLICE("/ap")));
	assert_false(vane__mount_has(SLICE("/app"), SLICE("/app\0x")));
	assert_true(vane__mount_has(SLICE(""), SLICE("/x")));
}

static void script_name_is_believed_where_path_info_is_the_rest(void **state)
{
	static const struct {
		struct vane_slice script_name, path_info, path;
		struct vane_slice mount;
	} rows[] = {
		{ SLICE_INIT("/app"), SLICE_INIT("/x"), SLICE_INIT("/app/x"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app/"), SLICE_INIT("/x"), SLICE_INIT("/app/x"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app"), SLICE_INIT("/"), SLICE_INIT("/app/"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/a/b"), SLICE_INIT("/c d"), SLICE_INIT("/a/b/c d"),
			SLICE_INIT("/a/b") },
		/* nothing behind the program */
		{ SLICE_INIT("/app/x"), SLICE_INIT(""), SLICE_INIT("/app/x"),
			SLICE_INIT("/app/x") },
		{ SLICE_INIT("/"), SLICE_INIT(""), SLICE_INIT("/"), SLICE_INIT("") },
		{ SLICE_INIT(""), SLICE_INIT("/x"), SLICE_INIT("/x"), SLICE_INIT("") },
		/* lighttpd's first segment, another path, a part of a segment */
		{ SLICE_INIT("/app"), SLICE_INIT(""), SLICE_INIT("/app/x"),
			SLICE_INIT("") },
		{ SLICE_INIT("/app"), SLICE_INIT("/y"), SLICE_INIT("/app/x"),
			SLICE_INIT("") },
		{ SLICE_INIT("/app"), SLICE_INIT("/x"), SLICE_INIT("/app/xy"),
			SLICE_INIT("") },
		{ SLICE_INIT("/app"), SLICE_INIT("/xy"), SLICE_INIT("/app/x"),
			SLICE_INIT("") },
		{ SLICE_INIT("/app"), SLICE_INIT("le"), SLICE_INIT("/apple"),
			SLICE_INIT("") },
		/* encoded slashes, decoded or not */
		{ SLICE_INIT("/app"), SLICE_INIT("/a/b"), SLICE_INIT("/app/a\0b"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app"), SLICE_INIT("/a%2Fb"), SLICE_INIT("/app/a\0b"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app"), SLICE_INIT("/a%2fb"), SLICE_INIT("/app/a\0b"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app"), SLICE_INIT("/a%2Fb"), SLICE_INIT("/app/a%2Fb"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app"), SLICE_INIT("/a%2Fb"), SLICE_INIT("/app/a/b"),
			SLICE_INIT("") },
		{ SLICE_INIT("/app"), SLICE_INIT("/a%2"), SLICE_INIT("/app/a\0"),
			SLICE_INIT("") },
		/* slashes, merged or not */
		{ SLICE_INIT("/app"), SLICE_INIT("/a/b"), SLICE_INIT("/app//a///b"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app"), SLICE_INIT("//a"), SLICE_INIT("/app//a"),
			SLICE_INIT("/app") },
		{ SLICE_INIT("/app"), SLICE_INIT("/ab"), SLICE_INIT("/app/a/b"),
			SLICE_INIT("") },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice mount = vane__mount_of_front(
			rows[i].script_name, rows[i].path_info, rows[i].path);

		print_message("%.*s\n", (int) rows[i].path.len, rows[i].path.data);
		assert_true(vane__slice_equal(mount, rows[i].mount));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_end_at_the_border_of_a_segment),
		cmocka_unit_test(script_name_is_believed_where_path_info_is_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
