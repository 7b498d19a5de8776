# SPDX-License-Identifier: MIT
#
# servers.sh - starts and stops ours and the others for bench/run.
#
# A server has a name; $pid_NAME is its process, $port_NAME its port or socket.

pids= wrap=

# launch NAME WHERE COMMAND...: start it on the servers' processor and wait until it listens.
launch()
{
	name=$1 where=$2
	shift 2
	taskset -c "$server_cpu" $wrap "$@" >"$tmp/logs/$name" 2>&1 </dev/null &
	pids="$pids $!"
	eval "pid_$name=$! port_$name=\$where"
	"$load" -w "$where" && return 0
	tail -n 5 "$tmp/logs/$name" >&2
	stop "$name"
	return 1
}

running()
{
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	''|Z*) return 1 ;;
	esac
}

# Some leave their children behind, as fcgiwrap does.
stop_pid()
{
	family=$(cat "/proc/$1/task/$1/children" 2>/dev/null)
	kill "$1" 2>/dev/null || return 0
	i=0
	while running "$1" && [ $i -lt 100 ]; do
		sleep 0.05
		i=$((i + 1))
	done
	for child in $1 $family; do
		running "$child" && kill -9 "$child" 2>/dev/null
	done
	wait "$1" 2>/dev/null
}

stop()
{
	eval "stopped=\$pid_$1"
	stop_pid "$stopped"
	left=
	for pid in $pids; do
		[ "$pid" = "$stopped" ] || left="$left $pid"
	done
	pids=$left
}

stop_all()
{
	for pid in $pids; do
		stop_pid "$pid"
	done
	pids=
}

free_port()
{
	"$load" -p 1
}

# serve NAME KIND [PROCESSES [PROGRAM]]
serve()
{
	port=$(free_port) sock=$tmp/$1.sock
	case $2 in
	floor1) launch "$1" "$port" "$(program floor_epoll)" "$port" ;;
	floor2) launch "$1" "$port" "$(program floor_libev)" "$port" ;;
	microhttpd) launch "$1" "$port" "$(program hello_microhttpd)" "$port" ;;
	fcgx) launch "$1" "$sock" "$(program hello_fcgx)" "$sock" "${3:-1}" ;;
	vane) launch_vane "$1" "$port" "${4:-hello}" "${3:-1}" http "127.0.0.1:$port" ;;
	vane_filters) launch_vane "$1" "$port" filtered "${3:-1}" http "127.0.0.1:$port" ;;
	vane_unix) launch_vane "$1" "$sock" "${4:-hello}" "${3:-1}" http "unix:$sock" ;;
	vane_fastcgi) launch_vane "$1" "$sock" "${4:-hello}" "${3:-1}" fastcgi "unix:$sock" ;;
	nginx)
		nginx_head "$1" >"$tmp/$1.conf"
		cat >>"$tmp/$1.conf" <<-END
		server {
			listen 127.0.0.1:$port backlog=1024;
			location / { return 200 "Hello, World!\\n"; }
		}
		}
		END
		launch_nginx "$1" "$port" ;;
	esac
}

launch_vane()
{
	launch "$1" "$2" "$(program "$3")" --processes "$4" --mode "$5" --listen "$6" \
		--access-log off --logging warning
}

launch_nginx()
{
	launch "$1" "$2" nginx -c "$tmp/$1.conf" -p "$tmp" -e "$tmp/logs/$1.error"
}

# The same settings for all nginx: one worker, nothing logged, connections kept for good.
nginx_head()
{
	[ "$(id -u)" -ne 0 ] || echo "user root;"
	cat <<-END
	daemon off;
	worker_processes 1;
	worker_rlimit_nofile $(ulimit -n);
	pid $tmp/$1.pid;
	error_log $tmp/logs/$1.error error;
	events { worker_connections 12000; }
	http {
	access_log off;
	default_type "text/plain; charset=utf-8";
	keepalive_requests 1000000000;
	keepalive_timeout 3600s;
	client_body_temp_path $tmp/$1.body;
	proxy_temp_path $tmp/$1.proxy;
	fastcgi_temp_path $tmp/$1.fastcgi;
	uwsgi_temp_path $tmp/$1.uwsgi;
	scgi_temp_path $tmp/$1.scgi;
	END
}

# front PROTOCOL:SERVER...: one nginx, "front", before servers on unix sockets, each by proxy or
# by fastcgi on a port of its own, $front_SERVER; connections to them are kept.
front()
{
	nginx_head front >"$tmp/front.conf"
	for entry in "$@"; do
		back=${entry#*:} port=$(free_port)
		eval "sock=\$port_$back front_$back=$port"
		cat >>"$tmp/front.conf" <<-END
		upstream $back {
			server unix:$sock;
			keepalive 128;
			keepalive_requests 1000000000;
			keepalive_timeout 3600s;
		}
		server {
			listen 127.0.0.1:$port backlog=1024;
			location / {
		END
		"front_${entry%%:*}" "$back" >>"$tmp/front.conf"
		printf '}\n}\n' >>"$tmp/front.conf"
	done
	echo "}" >>"$tmp/front.conf"
	launch_nginx front "$port"
}

front_proxy()
{
	cat <<-END
	proxy_pass http://$1;
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	END
}

front_fastcgi()
{
	echo "fastcgi_pass $1; fastcgi_keep_conn on;"
	front_params
}

front_params()
{
	while read -r param value; do
		echo "fastcgi_param $param $value;"
	done <<-'END'
	QUERY_STRING $query_string
	REQUEST_METHOD $request_method
	CONTENT_TYPE $content_type
	CONTENT_LENGTH $content_length
	SCRIPT_NAME $fastcgi_script_name
	REQUEST_URI $request_uri
	DOCUMENT_URI $document_uri
	DOCUMENT_ROOT $document_root
	SERVER_PROTOCOL $server_protocol
	REQUEST_SCHEME $scheme
	HTTPS $https if_not_empty
	GATEWAY_INTERFACE CGI/1.1
	SERVER_SOFTWARE nginx/$nginx_version
	REMOTE_ADDR $remote_addr
	REMOTE_PORT $remote_port
	SERVER_ADDR $server_addr
	SERVER_PORT $server_port
	SERVER_NAME $server_name
	REDIRECT_STATUS 200
	END
}

# The head of Apache's configuration, and where its $modules are.
apache_head()
{
	for modules in /usr/lib/apache2/modules /usr/lib64/httpd/modules; do
		[ ! -f "$modules/mod_proxy_fcgi.so" ] || break
	done
	[ -f "$modules/mod_proxy_fcgi.so" ] || return 1
	cat <<-END
	ServerRoot $tmp
	ServerName localhost
	DefaultRuntimeDir $tmp
	PidFile $tmp/$1.pid
	ErrorLog $tmp/logs/$1.error
	LogLevel error
	MaxKeepAliveRequests 0
	LoadModule mpm_event_module $modules/mod_mpm_event.so
	LoadModule authz_core_module $modules/mod_authz_core.so
	LoadModule proxy_module $modules/mod_proxy.so
	LoadModule proxy_fcgi_module $modules/mod_proxy_fcgi.so
	END
	[ "$(id -u)" -ne 0 ] || printf 'User #%s\nGroup #%s\n' 65534 65534
}

# Apache in front of FastCGI servers on unix sockets, as "front", each on a port of its own.  An
# own name after fcgi:// for each: Apache takes those of one name for one server.
apache_front()
{
	apache_head front >"$tmp/apache.conf" || return 1
	for back in "$@"; do
		port=$(free_port)
		eval "sock=\$port_$back front_$back=$port"
		cat >>"$tmp/apache.conf" <<-END
		Listen 127.0.0.1:$port
		<VirtualHost 127.0.0.1:$port>
		ProxyPass / "unix:$sock|fcgi://$back/" enablereuse=on
		</VirtualHost>
		END
	done
	launch front "$port" apache2 -D FOREGROUND -f "$tmp/apache.conf"
}
