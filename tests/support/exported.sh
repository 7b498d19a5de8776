# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# exported.sh - the names that this build exports: tests/exports.list without those of libraries that
# it was configured without.  To be sourced in the build folder, with srcdir set.

exported() {
	without='^$'
	grep -q '^#define VANE_WITH_FASTCGI' config.h || without="$without|^vane_fcgx_"
	grep -q '^#define VANE_WITH_JANSSON' config.h ||
		without="$without|^vane_request_json$|^vane_response_write_json$"
	# shellcheck disable=SC2154 # of who sources it
	grep -vE "$without" "$srcdir/tests/exports.list"
}
