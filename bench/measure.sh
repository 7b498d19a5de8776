# SPDX-License-Identifier: MIT
#
# measure.sh - rounds, counters and medians for bench/run.
#
# A round's figures are a line in $tmp/data/ROW.SERVER: requests/s, CPU us/request, p50, p99.

# The server's processor and the load's: the first two that we may use.
pick_cpus()
{
	set -- $(awk '/^Cpus_allowed_list/ {
		n = split($2, part, ",")
		for (i = 1; i <= n; i++) {
			m = split(part[i], end, "-")
			for (c = end[1]; c <= (m > 1 ? end[2] : end[1]); c++)
				print c
		}
	}' /proc/self/status)
	server_cpu=$1
	load_cpu=${2:-$1}
}

machine()
{
	sed -n 's/^PRETTY_NAME="\(.*\)"/system: \1/p' /etc/os-release
	echo "kernel: $(uname -sr), $(uname -m)"
	echo "processors: $(nproc), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
		"(servers on $server_cpu, load on $load_cpu)"
	echo "load average before: $(cut -d ' ' -f 1 /proc/loadavg)"
	echo "compiler: $(sed -n 's/^CC = //p' "$build/Makefile")" \
		"$(sed -n 's/^CFLAGS = //p' "$build/Makefile")"
	echo "peers: $(nginx -v 2>&1 | sed 's/.*: //')," \
		"libfcgi $(pkg-config --modversion fcgi 2>/dev/null)," \
		"libmicrohttpd $(pkg-config --modversion libmicrohttpd 2>/dev/null)," \
		"$(wrk -v 2>&1 | sed -n '1s/ Copyright.*//p')"
	for package in fcgiwrap apache2-bin php-fpm; do
		dpkg-query -W -f '${Package} ${Version}\n' "$package" 2>/dev/null
	done | paste -s -d , - | sed 's/^/hosts: /; s/,/, /g'
	echo "settings: $rounds rounds of $seconds s, interleaved; $clients connections"
}

# A process and all that come from it.
tree()
{
	for pid in "$@"; do
		echo "$pid"
		tree $(cat /proc/"$pid"/task/*/children 2>/dev/null)
	done
}

# User and system time of servers, in us.
cpu_usec()
{
	for name in "$@"; do
		eval "tree \$pid_$name"
	done | while read -r pid; do
		sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null
	done | awk -v hz="$(getconf CLK_TCK)" '{ t += $12 + $13 } END { printf "%.0f\n", t * 1e6 / hz }'
}

path=/ upload= # for wrk: what it asks for, and how many bytes it sends there

# The clients print: requests, duration in us, errors, p50, p99.
client_wrk()
{
	taskset -c "$load_cpu" wrk -t 1 -c $clients -d "${seconds}s" -s "$bench/wrk.lua" \
		"http://127.0.0.1:$1$path" -- "$2" $upload | sed -n 's/^wrk //p'
}

client_load()
{
	taskset -c "$load_cpu" "$load" -d $seconds "$1" "$clients:/" \
		| awk -v s=$seconds '{ print $1, s * 1e6, $2 + $3, $4, $5 }'
}

# round ROW SERVER PORT "NAMES" CLIENT DEPTH: NAMES are the servers whose time counts.
round()
{
	before=$(cpu_usec $4)
	line=$("client_$5" "$3" "$6")
	after=$(cpu_usec $4)
	echo "$line $before $after" | awk -v who="$1: $2" '{
		if ($1 == 0 || $3 > 0)
			print "bench/run: " who ": " $3 " errors in " $1 " requests" >"/dev/stderr"
		printf "%.1f %.4f %d %d\n", $1 * 1e6 / $2, ($7 - $6) / ($1 ? $1 : 1), $4, $5
	}' >>"$tmp/data/$1.$2"
}

# interleave ROW CLIENT DEPTH SERVER:PORT:NAME[,NAME]...: all rounds; each begins with another
# server.
interleave()
{
	row=$1 client=$2 depth=$3
	shift 3
	i=0
	while [ $i -lt $rounds ]; do
		for entry in "$@"; do
			where=${entry#*:}
			round "$row" "${entry%%:*}" "${where%%:*}" \
				"$(echo "${where#*:}" | tr , ' ')" "$client" "$depth"
		done
		first=$1
		shift
		set -- "$@" "$first"
		i=$((i + 1))
	done
}

# Median, minimum and maximum of the numbers on standard input, one a line.
median()
{
	sort -g | awk '{ v[NR] = $1 }
		END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'
}

# column ROW SERVER N: the rounds' figures.
column()
{
	cut -d ' ' -f "$3" "$tmp/data/$1.$2"
}

# compare ROW N OURS PEER: medians of both, then median, minimum and maximum of the ratio, which
# is taken round by round, so that what disturbs a round disturbs both.
compare()
{
	[ -s "$tmp/data/$1.$3" ] && [ -s "$tmp/data/$1.$4" ] || return 1
	column "$1" "$3" "$2" >"$tmp/a"
	column "$1" "$4" "$2" >"$tmp/b"
	echo "$(median <"$tmp/a" | cut -d ' ' -f 1) $(median <"$tmp/b" | cut -d ' ' -f 1)" \
		"$(paste -d ' ' "$tmp/a" "$tmp/b" | awk '$2 > 0 { print $1 / $2 }' | median)"
}

# -- instructions, system calls, allocations: by difference, so that the start cancels
#
# These set $result rather than print: what a subshell starts, a trap would not find.

# counted KIND: start that server under $wrap, as "counted".
counted()
{
	serve counted "$1"
	started=$?
	wrap=
	return $started
}

# instructions KIND SHORT BROWSER: of a server that answers that many requests.
instructions()
{
	wrap="valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file=$tmp/valgrind.log"
	result=0
	counted "$1" || return
	[ "$2" -eq 0 ] || "$load" -n "$2" -t 30000 "$port_counted" 1:/ >"$tmp/load.out"
	[ "$3" -eq 0 ] || "$load" -n "$3" -t 30000 -b "$port_counted" 1:/ >"$tmp/load.out"
	stop counted
	result=$(awk '/Collected *:/ { n += $NF } END { printf "%.0f", n }' "$tmp/valgrind.log")
}

# system_calls KIND REQUESTS: all but waiting, then waiting, of a server that answers that many
# over 64 connections.
system_calls()
{
	rm -f "$tmp/strace"
	wrap="strace -D -f -c -o $tmp/strace"
	result="0 0"
	counted "$1" || return
	"$load" -n $(($2 / 64)) -t 30000 "$port_counted" 64:/ >"$tmp/load.out"
	stop counted
	i=0
	while [ ! -s "$tmp/strace" ] && [ $i -lt 50 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	result=$(awk '$NF == "total" || $4 !~ /^[0-9]+$/ { next }
		$NF ~ /^epoll_p?wait2?$/ { waits += $4; next }
		{ n += $4 }
		END { print n + 0, waits + 0 }' "$tmp/strace")
}

# allocations KIND REQUESTS: heap allocations in that many requests, after as many to warm up.
# The connections are kept, so that what they cost themselves is not counted.
allocations()
{
	wrap="env LD_PRELOAD=$build/bench/.libs/count_malloc.so COUNT_MALLOC=$tmp/mallocs"
	result=0
	counted "$1" || return
	allocated $(($2 / 64))
	result=$once
	allocated $(($2 / 32))
	result=$((once - result))
	stop counted
	rm -f "$tmp/mallocs"
}

# Allocations while 64 new connections each ask that often.
allocated()
{
	once=$(od -An -t u8 "$tmp/mallocs")
	"$load" -n "$1" "$port_counted" 64:/ >"$tmp/load.out"
	once=$(($(od -An -t u8 "$tmp/mallocs") - once))
}

# Resident memory of servers in KiB.
rss_kib()
{
	eval "tree \$pid_$1" | while read -r pid; do
		sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
	done | awk '{ t += $1 } END { print t + 0 }'
}

# -- the tables

number()
{
	awk -v n="$1" 'BEGIN { printf n < 100 && n != int(n) ? "%.2f" : "%.0f", n }'
}

# bar WHAT OURS PEER RATIO VALUE OP LIMIT: a line of the first table; VALUE is what is judged.
bar()
{
	met=$(awk -v v="$5" -v op="$6" -v l="$7" \
		'BEGIN { print (op == "<=" ? v <= l : v >= l) ? "yes" : "no" }')
	echo "| $1 | $(number "$2") | $3 | $4 | $6 $7 | $met |" >>"$tmp/bars"
}

# compared WHAT ROW N OURS PEER OP LIMIT: the same from rounds, judged by the ratio.
compared()
{
	set -- "$1" "$5" "$6" "$7" $(compare "$2" "$3" "$4" "$5")
	[ $# -eq 9 ] || return 1
	bar "$1" "$5" "$2 $(number "$6")" \
		"$(printf '%.2f (%.2f-%.2f)' "$7" "$8" "$9")" "$7" "$3" "$4"
}

detail()
{
	echo "| $1 | $2 | $3 |" >>"$tmp/details"
}

# rounds_detail ROW SERVER BASE N: figures of a server, and column N over that of the base.
rounds_detail()
{
	[ -s "$tmp/data/$1.$2" ] || return 0
	ratio=$(compare "$1" "$4" "$2" "$3" | awk '{ printf "%.2f (%.2f-%.2f)", $3, $4, $5 }')
	detail "$1" "$2" "$(column "$1" "$2" 1 | median | awk '{ printf "%.0f", $1 }') req/s, \
$(column "$1" "$2" 2 | median | awk '{ printf "%.2f", $1 }') us CPU, \
p50 $(column "$1" "$2" 3 | median | awk '{ printf "%.0f", $1 }') us, \
p99 $(column "$1" "$2" 4 | median | awk '{ print ($1 > 0 ? int($1) : "?") }') us; $ratio of $3"
}

left_out()
{
	echo "* $1" >>"$tmp/left-out"
}

report()
{
	cat <<-END
	# What bench/run measured

	Written by \`bench/run\`; README.md says how to read it.

	END
	sed 's/^/* /' "$tmp/machine"
	printf '\n## Bars\n\n'
	echo "| what | ours | peer | ratio (min-max) | bar | met |"
	echo "|---|---|---|---|---|---|"
	cat "$tmp/bars"
	echo
	cat "$bench/misses.md" # what the numbers do not say
	printf '\n## Details\n\n'
	echo "| row | server | medians |"
	echo "|---|---|---|"
	cat "$tmp/details"
	[ -s "$tmp/left-out" ] || return 0
	printf '\n## Left out\n\n'
	cat "$tmp/left-out"
}
