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

static int begin_page(struct vane_response *res)
{
	vane_response_set_type(res, "text/html");
	return vane_response_puts(res,
		"<!doctype html>\n<html lang=en>\n<title>form</title>\n"
		"<meta name=viewport content='width=device-width, initial-scale=1'>\n"
		"<meta name=color-scheme content='light dark'>\n"
		"<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:12vh auto;"
		"padding:0 1.5rem}input,button{font:inherit;max-width:100%}</style>\n");
}

static int ask(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	begin_page(res);
	return vane_response_puts(res,
		"<form method=post><input name=name aria-label=name> <button>Greet</button></form>\n");
}

/* How often this browser has been greeted, kept in its cookie. */
static long count(struct vane_request *req, struct vane_response *res)
{
	const char *before = vane_request_cookie(req, "greeted");
	long times = before != NULL ? strtol(before, NULL, 10) % 1000 + 1 : 1;
	struct vane_cookie cookie = VANE_DEFAULTS;
	char text[24];

	snprintf(text, sizeof(text), "%ld", times);
	cookie.name = "greeted";
	cookie.value = text;
	cookie.http_only = true;
	vane_response_set_cookie(res, &cookie);
	return times;
}

static int greet(struct vane_request *req, struct vane_response *res)
{
	const char *name;
	int rc = vane_request_require_text(req, "name", 1, 100, &name);

	if (rc != 0)
		return rc; /* 400, and the page says what is wanted */
	begin_page(res);
	vane_response_puts(res, "<p>Hello, ");
	vane_response_puts_html(res, name);
	return vane_response_printf(res, "! (%ld)\n", count(req, res));
}

static const struct vane_route routes[] = {
	VANE_GET("/", ask),
	VANE_POST("/", greet),
	VANE_END,
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
