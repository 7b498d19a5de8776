/* SPDX-License-Identifier: MIT */
/*
 * cgi_vars_request.c - what meta-variables say of a request (RFC 3875, 4.1).
 */
#include <strings.h>

#include "cgi_vars.h"

static bool given(const char *text)
{
	return text != NULL && *text != '\0';
}

static int add_given(struct vane__vars *vars, const char *name, const char *value)
{
	return given(value) ? vane__vars_add(vars, name, value) : 0;
}

/* A number from 0 on. */
static int add_number(struct vane__vars *vars, const char *name, int64_t number)
{
	char text[24];
	size_t at = sizeof(text) - 1;

	text[at] = '\0';
	do
		text[--at] = (char) ('0' + number % 10);
	while ((number /= 10) > 0);
	return vane__vars_add(vars, name, text + at);
}

bool vane__path_climbs(const char *path)
{
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if ((len == 1 && path[0] == '.') ||
			(len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		path += len;
		path += *path == '/';
	}
	return false;
}

/*
 * PATH_TRANSLATED: the file that PATH_INFO would be.  Left out where that leads out of the
 * document root, since there are scripts that open it.
 */
static int add_translated(struct vane__vars *vars, const struct vane__location *at)
{
	struct buf path = { 0 };
	int rc;

	if (!given(at->path_info) || at->document_root == NULL ||
		vane__path_climbs(at->path_info))
		return 0;
	rc = vane__buf_add_slice(&path, vane__slice(at->document_root));
	if (rc == 0)
		rc = vane__buf_add(&path, at->path_info, strlen(at->path_info) + 1);
	if (rc == 0)
		rc = vane__vars_add(vars, "PATH_TRANSLATED", path.data);
	vane__buf_fini(&path);
	return rc;
}

/* Where the script is.  A root that is "/" itself is "" for us. */
static int add_location(struct vane__vars *vars, const struct vane__location *at)
{
	const char *root = at->document_root;
	int rc = vane__vars_add(vars, "SCRIPT_NAME", at->script_name);

	if (rc == 0)
		rc = add_given(vars, "SCRIPT_FILENAME", at->script_filename);
	if (rc == 0)
		rc = add_given(vars, "PATH_INFO", at->path_info);
	if (rc == 0)
		rc = add_translated(vars, at);
	if (rc == 0 && root != NULL)
		rc = vane__vars_add(vars, "DOCUMENT_ROOT", *root != '\0' ? root : "/");
	return rc;
}

/* What was asked. */
static int add_target(struct vane__vars *vars, const struct vane__cgi_request *request)
{
	const char *query = request->query;
	int rc = vane__vars_add(vars, "REQUEST_METHOD", request->method);

	if (rc == 0)
		rc = vane__vars_add(vars, "REQUEST_URI", request->target);
	if (rc == 0)
		rc = vane__vars_add(vars, "QUERY_STRING", query != NULL ? query : "");
	return rc;
}

/* What it was asked of.  php-cgi wants REDIRECT_STATUS, or answers nothing. */
static int add_server(struct vane__vars *vars, const struct vane__cgi_request *request)
{
	int rc = vane__vars_add(vars, "SERVER_SOFTWARE", "vane/" VANE_VERSION);

	if (rc == 0)
		rc = vane__vars_add(vars, "GATEWAY_INTERFACE", "CGI/1.1");
	if (rc == 0)
		rc = vane__vars_add(vars, "SERVER_PROTOCOL", request->version);
	if (rc == 0)
		rc = vane__vars_add(vars, "SERVER_NAME", request->server_name);
	if (rc == 0)
		rc = add_number(vars, "SERVER_PORT", request->server_port);
	if (rc == 0)
		rc = add_given(vars, "SERVER_ADDR", request->server_addr);
	if (rc == 0)
		rc = vane__vars_add(vars, "REQUEST_SCHEME", request->scheme);
	if (rc == 0 && strcmp(request->scheme, "https") == 0)
		rc = vane__vars_add(vars, "HTTPS", "on");
	if (rc == 0)
		rc = vane__vars_add(vars, "REDIRECT_STATUS", "200");
	return rc;
}

/*
 * Who asks.  REMOTE_HOST may be the address (4.1.9), and REMOTE_ADDR is empty for a client
 * on a unix socket, which has none.
 */
static int add_client(struct vane__vars *vars, const struct vane__cgi_request *request)
{
	int rc = vane__vars_add(vars, "REMOTE_ADDR", request->remote_addr);

	if (rc == 0)
		rc = vane__vars_add(vars, "REMOTE_HOST", request->remote_addr);
	if (rc == 0 && request->remote_port > 0)
		rc = add_number(vars, "REMOTE_PORT", request->remote_port);
	if (rc == 0)
		rc = add_given(vars, "REMOTE_USER", request->remote_user);
	if (rc == 0)
		rc = add_given(vars, "AUTH_TYPE", request->auth_type);
	return rc;
}

/* The body, if there is one, be it one of no bytes. */
static int add_body(struct vane__vars *vars, const struct vane__cgi_request *request)
{
	int rc = 0;

	if (request->body_length >= 0)
		rc = add_number(vars, "CONTENT_LENGTH", request->body_length);
	if (rc == 0)
		rc = add_given(vars, "CONTENT_TYPE", request->content_type);
	return rc;
}

int vane__vars_add_request(struct vane__vars *vars, const struct vane__cgi_request *request,
	const struct vane__location *at)
{
	int rc = add_location(vars, at);

	if (rc == 0)
		rc = add_target(vars, request);
	if (rc == 0)
		rc = add_server(vars, request);
	if (rc == 0)
		rc = add_client(vars, request);
	return rc == 0 ? add_body(vars, request) : rc;
}

/* What a field's name may be made of to become a variable. */
static const bool letters[256] = {
	['-'] = true,
	['0' ... '9'] = true,
	['A' ... 'Z'] = true,
	['a' ... 'z'] = true,
};

/* Whether a field becomes a variable. */
static bool is_variable(const char *name)
{
	const char *end = name;

	while (letters[(unsigned char) *end])
		end++;
	return *name != '\0' && *end == '\0' && strcasecmp(name, "proxy") != 0 &&
	       strcasecmp(name, "content-type") != 0 &&
	       strcasecmp(name, "content-length") != 0;
}

/* The host that was asked counts, where the target had another one (RFC 9112, 3.2.2). */
static const char *host_field(const char *host, const char *field)
{
	return given(host) && strcasecmp(host, field) != 0 ? host : field;
}

int vane__vars_add_field(struct vane__vars *vars, const struct vane__cgi_request *request,
	const char *name, const char *value)
{
	if (!is_variable(name))
		return 0;
	if (strcasecmp(name, "host") == 0)
		value = host_field(request->host, value);
	return vane__vars_put_http(vars, name, value);
}

/*
 * What the front server says of what is ours to say, or to leave out: where the script is, what
 * the body is, and what the fields were.
 */
static bool is_ours(const char *name)
{
	static const char *const names[] = { "SCRIPT_NAME", "SCRIPT_FILENAME", "PATH_INFO",
		"PATH_TRANSLATED", "CONTENT_LENGTH", "CONTENT_TYPE", "HTTPS", "REMOTE_ADDR",
		"REMOTE_PORT", "REMOTE_USER", "AUTH_TYPE", "Authorization",
		"REDIRECT_HTTP_AUTHORIZATION", "FCGI_ROLE", "SCGI" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "HTTP_", 5) == 0;
}

int vane__vars_add_param(struct vane__vars *vars, const char *name, const char *value)
{
	if (is_ours(name) || vane__vars_get(vars, name) != NULL)
		return 0;
	return vane__vars_add(vars, name, value);
}
