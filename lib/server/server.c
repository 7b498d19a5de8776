/* SPDX-License-Identifier: MIT */
/*
 * server.c - the native server: its listening sockets, and all its connections together.
 *
 * Also the stock of what connections need only while a request is in progress: exchanges and
 * read buffers.
 */

#include <vane/server.h>

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/handover.h>
#include <vane/log.h>

#include "conn.h"
#include "exchange.h"
#include "loop.h"
#include "netutil.h"
#include "process.h"
#include "xheaders.h"

#define DEFAULT_HEADER_BYTES (64 * 1024)
#define DEFAULT_WAIT_MSEC    (60 * 1000)
#define DEFAULT_IDLE_MSEC    (3600 * 1000)
#define DEFAULT_MIN_RATE     500
#define DEFAULT_GRACE_MSEC   500
#define LINGER_MSEC          2000  /* with nothing coming */
#define LINGER_TOTAL_MSEC    30000 /* and in all */

/* What is found in a head is kept as offsets of 32 bits. */
#define MOST_HEADER_BYTES (INT64_C(1) << 30)

/* Output that the kernel keeps for a connection and has not sent once. */
#define UNSENT_MAX (512 * 1024)

/* How often spare exchanges are looked at. */
#define TRIM_TICKS 10

/*
 * Ten times a second: connections whose phase has lasted too long, oldest first in each list.
 * No clock is read for a connection: the tick during which something happened is enough.
 */
static void on_tick(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	struct vane_server *server = CONTAINER_OF(timer, struct vane_server, tick);
	int i;

	server->ticks++;
	vane__pool_note(&server->pool);
	if (server->ticks % TRIM_TICKS == 0)
		vane__pool_trim(&server->pool);
	for (i = 0; i < VANE__PHASES; i++) {
		struct list *phase = &server->phases[i];

		while (server->limits[i] > 0 && !list_empty(phase)) {
			struct vane__conn *c =
				CONTAINER_OF(phase->next, struct vane__conn, node);

			if (server->ticks - c->since <= server->limits[i])
				break;
			vane__conn_expired(c);
		}
	}
}

static int fill_opts(struct vane_server_opts *o)
{
	const struct vane__limit limits[] = {
		{ "vane_server_opts.max_header_bytes", &o->max_header_bytes,
			DEFAULT_HEADER_BYTES },
		{ "vane_server_opts.max_fields", &o->max_fields, VANE__H1_MAX_FIELDS },
		{ "vane_server_opts.max_connections", &o->max_connections, VANE_NO_LIMIT },
		{ "vane_server_opts.max_per_address", &o->max_per_address, VANE_NO_LIMIT },
		{ "vane_server_opts.header_msec", &o->header_msec, DEFAULT_WAIT_MSEC },
		{ "vane_server_opts.body_msec", &o->body_msec, DEFAULT_WAIT_MSEC },
		{ "vane_server_opts.min_rate", &o->min_rate, DEFAULT_MIN_RATE, true },
		{ "vane_server_opts.write_msec", &o->write_msec, DEFAULT_WAIT_MSEC },
		{ "vane_server_opts.idle_msec", &o->idle_msec, DEFAULT_IDLE_MSEC },
		{ "vane_server_opts.grace_msec", &o->grace_msec, DEFAULT_GRACE_MSEC },
	};

	return vane__limits_fill(limits, ARRAY_SIZE(limits));
}

static void set_limits(struct vane_server *server)
{
	struct vane_server_opts *opts = &server->opts;

	if (opts->max_header_bytes > MOST_HEADER_BYTES)
		opts->max_header_bytes = MOST_HEADER_BYTES;
	server->limits[VANE__PHASE_IDLE] = vane__server_ticks(opts->idle_msec);
	server->limits[VANE__PHASE_HEADER] = vane__server_ticks(opts->header_msec);
	server->limits[VANE__PHASE_BODY] = vane__server_ticks(opts->body_msec);
	server->limits[VANE__PHASE_WRITE] = vane__server_ticks(opts->write_msec);
	server->limits[VANE__PHASE_LINGER] = vane__server_ticks(LINGER_MSEC);
	server->linger_ticks = vane__server_ticks(LINGER_TOTAL_MSEC);
	server->limits[VANE__PHASE_HANDLER] = 0;
}

static void adopt(int fd, void *data)
{
	vane_server_add_connection(data, fd);
}

/* The server begins to live in its loop: its own, if it was given none. */
static int enter_loop(struct vane_server *server)
{
	int rc = 0;

	if (server->ev != NULL)
		return 0;
	if (server->loop == NULL) {
		rc = vane_loop_new(&server->own_loop);
		if (rc < 0)
			return rc;
		server->loop = server->own_loop;
	}
	rc = vane__limits_init(server);
	if (rc == 0 && server->opts.handover != NULL)
		rc = vane_handover_attach(
			server->opts.handover, server->loop, adopt, server);
	if (rc < 0) {
		vane__limits_fini(server);
		return rc;
	}
	server->acceptor.loop = server->pool.loop = server->loop;
	server->ev = vane__loop_ev(server->loop);
	ev_timer_init(&server->tick, on_tick, VANE__SERVER_TICK_MSEC / 1000.0,
		VANE__SERVER_TICK_MSEC / 1000.0);
	ev_timer_start(server->ev, &server->tick);
	return 0;
}

/* Serve a connection, if it may come; the descriptor is closed if not. */
static int let_in(struct vane_server *server, int fd, const struct sockaddr *peer,
	unsigned peer_len, struct vane__conn **out)
{
	struct vane__conn *c = vane__conn_new(server, fd, peer, peer_len);

	if (c != NULL)
		vane__conn_expect_proxy(c);
	if (c != NULL && vane__limits_admit(server, c, fd)) {
		vane__conn_start(c, fd);
		*out = c;
		return 0;
	}
	close(fd);
	if (c == NULL)
		return -ENOMEM;
	free(c);
	return -EMFILE;
}

/*
 * Where other processes accept too, its first request comes before the next connection: that may be
 * better off with another one.
 */
static void on_accept(int fd, const struct sockaddr *peer, unsigned peer_len, void *data)
{
	struct vane_server *server = data;
	struct vane__conn *c = NULL;

	if (let_in(server, fd, peer, peer_len, &c) == 0 &&
		server->driver == &vane__http_driver && !server->acceptor.stopped)
		vane__conn_look(c);
}

/* There are no descriptors left for a connection that comes. */
static bool on_full(void *data)
{
	return vane__limits_make_room(data);
}

/* Whether a function of a handler that the server called is on the stack. */
static bool is_answering(const struct vane_server *server)
{
	const struct vane_exchange *x = vane__exchange_current;

	if (server->current != NULL)
		return true;
	if (x == NULL || !vane__is_http_driver(x->driver))
		return false;
	/* it is told that its client left, say */
	return ((const struct vane__conn *) x->carrier)->server == server;
}

static bool is_busy(void *data)
{
	return is_answering(data);
}

static int read_proxies(struct vane_server *server, const char *list)
{
	int rc = vane__trust_new(&server->proxies, list);

	if (rc == -EINVAL)
		vane_log(VANE_LOG_ERROR,
			"proxy_protocol %s: addresses or networks are wanted, as in "
			"10.0.0.1,192.168.0.0/16",
			list);
	return rc;
}

int vane_server_new(struct vane_server **out, struct vane_app *app, struct vane_loop *loop,
	const struct vane_server_opts *opts)
{
	struct vane_server *server = calloc(1, sizeof(*server));
	int i, rc;

	if (server == NULL)
		return -ENOMEM;
	if (opts != NULL)
		server->opts = *opts;
	rc = fill_opts(&server->opts);
	if (rc < 0) {
		free(server);
		return rc;
	}
	if (opts != NULL && opts->proxy_protocol != NULL) {
		server->opts.proxy_protocol = NULL; /* the caller's */
		rc = read_proxies(server, opts->proxy_protocol);
		if (rc < 0) {
			free(server);
			return rc;
		}
	}
	server->readmit = vane__limits_readmit;
	server->app = app;
	server->loop = loop;
	server->acceptor = (struct vane__acceptor) { .enter = on_accept,
		.make_room = on_full,
		.busy = is_busy,
		.cut = vane__server_cut,
		.owner = server };
	set_limits(server);
	list_init(&server->yielded);
	for (i = 0; i < VANE__PHASES; i++)
		list_init(&server->phases[i]);
	server->pool.app = app;
	server->driver = server->opts.handover != NULL ? &vane__http_driver
						       : &vane__http_driver_alone;
	rc = vane__buf_reserve(&server->out, VANE__CONN_OUTPUT + 4096);
	if (rc == 0 && loop != NULL)
		rc = enter_loop(server);
	if (rc < 0) {
		vane__buf_fini(&server->out);
		vane__limits_fini(server);
		vane__trust_free(server->proxies);
		free(server);
		return rc;
	}
	*out = server;
	return 0;
}

void vane_server_free(struct vane_server *server)
{
	if (server == NULL)
		return;
	if (is_answering(server)) {
		vane_log(VANE_LOG_ERROR,
			"vane_server_free() within a handler of that server: "
			"stop the loop, and free it then");
		abort(); /* better here than in memory that is somebody else's by then */
	}
	vane__server_end(server);
	if (server->ev != NULL)
		ev_timer_stop(server->ev, &server->tick);
	vane__pool_fini(&server->pool);
	vane__buf_fini(&server->out);
	vane__limits_fini(server);
	vane__trust_free(server->proxies);
	vane_loop_free(server->own_loop);
	free(server);
}

/*
 * What connections inherit from their listener.  Without a limit on what the kernel keeps unsent, a
 * client that does not read holds up to four megabytes (tcp_wmem), which are nobody's to count.
 */
static void set_options(int fd)
{
	int on = 1, unsent = UNSENT_MAX;

	/* unix sockets have neither */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

int vane_server_add_socket(struct vane_server *server, int fd)
{
	int rc = server->acceptor.stopped ? -EALREADY : enter_loop(server);

	if (rc < 0) {
		close(fd);
		return rc;
	}
	set_options(fd);
	return vane__acceptor_add(&server->acceptor, fd, false, true);
}

/* Other processes may serve what comes here: see to it that they do while a handler blocks. */
static int share(struct vane_server *server)
{
	uint64_t tag = vane__acceptor_tag(&server->acceptor, false);

	if (vane__acceptor_is_shared(&server->acceptor))
		server->driver = &vane__http_driver;
	if (server->opts.handover != NULL || tag == 0)
		return 0;
	server->opts.handover = vane__process_take_handover(tag);
	if (server->opts.handover == NULL)
		return 0;
	return vane_handover_attach(server->opts.handover, server->loop, adopt, server);
}

/* Take listening sockets; they are accepted on now, or by vane_server_start(). */
static int add_sockets(struct vane_server *server, struct vane_sockets *socks, bool now)
{
	int rc = now ? enter_loop(server) : 0;
	size_t i;

	if (rc < 0) {
		vane_sockets_fini(socks);
		return rc;
	}
	for (i = 0; i < socks->count; i++)
		set_options(socks->fds[i]);
	rc = vane__acceptor_add_all(&server->acceptor, socks, now);
	return rc == 0 && now ? share(server) : rc;
}

int vane_server_add_sockets(struct vane_server *server, struct vane_sockets *socks)
{
	return add_sockets(server, socks, true);
}

int vane_server_bind(struct vane_server *server, const struct vane_bind_opts *opts)
{
	struct vane_sockets socks = { 0 };
	int rc = vane_bind_sockets(opts, &socks);

	return rc < 0 ? rc : add_sockets(server, &socks, server->started);
}

/* The master has nothing to say, but does not go on for ever when none comes to serve. */
static void on_ready(void *data)
{
}

int vane_server_start(struct vane_server *server, int processes)
{
	struct vane_process_opts opts = { .processes = processes, .ready = on_ready };
	int rc = 0;

	if (server->started)
		return -EALREADY;
	if (processes != 1)
		rc = vane_fork_processes(&opts);
	if (rc < 0)
		return rc;
	server->started = true;
	rc = enter_loop(server);
	if (rc == 0)
		rc = vane__acceptor_start(&server->acceptor);
	if (rc == 0)
		rc = share(server);
	if (rc == 0)
		vane_process_ready();
	return rc;
}

struct vane_loop *vane_server_loop(const struct vane_server *server)
{
	return server->loop;
}

int vane_server_listen(struct vane_server *server, const char *port, const char *address)
{
	struct vane_bind_opts opts = { .port = port, .address = address };
	struct vane_sockets socks = { 0 };
	int rc = vane_bind_sockets(&opts, &socks);

	return rc < 0 ? rc : vane_server_add_sockets(server, &socks);
}

int vane_server_add_connection(struct vane_server *server, int fd)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	struct vane__conn *c;

	if (getpeername(fd, (struct sockaddr *) &peer, &len) < 0) {
		int rc = -errno;

		/* it was reset: nobody is there to be answered, or to be believed */
		close(fd);
		return rc;
	}
	return let_in(server, fd, (struct sockaddr *) &peer, len, &c);
}

int vane_server_drain(
	struct vane_server *server, int64_t msec, vane_loop_fn done, void *data)
{
	int rc = enter_loop(server);

	if (rc == 0)
		rc = vane__acceptor_drain(&server->acceptor, msec, done, data);
	if (rc < 0)
		return rc;
	vane_server_stop(server);
	vane__acceptor_check(&server->acceptor, server->in_flight);
	return 0;
}

size_t vane_server_in_flight(const struct vane_server *server)
{
	return server->in_flight;
}

size_t vane_server_connections(const struct vane_server *server)
{
	return server->connections;
}
