# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# common.sh - how the commands at the top speak, and end.  To be sourced.

say() {
	printf '%s\n' "$*"
}

fail() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# fail_with_log LOG WORD... - the same, after the end of a log
fail_with_log() {
	log=$1
	shift
	tail -n 30 "$log" >&2
	fail "$*; all of it is in $log"
}

# await SECONDS COMMAND... - try a command ten times a second until it succeeds
await() {
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

alive() {
	kill -0 "$1" 2>/dev/null
}

gone() {
	! alive "$1"
}

# stop_processes PID... - ask them to leave, and have them gone ten seconds later
stop_processes() {
	for pid; do
		kill -TERM "$pid" 2>/dev/null
	done
	for pid; do
		await 12 gone "$pid" || kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	return 0
}
