# SPDX-License-Identifier: MIT
#
# hosting_rows.sh - the rows of bench/run about the gateway: foreign programs behind ours and
# behind others.

# need ROW COMMAND...: false, and a line about it, if one is not installed.
need()
{
	row_needs=$1
	shift
	for command in "$@"; do
		command -v "$command" >/dev/null && continue
		left_out "$row_needs: $command is not installed"
		return 1
	done
}

need_gateway()
{
	[ $have_gateway = yes ] && return 0
	left_out "$1: vane-gateway does not build"
	return 1
}

need_php()
{
	find_fpm >/dev/null && return 0
	left_out "$1: php-fpm is not installed"
	return 1
}

# A small C program as CGI, 16 clients; the programs share the processor with their host.
row_cgi()
{
	need_gateway cgi || return
	make_site
	gateway vane_cgi --cgi "/cgi-bin/=$tmp/site/cgi-bin" || return
	set -- "vane_cgi:$port_vane_cgi:vane_cgi"
	if need cgi fcgiwrap && fcgiwrap_start; then
		nginx_hosting
		nginx_hosts fcgiwrap cgi "$tmp/fcgiwrap.sock"
		nginx_hosting_start && set -- "$@" "fcgiwrap:$front_fcgiwrap:front,fcgiwrap"
	fi
	if need cgi apache2 && apache_hosting ""; then
		set -- "$@" "mod_cgid:$port_apache:apache"
	fi
	clients=16 path=/cgi-bin/hello
	interleave cgi wrk 1 "$@"
	clients=64 path=/
	compared "CGI hello, requests/s, over fcgiwrap behind nginx" cgi 1 vane_cgi fcgiwrap ">=" 2
	compared "CGI hello, requests/s, over Apache's mod_cgid" cgi 1 vane_cgi mod_cgid ">=" 1.3
	for kind in vane_cgi fcgiwrap mod_cgid; do
		rounds_detail cgi $kind fcgiwrap 1
	done
}

# PHP's hello, as many clients as php-fpm has children; with a connection for each request, as is
# the default of all, and with kept ones.  Then with four times as many clients: nginx keeps no
# connections there, as those above 16 would wait for ever.  The time is that of who is in front.
row_php()
{
	need_gateway php && need_php php || return
	make_site
	php_fpm vane vane_kept nginx nginx_kept apache || return
	gateway vane_php --fastcgi ".php=unix:$port_fpm_vane" || return
	gateway vane_php_kept --fastcgi ".php=unix:$port_fpm_vane_kept" --max-idle $children \
		--max-active $children || return
	nginx_hosting
	nginx_hosts nginx_php fresh "$port_fpm_nginx"
	nginx_hosts nginx_php_kept kept "$port_fpm_nginx_kept"
	nginx_hosting_start || return
	set -- "vane_php:$port_vane_php:vane_php" \
		"nginx_php:$front_nginx_php:front" \
		"vane_php_kept:$port_vane_php_kept:vane_php_kept" \
		"nginx_php_kept:$front_nginx_php_kept:front"
	if need php apache2 && apache_hosting "$port_fpm_apache"; then
		set -- "$@" "apache_php:$port_apache:apache"
	fi
	clients=$children path=/hello.php
	interleave php wrk 1 "$@"
	clients=64
	interleave php_many wrk 1 "vane_php_kept:$port_vane_php_kept:vane_php_kept" \
		"nginx_php:$front_nginx_php:front"
	path=/
	php_bars "a connection each" php vane_php nginx_php
	php_bars "kept connections" php vane_php_kept nginx_php_kept
	php_bars "64 clients" php_many vane_php_kept nginx_php
	for kind in vane_php nginx_php apache_php vane_php_kept nginx_php_kept; do
		rounds_detail php $kind nginx_php 1
	done
	rounds_detail php_many vane_php_kept nginx_php 1
	rounds_detail php_many nginx_php nginx_php 1
}

# php_bars WHAT ROW OURS PEER
php_bars()
{
	compared "php-fpm hello, $1, requests/s over behind nginx" "$2" 1 "$3" "$4" ">=" 1.1
	compared "php-fpm hello, $1, CPU us of who is in front" "$2" 2 "$3" "$4" "<=" 0.8
}

# 10 MiB to and from PHP, 4 clients: whole bodies are collected first, or handed on as they come.
row_bodies()
{
	need_gateway bodies && need_php bodies || return
	make_site
	php_fpm all || return
	gateway vane_whole --fastcgi ".php=unix:$port_fpm_all" || return
	gateway vane_streamed --fastcgi ".php=unix:$port_fpm_all" --stream || return
	nginx_hosting
	nginx_hosts nginx_whole fresh "$port_fpm_all"
	nginx_hosts nginx_streamed streamed "$port_fpm_all"
	nginx_hosting_start || return
	set -- "vane_whole:$port_vane_whole:vane_whole" \
		"nginx_whole:$front_nginx_whole:front" \
		"vane_streamed:$port_vane_streamed:vane_streamed" \
		"nginx_streamed:$front_nginx_streamed:front"
	clients=4
	path=/upload.php upload=10485760
	interleave upload wrk 1 "$@"
	path=/download.php upload=
	interleave download wrk 1 "$@"
	clients=64 path=/
	for way in upload download; do
		for how in whole streamed; do
			compared "10 MiB $way through php-fpm, $how, requests/s over nginx" \
				$way 1 vane_$how nginx_$how ">=" 1.2
		done
		for kind in vane_whole nginx_whole vane_streamed nginx_streamed; do
			rounds_detail $way $kind nginx_whole 1
		done
	done
}

# Starting a child from a small parent and from a large one; no bar.
row_spawn()
{
	need_gateway spawn || return
	spawn=$(program spawn) hello=$(program hello_cgi)
	for mib in 0 1024; do
		for how in fork posix_spawn vane; do
			set -- $(taskset -c "$server_cpu" "$spawn" $how $mib 500 "$hello")
			[ $# -eq 3 ] || continue
			detail spawn "$how, $mib MiB" "$1 us until the parent goes on, \
$2 us until the child has ended, $3 us CPU of both"
		done
	done
}
