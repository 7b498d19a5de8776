/* SPDX-License-Identifier: MIT */
/*
 * pieces.c - a main of your own, in Tornado's order: bind, fork, make a server, serve.
 *
 *	examples/pieces 8001                and ask for http://127.0.0.1:8001/
 *
 * TERM to the master goes on to the workers; each answers what it has begun, and leaves.
 */
#include <signal.h>
#include <string.h>

#include <vane.h>
#include <vane/process.h>
#include <vane/server.h>

static int task(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	return vane_response_printf(
		res, "task %d of %d\n", vane_task_id(), vane_task_count());
}

static const struct vane_route routes[] = { VANE_GET("/", task), VANE_END };

static struct vane_loop *loop;

static void leave(void *data)
{
	(void) data;
	vane_loop_stop(loop);
}

static void drain(void *server)
{
	vane_server_drain((struct vane_server *) server, 10 * 1000, leave, NULL);
}

int main(int argc, char **argv)
{
	struct vane_bind_opts where = VANE_DEFAULTS;
	struct vane_process_opts two = VANE_DEFAULTS;
	struct vane_sockets socks = VANE_DEFAULTS;
	struct vane_app *app = NULL;
	struct vane_server *server = NULL;
	int rc;

	where.address = "127.0.0.1";
	where.port = argc > 1 ? argv[1] : "8001";
	two.processes = 2;
	/* before the fork: all workers share them */
	rc = vane_bind_sockets(&where, &socks);
	if (rc == 0)
		rc = vane_fork_processes(&two); /* only the workers come back */
	if (rc < 0 || (rc = vane_loop_new(&loop)) < 0 ||
		(rc = vane_app_new(&app, routes, NULL)) < 0 ||
		(rc = vane_server_new(&server, app, loop, NULL)) < 0 ||
		(rc = vane_loop_add_signal(loop, SIGTERM, drain, server)) < 0 ||
		(rc = vane_server_add_sockets(server, &socks)) < 0 ||
		(rc = vane_loop_run(loop)) < 0)
		vane_log(VANE_LOG_ERROR, "pieces: %s", strerror(-rc));
	vane_server_free(server);
	vane_app_free(app);
	vane_loop_free(loop);
	vane_sockets_fini(&socks);
	return rc < 0;
}
