/* SPDX-License-Identifier: MIT */
/*
 * test_slow.c - slow clients hold no programs: gateway/spool.c, and who waits for whom
 *
 * A native server in this process, its clients, and behind it a CGI script or the scripted
 * applications of app_peer.h.  One request may be with a program at a time, so whoever holds it
 * keeps out all others.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/gateway.h>

#include "gateway/app_backend.h"
#include "gateway/cgi.h"
#include "support/app_peer.h"
#include "support/tmp.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
#define TEXT      "Content-Type: text/plain\r\n\r\n"
#define LINES     1000000
#define PAGE      6888896 /* bytes of the numbers up to there, each with a line end */
#define SLOW      8
#define PIECE     32768
#define DEADLINE  20000 /* turns of a millisecond */

static struct tmp tmp;
static char *page; /* what the script prints */

/* A host, what serves it, and an application if it is none of CGI. */
struct stage {
	struct app_peer app;
	struct vane_backend *cgi;
	struct vane_backend *fastcgi;
	struct vane_backend *host;
	struct vane_route routes[2];
	struct site site;
	int descriptors;
};

static struct vane__cgi_backend *cgi_of(struct vane_backend *host)
{
	return CONTAINER_OF(host, struct vane__cgi_backend, backend);
}

static void serve(struct stage *stage, struct vane_backend *host, const char *temp_dir)
{
	const struct vane_app_opts opts = { .temp_dir = temp_dir };

	stage->host = host;
	stage->routes[0] =
		(struct vane_route) { "/{path:.*}", &vane_backend_handler, .data = host };
	stage->routes[1] = (struct vane_route) { 0 };
	site_init(&stage->site, stage->routes, &opts, NULL);
	stage->site.descriptors = stage->descriptors;
}

static void begin_cgi(
	struct stage *stage, struct vane_backend_limits limits, const char *temp_dir)
{
	struct vane_cgi_backend_opts opts = { .scripts.root = tmp.path, .limits = limits };

	memset(stage, 0, sizeof(*stage));
	stage->descriptors = site_descriptors();
	assert_int_equal(vane_cgi_backend_new(&stage->cgi, &opts), 0);
	serve(stage, stage->cgi, temp_dir);
}

static void begin_fastcgi(struct stage *stage, struct vane_fastcgi_backend_opts opts)
{
	memset(stage, 0, sizeof(*stage));
	stage->descriptors = site_descriptors();
	app_peer_init(&stage->app, &stage->site);
	opts.upstream = stage->app.address;
	assert_int_equal(vane_fastcgi_backend_new(&stage->fastcgi, &opts), 0);
	serve(stage, stage->fastcgi, NULL);
}

static void end(struct stage *stage)
{
	site_await_connections(&stage->site, 0);
	assert_int_equal(stage->host->spools.total_bytes, 0);
	vane_backend_free(stage->cgi);
	vane_backend_free(stage->fastcgi);
	if (stage->fastcgi != NULL)
		app_peer_fini(&stage->app);
	site_fini(&stage->site);
}

static void ask(struct stage *stage, struct client *client, const char *text)
{
	client_init(client, &stage->site);
	client_puts(client, text);
}

/* A client that does nothing wrong has its answer. */
static void expect_answer(struct stage *stage, const char *text)
{
	struct client client;

	ask(stage, &client, GET("/small.sh"));
	client_await(&client, text);
	client_fini(&client);
}

static void await_no_script(struct stage *stage)
{
	int left = DEADLINE;

	while (!list_empty(&cgi_of(stage->cgi)->runs) && left-- > 0)
		site_turn(&stage->site, 1);
	assert_true(list_empty(&cgi_of(stage->cgi)->runs));
}

/* The page that has come, chunked or not; the client reads the rest of it now. */
static void expect_page(struct client *client)
{
	char *body;

	client_await_close(client);
	assert_memory_equal(client->in, "HTTP/1.1 200 ", 13);
	body = client_dechunk(client);
	if (body == NULL && strstr(client->in, "chunked") == NULL)
		body = strdup(strstr(client->in, "\r\n\r\n") + 4);
	assert_non_null(body);
	assert_int_equal(strlen(body), PAGE);
	assert_memory_equal(body, page, PAGE);
	free(body);
}

static void a_slow_body_starts_no_script(void **state)
{
	struct vane_backend_limits limits = { .max_active = 1, .max_queue = 1 };
	struct client slow[SLOW];
	struct stage stage;
	int i;

	begin_cgi(&stage, limits, NULL);
	for (i = 0; i < SLOW; i++)
		ask(&stage, &slow[i],
			"POST /copy.sh HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
			"Content-Length: 10\r\n\r\nhalf ");
	site_await_connections(&stage.site, SLOW);
	site_turn(&stage.site, 20);
	assert_true(list_empty(&cgi_of(stage.cgi)->runs));
	expect_answer(&stage, "small");
	await_no_script(&stage);
	for (i = 0; i < SLOW; i++) {
		client_puts(&slow[i], "whole");
		client_await(&slow[i], "half whole");
		client_fini(&slow[i]);
	}
	end(&stage);
}

static void a_slow_body_claims_no_application(void **state)
{
	struct vane_fastcgi_backend_opts opts = { .limits.max_active = 1 };
	struct client slow, client;
	struct app_conn conn;
	struct stage stage;

	begin_fastcgi(&stage, opts);
	ask(&stage, &slow,
		"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
		"Content-Length: 10\r\n\r\nhalf ");
	assert_false(app_is_called(&stage.app));
	ask(&stage, &client, GET("/"));
	app_accept(&stage.app, &conn);
	app_await(&conn, &conn.whole);
	app_answer(&conn, TEXT "small");
	client_await(&client, "small");
	app_close(&conn);
	client_puts(&slow, "whole");
	app_accept(&stage.app, &conn);
	app_await(&conn, &conn.whole);
	assert_memory_equal(conn.body.data, "half whole", 10);
	app_answer(&conn, TEXT "taken");
	client_await(&slow, "taken");
	app_close(&conn);
	client_fini(&client);
	client_fini(&slow);
	end(&stage);
}

/* With a length of its own, without one, and as the whole message that a script may write. */
static void a_slow_reader_holds_no_script(void **state)
{
	static const char *const targets[] = { GET("/page.sh"), GET("/length.sh"),
		GET("/nph-page.sh"), "GET /page.sh HTTP/1.0\r\n\r\n" };
	struct vane_backend_limits limits = { .max_active = 1 };
	struct client slow[4];
	struct stage stage;
	int i;

	begin_cgi(&stage, limits, NULL);
	for (i = 0; i < 4; i++) {
		ask(&stage, &slow[i], targets[i]);
		site_await_connections(&stage.site, (size_t) i + 1);
		site_turn(&stage.site, 1);
		await_no_script(&stage);
		expect_answer(&stage, "small");
	}
	assert_true(stage.host->spools.total_bytes > 0);
	for (i = 0; i < 4; i++) {
		expect_page(&slow[i]);
		client_fini(&slow[i]);
	}
	assert_string_equal(stage.site.log, "");
	end(&stage);
}

/* What it takes leaves at once, also behind what has waited in a file, and in order. */
static void a_reader_that_stops_and_goes_has_it_all(void **state)
{
	struct client client;
	struct stage stage;
	size_t i;

	begin_cgi(
		&stage, (struct vane_backend_limits) { .max_spool_bytes = 1 << 20 }, NULL);
	ask(&stage, &client, GET("/page.sh"));
	for (i = 1; i < 8; i++) {
		client_await_bytes(&client, i * PAGE / 8);
		site_turn(&stage.site, 20);
	}
	expect_page(&client);
	client_fini(&client);
	end(&stage);
}

static void what_waits_is_gone_with_its_client(void **state)
{
	struct client slow;
	struct stage stage;

	begin_cgi(&stage, (struct vane_backend_limits) { 0 }, NULL);
	ask(&stage, &slow, GET("/page.sh"));
	site_await_connections(&stage.site, 1);
	site_turn(&stage.site, 1);
	await_no_script(&stage);
	client_fini(&slow);
	end(&stage);
}

/* The one that finds no room any more is held up; nothing is lost. */
static void all_that_waits_together_is_bounded(void **state)
{
	struct vane_backend_limits limits = { .max_spool_total = 1 << 20 };
	struct client slow[2];
	struct stage stage;
	int i;

	begin_cgi(&stage, limits, NULL);
	for (i = 0; i < 2; i++)
		ask(&stage, &slow[i], GET("/page.sh"));
	site_await_connections(&stage.site, 2);
	site_turn(&stage.site, 300);
	assert_false(list_empty(&cgi_of(stage.cgi)->runs));
	assert_true(stage.host->spools.total_bytes < 3 << 20);
	for (i = 0; i < 2; i++) {
		expect_page(&slow[i]);
		client_fini(&slow[i]);
	}
	await_no_script(&stage);
	end(&stage);
}

static void without_room_for_files_the_script_waits(void **state)
{
	struct client slow;
	struct stage stage;

	begin_cgi(&stage, (struct vane_backend_limits) { 0 }, "/nowhere");
	ask(&stage, &slow, GET("/page.sh"));
	site_await_connections(&stage.site, 1);
	site_turn(&stage.site, 300);
	assert_false(list_empty(&cgi_of(stage.cgi)->runs));
	assert_non_null(strstr(stage.site.log, "cannot be kept for slow clients"));
	expect_page(&slow);
	client_fini(&slow);
	await_no_script(&stage);
	end(&stage);
}

/* What was kept is read back piece by piece then. */
static void without_descriptors_what_was_kept_is_sent_all_the_same(void **state)
{
	struct vane_backend_limits limits = { .max_spool_bytes = 1 << 20 };
	struct rlimit all, few;
	struct client client;
	struct stage stage;
	int fd;

	begin_cgi(&stage, limits, NULL);
	ask(&stage, &client, GET("/page.sh"));
	site_await_connections(&stage.site, 1);
	site_turn(&stage.site, 300);
	assert_false(list_empty(&cgi_of(stage.cgi)->runs));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	fd = dup(0);
	few = (struct rlimit) { (rlim_t) fd, all.rlim_max };
	close(fd);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	client_await_bytes(&client, PAGE / 2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	expect_page(&client);
	client_fini(&client);
	await_no_script(&stage);
	end(&stage);
}

/* Answer a request with the page, as far as the gateway takes it: how much that was. */
static size_t put_page(struct stage *stage, struct app_conn *conn, unsigned id, size_t max)
{
	static unsigned char record[8 + PIECE];
	size_t sent = 0, at = 0;
	int idle = 0;

	record[0] = 1;
	record[1] = 6;
	record[3] = (unsigned char) id;
	record[4] = PIECE >> 8;
	while (sent < max && idle < 500) {
		ssize_t n;

		memcpy(record + 8, page + sent, PIECE);
		n = send(conn->fd, record + at, sizeof(record) - at, MSG_NOSIGNAL);
		idle = n > 0 ? 0 : idle + 1;
		at += n > 0 ? (size_t) n : 0;
		if (at == sizeof(record)) {
			sent += PIECE;
			at = 0;
		}
		site_turn(&stage->site, n > 0 ? 0 : 1);
	}
	return sent;
}

static void a_slow_reader_holds_no_application(void **state)
{
	enum { SENT = 128 * PIECE };
	struct vane_fastcgi_backend_opts opts = { .limits.max_active = 1 };
	struct client slow;
	struct app_conn conn;
	struct stage stage;

	begin_fastcgi(&stage, opts);
	ask(&stage, &slow, GET("/"));
	app_accept(&stage.app, &conn);
	app_await(&conn, &conn.whole);
	app_out(&conn, conn.id, TEXT, strlen(TEXT));
	assert_int_equal(put_page(&stage, &conn, conn.id, SENT), SENT);
	app_end(&conn, conn.id, 0, 0);
	app_await(&conn, &conn.eof);
	app_close(&conn);
	{
		struct client client;

		ask(&stage, &client, GET("/"));
		app_accept(&stage.app, &conn);
		app_await(&conn, &conn.whole);
		app_answer(&conn, TEXT "small");
		client_await(&client, "small");
		app_close(&conn);
		client_fini(&client);
	}
	client_await_close(&slow);
	assert_true(slow.len > SENT);
	client_fini(&slow);
	end(&stage);
}

/* Two requests on one connection, of which the client of the first does not read. */
struct pair {
	struct client slow, quick;
	struct app_conn conn;
	unsigned first;
};

static void ask_both(struct stage *stage, struct pair *pair)
{
	static const unsigned char values[] = "\1\12\0\0\0\22\0\0\17\1FCGI_MPXS_CONNS1";
	struct app_conn first, asking;
	struct client client;

	/* The first request is sent while nothing is known of the application yet. */
	ask(stage, &client, GET("/"));
	app_accept(&stage->app, &first);
	app_accept(&stage->app, &asking);
	app_await(&asking, &asking.asked);
	app_send(&asking, values, sizeof(values) - 1);
	app_await(&asking, &asking.eof);
	app_close(&asking);
	app_await(&first, &first.whole);
	app_answer(&first, TEXT "known");
	client_await(&client, "known");
	app_close(&first);
	client_fini(&client);

	ask(stage, &pair->slow, GET("/slow"));
	app_accept(&stage->app, &pair->conn);
	app_await(&pair->conn, &pair->conn.whole);
	pair->first = pair->conn.id;
	app_next(&pair->conn);
	ask(stage, &pair->quick, GET("/quick"));
	app_await(&pair->conn, &pair->conn.whole);
	assert_int_not_equal(pair->conn.id, pair->first);
}

static void end_both(struct pair *pair)
{
	client_fini(&pair->slow);
	client_fini(&pair->quick);
	app_close(&pair->conn);
}

static void on_one_connection_the_slow_do_not_stop_the_others(void **state)
{
	enum { SENT = 128 * PIECE };
	struct vane_fastcgi_backend_opts opts = { .multiplex = true };
	struct stage stage;
	struct pair pair;

	begin_fastcgi(&stage, opts);
	ask_both(&stage, &pair);
	app_out(&pair.conn, pair.first, TEXT, strlen(TEXT));
	assert_int_equal(put_page(&stage, &pair.conn, pair.first, SENT), SENT);
	app_answer(&pair.conn, TEXT "quick");
	client_await(&pair.quick, "quick");
	app_end(&pair.conn, pair.first, 0, 0);
	client_await_close(&pair.slow);
	assert_true(pair.slow.len > SENT);
	assert_non_null(strstr(pair.slow.in, "\r\n0\r\n\r\n"));
	end_both(&pair);
	end(&stage);
}

/* There is no other way to let its neighbours have theirs. */
static void on_one_connection_who_is_too_slow_is_cut(void **state)
{
	enum { SENT = 200 * PIECE };
	struct vane_fastcgi_backend_opts opts = { .multiplex = true,
		.limits.max_spool_bytes = 1 << 20 };
	struct stage stage;
	struct pair pair;

	begin_fastcgi(&stage, opts);
	ask_both(&stage, &pair);
	app_out(&pair.conn, pair.first, TEXT, strlen(TEXT));
	put_page(&stage, &pair.conn, pair.first, SENT);
	app_answer(&pair.conn, TEXT "quick");
	client_await(&pair.quick, "quick");
	assert_non_null(strstr(stage.site.log, "too far behind"));
	client_await_close(&pair.slow);
	assert_null(strstr(pair.slow.in, "\r\n0\r\n\r\n"));
	end_both(&pair);
	end(&stage);
}

/* What all keep together is not held against who keeps little. */
static void on_one_connection_each_has_an_allowance(void **state)
{
	enum { SENT = 48 * PIECE }; /* so that the kernel does not take it all */
	struct vane_fastcgi_backend_opts opts = { .multiplex = true,
		.limits.max_spool_total = 1 };
	struct stage stage;
	struct pair pair;

	begin_fastcgi(&stage, opts);
	ask_both(&stage, &pair);
	app_out(&pair.conn, pair.first, TEXT, strlen(TEXT));
	assert_int_equal(put_page(&stage, &pair.conn, pair.first, SENT), SENT);
	app_answer(&pair.conn, TEXT "quick");
	client_await(&pair.quick, "quick");
	app_end(&pair.conn, pair.first, 0, 0);
	client_await_close(&pair.slow);
	assert_true(pair.slow.len > SENT);
	assert_string_equal(stage.site.log, "");
	end_both(&pair);
	end(&stage);
}

/* Who waits for its client has its connection for itself as long as that lasts. */
static void a_connection_is_shared_again_when_nobody_waits(void **state)
{
	enum { SENT = 200 * PIECE };
	struct vane_fastcgi_backend_opts opts = {
		.multiplex = true, .max_idle = 1, .limits.max_spool_bytes = 1 << 20
	};
	struct client beside;
	struct app_conn other;
	struct stage stage;
	struct pair pair;

	begin_fastcgi(&stage, opts);
	ask_both(&stage, &pair);
	app_answer(&pair.conn, TEXT "quick");
	client_await(&pair.quick, "quick");
	client_fini(&pair.quick);
	app_out(&pair.conn, pair.first, TEXT, strlen(TEXT));
	put_page(&stage, &pair.conn, pair.first, SENT);
	ask(&stage, &beside, GET("/beside"));
	app_accept(&stage.app, &other);
	app_await(&other, &other.whole);
	app_answer(&other, TEXT "beside");
	client_await(&beside, "beside");
	client_fini(&beside);
	app_close(&other);
	app_end(&pair.conn, pair.first, 0, 0);
	client_await_close(&pair.slow);
	client_fini(&pair.slow);

	app_next(&pair.conn);
	ask(&stage, &pair.slow, GET("/one"));
	app_await(&pair.conn, &pair.conn.whole);
	pair.first = pair.conn.id;
	app_next(&pair.conn);
	ask(&stage, &pair.quick, GET("/two"));
	app_await(&pair.conn, &pair.conn.whole);
	assert_int_not_equal(pair.conn.id, pair.first);
	end_both(&pair);
	end(&stage);
}

static void put_script(const char *name, const char *text)
{
	char path[TMP_PATH_MAX], script[400];

	snprintf(script, sizeof(script), "#!/bin/sh\n%s", text);
	assert_int_equal(tmp_write(&tmp, name, script, NULL), 0);
	assert_int_equal(chmod(tmp_path(&tmp, path, name), 0755), 0);
}

static int start(void **state)
{
	char *at;
	int i;

	page = malloc(PAGE + 2 * PIECE);
	if (page == NULL || tmp_make(&tmp) < 0)
		return -1;
	for (at = page, i = 1; i <= LINES; i++)
		at += sprintf(at, "%d\n", i);
	put_script("small.sh", "printf 'Content-Type: text/plain\\n\\nsmall'");
	put_script("copy.sh", "printf 'Content-Type: text/plain\\n\\n'; exec cat");
	put_script("page.sh", "printf 'Content-Type: text/plain\\n\\n'; exec seq 1000000");
	put_script("length.sh", "printf 'Content-Length: 6888896\\n\\n'; exec seq 1000000");
	put_script("nph-page.sh", "printf 'HTTP/1.1 200 OK\\r\\nConnection: "
				  "close\\r\\n\\r\\n'; exec seq 1000000");
	return 0;
}

static int stop(void **state)
{
	free(page);
	tmp_remove(&tmp);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_body_starts_no_script),
		cmocka_unit_test(a_slow_body_claims_no_application),
		cmocka_unit_test(a_slow_reader_holds_no_script),
		cmocka_unit_test(a_reader_that_stops_and_goes_has_it_all),
		cmocka_unit_test(what_waits_is_gone_with_its_client),
		cmocka_unit_test(all_that_waits_together_is_bounded),
		cmocka_unit_test(without_room_for_files_the_script_waits),
		cmocka_unit_test(without_descriptors_what_was_kept_is_sent_all_the_same),
		cmocka_unit_test(a_slow_reader_holds_no_application),
		cmocka_unit_test(on_one_connection_the_slow_do_not_stop_the_others),
		cmocka_unit_test(on_one_connection_who_is_too_slow_is_cut),
		cmocka_unit_test(on_one_connection_each_has_an_allowance),
		cmocka_unit_test(a_connection_is_shared_again_when_nobody_waits),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
