# SPDX-License-Identifier: MIT
#
# tests/: a unit test links what it tests, and nothing else.

TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/lib -I$(srcdir)/tests $(CMOCKA_CFLAGS)

# For tests that make allocations fail: these sources, and these flags for the linker.
TEST_ALLOC = tests/support/alloc.c tests/support/alloc.h
TEST_FLAGS_ALLOC = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

# For tests of an application as a whole, through the test client.
TEST_PROBE = tests/support/probe.c tests/support/probe.h

# For tests of the native server: one in the test's process, and its clients.
TEST_SITE = tests/support/site.c tests/support/site.h

TEST_CENSUS = tests/support/census.c tests/support/census.h \
	tests/support/port.c tests/support/port.h tests/support/proc.c tests/support/proc.h \
	tests/support/tmp.c tests/support/tmp.h
# For tests of the gateway: an application behind it, and what it needs.
TEST_APP_PEER = tests/support/app_peer.c tests/support/app_peer.h \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/port.c tests/support/port.h tests/support/proc.c tests/support/proc.h

# llhttp, where it is a library and where it is compiled in.
TEST_LLHTTP = $(LLHTTP_LIBS)
if LLHTTP_SOURCES
TEST_LLHTTP += libvane-llhttp.la
endif

if HAVE_TESTS
LDADD = $(CMOCKA_LIBS)

# The conformance suite: the rows, the application under test, and front servers.
SUITE_CPPFLAGS = $(TEST_CPPFLAGS) $(CURL_CFLAGS) -D_GNU_SOURCE
noinst_PROGRAMS += tests/echoapp
tests_echoapp_SOURCES  = tests/echoapp.c $(ECHO_SOURCES)
tests_echoapp_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests -D_GNU_SOURCE
tests_echoapp_LDFLAGS  = $(AM_LDFLAGS) -static
tests_echoapp_LDADD    = libvane.la
ECHO_SOURCES = \
	tests/echoflow.c tests/echoflow.h \
	tests/echoreq.c tests/echoreq.h \
	tests/echores.c tests/echores.h \
	tests/echoroutes.c tests/echoroutes.h \
	tests/support/pattern.h

# Programs that behave badly, to stand behind the gateway.
noinst_PROGRAMS += tests/fixtures/actor
tests_fixtures_actor_SOURCES  = tests/fixtures/actor.c
tests_fixtures_actor_CPPFLAGS = -D_GNU_SOURCE
tests_fixtures_actor_CFLAGS   = $(VANE_CFLAGS)
tests_fixtures_actor_LDFLAGS  =
tests_fixtures_actor_LDADD    =

noinst_PROGRAMS += tests/fixtures/badcgi
tests_fixtures_badcgi_SOURCES  = tests/fixtures/badcgi.c \
	tests/fixtures/answers.c tests/fixtures/answers.h
tests_fixtures_badcgi_CPPFLAGS = -I$(srcdir)/tests -D_GNU_SOURCE
tests_fixtures_badcgi_LDADD    =

noinst_PROGRAMS += tests/fixtures/badpeer
tests_fixtures_badpeer_SOURCES  = tests/fixtures/badpeer.c \
	tests/fixtures/answers.c tests/fixtures/answers.h \
	tests/fixtures/peerwire.c tests/fixtures/peerwire.h \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h
tests_fixtures_badpeer_CPPFLAGS = -I$(srcdir)/tests -D_GNU_SOURCE
tests_fixtures_badpeer_LDADD    =

# Goes before malloc(): nothing of ours is in it, nor a sanitizer.
check_LTLIBRARIES += tests/fixtures/heapmeter.la
tests_fixtures_heapmeter_la_SOURCES  = tests/fixtures/heapmeter.c
tests_fixtures_heapmeter_la_CPPFLAGS = -D_GNU_SOURCE
tests_fixtures_heapmeter_la_CFLAGS   = $(VANE_CFLAGS)
tests_fixtures_heapmeter_la_LDFLAGS  = -module -avoid-version -shared -rpath /nowhere

if WITH_FASTCGI
noinst_PROGRAMS += tests/fixtures/fcgxapp
tests_fixtures_fcgxapp_SOURCES  = tests/fixtures/fcgxapp.c
tests_fixtures_fcgxapp_CPPFLAGS = $(FCGI_CFLAGS) -D_GNU_SOURCE
tests_fixtures_fcgxapp_LDADD    = $(FCGI_LIBS)
endif

check_LTLIBRARIES += tests/libsuite.la
tests_libsuite_la_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_libsuite_la_LIBADD   = libvane.la $(CURL_LIBS) $(CMOCKA_LIBS) -lpthread
tests_libsuite_la_SOURCES  = $(ECHO_SOURCES) \
	tests/allow.c tests/allow.h \
	tests/carrier.c tests/carrier.h \
	tests/compare.c tests/compare.h \
	tests/fronts/front.c tests/fronts/front.h \
	tests/suite.c tests/suite.h tests/suite_requests.c tests/suite_responses.c \
	tests/support/ask.c tests/support/ask.h \
	tests/support/cgivars.c tests/support/cgivars.h \
	tests/support/http.c tests/support/http.h \
	tests/support/port.c tests/support/port.h \
	tests/support/proc.c tests/support/proc.h \
	tests/support/raw.c tests/support/raw.h \
	tests/support/tmp.c tests/support/tmp.h

check_PROGRAMS += tests/conform_apache
tests_conform_apache_SOURCES  = tests/conform_apache.c tests/fronts/apache.c tests/fronts/apache.h
tests_conform_apache_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_apache_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_caddy
tests_conform_caddy_SOURCES  = tests/conform_caddy.c tests/fronts/caddy.c tests/fronts/caddy.h
tests_conform_caddy_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_caddy_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_cgi
tests_conform_cgi_SOURCES  = tests/conform_cgi.c
tests_conform_cgi_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_cgi_LDADD    = tests/libsuite.la

CARRIER_FCGI = \
	tests/carrier_fcgi.c tests/carrier_fcgi.h \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h

if WITH_FASTCGI
check_PROGRAMS += tests/conform_fastcgi
tests_conform_fastcgi_SOURCES  = tests/conform_fastcgi.c $(CARRIER_FCGI)
tests_conform_fastcgi_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_fastcgi_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_gateway
tests_conform_gateway_SOURCES  = tests/conform_gateway.c $(CARRIER_FCGI)
tests_conform_gateway_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_gateway_LDADD    = tests/libsuite.la
endif

check_PROGRAMS += tests/conform_lighttpd
tests_conform_lighttpd_SOURCES  = tests/conform_lighttpd.c tests/fronts/lighttpd.c tests/fronts/lighttpd.h
tests_conform_lighttpd_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_lighttpd_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_native
tests_conform_native_SOURCES  = tests/conform_native.c
tests_conform_native_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_native_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_nginx
tests_conform_nginx_SOURCES  = tests/conform_nginx.c tests/fronts/nginx.c tests/fronts/nginx.h
tests_conform_nginx_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_nginx_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_scgi
tests_conform_scgi_SOURCES  = tests/conform_scgi.c tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_conform_scgi_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_scgi_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_test
tests_conform_test_SOURCES  = tests/conform_test.c
tests_conform_test_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_test_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/examples
tests_examples_SOURCES  = tests/examples.c
tests_examples_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_examples_LDADD    = tests/libsuite.la -lpthread

check_PROGRAMS += tests/front_access
tests_front_access_SOURCES  = tests/front_access.c
tests_front_access_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_front_access_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/front_fcgiwrap
tests_front_fcgiwrap_SOURCES  = tests/front_fcgiwrap.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h
tests_front_fcgiwrap_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_front_fcgiwrap_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/fronts_table
tests_fronts_table_SOURCES  = tests/fronts_table.c
tests_fronts_table_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_fronts_table_LDADD    = tests/libsuite.la
EXTRA_DIST += docs/fronts.md

# Real programs behind vane-gateway, and the pages that they serve.
HOSTING_SOURCES = \
	tests/support/census.c tests/support/census.h \
	tests/support/hosting.c tests/support/hosting.h \
	tests/support/pages.c tests/support/pages.h \
	tests/support/phpfpm.c tests/support/phpfpm.h
EXTRA_DIST += tests/gateway
if WITH_FASTCGI
noinst_PROGRAMS += tests/fixtures/fcgx
tests_fixtures_fcgx_CPPFLAGS = $(FCGI_CFLAGS)
tests_fixtures_fcgx_LDADD    = $(FCGI_LIBS)
endif

check_PROGRAMS += tests/gateway_faults
tests_gateway_faults_SOURCES  = tests/gateway_faults.c $(HOSTING_SOURCES) \
	tests/support/crowd.c tests/support/crowd.h \
	tests/support/faults.c tests/support/faults.h
tests_gateway_faults_CPPFLAGS = $(SUITE_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_gateway_faults_LDADD    = tests/libsuite.la $(TEST_LLHTTP)

check_PROGRAMS += tests/gateway_fronts
tests_gateway_fronts_SOURCES  = tests/gateway_fronts.c \
	tests/support/census.c tests/support/census.h \
	tests/support/pages.c tests/support/pages.h
tests_gateway_fronts_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_gateway_fronts_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/gateway_php
tests_gateway_php_SOURCES  = tests/gateway_php.c $(HOSTING_SOURCES)
tests_gateway_php_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_gateway_php_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/gateway_real
tests_gateway_real_SOURCES  = tests/gateway_real.c $(HOSTING_SOURCES)
tests_gateway_real_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_gateway_real_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/gateway_memory
tests_gateway_memory_SOURCES  = tests/gateway_memory.c $(HOSTING_SOURCES) \
	tests/support/crowd.c tests/support/crowd.h
tests_gateway_memory_CPPFLAGS = $(SUITE_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_gateway_memory_LDADD    = tests/libsuite.la $(TEST_LLHTTP)

check_PROGRAMS += tests/gateway_reload
tests_gateway_reload_SOURCES  = tests/gateway_reload.c $(TEST_SITE) tests/support/tmp.c \
	tests/support/tmp.h
tests_gateway_reload_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_reload_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)

check_PROGRAMS += tests/gateway_soak
tests_gateway_soak_SOURCES  = tests/gateway_soak.c $(HOSTING_SOURCES) \
	tests/support/crowd.c tests/support/crowd.h
tests_gateway_soak_CPPFLAGS = $(SUITE_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_gateway_soak_LDADD    = tests/libsuite.la $(TEST_LLHTTP)
EXTRA_tests_gateway_soak_DEPENDENCIES = tests/fixtures/heapmeter.la

check_PROGRAMS += tests/gateway_wiki
tests_gateway_wiki_SOURCES  = tests/gateway_wiki.c $(HOSTING_SOURCES) \
	tests/support/browser.c tests/support/browser.h
tests_gateway_wiki_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_gateway_wiki_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/rolling
tests_rolling_SOURCES  = tests/rolling.c
tests_rolling_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_rolling_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/life
tests_life_SOURCES  = tests/life.c
tests_life_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_life_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/robust_native
tests_robust_native_SOURCES  = tests/robust_native.c
tests_robust_native_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_robust_native_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/test_accept
tests_test_accept_SOURCES  = tests/test_accept.c lib/accept.c lib/netutil.c lib/unixsock.c lib/slice.c lib/log.c \
	lib/loop.c lib/evalloc.c lib/sigpipe.c lib/timers.c
tests_test_accept_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_test_accept_LDADD    = $(LDADD) $(EV_LIBS)

check_PROGRAMS += tests/test_app
tests_test_app_SOURCES  = tests/test_app.c lib/app.c lib/arena.c lib/buf.c lib/form.c lib/log.c \
	lib/pattern.c lib/pattern_cover.c lib/pattern_url.c lib/route.c lib/slice.c lib/uri.c \
	lib/xheaders.c $(TEST_ALLOC)
tests_test_app_CPPFLAGS = $(TEST_CPPFLAGS) $(PCRE2_CFLAGS)
tests_test_app_LDADD    = $(LDADD) $(PCRE2_LIBS)
tests_test_app_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_arena
tests_test_arena_SOURCES  = tests/test_arena.c lib/arena.c $(TEST_ALLOC)
tests_test_arena_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_arena_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_args
tests_test_args_SOURCES  = tests/test_args.c $(TEST_PROBE)
tests_test_args_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_args_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_body
tests_test_body_SOURCES  = tests/test_body.c $(TEST_PROBE)
tests_test_body_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_body_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_buf
tests_test_buf_SOURCES  = tests/test_buf.c lib/buf.c lib/slice.c $(TEST_ALLOC)
tests_test_buf_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_buf_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_census
tests_test_census_SOURCES  = tests/test_census.c $(TEST_CENSUS)
tests_test_census_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE

check_PROGRAMS += tests/test_accesslog
tests_test_accesslog_SOURCES  = tests/test_accesslog.c $(TEST_SITE)
tests_test_accesslog_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_accesslog_LDADD    = $(LDADD) libvane.la

# Compiled without WIDE_FLAGS, as programs are that use an installed Vane.
check_PROGRAMS += tests/test_caller
tests_test_caller_SOURCES  = tests/test_caller.c tests/support/tmp.c tests/support/tmp.h
tests_test_caller_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) -D_GNU_SOURCE
tests_test_caller_CFLAGS   = $(VANE_CFLAGS) $(VANE_SANITIZE)
tests_test_caller_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_cgi
tests_test_cgi_SOURCES  = tests/test_cgi.c
tests_test_cgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_cgi_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_cgi_host
tests_test_cgi_host_SOURCES  = tests/test_cgi_host.c $(TEST_SITE) $(TEST_PROBE) \
	tests/support/tmp.c tests/support/tmp.h tests/support/vfork.h
tests_test_cgi_host_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_cgi_host_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_child
tests_test_child_SOURCES  = tests/test_child.c gateway/child.c gateway/spawn.c $(TEST_ALLOC) \
	tests/support/vfork.h
tests_test_child_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_child_LDADD    = libvane-core.la $(LDADD)
tests_test_child_LDFLAGS  = $(TEST_FLAGS_ALLOC) -Wl,--wrap=pidfd_open

check_PROGRAMS += tests/test_cond
tests_test_cond_SOURCES  = tests/test_cond.c lib/cond.c lib/date.c lib/slice.c
tests_test_cond_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_cookie
tests_test_cookie_SOURCES  = tests/test_cookie.c lib/cookie.c lib/arena.c lib/buf.c \
	lib/date.c lib/fields.c lib/slice.c $(TEST_ALLOC)
tests_test_cookie_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_cookie_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_date
tests_test_date_SOURCES  = tests/test_date.c lib/date.c lib/slice.c
tests_test_date_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_dispatch
tests_test_dispatch_SOURCES  = tests/test_dispatch.c $(TEST_PROBE)
tests_test_dispatch_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_dispatch_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_door
tests_test_door_SOURCES  = tests/test_door.c tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_test_door_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_door_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_exchange
tests_test_exchange_SOURCES  = tests/test_exchange.c $(TEST_PROBE) $(TEST_ALLOC)
tests_test_exchange_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_exchange_LDADD    = libvane-core.la $(LDADD)
tests_test_exchange_LDFLAGS  = $(TEST_FLAGS_ALLOC)

if WITH_FASTCGI
check_PROGRAMS += tests/test_fastcgi
tests_test_fastcgi_SOURCES  = tests/test_fastcgi.c tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/pace.h
tests_test_fastcgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_fastcgi_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_fcgx
tests_test_fcgx_SOURCES  = tests/test_fcgx.c adapters/fcgx.c adapters/record.c adapters/wait.c \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h
tests_test_fcgx_CPPFLAGS = $(TEST_CPPFLAGS) $(FCGI_CFLAGS)
tests_test_fcgx_LDADD    = $(LDADD) $(FCGI_LIBS)

check_PROGRAMS += tests/test_range
tests_test_range_SOURCES  = tests/test_range.c lib/range.c lib/slice.c
tests_test_range_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_record
tests_test_record_SOURCES  = tests/test_record.c adapters/bytes.c adapters/intake.c adapters/record.c \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h
tests_test_record_CPPFLAGS = $(TEST_CPPFLAGS) $(FCGI_CFLAGS)
endif

if WITH_FASTCGI
check_PROGRAMS += tests/test_failures
tests_test_failures_SOURCES  = tests/test_failures.c \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_test_failures_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_failures_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_linger
tests_test_linger_SOURCES  = tests/test_linger.c \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_test_linger_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_linger_LDADD    = $(LDADD) libvane.la
endif

check_PROGRAMS += tests/test_fields
tests_test_fields_SOURCES  = tests/test_fields.c lib/fields.c lib/arena.c lib/slice.c \
	$(TEST_ALLOC)
tests_test_fields_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_fields_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_form
tests_test_form_SOURCES  = tests/test_form.c lib/form.c lib/arena.c lib/slice.c $(TEST_ALLOC)
tests_test_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_form_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_h1in
tests_test_h1in_SOURCES  = tests/test_h1in.c tests/support/h1feed.c tests/support/h1feed.h \
	lib/h1in.c lib/chunked.c lib/arena.c lib/buf.c lib/fields.c lib/log.c lib/slice.c lib/uri.c
tests_test_h1in_CPPFLAGS = $(TEST_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_test_h1in_LDADD    = $(LDADD) $(TEST_LLHTTP)

check_PROGRAMS += tests/test_h1out
tests_test_h1out_SOURCES  = tests/test_h1out.c lib/h1out.c lib/buf.c lib/date.c lib/slice.c
tests_test_h1out_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_gw_bytes
tests_test_gw_bytes_SOURCES  = tests/test_gw_bytes.c gateway/bytes.c $(TEST_ALLOC)
tests_test_gw_bytes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_gw_bytes_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_gw_record
tests_test_gw_record_SOURCES  = tests/test_gw_record.c gateway/record.c \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h
tests_test_gw_record_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_gw_fastcgi
tests_test_gw_fastcgi_SOURCES  = tests/test_gw_fastcgi.c $(TEST_APP_PEER) $(TEST_SITE)
tests_test_gw_fastcgi_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_test_gw_fastcgi_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_gw_fair
tests_test_gw_fair_SOURCES  = tests/test_gw_fair.c $(TEST_APP_PEER) $(TEST_SITE)
tests_test_gw_fair_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_test_gw_fair_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_gw_alloc
tests_test_gw_alloc_SOURCES  = tests/test_gw_alloc.c $(TEST_CENSUS) $(TEST_SITE) $(TEST_ALLOC)
tests_test_gw_alloc_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_gw_alloc_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)
tests_test_gw_alloc_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_gw_faults
tests_test_gw_faults_SOURCES  = tests/test_gw_faults.c $(TEST_CENSUS) $(TEST_SITE) \
	tests/support/faults.c tests/support/faults.h
tests_test_gw_faults_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_gw_faults_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_gw_gate
tests_test_gw_gate_SOURCES  = tests/test_gw_gate.c gateway/gate.c
tests_test_gw_gate_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_gw_gate_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_gw_head
tests_test_gw_head_SOURCES  = tests/test_gw_head.c gateway/head.c gateway/bytes.c $(TEST_ALLOC)
tests_test_gw_head_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_gw_head_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_gw_script
tests_test_gw_script_SOURCES  = tests/test_gw_script.c gateway/script.c gateway/bytes.c \
	gateway/vars.c gateway/vars_request.c tests/support/tmp.c tests/support/tmp.h \
	$(TEST_PROBE) $(TEST_ALLOC)
tests_test_gw_script_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_gw_script_LDADD    = libvane-core.la $(LDADD)
tests_test_gw_script_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_gw_site
tests_test_gw_site_SOURCES  = tests/test_gw_site.c gateway/site.c gateway/site.h $(TEST_SITE) \
	tests/support/tmp.c tests/support/tmp.h
tests_test_gw_site_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_test_gw_site_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_gw_slow
tests_test_gw_slow_SOURCES  = tests/test_gw_slow.c tests/support/tmp.c tests/support/tmp.h \
	$(TEST_APP_PEER) $(TEST_SITE)
tests_test_gw_slow_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_test_gw_slow_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_gw_upstream
tests_test_gw_upstream_SOURCES  = tests/test_gw_upstream.c tests/support/port.c tests/support/port.h \
	tests/support/tmp.c tests/support/tmp.h $(TEST_ALLOC)
tests_test_gw_upstream_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_gw_upstream_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)
tests_test_gw_upstream_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_gw_vars
tests_test_gw_vars_SOURCES  = tests/test_gw_vars.c gateway/vars.c gateway/bytes.c $(TEST_ALLOC)
tests_test_gw_vars_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_gw_vars_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_gw_vars_request
tests_test_gw_vars_request_SOURCES  = tests/test_gw_vars_request.c gateway/vars.c \
	gateway/vars_request.c gateway/bytes.c $(TEST_PROBE) $(TEST_ALLOC)
tests_test_gw_vars_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_gw_vars_request_LDADD    = libvane-core.la $(LDADD)
tests_test_gw_vars_request_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_handover
tests_test_handover_SOURCES  = tests/test_handover.c lib/handover.c lib/log.c lib/loop.c lib/evalloc.c lib/sigpipe.c lib/timers.c
tests_test_handover_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_test_handover_LDADD    = $(LDADD) $(EV_LIBS)

check_PROGRAMS += tests/test_html
tests_test_html_SOURCES  = tests/test_html.c lib/html.c lib/buf.c lib/slice.c $(TEST_ALLOC)
tests_test_html_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_html_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_listen
tests_test_listen_SOURCES  = tests/test_listen.c adapters/listen_parse.c
tests_test_listen_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_log
tests_test_log_SOURCES  = tests/test_log.c lib/log.c
tests_test_log_CPPFLAGS = $(TEST_CPPFLAGS)
check_PROGRAMS += tests/test_cpus
tests_test_cpus_SOURCES  = tests/test_cpus.c lib/cpus.c lib/slice.c lib/log.c
tests_test_cpus_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_loop
tests_test_loop_SOURCES  = tests/test_loop.c lib/loop.c lib/evalloc.c lib/sigpipe.c lib/timers.c
tests_test_loop_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_test_loop_LDADD    = $(LDADD) $(EV_LIBS)

check_PROGRAMS += tests/test_ends
tests_test_ends_SOURCES  = tests/test_ends.c tests/support/proc.c tests/support/proc.h \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h tests/support/scgi_peer.c \
	tests/support/scgi_peer.h \
	tests/support/port.c tests/support/port.h tests/support/tmp.c tests/support/tmp.h
tests_test_ends_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) -D_GNU_SOURCE
tests_test_ends_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_main
tests_test_main_SOURCES  = tests/test_main.c
tests_test_main_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS)
tests_test_main_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_meta
tests_test_meta_SOURCES  = tests/test_meta.c lib/meta.c lib/arena.c lib/fields.c lib/slice.c \
	lib/uri.c $(TEST_ALLOC)
tests_test_meta_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_meta_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_method
tests_test_method_SOURCES  = tests/test_method.c lib/method.c lib/slice.c
tests_test_method_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_mime
tests_test_mime_SOURCES  = tests/test_mime.c lib/slice.c
tests_test_mime_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_mode
tests_test_mode_SOURCES  = tests/test_mode.c adapters/mode.c
tests_test_mode_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_mount
tests_test_mount_SOURCES  = tests/test_mount.c lib/mount.c lib/slice.c
tests_test_mount_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_multipart
tests_test_multipart_SOURCES  = tests/test_multipart.c lib/multipart.c lib/arena.c \
	lib/fields.c lib/slice.c $(TEST_ALLOC)
tests_test_multipart_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_multipart_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_netutil
tests_test_netutil_SOURCES  = tests/test_netutil.c lib/netutil.c lib/unixsock.c lib/slice.c lib/log.c
tests_test_netutil_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_options
tests_test_options_SOURCES  = tests/test_options.c lib/options.c lib/options_help.c \
	lib/options_parse.c lib/options_value.c lib/log.c lib/slice.c
tests_test_options_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_pattern
tests_test_pattern_SOURCES  = tests/test_pattern.c lib/pattern.c lib/pattern_cover.c \
	lib/pattern_url.c lib/buf.c lib/slice.c lib/uri.c $(TEST_ALLOC)
tests_test_pattern_CPPFLAGS = $(TEST_CPPFLAGS) $(PCRE2_CFLAGS)
tests_test_pattern_LDADD    = $(LDADD) $(PCRE2_LIBS)
tests_test_pattern_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_print_config
tests_test_print_config_SOURCES  = tests/test_print_config.c adapters/listen_parse.c \
	adapters/mode.c adapters/print_config.c adapters/stanza.c adapters/stanza_manager.c lib/log.c
tests_test_print_config_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_process
tests_test_process_SOURCES  = tests/test_process.c lib/process.c lib/master.c lib/restarts.c \
	lib/signame.c lib/cpus.c lib/slice.c lib/log.c lib/loop.c lib/evalloc.c lib/sigpipe.c lib/timers.c
tests_test_process_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_test_process_LDADD    = $(LDADD) $(EV_LIBS)

if WITH_FASTCGI
check_PROGRAMS += tests/test_program
tests_test_program_SOURCES  = tests/test_program.c $(TEST_SITE) $(TEST_PROBE) \
	tests/support/tmp.c tests/support/tmp.h tests/support/vfork.h
tests_test_program_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_program_LDADD    = libvane-gateway.la libvane-core.la $(LDADD)
tests_test_program_LDFLAGS  = $(AM_LDFLAGS) -Wl,--wrap=access
endif

check_PROGRAMS += tests/test_request
tests_test_request_SOURCES  = tests/test_request.c $(TEST_PROBE)
tests_test_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_request_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_request_memory
tests_test_request_memory_SOURCES  = tests/test_request_memory.c $(TEST_PROBE)
tests_test_request_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_request_memory_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_response
tests_test_response_SOURCES  = tests/test_response.c $(TEST_PROBE)
tests_test_response_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_response_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_route
tests_test_route_SOURCES  = tests/test_route.c lib/route.c lib/arena.c lib/buf.c lib/form.c \
	lib/log.c lib/pattern.c lib/pattern_cover.c lib/pattern_url.c lib/slice.c lib/uri.c \
	$(TEST_ALLOC)
tests_test_route_CPPFLAGS = $(TEST_CPPFLAGS) $(PCRE2_CFLAGS)
tests_test_route_LDADD    = $(LDADD) $(PCRE2_LIBS)
tests_test_route_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_scgi
tests_test_scgi_SOURCES  = tests/test_scgi.c tests/support/scgi_peer.c tests/support/scgi_peer.h \
	tests/support/pace.h
tests_test_scgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_scgi_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_null
tests_test_null_SOURCES  = tests/test_null.c $(TEST_SITE)
tests_test_null_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_null_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_no_memory
tests_test_no_memory_SOURCES  = tests/test_no_memory.c $(TEST_ALLOC) \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h tests/support/port.c tests/support/port.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_test_no_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_no_memory_LDADD    = $(LDADD) libvane.la
tests_test_no_memory_LDFLAGS  = $(TEST_FLAGS_ALLOC) -static

check_PROGRAMS += tests/test_scgi_head
tests_test_scgi_head_SOURCES  = tests/test_scgi_head.c adapters/bytes.c adapters/netstring.c \
	adapters/scgi_head.c $(TEST_ALLOC)
tests_test_scgi_head_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_scgi_head_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_server
tests_test_server_SOURCES  = tests/test_server.c $(TEST_SITE)
tests_test_server_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_server_alloc
tests_test_server_alloc_SOURCES  = tests/test_server_alloc.c $(TEST_SITE) $(TEST_ALLOC)
tests_test_server_alloc_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_alloc_LDADD    = libvane-core.la $(LDADD)
tests_test_server_alloc_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_server_life
tests_test_server_life_SOURCES  = tests/test_server_life.c $(TEST_SITE)
tests_test_server_life_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_life_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_server_peer
tests_test_server_peer_SOURCES  = tests/test_server_peer.c $(TEST_SITE)
tests_test_server_peer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_peer_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_server_fair
tests_test_server_fair_SOURCES  = tests/test_server_fair.c $(TEST_SITE)
tests_test_server_fair_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_fair_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_body_total
tests_test_body_total_SOURCES  = tests/test_body_total.c $(TEST_SITE)
tests_test_body_total_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_body_total_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_descriptors
tests_test_descriptors_SOURCES  = tests/test_descriptors.c $(TEST_SITE)
tests_test_descriptors_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_descriptors_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_server_limits
tests_test_server_limits_SOURCES  = tests/test_server_limits.c $(TEST_SITE) tests/support/pace.h
tests_test_server_limits_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_limits_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_server_stop
tests_test_server_stop_SOURCES  = tests/test_server_stop.c $(TEST_SITE)
tests_test_server_stop_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_stop_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_server_stream
tests_test_server_stream_SOURCES  = tests/test_server_stream.c $(TEST_SITE)
tests_test_server_stream_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_server_stream_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_settings
tests_test_settings_SOURCES  = tests/test_settings.c adapters/listen_parse.c adapters/settings.c \
	lib/log.c lib/options.c lib/options_help.c lib/options_parse.c lib/options_value.c \
	lib/slice.c lib/version.c
tests_test_settings_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_socket_owner
tests_test_socket_owner_SOURCES  = tests/test_socket_owner.c adapters/identity.c adapters/listen.c \
	adapters/listen_parse.c adapters/mode.c adapters/ownfile.c \
	tests/support/tmp.c tests/support/tmp.h
tests_test_socket_owner_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_socket_owner_LDFLAGS  = $(AM_LDFLAGS) -Wl,--wrap=chmod,--wrap=fchmodat \
	-Wl,--wrap=chown,--wrap=lchown,--wrap=fchownat
tests_test_socket_owner_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_slice
tests_test_slice_SOURCES  = tests/test_slice.c lib/slice.c
tests_test_slice_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_restarts
tests_test_restarts_SOURCES  = tests/test_restarts.c lib/restarts.c
tests_test_restarts_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_sigpipe
tests_test_sigpipe_SOURCES  = tests/test_sigpipe.c $(TEST_SITE)
tests_test_sigpipe_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_sigpipe_LDADD    = libvane-core.la $(LDADD)

check_PROGRAMS += tests/test_start
tests_test_start_SOURCES  = tests/test_start.c tests/support/port.c tests/support/proc.c \
	tests/support/tmp.c
tests_test_start_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_test_start_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/test_static
tests_test_static_SOURCES  = tests/test_static.c $(TEST_PROBE) $(TEST_ALLOC) \
	tests/support/tmp.c tests/support/tmp.h
tests_test_static_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_test_static_LDADD    = libvane-core.la $(LDADD)
tests_test_static_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/test_status
tests_test_status_SOURCES  = tests/test_status.c lib/status.c lib/slice.c
tests_test_status_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_timers
tests_test_timers_SOURCES  = tests/test_timers.c lib/timers.c
tests_test_timers_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_tree
tests_test_tree_SOURCES  = tests/test_tree.c lib/tree.c lib/log.c lib/slice.c \
	tests/support/tmp.c tests/support/tmp.h
tests_test_tree_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE

check_PROGRAMS += tests/test_uri
tests_test_uri_SOURCES  = tests/test_uri.c lib/uri.c lib/slice.c
tests_test_uri_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_xheaders
tests_test_xheaders_SOURCES  = tests/test_xheaders.c lib/xheaders.c lib/slice.c $(TEST_ALLOC)
tests_test_xheaders_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_xheaders_LDFLAGS  = $(TEST_FLAGS_ALLOC)

# Fuzz targets.  With --enable-fuzzing they are programs of libFuzzer; else their main() is
# that of fuzz_replay.c, and make check runs tests/corpus/x for fuzz_x.  tests/fuzz.h says more.
FUZZ_TARGETS =
EXTRA_DIST += tests/corpus
if FUZZING
FUZZ_MAIN = tests/fuzz.h
FUZZ_FLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += $(FUZZ_TARGETS)
else
FUZZ_MAIN = tests/fuzz.h tests/fuzz_replay.c
FUZZ_FLAGS = $(AM_LDFLAGS)
check_PROGRAMS += $(FUZZ_TARGETS)
endif

FUZZ_TARGETS += tests/fuzz_cgihead
tests_fuzz_cgihead_SOURCES  = tests/fuzz_cgihead.c $(FUZZ_MAIN) \
	gateway/head.c gateway/bytes.c lib/slice.c
tests_fuzz_cgihead_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_cgihead_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_chunked
tests_fuzz_chunked_SOURCES  = tests/fuzz_chunked.c $(FUZZ_MAIN) \
	lib/h1in.c lib/chunked.c lib/arena.c lib/buf.c lib/fields.c lib/log.c lib/slice.c lib/uri.c
tests_fuzz_chunked_CPPFLAGS = $(TEST_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_fuzz_chunked_LDADD    = $(TEST_LLHTTP)
tests_fuzz_chunked_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_cookie
tests_fuzz_cookie_SOURCES  = tests/fuzz_cookie.c $(FUZZ_MAIN) \
	lib/cookie.c lib/arena.c lib/buf.c lib/date.c lib/fields.c lib/slice.c
tests_fuzz_cookie_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_cookie_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_exchange
tests_fuzz_exchange_SOURCES  = tests/fuzz_exchange.c $(FUZZ_MAIN)
tests_fuzz_exchange_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_exchange_LDADD    = libvane-core.la
tests_fuzz_exchange_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_form
tests_fuzz_form_SOURCES  = tests/fuzz_form.c $(FUZZ_MAIN) \
	lib/form.c lib/arena.c lib/buf.c lib/slice.c lib/uri.c
tests_fuzz_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_form_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_head
tests_fuzz_head_SOURCES  = tests/fuzz_head.c $(FUZZ_MAIN) tests/support/h1feed.c \
	tests/support/h1feed.h lib/h1in.c lib/chunked.c lib/arena.c lib/buf.c lib/fields.c lib/log.c \
	lib/slice.c lib/uri.c
tests_fuzz_head_CPPFLAGS = $(TEST_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_fuzz_head_LDADD    = $(TEST_LLHTTP)
tests_fuzz_head_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_meta
tests_fuzz_meta_SOURCES  = tests/fuzz_meta.c $(FUZZ_MAIN) \
	lib/meta.c lib/arena.c lib/fields.c lib/slice.c lib/uri.c
tests_fuzz_meta_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_meta_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_multipart
tests_fuzz_multipart_SOURCES  = tests/fuzz_multipart.c $(FUZZ_MAIN) \
	lib/multipart.c lib/arena.c lib/buf.c lib/fields.c lib/slice.c
tests_fuzz_multipart_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_multipart_LDFLAGS  = $(FUZZ_FLAGS)

if WITH_FASTCGI
FUZZ_TARGETS += tests/fuzz_range
tests_fuzz_range_SOURCES  = tests/fuzz_range.c $(FUZZ_MAIN) \
	lib/range.c lib/cond.c lib/date.c lib/slice.c
tests_fuzz_range_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_range_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_record
tests_fuzz_record_SOURCES  = tests/fuzz_record.c $(FUZZ_MAIN) \
	adapters/bytes.c adapters/intake.c adapters/record.c lib/slice.c
tests_fuzz_record_CPPFLAGS = $(TEST_CPPFLAGS) $(FCGI_CFLAGS)
tests_fuzz_record_LDFLAGS  = $(FUZZ_FLAGS)
endif

FUZZ_TARGETS += tests/fuzz_upstream
tests_fuzz_upstream_SOURCES  = tests/fuzz_upstream.c $(FUZZ_MAIN) \
	gateway/record.c lib/slice.c
tests_fuzz_upstream_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_upstream_LDFLAGS  = $(FUZZ_FLAGS)
FUZZ_TARGETS += tests/fuzz_scgi
tests_fuzz_scgi_SOURCES  = tests/fuzz_scgi.c $(FUZZ_MAIN) \
	adapters/bytes.c adapters/netstring.c adapters/scgi_head.c lib/slice.c
tests_fuzz_scgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_scgi_LDFLAGS  = $(FUZZ_FLAGS)

# Whole connections, the peer in the same process.
TEST_FUZZPEER = tests/support/fuzzpeer.c tests/support/fuzzpeer.h

FUZZ_TARGETS += tests/fuzz_conn_http
tests_fuzz_conn_http_SOURCES  = tests/fuzz_conn.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_fuzz_conn_http_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_MODE=HTTP
tests_fuzz_conn_http_LDADD    = libvane-adapters.la libvane-core.la
tests_fuzz_conn_http_LDFLAGS  = $(FUZZ_FLAGS)

if WITH_FASTCGI
FUZZ_TARGETS += tests/fuzz_conn_fastcgi
tests_fuzz_conn_fastcgi_SOURCES  = tests/fuzz_conn.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_fuzz_conn_fastcgi_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_MODE=FASTCGI
tests_fuzz_conn_fastcgi_LDADD    = libvane-adapters.la libvane-core.la
tests_fuzz_conn_fastcgi_LDFLAGS  = $(FUZZ_FLAGS)
endif

FUZZ_TARGETS += tests/fuzz_conn_scgi
tests_fuzz_conn_scgi_SOURCES  = tests/fuzz_conn.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_fuzz_conn_scgi_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_MODE=SCGI
tests_fuzz_conn_scgi_LDADD    = libvane-adapters.la libvane-core.la
tests_fuzz_conn_scgi_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_backend
tests_fuzz_backend_SOURCES  = tests/fuzz_backend.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_fuzz_backend_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_fuzz_backend_LDADD    = libvane-gateway.la libvane-core.la
tests_fuzz_backend_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_options
tests_fuzz_options_SOURCES  = tests/fuzz_options.c $(FUZZ_MAIN)
tests_fuzz_options_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_options_LDADD    = libvane-core.la
tests_fuzz_options_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_routes
tests_fuzz_routes_SOURCES  = tests/fuzz_routes.c $(FUZZ_MAIN)
tests_fuzz_routes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_routes_LDADD    = libvane-core.la
tests_fuzz_routes_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/fuzz_uri
tests_fuzz_uri_SOURCES  = tests/fuzz_uri.c $(FUZZ_MAIN) \
	lib/uri.c lib/slice.c
tests_fuzz_uri_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_uri_LDFLAGS  = $(FUZZ_FLAGS)

TESTS += $(check_PROGRAMS)
endif

# The tree itself: who includes whom, what the library shows, whose it is.
TREE_TESTS = tests/exports tests/help tests/layers tests/spdx
TESTS += $(TREE_TESTS) tests/format tests/printed
EXTRA_DIST += tests/exports tests/exports.list tests/format tests/help tests/layers tests/printed tests/spdx \
	tests/test.h tests/valgrind.supp
