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

# plain_path PATH - refuse what configure, make and the servers' configurations cannot take
plain_path() {
	case $1 in
	*[[:space:]]*) fail "there is a blank in the path $1: move it to one without" ;;
	*[\"\#\$\&\'\`\\:\;\|\(\)\<\>*?]*)
		fail "there is a character in the path $1 that make cannot take: move it to one without"
		;;
	esac
}

# clean_source FOLDER - refuse one that was configured in place: automake builds nowhere else then
clean_source() {
	[ ! -e "$1/config.status" ] ||
		fail "$1 was configured in place, and can be built elsewhere only without that:" \
			"run 'make distclean' there, and this again"
}

# heartbeat LOG NAME - say each minute that it goes on, and what its log says last
heartbeat() {
	since=$(date +%s)
	trap 'kill "$sleeper"; exit 0' TERM
	while :; do
		sleep 60 &
		sleeper=$!
		wait "$sleeper"
		alive $$ || exit 0
		printf '... %7d s  %s: %.60s\n' $(($(date +%s) - since)) "$2" \
			"$(tail -n 1 "$1" | tr -cd '[:print:]')"
	done
}

# patiently LOG NAME COMMAND... - run it with a heartbeat; what it prints goes to the log
patiently() {
	: >"$1"
	heartbeat "$1" "$2" &
	heart=$!
	(log=$1 && shift 2 && "$@" >"$log" 2>&1 </dev/null)
	outcome=$?
	kill "$heart"
	wait "$heart" 2>/dev/null
	return $outcome
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
