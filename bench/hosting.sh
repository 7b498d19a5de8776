# SPDX-License-Identifier: MIT
#
# hosting.sh - CGI and PHP, and who hosts them: ours, nginx and Apache.
#
# All of them serve $tmp/site: hello.php, download.php, upload.php, and cgi-bin/hello.

children=16 # of php-fpm and of fcgiwrap, to each who asks them

make_site()
{
	mkdir -p "$tmp/site/cgi-bin"
	cp "$(program hello_cgi)" "$tmp/site/cgi-bin/hello"
	cat >"$tmp/site/hello.php" <<-'END'
	<?php
	header('Content-Type: text/plain');
	echo "Hello, World!\n";
	END
	cat >"$tmp/site/download.php" <<-'END'
	<?php
	header('Content-Type: application/octet-stream');
	header('Content-Length: 10485760');
	$piece = str_repeat('x', 65536);
	for ($i = 0; $i < 160; $i++)
		echo $piece;
	END
	cat >"$tmp/site/upload.php" <<-'END'
	<?php
	$in = fopen('php://input', 'r');
	for ($bytes = 0; !feof($in);)
		$bytes += strlen(fread($in, 65536));
	header('Content-Type: text/plain');
	if ($bytes != 10485760)
		http_response_code(400);
	echo "$bytes\n";
	END
	chmod -R a+rX "$tmp/site"
}

find_fpm()
{
	for fpm in php-fpm php-fpm8.2 php-fpm8.3 php-fpm8.4; do
		command -v "$fpm" && return 0
	done
	return 1
}

# php_fpm NAME...: one php-fpm with a pool for each who asks, as kept connections occupy its
# children also while others are measured; the sockets are $port_fpm_NAME.
php_fpm()
{
	printf '[global]\ndaemonize = no\nerror_log = %s\npid = %s\n' "$tmp/logs/fpm.error" \
		"$tmp/fpm.pid" >"$tmp/fpm.conf"
	for pool in "$@"; do
		sock=$tmp/fpm_$pool.sock
		eval "port_fpm_$pool=\$sock"
		cat >>"$tmp/fpm.conf" <<-END
		[$pool]
		listen = $sock
		listen.mode = 0666
		listen.backlog = 1024
		pm = static
		pm.max_children = $children
		php_admin_value[post_max_size] = 64M
		END
		[ "$(id -u)" -ne 0 ] || printf 'user = root\ngroup = root\n' >>"$tmp/fpm.conf"
	done
	launch fpm "$sock" "$(find_fpm)" -F -R -y "$tmp/fpm.conf"
}

# gateway NAME OPTION...: ours, on a port of its own, $port_NAME.
gateway()
{
	who=$1
	shift
	port=$(free_port)
	launch "$who" "$port" env TMPDIR="$tmp" "$(gateway_program)" --listen "127.0.0.1:$port" \
		--access-log off --logging warning --root "$tmp/site" "$@"
}

gateway_program()
{
	if [ -x "$build/.libs/vane-gateway" ]; then
		echo "$build/.libs/vane-gateway"
	else
		echo "$build/vane-gateway"
	fi
}

fcgiwrap_start()
{
	launch fcgiwrap "$tmp/fcgiwrap.sock" fcgiwrap -c $children -s "unix:$tmp/fcgiwrap.sock"
}

# The head of one nginx, "front", that hosts; nginx_hosts adds a server to it, and
# nginx_hosting_start ends it.
nginx_hosting()
{
	nginx_head front >"$tmp/front.conf"
	echo "client_max_body_size 100m;" >>"$tmp/front.conf"
}

# nginx_hosts NAME KIND SOCKET: on a port of its own, $front_NAME; nginx's own defaults but for
# what the kind says.
nginx_hosts()
{
	port=$(free_port)
	eval "front_$1=$port"
	{
		echo "upstream $1 { server unix:$3;"
		[ "$2" != kept ] || echo "keepalive $children; keepalive_requests 1000000000;"
		echo "}"
		echo "server { listen 127.0.0.1:$port backlog=1024; root $tmp/site;"
		if [ "$2" = cgi ]; then
			echo "location /cgi-bin/ { fastcgi_pass $1;"
			echo "fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;"
		else
			nginx_php "$1" "$2"
		fi
		front_params
		printf '}\n}\n'
	} >>"$tmp/front.conf"
}

# A script must be there, as ours looks too; so does Debian's snippets/fastcgi-php.conf.
nginx_php()
{
	cat <<-END
	location ~ [^/]\.php(/|\$) {
	fastcgi_split_path_info ^(.+?\.php)(/.*)\$;
	try_files \$fastcgi_script_name =404;
	fastcgi_pass $1;
	fastcgi_param PATH_INFO \$fastcgi_path_info;
	fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
	END
	case $2 in
	kept) echo "fastcgi_keep_conn on;" ;;
	streamed) echo "fastcgi_request_buffering off; fastcgi_buffering off;" ;;
	esac
}

nginx_hosting_start()
{
	echo "}" >>"$tmp/front.conf"
	launch_nginx front "$port"
}

# apache_hosting SOCKET: CGI by mod_cgid, and PHP by mod_proxy_fcgi if there is a socket, as
# "apache".
apache_hosting()
{
	port=$(free_port)
	apache_head apache >"$tmp/apache.conf" || return 1
	cat >>"$tmp/apache.conf" <<-END
	LoadModule alias_module $modules/mod_alias.so
	LoadModule cgid_module $modules/mod_cgid.so
	ScriptSock $tmp/apache.cgid
	Listen 127.0.0.1:$port
	DocumentRoot $tmp/site
	ScriptAlias /cgi-bin/ $tmp/site/cgi-bin/
	<Directory $tmp/site>
	AllowOverride None
	Require all granted
	</Directory>
	END
	[ -z "$1" ] || cat >>"$tmp/apache.conf" <<-END
	<FilesMatch "\.php$">
	SetHandler "proxy:unix:$1|fcgi://php"
	</FilesMatch>
	END
	chmod a+x "$tmp"
	launch apache "$port" apache2 -D FOREGROUND -f "$tmp/apache.conf"
}
