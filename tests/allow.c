/* SPDX-License-Identifier: MIT */
/*
 * allow.c - what front doors may change, and why: the one list.
 *
 * Whatever a front can be configured to leave alone is configured in tests/fronts/; here is
 * only what cannot be.  An entry that a run of its front did not need for one of its rows
 * fails that run, unless it is for the servers of an older Debian than the one that it is on.  docs/fronts.md is made from it by fronts_table.c.
 */
#include "allow.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define NATIVE  "native,native-workers"
#define CGI     "cgi"
#define FASTCGI "fastcgi,fastcgi-kept,fastcgi-padded,fastcgi-split"
#define SCGI    "scgi,scgi-closed,scgi-split"

#define GATEWAY                                                                            \
	"gateway-fastcgi,gateway-fastcgi-kept,gateway-fastcgi-streamed,gateway-scgi,gateway-cgi"

#define COLLECTED                                                                          \
	"a body of unknown length is collected first as long as it is small, and then "    \
	"has one"
#define UNDERSCORE  "a field named X_Y arrives as HTTP_X_Y, which is what X-Y is called"
#define BUFFERING   "lighttpd*,caddy"
#define WEB_SERVERS "nginx-*,apache-*,lighttpd*,caddy"

/* clang-format off */
const struct allow allow_list[] = {
	{ NATIVE "," GATEWAY, "*", DIFFERS_FIELD, "date,server",
	  "the native server dates and signs its answers; a front server does so itself" },
	{ NATIVE "," GATEWAY, "*", DIFFERS_FIELD, "transfer-encoding",
	  "a body of unknown length is chunked, which is between server and client" },
	{ NATIVE "," GATEWAY, "*", DIFFERS_FIELD, "connection",
	  "the connection is closed where a request was not read to its end" },
	{ WEB_SERVERS, "*", DIFFERS_FIELD, "date,server", "web servers date and sign their answers" },
	{ "nginx-*", "*", DIFFERS_FIELD, "connection", "nginx says that it keeps the connection" },
	{ "nginx-*,apache-*,caddy", "*", DIFFERS_FIELD, "transfer-encoding",
	  "a body of unknown length is chunked, which is between server and client" },
	{ "caddy", "*", DIFFERS_LINE, "field:x-forwarded-*", "Caddy says for whom it asks" },
	{ "caddy", "*", DIFFERS_LINE, "field:user-agent", "a request without this field gets an empty one" },
	{ "lighttpd*", "source-0,source-1,source-70000,source-3m,stream-1,stream-3,stream-group,stream-loud,stream-safe,wait-flush,source-pauses,stream-gzip,gzip-file,gzip-source,loud-big,loud-file,loud-source,stream-500,drain-40000,drain-4m,fail-late,"
	  "ported-echo-8k,ported-echo-1m,ported-echo-chunked,ported-big-8k,ported-big-5m,ported-flush",
	  DIFFERS_FIELD, "content-length", COLLECTED },
	{ "caddy", "source-0,source-1,stream-1,stream-3,stream-group,stream-loud,stream-safe,wait-flush,stream-gzip,fail-late,ported-flush", DIFFERS_FIELD, "content-length", COLLECTED },
	{ "lighttpd*", "fail-cut,fail-source", DIFFERS_FIELD, "content-length,connection",
	  "what is there of a response that was cut is collected first, and gets a length" },
	{ "caddy", "fail-cut", DIFFERS_FIELD, "content-length",
	  "what is there of a response that was cut is collected first, and gets a length" },
	{ BUFFERING, "fail-cut,fail-source", DIFFERS_WHOLE, NULL,
	  "a response without a length that ends too soon looks whole" },
	{ "lighttpd*", "fail-less", DIFFERS_FIELD, "connection", "cutting needs the connection to be closed" },
	{ "lighttpd*", "field-empty", DIFFERS_LINE, "field:x-empty", "fields without a value are dropped" },
	{ "lighttpd*", "host-upper", DIFFERS_LINE, "field:host", "the host is written in lower case" },
	{ "lighttpd*", "host-ipv6", DIFFERS_LINE, "host,field:host", "the default port is taken off" },
	{ "lighttpd*", "echo-get", DIFFERS_STATUS, "400", "GET with a body is refused",
	  .debian = 12 },
	{ "lighttpd*", "field-underscore", DIFFERS_LINE, "field:x-y", UNDERSCORE },
	{ "caddy", "field-underscore", DIFFERS_LINE, "field:x-y", UNDERSCORE, .debian = 12 },
	{ "caddy", "env-head", DIFFERS_FIELD, "content-length",
	  "the fields that Caddy adds are in the answer, whose length is told" },
	{ "caddy", "env-post-empty,env-untyped-body", DIFFERS_LINE, "field:content-type",
	  "a POST without a type is taken for a form" },
	{ "caddy", "path-nul,path-*-escape,path-lone-percent", DIFFERS_FIELD,
	  "content-type,content-length,connection,vary", "Caddy refuses the target itself" },
	{ "caddy", "path-nul,path-*-escape,path-lone-percent", DIFFERS_BODY, NULL,
	  "Caddy refuses the target itself" },
	{ "caddy", "cookie-two-fields", DIFFERS_BODY, NULL,
	  "two Cookie fields are joined by a comma, as only other fields may be" },
	{ "caddy", "status-304", DIFFERS_FIELD, "content-type", "dropped from 304" },
	{ "nginx-*", "path-nul,path-*-escape,path-lone-percent,path-*-above", DIFFERS_FIELD, "content-type,vary",
	  "nginx refuses the target itself" },
	{ "nginx-*", "path-nul,path-*-escape,path-lone-percent,path-*-above", DIFFERS_BODY, NULL,
	  "nginx refuses the target itself" },
	{ "nginx-proxy", "*", DIFFERS_LINE, "field:x-forwarded-for,field:x-real-ip,field:x-scheme",
	  "configured so that the application knows whom nginx asks for" },
	{ "nginx-proxy", "env-head", DIFFERS_FIELD, "content-length",
	  "the fields that nginx adds are in the answer, whose length is told" },
	{ "apache-*", "*", DIFFERS_FIELD, "connection", "Apache closes the connection after some errors" },
	{ "apache-*", "path-nul", DIFFERS_STATUS, "404", "Apache refuses the target itself, with 404" },
	{ "apache-*", "path-*-escape,path-lone-percent,path-*-above", DIFFERS_FIELD, "content-type,vary",
	  "Apache refuses the target itself" },
	{ "apache-*", "path-*-escape,path-lone-percent,path-*-above", DIFFERS_BODY, NULL,
	  "Apache refuses the target itself" },
	{ "apache-*", "cookie-two-fields", DIFFERS_BODY, NULL,
	  "two Cookie fields are joined by a comma, as only other fields may be" },
	{ "apache-*", "status-204*,status-304", DIFFERS_FIELD, "content-type", "dropped from 204 and 304" },
	{ "apache-*", "headers,headers-head", DIFFERS_FIELD, "x-two",
	  "two fields of a name become one, joined by a comma" },
	{ "apache-*", "cors*,etag-made*,gzip-*,stream-gzip,status-204-gzip", DIFFERS_FIELD, "vary",
	  "two fields of a name become one, joined by a comma" },
	{ "apache-*", "redirect-head", DIFFERS_FIELD, "content-length", "dropped from HEAD where it is 0" },
	{ "apache-proxy-fcgi,apache-fcgid", "source-0", DIFFERS_FIELD, "content-length", COLLECTED },
	{ "apache-*", "source-0,source-1,stream-1,stream-3,stream-group,stream-loud,stream-safe,wait-flush,stream-gzip,gzip-file,gzip-source,stream-500,fail-late,ported-echo-8k,ported-big-8k,ported-flush",
	  DIFFERS_FIELD, "content-length", COLLECTED,
	  .sometimes = true },
	{ "apache-fcgid", "fail-cut,fail-less,fail-source", DIFFERS_STATUS, "500",
	  "the response is collected first, and 500 is answered instead of a part of it" },
	{ "apache-proxy-scgi", "fail-cut,fail-less", DIFFERS_STATUS, "500",
	  "a response that was cut before any of it was passed on becomes 500", .sometimes = true },
	{ "apache-proxy-scgi", "*-chunked,echo-chunked-empty", DIFFERS_STATUS, "411",
	  "mod_proxy_scgi takes no body without a length" },
	{ "apache-cgid", "fail-cut,fail-less", DIFFERS_FIELD, "content-length",
	  "a body that is here at once gets its length, whatever was promised", .sometimes = true },
	{ "apache-cgid", "fail-less", DIFFERS_WHOLE, NULL,
	  "a body that is here at once gets its length, whatever was promised", .sometimes = true },
	{ "apache-cgid", "fail-cut,fail-source", DIFFERS_WHOLE, NULL,
	  "a CGI program has no way to say that its response is not whole" },
	{ "gateway-*", "source-0,source-1,source-70000,stream-1,stream-3,stream-group,stream-loud,stream-safe,wait-flush,source-pauses,stream-gzip,gzip-file,gzip-source,loud-big,loud-file,loud-source,stream-500,drain-40000,fail-late,"
	  "ported-echo-8k,ported-echo-chunked,ported-big-8k,ported-flush",
	  DIFFERS_FIELD, "content-length", COLLECTED, .sometimes = true },
	{ "gateway-cgi,gateway-fcgiwrap", "fail-cut,fail-source", DIFFERS_FIELD, "content-length",
	  "a body that is here at once gets its length", .sometimes = true },
	{ "gateway-cgi,gateway-fcgiwrap", "fail-less", DIFFERS_STATUS, "502",
	  "what is shorter than it says, and here before any of it was passed on, becomes 502",
	  .sometimes = true },
	{ "gateway-cgi,gateway-fcgiwrap", "fail-cut,fail-source", DIFFERS_WHOLE, NULL,
	  "a CGI program has no way to say that its response is not whole" },
	{ CGI "," FASTCGI "," SCGI ",gateway-*,lighttpd*,nginx-*,apache-proxy-fcgi,apache-fcgid", "env-post-chunked", DIFFERS_LINE, "field:content-length",
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
		snprintf(pattern, sizeof(pattern), "%.*s", (int) len, list);
		if (fnmatch(pattern, word, 0) == 0)
			return true;
	}
	return false;
}

bool allow_is_for(const struct allow *allow, const char *front, const char *row)
{
	return listed(allow->fronts, front) && listed(allow->rows, row);
}

/* 0: not Debian, or one without a number yet. */
static int debian_release(void)
{
	FILE *file = fopen("/etc/os-release", "re");
	bool debian = false;
	char line[128];
	int release = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		debian |= strcmp(line, "ID=debian\n") == 0;
		sscanf(line, "VERSION_ID=\"%d\"", &release);
	}
	if (file != NULL)
		fclose(file);
	return debian ? release : 0;
}

bool allow_is_due(const struct allow *allow)
{
	if (allow->sometimes || allow->debian == 0)
		return !allow->sometimes;
	return debian_release() > 0 && debian_release() <= allow->debian;
}

bool allow_is_general(const struct allow *allow)
{
	return strcmp(allow->rows, "*") == 0;
}

const struct allow *allow_find(
	const char *front, const char *row, const struct difference *difference)
{
	for (const struct allow *allow = allow_list; allow->fronts != NULL; allow++) {
		if (allow->what == difference->what && allow_is_for(allow, front, row) &&
			(allow->names == NULL || listed(allow->names, difference->name)))
			return allow;
	}
	return NULL;
}
