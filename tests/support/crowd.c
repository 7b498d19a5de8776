/* SPDX-License-Identifier: MIT */
/*
 * crowd.c - many clients, one poll().
 */
#include "support/crowd.h"

#include <errno.h>
#include <llhttp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/ask.h"
#include "support/port.h"
#include "support/proc.h"

#define PIECE      (64 * 1024)
#define LOOK_MSEC  5 /* while somebody is about to leave */
#define PAUSE_MSEC 1000

struct client {
	int fd; /* -1: none */
	bool busy;
	struct errand errand;
	size_t sent, got;
	long leave_at; /* 0: not known yet */
	llhttp_t parser;
	struct answer answer;
};

/* All of them, and what they wait for. */
struct run {
	const struct crowd *crowd;
	struct client *clients;
	struct pollfd *fds;
	int busy;
	bool leaving; /* somebody waits for the time to leave */
	long active;  /* when something happened last */
};

static int on_body(llhttp_t *parser, const char *data, size_t len)
{
	struct client *client = parser->data;

	return answer_add_body(&client->answer, data, len) < 0 ? -1 : 0;
}

static int on_whole(llhttp_t *parser)
{
	struct client *client = parser->data;

	client->answer.whole = true;
	return HPE_PAUSED;
}

static void disconnect(struct client *client, enum crowd_leave how)
{
	const struct linger linger = { .l_onoff = 1 };

	if (client->fd < 0)
		return;
	if (how == CROWD_RESETS)
		setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(client->fd);
	client->fd = -1;
}

static int connect_to(struct client *client, int port)
{
	const int on = 1;

	client->fd = port_connect(port, NULL);
	if (client->fd < 0)
		return client->fd;
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

/* Give a client its next errand, if there is one. */
static int send_out(struct run *run, struct client *client)
{
	static llhttp_settings_t settings;
	const struct crowd *crowd = run->crowd;

	settings.on_body = on_body;
	settings.on_message_complete = on_whole;
	client->errand = (struct errand) { 0 };
	if (!crowd->next(crowd->data, (int) (client - run->clients), &client->errand)) {
		disconnect(client, CROWD_CLOSES);
		return 0;
	}
	client->busy = true;
	run->busy++;
	client->sent = client->got = 0;
	client->leave_at = 0;
	llhttp_init(&client->parser, HTTP_RESPONSE, &settings);
	client->parser.data = client;
	return client->fd < 0 ? connect_to(client, crowd->port) : 0;
}

/* The errand is done, one way or the other; the next. */
static int report(struct run *run, struct client *client, bool left)
{
	const struct outcome outcome = {
		.status = client->answer.status,
		.whole = client->answer.whole,
		.left = left,
		.body = client->answer.body,
		.body_len = client->answer.body_len,
	};

	run->crowd->done(run->crowd->data, &client->errand, &outcome);
	free(client->errand.bytes);
	answer_fini(&client->answer);
	client->busy = false;
	run->busy--;
	return send_out(run, client);
}

/* The answer is whole, or there will be no more of it. */
static int conclude(struct run *run, struct client *client, bool keep)
{
	client->answer.status = client->parser.status_code;
	if (!keep || client->sent < client->errand.len ||
		!llhttp_should_keep_alive(&client->parser))
		disconnect(client, CROWD_CLOSES);
	return report(run, client, false);
}

static int take(struct run *run, struct client *client)
{
	static char piece[PIECE];
	llhttp_t *parser = &client->parser;
	ssize_t n = recv(client->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n == 0)
		llhttp_finish(parser);
	if (n <= 0)
		return conclude(run, client, false);
	client->got += (size_t) n;
	if (llhttp_execute(parser, piece, (size_t) n) == HPE_OK)
		return 0;
	if (llhttp_get_error_pos(parser) != piece + n)
		client->answer.whole = false; /* nobody has asked for more */
	return conclude(run, client, client->answer.whole);
}

/* Send some; never more than a client that leaves wants to have sent. */
static void give(struct client *client)
{
	const struct errand *errand = &client->errand;
	size_t end = errand->leave == CROWD_STAYS || errand->leave_sent > errand->len
			     ? errand->len
			     : errand->leave_sent;
	ssize_t n = send(client->fd, errand->bytes + client->sent, end - client->sent,
		MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		client->sent += (size_t) n;
	else if (n < 0 && errno != EAGAIN)
		client->sent = errand->len; /* what it has answered can still be read */
}

static bool has_to_send(const struct client *client)
{
	const struct errand *errand = &client->errand;

	return client->sent < errand->len &&
	       (errand->leave == CROWD_STAYS || client->sent < errand->leave_sent);
}

/* Whether it is time to leave. */
static bool leaves(struct run *run, struct client *client)
{
	const struct errand *errand = &client->errand;

	if (errand->leave == CROWD_STAYS || client->sent < errand->leave_sent ||
		client->got < errand->leave_got)
		return false;
	if (client->leave_at == 0)
		client->leave_at = proc_now() + errand->leave_msec;
	if (proc_now() >= client->leave_at)
		return true;
	run->leaving = true;
	return false;
}

static int serve(struct run *run, struct client *client, short events)
{
	if ((events & POLLOUT) != 0)
		give(client);
	if (leaves(run, client)) {
		disconnect(client, client->errand.leave);
		return report(run, client, true);
	}
	if ((events & (POLLIN | POLLHUP | POLLERR)) != 0)
		return take(run, client);
	return 0;
}

static int turn(struct run *run)
{
	int count = run->crowd->clients, rc = 0, ready;

	for (int i = 0; i < count; i++) {
		const struct client *client = &run->clients[i];

		run->fds[i].fd = client->busy ? client->fd : -1;
		run->fds[i].events = has_to_send(client) ? POLLIN | POLLOUT : POLLIN;
	}
	ready = poll(run->fds, (nfds_t) count, run->leaving ? LOOK_MSEC : PAUSE_MSEC);
	if (ready > 0)
		run->active = proc_now();
	run->leaving = false;
	for (int i = 0; i < count && rc == 0; i++) {
		if (run->clients[i].busy)
			rc = serve(run, &run->clients[i], run->fds[i].revents);
	}
	if (rc == 0 && proc_now() - run->active > run->crowd->msec)
		rc = -ETIMEDOUT;
	return rc;
}

static int begin(struct run *run)
{
	int count = run->crowd->clients, rc = 0;

	run->clients = calloc((size_t) count, sizeof(*run->clients));
	run->fds = calloc((size_t) count, sizeof(*run->fds));
	if (run->clients == NULL || run->fds == NULL)
		return -ENOMEM;
	for (int i = 0; i < count; i++)
		run->clients[i].fd = -1;
	for (int i = 0; i < count && rc == 0; i++)
		rc = send_out(run, &run->clients[i]);
	return rc;
}

static void end(struct run *run)
{
	for (int i = 0; i < run->crowd->clients && run->fds != NULL; i++) {
		disconnect(&run->clients[i], CROWD_CLOSES);
		answer_fini(&run->clients[i].answer);
		if (run->clients[i].busy)
			free(run->clients[i].errand.bytes);
	}
	free(run->clients);
	free(run->fds);
}

int crowd_run(const struct crowd *crowd)
{
	struct run run = { .crowd = crowd, .active = proc_now() };
	int rc = begin(&run);

	while (rc == 0 && run.busy > 0)
		rc = turn(&run);
	end(&run);
	return rc;
}
