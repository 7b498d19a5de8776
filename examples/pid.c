/* SPDX-License-Identifier: MIT */
/*
 * pid.c - which process answers, and what a handler that blocks does to the others.
 *
 *	examples/pid --processes=4
 *	for i in 1 2 3 4; do curl -s http://127.0.0.1:8888/long & done; wait
 *
 * All four come back after two seconds, each from a process of its own.
 */
#include <unistd.h>

#include <vane.h>

static int pid(struct vane_request *req, struct vane_response *res)
{
	(void) req;
	return vane_response_printf(res, "%ld\n", (long) getpid());
}

static int pid_after_two_seconds(struct vane_request *req, struct vane_response *res)
{
	sleep(2);
	return pid(req, res);
}

static const struct vane_handler slow = { .get = pid_after_two_seconds, .blocking = true };

static const struct vane_route routes[] = {
	VANE_GET("/", pid),
	VANE_ROUTE("/long", &slow),
	VANE_END,
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
