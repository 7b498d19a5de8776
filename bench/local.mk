# SPDX-License-Identifier: MIT
#
# bench/: how fast we are beside others.  But for the clients, which tests use too, nothing here is built
# by make or looked at by check:
# bench/run builds what it needs, and measures.

EXTRA_DIST += \
	bench/README.md bench/RESULTS.md bench/misses.md bench/run \
	bench/hosting.sh bench/hosting_rows.sh bench/measure.sh bench/rows.sh bench/servers.sh \
	bench/wrk.lua

EXTRA_PROGRAMS = \
	bench/blocking bench/filtered bench/floor_epoll bench/floor_libev bench/hello bench/hello_cgi \
	bench/hello_fcgx bench/hello_microhttpd bench/load bench/load_fcgi bench/spawn
EXTRA_LTLIBRARIES = bench/count_malloc.la
CLEANFILES += $(EXTRA_PROGRAMS) $(EXTRA_LTLIBRARIES)

bench_blocking_SOURCES = bench/blocking.c
bench_blocking_LDADD = libvane.la

bench_filtered_SOURCES = bench/filtered.c
bench_filtered_LDADD = libvane.la

bench_floor_epoll_SOURCES = bench/floor.h bench/floor_epoll.c
bench_floor_epoll_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
bench_floor_epoll_LDADD =

bench_floor_libev_SOURCES = bench/floor.h bench/floor_libev.c
bench_floor_libev_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE $(EV_CFLAGS) $(LLHTTP_CFLAGS)
bench_floor_libev_LDADD = $(EV_LIBS) $(LLHTTP_LIBS)
if LLHTTP_SOURCES
bench_floor_libev_LDADD += libvane-llhttp.la
endif

bench_hello_SOURCES = bench/hello.c
bench_hello_LDADD = libvane.la

bench_hello_cgi_SOURCES = bench/hello_cgi.c
bench_hello_cgi_LDADD =

bench_hello_fcgx_SOURCES = bench/hello_fcgx.c
bench_hello_fcgx_CPPFLAGS = $(FCGI_CFLAGS)
bench_hello_fcgx_LDADD = $(FCGI_LIBS)

bench_hello_microhttpd_SOURCES = bench/hello_microhttpd.c
bench_hello_microhttpd_LDADD = -lmicrohttpd

bench_load_SOURCES = bench/load.c
bench_load_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE
bench_load_LDADD =

bench_load_fcgi_SOURCES = bench/load_fcgi.c
bench_load_fcgi_CPPFLAGS = $(AM_CPPFLAGS) $(SEES_WIRE)
bench_load_fcgi_LDADD = $(LIBS_WIRE)

# What it measures is linked in: the library keeps it to itself.
bench_spawn_SOURCES = bench/spawn.c
bench_spawn_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir) $(libvane_gateway_la_CPPFLAGS) -D_GNU_SOURCE
bench_spawn_LDADD = libvane-gateway.la libvane.la

# A module: -rpath makes libtool build a shared one though it is never installed.
bench_count_malloc_la_SOURCES = bench/count_malloc.c
bench_count_malloc_la_LDFLAGS = -module -avoid-version -shared -rpath $(pkglibdir)
