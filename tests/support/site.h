/* SPDX-License-Identifier: MIT */
/*
 * site.h - a native server in this process, and clients that are its raw sockets.
 *
 * One thread: whoever waits for a client's bytes turns the loop of the server meanwhile.
 */
#ifndef VANE_TEST_SITE_H
#define VANE_TEST_SITE_H

#include <vane/app.h>
#include <vane/server.h>

struct site {
	struct vane_app *app;
	struct vane_loop *loop;
	struct vane_server *server;
	int port;
	int descriptors; /* open when it began */
	char log[8192];
};

/* Serve routes on a port of 127.0.0.1; the options may be NULL. */
void site_init(struct site *site, const struct vane_route *routes,
	const struct vane_app_opts *app_opts, const struct vane_server_opts *opts);

/* End it; fails the test if it leaves descriptors behind. */
void site_fini(struct site *site);

/* How many descriptors this process has open. */
int site_descriptors(void);

/* Turn the loop until there are so many connections; fails the test after ten seconds. */
void site_await_connections(struct site *site, size_t count);

/* Turn the loop so many milliseconds, and twice as often at least: the time may be another's. */
void site_turn(struct site *site, int msec);

/* A client: its socket, and what has come. */
struct client {
	struct site *site;
	int fd;
	char *in; /* ends in a NUL */
	size_t len, room;
	bool eof;   /* the server has closed */
	bool reset; /* not in order */
};

void client_init(struct client *client, struct site *site);
void client_fini(struct client *client);

/* Send; the loop turns as long as the socket is full.  Stops silently if the server is gone. */
void client_send(struct client *client, const char *data, size_t len);
void client_puts(struct client *client, const char *text);

/* Wait until that text has come; fails the test if it does not within ten seconds. */
void client_await(struct client *client, const char *text);

/* Wait until so many bytes have come. */
void client_await_bytes(struct client *client, size_t len);

/* Wait until the server closes. */
void client_await_close(struct client *client);

/* Forget what has come. */
void client_forget(struct client *client);

/* How often a text has come. */
size_t client_count(const struct client *client, const char *text);

/* The bodies of the chunked response that has come, joined; NULL if it is not whole. */
char *client_dechunk(const struct client *client);

#endif
