/* SPDX-License-Identifier: MIT */
/*
 * fuzz_exchange.c - a whole exchange: method, target, fields and body from the input
 *
 * The first line is a byte of flags, the method, a blank and the target; fields follow up
 * to an empty line, then the body.
 */
#include "fuzz.h"

#include <string.h>

#include <vane.h>
#include <vane/test.h>

#define MAX_FIELDS 16

/* All that has names and values, one after the other. */
static size_t look_at_pairs(struct vane_request *req)
{
	static bool (*const each[])(const struct vane_request *, size_t, const char **,
		const char **) = { vane_request_path_arg_at, vane_request_query_arg_at,
		vane_request_form_arg_at, vane_request_cookie_at };
	const char *name, *value;
	size_t i, k, sum = 0;

	for (k = 0; k < sizeof(each) / sizeof(each[0]); k++)
		for (i = 0; each[k](req, i, &name, &value); i++)
			sum += strlen(name) + strlen(value);
	return sum;
}

/* What is wrong leaves them as they are. */
static void look_at_typed(struct vane_request *req)
{
	const char *text = "-";
	int64_t whole = 1;
	double number = 0.5;
	bool yes = true;
	int rc = vane_request_int_arg(req, "a", -5, 5, &whole);

	FUZZ_CHECK(whole >= -5 && whole <= 5 && (rc == 0 || whole == 1));
	rc = vane_request_double_arg(req, "a", 0, 1, &number);
	FUZZ_CHECK(number >= 0 && number <= 1 && (rc == 0 || number == 0.5));
	FUZZ_CHECK(vane_request_bool_arg(req, "a", &yes) == 0 || yes);
	rc = vane_request_text_arg(req, "a", 1, 10, &text);
	FUZZ_CHECK(strlen(text) > 0 && strlen(text) <= 40);
	FUZZ_CHECK(rc == 0 || rc == 400 || rc == 413 || rc == 414 || rc == -ENOMEM);
}

/* Look at everything that a request can be asked for. */
static int look(struct vane_request *req, struct vane_response *res)
{
	const struct vane_part *up;
	const char *name, *value, *arg;
	size_t i, sum = vane_request_body(req).len;

	for (i = 0; vane_request_field_at(req, i, &name, &value); i++)
		sum += strlen(name) + strlen(value) + strlen(vane_request_field(req, name));
	for (i = 0; (up = vane_request_upload(req, NULL, i)) != NULL; i++)
		sum += strlen(up->name) + strlen(up->filename) + strlen(up->content_type) +
		       up->body.len;
	for (i = 0; (up = vane_request_part(req, NULL, i)) != NULL; i++)
		sum += strlen(up->name) + strlen(up->content_type) + up->body.len;
	sum += look_at_pairs(req);
	look_at_typed(req);
	for (i = 0; (arg = vane_request_query_arg(req, "a", i)) != NULL; i++)
		sum += strlen(arg);
	for (i = 0; (arg = vane_request_form_arg(req, "a", i)) != NULL; i++)
		sum += strlen(arg);
	sum += strlen(vane_request_target(req)) + strlen(vane_request_mount(req)) +
	       strlen(vane_request_host(req)) + strlen(vane_request_remote_addr(req));
	FUZZ_CHECK(vane_request_path(req)[0] == '/');
	FUZZ_CHECK(vane_request_form_error(req) <= 0);
	if (vane_response_set_validators(res, "\"v\"", 784111777) != 0)
		return 0;
	arg = vane_request_arg(req, "a");
	if (arg != NULL && *arg != '\0')
		return vane_response_redirect(res, 302, arg);
	arg = vane_request_cookie(req, "a");
	return vane_response_printf(
		res, "%zu %s %s", sum, vane_request_path(req), arg != NULL ? arg : "-");
}

static int take_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	return vane_response_write(res, data, len);
}

static int later(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, vane_request_arg_or(req, "x", "-"));
	return vane_response_finish(res);
}

static int defer(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 1, later, NULL);
}

static const struct vane_handler looker = { .get = look, .post = look, .any = look };
static const struct vane_handler piecewise = { .data = take_piece, .post = look };
static const struct vane_handler deferring = { .get = defer };

static const struct vane_route routes[] = {
	{ "/", &looker },
	{ "/literal", &looker },
	{ "/pieces", &piecewise },
	{ "/defer/{x}", &deferring },
	{ "/n/{n:[0-9]{1,5}}", &looker },
	{ "/evil/{n:(a+)+b}", &looker },
	{ "/p/{a}-{b}.{c}", &looker },
	{ "/t/{rest:.*}", &looker },
	{ "/{a}/{b}", &looker },
	{ 0 },
};

static struct vane_app *app_for(bool mounted)
{
	static struct vane_app *apps[2]; /* made once: the fuzzer never ends */
	struct vane_app_opts opts = { .xheaders = true,
		.debug = true,
		.max_body_bytes = 2000,
		.body_memory_bytes = 100,
		.max_args = 20,
		.max_parts = 5,
		.mount = mounted ? "/t" : NULL };

	vane_log_set_level(VANE_LOG_NONE);
	if (apps[mounted] == NULL)
		FUZZ_CHECK(vane_app_new(&apps[mounted], routes, &opts) == 0);
	return apps[mounted];
}

/* Field lines are ours to write: none may be broken up. */
static void check_fields(const char *fields)
{
	while (*fields != '\0') {
		size_t len = strcspn(fields, "\r\n");

		FUZZ_CHECK(memchr(fields, ':', len) != NULL);
		FUZZ_CHECK(fields[len] == '\r' && fields[len + 1] == '\n');
		fields += len + 2;
	}
}

static void ask(const struct vane_test_request *request, bool mounted)
{
	struct vane_test_response got;

	FUZZ_CHECK(vane_test_run(app_for(mounted), request, &got) == 0);
	FUZZ_CHECK(got.whole && got.status >= 200 && got.status <= 599);
	FUZZ_CHECK(got.body_len == 0 || (got.status != 204 && got.status != 304));
	FUZZ_CHECK(got.body_len == 0 || strcmp(request->method, "HEAD") != 0);
	check_fields(got.fields);
	vane_test_response_fini(&got);
}

/* Cut text off at sep, which becomes its end; the rest is given back, NULL if there is none. */
static char *cut(char *text, char sep)
{
	char *at = strchr(text, sep);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *fields[MAX_FIELDS + 1] = { NULL };
	struct vane_test_request request = { .fields = fields };
	char *text, *rest, *line;
	size_t i;

	if (size < 4 || size > 8192)
		return 0;
	text = malloc(size);
	FUZZ_CHECK(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	rest = cut(text, '\n');
	request.method = text;
	request.target = cut(text, ' ');
	for (i = 0; rest != NULL && *rest != '\n' && i < MAX_FIELDS; i++) {
		line = rest;
		rest = cut(line, '\n');
		fields[i] = line;
	}
	if (rest != NULL && *rest == '\n') {
		request.body = rest + 1;
		request.body_len = (size_t) (text + size - 1 - (rest + 1));
	}
	request.piece = data[0] & 1 ? 3 : 0;
	request.chunked = data[0] & 2;
	request.cut_after = data[0] & 4 ? 5 : 0;
	request.remote_addr = data[0] & 8 ? "10.0.0.1" : NULL;
	ask(&request, data[0] & 16);
	free(text);
	return 0;
}
