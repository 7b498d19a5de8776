/* SPDX-License-Identifier: MIT */
/*
 * h1in.c - HTTP/1 requests from bytes (RFC 9112).
 *
 * llhttp takes heads apart, and is stopped at the end of each.  What a head means for its
 * connection and its body is decided here, whatever the llhttp in use makes of it; it sees no
 * body, and the next request begins with a fresh one.
 */
#include "h1in.h"

#include <vane/driver.h>
#include <vane/log.h>

#include "field_name.h"
#include "fields.h"
#include "method.h"
#include "slice.h"
#include "uri.h"

/* A chunked body may have so much framing more than its bytes; trailers are part of it. */
#define FRAMING_BASE     (64 * 1024)
#define FRAMING_PER_BYTE 16

#define LONGEST_METHOD   32

/* The first byte of a client's that speaks TLS (RFC 8446, 5.1). */
#define TLS_HANDSHAKE 0x16

static const char a_bare_lf[] = "a line that ends in a bare LF";
static const char too_many_fields[] = "too many fields";
static const char a_folded_line[] = "a folded line"; /* RFC 9112, 5.2 */

static struct vane__h1_head *of(llhttp_t *parser)
{
	return CONTAINER_OF(parser, struct vane__h1_head, parser);
}

/* Refuse a head with a status, and say why. */
static int refuse(const struct vane__h1in *in, int status, const char *why)
{
	in->head->why = why;
	return -status;
}

static uint32_t offset(const struct vane__h1_head *head, const char *at)
{
	return (uint32_t) (at - head->base);
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
	struct vane__h1_head *head = of(parser);

	if (head->target.len == 0)
		head->target.at = offset(head, at);
	head->target.len += (uint32_t) len;
	return 0;
}

static int on_field(llhttp_t *parser, const char *at, size_t len)
{
	struct vane__h1_head *head = of(parser);
	struct vane__h1_field *field;

	if (head->in_value) {
		if (head->count == head->max_fields) {
			head->why = too_many_fields;
			return HPE_USER;
		}
		field = &head->fields[head->count++];
		field->name = (struct vane__h1_span) { offset(head, at), 0 };
		field->value = (struct vane__h1_span) { 0, 0 };
		head->in_value = false;
	}
	head->fields[head->count - 1].name.len += (uint32_t) len;
	return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
	struct vane__h1_head *head = of(parser);
	struct vane__h1_span *value = &head->fields[head->count - 1].value;

	if (!head->in_value) {
		*value = (struct vane__h1_span) { offset(head, at), 0 };
	} else if (offset(head, at) != value->at + value->len) {
		head->why = a_folded_line;
		return HPE_USER;
	}
	value->len += (uint32_t) len;
	head->in_value = true;
	return 0;
}

static int on_head(llhttp_t *parser)
{
	parser->upgrade = 0; /* no protocol to change to: an ordinary request */
	return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
	.on_url = on_url,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
};

void vane__h1in_init(struct vane__h1in *in, size_t max_fields)
{
	*in = (struct vane__h1in) {
		.max_fields = (uint16_t) (max_fields > 0 && max_fields < VANE__H1_MAX_FIELDS
						  ? max_fields
						  : VANE__H1_MAX_FIELDS),
	};
}

void vane__h1in_next(struct vane__h1in *in, struct vane__h1_head *head)
{
	llhttp_init(&head->parser, HTTP_REQUEST, &callbacks);
	head->max_fields = in->max_fields;
	in->head = head;
	in->in_blanks = false;
	head->target = (struct vane__h1_span) { 0, 0 };
	head->count = 0;
	head->why = NULL;
	head->in_value = true; /* what comes next is a name */
}

/*
 * What of a head llhttp has stumbled over.  Nothing behind it is looked at, so that it does not
 * matter how much more has come.
 */
static struct vane_slice what_was_read(
	const struct vane__h1in *in, const char *base, size_t len)
{
	const char *stumbled = llhttp_get_error_pos(&in->head->parser);
	struct vane_slice read = { base, len };

	if (stumbled != NULL && stumbled < base + len)
		read.len = (size_t) (stumbled - base) + 1;
	return read;
}

/*
 * A version that we do not speak is 505; one that we do, with anything but a line end behind
 * it, is a malformed line, whatever the llhttp in use calls it.
 */
static int refuse_version(const struct vane__h1in *in, struct vane_slice head)
{
	size_t at = in->head->target.at + in->head->target.len;
	struct vane_slice rest = { head.data + at, head.len > at ? head.len - at : 0 };

	if (vane__slice_starts(rest, SLICE(" HTTP/1.0")) ||
		vane__slice_starts(rest, SLICE(" HTTP/1.1")))
		return refuse(in, 400, "no line end behind the version");
	return refuse(in, 505, "the version is not spoken here");
}

/* A token that no server knows is a method; what else may stand there is no request line. */
static int refuse_method(const struct vane__h1in *in, struct vane_slice line)
{
	while (vane__slice_starts(line, SLICE("\r\n"))) {
		line.data += 2;
		line.len -= 2;
	}
	if (line.len > 0 && line.data[0] == TLS_HANDSHAKE)
		return refuse(in, 400, "TLS, which is not spoken here");
	line = vane__slice_split(&line, ' ');
	if (line.len > LONGEST_METHOD)
		line.len = LONGEST_METHOD;
	return vane__is_token(line) ? refuse(in, 501, "the method is not known")
				    : refuse(in, 400, "no request line");
}

/* The status for what llhttp does not understand. */
static int refusal(
	const struct vane__h1in *in, llhttp_errno_t error, const char *base, size_t len)
{
	if (error == HPE_USER)
		return in->head->why == too_many_fields ? -431 : -400;
	if (error == HPE_INVALID_VERSION)
		return refuse_version(in, what_was_read(in, base, len));
	if (error == HPE_INVALID_METHOD)
		return refuse_method(in, what_was_read(in, base, len));
	return refuse(in, 400, llhttp_get_error_reason(&in->head->parser));
}

/* Make one kind of blanks; whether there may be more of them behind. */
static bool even_blanks(char *at, const char *end)
{
	for (; at < end && (*at == ' ' || *at == '\t'); at++)
		*at = ' ';
	return at == end;
}

/*
 * llhttp knows one kind of blank behind a Content-Length, and there are two (RFC 9110, 5.6.3):
 * it gets the other one instead, and the head from its beginning.
 */
static llhttp_errno_t retry_length(struct vane__h1in *in, char *base, size_t len)
{
	char *stumbled = base + (llhttp_get_error_pos(&in->head->parser) - base);

	if (stumbled == base + len || *stumbled != '\t')
		return HPE_INVALID_CONTENT_LENGTH;
	vane__h1in_next(in, in->head);
	in->in_blanks = even_blanks(stumbled, base + len);
	return llhttp_execute(&in->head->parser, base, len);
}

int vane__h1in_head(
	struct vane__h1in *in, char *base, size_t seen, size_t len, size_t *used)
{
	llhttp_errno_t error;

	in->base = base;
	in->head->base = base;
	if (UNLIKELY(in->in_blanks))
		in->in_blanks = even_blanks(base + seen, base + len);
	error = llhttp_execute(&in->head->parser, base + seen, len - seen);
	if (UNLIKELY(error == HPE_INVALID_CONTENT_LENGTH))
		error = retry_length(in, base, len);
	if (LIKELY(error == HPE_PAUSED)) {
		*used = (size_t) (llhttp_get_error_pos(&in->head->parser) - base);
		return base[*used - 2] == '\r' ? 1 : refuse(in, 400, a_bare_lf);
	}
	return error == HPE_OK ? 0 : refusal(in, error, base, len);
}

/* What follows the target must be a version of HTTP/1 and a line end: llhttp takes more. */
static int check_version(struct vane__h1in *in, struct vane_env *env)
{
	const struct vane__h1_span *target = &in->head->target;
	const char *at = in->base + target->at + target->len;

	/* the head may end before a version would: look no further than what differs */
	if (strncmp(at, " HTTP/", 6) != 0)
		return refuse(in, 400, "no version behind the target");
	if (strncmp(at, " HTTP/1.", 8) != 0)
		return refuse(in, 505, "the version is not spoken here");
	if (at[9] != '\r' || at[10] != '\n')
		return refuse(in, 400, a_bare_lf);
	in->http_1_0 = at[8] == '0';
	env->version = in->http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
	return at[8] == '0' || at[8] == '1'
		       ? 0
		       : refuse(in, 505, "the version is not spoken here");
}

/*
 * The method stands right before the target; in front of it there may be empty lines (RFC
 * 9112, 2.2), but no bare LF.
 */
static int take_method(const struct vane__h1in *in, struct vane_env *env)
{
	const char *end = in->base + in->head->target.at - 1, *at = in->base;

	while (at[0] == '\r' && at[1] == '\n')
		at += 2;
	env->method = (struct vane_slice) { at, (size_t) (end - at) };
	if (*at == '\r' || *at == '\n')
		return refuse(in, 400, a_bare_lf);
	return end[-1] != ' ' ? 0 : refuse(in, 400, "several blanks in the request line");
}

/* Origin-form stays, absolute-form is reduced to it (RFC 9112, 3.2.2). */
static int take_target(const struct vane__h1in *in, struct vane_env *env)
{
	struct vane_slice target = { in->base + in->head->target.at, in->head->target.len };
	struct vane_slice scheme, origin;

	env->target = target;
	if (LIKELY(target.data[0] == '/') || vane__slice_equal(target, SLICE("*")))
		return 0;
	if (vane__uri_absolute(target, &scheme, &env->host, &origin) < 0)
		return refuse(in, 400, "the target is malformed");
	if (!vane__slice_equal_nocase(scheme, SLICE("http")) &&
		!vane__slice_equal_nocase(scheme, SLICE("https")))
		return refuse(in, 400, "the target's scheme is not http");
	env->target = origin;
	return 0;
}

/*
 * Terminate a name in lower case and its value; what lies between must be a colon and blanks.
 * Returns 1 if the name has an underscore.
 */
static int take_field(const struct vane__h1in *in, const struct vane__h1_field *raw,
	struct vane_field *field)
{
	char *name = in->base + raw->name.at, *end = name + raw->name.len, *p = end;
	char *value;
	size_t len = raw->value.len;

	if (UNLIKELY(raw->name.len == 0 || *p != ':'))
		return refuse(in, 400, "a field without a name");
	for (p++; *p == ' ' || *p == '\t'; p++)
		;
	value = len > 0 ? in->base + raw->value.at : p;
	if (UNLIKELY(value != p))
		return refuse(in, 400, a_folded_line);
	for (p = value + len; *p == ' ' || *p == '\t'; p++)
		;
	if (UNLIKELY(p[0] != '\r' || p[1] != '\n'))
		return refuse(in, 400, "a field ends in a bare LF, or is folded");
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	*end = '\0';
	value[len] = '\0';
	field->name = (struct vane_slice) { name, raw->name.len };
	field->value = (struct vane_slice) { value, len };
	return vane__lower_name(name, raw->name.len, false);
}

/* What the fields say about the connection and the body. */
struct framing {
	unsigned hosts, codings, lengths;
	struct vane_slice host, coding, length;
	bool close, keep_alive;
	bool expect_failed;
};

/* Options of the connection (RFC 9112, 9.3). */
static void note_options(struct framing *f, struct vane_slice list)
{
	struct vane_slice item;

	/* every browser says so */
	if (LIKELY(vane__slice_equal(list, SLICE("keep-alive")))) {
		f->keep_alive = true;
		return;
	}
	while (vane__list_next(&list, &item)) {
		f->close |= vane__slice_equal_nocase(item, SLICE("close"));
		f->keep_alive |= vane__slice_equal_nocase(item, SLICE("keep-alive"));
	}
}

/* Note a field that is ours.  Returns whether handlers may see it. */
static bool note_field(
	struct vane__h1in *in, const struct vane_field *field, struct framing *f)
{
	switch (field->name.len) {
	case 4:
		if (vane__slice_equal(field->name, SLICE("host"))) {
			f->hosts++;
			f->host = field->value;
			return true;
		}
		break;
	case 6:
		if (vane__slice_equal(field->name, SLICE("expect"))) {
			in->expects_continue = vane__slice_equal_nocase(
				field->value, SLICE("100-continue"));
			f->expect_failed |= !in->expects_continue;
		}
		break;
	case 10:
		if (vane__slice_equal(field->name, SLICE("connection")))
			note_options(f, field->value);
		break;
	case 14:
		if (vane__slice_equal(field->name, SLICE("content-length"))) {
			f->lengths++;
			f->length = field->value;
		}
		break;
	case 17:
		if (vane__slice_equal(field->name, SLICE("transfer-encoding"))) {
			f->codings++;
			f->coding = field->value;
		}
		break;
	default:
		break;
	}
	return !vane__field_hop_by_hop(field->name);
}

/* Names with "_" mean the same as those with "-" behind a front server: never both, so none. */
static void drop_ambiguous(const struct vane_field *field)
{
	vane_log(VANE_LOG_DEBUG, "field %s dropped: its name has an underscore",
		field->name.data);
}

static int take_fields(
	struct vane__h1in *in, struct vane_env *env, struct arena *arena, struct framing *f)
{
	const struct vane__h1_head *head = in->head;
	struct vane_field *fields, *field;
	uint32_t i;
	int rc = 0;

	fields = vane__arena_alloc(arena, (head->count + 1) * sizeof(*fields));
	if (fields == NULL)
		return -ENOMEM;
	env->fields = fields;
	field = fields;
	for (i = 0; i < head->count && rc >= 0; i++) {
		rc = take_field(in, &head->fields[i], field);
		if (UNLIKELY(rc > 0))
			drop_ambiguous(field);
		else if (rc == 0 && note_field(in, field, f))
			field++;
	}
	env->field_count = (size_t) (field - fields);
	return rc < 0 ? rc : 0;
}

/* Transfer-Encoding: only chunked, once, and not in HTTP/1.0 (RFC 9112, 6.1). */
static int check_coding(const struct vane__h1in *in, const struct framing *f)
{
	struct vane_slice rest = f->coding, item, last = SLICE("");
	unsigned count = 0;

	if (f->codings > 1 || in->http_1_0 || f->lengths > 0)
		return refuse(in, 400, "how long the body is cannot be told for sure");
	while (vane__list_next(&rest, &item)) {
		last = item;
		count++;
	}
	if (!vane__slice_equal_nocase(last, SLICE("chunked")))
		return refuse(in, 400, "a transfer coding that does not end in chunked");
	return count == 1 ? 0 : refuse(in, 501, "a transfer coding besides chunked");
}

/* Decide how long the body is (RFC 9112, 6.3). */
static int frame_body(struct vane__h1in *in, struct vane_env *env, const struct framing *f)
{
	int rc = 0;

	in->left = 0;
	in->overhead = 0;
	in->chunked = (struct vane__chunked) { .state = VANE__CHUNKED_SIZE };
	if (f->codings > 0) {
		rc = check_coding(in, f);
		in->left = -1;
	} else if (f->lengths > 1 ||
		   (f->lengths > 0 && vane__slice_number(f->length, &in->left) < 0)) {
		rc = refuse(in, 400, "a malformed Content-Length");
	}
	in->body_done = in->left == 0;
	env->body_length = in->left;
	return rc;
}

/* One Host, or none in HTTP/1.0 (RFC 9112, 3.2). */
static int check_hosts(const struct vane__h1in *in, const struct framing *f)
{
	if (f->hosts > 1)
		return refuse(in, 400, "several Host fields");
	return f->hosts == 1 || in->http_1_0 ? 0 : refuse(in, 400, "no Host field");
}

int vane__h1in_env(struct vane__h1in *in, struct vane_env *env, struct arena *arena)
{
	struct framing f = { 0 };
	int rc;

	in->keep_alive = false;
	in->expects_continue = false;
	in->body_done = true;
	env->target = (struct vane_slice) { in->base + in->head->target.at,
		in->head->target.len };
	rc = take_method(in, env);
	if (rc == 0)
		rc = check_version(in, env);
	if (rc == 0)
		rc = take_target(in, env);
	if (rc == 0)
		rc = take_fields(in, env, arena, &f);
	if (rc == 0)
		rc = frame_body(in, env, &f);
	if (rc == 0)
		rc = check_hosts(in, &f);
	if (rc == 0 && env->host.data == NULL)
		env->host = f.host;
	if (rc == 0 && f.expect_failed)
		rc = refuse(in, 417, "an expectation that is not known");
	in->head = NULL;
	if (rc < 0)
		return rc;
	in->keep_alive = !f.close && (!in->http_1_0 || f.keep_alive);
	return 0;
}

void vane__h1in_line(
	const char *base, size_t len, struct vane_env *env, struct arena *arena)
{
	const char *end = memchr(base, '\n', len), *version;
	struct vane_slice line = { base, end != NULL ? (size_t) (end - base) : len };
	struct vane_slice method;

	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	method = vane__slice_split(&line, ' ');
	env->method = env->target = SLICE("");
	env->version = "";
	if (method.len > LONGEST_METHOD || !vane__is_token(method))
		return;
	env->method = method;
	if (line.data == NULL)
		return;
	env->target = vane__slice_split(&line, ' ');
	if (line.data == NULL)
		return;
	version = vane__arena_dup(arena, line.data, line.len);
	if (version != NULL)
		env->version = version;
}

/* A body with a length needs no parser. */
static ssize_t copy_body(struct vane__h1in *in, const char *src, size_t len, size_t *used,
	char *dst, size_t size)
{
	size_t n = len < size ? len : size;

	if ((int64_t) n > in->left)
		n = (size_t) in->left;
	if (n > 0)
		memmove(dst, src, n);
	in->left -= (int64_t) n;
	in->body_done = in->left == 0;
	*used = n;
	return (ssize_t) n;
}

ssize_t vane__h1in_body(struct vane__h1in *in, const char *src, size_t len, size_t *used,
	char *dst, size_t size)
{
	ssize_t n;

	*used = 0;
	if (in->body_done)
		return 0;
	if (in->left >= 0)
		return copy_body(in, src, len, used, dst, size);
	n = vane__chunked_decode(&in->chunked, src, len, used, dst, size);
	if (n < 0)
		return n;
	in->body_done = in->chunked.state == VANE__CHUNKED_DONE;
	in->overhead += (int64_t) *used - n - n * FRAMING_PER_BYTE;
	if (in->overhead < 0)
		in->overhead = 0;
	return in->overhead > FRAMING_BASE ? -EBADMSG : n;
}
