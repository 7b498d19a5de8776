# SPDX-License-Identifier: MIT
#
# tools/autoreload/: vane-autoreload, which runs a program again when it has ended and was modified since.  It
# needs nothing of the library: the program may be any.

bin_PROGRAMS += vane-autoreload
vane_autoreload_SOURCES = \
	tools/autoreload/child.c tools/autoreload/child.h \
	tools/autoreload/look.c tools/autoreload/look.h \
	tools/autoreload/main.c
vane_autoreload_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
