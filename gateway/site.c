/* SPDX-License-Identifier: MIT */
/*
 * site.c - a directory of files and of scripts of several kinds: what vane-gateway serves.
 */
#include "site.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <vane/request.h>

#include "backend.h"
#include "relay.h"

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
static bool is_file(const struct vane__site *site, const char *path)
{
	size_t i;

	for (i = 0; i < site->backend_count; i++)
		if (vane__scripts_claim(&site->backends[i]->scripts, path))
			return false;
	return true;
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
static int absence(const struct vane__site *site, const char *path)
{
	struct vane_file file;
	int rc = vane_docroot_stat(site->all, path, &file);

	return is_absence(rc) ? rc : 0;
}

/* Whether a folder has an index that is a file. */
static bool has_index(const struct vane__site *site, const char *path)
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
	const struct vane__site *site, struct vane_response *res, const char *path)
{
	struct vane_file file;
	int rc = vane_docroot_stat(site->seen, path, &file);

	if (is_absence(rc))
		return 404;
	if (rc < 0 && rc != -EACCES)
		return rc;
	if (rc < 0 || (S_ISDIR(file.mode) && !has_index(site, path)))
		return 403;
	vane_response_error(res, 405, "files are read with GET and HEAD");
	return vane_response_add(res, "Allow", "GET, HEAD");
}

static int answer_file(struct vane__site *site, struct vane_request *req,
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
static bool hides_nothing(const struct vane__site *site, const char *path)
{
	return site->fallback != NULL && site->all != NULL && has_dot_name(path) &&
	       absence(site, path) == -ENOENT;
}

/* What the path means, or the one instead of it; 404: nothing. */
static int answer(struct vane__site *site, struct vane_request *req,
	struct vane_response *res, const char *instead)
{
	const char *path =
		instead != NULL ? instead + 1 : vane_request_path_arg(req, "path");
	size_t i;
	int rc;

	if (instead == NULL && hides_nothing(site, path))
		return 404;
	for (i = 0; i < site->backend_count; i++)
		if (vane__backend_try(site->backends[i], req, instead, &rc))
			return rc;
	if (site->files == NULL || (instead == NULL && !is_plain(req, path)))
		return 404;
	return answer_file(site, req, res, path);
}

static int site_any(struct vane_request *req, struct vane_response *res)
{
	struct vane__site *site = vane_request_data(req);
	int rc = answer(site, req, res, NULL);

	return rc == 404 && site->fallback != NULL ? answer(site, req, res, site->fallback)
						   : rc;
}

/* Bodies are handed on as they come if all backends want that. */
static int site_prepare(struct vane_request *req, struct vane_response *res)
{
	const struct vane__site *site = vane_request_data(req);
	size_t i;

	if (!vane__backend_can_stream(req))
		return 0;
	for (i = 0; i < site->backend_count; i++)
		if (!site->backends[i]->stream)
			return 0;
	return vane_request_stream(req);
}

const struct vane_handler vane__site_handler = {
	.prepare = site_prepare,
	.any = site_any,
	.finished = vane__relay_finished,
};

static int slash_any(struct vane_request *req, struct vane_response *res)
{
	return vane_response_add_slash(res);
}

const struct vane_handler vane__slash_handler = { .any = slash_any };
