/* SPDX-License-Identifier: MIT */
/*
 * test_settings.c - adapters/main/settings.c: the options of every program.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vane/options.h>

#include "adapters/main/settings.h"
#include "sandbox.h"

static struct vane__settings settings;

static int define(void **state)
{
	return vane__settings_define(&settings);
}

static int forget(void **state)
{
	vane__settings_fini(&settings);
	vane__sandbox_fini();
	vane_options_reset();
	return 0;
}

/* Parse up to four words; what is said on standard error is not looked at. */
static int parse(const char *a, const char *b, const char *c, const char *d)
{
	const char *argv[] = { "x", a, b, c, d };
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY), argc = 1, rest,
	    rc;

	while (argc < 5 && argv[argc] != NULL)
		argc++;
	dup2(null, STDERR_FILENO);
	rc = vane_options_parse(argc, (char *const *) argv, &rest);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(null);
	return rc < 0 ? rc : rest == argc ? 0 : -E2BIG;
}

static void defaults_are_the_documented_ones(void **state)
{
	struct vane_app_opts opts;

	assert_int_equal(parse(NULL, NULL, NULL, NULL), 0);
	assert_int_equal(settings.port, 8888);
	assert_int_equal(settings.processes, 1);
	assert_int_equal(settings.shutdown_msec, 10000);
	assert_int_equal(settings.socket_mode, 0660);
	vane__settings_app(&settings, &opts, false);
	assert_int_equal(opts.max_body_bytes, 100 << 20);
	assert_int_equal(opts.access_log, VANE_ACCESS_LOG_OFF);
	assert_null(opts.mount);
	assert_false(
		opts.mount_auto || opts.path_from_pathinfo || opts.xheaders || opts.debug);
	vane__settings_app(&settings, &opts, true);
	assert_true(opts.mount_auto);
}

static void values_reach_the_application(void **state)
{
	struct vane_app_opts opts;

	assert_int_equal(parse("--mount=/app", "--path-from=pathinfo", "--max-body-size=1k",
				 "--debug"),
		0);
	vane__settings_app(&settings, &opts, true);
	assert_string_equal(opts.mount, "/app");
	assert_false(opts.mount_auto);
	assert_true(opts.path_from_pathinfo);
	assert_int_equal(opts.max_body_bytes, 1024);
	assert_int_equal(opts.max_form_bytes, 1 << 20);
	assert_int_equal(opts.max_memory_bytes, 5 << 20);
	assert_int_equal(opts.access_log, VANE_ACCESS_LOG_TORNADO);
	assert_true(opts.debug);
	assert_int_equal(
		parse("--max-form-size=2M", "--max-request-memory=1M", NULL, NULL), 0);
	vane__settings_app(&settings, &opts, false);
	assert_int_equal(opts.max_form_bytes, 2 << 20);
	assert_int_equal(opts.max_body_total_bytes, 1 << 30);
	assert_int_equal(opts.max_memory_bytes, 3 << 20);
	assert_int_equal(
		parse("--access-log=off", "--mount=auto", "--max-body-total=2M", NULL), 0);
	vane__settings_app(&settings, &opts, false);
	assert_int_equal(opts.max_body_total_bytes, 2 << 20);
	assert_int_equal(opts.access_log, VANE_ACCESS_LOG_OFF);
	assert_true(opts.mount_auto);
	assert_null(opts.mount);
}

static void debug_sets_what_is_not_given(void **state)
{
	static const struct {
		const char *first, *second;
		bool autoreload, says_why;
		enum vane_access_log access_log;
	} rows[] = {
		{ NULL, NULL, false, false, VANE_ACCESS_LOG_OFF },
		{ "--debug", NULL, true, true, VANE_ACCESS_LOG_TORNADO },
		{ "--debug", "--autoreload=0", false, true, VANE_ACCESS_LOG_TORNADO },
		{ "--serve-traceback=0", "--debug", true, false, VANE_ACCESS_LOG_TORNADO },
		{ "--debug", "--access-log=off", true, true, VANE_ACCESS_LOG_OFF },
		{ "--autoreload", NULL, true, false, VANE_ACCESS_LOG_OFF },
		{ "--serve-traceback", NULL, false, true, VANE_ACCESS_LOG_OFF },
	};
	struct vane_app_opts opts;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		forget(NULL);
		define(NULL);
		assert_int_equal(parse(rows[i].first, rows[i].second, NULL, NULL), 0);
		vane__settings_app(&settings, &opts, false);
		assert_int_equal(vane__settings_autoreload(&settings), rows[i].autoreload);
		assert_int_equal(opts.debug, rows[i].says_why);
		assert_int_equal(opts.debug_plain, !settings.debug);
		assert_int_equal(opts.access_log, rows[i].access_log);
	}
}

static void listen_may_be_repeated(void **state)
{
	assert_int_equal(parse("--listen=80", "--listen", "unix:/x", "--listen=fd:0"), 0);
	assert_int_equal(settings.listen_count, 3);
	assert_string_equal(settings.listen[0], "80");
	assert_string_equal(settings.listen[1], "unix:/x");
	assert_string_equal(settings.listen[2], "fd:0");
}

static void values_are_checked(void **state)
{
	static const struct {
		const char *word;
		int rc;
	} rows[] = {
		{ "--listen=nowhere", -EINVAL },
		{ "--mount=app", -EINVAL },
		{ "--mount=/app/", -EINVAL },
		{ "--mount=/", -EINVAL },
		{ "--mount=/a?b", -EINVAL },
		{ "--mount=", 0 },
		{ "--mount=/a/b", 0 },
		{ "--trusted=10.0.0.1", 0 },
		{ "--trusted=10.0.0.0/8, ::1,fe80::/10", 0 },
		{ "--trusted=10.0.0.0/33", -EINVAL },
		{ "--trusted=::/129", -EINVAL },
		{ "--trusted=10.0.0.0/", -EINVAL },
		{ "--trusted=example.org", -EINVAL },
		{ "--trusted=10.0.0.1,", -EINVAL },
		{ "--socket-mode=0666", 0 },
		{ "--socket-mode=600", 0 },
		{ "--socket-mode=0888", -EINVAL },
		{ "--socket-mode=1777", -EINVAL },
		{ "--socket-mode=6", -EINVAL },
		{ "--sandbox", 0 },
		{ "--sandbox=no", 0 },
		{ "--sandbox=require", 0 },
		{ "--sandbox=required", -EINVAL },
		{ "--sandbox-allow=/", 0 },
		{ "--sandbox-allow=/:rw", 0 },
		{ "--sandbox-allow=/:wr", -EINVAL },
		{ "--sandbox-allow=:rw", -EINVAL },
		{ "--sandbox-allow=/is/not/there:ro", -EINVAL },
		{ "--port=65536", -EINVAL },
		{ "--processes=-1", -EINVAL },
		{ "--mode=scgi", 0 },
		{ "--mode=uwsgi", -EINVAL },
		{ "--max-body-size=0", 0 },
		{ "--max-connections=-1", -EINVAL },
		{ "--max-connections=0", 0 },
		{ "--max-per-address=20", 0 },
		{ "--max-body-total=0", 0 },
		{ "--max-form-size=-1", -EINVAL },
		{ "--max-request-memory=1k", -EINVAL },
		{ "--print-config=iis", -EINVAL },
		{ "--status=/_status", 0 },
		{ "--status=_status", -EINVAL },
		{ "--health=/a{b}", -EINVAL },
		{ "--ready=/a?b", -EINVAL },
		{ "--slow=none", 0 },
		{ "--slow=0", 0 },
		{ "--max-handler-time=30s", 0 },
		{ "--max-worker-requests=-1", -EINVAL },
		{ "--max-worker-memory=1k", -EINVAL },
		{ "--config=/nonexistent/x.conf", -EINVAL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].word);
		assert_int_equal(parse(rows[i].word, NULL, NULL, NULL), rows[i].rc);
	}
}

static void files_do_not_name_files(void **state)
{
	char path[] = "/tmp/vane-settings-XXXXXX", word[64];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_true(dprintf(fd, "port = 81\n") > 0);
	snprintf(word, sizeof(word), "--config=%s", path);
	assert_int_equal(parse(word, NULL, NULL, NULL), 0);
	assert_int_equal(settings.port, 81);
	assert_true(dprintf(fd, "config = %s\n", path) > 0);
	assert_int_equal(parse(word, NULL, NULL, NULL), -EINVAL);
	close(fd);
	unlink(path);
}

/* A path may end in what looks like rights, and in what is none. */
static void rights_stand_behind_the_path(void **state)
{
	static const struct {
		const char *word;
		unsigned rights;
	} rows[] = {
		{ "--sandbox-allow=/", VANE_SANDBOX_READ },
		{ "--sandbox-allow=/:ro", VANE_SANDBOX_READ },
		{ "--sandbox-allow=/:rw", VANE_SANDBOX_READ | VANE_SANDBOX_WRITE },
		{ "--sandbox-allow=/:rx", VANE_SANDBOX_READ | VANE_SANDBOX_EXECUTE },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i].word, NULL, NULL, NULL), 0);
		assert_string_equal(vane__sandbox_first()->path, "/");
		assert_int_equal(vane__sandbox_first()->rights, rows[i].rights);
		assert_null(vane__sandbox_first()->next);
		vane__sandbox_fini();
	}
	assert_int_equal(settings.sandbox, VANE__SANDBOX_OFF);
	assert_int_equal(parse("--sandbox", "--port=1", NULL, NULL), 0);
	assert_int_equal(settings.sandbox, VANE__SANDBOX_ON);
	assert_int_equal(settings.port, 1);
	assert_int_equal(parse("--sandbox=require", NULL, NULL, NULL), 0);
	assert_int_equal(settings.sandbox, VANE__SANDBOX_REQUIRED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			defaults_are_the_documented_ones, define, forget),
		cmocka_unit_test_setup_teardown(
			rights_stand_behind_the_path, define, forget),
		cmocka_unit_test_setup_teardown(
			values_reach_the_application, define, forget),
		cmocka_unit_test_setup_teardown(
			debug_sets_what_is_not_given, define, forget),
		cmocka_unit_test_setup_teardown(listen_may_be_repeated, define, forget),
		cmocka_unit_test_setup_teardown(values_are_checked, define, forget),
		cmocka_unit_test_setup_teardown(files_do_not_name_files, define, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
