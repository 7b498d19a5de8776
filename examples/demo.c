/* SPDX-License-Identifier: MIT */
/*
 * demo.c - what ./quickstart shows: a page to try things from, the same through every door.
 *
 *	examples/demo                       and open http://127.0.0.1:8888/
 */
#include <unistd.h>

#include <vane.h>

static const char style[] =
	"*{box-sizing:border-box}\n"
	"body{--ink:#1d2733;--paper:#fff;--soft:#5b6773;--box:#f1f3f5;--line:#d3d9de;--link:#0b5cad;"
	"font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:8vh auto;padding:0 1.5rem;"
	"color:var(--ink);background:var(--paper)}\n"
	"@media(prefers-color-scheme:dark){body{--ink:#e6e9ec;--paper:#14181c;--soft:#98a4b0;"
	"--box:#20262c;--line:#3a444e;--link:#7cb8f7}}\n"
	"h1{font-size:2rem;line-height:1.2;font-weight:600;margin:0}\n"
	"h2{font-size:1rem;font-weight:600;margin:0 0 .75rem}\n"
	"p,small{color:var(--soft)}\n"
	"main{display:grid;gap:2rem;margin-top:2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr))}\n"
	"section{min-width:0;display:flex;flex-direction:column}\n"
	"ul{list-style:none;margin:0;padding:0}\n"
	"li{margin-bottom:.75rem;background:var(--box);border-radius:.4rem;padding:.75rem 1rem}\n"
	"form{display:flex;gap:.5rem}\n"
	"small{display:block;margin-top:.25rem;overflow-wrap:anywhere}\n"
	"a{color:var(--link);font-weight:500}\n"
	"input,button{font:inherit;padding:.35rem .75rem;border-radius:.4rem;border:1px solid var(--line);"
	"color:inherit;background:var(--paper);min-width:0}\n"
	"input{flex:1}\n"
	"button{min-width:6rem;border-color:var(--link);color:var(--paper);background:var(--link);"
	"cursor:pointer}\n"
	"iframe{flex:1;min-height:24rem;margin-bottom:.75rem;border:1px solid var(--line);border-radius:.4rem}\n";

static const char page[] =
	"<header><h1>One handler, any door</h1>\n"
	"<p>This program answers natively, and behind a web server as FastCGI, SCGI or CGI program: "
	"the same functions, the same answers.</header>\n"
	"<main><section><h2>Ask</h2><ul>\n"
	"<li><form action=hello target=answer><input name=name value=Ada aria-label=Name>"
	"<button>Greet</button></form><small>an argument of the query, or of the path: "
	"<a href=hello/Ada target=answer>hello/Ada</a></small>\n"
	"<li><form method=post action=shout target=answer>"
	"<input name=text value=hello aria-label=Text><button>Shout</button></form>"
	"<small>an argument of a form</small>\n"
	"<li><a href=mode target=answer>Which door was it?</a>"
	"<small>the mode, and the process that answers</small>\n"
	"<li><a href=request target=answer>What did I ask?</a>"
	"<small>the request, as the handler sees it</small>\n"
	"<li><a href=later target=answer>Answer later</a>"
	"<small>by a timer, after a second: natively only, 501 elsewhere</small>\n"
	"<li><a href=nowhere target=answer>What is nowhere</a>"
	"<small>an error page; with --debug it says more</small>\n"
	"</ul></section>\n"
	"<section><h2>The answer</h2>"
	"<iframe name=answer src=mode title='The answer'></iframe></section></main>\n";

static int index_get(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	vane_response_set_type(res, "text/html");
	vane_response_printf(res,
		"<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Vane</title>\n"
		"<meta name=viewport content='width=device-width, initial-scale=1'>\n"
		"<meta name=color-scheme content='light dark'>\n<style>%s</style>\n",
		style);
	return vane_response_puts(res, page);
}

static int hello(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(
		res, "Hello, %s!\n", vane_request_arg_or(req, "name", "World"));
}

static int mode(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(
		res, "%s, process %ld\n", vane_request_mode(req), (long) getpid());
}

static int request(struct vane_request *req, struct vane_response *res)
{
	const char *name, *value;
	size_t i;

	vane_response_printf(res, "%s %s\nhost: %s\nfrom: %s\n\n", vane_request_method(req),
		vane_request_target(req), vane_request_host(req),
		vane_request_remote_addr(req));
	for (i = 0; vane_request_field_at(req, i, &name, &value); i++)
		vane_response_printf(res, "%s: %s\n", name, value);
	return 0;
}

static int answer_later(struct vane_request *req, struct vane_response *res, void *data)
{
	(void) req;
	(void) data;
	vane_response_puts(res, "later\n");
	return vane_response_finish(res);
}

static int later_get(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 1000, answer_later, NULL);
}

static int shout(struct vane_request *req, struct vane_response *res)
{
	const char *text = vane_request_arg_or(req, "text", "");

	for (; *text != '\0'; text++)
		vane_response_printf(res, "%c",
			*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);
	return vane_response_puts(res, "!\n");
}

static const struct vane_handler later = { .get = later_get,
	.needs = VANE_CAP_ASYNC | VANE_CAP_TIMERS };

static const struct vane_route routes[] = {
	VANE_GET("/", index_get),
	VANE_GET("/hello", hello),
	VANE_GET("/hello/{name}", hello),
	VANE_GET("/mode", mode),
	VANE_GET("/request", request),
	VANE_ROUTE("/later", &later),
	VANE_POST("/shout", shout),
	VANE_END,
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
