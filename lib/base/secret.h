/* SPDX-License-Identifier: MIT */
/*
 * secret.h - comparing text that nobody is to guess bit by bit.
 */
#ifndef VANE__SECRET_H
#define VANE__SECRET_H

#include <stdbool.h>

/*
 * Whether two texts are the same, in a time that depends on the length of the one that was given and
 * tells nothing of the secret.
 */
bool vane__secret_equal(const char *secret, const char *given);

#endif
