/* SPDX-License-Identifier: MIT */
/*
 * address.c - where applications listen, as text.
 */
#include "address.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <vane/log.h>

#define SEPARATORS ", \t"

enum { MAX_PEERS = 64 }; /* bits of struct vane__lease.tried */

struct peers {
	struct vane__peer *peers;
	size_t count;
};

static int complain(const char *text, int rc, const char *why)
{
	vane_log(VANE_LOG_ERROR, "upstream \"%s\": %s", text, why);
	return rc;
}

static int add(
	struct peers *list, const struct sockaddr *addr, socklen_t len, const char *name)
{
	struct vane__peer *peers = realloc(list->peers, (list->count + 1) * sizeof(*peers));
	struct vane__peer *peer;

	if (peers == NULL)
		return -ENOMEM;
	list->peers = peers;
	peer = &peers[list->count++];
	*peer = (struct vane__peer) { .address_len = len };
	memcpy(&peer->address, addr, len);
	snprintf(peer->name, sizeof(peer->name), "%s", name);
	return list->count <= MAX_PEERS ? 0 : complain(name, -E2BIG, "too many addresses");
}

static int add_local(struct peers *list, const char *text, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len == 0)
		return complain(text, -EINVAL, "the path of a socket is missing");
	if (len >= sizeof(addr.sun_path))
		return complain(text, -EINVAL, "the path of the socket is too long");
	memcpy(addr.sun_path, path, len + 1);
	return add(list, (const struct sockaddr *) &addr, sizeof(addr), text);
}

static int add_resolved(struct peers *list, const struct addrinfo *info)
{
	char host[NI_MAXHOST], port[NI_MAXSERV], name[NI_MAXHOST + NI_MAXSERV + 3];
	int rc;

	if (info->ai_addrlen > sizeof(union vane__address))
		return 0;
	rc = getnameinfo(info->ai_addr, info->ai_addrlen, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	if (rc != 0)
		return complain("?", -EINVAL, gai_strerror(rc));
	snprintf(name, sizeof(name), info->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
		host, port);
	return add(list, info->ai_addr, info->ai_addrlen, name);
}

static int resolve(struct peers *list, const char *text, const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL, *at;
	int rc = getaddrinfo(host, port, &hints, &found);

	if (rc == EAI_MEMORY)
		return -ENOMEM;
	if (rc != 0)
		return complain(text, -ENOENT, gai_strerror(rc));
	for (at = found; at != NULL && rc == 0; at = at->ai_next)
		rc = add_resolved(list, at);
	freeaddrinfo(found);
	return rc;
}

static bool is_port(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= 5 && strspn(text, "0123456789") == len &&
	       strtoul(text, NULL, 10) > 0 && strtoul(text, NULL, 10) <= 65535;
}

/* Cut "host:port" or "[host]:port" into two. */
static int add_host(struct peers *list, char *text)
{
	char copy[NI_MAXHOST + NI_MAXSERV], *host = copy, *colon;
	size_t len;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int) sizeof(copy))
		return complain(text, -EINVAL, "too long");
	colon = strrchr(copy, ':');
	if (colon == NULL || colon == copy || !is_port(colon + 1))
		return complain(text, -EINVAL,
			"not of the form unix:PATH, HOST:PORT or [ADDRESS]:PORT");
	*colon = '\0';
	len = strlen(host);
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		host++;
	} else if (strpbrk(host, ":[]") != NULL) {
		return complain(text, -EINVAL, "an IPv6 address needs brackets around it");
	}
	if (*host == '\0')
		return complain(text, -EINVAL, "the host is missing");
	return resolve(list, text, host, colon + 1);
}

int vane__address_list(const char *text, struct vane__peer **peers, size_t *count)
{
	struct peers list = { NULL, 0 };
	char *copy = strdup(text), *next = copy, *word;
	int rc = copy != NULL ? 0 : -ENOMEM;

	while (rc == 0 && (word = strtok_r(next, SEPARATORS, &next)) != NULL) {
		if (strncmp(word, "unix:", 5) == 0)
			rc = add_local(&list, word, word + 5);
		else
			rc = add_host(&list, word);
	}
	if (rc == 0 && list.count == 0)
		rc = complain(text, -EINVAL, "no address");
	free(copy);
	if (rc < 0) {
		free(list.peers);
		return rc;
	}
	*peers = list.peers;
	*count = list.count;
	return 0;
}
