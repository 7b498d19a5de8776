/* SPDX-License-Identifier: MIT */
/*
 * load.c - load on an HTTP server: clients that ask without a pause, and count what is lost.
 */
#include "support/load.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/port.h"
#include "support/proc.h"

enum { BODY_BYTES = 300, PATIENCE_SEC = 30 };

struct load_client {
	struct load *load;
	pthread_t thread;
	int fd;    /* -1: none */
	bool used; /* an answer has come on it */
	bool post, keep;
	unsigned number;
	char in[8192];
};

static int open_connection(struct load_client *client)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SEC };

	client->used = false;
	client->fd = port_connect(client->load->port, NULL);
	if (client->fd < 0)
		return -ECONNREFUSED;
	setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return 0;
}

static void close_connection(struct load_client *client)
{
	close(client->fd);
	client->fd = -1;
}

static size_t write_request(struct load_client *client, char *out, size_t size)
{
	const char *more = client->keep ? "" : "Connection: close\r\n";
	int len;

	if (!client->post)
		return (size_t) snprintf(out, size,
			"GET /?%u HTTP/1.1\r\nHost: vane.test\r\n%s\r\n", client->number,
			more);
	len = snprintf(out, size,
		"POST /echo HTTP/1.1\r\nHost: vane.test\r\nContent-Length: %d\r\n%s\r\n",
		BODY_BYTES, more);
	memset(out + len, 'a' + (int) (client->number % 26), BODY_BYTES);
	return (size_t) len + BODY_BYTES;
}

/* How long the answer is of which so much has come; 0: longer, but nobody knows. */
static size_t answer_length(const char *in)
{
	const char *end = strstr(in, "\r\n\r\n"), *at;

	if (end == NULL)
		return 0;
	at = strcasestr(in, "\r\nContent-Length: "); /* HAProxy writes it small */
	if (at != NULL && at < end)
		return (size_t) (end + 4 - in) + strtoul(at + 18, NULL, 10);
	at = strstr(end, "\r\n0\r\n\r\n");
	return at != NULL ? (size_t) (at + 7 - in) : 0;
}

/* A receive with a time limit also ends where the machine was paused: signal(7). */
static ssize_t receive(int fd, void *buf, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, buf, size, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

/* 0, or -EPROTO if it is not what it should be. */
static int judge(const struct load_client *client)
{
	char wanted[BODY_BYTES / 2 + 1];

	memset(wanted, 'a' + (int) (client->number % 26), sizeof(wanted) - 1);
	wanted[sizeof(wanted) - 1] = '\0';
	if (strncmp(client->in, "HTTP/1.1 200 ", 13) != 0 ||
		(client->post && strstr(client->in, wanted) == NULL))
		return -EPROTO;
	return 0;
}

/* Read an answer: -ECONNRESET if nothing of it came, -EPIPE if not all of it did. */
static int read_answer(struct load_client *client)
{
	size_t len = 0, whole = 0;
	ssize_t n;

	while (whole == 0 || len < whole) {
		n = receive(client->fd, client->in + len, sizeof(client->in) - len - 1);
		if (n < 0 && errno == EAGAIN)
			return -ETIMEDOUT;
		if (n <= 0)
			return len == 0 ? -ECONNRESET : -EPIPE;
		len += (size_t) n;
		client->in[len] = '\0';
		whole = answer_length(client->in);
	}
	return judge(client);
}

static bool told_to_close(const struct load_client *client)
{
	return !client->keep || strcasestr(client->in, "\r\nConnection: close\r\n") != NULL;
}

/* Ask once: 0 or a negative errno; the connection is closed then, or if it was the last. */
static int ask_once(struct load_client *client)
{
	char out[2048];
	size_t len = write_request(client, out, sizeof(out));
	int rc = client->fd < 0 ? open_connection(client) : 0;

	client->in[0] = '\0';
	if (rc < 0)
		return rc;
	if (send(client->fd, out, len, MSG_NOSIGNAL) != (ssize_t) len)
		rc = -ECONNRESET;
	if (rc == 0)
		rc = read_answer(client);
	if (rc == 0)
		client->used = true;
	if (rc < 0 || told_to_close(client))
		close_connection(client);
	return rc;
}

static void count_loss(struct load_client *client, int rc, bool used)
{
	struct load *load = client->load;

	if (rc == -ECONNREFUSED)
		load->refused++;
	else if (rc == -EPIPE)
		load->truncated++;
	else
		load->failed++;
	if (load->quiet)
		return;
	fprintf(stderr, "%s, %s: %s: %.60s\n", client->post ? "POST" : "GET",
		used ? "on a kept connection" : "on a new connection", strerror(-rc),
		client->in);
}

static void *client_main(void *data)
{
	struct load_client *client = data;
	struct load *load = client->load;

	while (!load->stop) {
		bool used = client->fd >= 0 && client->used;
		int rc = ask_once(client);

		if (rc == -ECONNRESET && used && !client->post)
			rc = ask_once(client); /* as RFC 9110 has it */
		client->number++;
		load->requests++;
		load->posts += client->post;
		if (rc == 0)
			continue;
		count_loss(client, rc, used);
		poll(NULL, 0, 10); /* where nobody listens there is nothing to wait for */
	}
	if (client->fd >= 0)
		close_connection(client);
	return NULL;
}

int load_start(struct load *load, int port, size_t count)
{
	bool quiet = load->quiet, no_kept_post = load->no_kept_post;
	size_t i;
	int rc = 0;

	*load = (struct load) {
		.port = port, .quiet = quiet, .no_kept_post = no_kept_post
	};
	load->clients = calloc(count, sizeof(*load->clients));
	if (load->clients == NULL)
		return -ENOMEM;
	for (i = 0; i < count && rc == 0; i++) {
		load->clients[i] = (struct load_client) { .load = load,
			.fd = -1,
			.post = i % 3 == 0,
			.keep = i % 2 == 0 && !(no_kept_post && i % 3 == 0),
			.number = (unsigned) i };
		rc = -pthread_create(
			&load->clients[i].thread, NULL, client_main, &load->clients[i]);
		load->count += rc == 0;
	}
	if (rc < 0)
		load_stop(load);
	return rc;
}

void load_stop(struct load *load)
{
	size_t i;

	load->stop = true;
	for (i = 0; i < load->count; i++)
		pthread_join(load->clients[i].thread, NULL);
	free(load->clients);
	load->clients = NULL;
	load->count = 0;
}

int load_await(struct load *load, long more, long msec)
{
	long wanted = load->requests + more, deadline = proc_now() + msec;

	while (load->requests < wanted) {
		if (proc_now() > deadline)
			return -ETIMEDOUT;
		poll(NULL, 0, 2);
	}
	return 0;
}

long load_lost(const struct load *load)
{
	return load->failed + load->truncated + load->refused;
}

void load_describe(const struct load *load, char *text, size_t size)
{
	snprintf(text, size,
		"%ld requests (%ld POST), %ld failed, %ld truncated, %ld refused",
		(long) load->requests, (long) load->posts, (long) load->failed,
		(long) load->truncated, (long) load->refused);
}
