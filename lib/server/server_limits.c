/* SPDX-License-Identifier: MIT */
/*
 * server_limits.c - how many connections the native server holds, in all and of one address, and
 * which of them gives way to a new one.
 *
 * One that waits for its next request has the least to lose, and the one that has waited longest
 * is the least likely to get one.  Its client may send a request at that moment, as it may when
 * the time for idle connections is up; so nobody gives way as long as there is room.  After these
 * come those whose head is not whole: of them, too, the one that has waited longest.
 */
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <vane/log.h>

#include "conn.h"
#include "slice.h"

/* Lists that connections are in by their address, where those of one are limited. */
#define BUCKETS 1024

/* Descriptors that connections leave for files, pipes and the like: an eighth, and at most so many. */
#define RESERVE 64

/* How many connections are looked at for one that gives way: in a crowd all have asked already. */
#define LOOKS 16

/* How often a refusal is logged: every ten seconds. */
#define COMPLAIN_TICKS 100

/* What addresses are told apart by: all of IPv4, the network of IPv6 (RFC 6177).  0: it has none. */
static size_t address_of(const struct vane__conn *c, unsigned char address[8])
{
	const struct in6_addr *in6 = &c->peer.in6.sin6_addr;

	switch (c->peer.sa.sa_family) {
	case AF_INET:
		memcpy(address, &((const struct sockaddr_in *) &c->peer)->sin_addr, 4);
		return 4;
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(in6)) {
			memcpy(address, in6->s6_addr + 12, 4);
			return 4;
		}
		memcpy(address, in6->s6_addr, 8);
		return 8;
	default:
		return 0;
	}
}

static bool same_address(const struct vane__conn *a, const struct vane__conn *b)
{
	unsigned char of_a[8], of_b[8];
	size_t len = address_of(a, of_a);

	return len == address_of(b, of_b) && memcmp(of_a, of_b, len) == 0;
}

static struct list *bucket_of(struct vane_server *server, const struct vane__conn *c)
{
	unsigned char address[8];
	size_t len = address_of(c, address);
	struct vane_slice bytes = { (const char *) address, len };

	return len > 0 ? &server->by_address[vane__slice_hash(bytes) % BUCKETS] : NULL;
}

int vane__limits_init(struct vane_server *server)
{
	struct rlimit limit;
	int reserve, i;

	server->crowded_fd = INT_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < INT_MAX) {
		reserve = (int) limit.rlim_cur / 8;
		server->crowded_fd =
			(int) limit.rlim_cur - (reserve < RESERVE ? reserve : RESERVE);
	}
	if (server->opts.max_per_address == VANE__UNLIMITED)
		return 0;
	server->by_address = calloc(BUCKETS, sizeof(server->by_address[0]));
	if (server->by_address == NULL)
		return -ENOMEM;
	for (i = 0; i < BUCKETS; i++)
		list_init(&server->by_address[i]);
	return 0;
}

void vane__limits_fini(struct vane_server *server)
{
	free(server->by_address);
	server->by_address = NULL;
}

/*
 * Whether it waits for a request, and not for anything else; looks is how often one looks whether
 * that has come, and is not read yet.
 */
static bool gives_way(const struct vane__conn *c, enum vane__phase phase, int *looks)
{
	bool waits = phase == VANE__PHASE_IDLE
			     ? vane__conn_is_idle(c)
			     : c->phase == phase && c->x == NULL && !c->handling;

	return waits && (*looks)-- > 0 && !vane__stream_pending(&c->stream);
}

static bool make_room_in(struct vane_server *server, enum vane__phase phase)
{
	struct list *list = &server->phases[phase], *node;
	int looks = LOOKS;

	for (node = list->next; node != list; node = node->next) {
		struct vane__conn *c = CONTAINER_OF(node, struct vane__conn, node);

		if (!gives_way(c, phase, &looks))
			continue;
		vane__conn_close(c, 0);
		return true;
	}
	return false;
}

bool vane__limits_make_room(struct vane_server *server)
{
	return make_room_in(server, VANE__PHASE_IDLE) ||
	       make_room_in(server, VANE__PHASE_HEADER);
}

/* Of the same address: the one that came first. */
static bool make_room_among(
	struct list *bucket, const struct vane__conn *like, enum vane__phase phase)
{
	struct list *node;
	int looks = LOOKS;

	for (node = bucket->next; node != bucket; node = node->next) {
		struct vane__conn *c = CONTAINER_OF(node, struct vane__conn, same);

		if (!same_address(c, like) || !gives_way(c, phase, &looks))
			continue;
		vane__conn_close(c, 0);
		return true;
	}
	return false;
}

static bool admit_address(
	struct vane_server *server, struct list *bucket, struct vane__conn *c)
{
	struct list *node;
	size_t count = 0;

	for (node = bucket->next; node != bucket; node = node->next)
		count += same_address(CONTAINER_OF(node, struct vane__conn, same), c);
	return count < vane__limit_size(server->opts.max_per_address) ||
	       make_room_among(bucket, c, VANE__PHASE_IDLE) ||
	       make_room_among(bucket, c, VANE__PHASE_HEADER);
}

/* Nobody gives way.  It is said now and then: whoever is refused tries again. */
static bool refuse(struct vane_server *server, const char *why)
{
	uint32_t now = server->ticks + 1; /* 0 is never */

	if (server->told_full != 0 && now - server->told_full < COMPLAIN_TICKS)
		return false;
	server->told_full = now;
	vane_log(VANE_LOG_WARNING, "connection refused: %zu are open, %s",
		server->connections, why);
	return false;
}

bool vane__limits_readmit(struct vane_server *server, struct vane__conn *c)
{
	struct list *bucket = server->by_address != NULL ? bucket_of(server, c) : NULL;

	if (bucket == NULL)
		return true;
	list_del(&c->same);
	if (!admit_address(server, bucket, c))
		return refuse(server, "max-per-address");
	list_add(bucket, &c->same);
	return true;
}

/* The address comes first: what is too much of one takes nobody else's place. */
bool vane__limits_admit(struct vane_server *server, struct vane__conn *c, int fd)
{
	size_t max = vane__limit_size(server->opts.max_connections);
	/* a proxy's clients are counted when it has said who they are */
	struct list *bucket =
		server->by_address != NULL && !c->proxy_due ? bucket_of(server, c) : NULL;
	size_t before = server->connections;

	if (bucket != NULL && !admit_address(server, bucket, c))
		return refuse(server, "max-per-address");
	if (server->connections >= max && !vane__limits_make_room(server))
		return refuse(server, "max-connections");
	if (fd >= server->crowded_fd && server->connections == before &&
		!vane__limits_make_room(server))
		return refuse(server, "few descriptors are left");
	if (bucket != NULL) /* not so a unix socket: the server in front of us */
		list_add(bucket, &c->same);
	return true;
}
