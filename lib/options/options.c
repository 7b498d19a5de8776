/* SPDX-License-Identifier: MIT */
/*
 * options.c - the table of options: defining them and giving them values.
 *
 * A program has one command line, so the table is the process's: the only variable here.
 * Reading words and files is options_parse.c's business, numbers and limits are
 * options_number.c's, showing them options_help.c's.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

#include <vane/log.h>

#include "slice.h"
#include "text.h"

static struct vane__options table;

struct vane__options *vane__options(void)
{
	return &table;
}

/* Whether names are the same to the user: "_" is as good as "-". */
static bool same_name(struct vane_slice a, const char *b)
{
	size_t i;

	for (i = 0; i < a.len && b[i] != '\0'; i++)
		if (a.data[i] != b[i] && !((a.data[i] == '_' || a.data[i] == '-') &&
						 (b[i] == '_' || b[i] == '-')))
			return false;
	return i == a.len && b[i] == '\0';
}

struct vane__option *vane__option_find(struct vane_slice name)
{
	size_t i;

	for (i = 0; i < table.count; i++)
		if (same_name(name, table.items[i].def.name))
			return &table.items[i];
	return NULL;
}

const struct vane__option *vane__option_near(struct vane_slice name)
{
	const struct vane__option *best = NULL;
	size_t cap = name.len < 4 ? 1 : name.len < 8 ? 2 : 3;
	size_t nearest = cap + 1, i;
	char dashed[48];

	if (name.len > sizeof(dashed))
		return NULL;
	for (i = 0; i < name.len; i++)
		dashed[i] = name.data[i] == '_' ? '-' : name.data[i];
	name.data = dashed;
	for (i = 0; i < table.count; i++) {
		struct vane_slice known = vane__slice(table.items[i].def.name);
		size_t d = vane__value_distance(name, known, cap);

		/* The beginning of a name is near enough, if nothing is nearer. */
		if (d > cap && name.len >= 3 && vane__slice_starts(known, name))
			d = cap;
		if (d < nearest) {
			nearest = d;
			best = &table.items[i];
		}
	}
	return best;
}

bool vane__option_alone(const struct vane__option *option)
{
	return option->def.boolean != NULL;
}

static int target_count(const struct vane_option *def)
{
	return (def->boolean != NULL) + (def->integer != NULL) + (def->msec != NULL) +
	       (def->bytes != NULL) + (def->text != NULL) + (def->set != NULL);
}

static int grow(void)
{
	size_t cap = table.cap == 0 ? 32 : table.cap * 2;
	struct vane__option *items = realloc(table.items, cap * sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	table.items = items;
	table.cap = cap;
	return 0;
}

int vane_option_define(const struct vane_option *option)
{
	struct vane__option *item;
	int rc;

	if (option->name == NULL || option->name[0] == '\0' || target_count(option) != 1) {
		vane_log(VANE_LOG_ERROR, "option %s: needs a name and exactly one target",
			option->name == NULL ? "?" : option->name);
		return -EINVAL;
	}
	if (option->limit && vane__option_number(option) == NULL) {
		vane_log(VANE_LOG_ERROR, "option --%s: only a number can be a limit",
			option->name);
		return -EINVAL;
	}
	if (vane__option_find(vane__slice(option->name)) != NULL) {
		vane_log(VANE_LOG_ERROR, "option --%s is defined already", option->name);
		return -EEXIST;
	}
	if (table.count == table.cap) {
		rc = grow();
		if (rc < 0)
			return rc;
	}
	item = &table.items[table.count++];
	*item = (struct vane__option) { .def = *option };
	if (option->boolean != NULL)
		item->initial.boolean = *option->boolean;
	if (option->text != NULL)
		item->initial.text = *option->text;
	if (vane__option_number(option) != NULL)
		item->initial.number = *vane__option_number(option);
	return 0;
}

static int set_text(
	const struct vane_option *def, const char *value, char *buf, const char **why)
{
	if (def->choices != NULL && !vane__value_chosen(vane__slice(value), def->choices)) {
		snprintf(buf, VANE__WHY_SIZE, "is none of %s", def->choices);
		*why = buf;
		return -EINVAL;
	}
	*def->text = value;
	return 0;
}

static int set_boolean(const struct vane_option *def, const char *value, const char **why)
{
	if (vane__value_boolean(vane__slice(value), def->boolean) == 0)
		return 0;
	*why = "is neither true (yes, on, 1) nor false (no, off, 0)";
	return -EINVAL;
}

static int note(const char *name, const char *value)
{
	struct vane__given *given =
		realloc(table.given, (table.given_count + 1) * sizeof(*given));

	if (given == NULL)
		return -ENOMEM;
	table.given = given;
	given[table.given_count++] = (struct vane__given) { name, value };
	return 0;
}

int vane__option_set(struct vane__option *option, const char *value,
	char why_buf[VANE__WHY_SIZE], const char **why)
{
	const struct vane_option *def = &option->def;
	int rc;

	*why = NULL;
	if (def->set != NULL)
		rc = def->set(def->data, value, why) < 0 ? -EINVAL : 0;
	else if (def->boolean != NULL)
		rc = set_boolean(def, value, why);
	else if (def->text != NULL)
		rc = set_text(def, value, why_buf, why);
	else
		rc = vane__option_set_number(option, value, why_buf, why);
	if (rc == 0)
		rc = note(def->name, value);
	if (rc == 0)
		option->given = !option->zero;
	return rc;
}

bool vane_option_given(const char *name)
{
	const struct vane__option *option = NULL;

	if (!vane__no_text(__func__, name))
		option = vane__option_find(vane__slice(name));
	return option != NULL && option->given;
}

bool vane_option_value(size_t i, const char **name, const char **value)
{
	if (i >= table.given_count)
		return false;
	*name = table.given[i].name;
	*value = table.given[i].value;
	return true;
}

void vane_options_reset(void)
{
	size_t i;

	for (i = 0; i < table.kept_count; i++)
		free(table.kept[i]);
	free(table.kept);
	free(table.given);
	free(table.items);
	table = (struct vane__options) { 0 };
}
