#!/bin/sh
# SPDX-License-Identifier: MIT
#
# installcheck.sh - build a program against what was installed, and run it in each mode; the
# same for one that hosts others, and for the installed vane-gateway.
#
# usage: installcheck.sh PROGRAM.c GATEWAY.c, in the environment that Makefile.am gives it.

set -eu
. "$(dirname "$0")/common.sh"
source=$1
hosting=$2
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
cp "$hosting" "$work/hosting.c"
mkdir "$work/cgi"
cat >"$work/cgi/hello.sh" <<'SCRIPT'
#!/bin/sh
printf 'Content-Type: text/plain\n\nHello, %s!\n' "${PATH_INFO#/}"
SCRIPT
chmod 755 "$work" "$work/cgi" "$work/cgi/hello.sh"
cd "$work"
for program in program hosting; do
	# shellcheck disable=SC2046,SC2086
	$CC $CFLAGS $($PKG_CONFIG --cflags vane) -o $program $program.c \
		$($PKG_CONFIG --libs $static vane)
done

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

# answers WHAT TARGET PROGRAM OPTION... - whether a native server starts and gives its answer
answers() {
	what=$1 target=$2
	shift 2
	: >native.log # not the last one's
	"$@" --listen=127.0.0.1:0 2>native.log &
	native=$!
	pids="$pids $native"
	await 10 listens
	[ -n "$port" ] || fail_with_log native.log "$what does not start"
	if command -v curl >/dev/null; then
		want "$(curl -s --max-time 10 "http://127.0.0.1:$port$target")"
		say "installcheck: $what works"
	else
		say "installcheck: no curl, $what was started only"
	fi
}

want "$(GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET REQUEST_URI=/hello/Ada \
	SERVER_NAME=localhost SERVER_PORT=80 SERVER_PROTOCOL=HTTP/1.1 ./program </dev/null)"
say "installcheck: CGI works"

answers "the native server" /hello/Ada ./program
answers "a program that hosts others" /cgi-bin/hello.sh/Ada ./hosting "--scripts=$work/cgi"
answers "vane-gateway" /scripts/hello.sh/Ada \
	"$DESTDIR$BINDIR/vane-gateway" "--cgi=/scripts/=$work/cgi"

[ "$(echo 'vane_defer(res);' | sed -f "$DESTDIR$PKGDATADIR/rename.sed")" = 'vane_response_defer(res);' ] ||
	fail "installcheck: there is no rename.sed"

if command -v cgi-fcgi >/dev/null; then
	./program --mode=fastcgi --listen="unix:$work/sock" 2>fastcgi.log &
	pids="$pids $!"
	await 10 test -S sock || fail_with_log fastcgi.log "the FastCGI program does not start"
	want "$(REQUEST_METHOD=GET REQUEST_URI=/hello/Ada SERVER_NAME=localhost SERVER_PORT=80 \
		SERVER_PROTOCOL=HTTP/1.1 cgi-fcgi -bind -connect "$work/sock" </dev/null)"
	say "installcheck: FastCGI works"
else
	say "installcheck: no cgi-fcgi, FastCGI was not tried"
fi
