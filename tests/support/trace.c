/* SPDX-License-Identifier: MIT */
/*
 * trace.c - which functions of a handler have run, one letter each
 */
#include "trace.h"

#include <string.h>

void trace_note(struct vane_request *req, const char *what)
{
	struct trace *trace = vane_request_data(req);

	strcat(trace->text, what);
}

void trace_finished(struct vane_request *req)
{
	trace_note(req, "f");
}

int trace_never(struct vane_request *req, struct vane_response *res, void *data)
{
	trace_note(req, "!");
	return 0;
}
