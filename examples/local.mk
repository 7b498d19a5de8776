# SPDX-License-Identifier: MIT
#
# examples/: one idea for each program.  Built by make, tried by check, never installed; they
# see what an installed Vane would show them.

EXAMPLES = \
	examples/demo examples/files examples/form examples/gateway examples/hello \
	examples/modes examples/pid examples/pieces examples/site \
	examples/upload

noinst_PROGRAMS += $(EXAMPLES)
examples_demo_LDADD = libvane.la
examples_files_LDADD = libvane.la
examples_form_LDADD = libvane.la
examples_gateway_LDADD = libvane.la
examples_hello_LDADD = libvane.la
examples_modes_LDADD = libvane.la
examples_pid_LDADD = libvane.la
examples_pieces_LDADD = libvane.la
examples_site_LDADD = libvane.la
examples_upload_LDADD = libvane.la

if HAVE_SQLITE
noinst_PROGRAMS += examples/guestbook
examples_guestbook_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
examples_guestbook_LDADD = libvane.la $(SQLITE_LIBS)
endif

# Programs of libfcgi, which they link themselves.
if WITH_FASTCGI
noinst_PROGRAMS += examples/ported examples/ported_stdio
examples_ported_CPPFLAGS = $(AM_CPPFLAGS) $(FCGI_CFLAGS)
examples_ported_LDADD = libvane.la $(FCGI_LIBS)
examples_ported_stdio_CPPFLAGS = $(AM_CPPFLAGS) $(FCGI_CFLAGS)
examples_ported_stdio_LDADD = libvane.la $(FCGI_LIBS)
endif
