# SPDX-License-Identifier: MIT
# libfcgi: on unless --without-fastcgi.  Debian's fcgi.pc has no Cflags; old systems have no .pc.
AC_DEFUN([VANE_LIB_FCGI],[
  AC_ARG_WITH([fastcgi],
    [AS_HELP_STRING([--without-fastcgi],[leave out vane/fcgx.h, the handler for programs of libfcgi])],
    [],[with_fastcgi=yes])
  AS_IF([test "x$with_fastcgi" != xno],[
    with_fastcgi=yes
    PKG_CHECK_MODULES([FCGI],[fcgi],
      [VANE_PC_REQUIRES_PRIVATE="$VANE_PC_REQUIRES_PRIVATE fcgi"],
      [AC_CHECK_LIB([fcgi],[FCGX_Accept_r],
        [FCGI_LIBS=-lfcgi
         VANE_PC_LIBS_PRIVATE="$VANE_PC_LIBS_PRIVATE -lfcgi"],
        [AC_MSG_ERROR([libfcgi not found: apt install libfcgi-dev, or configure --without-fastcgi])])])
    AC_CHECK_HEADER([fcgiapp.h],[],[AC_MSG_ERROR([fcgiapp.h not found: apt install libfcgi-dev])])
    AC_DEFINE([VANE_WITH_FASTCGI],[1],[Define to 1 to build the handler for programs of libfcgi.])
  ])
  AM_CONDITIONAL([WITH_FASTCGI],[test "x$with_fastcgi" = xyes])
  AC_SUBST([with_fastcgi])
  AC_SUBST([FCGI_CFLAGS])
  AC_SUBST([FCGI_LIBS])
])
