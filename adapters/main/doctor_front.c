/* SPDX-License-Identifier: MIT */
/*
 * doctor_front.c - which server stands in front: by SERVER_SOFTWARE, by the field Server of its answers.
 *
 * HAProxy says nothing of itself, and has to be named (--doctor-front).
 */
#include "doctor.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *title;
} fronts[VANE__FRONT_COUNT] = {
	[VANE__FRONT_UNKNOWN] = { "", "a server that does not say what it is" },
	[VANE__FRONT_NGINX] = { "nginx", "nginx" },
	[VANE__FRONT_APACHE] = { "apache", "Apache" },
	[VANE__FRONT_FCGID] = { "mod_fcgid", "Apache with mod_fcgid" },
	[VANE__FRONT_CGID] = { "mod_cgi", "Apache with mod_cgi" },
	[VANE__FRONT_LIGHTTPD] = { "lighttpd", "lighttpd" },
	[VANE__FRONT_CADDY] = { "caddy", "Caddy" },
	[VANE__FRONT_HAPROXY] = { "haproxy", "HAProxy" },
};

const char *vane__doctor_front_name(enum vane__doctor_front front)
{
	return fronts[front].name;
}

const char *vane__doctor_front_title(enum vane__doctor_front front)
{
	return fronts[front].title;
}

enum vane__doctor_front vane__doctor_front_named(const char *name)
{
	int i;

	for (i = 1; name != NULL && i < VANE__FRONT_COUNT; i++)
		if (strcmp(fronts[i].name, name) == 0)
			return (enum vane__doctor_front) i;
	return VANE__FRONT_UNKNOWN;
}

/* By the word that begins "nginx/1.22.1". */
static enum vane__doctor_front by_software(const char *text)
{
	static const struct {
		const char *word;
		enum vane__doctor_front front;
	} rows[] = {
		{ "nginx", VANE__FRONT_NGINX },
		{ "openresty", VANE__FRONT_NGINX },
		{ "Apache", VANE__FRONT_APACHE },
		{ "lighttpd", VANE__FRONT_LIGHTTPD },
		{ "Caddy", VANE__FRONT_CADDY },
		{ "HAProxy", VANE__FRONT_HAPROXY },
	};
	size_t i;

	for (i = 0; text != NULL && i < ARRAY_SIZE(rows); i++)
		if (strncasecmp(text, rows[i].word, strlen(rows[i].word)) == 0)
			return rows[i].front;
	return VANE__FRONT_UNKNOWN;
}

/* Both pass on what a program says of itself in Server, and add a field that no other does. */
static enum vane__doctor_front by_fields(const struct vane__doctor_seen *seen)
{
	if (vane__doctor_seen_get(seen, "field", "x-forwarded-server") != NULL)
		return VANE__FRONT_APACHE;
	if (vane__doctor_seen_get(seen, "field", "x-host") != NULL)
		return VANE__FRONT_LIGHTTPD;
	return VANE__FRONT_UNKNOWN;
}

/* Apache starts programs in two ways, and asks others in a third. */
static enum vane__doctor_front kind_of_apache(const struct vane__doctor_seen *seen)
{
	const char *mode = vane__doctor_seen_get(seen, "", "mode");

	if (mode != NULL && strcmp(mode, "cgi") == 0)
		return VANE__FRONT_CGID;
	return vane__doctor_seen_number(seen, "owned", 0) != 0 ? VANE__FRONT_FCGID
							       : VANE__FRONT_APACHE;
}

enum vane__doctor_front vane__doctor_front_find(
	const struct vane__doctor_seen *seen, const char *server)
{
	enum vane__doctor_front front =
		by_software(vane__doctor_seen_get(seen, "param", "SERVER_SOFTWARE"));

	if (front == VANE__FRONT_UNKNOWN)
		front = by_software(server);
	if (front == VANE__FRONT_UNKNOWN)
		front = by_fields(seen);
	return front == VANE__FRONT_APACHE ? kind_of_apache(seen) : front;
}
