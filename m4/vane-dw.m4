# SPDX-License-Identifier: MIT
# libdw of elfutils, for files and lines in stacks: where its headers are, unless --without-dw;
# --with-dw insists.  Programs load it when they need it, and are not linked to it.
AC_DEFUN([VANE_LIB_DW],[
  AC_ARG_WITH([dw],
    [AS_HELP_STRING([--without-dw],[leave out files and lines in stacks, by libdw of elfutils])],
    [],[with_dw=check])
  AS_IF([test "x$with_dw" != xno],[
    PKG_CHECK_MODULES([DW],[libdw >= 0.170],
      [vane_s_C=$CPPFLAGS
       CPPFLAGS="$CPPFLAGS $DW_CFLAGS"
       AC_CHECK_HEADER([elfutils/libdwfl.h],[vane_dw=yes],[vane_dw=no])
       CPPFLAGS=$vane_s_C],[vane_dw=no])
    AS_IF([test $vane_dw = yes],
      [AC_DEFINE([VANE_WITH_DW],[1],[Define to 1 to find files and lines by libdw.])],
      [test "x$with_dw" = xyes],
      [AC_MSG_ERROR([libdw not found: apt install libdw-dev, or configure --without-dw])],
      [DW_CFLAGS=])
    with_dw=$vane_dw
  ])
  AC_SUBST([with_dw])
  AC_SUBST([DW_CFLAGS])
])
