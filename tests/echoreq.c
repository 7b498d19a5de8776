/* SPDX-License-Identifier: MIT */
/*
 * echoreq.c - handlers that tell what they were asked, as text of one fact a line.
 */
#include "echoreq.h"

#include <errno.h>
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vane/request.h>
#include <vane/response.h>

#include "support/pattern.h"

static void plain(struct vane_response *res)
{
	vane_response_set_field(res, "Content-Type", "text/plain; charset=utf-8");
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* All fields, sorted by name, repeats joined as vane_request_field() does. */
static int print_fields(struct vane_request *req, struct vane_response *res)
{
	const char **names, *name, *value;
	size_t count = 0;

	while (vane_request_field_at(req, count, &name, &value))
		count++;
	names = vane_request_alloc(req, (count + 1) * sizeof(*names));
	if (names == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		vane_request_field_at(req, i, &names[i], &value);
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(names[i], names[i - 1]) == 0)
			continue;
		vane_response_printf(
			res, "field:%s=%s\n", names[i], vane_request_field(req, names[i]));
	}
	return 0;
}

static int env_any(struct vane_request *req, struct vane_response *res)
{
	const char *query = vane_request_query(req);

	plain(res);
	vane_response_printf(res, "method=%s\n", vane_request_method(req));
	vane_response_printf(res, "scheme=%s\n", vane_request_scheme(req));
	vane_response_printf(res, "host=%s\n", vane_request_host(req));
	vane_response_printf(res, "target=%s\n", vane_request_target(req));
	vane_response_printf(res, "path=%s\n", vane_request_path(req));
	vane_response_printf(res, "mount=%s\n", vane_request_mount(req));
	vane_response_printf(res, "query=%s\n", query == NULL ? "(none)" : query);
	vane_response_printf(res, "remote_addr=%s\n", vane_request_remote_addr(req));
	vane_response_printf(res, "remote_user=%s\n", vane_request_remote_user(req));
	vane_response_printf(res, "body=%zu\n", vane_request_body(req).len);
	return print_fields(req, res);
}

const struct vane_handler echo_env = { .any = env_any, .options = env_any };

static int body_any(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);
	const char *type = vane_request_field(req, "Content-Type");

	vane_response_set_field(
		res, "Content-Type", type == NULL ? "application/octet-stream" : type);
	return vane_response_write(res, body.data, body.len);
}

const struct vane_handler echo_body = { .any = body_any };

static int print_len(struct vane_response *res, size_t len, uint64_t hash)
{
	plain(res);
	return vane_response_printf(res, "len=%zu fnv=%016" PRIx64 "\n", len, hash);
}

static int len_any(struct vane_request *req, struct vane_response *res)
{
	struct vane_slice body = vane_request_body(req);

	return print_len(res, body.len, fnv_add(FNV_START, body.data, body.len));
}

const struct vane_handler echo_len = { .any = len_any };

/* The same with a limit of its own. */
const struct vane_handler echo_small = { .any = len_any, .max_body = 1024 };

/* What has been taken so far by the handler that never sees a body whole. */
struct taken {
	size_t len;
	uint64_t hash;
};

static int take_prepare(struct vane_request *req, struct vane_response *res)
{
	struct taken *taken = vane_request_alloc(req, sizeof(*taken));

	if (taken == NULL)
		return -ENOMEM;
	*taken = (struct taken) { .hash = FNV_START };
	vane_request_set_state(req, NULL, taken);
	return 0;
}

static int take_data(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	struct taken *taken = vane_request_state(req, NULL);
	const char *limit = vane_request_query_arg(req, "limit", 0);

	taken->hash = fnv_add(taken->hash, data, len);
	taken->len += len;
	if (limit != NULL && taken->len > strtoul(limit, NULL, 10))
		return 403;
	return 0;
}

static int take_post(struct vane_request *req, struct vane_response *res)
{
	struct taken *taken = vane_request_state(req, NULL);

	return print_len(res, taken->len, taken->hash);
}

const struct vane_handler echo_take = {
	.prepare = take_prepare,
	.data = take_data,
	.post = take_post,
	.put = take_post,
};

static const char *const form_names[] = { "a", "b", "c", "name", "text", "\xc3\xbc" };

#define FORM_NAMES (sizeof(form_names) / sizeof(*form_names))

static void print_args(struct vane_request *req, struct vane_response *res)
{
	const char *value;

	for (size_t n = 0; n < FORM_NAMES; n++) {
		for (size_t i = 0; (value = vane_request_query_arg(req, form_names[n], i));
			i++)
			vane_response_printf(res, "query %s=%s\n", form_names[n], value);
		for (size_t i = 0; (value = vane_request_form_arg(req, form_names[n], i));
			i++)
			vane_response_printf(res, "form %s=%s\n", form_names[n], value);
	}
	vane_response_printf(res, "error=%s\n",
		vane_request_form_error(req) == 0           ? "none"
		: vane_request_form_error(req) == -EINVAL   ? "malformed"
		: vane_request_form_error(req) == -EMSGSIZE ? "too much"
							    : "other");
}

static int form_any(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	print_args(req, res);
	return 0;
}

const struct vane_handler echo_form = { .any = form_any };

static int upload_post(struct vane_request *req, struct vane_response *res)
{
	const struct vane_part *file;

	plain(res);
	print_args(req, res);
	for (size_t i = 0; (file = vane_request_upload(req, NULL, i)) != NULL; i++)
		vane_response_printf(res, "file %s: \"%s\" \"%s\" %zu %016" PRIx64 "\n",
			file->name, file->filename, file->content_type, file->body.len,
			fnv_add(FNV_START, file->body.data, file->body.len));
	for (size_t i = 0; (file = vane_request_part(req, NULL, i)) != NULL; i++)
		vane_response_printf(res, "part %s: %s \"%s\" %zu\n", file->name,
			file->filename != NULL ? "file" : "field", file->content_type,
			file->body.len);
	return 0;
}

const struct vane_handler echo_upload = { .post = upload_post };

/* What a file holds once it was saved, and what becomes of a second one of its name. */
static int print_saved(struct vane_response *res, const struct vane_part *part,
	const char *folder, const char *path)
{
	int rc = vane_part_save(part, folder, "saved", NULL);
	char buf[256];
	FILE *file;

	if (rc < 0)
		return rc;
	file = fopen(path, "r");
	if (file == NULL)
		return -errno;
	vane_response_write(res, buf, fread(buf, 1, sizeof(buf), file));
	fclose(file);
	rc = vane_part_save(part, folder, "saved", NULL);
	return vane_response_printf(
		res, "\n%s\n", rc == -EEXIST ? "is there already" : strerror(-rc));
}

static int save_post(struct vane_request *req, struct vane_response *res)
{
	const struct vane_part *part = vane_request_upload(req, "file", 0);
	char folder[] = "/tmp/vane-save-XXXXXX", path[64];
	int rc;

	if (part == NULL)
		return 400;
	if (mkdtemp(folder) == NULL)
		return -errno;
	snprintf(path, sizeof(path), "%s/saved", folder);
	plain(res);
	rc = print_saved(res, part, folder, path);
	unlink(path);
	rmdir(folder);
	return rc;
}

const struct vane_handler echo_save = { .post = save_post };

static int cookie_get(struct vane_request *req, struct vane_response *res)
{
	static const char *const names[] = { "a", "b", "session", "__Host-id" };
	const char *value;

	plain(res);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		value = vane_request_cookie(req, names[i]);
		vane_response_printf(
			res, "%s=%s\n", names[i], value == NULL ? "(none)" : value);
	}
	return 0;
}

const struct vane_handler echo_cookie = { .get = cookie_get };

/* All arguments and cookies as they were sent. */
static int all_any(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value;
	size_t i;

	plain(res);
	for (i = 0; vane_request_path_arg_at(req, i, &name, &value); i++)
		vane_response_printf(res, "path %s=%s\n", name, value);
	for (i = 0; vane_request_query_arg_at(req, i, &name, &value); i++)
		vane_response_printf(res, "query %s=%s\n", name, value);
	for (i = 0; vane_request_form_arg_at(req, i, &name, &value); i++)
		vane_response_printf(res, "form %s=%s\n", name, value);
	for (i = 0; vane_request_cookie_at(req, i, &name, &value); i++)
		vane_response_printf(res, "cookie %s=%s\n", name, value);
	vane_response_puts(res, "k=");
	for (i = 0; (value = vane_request_cookie_value(req, "k", i)) != NULL; i++)
		vane_response_printf(res, i > 0 ? ",%s" : "%s", value);
	return vane_response_puts(res, "\n");
}

const struct vane_handler echo_all = { .any = all_any };

/* Whoever asks for an argument of a query that cannot be read is not called again. */
static int query_error_prepare(struct vane_request *req, struct vane_response *res)
{
	const char *query = vane_request_query(req);

	if (query != NULL && strncmp(query, "early", 5) == 0)
		vane_request_query_arg(req, "a", 0);
	return 0;
}

static int query_error_post(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	return vane_response_puts(
		res, vane_request_query_error(req) == -EINVAL ? "malformed\n" : "none\n");
}

const struct vane_handler echo_query_error = { .prepare = query_error_prepare,
	.post = query_error_post };

/* Where an argument comes from when several places have one of that name. */
static int arg_any(struct vane_request *req, struct vane_response *res)
{
	const char *path = vane_request_path_arg(req, "a");

	plain(res);
	vane_response_printf(res, "arg=%s\n", vane_request_arg_or(req, "a", "(none)"));
	return vane_response_printf(res, "path=%s\n", path == NULL ? "(none)" : path);
}

const struct vane_handler echo_arg = { .any = arg_any };

/* Arguments that are more than text. */
static int typed_any(struct vane_request *req, struct vane_response *res)
{
	const char *name = "nobody";
	int64_t n = 10;
	double x = 0.5;
	bool yes = false;
	int rc = vane_request_require_int(req, "n", -100, 100, &n);

	if (rc == 0)
		rc = vane_request_double_arg(req, "x", 0, 1, &x);
	if (rc == 0)
		rc = vane_request_bool_arg(req, "yes", &yes);
	if (rc == 0)
		rc = vane_request_text_arg(req, "name", 1, 10, &name);
	if (rc != 0)
		return rc;
	plain(res);
	return vane_response_printf(
		res, "n=%" PRId64 " x=%.3f yes=%d name=%s\n", n, x, yes, name);
}

const struct vane_handler echo_typed = { .any = typed_any };

/* Live bytes of this process's heap; 0 where nobody tells. */
static size_t heap_bytes(void)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
#else
	return 0;
#endif
}

static void ask_all(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value;

	for (size_t i = 0; vane_request_field_at(req, i, &name, &value); i++)
		vane_request_field(req, name);
	vane_request_mount(req);
	vane_request_server_name(req);
	vane_request_remote_addr(req);
	vane_request_cookie(req, "a");
	vane_request_arg(req, "a");
	vane_response_redirect(res, 302, "/elsewhere");
	vane_response_forward(res, "no path");
}

/* Ask for all that there is, again and again: what grows with it is in nobody's interest. */
static int memory_get(struct vane_request *req, struct vane_response *res)
{
	size_t before, after, i;

	ask_all(req, res);
	before = heap_bytes();
	for (i = 0; i < 3000; i++)
		ask_all(req, res);
	after = heap_bytes();
	vane_response_set_status(res, 200);
	vane_response_remove_field(res, "Location");
	plain(res);
	if (after > before + 16 * 1024)
		return vane_response_printf(res, "grew by %zu bytes\n", after - before);
	return vane_response_puts(res, "the same\n");
}

const struct vane_handler echo_memory = { .get = memory_get };

static int item_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	return vane_response_printf(res, "id=%s rest=%s route=%s\n",
		vane_request_path_arg(req, "id"), vane_request_path_arg(req, "rest"),
		vane_request_route(req));
}

const struct vane_handler echo_item = { .get = item_get };

/* Where "item" is with that rest, and that it leads there. */
static int url_get(struct vane_request *req, struct vane_response *res)
{
	char url[256];
	int len = vane_request_url(req, url, sizeof(url), "item", "id", "7", "rest",
		vane_request_query_arg(req, "rest", 0), NULL);

	plain(res);
	return len < 0 ? vane_response_printf(res, "%s\n", strerror(-len))
		       : vane_response_printf(res, "%s\n", url);
}

const struct vane_handler echo_url = { .get = url_get };
