/* SPDX-License-Identifier: MIT */
/*
 * jsondoc.c - reads a JSON document into a tree (RFC 8259).
 *
 * Strings end up where they stood, as what an escape stands for is never longer than the escape.
 */
#include "jsondoc.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16

struct reader {
	char *at;
	int depth;
};

static void skip_blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

/* Whether the next thing is that, which is then behind us. */
static bool take(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(r);
	if (strncmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

/* Four hexadecimal digits, -1 if they are none. */
static long read_hex(const char *at)
{
	char digits[5] = "";

	if (strspn(at, "0123456789abcdefABCDEF") < 4)
		return -1;
	memcpy(digits, at, 4);
	return strtol(digits, NULL, 16);
}

/* UTF-8 of a code unit.  Halves of a pair are taken for "?": nothing of ours has them. */
static char *put_unit(char *to, long unit)
{
	if (unit >= 0xd800 && unit <= 0xdfff)
		unit = '?';
	if (unit >= 0x800) {
		*to++ = (char) (0xe0 | unit >> 12);
		*to++ = (char) (0x80 | (unit >> 6 & 0x3f));
	} else if (unit >= 0x80) {
		*to++ = (char) (0xc0 | unit >> 6);
	}
	*to++ = (char) (unit >= 0x80 ? 0x80 | (unit & 0x3f) : unit);
	return to;
}

/* What stands behind a backslash.  False if that is nothing. */
static bool read_escape(char **from, char **to)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter = **from != '\0' ? strchr(letters, **from) : NULL;
	long unit;

	if (letter != NULL) {
		*(*to)++ = meant[letter - letters];
		(*from)++;
		return true;
	}
	unit = **from == 'u' ? read_hex(*from + 1) : -1;
	if (unit <= 0) /* a NUL would end the text */
		return false;
	*to = put_unit(*to, unit);
	*from += 5;
	return true;
}

static char *read_string(struct reader *r)
{
	char *text, *from, *to;

	if (!take(r, "\""))
		return NULL;
	text = from = to = r->at;
	while (*from != '"') {
		if ((unsigned char) *from < 0x20)
			return NULL;
		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		from++;
		if (!read_escape(&from, &to))
			return NULL;
	}
	*to = '\0';
	r->at = from + 1;
	return text;
}

static bool read_value(struct reader *r, struct jsondoc *doc);

/* What is in an array or an object, up to its end. */
static bool read_members(struct reader *r, struct jsondoc *doc, const char *end)
{
	struct jsondoc **link = &doc->child;

	if (++r->depth > DEPTH_MAX)
		return false;
	if (!take(r, end))
		for (;;) {
			struct jsondoc *member = calloc(1, sizeof(*member));

			if (member == NULL)
				return false;
			*link = member;
			link = &member->next;
			if (doc->type == JSONDOC_OBJECT) {
				member->key = read_string(r);
				if (member->key == NULL || !take(r, ":"))
					return false;
			}
			if (!read_value(r, member))
				return false;
			if (take(r, end))
				break;
			if (!take(r, ","))
				return false;
		}
	r->depth--;
	return true;
}

static bool read_number(struct reader *r, struct jsondoc *doc)
{
	char *end;

	skip_blanks(r);
	if (*r->at != '-' && (*r->at < '0' || *r->at > '9'))
		return false;
	doc->type = JSONDOC_NUMBER;
	doc->number = strtod(r->at, &end);
	r->at = end;
	return true;
}

static bool read_value(struct reader *r, struct jsondoc *doc)
{
	skip_blanks(r);
	if (*r->at == '"') {
		doc->type = JSONDOC_STRING;
		doc->text = read_string(r);
		return doc->text != NULL;
	}
	if (take(r, "{")) {
		doc->type = JSONDOC_OBJECT;
		return read_members(r, doc, "}");
	}
	if (take(r, "[")) {
		doc->type = JSONDOC_ARRAY;
		return read_members(r, doc, "]");
	}
	doc->type = JSONDOC_BOOL;
	doc->number = take(r, "true");
	if (doc->number != 0 || take(r, "false"))
		return true;
	doc->type = JSONDOC_NULL;
	return take(r, "null") || read_number(r, doc);
}

struct jsondoc *jsondoc_read(char *text)
{
	struct reader r = { .at = text };
	struct jsondoc *doc = calloc(1, sizeof(*doc));
	bool whole = doc != NULL && read_value(&r, doc);

	if (whole)
		skip_blanks(&r);
	if (whole && *r.at == '\0')
		return doc;
	jsondoc_free(doc);
	return NULL;
}

void jsondoc_free(struct jsondoc *doc)
{
	while (doc != NULL) {
		struct jsondoc *next = doc->next;

		jsondoc_free(doc->child);
		free(doc);
		doc = next;
	}
}

const struct jsondoc *jsondoc_get(const struct jsondoc *doc, const char *key)
{
	const struct jsondoc *member;

	if (doc == NULL || doc->type != JSONDOC_OBJECT)
		return NULL;
	for (member = doc->child; member != NULL; member = member->next)
		if (strcmp(member->key, key) == 0)
			return member;
	return NULL;
}

double jsondoc_number(const struct jsondoc *doc, const char *key)
{
	const struct jsondoc *member = jsondoc_get(doc, key);

	return member != NULL ? member->number : 0;
}

const char *jsondoc_text(const struct jsondoc *doc, const char *key)
{
	const struct jsondoc *member = jsondoc_get(doc, key);

	return member != NULL && member->text != NULL ? member->text : "";
}
