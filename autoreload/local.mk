# SPDX-License-Identifier: MIT
#
# autoreload/: vane-autoreload, which runs a program again when it has ended and was modified since.  It
# needs nothing of the library: the program may be any.

bin_PROGRAMS += vane-autoreload
vane_autoreload_SOURCES = \
	autoreload/child.c autoreload/child.h \
	autoreload/look.c autoreload/look.h \
	autoreload/main.c
vane_autoreload_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
