#!/bin/sh
# SPDX-License-Identifier: MIT
#
# slow-clients.sh - slowhttptest in its four modes (slow heads, bodies and reads, many ranges) against
# files, a CGI site and a PHP site of vane-gateway in default settings, while a client that does
# nothing wrong asks for a small page again and again: how long it had to wait at most.
#
#	scripts/slow-clients.sh [PROGRAM [CONNECTIONS [SECONDS]]]
#
# PROGRAM is vane-gateway, as it was built in build/main.  It ends with 1 if anybody was kept waiting
# for more than a second, and with 77 where slowhttptest is missing.

set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

program=${1:-$top/build/main/vane-gateway}
connections=${2:-200}
seconds=${3:-20}
longest_msec=1000

for tool in slowhttptest curl; do
	command -v $tool >/dev/null || {
		say "SKIP: $tool is not installed"
		exit 77
	}
done
[ -x "$program" ] || fail "$program is not there: build it first"

work=$(mktemp -d) || exit 1
server=
clean_up() {
	[ -z "$server" ] || kill "$server" 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Pages of 2 MB, and small ones.
mkdir "$work/www" "$work/tmp"
seq 1 320000 >"$work/www/large.txt"
echo small >"$work/www/small.txt"
for page in large small; do
	printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n"\nexec cat %s.txt\n' $page \
		>"$work/www/$page.sh"
	printf '<?php readfile("%s.txt");' $page >"$work/www/$page.php"
done
chmod 755 "$work/www"/*.sh

kinds='txt sh'
set -- --root="$work/www" --cgi=.sh=
if command -v php-cgi >/dev/null; then
	kinds="$kinds php"
	set -- "$@" --program=.php=php-cgi
else
	say "SKIP: php-cgi is not installed, so there is no PHP site"
fi

listens() {
	grep -q 'listening' "$work/log"
}

TMPDIR=$work/tmp "$program" --listen=127.0.0.1:0 "$@" 2>"$work/log" &
server=$!
await 10 listens || {
	cat "$work/log" >&2
	fail "vane-gateway does not start"
}
port=$(sed -n 's/.*listening.*:\([0-9][0-9]*\).*/\1/p' "$work/log" | head -n 1)

# ask URL - how many milliseconds it takes; 10000 if there is no answer
ask() {
	curl -s -m 10 -o /dev/null -w '%{http_code} %{time_total}\n' "$1" |
		awk '{ print $1 == 200 ? int($2 * 1000) : 10000 }'
}

# attack MODE URL - with what a mode needs besides
attack() {
	case $1 in
	B) set -- "$1" "$2" -s 8192 -x 10 ;;
	R) set -- "$1" "$2" -t HEAD ;;
	X) set -- "$1" "$2" -w 512 -y 1024 -n 5 -z 32 -k 3 ;;
	esac
	mode=$1
	url=$2
	shift 2
	slowhttptest "-$mode" -c "$connections" -r 50 -i 5 -l "$seconds" -p 1 "$@" -u "$url" \
		>"$work/attack" 2>&1
}

# measure MODE KIND - the longest wait of a well-behaved client meanwhile
measure() {
	base=http://127.0.0.1:$port
	attack "$1" "$base/large.$2" &
	attacker=$!
	longest=0
	asked=0
	while alive $attacker; do
		msec=$(ask "$base/small.$2")
		[ "$msec" -le "$longest" ] || longest=$msec
		asked=$((asked + 1))
		sleep 0.1
	done
	wait $attacker
	say "$(printf -- '-%s %-4s %5d requests, the longest took %5d ms' "$1" "$2" $asked "$longest")"
	[ "$longest" -le $longest_msec ] || late=$((late + 1))
}

late=0
for kind in $kinds; do
	for mode in H B R X; do
		measure $mode "$kind"
	done
done
alive $server || {
	tail -n 30 "$work/log" >&2
	fail "vane-gateway has ended"
}
if [ $late -gt 0 ]; then
	grep '^\[[EW]' "$work/log" | tail -n 30 >&2
	fail "in $late of them somebody was kept waiting"
fi
say "nobody was kept waiting for more than $longest_msec ms"
