# SPDX-License-Identifier: MIT
#
# adapters/: other ways to be started, and the choice between them.  No -Ilib here: adapters
# see public headers only.

includevane_HEADERS += \
	adapters/include/vane/cgi.h \
	adapters/include/vane/fastcgi.h \
	adapters/include/vane/main.h \
	adapters/include/vane/scgi.h

noinst_LTLIBRARIES += libvane-adapters.la
libvane_la_LIBADD += libvane-adapters.la
libvane_adapters_la_CPPFLAGS = -I$(srcdir)/lib/include -I$(srcdir)/adapters/include $(FCGI_CFLAGS)
libvane_adapters_la_LIBADD =
libvane_adapters_la_SOURCES = \
	adapters/bytes.c adapters/bytes.h \
	adapters/cgi.c \
	adapters/cgiout.c adapters/cgiout.h \
	adapters/deadline.c adapters/deadline.h \
	adapters/pace.c adapters/pace.h \
	adapters/door.c adapters/door.h \
	adapters/ending.c adapters/ending.h \
	adapters/identity.c adapters/identity.h adapters/ownfile.c adapters/ownfile.h \
	adapters/listen.c adapters/listen.h adapters/listen_parse.c \
	adapters/mode.c adapters/mode.h \
	adapters/netstring.c adapters/netstring.h \
	adapters/print_config.c adapters/print_config.h \
	adapters/report.c \
	adapters/ring.h \
	adapters/run.c adapters/run.h \
	adapters/scgi.c adapters/scgi_conn.c adapters/scgi.h \
	adapters/scgi_head.c adapters/scgi_head.h \
	adapters/serve.c adapters/serve.h \
	adapters/settings.c adapters/settings.h \
	adapters/stanza.c adapters/stanza_manager.c \
	adapters/wait.c adapters/wait.h

if WITH_FASTCGI
libvane_adapters_la_LIBADD += $(FCGI_LIBS)
libvane_adapters_la_SOURCES += \
	adapters/fastcgi.c adapters/fastcgi_conn.c adapters/fastcgi_serve.c adapters/responder.h \
	adapters/fcgx.c adapters/fcgx.h \
	adapters/intake.c adapters/intake.h \
	adapters/record.c adapters/record.h
endif
