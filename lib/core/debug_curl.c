/* SPDX-License-Identifier: MIT */
/*
 * debug_curl.c - a request as a command for a shell, which asks the same again with curl(1).
 *
 * Secrets are masked there too, as pages are shown to others and sent around; a body is to be put
 * into a file.
 */
#include "debug_report.h"

#include <strings.h>

#include "slice.h"

/* What curl says of itself, or what is of the connection. */
static const char *const left_out[] = { "host", "content-length", "transfer-encoding",
	"connection", "keep-alive", "te", "trailer", "upgrade", "expect",
	"proxy-connection" };

static bool is_left_out(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(left_out); i++)
		if (strcasecmp(name, left_out[i]) == 0)
			return true;
	return false;
}

/* Within single quotes a shell takes all as it is but the quote itself. */
static int add_quoted(struct buf *out, const char *text)
{
	int rc = 0;

	for (; *text != '\0' && rc == 0; text++)
		rc = *text == '\'' ? vane__buf_printf(out, "'\\''")
				   : vane__buf_add(out, text, 1);
	return rc;
}

/* Field for field; "Name;" is how curl is told to send an empty one. */
static int add_field(
	struct buf *out, struct arena *arena, const char *name, const char *value)
{
	const char *masked = vane__debug_mask_field(arena, name, value);
	int rc = masked != NULL ? vane__buf_printf(out, " \\\n  -H '") : -ENOMEM;

	if (rc == 0)
		rc = add_quoted(out, name);
	if (rc == 0)
		rc = vane__buf_printf(out, masked[0] != '\0' ? ": " : ";");
	if (rc == 0)
		rc = add_quoted(out, masked);
	return rc < 0 ? rc : vane__buf_printf(out, "'");
}

static int add_fields(struct buf *out, struct arena *arena, const struct vane_request *req)
{
	const char *name, *value;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && vane_request_field_at(req, i, &name, &value); i++)
		if (!is_left_out(name))
			rc = add_field(out, arena, name, value);
	return rc;
}

static int add_method(struct buf *out, const struct vane_request *req)
{
	int rc;

	if (req->method == VANE__GET)
		return 0;
	if (req->method == VANE__HEAD)
		return vane__buf_printf(out, " --head");
	rc = vane__buf_printf(out, " -X '");
	if (rc == 0)
		rc = add_quoted(out, vane_request_method(req));
	return rc < 0 ? rc : vane__buf_printf(out, "'");
}

/* A target in the form of a proxy has scheme and host itself. */
static int add_url(struct buf *out, struct arena *arena, const struct vane_request *req)
{
	const char *target = vane__debug_mask_target(arena, vane_request_target(req));
	const char *host = vane_request_host(req);
	int rc = target != NULL ? vane__buf_printf(out, " '") : -ENOMEM;

	if (rc == 0 && target[0] == '/') {
		rc = vane__buf_printf(out, "%s://", vane_request_scheme(req));
		if (rc == 0)
			rc = add_quoted(out, host[0] != '\0' ? host : "localhost");
	}
	if (rc == 0)
		rc = add_quoted(out, target);
	return rc < 0 ? rc : vane__buf_printf(out, "'");
}

static int add_command(struct buf *out, struct arena *arena, const struct vane_exchange *x)
{
	bool body = x->req.env.body_length != 0;
	/* -g: brackets are themselves; and dots in the path are for the server */
	int rc = vane__buf_printf(out, "curl -ig --path-as-is");

	if (rc == 0)
		rc = add_method(out, &x->req);
	if (rc == 0)
		rc = add_url(out, arena, &x->req);
	if (rc == 0)
		rc = add_fields(out, arena, &x->req);
	if (rc == 0 && body)
		rc = vane__buf_printf(out, " \\\n  --data-binary @body");
	return rc;
}

const char *vane__debug_curl(struct arena *arena, const struct vane_exchange *x)
{
	struct buf out = { 0 };
	const char *text = NULL;

	if (add_command(&out, arena, x) == 0)
		text = vane__arena_dup(arena, out.data, out.len);
	vane__buf_fini(&out);
	return text;
}
