/* SPDX-License-Identifier: MIT */
/*
 * cgi_head.c - the head of a CGI response, parsed from bytes as they come, and written.
 *
 * Lines are judged as they come, so that a program that prints something else is found out
 * at its first line; what they mean together is decided at the blank line.
 */
#include "cgi_head.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <vane/driver.h>

#include "fields.h"
#include "slice.h"

/* Where a field lies in the text; both end in a NUL. */
struct field {
	size_t name, value;
	bool hidden; /* not passed on */
};

static struct field *field_at(const struct vane__cgi_head *head, size_t i)
{
	return (struct field *) (void *) head->fields.data + i;
}

static size_t count(const struct vane__cgi_head *head)
{
	return head->fields.len / sizeof(struct field);
}

void vane__cgi_head_fini(struct vane__cgi_head *head)
{
	vane__buf_fini(&head->text);
	vane__buf_fini(&head->fields);
	*head = (struct vane__cgi_head) { .nph = head->nph,
		.max_bytes = head->max_bytes,
		.max_fields = head->max_fields };
}

/* Remember why, with the line it is about. */
static int refuse(struct vane__cgi_head *head, int rc, const char *why)
{
	snprintf(
		head->why, sizeof(head->why), "%s in line %u of its head", why, head->line);
	return rc;
}

/* The same of the head as a whole. */
static int refuse_all(struct vane__cgi_head *head, int rc, const char *why)
{
	snprintf(head->why, sizeof(head->why), "%s", why);
	return rc;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A status of three digits with blanks or nothing behind it, 0 if it is none for us. */
static int status_number(const char *text)
{
	if (text[0] < '2' || text[0] > '5' || !vane__is_digit(text[1]) ||
		!vane__is_digit(text[2]) || (text[3] != '\0' && !is_blank(text[3])))
		return 0;
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0';
}

/* A length in digits only, -1 if it is none or above what there is. */
static int64_t length_number(const char *text)
{
	int64_t n = -1;

	return vane__slice_number(vane__slice(text), &n) == 0 ? n : -1;
}

/* "HTTP/1.1 200 OK" */
static int status_line(struct vane__cgi_head *head, const char *text)
{
	if (strncmp(text, "HTTP/", 5) != 0 || !vane__is_digit(text[5]) || text[6] != '.' ||
		!vane__is_digit(text[7]) || text[8] != ' ')
		return refuse(head, -EBADMSG, "no status line");
	head->status = status_number(text + 9);
	if (head->status == 0)
		return refuse(head, -EBADMSG, "a status that is none");
	return 0;
}

/* Content-Type may come again: the last counts. */
static void hide_type(struct vane__cgi_head *head, size_t value)
{
	size_t i;

	for (i = 0; value > 0 && i < count(head); i++)
		if (field_at(head, i)->value == value)
			field_at(head, i)->hidden = true;
}

static int again(
	struct vane__cgi_head *head, enum vane__cgi_head_word word, const char *value)
{
	const char *before = head->text.data + head->words[word];

	switch (word) {
	case VANE__CGI_HEAD_TYPE:
		hide_type(head, head->words[word]);
		return 0;
	case VANE__CGI_HEAD_LENGTH:
		if (length_number(before) == length_number(value))
			return 0;
		return refuse(head, -EBADMSG, "another Content-Length");
	default:
		return refuse(head, -EBADMSG, "a field that may come once");
	}
}

/* A field with a meaning of its own. */
static int note_word(
	struct vane__cgi_head *head, enum vane__cgi_head_word word, struct field *field)
{
	const char *value = head->text.data + field->value;

	field->hidden = word != VANE__CGI_HEAD_TYPE && word != VANE__CGI_HEAD_LOCATION;
	if (word == VANE__CGI_HEAD_STATUS && !head->nph) {
		head->status = status_number(value);
		if (head->status == 0)
			return refuse(head, -EBADMSG, "a status that is none");
	}
	if (word == VANE__CGI_HEAD_LENGTH && length_number(value) < 0)
		return refuse(head, -EBADMSG, "a length that is none");
	if (head->words[word] != 0) {
		int rc = again(head, word, value);

		if (rc < 0)
			return rc;
	}
	head->words[word] = field->value;
	return 0;
}

/* Whether a field is never passed on: it concerns only the connection it came by. */
static bool hop_by_hop(const char *name)
{
	static const char *const names[] = { "Connection", "Keep-Alive", "Proxy-Connection",
		"TE", "Trailer", "Upgrade" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static int note_field(struct vane__cgi_head *head, struct field *field)
{
	static const char *const words[VANE__CGI_HEAD_WORDS] = {
		[VANE__CGI_HEAD_STATUS] = "Status",
		[VANE__CGI_HEAD_LENGTH] = "Content-Length",
		[VANE__CGI_HEAD_TYPE] = "Content-Type",
		[VANE__CGI_HEAD_LOCATION] = "Location",
		[VANE__CGI_HEAD_ACCEL] = "X-Accel-Redirect",
		[VANE__CGI_HEAD_SENDFILE] = "X-Sendfile",
	};
	const char *name = head->text.data + field->name;
	int word;

	for (word = 0; word < VANE__CGI_HEAD_WORDS; word++)
		if (strcasecmp(name, words[word]) == 0)
			return note_word(head, (enum vane__cgi_head_word) word, field);
	/* The body is framed already; it is not ours to unwrap, nor to pass for what it is not. */
	if (strcasecmp(name, "Transfer-Encoding") == 0)
		return refuse(head, -EBADMSG, "a Transfer-Encoding of its own");
	field->hidden = hop_by_hop(name);
	return 0;
}

/* A line that is a field; it ends in a NUL. */
static int field_line(struct vane__cgi_head *head, char *text, size_t len)
{
	struct vane_slice rest = { text, len };
	size_t name_len = vane__take_token(&rest).len, end = len;
	struct field field = { .name = head->start };
	int rc;

	if (is_blank(text[0]))
		return refuse(head, -EBADMSG, "a blank at the beginning");
	if (name_len == 0 || text[name_len] != ':') {
		const char *why = strchr(text, ':') == NULL  ? "no colon"
				  : is_blank(text[name_len]) ? "a blank before the colon"
							     : "a name that is none";

		return refuse(head, -EBADMSG,
			strncmp(text, "HTTP/", 5) == 0 ? "a status line" : why);
	}
	text[name_len++] = '\0';
	while (is_blank(text[name_len]))
		name_len++;
	while (end > name_len && is_blank(text[end - 1]))
		end--;
	text[end] = '\0';
	field.value = head->start + name_len;
	rc = note_field(head, &field);
	if (rc < 0)
		return rc;
	if (vane__buf_add(&head->fields, &field, sizeof(field)) < 0)
		return refuse_all(head, -ENOMEM, "out of memory");
	return 0;
}

/* Whether what follows is in a list of names with commas (RFC 9110, 5.6.1). */
static bool lists(const char *list, const char *name)
{
	struct vane_slice rest = vane__slice(list), wanted = vane__slice(name);

	while (rest.len > 0) {
		struct vane_slice token = vane__take_token(&rest);

		if (vane__slice_equal_nocase(token, wanted))
			return true;
		if (token.len == 0)
			vane__slice_take(&rest, 1);
	}
	return false;
}

/*
 * Hide what Connection names; but never what says how the body is to be read, as it would be
 * taken for something else then (RFC 9110, 7.6.1 has no right to name it).
 */
static void hide_named(struct vane__cgi_head *head, const char *list)
{
	size_t i;

	for (i = 0; i < count(head); i++) {
		const char *name = head->text.data + field_at(head, i)->name;

		if (strncasecmp(name, "Content-", 8) != 0 && lists(list, name))
			field_at(head, i)->hidden = true;
	}
}

static void hide_all_named(struct vane__cgi_head *head)
{
	size_t i;

	for (i = 0; i < count(head); i++) {
		const char *name = head->text.data + field_at(head, i)->name;

		if (strcasecmp(name, "Connection") == 0)
			hide_named(head, head->text.data + field_at(head, i)->value);
	}
}

/* Whether all that there is to pass on is where to go, and what body comes with it. */
static bool only_location(const struct vane__cgi_head *head)
{
	size_t i;

	for (i = 0; i < count(head); i++) {
		const struct field *field = field_at(head, i);

		if (!field->hidden && field->value != head->words[VANE__CGI_HEAD_TYPE] &&
			field->value != head->words[VANE__CGI_HEAD_LOCATION])
			return false;
	}
	return true;
}

static const char *word(const struct vane__cgi_head *head, enum vane__cgi_head_word which)
{
	size_t at = head->words[which];

	return at > 0 ? head->text.data + at : NULL;
}

/*
 * Whether it is a path here: one that begins with two slashes names a host (RFC 3986, 4.2),
 * and a fragment is for the client only.
 */
static bool is_local(const char *location)
{
	return location[0] == '/' && location[1] != '/' && strchr(location, '#') == NULL;
}

/* The blank line has come. */
static int whole(struct vane__cgi_head *head)
{
	const char *length = word(head, VANE__CGI_HEAD_LENGTH);

	if (count(head) == 0 && !head->nph)
		return refuse_all(head, -EBADMSG, "no field at all");
	hide_all_named(head);
	head->length = length != NULL ? length_number(length) : -1;
	head->type = word(head, VANE__CGI_HEAD_TYPE);
	head->location = word(head, VANE__CGI_HEAD_LOCATION);
	head->accel = word(head, VANE__CGI_HEAD_ACCEL);
	head->sendfile = word(head, VANE__CGI_HEAD_SENDFILE);
	if (head->status == 0) {
		head->status = head->location != NULL ? 302 : 200;
		head->local = head->location != NULL && is_local(head->location) &&
			      only_location(head);
	}
	return 1;
}

/* Whether a line holds a byte that none may hold: control characters but the tab. */
static bool has_control(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char) text[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

/* The text ends with a line: 1 if it is the blank one. */
static int line(struct vane__cgi_head *head, size_t max_fields)
{
	char *text = head->text.data + head->start;
	size_t len = head->text.len - head->start - 1;
	int rc;

	head->line++;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (has_control(text, len))
		return refuse(head, -EBADMSG, "a control character");
	text[len] = '\0';
	if (head->nph && head->line == 1)
		rc = status_line(head, text);
	else if (len == 0)
		return whole(head);
	else if (count(head) == max_fields)
		return refuse_all(head, -EMSGSIZE, "too many fields");
	else
		rc = field_line(head, text, len);
	head->start = head->text.len;
	return rc;
}

/* Add to the line that is being read. */
static int add(struct vane__cgi_head *head, const char *data, size_t len)
{
	size_t max = head->max_bytes > 0 ? head->max_bytes : VANE__CGI_HEAD_BYTES;

	if (len > max - head->text.len)
		return refuse_all(head, -EMSGSIZE, "too many bytes");
	if (vane__buf_add(&head->text, data, len) < 0)
		return refuse_all(head, -ENOMEM, "out of memory");
	return 0;
}

int vane__cgi_head_feed(
	struct vane__cgi_head *head, const void *data, size_t len, size_t *used)
{
	size_t max_fields = head->max_fields > 0 ? head->max_fields : VANE__CGI_HEAD_FIELDS;
	const char *from = data;
	int rc = 0;

	*used = 0;
	while (rc == 0 && *used < len) {
		const char *at = from + *used, *end = memchr(at, '\n', len - *used);
		size_t n = end != NULL ? (size_t) (end - at) + 1 : len - *used;

		rc = add(head, at, n);
		*used += n;
		if (rc == 0 && end != NULL)
			rc = line(head, max_fields);
	}
	return rc;
}

bool vane__cgi_head_field(
	const struct vane__cgi_head *head, size_t i, const char **name, const char **value)
{
	size_t k;

	for (k = 0; k < count(head); k++) {
		const struct field *field = field_at(head, k);

		if (field->hidden || i-- > 0)
			continue;
		*name = head->text.data + field->name;
		*value = head->text.data + field->value;
		return true;
	}
	return false;
}

static char *put(char *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

static char *put_status(char *at, const struct vane_head *head)
{
	static const char status[] = "Status: 200 ";

	at = put(at, status, sizeof(status) - 1);
	at[-4] = (char) ('0' + head->status / 100);
	at[-3] = (char) ('0' + head->status / 10 % 10);
	at[-2] = (char) ('0' + head->status % 10);
	at = put(at, head->reason.data, head->reason.len);
	return put(at, "\r\n", 2);
}

/*
 * Status comes behind Location, where there may be one: HAProxy takes Location for 302 unless it finds
 * another status after it.
 */
int vane__cgi_head_add(struct buf *out, const struct vane_head *head)
{
	bool last = head->status == 201 || head->status / 100 == 3;
	char *at;

	if (vane__buf_reserve(out,
		    sizeof("Status: 200 ") + head->reason.len + head->fields.len + 4) < 0)
		return -ENOMEM;
	at = out->data + out->len;
	if (!last)
		at = put_status(at, head);
	if (head->fields.len > 0)
		at = put(at, head->fields.data, head->fields.len);
	if (last)
		at = put_status(at, head);
	at = put(at, "\r\n", 2);
	out->len = (size_t) (at - out->data);
	return 0;
}
