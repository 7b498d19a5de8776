# SPDX-License-Identifier: MIT
# zlib: where it is there, unless --without-zlib; --with-zlib insists.
AC_DEFUN([VANE_LIB_ZLIB],[
  AC_ARG_WITH([zlib],
    [AS_HELP_STRING([--without-zlib],[leave out vane_compress_filter, bodies compressed with gzip])],
    [],[with_zlib=check])
  AS_IF([test "x$with_zlib" != xno],[
    PKG_CHECK_MODULES([ZLIB],[zlib],
      [with_zlib=yes
       VANE_PC_REQUIRES_PRIVATE="$VANE_PC_REQUIRES_PRIVATE zlib"
       AC_DEFINE([VANE_WITH_ZLIB],[1],[Define to 1 to compress bodies by zlib.])],
      [AS_IF([test "x$with_zlib" = xyes],
        [AC_MSG_ERROR([zlib not found: apt install zlib1g-dev, or configure --without-zlib])])
       with_zlib=no])
  ])
  AM_CONDITIONAL([WITH_ZLIB],[test "x$with_zlib" = xyes])
  AC_SUBST([with_zlib])
  AC_SUBST([ZLIB_CFLAGS])
  AC_SUBST([ZLIB_LIBS])
])
