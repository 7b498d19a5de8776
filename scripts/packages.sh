# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2024 # used by who sources it; the log is the caller's
#
# packages.sh - which Debian packages are needed for what, and the one place that calls apt-get.
# To be sourced; speaks through say() and fail() of common.sh.

PACKAGES_BUILD="autoconf automake libtool make gcc libc6-dev pkg-config
	libev-dev libfcgi-dev libpcre2-dev node-llhttp"
# What the gateway hosts in the tests, and the browser that looks at it: half a gigabyte.
PACKAGES_HOSTED="php-fpm php-cgi dokuwiki spawn-fcgi perl libcgi-pm-perl python3 git gitweb cgit
	chromium chromium-driver"
PACKAGES_CHECK="ca-certificates clang curl g++ libcmocka-dev libcurl4-openssl-dev libfcgi-bin mandoc
	shellcheck valgrind xz-utils
	nginx apache2-bin libapache2-mod-fcgid lighttpd caddy haproxy
	$PACKAGES_HOSTED"

# packages_front FRONT - what a web server in front needs
packages_front() {
	case $1 in
	apache) echo apache2-bin ;;
	mod_fcgid) echo apache2-bin libapache2-mod-fcgid ;;
	*) echo "$1" ;;
	esac
}

# packages_service PACKAGE - the service that comes with it
packages_service() {
	case $1 in
	php-fpm) echo 'php*-fpm' ;;
	*) echo "$1" ;;
	esac
}

packages_missing() {
	for package; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
		installed) ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

# Run by root.  Debian's services of the web servers must not start now: while apt-get runs,
# the file that forbids it is there, unless the administrator has one of his own.
# shellcheck disable=SC2016
packages_apt='
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap "rm -f $policy" EXIT
	trap "exit 1" HUP INT TERM
	printf "#!/bin/sh\nexit 101\n" >$policy
	chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q || echo "apt-get update failed: trying with the lists that are there"
apt-get install -q -y --no-install-recommends "$@"
'

# packages_install LOG PACKAGE... - install those that are missing
packages_install() {
	log=$1
	shift
	# shellcheck disable=SC2046,SC2086
	set -- $(packages_missing "$@")
	[ $# -gt 0 ] || return 0
	command -v apt-get >/dev/null ||
		fail "this needs Debian's packages, and there is no apt-get here: $*"
	say "installing Debian packages: $*"
	for package; do
		case $package in
		nginx | lighttpd | caddy | haproxy | php-fpm)
			say "  (the service of $package is installed with it and not started now;" \
				"it would be at the next boot: systemctl disable $(packages_service "$package"))"
			;;
		esac
	done
	if [ "$(id -u)" -eq 0 ]; then
		sh -c "$packages_apt" sh "$@" >"$log" 2>&1 </dev/null
	elif command -v sudo >/dev/null; then
		sudo sh -c "$packages_apt" sh "$@" >"$log" 2>&1
	else
		fail "to install them, run this as root, or install sudo:" \
			"apt-get install $*"
	fi || fail_with_log "$log" "the packages could not be installed"
}
