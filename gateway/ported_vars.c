/* SPDX-License-Identifier: MIT */
/*
 * ported_vars.c - the CGI variables of a request that a ported program answers: where it is.
 *
 * The rest is vars_request.c's business.
 */
#include <errno.h>
#include <vane/request.h>

#include "ported.h"
#include "vars_request.h"

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
	size_t prefix = prefix_length(req);
	struct buf name = { 0 };
	int rc = script_name(req, prefix, &name);

	if (rc == 0)
		rc = vane__vars_request(&ported->vars, req,
			&(struct vane__location) { .script_name = name.data,
				.path_info = vane_request_path(req) + prefix,
				.script_filename =
					vane_request_param(req, "SCRIPT_FILENAME") },
			vane_request_body_length(req));
	vane__buf_fini(&name);
	if (rc == 0 && vane__vars_environ(&ported->vars) == NULL)
		rc = -ENOMEM;
	/* libfcgi's are writable. */
	ported->request.envp = (char **) (void *) ported->vars.envp.data;
	return rc;
}
