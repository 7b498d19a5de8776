/* SPDX-License-Identifier: MIT */
/*
 * reply.c - from what a foreign program writes to the response it means (RFC 3875, 6).
 */
#include "reply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/response.h>
#include <vane/static.h>

#include "host.h"

void vane__reply_init(
	struct vane__reply *reply, struct vane__host *host, struct vane_request *req)
{
	*reply = (struct vane__reply) { .req = req, .host = host, .left = -1 };
	reply->head.max_bytes = host->limits.max_head_bytes;
	vane__spool_init(&reply->spool, &host->spools, req);
}

void vane__reply_fini(struct vane__reply *reply)
{
	vane__cgi_head_fini(&reply->head);
	vane__spool_fini(&reply->spool);
}

static struct vane_response *response(const struct vane__reply *reply)
{
	return vane_request_response(reply->req);
}

/* Fields that are the file's when it takes the place of the output. */
static bool is_of_body(const char *name)
{
	return strcasecmp(name, "ETag") == 0 || strcasecmp(name, "Last-Modified") == 0 ||
	       strcasecmp(name, "Accept-Ranges") == 0 ||
	       strcasecmp(name, "Content-Range") == 0;
}

static int copy_fields(struct vane__reply *reply, bool file)
{
	const struct vane__cgi_head *head = &reply->head;
	struct vane_response *res = response(reply);
	const char *name, *value;
	char length[24];
	size_t i;
	int rc = vane_response_status(res, file ? 200 : head->status);

	for (i = 0; rc == 0 && vane__cgi_head_field(head, i, &name, &value); i++)
		if (!file || !is_of_body(name))
			rc = vane_response_add(res, name, value);
	if (rc < 0 || file || head->length < 0)
		return rc;
	snprintf(length, sizeof(length), "%lld", (long long) head->length);
	return vane_response_set(res, "Content-Length", length);
}

/* The file that the head names, NULL if it names none or files are not sent. */
static const char *file_named(const struct vane__reply *reply)
{
	if (reply->host->sendfile == NULL)
		return NULL;
	return reply->head.accel != NULL ? reply->head.accel : reply->head.sendfile;
}

/* The head is whole: what does it ask for? */
static int begin(struct vane__reply *reply, const char **why)
{
	int rc;

	if (reply->head.local || file_named(reply) != NULL) {
		reply->state = VANE__REPLY_DROP;
		return 0;
	}
	reply->state = VANE__REPLY_BODY;
	/* 304 tells the length that another response would have (RFC 9110, 8.6). */
	if (reply->head.status != 204 && reply->head.status != 304)
		reply->left = reply->head.length;
	rc = copy_fields(reply, false);
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

static int take_head(struct vane__reply *reply, const char *data, size_t len, size_t *used,
	const char **why)
{
	int rc = vane__cgi_head_feed(&reply->head, data, len, used);

	if (rc < 0)
		*why = reply->head.why;
	return rc == 1 ? begin(reply, why) : rc;
}

/*
 * A message with a head of its own: where nobody else makes the head it goes out as it is,
 * once there is enough to see its status.  Elsewhere its head is read as any other.
 */
static int take_start(struct vane__reply *reply, const char *data, size_t len, size_t *used,
	const char **why)
{
	struct vane_response *res = response(reply);
	size_t want = sizeof(reply->start) - reply->start_len, before = reply->start_len,
	       over;
	int rc;

	*used = len < want ? len : want;
	memcpy(reply->start + before, data, *used);
	reply->start_len += *used;
	if (reply->start_len < sizeof(reply->start))
		return 0;
	if (status_of(reply->start) == 0) {
		*why = "no status line where there should be one";
		return -EBADMSG;
	}
	reply->head.nph = true;
	reply->nph = false;
	rc = vane_response_raw(res, status_of(reply->start));
	if (rc == 0) {
		reply->state = VANE__REPLY_RAW;
		return vane_response_write(res, reply->start, sizeof(reply->start));
	}
	return take_head(reply, reply->start, sizeof(reply->start), &over, why);
}

static int put(struct vane__reply *reply, const char *data, size_t len)
{
	return reply->spooling ? vane__spool_add(&reply->spool, data, len)
			       : vane_response_write(response(reply), data, len);
}

/* Body, as much of it as was promised. */
static int take_body(struct vane__reply *reply, const char *data, size_t len)
{
	if (reply->left >= 0 && (int64_t) len > reply->left) {
		len = (size_t) reply->left;
	}
	if (reply->left >= 0)
		reply->left -= (int64_t) len;
	return len > 0 ? put(reply, data, len) : 0;
}

void vane__reply_nph(struct vane__reply *reply)
{
	reply->nph = true;
}

int vane__reply_output(
	struct vane__reply *reply, const char *data, size_t len, const char **why)
{
	int64_t max = reply->host->limits.max_output_bytes;
	size_t used = 0, more = 0;
	int rc = 0;

	reply->output += (int64_t) len;
	if (max >= 0 && reply->output > max) {
		*why = "too much output";
		return -EMSGSIZE;
	}
	if (reply->nph)
		rc = take_start(reply, data, len, &used, why);
	if (rc == 0 && !reply->nph && reply->state == VANE__REPLY_HEAD) {
		rc = take_head(reply, data + used, len - used, &more, why);
		used += more;
	}
	if (rc < 0 || used == len)
		return rc;
	if (reply->state == VANE__REPLY_BODY)
		return take_body(reply, data + used, len - used);
	return reply->state == VANE__REPLY_RAW ? put(reply, data + used, len - used) : 0;
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
 * The file that the head names, from the host's directory on.  X-Sendfile is a path of the file
 * system elsewhere (Apache, lighttpd), as the directory was given or as it is called.
 */
static const char *path_named(const struct vane__reply *reply)
{
	const struct vane__host *host = reply->host;
	const char *path = file_named(reply), *rest = NULL;

	if (path == reply->head.sendfile) {
		rest = below(path, host->sendfile_root);
		if (rest == NULL)
			rest = below(path, vane_tree_root(host->sendfile));
	}
	if (rest != NULL)
		path = rest;
	return path + strspn(path, "/");
}

static int send_file(struct vane__reply *reply, const char **why)
{
	const char *path = path_named(reply);
	struct vane_file file;
	int fd, rc;

	fd = vane_tree_find(reply->host->sendfile, path, O_RDONLY, &file);
	if (fd < 0 || !S_ISREG(file.mode)) {
		if (fd >= 0)
			close(fd);
		*why = "the file to send is not there";
		return -ENOENT;
	}
	rc = copy_fields(reply, true);
	if (rc == 0)
		return vane_static_send(reply->req, response(reply), fd, path);
	close(fd);
	*why = "a field that no response may carry";
	return rc;
}

static int forward(struct vane__reply *reply, const char **why)
{
	int rc = vane_response_forward(response(reply), reply->head.location);

	if (rc == -ELOOP)
		*why = "too many internal redirects";
	else if (rc < 0)
		*why = "an internal redirect to what is no path";
	return rc;
}

static bool is_head(const struct vane__reply *reply)
{
	return strcmp(vane_request_method(reply->req), "HEAD") == 0;
}

/*
 * A body that HEAD leaves out has a length that nobody knows unless the head told it: it is
 * not that of no body (RFC 9110, 8.6), so the response begins before it is finished.
 */
static int end_body(const struct vane__reply *reply, const char **why)
{
	if (is_head(reply))
		return reply->head.length < 0 ? vane_response_flush(response(reply)) : 0;
	if (reply->left <= 0)
		return 0;
	*why = "the response is shorter than its Content-Length";
	return -EPROTO;
}

/* The program is done with it; the response has what the client has not taken yet. */
static int end_spool(struct vane__reply *reply, const char **why)
{
	int rc =
		reply->spooling ? vane__spool_hand_over(&reply->spool, response(reply)) : 0;

	if (rc < 0)
		*why = "what waited for the client is lost";
	return rc;
}

int vane__reply_end(struct vane__reply *reply, const char **why)
{
	int rc;

	switch (reply->state) {
	case VANE__REPLY_HEAD:
		*why = reply->output == 0 ? "no response" : "the response ends in its head";
		return -EPROTO;
	case VANE__REPLY_BODY:
		rc = end_body(reply, why);
		return rc == 0 ? end_spool(reply, why) : rc;
	case VANE__REPLY_DROP:
		return reply->head.local ? forward(reply, why) : send_file(reply, why);
	default:
		return end_spool(reply, why);
	}
}
