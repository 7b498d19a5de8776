/* SPDX-License-Identifier: MIT */
/*
 * doctor_seen.c - what has arrived of a request, as names and values, as text and back.
 *
 * The program writes it into its answer, and whoever has asked reads it there: they need nothing in common
 * but the front between them.
 */
#include "doctor.h"

#include <errno.h>
#include <string.h>

#include <vane/response.h>

#include "slice.h"

/* The first line, by which an answer is known to be ours. */
#define MAGIC "vane-doctor 1\n"

struct place {
	size_t name, value; /* in the text */
};

static const struct place *places(const struct vane__doctor_seen *seen)
{
	return (const struct place *) (const void *) seen->at.data;
}

int vane__doctor_seen_add(struct vane__doctor_seen *seen, const char *kind,
	const char *name, const char *value)
{
	struct place place = { .name = seen->text.len };
	int rc = vane__buf_printf(
		&seen->text, "%s%s%s", kind, kind[0] != '\0' ? " " : "", name);

	if (rc == 0)
		rc = vane__buf_add(&seen->text, "", 1);
	place.value = seen->text.len;
	if (rc == 0)
		rc = vane__buf_add(&seen->text, value, strlen(value) + 1);
	if (rc == 0)
		rc = vane__buf_add(&seen->at, &place, sizeof(place));
	seen->count += rc == 0;
	return rc;
}

/* Whether a name is that of this kind. */
static bool is_named(const char *text, const char *kind, const char *name)
{
	size_t len = strlen(kind);

	if (len > 0 && (strncmp(text, kind, len) != 0 || text[len++] != ' '))
		return false;
	return strcmp(text + len, name) == 0;
}

const char *vane__doctor_seen_get(
	const struct vane__doctor_seen *seen, const char *kind, const char *name)
{
	size_t i;

	for (i = seen != NULL ? seen->count : 0; i-- > 0;) {
		const struct place *place = places(seen) + i;

		if (is_named(seen->text.data + place->name, kind, name))
			return seen->text.data + place->value;
	}
	return NULL;
}

const char *vane__doctor_seen_given(
	const struct vane__doctor_seen *seen, const char *kind, const char *name)
{
	const char *value = vane__doctor_seen_get(seen, kind, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

int64_t vane__doctor_seen_number(
	const struct vane__doctor_seen *seen, const char *name, int64_t otherwise)
{
	const char *value = vane__doctor_seen_get(seen, "", name);
	int64_t number;

	if (value == NULL || vane__slice_number(vane__slice(value), &number) < 0)
		return otherwise;
	return number;
}

/* What ends a line, a name or an escape, and what is no text. */
static bool is_plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '%' && c != '=';
}

static int put(struct vane_response *res, const char *text)
{
	for (; *text != '\0'; text++)
		if (is_plain((unsigned char) *text) || *text == ' ')
			vane_response_write(res, text, 1);
		else
			vane_response_printf(res, "%%%02x", (unsigned char) *text);
	return 0;
}

int vane__doctor_seen_write(const struct vane__doctor_seen *seen, struct vane_response *res)
{
	size_t i;

	vane_response_puts(res, MAGIC);
	for (i = 0; i < seen->count; i++) {
		put(res, seen->text.data + places(seen)[i].name);
		vane_response_puts(res, "=");
		put(res, seen->text.data + places(seen)[i].value);
		vane_response_puts(res, "\n");
	}
	return vane_response_puts(res, ".\n");
}

/* Take an escaped word into out, as text: a NUL ends it.  0 or -ENOMEM. */
static int unescape(struct buf *out, struct vane_slice in)
{
	size_t i;
	int rc;

	out->len = 0;
	rc = vane__buf_reserve(out, in.len + 1);
	for (i = 0; rc == 0 && i < in.len; i++) {
		char c = in.data[i];

		if (c == '%' && i + 2 < in.len && vane__hex(in.data[i + 1]) >= 0 &&
			vane__hex(in.data[i + 2]) >= 0) {
			c = (char) (vane__hex(in.data[i + 1]) * 16 +
				    vane__hex(in.data[i + 2]));
			i += 2;
		}
		out->data[out->len++] = c;
	}
	if (rc == 0)
		out->data[out->len] = '\0';
	return rc;
}

static int read_line(struct vane__doctor_seen *seen, struct vane_slice line,
	struct buf *name, struct buf *value)
{
	struct vane_slice word = vane__slice_split(&line, '=');
	int rc;

	if (line.data == NULL)
		return -EBADMSG;
	rc = unescape(name, word);
	if (rc == 0)
		rc = unescape(value, line);
	return rc == 0 ? vane__doctor_seen_add(seen, "", name->data, value->data) : rc;
}

int vane__doctor_seen_read(struct vane__doctor_seen *seen, struct vane_slice text)
{
	struct buf name = { 0 }, value = { 0 };
	bool whole = false;
	int rc = 0;

	if (!vane__slice_starts(text, SLICE(MAGIC)))
		return -EBADMSG;
	vane__slice_take(&text, sizeof(MAGIC) - 1);
	while (rc == 0 && !whole && text.data != NULL) {
		struct vane_slice line = vane__slice_split(&text, '\n');

		whole = vane__slice_equal(line, SLICE("."));
		if (!whole)
			rc = read_line(seen, line, &name, &value);
	}
	vane__buf_fini(&name);
	vane__buf_fini(&value);
	return rc == 0 && !whole ? -EBADMSG : rc;
}

void vane__doctor_seen_fini(struct vane__doctor_seen *seen)
{
	vane__buf_fini(&seen->text);
	vane__buf_fini(&seen->at);
	seen->count = 0;
}
