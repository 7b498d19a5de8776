/* SPDX-License-Identifier: MIT */
/*
 * vars_request.c - the meta-variables of a request that a foreign program is to answer.
 *
 * What they are is lib/wire/cgi_vars_request.c's business.
 */
#include "vars_request.h"

#include <vane/request.h>

static struct vane__cgi_request describe(struct vane_request *req, int64_t body_length)
{
	bool body = body_length > 0 || vane_request_field(req, "content-length") != NULL;

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
		.body_length = body ? body_length : -1,
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

/* What else the front server has set for the script: GIT_PROJECT_ROOT, SSL_CLIENT_S_DN. */
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

int vane__vars_request(struct vane__vars *vars, struct vane_request *req,
	const struct vane__location *at, int64_t body_length)
{
	struct vane__cgi_request request = describe(req, body_length);
	int rc = vane__vars_add_request(vars, &request, at);

	if (rc == 0)
		rc = add_fields(vars, req, &request);
	return rc == 0 ? add_params(vars, req) : rc;
}
