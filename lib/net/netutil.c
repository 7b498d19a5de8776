/* SPDX-License-Identifier: MIT */
/*
 * netutil.c - TCP listening sockets.
 *
 * Nothing here blocks but the resolver, and nothing accepts: that is accept.c.  Unix sockets
 * are in unixsock.c.
 */
#include "config.h" /* for SOCK_CLOEXEC and its like */

#include "netutil.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vane/log.h>

#include "base.h"
#include "limit.h"
#include "slice.h"

#define DEFAULT_BACKLOG 1024

/*
 * How often a set is tried again when the port that the kernel chose for its first address is
 * taken for another one.
 */
#define PORT_TRIES 16

/* What the kernel cuts backlogs at, 0 if it does not say. */
static int somaxconn(void)
{
	FILE *file = fopen("/proc/sys/net/core/somaxconn", "re");
	int limit = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%d", &limit) != 1)
		limit = 0;
	fclose(file);
	return limit;
}

int vane__backlog(int wanted)
{
	int64_t backlog = wanted;
	int limit, rc = vane__limit_fill("backlog", &backlog, DEFAULT_BACKLOG);

	if (rc < 0)
		return rc;
	if (wanted <= 0)
		return backlog == VANE__UNLIMITED ? INT_MAX : (int) backlog;
	limit = somaxconn();
	if (limit > 0 && wanted > limit)
		vane_log(VANE_LOG_WARNING,
			"a backlog of %d is cut to net.core.somaxconn, %d", wanted, limit);
	return wanted;
}

void vane_sockets_fini(struct vane_sockets *socks)
{
	size_t i;

	for (i = 0; i < socks->count; i++)
		close(socks->fds[i]);
	free(socks->fds);
	*socks = (struct vane_sockets) { 0 };
}

int vane_sockets_add(struct vane_sockets *socks, int fd)
{
	int *fds = realloc(socks->fds, (socks->count + 1) * sizeof(*fds));

	if (fds == NULL)
		return -ENOMEM;
	fds[socks->count] = fd;
	socks->fds = fds;
	socks->count++;
	socks->pid = (int) getpid();
	return 0;
}

/* Put one that others hold too on a list, in front. */
static int add_inherited(struct vane_sockets *socks, int fd)
{
	int rc = vane_sockets_add(socks, fd);

	if (rc < 0)
		return rc;
	socks->fds[socks->count - 1] = socks->fds[socks->inherited];
	socks->fds[socks->inherited++] = fd;
	return 0;
}

static bool same_address(const struct addrinfo *a, const struct addrinfo *b)
{
	return a->ai_family == b->ai_family && a->ai_socktype == b->ai_socktype &&
	       a->ai_protocol == b->ai_protocol && a->ai_addrlen == b->ai_addrlen &&
	       memcmp(a->ai_addr, b->ai_addr, a->ai_addrlen) == 0;
}

/* A hosts file that names localhost twice lists its address twice: it can be bound once. */
static bool seen_before(const struct addrinfo *list, const struct addrinfo *ai)
{
	for (; list != ai; list = list->ai_next)
		if (same_address(list, ai))
			return true;
	return false;
}

/* macOS has localhost stand for a link-local address too, which is not meant. */
static bool is_stray(const struct addrinfo *ai, const char *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *) ai->ai_addr;

	return ai->ai_family == AF_INET6 && in6->sin6_scope_id != 0 && address != NULL &&
	       strcmp(address, "localhost") == 0;
}

/* Containers often have IPv6 with not even the loopback address configured. */
static bool is_missing_loopback(const struct addrinfo *ai)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *) ai->ai_addr;

	return ai->ai_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

static in_port_t port_of(const struct sockaddr *addr)
{
	if (addr->sa_family == AF_INET)
		return ((const struct sockaddr_in *) addr)->sin_port;
	if (addr->sa_family == AF_INET6)
		return ((const struct sockaddr_in6 *) addr)->sin6_port;
	return 0;
}

static void set_port(struct sockaddr *addr, in_port_t port)
{
	if (addr->sa_family == AF_INET)
		((struct sockaddr_in *) addr)->sin_port = port;
	else if (addr->sa_family == AF_INET6)
		((struct sockaddr_in6 *) addr)->sin6_port = port;
}

static int set_options(int fd, int family, bool reuse_port)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	if (family == AF_INET6 &&
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -errno;
	if (!reuse_port)
		return 0;
#ifdef SO_REUSEPORT
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0)
		return 0;
	if (errno != ENOPROTOOPT)
		return -errno;
#endif
	vane_log(VANE_LOG_ERROR, "the platform doesn't support SO_REUSEPORT");
	return -ENOTSUP;
}

/* A listening socket on one address, with that port if it is not 0; or a negative errno. */
static int bind_one(
	const struct addrinfo *ai, in_port_t port, const struct vane_bind_opts *opts)
{
	struct sockaddr_storage addr = { 0 };
	int backlog = vane__backlog(opts->backlog), fd, rc;

	if (backlog < 0)
		return backlog;
	fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		ai->ai_protocol);
	if (fd < 0)
		return -errno;
	rc = set_options(fd, ai->ai_family, opts->reuse_port);
	if (rc < 0)
		goto fail;
	memcpy(&addr, ai->ai_addr, ai->ai_addrlen);
	if (port != 0)
		set_port((struct sockaddr *) &addr, port);
	if (bind(fd, (struct sockaddr *) &addr, ai->ai_addrlen) < 0 ||
		listen(fd, backlog) < 0) {
		rc = -errno;
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return rc;
}

/*
 * One try at the whole list; on failure, what was bound is in out all the same.  All have the
 * port of the first, which matters where the kernel chose it.
 */
static int bind_all(const struct addrinfo *list, const struct vane_bind_opts *opts,
	struct vane_sockets *out)
{
	const struct addrinfo *ai;
	in_port_t port = 0;

	for (ai = list; ai != NULL; ai = ai->ai_next) {
		int fd, rc;

		if (seen_before(list, ai) || is_stray(ai, opts->address))
			continue;
		fd = bind_one(ai, port, opts);
		if (fd == -EAFNOSUPPORT ||
			(fd == -EADDRNOTAVAIL && is_missing_loopback(ai)))
			continue;
		if (fd < 0)
			return fd;
		rc = vane_sockets_add(out, fd);
		if (rc < 0) {
			close(fd);
			return rc;
		}
		port = htons((in_port_t) vane_socket_port(fd));
	}
	return out->count > 0 ? 0 : -EAFNOSUPPORT;
}

int vane__bind_addresses(const struct addrinfo *list, const struct vane_bind_opts *opts,
	struct vane_sockets *out)
{
	bool any_port = list != NULL && port_of(list->ai_addr) == 0;
	int tries = any_port ? PORT_TRIES : 1;
	int rc;

	do {
		struct vane_sockets socks = { 0 };
		bool again;

		rc = bind_all(list, opts, &socks);
		if (rc == 0) {
			*out = socks;
			return 0;
		}
		/* a failure of the first has nothing to do with its port being shared */
		again = rc == -EADDRINUSE && socks.count > 0;
		vane_sockets_fini(&socks);
		if (!again)
			break;
	} while (--tries > 0);
	return rc;
}

/* The resolver cuts numbers above 65535 to 16 bits and takes signs: refuse them before. */
static bool port_makes_sense(const char *port)
{
	int64_t number;
	int rc = vane__slice_number(vane__slice(port), &number);

	if (rc < 0)
		return rc == -EINVAL && isalnum((unsigned char) port[0]); /* a service */
	return number <= 65535;
}

static int resolve(const struct vane_bind_opts *opts, struct addrinfo **list)
{
	const char *address =
		opts->address != NULL && opts->address[0] != '\0' ? opts->address : NULL;
	const char *port = opts->port != NULL ? opts->port : "0";
	struct addrinfo hints = { 0 };
	int rc;

	if (!port_makes_sense(port)) {
		vane_log(VANE_LOG_ERROR, "\"%s\" is not a port: 0 to 65535, or a service",
			port);
		return -EINVAL;
	}
	hints.ai_family = opts->family != 0 ? opts->family : AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = opts->flags != 0 ? opts->flags : AI_PASSIVE;
	rc = getaddrinfo(address, port, &hints, list);
	if (rc == 0)
		return 0;
	if (rc == EAI_MEMORY)
		return -ENOMEM;
	if (rc == EAI_FAMILY)
		return -EAFNOSUPPORT;
	vane_log(VANE_LOG_ERROR, "cannot resolve \"%s\" port %s: %s",
		address != NULL ? address : "", port, gai_strerror(rc));
	return -ENOENT;
}

int vane_bind_sockets(const struct vane_bind_opts *opts, struct vane_sockets *out)
{
	struct addrinfo *list = NULL;
	int rc;

	rc = resolve(opts, &list);
	if (rc < 0)
		return rc;
	rc = vane__bind_addresses(list, opts, out);
	freeaddrinfo(list);
	return rc;
}

/* The address that a socket is bound to. */
static int local_address(int fd, struct sockaddr_storage *addr, socklen_t *len)
{
	*len = sizeof(*addr);
	memset(addr, 0, sizeof(*addr));
	return getsockname(fd, (struct sockaddr *) addr, len) < 0 ? -errno : 0;
}

int vane_socket_port(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int rc = local_address(fd, &addr, &len);

	if (rc < 0)
		return rc;
	if (addr.ss_family != AF_INET && addr.ss_family != AF_INET6)
		return -EAFNOSUPPORT;
	return ntohs(port_of((struct sockaddr *) &addr));
}

static int unix_name(const struct sockaddr_un *addr, socklen_t len, char *buf, size_t size)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);

	if (len <= head)
		return snprintf(buf, size, "unix:");
	if (addr->sun_path[0] == '\0') /* abstract: no file, and not ended by a NUL */
		return snprintf(buf, size, "unix:@%.*s", (int) (len - head - 1),
			addr->sun_path + 1);
	return snprintf(buf, size, "unix:%.*s", (int) (len - head), addr->sun_path);
}

int vane_socket_name(int fd, char *buf, size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage addr;
	socklen_t len;
	int rc = local_address(fd, &addr, &len);

	if (rc < 0)
		return rc;
	if (addr.ss_family == AF_UNIX)
		return unix_name((struct sockaddr_un *) &addr, len, buf, size);
	rc = getnameinfo((struct sockaddr *) &addr, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	if (rc != 0)
		return -EAFNOSUPPORT;
	return snprintf(
		buf, size, addr.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int socket_option(int fd, int name, int *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, name, value, &len) < 0 ? -errno : 0;
}

bool vane_socket_is_listening(int fd)
{
	int listening;

	return socket_option(fd, SO_ACCEPTCONN, &listening) == 0 && listening != 0;
}

/* A listening stream socket becomes close-on-exec. */
static int adopt(int fd)
{
	int type;
	int rc = socket_option(fd, SO_TYPE, &type);

	if (rc < 0)
		return rc;
	if (type != SOCK_STREAM || !vane_socket_is_listening(fd))
		return -EINVAL;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int vane_socket_adopt(int fd)
{
	int rc = adopt(fd), flags;

	if (rc < 0)
		return rc;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

int vane_sockets_adopt(struct vane_sockets *socks, int fd)
{
	int rc = vane_socket_adopt(fd);

	return rc < 0 ? rc : add_inherited(socks, fd);
}

int vane__sockets_adopt_blocking(struct vane_sockets *socks, int fd)
{
	int rc = adopt(fd);

	return rc < 0 ? rc : add_inherited(socks, fd);
}
