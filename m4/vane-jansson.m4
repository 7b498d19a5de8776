# SPDX-License-Identifier: MIT
# jansson: where it is there, unless --without-jansson; --with-jansson insists.
AC_DEFUN([VANE_LIB_JANSSON],[
  AC_ARG_WITH([jansson],
    [AS_HELP_STRING([--without-jansson],[leave out vane/jansson.h, JSON bodies by libjansson])],
    [],[with_jansson=check])
  AS_IF([test "x$with_jansson" != xno],[
    PKG_CHECK_MODULES([JANSSON],[jansson >= 2.11],
      [with_jansson=yes
       VANE_PC_REQUIRES_PRIVATE="$VANE_PC_REQUIRES_PRIVATE jansson"
       AC_DEFINE([VANE_WITH_JANSSON],[1],[Define to 1 to read and write JSON by libjansson.])],
      [AS_IF([test "x$with_jansson" = xyes],
        [AC_MSG_ERROR([jansson not found: apt install libjansson-dev, or configure --without-jansson])])
       with_jansson=no])
  ])
  AM_CONDITIONAL([WITH_JANSSON],[test "x$with_jansson" = xyes])
  AC_SUBST([with_jansson])
  AC_SUBST([JANSSON_CFLAGS])
  AC_SUBST([JANSSON_LIBS])
])
