/* SPDX-License-Identifier: MIT */
/*
 * doctor_lines.c - the lines that mend what --doctor finds, for each server in front.
 *
 * A line takes the place of one that is there and begins with the same words.  In it stand {param} for the
 * directive that sets a variable, {pass} for the one that names the program, {place} for where that is,
 * {base} for the path before the application, {size} for --max-body-size, {peer} for the
 * front's own address.
 */
#include "doctor.h"

#include <inttypes.h>
#include <string.h>

#include "slice.h"

enum {
	HTTP = 1 << VANE__MODE_HTTP,
	FASTCGI = 1 << VANE__MODE_FASTCGI,
	SCGI = 1 << VANE__MODE_SCGI,
	CGI = 1 << VANE__MODE_CGI,
	VARS = FASTCGI | SCGI,
	ALL = HTTP | FASTCGI | SCGI | CGI
};

#define NGINX    VANE__FRONT_NGINX
#define APACHE   VANE__FRONT_APACHE
#define FCGID    VANE__FRONT_FCGID
#define CGID     VANE__FRONT_CGID
#define LIGHTTPD VANE__FRONT_LIGHTTPD
#define CADDY    VANE__FRONT_CADDY
#define HAPROXY  VANE__FRONT_HAPROXY

/* Whatever is in front: a line for the program's own command. */
#define PROGRAM VANE__FRONT_UNKNOWN

struct row {
	const char *check;
	enum vane__doctor_front front;
	unsigned modes;
	const char *place, *lines; /* one behind the other */
};

#define LOCATION   "the location of the program"
#define SERVER     "the server block"
#define UPSTREAM   "the upstream block"
#define DIRECTIVES "the <Location> of the program"
#define HOST       "the <VirtualHost>"
#define BACKEND    "the backend"
#define APP        "the fcgi-app"
#define CONF       "lighttpd.conf"
#define PROXY      "the reverse_proxy block"
#define SITE       "the site block"
#define OPTIONS    "the command that starts the program"

/* clang-format off */
static const struct row rows[] = {
	{ "wrong-protocol", NGINX, ALL, LOCATION, "{pass} {place};" },
	{ "wrong-protocol", APACHE, VARS, DIRECTIVES, "SetHandler \"proxy:{scheme}\"" },
	{ "wrong-protocol", APACHE, HTTP, HOST, "ProxyPass \"{base}/\" \"{scheme}{base}/\" nocanon" },
	{ "wrong-protocol", CADDY, FASTCGI, PROXY, "transport fastcgi" },
	{ "wrong-protocol", HAPROXY, FASTCGI, BACKEND, "server app {place} proto fcgi" },
	{ "unreachable", NGINX, ALL, LOCATION, "{pass} {place};" },
	{ "unreachable", APACHE, VARS, DIRECTIVES, "SetHandler \"proxy:{scheme}\"" },
	{ "unreachable", APACHE, HTTP, HOST, "ProxyPass \"{base}/\" \"{scheme}{base}/\" nocanon" },

	{ "params", NGINX, FASTCGI, LOCATION, "include fastcgi_params;" },
	{ "params", NGINX, SCGI, LOCATION, "include scgi_params;" },
	{ "request-method", NGINX, VARS, LOCATION, "{param} REQUEST_METHOD $request_method;" },
	{ "request-uri", NGINX, VARS, LOCATION, "{param} REQUEST_URI $request_uri;" },
	{ "query-string", NGINX, VARS, LOCATION, "{param} QUERY_STRING $query_string;" },
	{ "remote-addr", NGINX, VARS, LOCATION, "{param} REMOTE_ADDR $remote_addr;" },
	{ "content-type", NGINX, VARS, LOCATION, "{param} CONTENT_TYPE $content_type;" },
	{ "content-length", NGINX, VARS, LOCATION, "{param} CONTENT_LENGTH $content_length;" },
	{ "https", NGINX, VARS, LOCATION, "{param} HTTPS $https if_not_empty;" },
	{ "https", APACHE, VARS, DIRECTIVES, "SetEnvIf X-Forwarded-Proto ^https$ HTTPS=on" },
	{ "redirect-status", NGINX, VARS, LOCATION, "{param} REDIRECT_STATUS 200;" },
	{ "redirect-status", APACHE, ALL, HOST, "ErrorDocument 404 default" },
	{ "redirect-status", FCGID, ALL, HOST, "ErrorDocument 404 default" },
	{ "redirect-status", CGID, ALL, HOST, "ErrorDocument 404 default" },
	{ "script-filename", APACHE, VARS, DIRECTIVES, "ProxyFCGIBackendType GENERIC" },
	{ "httpoxy", NGINX, VARS, LOCATION, "{param} HTTP_PROXY \"\";" },
	{ "httpoxy", APACHE, ALL, HOST, "RequestHeader unset Proxy early" },
	{ "httpoxy", FCGID, ALL, HOST, "RequestHeader unset Proxy early" },
	{ "httpoxy", CGID, ALL, HOST, "RequestHeader unset Proxy early" },
	{ "httpoxy", CADDY, VARS, PROXY, "header_up -Proxy" },
	{ "httpoxy", HAPROXY, VARS, BACKEND, "http-request del-header Proxy" },
	{ "httpoxy", LIGHTTPD, ALL, CONF, "setenv.set-request-header += ( \"Proxy\" => \"\" )" },
	{ "remote-user", NGINX, VARS, LOCATION, "{param} REMOTE_USER \"\";" },
	{ "remote-user", HAPROXY, VARS, BACKEND,
		"http-request set-var(txn.authorization) req.hdr(Authorization)\n"
		"http-request del-header Authorization" },
	{ "authorization", NGINX, VARS, LOCATION, "{param} HTTP_AUTHORIZATION $http_authorization;" },
	{ "authorization", NGINX, HTTP, LOCATION, "proxy_set_header Authorization $http_authorization;" },
	{ "authorization", APACHE, VARS, DIRECTIVES, "CGIPassAuth On" },
	{ "authorization", FCGID, ALL, DIRECTIVES, "CGIPassAuth On" },
	{ "authorization", CGID, ALL, DIRECTIVES, "CGIPassAuth On" },
	{ "authorization", HAPROXY, VARS, APP,
		"set-param HTTP_AUTHORIZATION %[var(txn.authorization)]" },
	{ "authorization", HAPROXY, VARS, BACKEND,
		"http-request set-var(txn.authorization) req.hdr(Authorization)" },
	{ "cookie", NGINX, VARS, LOCATION, "{param} HTTP_COOKIE $http_cookie;" },
	{ "cookie", NGINX, HTTP, LOCATION, "proxy_set_header Cookie $http_cookie;" },
	{ "underscore", NGINX, ALL, SERVER, "underscores_in_headers on;" },
	{ "merged", NGINX, ALL, SERVER, "underscores_in_headers off;" },
	{ "host", NGINX, HTTP, LOCATION, "proxy_set_header Host $http_host;" },
	{ "host", NGINX, VARS, LOCATION, "{param} HTTP_HOST $host;" },
	{ "host", APACHE, HTTP, HOST, "ProxyPreserveHost On" },
	{ "host", CADDY, ALL, PROXY, "header_up Host {host}" },

	{ "client-address", NGINX, HTTP, LOCATION,
		"proxy_set_header X-Real-Ip $remote_addr;\n"
		"proxy_set_header X-Forwarded-For $remote_addr;" },
	{ "client-address", APACHE, HTTP, HOST,
		"RequestHeader set X-Real-Ip expr=%{REMOTE_ADDR}\n"
		"RequestHeader unset X-Forwarded-For" },
	{ "client-address", CADDY, HTTP, PROXY, "header_up X-Real-Ip {remote_host}" },
	{ "client-address", HAPROXY, HTTP, BACKEND,
		"http-request set-header X-Real-Ip %[src]\n"
		"http-request set-header X-Forwarded-For %[src]" },
	{ "client-scheme", NGINX, HTTP, LOCATION,
		"proxy_set_header X-Scheme $scheme;\n"
		"proxy_set_header X-Forwarded-Proto $scheme;" },
	{ "client-scheme", APACHE, HTTP, HOST,
		"RequestHeader set X-Scheme expr=%{REQUEST_SCHEME}\n"
		"RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}" },
	{ "client-scheme", CADDY, HTTP, PROXY, "header_up X-Scheme {scheme}" },
	{ "client-scheme", HAPROXY, HTTP, BACKEND,
		"http-request set-header X-Scheme %[ssl_fc,iif(https,http)]\n"
		"http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]" },
	{ "forged", NGINX, HTTP, LOCATION,
		"proxy_set_header X-Real-Ip $remote_addr;\n"
		"proxy_set_header X-Forwarded-For $remote_addr;\n"
		"proxy_set_header X-Scheme $scheme;\n"
		"proxy_set_header X-Forwarded-Proto $scheme;" },
	{ "forged", APACHE, HTTP, HOST,
		"RequestHeader set X-Real-Ip expr=%{REMOTE_ADDR}\n"
		"RequestHeader unset X-Forwarded-For\n"
		"RequestHeader set X-Scheme expr=%{REQUEST_SCHEME}\n"
		"RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}" },
	{ "forged", CADDY, HTTP, PROXY,
		"header_up X-Real-Ip {remote_host}\nheader_up X-Scheme {scheme}" },
	{ "forged", LIGHTTPD, HTTP, CONF,
		"setenv.set-request-header += ( \"X-Real-Ip\" => \"\", \"X-Scheme\" => \"\", "
		"\"X-Forwarded-For\" => \"\", \"X-Forwarded-Proto\" => \"\" )" },
	{ "forged", HAPROXY, HTTP, BACKEND,
		"http-request set-header X-Real-Ip %[src]\n"
		"http-request set-header X-Forwarded-For %[src]\n"
		"http-request set-header X-Scheme %[ssl_fc,iif(https,http)]\n"
		"http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]" },
	{ "xheaders", PROGRAM, HTTP, OPTIONS, "--xheaders" },
	{ "trusted", PROGRAM, HTTP, OPTIONS, "--trusted={peer}" },

	{ "doubled-prefix", NGINX, HTTP, LOCATION, "{pass} {place};" },
	{ "doubled-prefix", NGINX, VARS, LOCATION, "{param} REQUEST_URI $request_uri;" },
	{ "doubled-prefix", APACHE, HTTP, HOST, "ProxyPass \"{base}\" \"{scheme}{base}\" nocanon" },
	{ "stripped-prefix", NGINX, HTTP, LOCATION, "{pass} {place};" },
	{ "stripped-prefix", NGINX, VARS, LOCATION, "{param} REQUEST_URI $request_uri;" },
	{ "stripped-prefix", APACHE, HTTP, HOST, "ProxyPass \"{base}\" \"{scheme}{base}\" nocanon" },
	{ "stripped-prefix", CADDY, ALL, SITE, "handle {base}/*" },
	{ "mount", PROGRAM, ALL, OPTIONS, "--mount={base}" },
	{ "path-info", NGINX, FASTCGI, LOCATION,
		"fastcgi_split_path_info ^({base})(/.*)$;\n"
		"fastcgi_param SCRIPT_NAME $fastcgi_script_name;\n"
		"fastcgi_param PATH_INFO $fastcgi_path_info;" },
	{ "path-info", NGINX, SCGI, LOCATION,
		"scgi_param SCRIPT_NAME \"{base}\";\nscgi_param PATH_INFO $uri;" },
	{ "path-info", APACHE, VARS, HOST,
		"<LocationMatch \"^{base}(/.*)?$\">\n"
		"SetHandler \"proxy:{scheme}\"\n"
		"</LocationMatch>" },
	{ "path-info", LIGHTTPD, FASTCGI, "the server of fastcgi.server",
		"\"fix-root-scriptname\" => \"enable\"," },
	{ "path-info", CADDY, FASTCGI, "the transport block", "split {base}" },
	{ "path-info", HAPROXY, FASTCGI, APP, "path-info ^({base})(/.*)?$" },
	{ "changed-path", NGINX, HTTP, LOCATION, "{pass} {place};" },
	{ "changed-path", NGINX, VARS, LOCATION, "{param} REQUEST_URI $request_uri;" },
	{ "changed-path", APACHE, HTTP, HOST,
		"AllowEncodedSlashes NoDecode\nMergeSlashes Off\n"
		"ProxyPass \"{base}/\" \"{scheme}{base}/\" nocanon" },
	{ "encoded-slash", NGINX, ALL, SERVER, "merge_slashes off;" },
	{ "encoded-slash", APACHE, ALL, HOST, "AllowEncodedSlashes NoDecode\nMergeSlashes Off" },
	{ "encoded-slash", FCGID, ALL, HOST, "AllowEncodedSlashes NoDecode" },
	{ "encoded-slash", CGID, ALL, HOST, "AllowEncodedSlashes NoDecode" },

	{ "body-limit", NGINX, ALL, SERVER, "client_max_body_size {size};" },
	{ "body-limit", APACHE, ALL, HOST, "LimitRequestBody {size}" },
	{ "body-limit", FCGID, ALL, HOST, "FcgidMaxRequestLen {size}" },
	{ "body-limit", CGID, ALL, HOST, "LimitRequestBody {size}" },
	{ "body-limit", LIGHTTPD, ALL, CONF, "server.max-request-size = {kbytes}" },
	{ "body-limit", CADDY, ALL, SITE, "request_body {\n\tmax_size {size}\n}" },
	{ "body-buffered", NGINX, FASTCGI, LOCATION, "fastcgi_request_buffering off;" },
	{ "body-buffered", NGINX, SCGI, LOCATION, "scgi_request_buffering off;" },
	{ "body-buffered", NGINX, HTTP, LOCATION, "proxy_request_buffering off;" },
	{ "body-buffered", LIGHTTPD, ALL, CONF, "server.stream-request-body = 1" },
	{ "chunked", HAPROXY, ALL, BACKEND, "option http-buffer-request" },
	{ "chunked", LIGHTTPD, ALL, CONF, "server.stream-request-body = 0" },
	{ "buffered", NGINX, FASTCGI, LOCATION, "fastcgi_buffering off;" },
	{ "buffered", NGINX, SCGI, LOCATION, "scgi_buffering off;" },
	{ "buffered", NGINX, HTTP, LOCATION, "proxy_buffering off;" },
	{ "buffered", APACHE, VARS, HOST,
		"<Proxy \"fcgi://{name}\">\nProxySet flushpackets=on\n</Proxy>" },
	{ "buffered", FCGID, ALL, HOST, "FcgidOutputBufferSize 0" },
	{ "buffered", LIGHTTPD, ALL, CONF, "server.stream-response-body = 1" },
	{ "buffered", CADDY, ALL, PROXY, "flush_interval -1" },
	{ "timeout", NGINX, FASTCGI, LOCATION, "fastcgi_read_timeout 200s;" },
	{ "timeout", NGINX, SCGI, LOCATION, "scgi_read_timeout 200s;" },
	{ "timeout", NGINX, HTTP, LOCATION, "proxy_read_timeout 200s;" },
	{ "timeout", APACHE, ALL, HOST, "ProxyTimeout 200" },
	{ "timeout", FCGID, ALL, HOST, "FcgidIOTimeout 200" },
	{ "timeout", CGID, ALL, HOST, "Timeout 200" },
	{ "timeout", CADDY, FASTCGI, "the transport block", "read_timeout 200s" },
	{ "timeout", HAPROXY, ALL, BACKEND, "timeout server 200s" },
	{ "pinned", NGINX, HTTP | FASTCGI, UPSTREAM, "keepalive 1;" },
	{ "pinned", PROGRAM, ALL, OPTIONS, "--max-connections=0" },
	{ "http10", NGINX, HTTP, LOCATION,
		"proxy_http_version 1.1;\nproxy_set_header Connection \"\";" },
	{ "not-kept", NGINX, FASTCGI, LOCATION, "fastcgi_keep_conn on;" },
	{ "not-kept", NGINX, HTTP, LOCATION,
		"proxy_http_version 1.1;\nproxy_set_header Connection \"\";" },
	{ "not-kept", NGINX, HTTP | FASTCGI, UPSTREAM, "keepalive 16;" },
};
/* clang-format on */

static bool fits(const struct row *row, const char *check, enum vane__doctor_front front,
	enum vane__mode mode)
{
	return strcmp(row->check, check) == 0 &&
	       (row->front == front || row->front == PROGRAM) &&
	       (row->modes & (1u << mode)) != 0;
}

bool vane__doctor_has_lines(
	const char *check, enum vane__doctor_front front, enum vane__mode mode)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (fits(&rows[i], check, front, mode))
			return true;
	return false;
}

/* nginx's words for each mode. */
static const char *directive(enum vane__mode mode, bool pass)
{
	static const char *const words[][2] = {
		[VANE__MODE_HTTP] = { "proxy_set_header", "proxy_pass" },
		[VANE__MODE_FASTCGI] = { "fastcgi_param", "fastcgi_pass" },
		[VANE__MODE_SCGI] = { "scgi_param", "scgi_pass" },
		[VANE__MODE_CGI] = { "fastcgi_param", "fastcgi_pass" },
	};

	return words[mode][pass];
}

/* nginx wants http:// before a place, where that is what is spoken; and for a socket more. */
static void put_place(struct buf *out, const struct vane__doctor_program *program)
{
	bool http = program->mode == VANE__MODE_HTTP;

	vane__buf_printf(out, "%s%s", http ? "http://" : "", program->place);
}

/* Where it is in Apache's words: "unix:/run/app.sock|fcgi://app", "http://127.0.0.1:8888". */
static void put_scheme(struct buf *out, const struct vane__doctor_program *program)
{
	const char *scheme = program->mode == VANE__MODE_HTTP   ? "http"
			     : program->mode == VANE__MODE_SCGI ? "scgi"
								: "fcgi";

	if (strncmp(program->place, "unix:", 5) == 0)
		vane__buf_printf(out, "%s|%s://app", program->place, scheme);
	else
		vane__buf_printf(out, "%s://%s", scheme, program->place);
}

/* nginx's limit may be 0 for none, and others' as well. */
static int64_t size_of(const struct vane__doctor_program *program)
{
	return program->max_body_bytes == VANE_NO_LIMIT ? 0 : program->max_body_bytes;
}

static void put_word(
	struct buf *out, struct vane_slice name, const struct vane__doctor_words *words)
{
	const struct vane__doctor_program *program = words->program;

	if (vane__slice_equal(name, SLICE("param")))
		vane__buf_printf(out, "%s", directive(program->mode, false));
	else if (vane__slice_equal(name, SLICE("pass")))
		vane__buf_printf(out, "%s", directive(program->mode, true));
	else if (vane__slice_equal(name, SLICE("place")))
		put_place(out, program);
	else if (vane__slice_equal(name, SLICE("scheme")))
		put_scheme(out, program);
	else if (vane__slice_equal(name, SLICE("base")))
		vane__buf_printf(out, "%s", words->base != NULL ? words->base : "");
	else if (vane__slice_equal(name, SLICE("name")))
		vane__buf_printf(out, "app");
	else if (vane__slice_equal(name, SLICE("size")))
		vane__buf_printf(out, "%" PRId64, size_of(program));
	else if (vane__slice_equal(name, SLICE("kbytes")))
		vane__buf_printf(out, "%" PRId64, size_of(program) / 1024);
	else if (vane__slice_equal(name, SLICE("peer")))
		vane__buf_printf(out, "%s", words->peer != NULL ? words->peer : "ADDRESS");
	else /* one of the front's own, as {host} and %{REMOTE_ADDR} */
		vane__buf_printf(out, "{%.*s}", (int) name.len, name.data);
}

/* A line with its words filled in. */
static void put_line(
	struct buf *out, struct vane_slice line, const struct vane__doctor_words *words)
{
	while (line.len > 0) {
		const char *open = memchr(line.data, '{', line.len);
		size_t plain = open != NULL ? (size_t) (open - line.data) : line.len;
		const char *end = open != NULL ? memchr(open, '}', line.len - plain) : NULL;

		if (end == NULL)
			plain = line.len;
		vane__buf_add_slice(out, vane__slice_take(&line, plain));
		if (end == NULL || line.len == 0)
			continue;
		put_word(out, (struct vane_slice) { open + 1, (size_t) (end - open - 1) },
			words);
		vane__slice_take(&line, (size_t) (end - open) + 1);
	}
}

static void put_row(
	struct buf *out, const struct row *row, const struct vane__doctor_words *words)
{
	struct vane_slice rest = vane__slice(row->lines);

	vane__buf_printf(out, "\tplace: %s\n", row->place);
	while (rest.data != NULL) {
		struct vane_slice line = vane__slice_split(&rest, '\n');

		vane__buf_printf(out, "\tline: ");
		put_line(out, line, words);
		vane__buf_printf(out, "\n");
	}
}

bool vane__doctor_lines(struct buf *out, const char *check, enum vane__doctor_front front,
	const struct vane__doctor_words *words)
{
	bool found = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!fits(&rows[i], check, front, words->program->mode))
			continue;
		put_row(out, &rows[i], words);
		found = true;
	}
	return found;
}
