/* SPDX-License-Identifier: MIT */
/*
 * fuzz_access_format.c - lib/core/access_format.c, access_words.c: the input is a format of the access
 * log, a target, and a value of fields, each a line
 *
 * Whatever is asked, its line is one line, and no escape sequence is in it.
 */
#include "fuzz.h"

#include <string.h>
#include <vane.h>
#include <vane/test.h>

#include "access_format.h"
#include "exchange.h"

/* What is written of a request while it is answered, with all fields that there are. */
static int write_line(struct vane_request *req, struct vane_response *res)
{
	const struct vane__access_end end = { 200, true, 1234567 };
	struct vane__access_format *format = vane_request_data(req);
	struct buf line = { 0 };
	size_t i;

	FUZZ_CHECK(vane__access_format_write(
			   format, vane__req_exchange(req), &end, &line) == 0);
	for (i = 0; i < line.len; i++)
		FUZZ_CHECK(line.data[i] != '\n' && line.data[i] != '\r' &&
			   line.data[i] != '\0' && line.data[i] != '\x1b');
	vane__buf_reset(&line, 0);
	return vane_response_puts(res, "hello\n");
}

static void ask(struct vane__access_format *format, const char *target, const char *value)
{
	const struct vane_handler handler = { .get = write_line };
	const struct vane_route routes[] = { { "/{x}", &handler, format, NULL },
		{ "/", &handler, format, NULL }, { 0 } };
	const struct vane_app_opts opts = { .access_log = VANE_ACCESS_LOG_OFF };
	char agent[600], cookie[600];
	const char *const fields[] = { "Host: example.org", agent, cookie, NULL };
	struct vane_test_request request = { .target = target, .fields = fields };
	struct vane_test_response response;
	struct vane_app *app;

	snprintf(agent, sizeof(agent), "User-Agent: %s", value);
	snprintf(cookie, sizeof(cookie), "Cookie: a=%s", value);
	FUZZ_CHECK(vane_app_new(&app, routes, &opts) == 0);
	if (vane_test_run(app, &request, &response) == 0)
		vane_test_response_fini(&response);
	vane_app_free(app);
}

/* Control characters that a format has itself it may write. */
static bool is_text(struct vane_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((unsigned char) s.data[i] < 0x20)
			return false;
	return true;
}

/* A text of at most 511 bytes. */
static const char *text_of(char *buf, struct vane_slice line)
{
	size_t len = line.len < 511 ? line.len : 511;

	if (len > 0)
		memcpy(buf, line.data, len);
	buf[len] = '\0';
	return buf;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice input = { (const char *) data, size }, first;
	char text[512], target[512], value[512];
	struct vane__access_format *format = NULL;

	if (size == 0 || size > 2048)
		return 0;
	vane_log_set_level(VANE_LOG_NONE);
	first = fuzz_line(&input);
	text_of(text, first);
	text_of(target, fuzz_line(&input));
	text_of(value, fuzz_line(&input));
	if (vane__access_format_new(&format, text) == 0 && is_text(first))
		ask(format, target, value);
	vane__access_format_free(format);
	return 0;
}
