# SPDX-License-Identifier: MIT
#
# adapters/: other ways to be started, and the choice between them.  No -Ilib here: adapters
# see public headers only.

includevane_HEADERS += \
	adapters/include/vane/cgi.h \
	adapters/include/vane/fastcgi.h \
	adapters/include/vane/main.h
