/* SPDX-License-Identifier: MIT */
/*
 * debug_report.c - what the error page of debug mode shows: the stack where the error was said, the
 * routes that were tried, the request, and how to ask it again.
 */
#include "debug_report.h"

#include <stdio.h>

#include "app.h"
#include "route.h"
#include "slice.h"
#include "stack.h"

/* Not more of each than one looks at. */
#define MAX_ROWS 100

void vane__exchange_keep_stack(struct vane_exchange *x)
{
	struct vane__stack *stack;

	if (!x->opts->debug || x->req.stack != NULL)
		return;
	stack = vane__arena_alloc(&x->arena, sizeof(*stack));
	if (stack == NULL)
		return;
	vane__stack_take(stack);
	vane__stack_drop(stack, 1); /* this function */
	x->req.stack = stack;
}

static int add_pair(struct vane__debug_report *report, struct vane__pairs *pairs,
	const char *name, const char *value)
{
	if (value == NULL)
		return -ENOMEM;
	return vane__pairs_add(pairs, &report->arena, name, value, MAX_ROWS);
}

int vane__debug_place(struct buf *out, const struct vane__debug_frame *frame)
{
	const struct vane__symbol *symbol = &frame->symbol;
	int rc = vane__buf_printf(
		out, "%s", symbol->function != NULL ? symbol->function : "?");

	if (rc < 0)
		return rc;
	if (symbol->file != NULL)
		return vane__buf_printf(out, " (%s:%d)", symbol->file, symbol->line);
	if (symbol->object != NULL)
		return vane__buf_printf(
			out, " (%s+0x%zx)", symbol->object, (size_t) symbol->offset);
	return vane__buf_printf(out, " (%p)", frame->address);
}

static void find(struct vane__debug_report *report, struct vane__debug_frame *frame,
	const void *address, bool call)
{
	frame->address = address;
	vane__symbols_find(report->symbols, address, call, &frame->symbol);
}

/* The function that was called: it is not in a stack that it has left, or whose last call took its place. */
static int name_function(struct vane__debug_report *report, vane__code_fn fn)
{
	struct vane__debug_frame frame;
	struct buf text = { 0 };
	const void *address;
	int rc;

	memcpy(&address, &fn, sizeof(address));
	find(report, &frame, address, false);
	rc = vane__debug_place(&text, &frame);
	if (rc == 0)
		rc = add_pair(report, &report->request, "handler",
			vane__arena_dup(&report->arena, text.data, text.len));
	vane__buf_fini(&text);
	return rc;
}

static int add_stack(struct vane__debug_report *report, const struct vane__stack *stack)
{
	int i;

	report->frames = vane__arena_alloc(
		&report->arena, ((size_t) stack->count + 1) * sizeof(*report->frames));
	if (report->frames == NULL)
		return -ENOMEM;
	for (i = 0; i < stack->count; i++) {
		struct vane__debug_frame *frame = &report->frames[report->frame_count++];

		find(report, frame, stack->frames[i], i > 0 || !stack->exact);
		vane__debug_source(&frame->source, &report->arena, frame->symbol.file,
			frame->symbol.line);
	}
	report->stack_note = stack->count > 0
				     ? "The calls that led there, the innermost first:"
				     : "This system has no backtrace()";
	return 0;
}

static int tell_stack(struct vane__debug_report *report, const struct vane_request *req)
{
	int rc = 0;

	if (req->stack == NULL && req->called == NULL)
		return 0;
	report->symbols = vane__symbols_new();
	if (report->symbols == NULL)
		return -ENOMEM;
	report->stack_note =
		"No stack: the handler has returned the error; where it says "
		"vane_response_send_error(), or another call of Vane's fails, there is one";
	if (req->stack != NULL)
		rc = add_stack(report, req->stack);
	if (rc == 0 && req->called != NULL)
		rc = name_function(report, req->called);
	return rc;
}

/* In their order, up to the one that matched. */
static int tell_routes(struct vane__debug_report *report, const struct vane_exchange *x)
{
	const struct vane__route *route, *mine = x->req.route;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < MAX_ROWS && !report->matched; i++) {
		route = vane__router_at(x->app->router, i);
		if (route == NULL)
			break;
		rc = add_pair(report, &report->routes, route->pattern,
			route->method != NULL ? route->method : "");
		report->matched = route == mine;
	}
	return rc;
}

static int tell_request(struct vane__debug_report *report, const struct vane_exchange *x)
{
	const struct vane_request *req = &x->req;
	int64_t len = req->body.len > 0 ? req->body.len : req->env.body_length;
	char body[64];
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "method", vane_request_method(req) },
		{ "target",
			vane__debug_mask_target(&report->arena, vane_request_target(req)) },
		{ "version", vane_request_version(req) },
		{ "route", req->route != NULL ? req->route->pattern : "none" },
		{ "mode", x->driver->mode },
		{ "client", vane_request_remote_addr(req) },
		{ "body", body },
	};
	size_t i;
	int rc = 0;

	if (len < 0)
		snprintf(body, sizeof(body), "of unknown length");
	else
		snprintf(body, sizeof(body), "%lld bytes", (long long) len);
	for (i = 0; i < ARRAY_SIZE(rows) && rc == 0; i++)
		rc = add_pair(report, &report->request, rows[i].name,
			rows[i].value == body
				? vane__arena_dup(&report->arena, body, strlen(body))
				: rows[i].value);
	return rc;
}

static int tell_fields(struct vane__debug_report *report, const struct vane_request *req)
{
	const char *name, *value;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < MAX_ROWS && vane_request_field_at(req, i, &name, &value);
		i++)
		rc = add_pair(report, &report->fields, name,
			vane__debug_mask_field(&report->arena, name, value));
	return rc;
}

int vane__debug_report_init(struct vane__debug_report *report,
	const struct vane_exchange *x, int status, const char *why)
{
	int rc;

	*report = (struct vane__debug_report) { .why = why };
	rc = tell_request(report, x);
	if (rc == 0 && status >= 500)
		rc = tell_stack(report, &x->req);
	if (rc == 0)
		rc = tell_routes(report, x);
	if (rc == 0)
		rc = tell_fields(report, &x->req);
	if (rc < 0)
		return rc;
	report->curl = vane__debug_curl(&report->arena, x);
	return report->curl != NULL ? 0 : -ENOMEM;
}

void vane__debug_report_fini(struct vane__debug_report *report)
{
	vane__symbols_free(report->symbols);
	vane__arena_fini(&report->arena);
}
