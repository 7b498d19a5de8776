/* SPDX-License-Identifier: MIT */
/*
 * doctor_url.c - the URL that --doctor asks for: where the application is for its clients.
 */
#define _GNU_SOURCE /* memrchr() */
#include "doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "slice.h"
#include "uri.h"

/* Base64 (RFC 4648, 4), which nobody else writes here. */
static void encode(char *out, struct vane_slice in)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	size_t i, k;

	for (i = 0; i < in.len; i += 3) {
		uint32_t bits = 0;

		for (k = 0; k < 3; k++)
			bits = bits << 8 |
			       (i + k < in.len ? (unsigned char) in.data[i + k] : 0);
		for (k = 0; k < 4; k++)
			*out++ = i + k > in.len ? '=' : letters[bits >> (18 - 6 * k) & 63];
	}
	*out = '\0';
}

/* "user:password" before the host. */
static int take_user(
	struct vane__doctor_url *url, struct vane_slice *authority, const char **why)
{
	const char *at = memrchr(authority->data, '@', authority->len);
	struct vane_slice user;
	char code[340];

	if (at == NULL)
		return 0;
	user = vane__slice_take(authority, (size_t) (at - authority->data));
	vane__slice_take(authority, 1);
	if (user.len > 200 || memchr(user.data, '%', user.len) != NULL) {
		*why = "has a user that is too long, or has a %";
		return -EINVAL;
	}
	encode(code, user);
	snprintf(url->authorization, sizeof(url->authorization), "Basic %s", code);
	return 0;
}

/* A host, in brackets if it is an IPv6 address, and a port. */
static int take_host(
	struct vane__doctor_url *url, struct vane_slice authority, const char **why)
{
	const char *colon = memrchr(authority.data, ':', authority.len);
	struct vane_slice host = authority, port = SLICE("80");

	*why = "has no host, or one that is malformed";
	if (!vane__authority_ok(authority) || authority.len >= sizeof(url->host))
		return -EINVAL;
	if (colon != NULL &&
		memchr(colon, ']', authority.len - (size_t) (colon - authority.data)) ==
			NULL) {
		host.len = (size_t) (colon - authority.data);
		port = (struct vane_slice) { colon + 1, authority.len - host.len - 1 };
	}
	if (host.len > 2 && host.data[0] == '[') {
		host.data++;
		host.len -= 2;
	}
	if (host.len == 0 || port.len == 0 || port.len >= sizeof(url->port))
		return -EINVAL;
	snprintf(url->host, sizeof(url->host), "%.*s", (int) host.len, host.data);
	snprintf(url->port, sizeof(url->port), "%.*s", (int) port.len, port.data);
	snprintf(url->authority, sizeof(url->authority), "%.*s", (int) authority.len,
		authority.data);
	return 0;
}

static int take_path(struct vane__doctor_url *url, struct vane_slice path, const char **why)
{
	size_t i;

	while (path.len > 0 && path.data[path.len - 1] == '/')
		path.len--;
	for (i = 0; i < path.len; i++)
		if (path.data[i] <= ' ' || path.data[i] == 0x7f ||
			strchr("?#%\"\\{}", path.data[i]) != NULL) {
			*why = "has a path that no application can be mounted at: letters, "
			       "digits and the like";
			return -EINVAL;
		}
	if (path.len >= sizeof(url->base)) {
		*why = "has a path that is too long";
		return -EINVAL;
	}
	snprintf(url->base, sizeof(url->base), "%.*s", (int) path.len, path.data);
	return 0;
}

int vane__doctor_url_parse(struct vane__doctor_url *url, const char *text, const char **why)
{
	struct vane_slice authority, path;
	int rc;

	*url = (struct vane__doctor_url) { .port = "80" };
	if (strncasecmp(text, "https://", 8) == 0) {
		*why = "is https://, which it does not speak: start with --doctor alone, and "
		       "ask with curl";
		return -EINVAL;
	}
	if (strncasecmp(text, "http://", 7) != 0) {
		*why = "is not a URL as in http://example.org/app";
		return -EINVAL;
	}
	text += 7;
	authority = (struct vane_slice) { text, strcspn(text, "/?#") };
	path = vane__slice(text + authority.len);
	rc = take_user(url, &authority, why);
	if (rc == 0)
		rc = take_host(url, authority, why);
	return rc == 0 ? take_path(url, path, why) : rc;
}
