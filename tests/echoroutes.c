/* SPDX-License-Identifier: MIT */
/*
 * echoroutes.c - the table of the application under test, and the handlers that misbehave,
 * refuse, or answer later.
 */
#include "config.h" /* for VANE_WITH_FASTCGI and VANE_WITH_JANSSON */

#include "echoroutes.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <vane/request.h>
#include <vane/response.h>

#include "echofilter.h"
#include "echoflow.h"
#ifdef VANE_WITH_FASTCGI
#include "echoported.h"
#endif
#include "echoreq.h"
#include "echores.h"
#include "echotypes.h"

static void plain(struct vane_response *res)
{
	vane_response_set_field(res, "Content-Type", "text/plain; charset=utf-8");
}

/* Errors */

static int eio_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_puts(res, "never to be seen");
	return -EIO;
}

static int error_get(struct vane_request *req, struct vane_response *res)
{
	return vane_response_send_error(res, 503, "the %s is out", "cat");
}

/* The head is out before it fails: nothing but a cut connection can say so. */
static int cut_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_puts(res, "the beginning\n");
	vane_response_flush(res);
	return 500;
}

static int less_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_set_field(res, "Content-Length", "100");
	return vane_response_puts(res, "ten bytes\n");
}

static int more_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_set_field(res, "Content-Length", "10");
	vane_response_puts(res, "ten bytes\n");
	return vane_response_puts(res, "more") == -EMSGSIZE ? 0 : 500;
}

static int exact_get(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_set_field(res, "Content-Length", "10");
	vane_response_puts(res, "ten ");
	vane_response_flush(res);
	return vane_response_puts(res, "bytes\n");
}

static int late_get(struct vane_request *req, struct vane_response *res)
{
	int rc;

	plain(res);
	vane_response_puts(res, "first\n");
	vane_response_flush(res);
	if (!vane_response_head_sent(res))
		return -EPROTO;
	rc = vane_response_send_error(res, 500, "too late");
	return rc == -EALREADY ? 0 : 500;
}

static const struct vane_handler eio = { .get = eio_get };
static const struct vane_handler error = { .get = error_get };
static const struct vane_handler cut = { .get = cut_get };
static const struct vane_handler less = { .get = less_get };
static const struct vane_handler more = { .get = more_get };
static const struct vane_handler exact = { .get = exact_get };
static const struct vane_handler late = { .get = late_get };

/* Methods */

static int say_method(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	vane_response_add_field(res, "X-Method", vane_request_method(req));
	return vane_response_printf(res, "%s\n", vane_request_method(req));
}

static int say_own(struct vane_request *req, struct vane_response *res)
{
	vane_response_add_field(res, "X-Own", "yes");
	return say_method(req, res);
}

static const struct vane_handler get_only = { .get = say_method };
static const struct vane_handler post_only = { .post = say_method };
static const struct vane_handler any_method = { .any = say_method };
static const struct vane_handler each_method = {
	.get = say_method,
	.head = say_own,
	.post = say_method,
	.put = say_method,
	.patch = say_method,
	.del = say_method,
	.options = say_own,
};
static const struct vane_handler no_method = { 0 };

/* Preparing */

static int guard_prepare(struct vane_request *req, struct vane_response *res)
{
	const char *key = vane_request_query_arg(req, "key", 0);

	if (key == NULL)
		return 403;
	if (key[0] != 'x')
		return 0;
	plain(res);
	vane_response_puts(res, "answered by prepare\n");
	return vane_response_finish(res);
}

static const struct vane_handler guard = { .prepare = guard_prepare, .get = say_method };

/* Later */

static int later_fire(struct vane_request *req, struct vane_response *res, void *data)
{
	plain(res);
	vane_response_puts(res, "later\n");
	return vane_response_finish(res);
}

static int later_get(struct vane_request *req, struct vane_response *res)
{
	int rc = vane_request_after(req, 5, later_fire, NULL);

	return rc < 0 ? rc : vane_response_defer(res);
}

/* Does not say that it needs to, and has no timer that could finish it in every mode. */
static int undeclared_get(struct vane_request *req, struct vane_response *res)
{
	if (vane_request_can(req, VANE_CAP_TIMERS))
		vane_request_after(req, 1, later_fire, NULL);
	return vane_response_defer(res);
}

static int in_time_get(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	plain(res);
	vane_response_puts(res, "in time\n");
	return vane_response_finish(res);
}

static int nothing(struct vane_request *req, struct vane_response *res, void *data)
{
	return 0;
}

static int honest_get(struct vane_request *req, struct vane_response *res)
{
	int expected = vane_request_can(req, VANE_CAP_TIMERS) ? 0 : -ENOTSUP;

	plain(res);
	return vane_response_puts(
		res, vane_request_after(req, 1000, nothing, NULL) == expected ? "honest\n"
									      : "a lie\n");
}

/* Holds up its process, and says so. */
static int block_get(struct vane_request *req, struct vane_response *res)
{
	unsigned long msec = strtoul(vane_request_arg_or(req, "msec", "0"), NULL, 10);

	if (msec > 1000)
		return 400;
	poll(NULL, 0, (int) msec);
	plain(res);
	return vane_response_puts(res, "blocked\n");
}

static const struct vane_handler block = { .get = block_get, .blocking = true };

#define LATER_NEEDS (VANE_CAP_ASYNC | VANE_CAP_TIMERS)

static const struct vane_handler later = { .get = later_get, .needs = LATER_NEEDS };
static const struct vane_handler undeclared = { .get = undeclared_get };
static const struct vane_handler in_time = { .get = in_time_get };
static const struct vane_handler honest = { .get = honest_get };

static const struct vane_route body_routes[] = {
	VANE_ROUTE("/big/{bytes:[0-9]+}", &echo_big),
	VANE_ROUTE("/file/{bytes:[0-9]+}", &echo_file),
	VANE_ROUTE("/source/{bytes:[0-9]+}", &echo_source),
	VANE_ROUTE("/status/{code:[0-9]+}", &echo_status),
	VANE_ROUTE("/stream/{n:[0-9]+}", &echo_stream),
	VANE_END,
};

static const struct vane_route inner_routes[] = {
	VANE_GET("/method", say_method),
	VANE_END,
};

static const struct vane_route apart_routes[] = {
	VANE_ROUTE("/arg", &echo_arg),
	VANE_GROUP("/inner", echo_inner, inner_routes),
	VANE_GET("/method", say_method),
	VANE_END,
};

static const struct vane_route group_routes[] = {
	VANE_GET("", say_method),
	VANE_POST("", say_own),
	VANE_ROUTE("/echo", &echo_body),
	VANE_ROUTE("/later", &later),
	VANE_GROUP("/loud", echo_loud, body_routes),
	VANE_ROUTE("/raw", &echo_raw),
	VANE_GET("/shut", say_method),
	VANE_ROUTE("/status/{code:[0-9]+}", &echo_status),
	VANE_ROUTE("/stream/{n:[0-9]+}", &echo_stream),
	VANE_END,
};

static int say_id(struct vane_request *req, struct vane_response *res)
{
	plain(res);
	return vane_response_printf(res, "%s\n", vane_request_id(req));
}

static const struct vane_route safe_routes[] = {
	VANE_GET("", say_id),
	VANE_ROUTE("/stream/{n:[0-9]+}", &echo_stream),
	VANE_END,
};

const struct vane_route echo_routes[] = {
	{ "/", &echo_root },
	{ "/accept", &echo_accept },
	{ "/accept-language", &echo_accept_language },
	{ "/all/{x}/{y}", &echo_all },
	VANE_GROUP("/apart", echo_apart, apart_routes),
	{ "/arg", &echo_arg },
	{ "/arg/{a}", &echo_arg },
	{ "/big/{bytes:[0-9]+}", &echo_big },
	{ "/block/{msec:[0-9]+}", &block },
	{ "/caf\xc3\xa9", &get_only },
	{ "/cookie", &echo_cookie },
	{ "/deep/{x:(?:[a-z0-9]|/)*}", &get_only },
	{ "/deep/{x:.*}", &post_only },
	{ "/drain/{bytes:[0-9]+}", &echo_drain },
	{ "/echo", &echo_body },
	{ "/empty", &echo_empty },
	{ "/env", &echo_env },
	{ "/env/{rest:.*}", &echo_env },
	{ "/etag", &echo_etag },
	{ "/fail/cut", &cut },
	{ "/fail/eio", &eio },
	{ "/fail/error", &error },
	{ "/fail/late", &late },
	{ "/fail/less", &less },
	{ "/fail/more", &more },
	{ "/fail/exact", &exact },
	{ "/fields/{n:[0-9]+}", &echo_fields },
	{ "/file/{bytes:[0-9]+}", &echo_file },
	{ "/flow", &echo_flow },
	{ "/flow/small", &echo_flow_small },
	{ "/form", &echo_form },
	{ "/forward", &echo_forward },
	VANE_GROUP("/group", echo_gate, group_routes),
	{ "/guard", &guard },
	{ "/headers", &echo_headers },
	{ "/honest", &honest },
	{ "/html", &echo_html },
	{ "/in-time", &in_time },
	{ "/item/{id:[0-9]+}/{rest}", &echo_item, .name = "item" },
#ifdef VANE_WITH_JANSSON
	{ "/jansson", &echo_jansson },
#endif
	{ "/json", &echo_json },
	{ "/json/{end}", &echo_json },
	{ "/later", &later },
	{ "/len", &echo_len },
	{ "/long-field/{n:[0-9]+}", &echo_long_field },
	{ "/memory", &echo_memory },
	{ "/method/any", &any_method },
	{ "/method/each", &each_method },
	{ "/method/get", &get_only },
	{ "/method/none", &no_method },
	{ "/method/post", &post_only },
	{ "/modified", &echo_modified },
	{ "/more-cookies", &echo_more_cookies },
#ifdef VANE_WITH_FASTCGI
	{ "/ported/big/{path:[0-9]+}", &vane_fcgx_handler, .data = &ported_big },
	{ "/ported/big-spooled/{path:[0-9]+}", &vane_fcgx_handler,
		.data = &ported_big_spooled },
	{ "/ported/echo", &vane_fcgx_handler, .data = &ported_echo },
	{ "/ported/env", &vane_fcgx_handler, .data = &ported_env },
	{ "/ported/env/{path:.*}", &vane_fcgx_handler, .data = &ported_env },
	{ "/ported/flush", &vane_fcgx_handler, .data = &ported_flush },
	{ "/ported/head", &vane_fcgx_handler, .data = &ported_head },
	{ "/ported/location", &vane_fcgx_handler, .data = &ported_location },
	{ "/ported/none", &vane_fcgx_handler, .data = &ported_none },
	{ "/ported/stdio", &vane_fcgx_handler, .data = &ported_stdio },
#endif
	{ "/query-error", &echo_query_error },
	{ "/raw", &echo_raw },
	{ "/read", &echo_read },
	{ "/redirect/{code:[0-9]+}", &echo_redirect },
	{ "/ref", &echo_ref },
	{ "/refused", &echo_refused },
	VANE_GROUP("/safe", echo_safe, safe_routes),
	{ "/save", &echo_save },
	{ "/set-cookies", &echo_set_cookies },
	VANE_GROUP("/shared", echo_shared, body_routes),
	{ "/small", &echo_small },
	{ "/source/{bytes:[0-9]+}", &echo_source },
	{ "/static/{path:.*}", &echo_static },
	{ "/status/{code:[0-9]+}", &echo_status },
	{ "/steps/{x:(?:[a-z]+)+}", &get_only },
	{ "/steps/{x:.*}", &post_only },
	{ "/stream/{n:[0-9]+}", &echo_stream },
	{ "/spring/{bytes:[0-9]+}", &echo_spring },
	{ "/take", &echo_take },
	{ "/type", &echo_type },
	{ "/undeclared", &undeclared },
	{ "/typed", &echo_typed },
	{ "/upload", &echo_upload },
	{ "/url", &echo_url },
	{ "/wait/{n:[0-9]+}", &echo_wait },
	{ 0 },
};
