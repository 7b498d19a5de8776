/* SPDX-License-Identifier: MIT */
/*
 * test_caller.c - a program that was compiled otherwise than the library.
 *
 * Of the public headers alone, and without the macros that make files and times wide: on 32-bit
 * systems its off_t and time_t have 32 bits, and the library's 64.
 */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/app.h>
#include <vane/handler.h>
#include <vane/request.h>
#include <vane/static.h>
#include <vane/test.h>
#include <vane/docroot.h>

#include "support/tmp.h"

#define TEXT "of a file\n"

static struct tmp tmp;

static int file_get(struct vane_request *req, struct vane_response *res)
{
	char path[TMP_PATH_MAX];
	int fd = open(tmp_path(&tmp, path, "file.txt"), O_RDONLY | O_CLOEXEC);

	return fd < 0 ? 500 : vane_response_send_file(res, fd, "file.txt");
}

static int folder_get(struct vane_request *req, struct vane_response *res)
{
	return vane_response_send_file(res, open(tmp.path, O_RDONLY | O_CLOEXEC), "folder");
}

static const struct vane_handler file = { .get = file_get };
static const struct vane_handler folder = { .get = folder_get };
static const struct vane_route routes[] = {
	{ "/file", &file },
	{ "/folder", &folder },
	{ 0 },
};

static struct vane_test_response ask(const char *target)
{
	struct vane_test_response response;
	struct vane_app *app;

	assert_int_equal(vane_app_new(&app, routes, NULL), 0);
	assert_int_equal(
		vane_test_run(
			app, &(struct vane_test_request) { .target = target }, &response),
		0);
	vane_app_free(app);
	return response;
}

static void a_file_that_a_handler_has_open_is_sent(void **state)
{
	struct vane_test_response response = ask("/file");

	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, TEXT);
	vane_test_response_fini(&response);
}

static void a_folder_that_a_handler_has_open_is_not(void **state)
{
	int before = dup(0), after;
	struct vane_test_response response = ask("/folder");

	assert_int_equal(response.status, 500);
	vane_test_response_fini(&response);
	close(before);
	after = dup(0);
	assert_int_equal(after, before); /* its descriptor is closed */
	close(after);
}

static void a_tree_says_what_it_found(void **state)
{
	struct vane_file found;
	struct vane_docroot *docroot;
	struct stat st;
	char path[TMP_PATH_MAX];

	assert_int_equal(stat(tmp_path(&tmp, path, "file.txt"), &st), 0);
	assert_int_equal(vane_docroot_open(&docroot, tmp.path, NULL), 0);
	assert_int_equal(vane_docroot_stat(docroot, "file.txt", &found), 0);
	assert_true(found.size == (int64_t) strlen(TEXT));
	assert_true(found.modified_sec == (int64_t) st.st_mtim.tv_sec);
	assert_true(found.modified_nsec == (int32_t) st.st_mtim.tv_nsec);
	assert_true(found.inode == (uint64_t) st.st_ino);
	assert_true(found.mode == (uint32_t) st.st_mode);
	vane_docroot_close(docroot);
}

static int setup(void **state)
{
	int rc = tmp_make(&tmp);

	return rc < 0 ? rc : tmp_write(&tmp, "file.txt", TEXT, NULL);
}

static int teardown(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_a_handler_has_open_is_sent),
		cmocka_unit_test(a_folder_that_a_handler_has_open_is_not),
		cmocka_unit_test(a_tree_says_what_it_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
