/* SPDX-License-Identifier: MIT */
/*
 * doctor_checks.c - the table of --doctor's checks: what each looks at, and how much it matters.
 *
 * The lines that mend each are in doctor_lines.c, by its name.
 */
#include "doctor.h"

#define ARRIVED                                                                            \
	(VANE__PROBE_PLAIN | VANE__PROBE_PATH | VANE__PROBE_POST | VANE__PROBE_PASSIVE)

#define WRONG VANE__DOCTOR_WRONG
#define NOTE  VANE__DOCTOR_NOTE

/* clang-format off */
const struct vane__doctor_check vane__doctor_checks[] = {
	/* whether requests come */
	{ "wrong-protocol", WRONG, VANE__PROBE_PLAIN, vane__doctor_wrong_protocol,
		"the first bytes of a connection" },
	{ "unreachable", WRONG, VANE__PROBE_PLAIN, vane__doctor_unreachable,
		"502, 503 and 504, or no answer" },
	{ "elsewhere", WRONG, VANE__PROBE_PLAIN, vane__doctor_elsewhere,
		"answers that are not the program's" },
	/* what they are made of */
	{ "params", WRONG, ARRIVED, vane__doctor_params,
		"the meta-variables that all need" },
	{ "request-method", WRONG, ARRIVED, vane__doctor_request_method, "REQUEST_METHOD" },
	{ "request-uri", WRONG, ARRIVED, vane__doctor_request_uri, "REQUEST_URI" },
	{ "query-string", WRONG, ARRIVED, vane__doctor_query_string, "QUERY_STRING" },
	{ "remote-addr", WRONG, ARRIVED, vane__doctor_remote_addr, "REMOTE_ADDR" },
	{ "content-type", WRONG, VANE__PROBE_POST, vane__doctor_content_type, "CONTENT_TYPE" },
	{ "content-length", WRONG, VANE__PROBE_POST, vane__doctor_content_length,
		"CONTENT_LENGTH" },
	{ "https", WRONG, ARRIVED, vane__doctor_https, "HTTPS at port 443" },
	{ "redirect-status", WRONG, ARRIVED, vane__doctor_redirect_status, "REDIRECT_STATUS" },
	{ "script-filename", NOTE, ARRIVED, vane__doctor_script_filename, "SCRIPT_FILENAME" },
	{ "httpoxy", WRONG, ARRIVED, vane__doctor_httpoxy, "HTTP_PROXY" },
	{ "remote-user", WRONG, VANE__PROBE_PLAIN, vane__doctor_remote_user,
		"REMOTE_USER that nobody has looked at" },
	{ "authorization", WRONG, VANE__PROBE_PLAIN, vane__doctor_authorization,
		"Authorization" },
	{ "cookie", WRONG, VANE__PROBE_PLAIN, vane__doctor_cookie, "Cookie" },
	{ "underscore", NOTE, VANE__PROBE_PLAIN, vane__doctor_underscore,
		"fields with underscores" },
	{ "merged", NOTE, VANE__PROBE_PLAIN, vane__doctor_merged,
		"X_Y and X-Y that are one variable" },
	{ "host", WRONG, VANE__PROBE_PLAIN, vane__doctor_host, "Host" },
	/* who the client is */
	{ "client-address", WRONG, VANE__PROBE_PLAIN, vane__doctor_client_address,
		"X-Real-Ip and X-Forwarded-For" },
	{ "client-scheme", WRONG, VANE__PROBE_PLAIN, vane__doctor_client_scheme,
		"X-Scheme and X-Forwarded-Proto" },
	{ "xheaders", WRONG, VANE__PROBE_PLAIN | VANE__PROBE_PASSIVE, vane__doctor_xheaders,
		"the same without --xheaders" },
	{ "trusted", WRONG, VANE__PROBE_PLAIN | VANE__PROBE_PASSIVE, vane__doctor_trusted,
		"whether the front is among --trusted" },
	{ "forged", WRONG, VANE__PROBE_FORGED, vane__doctor_forged,
		"a client that writes these fields itself" },
	/* where the application is */
	{ "doubled-prefix", WRONG, ARRIVED, vane__doctor_doubled_prefix,
		"a mount that is there twice" },
	{ "stripped-prefix", WRONG, ARRIVED, vane__doctor_stripped_prefix,
		"a mount that the front takes off" },
	{ "mount", WRONG, ARRIVED, vane__doctor_mount, "--mount and the path" },
	{ "path-info", WRONG, VANE__PROBE_PLAIN | VANE__PROBE_PASSIVE, vane__doctor_path_info,
		"SCRIPT_NAME and PATH_INFO" },
	{ "changed-path", WRONG, VANE__PROBE_PATH, vane__doctor_changed_path,
		"%2F and // in a path" },
	{ "encoded-slash", WRONG, VANE__PROBE_PATH, vane__doctor_encoded_slash,
		"whether they are refused" },
	/* bodies, streams, times, connections */
	{ "body-limit", WRONG, VANE__PROBE_BIG | VANE__PROBE_LIMIT, vane__doctor_body_limit,
		"bodies as large as --max-body-size" },
	{ "body-lost", WRONG, VANE__PROBE_BIG | VANE__PROBE_POST, vane__doctor_body_lost,
		"the bytes of a body" },
	{ "body-buffered", NOTE, VANE__PROBE_BIG, vane__doctor_body_buffered,
		"a body that comes in two pieces" },
	{ "chunked", NOTE, VANE__PROBE_CHUNKED, vane__doctor_chunked,
		"a body without a length" },
	{ "buffered", NOTE, VANE__PROBE_STREAM, vane__doctor_buffered,
		"an answer in two pieces" },
	{ "timeout", WRONG, VANE__PROBE_SLOW, vane__doctor_timeout,
		"an answer that takes 1.2 seconds" },
	{ "pinned", WRONG, VANE__PROBE_MANY, vane__doctor_pinned, "eight requests at a time" },
	{ "http10", WRONG, VANE__PROBE_PLAIN | VANE__PROBE_PASSIVE, vane__doctor_http10,
		"the version that the front speaks" },
	{ "not-kept", NOTE, VANE__PROBE_KEPT, vane__doctor_not_kept,
		"whether connections are kept" },
	{ NULL, NOTE, 0, NULL, NULL },
};
/* clang-format on */
