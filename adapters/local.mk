# SPDX-License-Identifier: MIT
#
# adapters/: other ways to be started; and main/, the choice between them.

includevane_HEADERS += \
	adapters/include/vane/cgi.h \
	adapters/include/vane/fastcgi.h \
	adapters/include/vane/main.h \
	adapters/include/vane/scgi.h

# The words, the bytes and the sockets of lib are for all; of what lies above them adapters see what
# an application sees.
SEES_ROOMS = -I$(srcdir)/lib/include $(SEES_NET) -I$(srcdir)/lib/wire

noinst_LTLIBRARIES += libvane-adapters.la
libvane_la_LIBADD += libvane-adapters.la
LIBS_ADAPTERS = libvane-adapters.la $(LIBS_SERVER)
libvane_adapters_la_CPPFLAGS = $(SEES_ROOMS) -I$(srcdir)/adapters/include
libvane_adapters_la_SOURCES = \
	adapters/cgi.c \
	adapters/fastcgi.c adapters/fastcgi.h \
	adapters/fastcgi_driver.c \
	adapters/fastcgi_out.c \
	adapters/fastcgi_serve.c \
	adapters/outbox.c adapters/outbox.h \
	adapters/responder.c adapters/responder.h \
	adapters/responder_conn.c \
	adapters/responder_driver.c adapters/responder_look.c adapters/responder_mistaken.c \
	adapters/responder_serve.c \
	adapters/scgi.c adapters/scgi.h \
	adapters/scgi_driver.c \
	adapters/scgi_serve.c

# vane_main(): which of them it is.
noinst_LTLIBRARIES += libvane-main.la
libvane_la_LIBADD += libvane-main.la
LIBS_MAIN = libvane-main.la $(LIBS_ADAPTERS)
libvane_main_la_CPPFLAGS = $(libvane_adapters_la_CPPFLAGS) -I$(srcdir)/adapters
libvane_main_la_SOURCES = \
	adapters/main/autoreload.c adapters/main/autoreload.h \
	adapters/main/confine.c adapters/main/confine.h \
	adapters/main/doctor.c adapters/main/doctor.h \
	adapters/main/doctor_ask.c adapters/main/doctor_checks.c \
	adapters/main/doctor_check_fields.c adapters/main/doctor_check_flow.c \
	adapters/main/doctor_check_path.c adapters/main/doctor_check_vars.c \
	adapters/main/doctor_front.c adapters/main/doctor_lines.c \
	adapters/main/doctor_page.c adapters/main/doctor_probes.c \
	adapters/main/doctor_report.c adapters/main/doctor_seen.c \
	adapters/main/doctor_url.c \
	adapters/main/ending.c adapters/main/ending.h \
	adapters/main/privileges.c adapters/main/privileges.h \
	adapters/main/listen.c adapters/main/listen.h \
	adapters/main/listen_parse.c \
	adapters/main/logs.c adapters/main/logs.h \
	adapters/main/mode.c adapters/main/mode.h \
	adapters/main/origin.c adapters/main/origin.h \
	adapters/main/ownfile.c adapters/main/ownfile.h \
	adapters/main/pages.c adapters/main/pages.h \
	adapters/main/pages_access.c \
	adapters/main/print_config.c adapters/main/print_config.h \
	adapters/main/renewal.c adapters/main/renewal.h \
	adapters/main/report.c \
	adapters/main/run.c adapters/main/run.h \
	adapters/main/serve.c adapters/main/serve.h \
	adapters/main/serve_opts.c adapters/main/serve_opts.h \
	adapters/main/succession.c adapters/main/succession.h \
	adapters/main/settings.c adapters/main/settings.h \
	adapters/main/status.c adapters/main/status.h \
	adapters/main/status_figures.c \
	adapters/main/status_html.c \
	adapters/main/status_json.c \
	adapters/main/status_metrics.c \
	adapters/main/front_config.c adapters/main/front_config.h \
	adapters/main/front_config_apache.c adapters/main/front_config_care.c \
	adapters/main/front_config_files.c adapters/main/front_config_fill.c \
	adapters/main/front_config_manager.c \
	adapters/main/front_config_nginx.c adapters/main/front_config_proxy.c \
	adapters/main/front_config_words.c
