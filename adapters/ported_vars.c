/* SPDX-License-Identifier: MIT */
/*
 * ported_vars.c - the CGI variables of a request that a ported program answers.
 *
 * What they are is lib/wire/cgi_vars_request.c's business.
 */
#include <errno.h>
#include <vane/request.h>

#include "ported.h"

static struct vane__cgi_request describe(struct vane_request *req)
{
	int64_t length = vane_request_body_length(req);
	bool body = length > 0 || vane_request_field(req, "content-length") != NULL;

	return (struct vane__cgi_request) {
		.method = vane_request_method(req),
		.target = vane_request_target(req),
		.query = vane_request_query(req),
		.version = vane_request_version(req),
		.scheme = vane_request_scheme(req),
		.host = vane_request_host(req),
		.server_name = vane_request_server_name(req),
		.server_addr = vane_request_server_addr(req),
		.remote_addr = vane_request_remote_addr(req),
		.remote_user = vane_request_remote_user(req),
		.auth_type = vane_request_param(req, "AUTH_TYPE"),
		.content_type = vane_request_field(req, "content-type"),
		.body_length = body ? length : -1,
		.server_port = vane_request_server_port(req),
		.remote_port = vane_request_remote_port(req),
	};
}

static int add_fields(struct vane__vars *vars, struct vane_request *req,
	const struct vane__cgi_request *request)
{
	const char *name, *value;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && vane_request_field_at(req, i, &name, &value); i++) {
		value = vane_request_field(req, name);
		rc = value != NULL ? vane__vars_add_field(vars, request, name, value)
				   : -ENOMEM;
	}
	return rc;
}

static int add_params(struct vane__vars *vars, struct vane_request *req)
{
	const char *name, *value;
	size_t count = 0;
	int rc = 0;

	while (vane_request_param_at(req, count, &name, &value))
		count++;
	while (rc == 0 && count-- > 0) {
		vane_request_param_at(req, count, &name, &value);
		rc = vane__vars_add_param(vars, name, value);
	}
	return rc;
}

/* How much of the path stands before what the argument "path" matched and its slash. */
static size_t prefix_length(struct vane_request *req)
{
	const char *whole = vane_request_path(req),
		   *arg = vane_request_path_arg(req, "path");
	size_t len = strlen(whole), arg_len = arg != NULL ? strlen(arg) : 0;

	if (arg == NULL || arg_len > len || strcmp(whole + len - arg_len, arg) != 0)
		return len;
	len -= arg_len;
	return len > 0 && whole[len - 1] == '/' ? len - 1 : len;
}

/* SCRIPT_NAME into the buffer: the mount, and the part of the path that names the program. */
static int script_name(struct vane_request *req, size_t prefix, struct buf *name)
{
	int rc = vane__buf_add_slice(name, vane__slice(vane_request_mount(req)));

	if (rc == 0)
		rc = vane__buf_add(name, vane_request_path(req), prefix);
	return rc == 0 ? vane__buf_add(name, "", 1) : rc;
}

int vane__ported_variables(struct vane__ported *ported, struct vane_request *req)
{
	struct vane__cgi_request request = describe(req);
	size_t prefix = prefix_length(req);
	struct buf name = { 0 };
	int rc = script_name(req, prefix, &name);

	if (rc == 0)
		rc = vane__vars_add_request(&ported->vars, &request,
			&(struct vane__location) { .script_name = name.data,
				.path_info = vane_request_path(req) + prefix,
				.script_filename =
					vane_request_param(req, "SCRIPT_FILENAME") });
	vane__buf_fini(&name);
	if (rc == 0)
		rc = add_fields(&ported->vars, req, &request);
	if (rc == 0)
		rc = add_params(&ported->vars, req);
	if (rc == 0 && vane__vars_environ(&ported->vars) == NULL)
		rc = -ENOMEM;
	/* libfcgi's are writable. */
	ported->request.envp = (char **) (void *) ported->vars.envp.data;
	return rc;
}
