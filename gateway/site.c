/* SPDX-License-Identifier: MIT */
/*
 * site.c - a directory of files and of scripts of several kinds: what vane-gateway serves.
 */
#include "site.h"

#include <string.h>
#include <strings.h>

#include <vane/request.h>

#include "host.h"
#include "relay.h"

/* Whether a slash of the path was an encoded one. */
static bool hides_slash(const char *target)
{
	for (; *target != '\0' && *target != '?'; target++)
		if (strncasecmp(target, "%2F", 3) == 0)
			return true;
	return false;
}

/*
 * Whether a path may be read as a file's.  "//a.php" and "x%2Fa.php" mean no script, and
 * have passed by the routes of "/cgi-bin/", but the file system does not mind.  What is
 * called a script is never read, wherever it comes from: it may not have been there yet
 * when it was looked for.
 */
static bool is_file(
	const struct vane__site *site, struct vane_request *req, const char *path)
{
	size_t i;

	if (path[0] == '/' || hides_slash(vane_request_target(req)))
		return false;
	for (i = 0; i < site->host_count; i++)
		if (vane__scripts_claim(&site->hosts[i]->scripts, path))
			return false;
	return true;
}

/* Files know two methods, and are not what a body is for. */
static int answer_file(
	struct vane__site *site, struct vane_request *req, struct vane_response *res)
{
	const char *method = vane_request_method(req);
	const char *path = vane_request_path_arg(req, "path");

	if (!is_file(site, req, path))
		return 404;
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return vane_static_serve(site->files, req, res, path);
	vane_response_error(res, 405, "files are read with GET and HEAD");
	return vane_response_add(res, "Allow", "GET, HEAD");
}

static int site_any(struct vane_request *req, struct vane_response *res)
{
	struct vane__site *site = vane_request_data(req);
	size_t i;
	int rc;

	for (i = 0; i < site->host_count; i++)
		if (vane__host_try(site->hosts[i], req, &rc))
			return rc;
	return site->files != NULL ? answer_file(site, req, res) : 404;
}

/* Bodies are handed on as they come if all hosts want that. */
static int site_prepare(struct vane_request *req, struct vane_response *res)
{
	const struct vane__site *site = vane_request_data(req);
	size_t i;

	if (vane_request_body_length(req) <= 0)
		return 0;
	for (i = 0; i < site->host_count; i++)
		if (!site->hosts[i]->stream)
			return 0;
	return vane_request_stream(req);
}

const struct vane_handler vane__site_handler = {
	.prepare = site_prepare,
	.any = site_any,
	.finished = vane__relay_finished,
};
