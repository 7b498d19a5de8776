/* SPDX-License-Identifier: MIT */
/*
 * options_env.c - options from variables of the environment: VANE_PORT for --port.
 *
 * For programs that no command line reaches: a CGI program, or one that a web server starts.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

#include "slice.h"

enum { NAME_SIZE = 128 };

extern char **environ;

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c == '-' ? '_' : c;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c == '_' ? '-' : c;
}

/* The variable for an option: false if its name is too long for one. */
static bool variable_of(char name[NAME_SIZE], const char *prefix, const char *option)
{
	int len = snprintf(name, NAME_SIZE, "%s_%s", prefix, option);

	if (len < 0 || len >= NAME_SIZE)
		return false;
	for (name += strlen(prefix) + 1; *name != '\0'; name++)
		*name = upper(*name);
	return true;
}

static void explain(const char *variable, const char *value, const char *why)
{
	const char *program = vane__options()->program;

	fprintf(stderr, "%s%s%s: '%s' %s\n", program != NULL ? program : "",
		program != NULL ? ": " : "", variable, value, why);
}

static int take(struct vane__option *option, const char *prefix)
{
	char name[NAME_SIZE], buf[VANE__WHY_SIZE];
	const char *value = NULL, *kept, *why;
	int rc;

	if (variable_of(name, prefix, option->def.name))
		value = getenv(name);
	if (value == NULL)
		return 0;
	kept = vane__options_keep(vane__slice(value));
	if (kept == NULL)
		return -ENOMEM;
	rc = vane__option_set(option, kept, buf, &why);
	if (rc < 0 && why != NULL)
		explain(name, kept, why);
	return rc;
}

/* One that begins so, and is nearly an option's: whoever set it means something. */
static void name_near(const char *variable, size_t prefix_len)
{
	const char *text = variable + prefix_len + 1, *equals = strchr(text, '=');
	const struct vane__option *near;
	struct vane_slice name;
	char lowered[NAME_SIZE], shown[NAME_SIZE], meant[NAME_SIZE];
	size_t i;

	name.len = equals != NULL ? (size_t) (equals - text) : strlen(text);
	if (name.len == 0 || name.len >= sizeof(lowered))
		return;
	for (i = 0; i < name.len; i++)
		lowered[i] = lower(text[i]);
	name.data = lowered;
	if (vane__option_find(name) != NULL)
		return;
	near = vane__option_near(name);
	if (near == NULL)
		return;
	snprintf(shown, sizeof(shown), "%.*s", (int) (prefix_len + 1 + name.len), variable);
	snprintf(lowered, sizeof(lowered), "%.*s", (int) prefix_len, variable);
	if (variable_of(meant, lowered, near->def.name))
		fprintf(stderr, "unknown option %s in the environment, did you mean %s?\n",
			shown, meant);
}

static void name_strangers(const char *prefix)
{
	size_t len = strlen(prefix);
	char **variable;

	for (variable = environ; variable != NULL && *variable != NULL; variable++)
		if (strncmp(*variable, prefix, len) == 0 && (*variable)[len] == '_')
			name_near(*variable, len);
}

int vane_options_parse_env(const char *prefix)
{
	struct vane__options *options = vane__options();
	struct vane__option *config = vane__option_find(SLICE("config"));
	size_t i;
	int rc = 0;

	if (prefix == NULL || *prefix == '\0' || strncmp(prefix, "HTTP", 4) == 0)
		return -EINVAL;
	if (config != NULL)
		rc = take(config, prefix);
	for (i = 0; i < options->count && rc == 0; i++)
		if (&options->items[i] != config)
			rc = take(&options->items[i], prefix);
	if (rc == 0)
		name_strangers(prefix);
	return rc;
}
