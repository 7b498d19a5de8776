/* SPDX-License-Identifier: MIT */
/*
 * upstream.c - which of several peers a request gets, and which of them are down.
 */
#include "upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>

#include "address.h"
#include "limit.h"

static struct vane__upstream *upstream_of(struct vane__balancer *balancer)
{
	return CONTAINER_OF(balancer, struct vane__upstream, balancer);
}

static bool may_have(const struct vane__upstream *upstream, const struct vane__lease *lease,
	size_t i, int64_t now)
{
	return (lease->tried & UINT64_C(1) << i) == 0 &&
	       upstream->peers[i].rest_until <= now;
}

/* The peer with the fewest requests, the next in turn of several.  NULL: all are down. */
static struct vane__peer *choose(struct vane__upstream *upstream, struct vane__lease *lease)
{
	int64_t now = vane_loop_now(upstream->loop);
	struct vane__peer *best = NULL;
	size_t i, k;

	for (k = 0; k < upstream->count; k++) {
		i = (upstream->turn + k) % upstream->count;
		if (may_have(upstream, lease, i, now) &&
			(best == NULL || upstream->peers[i].users < best->users))
			best = &upstream->peers[i];
	}
	if (best == NULL)
		return NULL;
	i = (size_t) (best - upstream->peers);
	upstream->turn = (i + 1) % upstream->count;
	lease->tried |= UINT64_C(1) << i;
	return best;
}

/* It is in: 0 if there is a peer, else it is out again. */
static int inside(struct vane__upstream *upstream, struct vane__lease *lease)
{
	lease->peer = choose(upstream, lease);
	if (lease->peer == NULL) {
		vane__limiter_leave(&lease->waiter);
		return -EHOSTDOWN;
	}
	lease->peer->users++;
	return 0;
}

static void on_turn(void *data, int rc)
{
	struct vane__lease *lease = data;

	if (rc == 0)
		rc = inside(lease->own, lease);
	lease->ready(lease->data, rc);
}

static int acquire_peer(
	struct vane__balancer *balancer, struct vane_loop *loop, struct vane__lease *lease)
{
	struct vane__upstream *upstream = upstream_of(balancer);
	int rc;

	upstream->loop = loop;
	lease->own = upstream;
	rc = vane__limiter_enter(&upstream->limiter, loop, &lease->waiter, on_turn, lease);
	if (rc <= 0)
		return rc;
	rc = inside(upstream, lease);
	return rc < 0 ? rc : 1;
}

/*
 * A connect has failed: too many of them, and the peer rests.  One that is alone does not:
 * there is nobody else to ask, and it may be back at once.
 */
static void note_failure(struct vane__upstream *upstream, struct vane__peer *peer)
{
	int64_t now = vane_loop_now(upstream->loop);

	if (upstream->count == 1)
		return;
	if (peer->fails == 0 || now - peer->fails_since > upstream->fail_msec) {
		peer->fails = 0;
		peer->fails_since = now;
	}
	if (++peer->fails < upstream->max_fails)
		return;
	peer->fails = 0;
	peer->rest_until = vane__limit_add(upstream->fail_msec, now);
	if (upstream->fail_msec == VANE__UNLIMITED)
		vane_log(VANE_LOG_WARNING, "%s: down, not tried again", peer->name);
	else
		vane_log(VANE_LOG_WARNING, "%s: down, tried again in %lld ms", peer->name,
			(long long) upstream->fail_msec);
}

static void give_back(struct vane__upstream *upstream, struct vane__lease *lease,
	enum vane__result result)
{
	struct vane__peer *peer = lease->peer;

	lease->peer = NULL;
	if (peer == NULL)
		return;
	peer->users--;
	if (result == VANE__RESULT_REFUSED)
		note_failure(upstream, peer);
	else
		peer->fails = 0;
}

/* Who is in stays in: another peer does not mean another place in the line. */
static int next_peer(struct vane__balancer *balancer, struct vane__lease *lease,
	enum vane__result result)
{
	struct vane__upstream *upstream = upstream_of(balancer);
	int rc;

	give_back(upstream, lease, result);
	rc = inside(upstream, lease);
	return rc < 0 ? rc : 1;
}

static void release_peer(struct vane__balancer *balancer, struct vane__lease *lease,
	enum vane__result result)
{
	give_back(upstream_of(balancer), lease, result);
	vane__limiter_leave(&lease->waiter);
}

int64_t vane__upstream_rest(const struct vane__upstream *upstream)
{
	int64_t now = upstream->loop != NULL ? vane_loop_now(upstream->loop) : 0;
	int64_t rest = INT64_MAX;
	size_t i;

	for (i = 0; i < upstream->count; i++) {
		int64_t left = upstream->peers[i].rest_until - now;

		if (left < rest)
			rest = left;
	}
	return rest > 0 ? rest : 0;
}

int vane__upstream_fill(struct vane_fastcgi_backend_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_fastcgi_backend_opts.connect_msec", &o->connect_msec, 5000 },
		{ "vane_fastcgi_backend_opts.max_fails", &o->max_fails, 1 },
		{ "vane_fastcgi_backend_opts.fail_msec", &o->fail_msec, 10 * 1000 },
		{ "vane_fastcgi_backend_opts.max_idle", &o->max_idle, 0 },
		{ "vane_fastcgi_backend_opts.keep_msec", &o->keep_msec, 10 * 1000 },
	};

	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

int vane__upstream_init(struct vane__upstream *upstream,
	const struct vane_fastcgi_backend_opts *opts,
	const struct vane_backend_limits *limits)
{
	size_t i;
	int rc;

	*upstream = (struct vane__upstream) {
		.balancer = { .acquire = acquire_peer,
			.next = next_peer,
			.release = release_peer },
		.peer_opts = { .connect_msec = opts->connect_msec,
			.keep_msec = opts->keep_msec,
			.max_idle = opts->max_idle },
		.max_fails = opts->max_fails,
		.fail_msec = opts->fail_msec,
	};
	vane__limiter_init(&upstream->limiter, limits->max_active, limits->max_queue,
		limits->queue_msec);
	rc = vane__address_list(opts->upstream, &upstream->peers, &upstream->count);
	if (rc < 0)
		return rc;
	for (i = 0; i < upstream->count; i++)
		vane__peer_init(&upstream->peers[i], &upstream->peer_opts);
	return 0;
}

void vane__upstream_fini(struct vane__upstream *upstream)
{
	size_t i;

	for (i = 0; i < upstream->count; i++)
		vane__peer_fini(&upstream->peers[i]);
	vane__limiter_fini(&upstream->limiter);
	free(upstream->peers);
	*upstream = (struct vane__upstream) { .peers = NULL };
}
