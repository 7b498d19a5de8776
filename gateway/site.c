/* SPDX-License-Identifier: MIT */
/*
 * site.c - vane_site_handler: a directory of files, and of scripts that backends answer.
 *
 * Each backend is asked in turn whether a path means one of its scripts; then the files.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <vane/request.h>
#include <vane/static.h>

#include "backend.h"
#include "relay.h"

struct vane_site {
	struct vane_backend **backends; /* up to a NULL */
	struct vane_static *files;
	char *index;               /* of a folder, as files has it; NULL: none */
	struct vane_docroot *seen; /* the same folder, as files sees it */
	struct vane_docroot *all;  /* with names that begin with a dot: what is there */
	char *fallback;            /* "/index.php"; NULL: 404 */
};

/*
 * Whether a path says where it leads.  "//a.php" and "x%2Fa.php" mean no script, and have
 * passed by the routes of "/cgi-bin/", but the file system does not mind.
 */
static bool is_plain(struct vane_request *req, const char *path)
{
	const char *target = vane_request_target(req);

	for (; *target != '\0' && *target != '?'; target++)
		if (strncasecmp(target, "%2F", 3) == 0)
			return false;
	return path[0] != '/';
}

/*
 * What is called a script is never read: it may not have been there yet when it was looked for.
 */
static bool is_file(const struct vane_site *site, const char *path)
{
	struct vane_backend *const *at = site->backends;

	while (*at != NULL && !vane__scripts_claim(&(*at)->scripts, path))
		at++;
	return *at == NULL;
}

static bool only_reads(const struct vane_request *req)
{
	const char *method = vane_request_method(req);

	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static bool has_dot_name(const char *path)
{
	return path[0] == '.' || strstr(path, "/.") != NULL;
}

static bool is_absence(int rc)
{
	return rc == -ENOENT || rc == -ENOTDIR || rc == -ENAMETOOLONG;
}

/* Why there is nothing at a path, 0: there is something, be it nobody's to have. */
static int absence(const struct vane_site *site, const char *path)
{
	struct vane_file file;
	int rc = vane_docroot_stat(site->all, path, &file);

	return is_absence(rc) ? rc : 0;
}

/* Whether a folder has an index that is a file. */
static bool has_index(const struct vane_site *site, const char *path)
{
	size_t len = strlen(path);
	const char *slash = len == 0 || path[len - 1] == '/' ? "" : "/";
	struct vane_file file;
	char name[PATH_MAX];
	int n;

	if (site->index == NULL)
		return false;
	n = snprintf(name, sizeof(name), "%s%s%s", path, slash, site->index);
	return n < (int) sizeof(name) && vane_docroot_stat(site->seen, name, &file) == 0 &&
	       S_ISREG(file.mode);
}

/*
 * Files know two methods, and are not what a body is for: what GET would not get is refused as it
 * would be to GET, and only for what is not there somebody else may answer.
 */
static int refuse_file(
	const struct vane_site *site, struct vane_response *res, const char *path)
{
	struct vane_file file;
	int rc = vane_docroot_stat(site->seen, path, &file);

	if (is_absence(rc))
		return 404;
	if (rc < 0 && rc != -EACCES)
		return rc;
	if (rc < 0 || (S_ISDIR(file.mode) && !has_index(site, path)))
		return 403;
	vane_response_send_error(res, 405, "files are read with GET and HEAD");
	return vane_response_add_field(res, "Allow", "GET, HEAD");
}

static int answer_file(struct vane_site *site, struct vane_request *req,
	struct vane_response *res, const char *path)
{
	if (!is_file(site, path))
		return 404;
	if (site->fallback != NULL && has_dot_name(path) && absence(site, path) < 0)
		return 404;
	if (!only_reads(req))
		return refuse_file(site, res, path);
	return vane_static_serve(site->files, req, res, path);
}

/*
 * A name with a dot in front is refused without a look; but what is not there is the fallback's:
 * "/wiki/.NET".  What lies behind a file may be a script's, so it is asked first.
 */
static bool hides_nothing(const struct vane_site *site, const char *path)
{
	return site->fallback != NULL && has_dot_name(path) &&
	       absence(site, path) == -ENOENT;
}

static const char *path_of(struct vane_request *req)
{
	const char *path = vane_request_path_arg(req, "path");

	return path != NULL ? path : vane_request_path(req) + 1;
}

/* What the path means, or the one instead of it; 404: nothing. */
static int answer(struct vane_site *site, struct vane_request *req,
	struct vane_response *res, const char *instead)
{
	const char *path = instead != NULL ? instead + 1 : path_of(req);
	struct vane_backend *const *at;
	int rc;

	if (instead == NULL && hides_nothing(site, path))
		return 404;
	for (at = site->backends; *at != NULL; at++)
		if (vane__backend_try(*at, req, instead, &rc))
			return rc;
	if (instead == NULL && !is_plain(req, path))
		return 404;
	return answer_file(site, req, res, path);
}

static int site_any(struct vane_request *req, struct vane_response *res)
{
	struct vane_site *site = vane_request_data(req);
	int rc = answer(site, req, res, NULL);

	return rc == 404 && site->fallback != NULL ? answer(site, req, res, site->fallback)
						   : rc;
}

/* Bodies are handed on as they come if all backends want that. */
static int site_prepare(struct vane_request *req, struct vane_response *res)
{
	const struct vane_site *site = vane_request_data(req);
	struct vane_backend *const *at = site->backends;

	while (*at != NULL && (*at)->stream)
		at++;
	return *at == NULL && vane__backend_can_stream(req) ? vane_request_stream(req) : 0;
}

const struct vane_handler vane_site_handler = {
	.prepare = site_prepare,
	.any = site_any,
	.finished = vane__relay_finished,
};

static int copy_text(char **copy, const char *text)
{
	*copy = text != NULL ? strdup(text) : NULL;
	return text != NULL && *copy == NULL ? -ENOMEM : 0;
}

static int copy_backends(struct vane_site *site, struct vane_backend *const *backends)
{
	size_t count = 0;

	while (backends != NULL && backends[count] != NULL)
		count++;
	site->backends = calloc(count + 1, sizeof(*site->backends));
	if (site->backends == NULL)
		return -ENOMEM;
	if (count > 0)
		memcpy(site->backends, backends, count * sizeof(*site->backends));
	return 0;
}

static int open_files(struct vane_site *site, const struct vane_site_opts *opts)
{
	struct vane_docroot_opts docroot = opts->docroot;
	int rc = vane_static_new(
		&site->files, &(struct vane_static_opts) { .root = opts->root,
				      .index = opts->index,
				      .symlinks = docroot.symlinks,
				      .dotfiles = docroot.dotfiles });

	if (rc == 0)
		rc = vane_docroot_open(&site->seen, opts->root, &docroot);
	docroot.dotfiles = true;
	if (rc == 0)
		rc = vane_docroot_open(&site->all, opts->root, &docroot);
	return rc;
}

int vane_site_new(struct vane_site **out, const struct vane_site_opts *opts)
{
	struct vane_site *site;
	int rc;

	if (opts->fallback != NULL && opts->fallback[0] != '/')
		return -EINVAL;
	site = calloc(1, sizeof(*site));
	if (site == NULL)
		return -ENOMEM;
	rc = open_files(site, opts);
	if (rc == 0)
		rc = copy_backends(site, opts->backends);
	if (rc == 0)
		rc = copy_text(&site->index, opts->index);
	if (rc == 0)
		rc = copy_text(&site->fallback, opts->fallback);
	if (rc < 0) {
		vane_site_free(site);
		return rc;
	}
	*out = site;
	return 0;
}

void vane_site_free(struct vane_site *site)
{
	if (site == NULL)
		return;
	vane_static_free(site->files);
	vane_docroot_close(site->seen);
	vane_docroot_close(site->all);
	free(site->backends);
	free(site->index);
	free(site->fallback);
	free(site);
}
