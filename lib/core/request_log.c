/* SPDX-License-Identifier: MIT */
/*
 * request_log.c - what a handler has to say of a request, in our log and in the front's.
 */
#include <vane/request.h>

#include <stdio.h>

#include <vane/log.h>

#include "exchange.h"
#include "log_escape.h"

/* As much of a line as the log takes. */
#define LINE_BYTES 4096

/* Give it to the front, whose own line says which request it is. */
static void tell_front(struct vane_exchange *x, const char *line)
{
	struct vane_slice slice = { line, strlen(line) };

	if (x->driver->log != NULL && !x->aborted && vane_exchange_running(x))
		x->driver->log(x->carrier, &slice);
}

void vane_request_log(
	struct vane_request *req, enum vane_log_level level, const char *fmt, ...)
{
	char line[LINE_BYTES], safe[LINE_BYTES], tag[VANE__TAG_ROOM];
	va_list args;
	size_t len;

	if (vane__req_no_text(req, __func__, fmt) || level == VANE_LOG_NONE ||
		!vane_log_wanted(level))
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	len = strlen(line);
	if (len > 0 && line[len - 1] == '\n')
		line[len - 1] = '\0';
	vane_log(level, "%s %.800s (%s) route %s%s: %s", vane_request_method(req),
		vane_request_path(req), vane__request_peer(req), vane_request_route(req),
		vane__request_tag(req, tag), line);
	vane__log_escape(safe, sizeof(safe), line);
	tell_front(vane__req_exchange(req), safe);
}
