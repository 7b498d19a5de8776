# SPDX-License-Identifier: MIT
#
# tests/: a unit test links what it tests, and nothing else.

TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/lib -I$(srcdir)/tests $(CMOCKA_CFLAGS)

if HAVE_TESTS
LDADD = $(CMOCKA_LIBS)

check_PROGRAMS += tests/test_slice
tests_test_slice_SOURCES  = tests/test_slice.c lib/slice.c
tests_test_slice_CPPFLAGS = $(TEST_CPPFLAGS)

TESTS += $(check_PROGRAMS)
endif
