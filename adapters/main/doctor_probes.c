/* SPDX-License-Identifier: MIT */
/*
 * doctor_probes.c - the requests that --doctor=URL sends through the front, one after the other, and what
 * it makes of the answers.
 *
 * The first is the usual one: where the program does not see that, there is no use in more.
 */
#include "doctor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vane/log.h>

/* mod_fcgid takes its time to start programs */
#define WAIT_MSEC 15000

/* So long a front has to refuse what it knows the length of. */
#define REFUSAL_MSEC 300

#define TARGET_QUERY "?x=1&y=%20"

struct session {
	struct vane__doctor *doctor;
	const struct vane__doctor_url *url;
	int notice;
	bool mistaken;
	struct vane__doctor_report report;
	enum vane__doctor_front front;
	char peer[64];                 /* where the front comes from */
	struct vane__doctor_seen last; /* what arrived at the probe before */
};

struct probe {
	unsigned id;
	const char *name;
	const char *method;
	const char *path;   /* behind the base */
	const char *fields; /* besides, lines that end */
	bool usual;         /* with Authorization, Cookie and so on */
	const char *first;  /* of the body; "": it is filled in */
	int wait_msec;      /* 0: as usual */
};

/* clang-format off */
static const struct probe probes[] = {
	{ VANE__PROBE_PLAIN, "plain", "GET", "/doctor/plain" TARGET_QUERY,
		"Proxy: " VANE__DOCTOR_PROXY "\r\nX-Doctor-A: dash\r\n"
		"X_Doctor_A: underscore\r\nX_Doctor_B: 1\r\n", .usual = true },
	{ VANE__PROBE_PATH, "path", "GET", "/doctor/a%2Fb//c" TARGET_QUERY, "" },
	{ VANE__PROBE_FORGED, "forged", "GET", "/doctor/forged",
		"X-Real-Ip: " VANE__DOCTOR_FORGED "\r\nX-Forwarded-For: " VANE__DOCTOR_FORGED
		"\r\nX-Scheme: https\r\nX-Forwarded-Proto: https\r\n" },
	{ VANE__PROBE_POST, "post", "POST", "/doctor/post" TARGET_QUERY,
		"Content-Type: " VANE__DOCTOR_TYPE "\r\nContent-Length: 5\r\n",
		.first = VANE__DOCTOR_BODY },
	{ VANE__PROBE_CHUNKED, "chunked", "POST", "/doctor/chunked",
		"Content-Type: " VANE__DOCTOR_TYPE "\r\nTransfer-Encoding: chunked\r\n",
		.first = "5\r\n" VANE__DOCTOR_BODY "\r\n0\r\n\r\n" },
	{ VANE__PROBE_BIG, "big", "POST", "/doctor/big",
		"Content-Type: " VANE__DOCTOR_TYPE "\r\n", .first = "" },
	{ VANE__PROBE_LIMIT, "limit", "POST", "/doctor/limit",
		"Content-Type: " VANE__DOCTOR_TYPE "\r\n", .wait_msec = REFUSAL_MSEC },
	{ VANE__PROBE_STREAM, "stream", "GET", "/doctor/stream", "" },
	{ VANE__PROBE_SLOW, "slow", "GET", "/doctor/slow", "" },
	{ VANE__PROBE_KEPT, "kept", "GET", "/doctor/kept", "" },
};
/* clang-format on */

/* ---- one request ---- */

struct message {
	char target[700];
	struct buf head;
	struct buf body;
	int64_t body_bytes; /* as they count */
};

/* More than the program allows is nobody's fault but the program's. */
static int64_t big_bytes(const struct vane__doctor_program *program)
{
	int64_t most = program->max_body_bytes;

	return most != VANE_NO_LIMIT && most < VANE__DOCTOR_BIG ? most : VANE__DOCTOR_BIG;
}

/* What a body is, as far as it is sent. */
static int fill_body(
	const struct session *session, const struct probe *probe, struct message *message)
{
	const struct vane__doctor_program *program = &session->doctor->program;
	int rc;

	message->body_bytes =
		probe->first != NULL ? (int64_t) strlen(VANE__DOCTOR_BODY) : 0;
	if (probe->id == VANE__PROBE_LIMIT)
		message->body_bytes = program->max_body_bytes;
	if (probe->id != VANE__PROBE_BIG)
		return probe->first == NULL ? 0
					    : vane__buf_add(&message->body, probe->first,
						      strlen(probe->first));
	message->body_bytes = big_bytes(program);
	rc = vane__buf_reserve(&message->body, (size_t) message->body_bytes);
	if (rc == 0) {
		memset(message->body.data, 'x', (size_t) message->body_bytes);
		message->body.len = (size_t) message->body_bytes;
	}
	return rc;
}

static int fill_head(
	const struct session *session, const struct probe *probe, struct message *message)
{
	const struct vane__doctor_url *url = session->url;
	const char *secret = session->doctor->secret;
	struct buf *head = &message->head;
	int rc;

	snprintf(message->target, sizeof(message->target), "%s%s", url->base, probe->path);
	rc = vane__buf_printf(head,
		"%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n" VANE__DOCTOR_FIELD
		": %s %s\r\n%s",
		probe->method, message->target, url->authority,
		secret[0] != '\0' ? secret : "-", probe->name, probe->fields);
	if (rc == 0 && (probe->usual || url->authorization[0] != '\0'))
		rc = vane__buf_printf(head, "Authorization: %s\r\n",
			url->authorization[0] != '\0' ? url->authorization
						      : VANE__DOCTOR_AUTHORIZATION);
	if (rc == 0 && probe->usual)
		rc = vane__buf_printf(head, "Cookie: " VANE__DOCTOR_COOKIE "\r\n");
	if (rc == 0 && (probe->id == VANE__PROBE_BIG || probe->id == VANE__PROBE_LIMIT))
		rc = vane__buf_printf(
			head, "Content-Length: %lld\r\n", (long long) message->body_bytes);
	return rc == 0 ? vane__buf_printf(head, "\r\n") : rc;
}

static void send_message(const struct session *session, const struct probe *probe,
	const struct message *message, struct vane__doctor_answer *answer)
{
	bool parted = probe->id == VANE__PROBE_BIG;
	struct vane_slice body = vane__buf_slice(&message->body);
	size_t half = parted ? body.len / 2 : body.len;
	const struct vane__doctor_ask ask = {
		.head = vane__buf_slice(&message->head),
		.first = { body.data, half },
		.second = { parted ? body.data + half : NULL, body.len - half },
		.pause_msec = parted ? VANE__DOCTOR_PAUSE_MSEC : 0,
		.wait_msec = probe->wait_msec > 0 ? probe->wait_msec : WAIT_MSEC,
	};

	vane__doctor_ask(session->url, &ask, answer);
}

/* ---- what came of it ---- */

/* Whether the program has said meanwhile that it does not understand what comes. */
static void look_for_notice(struct session *session)
{
	struct pollfd pfd = { .fd = session->notice, .events = POLLIN };
	char waste[512];

	if (session->notice >= 0 && poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLIN) != 0 &&
		read(session->notice, waste, sizeof(waste)) > 0)
		session->mistaken = true;
}

/* A program of another protocol answers a wrong one in its own words. */
static bool is_told(const struct vane__doctor_answer *answer)
{
	static const char words[] = " is spoken here, and this is ";
	size_t len = sizeof(words) - 1, i;

	for (i = 0; i + len <= answer->body.len; i++)
		if (memcmp(answer->body.data + i, words, len) == 0)
			return true;
	return false;
}

/* The first of them that says which front that is, and where it comes from. */
static void recognise(struct session *session, const struct vane__doctor_seen *seen,
	const struct vane__doctor_answer *answer)
{
	const char *peer = vane__doctor_seen_given(seen, "", "peer");

	if (session->front == VANE__FRONT_UNKNOWN)
		session->front = vane__doctor_front_find(seen, answer->server);
	if (peer != NULL && session->peer[0] == '\0')
		snprintf(session->peer, sizeof(session->peer), "%s", peer);
}

/* A program that the front starts says by itself how it was started. */
static void learn_mode(const struct session *session, const struct vane__doctor_seen *seen)
{
	struct vane__doctor *doctor = session->doctor;
	const char *mode = vane__doctor_seen_get(seen, "", "mode");

	if (doctor->secret[0] == '\0' && mode != NULL)
		doctor->program.mode = vane__mode_named(mode);
}

static void judge(struct session *session, const struct probe *probe,
	const struct message *message, const struct vane__doctor_answer *answer)
{
	struct vane__doctor_seen seen = { 0 };
	bool ours = vane__doctor_seen_read(&seen, vane__buf_slice(&answer->body)) == 0;
	struct vane__doctor_case c = {
		.program = &session->doctor->program,
		.probe = probe->id,
		.base = session->url->base,
		.target = message->target,
		.host = session->url->authority,
		.authorized = probe->usual,
		.body_bytes = message->body_bytes,
		.seen = ours ? &seen : NULL,
		.before = session->last.count > 0 ? &session->last : NULL,
		.status = answer->status,
		.server = answer->server,
		.spread_msec = answer->spread_msec,
	};

	look_for_notice(session);
	c.mistaken = session->mistaken || is_told(answer);
	recognise(session, ours ? &seen : NULL, answer);
	if (ours)
		learn_mode(session, &seen);
	vane__doctor_examine(&session->report, &c);
	vane__doctor_seen_fini(&session->last);
	session->last = seen;
	if (!ours)
		vane__doctor_seen_fini(&session->last);
}

/* Send one, and look.  False where it has not arrived. */
static bool run_probe(struct session *session, const struct probe *probe)
{
	struct vane__doctor_answer answer = { 0 };
	struct message message = { .body_bytes = 0 };
	int rc = fill_body(session, probe, &message);

	if (rc == 0)
		rc = fill_head(session, probe, &message);
	if (rc == 0) {
		send_message(session, probe, &message, &answer);
		judge(session, probe, &message, &answer);
	}
	vane__buf_fini(&message.head);
	vane__buf_fini(&message.body);
	vane__buf_fini(&answer.body);
	return rc == 0 && session->last.count > 0;
}

/* ---- several at a time ---- */

struct asker {
	struct session *session;
	pthread_t thread;
	bool started, answered;
	int status;
};

static void *ask_once(void *data)
{
	static const struct probe probe = { VANE__PROBE_MANY, "many", "GET", "/doctor/many",
		"" };
	struct asker *asker = data;
	struct vane__doctor_answer answer = { 0 };
	struct message message = { .body_bytes = 0 };

	if (fill_head(asker->session, &probe, &message) == 0) {
		send_message(asker->session, &probe, &message, &answer);
		asker->status = answer.status;
		asker->answered = answer.status == 200;
	}
	vane__buf_fini(&message.head);
	vane__buf_fini(&answer.body);
	return NULL;
}

static void run_many(struct session *session)
{
	struct asker askers[VANE__DOCTOR_MANY];
	struct vane__doctor_case c = { .program = &session->doctor->program,
		.probe = VANE__PROBE_MANY };
	size_t i;

	for (i = 0; i < VANE__DOCTOR_MANY; i++) {
		askers[i] = (struct asker) { .session = session };
		askers[i].started =
			pthread_create(&askers[i].thread, NULL, ask_once, &askers[i]) == 0;
	}
	for (i = 0; i < VANE__DOCTOR_MANY; i++) {
		if (askers[i].started)
			pthread_join(askers[i].thread, NULL);
		if (!askers[i].started || askers[i].answered)
			continue;
		c.failed++;
		c.status = askers[i].status;
	}
	vane__doctor_examine(&session->report, &c);
}

/* ---- all ---- */

/* An announced body that nobody refuses is left alone, and so is one without a limit. */
static bool is_due(const struct session *session, const struct probe *probe)
{
	return probe->id != VANE__PROBE_LIMIT ||
	       session->doctor->program.max_body_bytes != VANE_NO_LIMIT;
}

static void run_all(struct session *session)
{
	size_t i;

	if (!run_probe(session, &probes[0]))
		return;
	for (i = 1; i < ARRAY_SIZE(probes); i++)
		if (is_due(session, &probes[i]))
			run_probe(session, &probes[i]);
	run_many(session);
}

static int print(const struct session *session)
{
	const struct vane__doctor_words words = { &session->doctor->program,
		session->url->base, session->peer[0] != '\0' ? session->peer : NULL };
	struct buf out = { 0 };
	int rc = vane__doctor_put(&out, &session->report, session->front, &words);

	if (rc == 0)
		rc = printf("doctor: http://%s%s/: %.*s", session->url->authority,
			     session->url->base, (int) out.len, out.data) < 0
			     ? -EIO
			     : 0;
	if (rc == 0)
		rc = fflush(stdout) != 0 ? -EIO : 0;
	vane__buf_fini(&out);
	return rc;
}

int vane__doctor_probe(
	struct vane__doctor *doctor, const struct vane__doctor_url *url, int notice)
{
	struct session *session = calloc(1, sizeof(*session));
	size_t wrong;
	int rc;

	if (session == NULL)
		return 1;
	session->doctor = doctor;
	session->url = url;
	session->notice = notice;
	session->front = doctor->front;
	run_all(session);
	rc = print(session);
	wrong = vane__doctor_wrong(&session->report, session->front, doctor->program.mode);
	vane__doctor_seen_fini(&session->last);
	free(session);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "doctor: %s", strerror(-rc));
	return rc < 0 || wrong > 0;
}
