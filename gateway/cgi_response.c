/* SPDX-License-Identifier: MIT */
/*
 * cgi_response.c - a CGI response (RFC 3875, 6) becomes the response to the request.
 */
#include "cgi_response.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/response.h>
#include <vane/static.h>

#include "backend.h"
#include "limit.h"

void vane__cgi_response_init(struct vane__cgi_response *cgi, struct vane_backend *backend,
	struct vane_request *req)
{
	*cgi = (struct vane__cgi_response) { .req = req, .backend = backend, .left = -1 };
	cgi->head.max_bytes = vane__limit_size(backend->limits.max_head_bytes);
	vane__spool_init(&cgi->spool, &backend->spools, req);
}

void vane__cgi_response_fini(struct vane__cgi_response *cgi)
{
	vane__cgi_head_fini(&cgi->head);
	vane__spool_fini(&cgi->spool);
}

static struct vane_response *response(const struct vane__cgi_response *cgi)
{
	return vane_request_response(cgi->req);
}

/* Fields that are the file's when it takes the place of the output. */
static bool is_of_body(const char *name)
{
	return strcasecmp(name, "ETag") == 0 || strcasecmp(name, "Last-Modified") == 0 ||
	       strcasecmp(name, "Accept-Ranges") == 0 ||
	       strcasecmp(name, "Content-Range") == 0;
}

static int copy_fields(struct vane__cgi_response *cgi, bool file)
{
	const struct vane__cgi_head *head = &cgi->head;
	struct vane_response *res = response(cgi);
	const char *name, *value;
	char length[24];
	size_t i;
	int rc = vane_response_set_status(res, file ? 200 : head->status);

	for (i = 0; rc == 0 && vane__cgi_head_field(head, i, &name, &value); i++)
		if (!file || !is_of_body(name))
			rc = vane_response_add_field(res, name, value);
	if (rc < 0 || file || head->length < 0)
		return rc;
	snprintf(length, sizeof(length), "%lld", (long long) head->length);
	return vane_response_set_field(res, "Content-Length", length);
}

/* The file that the head names, NULL if it names none or files are not sent. */
static const char *file_named(const struct vane__cgi_response *cgi)
{
	if (cgi->backend->sendfile == NULL)
		return NULL;
	return cgi->head.accel != NULL ? cgi->head.accel : cgi->head.sendfile;
}

/* The head is whole: what does it ask for? */
static int begin(struct vane__cgi_response *cgi, const char **why)
{
	int rc;

	if (cgi->head.local || file_named(cgi) != NULL) {
		cgi->state = VANE__CGI_RESPONSE_DROP;
		return 0;
	}
	cgi->state = VANE__CGI_RESPONSE_BODY;
	/* 304 tells the length that another response would have (RFC 9110, 8.6). */
	if (cgi->head.status != 204 && cgi->head.status != 304)
		cgi->left = cgi->head.length;
	rc = copy_fields(cgi, false);
	if (rc < 0)
		*why = "a field that no response may carry";
	return rc;
}

static int three_digits(const char *text)
{
	int i, number = 0;

	for (i = 0; i < 3; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		number = number * 10 + text[i] - '0';
	}
	return number;
}

/* The status of "HTTP/1.1 200", 0 if it is none. */
static int status_of(const char *line)
{
	int status = three_digits(line + 9);

	if (memcmp(line, "HTTP/", 5) != 0 || line[6] != '.' || line[8] != ' ')
		return 0;
	return status >= 200 && status <= 599 ? status : 0;
}

static int take_head(struct vane__cgi_response *cgi, const char *data, size_t len,
	size_t *used, const char **why)
{
	int rc = vane__cgi_head_feed(&cgi->head, data, len, used);

	if (rc < 0)
		*why = cgi->head.why;
	return rc == 1 ? begin(cgi, why) : rc;
}

/*
 * A message with a head of its own: where nobody else makes the head it goes out as it is,
 * once there is enough to see its status.  Elsewhere its head is read as any other.
 */
static int take_start(struct vane__cgi_response *cgi, const char *data, size_t len,
	size_t *used, const char **why)
{
	struct vane_response *res = response(cgi);
	size_t want = sizeof(cgi->start) - cgi->start_len, before = cgi->start_len, over;
	int rc;

	*used = len < want ? len : want;
	memcpy(cgi->start + before, data, *used);
	cgi->start_len += *used;
	if (cgi->start_len < sizeof(cgi->start))
		return 0;
	if (status_of(cgi->start) == 0) {
		*why = "no status line where there should be one";
		return -EBADMSG;
	}
	cgi->head.nph = true;
	cgi->nph = false;
	rc = vane_response_set_raw(res, status_of(cgi->start));
	if (rc == 0) {
		cgi->state = VANE__CGI_RESPONSE_RAW;
		return vane_response_write(res, cgi->start, sizeof(cgi->start));
	}
	return take_head(cgi, cgi->start, sizeof(cgi->start), &over, why);
}

static int put(struct vane__cgi_response *cgi, const char *data, size_t len)
{
	return cgi->spooling ? vane__spool_add(&cgi->spool, data, len)
			     : vane_response_write(response(cgi), data, len);
}

/* Body, as much of it as was promised. */
static int take_body(struct vane__cgi_response *cgi, const char *data, size_t len)
{
	if (cgi->left >= 0 && (int64_t) len > cgi->left) {
		len = (size_t) cgi->left;
	}
	if (cgi->left >= 0)
		cgi->left -= (int64_t) len;
	return len > 0 ? put(cgi, data, len) : 0;
}

void vane__cgi_response_nph(struct vane__cgi_response *cgi)
{
	cgi->nph = true;
}

int vane__cgi_response_output(
	struct vane__cgi_response *cgi, const char *data, size_t len, const char **why)
{
	int64_t max = cgi->backend->limits.max_output_bytes;
	size_t used = 0, more = 0;
	int rc = 0;

	cgi->output += (int64_t) len;
	if (cgi->output > max) {
		*why = "too much output";
		return -EMSGSIZE;
	}
	if (cgi->nph)
		rc = take_start(cgi, data, len, &used, why);
	if (rc == 0 && !cgi->nph && cgi->state == VANE__CGI_RESPONSE_HEAD) {
		rc = take_head(cgi, data + used, len - used, &more, why);
		used += more;
	}
	if (rc < 0 || used == len)
		return rc;
	if (cgi->state == VANE__CGI_RESPONSE_BODY)
		return take_body(cgi, data + used, len - used);
	return cgi->state == VANE__CGI_RESPONSE_RAW ? put(cgi, data + used, len - used) : 0;
}

/* A path without a directory that it lies below, NULL: it does not. */
static const char *below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	while (len > 0 && directory[len - 1] == '/')
		len--;
	return strncmp(path, directory, len) == 0 && path[len] == '/' ? path + len : NULL;
}

/*
 * The file that the head names, from the backend's directory on.  X-Sendfile is a path of the file
 * system elsewhere (Apache, lighttpd), as the directory was given or as it is called.
 */
static const char *path_named(const struct vane__cgi_response *cgi)
{
	const struct vane_backend *backend = cgi->backend;
	const char *path = file_named(cgi), *rest = NULL;

	if (path == cgi->head.sendfile) {
		rest = below(path, backend->sendfile_root);
		if (rest == NULL)
			rest = below(path, vane_docroot_root(backend->sendfile));
	}
	if (rest != NULL)
		path = rest;
	return path + strspn(path, "/");
}

static int send_file(struct vane__cgi_response *cgi, const char **why)
{
	const char *path = path_named(cgi);
	struct vane_file file;
	int fd, rc;

	fd = vane_docroot_find(cgi->backend->sendfile, path, O_RDONLY, &file);
	if (fd < 0 || !S_ISREG(file.mode)) {
		if (fd >= 0)
			close(fd);
		*why = "the file to send is not there";
		return -ENOENT;
	}
	rc = copy_fields(cgi, true);
	if (rc == 0)
		return vane_response_send_file(response(cgi), fd, path);
	close(fd);
	*why = "a field that no response may carry";
	return rc;
}

static int forward(struct vane__cgi_response *cgi, const char **why)
{
	int rc = vane_response_forward(response(cgi), cgi->head.location);

	if (rc == -ELOOP)
		*why = "too many internal redirects";
	else if (rc < 0)
		*why = "an internal redirect to what is no path";
	return rc;
}

static bool is_head(const struct vane__cgi_response *cgi)
{
	return strcmp(vane_request_method(cgi->req), "HEAD") == 0;
}

/*
 * A body that HEAD leaves out has a length that nobody knows unless the head told it: it is
 * not that of no body (RFC 9110, 8.6), so the response begins before it is finished.
 */
static int end_body(const struct vane__cgi_response *cgi, const char **why)
{
	if (is_head(cgi))
		return cgi->head.length < 0 ? vane_response_flush(response(cgi)) : 0;
	if (cgi->left <= 0)
		return 0;
	*why = "the response is shorter than its Content-Length";
	return -EPROTO;
}

/* The program is done with it; the response has what the client has not taken yet. */
static int end_spool(struct vane__cgi_response *cgi, const char **why)
{
	int rc = cgi->spooling ? vane__spool_hand_over(&cgi->spool, response(cgi)) : 0;

	if (rc < 0)
		*why = "what waited for the client is lost";
	return rc;
}

int vane__cgi_response_end(struct vane__cgi_response *cgi, const char **why)
{
	int rc;

	switch (cgi->state) {
	case VANE__CGI_RESPONSE_HEAD:
		*why = cgi->output == 0 ? "no response" : "the response ends in its head";
		return -EPROTO;
	case VANE__CGI_RESPONSE_BODY:
		rc = end_body(cgi, why);
		return rc == 0 ? end_spool(cgi, why) : rc;
	case VANE__CGI_RESPONSE_DROP:
		return cgi->head.local ? forward(cgi, why) : send_file(cgi, why);
	default:
		return end_spool(cgi, why);
	}
}
