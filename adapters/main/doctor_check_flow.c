/* SPDX-License-Identifier: MIT */
/*
 * doctor_check_flow.c - checks of --doctor: whether requests come at all, bodies, streams, times and
 * connections.
 */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

/* Less than so much of a pause, and what was before and behind it has come as one. */
#define SHORT_MSEC (VANE__DOCTOR_PAUSE_MSEC / 2)

static bool is_from_front(int status)
{
	return status == 0 || status == 502 || status == 503 || status == 504;
}

bool vane__doctor_wrong_protocol(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen != NULL || !c->mistaken)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"the program was started for %s, and the front speaks something else to it",
		vane__mode_title(c->program->mode));
	return true;
}

bool vane__doctor_unreachable(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen != NULL || c->mistaken || !is_from_front(c->status))
		return false;
	if (c->status == 0)
		snprintf(detail, VANE__DOCTOR_DETAIL,
			"there is no answer at all: nobody listens at that URL, or it waits in "
			"vain");
	else
		snprintf(detail, VANE__DOCTOR_DETAIL,
			"the front answers %d and the program was not asked: it looks elsewhere, "
			"or its user may not connect to %.100s",
			c->status, c->program->place);
	return true;
}

/* What each of them means in most cases. */
static const char *why_elsewhere(int status)
{
	if (status == 401)
		return "it wants a password: write it into the URL, http://user:password@host/";
	if (status >= 300 && status < 400)
		return "it redirects: give the URL that it leads to, or if that is https:// ask "
		       "by other means, with --doctor alone";
	if (status == 403)
		return "it refuses, or gives a folder of its own";
	if (status == 404)
		return "its configuration has another place for the program than that URL";
	return "another program or a file of the front answers";
}

bool vane__doctor_elsewhere(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen != NULL || c->mistaken || is_from_front(c->status))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL, "the answer is %d and not the program's: %s",
		c->status, why_elsewhere(c->status));
	return true;
}

bool vane__doctor_body_limit(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen != NULL || c->status < 400 ||
		(c->probe == VANE__PROBE_LIMIT && c->status != 413))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"a body of %lld bytes is answered with %d by the front, and the program allows "
		"%lld",
		(long long) c->body_bytes, c->status,
		(long long) c->program->max_body_bytes);
	return true;
}

/* A chunked one is another check's. */
bool vane__doctor_body_lost(const struct vane__doctor_case *c, char *detail)
{
	int64_t bytes = vane__doctor_seen_number(c->seen, "body", -1);

	if (c->seen == NULL || bytes == c->body_bytes)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL, "a body of %lld bytes arrives as %lld",
		(long long) c->body_bytes, (long long) bytes);
	return true;
}

bool vane__doctor_body_buffered(const struct vane__doctor_case *c, char *detail)
{
	int64_t msec = vane__doctor_seen_number(c->seen, "body_msec", -1);

	if (c->seen == NULL || msec < 0 || msec >= SHORT_MSEC ||
		vane__doctor_seen_number(c->seen, "body", -1) != c->body_bytes)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"the front collects the body of a request before it asks: handlers that read it "
		"as it comes wait for all of it");
	return true;
}

bool vane__doctor_chunked(const struct vane__doctor_case *c, char *detail)
{
	int64_t bytes = vane__doctor_seen_number(c->seen, "body", -1);

	if (c->seen != NULL && bytes == c->body_bytes)
		return false;
	if (c->seen != NULL)
		snprintf(detail, VANE__DOCTOR_DETAIL,
			"a body of unknown length (chunked) arrives with %lld bytes of "
			"%lld",
			(long long) bytes, (long long) c->body_bytes);
	else
		snprintf(detail, VANE__DOCTOR_DETAIL,
			"a body of unknown length (chunked) is answered with %d by the front",
			c->status);
	return true;
}

bool vane__doctor_buffered(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen == NULL || c->spread_msec >= SHORT_MSEC)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"an answer that is written bit by bit arrives in one piece: events and progress "
		"come late");
	return true;
}

bool vane__doctor_timeout(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen != NULL || !is_from_front(c->status))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"an answer that takes %.1f seconds is answered with %d by the front",
		VANE__DOCTOR_SLOW_MSEC / 1000.0, c->status);
	return true;
}

bool vane__doctor_pinned(const struct vane__doctor_case *c, char *detail)
{
	if (c->failed == 0)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"of %d requests at a time %d are not answered (%d): the front keeps more "
		"connections than the program takes (--max-connections), or it takes fewer than "
		"there are requests",
		VANE__DOCTOR_MANY, c->failed, c->status);
	return true;
}

bool vane__doctor_http10(const struct vane__doctor_case *c, char *detail)
{
	const char *version = vane__doctor_seen_get(c->seen, "", "version");

	if (version == NULL || c->program->mode != VANE__MODE_HTTP ||
		strcmp(version, "HTTP/1.0") != 0)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"the front speaks HTTP/1.0: a connection for each request, no stream with an end "
		"that can be seen, no WebSocket");
	return true;
}

/* In HTTP by the port that the front comes from, which a unix socket has not. */
bool vane__doctor_not_kept(const struct vane__doctor_case *c, char *detail)
{
	int64_t port = vane__doctor_seen_number(c->seen, "peer_port", 0);
	bool http = c->program->mode == VANE__MODE_HTTP, kept;
	char other[VANE__DOCTOR_DETAIL];

	if (c->seen == NULL || vane__doctor_http10(c, other))
		return false;
	if (http && (port == 0 || c->before == NULL))
		return false;
	kept = http ? port == vane__doctor_seen_number(c->before, "peer_port", 0)
		    : vane__doctor_seen_number(c->seen, "kept", 1) != 0;
	if (kept)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"the front makes a connection for each request: it could keep them");
	return true;
}
