# SPDX-License-Identifier: MIT
# sets LLHTTP_CFLAGS, LLHTTP_LIBS, or the conditional LLHTTP_SOURCES and LLHTTP_DIR
AC_DEFUN([VANE_LIB_LLHTTP],[
  AC_ARG_WITH([llhttp],[AS_HELP_STRING([--with-llhttp=DIR],[compile llhttp's C sources in DIR (api.c http.c llhttp.c) instead of linking libllhttp; "system" forces the library])],[],[with_llhttp=check])
  vane_llhttp=
  AS_IF([test "x$with_llhttp" = xcheck || test "x$with_llhttp" = xsystem || test "x$with_llhttp" = xyes],[
    PKG_CHECK_MODULES([LLHTTP],[libllhttp >= 8.1],[vane_llhttp=pkgconfig],[
      AC_CHECK_HEADER([llhttp.h],[AC_CHECK_LIB([llhttp],[llhttp_execute],[LLHTTP_LIBS=-lllhttp vane_llhttp=library])])])])
  AS_IF([test "x$vane_llhttp" = x],[
    AS_CASE([$with_llhttp],[system|yes|no],[AC_MSG_ERROR([libllhttp not found])],
      [check],[vane_d=/usr/share/llhttp],[vane_d=$with_llhttp])
    AC_MSG_CHECKING([for llhttp sources])
    for vane_i in "$vane_d" "$vane_d/include" "$vane_d/../include" "$vane_d/../include/llhttp"; do
      AS_IF([test -f "$vane_i/llhttp.h"],[LLHTTP_CFLAGS="-I$vane_i"])
    done
    AS_IF([test -f "$vane_d/llhttp.c" && test -f "$vane_d/api.c" && test -f "$vane_d/http.c" && test "x$LLHTTP_CFLAGS" != x],
      [vane_llhttp=source LLHTTP_DIR=$vane_d LLHTTP_CFLAGS="$LLHTTP_CFLAGS -DLLHTTP_STRICT_MODE=1"],
      [AC_MSG_RESULT([no])
       AC_MSG_ERROR([no llhttp: on Debian 12 "apt install node-llhttp", on newer systems libllhttp-dev / llhttp-devel, or --with-llhttp=DIR])])
    AC_MSG_RESULT([$vane_d])])
  AC_SUBST([LLHTTP_CFLAGS])
  AC_SUBST([LLHTTP_LIBS])
  AC_SUBST([LLHTTP_DIR])
  AS_IF([test "$vane_llhttp" != source],[vane_s=$CPPFLAGS;CPPFLAGS="$CPPFLAGS $LLHTTP_CFLAGS"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <llhttp.h>
#if LLHTTP_VERSION_MAJOR < 9
#error a shared libllhttp older than 9 was built without strict mode
#endif]])],[],[AC_MSG_ERROR([libllhttp is older than 9 (lenient about chunk ends); use --with-llhttp=DIR])])
    CPPFLAGS=$vane_s])
  AM_CONDITIONAL([LLHTTP_SOURCES],[test "$vane_llhttp" = source])
  # Requires.private when it is a .pc, nothing when compiled in
  AS_IF([test "$vane_llhttp" = pkgconfig],[VANE_PC_REQUIRES_PRIVATE="$VANE_PC_REQUIRES_PRIVATE libllhttp"])
  AC_SUBST([VANE_PC_REQUIRES_PRIVATE])
])
