/* SPDX-License-Identifier: MIT */
/*
 * gateway_real.c - vane-gateway hosts real programs: scripts of the shell, Perl and Python,
 * a FastCGI program of libfcgi's, and Git with its web interfaces.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/hosting.h"

#define WAIT_MSEC 20000

static void need(const char *program)
{
	if (proc_available(program))
		return;
	print_message("SKIP: %s is not installed\n", program);
	skip();
}

static void assert_body(const struct answer *answer, int status, const char *body)
{
	if (answer->status != status)
		fail_msg("%d: %s", answer->status, answer->body);
	assert_true(answer->whole);
	assert_string_equal(answer->body, body);
}

static void shell_scripts(void **state)
{
	struct answer answer;

	assert_true(hosting_finds(*state, "/cgi/hello.sh", 200, "hello from the shell\n"));
	hosting_post(*state, "/cgi/body.sh", "text/plain", "12345", 5, &answer);
	assert_body(&answer, 200, "5 bytes, 5 said\n");
	answer_fini(&answer);
	assert_true(hosting_finds(*state, "/cgi/body.sh", 200, "0 bytes, none said\n"));
}

static void a_body_of_unknown_length(void **state)
{
	struct answer answer;

	hosting_ask(*state,
		&(struct ask) { .method = "POST",
			.target = "/cgi/body.sh",
			.body = "123456789",
			.body_len = 9,
			.has_body = true,
			.chunked = true },
		&answer);
	assert_body(&answer, 200, "9 bytes, 9 said\n");
	answer_fini(&answer);
}

static void a_local_redirect_is_followed_inside(void **state)
{
	assert_true(hosting_finds(
		*state, "/cgi/local.sh?/cgi/hello.sh", 200, "hello from the shell\n"));
	assert_true(hosting_finds(*state, "/cgi/local.sh?/plain.txt", 200, "a plain"));
	assert_true(hosting_finds(*state, "/cgi/local.sh?/nowhere", 404, ""));
}

static void an_unparsed_head(void **state)
{
	assert_true(hosting_finds(*state, "/cgi/nph-plain.sh", 203, "unparsed head\n"));
}

static void perl(void **state)
{
	static const char form[] =
		"--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n"
		"--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n2\r\n"
		"--b\r\nContent-Disposition: form-data; name=\"up\"; filename=\"f.txt\"\r\n"
		"Content-Type: text/plain\r\n\r\nthe file\r\n--b--\r\n";
	static const char *const fields[] = { "Host: vane.test", "Cookie: visits=4", NULL };
	struct answer answer;

	need("/usr/bin/perl");
	hosting_post(*state, "/cgi/form.pl/a%20path", "multipart/form-data; boundary=b",
		form, sizeof(form) - 1, &answer);
	assert_body(&answer, 201,
		"method POST\npath /a path\nvisit 1\nfile up f.txt 8\nfield x 1|2\n");
	answer_fini(&answer);
	hosting_ask(*state,
		&(struct ask) { .method = "GET",
			.target = "/cgi/form.pl?q=%C3%A4&r=1+2",
			.fields = fields },
		&answer);
	assert_body(&answer, 201,
		"method GET\npath \nvisit 5\nfield q \xc3\xa4\nfield r 1 2\n");
	assert_non_null(strstr(answer_field(&answer, "set-cookie", 0), "visits=5"));
	answer_fini(&answer);
}

static void python(void **state)
{
	static const char *const fields[] = { "Host: vane.test:8080", NULL };
	struct answer answer;

	need("/usr/bin/python3");
	hosting_ask(*state,
		&(struct ask) { .method = "POST",
			.target = "/cgi/app.py/some/where?x=y",
			.fields = fields,
			.body = "abc",
			.body_len = 3,
			.has_body = true },
		&answer);
	assert_body(&answer, 207,
		"POST http://vane.test:8080/cgi/app.py/some/where?x=y\n"
		"path /some/where\nbody 3 abc\n");
	assert_string_equal(answer_field(&answer, "set-cookie", 0), "a=1");
	assert_string_equal(answer_field(&answer, "set-cookie", 1), "b=2");
	answer_fini(&answer);
}

static void a_script_that_fails_is_a_bad_gateway(void **state)
{
	struct hosting *hosting = *state;

	need("/usr/bin/python3");
	assert_true(hosting_finds(hosting, "/cgi/fail.py", 502, ""));
	assert_int_equal(
		proc_wait_log(&hosting->gateway, "raised on purpose", WAIT_MSEC), 0);
	assert_true(hosting_finds(hosting, "/cgi/hello.sh", 200, "hello"));
}

static void what_is_no_script_is_not_run(void **state)
{
	struct answer answer;

	assert_true(hosting_finds(*state, "/cgi/missing.sh", 404, ""));
	assert_true(hosting_finds(*state, "/cgi/", 403, ""));
	assert_true(hosting_finds(*state, "/git/cgitrc", 403, ""));
	hosting_get(*state, "/git?p=a", &answer);
	assert_int_equal(answer.status, 301);
	assert_string_equal(answer_field(&answer, "location", 0), "/git/?p=a");
	answer_fini(&answer);
}

static void a_program_of_libfcgi(void **state)
{
	struct answer answer;

	need("spawn-fcgi");
	assert_true(hosting_finds(
		*state, "/fcgx/some/where", 203, "GET /fcgx/some/where\nrequest 2 of "));
	hosting_post(*state, "/fcgx/", "text/plain", "0123456789", 10, &answer);
	assert_int_equal(answer.status, 203);
	assert_non_null(strstr(answer.body, "POST /fcgx/\nrequest 3 of "));
	assert_non_null(strstr(answer.body, "\n10 bytes\n"));
	answer_fini(&answer);
	for (int i = 0; i < 200; i++)
		assert_true(hosting_finds(*state, "/fcgx/", 203, "\n0 bytes\n"));
}

/* One that the gateway starts itself, again when it has ended. */
static void a_program_of_our_own(void **state)
{
	struct hosting *hosting = *state;
	struct answer answer;

	assert_true(hosting_finds(hosting, "/own/x", 203, "GET /own/x\nrequest "));
	hosting_get(hosting, "/own/?exit", &answer);
	assert_int_equal(answer.status, 502);
	answer_fini(&answer);
	assert_true(hosting_finds(hosting, "/own/x", 203, "GET /own/x\nrequest 1 of "));
	assert_int_equal(proc_wait_log(&hosting->gateway, "request 1 of ", WAIT_MSEC), 0);
}

/* Git as a client: in an environment without settings of whoever runs the test. */
static int git(struct hosting *hosting, const char *const *words)
{
	char home[TMP_PATH_MAX + 8];
	const char *env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", home,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@vane.test", "GIT_COMMITTER_NAME=a",
		"GIT_COMMITTER_EMAIL=a@vane.test", NULL };
	const char *argv[16] = { "git" };

	snprintf(home, sizeof(home), "HOME=%s", hosting->tmp.path);
	for (size_t i = 0; words[i] != NULL && i < 14; i++)
		argv[i + 1] = words[i];
	return hosting_run(hosting, "git-client", argv, env);
}

#define GIT(hosting, ...) git(hosting, (const char *const[]) { __VA_ARGS__, NULL })

/* A bare repository that takes pushes. */
static void make_repository(struct hosting *hosting)
{
	assert_int_equal(
		GIT(hosting, "init", "-q", "--bare", "-b", "main", "repos/a.git"), 0);
	assert_int_equal(
		GIT(hosting, "-C", "repos/a.git", "config", "http.receivepack", "true"), 0);
}

/* Larger than a pack that fits in one buffer, and than git's http.postBuffer. */
static void write_file(struct hosting *hosting)
{
	const size_t lines = 200000;
	char path[TMP_PATH_MAX];
	unsigned long number = 1;
	FILE *file = fopen(tmp_path(&hosting->tmp, path, "one/file.txt"), "we");

	assert_non_null(file);
	fprintf(file, "the first line\n");
	for (size_t i = 0; i < lines; i++) {
		number = number * 6364136223846793005UL + 1442695040888963407UL;
		fprintf(file, "%lx\n", number);
	}
	assert_int_equal(fclose(file), 0);
}

static void git_clones_and_pushes(void **state)
{
	struct hosting *hosting = *state;
	char url[128];

	need("git");
	make_repository(hosting);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/git/git.sh/a.git", hosting->port);
	assert_int_equal(GIT(hosting, "clone", "-q", url, "one"), 0);
	write_file(hosting);
	assert_int_equal(GIT(hosting, "-C", "one", "add", "file.txt"), 0);
	assert_int_equal(GIT(hosting, "-C", "one", "commit", "-q", "-m", "a first one"), 0);
	assert_int_equal(GIT(hosting, "-C", "one", "push", "-q", "origin", "HEAD:main"), 0);
	assert_int_equal(GIT(hosting, "-C", "repos/a.git", "fsck", "--strict"), 0);
	assert_int_equal(GIT(hosting, "clone", "-q", url, "two"), 0);
	assert_int_equal(GIT(hosting, "diff", "--no-index", "--exit-code", "one/file.txt",
				 "two/file.txt"),
		0);
	assert_int_equal(GIT(hosting, "-C", "two", "fetch", "-q"), 0);
	assert_true(hosting_finds(
		hosting, "/git/git.sh/b.git/info/refs?service=git-upload-pack", 404, ""));
}

static void gitweb(void **state)
{
	need("/usr/share/gitweb/gitweb.cgi");
	assert_true(hosting_finds(*state, "/git/gitweb.sh", 200, "a.git"));
	assert_true(hosting_finds(*state, "/git/gitweb.sh/a.git", 200, "a first one"));
	assert_true(
		hosting_finds(*state, "/git/gitweb.sh?p=a.git;a=log", 200, "a first one"));
	assert_true(hosting_finds(*state, "/git/gitweb.sh?p=nothing.git", 404, ""));
}

static void cgit(void **state)
{
	need("/usr/lib/cgit/cgit.cgi");
	assert_true(hosting_finds(*state, "/git/cgit.sh/", 200, "a.git"));
	assert_true(hosting_finds(*state, "/git/cgit.sh/a.git/log/", 200, "a first one"));
	assert_true(hosting_finds(
		*state, "/git/cgit.sh/a.git/plain/file.txt", 200, "the first line\n"));
	assert_true(hosting_finds(*state, "/git/cgit.sh/nothing.git/", 404, ""));
}

static void settings_that_do_not_fit_are_explained(void **state)
{
	static const struct {
		const char *words[4], *log;
		int status;
	} rows[] = {
		{ { "--cgi=.cgi=" }, "a suffix needs --root=DIR", 2 },
		{ { "--root=/", "--index=index.php", "--check" }, "nothing runs index.php",
			0 },
		{ { "--root=.", "--print-config=systemd" }, "needs whole paths", 2 },
		{ { "--cgi=/x/=tests", "--print-config=nginx" }, "needs whole paths", 2 },
		{ { "--root=/", "--fastcgi=.php=unix:x", "--print-config=nginx" },
			"needs whole paths", 2 },
		{ { "--program=/x/=./y z", "--print-config=nginx" }, "needs whole paths",
			2 },
	};
	char log[TMP_PATH_MAX];
	const char *argv[6] = { hosting_program() };
	struct proc proc;
	struct tmp tmp;
	size_t i;

	assert_int_equal(tmp_make(&tmp), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(argv + 1, rows[i].words, sizeof(rows[i].words));
		assert_int_equal(
			proc_start(
				&proc, &(struct proc_start) { .argv = (char *const *) argv,
					       .log = tmp_path(&tmp, log, "log") }),
			0);
		if (proc_wait_log(&proc, rows[i].log, WAIT_MSEC) < 0)
			proc_print_log(&proc);
		assert_int_equal(proc_wait_end(&proc, WAIT_MSEC), 0);
		assert_int_equal(WEXITSTATUS(proc.status), rows[i].status);
	}
	tmp_remove(&tmp);
}

static int start(void **state)
{
	static struct hosting hosting;

	*state = &hosting;
	return hosting_start(
		&hosting, &(struct hosting_opts) {
				  .fcgx = proc_available("spawn-fcgi"), .own = true });
}

static int stop(void **state)
{
	return hosting_stop(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shell_scripts),
		cmocka_unit_test(a_body_of_unknown_length),
		cmocka_unit_test(a_local_redirect_is_followed_inside),
		cmocka_unit_test(an_unparsed_head),
		cmocka_unit_test(perl),
		cmocka_unit_test(python),
		cmocka_unit_test(a_script_that_fails_is_a_bad_gateway),
		cmocka_unit_test(what_is_no_script_is_not_run),
		cmocka_unit_test(a_program_of_libfcgi),
		cmocka_unit_test(a_program_of_our_own),
		cmocka_unit_test(git_clones_and_pushes),
		cmocka_unit_test(gitweb),
		cmocka_unit_test(cgit),
		cmocka_unit_test(settings_that_do_not_fit_are_explained),
	};

	if (!hosting_possible())
		return 77;
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
