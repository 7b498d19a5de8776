#!/bin/sh
# SPDX-License-Identifier: MIT
#
# installcheck.sh - build a program against what was installed, and run it in each mode.
#
# usage: installcheck.sh PROGRAM.c, in the environment that Makefile.am gives it.

set -eu
. "$(dirname "$0")/common.sh"
source=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/vane.XXXXXX")
pids=
# shellcheck disable=SC2086
trap 'stop_processes $pids; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

export PKG_CONFIG_PATH="$DESTDIR$LIBDIR/pkgconfig"
[ -z "$DESTDIR" ] || export PKG_CONFIG_SYSROOT_DIR="$DESTDIR"
export LD_LIBRARY_PATH="$DESTDIR$LIBDIR"
$PKG_CONFIG --validate vane
# A build without shared libraries is linked with all that libvane itself needs.
static=
ls "$DESTDIR$LIBDIR"/libvane.so* >/dev/null 2>&1 || static=--static
cp "$source" "$work/program.c"
cd "$work"
# shellcheck disable=SC2046,SC2086
$CC $CFLAGS $($PKG_CONFIG --cflags vane) -o program program.c $($PKG_CONFIG --libs $static vane)

# want ANSWER - whether it ends in what the program is to say
want() {
	case $1 in
	*'Hello, Ada!') ;;
	*) fail "installcheck: the program says: $1" ;;
	esac
}

listens() {
	port=$(sed -n 's|.*http://127\.0\.0\.1:\([0-9]*\)/.*|\1|p' native.log)
	[ -n "$port" ] || gone "$native"
}

want "$(GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET REQUEST_URI=/hello/Ada \
	SERVER_NAME=localhost SERVER_PORT=80 SERVER_PROTOCOL=HTTP/1.1 ./program </dev/null)"
say "installcheck: CGI works"

./program --listen=127.0.0.1:0 2>native.log &
native=$!
pids=$native
await 10 listens
[ -n "$port" ] || fail_with_log native.log "the native server does not start"
if command -v curl >/dev/null; then
	want "$(curl -s --max-time 10 "http://127.0.0.1:$port/hello/Ada")"
	say "installcheck: the native server works"
else
	say "installcheck: no curl, the native server was started only"
fi

if [ "$WITH_FASTCGI" != yes ]; then
	say "installcheck: built without FastCGI"
elif command -v cgi-fcgi >/dev/null; then
	./program --mode=fastcgi --listen="unix:$work/sock" 2>fastcgi.log &
	pids="$pids $!"
	await 10 test -S sock || fail_with_log fastcgi.log "the FastCGI program does not start"
	want "$(REQUEST_METHOD=GET REQUEST_URI=/hello/Ada SERVER_NAME=localhost SERVER_PORT=80 \
		SERVER_PROTOCOL=HTTP/1.1 cgi-fcgi -bind -connect "$work/sock" </dev/null)"
	say "installcheck: FastCGI works"
else
	say "installcheck: no cgi-fcgi, FastCGI was not tried"
fi
