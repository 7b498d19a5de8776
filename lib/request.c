/* SPDX-License-Identifier: MIT */
/*
 * request.c - what was asked: the target, the host, the fields.
 *
 * Understands struct vane_env once, the same way for all drivers.  Arguments and forms are
 * args.c's.
 */
#include <vane/request.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "exchange.h"
#include "fields.h"
#include "mount.h"
#include "slice.h"
#include "uri.h"
#include "xheaders.h"
#include "text.h"

int vane__request_fail(struct vane_request *req, int rc, const char *text)
{
	req->last_error = text;
	return rc;
}

struct vane_slice vane__request_find(const struct vane_request *req, struct vane_slice name)
{
	size_t i;

	for (i = 0; i < req->env.field_count; i++)
		if (vane__slice_equal(req->env.fields[i].name, name))
			return req->env.fields[i].value;
	return (struct vane_slice){ NULL, 0 };
}

/*
 * Take a path that is decoded.  Dot segments are resolved first: a front server has matched
 * its access rules on what comes of that.
 */
static inline int take_path(struct vane_request *req, char *decoded, size_t len)
{
	int rc = vane__uri_resolve(decoded, &len);

	if (UNLIKELY(rc < 0))
		return vane__request_fail(req, 400, rc == -EBADMSG
				? "\"..\" behind an empty segment of the path"
				: "the path climbs above the root");
	req->route_path = (struct vane_slice){ decoded, len };
	req->path = decoded;
	return 0;
}

/*
 * The decoded path, twice only if it has an encoded slash: routes must be able to tell "%2F"
 * from "/", handlers see both as "/".
 */
static int decode_escaped(struct vane_exchange *x, struct vane_slice raw)
{
	struct vane_request *req = &x->req;
	char *decoded = vane__arena_alloc(&x->arena, raw.len + 1), *p;
	size_t len;
	int rc;

	if (decoded == NULL)
		return -ENOMEM;
	if (vane__uri_decode_path(decoded, raw, &len) < 0)
		return vane__request_fail(req, 400, "the path is malformed");
	rc = take_path(req, decoded, len);
	len = req->route_path.len;
	if (rc != 0 || memchr(decoded, '\0', len) == NULL)
		return rc;
	decoded = vane__arena_dup(&x->arena, decoded, len);
	if (decoded == NULL)
		return -ENOMEM;
	for (p = decoded; p < decoded + len; p++)
		if (*p == '\0')
			*p = '/';
	req->path = decoded;
	return 0;
}

static inline int decode_path(struct vane_exchange *x, struct vane_slice raw)
{
	char *copy;

	if (UNLIKELY(memchr(raw.data, '%', raw.len) != NULL))
		return decode_escaped(x, raw);
	copy = vane__arena_dup(&x->arena, raw.data, raw.len);
	return copy != NULL ? take_path(&x->req, copy, raw.len) : -ENOMEM;
}

/* The front rewrites: its PATH_INFO and QUERY_STRING rule. */
static int use_path_info(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;
	struct vane_slice info = req->env.path_info;
	char *copy;
	int rc;

	if (info.len == 0)
		info = SLICE("/");
	if (info.data[0] != '/' || memchr(info.data, '\0', info.len) != NULL)
		return vane__request_fail(req, 400, "PATH_INFO is no path");
	copy = vane__arena_dup(&x->arena, info.data, info.len);
	rc = copy != NULL ? take_path(req, copy, info.len) : -ENOMEM;
	if (rc != 0)
		return rc;
	req->query = req->env.query.len > 0 ? req->env.query : (struct vane_slice){ NULL, 0 };
	req->mount = req->env.script_name;
	if (req->mount.len > 0 && req->mount.data[req->mount.len - 1] == '/')
		req->mount.len--;
	return 0;
}

/* Take the mount off the path.  Returns 0, or 404 for what lies elsewhere. */
static int take_mount(struct vane_request *req)
{
	if (LIKELY(req->mount.len == 0))
		return 0;
	if (!vane__mount_has(req->mount, req->route_path))
		return 404;
	req->path += req->mount.len;
	req->route_path.data += req->mount.len;
	req->route_path.len -= req->mount.len;
	if (req->route_path.len == 0) {
		req->path = "/";
		req->route_path = SLICE("/");
	}
	return 0;
}

/* The mount that the front server says.  Its PATH_INFO may have dot segments still. */
static int find_front_mount(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;
	struct vane_slice info = req->env.path_info;
	char *copy;

	if (info.len > 0 && info.data[0] == '/' &&
		memchr(info.data, '.', info.len) != NULL) {
		copy = vane__arena_dup(&x->arena, info.data, info.len);
		if (copy == NULL)
			return -ENOMEM;
		if (vane__uri_resolve(copy, &info.len) < 0)
			return 400;
		info.data = copy;
	}
	req->mount = vane__mount_of_front(req->env.script_name, info, req->route_path);
	return take_mount(req);
}

static int find_mount(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;

	if (x->opts->path_from_pathinfo)
		return 0;
	if (x->opts->mount_auto)
		return find_front_mount(x);
	if (x->opts->mount != NULL)
		req->mount = vane__slice(x->opts->mount);
	return take_mount(req);
}

/*
 * Whether the peer may speak for others.  One that is on a unix socket has no address and is
 * one of ours; one whose address is not known may be anybody.
 */
static bool is_trusted(const struct vane_exchange *x, struct vane_slice addr)
{
	const struct sockaddr *peer = x->req.env.peer;

	if (addr.len == 0 && (peer == NULL || peer->sa_family != AF_UNIX))
		return false;
	return vane__trusted(x->trust, addr);
}

/* Tornado's xheaders: what a trusted peer says about its client. */
static void believe_front(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;
	struct vane_slice addr = vane__slice(vane_request_remote_addr(req));
	struct vane_slice forwarded_for = SLICE(""), proto = SLICE("");
	const char *joined;

	if (!is_trusted(x, addr))
		return;
	joined = vane_request_field(req, "x-forwarded-for");
	if (joined != NULL)
		forwarded_for = vane__slice(joined);
	joined = vane_request_field(req, "x-forwarded-proto");
	if (joined != NULL)
		proto = vane__slice(joined);
	if (vane__xheaders_remote(x->trust, forwarded_for,
		    vane__request_find(req, SLICE("x-real-ip")), &addr)) {
		req->remote_addr = vane__arena_dup(&x->arena, addr.data, addr.len);
		req->env.remote_port = 0;
		req->env.peer = NULL;
	}
	vane__xheaders_scheme(
		vane__request_find(req, SLICE("x-scheme")), proto, &req->env.https);
}

/* Whether the authority is well-formed.  It seldom changes between the requests we get. */
static bool host_ok(struct vane_exchange *x)
{
	struct vane_slice host = x->req.env.host;

	if (host.len == 0)
		return true;
	if (host.len == x->known_host_len && memcmp(host.data, x->known_host, host.len) == 0)
		return true;
	if (!vane__authority_ok(host))
		return false;
	x->known_host_len = host.len <= sizeof(x->known_host) ? host.len : 0;
	memcpy(x->known_host, host.data, x->known_host_len);
	return true;
}

int vane__request_init(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;
	struct vane_slice path;
	int rc;

	req->mount = SLICE("");
	req->path = "";
	if (vane__uri_split(req->env.target, &path, &req->query) < 0)
		return vane__request_fail(req, 400, "the target is malformed");
	if (!host_ok(x))
		return vane__request_fail(req, 400, "the host is malformed");
	rc = x->opts->path_from_pathinfo && req->env.path_info.data != NULL
		     ? use_path_info(x)
		     : decode_path(x, path);
	if (rc == 0)
		rc = find_mount(x);
	if (rc == 0 && x->trust != NULL)
		believe_front(x);
	return rc;
}

int vane__request_retarget(struct vane_exchange *x)
{
	struct vane_slice path;
	int rc = vane__uri_split(vane__slice(x->req.target), &path, &x->req.query);

	if (rc == 0)
		rc = decode_path(x, path);
	return rc == 0 ? take_mount(&x->req) : rc;
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
	struct vane_request *mine = &vane__req_exchange(req)->req;

	return name != NULL ? name : text_once(mine, &mine->method_text, req->env.method);
}

const char *vane_request_path(const struct vane_request *req)
{
	return req->path;
}

const char *vane_request_target(struct vane_request *req)
{
	return text_once(req, &req->target, req->env.target);
}

const char *vane_request_query(const struct vane_request *req)
{
	struct vane_request *mine = &vane__req_exchange(req)->req;

	return req->query.data != NULL ? text_once(mine, &mine->query_text, req->query) : NULL;
}

const char *vane_request_mount(const struct vane_request *req)
{
	struct vane_request *mine = &vane__req_exchange(req)->req;

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

const char *vane_request_server_name(struct vane_request *req)
{
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

const char *vane_request_remote_addr(struct vane_request *req)
{
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

const char *vane_request_server_addr(struct vane_request *req)
{
	const char *said = vane_request_param(req, "SERVER_ADDR");
	struct vane_exchange *x = vane__req_exchange(req);
	struct sockaddr_storage local = { .ss_family = AF_UNSPEC };
	char text[INET6_ADDRSTRLEN] = "";

	if (said != NULL)
		return said;
	if (req->server_addr != NULL)
		return req->server_addr;
	if (x->driver->local != NULL && x->carrier != NULL &&
		x->driver->local(x->carrier, (struct sockaddr *) &local, sizeof(local)) == 0)
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

int vane_request_remote_port(struct vane_request *req)
{
	const struct sockaddr *peer = req->env.peer;

	if (peer != NULL && peer->sa_family == AF_INET)
		return ntohs(((const struct sockaddr_in *) peer)->sin_port);
	if (peer != NULL && peer->sa_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *) peer)->sin6_port);
	return req->env.remote_port;
}

const char *vane_request_remote_user(const struct vane_request *req)
{
	const char *user = vane_request_param(req, "REMOTE_USER");

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

const char *vane_request_field(struct vane_request *req, const char *name)
{
	const struct vane_field *fields = req->env.fields;
	struct vane_slice wanted;
	size_t i, k;

	if (vane__no_text(__func__, name))
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

	if (vane__no_text(__func__, name))
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
		return (struct vane_slice){ body->map, (size_t) body->len };
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

void *vane_request_alloc(struct vane_request *req, size_t size)
{
	return vane__arena_alloc(&vane__req_exchange(req)->arena, size);
}

void vane_request_set_state(struct vane_request *req, void *state)
{
	req->state = state;
}

void *vane_request_state(const struct vane_request *req)
{
	return req->state;
}

struct vane_loop *vane_request_loop(const struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);

	if (x->carrier == NULL)
		return x->loop;
	return x->driver->loop != NULL ? x->driver->loop(x->carrier) : NULL;
}

void vane_request_block(struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);

	if (x->carrier != NULL && x->driver->stall != NULL)
		x->driver->stall(x->carrier);
}

bool vane_request_gone(struct vane_request *req)
{
	struct vane_exchange *x = vane__req_exchange(req);

	if (x->carrier == NULL)
		return true;
	return x->driver->look != NULL && x->driver->look(x->carrier) < 0;
}

bool vane_can(const struct vane_request *req, unsigned caps)
{
	return (vane__req_exchange(req)->driver->caps & caps) == caps;
}

const char *vane_request_mode(const struct vane_request *req)
{
	return vane__req_exchange(req)->driver->mode;
}

const char *vane_last_error(const struct vane_request *req)
{
	return req->last_error != NULL ? req->last_error : "";
}

void vane_on_close(struct vane_request *req, vane_notice_fn fn)
{
	req->on_close = fn;
}

void vane_on_body(struct vane_request *req, vane_notice_fn fn)
{
	struct vane_exchange *x = vane__req_exchange(req);

	req->on_body = fn;
	if (fn != NULL && !x->res.finished && x->carrier != NULL && x->driver->want != NULL)
		x->driver->want(x->carrier);
}

void vane_on_drain(struct vane_request *req, vane_notice_fn fn)
{
	req->on_drain = fn;
}
