/* SPDX-License-Identifier: MIT */
/*
 * test_exchange.c - lib/core/exchange.c and all below it, with one allocation or all from one on
 * failing: what comes then is an answer, a cut or an error, never a crash or a leak
 */
#include "config.h" /* for memfd_create() */

#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vane.h>

#include "base.h"
#include "support/alloc.h"
#include "support/probe.h"

static int finish_now(struct vane_request *req, struct vane_response *res)
{
	vane_response_puts(res, "later");
	return vane_response_finish(res);
}

static int finish_later(struct vane_request *req, struct vane_response *res, void *data)
{
	return finish_now(req, res);
}

static int flush_later(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "soon ");
	vane_response_flush(res);
	return vane_request_after(req, 1, finish_later, NULL);
}

static int defer(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 5, flush_later, NULL);
}

static int arguments(struct vane_request *req, struct vane_response *res)
{
	const struct vane_part *up = vane_request_upload(req, "file", 0);
	struct vane_cookie cookie = { .name = "a", .value = "b" };

	if (vane_request_form_error(req) < 0)
		return vane_request_form_error(req);
	vane_response_set_cookie(res, &cookie);
	vane_response_add_field(res, "X-Host", vane_request_host(req));
	return vane_response_printf(res, "%s %s %s %s", vane_request_arg_or(req, "q", "-"),
		vane_request_arg_or(req, "text", "-"), up != NULL ? up->filename : "-",
		vane_request_arg_or(req, "id", "-"));
}

static ssize_t pull(void *data, char *buf, size_t size)
{
	bool *given = data;

	if (*given)
		return 0;
	*given = true;
	memcpy(buf, "pulled", 6);
	return 6;
}

static int bodies(struct vane_request *req, struct vane_response *res)
{
	bool *given = vane_request_alloc(req, sizeof(*given));
	struct vane_source source = { .pull = pull, .data = given, .length = -1 };
	int fd = memfd_create("file", MFD_CLOEXEC);
	char *taken = calloc(1, 6);

	if (given == NULL || taken == NULL || fd < 0) {
		free(taken);
		close(fd);
		return -ENOMEM;
	}
	*given = false;
	memcpy(taken, "taken", 5);
	assert_int_equal(write(fd, "file", 4), 4);
	vane_response_puts(res, "put ");
	vane_response_write_take(res, taken, 5);
	vane_response_write_ref(res, " ref ", 5);
	vane_response_write_file(res, fd, 0, 4);
	vane_response_puts_html(res, "<");
	return vane_response_write_source(res, &source);
}

static int redirect(struct vane_request *req, struct vane_response *res)
{
	return vane_response_redirect(res, 302, "/a b");
}

static int refuse(struct vane_request *req, struct vane_response *res)
{
	return vane_response_send_error(res, 409, "%s", vane_request_target(req));
}

static int take_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return vane_response_write(res, data, len);
}

static int length(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(
		res, "%zu %s", vane_request_body(req).len, vane_request_remote_addr(req));
}

static int stream(struct vane_request *req, struct vane_response *res)
{
	return vane_request_stream(req);
}

static void read_on(struct vane_request *req, void *data)
{
	struct vane_response *res = vane_request_response(req);
	char buf[300];
	ssize_t n;

	while ((n = vane_request_read(req, buf, sizeof(buf))) > 0)
		vane_response_write(res, buf, (size_t) n);
	if (n == -EAGAIN)
		vane_request_on_body(req, read_on, NULL);
	else if (n < 0 || vane_response_forward(res, "/length?x") < 0)
		vane_response_give_up(res, 500);
}

static int forward(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	read_on(req, NULL);
	return 0;
}

static const struct vane_handler defer_handler = { .get = defer };
static const struct vane_handler args_handler = { .post = arguments };
static const struct vane_handler bodies_handler = { .get = bodies };
static const struct vane_handler redirect_handler = { .get = redirect };
static const struct vane_handler refuse_handler = { .get = refuse };
static const struct vane_handler echo_handler = { .data = take_piece, .post = finish_now };
static const struct vane_handler length_handler = { .get = length, .post = length };
static const struct vane_handler forward_handler = { .prepare = stream, .post = forward };

static const struct vane_route routes[] = {
	{ "/defer", &defer_handler },
	{ "/args/{id:[0-9]+}", &args_handler },
	{ "/bodies", &bodies_handler },
	{ "/redirect", &redirect_handler },
	{ "/refuse", &refuse_handler },
	{ "/echo", &echo_handler },
	{ "/length", &length_handler },
	{ "/forward", &forward_handler },
	{ 0 },
};

static const char multipart[] =
	"--b\r\nContent-Disposition: form-data; name=text\r\n\r\nwords\r\n"
	"--b\r\nContent-Disposition: form-data; name=file; "
	"filename=f\r\n\r\nbytes\r\n--b--\r\n";

static char large[3000];

#define TYPE                                                                               \
	FIELDS("Content-Type: multipart/form-data; boundary=b", "Host: H",                 \
		"X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8")

static const struct {
	const char *method, *target, *body;
	size_t body_len;
	int status;
	const char *answer; /* NULL: an error page */
} rows[] = {
	{ "GET", "/defer", NULL, 0, 200, "soon later" },
	{ "POST", "/args/7?q=%41", multipart, sizeof(multipart) - 1, 200, "A words f 7" },
	{ "GET", "/bodies", NULL, 0, 200, "put taken ref file&lt;pulled" },
	{ "GET", "/redirect", NULL, 0, 302, "" },
	{ "GET", "/refuse", NULL, 0, 409, NULL },
	{ "POST", "/echo", "echo ", 5, 200, "echo later" },
	{ "POST", "/length", large, sizeof(large), 200, "3000 5.6.7.8" },
	{ "POST", "/forward", large, sizeof(large), 200, "0 5.6.7.8" },
	{ "GET", "/a%2Fb", NULL, 0, 404, NULL },
	{ "PUT", "/defer", NULL, 0, 405, NULL },
};

/* Returns whether nothing failed, so that there is no use in trying more. */
static bool try_once(struct probe *probe, size_t row, long n, void (*arm)(long n))
{
	const struct vane_test_request request = { .method = rows[row].method,
		.target = rows[row].target,
		.fields = TYPE,
		.body = rows[row].body,
		.body_len = rows[row].body_len,
		.piece = 500 };
	struct vane_test_response got;
	long failed;
	int rc;

	arm(n);
	rc = vane_test_run(probe->app, &request, &got);
	failed = alloc_fail_never();
	assert_true(rc == 0 || (rc == -ENOMEM && failed > 0));
	if (rc == 0 && got.whole && got.status == rows[row].status) {
		assert_non_null(got.fields);
		if (rows[row].answer != NULL)
			assert_string_equal(got.body, rows[row].answer);
	} else {
		assert_true(failed > 0);
		assert_true(got.status == 0 || got.status == 500 || !got.whole);
	}
	vane_test_response_fini(&got);
	return failed == 0;
}

static void an_exchange_survives_any_failed_allocation(void **state)
{
	static const struct vane_app_opts opts = {
		.xheaders = true, .debug = true, .body_memory_bytes = 1000
	};
	struct probe probe;
	size_t row;
	long n;

	for (row = 0; row < ARRAY_SIZE(rows); row++) {
		probe_init_routes(&probe, routes, &opts);
		for (n = 0; !try_once(&probe, row, n, alloc_fail_after); n++)
			probe.log[0] = '\0';
		assert_true(n > 2);
		for (n = 0; !try_once(&probe, row, n, alloc_fail_once); n++)
			probe.log[0] = '\0';
		probe_fini(&probe);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_survives_any_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
