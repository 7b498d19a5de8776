/* SPDX-License-Identifier: MIT */
/*
 * gateway_faults.c - vane-gateway before programs that do what they should not, and clients
 * that leave: each gets its status or a cut connection and one line in the log, the others
 * go on, and nothing is left.
 */
#include "test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/process.h>

#include "support/crowd.h"
#include "support/faults.h"
#include "support/hosting.h"
#include "support/port.h"

#define LENGTH(a)   (sizeof(a) / sizeof((a)[0]))

#define CLIENTS     32 /* at a time, and another one for each kind that does nothing wrong */
#define CASES       1000
#define START_MSEC  20000
#define SERVER_MSEC 30000
#define RETURN_MSEC 15000
#define MEMORY_KIB  (32 * 1024) /* for requests that come after others */

static const char quick[] = "piece 1\npiece 2\npiece 3\n";

/* What is wrong with a program that every request finds so. */
static const struct away {
	const char *name, *log;
	int status;
	const char *peer; /* of badpeer.c; NULL: there is none */
} aways[] = {
	{ "missing", "cannot connect to unix:", 503, NULL },
	{ "refusing", "refused", 503, NULL },
	{ "hang", "no response in time", 504, "hang" },
	{ "close", "", 502, "close" },
	{ "reset", "", 502, "reset" },
	{ "fastcgi", NULL, 0, "fastcgi" },
	{ "scgi", NULL, 0, "scgi" },
};

/* One request, and what is to become of it. */
struct one {
	char path[64];
	const char *query, *log;
	int status;
	size_t errors, body;
	enum crowd_leave leave;
	int stage;
};

struct scene {
	struct hosting hosting;
	struct proc peers[LENGTH(aways)];
	pid_t pids[LENGTH(aways) + 1];
	struct one cases[CASES];
	long count, next, pending;
	long quick, wrong;
	long log_at;
};

static struct one *add_case(struct scene *scene, const char *where, const char *query)
{
	struct one *one = &scene->cases[scene->count];

	assert_true(scene->count < CASES);
	*one = (struct one) { .query = query };
	snprintf(one->path, sizeof(one->path), "%s%ld", where, scene->count++);
	return one;
}

static const char *const places[FAULT_KINDS] = { "/fastcgi/", "/scgi/", "/bad/bad.cgi/" };

static void add_faults(struct scene *scene)
{
	for (const struct fault *fault = faults; fault->query != NULL; fault++) {
		for (int kind = 0; kind < FAULT_KINDS; kind++) {
			struct one *one;

			if (fault->status[kind] == 0)
				continue;
			one = add_case(scene, places[kind], fault->query);
			one->status = fault->status[kind];
			one->log = fault->log[kind];
			one->errors = fault->errors;
			one->body = fault->body;
		}
	}
}

static void add_aways(struct scene *scene)
{
	for (size_t i = 0; i < 2 * LENGTH(aways); i++) {
		const struct away *away = &aways[i / 2];
		char where[40];
		struct one *one;

		if (away->status == 0)
			continue;
		snprintf(where, sizeof(where), "/%s-%s/", i % 2 == 0 ? "fastcgi" : "scgi",
			away->name);
		one = add_case(scene, where, "hello=1");
		one->status = away->status;
		one->log = away->log;
	}
}

/* Stages are: half a head, half a body, at once, soon, when there is some of an answer. */
enum { HALF_HEAD, HALF_BODY, AT_ONCE, SOON, ANSWERED, STAGES };

static void add_leavers(struct scene *scene, const char *query, int stages)
{
	for (int i = 0; i < FAULT_KINDS * stages * 2; i++) {
		struct one *one = add_case(scene, places[i % FAULT_KINDS], query);

		one->body = 10;
		one->stage = i / FAULT_KINDS / 2;
		one->leave = i / FAULT_KINDS % 2 == 0 ? CROWD_CLOSES : CROWD_RESETS;
	}
}

static void put_request(struct errand *errand, const struct one *one)
{
	FILE *file = open_memstream(&errand->bytes, &errand->len);

	assert_non_null(file);
	fprintf(file, "%s %s?%s HTTP/1.1\r\nHost: vane.test\r\nContent-Length: %zu\r\n\r\n",
		one->body > 0 ? "POST" : "GET", one->path, one->query, one->body);
	for (size_t i = 0; i < one->body; i++)
		fputc('b', file);
	assert_int_equal(fclose(file), 0);
}

static void plan_leave(struct errand *errand, const struct one *one)
{
	errand->leave = one->leave;
	errand->leave_sent = errand->len;
	if (one->stage == HALF_HEAD)
		errand->leave_sent = errand->len / 2;
	else if (one->stage == HALF_BODY)
		errand->leave_sent = errand->len - one->body / 2;
	else if (one->stage == SOON)
		errand->leave_msec = 50;
	else if (one->stage == ANSWERED)
		errand->leave_got = 1;
}

/* Those that do nothing wrong ask as long as there are others. */
static bool next_quick(struct scene *scene, int kind, struct errand *errand)
{
	struct one one = { .query = "stream=3,10" };

	if (scene->next == scene->count && scene->pending == 0)
		return false;
	snprintf(one.path, sizeof(one.path), "%squick", places[kind]);
	put_request(errand, &one);
	errand->number = -1;
	return true;
}

static bool next(void *data, int client, struct errand *errand)
{
	struct scene *scene = data;
	const struct one *one = &scene->cases[scene->next];

	if (client >= CLIENTS)
		return next_quick(scene, client - CLIENTS, errand);
	if (scene->next == scene->count)
		return false;
	put_request(errand, one);
	plan_leave(errand, one);
	errand->number = scene->next++;
	scene->pending++;
	return true;
}

static void complain(struct scene *scene, const char *path, const char *query,
	const struct outcome *outcome)
{
	print_error("%s?%s: %d%s, %zu bytes: %.60s\n", path, query, outcome->status,
		outcome->whole ? "" : " and cut", outcome->body_len,
		outcome->body == NULL ? "" : outcome->body);
	scene->wrong++;
}

static void done(void *data, const struct errand *errand, const struct outcome *outcome)
{
	struct scene *scene = data;
	const struct one *one;

	if (errand->number < 0) {
		scene->quick++;
		if (outcome->status != 200 || !outcome->whole ||
			strcmp(outcome->body, quick) != 0)
			complain(scene, "quick", "", outcome);
		return;
	}
	scene->pending--;
	one = &scene->cases[errand->number];
	if (one->leave == CROWD_STAYS &&
		outcome->status + (outcome->whole ? 0 : FAULT_CUT) != one->status)
		complain(scene, one->path, one->query, outcome);
}

/* What the log has got since; to be freed. */
static char *read_log(struct scene *scene)
{
	FILE *file = fopen(scene->hosting.gateway.log, "re");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(file);
	fseek(file, scene->log_at, SEEK_SET);
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	scene->log_at = ftell(file);
	fclose(file);
	return text;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		count++;
	return count;
}

/*
 * A line that names the request is its only one, and says what is wrong; others can only be
 * counted.
 */
static void look_for(struct scene *scene, const struct one *one, const char *log)
{
	char target[128];
	const char *found, *line;

	snprintf(target, sizeof(target), " %s?%s)\n", one->path, one->query);
	found = strstr(log, target);
	if (found == NULL)
		return;
	for (line = found; line > log && line[-1] != '\n'; line--)
		;
	if (one->log != NULL && strstr(line, one->log) < found + strlen(one->log) &&
		strstr(found + 1, target) == NULL)
		return;
	print_error("%.*s\n", (int) (found - line), line);
	scene->wrong++;
}

static void check_log(struct scene *scene)
{
	char *log = read_log(scene);
	size_t lines = 0;

	for (long i = 0; i < scene->count; i++) {
		look_for(scene, &scene->cases[i], log);
		lines += (scene->cases[i].log != NULL) + scene->cases[i].errors;
	}
	if (count_lines(log) != lines)
		print_error("%s", log);
	assert_int_equal(count_lines(log), lines);
	free(log);
}

static void play(struct scene *scene)
{
	struct hosting *hosting = &scene->hosting;
	const struct crowd crowd = { .port = hosting->port,
		.clients = CLIENTS + FAULT_KINDS,
		.next = next,
		.done = done,
		.data = scene,
		.msec = SERVER_MSEC };

	assert_int_equal(crowd_run(&crowd), 0);
	assert_int_equal(census_return(&hosting->before, &hosting->of,
				 hosting->memory_slack, RETURN_MSEC),
		0);
	assert_int_equal(census_running(hosting->tmp.path), 0);
	check_log(scene);
	assert_int_equal(scene->wrong, 0);
	print_message(
		"%ld cases, %ld quick requests meanwhile\n", scene->count, scene->quick);
	assert_true(scene->quick >= FAULT_KINDS);
}

/* Whatever became of the test before. */
static struct scene *begin(void **state)
{
	struct scene *scene = *state;

	scene->count = scene->next = scene->pending = scene->quick = scene->wrong = 0;
	free(read_log(scene));
	return scene;
}

static void each_fault_has_its_status_and_its_line(void **state)
{
	struct scene *scene = begin(state);

	add_faults(scene);
	add_aways(scene);
	play(scene);
}

static void clients_may_leave_at_any_time(void **state)
{
	static const struct {
		const char *query;
		int stages;
	} rows[] = {
		{ "silent", SOON + 1 },
		{ "wait_head=60", SOON + 1 },
		{ "half_head=60", SOON + 1 },
		{ "deaf_wait=60", SOON + 1 },
		{ "slow_read=1,10", STAGES },
		{ "hello=10", STAGES },
		{ "echo", STAGES },
		{ "big=3000000", STAGES },
		{ "stream=100,5", STAGES },
		{ "wait_body=60", STAGES },
		{ "drip=5", STAGES },
		{ "flood", STAGES },
		{ "fork_hold=60", STAGES },
	};

	struct scene *scene = begin(state);

	for (size_t i = 0; i < LENGTH(rows); i++)
		add_leavers(scene, rows[i].query, rows[i].stages);
	play(scene);
}

/* Make the folder, with bad.cgi in it; map is the option that serves it. */
static int prepare_bad(struct hosting *hosting, char *map, size_t size)
{
	char path[TMP_PATH_MAX];
	int rc = hosting_prepare(hosting);

	if (rc == 0)
		rc = tmp_mkdir(&hosting->tmp, "bad");
	if (rc == 0)
		rc = tmp_copy_program(
			&hosting->tmp, "bad/bad.cgi", "tests/fixtures/badcgi");
	snprintf(map, size, "/bad/=%s", tmp_path(&hosting->tmp, path, "bad"));
	return rc;
}

/* What a script has started is killed, but is nobody's child that could be waited for. */
static void expect_nobody(const char *folder)
{
	int msec;

	for (msec = 0; msec < START_MSEC && census_running(folder) > 0; msec += 10)
		poll(NULL, 0, 10);
	assert_int_equal(census_running(folder), 0);
}

/* Orders that do not wait for scripts, which hang with what they have started. */
static void nobody_is_left_after_quit(void **state)
{
	static const struct {
		int signo, again; /* 0: none */
	} rows[] = { { SIGQUIT, 0 }, { SIGTERM, SIGTERM } };
	static const char request[] = "GET /bad/bad.cgi/x?fork_hold=60 HTTP/1.1\r\n"
				      "Host: vane.test\r\n\r\n";

	for (size_t i = 0; i < LENGTH(rows); i++) {
		char bad[TMP_PATH_MAX + 16];
		const char *const more[] = { "--cgi", bad, "--processes", "2", NULL };
		struct hosting hosting = { .port = 0 };
		int fd;

		assert_int_equal(prepare_bad(&hosting, bad, sizeof(bad)), 0);
		assert_int_equal(
			hosting_start(&hosting, &(struct hosting_opts) { .more = more }),
			0);
		fd = port_connect(hosting.port, NULL);
		assert_true(fd >= 0);
		assert_int_equal(
			send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
		while (census_running(hosting.tmp.path) == 0)
			poll(NULL, 0, 10);
		assert_int_equal(kill(hosting.gateway.pid, rows[i].signo), 0);
		if (rows[i].again != 0)
			assert_int_equal(kill(hosting.gateway.pid, rows[i].again), 0);
		assert_int_equal(proc_wait_end(&hosting.gateway, START_MSEC), 0);
		close(fd);
		expect_nobody(hosting.tmp.path);
		assert_int_equal(WEXITSTATUS(hosting.gateway.status), VANE_EXIT_CUT);
		hosting.gateway.status = 0;
		hosting.of.pid = 0; /* is gone, as it should */
		assert_int_equal(hosting_stop(&hosting), 0);
	}
}

/* A socket that is there, with nobody behind it. */
static int leave_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s", path);
	rc = bind(fd, (struct sockaddr *) &addr, sizeof(addr));
	close(fd);
	return rc;
}

static int start_peer(struct scene *scene, size_t i, char *socket)
{
	char log[TMP_PATH_MAX], name[32], program[] = "tests/fixtures/badpeer";
	char *argv[] = { program, (char *) aways[i].peer, socket, NULL };
	const struct proc_start start = { .argv = argv, .log = log };
	int rc;

	snprintf(name, sizeof(name), "%s.log", aways[i].name);
	tmp_path(&scene->hosting.tmp, log, name);
	rc = proc_start(&scene->peers[i], &start);
	return rc < 0 ? rc : proc_wait_unix(&scene->peers[i], socket, START_MSEC);
}

static int start_peers(struct scene *scene)
{
	char socket[TMP_PATH_MAX];
	size_t count = 0;
	int rc = 0;

	for (size_t i = 0; i < LENGTH(aways) && rc == 0; i++) {
		tmp_path(&scene->hosting.tmp, socket, aways[i].name);
		if (aways[i].peer != NULL)
			rc = start_peer(scene, i, socket);
		else if (strcmp(aways[i].name, "refusing") == 0)
			rc = leave_socket(socket);
		if (scene->peers[i].pid != 0)
			scene->pids[count++] = scene->peers[i].pid;
	}
	return rc;
}

/* Options for all of them: "--fastcgi", "/fastcgi-hang/=unix:/tmp/.../hang". */
static size_t map_peers(const struct scene *scene, const char **argv)
{
	static char maps[2 * LENGTH(aways)][2 * TMP_PATH_MAX];
	char socket[TMP_PATH_MAX];
	size_t argc = 0;

	for (size_t i = 0; i < LENGTH(maps); i++) {
		const struct away *away = &aways[i / 2];
		const char *kind = i % 2 == 0 ? "fastcgi" : "scgi";

		if (away->status == 0 && strcmp(away->name, kind) != 0)
			continue;
		tmp_path(&scene->hosting.tmp, socket, away->name);
		snprintf(maps[i], sizeof(maps[i]), "/%s%s%s/=unix:%s", kind,
			away->status == 0 ? "" : "-", away->status == 0 ? "" : away->name,
			socket);
		argv[argc++] = i % 2 == 0 ? "--fastcgi" : "--scgi";
		argv[argc++] = maps[i];
	}
	return argc;
}

static int start(void **state)
{
	static const char *const limits[] = { "--processes", "2", "--stream",
		"--program-head-timeout", "2500ms", "--program-idle-timeout", "2500ms",
		"--kill-timeout", "200ms" };
	static struct scene scene;
	struct hosting *hosting = &scene.hosting;
	static char bad[TMP_PATH_MAX + 16];
	const char *more[48] = { "--cgi", bad };
	size_t argc = 2;
	int rc;

	*state = &scene;
	rc = prepare_bad(hosting, bad, sizeof(bad));
	if (rc == 0)
		rc = start_peers(&scene);
	if (rc < 0)
		return rc;
	argc += map_peers(&scene, more + argc);
	memcpy(more + argc, limits, sizeof(limits));
	return hosting_start(hosting,
		&(struct hosting_opts) {
			.more = more, .known = scene.pids, .memory_slack = MEMORY_KIB });
	return rc;
}

static int stop(void **state)
{
	struct scene *scene = *state;
	int rc = hosting_stop(&scene->hosting);

	for (size_t i = 0; i < LENGTH(aways); i++)
		proc_stop(&scene->peers[i]);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_its_status_and_its_line),
		cmocka_unit_test(clients_may_leave_at_any_time),
	};
	const struct CMUnitTest ends[] = {
		cmocka_unit_test(nobody_is_left_after_quit),
	};

	if (!hosting_possible())
		return 77;
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop) +
	       cmocka_run_group_tests(ends, NULL, NULL);
}
