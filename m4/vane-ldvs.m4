# SPDX-License-Identifier: MIT
# Whether the linker takes a version script, which keeps all but vane_* inside the library.
AC_DEFUN([VANE_LD_VERSION_SCRIPT],[
  AC_CACHE_CHECK([whether the linker takes a version script],[vane_cv_vs],[
    vane_s=$LDFLAGS
    LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
    echo '{ global: main; local: *; };' > conftest.map
    AC_LINK_IFELSE([AC_LANG_PROGRAM([],[])],[vane_cv_vs=yes],[vane_cv_vs=no])
    LDFLAGS=$vane_s
    rm -f conftest.map
  ])
  AM_CONDITIONAL([HAVE_LD_VERSION_SCRIPT],[test $vane_cv_vs = yes])
])
