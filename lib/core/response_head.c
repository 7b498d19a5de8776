/* SPDX-License-Identifier: MIT */
/*
 * response_head.c - the head of an answer: status, fields, and what is said in them: redirects,
 * cookies, validators.
 *
 * What a handler cannot have there is refused, and noted in words for the log.
 */
#include <vane/response.h>
#include <vane/util.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cond.h"
#include "cookie.h"
#include "exchange.h"
#include "fields.h"
#include "slice.h"
#include "text.h"

/*
 * What keeps a change of the head by a function from happening, 0 if nothing does.  name is that of
 * what it was given, or NULL.
 */
static int head_closed(struct vane_response *res, const char *function, const char *name)
{
	const char *quote = name != NULL ? "\"" : "", *colon = name != NULL ? ": " : "";

	if (name == NULL)
		name = "";
	if (res->error < 0)
		return res->error;
	if (res->head_sent)
		return vane__response_fault(res, -EALREADY,
			"%s(): %s%.100s%s%sthe head has left already", function, quote,
			name, quote, colon);
	if (res->raw)
		return vane__response_fault(res, -EALREADY,
			"%s(): %s%.100s%s%sa raw response has the head that is written",
			function, quote, name, quote, colon);
	return res->finished ? -EALREADY : 0;
}

/* A call that cannot be right: said of the function, with the name of what it was given. */
static int misuse(struct vane_response *res, const char *function, struct vane_slice name,
	const char *what)
{
	return vane__response_fault(res, -EINVAL, "%s(): \"%.*s\" %s", function,
		name.len < 100 ? (int) name.len : 100, name.data, what);
}

static int no_status(struct vane_response *res, const char *function, int status)
{
	return vane__response_fault(res, -EINVAL,
		"%s(): %d is no status of a response, 200 to 599", function, status);
}

int vane_response_set_status(struct vane_response *res, int status)
{
	int rc = head_closed(res, __func__, NULL);

	if (rc == 0 && (status < 200 || status > 599))
		rc = no_status(res, __func__, status);
	if (rc < 0)
		return vane__response_fail(res, rc);
	res->status = status;
	return 0;
}

int vane_response_set_raw(struct vane_response *res, int status)
{
	struct vane_exchange *x = vane__res_exchange(res);
	int rc = head_closed(res, __func__, NULL);

	if ((x->driver->caps & VANE_CAP_RAW) == 0)
		return vane__request_fail(
			&x->req, -ENOTSUP, "raw responses are not available in this mode");
	if (rc == 0 && (status < 200 || status > 599))
		rc = no_status(res, __func__, status);
	if (rc < 0)
		return vane__response_fail(res, rc);
	vane__response_clear(res);
	res->raw = true;
	res->status = status;
	res->bodyless = false; /* whoever writes the head knows of HEAD */
	return 0;
}

int vane_response_status(const struct vane_response *res)
{
	return res->status;
}

bool vane_response_head_sent(const struct vane_response *res)
{
	return res->head_sent;
}

/* Append a field of our own making: not checked. */
static int append_field(
	struct vane_response *res, struct vane_slice name, struct vane_slice value)
{
	size_t len = name.len + value.len + 4;
	char *at;

	if (UNLIKELY(vane__buf_reserve(&res->head, len) < 0))
		return vane__response_fail(res, -ENOMEM);
	at = res->head.data + res->head.len;
	memcpy(at, name.data, name.len);
	at += name.len;
	*at++ = ':';
	*at++ = ' ';
	if (value.len > 0)
		memcpy(at, value.data, value.len);
	at += value.len;
	*at++ = '\r';
	*at++ = '\n';
	res->head.len += len;
	return 0;
}

int vane__response_add_lines(struct vane_response *res, struct vane_slice lines)
{
	int rc = head_closed(res, __func__, NULL);

	if (rc == 0)
		rc = vane__buf_add(&res->head, lines.data, lines.len);
	return rc < 0 ? vane__response_fail(res, rc) : 0;
}

/* Fields that belong to whoever carries the response. */
static bool is_reserved(struct vane_slice name)
{
	static const struct vane_slice reserved[] = {
		SLICE_INIT("connection"),
		SLICE_INIT("keep-alive"),
		SLICE_INIT("status"),
		SLICE_INIT("transfer-encoding"),
		SLICE_INIT("upgrade"),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		if (vane__slice_equal_nocase(name, reserved[i]))
			return true;
	return false;
}

/* Take note of the fields that we act upon; value data NULL: it is taken away. */
static int notice(struct vane_response *res, const char *function, struct vane_slice name,
	struct vane_slice value)
{
	int64_t length;

	if (name.len == 12 && vane__slice_equal_nocase(name, SLICE("content-type")))
		res->typed = value.data != NULL;
	else if (name.len == 4 && vane__slice_equal_nocase(name, SLICE("date")))
		res->dated = value.data != NULL;
	else if (name.len == 6 && vane__slice_equal_nocase(name, SLICE("server")))
		res->named = value.data != NULL;
	if (name.len != 14 || !vane__slice_equal_nocase(name, SLICE("content-length")))
		return 0;
	if (value.data == NULL) {
		res->promised = -1;
		return 0;
	}
	if (res->promised >= 0)
		return misuse(res, function, name, "is there already");
	if (vane__slice_number(value, &length) < 0)
		return misuse(res, function, name, "is no number");
	if (length < res->written)
		return vane__response_fault(res, -EMSGSIZE,
			"%s(): Content-Length is less than what was written", function);
	res->promised = length;
	return 0;
}

/* Whether a handler may set that field: 0, or -EINVAL with the reason noted. */
static int check_field(struct vane_response *res, const char *function,
	struct vane_slice name, struct vane_slice value)
{
	if (!vane__is_token(name))
		return misuse(res, function, name, "is no name of a field");
	if (!vane__field_value_ok(value))
		return misuse(res, function, name,
			"has a line end or another control character in its value");
	if (is_reserved(name))
		return misuse(
			res, function, name, "belongs to the server, not to handlers");
	return 0;
}

static int add_field(struct vane_response *res, const char *function, const char *name,
	const char *value)
{
	struct vane_slice n, v;
	int rc = head_closed(res, function, name);

	if (vane__res_no_text(res, function, name) ||
		vane__res_no_text(res, function, value))
		return vane__response_fail(res, -EINVAL);
	n = vane__slice(name);
	v = vane__slice_trim(vane__slice(value));
	if (rc == 0)
		rc = check_field(res, function, n, v);
	if (rc == 0)
		rc = notice(res, function, n, v);
	if (rc == 0 && n.len == 14 && vane__slice_equal_nocase(n, SLICE("content-length")))
		return 0; /* output.c writes it */
	return rc < 0 ? vane__response_fail(res, rc) : append_field(res, n, v);
}

static int remove_field(struct vane_response *res, const char *function, const char *name)
{
	struct vane_slice wanted;
	int rc = head_closed(res, function, name);
	char *line = res->head.data, *end, *to = line;

	if (vane__res_no_text(res, function, name))
		rc = -EINVAL;
	if (rc < 0)
		return vane__response_fail(res, rc);
	wanted = vane__slice(name);
	notice(res, function, wanted, (struct vane_slice) { NULL, 0 });
	if (res->head.len == 0)
		return 0;
	end = line + res->head.len;
	while (line < end) {
		char *next = (char *) memchr(line, '\n', (size_t) (end - line)) + 1;
		char *colon = memchr(line, ':', (size_t) (next - line));
		struct vane_slice n = { line, (size_t) (colon - line) };

		if (!vane__slice_equal_nocase(n, wanted)) {
			memmove(to, line, (size_t) (next - line));
			to += next - line;
		}
		line = next;
	}
	res->head.len = (size_t) (to - res->head.data);
	return 0;
}

int vane_response_add_field(struct vane_response *res, const char *name, const char *value)
{
	return add_field(res, __func__, name, value);
}

int vane_response_remove_field(struct vane_response *res, const char *name)
{
	return remove_field(res, __func__, name);
}

int vane_response_set_field(struct vane_response *res, const char *name, const char *value)
{
	int rc = remove_field(res, __func__, name);

	return rc < 0 ? rc : add_field(res, __func__, name, value);
}

/* A Location may hold anything that a careless caller put there: encode what cannot stand. */
static int add_location(struct vane_response *res, const char *location)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t len = strlen(location), at = 0, i;
	char *quoted = malloc(len * 3 + 1);
	int rc;

	if (quoted == NULL)
		return vane__response_fail(res, -ENOMEM);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char) location[i];

		if (c > 0x20 && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL) {
			quoted[at++] = (char) c;
			continue;
		}
		quoted[at++] = '%';
		quoted[at++] = hex[c >> 4];
		quoted[at++] = hex[c & 15];
	}
	quoted[at] = '\0';
	rc = vane_response_set_field(res, "Location", quoted);
	free(quoted);
	return rc;
}

int vane_response_redirect(struct vane_response *res, int status, const char *location)
{
	if (vane__res_no_text(res, __func__, location))
		return vane__response_fail(res, -EINVAL);
	if (status != 301 && status != 302 && status != 303 && status != 307 &&
		status != 308)
		return vane__response_fail(res,
			vane__response_fault(res, -EINVAL,
				"%s(): %d is no redirect, as 301, 302, 303, 307 and 308 are",
				__func__, status));
	vane_response_set_status(res, status);
	return add_location(res, location);
}

int vane_response_add_slash(struct vane_response *res)
{
	struct vane_request *req = &vane__res_exchange(res)->req;
	const char *target = vane_request_target(req);
	struct buf location = { 0 };
	size_t len;
	int rc;

	target += strspn(target, "/");
	len = strcspn(target, "?");
	rc = vane__buf_printf(&location, "/%.*s/%s", (int) len, target, target + len);
	if (rc == 0)
		rc = vane_response_redirect(res, 301, location.data);
	vane__buf_fini(&location);
	return rc;
}

/* What keeps a cookie from being set, 0 if nothing does. */
static int check_cookie(
	struct vane_response *res, const char *function, const struct vane_cookie *cookie)
{
	const char *fault = vane__cookie_fault(cookie);
	int rc = head_closed(res, function, cookie->name);

	if (vane__res_no_text(res, function, cookie->name) ||
		vane__res_no_text(res, function, cookie->value))
		return -EINVAL;
	if (rc == 0 && fault != NULL)
		rc = misuse(res, function, vane__slice(cookie->name), fault);
	return rc;
}

/* What came of formatting a cookie. */
static int add_cookie(struct vane_response *res, int rc, struct buf *value)
{
	if (rc < 0)
		vane__response_fail(res, rc);
	else
		rc = append_field(res, SLICE("Set-Cookie"), vane__buf_slice(value));
	vane__buf_fini(value);
	return rc;
}

int vane_response_set_cookie(struct vane_response *res, const struct vane_cookie *cookie)
{
	struct buf value = { 0 };
	int rc = check_cookie(res, __func__, cookie);

	if (rc == 0)
		rc = vane__cookie_format(&value, cookie, (int64_t) time(NULL));
	return add_cookie(res, rc, &value);
}

int vane_response_clear_cookie(struct vane_response *res, const struct vane_cookie *cookie)
{
	struct vane_cookie bare = *cookie;
	struct buf value = { 0 };
	int rc;

	bare.value = "";
	bare.max_age_sec = 0;
	if (bare.name != NULL && vane__cookie_is_secure(bare.name))
		bare.secure = true; /* or the client would not take it */
	rc = check_cookie(res, __func__, &bare);
	if (rc == 0)
		rc = vane__cookie_format_gone(&value, &bare);
	return add_cookie(res, rc, &value);
}

/* A repeated precondition joined to one list, as RFC 9110, 5.3 has it. */
static struct vane_slice condition(struct vane_request *req, const char *name)
{
	const char *value = vane_request_field(req, name);

	return value != NULL ? vane__slice(value) : (struct vane_slice) { NULL, 0 };
}

static int bad_etag(struct vane_response *res, const char *etag)
{
	return misuse(res, "vane_response_set_validators", vane__slice(etag),
		"is no entity-tag, which has its quotes in it");
}

static int set_validators(struct vane_response *res, const char *etag, int64_t modified)
{
	char date[32];
	int rc = 0;

	if (etag != NULL)
		rc = vane__etag_ok(vane__slice(etag))
			     ? vane_response_set_field(res, "ETag", etag)
			     : vane__response_fail(res, bad_etag(res, etag));
	if (modified >= 0) {
		vane_http_date(date, sizeof(date), modified);
		rc = vane_response_set_field(res, "Last-Modified", date);
	}
	return rc;
}

int vane_response_set_validators(
	struct vane_response *res, const char *etag, int64_t modified)
{
	struct vane_request *req = &vane__res_exchange(res)->req;
	struct vane__cond_fields fields = {
		.if_match = condition(req, "if-match"),
		.if_none_match = condition(req, "if-none-match"),
		.if_modified_since = condition(req, "if-modified-since"),
		.if_unmodified_since = condition(req, "if-unmodified-since"),
	};
	bool safe = req->method == VANE__GET || req->method == VANE__HEAD;
	int rc = set_validators(res, etag, modified);

	if (rc < 0)
		return rc;
	switch (vane__cond_evaluate(&fields, safe,
		etag != NULL ? vane__slice(etag) : (struct vane_slice) { NULL, 0 },
		modified)) {
	case VANE__COND_NOT_MODIFIED:
		return vane_response_set_status(res, 304) < 0 ? res->error : 1;
	case VANE__COND_FAILED:
		return vane_response_set_status(res, 412) < 0 ? res->error : 1;
	default:
		return 0;
	}
}
