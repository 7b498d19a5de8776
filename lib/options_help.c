/* SPDX-License-Identifier: MIT */
/*
 * options_help.c - the help text: one line an option, its group in front, its default in
 * it.
 */
#include "options.h"

#include <stdio.h>

#include "slice.h"

enum { GROUP_WIDTH = 12, OPTION_WIDTH = 26 };

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
	return def->bytes != NULL ? "SIZE" : "VALUE";
}

/* What stands behind the "=": the default, or what to put there if there is none. */
static const char *default_of(const struct vane__option *option, char buf[VANE__VALUE_SIZE])
{
	const struct vane_option *def = &option->def;

	if (def->text != NULL && option->initial.text != NULL)
		return option->initial.text;
	if (def->set != NULL || def->text != NULL)
		return placeholder(def);
	if (def->msec != NULL)
		return vane__value_put_msec(buf, option->initial.number);
	if (def->bytes != NULL)
		return vane__value_put_bytes(buf, option->initial.number);
	snprintf(buf, VANE__VALUE_SIZE, "%lld", (long long) option->initial.number);
	return buf;
}

static void put_option(FILE *out, const struct vane__option *option, const char *heading)
{
	const struct vane_option *def = &option->def;
	char words[160], number[VANE__VALUE_SIZE], *c;

	if (def->boolean == NULL)
		snprintf(words, sizeof(words), "--%s=%s", def->name,
			default_of(option, number));
	else
		snprintf(words, sizeof(words), "--%s%s", def->name,
			option->initial.boolean ? "=true" : "");
	for (c = words; *c != '\0' && *c != '='; c++)
		if (*c == '_')
			*c = '-';
	fprintf(out, " %-*s", GROUP_WIDTH, heading);
	if (def->help == NULL && def->choices == NULL)
		fprintf(out, "%s\n", words);
	else
		fprintf(out, "%-*s %s%s%s\n", OPTION_WIDTH, words,
			def->help != NULL ? def->help : "",
			def->help != NULL && def->choices != NULL ? ": " : "",
			def->choices != NULL ? def->choices : "");
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
