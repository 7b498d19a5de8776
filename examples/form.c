/* SPDX-License-Identifier: MIT */
/*
 * form.c - a form, its answer, and a cookie that counts.
 *
 *	examples/form                       and open http://127.0.0.1:8888/
 *	curl -d name=Ada http://127.0.0.1:8888/
 */
#include <stdio.h>
#include <stdlib.h>

#include <vane.h>

static int html(struct vane_response *res)
{
	return vane_response_set_field(res, "Content-Type", "text/html; charset=utf-8");
}

static int ask(struct vane_request *req, struct vane_response *res)
{
	html(res);
	return vane_response_puts(res,
		"<!doctype html><title>form</title>\n<form method=post>"
		"<input name=name> <button>Greet</button></form>\n");
}

/* How often this browser has been greeted, kept in its cookie. */
static long count(struct vane_request *req, struct vane_response *res)
{
	const char *before = vane_request_cookie(req, "greeted");
	char text[24];
	struct vane_cookie cookie = { .name = "greeted", .value = text, .http_only = true };
	long times = before != NULL ? strtol(before, NULL, 10) % 1000 + 1 : 1;

	snprintf(text, sizeof(text), "%ld", times);
	vane_response_set_cookie(res, &cookie);
	return times;
}

static int greet(struct vane_request *req, struct vane_response *res)
{
	const char *name = vane_request_form_arg(req, "name", 0);

	if (name == NULL || name[0] == '\0')
		return vane_response_send_error(res, 400, "the form has no name");
	html(res);
	vane_response_puts(res, "<!doctype html><title>form</title>\n<p>Hello, ");
	vane_response_puts_html(res, name);
	return vane_response_printf(res, "! (%ld)\n", count(req, res));
}

static const struct vane_handler form = {
	.get = ask, .post = greet, .max_body = 64 * 1024
};
static const struct vane_route routes[] = { { "/", &form }, { 0 } };

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
