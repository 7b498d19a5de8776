/* SPDX-License-Identifier: MIT */
/*
 * options.h - the table of options, and how values are read and written as text.
 */
#ifndef VANE__OPTIONS_H
#define VANE__OPTIONS_H

#include <vane/options.h>

#include "base.h"

/* An option that is defined. */
struct vane__option {
	struct vane_option def;
	bool given;
	bool zero; /* a limit whose last value was 0, the default */
	/* What the target held when it was defined. */
	struct {
		bool boolean;
		int64_t number;
		double real;
		const char *text;
	} initial;
	const char **items; /* of a list: what it points to */
};

/* A value that the user gave; both are borrowed for as long as the option lives. */
struct vane__given {
	const char *name, *value;
};

/* The process's options, in the order of their definition. */
struct vane__options {
	const char *program; /* whose command line is read, NULL: nobody's */
	struct vane__option *items;
	size_t count, cap;
	char **kept; /* values that did not come from argv */
	size_t kept_count;
	struct vane__given *given; /* all values, in the order they came */
	size_t given_count;
};

struct vane__options *vane__options(void);

/* Keep a value until vane_options_reset(); NULL: no memory. */
const char *vane__options_keep(struct vane_slice value);

/* Find an option by the name that a user wrote; NULL if there is none. */
struct vane__option *vane__option_find(struct vane_slice name);

/* The one whose name is nearest to what a user wrote; NULL if none is near. */
const struct vane__option *vane__option_near(struct vane_slice name);

/* Whether an option may stand alone, without a value. */
bool vane__option_alone(const struct vane__option *option);

/*
 * Give an option a value.  *why is set to text, in why_buf if need be, that goes on after
 * "--name: 'value' "; it stays NULL if a callback has explained itself.  0, -EINVAL or
 * -ENOMEM.
 */
#define VANE__WHY_SIZE   256
#define VANE__VALUE_SIZE 32
int vane__option_set(struct vane__option *option, const char *value,
	char why_buf[VANE__WHY_SIZE], const char **why);

/* The target of an option that is a number of any kind, else NULL; and such a number as text. */
int64_t *vane__option_number(const struct vane_option *def);
const char *vane__option_put(
	const struct vane_option *def, char buf[VANE__VALUE_SIZE], int64_t n);

/* As vane__option_set(), for those. */
int vane__option_set_number(struct vane__option *option, const char *value,
	char why_buf[VANE__WHY_SIZE], const char **why);

/* Text to values: 0, -EINVAL, -ERANGE.  Pure functions. */
int vane__value_boolean(struct vane_slice s, bool *out);
int vane__value_integer(struct vane_slice s, int64_t *out);
int vane__value_msec(struct vane_slice s, int64_t *out);
int vane__value_bytes(struct vane_slice s, int64_t *out);
int vane__value_real(struct vane_slice s, double *out);
int vane__value_date(struct vane_slice s, int64_t *out);
bool vane__value_chosen(struct vane_slice s, const char *choices);

/* As vane__option_set(), for a real number. */
int vane__option_set_real(struct vane__option *option, const char *value,
	char why_buf[VANE__WHY_SIZE], const char **why);

/* Values to text as their readers take it back. */
const char *vane__value_put_msec(char buf[VANE__VALUE_SIZE], int64_t msec);
const char *vane__value_put_date(char buf[VANE__VALUE_SIZE], int64_t when);
const char *vane__value_put_bytes(char buf[VANE__VALUE_SIZE], int64_t bytes);

/*
 * How many letters must be put in, left out, changed or swapped to make b of a; at most cap + 1
 * is counted.
 */
size_t vane__value_distance(struct vane_slice a, struct vane_slice b, size_t cap);

#endif
