# SPDX-License-Identifier: MIT
#
# gateway/: foreign programs behind Vane's server.  As adapters/ it sees the ground of lib, and of
# the rest what an application sees; of adapters/ nothing.

includevane_HEADERS += gateway/include/vane/gateway.h

noinst_LTLIBRARIES += libvane-gateway.la
libvane_la_LIBADD += libvane-gateway.la
LIBS_GATEWAY = libvane-gateway.la $(LIBS_SERVER)
libvane_gateway_la_CPPFLAGS = $(SEES_ROOMS) -I$(srcdir)/gateway/include $(FCGI_CFLAGS)
libvane_gateway_la_LIBADD =
libvane_gateway_la_SOURCES = \
	gateway/address.c gateway/address.h \
	gateway/app_backend.c gateway/app_backend.h \
	gateway/backend.c gateway/backend.h \
	gateway/backend_handler.c \
	gateway/balancer.h \
	gateway/cgi.c gateway/cgi.h \
	gateway/cgi_response.c gateway/cgi_response.h \
	gateway/cgi_run.c \
	gateway/child.c gateway/child.h \
	gateway/connect.c gateway/connect.h \
	gateway/fastcgi_conn.c gateway/fastcgi_conn.h \
	gateway/fastcgi_request.c \
	gateway/find_program.c gateway/find_program.h \
	gateway/get_values.c gateway/get_values.h \
	gateway/limiter.c gateway/limiter.h \
	gateway/peer.c gateway/peer.h \
	gateway/program.c gateway/program.h \
	gateway/program_socket.c gateway/program_socket.h \
	gateway/protocol.h \
	gateway/relay.c gateway/relay.h \
	gateway/run_as.c gateway/run_as.h \
	gateway/scgi_request.c \
	gateway/script.c gateway/script.h \
	gateway/site.c \
	gateway/spawn.c gateway/spawn.h \
	gateway/spool.c gateway/spool.h \
	gateway/stderrlog.c gateway/stderrlog.h \
	gateway/strlist.c gateway/strlist.h \
	gateway/upstream.c gateway/upstream.h \
	gateway/vars_request.c gateway/vars_request.h \
	gateway/worker_process.c gateway/worker_process.h

# The handler for programs written against libfcgi.
if WITH_FASTCGI
includevane_HEADERS += gateway/include/vane/fcgx.h
libvane_gateway_la_LIBADD += $(FCGI_LIBS)
libvane_gateway_la_SOURCES += \
	gateway/ported.c gateway/ported.h \
	gateway/ported_log.c \
	gateway/ported_out.c \
	gateway/ported_stream.c \
	gateway/ported_vars.c
endif

# The program: a user of the public interface as any other.
bin_PROGRAMS += vane-gateway
vane_gateway_SOURCES = \
	gateway/main/cmdline.c gateway/main/cmdline.h \
	gateway/main/main.c \
	gateway/main/maps.c gateway/main/maps.h
vane_gateway_LDADD = libvane.la
