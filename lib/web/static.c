/* SPDX-License-Identifier: MIT */
/*
 * static.c - files of a directory as answers.
 *
 * Which files may be had is docroot.c's business, which bytes range.c's, whether they are
 * needed cond.c's.
 */
#include "config.h" /* for O_PATH */

#include <vane/static.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/request.h>
#include <vane/response.h>
#include <vane/util.h>

#include "cond.h"
#include "dispatch.h"
#include "exchange.h"
#include "limit.h"
#include "method.h"
#include "range.h"
#include "slice.h"
#include "docroot.h"
#include "text.h"

/* What stands for ever in Cache-Control: a year. */
#define FOR_EVER_SEC (365 * 24 * 3600)

struct vane_static {
	struct vane_docroot *docroot;
	int64_t max_age_sec;
	char *index;                  /* NULL: none */
	struct vane_static_opts opts; /* as they were given, with texts of its own */
	char root[PATH_MAX];
};

/* A file that is open. */
struct file {
	int fd;
	struct vane_file is;
	const char *name;
	int64_t max_age_sec;
};

int vane_static_new(struct vane_static **out, const struct vane_static_opts *opts)
{
	const struct vane_docroot_opts docroot_opts = {
		.symlinks = opts->symlinks,
		.dotfiles = opts->dotfiles,
	};
	int64_t max_age = opts->max_age_sec;
	struct vane_static *files;
	int rc = vane__limit_fill("vane_static_opts.max_age_sec", &max_age, 0);

	if (rc < 0 || opts->root == NULL)
		return -EINVAL;
	if (opts->index != NULL &&
		(*opts->index == '\0' || strchr(opts->index, '/') != NULL))
		return -EINVAL;
	files = calloc(1, sizeof(*files));
	if (files == NULL)
		return -ENOMEM;
	files->max_age_sec = max_age == VANE__UNLIMITED ? FOR_EVER_SEC : max_age;
	if (opts->index != NULL) {
		files->index = strdup(opts->index);
		rc = files->index != NULL ? 0 : -ENOMEM;
	}
	if (rc == 0)
		rc = vane_docroot_open(&files->docroot, opts->root, &docroot_opts);
	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "vane_static_opts.root: %s: %s", opts->root,
			strerror(-rc));
		vane_static_free(files);
		return rc;
	}
	files->opts = *opts;
	files->opts.index = files->index;
	files->opts.root = realpath(opts->root, files->root);
	*out = files;
	return 0;
}

const struct vane_static_opts *vane_static_opts(const struct vane_static *files)
{
	return &files->opts;
}

void vane_static_free(struct vane_static *files)
{
	if (files == NULL)
		return;
	vane_docroot_close(files->docroot);
	free(files->index);
	free(files);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/*
 * A strong entity-tag that costs nothing: to hash the content, as Tornado does, would hold
 * up the process for each large file.  Mixed, as inode numbers are nobody's business.
 */
static void make_etag(char *buf, size_t size, const struct vane_file *file)
{
	uint64_t hash = mix(0, file->device);

	hash = mix(hash, file->inode);
	hash = mix(hash, (uint64_t) file->size);
	hash = mix(hash, (uint64_t) file->modified_sec);
	hash = mix(hash, (uint64_t) file->modified_nsec);
	snprintf(buf, size, "\"%016llx\"", (unsigned long long) hash);
}

/* Never later than now (RFC 9110, 8.8.2.1); -1 for what no HTTP date can say. */
static int64_t last_modified(const struct vane_file *file)
{
	int64_t now = (int64_t) time(NULL);

	if (file->modified_sec < 0)
		return -1;
	return file->modified_sec < now ? file->modified_sec : now;
}

static int add_max_age(struct vane_response *res, int64_t max_age_sec)
{
	char value[40];

	if (max_age_sec <= 0)
		return 0;
	snprintf(value, sizeof(value), "max-age=%lld", (long long) max_age_sec);
	return vane_response_set_field(res, "Cache-Control", value);
}

/* A precondition has answered.  What 304 need not repeat is taken away, as Tornado does. */
static int conclude(struct vane_response *res, int64_t max_age_sec)
{
	static const char *const fields[] = { "Accept-Ranges", "Allow", "Content-Encoding",
		"Content-Language", "Content-Length", "Content-MD5", "Content-Range",
		"Content-Type", "Last-Modified" };
	size_t i;

	if (vane_response_status(res) != 304)
		return 0;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		vane_response_remove_field(res, fields[i]);
	return add_max_age(res, max_age_sec);
}

static struct vane_slice field(struct vane_request *req, const char *name)
{
	const char *value = vane_request_field(req, name);

	return value != NULL ? vane__slice(value) : (struct vane_slice) { NULL, 0 };
}

/* What of the file is asked for.  Only GET has ranges (RFC 9110, 14.2). */
static enum vane__range find_range(struct vane_request *req, int64_t size, const char *etag,
	int64_t modified, int64_t *offset, int64_t *len)
{
	struct vane_slice range = { NULL, 0 };

	if (req->method == VANE__GET &&
		vane__cond_if_range(field(req, "if-range"), vane__slice(etag), modified))
		range = field(req, "range");
	return vane__range_find(range, size, offset, len);
}

static int answer_416(struct vane_response *res, int fd, int64_t size)
{
	char value[40];

	close(fd);
	snprintf(value, sizeof(value), "bytes */%lld", (long long) size);
	vane_response_set_status(res, 416);
	vane_response_set_field(res, "Content-Type", "text/plain; charset=utf-8");
	return vane_response_set_field(res, "Content-Range", value);
}

static int send_part(
	struct vane_response *res, const struct file *file, int64_t offset, int64_t len)
{
	char value[80];

	snprintf(value, sizeof(value), "bytes %lld-%lld/%lld", (long long) offset,
		(long long) (offset + len - 1), (long long) file->is.size);
	vane_response_set_status(res, 206);
	vane_response_set_field(res, "Content-Range", value);
	return vane_response_write_file(res, file->fd, offset, len);
}

static int send_whole(struct vane_response *res, const struct file *file)
{
	return vane_response_write_file(res, file->fd, 0, file->is.size);
}

/* GET and HEAD: as little of it as will do. */
static int send_needed(
	struct vane_request *req, struct vane_response *res, const struct file *file)
{
	int64_t modified = last_modified(&file->is), offset, len;
	enum vane__range range;
	char etag[24];
	int rc;

	make_etag(etag, sizeof(etag), &file->is);
	rc = vane_response_set_validators(res, etag, modified);
	if (rc != 0) {
		close(file->fd);
		return rc < 0 ? rc : conclude(res, file->max_age_sec);
	}
	vane_response_set_field(res, "Accept-Ranges", "bytes");
	range = find_range(req, file->is.size, etag, modified, &offset, &len);
	if (range == VANE__RANGE_NONE)
		return answer_416(res, file->fd, file->is.size);
	add_max_age(res, file->max_age_sec);
	return range == VANE__RANGE_PART ? send_part(res, file, offset, len)
					 : send_whole(res, file);
}

static int send_file(
	struct vane_request *req, struct vane_response *res, const struct file *file)
{
	bool safe = req->method == VANE__GET || req->method == VANE__HEAD;

	if (!res->typed)
		vane_response_set_field(res, "Content-Type", vane_mime_type(file->name));
	if (safe && vane_response_status(res) == 200)
		return send_needed(req, res, file);
	return send_whole(res, file);
}

int vane_response_send_file(struct vane_response *res, int fd, const char *name)
{
	struct file file = { .fd = fd, .name = name };
	struct stat st;
	int rc;

	rc = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	vane__file_fill(&file.is, &st);
	return send_file(vane_response_request(res), res, &file);
}

/* What is there, or may be, and is not served: the log says why. */
static int forbid(struct vane_response *res, const char *path, const char *why)
{
	char text[512];

	snprintf(text, sizeof(text), "%.300s %s", *path != '\0' ? path : "/", why);
	vane__exchange_explain(vane__res_exchange(res), 403, text);
	return vane_response_send_error(res, 403, "%s", text);
}

/* What cannot be opened; 404 is left to the caller, who may know better. */
static int refuse(const struct vane_static *files, struct vane_response *res, int rc,
	const char *path)
{
	switch (rc) {
	case -EACCES:
		return forbid(res, path, vane__docroot_why(files->docroot, path));
	case -ENOENT:
	case -ENOTDIR:
	case -ENAMETOOLONG:
		return 404;
	default:
		return rc;
	}
}

static bool asks_for_directory(const char *path)
{
	size_t len = strlen(path);

	return len == 0 || path[len - 1] == '/';
}

/* The path of a directory's index.  NULL: no memory. */
static const char *index_path(
	const struct vane_static *files, struct vane_request *req, const char *path)
{
	const char *slash = asks_for_directory(path) ? "" : "/";
	size_t size = strlen(path) + strlen(files->index) + 2;
	char *joined = vane_request_alloc(req, size);

	if (joined != NULL)
		snprintf(joined, size, "%s%s%s", path, slash, files->index);
	return joined;
}

/* A directory is answered by its index. */
static int serve_directory(struct vane_static *files, struct vane_request *req,
	struct vane_response *res, const char *path)
{
	static const char not_a_file[] = "is not a file, but a directory without an index";
	bool asked = asks_for_directory(path);
	const char *name;
	struct file file;

	if (files->index == NULL)
		return forbid(res, path, not_a_file);
	name = index_path(files, req, path);
	if (name == NULL)
		return -ENOMEM;
	file = (struct file) { .name = name, .max_age_sec = files->max_age_sec };
	file.fd = vane_docroot_find(
		files->docroot, name, asked ? O_RDONLY : O_PATH, &file.is);
	if (file.fd >= 0 && asked && S_ISREG(file.is.mode))
		return send_file(req, res, &file);
	if (file.fd < 0 && file.fd != -ENOENT)
		return refuse(files, res, file.fd, name);
	if (file.fd >= 0)
		close(file.fd);
	if (file.fd >= 0 && S_ISREG(file.is.mode))
		return vane_response_add_slash(res);
	return forbid(res, path, not_a_file);
}

/* As the application answers for a handler that has only .get. */
static int answer_other(struct vane_request *req, struct vane_response *res)
{
	if (req->method == VANE__OPTIONS)
		vane_response_set_status(res, 204);
	else
		vane_response_send_error(res, 405, "files can only be read");
	return vane_response_set_field(res, "Allow", "GET, HEAD, OPTIONS");
}

int vane_static_serve(struct vane_static *files, struct vane_request *req,
	struct vane_response *res, const char *path)
{
	struct file file = { .name = path, .max_age_sec = files->max_age_sec };

	if (vane__no_text(__func__, path))
		return -EINVAL;
	if (req->method != VANE__GET && req->method != VANE__HEAD)
		return answer_other(req, res);
	/* a directory need not be readable for its index to be served */
	file.fd = vane_docroot_find(files->docroot, path,
		asks_for_directory(path) ? O_PATH : O_RDONLY, &file.is);
	if (file.fd < 0)
		return refuse(files, res, file.fd, path);
	if (S_ISREG(file.is.mode))
		return send_file(req, res, &file);
	close(file.fd);
	return serve_directory(files, req, res, path);
}

static int static_get(struct vane_request *req, struct vane_response *res)
{
	const char *path = vane_request_path_arg(req, "path");
	struct vane_slice route_path = req->route_path;

	if (memchr(route_path.data, '\0', route_path.len) != NULL)
		return forbid(res, vane_request_path(req), "has an encoded slash");
	if (path == NULL)
		path = vane_request_path(req) + 1;
	if (*path == '/')
		return 404;
	return vane_static_serve(vane_request_data(req), req, res, path);
}

const struct vane_handler vane_static_handler = { .get = static_get };
