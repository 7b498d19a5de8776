/* SPDX-License-Identifier: MIT */
/*
 * doctor_check_fields.c - checks of --doctor: fields that get lost, and who the client is.
 */
#include "doctor.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *field(const struct vane__doctor_case *c, const char *name)
{
	return vane__doctor_seen_given(c->seen, "field", name);
}

/* Natively, and by way of a proxy. */
static bool is_proxied(const struct vane__doctor_case *c)
{
	return c->seen != NULL && c->program->mode == VANE__MODE_HTTP;
}

static bool is_believing(const struct vane__doctor_case *c)
{
	return c->program->xheaders || c->program->forwarded;
}

bool vane__doctor_authorization(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen == NULL || !c->authorized || field(c, "authorization") != NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"the field Authorization was sent and does not arrive: nobody can log in");
	return true;
}

bool vane__doctor_cookie(const struct vane__doctor_case *c, char *detail)
{
	const char *cookie = c->seen != NULL ? field(c, "cookie") : NULL;

	if (c->seen == NULL || c->target == NULL ||
		(cookie != NULL && strstr(cookie, VANE__DOCTOR_COOKIE) != NULL))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"the field Cookie was sent and does not arrive: sessions are lost");
	return true;
}

/*
 * Sent are X-Doctor-A: dash, X_Doctor_A: underscore, and X_Doctor_B.  Natively the program drops such names
 * itself.
 */
static bool has_underscores(const struct vane__doctor_case *c)
{
	return c->seen != NULL && c->target != NULL && c->program->mode != VANE__MODE_HTTP;
}

bool vane__doctor_underscore(const struct vane__doctor_case *c, char *detail)
{
	if (!has_underscores(c) || field(c, "x-doctor-b") != NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"fields with underscores in their names do not arrive, which is as it should be "
		"unless the program wants some");
	return true;
}

bool vane__doctor_merged(const struct vane__doctor_case *c, char *detail)
{
	const char *both = has_underscores(c) ? field(c, "x-doctor-a") : NULL;

	if (both == NULL || strstr(both, "underscore") == NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"a field X_Doctor_A arrives as X-Doctor-A: what the front sets in a field of its "
		"own, a client can set too, written with underscores");
	return true;
}

/* A name without its port, which Debian's nginx leaves out and SERVER_PORT has. */
static size_t name_length(const char *host)
{
	const char *colon = strrchr(host, ':');

	return colon != NULL && strchr(colon, ']') == NULL ? (size_t) (colon - host)
							   : strlen(host);
}

static bool is_same_name(const char *a, const char *b)
{
	return name_length(a) == name_length(b) && strncasecmp(a, b, name_length(a)) == 0;
}

bool vane__doctor_host(const struct vane__doctor_case *c, char *detail)
{
	const char *host = c->seen != NULL ? field(c, "host") : NULL;
	bool natively = c->program->mode == VANE__MODE_HTTP;

	if (host == NULL || c->host == NULL || strcasecmp(host, c->host) == 0 ||
		(!natively && is_same_name(host, c->host)))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"Host was %.100s and arrives as %.100s: redirects, cookies and checks of the "
		"origin go by the wrong name",
		c->host, host);
	return true;
}

bool vane__doctor_client_address(const struct vane__doctor_case *c, char *detail)
{
	if (!is_proxied(c) || c->target == NULL || field(c, "x-real-ip") != NULL ||
		field(c, "x-forwarded-for") != NULL || field(c, "forwarded") != NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"neither X-Real-Ip nor X-Forwarded-For arrives: every client has the address of "
		"the front");
	return true;
}

bool vane__doctor_client_scheme(const struct vane__doctor_case *c, char *detail)
{
	if (!is_proxied(c) || c->target == NULL || field(c, "x-scheme") != NULL ||
		field(c, "x-forwarded-proto") != NULL || field(c, "forwarded") != NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"X-Forwarded-Proto does not arrive: behind https:// redirects and links lead to "
		"http://, and cookies are not Secure");
	return true;
}

/* The front says who the client is, and nobody listens. */
bool vane__doctor_xheaders(const struct vane__doctor_case *c, char *detail)
{
	const char *name;

	if (!is_proxied(c) || is_believing(c))
		return false;
	name = field(c, "x-real-ip") != NULL         ? "X-Real-Ip"
	       : field(c, "x-forwarded-for") != NULL ? "X-Forwarded-For"
						     : NULL;
	if (name == NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"%s arrives, and the program was started without --xheaders: the client is not "
		"known",
		name);
	return true;
}

bool vane__doctor_trusted(const struct vane__doctor_case *c, char *detail)
{
	const char *peer;

	if (!is_proxied(c) || !is_believing(c) ||
		vane__doctor_seen_number(c->seen, "trusted", 1) != 0)
		return false;
	peer = vane__doctor_seen_given(c->seen, "", "peer");
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"the front comes from %.60s, which is not among --trusted: what it says of its "
		"clients is not believed",
		peer != NULL ? peer : "an unknown address");
	return true;
}

bool vane__doctor_forged(const struct vane__doctor_case *c, char *detail)
{
	static const char *const names[] = { "x-real-ip", "x-forwarded-for", "x-scheme",
		"x-forwarded-proto" };
	size_t i;

	if (!is_proxied(c) || !c->program->xheaders)
		return false;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = field(c, names[i]);

		/* of a list the last counts, which is the front's */
		if (value == NULL || (strcmp(value, VANE__DOCTOR_FORGED) != 0 &&
					     strcmp(value, "https") != 0))
			continue;
		snprintf(detail, VANE__DOCTOR_DETAIL,
			"what a client writes into %s arrives as it was, and is believed: "
			"anybody can be anybody",
			names[i]);
		return true;
	}
	return false;
}
