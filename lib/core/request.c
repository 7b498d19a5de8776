/* SPDX-License-Identifier: MIT */
/*
 * request.c - what a handler can ask of its request: the target, the host, the fields.
 *
 * Path, mount and peer are understood by request_target.c; arguments and forms are args.c's, and what a
 * handler keeps and waits for is request_state.c's.
 */
#include <vane/request.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include "exchange.h"
#include "fields.h"
#include "slice.h"

int vane__request_fail(struct vane_request *req, int rc, const char *text)
{
	req->last_error = text;
	return rc;
}

int vane__request_refuse(struct vane_request *req, int status, const char *fmt, ...)
{
	char why[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	req->refused_status = status;
	req->refused_why =
		vane__arena_dup(&vane__req_exchange(req)->arena, why, strlen(why));
	return status;
}

const char *vane__request_text(struct vane_request *req, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = len >= 0 ? vane_request_alloc(req, (size_t) len + 1) : NULL;
	if (text == NULL)
		return NULL;
	va_start(args, fmt);
	vsnprintf(text, (size_t) len + 1, fmt, args);
	va_end(args);
	return text;
}

struct vane_slice vane__request_find(const struct vane_request *req, struct vane_slice name)
{
	size_t i;

	for (i = 0; i < req->env.field_count; i++)
		if (vane__slice_equal(req->env.fields[i].name, name))
			return req->env.fields[i].value;
	return (struct vane_slice) { NULL, 0 };
}

/* A copy that ends in a NUL, made when it is first asked for; "" if memory is out. */
static const char *text_once(
	struct vane_request *req, const char **text, struct vane_slice from)
{
	if (*text == NULL)
		*text = vane__arena_dup(
			&vane__req_exchange(req)->arena, from.data, from.len);
	return *text != NULL ? *text : "";
}

const char *vane_request_method(const struct vane_request *req)
{
	const char *name = vane__method_name(req->method);
	struct vane_request *mine = vane__req_own(req);

	return name != NULL ? name : text_once(mine, &mine->method_text, req->env.method);
}

const char *vane_request_path(const struct vane_request *req)
{
	return req->path != NULL ? req->path : ""; /* refused before it was read */
}

const char *vane_request_target(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);
	return text_once(req, &req->target, req->env.target);
}

const char *vane_request_query(const struct vane_request *req)
{
	struct vane_request *mine = vane__req_own(req);

	return req->query.data != NULL ? text_once(mine, &mine->query_text, req->query)
				       : NULL;
}

const char *vane_request_mount(const struct vane_request *req)
{
	struct vane_request *mine = vane__req_own(req);

	return req->mount.len > 0 ? text_once(mine, &mine->mount_text, req->mount) : "";
}

const char *vane_request_scheme(const struct vane_request *req)
{
	return req->env.https ? "https" : "http";
}

/* Host in lower case; else the server's name, with a port that is not the scheme's own. */
static char *make_host(struct vane_exchange *x)
{
	const struct vane_env *env = &x->req.env;
	struct vane_slice from = env->host.len > 0 ? env->host : env->server_name;
	bool add_port = env->host.len == 0 && from.len > 0 && env->server_port > 0 &&
			env->server_port != (env->https ? 443 : 80);
	char *host = vane__arena_alloc(&x->arena, from.len + 22);
	size_t i;

	if (host == NULL)
		return NULL;
	for (i = 0; i < from.len; i++)
		host[i] = vane__lower(from.data[i]);
	if (add_port) {
		host[i++] = ':';
		i += vane__put_number(host + i, (uint64_t) env->server_port);
	}
	host[i] = '\0';
	return host;
}

const char *vane_request_host(const struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);

	if (x->req.host == NULL)
		x->req.host = make_host(x);
	return x->req.host != NULL ? x->req.host : "";
}

const char *vane_request_server_name(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);
	const char *host = vane_request_host(req), *end = strchr(host, ']');
	struct vane_slice name = { host, strcspn(end != NULL ? end : host, ":") };

	if (end != NULL)
		name.len += (size_t) (end - host);
	return text_once(req, &req->server_name, name);
}

int vane_request_server_port(const struct vane_request *req)
{
	const char *host = vane_request_host(req), *end = strchr(host, ']');
	const char *colon = strchr(end != NULL ? end : host, ':');
	int64_t port;

	/* what was well-formed may have no digits behind its colon */
	if (colon != NULL && vane__slice_number(vane__slice(colon + 1), &port) == 0 &&
		port > 0)
		return (int) port;
	if (req->env.server_port > 0)
		return req->env.server_port;
	return req->env.https ? 443 : 80;
}

const char *vane_request_version(const struct vane_request *req)
{
	return req->env.version != NULL ? req->env.version : "HTTP/1.1";
}

static const void *peer_address(const struct sockaddr *peer)
{
	switch (peer->sa_family) {
	case AF_INET:
		return &((const struct sockaddr_in *) peer)->sin_addr;
	case AF_INET6:
		return &((const struct sockaddr_in6 *) peer)->sin6_addr;
	default:
		return NULL;
	}
}

/* A byte as digits: where they end. */
static char *put_byte(char *at, unsigned byte)
{
	if (byte >= 100)
		*at++ = (char) ('0' + byte / 100);
	if (byte >= 10)
		*at++ = (char) ('0' + byte / 10 % 10);
	*at++ = (char) ('0' + byte % 10);
	return at;
}

/* An address as text.  inet_ntop() takes as long for IPv4 as it takes to route a request. */
static void address_text(const struct sockaddr *peer, char text[INET6_ADDRSTRLEN])
{
	const unsigned char *bytes = peer_address(peer);
	int i;

	if (bytes == NULL)
		return;
	if (peer->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, bytes, text, INET6_ADDRSTRLEN);
		return;
	}
	for (i = 0; i < 4; i++) {
		text = put_byte(text, bytes[i]);
		*text++ = i < 3 ? '.' : '\0';
	}
}

const char *vane_request_remote_addr(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);
	const struct sockaddr *peer = req->env.peer;
	char text[INET6_ADDRSTRLEN] = "";

	if (req->remote_addr == NULL && req->env.remote_addr.data != NULL)
		return text_once(req, &req->remote_addr, req->env.remote_addr);
	if (req->remote_addr == NULL) {
		if (peer != NULL)
			address_text(peer, text);
		return text_once(req, &req->remote_addr, vane__slice(text));
	}
	return req->remote_addr;
}

const char *vane_request_server_addr(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);
	const char *said = vane_request_param(req, "SERVER_ADDR");
	struct vane_exchange *x = vane__req_exchange(req);
	struct sockaddr_storage local = { .ss_family = AF_UNSPEC };
	char text[INET6_ADDRSTRLEN] = "";

	if (said != NULL)
		return said;
	if (req->server_addr != NULL)
		return req->server_addr;
	if (x->driver->local != NULL && !x->aborted &&
		x->driver->local(x->carrier, (struct sockaddr *) &local, sizeof(local)) ==
			0)
		address_text((const struct sockaddr *) &local, text);
	return text_once(req, &req->server_addr, vane__slice(text));
}

const char *vane__request_peer(struct vane_request *req)
{
	const char *addr = vane_request_remote_addr(req), *given;
	const struct sockaddr *peer = req->env.peer;

	if (*addr != '\0')
		return addr;
	if (peer != NULL)
		return peer->sa_family == AF_UNIX ? "unix:" : "-";
	given = vane_request_param(req, "REMOTE_ADDR");
	return given != NULL && vane__slice_starts(vane__slice(given), SLICE("unix:"))
		       ? "unix:"
		       : "-";
}

int vane_request_remote_port(const struct vane_request *asked)
{
	struct vane_request *req = vane__req_own(asked);
	const struct sockaddr *peer = req->env.peer;

	if (peer != NULL && peer->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *) peer)->sin_port);
	if (peer != NULL && peer->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *) peer)->sin6_port);
	return req->env.remote_port;
}

/* A copy that lives as long as the request. */
static int copy_text(
	struct vane_request *req, const char *function, const char *text, const char **out)
{
	if (vane__req_no_text(req, function, text))
		return -EINVAL;
	*out = vane__arena_dup(&vane__req_exchange(req)->arena, text, strlen(text));
	return *out != NULL ? 0 : -ENOMEM;
}

int vane_request_set_remote_user(struct vane_request *req, const char *user)
{
	const char *copy;
	int rc = copy_text(req, __func__, user, &copy);

	if (rc == 0)
		req->user = copy;
	return rc;
}

int vane_request_set_id(struct vane_request *req, const char *id)
{
	const char *copy;
	int rc = copy_text(req, __func__, id, &copy);

	if (rc == 0)
		req->id = copy;
	return rc;
}

const char *vane_request_id(const struct vane_request *req)
{
	return req->id != NULL ? req->id : "";
}

const char *vane_request_remote_user(const struct vane_request *req)
{
	const char *user = req->user;

	if (user == NULL)
		user = vane_request_param(req, "REMOTE_USER");
	return user != NULL ? user : "";
}

static bool is_named(const struct vane_field *field, struct vane_slice name)
{
	return vane__slice_equal_nocase(field->name, name);
}

/* All values of that name in one line, from the i-th on. */
static const char *join(struct vane_request *req, size_t i)
{
	const struct vane_field *fields = req->env.fields;
	struct vane_slice name = fields[i].name;
	struct vane_slice sep =
		vane__slice_equal_nocase(name, SLICE("cookie")) ? SLICE("; ") : SLICE(", ");
	size_t len = 0, at = 0, k;
	char *text;

	for (k = i; k < req->env.field_count; k++)
		if (is_named(&fields[k], name))
			len += fields[k].value.len + sep.len;
	text = vane_request_alloc(req, len + 1);
	if (text == NULL)
		return NULL;
	for (k = i; k < req->env.field_count; k++) {
		if (!is_named(&fields[k], name))
			continue;
		if (at > 0) {
			memcpy(text + at, sep.data, sep.len);
			at += sep.len;
		}
		memcpy(text + at, fields[k].value.data, fields[k].value.len);
		at += fields[k].value.len;
	}
	text[at] = '\0';
	return text;
}

/* The same, made once: whoever walks the fields asks for each, and there may be hundreds. */
static const char *joined(struct vane_request *req, size_t i)
{
	const char *name = req->env.fields[i].name.data, *text;
	size_t k;

	for (k = 0; k < req->joined.count; k++)
		if (req->joined.items[k].name == name)
			return req->joined.items[k].value;
	text = join(req, i);
	if (text == NULL || vane__pairs_add(&req->joined, &vane__req_exchange(req)->arena,
				    name, text, SIZE_MAX) < 0)
		return NULL;
	return text;
}

const char *vane_request_field(const struct vane_request *asked, const char *name)
{
	struct vane_request *req = vane__req_own(asked);
	const struct vane_field *fields = req->env.fields;
	struct vane_slice wanted;
	size_t i, k;

	if (vane__req_no_text(req, __func__, name))
		return NULL;
	wanted = vane__slice(name);
	for (i = 0; i < req->env.field_count; i++)
		if (is_named(&fields[i], wanted))
			break;
	if (i == req->env.field_count)
		return NULL;
	for (k = i + 1; k < req->env.field_count; k++)
		if (is_named(&fields[k], wanted))
			return joined(req, i);
	return fields[i].value.data;
}

bool vane_request_field_at(
	const struct vane_request *req, size_t i, const char **name, const char **value)
{
	if (i >= req->env.field_count)
		return false;
	*name = req->env.fields[i].name.data;
	*value = req->env.fields[i].value.data;
	return true;
}

const char *vane_request_param(const struct vane_request *req, const char *name)
{
	struct vane_slice wanted;
	size_t i = req->env.param_count;

	if (vane__req_no_text(req, __func__, name))
		return NULL;
	wanted = vane__slice(name);
	/* from the end: what a front's administrator adds comes behind what the client wrote */
	while (i-- > 0)
		if (vane__slice_equal(req->env.params[i].name, wanted))
			return req->env.params[i].value.data;
	return NULL;
}

bool vane_request_param_at(
	const struct vane_request *req, size_t i, const char **name, const char **value)
{
	if (i >= req->env.param_count)
		return false;
	*name = req->env.params[i].name.data;
	*value = req->env.params[i].value.data;
	return true;
}

struct vane_slice vane_request_body(const struct vane_request *req)
{
	const struct vane__body *body = &req->body;

	if (body->map != NULL)
		return (struct vane_slice) { body->map, (size_t) body->len };
	if (body->fd >= 0 || body->mem.len == 0)
		return SLICE("");
	return vane__buf_slice(&body->mem);
}

int64_t vane_request_body_length(const struct vane_request *req)
{
	return req->env.body_length;
}

struct vane_app *vane_request_app(const struct vane_request *req)
{
	return vane__req_exchange(req)->app;
}

struct vane_response *vane_request_response(struct vane_request *req)
{
	return &vane__req_exchange(req)->res;
}

struct vane_request *vane_response_request(struct vane_response *res)
{
	return &vane__res_exchange(res)->req;
}

void *vane_request_alloc(struct vane_request *req, size_t size)
{
	return vane__arena_alloc(&vane__req_exchange(req)->arena, size);
}
