/* SPDX-License-Identifier: MIT */
/*
 * vane/options.h - options of a program, from its command line or a file (Tornado's options).
 *
 *	static int64_t depth = 3;
 *	static const struct vane_option options[] = {
 *		{ .name = "depth", .help = "how deep to look", .integer = &depth },
 *		VANE_OPTION_END
 *	};
 *
 *	vane_options_define(options);
 *	return vane_main(argc, argv, routes);
 */
#ifndef VANE_OPTIONS_H
#define VANE_OPTIONS_H

#include <stdio.h>
#include <vane/log.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Several texts; they live as an option's text does. */
struct vane_option_list {
	const char *const *items;
	size_t count;
};

/*
 * One option.  Exactly one of the targets is set; what it holds when the option is defined is
 * the default that --help shows.
 */
struct vane_option {
	/* "max-body-size"; "_" and "-" are the same to the user */
	const char *name VANE_ZERO;
	const char *help VANE_ZERO;
	const char *metavar VANE_ZERO; /* "N"; NULL: by type */
	const char *group VANE_ZERO;   /* heading in --help; NULL: "application" */
	bool *boolean VANE_ZERO;       /* --name, --name=true, --name=no ... */
	int64_t *integer VANE_ZERO;    /* with min and max, if max is not 0 */
	int64_t *msec VANE_ZERO;       /* a time: "30", "1.5", "500ms", "1h30m" */
	int64_t *bytes
		VANE_ZERO; /* a size: "4096", "64k", "100M"; k is 1024, M 2^20, G 2^30 */
	/* a date in seconds since 1970: "2026-11-28 12:30" as the local clock has it, "...Z" UTC */
	int64_t *date VANE_ZERO;
	double *real VANE_ZERO; /* "1.5"; with min and max, if max is not 0 */
	struct vane_option_list *list VANE_ZERO; /* "a,b,c": each time all of them anew */
	const char **text VANE_ZERO;   /* borrowed from argv or kept by the library */
	const char *choices VANE_ZERO; /* for text: "auto|http|fastcgi|cgi" */
	/*
	 * Called for each value instead.  The text lives as text's does.  Returns 0, or a
	 * negative errno after setting *why to what goes on after "--name: 'value' ": "is not
	 * an address"; *why may stay NULL if it has explained itself.
	 */
	int (*set)(void *data, const char *value, const char **why) VANE_ZERO;
	void *data VANE_ZERO; /* for set */
	int64_t min VANE_ZERO;
	int64_t max VANE_ZERO;
	/*
	 * The number is a limit or a time, for which the rule of vane/types.h holds: "none" sets
	 * it to VANE_NO_LIMIT, and 0 to the default, as if it had not been given; min and max are
	 * for other values.  If the default is 0 as well, --help does not show it: it is whatever
	 * help says.
	 */
	bool limit VANE_ZERO;
	bool alone VANE_ZERO; /* --name without a value is --name=true, to set too */
};

/* The end of a table of options. */
#define VANE_OPTION_END VANE_DEFAULTS

/*
 * Define an option of the application before vane_main().  The struct is copied, what it
 * points to is borrowed.  -EEXIST, with a line in the log, if the name is taken; -EINVAL if it
 * has no name or not exactly one target, or is a limit and no number; -ENOMEM.
 */
VANE_API int vane_option_define(const struct vane_option *option);

/*
 * Define the options of a table, up to VANE_OPTION_END or one without a name, each as
 * vane_option_define() does.  Returns 0, or what the first that fails does; those before it are
 * defined.  Since 0.2.0.
 */
VANE_API int vane_options_define(const struct vane_option *options);

/*
 * Give an option another default, before the command line is read: --help shows it, and nobody has
 * given the option.  For options that somebody else has defined; see also vane_program.defaults.
 * The texts are copied.  -ENOENT for an unknown name, -EINVAL for a value that it does not take, with
 * a line in the log; -ENOMEM.  Since 0.2.0.
 */
VANE_API int vane_option_set_default(const char *name, const char *value);

/*
 * Give options from variables of the environment: with the prefix "VANE" VANE_MAX_BODY_SIZE is
 * --max-body-size.  To be called before vane_options_parse(), which overrides.  An option that is
 * called config is given first, so that the others override its file.
 *
 * Not with a prefix that begins with "HTTP": such variables of a CGI program are its client's.
 * A wrong value is explained on standard error and gives -EINVAL; a name that is nearly an option's
 * is only spoken of.  -ENOMEM.  Since 0.2.0.
 */
VANE_API int vane_options_parse_env(const char *prefix);

/*
 * Parse a command line: --name=value, --name value, -name=value; bool options stand alone or
 * take =value.  Stops at the first word that is no option, or after "--"; *rest is its index.
 *
 * Returns 0; or 1 for --help or -h where no option is called help: the help has been printed, and
 * the program should leave with 0.  A wrong word is explained on standard error (which option, what was given, what is
 * accepted, and the nearest name for an unknown one) and gives -EINVAL.
 */
VANE_API int vane_options_parse(int argc, char *const *argv, int *rest);

/*
 * Read options from a file of "name = value" lines; a # at the start or after a blank begins a
 * comment, and quotes around a value are taken off.  Messages name file and line.  -EINVAL for a
 * line that is wrong, or -errno if it cannot be read.
 */
VANE_API int vane_options_parse_file(const char *path);

/* Whether the user gave that option, and not as a limit of 0. */
VANE_API bool vane_option_given(const char *name);

/*
 * The i-th value that the user gave, from 0 on and in the order they were read: the name of
 * its option, and its text, "true" for a bool that stood alone.  What a file holds comes
 * before the option that named the file.  Both live until vane_options_reset(); false past
 * the last.
 */
VANE_API bool vane_option_value(size_t i, const char **name, const char **value);

/*
 * Say in the log, once for each limit that was given as 0, what that means: "--write-timeout=0 is
 * the default, 1m; for no limit say none".  vane_main() does.  Since 0.2.0.
 */
VANE_API void vane_options_log_zeros(enum vane_log_level level);

/* Print the help text: all options by group, with their defaults. */
VANE_API void vane_options_help(FILE *out, const char *usage);

/* Forget all options and free what they hold: for tests and memory checkers. */
VANE_API void vane_options_reset(void);

#ifdef __cplusplus
}
#endif

#endif
