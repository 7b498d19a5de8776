/* SPDX-License-Identifier: MIT */
/*
 * filter_basic_auth.c - Basic authentication (RFC 7617) against an htpasswd file.
 *
 * A hash takes long on purpose, so credentials that were right a moment ago are not hashed again.
 */
#define _GNU_SOURCE /* explicit_bzero() */
#include <vane/filters.h>
#include <vane/request.h>
#include <vane/response.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "clock.h"
#include "filter_text.h"
#include "htpasswd.h"
#include "secret.h"
#include "slice.h"

/* Credentials as they are sent: so long at most, so many are remembered, and for so long. */
#define MAX_CREDENTIALS 512
#define MAX_KNOWN       64
#define KNOWN_MSEC      60000

struct known {
	char text[MAX_CREDENTIALS];
	int64_t until_msec; /* 0: nobody's place */
};

struct guard {
	struct vane__htpasswd *passwords;
	char challenge[300]; /* the value of WWW-Authenticate */
	struct known known[MAX_KNOWN];
	size_t next;    /* to be overwritten */
	unsigned as_of; /* what was read of the file when they were right */
};

/* Name and password, taken apart in place. */
struct credentials {
	char text[MAX_CREDENTIALS];
	char *password;
};

static int start(void *config, void **data)
{
	const struct vane_basic_auth_opts *opts = config;
	const char *realm =
		opts != NULL && opts->realm != NULL ? opts->realm : "restricted";
	struct guard *guard;
	int rc;

	if (opts == NULL || opts->file == NULL)
		return vane__filter_refuse("vane_basic_auth_opts.file", "is needed");
	if (strlen(realm) > 200 || strpbrk(realm, "\"\\") != NULL)
		return vane__filter_refuse("vane_basic_auth_opts.realm",
			"is too long, or has a quote or a backslash");
	rc = vane__filter_check_value("vane_basic_auth_opts.realm", realm);
	if (rc < 0)
		return rc;
	guard = calloc(1, sizeof(*guard));
	if (guard == NULL)
		return -ENOMEM;
	snprintf(guard->challenge, sizeof(guard->challenge),
		"Basic realm=\"%s\", charset=\"UTF-8\"", realm);
	rc = vane__htpasswd_new(&guard->passwords, opts->file);
	if (rc < 0)
		free(guard);
	else
		*data = guard;
	return rc;
}

static void stop(void *data)
{
	struct guard *guard = data;

	vane__htpasswd_free(guard->passwords);
	explicit_bzero(guard, sizeof(*guard));
	free(guard);
}

/* The credentials of a field, still encoded; NULL if there are none of this scheme. */
static const char *encoded(const struct vane_request *req)
{
	const char *field = vane_request_field(req, "Authorization");

	if (field == NULL || strncasecmp(field, "Basic ", 6) != 0)
		return NULL;
	field += 6;
	field += strspn(field, " ");
	return strlen(field) < MAX_CREDENTIALS ? field : NULL;
}

static bool decode(struct credentials *credentials, const char *text)
{
	ssize_t len = vane__base64_decode(credentials->text, vane__slice(text));
	char *colon;

	if (len <= 0 || memchr(credentials->text, '\0', (size_t) len) != NULL)
		return false;
	credentials->text[len] = '\0';
	colon = strchr(credentials->text, ':');
	if (colon == NULL || colon == credentials->text)
		return false;
	*colon = '\0';
	credentials->password = colon + 1;
	return true;
}

static bool is_known(struct guard *guard, const char *text)
{
	size_t i;
	unsigned read = vane__htpasswd_look(guard->passwords);
	int64_t now = vane__now_msec();
	bool found = false;

	if (read != guard->as_of)
		explicit_bzero(guard->known, sizeof(guard->known));
	guard->as_of = read;
	for (i = 0; i < MAX_KNOWN; i++) {
		struct known *known = &guard->known[i];

		if (known->until_msec != 0 && known->until_msec <= now)
			explicit_bzero(known, sizeof(*known));
		if (known->until_msec != 0)
			found |= vane__secret_equal(known->text, text);
	}
	return found;
}

static void remember(struct guard *guard, const char *text)
{
	struct known *known = &guard->known[guard->next++ % MAX_KNOWN];

	explicit_bzero(known, sizeof(*known));
	memcpy(known->text, text, strlen(text));
	known->until_msec = vane__now_msec() + KNOWN_MSEC;
}

/* Whether the password is the user's: by hashing it, unless that was done a moment ago. */
static bool is_right(struct guard *guard, struct vane_request *req, const char *text,
	const struct credentials *credentials)
{
	if (is_known(guard, text))
		return true;
	vane_request_block(req); /* a hash takes long on purpose */
	if (!vane__htpasswd_check(
		    guard->passwords, credentials->text, credentials->password))
		return false;
	remember(guard, text);
	return true;
}

static int before(struct vane_request *req, struct vane_response *res, void *data)
{
	struct guard *guard = data;
	struct credentials credentials = { { 0 }, NULL };
	const char *text = encoded(req);
	bool right = text != NULL && decode(&credentials, text) &&
		     is_right(guard, req, text, &credentials);
	int rc = right ? vane_request_set_remote_user(req, credentials.text) : 0;

	explicit_bzero(&credentials, sizeof(credentials));
	if (right)
		return rc;
	rc = vane_response_send_error(res, 401, "a name and a password are needed");
	if (rc == 0)
		rc = vane_response_set_field(res, "WWW-Authenticate", guard->challenge);
	if (rc == 0)
		rc = vane_response_finish(res);
	return rc;
}

const struct vane_filter_type vane_basic_auth_filter = {
	.start = start, .stop = stop, .before = before
};
