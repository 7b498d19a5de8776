# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2024 # used by who sources it; the log is the caller's
#
# packages.sh - which Debian packages are needed for what, and how they get here.
# To be sourced; speaks through say() and fail() of common.sh.

# With commas: the first that the release has.  Debian 12 has llhttp as sources only, among
# those of node-llhttp; where there is libllhttp-dev they are no longer.
PACKAGES_BUILD="autoconf automake libtool make gcc libc6-dev pkg-config
	libev-dev libfcgi-dev libpcre2-dev zlib1g-dev libllhttp-dev,node-llhttp"
# What the gateway hosts in the tests, and the browser that looks at it: half a gigabyte.
PACKAGES_HOSTED="php-fpm php-cgi dokuwiki spawn-fcgi perl libcgi-pm-perl git gitweb cgit
	chromium chromium-driver"
# For the tests that need no program of others.
PACKAGES_OWN="curl g++ libcmocka-dev libcurl4-openssl-dev libdw-dev libfcgi-bin libjansson-dev libsqlite3-dev locales mandoc openssl python3
	systemd"
PACKAGES_CHECK="$PACKAGES_OWN ca-certificates clang clang-format-19 shellcheck valgrind xz-utils
	nginx apache2-bin libapache2-mod-fcgid lighttpd caddy haproxy fcgiwrap
	iproute2 logrotate python3-yaml supervisor
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

# package_exists NAME - whether apt has it; a name without a version is only spoken of
package_exists() {
	apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: *[^( ]'
}

# package_installed PACKAGE - whether its name is, or the first of its names that there is
package_installed() {
	for name in $(printf '%s' "$1" | tr , ' '); do
		case $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) in
		installed) return 0 ;;
		esac
		! package_exists "$name" || return 1
	done
	return 1
}

packages_missing() {
	for package; do
		package_installed "$package" || printf '%s ' "$package"
	done
}

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
		nginx | lighttpd | caddy | haproxy | fcgiwrap | php-fpm | supervisor)
			say "  (the service of $package is installed with it and not started now;" \
				"it would be at the next boot: systemctl disable $(packages_service "$package"))"
			;;
		esac
	done
	# shellcheck disable=SC2154 # top is set by who sources this
	set -- "$top/scripts/install-packages" "$@"
	if [ "$(id -u)" -eq 0 ]; then
		patiently "$log" "installing packages" "$@"
	elif command -v sudo >/dev/null; then
		sudo true && # it may ask for a password
			patiently "$log" "installing packages" sudo "$@"
	else
		fail "there is no sudo here: have root install them, and run this again:" \
			"su -c '$*'"
	fi || fail_with_log "$log" "the packages could not be installed"
}
