/* SPDX-License-Identifier: MIT */
/*
 * test_faults.c - FastCGI and SCGI applications that do what they should not: each gets
 * the status that it deserves or a cut connection, one line in the log, and leaves nothing
 * behind
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vane/gateway.h>

#include "support/faults.h"
#include "support/proc.h"
#include "support/site.h"
#include "support/tmp.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/*
 * A gateway in this process, with both protocols before programs of tests/fixtures/badpeer.c.
 */
struct stage {
	struct tmp tmp;
	struct proc peers[2];
	struct vane_backend *fastcgi;
	struct vane_backend *scgi;
	struct vane_route routes[3];
	struct site site;
};

static const char *const kinds[2] = { "fastcgi", "scgi" };

static void start_peer(struct stage *stage, int i, const char *kind)
{
	char socket[TMP_PATH_MAX], log[TMP_PATH_MAX], program[] = "tests/fixtures/badpeer";
	char *argv[] = { program, (char *) kind, socket, NULL };
	const struct proc_start start = { .argv = argv, .log = log };

	tmp_path(&stage->tmp, socket, kinds[i]);
	tmp_path(&stage->tmp, log, i == 0 ? "fastcgi.log" : "scgi.log");
	unlink(socket);
	assert_int_equal(proc_start(&stage->peers[i], &start), 0);
	assert_int_equal(proc_wait_unix(&stage->peers[i], socket, 10000), 0);
}

/* kind is what the peers do, NULL: what they are asked for. */
static void begin(struct stage *stage, const char *kind, struct vane_backend_limits limits)
{
	struct vane_fastcgi_backend_opts opts = { .limits = limits, .stream = true };
	char socket[TMP_PATH_MAX], upstream[TMP_PATH_MAX + 8];
	int i;

	memset(stage, 0, sizeof(*stage));
	assert_int_equal(tmp_make(&stage->tmp), 0);
	opts.upstream = upstream;
	for (i = 0; i < 2; i++) {
		start_peer(stage, i, kind != NULL ? kind : kinds[i]);
		snprintf(upstream, sizeof(upstream), "unix:%s",
			tmp_path(&stage->tmp, socket, kinds[i]));
		if (i == 0)
			assert_int_equal(
				vane_fastcgi_backend_new(&stage->fastcgi, &opts), 0);
		else
			assert_int_equal(vane_scgi_backend_new(&stage->scgi, &opts), 0);
	}
	stage->routes[0] = (struct vane_route) { "/fastcgi", &vane_backend_handler,
		.data = stage->fastcgi };
	stage->routes[1] =
		(struct vane_route) { "/scgi", &vane_backend_handler, .data = stage->scgi };
	site_init(&stage->site, stage->routes, NULL, NULL);
}

static void end(struct stage *stage)
{
	site_await_connections(&stage->site, 0);
	vane_backend_free(stage->fastcgi);
	vane_backend_free(stage->scgi);
	site_fini(&stage->site);
	proc_stop(&stage->peers[0]);
	proc_stop(&stage->peers[1]);
	tmp_remove(&stage->tmp);
}

/* Whether what came is a whole message. */
static bool is_whole(const struct client *client)
{
	const char *length = strstr(client->in, "Content-Length: ");
	const char *body = strstr(client->in, "\r\n\r\n");
	char *chunked;

	if (body == NULL)
		return false;
	if (length != NULL && length < body)
		return client->in + client->len - (body + 4) == atol(length + 16);
	chunked = client_dechunk(client);
	free(chunked);
	return chunked != NULL;
}

/* Ask, and wait until the connection is closed: the status, and FAULT_CUT if it was cut. */
static int ask(struct stage *stage, const char *request)
{
	struct client client;
	int status = 0;

	stage->site.log[0] = '\0';
	client_init(&client, &stage->site);
	client_puts(&client, request);
	client_await_close(&client);
	if (client.len > 12)
		status = atoi(client.in + 9);
	if (!is_whole(&client))
		status += FAULT_CUT;
	client_fini(&client);
	return status;
}

static int get(struct stage *stage, const char *kind, const char *query)
{
	char request[200];

	snprintf(request, sizeof(request),
		"GET /%s?%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", kind, query);
	return ask(stage, request);
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		count++;
	return count;
}

static void expect(struct stage *stage, const char *kind, const struct fault *fault,
	int wanted, const char *log)
{
	int status = get(stage, kind, fault->query);
	size_t lines = count_lines(stage->site.log);

	if (status != wanted || lines != (log != NULL) + fault->errors ||
		(log != NULL && strstr(stage->site.log, log) == NULL))
		fail_msg("%s?%s: %d: %.4000s", kind, fault->query, status, stage->site.log);
}

static void each_fault_has_its_status(void **state)
{
	const struct vane_backend_limits limits = { .head_msec = 500, .idle_msec = 500 };
	const struct fault *fault;
	struct stage stage;
	size_t k;

	(void) state;
	begin(&stage, NULL, limits);
	for (fault = faults; fault->query != NULL; fault++) {
		for (k = 0; k < 2; k++) {
			const char *log = fault->log[k];

			if (fault->status[k] != 0 && fault->body == 0)
				expect(&stage, kinds[k], fault, fault->status[k], log);
		}
	}
	end(&stage);
}

static void whoever_does_not_speak_is_not_waited_for(void **state)
{
	static const struct {
		const char *kind;
		int status;
	} rows[] = { { "hang", 504 }, { "close", 502 }, { "reset", 502 } };
	const struct vane_backend_limits limits = { .head_msec = 300 };
	size_t i, k;

	(void) state;
	for (i = 0; i < LENGTH(rows); i++) {
		struct stage stage;

		begin(&stage, rows[i].kind, limits);
		for (k = 0; k < 2; k++) {
			assert_int_equal(get(&stage, kinds[k], "hello=1"), rows[i].status);
			assert_int_equal(count_lines(stage.site.log), 1);
		}
		end(&stage);
	}
}

static void whoever_is_not_there_is_not_asked(void **state)
{
	struct stage stage;
	size_t k;

	(void) state;
	begin(&stage, NULL, (struct vane_backend_limits) { 0 });
	for (k = 0; k < 2; k++) {
		assert_int_equal(proc_stop(&stage.peers[k]), 0);
		assert_int_equal(get(&stage, kinds[k], "hello=1"), 503);
		assert_int_equal(count_lines(stage.site.log), 1);
		assert_non_null(strstr(stage.site.log, "refused"));
		/* Back at once when they are. */
		start_peer(&stage, (int) k, kinds[k]);
		assert_int_equal(get(&stage, kinds[k], "hello=1"), 200);
	}
	end(&stage);
}

/* Whether the response has the text, in whatever pieces it came. */
static bool has_text(const struct client *client, const char *text)
{
	char *body = client_dechunk(client);
	bool found = strstr(body != NULL ? body : client->in, text) != NULL;

	free(body);
	return found;
}

/* Applications that do not read a body, or slowly, or do not answer before it is there. */
static void bodies_go_where_they_are_wanted(void **state)
{
	enum { BODY = 1000 * 1000 };
	static const struct {
		const char *query;
		const char *text;
	} rows[] = {
		{ "slow_read=1,1", "1000000 bytes" },
		{ "count", "1000000 bytes" },
		{ "params", "1000000" },
		{ "hello=10", "abcdefghij" },
	};
	static char body[BODY];
	struct stage stage;
	size_t i, k;

	(void) state;
	begin(&stage, NULL, (struct vane_backend_limits) { 0 });
	memset(body, 'b', sizeof(body));
	for (i = 0; i < LENGTH(rows); i++) {
		for (k = 0; k < 2; k++) {
			struct client client;
			char head[200];

			client_init(&client, &stage.site);
			snprintf(head, sizeof(head),
				"POST /%s?%s HTTP/1.1\r\nHost: h\r\n"
				"Connection: close\r\nContent-Length: %d\r\n\r\n",
				kinds[k], rows[i].query, BODY);
			client_puts(&client, head);
			client_send(&client, body, sizeof(body));
			client_await_close(&client);
			assert_memory_equal(client.in, "HTTP/1.1 200 ", 13);
			if (!has_text(&client, rows[i].text))
				fail_msg("%s?%s: %s", kinds[k], rows[i].query, client.in);
			client_fini(&client);
		}
	}
	end(&stage);
}

/* Leave when so much was sent, or when so much has come. */
static void clients_may_leave_at_any_time(void **state)
{
	static const char *const queries[] = { "silent", "hello=10", "echo", "big=3000000",
		"stream=100,5", "wait_head=1", "half_head=1", "wait_body=1", "drip=5" };
	struct stage stage;
	struct client client;
	char request[200];
	size_t i, k, step;

	(void) state;
	begin(&stage, NULL, (struct vane_backend_limits) { 0 });
	for (i = 0; i < LENGTH(queries); i++) {
		for (k = 0; k < 2; k++) {
			for (step = 0; step < 4; step++) {
				snprintf(request, sizeof(request),
					"POST /%s?%s HTTP/1.1\r\nHost: "
					"h\r\nContent-Length: "
					"10\r\n\r\n%s",
					kinds[k], queries[i],
					step == 0 ? "half" : "0123456789");
				client_init(&client, &stage.site);
				client_puts(&client, request);
				site_turn(&stage.site, (int) step * 5);
				client_fini(&client);
			}
			/* Others are served as ever. */
			assert_int_equal(get(&stage, kinds[k], "hello=10"), 200);
		}
	}
	assert_int_equal(count_lines(stage.site.log), 0);
	end(&stage);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_its_status),
		cmocka_unit_test(whoever_does_not_speak_is_not_waited_for),
		cmocka_unit_test(whoever_is_not_there_is_not_asked),
		cmocka_unit_test(bodies_go_where_they_are_wanted),
		cmocka_unit_test(clients_may_leave_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
