/* SPDX-License-Identifier: MIT */
/*
 * options_help.c - the help text: an option a line or two, its group in front, its default in
 * it, and nothing beyond column 80.
 */
#include "options.h"

#include <stdio.h>

#include "slice.h"

enum { GROUP_WIDTH = 12, OPTION_WIDTH = 26, INDENT = 40, WIDTH = 80 };

static const char *group_of(const struct vane_option *def)
{
	return def->group != NULL ? def->group : "application";
}

static const char *placeholder(const struct vane_option *def)
{
	if (def->metavar != NULL)
		return def->metavar;
	if (def->integer != NULL)
		return "N";
	if (def->msec != NULL)
		return "TIME";
	if (def->date != NULL)
		return "DATE";
	if (def->list != NULL)
		return "A,B";
	return def->bytes != NULL ? "SIZE" : "VALUE";
}

/* What stands behind the "=": the default, or what to put there if there is none. */
static const char *default_of(const struct vane__option *option, char buf[VANE__VALUE_SIZE])
{
	const struct vane_option *def = &option->def;

	if (def->text != NULL && option->initial.text != NULL)
		return option->initial.text;
	if (def->real != NULL) {
		snprintf(buf, VANE__VALUE_SIZE, "%g", option->initial.real);
		return buf;
	}
	if (def->date != NULL && option->initial.number == 0)
		return placeholder(def);
	if (def->set != NULL || def->text != NULL || def->list != NULL)
		return placeholder(def);
	if (def->limit && option->initial.number == 0)
		return placeholder(def);
	return vane__option_put(def, buf, option->initial.number);
}

/* What may stand there besides. */
static const char *none_of(const struct vane__option *option)
{
	bool limit = option->def.limit && option->initial.number != VANE_NO_LIMIT;

	return limit ? "|none" : "";
}

/* How much of the text fits: up to a blank, or behind a "|", or all if it cannot be parted. */
static size_t fitting(const char *text, size_t room)
{
	size_t i, end = 0, len = strlen(text);

	for (i = 0; i < len && (i < room || end == 0); i++) {
		if (text[i + 1] == ' ' || text[i] == '|')
			end = i + 1;
	}
	return len <= room || end == 0 ? len : end;
}

/* Continue a line that is at INDENT, and as many more as it takes. */
static void put_wrapped(FILE *out, const char *text)
{
	size_t len = fitting(text, WIDTH - INDENT);

	fprintf(out, "%.*s\n", (int) len, text);
	for (text += len; *text != '\0'; text += len) {
		text += *text == ' ' ? 1 : 0;
		len = fitting(text, WIDTH - INDENT);
		fprintf(out, "%*s%.*s\n", INDENT, "", (int) len, text);
	}
}

static void put_option(FILE *out, const struct vane__option *option, const char *heading)
{
	const struct vane_option *def = &option->def;
	char words[160], text[512], number[VANE__VALUE_SIZE], *c;

	if (def->boolean == NULL)
		snprintf(words, sizeof(words), "--%s=%s%s", def->name,
			default_of(option, number), none_of(option));
	else
		snprintf(words, sizeof(words), "--%s%s", def->name,
			option->initial.boolean ? "=true" : "");
	for (c = words; *c != '\0' && *c != '='; c++)
		if (*c == '_')
			*c = '-';
	fprintf(out, " %-*s", GROUP_WIDTH, heading);
	if (def->help == NULL && def->choices == NULL) {
		fprintf(out, "%s\n", words);
		return;
	}
	snprintf(text, sizeof(text), "%s%s%s", def->help != NULL ? def->help : "",
		def->help != NULL && def->choices != NULL ? ": " : "",
		def->choices != NULL ? def->choices : "");
	if (strlen(words) > OPTION_WIDTH)
		fprintf(out, "%s\n%*s", words, INDENT, "");
	else
		fprintf(out, "%-*s ", OPTION_WIDTH, words);
	put_wrapped(out, text);
}

/* All options of a group stand together, where its first one was defined. */
void vane_options_help(FILE *out, const char *usage)
{
	const struct vane__options *options = vane__options();
	size_t i, j;

	fprintf(out, "%s\n", usage);
	for (i = 0; i < options->count; i++) {
		const char *group = group_of(&options->items[i].def), *heading = group;

		for (j = 0; j < i && strcmp(group_of(&options->items[j].def), group) != 0;
			j++)
			;
		if (j < i)
			continue;
		for (; j < options->count; j++) {
			if (strcmp(group_of(&options->items[j].def), group) != 0)
				continue;
			put_option(out, &options->items[j], heading);
			heading = "";
		}
	}
}

void vane_options_log_zeros(enum vane_log_level level)
{
	const struct vane__options *options = vane__options();
	size_t i;

	for (i = 0; i < options->count; i++) {
		const struct vane__option *option = &options->items[i];
		int64_t initial = option->initial.number;
		char buf[VANE__VALUE_SIZE];

		if (!option->zero || initial == VANE_NO_LIMIT)
			continue;
		vane_log(level, "--%s=0 is the default%s%s; for no limit say none",
			option->def.name, initial != 0 ? ", " : "",
			initial != 0 ? vane__option_put(&option->def, buf, initial) : "");
	}
}
