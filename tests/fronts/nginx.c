/* SPDX-License-Identifier: MIT */
/*
 * nginx.c - nginx as a front server.
 *
 * The parameters are those of the files fastcgi_params and scgi_params that come with nginx.  What is set
 * beyond what a site needs: no limit on bodies, slashes left alone, room for long fields.
 */
#include "fronts/nginx.h"

#define PARAMS                                                                             \
	"fastcgi_param QUERY_STRING $query_string;\n"                                      \
	"fastcgi_param REQUEST_METHOD $request_method;\n"                                  \
	"fastcgi_param CONTENT_TYPE $content_type;\n"                                      \
	"fastcgi_param CONTENT_LENGTH $content_length;\n"                                  \
	"fastcgi_param SCRIPT_NAME $fastcgi_script_name;\n"                                \
	"fastcgi_param REQUEST_URI $request_uri;\n"                                        \
	"fastcgi_param DOCUMENT_URI $document_uri;\n"                                      \
	"fastcgi_param DOCUMENT_ROOT $document_root;\n"                                    \
	"fastcgi_param SERVER_PROTOCOL $server_protocol;\n"                                \
	"fastcgi_param REQUEST_SCHEME $scheme;\n"                                          \
	"fastcgi_param HTTPS $https if_not_empty;\n"                                       \
	"fastcgi_param GATEWAY_INTERFACE CGI/1.1;\n"                                       \
	"fastcgi_param SERVER_SOFTWARE nginx/$nginx_version;\n"                            \
	"fastcgi_param REMOTE_ADDR $remote_addr;\n"                                        \
	"fastcgi_param REMOTE_PORT $remote_port;\n"                                        \
	"fastcgi_param SERVER_ADDR $server_addr;\n"                                        \
	"fastcgi_param SERVER_PORT $server_port;\n"                                        \
	"fastcgi_param SERVER_NAME $server_name;\n"                                        \
	"fastcgi_param REDIRECT_STATUS 200;\n"

#define SCGI_PARAMS                                                                        \
	"scgi_param REQUEST_METHOD $request_method;\n"                                     \
	"scgi_param REQUEST_URI $request_uri;\n"                                           \
	"scgi_param QUERY_STRING $query_string;\n"                                         \
	"scgi_param CONTENT_TYPE $content_type;\n"                                         \
	"scgi_param DOCUMENT_URI $document_uri;\n"                                         \
	"scgi_param DOCUMENT_ROOT $document_root;\n"                                       \
	"scgi_param SCGI 1;\n"                                                             \
	"scgi_param SERVER_PROTOCOL $server_protocol;\n"                                   \
	"scgi_param REQUEST_SCHEME $scheme;\n"                                             \
	"scgi_param HTTPS $https if_not_empty;\n"                                          \
	"scgi_param REMOTE_ADDR $remote_addr;\n"                                           \
	"scgi_param REMOTE_PORT $remote_port;\n"                                           \
	"scgi_param SERVER_PORT $server_port;\n"                                           \
	"scgi_param SERVER_NAME $server_name;\n"

#define STREAMED "fastcgi_request_buffering off; fastcgi_buffering off;"

#define BEGIN                                                                              \
	"daemon off;\n"                                                                    \
	"master_process off;\n"                                                            \
	"pid @DIR@/nginx.pid;\n"                                                           \
	"error_log @DIR@/error.log notice;\n"                                              \
	"events { worker_connections 256; }\n"                                             \
	"http {\n"                                                                         \
	"access_log off;\n"                                                                \
	"client_body_temp_path @DIR@/body;\n"                                              \
	"fastcgi_temp_path @DIR@/fastcgi;\n"                                               \
	"proxy_temp_path @DIR@/proxy;\n"                                                   \
	"scgi_temp_path @DIR@/scgi;\n"                                                     \
	"uwsgi_temp_path @DIR@/uwsgi;\n"                                                   \
	"client_max_body_size 16m;\n"

static const char alone[] = BEGIN PARAMS
	"server { listen 127.0.0.1:@PORT0@; location / { fastcgi_pass unix:@SOCKET@; } }\n"
	"}\n";

static const char config[] = BEGIN
	"client_header_buffer_size 4k;\n"
	"large_client_header_buffers 8 32k;\n"
	"fastcgi_buffer_size 32k;\n"
	"proxy_buffer_size 32k;\n"
	"scgi_buffer_size 32k;\n"
	"scgi_buffers 8 32k;\n"
	"fastcgi_buffers 8 32k;\n"
	"proxy_buffers 8 32k;\n"
	"merge_slashes off;\n"
	"upstream app { server unix:@SOCKET@; }\n"
	"upstream app_kept { server unix:@SOCKET@; keepalive 8; }\n"
	"upstream native { server 127.0.0.1:@NATIVE@; keepalive 8; }\n" PARAMS SCGI_PARAMS
	"server { listen 127.0.0.1:@PORT0@; location / { fastcgi_pass app; } }\n"
	"server { listen 127.0.0.1:@PORT1@; location / { fastcgi_pass app_kept;\n"
	"	fastcgi_keep_conn on; } }\n"
	"server { listen 127.0.0.1:@PORT2@; location / { fastcgi_pass app; " STREAMED
	" } }\n"
	"server { listen 127.0.0.1:@PORT3@; location / { fastcgi_pass app_kept; " STREAMED
	"\n"
	"	fastcgi_keep_conn on; } }\n"
	"server { listen 127.0.0.1:@PORT4@; location / { proxy_pass http://native;\n"
	"	proxy_http_version 1.1;\n"
	"	proxy_set_header Host $http_host;\n"
	"	proxy_set_header Connection \"\";\n"
	"	proxy_set_header X-Real-IP $remote_addr;\n"
	"	proxy_set_header X-Forwarded-For $remote_addr;\n"
	"	proxy_set_header X-Scheme $scheme; } }\n"
	"server { listen 127.0.0.1:@PORT5@; location / { scgi_pass unix:@SCGI@; } }\n"
	"server { listen 127.0.0.1:@PORT6@; location / { scgi_pass unix:@SCGI@;\n"
	"	scgi_buffering off; } }\n"
	"}\n";

static const char *const names[] = { "nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx",
	NULL };

bool nginx_installed(void)
{
	return front_find(names) != NULL;
}

int nginx_start(struct front *front)
{
	const char *argv[] = { front_find(names), "-p", ".", "-e", "error.log", "-c",
		"@CONFIG@", NULL };
	const struct front_kind kind = {
		.argv = argv, .config = config, .wants_native = true, .wants_scgi = true
	};

	return front_start(front, &kind);
}

int nginx_start_alone(struct front *front)
{
	const char *argv[] = { front_find(names), "-p", ".", "-e", "error.log", "-c",
		"@CONFIG@", NULL };
	const struct front_kind kind = { .argv = argv, .config = alone, .alone = true };

	return front_start(front, &kind);
}
