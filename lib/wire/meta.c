/* SPDX-License-Identifier: MIT */
/*
 * meta.c - CGI meta-variables (RFC 3875, 4.1) understood as a request.
 *
 * Front servers agree on REQUEST_URI and on little else; docs/fronts.md has what each of
 * them sends.  What is made of target, host and mount is request.c's business.
 */
#include "meta.h"

#include <stdint.h>
#include <sys/socket.h>

#include "field_name.h"
#include "fields.h"
#include "slice.h"
#include "uri.h"

/* The variables that mean something to us; data NULL: not there. */
struct cgi {
	struct vane_slice method, uri, protocol;
	struct vane_slice script_name, path_info, query;
	struct vane_slice content_type, content_length;
	struct vane_slice https, scheme;
	struct vane_slice remote_addr, remote_port, remote_user;
	struct vane_slice server_name, server_port;
	struct vane_slice authorization, redirected_authorization;
};

struct meta {
	struct arena *arena;
	struct vane_env *env;
	struct cgi cgi;
	struct vane_field *fields;
	bool has_authorization;
};

/* Whether a name that is long enough begins so: no more than a few comparisons. */
#define IS(name, literal) (memcmp((name).data, (literal), sizeof(literal) - 1) == 0)

#define HTTP_LEN          5 /* "HTTP_" */

/* The first refusal counts.  Returns the status. */
static int refuse(struct meta *meta, int status, const char *why)
{
	if (meta->env->why == NULL)
		meta->env->why = why;
	return status;
}

/* Room for all fields. */
static int make_room(struct meta *meta, size_t count)
{
	/* A variable becomes a field, and there are some that are kept elsewhere. */
	meta->fields = vane__arena_alloc(meta->arena, (count + 4) * sizeof(*meta->fields));
	if (meta->fields == NULL)
		return -ENOMEM;
	meta->env->fields = meta->fields;
	return 0;
}

static void add_field(struct meta *meta, struct vane_slice name, struct vane_slice value)
{
	meta->fields[meta->env->field_count++] = (struct vane_field) { name, value };
}

/* Without blanks at both ends, and followed by a NUL: most are both already. */
static int trim_value(struct meta *meta, struct vane_slice *value)
{
	struct vane_slice trimmed = vane__slice_trim(*value);

	if (trimmed.data + trimmed.len == value->data + value->len) {
		*value = trimmed;
		return 0;
	}
	value->data = vane__arena_dup(meta->arena, trimmed.data, trimmed.len);
	value->len = trimmed.len;
	return value->data != NULL ? 0 : -ENOMEM;
}

/* HTTP_ACCEPT_LANGUAGE's rest as accept-language: 1, 0 if that cannot have been a field, -ENOMEM. */
static int field_name(struct meta *meta, struct vane_slice rest, struct vane_slice *name)
{
	char *at;

	if (!vane__is_token(rest))
		return 0;
	at = vane__arena_alloc(meta->arena, rest.len + 1);
	if (at == NULL)
		return -ENOMEM;
	memcpy(at, rest.data, rest.len);
	at[rest.len] = '\0';
	vane__lower_name(at, rest.len, true);
	*name = (struct vane_slice) { at, rest.len };
	return 1;
}

/* A variable that was a field.  Returns 0, a status or -ENOMEM. */
static int http_variable(struct meta *meta, struct vane_slice rest, struct vane_slice value)
{
	struct vane_slice name;
	int rc = field_name(meta, rest, &name);

	if (rc <= 0 || vane__field_hop_by_hop(name))
		return rc < 0 ? rc : 0;
	/* CONTENT_TYPE and CONTENT_LENGTH are the ones to be believed. */
	if (vane__slice_equal(name, SLICE("content-type")) ||
		vane__slice_equal(name, SLICE("content-length")))
		return 0;
	rc = trim_value(meta, &value);
	if (rc < 0)
		return rc;
	if (!vane__field_value_ok(value))
		return refuse(meta, 400, "a malformed field");
	if (vane__slice_equal(name, SLICE("host"))) {
		if (meta->env->host.data != NULL)
			return refuse(meta, 400, "several Host fields");
		meta->env->host = value;
	}
	if (vane__slice_equal(name, SLICE("authorization"))) {
		if (value.len == 0)
			return 0;
		meta->has_authorization = true;
	}
	add_field(meta, name, value);
	return 0;
}

/* Those of eleven letters, of which there are many. */
static struct vane_slice *member_of_11(struct cgi *cgi, struct vane_slice name)
{
	if (IS(name, "REQUEST_URI"))
		return &cgi->uri;
	if (IS(name, "SCRIPT_NAME"))
		return &cgi->script_name;
	if (IS(name, "REMOTE_ADDR"))
		return &cgi->remote_addr;
	if (IS(name, "REMOTE_PORT"))
		return &cgi->remote_port;
	if (IS(name, "REMOTE_USER"))
		return &cgi->remote_user;
	if (IS(name, "SERVER_NAME"))
		return &cgi->server_name;
	return IS(name, "SERVER_PORT") ? &cgi->server_port : NULL;
}

/* Where the value of a variable goes, NULL if it means nothing to us. */
static struct vane_slice *member_of(struct cgi *cgi, struct vane_slice name)
{
	switch (name.len) {
	case 5:
		return IS(name, "HTTPS") ? &cgi->https : NULL;
	case 9:
		return IS(name, "PATH_INFO") ? &cgi->path_info : NULL;
	case 11:
		return member_of_11(cgi, name);
	case 12:
		if (IS(name, "QUERY_STRING"))
			return &cgi->query;
		return IS(name, "CONTENT_TYPE") ? &cgi->content_type : NULL;
	case 13:
		return IS(name, "Authorization") ? &cgi->authorization : NULL;
	case 14:
		if (IS(name, "REQUEST_METHOD"))
			return &cgi->method;
		if (IS(name, "REQUEST_SCHEME"))
			return &cgi->scheme;
		return IS(name, "CONTENT_LENGTH") ? &cgi->content_length : NULL;
	case 15:
		return IS(name, "SERVER_PROTOCOL") ? &cgi->protocol : NULL;
	case 27:
		return IS(name, "REDIRECT_HTTP_AUTHORIZATION")
			       ? &cgi->redirected_authorization
			       : NULL;
	default:
		return NULL;
	}
}

/* The last of a name counts: that is how a front's configuration overrides its defaults. */
static int cgi_variable(struct meta *meta, struct vane_slice name, struct vane_slice value)
{
	struct vane_slice *member = member_of(&meta->cgi, name);

	if (member == NULL)
		return 0;
	/* Two lengths that differ are an attack, not a configuration. */
	if (member == &meta->cgi.content_length && member->len > 0 && value.len > 0 &&
		!vane__slice_equal(*member, value))
		return refuse(meta, 400, "two values of CONTENT_LENGTH");
	*member = value;
	return 0;
}

/* One of them.  Returns 0, a status or -ENOMEM. */
static int variable(struct meta *meta, const struct vane_field *var)
{
	struct vane_slice rest = var->name;

	if (rest.len < HTTP_LEN || !IS(rest, "HTTP_"))
		return cgi_variable(meta, var->name, var->value);
	rest.data += HTTP_LEN;
	rest.len -= HTTP_LEN;
	return http_variable(meta, rest, var->value);
}

/* Whether nobody is to see it. */
static inline bool is_hidden(struct vane_slice name)
{
	return UNLIKELY(name.len == 0) ||
	       (UNLIKELY(name.len == sizeof("HTTP_PROXY") - 1) && vane__param_hidden(name));
}

/* What is left of the variables is what the application may ask for. */
static int each_variable(struct meta *meta, struct vane_field *vars, size_t count)
{
	size_t left = 0, i;
	int status = 0, rc = 0;

	for (i = 0; i < count && rc >= 0; i++) {
		if (is_hidden(vars[i].name))
			continue;
		if (UNLIKELY(left != i))
			vars[left] = vars[i];
		rc = variable(meta, &vars[left++]);
		if (UNLIKELY(rc != 0) && status == 0)
			status = rc;
	}
	meta->env->params = vars;
	meta->env->param_count = left;
	return rc < 0 ? rc : status;
}

/* Blanks around a field's value are none of it, wherever the value is kept. */
static int trim_fields(struct meta *meta)
{
	struct cgi *cgi = &meta->cgi;
	struct vane_slice *const values[] = { &cgi->content_type, &cgi->content_length,
		&cgi->authorization, &cgi->redirected_authorization };
	size_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_SIZE(values) && rc == 0; i++)
		if (values[i]->len > 0)
			rc = trim_value(meta, values[i]);
	return rc;
}

/* Fields that CGI keeps elsewhere (RFC 3875, 4.1.2, 4.1.3 and 4.1.18). */
static void add_other_fields(struct meta *meta)
{
	const struct cgi *cgi = &meta->cgi;
	struct vane_slice authorization = cgi->authorization.len > 0
						  ? cgi->authorization
						  : cgi->redirected_authorization;

	if (cgi->content_type.len > 0 && vane__field_value_ok(cgi->content_type))
		add_field(meta, SLICE("content-type"), cgi->content_type);
	if (!meta->has_authorization && authorization.len > 0 &&
		vane__field_value_ok(authorization))
		add_field(meta, SLICE("authorization"), authorization);
}

/* Whether a client sends "Content-Length: 0" with this method (RFC 9110, 8.6). */
static bool expects_content(struct vane_slice method)
{
	return vane__slice_equal(method, SLICE("POST")) ||
	       vane__slice_equal(method, SLICE("PUT")) ||
	       vane__slice_equal(method, SLICE("PATCH"));
}

/*
 * CONTENT_LENGTH.  Absent, empty or "-1", depending on the front, where a body was chunked
 * and where there is none; and 0 where there is none, too.
 */
static int set_length(struct meta *meta)
{
	struct vane_env *env = meta->env;
	struct vane_slice text = meta->cgi.content_length;
	int rc;

	env->body_length = -1;
	if (text.data == NULL)
		return 0;
	rc = vane__slice_number(text, &env->body_length);
	if (rc < 0)
		env->body_length = -1;
	else if (env->body_length > 0 || expects_content(env->method))
		add_field(meta, SLICE("content-length"), text);
	return rc == -ERANGE ? refuse(meta, 413, "CONTENT_LENGTH is too large") : 0;
}

/* The target from decoded parts, where the front does not say what it was. */
static int rebuild_target(struct meta *meta)
{
	const struct cgi *cgi = &meta->cgi;
	struct vane_slice script = cgi->script_name, info = cgi->path_info;
	size_t size, len;
	char *target;

	/* "/" and "/x" are one slash, not two. */
	if (script.len > 0 && script.data[script.len - 1] == '/' && info.len > 0)
		script.len--;
	size = script.len * 3 + info.len * 3 + cgi->query.len + 3;
	target = vane__arena_alloc(meta->arena, size);
	if (target == NULL)
		return -ENOMEM;
	len = vane__uri_quote(target, size, script);
	len += vane__uri_quote(target + len, size - len, info);
	if (len == 0)
		target[len++] = '/';
	if (cgi->query.len > 0) {
		target[len++] = '?';
		memcpy(target + len, cgi->query.data, cgi->query.len);
		len += cgi->query.len;
	}
	target[len] = '\0';
	meta->env->target = (struct vane_slice) { target, len };
	return 0;
}

/* A target in absolute-form is its own host (RFC 9112, 3.2.2). */
static int reduce_target(struct meta *meta, struct vane_slice uri)
{
	struct vane_slice scheme, authority, origin;
	char *target;

	if (vane__uri_absolute(uri, &scheme, &authority, &origin) < 0)
		return refuse(meta, 400, "REQUEST_URI is malformed");
	meta->env->host = authority;
	meta->env->target = origin;
	if (origin.data[0] == '/')
		return 0;
	target = vane__arena_alloc(meta->arena, origin.len + 2);
	if (target == NULL)
		return -ENOMEM;
	target[0] = '/';
	memcpy(target + 1, origin.data, origin.len);
	target[origin.len + 1] = '\0';
	meta->env->target = (struct vane_slice) { target, origin.len + 1 };
	return 0;
}

static int set_target(struct meta *meta)
{
	struct vane_env *env = meta->env;
	struct vane_slice uri = meta->cgi.uri;

	env->script_name = meta->cgi.script_name;
	env->path_info = meta->cgi.path_info;
	env->query = meta->cgi.query;
	env->target = uri;
	if (uri.len == 0)
		return rebuild_target(meta);
	if (uri.data[0] == '/' || vane__slice_equal(uri, SLICE("*")))
		return 0;
	return reduce_target(meta, uri);
}

/* A port, or 0 if it is none. */
static int port(struct vane_slice text)
{
	int64_t number;

	if (text.data == NULL || vane__slice_number(text, &number) < 0 || number > 65535)
		return 0;
	return (int) number;
}

/* nginx calls a server without a name "_"; others give an IPv6 address without brackets. */
static int set_server(struct meta *meta)
{
	struct vane_slice name = meta->cgi.server_name;
	struct vane_env *env = meta->env;
	char *text;

	env->server_port = port(meta->cgi.server_port);
	if (name.len == 0 || vane__slice_equal(name, SLICE("_")))
		return 0;
	env->server_name = name;
	if (name.data[0] == '[' || memchr(name.data, ':', name.len) == NULL)
		return 0;
	text = vane__arena_alloc(meta->arena, name.len + 3);
	if (text == NULL)
		return -ENOMEM;
	text[0] = '[';
	memcpy(text + 1, name.data, name.len);
	memcpy(text + 1 + name.len, "]", 2);
	env->server_name = (struct vane_slice) { text, name.len + 2 };
	return 0;
}

static bool is_https(const struct cgi *cgi)
{
	static const struct vane_slice yes[] = { SLICE_INIT("on"), SLICE_INIT("1"),
		SLICE_INIT("yes"), SLICE_INIT("true") };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(yes) && cgi->https.len > 0; i++)
		if (vane__slice_equal_nocase(cgi->https, yes[i]))
			return true;
	return vane__slice_equal_nocase(cgi->scheme, SLICE("https"));
}

/* HTTP-name "/" DIGIT [ "." DIGIT ]: fronts say "HTTP/2.0" and "HTTP/3" as well. */
static bool version_ok(struct vane_slice s)
{
	return vane__slice_starts(s, SLICE("HTTP/")) && (s.len == 6 || s.len == 8) &&
	       vane__is_digit(s.data[5]) &&
	       (s.len == 6 || (s.data[6] == '.' && vane__is_digit(s.data[7])));
}

/* Who asks.  nginx says "unix:" for a client on a unix socket; no word is no address. */
static void set_client(struct meta *meta)
{
	static const struct sockaddr on_unix_socket = { .sa_family = AF_UNIX };
	const struct cgi *cgi = &meta->cgi;
	struct vane_env *env = meta->env;

	env->remote_addr = cgi->remote_addr;
	if (cgi->remote_addr.data == NULL)
		env->remote_addr = SLICE("");
	if (vane__slice_starts(env->remote_addr, SLICE("unix:"))) {
		env->remote_addr = SLICE("");
		env->peer = &on_unix_socket;
	}
	env->remote_port = port(cgi->remote_port);
	if (cgi->remote_user.len > 0)
		env->remote_user = cgi->remote_user;
	env->https = is_https(cgi);
	env->version = "HTTP/1.1";
	if (version_ok(cgi->protocol))
		env->version = cgi->protocol.data;
}

int vane__meta_env(
	struct vane_env *env, struct arena *arena, struct vane_field *vars, size_t count)
{
	struct meta meta = { .arena = arena, .env = env };
	int rc, status;

	*env = (struct vane_env) { .body_length = -1, .method = SLICE_INIT("") };
	rc = make_room(&meta, count);
	if (rc < 0)
		return rc;
	status = each_variable(&meta, vars, count);
	if (status < 0)
		return status;
	rc = trim_fields(&meta);
	if (rc < 0)
		return rc;
	if (meta.cgi.method.data != NULL)
		env->method = meta.cgi.method;
	add_other_fields(&meta);
	set_client(&meta);
	/* The first refusal counts, but what is left is understood all the same. */
	if (status == 0 && !vane__is_token(env->method))
		status = refuse(&meta, 400, "REQUEST_METHOD is no method");
	rc = set_length(&meta);
	status = status == 0 ? rc : status;
	rc = set_target(&meta);
	status = status == 0 || rc < 0 ? rc : status;
	rc = set_server(&meta);
	return status == 0 || rc < 0 ? rc : status;
}

struct vane_field *vane__meta_split(struct arena *arena, char *const *vars, size_t *count)
{
	size_t most = 0, names = 0, i;
	struct vane_field *fields;
	char *at;

	for (; vars[most] != NULL; most++)
		names += strcspn(vars[most], "=") + 1;
	fields = vane__arena_alloc(arena, (most + 1) * sizeof(*fields));
	at = vane__arena_alloc(arena, names + 1);
	if (fields == NULL || at == NULL)
		return NULL;
	*count = 0;
	for (i = 0; i < most; i++) {
		struct vane_slice value = vane__slice(vars[i]);
		struct vane_slice name = vane__slice_split(&value, '=');

		if (value.data == NULL)
			continue;
		memcpy(at, name.data, name.len);
		at[name.len] = '\0';
		fields[(*count)++] = (struct vane_field) { { at, name.len }, value };
		at += name.len + 1;
	}
	return fields;
}
