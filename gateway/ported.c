/* SPDX-License-Identifier: MIT */
/*
 * ported.c - a handler for code that was written against libfcgi.
 */
#include "config.h"     /* for environ */
#define NO_FCGI_DEFINES /* stdio stays what it is here */

#include <vane/fcgx.h>

#include <errno.h>
#include <fcgi_stdio.h>
#include <unistd.h>
#include <vane/log.h>
#include <vane/request.h>
#include <vane/response.h>

#include "limit.h"
#include "ported.h"

#define ERROR_BYTES (64 * 1024)
#define SPOOL_BYTES (INT64_C(1024) * 1024 * 1024)

int vane__ported_fill(struct vane_fcgx_program *p)
{
	const struct vane__limit limits[] = {
		{ "vane_fcgx_program.max_error_bytes", &p->max_error_bytes, ERROR_BYTES },
		{ "vane_fcgx_program.max_spool_bytes", &p->max_spool_bytes, SPOOL_BYTES },
	};

	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

/* stdin, stdout and stderr of fcgi_stdio.h are the request's while the function runs. */
static int run_stdio(const struct vane_fcgx_program *program, FCGX_Request *request)
{
	FCGI_FILE before[3] = { _fcgi_sF[0], _fcgi_sF[1], _fcgi_sF[2] };
	int rc;

	_fcgi_sF[0] = (FCGI_FILE) { .fcgx_stream = request->in };
	_fcgi_sF[1] = (FCGI_FILE) { .fcgx_stream = request->out };
	_fcgi_sF[2] = (FCGI_FILE) { .fcgx_stream = request->err };
	environ = request->envp;
	rc = program->answer_stdio();
	memcpy(_fcgi_sF, before, sizeof(before));
	return rc;
}

/* The environment is given back also to who has set it by himself. */
static int run(const struct vane_fcgx_program *program, FCGX_Request *request)
{
	char **before = environ;
	int rc = program->answer != NULL ? program->answer(request)
					 : run_stdio(program, request);

	environ = before;
	return rc;
}

static int answer_with(struct vane__ported *ported, const struct vane_fcgx_program *program)
{
	int rc = run(program, &ported->request);

	vane__ported_close(ported);
	if (rc == -1)
		vane_request_log(ported->log.req, VANE_LOG_WARNING,
			"the function has returned -1, EPERM: 0 is success, and FCGX_Accept_r() "
			"is not called");
	if (ported->exit_status != 0)
		vane_request_log(ported->log.req, VANE_LOG_WARNING, "exit status %d",
			ported->exit_status);
	return rc == 0 ? vane__ported_out_end(&ported->out) : rc;
}

static int answer(struct vane_request *req, struct vane_response *res)
{
	const struct vane_fcgx_program *program = vane_request_data(req);
	struct vane__ported ported = { .exit_status = 0 };
	struct vane_fcgx_program filled;
	int rc;

	if (program == NULL || (program->answer == NULL) == (program->answer_stdio == NULL))
		return vane_response_send_error(res, 500,
			"%s: its .data is no struct vane_fcgx_program with one function",
			vane_request_route(req));
	filled = *program;
	rc = vane__ported_fill(&filled);
	if (rc < 0)
		return rc;
	ported.log.req = req;
	ported.log.left = filled.max_error_bytes;
	vane__ported_out_init(&ported.out, req, res, filled.max_spool_bytes);
	rc = vane__ported_open(&ported);
	if (rc == 0)
		rc = vane__ported_variables(&ported, req);
	if (rc == 0)
		rc = answer_with(&ported, program);
	else
		vane__ported_close(&ported);
	vane__vars_fini(&ported.vars);
	vane__ported_out_fini(&ported.out);
	return rc;
}

const struct vane_handler vane_fcgx_handler = { .any = answer, .blocking = true };
