# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# front.sh - a web server of our own in front of a program: in the foreground, configured in a
# temporary folder, listening on 127.0.0.1.  To be sourced.
#
# A configuration is a whole server (fronts/) around what the program prints itself
# (--print-config), in which only the address to listen at is changed.

# front_program FRONT - what is to be started
front_program() {
	case $1 in
	apache | mod_fcgid) echo /usr/sbin/apache2 ;;
	nginx | lighttpd) echo "/usr/sbin/$1" ;;
	caddy) echo /usr/bin/caddy ;;
	haproxy) echo /usr/sbin/haproxy ;;
	esac
}

# shellcheck disable=SC2154 # front_templates is set by who sources this
# front_configure FRONT DIR PORT PROGRAM [PROTOCOL] - write the configuration for PROGRAM, which listens
# at DIR/demo.sock and speaks FastCGI or that PROTOCOL, unless the front starts it itself; $front_more are
# options besides
front_configure() (
	kind=$1 folder=$2 number=$3 program=$4 protocol=${5:-fastcgi}
	# shellcheck disable=SC2086 # options are words
	case $kind in
	mod_fcgid) "$program" --print-config=mod_fcgid ;;
	*) "$program" --print-config="$kind" --mode="$protocol" "--listen=unix:$folder/demo.sock" \
		--socket-mode=0666 ${front_more:-} ;;
	esac >"$folder/printed.conf" || exit 1
	sed -e "s/^\(\tlisten\) 80;/\1 127.0.0.1:$number;/" \
		-e "s/^\(\tbind\) :80/\1 127.0.0.1:$number/" \
		-e "s|^example\.org {|http://127.0.0.1:$number {|" \
		"$folder/printed.conf" >"$folder/program.conf"
	# As root nginx and Apache start workers as somebody else.
	user=
	[ "$(id -u)" -ne 0 ] || user=www-data
	sed -e "s|@DIR@|$folder|g" -e "s|@PORT@|$number|g" -e "s|@USER@|$user|g" \
		-e "${user:+s/^@ROOT@//}" -e '/^@ROOT@/d' \
		"$front_templates/$kind.conf" >"$folder/front.conf"
)

# front_exec FRONT DIR - become the web server
front_exec() {
	case $1 in
	nginx)
		cp /etc/nginx/fastcgi_params /etc/nginx/scgi_params "$2/" || exit 1
		exec /usr/sbin/nginx -p "$2" -c "$2/front.conf" -e stderr
		;;
	apache | mod_fcgid) exec /usr/sbin/apache2 -d "$2" -f "$2/front.conf" -DFOREGROUND ;;
	lighttpd) exec /usr/sbin/lighttpd -D -f "$2/front.conf" ;;
	haproxy) exec /usr/sbin/haproxy -db -f "$2/front.conf" -f "$2/program.conf" ;;
	caddy)
		HOME=$2 XDG_DATA_HOME=$2 XDG_CONFIG_HOME=$2 \
			exec /usr/bin/caddy run --config "$2/front.conf" --adapter caddyfile
		;;
	esac
}
