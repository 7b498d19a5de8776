/* SPDX-License-Identifier: MIT */
/*
 * test_request.c - lib/core/request.c: the fields, the client, the parameters
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane.h>
#include <vane/driver.h>

#include "base.h"
#include "support/front.h"
#include "support/probe.h"

#define TAIL "|http||127.0.0.1|0"

/* N-01: what a trusted peer says of its client. */
static const struct {
	const char *peer, *fields[3], *end; /* scheme, host, address and port */
} forwarded[] = {
	{ "127.0.0.1", { NULL }, "|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Real-Ip: 1.2.3.4" }, "|http||1.2.3.4|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 1.2.3.4, 5.6.7.8" }, "|http||5.6.7.8|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 1.2.3.4, 127.0.0.1" }, "|http||1.2.3.4|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8" },
		"|http||5.6.7.8|0" },
	{ "127.0.0.1", { "X-Forwarded-For: 5.6.7.8", "X-Real-Ip: 1.2.3.4" },
		"|http||1.2.3.4|0" },
	{ "127.0.0.1", { "X-Real-Ip: 2001:db8::1" }, "|http||2001:db8::1|0" },
	{ "127.0.0.1", { "X-Real-Ip: nonsense" }, "|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Real-Ip: 1.2.3.4<script>" }, "|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Scheme: https" }, "|https||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Forwarded-Proto: https" }, "|https||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Scheme: http", "X-Forwarded-Proto: https" },
		"|http||127.0.0.1|0" },
	{ "127.0.0.1", { "X-Scheme: gopher" }, "|http||127.0.0.1|0" },
	{ "", { "X-Real-Ip: 1.2.3.4" }, "|http||1.2.3.4|0" }, /* a unix socket */
	{ "::1", { "X-Real-Ip: 1.2.3.4" }, "|http||1.2.3.4|0" },
	{ "10.0.0.1", { "X-Real-Ip: 1.2.3.4", "X-Scheme: https" }, "|http||10.0.0.1|0" },
};

static void trusted_peers_speak_for_their_clients(void **state)
{
	static const struct vane_app_opts trusting = { .xheaders = true };
	struct probe probe;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(forwarded); i++) {
		size_t k = i / 2;
		bool on = i % 2 == 0;
		struct vane_test_request request = { .remote_addr = forwarded[k].peer,
			.fields = FIELDS(forwarded[k].fields[0], forwarded[k].fields[1]) };
		char plain[64];
		const char *end = plain;

		snprintf(plain, sizeof(plain), "|http||%s|0", forwarded[k].peer);
		if (on)
			end = forwarded[k].end;
		probe_init(&probe, &front_describer, NULL, on ? &trusting : NULL);
		assert_int_equal(probe_run(&probe, &request), 200);
		assert_string_equal(probe.got.body + probe.got.body_len - strlen(end), end);
		/* and the next request knows nothing of it */
		assert_int_equal(probe_get(&probe, "/"), 200);
		assert_string_equal(probe.got.body, "GET /||/|-" TAIL);
		probe_fini(&probe);
	}
}

/* RFC 7239, beside Tornado's fields or alone. */
static void forwarded_is_believed_and_who_it_hides_is_not_the_peer(void **state)
{
	static const struct vane_app_opts alone = { .forwarded = true },
					  both = { .forwarded = true, .xheaders = true },
					  neither = { .trusted = NULL },
					  x = { .xheaders = true };
	static const char all[] =
		"Forwarded: for=\"4.4.4.4:80\";proto=https;host=a.example";
	static const struct {
		const struct vane_app_opts *opts;
		const char *peer, *fields[2], *end; /* scheme, host, address and port */
		int status;
	} rows[] = {
		{ &alone, "127.0.0.1", { all }, "|https|a.example|4.4.4.4|80", 200 },
		{ &alone, "10.0.0.1", { all }, "|http||10.0.0.1|0", 200 },
		{ &alone, "127.0.0.1", { all, "X-Real-Ip: 6.6.6.6" },
			"|https|a.example|4.4.4.4|80", 200 },
		{ &both, "127.0.0.1", { all }, "|https|a.example|4.4.4.4|80", 200 },
		{ &both, "127.0.0.1", { all, "X-Real-Ip: 6.6.6.6" }, "|http||6.6.6.6|0",
			200 },
		{ &both, "127.0.0.1", { all, "X-Scheme: http" }, "|http||127.0.0.1|0",
			200 },
		{ &x, "127.0.0.1", { all }, "|http||127.0.0.1|0", 200 },
		{ &neither, "127.0.0.1", { all }, "|http||127.0.0.1|0", 200 },
		{ &alone, "127.0.0.1", { "Forwarded: for=_hidden;proto=https" },
			"|https|||0", 200 },
		{ &alone, "127.0.0.1", { "Forwarded: for=4.4.4.4;" }, "|http||4.4.4.4|0",
			200 },
		{ &alone, "127.0.0.1",
			{ "Forwarded: for=5.5.5.5", "Forwarded: for=4.4.4.4" },
			"|http||4.4.4.4|0", 200 },
		{ &alone, "127.0.0.1", { "Forwarded: nonsense" }, "|http|||0", 200 },
		{ &alone, "127.0.0.1", { "Forwarded: for=unknown" }, "|http|||0", 200 },
		{ &alone, "", { "Forwarded: for=unknown" }, "|http|||0", 200 },
		{ &alone, "127.0.0.1",
			{ "Forwarded: for=\"", "Forwarded: for=4.4.4.4;proto=https" },
			"|https||4.4.4.4|0", 200 },
		{ &alone, "127.0.0.1",
			{ "Forwarded: for=5.5.5.5", "Forwarded: for=127.0.0.2" },
			"|http||5.5.5.5|0", 200 },
		{ &alone, "127.0.0.1", { "Forwarded: for=\"", "Forwarded: for=127.0.0.2" },
			"|http|||0", 200 },
		{ &alone, "127.0.0.1", { "Forwarded: host=\"a b\"" }, NULL, 400 },
	};
	struct probe probe;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .remote_addr = rows[i].peer,
			.fields = FIELDS(rows[i].fields[0], rows[i].fields[1]) };
		const char *end = rows[i].end;

		print_message("%zu\n", i);
		probe_init(&probe, &front_describer, NULL, rows[i].opts);
		assert_int_equal(probe_run(&probe, &request), rows[i].status);
		if (end != NULL)
			assert_string_equal(
				probe.got.body + probe.got.body_len - strlen(end), end);
		probe_fini(&probe);
	}
}

/* N-02 */
static void a_fixed_scheme_holds_whoever_says_what(void **state)
{
	static const struct vane_app_opts rows[] = { { .protocol = "https" },
		{ .protocol = "http", .xheaders = true, .forwarded = true } };
	static const struct vane_app_opts bad = { .protocol = "gopher" };
	static const struct vane_route none[] = { { 0 } };
	struct probe probe;
	struct vane_app *app;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_test_request request = { .remote_addr = "127.0.0.1",
			.fields = FIELDS(i == 0 ? "X-Scheme: http" : "X-Scheme: https") };

		probe_init(&probe, &front_describer, NULL, &rows[i]);
		assert_int_equal(probe_run(&probe, &request), 200);
		assert_non_null(strstr(probe.got.body, i == 0 ? "|https|" : "|http|"));
		probe_fini(&probe);
	}
	assert_int_equal(vane_app_new(&app, none, &bad), -EINVAL);
}

/* No address is not a unix socket, and nobody's word counts for it. */
static void a_peer_whose_address_is_not_known_is_not_believed(void **state)
{
	static const struct sockaddr on_unix_socket = { .sa_family = AF_UNIX };
	static const struct sockaddr unspecified = { .sa_family = AF_UNSPEC };
	static const struct vane_field fields[] = { { SLICE_INIT("x-real-ip"),
		SLICE_INIT("6.6.6.6") } };
	static const struct vane_app_opts opts[] = { { .xheaders = true },
		{ .xheaders = true, .trusted = "10.0.0.1" } };
	static const struct {
		const char *remote_addr;
		const struct sockaddr *peer;
		const char *end;
	} rows[] = {
		{ NULL, NULL, "|http|||0" },
		{ NULL, &unspecified, "|http|||0" },
		{ "", NULL, "|http|||0" },
		{ NULL, &on_unix_socket, "|http||6.6.6.6|0" },
		{ "", &on_unix_socket, "|http||6.6.6.6|0" },
	};
	struct probe probe;
	size_t i, k;

	for (i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct vane_env env = {
			.target = front_slice("/"), .fields = fields, .field_count = 1
		};
		struct carried carried;

		k = i / 2;
		env.remote_addr = front_slice(rows[k].remote_addr);
		env.peer = rows[k].peer;
		probe_init(&probe, &front_describer, NULL, &opts[i % 2]);
		front_ask(probe.app, &env, &carried);
		assert_string_equal(
			carried.body + strlen(carried.body) - strlen(rows[k].end),
			rows[k].end);
		probe_fini(&probe);
	}
}

static int answer_fields(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value, *joined = vane_request_field(req, "X-LIST");
	const char *cookie = vane_request_field(req, "cookie");
	size_t i;

	for (i = 0; vane_request_field_at(req, i, &name, &value); i++)
		vane_response_printf(res, "%s=%s\n", name, value);
	return vane_response_printf(res, "[%s][%s][%s]", joined != NULL ? joined : "-",
		cookie != NULL ? cookie : "-",
		vane_request_field(req, "x-none") == NULL ? "none" : "some");
}

static void repeated_fields_are_joined(void **state)
{
	static const struct vane_handler handler = { .get = answer_fields };
	struct vane_test_request request = { .fields = FIELDS("X-List: a", "Cookie: b=1",
						     "x-list:  c ", "COOKIE: d=2",
						     "X-LIST:") };
	struct vane_test_request hidden = {
		.fields = FIELDS("Connection: close", "TE: x", "Keep-Alive: 5",
			"Trailer: x", "Transfer-Encoding: chunked", "Upgrade: x",
			"Expect: 100-continue", "Proxy: http://evil/", "X_List: a")
	};
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_non_null(strstr(probe.got.body, "[a, c, ][b=1; d=2][none]"));
	assert_non_null(strstr(probe.got.body, "x-list=a\n"));
	assert_int_equal(probe_run(&probe, &hidden), 200);
	assert_string_equal(probe.got.body, "[-][-][none]");
	probe_fini(&probe);
}

static int answer_params(struct vane_request *req, struct vane_response *res)
{
	const char *foo = vane_request_param(req, "FOO");

	return vane_response_printf(res, "%s %s %s", foo != NULL ? foo : "-",
		vane_request_param(req, "foo") == NULL ? "exact" : "folded",
		vane_request_remote_user(req));
}

static void parameters_of_the_front_are_found_by_their_exact_names(void **state)
{
	static const struct vane_handler handler = { .get = answer_params };
	struct vane_test_request request = { .params = FIELDS("FOO=bar=baz",
						     "REMOTE_USER=ann", "EMPTY") };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body, "bar=baz exact ann");
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "- exact ");
	probe_fini(&probe);
}

/* How many parameters there are, the last of them, and where the server is. */
static int answer_all_params(struct vane_request *req, struct vane_response *res)
{
	const char *name = "-", *value = "-";
	size_t count = 0;

	while (vane_request_param_at(req, count, &name, &value))
		count++;
	return vane_response_printf(
		res, "%zu %s=%s [%s]", count, name, value, vane_request_server_addr(req));
}

static void parameters_can_be_told_one_by_one(void **state)
{
	static const struct vane_handler handler = { .get = answer_all_params };
	struct vane_test_request request = {
		.params = FIELDS("A=1", "SERVER_ADDR=192.0.2.1", "A=2", "B=b=c")
	};
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_string_equal(probe.got.body, "4 B=b=c [192.0.2.1]");
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "0 -=- []");
	probe_fini(&probe);
}

static int answer_temp_file(struct vane_request *req, struct vane_response *res)
{
	int fd = vane_request_open_temp_file(req);
	struct stat st = { .st_nlink = 1 };

	if (fd < 0)
		return vane_response_printf(res, "%s", strerror(-fd));
	fstat(fd, &st);
	if (write(fd, "kept", 4) != 4)
		return -EIO;
	vane_response_printf(res, "%d links, ", (int) st.st_nlink);
	return vane_response_write_file(res, fd, 0, 4);
}

static void a_temporary_file_has_no_name(void **state)
{
	static const struct vane_handler handler = { .get = answer_temp_file };
	static const struct vane_app_opts nowhere = { .temp_dir = "/nowhere" };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "0 links, kept");
	probe_fini(&probe);
	probe_init(&probe, &handler, NULL, &nowhere);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, strerror(ENOENT));
	probe_fini(&probe);
}

static int answer_identity(struct vane_request *req, struct vane_response *res)
{
	const char *user = vane_request_param(req, "REMOTE_USER");

	return vane_response_printf(res, "%s|%s|%s", vane_request_remote_user(req),
		user != NULL ? user : "-",
		vane_request_param(req, "HTTP_PROXY") == NULL ? "hidden" : "shown");
}

static void of_two_parameters_the_last_counts_and_the_proxy_is_hidden(void **state)
{
	static const struct vane_handler handler = { .get = answer_identity };
	struct vane_test_request twice = { .params = FIELDS("REMOTE_USER=admin",
						   "HTTP_PROXY=http://evil/",
						   "REMOTE_USER=cert-user") };
	struct vane_test_request emptied = { .params = FIELDS(
						     "REMOTE_USER=admin", "REMOTE_USER=") };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_run(&probe, &twice), 200);
	assert_string_equal(probe.got.body, "cert-user|cert-user|hidden");
	assert_int_equal(probe_run(&probe, &emptied), 200);
	assert_string_equal(probe.got.body, "||hidden");
	probe_fini(&probe);
}

/* Each call, and whether its capability is there: they must agree. */
static int never(struct vane_request *req, struct vane_response *res, void *data)
{
	return 0;
}

static int try_capabilities(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_request_after(req, 1, never, NULL);

	vane_response_printf(res, "%s %d %s", vane_request_mode(req),
		vane_request_can(req, VANE_CAP_TIMERS) == (rc == 0),
		vane_request_last_error(req));
	if (!vane_request_can(req, VANE_CAP_ASYNC))
		return vane_response_defer(res); /* refused when the handler has returned */
	return 0;
}

static void capabilities_are_told_truly(void **state)
{
	static const struct vane_handler handler = { .get = try_capabilities };
	struct vane_env env = { .target = front_slice("/") };
	struct carried carried;
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_string_equal(probe.got.body, "test 1 ");
	front_ask(probe.app, &env, &carried);
	assert_int_equal(carried.status, 500);
	assert_non_null(strstr(probe.log, "request did not finish synchronously: GET / "));
	assert_non_null(strstr(probe.log, "mode front"));
	probe_fini(&probe);
}

static int try_timer(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_request_after(req, 1, never, NULL);

	return vane_response_printf(
		res, "%d %s", rc == -ENOTSUP, vane_request_last_error(req));
}

static void a_missing_capability_is_explained(void **state)
{
	static const struct vane_handler handler = { .get = try_timer };
	struct vane_env env = { .target = front_slice("/") };
	struct carried carried;
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	front_ask(probe.app, &env, &carried);
	assert_string_equal(carried.body,
		"1 timers are not available in front mode (route /{rest:.*})");
	probe_fini(&probe);
}

/* Each sees what it has kept, and nobody what another has. */
static int keep_states(struct vane_request *req, struct vane_response *res)
{
	static int own, first, second;
	int i;

	assert_null(vane_request_state(req, NULL));
	assert_int_equal(vane_request_set_state(req, &first, &first), 0);
	assert_int_equal(vane_request_set_state(req, &second, &second), 0);
	assert_int_equal(vane_request_set_state(req, NULL, &own), 0);
	assert_ptr_equal(vane_request_state(req, NULL), &own);
	assert_ptr_equal(vane_request_state(req, &first), &first);
	assert_ptr_equal(vane_request_state(req, &second), &second);
	assert_int_equal(vane_request_set_state(req, &first, &own), 0);
	assert_ptr_equal(vane_request_state(req, &first), &own);
	assert_int_equal(vane_request_set_state(req, &second, NULL), 0);
	assert_null(vane_request_state(req, &second));
	assert_null(vane_request_state(req, req));
	for (i = 0; i < 300 * 1000; i++) { /* a place is used again */
		assert_int_equal(vane_request_set_state(req, &second, &second), 0);
		assert_int_equal(vane_request_set_state(req, &second, NULL), 0);
	}
	return vane_response_puts(res, "kept");
}

static void each_owner_keeps_its_own_state(void **state)
{
	static const struct vane_handler handler = { .get = keep_states };
	struct probe probe;

	probe_init(&probe, &handler, NULL, NULL);
	assert_int_equal(probe_get(&probe, "/"), 200);
	assert_int_equal(probe_get(&probe, "/"), 200); /* nor of the request before */
	assert_string_equal(probe.got.body, "kept");
	probe_fini(&probe);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_owner_keeps_its_own_state),
		cmocka_unit_test(trusted_peers_speak_for_their_clients),
		cmocka_unit_test(forwarded_is_believed_and_who_it_hides_is_not_the_peer),
		cmocka_unit_test(a_fixed_scheme_holds_whoever_says_what),
		cmocka_unit_test(a_peer_whose_address_is_not_known_is_not_believed),
		cmocka_unit_test(repeated_fields_are_joined),
		cmocka_unit_test(parameters_of_the_front_are_found_by_their_exact_names),
		cmocka_unit_test(parameters_can_be_told_one_by_one),
		cmocka_unit_test(a_temporary_file_has_no_name),
		cmocka_unit_test(of_two_parameters_the_last_counts_and_the_proxy_is_hidden),
		cmocka_unit_test(capabilities_are_told_truly),
		cmocka_unit_test(a_missing_capability_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
