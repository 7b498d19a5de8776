# SPDX-License-Identifier: MIT
#
# tools/top/: vane-top, a program that shows the figures of others in a terminal.  It needs nothing of the
# library, as all it has of them is what --status says.

bin_PROGRAMS += vane-top
vane_top_SOURCES = \
	tools/top/fetch.c tools/top/fetch.h \
	tools/top/jsondoc.c tools/top/jsondoc.h \
	tools/top/main.c \
	tools/top/table.c tools/top/table.h
