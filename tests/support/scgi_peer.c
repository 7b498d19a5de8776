/* SPDX-License-Identifier: MIT */
/*
 * scgi_peer.c - an SCGI web server's side: it sends what a test wants sent.
 */
#include "support/scgi_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MSEC 10000

/* A variable, "NAME=value", as two texts with a NUL behind each. */
static void put_var(FILE *out, const char *var)
{
	size_t name_len = strcspn(var, "=");

	fwrite(var, 1, name_len, out);
	fputc('\0', out);
	fwrite(var + name_len + 1, 1, strlen(var + name_len + 1) + 1, out);
}

static char *vars_of(const char *const *vars, size_t body_len, size_t *len)
{
	char *text = NULL, length[48];
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", body_len);
	put_var(out, length);
	put_var(out, "SCGI=1");
	for (; *vars != NULL; vars++)
		if (strncmp(*vars, "CONTENT_LENGTH=", 15) != 0)
			put_var(out, *vars);
	fclose(out);
	return text;
}

char *scgi_request(const char *const *vars, const void *body, size_t body_len, size_t *len)
{
	size_t head_len = 0;
	char *text = NULL, *head = vars_of(vars, body_len, &head_len);
	FILE *out = head != NULL ? open_memstream(&text, len) : NULL;

	if (out != NULL) {
		fprintf(out, "%zu:", head_len);
		fwrite(head, 1, head_len, out);
		fputc(',', out);
		if (body_len > 0)
			fwrite(body, 1, body_len, out);
		fclose(out);
	}
	free(head);
	return text;
}

char *scgi_simple(const char *method, const char *target, const char *body, size_t body_len,
	size_t *len)
{
	char words[2][256];
	const char *const vars[] = { words[0], words[1], "SERVER_NAME=vane.test",
		"REMOTE_ADDR=127.0.0.1", NULL };

	snprintf(words[0], sizeof(words[0]), "REQUEST_METHOD=%s", method);
	snprintf(words[1], sizeof(words[1]), "REQUEST_URI=%s", target);
	return scgi_request(vars, body, body_len, len);
}

int scgi_connect(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	bool tcp = path[0] == ':';
	int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (tcp)
		in.sin_port = htons((uint16_t) strtoul(path + 1, NULL, 10));
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	rc = tcp ? connect(fd, (struct sockaddr *) &in, sizeof(in))
		 : connect(fd, (struct sockaddr *) &un, sizeof(un));
	if (rc == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static long now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

int scgi_send(int fd, const char *bytes, size_t len)
{
	long until = now_msec() + WAIT_MSEC;
	int queued = 1;

	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t) len)
		return -EPIPE;
	while (ioctl(fd, SIOCOUTQ, &queued) == 0 && queued > 0) {
		if (now_msec() >= until)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec) { .tv_nsec = 20000 }, NULL);
	}
	return 0;
}

/* Read what is there: 1, 0 at the end, or a negative errno. */
static int read_some(int fd, FILE *out, struct scgi_answer *answer)
{
	char buf[65536];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0)
		return fwrite(buf, 1, (size_t) n, out) == (size_t) n ? 1 : -ENOMEM;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n < 0 && errno != ECONNRESET)
		return -errno;
	answer->reset = n < 0;
	return 0;
}

/* Send what can be sent; a peer that does not want more of it is no failure. */
static size_t send_some(int fd, const char *bytes, size_t len, size_t step)
{
	ssize_t n = send(fd, bytes, step > 0 && step < len ? step : len,
		MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : len;
	return (size_t) n;
}

static int converse(int fd, const char *bytes, size_t len, const struct scgi_manner *manner,
	FILE *out, struct scgi_answer *answer)
{
	long until = now_msec() + (manner->msec > 0 ? manner->msec : WAIT_MSEC);
	struct pollfd pfd = { .fd = fd };
	size_t sent = 0;
	int rc = 1;

	while (rc > 0) {
		long left = until - now_msec();

		pfd.events = (short) (POLLIN | (sent < len ? POLLOUT : 0));
		if (left <= 0 || poll(&pfd, 1, (int) left) == 0)
			return -ETIMEDOUT;
		if (sent < len && (pfd.revents & POLLOUT) != 0) {
			sent += send_some(fd, bytes + sent, len - sent, manner->step);
			if (sent == len && manner->half_close)
				shutdown(fd, SHUT_WR);
		}
		if ((pfd.revents & ~POLLOUT) != 0)
			rc = read_some(fd, out, answer);
	}
	return rc;
}

int scgi_converse(int fd, const char *bytes, size_t len, const struct scgi_manner *manner,
	struct scgi_answer *answer)
{
	static const struct scgi_manner plain;
	FILE *out;
	int rc;

	*answer = (struct scgi_answer) { 0 };
	out = open_memstream(&answer->data, &answer->len);
	if (out == NULL) {
		close(fd);
		return -ENOMEM;
	}
	rc = converse(fd, bytes, len, manner != NULL ? manner : &plain, out, answer);
	fclose(out);
	close(fd);
	return rc;
}
