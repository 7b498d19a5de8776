/* SPDX-License-Identifier: MIT */
/*
 * options_parse.c - options from a command line and from a file.
 *
 * Mistakes are explained where they are found, on standard error and not in the log:
 * whoever typed them sits in front of it.
 */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "slice.h"
#include "text.h"

/* Where the words come from, for messages. */
struct place {
	const char *name; /* of the program or of the file */
	int line;         /* 0: a command line */
};

static void explain(const struct place *place, const char *fmt, ...) VANE_PRINTF(2, 3);

static void explain(const struct place *place, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (place->line > 0)
		fprintf(stderr, "%s:%d: %s\n", place->name, place->line, text);
	else
		fprintf(stderr, "%s: %s\n", place->name, text);
}

/* How options look where they are read. */
static const char *dashes(const struct place *place)
{
	return place->line > 0 ? "" : "--";
}

/* An option by its name; given is that with the dashes that the user wrote. */
static struct vane__option *look_up(
	const struct place *place, struct vane_slice name, struct vane_slice given)
{
	struct vane__option *option = vane__option_find(name);
	const struct vane__option *near;

	if (option == NULL && place->line == 0 && vane__slice_equal(name, SLICE("h")))
		option = vane__option_find(SLICE("help")); /* as everybody tries first */
	if (option != NULL)
		return option;
	near = vane__option_near(name);
	if (near != NULL)
		explain(place, "unknown option %.*s, did you mean %s%s?", (int) given.len,
			given.data, dashes(place), near->def.name);
	else
		explain(place, "unknown option %.*s, see --help for all", (int) given.len,
			given.data);
	return NULL;
}

static int assign(const struct place *place, struct vane__option *option, const char *value)
{
	char buf[VANE__WHY_SIZE];
	const char *why;
	int rc = vane__option_set(option, value, buf, &why);

	if (rc < 0 && why != NULL)
		explain(place, "%s%s: '%s' %s", dashes(place), option->def.name, value,
			why);
	return rc;
}

/* Whether a word can only be the next option, so that the one before it lacks its value. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && !vane__is_digit(word[1]);
}

/* One option at argv[*i], and the word after it if that is its value. */
static int parse_word(const struct place *place, int argc, char *const *argv, int *i)
{
	const char *word = argv[*i], *equals;
	struct vane__option *option;
	size_t dashes = word[1] == '-' ? 2 : 1;
	struct vane_slice name, given = vane__slice(word);

	equals = strchr(word, '=');
	if (equals != NULL)
		given.len = (size_t) (equals - word);
	name = (struct vane_slice) { given.data + dashes, given.len - dashes };
	option = look_up(place, name, given);
	if (option == NULL)
		return -EINVAL;
	if (equals != NULL)
		return assign(place, option, equals + 1);
	if (vane__option_alone(option))
		return assign(place, option, "true");
	if (*i + 1 >= argc || is_option(argv[*i + 1])) {
		explain(place, "--%s needs a value: --%s=%s", option->def.name,
			option->def.name,
			option->def.choices != NULL   ? option->def.choices
			: option->def.metavar != NULL ? option->def.metavar
						      : "VALUE");
		return -EINVAL;
	}
	return assign(place, option, argv[++*i]);
}

/* For programs that have no --help of their own. */
static bool asks_for_help(const char *word)
{
	bool asks = strcmp(word, "--help") == 0 || strcmp(word, "-help") == 0 ||
		    strcmp(word, "-h") == 0;

	return asks && vane__option_find(SLICE("help")) == NULL;
}

static void print_help(const char *program)
{
	char usage[256];

	snprintf(usage, sizeof(usage), "usage: %s [options]", program);
	vane_options_help(stdout, usage);
}

int vane_options_parse(int argc, char *const *argv, int *rest)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	struct place place = { argc > 0 ? argv[0] : "vane", 0 };
	int i, rc;

	if (slash != NULL)
		place.name = slash + 1;
	vane__options()->program = place.name;
	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (asks_for_help(argv[i])) {
			print_help(place.name);
			return 1;
		}
		rc = parse_word(&place, argc, argv, &i);
		if (rc < 0)
			return rc;
	}
	*rest = i < argc ? i : argc;
	return 0;
}

/* A "#" that begins the line or follows a blank begins a comment; not one inside quotes. */
static struct vane_slice strip_comment(struct vane_slice line)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < line.len; i++) {
		if (line.data[i] == '"')
			quoted = !quoted;
		if (line.data[i] == '#' && !quoted &&
			(i == 0 || line.data[i - 1] == ' ' || line.data[i - 1] == '\t'))
			break;
	}
	line.len = i;
	return vane__slice_trim(line);
}

static struct vane_slice unquote(struct vane_slice value)
{
	if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
		return (struct vane_slice) { value.data + 1, value.len - 2 };
	return value;
}

static int parse_line(const struct place *place, struct vane_slice line)
{
	struct vane_slice value = strip_comment(line), name;
	struct vane__option *option;
	const char *text;

	if (value.len == 0)
		return 0;
	name = vane__slice_trim(vane__slice_split(&value, '='));
	if (value.data == NULL || name.len == 0 ||
		memchr(line.data, '\0', line.len) != NULL) {
		explain(place, "expected name = value");
		return -EINVAL;
	}
	option = look_up(place, name, name);
	if (option == NULL)
		return -EINVAL;
	text = vane__options_keep(unquote(vane__slice_trim(value)));
	if (text == NULL)
		return -ENOMEM;
	return assign(place, option, text);
}

int vane_options_parse_file(const char *path)
{
	struct place place = { path, 0 };
	FILE *file = NULL;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int rc = 0;

	if (vane__no_text(__func__, path))
		return -EINVAL;
	file = fopen(path, "re");
	if (file == NULL) {
		rc = -errno;
		if (vane__options()->program != NULL)
			fprintf(stderr, "%s: ", vane__options()->program);
		fprintf(stderr, "cannot read %s: %s\n", path, strerror(-rc));
		return rc;
	}
	while (rc == 0 && (errno = 0, len = getline(&line, &size, file)) >= 0) {
		struct vane_slice text = { line, (size_t) len };

		while (text.len > 0 &&
			(line[text.len - 1] == '\n' || line[text.len - 1] == '\r'))
			text.len--;
		place.line++;
		rc = parse_line(&place, text);
	}
	if (rc == 0 && ferror(file)) {
		rc = errno != 0 ? -errno : -EIO;
		fprintf(stderr, "%s: %s\n", path, strerror(-rc));
	}
	free(line);
	fclose(file);
	return rc;
}
