/* SPDX-License-Identifier: MIT */
/*
 * doctor_page.c - the handler of --doctor: it looks at each request, and answers with what has arrived, for
 * our own client, or with a report, for people.
 *
 * Who may not see it is answered with 404 as by --status, and the findings are in the log.
 */
#include "doctor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vane/log.h>
#include <vane/request.h>
#include <vane/response.h>

#include "clock.h"
#include "responder.h"
#include "xheaders.h"

/* What happens between the head of a request and its answer. */
struct visit {
	struct vane__responder_look look;
	int64_t bytes, first_msec, last_msec; /* of the body */
};

static int prepare(struct vane_request *req, struct vane_response *res)
{
	const struct vane__doctor *doctor = vane_request_data(req);
	struct visit *visit = vane_request_alloc(req, sizeof(*visit));

	if (visit == NULL)
		return -ENOMEM;
	*visit = (struct visit) { .look = *doctor->look };
	return vane_request_set_state(req, NULL, visit);
}

static int take_body(
	struct vane_request *req, struct vane_response *res, const char *data, size_t len)
{
	struct visit *visit = vane_request_state(req, NULL);

	visit->last_msec = vane__now_msec();
	if (visit->bytes == 0)
		visit->first_msec = visit->last_msec;
	visit->bytes += (int64_t) len;
	return 0;
}

static int add_number(struct vane__doctor_seen *seen, const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long) number);
	return vane__doctor_seen_add(seen, "", name, text);
}

/* How it came. */
static int add_facts(struct vane__doctor_seen *seen, const struct vane_request *req,
	const struct vane__doctor *doctor)
{
	const char *peer = vane_request_remote_addr(req);
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "mode", vane_request_mode(req) },
		{ "target", vane_request_target(req) },
		{ "scheme", vane_request_scheme(req) },
		{ "version", vane_request_version(req) },
		{ "peer", peer },
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_SIZE(rows) && rc == 0; i++)
		if (rows[i].value != NULL)
			rc = vane__doctor_seen_add(seen, "", rows[i].name, rows[i].value);
	if (rc == 0)
		rc = add_number(seen, "peer_port", vane_request_remote_port(req));
	if (rc == 0)
		rc = add_number(seen, "trusted",
			vane__trusted(
				doctor->trust, (struct vane_slice) { peer, strlen(peer) }));
	return rc == 0 ? add_number(seen, "owned", doctor->owned) : rc;
}

/* What nobody sees otherwise, and the body. */
static int add_visit(struct vane__doctor_seen *seen, const struct vane_request *req,
	const struct vane__doctor *doctor)
{
	const struct visit *visit = vane_request_state(req, NULL);
	const struct vane__responder_look *look =
		visit != NULL ? &visit->look : doctor->look;
	bool cgi = doctor->program.mode == VANE__MODE_CGI;
	int rc = add_number(
		seen, "http_proxy", cgi ? getenv("HTTP_PROXY") != NULL : look->proxy);

	if (rc == 0 && doctor->program.mode == VANE__MODE_FASTCGI && !doctor->owned)
		rc = add_number(seen, "kept", look->kept);
	if (rc == 0 && visit != NULL)
		rc = add_number(seen, "body", visit->bytes);
	if (rc == 0 && visit != NULL && visit->bytes > 0)
		rc = add_number(seen, "body_msec", visit->last_msec - visit->first_msec);
	return rc;
}

/* All that has arrived. */
static int look_at(struct vane__doctor_seen *seen, const struct vane_request *req,
	const struct vane__doctor *doctor)
{
	const char *name, *value;
	size_t i;
	int rc = add_facts(seen, req, doctor);

	if (rc == 0)
		rc = add_visit(seen, req, doctor);
	for (i = 0; rc == 0 && vane_request_param_at(req, i, &name, &value); i++)
		rc = vane__doctor_seen_add(seen, "param", name, value);
	for (i = 0; rc == 0 && vane_request_field_at(req, i, &name, &value); i++)
		rc = vane__doctor_seen_add(seen, "field", name, value);
	return rc;
}

/* ---- for our own client ---- */

static int pause_of(const char *probe)
{
	static const struct {
		const char *probe;
		int msec;
	} rows[] = {
		{ "slow", VANE__DOCTOR_SLOW_MSEC },
		{ "stream", VANE__DOCTOR_PAUSE_MSEC },
		{ "many", VANE__DOCTOR_MANY_MSEC },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].probe, probe) == 0)
			return rows[i].msec;
	return 0;
}

static int go_on(struct vane_request *req, struct vane_response *res, void *data)
{
	vane_response_puts(res, "later\n");
	return vane_response_finish(res);
}

/* Where the mode can wait it does that without holding up others. */
static int pause_and(struct vane_request *req, struct vane_response *res, int msec)
{
	int rc;

	if (!vane_request_can(req, VANE_CAP_ASYNC | VANE_CAP_TIMERS)) {
		poll(NULL, 0, msec);
		return vane_response_puts(res, "later\n");
	}
	rc = vane_response_defer(res);
	return rc < 0 ? rc : vane_request_after(req, msec, go_on, NULL);
}

static int answer_client(struct vane_request *req, struct vane_response *res,
	const struct vane__doctor_seen *seen, const char *probe)
{
	int msec = pause_of(probe), rc;

	rc = vane__doctor_seen_write(seen, res);
	if (rc < 0 || msec == 0)
		return rc;
	if (strcmp(probe, "stream") == 0)
		rc = vane_response_flush(res);
	return rc < 0 ? rc : pause_and(req, res, msec);
}

/* ---- for people ---- */

/* What is typed so that all of it can be looked at. */
static void put_hint(struct buf *out)
{
	vane__buf_printf(out,
		"\nMore can be said of a request of which it is known what was sent:\n\n"
		"\tcurl -u " VANE__DOCTOR_USER ":doctor -b " VANE__DOCTOR_COOKIE
		" -H 'Proxy: " VANE__DOCTOR_PROXY
		"' -H 'X_Doctor_B: 1' -H '" VANE__DOCTOR_FIELD
		": curl' http://front/\n\nand of all when the program asks by itself, "
		"with --doctor=http://front/\n");
}

static void put_arrived(struct buf *out, struct vane_request *req)
{
	const char *name, *value;
	size_t i;

	vane__buf_printf(
		out, "\n%s %s\n", vane_request_method(req), vane_request_target(req));
	for (i = 0; vane_request_param_at(req, i, &name, &value); i++)
		vane__buf_printf(out, "%s=%s\n", name, value);
	if (i > 0)
		return;
	for (i = 0; vane_request_field_at(req, i, &name, &value); i++)
		vane__buf_printf(out, "%s: %s\n", name, value);
}

/* With --debug, for a browser. */
static bool wants_page(struct vane_request *req, const struct vane__doctor *doctor)
{
	static const char *const types[] = { "text/plain", "text/html", NULL };
	const char *type = vane_request_accepts(req, types);

	return doctor->settings->debug && type != NULL && strcmp(type, types[1]) == 0;
}

static int put_page(struct vane_response *res, const char *text)
{
	vane_response_set_type(res, "text/html; charset=utf-8");
	return vane_response_printf_html(res,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>doctor</title>\n"
		"<h1>What the server in front sends</h1>\n<pre style=\"white-space:pre-wrap\">"
		"%s</pre>\n",
		text);
}

static int answer_people(struct vane_request *req, struct vane_response *res,
	const struct vane__doctor *doctor, const struct vane__doctor_case *c)
{
	struct vane__doctor_report *report = vane_request_alloc(req, sizeof(*report));
	struct vane__doctor_words words = { &doctor->program, doctor->program.mount,
		vane__doctor_seen_given(c->seen, "", "peer") };
	struct buf out = { 0 };
	int rc;

	if (report == NULL)
		return -ENOMEM;
	memset(report, 0, sizeof(*report));
	vane__doctor_examine(report, c);
	rc = vane__doctor_put(&out, report,
		doctor->front != VANE__FRONT_UNKNOWN
			? doctor->front
			: vane__doctor_front_find(c->seen, NULL),
		&words);
	put_hint(&out);
	put_arrived(&out, req);
	if (rc == 0)
		rc = vane__buf_add(&out, "", 1);
	if (rc == 0 && wants_page(req, doctor))
		rc = put_page(res, out.data);
	else if (rc == 0) {
		vane_response_set_type(res, "text/plain; charset=utf-8");
		rc = vane_response_puts(res, out.data);
	}
	vane__buf_fini(&out);
	return rc;
}

/* Each finding once in the log, for whoever has started the program. */
static void tell(struct vane__doctor *doctor, const struct vane__doctor_case *c)
{
	struct vane__doctor_report *report = &doctor->report;
	size_t i = report->count;

	vane__doctor_examine(report, c);
	if (doctor->front == VANE__FRONT_UNKNOWN)
		doctor->front = vane__doctor_front_find(c->seen, NULL);
	for (; i < report->count; i++) {
		const struct vane__doctor_finding *finding = &report->findings[i];
		bool wrong = vane__doctor_weigh(finding->check, doctor->front,
				     doctor->program.mode) == VANE__DOCTOR_WRONG;

		vane_log(wrong ? VANE_LOG_WARNING : VANE_LOG_INFO, "doctor: %s: %s",
			finding->check->name, finding->detail);
	}
}

/* ---- both ---- */

/* What an error page cannot do is wait. */
enum turn { TURN_HANDLER, TURN_ERROR };

/* Behind the secret stands what is asked. */
static const char *probe_of(const struct vane__doctor *doctor, const char *word)
{
	size_t len = strlen(doctor->secret);

	if (word == NULL || len == 0 || strncmp(word, doctor->secret, len) != 0 ||
		word[len] != ' ')
		return NULL;
	return word + len + 1;
}

/* Who needs no secret, as a program that the front has started has none. */
static const char *open_probe(
	struct vane_request *req, const struct vane__doctor *doctor, const char *word)
{
	if (word == NULL || strncmp(word, "- ", 2) != 0 ||
		!vane__pages_may_see(doctor->pages, req))
		return NULL;
	return word + 2;
}

/* What is known of a request that is not our client's. */
static struct vane__doctor_case case_of(const struct vane__doctor *doctor,
	const struct vane__doctor_seen *seen, const char *word)
{
	struct vane__doctor_case c = {
		.program = &doctor->program, .probe = VANE__PROBE_PASSIVE, .seen = seen
	};

	if (word != NULL && strcmp(word, "curl") == 0) {
		c.probe = VANE__PROBE_PLAIN;
		c.authorized = true;
		c.target = "";
	}
	return c;
}

static int examine(struct vane_request *req, struct vane_response *res,
	struct vane__doctor *doctor, const struct vane__doctor_seen *seen, enum turn turn)
{
	const char *word = vane_request_field(req, VANE__DOCTOR_FIELD);
	const char *probe = probe_of(doctor, word);
	struct vane__doctor_case c = case_of(doctor, seen, word);

	vane_response_add_field(res, "Cache-Control", "no-store");
	if (probe == NULL)
		probe = open_probe(req, doctor, word);
	if (probe != NULL) {
		vane_response_set_type(res, "text/plain; charset=utf-8");
		return answer_client(req, res, seen, turn == TURN_ERROR ? "" : probe);
	}
	tell(doctor, &c);
	return vane__pages_may_see(doctor->pages, req) ? answer_people(req, res, doctor, &c)
						       : 404;
}

static int answer(struct vane_request *req, struct vane_response *res,
	struct vane__doctor *doctor, enum turn turn)
{
	struct vane__doctor_seen seen = { 0 };
	int rc = look_at(&seen, req, doctor);

	if (rc == 0)
		rc = examine(req, res, doctor, &seen, turn);
	vane__doctor_seen_fini(&seen);
	return rc;
}

static int any(struct vane_request *req, struct vane_response *res)
{
	return answer(req, res, vane_request_data(req), TURN_HANDLER);
}

int vane__doctor_error_page(struct vane_request *req, struct vane_response *res, int status,
	const char *why, void *data)
{
	struct vane__doctor *doctor = data;

	/* 404 is ours, for who may not see it; what else there is is no matter of a front */
	if (status != 400)
		return 1;
	return answer(req, res, doctor, TURN_ERROR);
}

const struct vane_handler vane__doctor_handler = {
	.prepare = prepare, .data = take_body, .any = any, .max_body = VANE_NO_LIMIT
};
