/* SPDX-License-Identifier: MIT */
/*
 * modes.c - Tornado's ways to run a server: /s answers after some seconds, /d at once.
 *
 *	examples/modes                  one process: while /s sleeps, /d waits
 *	examples/modes --processes=0    one for each core: /d waits when all of them sleep
 *	examples/modes --async          one process, /s takes a timer: /d never waits
 *
 * pieces.c has the third way to several processes: bind, fork, serve.
 */
#include <string.h>
#include <unistd.h>

#include <vane.h>
#include <vane/server.h>

static const char *port = "8001";
static int64_t processes = 1, seconds = 5;
static bool async;

static const struct vane_option options[] = {
	{ .name = "port", .text = &port },
	{ .name = "processes", .integer = &processes },
	{ .name = "seconds", .integer = &seconds },
	{ .name = "async", .boolean = &async },
	VANE_OPTION_END,
};

static int sleep_over(struct vane_request *req, struct vane_response *res, void *data)
{
	(void) req;
	(void) data;
	return vane_response_puts(res, "this is SleepHandler...\n");
}

static int sleep_get(struct vane_request *req, struct vane_response *res)
{
	if (async)
		return vane_request_wait(req, seconds * 1000, sleep_over, NULL);
	sleep((unsigned) seconds);
	return sleep_over(req, res, NULL);
}

static int direct_get(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	return vane_response_puts(res, "this is DirectHandler...\n");
}

static const struct vane_route routes[] = {
	VANE_GET("/d", direct_get),
	VANE_GET("/s", sleep_get),
	VANE_END,
};

static int serve(struct vane_app *app, struct vane_server **server)
{
	struct vane_bind_opts where = VANE_DEFAULTS;
	int rc = vane_server_new(server, app, NULL, NULL);

	where.port = port;
	if (rc == 0)
		rc = vane_server_bind(*server, &where);
	if (rc == 0)
		rc = vane_server_start(*server, (int) processes);
	return rc < 0 ? rc : vane_loop_run(vane_server_loop(*server));
}

int main(int argc, char **argv)
{
	struct vane_app *app = NULL;
	struct vane_server *server = NULL;
	int rest, rc;

	vane_options_define(options);
	rc = vane_options_parse(argc, argv, &rest);
	if (rc != 0)
		return rc < 0 ? 2 : 0;
	rc = vane_app_new(&app, routes, NULL);
	if (rc == 0)
		rc = serve(app, &server);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "modes: %s", strerror(-rc));
	vane_server_free(server);
	vane_app_free(app);
	return rc < 0;
}
