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
	return option->def.boolean != NULL || option->def.alone;
}

static int target_count(const struct vane_option *def)
{
	return (def->boolean != NULL) + (def->integer != NULL) + (def->msec != NULL) +
	       (def->bytes != NULL) + (def->date != NULL) + (def->real != NULL) +
	       (def->text != NULL) + (def->list != NULL) + (def->set != NULL);
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

/* What the target holds now is the default. */
static void note_initial(struct vane__option *item)
{
	const struct vane_option *def = &item->def;

	if (def->boolean != NULL)
		item->initial.boolean = *def->boolean;
	if (def->text != NULL)
		item->initial.text = *def->text;
	if (def->real != NULL)
		item->initial.real = *def->real;
	if (vane__option_number(def) != NULL)
		item->initial.number = *vane__option_number(def);
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
	note_initial(item);
	return 0;
}

int vane_options_define(const struct vane_option *options)
{
	int rc = 0;

	for (; rc == 0 && options->name != NULL; options++)
		rc = vane_option_define(options);
	return rc;
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

const char *vane__options_keep(struct vane_slice value)
{
	char **kept = realloc(table.kept, (table.kept_count + 1) * sizeof(*kept));
	char *copy;

	if (kept == NULL)
		return NULL;
	table.kept = kept;
	copy = malloc(value.len + 1);
	if (copy == NULL)
		return NULL;
	memcpy(copy, value.data, value.len);
	copy[value.len] = '\0';
	kept[table.kept_count++] = copy;
	return copy;
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

/* "a,b,c", with blanks around them; an empty text is an empty list. */
static int set_list(struct vane__option *option, const char *value)
{
	struct vane_slice rest = vane__slice(value);
	size_t count = 0, max = 1;
	const char **items, *c;

	for (c = value; *c != '\0'; c++)
		max += *c == ',';
	items = malloc(max * sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	while (vane__slice_trim(rest).len > 0) {
		struct vane_slice item = vane__slice_trim(vane__slice_split(&rest, ','));

		items[count] = vane__options_keep(item);
		if (items[count++] == NULL) {
			free(items);
			return -ENOMEM;
		}
	}
	free(option->items);
	option->items = items;
	*option->def.list = (struct vane_option_list) { items, count };
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
	else if (def->list != NULL)
		rc = set_list(option, value);
	else if (def->real != NULL)
		rc = vane__option_set_real(option, value, why_buf, why);
	else
		rc = vane__option_set_number(option, value, why_buf, why);
	if (rc == 0)
		rc = note(def->name, value);
	if (rc == 0)
		option->given = !option->zero;
	return rc;
}

int vane_option_set_default(const char *name, const char *value)
{
	struct vane__option *option;
	char buf[VANE__WHY_SIZE];
	const char *why, *kept;
	size_t given = table.given_count;
	int rc;

	if (vane__no_text(__func__, name) || vane__no_text(__func__, value))
		return -EINVAL;
	option = vane__option_find(vane__slice(name));
	if (option == NULL) {
		vane_log(VANE_LOG_ERROR, "default of --%s: there is no such option", name);
		return -ENOENT;
	}
	kept = vane__options_keep(vane__slice(value));
	if (kept == NULL)
		return -ENOMEM;
	rc = vane__option_set(option, kept, buf, &why);
	if (rc < 0 && why != NULL)
		vane_log(VANE_LOG_ERROR, "default of --%s: '%s' %s", name, value, why);
	if (rc < 0)
		return rc;
	table.given_count = given; /* nobody has given it */
	option->given = option->zero = false;
	note_initial(option);
	return 0;
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
	for (i = 0; i < table.count; i++)
		free(table.items[i].items);
	free(table.kept);
	free(table.given);
	free(table.items);
	table = (struct vane__options) { 0 };
}
