# SPDX-License-Identifier: MIT
#
# top/: vane-top, a program that shows the figures of others in a terminal.  It needs nothing of the
# library, as all it has of them is what --status says.

bin_PROGRAMS += vane-top
vane_top_SOURCES = \
	top/fetch.c top/fetch.h \
	top/jsondoc.c top/jsondoc.h \
	top/main.c \
	top/table.c top/table.h
