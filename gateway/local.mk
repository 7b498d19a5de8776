# SPDX-License-Identifier: MIT
#
# gateway/: foreign programs behind Vane's server.  As adapters/ it sees the ground of lib, and of
# the rest what an application sees; of adapters/ nothing.

includevane_HEADERS += gateway/include/vane/gateway.h

noinst_LTLIBRARIES += libvane-gateway.la
libvane_la_LIBADD += libvane-gateway.la
LIBS_GATEWAY = libvane-gateway.la $(LIBS_SERVER)
libvane_gateway_la_CPPFLAGS = $(SEES_ROOMS) -I$(srcdir)/gateway/include
libvane_gateway_la_SOURCES  = gateway/address.c gateway/address.h
libvane_gateway_la_SOURCES += gateway/apphost.c gateway/apphost.h
libvane_gateway_la_SOURCES += gateway/get_values.c gateway/get_values.h
libvane_gateway_la_SOURCES += gateway/balancer.h
libvane_gateway_la_SOURCES += gateway/cgi.c gateway/cgi.h gateway/cgi_run.c
libvane_gateway_la_SOURCES += gateway/child.c gateway/child.h
libvane_gateway_la_SOURCES += gateway/defaults.h
libvane_gateway_la_SOURCES += gateway/connect.c gateway/connect.h
libvane_gateway_la_SOURCES += gateway/program_socket.c gateway/program_socket.h
libvane_gateway_la_SOURCES += gateway/fastcgi_request.c gateway/fastcgi_request.h
libvane_gateway_la_SOURCES += gateway/fastcgi_host.c
libvane_gateway_la_SOURCES += gateway/limiter.c gateway/limiter.h
libvane_gateway_la_SOURCES += gateway/host.c gateway/host.h
libvane_gateway_la_SOURCES += gateway/peer.c gateway/peer.h
libvane_gateway_la_SOURCES += gateway/worker_process.c gateway/worker_process.h
libvane_gateway_la_SOURCES += gateway/program.c gateway/program.h
libvane_gateway_la_SOURCES += gateway/relay.c gateway/relay.h
libvane_gateway_la_SOURCES += gateway/cgi_response.c gateway/cgi_response.h
libvane_gateway_la_SOURCES += gateway/scgi_request.c gateway/scgi_request.h
libvane_gateway_la_SOURCES += gateway/scgi_host.c
libvane_gateway_la_SOURCES += gateway/script.c gateway/script.h
libvane_gateway_la_SOURCES += gateway/spawn.c gateway/spawn.h
libvane_gateway_la_SOURCES += gateway/spool.c gateway/spool.h
libvane_gateway_la_SOURCES += gateway/stderrlog.c gateway/stderrlog.h
libvane_gateway_la_SOURCES += gateway/upstream.c gateway/upstream.h
libvane_gateway_la_SOURCES += gateway/vars_request.c gateway/vars_request.h
libvane_gateway_la_SOURCES += gateway/find_program.c gateway/find_program.h
libvane_gateway_la_SOURCES += gateway/fastcgi_conn.c gateway/fastcgi_conn.h
libvane_gateway_la_SOURCES += gateway/strlist.c gateway/strlist.h

# The program; what it takes from the gateway beside the public interface is linked into it.
bin_PROGRAMS += vane-gateway
vane_gateway_SOURCES  = gateway/main.c
vane_gateway_SOURCES += gateway/cmdline.c gateway/cmdline.h
vane_gateway_SOURCES += gateway/maps.c gateway/maps.h
vane_gateway_SOURCES += gateway/site.c gateway/site.h
vane_gateway_CPPFLAGS = $(libvane_gateway_la_CPPFLAGS) -I$(srcdir)/adapters/include
# What libvane shows goes first: only what it does not is taken from the rooms once more.
vane_gateway_LDADD    = libvane-gateway.la libvane.la libvane-wire.la libvane-http.la libvane-base.la
