/* SPDX-License-Identifier: MIT */
/*
 * upload.c - files that come in: from a form, and as they are.
 *
 *	examples/upload                     and open http://127.0.0.1:8888/
 *	curl -F file=@README.md http://127.0.0.1:8888/
 *	curl -T README.md http://127.0.0.1:8888/
 *
 * A form is read whole, and goes to a temporary file when it is large.  PUT sees the body
 * piece by piece and keeps none of it.
 */
#include <vane.h>

static int ask(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	vane_response_set_type(res, "text/html");
	return vane_response_puts(res,
		"<!doctype html>\n<html lang=en>\n<title>upload</title>\n"
		"<meta name=viewport content='width=device-width, initial-scale=1'>\n"
		"<meta name=color-scheme content='light dark'>\n"
		"<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:12vh auto;"
		"padding:0 1.5rem}input,button{font:inherit;max-width:100%}</style>\n"
		"<form method=post enctype=multipart/form-data>"
		"<input type=file name=file multiple aria-label=files> <button>Send</button></form>\n");
}

static int take_form(struct vane_request *req, struct vane_response *res)
{
	const struct vane_part *file;
	size_t i;

	if (vane_request_form_error(req) < 0)
		return 400;
	for (i = 0; (file = vane_request_upload(req, "file", i)) != NULL; i++)
		vane_response_printf(res, "%s: %zu bytes of %s\n", file->filename,
			file->body.len,
			file->content_type[0] != '\0' ? file->content_type : "text/plain");
	return vane_response_printf(res, "%zu files\n", i);
}

static int begin_put(struct vane_request *req, struct vane_response *res)
{
	size_t *bytes = (size_t *) vane_request_alloc(req, sizeof(*bytes));

	(void) res;
	if (bytes == NULL)
		return 503;
	*bytes = 0;
	vane_request_set_state(req, NULL, bytes);
	return 0;
}

static int take_piece(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	(void) res;
	(void) data;
	*(size_t *) vane_request_state(req, NULL) += len;
	return 0;
}

static int end_put(struct vane_request *req, struct vane_response *res)
{
	return vane_response_printf(
		res, "%zu bytes\n", *(size_t *) vane_request_state(req, NULL));
}

static const struct vane_handler forms = {
	.get = ask, .post = take_form, .max_body = 32 << 20
};
static const struct vane_handler pieces = {
	.prepare = begin_put, .put = end_put, .data = take_piece
};
static const struct vane_route routes[] = {
	VANE_ROUTE("/", &forms),
	VANE_ROUTE("/{name}", &pieces),
	VANE_END,
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
