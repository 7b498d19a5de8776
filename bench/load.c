/* SPDX-License-Identifier: MIT */
/*
 * load.c - a small client for what wrk cannot do.
 *
 *	load [-n REQUESTS | -d SECONDS | -r] [-i MSEC] [-t MSEC] [-b] [-H] PORT CONNECTIONS:PATH...
 *	load -p COUNT            print that many free ports
 *	load -w PORT|SOCKET      wait until somebody listens there
 *
 * Each connection asks, waits for the answer, and asks again: -n times, or for -d seconds, with
 * a pause of -i in between.
 * Whatever is not answered within -t is a time-out, and ends its connection.  -b sends the
 * head of a browser, 498 bytes, instead of the shortest, 40.  -H holds the connections when
 * all is answered, says "ready", and waits for the end of standard input.
 *
 * -r is for servers that are started anew meanwhile.  It asks until standard input ends, and then waits
 * for what it has asked.  A connection that the server ends is opened again, and only what was not
 * answered on it is an error.
 *
 * Prints for each group: requests, errors, time-outs, then p50, p99 and maximum in us.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_GROUPS = 4,
	MAX_PORTS = 64,
	STARTING = 64, /* connections that wait for their first answer: below any backlog */
	TICK_MSEC = 50,
	AGAIN_MSEC = 10, /* until a connection that was lost is opened again */
	WAIT_MSEC = 10000
};

static const char short_head[] = "Host: localhost:8080\r\n\r\n";
static const char browser_head[] =
	"Host: localhost:8080\r\n"
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
	"Firefox/128.0\r\n"
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
	"image/webp,image/png,image/svg+xml,*/*;q=0.8\r\n"
	"Accept-Language: en-US,en;q=0.5\r\n"
	"Accept-Encoding: gzip, deflate, br\r\n"
	"DNT: 1\r\n"
	"Sec-GPC: 1\r\n"
	"Connection: keep-alive\r\n"
	"Upgrade-Insecure-Requests: 1\r\n"
	"Sec-Fetch-Dest: document\r\n"
	"Sec-Fetch-Mode: navigate\r\n"
	"Sec-Fetch-Site: none\r\n"
	"Sec-Fetch-User: ?1\r\n"
	"Priority: u=0, i\r\n"
	"\r\n";

struct group {
	char request[1024];
	size_t request_len;
	long connections;
	unsigned long errors, timeouts;
	uint32_t *samples; /* us of each answer */
	size_t count, room;
};

struct client {
	struct group *group;
	int fd; /* -1: not begun, or over */
	long answers;
	int64_t sent; /* us; 0: nothing is asked */
	int64_t due;  /* us; when to ask again after a pause, 0: there is none */
	size_t used;
	char answer[2048];
};

struct load {
	int epoll;
	in_port_t port;
	long requests;          /* of each connection; 0: until the time is over */
	int64_t until, timeout; /* us */
	int64_t pause;          /* us between an answer and the next request */
	bool browser, hold;
	bool again; /* connections are opened again, until standard input ends: */
	bool over;
	struct group groups[MAX_GROUPS];
	size_t group_count;
	struct client *clients;
	size_t client_count;
	size_t begun;    /* clients that have been connected */
	size_t starting; /* those of them that wait for their first answer */
	size_t busy;     /* those that have something to do */
};

static int64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static struct sockaddr_in loopback(in_port_t port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return addr;
}

static int connect_port(in_port_t port)
{
	struct sockaddr_in addr = loopback(port);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	(void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static int connect_path(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Wait for somebody to listen.  Nothing tells us, so look again every 10 ms. */
static int wait_for(const char *where)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int fd;

	for (int msec = 0; msec < WAIT_MSEC; msec += 10) {
		fd = strchr(where, '/') != NULL
			     ? connect_path(where)
			     : connect_port((in_port_t) strtoul(where, NULL, 10));
		if (fd >= 0) {
			close(fd);
			return 0;
		}
		nanosleep(&pause, NULL);
	}
	fprintf(stderr, "load: nobody listens at %s\n", where);
	return 1;
}

/* All are bound before the first is closed, so that they differ. */
static int print_ports(long count)
{
	int fds[MAX_PORTS];

	if (count < 1 || count > MAX_PORTS)
		return 2;
	for (long i = 0; i < count; i++) {
		struct sockaddr_in addr = loopback(0);
		socklen_t len = sizeof(addr);

		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fds[i] < 0 || bind(fds[i], (struct sockaddr *) &addr, len) < 0 ||
			getsockname(fds[i], (struct sockaddr *) &addr, &len) < 0) {
			perror("load");
			return 1;
		}
		printf("%d\n", ntohs(addr.sin_port));
	}
	for (long i = 0; i < count; i++)
		close(fds[i]);
	return 0;
}

static void finish(struct load *load, struct client *client)
{
	if (client->answers == 0)
		load->starting--;
	load->busy--;
	client->sent = 0;
}

static void close_connection(struct client *client)
{
	close(client->fd);
	client->fd = -1;
	client->used = 0;
}

/* With a connection that ends its client is over, unless it is to open another one. */
static void drop(struct load *load, struct client *client, unsigned long *why)
{
	(*why)++;
	close_connection(client);
	if (!load->again || load->over) {
		finish(load, client);
		return;
	}
	client->sent = 0;
	client->due = now_usec() + AGAIN_MSEC * 1000;
}

static int open_connection(struct load *load, struct client *client)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = client };

	client->fd = connect_port(load->port);
	if (client->fd < 0 || fcntl(client->fd, F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &ev);
}

static void ask(struct load *load, struct client *client)
{
	struct group *group = client->group;

	client->sent = now_usec();
	if ((client->fd < 0 && open_connection(load, client) < 0) ||
		write(client->fd, group->request, group->request_len) !=
			(ssize_t) group->request_len)
		drop(load, client, &group->errors);
}

static void begin_one(struct load *load)
{
	load->starting++;
	load->busy++;
	ask(load, &load->clients[load->begun++]);
}

static void note(struct group *group, int64_t usec)
{
	if (group->count == group->room) {
		group->room = group->room > 0 ? group->room * 2 : 4096;
		group->samples =
			realloc(group->samples, group->room * sizeof(*group->samples));
		if (group->samples == NULL) {
			perror("load");
			exit(1);
		}
	}
	group->samples[group->count++] = (uint32_t) usec;
}

/* The length of a whole answer; 0 if the head is not whole; negative if it is not a 200. */
static ssize_t answer_len(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *field;

	if (end == NULL)
		return 0;
	field = strcasestr(text, "\r\nContent-Length:");
	if (strncmp(text, "HTTP/1.1 200 ", 13) != 0 || field == NULL || field > end)
		return -EBADMSG;
	return end + 4 - text + strtol(field + strlen("\r\nContent-Length:"), NULL, 10);
}

static void take(struct load *load, struct client *client)
{
	struct group *group = client->group;
	ssize_t len, n = read(client->fd, client->answer + client->used,
			     sizeof(client->answer) - 1 - client->used);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		client->used += (size_t) n;
		client->answer[client->used] = '\0';
	}
	len = n > 0 ? answer_len(client->answer) : -EPIPE;
	if (len < 0 || client->sent == 0 || (size_t) len > sizeof(client->answer) - 1) {
		if (client->sent != 0)
			drop(load, client, &group->errors);
		else if (n <= 0)
			close_connection(client);
		return;
	}
	if (len == 0 || client->used < (size_t) len)
		return;
	note(group, now_usec() - client->sent);
	client->used = 0;
	if (client->answers++ == 0)
		load->starting--;
	client->sent = 0;
	if (load->again && strcasestr(client->answer, "\r\nConnection: close") != NULL)
		close_connection(client);
	if (client->answers == load->requests || load->over)
		finish(load, client);
	else if (load->pause > 0)
		client->due = now_usec() + load->pause;
	else
		ask(load, client);
}

/* Nothing is asked from now on: who waits for no answer has nothing to do any more. */
static void end(struct load *load)
{
	load->over = true;
	for (size_t i = 0; i < load->begun; i++) {
		struct client *client = &load->clients[i];

		if (client->due != 0)
			finish(load, client);
		client->due = 0;
	}
}

/* Ask where a pause is over. */
static void resume(struct load *load, int64_t now)
{
	for (size_t i = 0; i < load->begun; i++) {
		struct client *client = &load->clients[i];

		if (client->due != 0 && now >= client->due) {
			client->due = 0;
			ask(load, client);
		}
	}
}

static void sweep(struct load *load, int64_t now)
{
	for (size_t i = 0; i < load->begun; i++) {
		struct client *client = &load->clients[i];

		if (client->sent != 0 && now - client->sent > load->timeout)
			drop(load, client, &client->group->timeouts);
	}
}

static bool has_ended(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) != 0;
}

static void run(struct load *load)
{
	struct epoll_event events[64];
	int64_t now = now_usec(), swept = now;
	int n;

	while (load->until == 0 || now < load->until) {
		while (load->begun < load->client_count && load->starting < STARTING &&
			!load->over)
			begin_one(load);
		if (load->busy == 0)
			return;
		n = epoll_wait(load->epoll, events, 64,
			load->pause > 0 || load->again ? 1 : TICK_MSEC);
		for (int i = 0; i < n; i++)
			take(load, events[i].data.ptr);
		if (load->again && !load->over && has_ended(STDIN_FILENO))
			end(load);
		now = now_usec();
		if (load->pause > 0 || load->again)
			resume(load, now);
		if (now - swept > TICK_MSEC * 1000) {
			sweep(load, now);
			swept = now;
		}
	}
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

	return (x > y) - (x < y);
}

static void report(struct group *group)
{
	size_t n = group->count;

	if (n > 0)
		qsort(group->samples, n, sizeof(*group->samples), by_value);
	printf("%zu %lu %lu %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", n, group->errors,
		group->timeouts, n > 0 ? group->samples[n / 2] : 0,
		n > 0 ? group->samples[n - 1 - n / 100] : 0,
		n > 0 ? group->samples[n - 1] : 0);
	free(group->samples);
}

static int add_group(struct load *load, const char *text)
{
	struct group *group = &load->groups[load->group_count];
	char *path;

	if (load->group_count == MAX_GROUPS)
		return -E2BIG;
	group->connections = strtol(text, &path, 10);
	if (*path != ':' || group->connections < 1)
		return -EINVAL;
	group->request_len = (size_t) snprintf(group->request, sizeof(group->request),
		"GET %s HTTP/1.1\r\n%s", path + 1,
		load->browser ? browser_head : short_head);
	if (group->request_len >= sizeof(group->request))
		return -E2BIG;
	load->client_count += (size_t) group->connections;
	load->group_count++;
	return 0;
}

static int make_clients(struct load *load)
{
	struct client *client;

	load->clients = calloc(load->client_count, sizeof(*load->clients));
	if (load->clients == NULL)
		return -ENOMEM;
	client = load->clients;
	for (size_t g = 0; g < load->group_count; g++) {
		for (long i = 0; i < load->groups[g].connections; i++)
			*client++ = (struct client) { .group = &load->groups[g], .fd = -1 };
	}
	return 0;
}

static int usage(void)
{
	fputs("usage: load [-n REQUESTS | -d SECONDS | -r] [-i MSEC] [-t MSEC] [-b] [-H] PORT "
	      "CONNECTIONS:PATH...\n"
	      "       load -p COUNT\n"
	      "       load -w PORT|SOCKET\n",
		stderr);
	return 2;
}

static void hold(const struct load *load)
{
	printf("ready %zu\n", load->client_count);
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static int measure(struct load *load, int argc, char **argv)
{
	if (argc < 2 || (load->requests < 1 && load->until == 0 && !load->again))
		return usage();
	load->port = (in_port_t) strtoul(argv[0], NULL, 10);
	for (int i = 1; i < argc; i++) {
		if (add_group(load, argv[i]) < 0)
			return usage();
	}
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load->epoll < 0 || make_clients(load) < 0) {
		perror("load");
		return 1;
	}
	run(load);
	if (load->hold)
		hold(load);
	for (size_t i = 0; i < load->group_count; i++)
		report(&load->groups[i]);
	free(load->clients);
	return 0;
}

int main(int argc, char **argv)
{
	struct load load = { .timeout = 5000000 };
	int opt;

	_Static_assert(sizeof(short_head) - 1 + 16 == 40, "a short request is 40 bytes");
	_Static_assert(
		sizeof(browser_head) - 1 + 16 == 498, "a browser's request is 498 bytes");
	signal(SIGPIPE, SIG_IGN);
	while ((opt = getopt(argc, argv, "n:d:ri:t:bHp:w:")) != -1) {
		switch (opt) {
		case 'n':
			load.requests = strtol(optarg, NULL, 10);
			break;
		case 'd':
			load.until = now_usec() + strtol(optarg, NULL, 10) * 1000000;
			break;
		case 'r':
			load.again = true;
			break;
		case 'i':
			load.pause = strtol(optarg, NULL, 10) * 1000;
			break;
		case 't':
			load.timeout = strtol(optarg, NULL, 10) * 1000;
			break;
		case 'b':
			load.browser = true;
			break;
		case 'H':
			load.hold = true;
			break;
		case 'p':
			return print_ports(strtol(optarg, NULL, 10));
		case 'w':
			return wait_for(optarg);
		default:
			return usage();
		}
	}
	return measure(&load, argc - optind, argv + optind);
}
