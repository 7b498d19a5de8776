/* SPDX-License-Identifier: MIT */
/*
 * blocking.c - ours: a quick route, one that holds up its process for 200 ms, and one of 10 MiB.
 */
#include <time.h>

#include <vane.h>

enum { BLOCK_MSEC = 200, LARGE_BYTES = 10 * 1024 * 1024 };

static int quick_get(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, "Hello, World!\n");
}

static int slow_get(struct vane_request *req, struct vane_response *res)
{
	const struct timespec pause = { .tv_nsec = BLOCK_MSEC * 1000000L };

	nanosleep(&pause, NULL);
	return quick_get(req, res);
}

static int large_get(struct vane_request *req, struct vane_response *res)
{
	static char page[LARGE_BYTES];

	return vane_response_write_ref(res, page, sizeof(page));
}

static const struct vane_handler quick = { .get = quick_get };
static const struct vane_handler slow = { .get = slow_get, .blocking = true };
static const struct vane_handler large = { .get = large_get };

static const struct vane_route routes[] = {
	{ "/", &quick },
	{ "/quick", &quick },
	{ "/large", &large },
	{ "/slow", &slow },
	{ 0 },
};

int main(int argc, char **argv)
{
	return vane_main(argc, argv, routes);
}
