/* SPDX-License-Identifier: MIT */
/*
 * test_mode.c - adapters/main/mode.c
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include <vane/netutil.h>

#include "adapters/main/mode.h"

/* Descriptor 0 of a test is whatever it is: what is tested here is the decision. */
bool vane_socket_is_listening(int fd)
{
	return false;
}

enum { PID = 42 };

static void the_first_rule_that_fits_wins(void **state)
{
	static const struct {
		const char *name;
		struct vane__facts facts;
		enum vane__mode mode;
		enum vane__source source;
		int fds;
	} rows[] = {
		{ "by hand", { .pid = PID }, VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "--port",
			{ .listen_given = "by --port",
				.stdin_listening = true,
				.gateway_interface = "CGI/1.1",
				.request_method = "GET" },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "--mode=auto --port", { .mode = "auto", .listen_given = "by --port" },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "--mode=fastcgi --listen",
			{ .mode = "fastcgi",
				.listen_given = "by --port",
				.stdin_listening = true },
			VANE__MODE_FASTCGI, VANE__SOURCE_BIND, 0 },
		{ "--mode=fastcgi", { .mode = "fastcgi" }, VANE__MODE_FASTCGI,
			VANE__SOURCE_BIND, 0 },
		{ "--mode=fastcgi, fd 0", { .mode = "fastcgi", .stdin_listening = true },
			VANE__MODE_FASTCGI, VANE__SOURCE_STDIN, 0 },
		{ "--mode=scgi", { .mode = "scgi" }, VANE__MODE_SCGI, VANE__SOURCE_BIND,
			0 },
		{ "--mode=scgi, fd 0", { .mode = "scgi", .stdin_listening = true },
			VANE__MODE_SCGI, VANE__SOURCE_STDIN, 0 },
		{ "--mode=http, fd 0", { .mode = "http", .stdin_listening = true },
			VANE__MODE_HTTP, VANE__SOURCE_STDIN, 0 },
		{ "--mode=http --port, fd 0",
			{ .mode = "http",
				.listen_given = "by --port",
				.stdin_listening = true },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "--mode=http of supervisord", { .mode = "http", .supervisor = "1" },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "supervisord's [program]",
			{ .supervisor = "1",
				.supervisor_group = "app",
				.supervisor_process = "app_00" },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "--mode=cgi", { .mode = "cgi", .listen_given = "by --port" },
			VANE__MODE_CGI, VANE__SOURCE_NONE, 0 },
		{ "systemd",
			{ .listen_pid = "42",
				.listen_fds = "2",
				.pid = PID,
				.stdin_listening = true },
			VANE__MODE_HTTP, VANE__SOURCE_SYSTEMD, 2 },
		{ "systemd, a named socket",
			{ .listen_pid = "42",
				.listen_fds = "1",
				.listen_fdnames = "app.socket",
				.pid = PID },
			VANE__MODE_HTTP, VANE__SOURCE_SYSTEMD, 1 },
		{ "systemd, fastcgi",
			{ .listen_pid = "42",
				.listen_fds = "1",
				.listen_fdnames = "fastcgi",
				.pid = PID },
			VANE__MODE_FASTCGI, VANE__SOURCE_SYSTEMD, 1 },
		{ "systemd, scgi",
			{ .listen_pid = "42",
				.listen_fds = "1",
				.listen_fdnames = "scgi",
				.pid = PID },
			VANE__MODE_SCGI, VANE__SOURCE_SYSTEMD, 1 },
		{ "systemd, fastcgi second",
			{ .listen_pid = "42",
				.listen_fds = "2",
				.listen_fdnames = "admin:fastcgi",
				.pid = PID },
			VANE__MODE_FASTCGI, VANE__SOURCE_SYSTEMD, 2 },
		{ "systemd, not quite fastcgi",
			{ .listen_pid = "42",
				.listen_fds = "1",
				.listen_fdnames = "fastcgi2:afastcgi",
				.pid = PID },
			VANE__MODE_HTTP, VANE__SOURCE_SYSTEMD, 1 },
		{ "systemd, --mode",
			{ .mode = "fastcgi",
				.listen_pid = "42",
				.listen_fds = "1",
				.listen_fdnames = "http",
				.pid = PID,
				.stdin_listening = true },
			VANE__MODE_FASTCGI, VANE__SOURCE_SYSTEMD, 1 },
		{ "systemd for another process",
			{ .listen_pid = "41", .listen_fds = "1", .pid = PID },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "systemd without sockets",
			{ .listen_pid = "42", .listen_fds = "0", .pid = PID },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "systemd, garbage",
			{ .listen_pid = "42", .listen_fds = "1x", .pid = PID },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
		{ "fd 0", { .stdin_listening = true }, VANE__MODE_FASTCGI,
			VANE__SOURCE_STDIN, 0 },
		{ "fd 0 before CGI",
			{ .stdin_listening = true,
				.gateway_interface = "CGI/1.1",
				.request_method = "GET" },
			VANE__MODE_FASTCGI, VANE__SOURCE_STDIN, 0 },
		{ "CGI", { .gateway_interface = "CGI/1.1", .request_method = "GET" },
			VANE__MODE_CGI, VANE__SOURCE_NONE, 0 },
		{ "half of CGI", { .gateway_interface = "CGI/1.1" }, VANE__MODE_HTTP,
			VANE__SOURCE_BIND, 0 },
		{ "the other half", { .gateway_interface = "", .request_method = "GET" },
			VANE__MODE_HTTP, VANE__SOURCE_BIND, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane__choice choice;
		const char *why = NULL;

		print_message("%s\n", rows[i].name);
		assert_int_equal(vane__mode_choose(&choice, &rows[i].facts, &why), 0);
		assert_int_equal(choice.mode, rows[i].mode);
		assert_int_equal(choice.source, rows[i].source);
		assert_int_equal(choice.fds, rows[i].fds);
		assert_int_equal(choice.manager, choice.source == VANE__SOURCE_STDIN);
		assert_non_null(choice.why);
		assert_false(choice.never_fork);
	}
}

static void contradictions_are_refused(void **state)
{
	static const struct vane__facts rows[] = {
		{ .listen_pid = "42",
			.listen_fds = "2",
			.listen_fdnames = "http:fastcgi",
			.pid = PID },
		{ .listen_pid = "42",
			.listen_fds = "2",
			.listen_fdnames = "scgi:fastcgi",
			.pid = PID },
		{ .mode = "fastcgi", .supervisor = "1" },
		{ .mode = "scgi", .supervisor = "1" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane__choice choice;
		const char *why = NULL;

		assert_int_equal(vane__mode_choose(&choice, &rows[i], &why), -EINVAL);
		assert_non_null(why);
	}
}

static void a_lost_supervisord_socket_is_an_error(void **state)
{
	static const struct vane__facts rows[] = {
		{ .supervisor = "1" },
		{ .supervisor = "1",
			.supervisor_group = "site",
			.supervisor_process = "app_00" },
		{ .mode = "fastcgi",
			.supervisor = "1",
			.supervisor_group = "site",
			.supervisor_process = "app_00" },
		{ .mode = "auto", .supervisor = "1" },
	};
	struct vane__facts facts;
	struct vane__choice choice;
	const char *why = NULL;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		facts = rows[i];
		assert_int_equal(vane__mode_choose(&choice, &facts, &why), -EINVAL);
		assert_non_null(strstr(why, "[group]"));
		facts.listen_given = "by --port";
		assert_int_equal(vane__mode_choose(&choice, &facts, &why), 0);
	}
}

static void the_start_line_names_a_descriptor_0_that_was_found(void **state)
{
	struct vane__facts facts = { .mode = "http", .stdin_listening = true };
	struct vane__choice choice;
	const char *why;

	assert_int_equal(vane__mode_choose(&choice, &facts, &why), 0);
	assert_non_null(strstr(choice.why, "descriptor 0"));
	facts.stdin_listening = false;
	assert_int_equal(vane__mode_choose(&choice, &facts, &why), 0);
	assert_null(strstr(choice.why, "descriptor 0"));
}

static void mod_fcgid_forbids_forking(void **state)
{
	struct vane__facts facts = { .stdin_listening = true, .apache = true };
	struct vane__choice choice;
	const char *why;

	assert_int_equal(vane__mode_choose(&choice, &facts, &why), 0);
	assert_true(choice.never_fork);
}

static bool all_but_port(const char *name)
{
	return strcmp(name, "port") != 0;
}

/* Whether an option is among those that are foreign to a mode when all but --port are given. */
static bool is_foreign(enum vane__mode mode, const char *name)
{
	const char *foreign;
	size_t i = 0;

	while ((foreign = vane__mode_next_foreign(mode, &i, all_but_port)) != NULL)
		if (strcmp(foreign, name) == 0)
			return true;
	return false;
}

static void options_belong_to_modes(void **state)
{
	assert_false(is_foreign(VANE__MODE_HTTP, "xheaders"));
	assert_true(is_foreign(VANE__MODE_FASTCGI, "xheaders"));
	assert_true(is_foreign(VANE__MODE_SCGI, "idle-timeout"));
	assert_false(is_foreign(VANE__MODE_SCGI, "processes"));
	assert_true(is_foreign(VANE__MODE_HTTP, "path-from"));
	assert_true(is_foreign(VANE__MODE_CGI, "processes"));
	assert_false(is_foreign(VANE__MODE_CGI, "max-body-size"));
	assert_false(is_foreign(VANE__MODE_CGI, "port")); /* not given */
}

static void words_from_the_query_are_found(void **state)
{
	static const struct {
		const char *query;
		const char *argv[5];
		int count;
	} rows[] = {
		{ NULL, { "x", "a" }, 0 },
		{ "", { "x", "a" }, 0 },
		{ "a", { "x", "a" }, 1 },
		{ "a", { "x", "b" }, 0 },
		{ "a", { "x" }, 0 },
		{ "a", { "x", "--real", "a" }, 1 },
		{ "a+b", { "x", "a", "b" }, 2 },
		{ "a+b", { "x", "b" }, 0 },
		{ "a+b", { "x", "a b" }, 0 },
		{ "a+b+c", { "x", "b", "c" }, 0 },
		{ "a=b", { "x", "a=b" }, 0 },
		{ "--pid-file%3d/etc/x", { "x", "--pid-file=/etc/x" }, 1 },
		{ "--user+root", { "x", "--user", "root" }, 2 },
		{ "a%3Bb", { "x", "a\\;b" }, 1 },
		{ "a%5cb", { "x", "a\\\\b" }, 1 },
		{ "%zz", { "x", "%zz" }, 1 },
		{ "a+", { "x", "a", "" }, 2 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int argc = 0;

		while (argc < 5 && rows[i].argv[argc] != NULL)
			argc++;
		assert_int_equal(vane__mode_query_words(
					 argc, (char *const *) rows[i].argv, rows[i].query),
			rows[i].count);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rule_that_fits_wins),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(a_lost_supervisord_socket_is_an_error),
		cmocka_unit_test(the_start_line_names_a_descriptor_0_that_was_found),
		cmocka_unit_test(mod_fcgid_forbids_forking),
		cmocka_unit_test(options_belong_to_modes),
		cmocka_unit_test(words_from_the_query_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
