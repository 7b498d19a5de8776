/* SPDX-License-Identifier: MIT */
/*
 * option_limits.h - the rule for limits and times in the options of a program: a table of them, the
 * structs that each ends in, and what it is to be there.
 */
#ifndef VANE_OPTION_LIMITS_H
#define VANE_OPTION_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* Where an option ends: a member of a struct, whose kind is the program's to number from 1 on. */
struct option_target {
	int kind; /* 0: none */
	const char *name;
	size_t at;
	int64_t otherwise; /* when it is not given */
};

/* An option, a value of it, and what that comes to. */
struct option_limit {
	const char *name, *text;
	int64_t value;
	struct option_target targets[4];
};

/* A program: how its options are defined anew and forgotten, and what they have come to. */
struct option_limits {
	const struct option_limit *rows;
	size_t count;
	/* numbers that are no limits, up to a NULL */
	const char *const *others;
	void (*define)(void);
	void (*forget)(void);
	/* a struct of that kind, filled in from the options */
	const void *(*get)(int kind);
};

/* Check each of them, on a command line and in a file; and that none is in no row. */
void option_limits_check(const struct option_limits *limits);
void option_limits_check_all_known(const struct option_limits *limits);

#endif
