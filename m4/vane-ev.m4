# SPDX-License-Identifier: MIT
# libev: upstream and Debian ship no .pc; Fedora ships libev.pc and <libev/ev.h>
AC_DEFUN([VANE_LIB_EV],[
  PKG_CHECK_MODULES([EV],[libev],[VANE_PC_REQUIRES_PRIVATE="$VANE_PC_REQUIRES_PRIVATE libev"],[
    vane_s_L=$LIBS
    vane_s_C=$CPPFLAGS
    vane_ok=no
    for vane_i in "" "-I/usr/include/libev" "-I/usr/local/include" "-I/opt/homebrew/include"; do
      AS_IF([test $vane_ok = no],[
        CPPFLAGS="$vane_s_C $vane_i"
        AC_MSG_CHECKING([for ev.h with '$vane_i'])
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <ev.h>
#if EV_VERSION_MAJOR < 4
#error libev 4 wanted
#endif]])],[vane_ok=yes
          EV_CFLAGS=$vane_i])
        AC_MSG_RESULT([$vane_ok])])
    done
    AS_IF([test $vane_ok = no],[AC_MSG_ERROR([libev 4 not found: apt install libev-dev, or set EV_CFLAGS and EV_LIBS])])
    AC_SEARCH_LIBS([ev_run],[ev],[AS_CASE([$ac_cv_search_ev_run],[-l*],[EV_LIBS=$ac_cv_search_ev_run])],[AC_MSG_ERROR([libev's ev_run does not link])])
    VANE_PC_LIBS_PRIVATE="$VANE_PC_LIBS_PRIVATE $EV_LIBS"
    LIBS=$vane_s_L
    CPPFLAGS=$vane_s_C
  ])
  AC_SUBST([EV_CFLAGS])
  AC_SUBST([EV_LIBS])
  AC_SUBST([VANE_PC_LIBS_PRIVATE])
])
