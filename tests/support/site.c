/* SPDX-License-Identifier: MIT */
/*
 * site.c - a native server in this process, and clients that are its raw sockets.
 */
#include "config.h" /* for memmem() */

#include "site.h"

#include "test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vane/log.h>

#define DEADLINE_MSEC 30000

static int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void keep_line(enum vane_log_level level, const char *line, void *data)
{
	struct site *site = data;
	size_t at = strlen(site->log);

	snprintf(site->log + at, sizeof(site->log) - at, "%s\n", line);
}

int site_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir != NULL && readdir(dir) != NULL)
		count++;
	if (dir != NULL)
		closedir(dir);
	return count;
}

void site_init(struct site *site, const struct vane_route *routes,
	const struct vane_app_opts *app_opts, const struct vane_server_opts *opts)
{
	struct vane_bind_opts bind_opts = { .address = "127.0.0.1" };
	struct vane_sockets socks = { 0 };

	*site = (struct site) { .descriptors = site_descriptors() };
	vane_log_set_function(keep_line, site);
	assert_int_equal(vane_app_new(&site->app, routes, app_opts), 0);
	assert_int_equal(vane_loop_new(&site->loop), 0);
	assert_int_equal(vane_server_new(&site->server, site->app, site->loop, opts), 0);
	assert_int_equal(vane_bind_sockets(&bind_opts, &socks), 0);
	site->port = vane_socket_port(socks.fds[0]);
	assert_int_equal(vane_server_add_sockets(site->server, &socks), 0);
}

void site_fini(struct site *site)
{
	vane_server_free(site->server);
	vane_loop_free(site->loop);
	vane_app_free(site->app);
	vane_log_set_function(NULL, NULL);
	assert_int_equal(site_descriptors(), site->descriptors);
}

void site_await_connections(struct site *site, size_t count)
{
	int64_t deadline = now_msec() + DEADLINE_MSEC;

	while (vane_server_connections(site->server) != count) {
		assert_true(now_msec() < deadline);
		site_turn(site, 1);
	}
}

void site_turn(struct site *site, int msec)
{
	int64_t until = now_msec() + msec;
	int turns = 0;

	do {
		vane_loop_turn(site->loop, false);
		if (msec > 0)
			poll(NULL, 0, 1);
	} while (now_msec() < until || ++turns < 2 * msec);
}

void client_init(struct client *client, struct site *site)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t) site->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	*client = (struct client) { .site = site, .in = calloc(1, 1) };
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(client->fd >= 0);
	assert_int_equal(connect(client->fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	fcntl(client->fd, F_SETFL, O_NONBLOCK);
}

void client_fini(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	free(client->in);
	client->in = NULL;
}

void client_send(struct client *client, const char *data, size_t len)
{
	int64_t deadline = now_msec() + DEADLINE_MSEC;

	while (len > 0) {
		ssize_t n = send(client->fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			data += n;
			len -= (size_t) n;
		}
		assert_true(now_msec() < deadline);
		site_turn(client->site, 0);
	}
}

void client_puts(struct client *client, const char *text)
{
	client_send(client, text, strlen(text));
}

static void receive(struct client *client)
{
	struct pollfd poller = { .fd = client->fd, .events = POLLIN };
	ssize_t n;

	site_turn(client->site, 0);
	if (client->room - client->len < 65536) {
		client->room = 2 * client->room + 65536;
		client->in = realloc(client->in, client->room + 1);
	}
	n = recv(client->fd, client->in + client->len, client->room - client->len, 0);
	if (n > 0) {
		client->len += (size_t) n;
	} else if (n == 0 || errno != EAGAIN) {
		client->eof = true;
		client->reset = n < 0;
	} else {
		poll(&poller, 1, 1);
	}
	client->in[client->len] = '\0';
}

void client_await(struct client *client, const char *text)
{
	int64_t deadline = now_msec() + DEADLINE_MSEC;

	while (memmem(client->in, client->len, text, strlen(text)) == NULL) {
		if (client->eof || now_msec() > deadline)
			fail_msg("waited for \"%s\" but got \"%.2000s\"%s", text,
				client->in, client->eof ? " and the end" : "");
		receive(client);
	}
}

void client_await_bytes(struct client *client, size_t len)
{
	int64_t deadline = now_msec() + 6 * DEADLINE_MSEC;

	while (client->len < len) {
		if (client->eof || now_msec() > deadline)
			fail_msg("waited for %zu bytes but got %zu%s", len, client->len,
				client->eof ? " and the end" : "");
		receive(client);
	}
}

void client_await_close(struct client *client)
{
	int64_t deadline = now_msec() + DEADLINE_MSEC;

	while (!client->eof) {
		if (now_msec() > deadline)
			fail_msg("waited for the end but got \"%.2000s\"", client->in);
		receive(client);
	}
}

void client_forget(struct client *client)
{
	client->len = 0;
	client->in[0] = '\0';
}

size_t client_count(const struct client *client, const char *text)
{
	const char *at = client->in;
	size_t count = 0;

	while ((at = strstr(at, text)) != NULL) {
		at += strlen(text);
		count++;
	}
	return count;
}

char *client_dechunk(const struct client *client)
{
	const char *at = strstr(client->in, "\r\n\r\n"), *end = client->in + client->len;
	char *body = calloc(1, client->len + 1), *to = body, *data;
	unsigned long len = 1;

	for (at = at != NULL ? at + 4 : end; len > 0 && at < end; at = data + len + 2) {
		len = strtoul(at, &data, 16);
		if (data == at || memcmp(data, "\r\n", 2) != 0)
			break;
		data += 2;
		if (len + 2 > (size_t) (end - data) || memcmp(data + len, "\r\n", 2) != 0)
			break;
		memcpy(to, data, len);
		to += len;
	}
	if (len == 0 && at == end)
		return body;
	free(body);
	return NULL;
}
