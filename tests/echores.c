/* SPDX-License-Identifier: MIT */
/*
 * echores.c - handlers that answer in every shape an answer can have.
 */
#include "echores.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vane/loop.h>
#include <vane/request.h>
#include <vane/response.h>
#include <vane/static.h>

#include "support/pattern.h"

/* More than any row asks for: fuzzers ask for everything. */
#define BYTES_MAX (16 * 1024 * 1024)

static void plain(struct vane_response *res)
{
	vane_response_set_field(res, "Content-Type", "text/plain; charset=utf-8");
}

static size_t number(struct vane_request *req, const char *name)
{
	unsigned long n = strtoul(vane_request_arg_or(req, name, "0"), NULL, 10);

	return n > BYTES_MAX ? BYTES_MAX : n;
}

static int root_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	return vane_response_puts(res, "root\n");
}

const struct vane_handler echo_root = { .get = root_get };

static int empty_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	return 0;
}

const struct vane_handler echo_empty = { .get = empty_get, .post = empty_get };

/* Any status: an error from 400 on, else with a body, which some may not have. */
static int status_any(struct vane_request *req, struct vane_response *res)
{
	int status = (int) number(req, "code");

	if (status >= 400)
		return status;
	plain(res);
	vane_response_set_status(res, status);
	return vane_response_printf(res, "status %d\n", status);
}

const struct vane_handler echo_status = { .any = status_any };

static int redirect_any(struct vane_request *req, struct vane_response *res)
{
	const char *to = vane_request_query_arg(req, "to", 0);

	return vane_response_redirect(
		res, (int) number(req, "code"), to == NULL ? "/elsewhere?a=b" : to);
}

const struct vane_handler echo_redirect = { .any = redirect_any };

static int big_get(struct vane_request *req, struct vane_response *res)
{
	size_t len = number(req, "bytes");
	char *data = malloc(len + 1);

	if (data == NULL)
		return -ENOMEM;
	pattern_fill(data, 0, len);
	vane_response_set_field(res, "Content-Type", "application/octet-stream");
	return vane_response_write_take(res, data, len);
}

const struct vane_handler echo_big = { .get = big_get };

static int ref_get(struct vane_request *req, struct vane_response *res)
{
	static const char text[] = "borrowed, not copied\n";

	plain(res);
	vane_response_write_ref(res, text, 9);
	return vane_response_write_ref(res, text + 9, sizeof(text) - 10);
}

const struct vane_handler echo_ref = { .get = ref_get };

static int stream_get(struct vane_request *req, struct vane_response *res)
{
	size_t count = number(req, "n");

	plain(res);
	for (size_t i = 0; i < count; i++) {
		vane_response_printf(res, "chunk %zu\n", i);
		vane_response_flush(res);
	}
	return 0;
}

const struct vane_handler echo_stream = { .get = stream_get };

struct well {
	size_t at, len;
	bool breaks;
};

static ssize_t well_pull(void *data, char *buf, size_t size)
{
	struct well *well = data;
	size_t len = well->len - well->at;

	if (len == 0)
		return well->breaks ? -EIO : 0;
	if (len > size)
		len = size;
	if (len > 5000) /* never what was asked for, as files and pipes do */
		len = 5000;
	pattern_fill(buf, well->at, len);
	well->at += len;
	return (ssize_t) len;
}

static int source_get(struct vane_request *req, struct vane_response *res)
{
	struct vane_source source = { .pull = well_pull, .done = free, .length = -1 };
	struct well *well = calloc(1, sizeof(*well));

	if (well == NULL)
		return -ENOMEM;
	well->len = number(req, "bytes");
	well->breaks = vane_request_query_arg(req, "breaks", 0) != NULL;
	source.data = well;
	if (vane_request_query_arg(req, "length", 0) != NULL)
		source.length = (int64_t) well->len;
	vane_response_set_field(res, "Content-Type", "application/octet-stream");
	return vane_response_write_source(res, &source);
}

const struct vane_handler echo_source = { .get = source_get };

/* A source that has nothing every other time; the loop tells, where there is one. */
struct spring {
	struct well well;
	struct vane_loop *loop;
	struct vane_response *res;
	struct vane_timer *timer;
	bool empty, patient;
};

static void spring_ready(void *data)
{
	struct spring *spring = data;

	spring->timer = NULL;
	vane_response_source_ready(spring->res);
}

static ssize_t spring_pull(void *data, char *buf, size_t size)
{
	struct spring *spring = data;

	spring->empty = !spring->empty && spring->patient;
	if (!spring->empty)
		return well_pull(&spring->well, buf, size);
	if (spring->loop != NULL && spring->timer == NULL &&
		vane_loop_call_later(
			spring->loop, 1, spring_ready, spring, &spring->timer) < 0)
		return -ENOMEM;
	return -EAGAIN;
}

static void spring_done(void *data)
{
	struct spring *spring = data;

	vane_timer_cancel(spring->timer);
	free(spring);
}

static int spring_get(struct vane_request *req, struct vane_response *res)
{
	struct vane_source source = {
		.pull = spring_pull, .done = spring_done, .length = -1
	};
	struct spring *spring = calloc(1, sizeof(*spring));

	if (spring == NULL)
		return -ENOMEM;
	spring->well.len = number(req, "bytes");
	spring->res = res;
	spring->loop = vane_request_loop(req);
	/* the test client has neither a loop nor anybody who waits */
	spring->patient = spring->loop != NULL || !vane_request_can(req, VANE_CAP_ASYNC);
	source.data = spring;
	vane_response_set_field(res, "Content-Type", "application/octet-stream");
	return vane_response_write_source(res, &source);
}

const struct vane_handler echo_spring = { .get = spring_get };

static int file_get(struct vane_request *req, struct vane_response *res)
{
	size_t len = number(req, "bytes"), part;
	char buf[4096];
	FILE *file = tmpfile();
	int fd;

	if (file == NULL)
		return -errno;
	for (size_t at = 0; at < len; at += part) {
		part = len - at < sizeof(buf) ? len - at : sizeof(buf);
		pattern_fill(buf, at, part);
		fwrite(buf, 1, part, file);
	}
	fflush(file);
	fd = dup(fileno(file));
	fclose(file);
	if (fd < 0)
		return -errno;
	vane_response_set_field(res, "Content-Type", "application/octet-stream");
	return vane_response_write_file(res, fd, 0, (int64_t) len);
}

const struct vane_handler echo_file = { .get = file_get };

/*
 * Files that every door sees alike, down to their times: whoever compiles this has them.
 * Opened for each request, as the table of routes is constant.
 */
static int static_get(struct vane_request *req, struct vane_response *res)
{
	const struct vane_static_opts opts = {
		.root = "/usr/include", .index = "types.h", .max_age_sec = 60
	};
	struct vane_static *files;
	int rc = vane_static_new(&files, &opts);

	if (rc < 0)
		return rc;
	rc = vane_static_serve(files, req, res, vane_request_path_arg(req, "path"));
	vane_static_free(files);
	return rc;
}

const struct vane_handler echo_static = { .get = static_get };

static int etag_any(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_response_set_validators(res, "\"v1\"", -1);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	plain(res);
	return vane_response_puts(res, "version 1\n");
}

const struct vane_handler echo_etag = { .get = etag_any, .put = etag_any };

static int modified_get(struct vane_request *req, struct vane_response *res)
{
	/* Sun, 06 Nov 1994 08:49:37 GMT: RFC 9110's own example. */
	int rc = vane_response_set_validators(res, NULL, 784111777);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	plain(res);
	return vane_response_puts(res, "old\n");
}

const struct vane_handler echo_modified = { .get = modified_get };

static int headers_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_add_field(res, "X-One", "1");
	vane_response_add_field(res, "X-Two", "first");
	vane_response_add_field(res, "X-Two", "second");
	vane_response_set_field(res, "X-Three", "dropped");
	vane_response_set_field(res, "X-Three", "kept");
	vane_response_add_field(res, "X-Gone", "gone");
	vane_response_remove_field(res, "X-Gone");
	vane_response_add_field(res, "X-Utf8", "gr\xc3\xbc\xc3\x9f");
	vane_response_add_field(res, "Cache-Control", "no-cache, no-store");
	vane_response_add_field(res, "Vary", "Accept-Language");
	vane_response_add_field(res, "Link", "</style.css>; rel=preload");
	return vane_response_puts(res, "headers\n");
}

const struct vane_handler echo_headers = { .get = headers_get };

/* Each of these must be refused; what is printed are the names of those that were not. */
static int refused_get(struct vane_request *req, struct vane_response *res)
{
	static const char *const bad[][2] = {
		{ "X-Split", "a\r\nX-Evil: b" },
		{ "X-Newline", "a\nb" },
		{ "X Blank", "a" },
		{ "X-Colon:", "a" },
		{ "", "a" },
		{ "Status", "200 OK" },
		{ "Connection", "close" },
		{ "Transfer-Encoding", "chunked" },
	};
	const char *which = vane_request_query_arg(req, "i", 0);
	size_t i = which == NULL ? 0 : strtoul(which, NULL, 10);
	int rc;

	if (i >= sizeof(bad) / sizeof(*bad))
		return 404;
	rc = vane_response_add_field(res, bad[i][0], bad[i][1]);
	return rc == -EINVAL ? 418 : 500;
}

const struct vane_handler echo_refused = { .get = refused_get };

/* So long that Expires is the last moment that a date can name, whenever it is asked for. */
#define FOREVER INT64_C(400000000000)

static int set_cookies_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_set_cookie(res, &(struct vane_cookie) { .name = "a", .value = "1" });
	vane_response_set_cookie(res, &(struct vane_cookie) { .name = "session",
					      .value = "s3cr3t",
					      .path = "/app",
					      .max_age_sec = FOREVER,
					      .same_site = "Lax",
					      .secure = true,
					      .http_only = true });
	vane_response_clear_cookie(res, &(struct vane_cookie) { .name = "gone" });
	return vane_response_puts(res, "three cookies\n");
}

const struct vane_handler echo_set_cookies = { .get = set_cookies_get };

/* A cookie with all that one can have, one with nothing, and two that go. */
static int more_cookies_get(struct vane_request *req, struct vane_response *res)
{
	static const struct vane_cookie all = {
		.name = "all",
		.value = "1",
		.path = "/app",
		.domain = "example.org",
		.same_site = "None",
		.expires = 784111777,
		.secure = true,
		.http_only = true,
		.partitioned = true,
	};

	plain(res);
	vane_response_set_cookie(res, &all);
	vane_response_set_cookie(
		res, &(struct vane_cookie) { .name = "bare", .value = "2", .path = "" });
	vane_response_clear_cookie(res, &all);
	vane_response_clear_cookie(res, &(struct vane_cookie) { .name = "__Host-b" });
	return vane_response_puts(res, "more cookies\n");
}

const struct vane_handler echo_more_cookies = { .get = more_cookies_get };

static int fields_get(struct vane_request *req, struct vane_response *res)
{
	size_t count = number(req, "n");
	char name[32];

	plain(res);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "X-Field-%zu", i);
		vane_response_add_field(res, name, "value");
	}
	return vane_response_puts(res, "many fields\n");
}

const struct vane_handler echo_fields = { .get = fields_get };

static int long_field_get(struct vane_request *req, struct vane_response *res)
{
	size_t len = number(req, "n");
	char *value = vane_request_alloc(req, len + 1);

	if (value == NULL)
		return -ENOMEM;
	memset(value, 'v', len);
	value[len] = '\0';
	plain(res);
	vane_response_add_field(res, "X-Long", value);
	return vane_response_puts(res, "a long field\n");
}

const struct vane_handler echo_long_field = { .get = long_field_get };

static int html_get(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_field(res, "Content-Type", "text/html; charset=utf-8");
	vane_response_puts(res, "<p>");
	vane_response_puts_html(res, vane_request_arg_or(req, "text", ""));
	return vane_response_puts(res, "</p>\n");
}

const struct vane_handler echo_html = { .get = html_get };
