# SPDX-License-Identifier: MIT
#
# tests/: a unit test links what it tests, and nothing else.

TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/lib -I$(srcdir)/tests $(CMOCKA_CFLAGS)

if HAVE_TESTS
LDADD = $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_accept
tests_test_accept_SOURCES  = tests/test_accept.c lib/accept.c lib/netutil.c lib/slice.c lib/log.c \
	lib/loop.c lib/timers.c
tests_test_accept_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_test_accept_LDADD    = $(LDADD) $(EV_LIBS)

check_PROGRAMS += tests/test_loop
tests_test_loop_SOURCES  = tests/test_loop.c lib/loop.c lib/timers.c
tests_test_loop_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_test_loop_LDADD    = $(LDADD) $(EV_LIBS)

check_PROGRAMS += tests/test_netutil
tests_test_netutil_SOURCES  = tests/test_netutil.c lib/netutil.c lib/unixsock.c lib/slice.c lib/log.c
tests_test_netutil_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_slice
tests_test_slice_SOURCES  = tests/test_slice.c lib/slice.c
tests_test_slice_CPPFLAGS = $(TEST_CPPFLAGS)

check_PROGRAMS += tests/test_timers
tests_test_timers_SOURCES  = tests/test_timers.c lib/timers.c
tests_test_timers_CPPFLAGS = $(TEST_CPPFLAGS)

TESTS += $(check_PROGRAMS)
endif
