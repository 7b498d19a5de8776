# SPDX-License-Identifier: MIT
#
# rows.sh - the rows of bench/run: who runs against whom, and the bars.

all_rows="hello instructions pipelined calls responder unread fastcgi apache kept blocking idle cgi php bodies spawn"

# The servers that answer a native hello, those that are there.
native()
{
	echo floor1 floor2
	[ $have_vane = no ] || echo vane
	echo nginx
	[ $have_microhttpd = no ] || echo microhttpd
}

need_vane()
{
	[ $have_vane = yes ] && return 0
	left_out "$1: bench/hello does not build"
	return 1
}

need_fastcgi()
{
	[ $have_fastcgi = yes ] && return 0
	left_out "$1: this is a build without libfcgi"
	return 1
}

row_hello()
{
	set --
	for kind in $(native); do
		serve "$kind" "$kind" || continue
		eval "set -- \"\$@\" \"$kind:\$port_$kind:$kind\""
	done
	interleave hello load 1 "$@"
	compared "native hello, CPU us per request" hello 2 vane nginx "<=" 0.87
	compared "native hello, CPU us per request" hello 2 vane floor2 "<=" 1.05
	for kind in $(native); do
		rounds_detail hello "$kind" nginx 2
		[ "$kind" = floor1 ] || above_floor "$kind"
	done
}

# What a server adds to what the kernel takes: the kernel's share differs between machines.
above_floor()
{
	paste -d ' ' "$tmp/data/hello.$1" "$tmp/data/hello.floor1" | awk '{ print $2 - $6 }' | median \
		>"$tmp/above"
	detail hello "$1" "$(awk '{ printf "%.2f (%.2f-%.2f)", $1, $2, $3 }' "$tmp/above") us CPU \
above floor1"
}

row_instructions()
{
	if ! command -v valgrind >/dev/null; then
		left_out "instructions: valgrind is not installed"
		return
	fi
	n=500
	for kind in $(native) $([ $have_vane = no ] || echo vane_filters); do
		instructions "$kind" $n 0
		one=$result
		instructions "$kind" $((2 * n)) 0
		short=$(((result - one) / n))
		instructions "$kind" $n $n
		browser=$(((result - one) / n))
		detail instructions "$kind" "$short for a request of 40 bytes, $browser for one of 498"
		eval "short_$kind=$short browser_$kind=$browser"
	done
	[ "${short_vane:-0}" -gt 0 ] || return
	bar "instructions, 40-byte request" "$short_vane" "floor2 $short_floor2" \
		"$(number_ratio "$short_vane" "$short_floor2")" "$short_vane" "<=" 3400
	bar "instructions, browser's request" "$browser_vane" "floor2 $browser_floor2" \
		"$(number_ratio "$browser_vane" "$browser_floor2")" "$browser_vane" "<=" 10500
	bar "hello through three filters, instructions" "$short_vane_filters" "hello $short_vane" \
		"$(number_ratio "$short_vane_filters" "$short_vane")" \
		"$(number_ratio "$short_vane_filters" "$short_vane")" "<=" 1.10
}

number_ratio()
{
	awk -v a="$1" -v b="$2" 'BEGIN {
		if (b > 0)
			printf "%.2f", a * a < b * b / 4e4 ? 0 : a / b
		else
			print "-"
	}'
}

row_pipelined()
{
	set --
	for kind in floor2 vane nginx; do
		[ $kind != vane ] || [ $have_vane = yes ] || continue
		serve $kind $kind || continue
		eval "set -- \"\$@\" \"$kind:\$port_$kind:$kind\""
	done
	interleave pipelined wrk 16 "$@"
	compared "pipelined 16 deep, requests/s" pipelined 1 vane nginx ">=" 8
	for kind in floor2 vane nginx; do
		rounds_detail pipelined "$kind" nginx 1
	done
}

# System calls and allocations per request.
row_calls()
{
	n=25600
	for kind in floor2 vane nginx; do
		[ $kind != vane ] || [ $have_vane = yes ] || continue
		if command -v strace >/dev/null; then
			system_calls $kind $n
			set -- $result
			system_calls $kind $((2 * n))
			set -- "$@" $result
			calls=$(number_ratio $(($3 - $1)) $n)
			detail calls $kind "$calls system calls a request, and \
$(number_ratio $(($4 - $2)) $n) to wait with 64 connections"
			[ $kind != vane ] || bar "system calls per request, besides waiting" \
				"$calls" - - "$calls" "<=" 2
		fi
		if [ $have_count = yes ]; then
			allocations $kind $n
			heap=$(number_ratio "$result" $n)
			detail calls $kind "$heap heap allocations a request"
			[ $kind != vane ] || bar "heap allocations per request, steady state" \
				"$heap" - - "$heap" "<=" 0
		fi
	done
}

# Of the responder alone, on one kept connection, by difference as natively.
row_responder()
{
	need_vane responder || return
	n=2000
	if command -v valgrind >/dev/null; then
		wrap="valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file=$tmp/valgrind.log"
		responder $n 'awk "/Collected *:/ { n += \$NF } END { printf \"%.0f\", n }" $tmp/valgrind.log'
		bar "FastCGI, instructions a request of nginx's 20 parameters" "$result" - - "$result" "<=" 9000
	fi
	if command -v strace >/dev/null; then
		wrap="strace -D -f -c -o $tmp/strace"
		responder $n strace_calls
		bar "FastCGI, system calls a request, besides waiting" "$result" - - "$result" "<=" 2
	fi
	if [ $have_count = yes ]; then
		wrap="env LD_PRELOAD=$build/bench/.libs/count_malloc.so COUNT_MALLOC=$tmp/mallocs"
		responder $n 'od -An -t u8 $tmp/mallocs'
		bar "FastCGI, heap allocations a request" "$result" - - "$result" "<=" 0
	fi
}

# Whoever reads nothing of a large answer holds up nobody on the same process.
row_unread()
{
	need_vane unread || return
	serve unread vane_fastcgi 1 blocking || return
	set -- $(taskset -c "$load_cpu" "$(program load_fcgi)" "$tmp/unread.sock" 20000 8)
	stop unread
	[ $# -eq 2 ] || {
		left_out "unread: it did not answer"
		return
	}
	bar "p99 in ms beside 8 fronts that read nothing of 10 MiB, FastCGI, one process" \
		"$(number_ratio "$1" 1000)" - - "$(number_ratio "$1" 1000)" "<=" 5
	detail unread vane_fastcgi "p99 $1 us, maximum $2 us of 20000 requests"
}

# responder REQUESTS COUNT: what COUNT prints after so many requests more, for each of them.
responder()
{
	answered $1 "$2"
	before=$once
	answered $((2 * $1)) "$2"
	result=$(number_ratio $((once - before)) $1)
}

answered()
{
	counting=$wrap
	rm -f "$tmp/strace" "$tmp/mallocs"
	counted vane_fastcgi || return
	"$(program load_fcgi)" "$tmp/counted.sock" "$1" || left_out "responder: it did not answer"
	stop counted
	once=$(eval "$2")
	once=$((once))
	wrap=$counting
}

strace_calls()
{
	i=0
	while [ ! -s "$tmp/strace" ] && [ $i -lt 50 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	awk '$NF == "total" || $4 !~ /^[0-9]+$/ || $NF ~ /^epoll_p?wait2?$/ { next }
		{ n += $4 }
		END { print n + 0 }' "$tmp/strace"
}

row_fastcgi()
{
	need_fastcgi fastcgi || return
	serve fcgx64 fcgx 64
	if [ $have_vane = yes ]; then
		serve vane_fastcgi vane_fastcgi && serve vane_proxied vane_unix || return
		front fastcgi:fcgx64 fastcgi:vane_fastcgi proxy:vane_proxied || return
		interleave fastcgi wrk 1 "fcgx64:$front_fcgx64:front,fcgx64" \
			"vane_fastcgi:$front_vane_fastcgi:front,vane_fastcgi" \
			"vane_proxied:$front_vane_proxied:front,vane_proxied"
		compared "FastCGI behind nginx, kept, requests/s over proxy_pass to ourselves" \
			fastcgi 1 vane_fastcgi vane_proxied ">=" 0.97
		compared "FastCGI behind nginx, one process, requests/s over plain libfcgi with 64" \
			fastcgi 1 vane_fastcgi fcgx64 ">=" 1.5
	else
		need_vane fastcgi
		front fastcgi:fcgx64 || return
		interleave fastcgi wrk 1 "fcgx64:$front_fcgx64:front,fcgx64"
	fi
	for kind in vane_proxied vane_fastcgi fcgx64; do
		rounds_detail fastcgi $kind fcgx64 1
	done
}

# The same behind Apache, 16 clients; no bar.
row_apache()
{
	need_fastcgi apache || return
	if ! command -v apache2 >/dev/null; then
		left_out "apache: it is not installed"
		return
	fi
	set -- fcgx64
	serve fcgx64 fcgx 64
	[ $have_vane = no ] || ! serve vane_fastcgi vane_fastcgi || set -- fcgx64 vane_fastcgi
	# Its workers are somebody else.
	chmod a+x "$tmp" && chmod a+rw "$tmp"/*.sock
	if ! apache_front "$@"; then
		left_out "apache: it does not start here"
		return
	fi
	for kind in "$@"; do
		shift
		eval "set -- \"\$@\" \"$kind:\$front_$kind:front,$kind\""
	done
	clients=16
	interleave apache wrk 1 "$@"
	clients=64
	for kind in vane_fastcgi fcgx64; do
		rounds_detail apache $kind fcgx64 1
	done
}

# More kept connections than processes: who is left without an answer for two seconds?
row_kept()
{
	need_fastcgi kept || return
	for kind in vane_fastcgi fcgx; do
		[ $kind = fcgx ] || need_vane kept || continue
		serve back $kind 2 && front fastcgi:back || return
		set -- $(taskset -c "$load_cpu" "$load" -d 4 -t 2000 "$front_back" 64:/)
		detail kept $kind "$1 answers, $2 errors, $3 time-outs, p99 $5 us"
		eval "timeouts_$kind=$3 lost_$kind=$2"
		stop front
		stop back
	done
	[ $have_vane = yes ] || return
	bar "time-outs with 64 kept connections and 2 processes" "$timeouts_vane_fastcgi" \
		"plain libfcgi $timeouts_fcgx" - "$((timeouts_vane_fastcgi + lost_vane_fastcgi))" \
		"<=" 0
}

# 4 workers, 32 quick clients, 2 whose requests block 200 ms: does blocking hold up the others?
# Clients pause between requests: a processor that is full would hold them up all the same.
row_blocking()
{
	need_vane blocking || return
	set -- native
	serve native vane 4 blocking || return
	if need_fastcgi "blocking behind nginx"; then
		serve behind vane_fastcgi 4 blocking && front fastcgi:behind || return
		set -- native behind
		port_behind=$front_behind
	fi
	i=0
	while [ $i -lt $((rounds / 2 + 1)) ]; do
		for kind in "$@"; do
			eval "port=\$port_$kind"
			blocking_round $kind 32:/quick
			blocking_round $kind 32:/quick 2:/slow
		done
		i=$((i + 1))
	done
	blocking_bar "natively" native
	[ $# -eq 1 ] || blocking_bar "FastCGI behind nginx" behind
}

# blocking_round NAME GROUP...: at $port; p99 and p50 and the rest in ms into a file by the number
# of groups.
blocking_round()
{
	data=$tmp/data/blocking.$1.$#
	shift
	taskset -c "$load_cpu" "$load" -d 2 -i 2 "$port" "$@" >"$tmp/load.out"
	awk 'NR == 1 { p50 = $4 / 1000; p99 = $5 / 1000; max = $6 / 1000; quick = $1 / 2 }
		{ bad += $2 + $3 }
		END { print p99, p50, max, quick, $1 / 2, bad }' "$tmp/load.out" >>"$data"
}

blocking_bar()
{
	set -- "$1" "$2" "$(column blocking "$2.2" 1 | median | cut -d ' ' -f 1)" \
		$(column blocking "$2.3" 1 | median)
	bar "p99 in ms of 32 quick clients beside 2 that block 200 ms, 4 workers, $1" "$4" \
		"without those 2: $(number "$3")" "- ($(printf '%.2f-%.2f' "$5" "$6") ms)" "$4" "<=" 3
	set -- "$2" "blocking $2.3"
	detail blocking "$1" "quick: p50 $(column $2 2 | median | cut -d ' ' -f 1) ms, \
maximum $(column $2 3 | median | cut -d ' ' -f 1) ms, \
$(column $2 4 | median | awk '{ printf "%.0f", $1 }')/s; \
slow: $(column $2 5 | median | awk '{ printf "%.1f", $1 }')/s; \
errors and time-outs: $(column $2 6 | median | cut -d ' ' -f 3) at most"
}

# Memory of idle kept connections that were answered once.
row_idle()
{
	count=10000
	[ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge 10200 ] || count=$(($(ulimit -n) - 200))
	for kind in $(native); do
		serve idle "$kind" || continue
		idle_bytes $count
		detail idle "$kind" "$result bytes for each of $count idle connections"
		eval "idle_$kind=\$result"
		stop idle
	done
	[ $have_vane = yes ] || return
	bar "idle connection, bytes of memory" "$idle_vane" "nginx $idle_nginx" \
		"$(number_ratio "$idle_vane" "$idle_nginx")" "$idle_vane" "<=" 400
}

idle_bytes()
{
	"$load" -n 20 "$port_idle" 64:/ >"$tmp/load.out"
	before=$(rss_kib idle)
	rm -f "$tmp/hold"
	mkfifo "$tmp/hold"
	taskset -c "$load_cpu" "$load" -n 1 -H "$port_idle" "$1:/" <"$tmp/hold" >"$tmp/load.out" &
	holder=$!
	exec 9>"$tmp/hold"
	i=0
	while ! grep -q ready "$tmp/load.out" && [ $i -lt 300 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	after=$(rss_kib idle)
	exec 9>&-
	wait $holder
	awk 'NR == 2 && ($2 + $3) > 0 { print "bench/run: idle: " $2 + $3 " failed" >"/dev/stderr" }' \
		"$tmp/load.out"
	result=$(((after - before) * 1024 / $1))
}
