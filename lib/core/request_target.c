/* SPDX-License-Identifier: MIT */
/*
 * request_target.c - reads what is asked for, and for whom: the path and its mount, the host, and
 * what a trusted front says about its client.
 *
 * Understands struct vane_env once, the same way for all drivers, before a route is looked for.
 */
#include <vane/request.h>

#include <string.h>
#include <sys/socket.h>

#include "exchange.h"
#include "forwarded.h"
#include "mount.h"
#include "slice.h"
#include "uri.h"
#include "xheaders.h"

/*
 * Take a path that is decoded.  Dot segments are resolved first: a front server has matched
 * its access rules on what comes of that.
 */
static inline int take_path(struct vane_request *req, char *decoded, size_t len)
{
	int rc = vane__uri_resolve(decoded, &len);

	if (UNLIKELY(rc < 0))
		return vane__request_fail(req, 400,
			rc == -EBADMSG ? "\"..\" behind an empty segment of the path"
				       : "the path climbs above the root");
	req->route_path = (struct vane_slice) { decoded, len };
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

/* plain: it has nothing that is to be decoded or resolved. */
static inline int decode_path(struct vane_exchange *x, struct vane_slice raw, bool plain)
{
	char *copy;

	if (!plain && memchr(raw.data, '%', raw.len) != NULL)
		return decode_escaped(x, raw);
	copy = vane__arena_dup(&x->arena, raw.data, raw.len);
	if (UNLIKELY(copy == NULL))
		return -ENOMEM;
	if (!plain)
		return take_path(&x->req, copy, raw.len);
	x->req.route_path = (struct vane_slice) { copy, raw.len };
	x->req.path = copy;
	return 0;
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
	req->query =
		req->env.query.len > 0 ? req->env.query : (struct vane_slice) { NULL, 0 };
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

/*
 * The client is another one than who is connected to us: "" one that is not known, which is never
 * taken for the peer.
 */
static void set_remote(struct vane_exchange *x, struct vane_slice addr, unsigned port)
{
	struct vane_request *req = &x->req;

	req->remote_addr =
		addr.len > 0 ? vane__arena_dup(&x->arena, addr.data, addr.len) : "";
	if (req->remote_addr == NULL)
		req->remote_addr = "";
	req->env.remote_port = (int) port;
	req->env.peer = NULL;
}

/* Tornado's xheaders: what a trusted peer says about its client. */
static void believe_x_fields(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;
	struct vane_slice addr, forwarded_for = SLICE(""), proto = SLICE("");
	const char *joined;

	joined = vane_request_field(req, "x-forwarded-for");
	if (joined != NULL)
		forwarded_for = vane__slice(joined);
	joined = vane_request_field(req, "x-forwarded-proto");
	if (joined != NULL)
		proto = vane__slice(joined);
	if (vane__xheaders_remote(x->trust, forwarded_for,
		    vane__request_find(req, SLICE("x-real-ip")), &addr))
		set_remote(x, addr, 0);
	vane__xheaders_scheme(
		vane__request_find(req, SLICE("x-scheme")), proto, &req->env.https);
}

/*
 * What counts in the lines of Forwarded, each by itself and the last first: a line that a client made
 * up cannot spoil the one that the front has added.  1; 0: there is none; -EBADMSG: it is malformed.
 */
static int find_forwarded(struct vane_exchange *x, struct vane__forwarded *said)
{
	const struct vane_env *env = &x->req.env;
	size_t i = env->field_count;
	int found = 0;

	while (i-- > 0) {
		if (!vane__slice_equal_nocase(env->fields[i].name, SLICE("forwarded")))
			continue;
		if (!vane__forwarded(x->trust, env->fields[i].value, said))
			return -EBADMSG;
		found = 1;
		if (said->addr.data == NULL || !vane__trusted(x->trust, said->addr))
			break;
	}
	return found;
}

/*
 * RFC 7239.  Where it is malformed or hides the client, nobody knows who that is.  A host that is
 * malformed is refused as one in Host is.
 */
static int believe_forwarded(struct vane_exchange *x)
{
	struct vane_request *req = &x->req;
	struct vane__forwarded said = { .port = 0 };
	int rc = find_forwarded(x, &said);

	if (rc == 0)
		return 0;
	if (rc < 0)
		said = (struct vane__forwarded) { .port = 0 };
	set_remote(x, said.addr, said.port);
	if (vane__slice_equal_nocase(said.proto, SLICE("https")))
		req->env.https = true;
	else if (vane__slice_equal_nocase(said.proto, SLICE("http")))
		req->env.https = false;
	if (said.host.len == 0)
		return 0;
	if (!vane__authority_ok(said.host))
		return vane__request_fail(req, 400, "the host in Forwarded is malformed");
	req->env.host = said.host;
	return 0;
}

/* Whether there is any of Tornado's fields. */
static bool has_x_fields(struct vane_request *req)
{
	static const char *const names[] = { "x-forwarded-for", "x-real-ip", "x-scheme",
		"x-forwarded-proto" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (vane__request_find(req, vane__slice(names[i])).data != NULL)
			return true;
	return false;
}

/* Where both are believed, Forwarded counts only if there is none of the others. */
static int believe_front(struct vane_exchange *x)
{
	if (!is_trusted(x, vane__slice(vane_request_remote_addr(&x->req))))
		return 0;
	if (x->opts->xheaders && (!x->opts->forwarded || has_x_fields(&x->req)))
		believe_x_fields(x);
	else if (x->opts->forwarded)
		return believe_forwarded(x);
	return 0;
}

/* The scheme that the application is told to have, whoever says what. */
static void fix_scheme(struct vane_exchange *x)
{
	const char *protocol = x->opts->protocol;

	if (protocol != NULL)
		x->req.env.https = strcmp(protocol, "https") == 0;
}

/* Whether the authority is well-formed.  It seldom changes between the requests we get. */
static bool host_ok(struct vane_exchange *x)
{
	struct vane_slice host = x->req.env.host;

	if (host.len == 0)
		return true;
	if (host.len == x->known_host_len &&
		memcmp(host.data, x->known_host, host.len) == 0)
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
	int rc, plain;

	req->mount = SLICE("");
	req->path = "";
	plain = vane__uri_split(req->env.target, &path, &req->query);
	if (plain < 0)
		return vane__request_fail(req, 400, "the target is malformed");
	if (!host_ok(x))
		return vane__request_fail(req, 400, "the host is malformed");
	rc = x->opts->path_from_pathinfo && req->env.path_info.data != NULL
		     ? use_path_info(x)
		     : decode_path(x, path, plain);
	if (rc == 0)
		rc = find_mount(x);
	if (rc == 0 && x->trust != NULL)
		rc = believe_front(x);
	fix_scheme(x);
	return rc;
}

int vane__request_retarget(struct vane_exchange *x)
{
	struct vane_slice path;
	int rc = vane__uri_split(vane__slice(x->req.target), &path, &x->req.query);

	if (rc >= 0)
		rc = decode_path(x, path, rc == 1);
	return rc == 0 ? take_mount(&x->req) : rc;
}
