# SPDX-License-Identifier: MIT
#
# man/: the manual pages that are written by hand, and the reference that is made from the headers:
# a page for each function (reference/man3 in the build folder), and all of it as one HTML file.

dist_man_MANS = man/vane.3 man/vane_main.3 man/vane-autoreload.1 man/vane-gateway.1 man/vane-top.1

REFERENCE_AWK = \
	scripts/reference/headers.awk scripts/reference/text.awk scripts/reference/topics.awk \
	scripts/reference/mdoc.awk scripts/reference/html.awk scripts/reference/main.awk
REFERENCE_INPUT = man/vane.3 man/vane_main.3 scripts/rename.sed \
	$(include_HEADERS) $(includevane_HEADERS)

# Which pages there are is known when they have been made, and one run makes them all: the stamp is
# what make looks at.  It is made anew whole, so that no page outlives its function.
reference/stamp: $(REFERENCE_AWK) $(REFERENCE_INPUT) configure.ac
	$(AM_V_GEN)rm -rf reference && $(MKDIR_P) reference/man3 docs && \
	LC_ALL=C $(AWK) -v version=$(PACKAGE_VERSION) -v man=reference/man3 \
		-v html=docs/reference.html -v missing=reference/missing \
		$(REFERENCE_AWK:%=-f $(srcdir)/%) $(REFERENCE_INPUT:%=$(srcdir)/%) && \
	touch $@

docs/reference.html: reference/stamp
	@test -e $@ || { rm -f reference/stamp && $(MAKE) $(AM_MAKEFLAGS) reference/stamp; }

# Installed beside the other documents, which lead to it; and what "make html" makes.
nobase_nodist_doc_DATA = docs/reference.html
html-local: docs/reference.html

all-local: reference/stamp

install-data-local: reference/stamp
	$(MKDIR_P) "$(DESTDIR)$(man3dir)"
	$(INSTALL_DATA) reference/man3/*.3 "$(DESTDIR)$(man3dir)"

uninstall-local: reference/stamp
	cd reference/man3 && for page in *.3; do rm -f "$(DESTDIR)$(man3dir)/$$page"; done

clean-local:
	rm -rf reference docs/reference.html
