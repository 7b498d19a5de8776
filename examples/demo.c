/* SPDX-License-Identifier: MIT */
/*
 * demo.c - what ./quickstart shows: a page of links, the same through every door.
 *
 *	examples/demo                       and open http://127.0.0.1:8888/
 */
#include <unistd.h>

#include <vane.h>

static const char page[] =
	"<!doctype html><meta charset=utf-8><title>Vane</title>\n"
	"<h1>One handler, any door</h1>\n"
	"<ul><li><a href=hello/Ada>a greeting</a>\n"
	"<li><a href=mode>which door this was</a>\n"
	"<li><a href=request>the request, as the handler sees it</a>\n"
	"<li><a href=later>an answer after a second</a>: natively only, 501 elsewhere\n"
	"</ul>\n<form method=post action=shout>"
	"<input name=text value=hello> <button>Shout</button></form>\n";

static int index_get(struct vane_request *req, struct vane_response *res)
{
	vane_response_set_field(res, "Content-Type", "text/html; charset=utf-8");
	return vane_response_write_ref(res, page, sizeof(page) - 1);
}

static int hello_get(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(res, "Hello, %s!\n", vane_request_arg(req, "name"));
}

static int mode_get(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(
		res, "%s, process %ld\n", vane_request_mode(req), (long) getpid());
}

static int request_get(struct vane_request *req, struct vane_response *res)
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

static int later_answer(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "later\n");
	return vane_response_finish(res);
}

static int later_get(struct vane_request *req, struct vane_response *res)
{
	vane_response_defer(res);
	return vane_request_after(req, 1000, later_answer, NULL);
}

static int shout_post(struct vane_request *req, struct vane_response *res)
{
	const char *text = vane_request_arg_or(req, "text", "");

	for (; *text != '\0'; text++)
		vane_response_printf(res, "%c",
			*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);
	return vane_response_puts(res, "!\n");
}

static const struct vane_handler index_page = { .get = index_get };
static const struct vane_handler hello = { .get = hello_get };
static const struct vane_handler mode = { .get = mode_get };
static const struct vane_handler request = { .get = request_get };
static const struct vane_handler shout = { .post = shout_post };
static const struct vane_handler later = { .get = later_get,
	.needs = VANE_CAP_ASYNC | VANE_CAP_TIMERS };

static const struct vane_route routes[] = {
	{ "/", &index_page },
	{ "/hello/{name}", &hello },
	{ "/mode", &mode },
	{ "/request", &request },
	{ "/later", &later },
	{ "/shout", &shout },
	{ 0 },
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
