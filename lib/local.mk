# SPDX-License-Identifier: MIT
#
# lib/: each room as a convenience library; and libvane itself, which is all of them, the adapters
# and the gateway.

lib_LTLIBRARIES = libvane.la
pkgconfig_DATA = lib/vane.pc
EXTRA_DIST += lib/libvane.map

includevanedir = $(includedir)/vane
include_HEADERS = lib/include/vane.h
includevane_HEADERS = \
	lib/include/vane/app.h \
	lib/include/vane/driver.h \
	lib/include/vane/filter.h \
	lib/include/vane/filters.h \
	lib/include/vane/handler.h \
	lib/include/vane/handover.h \
	lib/include/vane/json.h \
	lib/include/vane/log.h \
	lib/include/vane/loop.h \
	lib/include/vane/netutil.h \
	lib/include/vane/options.h \
	lib/include/vane/process.h \
	lib/include/vane/request.h \
	lib/include/vane/response.h \
	lib/include/vane/sandbox.h \
	lib/include/vane/server.h \
	lib/include/vane/static.h \
	lib/include/vane/test.h \
	lib/include/vane/docroot.h \
	lib/include/vane/types.h \
	lib/include/vane/util.h

# The rooms, from the ground up.  Each is compiled with the folders below it in its include path
# and no other, so the compiler proves that includes go down only.  SEES_x is that path for who may
# see x and what lies below it, LIBS_x the same to link with.

noinst_LTLIBRARIES += libvane-base.la
SEES_BASE = -I$(srcdir)/lib/base
LIBS_BASE = libvane-base.la
libvane_base_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_BASE) $(DW_CFLAGS)
libvane_base_la_LIBADD =
libvane_base_la_SOURCES = \
	lib/base/arena.c lib/base/arena.h \
	lib/base/base.h \
	lib/base/buf.c lib/base/buf.h \
	lib/base/limit.c lib/base/limit.h \
	lib/base/format.c lib/base/format.h \
	lib/base/histogram.c lib/base/histogram.h \
	lib/base/list.h \
	lib/base/log.c lib/base/log_escape.h lib/base/log_sink.h \
	lib/base/log_file.c lib/base/log_file.h lib/base/log_open.c \
	lib/base/log_folder.c lib/base/log_folder.h \
	lib/base/log_rotate.c lib/base/log_rotate.h \
	lib/base/log_line.c lib/base/log_line.h \
	lib/base/log_syslog.c lib/base/log_syslog.h \
	lib/base/c_locale.c lib/base/c_locale.h \
	lib/base/months.h \
	lib/base/secret.c lib/base/secret.h \
	lib/base/signame.c lib/base/signame.h \
	lib/base/siphash.c lib/base/siphash.h \
	lib/base/slice.c lib/base/slice.h \
	lib/base/stack.c lib/base/stack.h \
	lib/base/symbols.c lib/base/symbols.h \
	lib/base/temp_file.c lib/base/temp_file.h \
	lib/base/text.h \
	lib/base/utf8.c lib/base/utf8.h \
	lib/base/version.c

noinst_LTLIBRARIES += libvane-http.la
SEES_HTTP = $(SEES_BASE) -I$(srcdir)/lib/http
LIBS_HTTP = libvane-http.la $(LIBS_BASE)
libvane_http_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_HTTP)
libvane_http_la_LIBADD =
libvane_http_la_SOURCES = \
	lib/http/base64.c lib/http/base64.h \
	lib/http/cond.c lib/http/cond.h \
	lib/http/cookie.c lib/http/cookie.h \
	lib/http/date.c lib/http/date.h \
	lib/http/field_name.h lib/http/fields.c lib/http/fields.h \
	lib/http/form.c lib/http/form.h \
	lib/http/forwarded.c lib/http/forwarded.h \
	lib/http/html.c lib/http/html.h \
	lib/http/json_text.c lib/http/json_text.h \
	lib/http/media_type.c lib/http/media_type.h \
	lib/http/method.c lib/http/method.h \
	lib/http/mime.c \
	lib/http/mount.c lib/http/mount.h \
	lib/http/multipart.c lib/http/multipart.h \
	lib/http/negotiate.c lib/http/negotiate.h \
	lib/http/range.c lib/http/range.h \
	lib/http/status.c lib/http/status.h \
	lib/http/uri.c lib/http/uri.h \
	lib/http/xheaders.c lib/http/xheaders.h

noinst_LTLIBRARIES += libvane-net.la
SEES_NET = $(SEES_HTTP) -I$(srcdir)/lib/net
LIBS_NET = libvane-net.la $(LIBS_HTTP)
libvane_net_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_NET) $(EV_CFLAGS)
libvane_net_la_LIBADD = $(EV_LIBS)
libvane_net_la_SOURCES = \
	lib/net/accept.c lib/net/accept_briefly.c \
	lib/net/acceptor.c lib/net/acceptor.h \
	lib/net/clock.c lib/net/clock.h \
	lib/net/cpus.c lib/net/cpus.h \
	lib/net/deadline.c lib/net/deadline.h \
	lib/net/evalloc.c lib/net/evalloc.h \
	lib/net/handover.c lib/net/handover.h \
	lib/net/inherit.c lib/net/inherit.h \
	lib/net/inherit_exec.c lib/net/inherit_exec.h \
	lib/net/landlock.c lib/net/landlock.h \
	lib/net/loop.c lib/net/loop.h \
	lib/net/master.c lib/net/master.h lib/net/master_state.h \
	lib/net/netutil.c lib/net/netutil.h \
	lib/net/notify.c lib/net/notify.h \
	lib/net/pace.c lib/net/pace.h \
	lib/net/process.c lib/net/process.h \
	lib/net/restarts.c lib/net/restarts.h \
	lib/net/roll.c lib/net/sandbox.c lib/net/sandbox.h \
	lib/net/score.h lib/net/scoreboard.c lib/net/scoreboard.h \
	lib/net/scoreboard_beat.c \
	lib/net/scoreboard_file.c lib/net/scoreboard_file.h \
	lib/net/sigpipe.c lib/net/sigpipe.h \
	lib/net/slow_stack.c lib/net/slow_stack.h \
	lib/net/stream.c lib/net/stream.h \
	lib/net/timers.c lib/net/timers.h \
	lib/net/unixsock.c \
	lib/net/wait.c lib/net/wait.h \
	lib/net/watchdog.c \
	lib/net/workers.c \
	lib/net/write_all.c lib/net/write_all.h

noinst_LTLIBRARIES += libvane-options.la
SEES_OPTIONS = $(SEES_NET) -I$(srcdir)/lib/options
LIBS_OPTIONS = libvane-options.la $(LIBS_NET)
libvane_options_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_OPTIONS)
libvane_options_la_LIBADD =
libvane_options_la_SOURCES = \
	lib/options/options.c lib/options/options.h \
	lib/options/options_env.c lib/options/options_help.c \
	lib/options/options_number.c \
	lib/options/options_parse.c \
	lib/options/options_value.c

noinst_LTLIBRARIES += libvane-wire.la
SEES_WIRE = $(SEES_OPTIONS) -I$(srcdir)/lib/wire
LIBS_WIRE = libvane-wire.la $(LIBS_OPTIONS)
libvane_wire_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_WIRE) $(LLHTTP_CFLAGS)
libvane_wire_la_LIBADD = $(LLHTTP_LIBS)
libvane_wire_la_SOURCES = \
	lib/wire/cgi_head.c lib/wire/cgi_head.h \
	lib/wire/cgi_vars.c lib/wire/cgi_vars.h \
	lib/wire/cgi_vars_request.c \
	lib/wire/chunked.c lib/wire/chunked.h \
	lib/wire/fcgi.c lib/wire/fcgi.h \
	lib/wire/fcgi_app.c lib/wire/fcgi_app.h \
	lib/wire/fcgi_client.c lib/wire/fcgi_client.h \
	lib/wire/fcgi_request.c lib/wire/fcgi_request.h \
	lib/wire/h1in.c lib/wire/h1in.h \
	lib/wire/h1out.c lib/wire/h1out.h \
	lib/wire/meta.c lib/wire/meta.h \
	lib/wire/proxy.c lib/wire/proxy.h \
	lib/wire/scgi.c lib/wire/scgi.h \
	lib/wire/scgi_head.c lib/wire/scgi_head.h \
	lib/wire/sniff.c lib/wire/sniff.h

noinst_LTLIBRARIES += libvane-core.la
SEES_CORE = $(SEES_WIRE) -I$(srcdir)/lib/core
LIBS_CORE = libvane-core.la $(LIBS_WIRE)
libvane_core_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_CORE) $(PCRE2_CFLAGS)
libvane_core_la_LIBADD = $(PCRE2_LIBS)
libvane_core_la_SOURCES = \
	lib/core/accesslog.c lib/core/access_format.c lib/core/access_format.h \
	lib/core/access_words.c lib/core/access_words.h \
	lib/core/access_rule.c lib/core/access_rule.h \
	lib/core/exchange_score.c \
	lib/core/request_log.c lib/core/request_trace.c \
	lib/core/request_timer.c lib/core/request_wait.c \
	lib/core/app.c lib/core/app.h \
	lib/core/args.c lib/core/args_parse.c lib/core/args_typed.c \
	lib/core/body.c \
	lib/core/crash.c lib/core/crash.h lib/core/crash_page.c \
	lib/core/debug_curl.c lib/core/debug_mask.c lib/core/debug_report.c \
	lib/core/debug_report.h lib/core/debug_source.c \
	lib/core/dispatch.c lib/core/dispatch.h \
	lib/core/errorpage.c lib/core/errorpage.h lib/core/errorpage_html.c \
	lib/core/errorpage_json.c lib/core/errorpage_text.c \
	lib/core/exchange.c lib/core/exchange.h \
	lib/core/encode.c lib/core/filter.c lib/core/filter.h \
	lib/core/forward.c \
	lib/core/media.c \
	lib/core/output.c \
	lib/core/pattern.c lib/core/pattern.h \
	lib/core/pattern_cover.c \
	lib/core/pattern_url.c \
	lib/core/request.c \
	lib/core/request_cookies.c \
	lib/core/request_form.c \
	lib/core/request_state.c \
	lib/core/request_target.c \
	lib/core/response.c \
	lib/core/response_head.c \
	lib/core/response_text.c \
	lib/core/response_view.c \
	lib/core/route.c lib/core/route.h lib/core/route_build.c \
	lib/core/segment.c \
	lib/core/testclient.c

noinst_LTLIBRARIES += libvane-web.la
SEES_WEB = $(SEES_CORE) -I$(srcdir)/lib/web
LIBS_WEB = libvane-web.la $(LIBS_CORE)
libvane_web_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_WEB) $(JANSSON_CFLAGS) $(ZLIB_CFLAGS)
libvane_web_la_LIBADD = $(CRYPT_LIBS)
libvane_web_la_SOURCES = \
	lib/web/filter_basic_auth.c \
	lib/web/filter_access.c \
	lib/web/filter_cors.c \
	lib/web/filter_etag.c \
	lib/web/filter_rate_limit.c \
	lib/web/filter_request_id.c lib/web/filter_security.c \
	lib/web/filter_text.c lib/web/filter_text.h \
	lib/web/json.c \
	lib/web/htpasswd.c lib/web/htpasswd.h \
	lib/web/static.c \
	lib/web/docroot.c lib/web/docroot.h \
	lib/web/upload.c

if WITH_JANSSON
includevane_HEADERS += lib/include/vane/jansson.h
libvane_web_la_LIBADD += $(JANSSON_LIBS)
libvane_web_la_SOURCES += lib/web/jansson.c
endif

if WITH_ZLIB
libvane_web_la_LIBADD += $(ZLIB_LIBS)
libvane_web_la_SOURCES += lib/web/filter_compress.c
else
libvane_web_la_SOURCES += lib/web/filter_compress_none.c
endif

noinst_LTLIBRARIES += libvane-server.la
SEES_SERVER = $(SEES_WEB) -I$(srcdir)/lib/server
LIBS_SERVER = libvane-server.la $(LIBS_WEB)
libvane_server_la_CPPFLAGS = -I$(srcdir)/lib/include $(SEES_SERVER) $(EV_CFLAGS) $(LLHTTP_CFLAGS)
libvane_server_la_LIBADD =
libvane_server_la_SOURCES = \
	lib/server/conn.c lib/server/conn.h \
	lib/server/conn_head.c \
	lib/server/conn_in.c \
	lib/server/conn_out.c lib/server/conn_proxy.c \
	lib/server/http_driver.c \
	lib/server/pool.c lib/server/pool.h \
	lib/server/server.c \
	lib/server/server_limits.c \
	lib/server/server_stop.c

libvane_la_SOURCES =
libvane_la_LIBADD = $(LIBS_SERVER)
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
libvane_llhttp_la_SOURCES = lib/wire/llhttp/api.c lib/wire/llhttp/http.c lib/wire/llhttp/llhttp.c
libvane_llhttp_la_CPPFLAGS = $(LLHTTP_CFLAGS) -I$(LLHTTP_DIR)
libvane_llhttp_la_CFLAGS = -fvisibility=hidden -w
libvane_wire_la_LIBADD += libvane-llhttp.la
endif
EXTRA_DIST += lib/wire/llhttp/api.c lib/wire/llhttp/http.c lib/wire/llhttp/llhttp.c
