/* SPDX-License-Identifier: MIT */
/*
 * filter_rate_limit.c - a filter that limits how often an address may ask: 429 with Retry-After.
 *
 * A bucket of tokens is kept as the one time at which it will be full again (the generic cell rate
 * algorithm), which is moved on by compare and swap: all processes that are forked from the one which
 * made the application share the table, without a lock.
 */
#include <vane/filters.h>
#include <vane/request.h>
#include <vane/response.h>

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include "base.h"
#include "filter_text.h"
#include "limit.h"
#include "siphash.h"

/* An address may stand in so many places, which share a line of the cache. */
#define WAYS 4

#define NSEC INT64_C(1000000000)

/* An address, and when its bucket will be full; all zero: nobody's. */
struct bucket {
	_Atomic uint64_t who;
	_Atomic int64_t full_nsec;
};

struct limiter {
	bool unlimited;
	int64_t token_nsec, interval_nsec;
	unsigned char key[VANE__SIPHASH_KEY];
	size_t rows, bytes;
	struct bucket (*table)[WAYS];
};

static int read_limits(struct limiter *limiter, const struct vane_rate_limit_opts *opts)
{
	int64_t requests = opts->max_requests, msec = opts->interval_msec,
		addresses = opts->max_addresses;
	const struct vane__limit limits[] = {
		{ "vane_rate_limit_opts.max_requests", &requests, 100, false },
		{ "vane_rate_limit_opts.interval_msec", &msec, 10 * 1000, false },
		{ "vane_rate_limit_opts.max_addresses", &addresses, 64 * 1024, false },
	};
	int rc = vane__limits_fill(limits, ARRAY_SIZE(limits));

	if (rc < 0)
		return rc;
	if (msec > INT64_MAX / (NSEC / 1000) / 4) /* so that sums with the clock are safe */
		return vane__filter_refuse("vane_rate_limit_opts.interval_msec",
			"is too long: a bucket would never fill again");
	if (addresses > INT32_MAX)
		return vane__filter_refuse("vane_rate_limit_opts.max_addresses",
			"is too many: each takes 16 bytes");
	limiter->unlimited = requests == VANE__UNLIMITED;
	limiter->interval_nsec = msec * (NSEC / 1000);
	limiter->token_nsec = limiter->interval_nsec / requests;
	limiter->rows = ((size_t) addresses + WAYS - 1) / WAYS;
	limiter->bytes = limiter->rows * sizeof(limiter->table[0]);
	return 0;
}

static int start(void *config, void **data)
{
	static const struct vane_rate_limit_opts none;
	struct limiter *limiter = calloc(1, sizeof(*limiter));
	void *table;
	int rc;

	if (limiter == NULL)
		return -ENOMEM;
	rc = read_limits(limiter, config != NULL ? config : &none);
	if (rc == 0 &&
		getrandom(limiter->key, sizeof(limiter->key), 0) != sizeof(limiter->key))
		rc = -EIO;
	if (rc == 0) {
		table = mmap(NULL, limiter->bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		limiter->table = table;
		rc = table == MAP_FAILED ? -ENOMEM : 0;
	}
	if (rc < 0) {
		free(limiter);
		return rc;
	}
	*data = limiter;
	return 0;
}

static void stop(void *data)
{
	struct limiter *limiter = data;

	munmap(limiter->table, limiter->bytes);
	free(limiter);
}

/* What counts as one client: an IPv4 address, or a network of IPv6 with 64 bits. */
static bool read_client(const char *text, unsigned char client[8])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char addr[16];
	char plain[INET6_ADDRSTRLEN];

	snprintf(plain, sizeof(plain), "%.*s", (int) strcspn(text, "%"), text);
	memset(client, 0, 8);
	if (inet_pton(AF_INET, plain, client + 4) == 1)
		return true;
	if (inet_pton(AF_INET6, plain, addr) != 1)
		return false;
	if (memcmp(addr, mapped, sizeof(mapped)) == 0)
		memcpy(client + 4, addr + 12, 4);
	else
		memcpy(client, addr, 8);
	return true;
}

/* With a key of our own, so that nobody chooses addresses that meet in one row. */
static uint64_t hash_client(const struct limiter *limiter, const unsigned char client[8])
{
	unsigned char sum[VANE__SIPHASH_SIZE];
	struct vane__siphash hash;
	uint64_t who;

	vane__siphash_init(&hash, limiter->key);
	vane__siphash_add(&hash, client, 8);
	vane__siphash_end(&hash, sum);
	memcpy(&who, sum, sizeof(who));
	return who != 0 ? who : 1;
}

/*
 * The bucket of a client; where it has none, that which is full or will be first is taken.  Two
 * processes may take the same one at a time, and a client has a full one then.
 */
static struct bucket *find(struct limiter *limiter, uint64_t who)
{
	struct bucket *row = limiter->table[who % limiter->rows], *first = row;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (atomic_load_explicit(&row[i].who, memory_order_relaxed) == who)
			return &row[i];
		if (atomic_load_explicit(&row[i].full_nsec, memory_order_relaxed) <
			atomic_load_explicit(&first->full_nsec, memory_order_relaxed))
			first = &row[i];
	}
	atomic_store_explicit(&first->full_nsec, 0, memory_order_relaxed);
	atomic_store_explicit(&first->who, who, memory_order_relaxed);
	return first;
}

static int64_t now_nsec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * NSEC + ts.tv_nsec;
}

/* Take a token: 0, or how long it will be until there is one. */
static int64_t take(const struct limiter *limiter, struct bucket *bucket)
{
	int64_t now = now_nsec(), full, after;

	full = atomic_load_explicit(&bucket->full_nsec, memory_order_relaxed);
	do {
		after = (full > now ? full : now) + limiter->token_nsec;
		if (after - now > limiter->interval_nsec)
			return after - now - limiter->interval_nsec;
	} while (!atomic_compare_exchange_weak_explicit(&bucket->full_nsec, &full, after,
		memory_order_relaxed, memory_order_relaxed));
	return 0;
}

static int before(struct vane_request *req, struct vane_response *res, void *data)
{
	struct limiter *limiter = data;
	unsigned char client[8];
	int64_t wait_nsec;
	char *text;

	if (limiter->unlimited || !read_client(vane_request_remote_addr(req), client))
		return 0;
	wait_nsec = take(limiter, find(limiter, hash_client(limiter, client)));
	if (wait_nsec == 0)
		return 0;
	text = vane_request_alloc(req, 24);
	if (text == NULL)
		return -ENOMEM;
	snprintf(text, 24, "%" PRId64, (wait_nsec + NSEC - 1) / NSEC);
	return vane_request_set_state(req, data, text) < 0 ? -ENOMEM : 429;
}

/* The error page has been written by now. */
static int after(struct vane_request *req, struct vane_response *res, void *data)
{
	const char *wait_sec = vane_request_state(req, data);

	return wait_sec != NULL ? vane_response_set_field(res, "Retry-After", wait_sec) : 0;
}

const struct vane_filter_type vane_rate_limit_filter = {
	.start = start, .stop = stop, .before = before, .after = after
};
