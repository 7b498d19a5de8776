# SPDX-License-Identifier: MIT
# Switches for those who work on the library.  Ours go in AM_CFLAGS: CFLAGS is the user's.
AC_DEFUN([VANE_OPTIONS],[
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers],[build with address and undefined-behaviour sanitizers])],
    [],[enable_sanitizers=no])
  AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing],[build the fuzz targets for libFuzzer (needs CC=clang)])],
    [],[enable_fuzzing=no])
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror],[treat compiler warnings as errors])],
    [],[enable_werror=no])
  AM_CONDITIONAL([FUZZING],[test "x$enable_fuzzing" = xyes])

  VANE_CFLAGS="-std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla -Wno-unused-parameter -Wno-missing-field-initializers"
  AS_IF([test "x$enable_werror" = xyes],[VANE_CFLAGS="$VANE_CFLAGS -Werror"])
  AS_IF([test "x$enable_sanitizers" = xyes],
    [VANE_SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"])
  AS_IF([test "x$enable_fuzzing" = xyes],
    [VANE_SANITIZE="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all -fno-omit-frame-pointer"])
  AC_SUBST([VANE_CFLAGS])
  AC_SUBST([VANE_SANITIZE])
])
