/* SPDX-License-Identifier: MIT */
/*
 * fuzz_ported.c - gateway/ported.c, with the input as what a program written against libfcgi
 * writes: what comes of it must not depend on how it is cut, and is a response or a cut one
 */
#include "fuzz.h"

#include <fcgiapp.h>
#include <string.h>

#include <vane/app.h>
#include <vane/fcgx.h>
#include <vane/log.h>
#include <vane/test.h>

/* What is to be written, in pieces of that size, each flushed if they are to be. */
static const uint8_t *text;
static size_t text_len, piece;
static bool flushed;

static int answer(FCGX_Request *request)
{
	size_t at, n;

	for (at = 0; at < text_len; at += n) {
		n = text_len - at < piece ? text_len - at : piece;
		FCGX_PutStr((const char *) text + at, (int) n, request->out);
		if (flushed)
			FCGX_FFlush(request->out);
		FCGX_PutStr((const char *) text + at, (int) n, request->err);
	}
	return 0;
}

static struct vane_fcgx_program program = { .answer = answer };
static const struct vane_route routes[] = {
	{ "/{path:.*}", &vane_fcgx_handler, .data = &program },
	{ 0 },
};

static void drop_line(enum vane_log_level level, const char *line, void *data)
{
}

static void ask(
	struct vane_app *app, struct vane_test_response *got, size_t size, bool flush)
{
	piece = size;
	flushed = flush;
	FUZZ_CHECK(vane_test_run(app, &(struct vane_test_request) { .target = "/" }, got) ==
		   0);
	FUZZ_CHECK(got->status == 0 || (got->status >= 200 && got->status <= 599));
	FUZZ_CHECK(got->whole || flush);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vane_app *app;
	struct vane_test_response whole, cut, again;

	if (app == NULL) {
		vane_log_set_function(drop_line, NULL);
		FUZZ_CHECK(vane_app_new(&app, routes, NULL) == 0);
	}
	text = data;
	text_len = size < 4096 ? size : 4096;
	ask(app, &whole, SIZE_MAX, false);
	ask(app, &cut, 1, false);
	ask(app, &again, 7, true);
	FUZZ_CHECK(whole.status == cut.status && whole.body_len == cut.body_len);
	FUZZ_CHECK(cut.body_len == 0 || memcmp(whole.body, cut.body, cut.body_len) == 0);
	FUZZ_CHECK(!again.whole || again.status == whole.status);
	vane_test_response_fini(&whole);
	vane_test_response_fini(&cut);
	vane_test_response_fini(&again);
	return 0;
}
