/* SPDX-License-Identifier: MIT */
/*
 * xheaders.c - what a proxy says about the client, and which proxies are believed.
 *
 * All addresses are IPv6 here, as IPv4 fits into it (RFC 4291, 2.5.5.2).
 */
#include "xheaders.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "slice.h"

struct network {
	unsigned char addr[16];
	unsigned bits;
};

struct vane__trust {
	size_t count;
	struct network networks[];
};

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

/* Read an address; *is_v4 says how it was written. */
static bool parse_addr(struct vane_slice s, unsigned char addr[16], bool *is_v4)
{
	char text[INET6_ADDRSTRLEN];

	if (s.len == 0 || s.len >= sizeof(text) || memchr(s.data, '\0', s.len) != NULL)
		return false;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	*is_v4 = memchr(text, ':', s.len) == NULL;
	if (!*is_v4)
		return inet_pton(AF_INET6, text, addr) == 1;
	memcpy(addr, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, addr + sizeof(mapped)) == 1;
}

/* Read an address, or a network with "/" and the bits that count. */
static bool parse_network(struct vane_slice s, struct network *network)
{
	struct vane_slice addr = vane__slice_split(&s, '/');
	int64_t bits;
	bool is_v4;

	if (!parse_addr(addr, network->addr, &is_v4))
		return false;
	network->bits = 128;
	if (s.data == NULL)
		return true;
	if (vane__slice_number(s, &bits) < 0 || bits > (is_v4 ? 32 : 128))
		return false;
	network->bits = (unsigned) bits + (is_v4 ? 96 : 0);
	return true;
}

static bool in_network(const struct network *network, const unsigned char addr[16])
{
	size_t bytes = network->bits / 8;
	unsigned rest = network->bits % 8;

	if (memcmp(network->addr, addr, bytes) != 0)
		return false;
	return rest == 0 || (network->addr[bytes] ^ addr[bytes]) >> (8 - rest) == 0;
}

/* Take the next item off, an empty one at the end. */
static struct vane_slice take_item(const char **list)
{
	struct vane_slice item = { *list + strspn(*list, ", \t"), 0 };

	item.len = strcspn(item.data, ", \t");
	*list = item.data + item.len;
	return item;
}

int vane__trust_new(struct vane__trust **out, const char *list)
{
	struct vane__trust *trust;
	struct vane_slice item;
	size_t most;

	if (list == NULL)
		list = "127.0.0.0/8, ::1";
	most = strlen(list) / 2 +
	       1; /* "::" is the shortest item, and has a comma behind it */
	if (most > (SIZE_MAX - sizeof(*trust)) / sizeof(trust->networks[0]))
		return -ENOMEM;
	trust = malloc(sizeof(*trust) + most * sizeof(trust->networks[0]));
	if (trust == NULL)
		return -ENOMEM;
	trust->count = 0;
	while ((item = take_item(&list)).len > 0) {
		if (!parse_network(item, &trust->networks[trust->count])) {
			vane__trust_free(trust);
			return -EINVAL;
		}
		trust->count++;
	}
	*out = trust;
	return 0;
}

void vane__trust_free(struct vane__trust *trust)
{
	free(trust);
}

/* As parse_addr(), without the zone of a link-local address. */
static bool parse_zoned(struct vane_slice addr, unsigned char parsed[16])
{
	bool is_v4;

	return parse_addr(vane__slice_split(&addr, '%'), parsed, &is_v4);
}

bool vane__is_address(struct vane_slice addr)
{
	unsigned char parsed[16];

	return parse_zoned(addr, parsed);
}

bool vane__trusted(const struct vane__trust *trust, struct vane_slice addr)
{
	unsigned char parsed[16];
	size_t i;

	if (addr.len == 0)
		return true;
	if (trust == NULL || !parse_zoned(addr, parsed))
		return false;
	for (i = 0; i < trust->count; i++)
		if (in_network(&trust->networks[i], parsed))
			return true;
	return false;
}

/* Take the last item off a list with commas; rest->data is NULL behind the first. */
static struct vane_slice take_last(struct vane_slice *rest)
{
	size_t start = rest->len;
	struct vane_slice item;

	while (start > 0 && rest->data[start - 1] != ',')
		start--;
	item = (struct vane_slice) { rest->data + start, rest->len - start };
	if (start > 0)
		rest->len = start - 1;
	else
		*rest = (struct vane_slice) { NULL, 0 };
	return vane__slice_trim(item);
}

bool vane__xheaders_remote(const struct vane__trust *trust, struct vane_slice forwarded_for,
	struct vane_slice real_ip, struct vane_slice *addr)
{
	struct vane_slice found = { NULL, 0 };
	unsigned char parsed[16];
	bool is_v4;

	while (forwarded_for.data != NULL) {
		found = take_last(&forwarded_for);
		if (found.len == 0 || !vane__trusted(trust, found))
			break; /* nothing is no unix socket here, but a malformed list */
	}
	if (real_ip.data != NULL)
		found = vane__slice_trim(real_ip);
	if (!parse_addr(found, parsed, &is_v4))
		return false;
	*addr = found;
	return true;
}

bool vane__xheaders_scheme(
	struct vane_slice x_scheme, struct vane_slice x_forwarded_proto, bool *https)
{
	struct vane_slice list = x_scheme.data != NULL ? x_scheme : x_forwarded_proto;
	struct vane_slice scheme;

	if (list.data == NULL)
		return false;
	scheme = take_last(&list);
	if (vane__slice_equal_nocase(scheme, SLICE("https")))
		*https = true;
	else if (vane__slice_equal_nocase(scheme, SLICE("http")))
		*https = false;
	else
		return false;
	return true;
}
