/* SPDX-License-Identifier: MIT */
/*
 * listen_parse.c - what the words of --listen mean.
 *
 * Pure functions: nothing is bound or resolved here.
 */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimal digits up to most; -EINVAL for anything else. */
static int parse_number(const char *text, long most)
{
	size_t len = strspn(text, "0123456789");
	long n;

	if (len == 0 || len > 9 || text[len] != '\0')
		return -EINVAL;
	n = strtol(text, NULL, 10);
	return n <= most ? (int) n : -EINVAL;
}

/* "8888", "127.0.0.1:8888", "localhost:8888", "[::1]:8888", "*:8888", ":8888" */
static int parse_tcp(struct vane__listen *listen, const char *word)
{
	const char *colon = strrchr(word, ':'), *host = word;
	const char *port = colon != NULL ? colon + 1 : word;
	size_t len = colon != NULL ? (size_t) (colon - word) : 0;

	if (parse_number(port, 65535) < 0)
		return -EINVAL;
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (memchr(host, ':', len) != NULL) {
		return -EINVAL; /* which colon is the port's? */
	}
	listen->anywhere = len == 0;
	if (len == 1 && host[0] == '*')
		len = 0;
	if (len >= sizeof(listen->address) || memchr(host, '/', len) != NULL)
		return -EINVAL;
	memcpy(listen->address, host, len);
	listen->address[len] = '\0';
	snprintf(listen->port, sizeof(listen->port), "%s", port);
	return 0;
}

/* What stands behind fd: - a number, or a name that systemd gives to sockets. */
static int parse_fd(struct vane__listen *listen, const char *word)
{
	const char *at;

	listen->kind = VANE__LISTEN_FD;
	listen->fd = parse_number(word, 1 << 24);
	if (listen->fd >= 0)
		return 0;
	if (word[strspn(word, "-0123456789")] == '\0')
		return -EINVAL;
	for (at = word; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~' || *at == ':')
			return -EINVAL;
	listen->kind = VANE__LISTEN_NAMED;
	listen->path = word;
	return 0;
}

int vane__listen_parse(struct vane__listen *listen, const char *word)
{
	*listen = (struct vane__listen) { .kind = VANE__LISTEN_TCP, .fd = -1 };
	if (strcmp(word, "systemd") == 0) {
		listen->kind = VANE__LISTEN_SYSTEMD;
		return 0;
	}
	if (strncmp(word, "unix:", 5) == 0) {
		listen->kind = VANE__LISTEN_UNIX;
		listen->path = word + 5;
		return listen->path[0] != '\0' ? 0 : -EINVAL;
	}
	if (strncmp(word, "fd:", 3) == 0)
		return parse_fd(listen, word + 3);
	return parse_tcp(listen, word);
}

bool vane__listen_is_loopback(const char *address)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, address, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return strcmp(address, "localhost") == 0;
}

size_t vane__listen_count(const struct vane__settings *settings)
{
	return settings->listen_count > 0 ? settings->listen_count : 1;
}

/* FastCGI and SCGI are not for the world: without an address they mean this machine. */
void vane__listen_at(struct vane__listen *listen, const struct vane__settings *settings,
	enum vane__mode mode, size_t i)
{
	const char *address = settings->address != NULL ? settings->address : "";

	if (settings->listen_count > 0) {
		/* It was understood when it was given. */
		(void) vane__listen_parse(listen, settings->listen[i]);
	} else {
		*listen = (struct vane__listen) { .kind = VANE__LISTEN_TCP, .fd = -1 };
		listen->anywhere = address[0] == '\0';
		snprintf(listen->address, sizeof(listen->address), "%s", address);
		snprintf(listen->port, sizeof(listen->port), "%lld",
			(long long) settings->port);
	}
	if (listen->kind == VANE__LISTEN_TCP && listen->anywhere &&
		vane__mode_believes(mode))
		snprintf(listen->address, sizeof(listen->address), "127.0.0.1");
}

void vane__listen_text(const struct vane__listen *listen, char *buf, size_t size)
{
	switch (listen->kind) {
	case VANE__LISTEN_TCP:
		snprintf(buf, size,
			strchr(listen->address, ':') != NULL ? "[%s]:%s" : "%s:%s",
			listen->address[0] == '\0' ? "*" : listen->address, listen->port);
		break;
	case VANE__LISTEN_UNIX:
		snprintf(buf, size, "unix:%s", listen->path);
		break;
	case VANE__LISTEN_FD:
		snprintf(buf, size, "descriptor %d", listen->fd);
		break;
	case VANE__LISTEN_NAMED:
		snprintf(buf, size, "socket %s of systemd", listen->path);
		break;
	case VANE__LISTEN_SYSTEMD:
		snprintf(buf, size, "systemd");
		break;
	}
}
