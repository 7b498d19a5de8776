/* SPDX-License-Identifier: MIT */
/*
 * test_filter_request_id.c - lib/web/filter_request_id.c
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/probe.h"

/* As many bytes as one that a signal cuts may give; it has its own way with the first call. */
static int draws;

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
	if (draws++ == 0) {
		errno = EINTR;
		return -1;
	}
	return syscall(SYS_getrandom, buf, len < 300 ? len : 300, flags);
}

static int say_id(struct vane_request *req, struct vane_response *res)
{
	vane_request_log(req, VANE_LOG_WARNING, "seen");
	return vane_response_puts(res, vane_request_id(req));
}

static int forward(struct vane_request *req, struct vane_response *res)
{
	vane_response_forward(res, "/");
	vane_request_log(req, VANE_LOG_WARNING, "from %s", vane_request_id(req));
	return 0;
}

static struct vane_request_id_opts trusting = { .trust = true, .field = "X-Trace" };
static const struct vane_filter standard[] = { VANE_FILTER(&vane_request_id_filter, NULL),
	VANE_FILTER_END };
static const struct vane_filter own[] = { VANE_FILTER(&vane_request_id_filter, &trusting),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_GET("/", say_id),
	VANE_GET("/forward", forward), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", standard, pages), VANE_END };
static const struct vane_route trusting_routes[] = { VANE_GROUP("", own, pages), VANE_END };

static void each_request_has_an_id_of_its_own(void **state)
{
	char first[64];
	struct probe probe;
	int i;

	probe_init_routes(&probe, routes, NULL);
	probe_get(&probe, "/");
	snprintf(first, sizeof(first), "%s", probe.got.body);
	assert_int_equal(strlen(first), 32);
	assert_int_equal(strspn(first, "0123456789abcdef"), 32);
	assert_string_equal(probe_field(&probe, "X-Request-Id"), first);
	assert_non_null(strstr(probe.log, "route / id "));
	assert_non_null(strstr(probe.log, first));
	for (i = 0; i < 600; i++) { /* more than are drawn at a time */
		probe_get(&probe, "/");
		assert_int_equal(probe.got.body_len, 32);
		assert_string_not_equal(probe.got.body, first);
	}
	probe_fini(&probe);
}

static void error_pages_have_one(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(probe_get(&probe, "/nowhere"), 404);
	assert_int_equal(strlen(probe_field(&probe, "X-Request-Id")), 32);
	probe_fini(&probe);
}

static void a_forwarded_request_keeps_its_id(void **state)
{
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	probe_get(&probe, "/forward");
	assert_string_equal(probe_field(&probe, "X-Request-Id"), probe.got.body);
	assert_non_null(strstr(strstr(probe.log, "from "), probe.got.body));
	probe_fini(&probe);
}

static void a_client_is_believed_where_that_is_said(void **state)
{
	static const struct {
		const char *field;
		bool taken;
	} rows[] = {
		{ "X-Trace: abc-DEF_0.9:+/=@", true },
		{ "X-Trace: a b", false },
		{ "X-Trace: ", false },
		{ "X-Trace: a\"b", false },
		{ "X-Trace: gr\xc3\xbc\xc3\x9f", false },
		{ "X-Request-Id: abc", false },
	};
	char longest[160] = "X-Trace: ";
	struct probe probe;
	size_t i;

	probe_init_routes(&probe, trusting_routes, NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .fields = FIELDS(rows[i].field) };

		probe_run(&probe, &request);
		if (rows[i].taken)
			assert_string_equal(probe.got.body, rows[i].field + 9);
		else
			assert_int_equal(probe.got.body_len, 32);
		assert_string_equal(probe_field(&probe, "X-Trace"), probe.got.body);
	}
	for (i = 127; i < 130; i++) {
		struct vane_test_request request = { .fields = FIELDS(longest) };

		memset(longest + 9, 'x', i);
		longest[9 + i] = '\0';
		probe_run(&probe, &request);
		assert_int_equal(probe.got.body_len, i <= 128 ? i : 32);
	}
	probe_fini(&probe);
}

static void a_client_is_not_believed_otherwise(void **state)
{
	struct vane_test_request request = { .fields = FIELDS("X-Request-Id: abc") };
	struct probe probe;

	probe_init_routes(&probe, routes, NULL);
	probe_run(&probe, &request);
	assert_int_equal(probe.got.body_len, 32);
	probe_fini(&probe);
}

/* What was drawn before is in the memory of both. */
static void a_forked_process_gives_others(void **state)
{
	char theirs[33] = "";
	struct probe probe;
	int pipes[2], status;
	pid_t pid;

	probe_init_routes(&probe, routes, NULL);
	probe_get(&probe, "/");
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		probe_get(&probe, "/");
		_exit(write(pipes[1], probe.got.body, 32) == 32 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(pipes[0], theirs, 32), 32);
	probe_get(&probe, "/");
	assert_string_not_equal(probe.got.body, theirs);
	close(pipes[0]);
	close(pipes[1]);
	probe_fini(&probe);
}

static void a_field_that_is_no_name_is_refused(void **state)
{
	static struct vane_request_id_opts opts = { .field = "X Id" };
	char log[PROBE_LINE];

	probe_refuse_filter(&vane_request_id_filter, &opts, log);
	assert_string_equal(log, "vane_request_id_opts.field is no name of a field");
}

static void what_a_signal_has_cut_short_is_enough(void **state)
{
	char last[64] = "";
	struct probe probe;
	int i;

	probe_init_routes(&probe, routes, NULL);
	draws = 0;
	for (i = 0; i < 40; i++) { /* of which 18 are in 300 bytes */
		assert_int_equal(probe_get(&probe, "/"), 200);
		assert_int_equal(probe.got.body_len, 32);
		assert_string_not_equal(probe.got.body, last);
		assert_null(strstr(probe.got.body, "0000000000000000"));
		snprintf(last, sizeof(last), "%s", probe.got.body);
	}
	assert_in_range(draws, 2, 4);
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_has_an_id_of_its_own),
		cmocka_unit_test(error_pages_have_one),
		cmocka_unit_test(a_forwarded_request_keeps_its_id),
		cmocka_unit_test(a_client_is_believed_where_that_is_said),
		cmocka_unit_test(a_client_is_not_believed_otherwise),
		cmocka_unit_test(a_forked_process_gives_others),
		cmocka_unit_test(a_field_that_is_no_name_is_refused),
		cmocka_unit_test(what_a_signal_has_cut_short_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
