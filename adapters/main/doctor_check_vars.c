/* SPDX-License-Identifier: MIT */
/*
 * doctor_check_vars.c - checks of --doctor: the meta-variables of FastCGI, SCGI and CGI.
 */
#include "doctor.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Those without which nothing works, in the order of nginx's files. */
static const char *const needed[] = { "QUERY_STRING", "REQUEST_METHOD", "REQUEST_URI",
	"SERVER_PROTOCOL", "REMOTE_ADDR", "SERVER_PORT", "SERVER_NAME" };

/* So many of them are not left out one by one. */
#define TOO_MANY 3

/* SCGI and CGI tell of a body without them. */
static bool has_vars(const struct vane__doctor_case *c)
{
	return c->seen != NULL && c->program->mode != VANE__MODE_HTTP;
}

static const char *param(const struct vane__doctor_case *c, const char *name)
{
	return vane__doctor_seen_given(c->seen, "param", name);
}

/* QUERY_STRING is empty where there is no query. */
static bool is_missing(const struct vane__doctor_case *c, const char *name)
{
	return vane__doctor_seen_get(c->seen, "param", name) == NULL;
}

bool vane__doctor_params(const struct vane__doctor_case *c, char *detail)
{
	size_t i, count = 0, len = 0;

	if (!has_vars(c))
		return false;
	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (is_missing(c, needed[i])) {
			len += (size_t) snprintf(detail + len, VANE__DOCTOR_DETAIL - len,
				"%s%s", count++ > 0 ? ", " : "", needed[i]);
		}
	if (count < TOO_MANY)
		return false;
	snprintf(detail + len, VANE__DOCTOR_DETAIL - len,
		" do not arrive: the file with the usual variables is not included");
	return true;
}

/* One of them is missing, and the others are not. */
static bool lacks(const struct vane__doctor_case *c, const char *name)
{
	char all[VANE__DOCTOR_DETAIL];

	return has_vars(c) && is_missing(c, name) && !vane__doctor_params(c, all);
}

bool vane__doctor_request_method(const struct vane__doctor_case *c, char *detail)
{
	if (!lacks(c, "REQUEST_METHOD"))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"REQUEST_METHOD does not arrive: every request is answered with 400");
	return true;
}

bool vane__doctor_request_uri(const struct vane__doctor_case *c, char *detail)
{
	if (!lacks(c, "REQUEST_URI") || c->program->path_info)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"REQUEST_URI does not arrive: the path is put together from SCRIPT_NAME and "
		"PATH_INFO, where %%2F is a slash and // may be one");
	return true;
}

bool vane__doctor_query_string(const struct vane__doctor_case *c, char *detail)
{
	const char *query = c->target != NULL ? strchr(c->target, '?') : NULL;

	if (!has_vars(c) || (!lacks(c, "QUERY_STRING") &&
				    (query == NULL || is_missing(c, "QUERY_STRING") ||
					    param(c, "QUERY_STRING") != NULL)))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"QUERY_STRING %s: arguments are lost for who reads it",
		query == NULL || is_missing(c, "QUERY_STRING")
			? "does not arrive"
			: "is empty, and there was a query");
	return true;
}

bool vane__doctor_remote_addr(const struct vane__doctor_case *c, char *detail)
{
	if (!lacks(c, "REMOTE_ADDR"))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"REMOTE_ADDR does not arrive: nobody knows who the client is");
	return true;
}

bool vane__doctor_content_type(const struct vane__doctor_case *c, char *detail)
{
	const char *type;

	if (!has_vars(c) || c->target == NULL)
		return false;
	type = param(c, "CONTENT_TYPE");
	if (type != NULL && strcmp(type, VANE__DOCTOR_TYPE) == 0)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"CONTENT_TYPE %s%s: forms and JSON are not recognised",
		type != NULL ? "is " : "does not arrive", type != NULL ? type : "");
	return true;
}

bool vane__doctor_content_length(const struct vane__doctor_case *c, char *detail)
{
	const char *length;

	if (!has_vars(c) || c->target == NULL || c->program->mode == VANE__MODE_SCGI)
		return false;
	length = param(c, "CONTENT_LENGTH");
	if (length != NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"CONTENT_LENGTH does not arrive with a body: it is read to its end%s",
		c->program->mode == VANE__MODE_CGI ? ", which a CGI program does not do"
						   : ", and cannot be refused before");
	return true;
}

bool vane__doctor_https(const struct vane__doctor_case *c, char *detail)
{
	const char *port, *scheme;

	if (!has_vars(c))
		return false;
	port = param(c, "SERVER_PORT");
	scheme = vane__doctor_seen_get(c->seen, "", "scheme");
	if (port == NULL || strcmp(port, "443") != 0 ||
		(scheme != NULL && strcmp(scheme, "https") == 0))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"SERVER_PORT is 443 and HTTPS is not on: links and redirects lead to http://");
	return true;
}

bool vane__doctor_redirect_status(const struct vane__doctor_case *c, char *detail)
{
	const char *status = has_vars(c) ? param(c, "REDIRECT_STATUS") : NULL;

	if (status == NULL || strcmp(status, "200") == 0)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"REDIRECT_STATUS is %.20s: the program is asked for an error page in place of "
		"what the client has asked for",
		status);
	return true;
}

bool vane__doctor_script_filename(const struct vane__doctor_case *c, char *detail)
{
	const char *file = has_vars(c) ? param(c, "SCRIPT_FILENAME") : NULL;

	if (file == NULL || strncmp(file, "proxy:", 6) != 0)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"SCRIPT_FILENAME is %.100s, which is no file: nothing in Vane reads it, other "
		"code in the program may",
		file);
	return true;
}

bool vane__doctor_httpoxy(const struct vane__doctor_case *c, char *detail)
{
	if (!has_vars(c) || vane__doctor_seen_number(c->seen, "http_proxy", 0) == 0)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"a client's field Proxy arrives as HTTP_PROXY (httpoxy): the program does not see "
		"it, but children of a CGI program would take it for their proxy");
	return true;
}

bool vane__doctor_remote_user(const struct vane__doctor_case *c, char *detail)
{
	const char *user = has_vars(c) ? param(c, "REMOTE_USER") : NULL;

	if (user == NULL || !c->authorized || strcmp(user, VANE__DOCTOR_USER) != 0)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"REMOTE_USER is what the client says in Authorization, and nobody has looked at "
		"the password");
	return true;
}
