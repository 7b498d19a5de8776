/* SPDX-License-Identifier: MIT */
/*
 * test_static.c - lib/web/static.c, asked through the test client
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/request.h>
#include <vane/response.h>
#include <vane/static.h>
#include <vane/util.h>

#include "base.h"
#include "support/alloc.h"
#include "support/probe.h"
#include "support/tmp.h"

#define LATE       784111777
#define LATE_TEXT  "Sun, 06 Nov 1994 08:49:37 GMT"
#define EARLY_TEXT "Sun, 06 Nov 1994 08:49:36 GMT"

static struct tmp tmp;
static struct vane_static *files;
static struct probe probe;

static void set_time(const char *name, time_t when)
{
	const struct timespec times[2] = { { .tv_sec = when }, { .tv_sec = when } };
	char path[TMP_PATH_MAX];

	assert_int_equal(utimensat(AT_FDCWD, tmp_path(&tmp, path, name), times, 0), 0);
}

static void write_file(const char *name, const char *text)
{
	assert_int_equal(tmp_write(&tmp, name, text, NULL), 0);
	set_time(name, LATE);
}

/* A handler that chooses by an argument. */
static int chosen_any(struct vane_request *req, struct vane_response *res)
{
	const char *path = vane_request_query_arg(req, "path", 0);

	return vane_static_serve(vane_request_data(req), req, res, path);
}

static const struct vane_handler chosen = { .any = chosen_any };

/* A handler that has found its file by itself. */
static int found_any(struct vane_request *req, struct vane_response *res)
{
	const char *type = vane_request_query_arg(req, "type", 0);
	const char *status = vane_request_query_arg(req, "status", 0);
	char path[TMP_PATH_MAX];
	int fd = open(tmp_path(&tmp, path, "www/ten.txt"), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	if (type != NULL)
		vane_response_set_field(res, "Content-Type", type);
	if (status != NULL)
		vane_response_set_status(res, atoi(status));
	return vane_response_send_file(res, fd, "other.json");
}

static const struct vane_handler found = { .any = found_any };

static struct vane_route routes[] = {
	{ "/static/{path:.*}", &vane_static_handler },
	{ "/chosen", &chosen },
	{ "/found", &found },
	{ "/{rest:.*}", &vane_static_handler },
	{ 0 },
};

static int setup(void **state)
{
	static const char *const folders[] = { "www", "www/with", "www/without", "www/odd",
		"www/odd/index.html", "www/a b" };
	struct vane_static_opts opts = { .index = "index.html" };
	char path[TMP_PATH_MAX];
	size_t i;

	if (tmp_make(&tmp) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(folders); i++)
		assert_int_equal(tmp_mkdir(&tmp, folders[i]), 0);
	write_file("www/ten.txt", "0123456789");
	write_file("www/empty.css", "");
	write_file("www/a.tar.gz", "x");
	write_file("www/a.bz2", "x");
	write_file("www/README", "x");
	write_file("www/.hidden", "x");
	write_file("www/with/index.html", "<p>index</p>");
	write_file("www/a b/index.html", "<p>blank</p>");
	write_file("secret", "x");
	opts.root = tmp_path(&tmp, path, "www");
	assert_int_equal(vane_static_new(&files, &opts), 0);
	for (i = 0; i < ARRAY_SIZE(routes); i++)
		routes[i].data = files;
	probe_init_routes(&probe, routes, &(struct vane_app_opts) { .debug = true });
	return 0;
}

static int teardown(void **state)
{
	probe_fini(&probe);
	vane_static_free(files);
	tmp_remove(&tmp);
	return 0;
}

static int get_with(const char *target, const char *const *fields)
{
	return probe_run(
		&probe, &(struct vane_test_request) { .target = target, .fields = fields });
}

static void assert_field(const char *name, const char *value)
{
	const char *got = probe_field(&probe, name);

	if (value == NULL) {
		if (got != NULL)
			fail_msg("%s: %s", name, got);
		return;
	}
	if (got == NULL)
		fail_msg("no %s", name);
	assert_string_equal(got, value);
}

static void a_file_is_served_with_all_that_is_known_of_it(void **state)
{
	const char *etag;

	assert_int_equal(probe_get(&probe, "/static/ten.txt"), 200);
	assert_string_equal(probe.got.body, "0123456789");
	assert_field("Content-Type", "text/plain; charset=utf-8");
	assert_field("Content-Length", "10");
	assert_field("Last-Modified", LATE_TEXT);
	assert_field("Accept-Ranges", "bytes");
	assert_field("Cache-Control", NULL);
	etag = probe_field(&probe, "ETag");
	assert_int_equal(strlen(etag), 18);
	assert_true(etag[0] == '"' && etag[17] == '"');
	assert_int_equal(probe_get(&probe, "/ten.txt"), 200);
	assert_int_equal(probe_get(&probe, "/static/empty.css"), 200);
	assert_field("Content-Length", "0");
	assert_field("Content-Type", "text/css; charset=utf-8");
}

static void head_says_the_same_without_a_body(void **state)
{
	char *fields;

	assert_int_equal(probe_get(&probe, "/static/ten.txt"), 200);
	fields = strdup(probe.got.fields);
	assert_int_equal(probe_method(&probe, "HEAD", "/static/ten.txt"), 200);
	assert_string_equal(probe.got.fields, fields);
	assert_int_equal(probe.got.body_len, 0);
	free(fields);
}

static void types_go_by_the_last_extension(void **state)
{
	assert_int_equal(probe_get(&probe, "/static/a.tar.gz"), 200);
	assert_field("Content-Type", "application/gzip");
	assert_field("Content-Encoding", NULL);
	assert_int_equal(probe_get(&probe, "/static/a.bz2"), 200);
	assert_field("Content-Type", "application/octet-stream");
	assert_int_equal(probe_get(&probe, "/static/README"), 200);
	assert_field("Content-Type", "application/octet-stream");
}

static void paths_are_safe(void **state)
{
	static const struct {
		const char *target;
		int status;
	} rows[] = {
		{ "/static/../secret", 404 },
		{ "/static/..%2fsecret", 404 },
		{ "/static/%2e%2e/secret", 404 },
		{ "/static/%2e%2e%2fsecret", 404 },
		{ "/static/../../secret", 400 },
		{ "/static/with/../ten.txt", 200 },
		{ "/static/with/..%2Ften.txt", 200 },
		{ "/with/../static/.hidden", 403 },
		{ "/static/with%2Findex.html", 403 },
		{ "/static/.hidden", 403 },
		{ "/static/.nothing", 403 },
		{ "/static//ten.txt", 404 },
		{ "/static//", 404 },
		{ "/static/%2Ften.txt", 403 },
		{ "//ten.txt", 404 },
		{ "//with", 404 },
		{ "/static/ten.txt/", 404 },
		{ "/static/ten.txt/x", 404 },
		{ "/static/nothing", 404 },
		{ "/static/nothing/", 404 },
		{ "/static/TEN.TXT", 404 },
		{ "/static/ten.txt%00", 400 },
		{ "/static/ten%2etxt", 200 },
		{ "/static/%252e%252e/secret", 404 },
		{ "/static/..\\secret", 403 },
		{ "/chosen?path=../secret", 403 },
		{ "/chosen?path=/ten.txt", 200 },
		{ "/chosen?path=nothing", 404 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (probe_get(&probe, rows[i].target) != rows[i].status)
			fail_msg("%s: %d", rows[i].target, probe.got.status);
}

/* The page with --debug, and the log without. */
static void what_is_refused_is_told_why(void **state)
{
	static const struct {
		const char *target, *why;
	} rows[] = {
		{ "/static/.hidden", ".hidden has a name that begins with a dot" },
		{ "/static/.nothing", ".nothing has a name that begins with a dot" },
		{ "/chosen?path=..", ".. has a name that begins with a dot" },
		{ "/static/secret.txt", "secret.txt may not be read by this process" },
		{ "/static/shut/a",
			"shut/a lies in a folder that this process may not enter" },
		{ "/static/fifo", "fifo is a device, a FIFO or a socket" },
		{ "/static/out", "out is, or lies behind, a symbolic link" },
		{ "/static/out/", "out/ is, or lies behind, a symbolic link" },
		{ "/static/out/secret", "out/secret is, or lies behind, a symbolic link" },
		{ "/static/with%2Findex.html", "with/index.html has an encoded slash" },
		{ "/static/without", "without is not a file, but a directory" },
		{ "/static/", "/ is not a file, but a directory" },
	};
	char path[TMP_PATH_MAX];

	write_file("www/secret.txt", "x");
	assert_int_equal(chmod(tmp_path(&tmp, path, "www/secret.txt"), 0), 0);
	assert_int_equal(tmp_mkdir(&tmp, "www/shut"), 0);
	assert_int_equal(chmod(tmp_path(&tmp, path, "www/shut"), 0), 0);
	assert_int_equal(mkfifo(tmp_path(&tmp, path, "www/fifo"), 0644), 0);
	assert_int_equal(symlink("..", tmp_path(&tmp, path, "www/out")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool of_rights = strstr(rows[i].why, "this process") != NULL;

		if (of_rights && geteuid() == 0)
			continue; /* root may read all */
		probe.log[0] = '\0';
		assert_int_equal(probe_get(&probe, rows[i].target), 403);
		if (strstr(probe.got.body, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].target, probe.got.body);
		assert_non_null(strstr(probe.log, rows[i].why));
		assert_non_null(strstr(probe.log, "403 GET /"));
	}
	assert_int_equal(chmod(tmp_path(&tmp, path, "www/shut"), 0755), 0);
}

static void a_directory_is_answered_by_its_index(void **state)
{
	static const struct {
		const char *target, *location;
	} redirects[] = {
		{ "/static/with", "/static/with/" },
		{ "/static/with?", "/static/with/?" },
		{ "/static/with?a=b/c&d", "/static/with/?a=b/c&d" },
		{ "/with", "/with/" },
		{ "/static/a%20b?x", "/static/a%20b/?x" },
		{ "/chosen?path=with", "/chosen/?path=with" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(redirects); i++) {
		assert_int_equal(probe_get(&probe, redirects[i].target), 301);
		assert_field("Location", redirects[i].location);
	}
	assert_int_equal(probe_get(&probe, "/static/with/"), 200);
	assert_string_equal(probe.got.body, "<p>index</p>");
	assert_field("Content-Type", "text/html; charset=utf-8");
	assert_int_equal(probe_get(&probe, "/static/with/index.html"), 200);
	assert_int_equal(probe_get(&probe, "/chosen?path=with/"), 200);
}

static void a_redirect_never_leads_to_another_host(void **state)
{
	routes[1].pattern = "//chosen";
	probe_fini(&probe);
	probe_init_routes(&probe, routes, &(struct vane_app_opts) { .debug = true });
	assert_int_equal(probe_get(&probe, "//chosen?path=with"), 301);
	assert_field("Location", "/chosen/?path=with");
	routes[1].pattern = "/chosen";
	probe_fini(&probe);
	probe_init_routes(&probe, routes, &(struct vane_app_opts) { .debug = true });
}

static void a_directory_without_index_is_not_a_file(void **state)
{
	static const char *const targets[] = { "/static/", "/", "/static/without",
		"/static/without/", "/static/odd", "/static/odd/" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		assert_int_equal(probe_get(&probe, targets[i]), 403);
		assert_non_null(strstr(probe.got.body, " is not a file"));
		assert_field("Location", NULL);
	}
}

static void without_an_index_no_directory_is_served(void **state)
{
	char path[TMP_PATH_MAX];
	struct vane_static_opts opts = {
		.root = tmp_path(&tmp, path, "www"), .dotfiles = true, .max_age_sec = 60
	};
	struct vane_static *other;
	struct probe plain;

	assert_int_equal(vane_static_new(&other, &opts), 0);
	probe_init(&plain, &vane_static_handler, other, NULL);
	assert_int_equal(probe_get(&plain, "/with"), 403);
	assert_int_equal(probe_get(&plain, "/with/"), 403);
	assert_int_equal(probe_get(&plain, "/.hidden"), 200);
	assert_string_equal(probe_field(&plain, "Cache-Control"), "max-age=60");
	probe_fini(&plain);
	vane_static_free(other);
}

static void only_get_and_head_are_answered(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "PATCH", "DELETE" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		assert_int_equal(probe_method(&probe, methods[i], "/static/ten.txt"), 405);
		assert_field("Allow", "GET, HEAD, OPTIONS");
		assert_int_equal(
			probe_method(&probe, methods[i], "/chosen?path=ten.txt"), 405);
		assert_field("Allow", "GET, HEAD, OPTIONS");
	}
	assert_int_equal(probe_method(&probe, "OPTIONS", "/chosen?path=ten.txt"), 204);
	assert_field("Allow", "GET, HEAD, OPTIONS");
	assert_int_equal(probe_method(&probe, "OPTIONS", "/static/ten.txt"), 204);
}

static void conditions_are_heeded(void **state)
{
	char etag[32], match[64], list[96];

	probe_get(&probe, "/static/ten.txt");
	snprintf(etag, sizeof(etag), "%s", probe_field(&probe, "ETag"));
	snprintf(match, sizeof(match), "If-None-Match: %s", etag);
	snprintf(list, sizeof(list), "If-None-Match: \"x\", W/%s", etag);
	assert_int_equal(get_with("/static/ten.txt", FIELDS(match)), 304);
	assert_int_equal(probe.got.body_len, 0);
	assert_field("ETag", etag);
	assert_field("Content-Type", NULL);
	assert_field("Content-Length", NULL);
	assert_field("Last-Modified", NULL);
	assert_field("Accept-Ranges", NULL);
	assert_int_equal(get_with("/static/ten.txt", FIELDS(list)), 304);
	assert_int_equal(get_with("/static/ten.txt", FIELDS("If-None-Match: *")), 304);
	assert_int_equal(get_with("/static/ten.txt", FIELDS("If-None-Match: \"x\"")), 200);
	assert_int_equal(
		get_with("/static/ten.txt",
			FIELDS("If-None-Match: \"x\"", "If-Modified-Since: " LATE_TEXT)),
		200);
	assert_int_equal(
		get_with("/static/ten.txt", FIELDS("If-Modified-Since: " LATE_TEXT)), 304);
	assert_int_equal(
		get_with("/static/ten.txt", FIELDS("If-Modified-Since: " EARLY_TEXT)), 200);
	assert_int_equal(get_with("/static/ten.txt", FIELDS("If-Match: \"x\"")), 412);
	assert_int_equal(
		get_with("/static/ten.txt", FIELDS("Range: bytes=0-1", match)), 304);
	assert_int_equal(get_with("/static/nothing", FIELDS("If-None-Match: *")), 404);
}

static void a_change_is_another_etag(void **state)
{
	char etag[32];

	probe_get(&probe, "/static/ten.txt");
	snprintf(etag, sizeof(etag), "%s", probe_field(&probe, "ETag"));
	set_time("www/ten.txt", LATE + 1);
	probe_get(&probe, "/static/ten.txt");
	assert_string_not_equal(probe_field(&probe, "ETag"), etag);
	set_time("www/ten.txt", LATE);
	probe_get(&probe, "/static/ten.txt");
	assert_string_equal(probe_field(&probe, "ETag"), etag);
}

static void a_file_was_never_modified_in_the_future(void **state)
{
	char date[64];
	int64_t modified = 0, now = (int64_t) time(NULL);

	write_file("www/future.txt", "x");
	set_time("www/future.txt", (time_t) now + 86400);
	assert_int_equal(probe_get(&probe, "/static/future.txt"), 200);
	for (modified = now; modified < now + 60; modified++) {
		vane_http_date(date, sizeof(date), modified);
		if (strcmp(date, probe_field(&probe, "Last-Modified")) == 0)
			break;
	}
	assert_true(modified < now + 60);
	set_time("www/future.txt", -5);
	assert_int_equal(probe_get(&probe, "/static/future.txt"), 200);
	assert_field("Last-Modified", NULL);
}

static void ranges_are_served(void **state)
{
	static const struct {
		const char *range;
		int status;
		const char *content_range, *body;
	} rows[] = {
		{ "Range: bytes=0-0", 206, "bytes 0-0/10", "0" },
		{ "Range: bytes=2-4", 206, "bytes 2-4/10", "234" },
		{ "Range: bytes=7-", 206, "bytes 7-9/10", "789" },
		{ "Range: bytes=-3", 206, "bytes 7-9/10", "789" },
		{ "Range: bytes=8-99", 206, "bytes 8-9/10", "89" },
		{ "Range: bytes=0-", 200, NULL, "0123456789" },
		{ "Range: bytes=-10", 200, NULL, "0123456789" },
		{ "Range: bytes=0-1,3-4", 200, NULL, "0123456789" },
		{ "Range: pages=1-2", 200, NULL, "0123456789" },
		{ "Range: bytes=10-", 416, "bytes */10", "" },
		{ "Range: bytes=-0", 416, "bytes */10", "" },
	};
	char length[24];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (get_with("/static/ten.txt", FIELDS(rows[i].range)) != rows[i].status)
			fail_msg("%s: %d", rows[i].range, probe.got.status);
		snprintf(length, sizeof(length), "%zu", strlen(rows[i].body));
		assert_string_equal(probe.got.body, rows[i].body);
		assert_field("Content-Range", rows[i].content_range);
		assert_field("Content-Length", length);
		assert_field("Accept-Ranges", "bytes");
		assert_field("Content-Type", "text/plain; charset=utf-8");
	}
	assert_int_equal(get_with("/static/empty.css", FIELDS("Range: bytes=0-")), 416);
	assert_field("Content-Type", "text/plain; charset=utf-8");
	assert_int_equal(get_with("/static/empty.css", FIELDS("Range: bytes=-1")), 200);
}

/* More than a size_t can say on 32-bit systems. */
static void a_file_of_five_gigabytes_is_served(void **state)
{
	const int64_t hole = INT64_C(5) << 30;
	struct vane_test_request request = { .method = "HEAD",
		.target = "/static/large.txt" };
	char path[TMP_PATH_MAX];
	int fd;

	write_file("www/large.txt", "");
	fd = open(tmp_path(&tmp, path, "www/large.txt"), O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "end", 3, hole), 3);
	close(fd);
	assert_int_equal(probe_run(&probe, &request), 200);
	assert_field("Content-Length", "5368709123");
	assert_int_equal(get_with("/static/large.txt", FIELDS("Range: bytes=-3")), 206);
	assert_field("Content-Range", "bytes 5368709120-5368709122/5368709123");
	assert_string_equal(probe.got.body, "end");
	unlink(path);
}

static void head_has_no_ranges(void **state)
{
	struct vane_test_request request = { .method = "HEAD",
		.target = "/static/ten.txt",
		.fields = FIELDS("Range: bytes=2-4") };

	assert_int_equal(probe_run(&probe, &request), 200);
	assert_field("Content-Length", "10");
	assert_field("Content-Range", NULL);
}

static void a_range_counts_only_of_the_same_file(void **state)
{
	char same[64], weak[64];

	probe_get(&probe, "/static/ten.txt");
	snprintf(same, sizeof(same), "If-Range: %s", probe_field(&probe, "ETag"));
	snprintf(weak, sizeof(weak), "If-Range: W/%s", probe_field(&probe, "ETag"));
	assert_int_equal(
		get_with("/static/ten.txt", FIELDS("Range: bytes=2-4", same)), 206);
	assert_int_equal(get_with("/static/ten.txt",
				 FIELDS("Range: bytes=2-4", "If-Range: " LATE_TEXT)),
		206);
	assert_int_equal(
		get_with("/static/ten.txt", FIELDS("Range: bytes=2-4", weak)), 200);
	assert_int_equal(
		get_with("/static/ten.txt", FIELDS("Range: bytes=2-4", "If-Range: \"x\"")),
		200);
	assert_int_equal(get_with("/static/ten.txt",
				 FIELDS("Range: bytes=2-4", "If-Range: " EARLY_TEXT)),
		200);
	assert_int_equal(
		get_with("/static/ten.txt", FIELDS("Range: bytes=90-", "If-Range: \"x\"")),
		200);
}

static void an_open_file_is_sent_as_its_handler_says(void **state)
{
	assert_int_equal(probe_get(&probe, "/found"), 200);
	assert_field("Content-Type", "application/json");
	assert_string_equal(probe.got.body, "0123456789");
	assert_int_equal(probe_get(&probe, "/found?type=text/x-mine"), 200);
	assert_field("Content-Type", "text/x-mine");
	assert_int_equal(
		get_with("/found?type=text/x-mine", FIELDS("If-None-Match: *")), 304);
	assert_field("Content-Type", NULL);
	assert_int_equal(get_with("/found", FIELDS("Range: bytes=0-1")), 206);
	assert_int_equal(get_with("/found?status=404",
				 FIELDS("Range: bytes=0-1", "If-None-Match: *")),
		404);
	assert_string_equal(probe.got.body, "0123456789");
	assert_field("ETag", NULL);
	assert_int_equal(probe_method(&probe, "POST", "/found"), 200);
	assert_string_equal(probe.got.body, "0123456789");
}

static size_t count_descriptors(void)
{
	size_t count = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void nothing_stays_open(void **state)
{
	static const char *const targets[] = { "/static/ten.txt", "/static/with",
		"/static/with/", "/static/without", "/static/odd/", "/static/..",
		"/static/nothing", "/found", "/static/ten.txt/" };
	static const char *const fields[] = { "Range: bytes=1-2", "Range: bytes=90-",
		"If-None-Match: *", "If-Match: \"x\"" };
	size_t before = count_descriptors(), i, k;

	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		for (k = 0; k < ARRAY_SIZE(fields); k++)
			get_with(targets[i], FIELDS(fields[k]));
		probe_method(&probe, "HEAD", targets[i]);
	}
	assert_int_equal(count_descriptors(), before);
}

static void keep_last(enum vane_log_level level, const char *line, void *data)
{
	snprintf(data, 500, "%s", line);
}

static void what_cannot_be_served_is_told_at_once(void **state)
{
	char path[TMP_PATH_MAX];
	struct vane_static_opts opts = { 0 };
	struct vane_static *other = NULL;
	char line[500] = "";

	vane_log_set_function(keep_last, line);
	assert_int_equal(vane_static_new(&other, &opts), -EINVAL);
	assert_string_equal(line, "");
	opts.root = tmp_path(&tmp, path, "nothing");
	assert_int_equal(vane_static_new(&other, &opts), -ENOENT);
	assert_non_null(strstr(line, path));
	assert_non_null(strstr(line, "/nothing: No such file or directory"));
	opts.root = tmp_path(&tmp, path, "secret");
	assert_int_equal(vane_static_new(&other, &opts), -ENOTDIR);
	opts.root = tmp_path(&tmp, path, "www");
	opts.index = "";
	assert_int_equal(vane_static_new(&other, &opts), -EINVAL);
	opts.index = "a/b";
	assert_int_equal(vane_static_new(&other, &opts), -EINVAL);
	vane_log_set_function(NULL, NULL);
	assert_null(other);
	vane_static_free(NULL);
}

static void running_out_of_memory_leaves_nothing(void **state)
{
	char path[TMP_PATH_MAX];
	struct vane_static_opts opts = { .root = tmp_path(&tmp, path, "www"),
		.index = "index.html" };
	struct vane_static *other;
	size_t before = count_descriptors();
	int rc = -ENOMEM;
	long n;

	for (n = 0; rc != 0; n++) {
		alloc_fail_once(n);
		rc = vane_static_new(&other, &opts);
		alloc_fail_never();
		assert_true(rc == 0 || rc == -ENOMEM);
		assert_int_equal(count_descriptors(), before + (rc == 0));
	}
	assert_true(n > 2);
	vane_static_free(other);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_served_with_all_that_is_known_of_it),
		cmocka_unit_test(head_says_the_same_without_a_body),
		cmocka_unit_test(types_go_by_the_last_extension),
		cmocka_unit_test(paths_are_safe),
		cmocka_unit_test(what_is_refused_is_told_why),
		cmocka_unit_test(a_directory_is_answered_by_its_index),
		cmocka_unit_test(a_redirect_never_leads_to_another_host),
		cmocka_unit_test(a_directory_without_index_is_not_a_file),
		cmocka_unit_test(without_an_index_no_directory_is_served),
		cmocka_unit_test(only_get_and_head_are_answered),
		cmocka_unit_test(conditions_are_heeded),
		cmocka_unit_test(a_change_is_another_etag),
		cmocka_unit_test(a_file_was_never_modified_in_the_future),
		cmocka_unit_test(ranges_are_served),
		cmocka_unit_test(a_file_of_five_gigabytes_is_served),
		cmocka_unit_test(head_has_no_ranges),
		cmocka_unit_test(a_range_counts_only_of_the_same_file),
		cmocka_unit_test(an_open_file_is_sent_as_its_handler_says),
		cmocka_unit_test(nothing_stays_open),
		cmocka_unit_test(what_cannot_be_served_is_told_at_once),
		cmocka_unit_test(running_out_of_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
