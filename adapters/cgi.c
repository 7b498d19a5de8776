/* SPDX-License-Identifier: MIT */
/*
 * cgi.c - an application as a CGI program (RFC 3875): one request, then the process is
 * over.
 *
 * Reading and writing wait; there is nobody else to be kept waiting.
 */
#include <vane/cgi.h>

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vane/driver.h>

#include "buf.h"
#include "cgi_head.h"
#include "clock.h"
#include "write_all.h"

/* What is left of a body is read on after the answer: so much, so long, and no longer without any. */
#define DRAIN_BYTES      (INT64_C(4) * 1024 * 1024 * 1024)
#define DRAIN_MSEC       30000
#define DRAIN_PIECE_MSEC 5000

/* The response is written in pieces of about that size. */
#define GATHER_BYTES (16 * 1024)

struct cgi {
	int in, out;
	int64_t left; /* bytes of the body to come; -1: until its end */
	bool ended;
	int end_rc;
	struct buf gathered; /* of the response, for the next write */
};

static ssize_t driver_read(void *carrier, void *buf, size_t size)
{
	struct cgi *cgi = carrier;
	ssize_t n;

	if (cgi->left >= 0 && (int64_t) size > cgi->left)
		size = (size_t) cgi->left;
	if (size == 0)
		return 0;
	do {
		n = read(cgi->in, buf, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (cgi->left < 0)
		return n;
	cgi->left -= n;
	return n > 0 ? n : -EBADMSG;
}

static int driver_flush(void *carrier)
{
	struct cgi *cgi = carrier;
	size_t len = cgi->gathered.len;

	cgi->gathered.len = 0;
	return vane__write_all(cgi->out, cgi->gathered.data, len);
}

static int driver_begin(void *carrier, const struct vane_head *head)
{
	struct cgi *cgi = carrier;

	return vane__cgi_head_add(&cgi->gathered, head);
}

static ssize_t driver_write(void *carrier, const struct vane_slice *piece)
{
	struct cgi *cgi = carrier;
	int rc = 0;

	if (cgi->gathered.len + piece->len > GATHER_BYTES)
		rc = driver_flush(cgi);
	if (rc == 0 && piece->len > GATHER_BYTES)
		rc = vane__write_all(cgi->out, piece->data, piece->len);
	else if (rc == 0)
		rc = vane__buf_add_slice(&cgi->gathered, *piece);
	return rc < 0 ? rc : (ssize_t) piece->len;
}

static void driver_end(void *carrier, int rc)
{
	struct cgi *cgi = carrier;

	cgi->ended = true;
	cgi->end_rc = rc;
}

static const struct vane_driver driver = {
	.mode = "cgi",
	.caps = VANE_CAP_STREAM_OUT | VANE_CAP_STREAM_IN,
	.read = driver_read,
	.begin = driver_begin,
	.write = driver_write,
	.flush = driver_flush,
	.end = driver_end,
};

unsigned vane_cgi_caps(void)
{
	return driver.caps;
}

/* Whether a field's value is that word, in any case of letters, with blanks around or without. */
static bool is_word(const char *value, const char *word)
{
	size_t len = strlen(word);

	value += strspn(value, " \t");
	return strncasecmp(value, word, len) == 0 &&
	       value[len + strspn(value + len, " \t")] == '\0';
}

/*
 * Without CONTENT_LENGTH there is no body (RFC 3875, 4.1.2), and standard input may well be
 * something that never ends.  Front servers that pass on a chunked body as it comes say so
 * in HTTP_TRANSFER_ENCODING, and close it at the end.
 */
static int64_t body_length(int64_t announced, char *const *vars)
{
	static const char coding[] = "HTTP_TRANSFER_ENCODING=";

	if (announced >= 0)
		return announced;
	for (; *vars != NULL; vars++)
		if (strncmp(*vars, coding, sizeof(coding) - 1) == 0 &&
			is_word(*vars + sizeof(coding) - 1, "chunked"))
			return -1;
	return 0;
}

/* Wait for more of a body that nobody wants. */
static bool more_to_drain(const struct cgi *cgi, int64_t until)
{
	struct pollfd fd = { .fd = cgi->in, .events = POLLIN };
	int64_t left = until - vane__now_msec();

	if (left <= 0)
		return false;
	return poll(&fd, 1, left < DRAIN_PIECE_MSEC ? (int) left : DRAIN_PIECE_MSEC) > 0;
}

/*
 * Take what is left of a body that nobody wanted.  Apache's mod_cgid gives standard input and
 * output by one socket: closed with a body unread in it, it is reset, and the answer is lost
 * with it.  And whoever sends a body first, and then looks for an answer, finds a pipe that is
 * closed.  That nothing follows is said before, where it can be.
 */
static void drain(struct cgi *cgi)
{
	int64_t until = vane__now_msec() + DRAIN_MSEC, left = DRAIN_BYTES;
	char waste[64 * 1024];
	ssize_t n = 1;

	if (cgi->left == 0)
		return;
	shutdown(cgi->out, SHUT_WR);
	while (cgi->left != 0 && left > 0 && n > 0 && more_to_drain(cgi, until)) {
		n = driver_read(cgi, waste, sizeof(waste));
		left -= n;
	}
}

static int answer(struct cgi *cgi, struct vane_exchange *x, char *const *vars)
{
	struct vane_env *env = vane_exchange_env(x);
	int rc = vane_exchange_env_from_cgi(x, vars);

	if (rc < 0)
		return rc;
	env->body_length = cgi->left = body_length(env->body_length, vars);
	if (rc > 0)
		vane_exchange_refuse(x, &driver, cgi, rc);
	else
		vane_exchange_start(x, &driver, cgi);
	assert(cgi->ended); /* as this mode has nothing that could end it later */
	rc = driver_flush(cgi);
	if (rc == 0)
		drain(cgi);
	return cgi->end_rc < 0 ? cgi->end_rc : rc;
}

int vane_cgi_serve(struct vane_app *app, char *const *vars, int in, int out)
{
	struct cgi cgi = { .in = in, .out = out };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct vane_exchange *x = NULL;
	int rc = vane_exchange_new(&x, app, NULL);

	if (rc < 0)
		return rc;
	/* A front that leaves is an error to write(), not the end of the process. */
	sigaction(SIGPIPE, &ignore, &before);
	rc = answer(&cgi, x, vars);
	sigaction(SIGPIPE, &before, NULL);
	vane_exchange_free(x);
	vane__buf_fini(&cgi.gathered);
	return rc;
}
