# SPDX-License-Identifier: MIT
#
# tests/: the unit tests, room by room from the ground up, and the fuzz targets.  Each stands in the
# folder of what it tests, and links that room and what lies below it.

# base

check_PROGRAMS += tests/base/test_arena
tests_base_test_arena_SOURCES  = tests/base/test_arena.c $(TEST_ALLOC)
tests_base_test_arena_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_arena_LDADD    = $(LIBS_BASE) $(LDADD)
tests_base_test_arena_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/base/test_buf
tests_base_test_buf_SOURCES  = tests/base/test_buf.c $(TEST_ALLOC)
tests_base_test_buf_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_buf_LDADD    = $(LIBS_BASE) $(LDADD)
tests_base_test_buf_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/base/test_histogram
tests_base_test_histogram_SOURCES  = tests/base/test_histogram.c
tests_base_test_histogram_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_histogram_LDADD    = $(LIBS_BASE) $(LDADD)

check_PROGRAMS += tests/base/test_limit
tests_base_test_limit_SOURCES  = tests/base/test_limit.c
tests_base_test_limit_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_limit_LDADD    = $(LIBS_BASE) $(LDADD)

check_PROGRAMS += tests/base/test_list
tests_base_test_list_SOURCES  = tests/base/test_list.c
tests_base_test_list_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_list_LDADD    = $(LIBS_BASE) $(LDADD)

check_PROGRAMS += tests/base/test_log
tests_base_test_log_SOURCES  = tests/base/test_log.c
tests_base_test_log_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_log_LDADD    = $(LIBS_BASE) $(LDADD)

check_PROGRAMS += tests/base/test_log_file
tests_base_test_log_file_SOURCES  = tests/base/test_log_file.c tests/support/tmp.c tests/support/tmp.h
tests_base_test_log_file_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_base_test_log_file_LDADD    = $(LIBS_BASE) $(LDADD)

check_PROGRAMS += tests/base/test_slice
tests_base_test_slice_SOURCES  = tests/base/test_slice.c
tests_base_test_slice_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_slice_LDADD    = $(LIBS_BASE) $(LDADD)

check_PROGRAMS += tests/base/test_secret
tests_base_test_secret_SOURCES  = tests/base/test_secret.c
tests_base_test_secret_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_secret_LDADD    = $(LIBS_BASE) $(LDADD)

check_PROGRAMS += tests/base/test_utf8
tests_base_test_utf8_SOURCES  = tests/base/test_utf8.c
tests_base_test_utf8_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_utf8_LDADD    = $(LIBS_BASE) $(LDADD)

# http

check_PROGRAMS += tests/http/test_cond
tests_http_test_cond_SOURCES  = tests/http/test_cond.c
tests_http_test_cond_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_cond_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_cookie
tests_http_test_cookie_SOURCES  = tests/http/test_cookie.c $(TEST_ALLOC)
tests_http_test_cookie_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_cookie_LDADD    = $(LIBS_HTTP) $(LDADD)
tests_http_test_cookie_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/http/test_date
tests_http_test_date_SOURCES  = tests/http/test_date.c
tests_http_test_date_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_date_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_fields
tests_http_test_fields_SOURCES  = tests/http/test_fields.c $(TEST_ALLOC)
tests_http_test_fields_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_fields_LDADD    = $(LIBS_HTTP) $(LDADD)
tests_http_test_fields_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/http/test_form
tests_http_test_form_SOURCES  = tests/http/test_form.c $(TEST_ALLOC)
tests_http_test_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_form_LDADD    = $(LIBS_HTTP) $(LDADD)
tests_http_test_form_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/http/test_forwarded
tests_http_test_forwarded_SOURCES  = tests/http/test_forwarded.c
tests_http_test_forwarded_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_forwarded_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_html
tests_http_test_html_SOURCES  = tests/http/test_html.c $(TEST_ALLOC)
tests_http_test_html_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_html_LDADD    = $(LIBS_HTTP) $(LDADD)
tests_http_test_html_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/http/test_media_type
tests_http_test_media_type_SOURCES  = tests/http/test_media_type.c
tests_http_test_media_type_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_media_type_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_method
tests_http_test_method_SOURCES  = tests/http/test_method.c
tests_http_test_method_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_method_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_mime
tests_http_test_mime_SOURCES  = tests/http/test_mime.c
tests_http_test_mime_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_mime_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_mount
tests_http_test_mount_SOURCES  = tests/http/test_mount.c
tests_http_test_mount_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_mount_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_multipart
tests_http_test_multipart_SOURCES  = tests/http/test_multipart.c $(TEST_ALLOC)
tests_http_test_multipart_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_multipart_LDADD    = $(LIBS_HTTP) $(LDADD)
tests_http_test_multipart_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/http/test_negotiate
tests_http_test_negotiate_SOURCES  = tests/http/test_negotiate.c
tests_http_test_negotiate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_negotiate_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_range
tests_http_test_range_SOURCES  = tests/http/test_range.c
tests_http_test_range_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_range_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_status
tests_http_test_status_SOURCES  = tests/http/test_status.c
tests_http_test_status_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_status_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_uri
tests_http_test_uri_SOURCES  = tests/http/test_uri.c
tests_http_test_uri_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_uri_LDADD    = $(LIBS_HTTP) $(LDADD)

check_PROGRAMS += tests/http/test_xheaders
tests_http_test_xheaders_SOURCES  = tests/http/test_xheaders.c $(TEST_ALLOC)
tests_http_test_xheaders_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_test_xheaders_LDADD    = $(LIBS_HTTP) $(LDADD)
tests_http_test_xheaders_LDFLAGS  = $(TEST_FLAGS_ALLOC)

# net

check_PROGRAMS += tests/net/test_accept
tests_net_test_accept_SOURCES  = tests/net/test_accept.c
tests_net_test_accept_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_net_test_accept_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_clock
tests_net_test_clock_SOURCES  = tests/net/test_clock.c
tests_net_test_clock_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_clock_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_cpus
tests_net_test_cpus_SOURCES  = tests/net/test_cpus.c
tests_net_test_cpus_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_cpus_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_crashes
tests_net_test_crashes_SOURCES  = tests/net/test_crashes.c $(TEST_FAMILY)
tests_net_test_crashes_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_net_test_crashes_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_handover
tests_net_test_handover_SOURCES  = tests/net/test_handover.c
tests_net_test_handover_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_net_test_handover_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_loop
tests_net_test_loop_SOURCES  = tests/net/test_loop.c
tests_net_test_loop_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_net_test_loop_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_master
tests_net_test_master_SOURCES  = tests/net/test_master.c $(TEST_FAMILY)
tests_net_test_master_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_net_test_master_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_netutil
tests_net_test_netutil_SOURCES  = tests/net/test_netutil.c
tests_net_test_netutil_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_netutil_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_notify
tests_net_test_notify_SOURCES  = tests/net/test_notify.c
tests_net_test_notify_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/lib/net
tests_net_test_notify_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_process
tests_net_test_process_SOURCES  = tests/net/test_process.c $(TEST_FAMILY)
tests_net_test_process_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_net_test_process_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_roll
tests_net_test_roll_SOURCES  = tests/net/test_roll.c $(TEST_FAMILY)
tests_net_test_roll_CPPFLAGS = $(TEST_CPPFLAGS) $(EV_CFLAGS)
tests_net_test_roll_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_inherit
tests_net_test_inherit_SOURCES  = tests/net/test_inherit.c
tests_net_test_inherit_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_inherit_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_restarts
tests_net_test_restarts_SOURCES  = tests/net/test_restarts.c
tests_net_test_restarts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_restarts_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_sandbox
tests_net_test_sandbox_SOURCES  = tests/net/test_sandbox.c tests/support/tmp.c tests/support/tmp.h
tests_net_test_sandbox_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_net_test_sandbox_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_scoreboard_file
tests_net_test_scoreboard_file_SOURCES  = tests/net/test_scoreboard_file.c
tests_net_test_scoreboard_file_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_net_test_scoreboard_file_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_scoreboard
tests_net_test_scoreboard_SOURCES  = tests/net/test_scoreboard.c
tests_net_test_scoreboard_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_net_test_scoreboard_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_sigpipe
tests_net_test_sigpipe_SOURCES  = tests/net/test_sigpipe.c $(TEST_SITE)
tests_net_test_sigpipe_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_sigpipe_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/net/test_stream
tests_net_test_stream_SOURCES  = tests/net/test_stream.c
tests_net_test_stream_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_stream_LDADD    = $(LIBS_NET) $(LDADD)

check_PROGRAMS += tests/net/test_timers
tests_net_test_timers_SOURCES  = tests/net/test_timers.c
tests_net_test_timers_CPPFLAGS = $(TEST_CPPFLAGS)
tests_net_test_timers_LDADD    = $(LIBS_NET) $(LDADD)

# options

check_PROGRAMS += tests/options/test_option_limits
tests_options_test_option_limits_SOURCES  = tests/options/test_option_limits.c
tests_options_test_option_limits_CPPFLAGS = $(TEST_CPPFLAGS)
tests_options_test_option_limits_LDADD    = $(LIBS_OPTIONS) $(LDADD)

check_PROGRAMS += tests/options/test_options_env
tests_options_test_options_env_SOURCES  = tests/options/test_options_env.c $(TEST_LOCALE)
tests_options_test_options_env_CPPFLAGS = $(TEST_CPPFLAGS)
tests_options_test_options_env_LDADD    = $(LIBS_OPTIONS) $(LDADD)

check_PROGRAMS += tests/options/test_options
tests_options_test_options_SOURCES  = tests/options/test_options.c
tests_options_test_options_CPPFLAGS = $(TEST_CPPFLAGS)
tests_options_test_options_LDADD    = $(LIBS_OPTIONS) $(LDADD)

# wire

check_PROGRAMS += tests/wire/test_cgi_head
tests_wire_test_cgi_head_SOURCES  = tests/wire/test_cgi_head.c $(TEST_ALLOC)
tests_wire_test_cgi_head_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_cgi_head_LDADD    = $(LIBS_WIRE) $(LDADD)
tests_wire_test_cgi_head_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/wire/test_cgi_vars
tests_wire_test_cgi_vars_SOURCES  = tests/wire/test_cgi_vars.c $(TEST_ALLOC)
tests_wire_test_cgi_vars_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_cgi_vars_LDADD    = $(LIBS_WIRE) $(LDADD)
tests_wire_test_cgi_vars_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/wire/test_fcgi
tests_wire_test_fcgi_SOURCES  = tests/wire/test_fcgi.c
tests_wire_test_fcgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_fcgi_LDADD    = $(LIBS_WIRE) $(LDADD)

check_PROGRAMS += tests/wire/test_fcgi_client
tests_wire_test_fcgi_client_SOURCES  = tests/wire/test_fcgi_client.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h
tests_wire_test_fcgi_client_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_fcgi_client_LDADD    = $(LIBS_WIRE) $(LDADD)

if WITH_FASTCGI
check_PROGRAMS += tests/wire/test_fcgi_oracle
tests_wire_test_fcgi_oracle_SOURCES  = tests/wire/test_fcgi_oracle.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h
tests_wire_test_fcgi_oracle_CPPFLAGS = $(TEST_CPPFLAGS) $(FCGI_CFLAGS)
tests_wire_test_fcgi_oracle_LDADD    = $(LIBS_WIRE) $(FCGI_LIBS) $(LDADD)
endif

check_PROGRAMS += tests/wire/test_fcgi_request
tests_wire_test_fcgi_request_SOURCES  = tests/wire/test_fcgi_request.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h
tests_wire_test_fcgi_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_fcgi_request_LDADD    = $(LIBS_WIRE) $(LDADD)

check_PROGRAMS += tests/wire/test_h1in
tests_wire_test_h1in_SOURCES  = tests/wire/test_h1in.c tests/support/h1feed.c tests/support/h1feed.h
tests_wire_test_h1in_CPPFLAGS = $(TEST_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_wire_test_h1in_LDADD    = $(LIBS_WIRE) $(LDADD)

check_PROGRAMS += tests/wire/test_h1out
tests_wire_test_h1out_SOURCES  = tests/wire/test_h1out.c
tests_wire_test_h1out_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_h1out_LDADD    = $(LIBS_WIRE) $(LDADD)

check_PROGRAMS += tests/wire/test_scgi
tests_wire_test_scgi_SOURCES  = tests/wire/test_scgi.c $(TEST_ALLOC)
tests_wire_test_scgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_scgi_LDADD    = $(LIBS_WIRE) $(LDADD)
tests_wire_test_scgi_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/wire/test_proxy
tests_wire_test_proxy_SOURCES  = tests/wire/test_proxy.c
tests_wire_test_proxy_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_proxy_LDADD    = $(LIBS_WIRE) $(LDADD)

check_PROGRAMS += tests/wire/test_scgi_head
tests_wire_test_scgi_head_SOURCES  = tests/wire/test_scgi_head.c $(TEST_ALLOC)
tests_wire_test_scgi_head_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_scgi_head_LDADD    = $(LIBS_WIRE) $(LDADD)
tests_wire_test_scgi_head_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/wire/test_meta
tests_wire_test_meta_SOURCES  = tests/wire/test_meta.c $(TEST_ALLOC)
tests_wire_test_meta_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_test_meta_LDADD    = $(LIBS_WIRE) $(LDADD)
tests_wire_test_meta_LDFLAGS  = $(TEST_FLAGS_ALLOC)

# core

check_PROGRAMS += tests/core/test_access_format
tests_core_test_access_format_SOURCES  = tests/core/test_access_format.c
tests_core_test_access_format_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_access_format_LDADD    = $(LDADD) $(LIBS_CORE)

check_PROGRAMS += tests/core/test_accesslog
tests_core_test_accesslog_SOURCES  = tests/core/test_accesslog.c $(TEST_SITE)
tests_core_test_accesslog_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_accesslog_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/core/test_app
tests_core_test_app_SOURCES  = tests/core/test_app.c $(TEST_ALLOC)
tests_core_test_app_CPPFLAGS = $(TEST_CPPFLAGS) $(PCRE2_CFLAGS)
tests_core_test_app_LDADD    = $(LIBS_CORE) $(LDADD)
tests_core_test_app_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/core/test_args
tests_core_test_args_SOURCES  = tests/core/test_args.c $(TEST_PROBE)
tests_core_test_args_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_args_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_args_typed
tests_core_test_args_typed_SOURCES  = tests/core/test_args_typed.c $(TEST_LOCALE) $(TEST_PROBE)
tests_core_test_args_typed_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_args_typed_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_wait
tests_core_test_wait_SOURCES  = tests/core/test_wait.c $(TEST_PROBE) $(TEST_FAKE)
tests_core_test_wait_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_wait_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_source
tests_core_test_source_SOURCES  = tests/core/test_source.c $(TEST_FAKE)
tests_core_test_source_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_source_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_body
tests_core_test_body_SOURCES  = tests/core/test_body.c $(TEST_PROBE)
tests_core_test_body_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_body_LDADD    = $(LIBS_SERVER) $(LDADD)

# Compiled without WIDE_FLAGS, as programs are that use an installed Vane.
check_PROGRAMS += tests/core/test_caller
tests_core_test_caller_SOURCES  = tests/core/test_caller.c tests/support/tmp.c tests/support/tmp.h
tests_core_test_caller_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) -D_GNU_SOURCE
tests_core_test_caller_CFLAGS   = $(VANE_CFLAGS) $(VANE_SANITIZE)
tests_core_test_caller_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_deferred
tests_core_test_deferred_SOURCES  = tests/core/test_deferred.c $(TEST_PROBE) $(TEST_TRACE)
tests_core_test_deferred_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_deferred_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_debugpage
tests_core_test_debugpage_SOURCES  = tests/core/test_debugpage.c $(TEST_PROBE)
tests_core_test_debugpage_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_debugpage_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_dispatch
tests_core_test_dispatch_SOURCES  = tests/core/test_dispatch.c $(TEST_PROBE) $(TEST_TRACE)
tests_core_test_dispatch_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_dispatch_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_encode
tests_core_test_encode_SOURCES  = tests/core/test_encode.c $(TEST_PROBE) $(TEST_FAKE)
tests_core_test_encode_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_encode_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_errorpage
tests_core_test_errorpage_SOURCES  = tests/core/test_errorpage.c $(TEST_PROBE)
tests_core_test_errorpage_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_errorpage_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_response_view
tests_core_test_response_view_SOURCES  = tests/core/test_response_view.c $(TEST_PROBE)
tests_core_test_response_view_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_core_test_response_view_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_filter
tests_core_test_filter_SOURCES  = tests/core/test_filter.c $(TEST_PROBE) $(TEST_FAKE)
tests_core_test_filter_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_filter_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_group
tests_core_test_group_SOURCES  = tests/core/test_group.c $(TEST_PROBE)
tests_core_test_group_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_group_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_driver
tests_core_test_driver_SOURCES  = tests/core/test_driver.c
tests_core_test_driver_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_driver_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_exchange
tests_core_test_exchange_SOURCES  = tests/core/test_exchange.c $(TEST_PROBE) $(TEST_ALLOC)
tests_core_test_exchange_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_exchange_LDADD    = $(LIBS_SERVER) $(LDADD)
tests_core_test_exchange_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/core/test_forward
tests_core_test_forward_SOURCES  = tests/core/test_forward.c $(TEST_PROBE) $(TEST_TRACE)
tests_core_test_forward_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_forward_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_media
tests_core_test_media_SOURCES  = tests/core/test_media.c $(TEST_PROBE)
tests_core_test_media_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_media_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_null
tests_core_test_null_SOURCES  = tests/core/test_null.c $(TEST_SITE)
tests_core_test_null_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_null_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_pattern
tests_core_test_pattern_SOURCES  = tests/core/test_pattern.c $(TEST_ALLOC)
tests_core_test_pattern_CPPFLAGS = $(TEST_CPPFLAGS) $(PCRE2_CFLAGS)
tests_core_test_pattern_LDADD    = $(LIBS_CORE) $(LDADD)
tests_core_test_pattern_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/core/test_request
tests_core_test_request_SOURCES  = tests/core/test_request.c $(TEST_PROBE) $(TEST_FRONT)
tests_core_test_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_request_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_request_memory
tests_core_test_request_memory_SOURCES  = tests/core/test_request_memory.c $(TEST_PROBE)
tests_core_test_request_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_request_memory_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_request_target
tests_core_test_request_target_SOURCES  = tests/core/test_request_target.c $(TEST_PROBE) $(TEST_FRONT)
tests_core_test_request_target_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_request_target_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_response
tests_core_test_response_SOURCES  = tests/core/test_response.c $(TEST_PROBE)
tests_core_test_response_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_response_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_response_text
tests_core_test_response_text_SOURCES  = tests/core/test_response_text.c $(TEST_PROBE)
tests_core_test_response_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_response_text_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_response_body
tests_core_test_response_body_SOURCES  = tests/core/test_response_body.c $(TEST_PROBE)
tests_core_test_response_body_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_response_body_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/core/test_route
tests_core_test_route_SOURCES  = tests/core/test_route.c $(TEST_ALLOC)
tests_core_test_route_CPPFLAGS = $(TEST_CPPFLAGS) $(PCRE2_CFLAGS)
tests_core_test_route_LDADD    = $(LIBS_CORE) $(LDADD)
tests_core_test_route_LDFLAGS  = $(TEST_FLAGS_ALLOC)

# web

if WITH_JANSSON
check_PROGRAMS += tests/web/test_jansson
tests_web_test_jansson_SOURCES  = tests/web/test_jansson.c $(TEST_PROBE)
tests_web_test_jansson_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_web_test_jansson_LDADD    = $(LIBS_SERVER) $(JANSSON_LIBS) $(LDADD)
endif

check_PROGRAMS += tests/base/test_siphash
tests_base_test_siphash_SOURCES  = tests/base/test_siphash.c
tests_base_test_siphash_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_siphash_LDADD    = $(LIBS_BASE) $(LDADD)

if WITH_ZLIB
check_PROGRAMS += tests/web/test_filter_compress
tests_web_test_filter_compress_SOURCES  = tests/web/test_filter_compress.c $(TEST_PROBE) \
	$(TEST_FAKE)
tests_web_test_filter_compress_CPPFLAGS = $(TEST_CPPFLAGS) $(ZLIB_CFLAGS) -D_GNU_SOURCE
tests_web_test_filter_compress_LDADD    = $(LIBS_SERVER) $(ZLIB_LIBS) $(LDADD)
endif

check_PROGRAMS += tests/web/test_filter_cors
tests_web_test_filter_cors_SOURCES  = tests/web/test_filter_cors.c $(TEST_PROBE)
tests_web_test_filter_cors_CPPFLAGS = $(TEST_CPPFLAGS)
tests_web_test_filter_cors_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_filter_etag
tests_web_test_filter_etag_SOURCES  = tests/web/test_filter_etag.c $(TEST_PROBE)
tests_web_test_filter_etag_CPPFLAGS = $(TEST_CPPFLAGS)
tests_web_test_filter_etag_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_filter_access
tests_web_test_filter_access_SOURCES  = tests/web/test_filter_access.c $(TEST_PROBE)
tests_web_test_filter_access_CPPFLAGS = $(TEST_CPPFLAGS)
tests_web_test_filter_access_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_filter_rate_limit
tests_web_test_filter_rate_limit_SOURCES  = tests/web/test_filter_rate_limit.c $(TEST_PROBE)
tests_web_test_filter_rate_limit_CPPFLAGS = $(TEST_CPPFLAGS)
tests_web_test_filter_rate_limit_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_filter_request_id
tests_web_test_filter_request_id_SOURCES  = tests/web/test_filter_request_id.c $(TEST_PROBE)
tests_web_test_filter_request_id_CPPFLAGS = $(TEST_CPPFLAGS)
tests_web_test_filter_request_id_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_filter_security
tests_web_test_filter_security_SOURCES  = tests/web/test_filter_security.c $(TEST_PROBE)
tests_web_test_filter_security_CPPFLAGS = $(TEST_CPPFLAGS)
tests_web_test_filter_security_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_json
tests_web_test_json_SOURCES  = tests/web/test_json.c $(TEST_LOCALE) $(TEST_PROBE)
tests_web_test_json_CPPFLAGS = $(TEST_CPPFLAGS)
tests_web_test_json_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_json_oracle
tests_web_test_json_oracle_SOURCES  = tests/web/test_json_oracle.c
tests_web_test_json_oracle_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_web_test_json_oracle_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_filter_basic_auth
tests_web_test_filter_basic_auth_SOURCES  = tests/web/test_filter_basic_auth.c $(TEST_PROBE) \
	tests/support/tmp.c tests/support/tmp.h
tests_web_test_filter_basic_auth_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_web_test_filter_basic_auth_LDFLAGS  = $(AM_LDFLAGS) -Wl,--wrap=crypt_r
tests_web_test_filter_basic_auth_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/web/test_static
tests_web_test_static_SOURCES  = tests/web/test_static.c $(TEST_PROBE) $(TEST_ALLOC) \
	tests/support/tmp.c tests/support/tmp.h
tests_web_test_static_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_web_test_static_LDADD    = $(LIBS_SERVER) $(LDADD)
tests_web_test_static_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/web/test_docroot
tests_web_test_docroot_SOURCES  = tests/web/test_docroot.c tests/support/tmp.c tests/support/tmp.h
tests_web_test_docroot_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_web_test_docroot_LDADD    = $(LIBS_WEB) $(LDADD)

check_PROGRAMS += tests/web/test_upload
tests_web_test_upload_SOURCES  = tests/web/test_upload.c tests/support/tmp.c tests/support/tmp.h
tests_web_test_upload_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_web_test_upload_LDADD    = $(LIBS_SERVER) $(LDADD)

# server

check_PROGRAMS += tests/server/test_body_total
tests_server_test_body_total_SOURCES  = tests/server/test_body_total.c $(TEST_SITE)
tests_server_test_body_total_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_body_total_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_descriptors
tests_server_test_descriptors_SOURCES  = tests/server/test_descriptors.c $(TEST_SITE)
tests_server_test_descriptors_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_descriptors_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server
tests_server_test_server_SOURCES  = tests/server/test_server.c $(TEST_SITE)
tests_server_test_server_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_alloc
tests_server_test_server_alloc_SOURCES  = tests/server/test_server_alloc.c $(TEST_SITE) \
	$(TEST_ALLOC)
tests_server_test_server_alloc_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_alloc_LDADD    = $(LIBS_SERVER) $(LDADD)
tests_server_test_server_alloc_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/server/test_server_drain
tests_server_test_server_drain_SOURCES  = tests/server/test_server_drain.c $(TEST_SHARED)
tests_server_test_server_drain_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_drain_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_fair
tests_server_test_server_fair_SOURCES  = tests/server/test_server_fair.c $(TEST_SITE)
tests_server_test_server_fair_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_fair_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_life
tests_server_test_server_life_SOURCES  = tests/server/test_server_life.c $(TEST_SHARED)
tests_server_test_server_life_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_life_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_limits
tests_server_test_server_limits_SOURCES  = tests/server/test_server_limits.c $(TEST_SITE) \
	tests/support/pace.h
tests_server_test_server_limits_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_limits_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_peer
tests_server_test_server_peer_SOURCES  = tests/server/test_server_peer.c $(TEST_SITE)
tests_server_test_server_peer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_peer_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_proxy
tests_server_test_server_proxy_SOURCES  = tests/server/test_server_proxy.c $(TEST_SITE)
tests_server_test_server_proxy_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_proxy_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_pieces
tests_server_test_server_pieces_SOURCES  = tests/server/test_server_pieces.c $(TEST_SHARED)
tests_server_test_server_pieces_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_pieces_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_stop
tests_server_test_server_stop_SOURCES  = tests/server/test_server_stop.c $(TEST_SITE)
tests_server_test_server_stop_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_stop_LDADD    = $(LIBS_SERVER) $(LDADD)

check_PROGRAMS += tests/server/test_server_stream
tests_server_test_server_stream_SOURCES  = tests/server/test_server_stream.c $(TEST_SITE)
tests_server_test_server_stream_CPPFLAGS = $(TEST_CPPFLAGS)
tests_server_test_server_stream_LDADD    = $(LIBS_SERVER) $(LDADD)

# adapters

check_PROGRAMS += tests/adapters/test_cgi
tests_adapters_test_cgi_SOURCES  = tests/adapters/test_cgi.c
tests_adapters_test_cgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_cgi_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_stop
tests_adapters_test_stop_SOURCES  = tests/adapters/test_stop.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_adapters_test_stop_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_stop_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_no_memory
tests_adapters_test_no_memory_SOURCES  = tests/adapters/test_no_memory.c $(TEST_ALLOC) \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h tests/support/port.c tests/support/port.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_adapters_test_no_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_no_memory_LDADD    = $(LDADD) libvane.la
tests_adapters_test_no_memory_LDFLAGS  = $(TEST_FLAGS_ALLOC) -static

check_PROGRAMS += tests/adapters/test_scgi
tests_adapters_test_scgi_SOURCES  = tests/adapters/test_scgi.c tests/support/scgi_peer.c \
	tests/support/scgi_peer.h
tests_adapters_test_scgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_scgi_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_failures
tests_adapters_test_failures_SOURCES  = tests/adapters/test_failures.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_adapters_test_failures_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_failures_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_fastcgi
tests_adapters_test_fastcgi_SOURCES  = tests/adapters/test_fastcgi.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h
tests_adapters_test_fastcgi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_fastcgi_LDADD    = $(LDADD) libvane.la

TEST_RESPONDER = tests/support/responder.c tests/support/responder.h \
	tests/support/responder_app.c tests/support/responder_app.h \
	tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h

check_PROGRAMS += tests/adapters/test_responder
tests_adapters_test_responder_SOURCES  = tests/adapters/test_responder.c tests/support/pace.h $(TEST_RESPONDER)
tests_adapters_test_responder_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_responder_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_responder_memory
tests_adapters_test_responder_memory_SOURCES  = tests/adapters/test_responder_memory.c $(TEST_ALLOC) \
	$(TEST_RESPONDER)
tests_adapters_test_responder_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_responder_memory_LDADD    = $(LDADD) libvane.la
tests_adapters_test_responder_memory_LDFLAGS  = $(TEST_FLAGS_ALLOC) -static

check_PROGRAMS += tests/adapters/test_responder_slow
tests_adapters_test_responder_slow_SOURCES  = tests/adapters/test_responder_slow.c $(TEST_RESPONDER)
tests_adapters_test_responder_slow_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_responder_slow_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_fastcgi_slow
tests_adapters_test_fastcgi_slow_SOURCES  = tests/adapters/test_fastcgi_slow.c $(TEST_RESPONDER)
tests_adapters_test_fastcgi_slow_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_test_fastcgi_slow_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_linger
tests_adapters_test_linger_SOURCES  = tests/adapters/test_linger.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_adapters_test_linger_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_adapters_test_linger_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_mistaken
tests_adapters_test_mistaken_SOURCES  = tests/adapters/test_mistaken.c
tests_adapters_test_mistaken_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_adapters_test_mistaken_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/test_share
tests_adapters_test_share_SOURCES  = tests/adapters/test_share.c tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h tests/support/scgi_peer.c tests/support/scgi_peer.h
tests_adapters_test_share_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_adapters_test_share_LDADD    = $(LDADD) libvane.la

# adapters/main

check_PROGRAMS += tests/adapters/main/test_crashpage
tests_adapters_main_test_crashpage_SOURCES  = tests/adapters/main/test_crashpage.c \
	tests/support/proc.c tests/support/proc.h tests/support/fcgi_peer.c \
	tests/support/fcgi_peer.h tests/support/scgi_peer.c tests/support/scgi_peer.h \
	tests/support/port.c tests/support/port.h tests/support/tmp.c tests/support/tmp.h
tests_adapters_main_test_crashpage_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) \
	-D_GNU_SOURCE
tests_adapters_main_test_crashpage_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/main/test_ends
tests_adapters_main_test_ends_SOURCES  = tests/adapters/main/test_ends.c tests/support/proc.c \
	tests/support/proc.h tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/scgi_peer.c tests/support/scgi_peer.h tests/support/port.c tests/support/port.h \
	tests/support/tmp.c tests/support/tmp.h
tests_adapters_main_test_ends_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) \
	-D_GNU_SOURCE
tests_adapters_main_test_ends_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/main/test_listen
tests_adapters_main_test_listen_SOURCES  = tests/adapters/main/test_listen.c
tests_adapters_main_test_listen_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_main_test_listen_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_logs
tests_adapters_main_test_logs_SOURCES  = tests/adapters/main/test_logs.c tests/support/tmp.c \
	tests/support/tmp.h
tests_adapters_main_test_logs_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) \
	-D_GNU_SOURCE
tests_adapters_main_test_logs_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/main/test_main
tests_adapters_main_test_main_SOURCES  = tests/adapters/main/test_main.c
tests_adapters_main_test_main_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS)
tests_adapters_main_test_main_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/main/test_origin
tests_adapters_main_test_origin_SOURCES  = tests/adapters/main/test_origin.c
tests_adapters_main_test_origin_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_main_test_origin_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_doctor
tests_adapters_main_test_doctor_SOURCES  = tests/adapters/main/test_doctor.c
tests_adapters_main_test_doctor_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/adapters -I$(srcdir)/adapters/main
tests_adapters_main_test_doctor_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_doctor_program
tests_adapters_main_test_doctor_program_SOURCES  = tests/adapters/main/test_doctor_program.c \
	tests/support/proc.c tests/support/proc.h tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/port.c tests/support/port.h tests/support/tmp.c tests/support/tmp.h
tests_adapters_main_test_doctor_program_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) \
	-D_GNU_SOURCE
tests_adapters_main_test_doctor_program_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/main/test_mode
tests_adapters_main_test_mode_SOURCES  = tests/adapters/main/test_mode.c
tests_adapters_main_test_mode_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_main_test_mode_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_option_limits
tests_adapters_main_test_option_limits_SOURCES  = tests/adapters/main/test_option_limits.c $(TEST_OPTION_LIMITS)
tests_adapters_main_test_option_limits_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_main_test_option_limits_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_pid_file
tests_adapters_main_test_pid_file_SOURCES  = tests/adapters/main/test_pid_file.c \
	tests/support/tmp.c tests/support/tmp.h
tests_adapters_main_test_pid_file_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_adapters_main_test_pid_file_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_print_config
tests_adapters_main_test_print_config_SOURCES  = tests/adapters/main/test_print_config.c
tests_adapters_main_test_print_config_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_main_test_print_config_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_service
tests_adapters_main_test_service_SOURCES  = tests/adapters/main/test_service.c tests/support/proc.c \
	tests/support/proc.h tests/support/port.c tests/support/port.h
tests_adapters_main_test_service_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_main_test_service_LDADD    = $(LDADD) libvane.la

check_PROGRAMS += tests/adapters/main/test_confine
tests_adapters_main_test_confine_SOURCES  = tests/adapters/main/test_confine.c
tests_adapters_main_test_confine_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_adapters_main_test_confine_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_settings
tests_adapters_main_test_settings_SOURCES  = tests/adapters/main/test_settings.c
tests_adapters_main_test_settings_CPPFLAGS = $(TEST_CPPFLAGS)
tests_adapters_main_test_settings_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_socket_owner
tests_adapters_main_test_socket_owner_SOURCES  = tests/adapters/main/test_socket_owner.c \
	tests/support/tmp.c tests/support/tmp.h
tests_adapters_main_test_socket_owner_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_adapters_main_test_socket_owner_LDFLAGS  = $(AM_LDFLAGS) -Wl,--wrap=chmod,--wrap=fchmodat \
	-Wl,--wrap=chown,--wrap=lchown,--wrap=fchownat
tests_adapters_main_test_socket_owner_LDADD    = $(LIBS_MAIN) $(LDADD)

check_PROGRAMS += tests/adapters/main/test_status
tests_adapters_main_test_status_SOURCES  = tests/adapters/main/test_status.c \
	tests/support/proc.c tests/support/proc.h tests/support/fcgi_peer.c tests/support/fcgi_peer.h \
	tests/support/metrics.c tests/support/metrics.h tests/support/scgi_peer.c tests/support/scgi_peer.h \
	tests/support/port.c tests/support/port.h tests/support/tmp.c tests/support/tmp.h
tests_adapters_main_test_status_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests $(CMOCKA_CFLAGS) \
	-D_GNU_SOURCE
tests_adapters_main_test_status_LDADD    = $(LDADD) libvane.la -lm

check_PROGRAMS += tests/adapters/main/test_start
tests_adapters_main_test_start_SOURCES  = tests/adapters/main/test_start.c tests/support/port.c \
	tests/support/proc.c tests/support/tmp.c
tests_adapters_main_test_start_CPPFLAGS = $(SUITE_CPPFLAGS)
tests_adapters_main_test_start_LDADD    = $(LDADD) libvane.la

# top

check_PROGRAMS += tests/tools/test_jsondoc
tests_tools_test_jsondoc_SOURCES  = tests/tools/test_jsondoc.c tools/top/jsondoc.c tools/top/jsondoc.h
tests_tools_test_jsondoc_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests -I$(srcdir)/tools/top $(CMOCKA_CFLAGS) \
	-D_GNU_SOURCE
tests_tools_test_jsondoc_LDADD    = $(LDADD)

# gateway

check_PROGRAMS += tests/gateway/test_alloc
tests_gateway_test_alloc_SOURCES  = tests/gateway/test_alloc.c $(TEST_CENSUS) $(TEST_SITE) \
	$(TEST_ALLOC)
tests_gateway_test_alloc_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_alloc_LDADD    = $(LIBS_GATEWAY) $(LDADD)
tests_gateway_test_alloc_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/gateway/test_census
tests_gateway_test_census_SOURCES  = tests/gateway/test_census.c $(TEST_CENSUS)
tests_gateway_test_census_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE

check_PROGRAMS += tests/gateway/test_cgi_backend
tests_gateway_test_cgi_backend_SOURCES  = tests/gateway/test_cgi_backend.c $(TEST_SITE) $(TEST_PROBE) \
	tests/support/tmp.c tests/support/tmp.h tests/support/vfork.h
tests_gateway_test_cgi_backend_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_cgi_backend_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_child
tests_gateway_test_child_SOURCES  = tests/gateway/test_child.c $(TEST_ALLOC) tests/support/vfork.h
tests_gateway_test_child_CPPFLAGS = $(TEST_CPPFLAGS)
tests_gateway_test_child_LDADD    = $(LIBS_GATEWAY) $(LDADD)
tests_gateway_test_child_LDFLAGS  = $(TEST_FLAGS_ALLOC) -Wl,--wrap=pidfd_open

check_PROGRAMS += tests/gateway/test_fair
tests_gateway_test_fair_SOURCES  = tests/gateway/test_fair.c $(TEST_APP_PEER) $(TEST_SITE)
tests_gateway_test_fair_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_gateway_test_fair_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_fastcgi
tests_gateway_test_fastcgi_SOURCES  = tests/gateway/test_fastcgi.c $(TEST_APP_PEER) $(TEST_SITE)
tests_gateway_test_fastcgi_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_gateway_test_fastcgi_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_faults
tests_gateway_test_faults_SOURCES  = tests/gateway/test_faults.c $(TEST_CENSUS) $(TEST_SITE) \
	tests/support/faults.c tests/support/faults.h
tests_gateway_test_faults_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_faults_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_limiter
tests_gateway_test_limiter_SOURCES  = tests/gateway/test_limiter.c
tests_gateway_test_limiter_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_limiter_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_option_limits
tests_gateway_test_option_limits_SOURCES  = tests/gateway/test_option_limits.c $(TEST_OPTION_LIMITS) \
	gateway/main/cmdline.c gateway/main/maps.c
tests_gateway_test_option_limits_CPPFLAGS = $(TEST_CPPFLAGS)
tests_gateway_test_option_limits_LDADD    = $(LIBS_OPTIONS) $(LDADD)

check_PROGRAMS += tests/gateway/test_run_as
tests_gateway_test_run_as_SOURCES  = tests/gateway/test_run_as.c
tests_gateway_test_run_as_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_run_as_LDFLAGS  = $(AM_LDFLAGS) -Wl,--wrap=geteuid,--wrap=getpwnam
tests_gateway_test_run_as_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_script
tests_gateway_test_script_SOURCES  = tests/gateway/test_script.c tests/support/tmp.c \
	tests/support/tmp.h $(TEST_PROBE) $(TEST_ALLOC)
tests_gateway_test_script_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_script_LDADD    = $(LIBS_GATEWAY) $(LDADD)
tests_gateway_test_script_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/gateway/test_site
tests_gateway_test_site_SOURCES  = tests/gateway/test_site.c $(TEST_SITE) \
	tests/support/tmp.c tests/support/tmp.h
tests_gateway_test_site_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_gateway_test_site_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_slow
tests_gateway_test_slow_SOURCES  = tests/gateway/test_slow.c tests/support/tmp.c \
	tests/support/tmp.h $(TEST_APP_PEER) $(TEST_SITE)
tests_gateway_test_slow_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_gateway_test_slow_LDADD    = $(LIBS_GATEWAY) $(LDADD)

check_PROGRAMS += tests/gateway/test_upstream
tests_gateway_test_upstream_SOURCES  = tests/gateway/test_upstream.c tests/support/port.c \
	tests/support/port.h tests/support/tmp.c tests/support/tmp.h $(TEST_ALLOC)
tests_gateway_test_upstream_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_upstream_LDADD    = $(LIBS_GATEWAY) $(LDADD)
tests_gateway_test_upstream_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/gateway/test_vars_request
tests_gateway_test_vars_request_SOURCES  = tests/gateway/test_vars_request.c $(TEST_PROBE) \
	$(TEST_ALLOC)
tests_gateway_test_vars_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_gateway_test_vars_request_LDADD    = $(LIBS_GATEWAY) $(LDADD)
tests_gateway_test_vars_request_LDFLAGS  = $(TEST_FLAGS_ALLOC)

if WITH_FASTCGI
check_PROGRAMS += tests/gateway/test_ported
tests_gateway_test_ported_SOURCES  = tests/gateway/test_ported.c $(TEST_PROBE) $(TEST_ALLOC) \
	tests/support/pattern.h
tests_gateway_test_ported_CPPFLAGS = $(TEST_CPPFLAGS) $(FCGI_CFLAGS)
tests_gateway_test_ported_LDADD    = libvane-adapters.la $(LIBS_GATEWAY) $(FCGI_LIBS) $(LDADD)
tests_gateway_test_ported_LDFLAGS  = $(TEST_FLAGS_ALLOC)

check_PROGRAMS += tests/gateway/test_program
tests_gateway_test_program_SOURCES  = tests/gateway/test_program.c $(TEST_SITE) $(TEST_PROBE) \
	tests/support/tmp.c tests/support/tmp.h tests/support/vfork.h
tests_gateway_test_program_CPPFLAGS = $(TEST_CPPFLAGS) -D_GNU_SOURCE
tests_gateway_test_program_LDADD    = $(LIBS_GATEWAY) $(LDADD)
tests_gateway_test_program_LDFLAGS  = $(AM_LDFLAGS) -Wl,--wrap=access
endif

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

FUZZ_TARGETS += tests/wire/fuzz_cgi_head
tests_wire_fuzz_cgi_head_SOURCES  = tests/wire/fuzz_cgi_head.c $(FUZZ_MAIN)
tests_wire_fuzz_cgi_head_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_fuzz_cgi_head_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_cgi_head_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/wire/fuzz_chunked
tests_wire_fuzz_chunked_SOURCES  = tests/wire/fuzz_chunked.c $(FUZZ_MAIN)
tests_wire_fuzz_chunked_CPPFLAGS = $(TEST_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_wire_fuzz_chunked_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_chunked_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/http/fuzz_cookie
tests_http_fuzz_cookie_SOURCES  = tests/http/fuzz_cookie.c $(FUZZ_MAIN)
tests_http_fuzz_cookie_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_fuzz_cookie_LDADD    = $(LIBS_HTTP)
tests_http_fuzz_cookie_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/core/fuzz_access_format
tests_core_fuzz_access_format_SOURCES  = tests/core/fuzz_access_format.c $(FUZZ_MAIN)
tests_core_fuzz_access_format_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_fuzz_access_format_LDADD    = $(LIBS_SERVER)
tests_core_fuzz_access_format_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/core/fuzz_exchange
tests_core_fuzz_exchange_SOURCES  = tests/core/fuzz_exchange.c $(FUZZ_MAIN)
tests_core_fuzz_exchange_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_fuzz_exchange_LDADD    = $(LIBS_SERVER)
tests_core_fuzz_exchange_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/http/fuzz_form
tests_http_fuzz_form_SOURCES  = tests/http/fuzz_form.c $(FUZZ_MAIN)
tests_http_fuzz_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_fuzz_form_LDADD    = $(LIBS_HTTP)
tests_http_fuzz_form_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/wire/fuzz_fcgi_client
tests_wire_fuzz_fcgi_client_SOURCES  = tests/wire/fuzz_fcgi_client.c $(FUZZ_MAIN)
tests_wire_fuzz_fcgi_client_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_fuzz_fcgi_client_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_fcgi_client_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/wire/fuzz_head
tests_wire_fuzz_head_SOURCES  = tests/wire/fuzz_head.c $(FUZZ_MAIN) tests/support/h1feed.c \
	tests/support/h1feed.h
tests_wire_fuzz_head_CPPFLAGS = $(TEST_CPPFLAGS) $(LLHTTP_CFLAGS)
tests_wire_fuzz_head_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_head_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/wire/fuzz_meta
tests_wire_fuzz_meta_SOURCES  = tests/wire/fuzz_meta.c $(FUZZ_MAIN)
tests_wire_fuzz_meta_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_fuzz_meta_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_meta_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/http/fuzz_multipart
tests_http_fuzz_multipart_SOURCES  = tests/http/fuzz_multipart.c $(FUZZ_MAIN)
tests_http_fuzz_multipart_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_fuzz_multipart_LDADD    = $(LIBS_HTTP)
tests_http_fuzz_multipart_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/http/fuzz_negotiate
tests_http_fuzz_negotiate_SOURCES  = tests/http/fuzz_negotiate.c $(FUZZ_MAIN)
tests_http_fuzz_negotiate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_fuzz_negotiate_LDADD    = $(LIBS_HTTP)
tests_http_fuzz_negotiate_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/http/fuzz_range
tests_http_fuzz_range_SOURCES  = tests/http/fuzz_range.c $(FUZZ_MAIN)
tests_http_fuzz_range_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_fuzz_range_LDADD    = $(LIBS_HTTP)
tests_http_fuzz_range_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/wire/fuzz_fcgi_request
tests_wire_fuzz_fcgi_request_SOURCES  = tests/wire/fuzz_fcgi_request.c $(FUZZ_MAIN)
tests_wire_fuzz_fcgi_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_fuzz_fcgi_request_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_fcgi_request_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/wire/fuzz_proxy
tests_wire_fuzz_proxy_SOURCES  = tests/wire/fuzz_proxy.c $(FUZZ_MAIN)
tests_wire_fuzz_proxy_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_fuzz_proxy_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_proxy_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/wire/fuzz_scgi_head
tests_wire_fuzz_scgi_head_SOURCES  = tests/wire/fuzz_scgi_head.c $(FUZZ_MAIN)
tests_wire_fuzz_scgi_head_CPPFLAGS = $(TEST_CPPFLAGS)
tests_wire_fuzz_scgi_head_LDADD    = $(LIBS_WIRE)
tests_wire_fuzz_scgi_head_LDFLAGS  = $(FUZZ_FLAGS)

if WITH_FASTCGI
FUZZ_TARGETS += tests/gateway/fuzz_ported
tests_gateway_fuzz_ported_SOURCES  = tests/gateway/fuzz_ported.c $(FUZZ_MAIN)
tests_gateway_fuzz_ported_CPPFLAGS = $(TEST_CPPFLAGS) $(FCGI_CFLAGS)
tests_gateway_fuzz_ported_LDADD    = $(LIBS_GATEWAY) $(FCGI_LIBS)
tests_gateway_fuzz_ported_LDFLAGS  = $(FUZZ_FLAGS)
endif

# Whole connections, the peer in the same process.
TEST_FUZZPEER = tests/support/fuzzpeer.c tests/support/fuzzpeer.h

FUZZ_TARGETS += tests/adapters/fuzz_conn_http
tests_adapters_fuzz_conn_http_SOURCES  = tests/adapters/fuzz_conn.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_adapters_fuzz_conn_http_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_MODE=HTTP
tests_adapters_fuzz_conn_http_LDADD    = $(LIBS_ADAPTERS)
tests_adapters_fuzz_conn_http_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/adapters/fuzz_conn_fastcgi
tests_adapters_fuzz_conn_fastcgi_SOURCES  = tests/adapters/fuzz_conn.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_adapters_fuzz_conn_fastcgi_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_MODE=FASTCGI
tests_adapters_fuzz_conn_fastcgi_LDADD    = $(LIBS_ADAPTERS)
tests_adapters_fuzz_conn_fastcgi_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/adapters/fuzz_conn_scgi
tests_adapters_fuzz_conn_scgi_SOURCES  = tests/adapters/fuzz_conn.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_adapters_fuzz_conn_scgi_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_MODE=SCGI
tests_adapters_fuzz_conn_scgi_LDADD    = $(LIBS_ADAPTERS)
tests_adapters_fuzz_conn_scgi_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/gateway/fuzz_backend
tests_gateway_fuzz_backend_SOURCES  = tests/gateway/fuzz_backend.c $(FUZZ_MAIN) $(TEST_FUZZPEER)
tests_gateway_fuzz_backend_CPPFLAGS = $(TEST_CPPFLAGS) -I$(srcdir)/gateway/include -D_GNU_SOURCE
tests_gateway_fuzz_backend_LDADD    = $(LIBS_GATEWAY)
tests_gateway_fuzz_backend_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/options/fuzz_options
tests_options_fuzz_options_SOURCES  = tests/options/fuzz_options.c $(FUZZ_MAIN)
tests_options_fuzz_options_CPPFLAGS = $(TEST_CPPFLAGS)
tests_options_fuzz_options_LDADD    = $(LIBS_SERVER)
tests_options_fuzz_options_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/core/fuzz_routes
tests_core_fuzz_routes_SOURCES  = tests/core/fuzz_routes.c $(FUZZ_MAIN)
tests_core_fuzz_routes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_fuzz_routes_LDADD    = $(LIBS_SERVER)
tests_core_fuzz_routes_LDFLAGS  = $(FUZZ_FLAGS)

FUZZ_TARGETS += tests/http/fuzz_uri
tests_http_fuzz_uri_SOURCES  = tests/http/fuzz_uri.c $(FUZZ_MAIN)
tests_http_fuzz_uri_CPPFLAGS = $(TEST_CPPFLAGS)
tests_http_fuzz_uri_LDADD    = $(LIBS_HTTP)
tests_http_fuzz_uri_LDFLAGS  = $(FUZZ_FLAGS)

