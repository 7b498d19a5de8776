/* SPDX-License-Identifier: MIT */
/*
 * trace.h - which functions of a handler have run, one letter each.
 */
#ifndef VANE_TEST_TRACE_H
#define VANE_TEST_TRACE_H

#include <vane/request.h>
#include <vane/response.h>

/* The data of a route whose handler leaves one. */
struct trace {
	char text[64];
};

void trace_note(struct vane_request *req, const char *what);

/* For .finished: "f". */
void trace_finished(struct vane_request *req);

/* For a timer that does not fire: "!". */
int trace_never(struct vane_request *req, struct vane_response *res, void *data);

#endif
