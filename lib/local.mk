# SPDX-License-Identifier: MIT
#
# lib/: everything but the adapters, as a convenience library; and libvane itself, which is
# both together.  An adapter sees public headers only: it is compiled without -Ilib.

lib_LTLIBRARIES = libvane.la
noinst_LTLIBRARIES += libvane-core.la
pkgconfig_DATA = lib/vane.pc
EXTRA_DIST += lib/libvane.map

includevanedir = $(includedir)/vane
include_HEADERS = lib/include/vane.h
includevane_HEADERS = \
	lib/include/vane/app.h \
	lib/include/vane/driver.h \
	lib/include/vane/handler.h \
	lib/include/vane/handover.h \
	lib/include/vane/log.h \
	lib/include/vane/loop.h \
	lib/include/vane/netutil.h \
	lib/include/vane/options.h \
	lib/include/vane/process.h \
	lib/include/vane/request.h \
	lib/include/vane/response.h \
	lib/include/vane/server.h \
	lib/include/vane/static.h \
	lib/include/vane/test.h \
	lib/include/vane/tree.h \
	lib/include/vane/types.h \
	lib/include/vane/util.h

libvane_core_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/lib $(EV_CFLAGS) $(LLHTTP_CFLAGS) $(PCRE2_CFLAGS)
libvane_core_la_LIBADD = $(EV_LIBS) $(LLHTTP_LIBS) $(PCRE2_LIBS)
libvane_core_la_SOURCES = \
	lib/base.h lib/list.h lib/version.c \
	lib/slice.c lib/slice.h \
	lib/log.c lib/text.h \
	lib/arena.c lib/arena.h \
	lib/buf.c lib/buf.h \
	lib/cond.c lib/cond.h \
	lib/cookie.c lib/cookie.h \
	lib/date.c lib/date.h \
	lib/fields.c lib/fields.h \
	lib/form.c lib/form.h \
	lib/html.c lib/html.h \
	lib/method.c lib/method.h \
	lib/mime.c \
	lib/mount.c lib/mount.h \
	lib/multipart.c lib/multipart.h \
	lib/range.c lib/range.h \
	lib/status.c lib/status.h \
	lib/uri.c lib/uri.h \
	lib/xheaders.c lib/xheaders.h \
	lib/chunked.c lib/chunked.h \
	lib/h1in.c lib/h1in.h \
	lib/h1out.c lib/h1out.h \
	lib/exchange.h \
	lib/request.c lib/request_target.c lib/args.c \
	lib/meta.c lib/meta.h \
	lib/body.c \
	lib/response.c lib/output.c \
	lib/pattern.c lib/pattern.h lib/pattern_cover.c lib/pattern_url.c \
	lib/route.c lib/route.h \
	lib/app.c lib/app.h \
	lib/errorpage.c lib/accesslog.c \
	lib/exchange.c lib/dispatch.c lib/after.c lib/forward.c lib/dispatch.h \
	lib/testclient.c \
	lib/static.c \
	lib/tree.c lib/tree.h \
	lib/conn.c lib/conn_head.c lib/conn_in.c lib/conn_out.c lib/conn.h lib/server_limits.c \
	lib/server.c \
	lib/server_stop.c \
	lib/timers.c lib/timers.h \
	lib/sigpipe.c lib/sigpipe.h \
	lib/evalloc.c lib/evalloc.h \
	lib/loop.c lib/loop.h \
	lib/netutil.c lib/netutil.h lib/unixsock.c \
	lib/accept.c \
	lib/cpus.c lib/cpus.h \
	lib/master.c lib/master.h lib/process.c \
	lib/restarts.c lib/restarts.h lib/signame.c lib/signame.h \
	lib/handover.c \
	lib/crash.c \
	lib/options.c lib/options.h lib/options_help.c lib/options_parse.c lib/options_value.c

libvane_la_SOURCES =
libvane_la_LIBADD = libvane-core.la
libvane_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info $(VANE_LTVERSION)
libvane_la_DEPENDENCIES = $(libvane_la_LIBADD)
if HAVE_LD_VERSION_SCRIPT
libvane_la_LDFLAGS += -Wl,--version-script=$(srcdir)/lib/libvane.map
libvane_la_DEPENDENCIES += lib/libvane.map
else
libvane_la_LDFLAGS += -export-symbols-regex '^vane_'
endif

# llhttp's sources where there is no library of it: each is a unit of its own.
if LLHTTP_SOURCES
noinst_LTLIBRARIES += libvane-llhttp.la
libvane_llhttp_la_SOURCES = lib/llhttp/api.c lib/llhttp/http.c lib/llhttp/llhttp.c
libvane_llhttp_la_CPPFLAGS = $(LLHTTP_CFLAGS) -I$(LLHTTP_DIR)
libvane_llhttp_la_CFLAGS = -fvisibility=hidden -w
libvane_core_la_LIBADD += libvane-llhttp.la
endif
EXTRA_DIST += lib/llhttp/api.c lib/llhttp/http.c lib/llhttp/llhttp.c
