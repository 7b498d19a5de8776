/* SPDX-License-Identifier: MIT */
/*
 * test.h - cmocka with the headers that it wants before it.
 */
#ifndef VANE_TEST_SUPPORT_H
#define VANE_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
