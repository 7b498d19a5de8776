/* SPDX-License-Identifier: MIT */
/*
 * secret.c - comparing text that nobody is to guess bit by bit.
 */
#include "secret.h"

bool vane__secret_equal(const char *secret, const char *given)
{
	unsigned char differ = 0;

	for (;; given++) {
		differ |= (unsigned char) (*secret ^ *given);
		if (*given == '\0')
			return differ == 0;
		secret += *secret != '\0';
	}
}
