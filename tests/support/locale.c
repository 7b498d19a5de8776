/* SPDX-License-Identifier: MIT */
/*
 * locale.c - a locale that writes numbers with a comma
 */
#include "locale.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/vane-locale.XXXXXX";
static bool made;

static bool writes_commas(const char *name)
{
	char text[16];

	if (setlocale(LC_ALL, name) == NULL)
		return false;
	snprintf(text, sizeof(text), "%.1f", 1.5);
	return strcmp(text, "1,5") == 0;
}

static void remove_folder(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "%s is left\n", folder);
}

/* Debian has what locales are made of in the package locales. */
static bool make_one(void)
{
	char command[200];

	if (mkdtemp(folder) == NULL)
		return false;
	atexit(remove_folder);
	snprintf(command, sizeof(command),
		"localedef --no-archive -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1",
		folder);
	made = system(command) == 0 && setenv("LOCPATH", folder, 1) == 0;
	return made;
}

bool locale_set_comma(void)
{
	static const char *const names[] = { "de_DE.UTF-8", "de_DE", "fr_FR.UTF-8",
		"ru_RU.UTF-8" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (writes_commas(names[i]))
			return true;
	return !made && make_one() && writes_commas("de_DE.UTF-8");
}

void locale_reset(void)
{
	setlocale(LC_ALL, "C");
}
