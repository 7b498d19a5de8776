/* SPDX-License-Identifier: MIT */
/*
 * allow.c - what front doors may change, and why: the one list.
 *
 * Whatever a front can be configured to leave alone is configured in tests/fronts/; here is only
 * what cannot be.  An entry that a run of its front did not need fails that run.
 */
#include "allow.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define NATIVE	"native,native-workers"
#define CGI	"cgi"
#define FASTCGI "fastcgi,fastcgi-kept,fastcgi-padded,fastcgi-split"

#define BUFFERING "lighttpd,caddy"
#define WEB_SERVERS "nginx-*,apache-*,lighttpd,caddy"

/* clang-format off */
const struct allow allow_list[] = {
	{ NATIVE, "*", DIFFERS_FIELD, "date,server",
	  "the native server dates and signs its answers; a front server does so itself" },
	{ NATIVE, "*", DIFFERS_FIELD, "transfer-encoding",
	  "a body of unknown length is chunked, which is between server and client" },
	{ NATIVE, "*", DIFFERS_FIELD, "connection",
	  "the connection is closed where a request was not read to its end" },
	{ WEB_SERVERS, "*", DIFFERS_FIELD, "date,server", "web servers date and sign their answers" },
	{ "nginx-*", "*", DIFFERS_FIELD, "connection", "nginx says that it keeps the connection" },
	{ "nginx-*,apache-*,caddy", "*", DIFFERS_FIELD, "transfer-encoding",
	  "a body of unknown length is chunked, which is between server and client" },
	{ "lighttpd", "*", DIFFERS_FIELD, "accept-ranges",
	  "lighttpd serves ranges of whatever is answered with 200" },
	{ "caddy", "*", DIFFERS_LINE, "field:x-forwarded-*", "Caddy says for whom it asks" },
	{ "caddy", "*", DIFFERS_LINE, "field:user-agent", "a request without this field gets an empty one" },
	{ BUFFERING, "source-*,stream-*,fail-late", DIFFERS_FIELD, "content-length",
	  "a body of unknown length is collected first as long as it is small, and then has one" },
	{ BUFFERING, "fail-cut,fail-source", DIFFERS_FIELD, "content-length,connection",
	  "what is there of a response that was cut is collected first, and then has a length" },
	{ BUFFERING, "fail-cut,fail-source", DIFFERS_WHOLE, NULL,
	  "a response without a length that ends too soon looks whole" },
	{ "lighttpd", "fail-less", DIFFERS_FIELD, "connection", "cutting needs the connection to be closed" },
	{ "lighttpd", "field-empty", DIFFERS_LINE, "field:x-empty", "fields without a value are dropped" },
	{ "lighttpd", "host-upper", DIFFERS_LINE, "field:host", "the host is written in lower case" },
	{ "lighttpd", "host-ipv6", DIFFERS_LINE, "host,field:host", "the default port is taken off" },
	{ "lighttpd", "echo-get", DIFFERS_STATUS, "400", "GET with a body is refused" },
	{ "lighttpd,caddy", "field-underscore", DIFFERS_LINE, "field:x-y",
	  "a field named X_Y arrives as HTTP_X_Y, which is what X-Y is called" },
	{ "caddy", "env-head", DIFFERS_FIELD, "content-length",
	  "the fields that Caddy adds are in the answer, whose length is told" },
	{ "caddy", "env-post-empty,env-untyped-body", DIFFERS_LINE, "field:content-type",
	  "a POST without a type is taken for a form" },
	{ "caddy", "path-nul,path-*-escape,path-lone-percent", DIFFERS_FIELD,
	  "content-type,content-length,connection", "Caddy refuses the target itself" },
	{ "caddy", "path-nul,path-*-escape,path-lone-percent", DIFFERS_BODY, NULL,
	  "Caddy refuses the target itself" },
	{ "caddy", "cookie-two-fields", DIFFERS_BODY, NULL,
	  "two Cookie fields are joined by a comma, as only other fields may be" },
	{ "caddy", "status-304", DIFFERS_FIELD, "content-type", "dropped from 304" },
	{ CGI "," FASTCGI ",lighttpd", "env-post-chunked", DIFFERS_LINE, "field:content-length",
	  "a body that came in chunks is collected first, and its length is known then" },
	{ 0 },
};
/* clang-format on */

/* Whether a comma-separated list of patterns has a word. */
static bool listed(const char *list, const char *word)
{
	char pattern[64];
	size_t len;

	for (; *list != '\0'; list += len, list += *list == ',') {
		len = strcspn(list, ",");
		snprintf(pattern, sizeof(pattern), "%.*s", (int)len, list);
		if (fnmatch(pattern, word, 0) == 0)
			return true;
	}
	return false;
}

bool allow_is_for(const struct allow *allow, const char *front)
{
	return listed(allow->fronts, front);
}

const struct allow *allow_find(
	const char *front, const char *row, const struct difference *difference)
{
	for (const struct allow *allow = allow_list; allow->fronts != NULL; allow++) {
		if (allow->what != difference->what || !allow_is_for(allow, front))
			continue;
		if (allow->names != NULL && !listed(allow->names, difference->name))
			continue;
		if (listed(allow->rows, row))
			return allow;
	}
	return NULL;
}
