/* SPDX-License-Identifier: MIT */
/*
 * examples.c - every program of examples/ runs, and answers what its first comment says.
 *
 * The programs are those of the build, asked as a browser would ask them.
 */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/ask.h"
#include "support/cgivars.h"
#include "support/port.h"
#include "support/proc.h"
#include "support/raw.h"
#include "support/tmp.h"

#include "base.h"

enum { START_MSEC = 10000, TRIES = 3, ASKS = 4 };

/* One question put by a thread of its own. */
struct question {
	int port;
	const char *text; /* the request */
	char *answer;
	long began, ended;
	int rc;
};

struct running {
	struct tmp tmp;
	struct proc proc;
	int port;
};

static const char *program(const char *name, char *path, size_t size)
{
	snprintf(path, size, "examples/%s", name);
	return path;
}

/* Start an example; "@" in a word stands for the port. */
static void start(struct running *run, const char *name, const char *const *words)
{
	char path[64], log[TMP_PATH_MAX], text[8][TMP_PATH_MAX + 16];
	char *argv[10] = { (char *) program(name, path, sizeof(path)) };
	int i, rc = -1, tries;

	assert_int_equal(tmp_make(&run->tmp), 0);
	for (tries = 0; tries < TRIES && rc != 0; tries++) {
		assert_int_equal(port_pick(&run->port, 1), 0);
		for (i = 0; words[i] != NULL; i++) {
			const char *at = strchr(words[i], '@');

			snprintf(text[i], sizeof(text[i]), "%.*s",
				(int) strcspn(words[i], "@"), words[i]);
			if (at != NULL)
				snprintf(text[i] + strlen(text[i]), 8, "%d", run->port);
			argv[i + 1] = text[i];
		}
		rc = proc_start(
			&run->proc, &(struct proc_start) { .argv = argv,
					    .log = tmp_path(&run->tmp, log, "log") });
		if (rc == 0)
			rc = proc_wait_port(&run->proc, run->port, START_MSEC);
	}
	if (rc != 0)
		proc_print_log(&run->proc);
	assert_int_equal(rc, 0);
}

static void stop(struct running *run)
{
	assert_int_equal(proc_stop(&run->proc), 0);
	tmp_remove(&run->tmp);
}

static void *put(void *data)
{
	struct question *q = data;
	struct raw raw = { .bytes = q->text, .len = strlen(q->text), .msec = 20000 };
	size_t len;

	q->began = proc_now();
	q->rc = raw_ask(q->port, &raw, &q->answer, &len);
	q->ended = proc_now();
	return NULL;
}

/* Put them all at once, and wait for every answer; returns how long that took. */
static long ask_at_once(struct question *questions, size_t count)
{
	pthread_t threads[ASKS];
	long began = proc_now();
	size_t i;

	assert_in_range(count, 1, ASKS);
	for (i = 0; i < count; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put, &questions[i]), 0);
	for (i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(questions[i].rc, 0);
		assert_int_equal(raw_status(questions[i].answer, 0), 200);
	}
	return proc_now() - began;
}

static void forget(struct question *questions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(questions[i].answer);
}

#define HEAD(target) "GET " target " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
#define SEND(method, target, type, len)                                                    \
	method " " target                                                                  \
	       " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " type          \
	       "\r\nContent-Length: " len "\r\n\r\n"
#define MULTIPART                                                                               \
	"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n12345" \
	"\r\n--b--\r\n"

static const char *const at_port[] = { "--listen=127.0.0.1:@", "--logging=none", NULL };

/* Whether it answers a GET with that status and with that in its answer. */
static void assert_answers(int port, const char *target, int status, const char *want)
{
	char head[256], *answer = NULL;
	struct raw raw = { .bytes = head };
	size_t len;

	snprintf(head, sizeof(head),
		"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", target);
	raw.len = strlen(head);
	assert_int_equal(raw_ask(port, &raw, &answer, &len), 0);
	if (raw_status(answer, 0) != status || strstr(answer, want) == NULL)
		fail_msg("asked for %s, it answered\n%s", target, answer);
	free(answer);
}

static void each_answers_as_it_says(void **state)
{
	static const struct {
		const char *program, *request;
		int status;
		const char *want; /* is in the answer */
	} rows[] = {
		{ "hello", HEAD("/"), 200, "\r\n\r\nHello, World!\n" },
		{ "hello", HEAD("/hello/Ada"), 200, "\r\n\r\nHello, Ada!\n" },
		{ "hello", HEAD("/?name=Bob"), 200, "\r\n\r\nHello, Bob!\n" },
		{ "hello", HEAD("/nowhere"), 404, "" },
		{ "demo", HEAD("/"), 200, "One handler, any door" },
		{ "demo", HEAD("/hello?name=Bob"), 200, "\r\n\r\nHello, Bob!\n" },
		{ "demo", HEAD("/hello/Ada"), 200, "\r\n\r\nHello, Ada!\n" },
		{ "demo", HEAD("/mode"), 200, "http, process " },
		{ "demo", HEAD("/request"), 200, "GET /request\nhost: x\n" },
		{ "demo", HEAD("/later"), 200, "later\n" },
		{ "demo",
			SEND("POST", "/shout", "application/x-www-form-urlencoded",
				"10") "text=hello",
			200, "\r\n\r\nHELLO!\n" },
		{ "form", HEAD("/"), 200, "<form method=post>" },
		{ "form",
			SEND("POST", "/", "application/x-www-form-urlencoded",
				"12") "name=%3Cb%3E",
			200, "Hello, &lt;b&gt;! (1)" },
		{ "form", SEND("POST", "/", "application/x-www-form-urlencoded", "0"), 400,
			"" },
		{ "files", HEAD("/config.h"), 200,
			"Content-Type: text/x-c; charset=utf-8\r\n" },
		{ "files", HEAD("/nothing"), 404, "" },
		{ "files", HEAD("/"), 403, "" },
		{ "upload", HEAD("/"), 200, "multipart/form-data" },
		{ "upload", SEND("PUT", "/x", "text/plain", "5") "12345", 200,
			"\r\n\r\n5 bytes\n" },
		{ "upload",
			SEND("POST", "/", "multipart/form-data; boundary=b", "84")
				MULTIPART,
			200, "a.txt: 5 bytes of text/plain\n1 files\n" },
	};
	struct running run;
	const char *last = "";

	assert_int_equal(strlen(MULTIPART), 84);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct raw raw = { .bytes = rows[i].request,
			.len = strlen(rows[i].request) };
		char *answer = NULL;
		size_t len;

		if (strcmp(rows[i].program, last) != 0) {
			if (i > 0)
				stop(&run);
			start(&run, rows[i].program, at_port);
			last = rows[i].program;
		}
		assert_int_equal(raw_ask(run.port, &raw, &answer, &len), 0);
		if (raw_status(answer, 0) != rows[i].status ||
			strstr(answer, rows[i].want) == NULL)
			fail_msg("%s, asked\n%s\nanswered\n%s", last, rows[i].request,
				answer);
		free(answer);
	}
	stop(&run);
}

/* Run hello as a CGI program with these variables: its answer must be 200 and end so. */
static void assert_cgi(char **vars, const char *end)
{
	char path[64], log[TMP_PATH_MAX], *argv[] = { path, NULL }, text[1024] = "";
	struct proc proc;
	struct tmp tmp;
	FILE *file;

	program("hello", path, sizeof(path));
	assert_int_equal(tmp_make(&tmp), 0);
	assert_int_equal(proc_start(&proc, &(struct proc_start) { .argv = argv,
						   .env = vars,
						   .log = tmp_path(&tmp, log, "log") }),
		0);
	assert_int_equal(proc_wait_end(&proc, START_MSEC), 0);
	assert_int_equal(proc.status, 0);
	file = fopen(proc.log, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_ptr_equal(strstr(text, "Status: 200"), text);
	assert_non_null(strstr(text, end));
	tmp_remove(&tmp);
}

static void hello_is_a_cgi_program_too(void **state)
{
	static const char *const fields[] = { "Host: x", NULL };
	struct ask ask = { .method = "GET", .target = "/hello/Ada", .fields = fields };
	char **vars = cgi_vars(&ask);

	assert_cgi(vars, "\r\n\r\nHello, Ada!\n");
	cgi_vars_free(vars);
}

/* At a path of its own it is asked for what follows; for "/" if nothing does. */
static void a_cgi_program_at_a_path_of_its_own_is_asked_for_the_rest(void **state)
{
	static const struct {
		const char *vars[5], *end;
	} rows[] = {
		{ { "REQUEST_METHOD=GET", "SCRIPT_NAME=/cgi-bin/hello",
			  "REQUEST_URI=/cgi-bin/hello" },
			"\r\n\r\nHello, World!\n" },
		{ { "REQUEST_METHOD=GET", "SCRIPT_NAME=/cgi-bin/hello",
			  "PATH_INFO=", "REQUEST_URI=/cgi-bin/hello?x" },
			"\r\n\r\nHello, World!\n" },
		{ { "REQUEST_METHOD=GET", "SCRIPT_NAME=/cgi-bin/hello",
			  "PATH_INFO=/hello/Ada",
			  "REQUEST_URI=/cgi-bin/hello/x/../hello/Ada" },
			"\r\n\r\nHello, Ada!\n" },
	};
	size_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *vars[7] = { (char *) (uintptr_t) "GATEWAY_INTERFACE=CGI/1.1" };

		for (k = 0; k < 5 && rows[i].vars[k] != NULL; k++)
			vars[k + 1] = (char *) (uintptr_t) rows[i].vars[k];
		assert_cgi(vars, rows[i].end);
	}
}

/* Four that take two seconds each, one after the other, would take eight. */
static void four_processes_sleep_at_once(void **state)
{
	static const char *const words[] = { "--listen=127.0.0.1:@", "--processes=4",
		"--logging=none", NULL };
	struct question questions[ASKS];
	struct running run;
	size_t i, j;
	long took;

	start(&run, "pid", words);
	for (i = 0; i < ASKS; i++)
		questions[i] =
			(struct question) { .port = run.port, .text = HEAD("/long") };
	took = ask_at_once(questions, ASKS);
	assert_in_range(took, 2000, 6000);
	for (i = 0; i < ASKS; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(strstr(questions[i].answer, "\r\n\r\n"),
				strstr(questions[j].answer, "\r\n\r\n"));
	forget(questions, ASKS);
	stop(&run);
}

/* Ask /s, and /d while that sleeps; returns after how long /d was answered. */
static long ask_beside_a_sleeper(const struct running *run)
{
	struct question sleeper = { .port = run->port, .text = HEAD("/s") };
	struct question direct = { .port = run->port, .text = HEAD("/d") };
	pthread_t thread;
	long took;

	assert_int_equal(pthread_create(&thread, NULL, put, &sleeper), 0);
	/* There is nothing to see of a request that has begun: give it time to. */
	poll(NULL, 0, 100);
	took = ask_at_once(&direct, 1);
	pthread_join(thread, NULL);
	assert_int_equal(raw_status(sleeper.answer, 0), 200);
	assert_non_null(strstr(sleeper.answer, "this is SleepHandler..."));
	assert_non_null(strstr(direct.answer, "this is DirectHandler..."));
	forget(&sleeper, 1);
	forget(&direct, 1);
	return took;
}

static void each_way_to_serve_answers(void **state)
{
	static const struct {
		const char *words[5];
		bool at_once; /* /d does not wait for /s */
	} rows[] = {
		{ { "--port=@", "--seconds=2" }, false },
		{ { "--port=@", "--seconds=2", "--processes=2" }, true },
		{ { "--port=@", "--seconds=2", "--async" }, true },
	};
	struct running run;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int tries = rows[i].at_once ? TRIES : 1;
		long took = 0;

		start(&run, "modes", rows[i].words);
		do /* one worker may have taken both connections before either asked */
			took = ask_beside_a_sleeper(&run);
		while (rows[i].at_once && took > 1000 && --tries > 0);
		stop(&run);
		if (tries == 0)
			fail_msg("row %zu: /d waited %ld ms for /s", i, took);
	}
}

static void pieces_serve_from_two_workers_and_leave(void **state)
{
	static const char *const words[] = { "@", NULL };
	struct question question;
	struct running run;

	start(&run, "pieces", words);
	question = (struct question) { .port = run.port, .text = HEAD("/") };
	ask_at_once(&question, 1);
	assert_non_null(strstr(question.answer, " of 2\n"));
	forget(&question, 1);
	stop(&run);
	assert_int_equal(run.proc.status, 0);
}

/* A script at /cgi-bin/, a program that it starts at /app/, and two routes of its own. */
static void gateway_lets_others_answer(void **state)
{
	static const char script[] = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n"
				     "echo \"$REQUEST_METHOD $SCRIPT_NAME $PATH_INFO\"\n";
	char scripts[TMP_PATH_MAX + 16], path[TMP_PATH_MAX];
	const char *const words[] = { "--listen=127.0.0.1:@", "--logging=none", scripts,
		"--program=tests/fixtures/fcgx", "--php=unix:/nowhere/php-fpm.sock", NULL };
	struct running run;
	struct tmp tmp;

	if (!proc_available("tests/fixtures/fcgx")) {
		print_message("SKIP: there is no libfcgi\n");
		skip();
	}
	assert_int_equal(tmp_make(&tmp), 0);
	assert_int_equal(tmp_write(&tmp, "a.sh", script, NULL), 0);
	assert_int_equal(chmod(tmp_path(&tmp, path, "a.sh"), 0755), 0);
	snprintf(scripts, sizeof(scripts), "--scripts=%s", tmp.path);
	start(&run, "gateway", words);
	assert_answers(run.port, "/", 200, "\r\n\r\nHello from a route of our own\n");
	assert_answers(run.port, "/status", 200,
		"php: unix:/nowhere/php-fpm.sock\nprogram: tests");
	assert_answers(run.port, "/cgi-bin/a.sh/x", 200, "GET /cgi-bin/a.sh /x\n");
	assert_answers(run.port, "/cgi-bin/b.sh", 404, "");
	assert_answers(run.port, "/app/y", 203, "GET /app/y\nrequest 1 of ");
	assert_answers(run.port, "/app/y", 203, "GET /app/y\nrequest 2 of ");
	assert_answers(run.port, "/nothing.php", 404, "");
	stop(&run);
	assert_int_equal(run.proc.status, 0);
	tmp_remove(&tmp);
}

/* Files, and a page for the rest, which nobody runs here. */
static void a_site_has_files_and_pages(void **state)
{
	char root[TMP_PATH_MAX + 16];
	const char *const words[] = { "--listen=127.0.0.1:@", "--logging=none", root,
		"--php=unix:/nowhere/php-fpm.sock", NULL };
	struct running run;
	struct tmp tmp;

	assert_int_equal(tmp_make(&tmp), 0);
	assert_int_equal(tmp_write(&tmp, "a.txt", "text", NULL), 0);
	snprintf(root, sizeof(root), "--root=%s", tmp.path);
	start(&run, "site", words);
	assert_answers(run.port, "/a.txt", 200, "\r\n\r\ntext");
	assert_answers(run.port, "/nothing", 404, "");
	assert_int_equal(tmp_write(&tmp, "index.php", "<?php source", NULL), 0);
	assert_answers(run.port, "/nothing", 503, "Service");
	stop(&run);
	assert_int_equal(run.proc.status, 0);
	tmp_remove(&tmp);
}

/* Put one text in the place of another, wherever that stands. */
static void replace(char *text, size_t size, const char *from, const char *to)
{
	char after[4096], *at;

	while ((at = strstr(text, from)) != NULL) {
		snprintf(after, sizeof(after), "%s", at + strlen(from));
		snprintf(at, (size_t) (text + size - at), "%s%s", to, after);
	}
}

/* The example of a configuration file, with folders that are there. */
static void the_configuration_file_is_accepted(void **state)
{
	const char *srcdir = getenv("srcdir"), *gateway = getenv("VANE_GATEWAY");
	char path[512], text[4096], log[TMP_PATH_MAX], config[TMP_PATH_MAX];
	const char *argv[] = { gateway != NULL ? gateway : "./vane-gateway", "--config",
		config, "--check", "--strict", NULL };
	struct proc proc;
	struct tmp tmp;
	FILE *file;

	snprintf(path, sizeof(path), "%s/examples/vane-gateway.conf",
		srcdir != NULL ? srcdir : ".");
	file = fopen(path, "re");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_int_equal(tmp_make(&tmp), 0);
	replace(text, sizeof(text), "/var/www/html", tmp.path);
	replace(text, sizeof(text), "=/usr/lib/cgi-bin\n", "=/usr\n");
	assert_int_equal(tmp_write(&tmp, "config", text, NULL), 0);
	tmp_path(&tmp, config, "config");
	assert_int_equal(proc_start(&proc,
				 &(struct proc_start) {
					 .argv = (char *const *) argv,
					 .log = tmp_path(&tmp, log, "log"),
				 }),
		0);
	assert_int_equal(proc_wait_end(&proc, START_MSEC), 0);
	if (proc.status != 0)
		proc_print_log(&proc);
	assert_int_equal(proc.status, 0);
	tmp_remove(&tmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answers_as_it_says),
		cmocka_unit_test(hello_is_a_cgi_program_too),
		cmocka_unit_test(a_cgi_program_at_a_path_of_its_own_is_asked_for_the_rest),
		cmocka_unit_test(four_processes_sleep_at_once),
		cmocka_unit_test(a_site_has_files_and_pages),
		cmocka_unit_test(each_way_to_serve_answers),
		cmocka_unit_test(gateway_lets_others_answer),
		cmocka_unit_test(the_configuration_file_is_accepted),
		cmocka_unit_test(pieces_serve_from_two_workers_and_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
