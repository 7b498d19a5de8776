/* SPDX-License-Identifier: MIT */
/*
 * access_format.c - formats of the access log, compiled: $status as nginx has it, %>s as Apache
 * httpd has it, and JSON.
 *
 * A format becomes a list of operations, each with the text that stands before it.
 */
#include "access_format.h"

#include <stdlib.h>
#include <string.h>

#include <vane/log.h>

#include "access_words.h"
#include "exchange.h"
#include "options.h"
#include "slice.h"

struct vane__access_format {
	char *text; /* what operations point into */
	size_t count;
	struct vane__access_op ops[];
};

/* A format on its way to operations.  Both point into its text, which is shortened in place. */
struct compiler {
	char *from, *to;
	char *literal; /* where the text before the next operation begins */
	bool json;
	bool quoted; /* an odd number of quotes is behind us */
	struct vane__access_format *format;
};

static int refuse_name(struct vane_slice name)
{
	const struct vane__access_word *word;
	const char *nearest = NULL;
	size_t distance, least = 4;

	for (word = vane__access_words; word->put != NULL; word++) {
		if (word->name == NULL)
			continue;
		distance = vane__value_distance(name, vane__slice(word->name), least);
		if (distance < least && distance < name.len) {
			least = distance;
			nearest = word->name;
		}
	}
	vane_log(VANE_LOG_ERROR, "access log: there is no $%.*s%s%s", (int) name.len,
		name.data, nearest != NULL ? ", but $" : "",
		nearest != NULL ? nearest : "");
	return -EINVAL;
}

static int refuse_letter(const char *from, size_t len)
{
	vane_log(VANE_LOG_ERROR,
		"access log: there is no %.*s; write %%%% for a percent sign", (int) len,
		from);
	return -EINVAL;
}

/* What stands before the operation is what has been copied since the last one. */
static void add_op(struct compiler *c, vane__access_fn fn, const char *name)
{
	struct vane__access_op *op = &c->format->ops[c->format->count++];

	*op = (struct vane__access_op) {
		.before = { c->literal, (size_t) (c->to - c->literal) },
		.put = fn,
		.style = c->json     ? VANE__STYLE_JSON
			 : c->quoted ? VANE__STYLE_QUOTED
				     : VANE__STYLE_WORD,
		.name = name,
	};
	c->literal = c->to;
}

/*
 * The name is kept behind the text that stands before it.  nginx writes "_" for each sign of a field
 * that is none of a word: what becomes of it is said.
 */
static void add_named(struct compiler *c, const struct vane__access_named *named,
	struct vane_slice name, char underscore)
{
	char *kept = c->to;
	size_t i;

	add_op(c, named->put, kept);
	for (i = 0; i < name.len; i++) {
		char letter = name.data[i];

		if (letter >= 'A' && letter <= 'Z' && named->field)
			letter = (char) (letter - 'A' + 'a');
		kept[i] = letter == '_' ? underscore : letter;
	}
	kept[name.len] = '\0';
	c->to = c->literal = kept + name.len + 1;
}

/* "$name" and "${name}", which is before c->from already. */
static int compile_name(struct compiler *c, struct vane_slice name)
{
	const struct vane__access_named *named;
	const struct vane__access_word *word;

	for (word = vane__access_words; word->put != NULL; word++)
		if (word->name != NULL &&
			vane__slice_equal(name, vane__slice(word->name))) {
			add_op(c, word->put, NULL);
			return 0;
		}
	for (named = vane__access_named; named->put != NULL; named++) {
		struct vane_slice before = vane__slice(named->before);

		if (before.len == 0 || before.len >= name.len ||
			!vane__slice_starts(name, before))
			continue;
		name.data += before.len;
		name.len -= before.len;
		add_named(c, named, name, named->field ? '-' : '_');
		return 0;
	}
	return refuse_name(name);
}

static int compile_dollar(struct compiler *c)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	bool braced = c->from[0] == '{';
	struct vane_slice name = { c->from + braced, strspn(c->from + braced, allowed) };

	c->from += name.len + braced;
	if (braced && *c->from != '}') {
		vane_log(VANE_LOG_ERROR, "access log: ${%.*s has no end", (int) name.len,
			name.data);
		return -EINVAL;
	}
	c->from += braced;
	return compile_name(c, name);
}

static int compile_letter(struct compiler *c, char letter, struct vane_slice braces)
{
	const struct vane__access_named *named;
	const struct vane__access_word *word;

	for (word = vane__access_words; word->put != NULL; word++) {
		const char *wanted = word->in_braces;

		if (word->letter == letter && (wanted == NULL) == (braces.data == NULL) &&
			(wanted == NULL ||
				vane__slice_equal(braces, vane__slice(wanted)))) {
			add_op(c, word->put, NULL);
			return 0;
		}
	}
	for (named = vane__access_named; named->put != NULL && braces.len > 0; named++)
		if (named->letter == letter) {
			add_named(c, named, braces, '_');
			return 0;
		}
	return -EINVAL;
}

static int compile_percent(struct compiler *c)
{
	const char *begin = c->from - 1;
	struct vane_slice braces = { NULL, 0 };
	int rc;

	if (*c->from == '%') {
		*c->to++ = *c->from++;
		return 0;
	}
	c->from += *c->from == '<' || *c->from == '>';
	if (*c->from == '{') {
		braces.data = c->from + 1;
		braces.len = strcspn(braces.data, "}");
		c->from += braces.len + 1;
		c->from += *c->from == '}';
	}
	rc = *c->from == '\0' ? -EINVAL : compile_letter(c, *c->from, braces);
	c->from += *c->from != '\0';
	return rc < 0 ? refuse_letter(begin, (size_t) (c->from - begin)) : 0;
}

/* As in httpd.conf, where formats stand in quotes. */
static int compile_backslash(struct compiler *c)
{
	char next = *c->from; /* the end, where nothing follows */

	if (next != 't' && next != '"' && next != '\\') {
		vane_log(VANE_LOG_ERROR,
			"access log: \\t, \\\" and \\\\ are known behind a backslash");
		return -EINVAL;
	}
	c->from++;
	c->quoted ^= next == '"';
	*c->to++ = next == 't' ? '\t' : next;
	return 0;
}

static int refuse_line_end(void)
{
	vane_log(VANE_LOG_ERROR, "access log: a format is one line");
	return -EINVAL;
}

static int compile(struct compiler *c)
{
	int rc = 0;

	while (*c->from != '\0' && rc == 0) {
		char next = *c->from++;

		if (next == '$')
			rc = compile_dollar(c);
		else if (next == '%')
			rc = compile_percent(c);
		else if (next == '\\' && !c->json)
			rc = compile_backslash(c);
		else if (next == '\n' || next == '\r')
			rc = refuse_line_end();
		else {
			c->quoted ^= next == '"';
			*c->to++ = next;
		}
	}
	add_op(c, NULL, NULL);
	return rc;
}

/* At most one operation for each sign, and one behind all. */
static size_t count_ops(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == '$' || *text == '%';
	return count;
}

int vane__access_format_new(struct vane__access_format **out, const char *text)
{
	struct vane__access_format *format =
		calloc(1, sizeof(*format) + count_ops(text) * sizeof(format->ops[0]));
	struct compiler c = { .format = format };
	struct vane_slice json = SLICE("escape=json ");
	int rc;

	if (format == NULL)
		return -ENOMEM;
	format->text = strdup(text);
	if (format->text == NULL) {
		free(format);
		return -ENOMEM;
	}
	c.from = c.to = c.literal = format->text;
	if (vane__slice_starts(vane__slice(text), json)) {
		c.json = true;
		c.from += json.len;
	}
	rc = compile(&c);
	if (rc < 0) {
		vane__access_format_free(format);
		return rc;
	}
	*out = format;
	return 0;
}

void vane__access_format_free(struct vane__access_format *format)
{
	if (format == NULL)
		return;
	free(format->text);
	free(format);
}

int vane__access_format_write(const struct vane__access_format *format,
	struct vane_exchange *x, const struct vane__access_end *end, struct buf *line)
{
	const struct vane__access_scribe scribe = { line, x, &x->req, end };
	size_t i;
	int rc = 0;

	for (i = 0; i < format->count; i++) {
		const struct vane__access_op *op = &format->ops[i];

		rc = vane__buf_add_slice(line, op->before);
		if (op->put != NULL)
			op->put(&scribe, op);
	}
	return rc;
}
