# SPDX-License-Identifier: MIT
# crypt_r(): in libcrypt, or in libc; without it there is no Basic authentication.
AC_DEFUN([VANE_LIB_CRYPT],[
  vane_save_libs=$LIBS
  AC_SEARCH_LIBS([crypt_r],[crypt],[have_crypt=yes],[have_crypt=no])
  LIBS=$vane_save_libs
  AS_IF([test "x$have_crypt" = xyes],[
    AC_DEFINE([VANE_WITH_CRYPT],[1],[Define to 1 to check passwords by crypt_r().])
    AS_IF([test "x$ac_cv_search_crypt_r" != "xnone required"],
      [CRYPT_LIBS=$ac_cv_search_crypt_r
       VANE_PC_LIBS_PRIVATE="$VANE_PC_LIBS_PRIVATE $CRYPT_LIBS"])
  ])
  AC_SUBST([CRYPT_LIBS])
])
