# SPDX-License-Identifier: MIT
#
# rename.sed - bring a program that was written for Vane 0.1.0 to the names of 0.2.0.
#
#	sed -i -f "$(pkg-config --variable=pkgdatadir vane)/rename.sed" *.c *.h
#
# Apply it once: a name that is new may be an old one of something else.  What it cannot do, as
# where an argument was added, the compiler points at; NEWS has the list.

# Requests and responses: a function begins with the noun of its first argument, a setter says
# set, and what is added, set or removed is named.
s/\bvane_can\b/vane_request_can/g
s/\bvane_last_error\b/vane_request_last_error/g
s/\bvane_after\b/vane_request_after/g
s/\bvane_on_body\b/vane_request_on_body/g
s/\bvane_on_close\b/vane_request_on_close/g
s/\bvane_request_temp_file\b/vane_request_open_temp_file/g
s/\bvane_defer\b/vane_response_defer/g
s/\bvane_response_status\b/vane_response_set_status/g
s/\bvane_response_get_status\b/vane_response_status/g
s/\bvane_response_add\b/vane_response_add_field/g
s/\bvane_response_set\b/vane_response_set_field/g
s/\bvane_response_remove\b/vane_response_remove_field/g
s/\bvane_response_cookie\b/vane_response_set_cookie/g
s/\bvane_response_validators\b/vane_response_set_validators/g
s/\bvane_response_raw\b/vane_response_set_raw/g
s/\bvane_response_error\b/vane_response_send_error/g

# Callbacks have data of their own, and a request a state for each owner.  Their functions take
# one argument more, which the compiler asks for.
s/\(vane_request_after([^()]*\))/\1, NULL)/g
s/\(vane_request_on_body([^(),]*, *[^(),]*\))/\1, NULL)/g
s/\(vane_request_on_close([^(),]*, *[^(),]*\))/\1, NULL)/g
s/\bvane_on_drain(\([^(),]*\), *\([^(),]*\))/vane_response_on_drain(vane_request_response(\1), \2, NULL)/g
s/\bvane_on_drain\b/vane_response_on_drain/g
s/\bvane_request_state(\([^(),]*\))/vane_request_state(\1, NULL)/g
s/\bvane_request_set_state(\([^(),]*\), */vane_request_set_state(\1, NULL, /g

# Members, where they are set by name: an age below 0, which deleted a cookie, is no limit now, and
# vane_response_clear_cookie() deletes one.
s/\.max_age\( *=\)/.max_age_sec\1/g
s/\.keep\( *=\)/.max_idle\1/g

# Files as answers.
s/\bvane_static_send(\([^(),]*\), *\([^(),]*\), */vane_response_send_file(\2, /g
s/\bvane_static_send\b/vane_response_send_file/g

# It returns 1 when it has printed the help, where no option is called so.
s/\(\bvane_options_parse([^()]*)\) < 0/\1 != 0/g

# Applications, options, tests.
s/\bvane_app_unserved\b/vane_app_each_unserved/g
s/\bvane_app_unreachable\b/vane_app_each_unreachable/g
s/\bvane_define\b/vane_option_define/g
s/\bvane_test_field\b/vane_test_response_field/g

# The loop: watches and timers are nouns of their own.
s/\bvane_loop_add_handler\b/vane_loop_add_watch/g
s/\bvane_loop_update_handler\b/vane_watch_update/g
s/\bvane_loop_remove_handler\b/vane_watch_remove/g
s/\bvane_loop_rearm\b/vane_timer_rearm/g
s/\bvane_loop_cancel\b/vane_timer_cancel/g
s/\bvane_add_accept_handler\b/vane_loop_add_accept/g
s/\bvane_remove_accept_handler\b/vane_accept_remove/g

# Processes and sockets.
s/\bvane_life_fd\b/vane_process_life_fd/g
s/\bvane_siblings_stay\b/vane_process_siblings_stay/g
s/\bvane_catch_crashes\b/vane_process_catch_crashes/g
s/\bvane_at_request\b/vane_process_at_request/g
s/\bvane_log_at\b/vane_log_crash/g
s/\bvane_adopt_socket\b/vane_socket_adopt/g
s/\bvane_is_listening\b/vane_socket_is_listening/g

# A foreign program that a backend starts; struct vane_program is the program itself.
s/\bvane_program_opts\b/vane_spawn_opts/g

# Fields of a form are parts too, not only files.
s/\bvane_upload\b/vane_part/g
