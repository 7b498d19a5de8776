# SPDX-License-Identifier: MIT
#
# tests/: the suites, and what all tests share; units.mk has the unit tests.

TEST_CPPFLAGS = $(AM_CPPFLAGS) $(SEES_SERVER) -I$(srcdir)/tests $(CMOCKA_CFLAGS)

# For tests that make allocations fail: these sources, and these flags for the linker.
TEST_ALLOC = tests/support/alloc.c tests/support/alloc.h
TEST_FLAGS_ALLOC = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

# For tests of an application as a whole, through the test client.
TEST_FAKE  = tests/support/fake.c tests/support/fake.h
TEST_PROBE = tests/support/probe.c tests/support/probe.h
TEST_LOCALE = tests/support/locale.c tests/support/locale.h
TEST_TRACE = tests/support/trace.c tests/support/trace.h

# For tests of a program's options that are limits.
TEST_OPTION_LIMITS = tests/support/option_limits.c tests/support/option_limits.h

# And with what only a server in front says.
TEST_FRONT = tests/support/front.c tests/support/front.h

# For tests of the native server: one in the test's process, and its clients.
TEST_SITE = tests/support/site.c tests/support/site.h
TEST_SHARED = tests/support/shared.c tests/support/shared.h $(TEST_SITE)

# For tests of masters and workers.
TEST_FAMILY = tests/support/family.c tests/support/family.h

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
tests_echoapp_CPPFLAGS = $(AM_CPPFLAGS) $(FCGI_CFLAGS) $(JANSSON_CFLAGS) -I$(srcdir)/tests -D_GNU_SOURCE
tests_echoapp_LDFLAGS  = $(AM_LDFLAGS) -static
tests_echoapp_LDADD    = libvane.la $(FCGI_LIBS) $(JANSSON_LIBS)
ECHO_SOURCES = \
	tests/echoflow.c tests/echoflow.h \
	tests/echoreq.c tests/echoreq.h \
	tests/echores.c tests/echores.h \
	tests/echofilter.c tests/echofilter.h \
	tests/echoroutes.c tests/echoroutes.h \
	tests/echotypes.c tests/echotypes.h \
	tests/support/pattern.h
if WITH_FASTCGI
ECHO_SOURCES += tests/echoported.c tests/echoported.h
endif

# Programs that behave badly, to stand behind the gateway.
noinst_PROGRAMS += tests/fixtures/actor
tests_fixtures_actor_SOURCES  = tests/fixtures/actor.c
tests_fixtures_actor_CPPFLAGS = -D_GNU_SOURCE
tests_fixtures_actor_CFLAGS   = $(VANE_CFLAGS)
tests_fixtures_actor_LDFLAGS  =
tests_fixtures_actor_LDADD    =

noinst_PROGRAMS += tests/fixtures/badcgi
tests_fixtures_badcgi_SOURCES  = tests/fixtures/badcgi.c tests/fixtures/answers.c \
	tests/fixtures/answers.h
tests_fixtures_badcgi_CPPFLAGS = -I$(srcdir)/tests -D_GNU_SOURCE
tests_fixtures_badcgi_LDADD    =

noinst_PROGRAMS += tests/fixtures/badpeer
tests_fixtures_badpeer_SOURCES  = tests/fixtures/badpeer.c tests/fixtures/answers.c \
	tests/fixtures/answers.h tests/fixtures/peerwire.c tests/fixtures/peerwire.h \
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
tests_libsuite_la_CPPFLAGS = $(SUITE_CPPFLAGS) $(FCGI_CFLAGS) $(JANSSON_CFLAGS)
tests_libsuite_la_LIBADD   = libvane.la $(FCGI_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(CMOCKA_LIBS) -lpthread
tests_libsuite_la_SOURCES  = $(ECHO_SOURCES) tests/allow.c tests/allow.h tests/carrier.c \
	tests/carrier.h tests/compare.c tests/compare.h tests/fronts/front.c tests/fronts/front.h \
	tests/suite.c tests/suite.h tests/suite_requests.c tests/suite_responses.c tests/support/ask.c \
	tests/support/ask.h tests/support/cgivars.c tests/support/cgivars.h tests/support/http.c \
	tests/support/http.h tests/support/port.c tests/support/port.h tests/support/proc.c \
	tests/support/proc.h tests/support/raw.c tests/support/raw.h tests/support/tmp.c \
	tests/support/tmp.h

# Load, and front servers that hide no loss.
LOAD_SOURCES = tests/support/load.c tests/support/load.h tests/support/port.c tests/support/port.h \
	tests/support/proc.c tests/support/proc.h
noinst_PROGRAMS += tests/fixtures/clients
tests_fixtures_clients_SOURCES  = tests/fixtures/clients.c $(LOAD_SOURCES)
tests_fixtures_clients_CPPFLAGS = -I$(srcdir)/tests -D_GNU_SOURCE
tests_fixtures_clients_LDADD    = -lpthread
RELAY_SOURCES = tests/fronts/relay.c tests/fronts/relay.h tests/fronts/apache.c tests/fronts/apache.h \
	tests/support/load.c tests/support/load.h

# The longest of all come first, as those that end last are waited for.
TESTS += tests/deployed
check_PROGRAMS += tests/churn
tests_churn_SOURCES  = tests/churn.c $(RELAY_SOURCES)
tests_churn_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_churn_LDADD    = tests/libsuite.la -lpthread

RELOAD_SITE = tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/port.c tests/support/port.h tests/support/proc.c tests/support/proc.h \
	tests/support/reload_site.c tests/support/reload_site.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h tests/support/tmp.c tests/support/tmp.h
check_PROGRAMS += tests/reload
tests_reload_SOURCES  = tests/reload.c $(RELOAD_SITE)
tests_reload_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE

check_PROGRAMS += tests/reload_load
tests_reload_load_SOURCES  = tests/reload_load.c $(RELOAD_SITE)
tests_reload_load_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_reload_load_LDADD    = $(LDADD) -lpthread

check_PROGRAMS += tests/rolling
tests_rolling_SOURCES  = tests/rolling.c $(RELAY_SOURCES)
tests_rolling_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_rolling_LDADD    = tests/libsuite.la -lpthread

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

check_PROGRAMS += tests/conform_fastcgi
tests_conform_fastcgi_SOURCES  = tests/conform_fastcgi.c $(CARRIER_FCGI)
tests_conform_fastcgi_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_fastcgi_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_gateway
tests_conform_gateway_SOURCES  = tests/conform_gateway.c $(CARRIER_FCGI)
tests_conform_gateway_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_conform_gateway_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/conform_lighttpd
tests_conform_lighttpd_SOURCES  = tests/conform_lighttpd.c tests/fronts/lighttpd.c \
	tests/fronts/lighttpd.h
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
tests_conform_scgi_SOURCES  = tests/conform_scgi.c tests/support/scgi_peer.c \
	tests/support/scgi_peer.h
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
EXTRA_DIST += tests/hosted
if WITH_FASTCGI
noinst_PROGRAMS += tests/fixtures/fcgx
tests_fixtures_fcgx_CPPFLAGS = $(FCGI_CFLAGS)
tests_fixtures_fcgx_LDADD    = $(FCGI_LIBS)
endif

check_PROGRAMS += tests/gateway_faults
tests_gateway_faults_SOURCES  = tests/gateway_faults.c $(HOSTING_SOURCES) tests/support/crowd.c \
	tests/support/crowd.h tests/support/faults.c tests/support/faults.h
tests_gateway_faults_CPPFLAGS = $(SUITE_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_gateway_faults_LDADD    = tests/libsuite.la $(TEST_LLHTTP)

check_PROGRAMS += tests/gateway_fronts
tests_gateway_fronts_SOURCES  = tests/gateway_fronts.c tests/support/census.c \
	tests/support/census.h tests/support/pages.c tests/support/pages.h
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
tests_gateway_memory_SOURCES  = tests/gateway_memory.c $(HOSTING_SOURCES) tests/support/crowd.c \
	tests/support/crowd.h
tests_gateway_memory_CPPFLAGS = $(SUITE_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_gateway_memory_LDADD    = tests/libsuite.la $(TEST_LLHTTP)

check_PROGRAMS += tests/gateway_reload
tests_gateway_reload_SOURCES  = tests/gateway_reload.c $(TEST_SITE) tests/support/tmp.c \
	tests/support/tmp.h
tests_gateway_reload_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_reload_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway_users
tests_gateway_users_SOURCES  = tests/gateway_users.c tests/support/proc.c tests/support/proc.h \
	tests/support/ask.c tests/support/ask.h tests/support/port.c tests/support/port.h \
	tests/support/raw.c tests/support/raw.h tests/support/tmp.c tests/support/tmp.h
tests_gateway_users_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_users_LDADD    = $(LDADD)

check_PROGRAMS += tests/gateway_soak
tests_gateway_soak_SOURCES  = tests/gateway_soak.c $(HOSTING_SOURCES) tests/support/crowd.c \
	tests/support/crowd.h
tests_gateway_soak_CPPFLAGS = $(SUITE_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_gateway_soak_LDADD    = tests/libsuite.la $(TEST_LLHTTP)
EXTRA_tests_gateway_soak_DEPENDENCIES = tests/fixtures/heapmeter.la

check_PROGRAMS += tests/looks
tests_looks_SOURCES  = tests/looks.c tests/support/browser.c tests/support/browser.h
tests_looks_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_looks_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/gateway_wiki
tests_gateway_wiki_SOURCES  = tests/gateway_wiki.c $(HOSTING_SOURCES) tests/support/browser.c \
	tests/support/browser.h
tests_gateway_wiki_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_gateway_wiki_LDADD    = tests/libsuite.la

if WITH_FASTCGI
check_PROGRAMS += tests/ported
tests_ported_SOURCES  = tests/ported.c tests/fronts/nginx.c tests/fronts/nginx.h
tests_ported_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_ported_LDADD    = tests/libsuite.la
endif

# Limits of all rooms: it looks at what is in force.
check_PROGRAMS += tests/limits
tests_limits_SOURCES  = tests/limits.c
tests_limits_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS) $(LLHTTP_CFLAGS) $(FCGI_CFLAGS) -D_GNU_SOURCE
tests_limits_LDADD    = libvane-gateway.la $(LIBS_ADAPTERS) $(LDADD)

# The same program in two versions.
noinst_PROGRAMS += tests/fixtures/reloadapp1 tests/fixtures/reloadapp2
tests_fixtures_reloadapp1_SOURCES  = tests/fixtures/reloadapp.c
tests_fixtures_reloadapp1_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -DVERSION=1
tests_fixtures_reloadapp1_LDFLAGS  = $(AM_LDFLAGS) -static
tests_fixtures_reloadapp1_LDADD    = libvane.la
tests_fixtures_reloadapp2_SOURCES  = tests/fixtures/reloadapp.c
tests_fixtures_reloadapp2_CPPFLAGS = $(AM_CPPFLAGS) -D_GNU_SOURCE -DVERSION=2
tests_fixtures_reloadapp2_LDFLAGS  = $(AM_LDFLAGS) -static
tests_fixtures_reloadapp2_LDADD    = libvane.la

check_PROGRAMS += tests/sandbox
tests_sandbox_SOURCES  = tests/sandbox.c tests/support/proc.c tests/support/proc.h \
	tests/support/ask.c tests/support/ask.h tests/support/port.c tests/support/port.h \
	tests/support/raw.c tests/support/raw.h \
	tests/support/tmp.c tests/support/tmp.h
tests_sandbox_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_sandbox_LDFLAGS  = $(AM_LDFLAGS) -static
tests_sandbox_LDADD    = libvane.la $(LDADD)

# With the load of the benchmarks.
noinst_PROGRAMS += bench/load bench/load_fcgi
check_PROGRAMS += tests/figures
tests_figures_SOURCES  = tests/figures.c tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/metrics.c tests/support/metrics.h tests/support/port.c tests/support/port.h \
	tests/support/proc.c tests/support/proc.h tests/support/tmp.c tests/support/tmp.h
tests_figures_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_figures_LDADD    = $(LDADD) -lm

check_PROGRAMS += tests/autoreload
tests_autoreload_SOURCES  = tests/autoreload.c tests/support/port.c tests/support/port.h \
	tests/support/proc.c tests/support/proc.h tests/support/tmp.c tests/support/tmp.h
tests_autoreload_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_autoreload_LDADD    = $(LDADD) -lpthread

check_PROGRAMS += tests/life
tests_life_SOURCES  = tests/life.c
tests_life_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_life_LDADD    = tests/libsuite.la

check_PROGRAMS += tests/robust_native
tests_robust_native_SOURCES  = tests/robust_native.c
tests_robust_native_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_robust_native_LDADD    = tests/libsuite.la

include tests/units.mk

TESTS += $(check_PROGRAMS)
endif

# The tree itself: who includes whom, what the library shows, whose it is.
TREE_TESTS = tests/calls tests/exports tests/help tests/layers tests/reference \
	tests/reference_text tests/rename tests/spdx
TESTS += $(TREE_TESTS) tests/doctored tests/format tests/guestbook tests/managed tests/printed tests/rerun
EXTRA_DIST += tests/calls tests/deployed tests/doctored tests/exports tests/exports.list tests/format tests/guestbook tests/help tests/layers \
	tests/managed tests/printed tests/rerun tests/reference tests/reference_text tests/rename tests/spdx \
	tests/fixtures/exports-0.1.0.list tests/support/exported.sh \
	tests/test.h tests/valgrind.supp

# A container image without a container engine, and machines without machines.
TESTS += tests/contained tests/hosts
EXTRA_DIST += tests/contained tests/hosts

# Each test that docs/seeds.md names.
TESTS += tests/seeds
EXTRA_DIST += tests/seeds

# What users compile: headers, examples, programs of documents.
TESTS += tests/docs_code tests/tutorial tests/warnings
EXTRA_DIST += tests/docs_code tests/tutorial tests/warnings
