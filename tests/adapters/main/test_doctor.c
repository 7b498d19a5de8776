/* SPDX-License-Identifier: MIT */
/*
 * test_doctor.c - adapters/main/doctor_*.c: requests as fronts send them that are set up wrongly, what is
 * found of each, and the line that is said to mend it; and the same from one that is set up well.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adapters/main/doctor.h"
#include "slice.h"

/* All that a front says in FastCGI which does what it should. */
#define VARS                                                                               \
	"mode=fastcgi|target=/doctor/plain?x=1&y=%20|scheme=http|version=HTTP/1.1|kept=1|" \
	"param QUERY_STRING=x=1&y=%20|param REQUEST_METHOD=GET|"                           \
	"param REQUEST_URI=/doctor/plain?x=1&y=%20|param SERVER_PROTOCOL=HTTP/1.1|"        \
	"param REMOTE_ADDR=192.0.2.9|param SERVER_PORT=80|param SERVER_NAME=example.org|"  \
	"param SCRIPT_NAME=|param PATH_INFO=/doctor/plain|"                                \
	"param SERVER_SOFTWARE=nginx/1.22.1|param REDIRECT_STATUS=200|" FIELDS
#define FIELDS                                                                             \
	"field host=example.org|field cookie=vane-doctor=1|field authorization=Basic x|"   \
	"field x-doctor-a=dash|field x-doctor-b=1"

/* And in HTTP. */
#define HTTP                                                                               \
	"mode=http|target=/doctor/plain?x=1&y=%20|scheme=http|version=HTTP/1.1|"           \
	"peer=127.0.0.1|peer_port=5000|trusted=1|" FIELDS                                  \
	"|field x-real-ip=192.0.2.9|field x-forwarded-proto=http"

#define TARGET "/doctor/plain?x=1&y=%20"

/* What a row may say of the program. */
#define AUTO     (1 << 0)
#define PATHINFO (1 << 1)
#define XHEADERS (1 << 2)

struct row {
	const char *check;
	enum vane__mode mode;
	unsigned probe;
	const char *usual; /* what arrives of a good front */
	const char
		*instead; /* and what is another with this one; "-name" does not arrive */
	enum vane__doctor_front front;
	const char *line;   /* that mends it; NULL: there is none */
	const char *detail; /* in its words */
	unsigned program;
	const char *mount, *base, *target;
};

#define FCGI        VANE__MODE_FASTCGI
#define HTTPMODE    VANE__MODE_HTTP
#define PLAIN       VANE__PROBE_PLAIN
#define PASSIVE     VANE__PROBE_PASSIVE

#define NGINX       VANE__FRONT_NGINX
#define APACHE      VANE__FRONT_APACHE

#define PARAM(rest) "fastcgi_param " rest

/* clang-format off */
static const struct row rows[] = {
	{ "params", FCGI, PASSIVE, VARS, "-param QUERY_STRING|-param REMOTE_ADDR|-param REQUEST_URI",
		NGINX, "include fastcgi_params;", "QUERY_STRING, REQUEST_URI, REMOTE_ADDR do not" },
	{ "params", VANE__MODE_SCGI, PASSIVE, VARS, "-param QUERY_STRING|-param REMOTE_ADDR|-param REQUEST_URI",
		NGINX, "include scgi_params;", "do not arrive" },
	{ "request-method", FCGI, PASSIVE, VARS, "-param REQUEST_METHOD",
		NGINX, PARAM("REQUEST_METHOD $request_method;"), "400" },
	{ "request-uri", FCGI, PASSIVE, VARS, "-param REQUEST_URI",
		NGINX, PARAM("REQUEST_URI $request_uri;"), "SCRIPT_NAME" },
	{ "query-string", FCGI, PASSIVE, VARS, "-param QUERY_STRING",
		NGINX, PARAM("QUERY_STRING $query_string;"), "does not arrive" },
	{ "query-string", FCGI, PLAIN, VARS, "param QUERY_STRING=",
		NGINX, PARAM("QUERY_STRING $query_string;"), "is empty" },
	{ "remote-addr", FCGI, PASSIVE, VARS, "-param REMOTE_ADDR",
		NGINX, PARAM("REMOTE_ADDR $remote_addr;"), "who the client is" },
	{ "content-type", FCGI, VANE__PROBE_POST, VARS "|body=5|param CONTENT_LENGTH=5|param CONTENT_TYPE=" VANE__DOCTOR_TYPE,
		"-param CONTENT_TYPE", NGINX, PARAM("CONTENT_TYPE $content_type;"), "does not arrive" },
	{ "content-length", FCGI, VANE__PROBE_POST, VARS "|body=5|param CONTENT_LENGTH=5|param CONTENT_TYPE=" VANE__DOCTOR_TYPE,
		"param CONTENT_LENGTH=", NGINX, PARAM("CONTENT_LENGTH $content_length;"), "does not arrive" },
	{ "https", FCGI, PASSIVE, VARS, "param SERVER_PORT=443",
		NGINX, PARAM("HTTPS $https if_not_empty;"), "http://" },
	{ "redirect-status", FCGI, PASSIVE, VARS, "param REDIRECT_STATUS=404",
		APACHE, "ErrorDocument 404 default", "is 404" },
	{ "script-filename", FCGI, PASSIVE, VARS, "param SCRIPT_FILENAME=proxy:fcgi://app/x",
		APACHE, "ProxyFCGIBackendType GENERIC", "proxy:fcgi://app/x" },
	{ "httpoxy", FCGI, PASSIVE, VARS, "http_proxy=1",
		NGINX, PARAM("HTTP_PROXY \"\";"), "HTTP_PROXY" },
	{ "httpoxy", FCGI, PASSIVE, VARS, "http_proxy=1",
		VANE__FRONT_CADDY, "header_up -Proxy", "HTTP_PROXY" },
	{ "remote-user", FCGI, PLAIN, VARS, "param REMOTE_USER=doctor",
		NGINX, PARAM("REMOTE_USER \"\";"), "password" },
	{ "authorization", FCGI, PLAIN, VARS, "-field authorization",
		APACHE, "CGIPassAuth On", "log in" },
	{ "authorization", FCGI, PLAIN, VARS, "-field authorization",
		VANE__FRONT_HAPROXY, "set-param HTTP_AUTHORIZATION %[var(txn.authorization)]", "log in" },
	{ "cookie", FCGI, PLAIN, VARS, "field cookie=a=b",
		NGINX, PARAM("HTTP_COOKIE $http_cookie;"), "sessions" },
	{ "underscore", FCGI, PLAIN, VARS, "-field x-doctor-b",
		NGINX, "underscores_in_headers on;", "do not arrive" },
	{ "merged", FCGI, PLAIN, VARS, "field x-doctor-a=dash, underscore",
		NGINX, "underscores_in_headers off;", "X-Doctor-A" },
	{ "host", HTTPMODE, PLAIN, HTTP, "field host=backend",
		NGINX, "proxy_set_header Host $http_host;", "was example.org and arrives as backend" },
	{ "host", HTTPMODE, PLAIN, HTTP, "field host=127.0.0.1:80",
		APACHE, "ProxyPreserveHost On", "127.0.0.1:80" },
	{ "client-address", HTTPMODE, PLAIN, HTTP, "-field x-real-ip",
		NGINX, "proxy_set_header X-Real-Ip $remote_addr;", "address of the front", XHEADERS },
	{ "client-scheme", HTTPMODE, PLAIN, HTTP, "-field x-forwarded-proto",
		APACHE, "RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}", "https://", XHEADERS },
	{ "trusted", HTTPMODE, PASSIVE, HTTP, "trusted=0|peer=192.0.2.8",
		NGINX, "--trusted=192.0.2.8", "192.0.2.8", XHEADERS },
	{ "forged", HTTPMODE, VANE__PROBE_FORGED, HTTP, "field x-real-ip=" VANE__DOCTOR_FORGED,
		VANE__FRONT_CADDY, "header_up X-Real-Ip {remote_host}", "x-real-ip", XHEADERS },
	{ "forged", HTTPMODE, VANE__PROBE_FORGED, HTTP, "field x-forwarded-proto=https",
		NGINX, "proxy_set_header X-Forwarded-Proto $scheme;", "x-forwarded-proto", XHEADERS },
	{ "doubled-prefix", HTTPMODE, PLAIN, HTTP, "target=/app/app" TARGET,
		NGINX, "proxy_pass http://unix:/run/app.sock;", "twice", XHEADERS, "/app", "/app", "/app" TARGET },
	{ "doubled-prefix", HTTPMODE, PASSIVE, HTTP, "target=/app/app/x",
		NGINX, "proxy_pass http://unix:/run/app.sock;", "twice", XHEADERS, "/app" },
	{ "stripped-prefix", HTTPMODE, PLAIN, HTTP, "target=" TARGET,
		APACHE, "ProxyPass \"/app\" \"unix:/run/app.sock|http://app/app\" nocanon",
		"takes /app off", XHEADERS, "/app", "/app", "/app" TARGET },
	{ "mount", FCGI, PASSIVE, VARS, "target=/other/x",
		NGINX, "--mount=/app", "not below --mount=/app", 0, "/app" },
	{ "mount", FCGI, PLAIN, VARS, "target=/app" TARGET,
		NGINX, "--mount=/app", "without --mount=/app", 0, "", "/app", "/app" TARGET },
	{ "path-info", FCGI, PASSIVE, VARS, "param SCRIPT_NAME=/app/x|-param PATH_INFO",
		NGINX, "fastcgi_split_path_info ^(/app)(/.*)$;", "--mount=auto", AUTO },
	{ "path-info", FCGI, PLAIN, VARS, "param SCRIPT_NAME=/app" TARGET "|param PATH_INFO=",
		APACHE, "<LocationMatch \"^/app(/.*)?$\">", "\"/\" to its routes", PATHINFO, "", "/app", "/app" TARGET },
	{ "path-info", FCGI, PLAIN, VARS, "param SCRIPT_NAME=/ap|param PATH_INFO=/p" TARGET,
		VANE__FRONT_CADDY, "split /app", "wrong place", AUTO, "", "/app", "/app" TARGET },
	{ "changed-path", HTTPMODE, VANE__PROBE_PATH, HTTP, "target=/a/b/c",
		NGINX, "proxy_pass http://unix:/run/app.sock;", "/a/b/c arrives", XHEADERS, NULL, NULL, TARGET },
	{ "body-lost", FCGI, VANE__PROBE_POST, VARS "|body=5|param CONTENT_LENGTH=5|param CONTENT_TYPE=" VANE__DOCTOR_TYPE,
		"body=0", NGINX, NULL, "5 bytes arrives as 0" },
	{ "body-buffered", FCGI, VANE__PROBE_BIG, VARS "|body=5|body_msec=400", "body_msec=2",
		NGINX, "fastcgi_request_buffering off;", "collects" },
	{ "chunked", FCGI, VANE__PROBE_CHUNKED, VARS "|body=5", "body=0",
		VANE__FRONT_HAPROXY, "option http-buffer-request", "0 bytes of 5" },
	{ "http10", HTTPMODE, PASSIVE, HTTP, "version=HTTP/1.0",
		NGINX, "proxy_http_version 1.1;", "HTTP/1.0", XHEADERS },
	{ "not-kept", FCGI, VANE__PROBE_KEPT, VARS, "kept=0",
		NGINX, "fastcgi_keep_conn on;", "each request" },
};
/* clang-format on */

/* Take "name=value|name=value" in; "-name" takes one out. */
static void take(struct vane__doctor_seen *seen, const char *text)
{
	char word[200], *equals;

	while (*text != '\0') {
		size_t len = strcspn(text, "|");

		assert_true(len < sizeof(word));
		memcpy(word, text, len);
		word[len] = '\0';
		text += len + (text[len] == '|');
		equals = strchr(word, '=');
		if (equals != NULL)
			*equals = '\0';
		assert_int_equal(vane__doctor_seen_add(
					 seen, "", word, equals != NULL ? equals + 1 : ""),
			0);
	}
}

/* What of usual is not taken out. */
static void fill(struct vane__doctor_seen *seen, const char *usual, const char *instead)
{
	char left[2000] = "", word[200], out[210];

	while (*usual != '\0') {
		size_t len = strcspn(usual, "|"), name = strcspn(usual, "=");
		const char *at;

		snprintf(word, sizeof(word), "%.*s", (int) len, usual);
		snprintf(out, sizeof(out), "-%.*s", (int) name, usual);
		at = strstr(instead, out);
		if (at == NULL || (at[name + 1] != '|' && at[name + 1] != '\0'))
			snprintf(left + strlen(left), sizeof(left) - strlen(left), "%s|",
				word);
		usual += len + (usual[len] == '|');
	}
	take(seen, left);
	if (instead[0] != '-')
		take(seen, instead);
	else if (strchr(instead, '=') != NULL)
		fail_msg("%s: what is there has to come first", instead);
}

static struct vane__doctor_program program_of(const struct row *row)
{
	return (struct vane__doctor_program) {
		.mode = row->mode,
		.mount = row->mount != NULL ? row->mount : "",
		.mount_auto = (row->program & AUTO) != 0,
		.path_info = (row->program & PATHINFO) != 0,
		.xheaders = (row->program & XHEADERS) != 0,
		.max_body_bytes = 1024,
		.place = "unix:/run/app.sock",
	};
}

static struct vane__doctor_case case_of(const struct row *row,
	const struct vane__doctor_program *program, const struct vane__doctor_seen *seen)
{
	bool passive = row->probe == PASSIVE;

	return (struct vane__doctor_case) {
		.program = program,
		.probe = row->probe,
		.base = row->base != NULL ? row->base
			: passive         ? NULL
					  : "",
		.target = row->target != NULL ? row->target
			  : passive           ? NULL
					      : TARGET,
		.host = passive ? NULL : "example.org",
		.authorized = row->probe == PLAIN,
		.body_bytes = 5,
		.seen = seen,
		.status = 200,
		.server = "",
		.spread_msec = 400,
	};
}

static const struct vane__doctor_finding *finding_of(
	const struct vane__doctor_report *report, const char *check)
{
	size_t i;

	for (i = 0; i < report->count; i++)
		if (strcmp(report->findings[i].check->name, check) == 0)
			return &report->findings[i];
	return NULL;
}

/* The text of lines, a line of which is that. */
static bool has_line(const struct row *row, const struct vane__doctor_program *program)
{
	const struct vane__doctor_words words = { program,
		row->base != NULL ? row->base : "/app", "192.0.2.8" };
	struct buf out = { 0 };
	char wanted[200];
	bool found, right;

	found = vane__doctor_lines(&out, row->check, row->front, &words);
	assert_int_equal(vane__buf_add(&out, "", 1), 0);
	snprintf(
		wanted, sizeof(wanted), "\tline: %s\n", row->line != NULL ? row->line : "");
	right = row->line != NULL ? found && strstr(out.data, wanted) != NULL : !found;
	if (!right)
		print_error("%s: wanted %s got\n%s", row->check, wanted, out.data);
	vane__buf_fini(&out);
	return right;
}

static void each_mistake_is_found_and_its_line_named(void **state)
{
	static struct vane__doctor_report report;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct vane__doctor_program program = program_of(row);
		const struct vane__doctor_finding *finding;
		struct vane__doctor_seen seen = { 0 };
		struct vane__doctor_case c = case_of(row, &program, &seen);

		memset(&report, 0, sizeof(report));
		fill(&seen, row->usual, row->instead);
		vane__doctor_examine(&report, &c);
		finding = finding_of(&report, row->check);
		if (finding == NULL)
			fail_msg("row %zu, %s: nothing is found", i, row->check);
		if (strstr(finding->detail, row->detail) == NULL)
			fail_msg("row %zu: \"%s\", wanted \"%s\"", i, finding->detail,
				row->detail);
		assert_true(has_line(row, &program));
		vane__doctor_seen_fini(&seen);
	}
}

/* With what arrives of a good front, and with nothing else, nothing is found. */
static void a_good_front_has_no_findings(void **state)
{
	static struct vane__doctor_report report;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct row row = rows[i];
		struct vane__doctor_program program;
		struct vane__doctor_seen seen = { 0 };
		struct vane__doctor_case c;

		row.mount = row.base = row.target = NULL;
		row.program = row.mode == HTTPMODE ? XHEADERS : 0;
		program = program_of(&row);
		c = case_of(&row, &program, &seen);
		if (row.probe == VANE__PROBE_BIG)
			c.spread_msec = 0;
		memset(&report, 0, sizeof(report));
		fill(&seen, row.usual, "");
		vane__doctor_examine(&report, &c);
		if (report.count > 0)
			fail_msg("row %zu, %s: %s is found: %s", i, row.check,
				report.findings[0].check->name, report.findings[0].detail);
		vane__doctor_seen_fini(&seen);
	}
}

/* What is known although nothing has arrived. */
static void answers_of_the_front_itself_are_findings(void **state)
{
	static const struct {
		unsigned probe;
		int status;
		bool mistaken;
		const char *check; /* NULL: none */
	} table[] = {
		{ PLAIN, 0, false, "unreachable" },
		{ PLAIN, 502, false, "unreachable" },
		{ PLAIN, 502, true, "wrong-protocol" },
		{ PLAIN, 400, true, "wrong-protocol" },
		{ PLAIN, 404, false, "elsewhere" },
		{ PLAIN, 200, false, "elsewhere" },
		{ PLAIN, 401, false, "elsewhere" },
		{ VANE__PROBE_PATH, 404, false, "encoded-slash" },
		{ VANE__PROBE_LIMIT, 413, false, "body-limit" },
		{ VANE__PROBE_LIMIT, 0, false, NULL },
		{ VANE__PROBE_LIMIT, 400, false, NULL },
		{ VANE__PROBE_BIG, 413, false, "body-limit" },
		{ VANE__PROBE_BIG, 500, false, "body-limit" },
		{ VANE__PROBE_CHUNKED, 411, false, "chunked" },
		{ VANE__PROBE_SLOW, 504, false, "timeout" },
		{ VANE__PROBE_SLOW, 0, false, "timeout" },
	};
	static struct vane__doctor_report report;
	const struct row row = { .mode = FCGI, .mount = "" };
	const struct vane__doctor_program program = program_of(&row);
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct vane__doctor_case c = { .program = &program,
			.probe = table[i].probe,
			.base = "",
			.target = TARGET,
			.status = table[i].status,
			.mistaken = table[i].mistaken };

		memset(&report, 0, sizeof(report));
		vane__doctor_examine(&report, &c);
		assert_int_equal(report.count, table[i].check != NULL);
		if (table[i].check != NULL)
			assert_string_equal(report.findings[0].check->name, table[i].check);
	}
}

static void a_stream_and_several_requests_are_looked_at(void **state)
{
	static struct vane__doctor_report report;
	const struct row row = { .mode = HTTPMODE, .mount = "", .program = XHEADERS };
	const struct vane__doctor_program program = program_of(&row);
	struct vane__doctor_seen seen = { 0 }, before = { 0 };
	struct vane__doctor_case c = { .program = &program,
		.probe = VANE__PROBE_STREAM,
		.seen = &seen,
		.before = &before,
		.spread_msec = 1 };

	take(&seen, HTTP);
	take(&before, "peer_port=5000");
	vane__doctor_examine(&report, &c);
	assert_non_null(finding_of(&report, "buffered"));
	c.probe = VANE__PROBE_MANY;
	vane__doctor_examine(&report, &c);
	assert_null(finding_of(&report, "pinned"));
	c.failed = 2;
	vane__doctor_examine(&report, &c);
	assert_non_null(finding_of(&report, "pinned"));
	c.probe = VANE__PROBE_KEPT;
	vane__doctor_examine(&report, &c);
	assert_null(finding_of(&report, "not-kept"));
	take(&before, "peer_port=5001");
	vane__doctor_examine(&report, &c);
	assert_non_null(finding_of(&report, "not-kept"));
	vane__doctor_seen_fini(&seen);
	vane__doctor_seen_fini(&before);
}

/* A front says who the client is, and the program was not told to listen. */
static void what_nobody_believes_is_a_finding(void **state)
{
	static struct vane__doctor_report report;
	const struct row row = { .mode = HTTPMODE, .probe = PASSIVE, .mount = "" };
	const struct vane__doctor_program program = program_of(&row);
	struct vane__doctor_seen seen = { 0 };
	struct vane__doctor_case c = case_of(&row, &program, &seen);

	take(&seen, HTTP);
	vane__doctor_examine(&report, &c);
	assert_int_equal(report.count, 1);
	assert_string_equal(report.findings[0].check->name, "xheaders");
	vane__doctor_seen_fini(&seen);
}

/* Each check is in one row at least of what was looked at above, and no two have a name. */
static void every_check_has_a_test(void **state)
{
	static const char *const others[] = { "wrong-protocol", "unreachable", "elsewhere",
		"encoded-slash", "body-limit", "timeout", "buffered", "pinned",
		"xheaders" };
	const struct vane__doctor_check *check, *other;
	size_t i, found;

	for (check = vane__doctor_checks; check->name != NULL; check++) {
		found = 0;
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			found += strcmp(rows[i].check, check->name) == 0;
		for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			found += strcmp(others[i], check->name) == 0;
		if (found == 0)
			fail_msg("%s has no test", check->name);
		for (other = check + 1; other->name != NULL; other++)
			assert_string_not_equal(other->name, check->name);
	}
	assert_true(check - vane__doctor_checks <= VANE__DOCTOR_FINDINGS);
}

static void what_a_front_cannot_mend_is_a_note(void **state)
{
	const struct vane__doctor_check *check = vane__doctor_checks;

	while (strcmp(check->name, "http10") != 0)
		check++;
	assert_int_equal(vane__doctor_weigh(check, NGINX, HTTPMODE), VANE__DOCTOR_WRONG);
	assert_int_equal(vane__doctor_weigh(check, VANE__FRONT_LIGHTTPD, HTTPMODE),
		VANE__DOCTOR_NOTE);
	assert_int_equal(vane__doctor_weigh(check, VANE__FRONT_UNKNOWN, HTTPMODE),
		VANE__DOCTOR_WRONG);
	assert_int_equal(
		vane__doctor_weigh(vane__doctor_checks, VANE__FRONT_LIGHTTPD, HTTPMODE),
		VANE__DOCTOR_WRONG); /* of a wrong protocol */
}

static void fronts_are_recognised(void **state)
{
	static const struct {
		const char *seen, *server;
		enum vane__doctor_front front;
	} table[] = {
		{ "param SERVER_SOFTWARE=nginx/1.22.1", NULL, NGINX },
		{ "", "nginx", NGINX },
		{ "param SERVER_SOFTWARE=Apache/2.4", NULL, APACHE },
		{ "param SERVER_SOFTWARE=Apache/2.4|owned=1", NULL, VANE__FRONT_FCGID },
		{ "param SERVER_SOFTWARE=Apache/2.4|mode=cgi", NULL, VANE__FRONT_CGID },
		{ "param SERVER_SOFTWARE=lighttpd/1.4.69", NULL, VANE__FRONT_LIGHTTPD },
		{ "param SERVER_SOFTWARE=Caddy/v2.6.2", NULL, VANE__FRONT_CADDY },
		{ "field x-forwarded-server=a", "vane", APACHE },
		{ "field x-host=a", "vane", VANE__FRONT_LIGHTTPD },
		{ "mode=http", "vane", VANE__FRONT_UNKNOWN },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct vane__doctor_seen seen = { 0 };

		take(&seen, table[i].seen);
		assert_int_equal(
			vane__doctor_front_find(&seen, table[i].server), table[i].front);
		vane__doctor_seen_fini(&seen);
	}
	assert_int_equal(vane__doctor_front_find(NULL, "Caddy"), VANE__FRONT_CADDY);
	assert_int_equal(vane__doctor_front_named("mod_fcgid"), VANE__FRONT_FCGID);
	assert_int_equal(vane__doctor_front_named(NULL), VANE__FRONT_UNKNOWN);
}

static void urls_are_taken_apart(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *host, *port, *authority, *base, *authorization;
	} table[] = {
		{ "http://example.org", 0, "example.org", "80", "example.org", "", "" },
		{ "http://example.org/", 0, "example.org", "80", "example.org", "", "" },
		{ "http://a:81/app/", 0, "a", "81", "a:81", "/app", "" },
		{ "http://[::1]:81/a/b", 0, "::1", "81", "[::1]:81", "/a/b", "" },
		{ "http://[::1]", 0, "::1", "80", "[::1]", "", "" },
		{ "http://ab:cd@h/", 0, "h", "80", "h", "", "Basic YWI6Y2Q=" },
		{ "http://a:b@h/", 0, "h", "80", "h", "", "Basic YTpi" },
		{ "http://a:@h/", 0, "h", "80", "h", "", "Basic YTo=" },
		{ "https://example.org/", -EINVAL },
		{ "example.org", -EINVAL },
		{ "http://", -EINVAL },
		{ "http://a:x/", -EINVAL },
		{ "http://a/?x", -EINVAL },
		{ "http://a/b c", -EINVAL },
		{ "http://a/b\r\nX: y", -EINVAL },
	};
	struct vane__doctor_url url;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		why = NULL;
		assert_int_equal(
			vane__doctor_url_parse(&url, table[i].text, &why), table[i].rc);
		if (table[i].rc < 0) {
			assert_non_null(why);
			continue;
		}
		assert_string_equal(url.host, table[i].host);
		assert_string_equal(url.port, table[i].port);
		assert_string_equal(url.authority, table[i].authority);
		assert_string_equal(url.base, table[i].base);
		assert_string_equal(url.authorization, table[i].authorization);
	}
}

static void what_is_not_ours_is_not_read(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} table[] = {
		{ "vane-doctor 1\nmode=http\nfield x=a%0ab%3d\n.\nlater", 0 },
		{ "", -EBADMSG },
		{ "<html>", -EBADMSG },
		{ "vane-doctor 1\n", -EBADMSG },
		{ "vane-doctor 1\nmode=http\n", -EBADMSG }, /* it was cut */
		{ "vane-doctor 1\nmode\n.\n", -EBADMSG },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct vane__doctor_seen seen = { 0 };

		assert_int_equal(vane__doctor_seen_read(&seen, vane__slice(table[i].text)),
			table[i].rc);
		if (table[i].rc == 0)
			assert_string_equal(
				vane__doctor_seen_get(&seen, "field", "x"), "a\nb=");
		vane__doctor_seen_fini(&seen);
	}
}

static void the_option_takes_a_url_or_nothing(void **state)
{
	static const struct {
		const char *value;
		int rc;
		const char *doctor;
	} table[] = {
		{ "true", 0, "" },
		{ "1", 0, "" },
		{ "no", 0, NULL },
		{ "http://a/", 0, "http://a/" },
		{ "a", -EINVAL, NULL },
	};
	const char *doctor, *why;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		doctor = NULL;
		assert_int_equal(
			vane__doctor_option(&doctor, table[i].value, &why), table[i].rc);
		if (table[i].doctor == NULL)
			assert_null(doctor);
		else
			assert_string_equal(doctor, table[i].doctor);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_found_and_its_line_named),
		cmocka_unit_test(a_good_front_has_no_findings),
		cmocka_unit_test(answers_of_the_front_itself_are_findings),
		cmocka_unit_test(a_stream_and_several_requests_are_looked_at),
		cmocka_unit_test(what_nobody_believes_is_a_finding),
		cmocka_unit_test(every_check_has_a_test),
		cmocka_unit_test(what_a_front_cannot_mend_is_a_note),
		cmocka_unit_test(fronts_are_recognised),
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(what_is_not_ours_is_not_read),
		cmocka_unit_test(the_option_takes_a_url_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
