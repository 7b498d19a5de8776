/* SPDX-License-Identifier: MIT */
/*
 * test_response_body.c - lib/core/response.c and lib/core/output.c: the body of an answer
 */
#include "config.h" /* for memfd_create() */

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

/* A source that gives at most step bytes of "source" so often, then ends or fails. */
struct source {
	int times, result, done;
};

static ssize_t pull(void *data, char *buf, size_t size)
{
	struct source *source = data;

	if (source->times == 0)
		return source->result;
	source->times--;
	if (size > 6)
		size = 6;
	memcpy(buf, "source", size);
	return (ssize_t) size;
}

static void done(void *data)
{
	struct source *source = data;

	source->done++;
}

static struct source source;

static int open_ended(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, -1 };

	source = (struct source) { .times = 2 };
	vane_response_puts(res, "<");
	vane_response_write_source(res, &s);
	return vane_response_puts(res, ">");
}

static int measured(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, 8 };

	source = (struct source) { .times = 9 };
	vane_response_puts(res, "<");
	vane_response_write_source(res, &s);
	return vane_response_puts(res, ">");
}

static int too_short(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, 20 };

	source = (struct source) { .times = 1 };
	return vane_response_write_source(res, &s);
}

static int failing(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, -1 };

	source = (struct source) { .times = 1, .result = -EIO };
	return vane_response_write_source(res, &s);
}

static int beyond_promise(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, -1 };

	source = (struct source) { .times = 2 };
	vane_response_add_field(res, "Content-Length", "10");
	return vane_response_write_source(res, &s);
}

static int within_promise(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, -1 };

	source = (struct source) { .times = 2 };
	vane_response_add_field(res, "Content-Length", "12");
	return vane_response_write_source(res, &s);
}

static int replaced(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, -1 };

	source = (struct source) { .times = 2 };
	vane_response_write_source(res, &s);
	return 404;
}

static int refused(struct vane_response *res)
{
	struct vane_source s = { pull, done, &source, 5 };

	source = (struct source) { .times = 2 };
	vane_response_add_field(res, "Content-Length", "3");
	assert_int_equal(vane_response_write_source(res, &s), -EMSGSIZE);
	assert_int_equal(source.done, 1);
	return vane_response_send_error(res, 404, "refused");
}

static void sources_are_pulled_and_let_go_of_once(void **state)
{
	static const struct {
		int (*fn)(struct vane_response *);
		int status;
		bool whole;
		const char *body, *length;
	} rows[] = {
		{ open_ended, 200, true, "<sourcesource>", NULL },
		{ measured, 200, true, "<sourceso>", "10" },
		{ too_short, 200, false, "source", "20" },
		{ failing, 200, false, "source", NULL },
		{ within_promise, 200, true, "sourcesource", "12" },
		{ beyond_promise, 200, false, "source", "10" },
		{ replaced, 404, true, NULL, NULL },
		{ refused, 404, true, NULL, NULL },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows) * 2; i++) {
		bool head = i % 2 == 1;
		const char *length;
		size_t k = i / 2;

		probe_init_answer(&probe, rows[k].fn);
		assert_int_equal(
			probe_method(&probe, head ? "HEAD" : "GET", "/"), rows[k].status);
		assert_int_equal(source.done, 1);
		length = probe_field(&probe, "Content-Length");
		if (rows[k].body != NULL) {
			assert_int_equal(length != NULL, rows[k].length != NULL);
			if (length != NULL)
				assert_string_equal(length, rows[k].length);
		}
		if (head) {
			assert_true(probe.got.whole);
			assert_int_equal(probe.got.body_len, 0);
		} else {
			assert_int_equal(probe.got.whole, rows[k].whole);
			if (rows[k].body != NULL)
				assert_string_equal(probe.got.body, rows[k].body);
		}
		probe_fini(&probe);
	}
}

static int make_file(void)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "0123456789", 10), 10);
	return fd;
}

static int last_fd;

static int parts_of_a_file(struct vane_response *res)
{
	last_fd = make_file();
	vane_response_write_file(res, last_fd, 3, 4);
	return vane_response_puts(res, "|");
}

static int more_than_the_file(struct vane_response *res)
{
	last_fd = make_file();
	return vane_response_write_file(res, last_fd, 8, 4);
}

static int no_part_of_a_file(struct vane_response *res)
{
	last_fd = make_file();
	return vane_response_write_file(res, last_fd, 3, 0);
}

static int less_than_nothing(struct vane_response *res)
{
	last_fd = make_file();
	assert_int_equal(vane_response_write_file(res, last_fd, 3, -1), -EINVAL);
	return 0;
}

static int file_for_nothing(struct vane_response *res)
{
	last_fd = make_file();
	vane_response_write_file(res, last_fd, 0, 10);
	return 404;
}

static void files_are_sent_and_closed(void **state)
{
	static const struct {
		int (*fn)(struct vane_response *);
		int status;
		bool whole;
		const char *body;
	} rows[] = {
		{ parts_of_a_file, 200, true, "3456|" },
		{ more_than_the_file, 200, false, "89" },
		{ no_part_of_a_file, 200, true, "" },
		{ less_than_nothing, 500, true, NULL },
		{ file_for_nothing, 404, true, NULL },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		probe_answer(&probe, rows[i].fn);
		assert_int_equal(probe.got.status, rows[i].status);
		assert_int_equal(probe.got.whole, rows[i].whole);
		if (rows[i].body != NULL)
			assert_string_equal(probe.got.body, rows[i].body);
		assert_int_equal(fcntl(last_fd, F_GETFD), -1);
		probe_fini(&probe);
	}
}

static int bytes_of_all_kinds(struct vane_response *res)
{
	int i;

	for (i = 0; i < 3; i++) {
		char *taken = strdup("taken,");

		vane_response_puts(res, "put,");
		vane_response_write(res, "written,\0,", 10);
		vane_response_write_ref(res, "borrowed,", 9);
		vane_response_write_take(res, taken, 6);
		vane_response_write_take(res, malloc(1), 0);
		vane_response_write_ref(res, NULL, 0);
		vane_response_printf(res, "%s%d,", "printed", i);
		vane_response_puts_html(res, "<&>\"'");
		if (i == 1)
			vane_response_flush(res);
	}
	return 0;
}

static void bytes_of_all_kinds_keep_their_order(void **state)
{
	struct probe probe;
	const char *at;
	int i;

	probe_answer(&probe, bytes_of_all_kinds);
	assert_true(probe.got.whole);
	at = probe.got.body;
	for (i = 0; i < 3; i++) {
		assert_memory_equal(at, "put,written,\0,borrowed,taken,printed", 36);
		assert_int_equal(at[36], '0' + i);
		at = strstr(at + 36, "&lt;&amp;&gt;");
		assert_non_null(at);
		at = strstr(at, i < 2 ? "put" : "");
		assert_non_null(at);
	}
	probe_fini(&probe);
}

static int count_pending(struct vane_response *res)
{
	static const struct vane_source empty = { .pull = NULL, .length = 0 };

	assert_int_equal(vane_response_pending(res), 0);
	vane_response_puts(res, "abc");
	vane_response_write_ref(res, "defg", 4);
	vane_response_write_take(res, calloc(1, 5), 5);
	vane_response_write_file(res, memfd_create("file", MFD_CLOEXEC), 0, 0);
	vane_response_write_source(res, &empty);
	assert_int_equal(vane_response_pending(res), 12);
	vane_response_flush(res);
	assert_int_equal(vane_response_pending(res), 0);
	vane_response_puts(res, "h");
	assert_int_equal(vane_response_pending(res), 1);
	return 0;
}

static int write_huge_files(struct vane_response *res)
{
	const int64_t huge = INT64_C(1) << 40;
	int i;

	for (i = 0; i < 3; i++)
		vane_response_write_file(res, memfd_create("file", MFD_CLOEXEC), 0, huge);
	assert_true(vane_response_pending(res) ==
		    (SIZE_MAX > UINT32_MAX ? (size_t) (3 * huge) : SIZE_MAX));
	return 503;
}

static void so_are_files_that_memory_could_not_hold(void **state)
{
	struct probe probe;

	probe_answer(&probe, write_huge_files);
	assert_int_equal(probe.got.status, 503);
	probe_fini(&probe);
}

static void what_waits_is_counted(void **state)
{
	struct probe probe;

	probe_answer(&probe, count_pending);
	assert_int_equal(probe.got.body_len, 13);
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_pulled_and_let_go_of_once),
		cmocka_unit_test(files_are_sent_and_closed),
		cmocka_unit_test(bytes_of_all_kinds_keep_their_order),
		cmocka_unit_test(what_waits_is_counted),
		cmocka_unit_test(so_are_files_that_memory_could_not_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
