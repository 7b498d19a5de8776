/* SPDX-License-Identifier: MIT */
/*
 * test_print_config.c - adapters/main/front_config.c and all that begin so
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vane/filter.h>
#include <vane/log.h>
#include <vane/netutil.h>
#include <vane/options.h>
#include <vane/process.h>
#include <vane/static.h>

#include "adapters/main/front_config.h"
#include "base.h"

int vane_cpu_count(void)
{
	return 3;
}

bool vane_socket_is_listening(int fd)
{
	return false;
}

bool vane_option_given(const char *name)
{
	return false;
}

bool vane_option_value(size_t i, const char **name, const char **value)
{
	return false;
}

static const char *const servers[] = { "nginx", "apache", "mod_fcgid", "lighttpd", "caddy",
	"supervisor", "systemd", "haproxy" };

static const struct vane__settings plain = { .mode = "auto",
	.port = 8888,
	.processes = 1,
	.max_body_bytes = 100 << 20,
	.shutdown_msec = 10000 };

static void print(char *text, size_t size, const struct vane__settings *settings,
	bool listen_given, const char *server)
{
	struct vane__front_config config;
	FILE *out = fmemopen(text, size, "w");

	assert_non_null(out);
	assert_int_equal(vane__front_config_fill(
				 &config, settings, listen_given, "my.app", "/opt/my.app"),
		0);
	vane__front_config_print(out, &config, server);
	fclose(out);
}

static void every_server_is_told_path_place_and_mount(void **state)
{
	static const char *socket = "unix:/run/x/y.sock";
	struct vane__settings settings = plain;
	char text[4096];
	size_t i;

	settings.mode = "fastcgi";
	settings.mount = "/app";
	settings.listen = &socket;
	settings.listen_count = 1;
	for (i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		bool starts_itself = strcmp(servers[i], "mod_fcgid") == 0;

		print(text, sizeof(text), &settings, true, servers[i]);
		assert_non_null(strstr(text, "/opt/my.app"));
		assert_non_null(strstr(text, "/app"));
		assert_int_equal(strstr(text, "/run/x/y.sock") == NULL, starts_itself);
		assert_true(text[0] == '#' || text[0] == ';'); /* says where it goes */
		assert_int_equal(text[strlen(text) - 1], '\n');
	}
}

static void words_of_each_server_are_right(void **state)
{
	static const char *socket = "unix:/run/y.sock", *tcp = "127.0.0.1:9000",
			  *six = "[::1]:9000", *any = "9000", *everywhere = "*:9000";
	static const char *elsewhere = "unix:/srv/y.sock";
	static const struct {
		const char *server, *mode, *const *listen, *mount;
		const char *words;
	} rows[] = {
		{ "nginx", "auto", NULL, NULL, "server unix:/run/my_app.sock;" },
		{ "nginx", "auto", NULL, NULL, "fastcgi_pass my_app;" },
		{ "nginx", "auto", NULL, NULL, "location / {" },
		{ "nginx", "auto", NULL, NULL, "client_max_body_size 104857600;" },
		{ "nginx", "auto", NULL, NULL,
			"with: /opt/my.app --mode=fastcgi "
			"--listen=unix:/run/my_app.sock --user=www-data\n" },
		{ "nginx", "fastcgi", &elsewhere, NULL,
			"with: /opt/my.app --mode=fastcgi --listen=unix:/srv/y.sock\n" },
		{ "nginx", "auto", &tcp, NULL, "server 127.0.0.1:9000;" },
		{ "nginx", "auto", &tcp, NULL, "proxy_pass http://my_app;" },
		{ "nginx", "auto", &any, NULL,
			"with: /opt/my.app --mode=http --listen=127.0.0.1:9000 "
			"--xheaders\n" },
		{ "nginx", "auto", &everywhere, NULL,
			"with: /opt/my.app --mode=http --listen=*:9000 --xheaders\n" },
		{ "nginx", "auto", &everywhere, NULL, "server 127.0.0.1:9000;" },
		{ "nginx", "http", NULL, NULL, "--listen=127.0.0.1:8888 --xheaders" },
		{ "nginx", "http", NULL, NULL, "\tproxy_next_upstream error;\n" },
		{ "nginx", "fastcgi", NULL, NULL, "\tfastcgi_next_upstream error;\n" },
		{ "nginx", "scgi", NULL, NULL, "\tscgi_next_upstream error;\n" },
		{ "nginx", "fastcgi", &six, "/app", "server [::1]:9000;" },
		{ "nginx", "fastcgi", &six, "/app", "location ~ ^/app(/|$) {" },
		{ "nginx", "fastcgi", &six, "/app",
			"with: /opt/my.app --mode=fastcgi --listen=[::1]:9000 "
			"--mount=/app\n" },
		{ "nginx", "scgi", NULL, NULL, "include scgi_params;" },
		{ "nginx", "scgi", NULL, NULL,
			"with: /opt/my.app --mode=scgi --listen=unix:/run/my_app.sock" },
		{ "nginx", "scgi", &tcp, NULL, "server 127.0.0.1:9000;\n}\n" },
		{ "nginx", "scgi", &tcp, NULL, "scgi_pass my_app;" },
		{ "apache", "scgi", &tcp, NULL, "a2enmod proxy proxy_scgi\n" },
		{ "apache", "scgi", &tcp, NULL,
			"SetHandler \"proxy:scgi://127.0.0.1:9000\"" },
		{ "lighttpd", "scgi", NULL, NULL,
			"\"bin-path\" => \"/opt/my.app --mode=scgi\"" },
		{ "lighttpd", "scgi", &tcp, NULL, "scgi.server += ( \"/\" => ((" },
		{ "supervisor", "scgi", NULL, NULL, "command=/opt/my.app --mode=scgi\n" },
		{ "systemd", "scgi", NULL, NULL, "FileDescriptorName=scgi\n" },
		{ "apache", "fastcgi", &socket, NULL,
			"SetHandler \"proxy:unix:/run/y.sock|fcgi://my_app\"" },
		{ "apache", "fastcgi", &tcp, "/app",
			"SetHandler \"proxy:fcgi://127.0.0.1:9000\"" },
		{ "apache", "http", &tcp, "/app",
			"ProxyPass \"/app\" \"http://127.0.0.1:9000/app\" nocanon" },
		{ "apache", "http", &socket, NULL,
			"ProxyPass \"/\" \"unix:/run/y.sock|http://my_app/\" nocanon" },
		{ "mod_fcgid", "auto", NULL, "/app",
			"ScriptAliasMatch \"^/app(/.*)?$\" \"/opt/my.app$1\"" },
		{ "mod_fcgid", "auto", NULL, "/app", "<Directory \"/opt\">" },
		{ "lighttpd", "auto", NULL, "/app",
			"\"bin-path\" => \"/opt/my.app --mount=/app\"" },
		{ "lighttpd", "auto", NULL, NULL, "\"fix-root-scriptname\" => \"enable\"" },
		{ "lighttpd", "fastcgi", &tcp, NULL,
			"\"host\" => \"127.0.0.1\", \"port\" => 9000" },
		{ "lighttpd", "http", &six, NULL, "\"host\" => \"::1\", \"port\" => 9000" },
		{ "lighttpd", "http", &socket, NULL, "\"host\" => \"/run/y.sock\"" },
		{ "caddy", "fastcgi", &socket, NULL, "reverse_proxy unix//run/y.sock {" },
		{ "caddy", "fastcgi", &socket, NULL,
			"\n\t\theader_up -Proxy\n\t\ttransport fastcgi {\n\t\t\tread_timeout 200s\n\t\t}\n"
			"\t\theader_down -Status\n\t}\n}\n" },
		{ "mod_fcgid", "auto", NULL, NULL, "\nFcgidIOTimeout 200\n" },
		{ "caddy", "http", &tcp, "/app", "@my_app path /app /app/*" },
		{ "supervisor", "auto", NULL, NULL, "socket=unix:///run/my_app.sock\n" },
		{ "supervisor", "fastcgi", &tcp, NULL, "socket=tcp://127.0.0.1:9000\n" },
		{ "supervisor", "http", &tcp, NULL,
			"command=/opt/my.app --mode=http --listen=127.0.0.1:9000 "
			"--processes=1 --user=www-data\n" },
		{ "supervisor", "http", &tcp, NULL, "stopwaitsecs=15\n" },
		{ "systemd", "auto", NULL, NULL, "ListenStream=/run/my_app.sock\n" },
		{ "systemd", "http", &any, NULL, "ListenStream=9000\n" },
		{ "systemd", "http", &any, NULL, "\nExecReload=/bin/kill -HUP $MAINPID\n" },
		{ "systemd", "http", &any, NULL, "FileDescriptorName=http\n" },
		{ "logrotate", "http", NULL, NULL, "\n/var/log/my_app.log {\n" },
		{ "logrotate", "http", NULL, NULL,
			"test ! -s /run/my_app.pid || kill -USR1 \"$(cat /run/my_app.pid)\"" },
		{ "nginx", "fastcgi", NULL, NULL, "\t\tfastcgi_param REMOTE_USER \"\";\n" },
		{ "haproxy", "fastcgi", NULL, NULL,
			"\tset-param HTTP_AUTHORIZATION %[var(txn.authorization)]\n" },
		{ "haproxy", "fastcgi", NULL, NULL,
			"\thttp-request del-header Authorization\n" },
		{ "haproxy", "http", NULL, NULL,
			"deny deny_status 413 if { req.body_size gt 104857600 }\n" },
		{ "haproxy", "fastcgi", &socket, NULL, " --user=haproxy\n" },
		{ "haproxy", "fastcgi", &socket, "/app",
			"server my_app unix@/run/y.sock proto fcgi" },
		{ "haproxy", "fastcgi", &socket, "/app", "path-info ^(/app)(/.*)?$" },
	};
	char text[4096];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vane__settings settings = plain;

		settings.mode = rows[i].mode;
		settings.mount = rows[i].mount;
		settings.listen =
			rows[i].listen != NULL ? (const char **) rows[i].listen : NULL;
		settings.listen_count = rows[i].listen != NULL;
		print(text, sizeof(text), &settings, rows[i].listen != NULL,
			rows[i].server);
		if (strstr(text, rows[i].words) == NULL)
			fail_msg("\"%s\" is not in:\n%s", rows[i].words, text);
	}
}

static void who_it_is_to_become_is_handed_on(void **state)
{
	struct vane__settings settings = plain;
	char text[4096];

	settings.user = "ada";
	settings.group = "www-data";
	print(text, sizeof(text), &settings, false, "nginx");
	assert_non_null(strstr(text, "/my_app.sock --user=ada --group=www-data\n"));
	print(text, sizeof(text), &settings, false, "systemd");
	assert_non_null(strstr(text, "User=ada\nGroup=www-data\n"));
	assert_non_null(strstr(text, "SocketUser=ada\n"));
	print(text, sizeof(text), &settings, false, "supervisor");
	assert_non_null(strstr(text, "\nuser=ada\n"));
	assert_non_null(strstr(text, "socket_owner=ada\n"));
	settings.mode = "http";
	print(text, sizeof(text), &settings, false, "supervisor");
	assert_non_null(strstr(text, " --user=ada --group=www-data\n"));
}

/* The first that can be connected to is the front's; the program listens at all of them. */
static void no_place_to_listen_at_is_lost(void **state)
{
	static const char *places[] = { "fd:3", "9001", "unix:/srv/y.sock", "[::1]:9002" };
	static const char words[] = " --listen=fd:3 --listen=127.0.0.1:9001 "
				    "--listen=unix:/srv/y.sock --listen=[::1]:9002";
	static const char *const fronts[] = { "nginx", "apache", "lighttpd", "caddy",
		"haproxy" };
	static const char *const modes[] = { "http", "fastcgi" };
	struct vane__settings settings = plain;
	char text[4096];
	size_t i, k;

	settings.listen = places;
	settings.listen_count = 4;
	for (i = 0; i < 2; i++) {
		settings.mode = modes[i];
		for (k = 0; k < sizeof(fronts) / sizeof(fronts[0]); k++) {
			print(text, sizeof(text), &settings, true, fronts[k]);
			assert_non_null(strstr(text, words));
			assert_non_null(strstr(text, "9001"));
		}
		print(text, sizeof(text), &settings, true, "supervisor");
		assert_non_null(
			strstr(text, "[program:my_app]\ncommand=/opt/my.app --mode="));
		assert_non_null(
			strstr(text, "--listen=unix:/srv/y.sock --listen=[::1]:9002"));
		print(text, sizeof(text), &settings, true, "systemd");
		assert_non_null(strstr(text,
			i == 0 ? "ListenStream=9001\n" : "ListenStream=127.0.0.1:9001\n"));
		assert_non_null(strstr(text, "ListenStream=/srv/y.sock\n"
					     "ListenStream=[::1]:9002\n"));
	}
}

/* There is no front here that would say who the client is. */
static void managers_believe_nobody_by_themselves(void **state)
{
	static const char *const managers[] = { "supervisor", "systemd" };
	struct vane__settings settings = plain;
	char text[4096];
	size_t i;

	settings.mode = "http";
	for (i = 0; i < 2; i++) {
		settings.xheaders = false;
		print(text, sizeof(text), &settings, false, managers[i]);
		assert_null(strstr(text, "--xheaders"));
		settings.xheaders = true;
		print(text, sizeof(text), &settings, false, managers[i]);
		assert_non_null(strstr(text, " --xheaders"));
	}
}

static void drop_line(enum vane_log_level level, const char *line, void *data)
{
	strcpy(data, line);
}

static void what_would_break_a_configuration_is_refused(void **state)
{
	static const char *socket = "unix:/run/a b.sock";
	static const char *nameless[] = { "fd:3", "systemd", "0", "127.0.0.1:00" };
	struct vane__settings mounted = plain, listening = plain;
	struct vane__front_config config;
	char line[4096] = "";

	mounted.mount = "/a;b";
	listening.listen = &socket;
	listening.listen_count = 1;
	vane_log_set_function(drop_line, line);
	assert_int_equal(
		vane__front_config_fill(&config, &plain, false, "x", "/opt/a b"), -EINVAL);
	assert_non_null(strstr(line, "/opt/a b"));
	assert_int_equal(
		vane__front_config_fill(&config, &mounted, false, "x", "/opt/x"), -EINVAL);
	assert_int_equal(
		vane__front_config_fill(&config, &listening, true, "x", "/opt/x"), -EINVAL);
	for (size_t i = 0; i < sizeof(nameless) / sizeof(nameless[0]); i++) {
		listening.listen = &nameless[i];
		assert_int_equal(
			vane__front_config_fill(&config, &listening, true, "x", "/opt/x"),
			-EINVAL);
		assert_non_null(strstr(line, "cannot print a configuration for "));
	}
	assert_int_equal(vane__front_config_fill(&config, &plain, false, "x", "/opt/x"), 0);
	vane_log_set_function(NULL, NULL);
}

/* What an application's own options say belongs to how it is started. */
static void options_that_were_given_are_handed_on(void **state)
{
	static const char words[] = " --root=/var/www --cgi=/a/=/b --param='X=a b'";
	struct vane__front_config config;
	char text[4096];
	FILE *out;
	size_t i;

	assert_int_equal(
		vane__front_config_fill(&config, &plain, false, "my.app", "/opt/my.app"),
		0);
	assert_int_equal(vane__front_config_give(&config, "root", "/var/www"), 0);
	assert_int_equal(vane__front_config_give(&config, "listen", "8080"), 0);
	assert_int_equal(vane__front_config_give(&config, "print-config", "nginx"), 0);
	assert_int_equal(vane__front_config_give(&config, "cgi", "/a/=/b"), 0);
	assert_int_equal(vane__front_config_give(&config, "param", "X=a b"), 0);
	assert_string_equal(config.given, words);
	for (i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		out = fmemopen(text, sizeof(text), "w");
		vane__front_config_print(out, &config, servers[i]);
		fclose(out);
		assert_non_null(strstr(text, words));
		assert_null(strstr(text, "without options"));
		assert_null(strstr(text, "8080"));
	}
}

static void options_that_need_more_than_quotes_are_refused(void **state)
{
	static const char *const values[] = { "it's", "a\"b", "$HOME", "50%", "a\\b",
		"a\nb" };
	static char long_value[5000], line[8192];
	struct vane__front_config config = { .given = "" };
	size_t i;

	vane_log_set_function(drop_line, line);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(
			vane__front_config_give(&config, "param", values[i]), -EINVAL);
	memset(long_value, 'x', sizeof(long_value) - 1);
	assert_int_equal(vane__front_config_give(&config, "param", long_value), -EINVAL);
	assert_non_null(strstr(line, "too long"));
	vane_log_set_function(NULL, NULL);
}

/* How many cores there are where the configuration is written says nothing of where it is read. */
static void one_process_for_each_core_stays_that(void **state)
{
	static const struct {
		const char *server, *mode, *words;
	} rows[] = {
		{ "nginx", "http", " --processes=0\n" },
		{ "systemd", "http", " --processes=0\n" },
		{ "supervisor", "http", " --processes=0 --user=www-data\n" },
		{ "supervisor", "auto", "\nnumprocs=3\n" },
		{ "lighttpd", "auto", "\"max-procs\" => 3," },
	};
	struct vane__settings settings = plain;
	char text[4096];

	settings.processes = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		settings.mode = rows[i].mode;
		print(text, sizeof(text), &settings, false, rows[i].server);
		if (strstr(text, rows[i].words) == NULL)
			fail_msg("\"%s\" is not in:\n%s", rows[i].words, text);
	}
}

/* A backend that starts anew is asked again, and no place is left out. */
static void every_place_is_an_upstream(void **state)
{
	static const char *places[] = { "127.0.0.1:8000", "fd:3", "[::1]:8001",
		"unix:/srv/y.sock" };
	static const struct {
		const char *server, *mode, *words;
	} rows[] = {
		{ "nginx", "http",
			"\tserver 127.0.0.1:8000 max_fails=0;\n"
			"\tserver [::1]:8001 max_fails=0;\n"
			"\tserver unix:/srv/y.sock max_fails=0;\n\tkeepalive 16;\n}" },
		{ "nginx", "scgi", "\tserver unix:/srv/y.sock max_fails=0;\n}" },
		{ "apache", "http",
			"<Proxy \"balancer://my_app\">\n"
			"\tBalancerMember \"http://127.0.0.1:8000\" retry=0\n"
			"\tBalancerMember \"http://[::1]:8001\" retry=0\n"
			"\tBalancerMember \"unix:/srv/y.sock|http://my_app-2\" "
			"retry=0\n</Proxy>\n" },
		{ "apache", "http", "ProxyPass \"/\" \"balancer://my_app/\" nocanon" },
		{ "apache", "fastcgi", "SetHandler \"proxy:balancer://my_app\"" },
		{ "apache", "fastcgi", "\"unix:/srv/y.sock|fcgi://my_app-2\"" },
		{ "lighttpd", "http",
			"( \"host\" => \"127.0.0.1\", \"port\" => 8000 ),\n"
			"\t( \"host\" => \"::1\", \"port\" => 8001 ),\n"
			"\t( \"host\" => \"/srv/y.sock\" ) ) )" },
		{ "lighttpd", "fastcgi",
			"), (\n\t\"socket\" => \"/srv/y.sock\",\n\t\"check-local\"" },
		{ "caddy", "http",
			"reverse_proxy 127.0.0.1:8000 [::1]:8001 unix//srv/y.sock {" },
		{ "caddy", "fastcgi",
			"\t\tlb_policy round_robin\n\t\tlb_try_duration 2s\n" },
		{ "haproxy", "http",
			"\tserver my_app-0 127.0.0.1:8000\n\tserver my_app-1 [::1]:8001\n"
			"\tserver my_app-2 unix@/srv/y.sock\n" },
		{ "haproxy", "fastcgi", "option redispatch 1\n\tretries 3\n" },
	};
	struct vane__settings settings = plain;
	char text[4096];

	settings.listen = places;
	settings.listen_count = ARRAY_SIZE(places);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		settings.mode = rows[i].mode;
		print(text, sizeof(text), &settings, true, rows[i].server);
		if (strstr(text, rows[i].words) == NULL)
			fail_msg("\"%s\" is not in:\n%s", rows[i].words, text);
	}
	settings.listen_count = 1;
	settings.mode = "http";
	print(text, sizeof(text), &settings, true, "nginx");
	assert_null(strstr(text, "max_fails"));
}

/* Or a request would meet a connection that is just being closed. */
static void a_front_closes_idle_connections_first(void **state)
{
	static const struct {
		int64_t idle_msec;
		const char *words; /* NULL: nothing is said */
	} rows[] = {
		{ 3600 * 1000, NULL },
		{ VANE_NO_LIMIT, NULL },
		{ 60 * 1000, "keepalive_timeout 30s;" },
		{ 500, "keepalive_timeout 1s;" },
	};
	static const char caddy[] = "\t\ttransport http {\n\t\t\tkeepalive 30s\n\t\t}\n";
	struct vane__settings settings = plain;
	char text[4096];

	settings.mode = "http";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		settings.idle_msec = rows[i].idle_msec;
		print(text, sizeof(text), &settings, false, "nginx");
		if (rows[i].words != NULL)
			assert_non_null(strstr(text, rows[i].words));
		else
			assert_null(strstr(text, "keepalive_timeout"));
		print(text, sizeof(text), &settings, false, "caddy");
		assert_int_equal(strstr(text, caddy) != NULL, rows[i].idle_msec == 60000);
	}
}

static void a_cluster_waits_for_what_is_in_progress(void **state)
{
	static const char *const words[] = { "  name: my-app\n", "\"--listen=*:9000\"\n",
		"        - \"--root=/srv\"\n        - \"--param=X=a b\"\n        ports:",
		"containerPort: 9000 }", "terminationGracePeriodSeconds: 20\n",
		"[\"sleep\", \"5\"]", "\"--health=/_health\"\n",
		"livenessProbe:\n          httpGet: { path: \"/app/_health\", port: app }",
		"readinessProbe:\n          httpGet: { path: \"/app/up\", port: app }" };
	static const char *tcp = "127.0.0.1:9000";
	struct vane__settings settings = plain;
	struct vane__front_config config;
	char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	settings.listen = &tcp;
	settings.listen_count = 1;
	settings.mount = "/app";
	settings.ready = "/up";
	assert_int_equal(
		vane__front_config_fill(&config, &settings, true, "My_app", "/opt/my.app"),
		0);
	vane__front_config_give(&config, "root", "/srv");
	vane__front_config_give(&config, "param", "X=a b");
	vane__front_config_print(out, &config, "kubernetes");
	fclose(out);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(text, words[i]) == NULL)
			fail_msg("\"%s\" is not in:\n%s", words[i], text);
	assert_null(strstr(text, "--ready")); /* the user has given it */
	print(text, sizeof(text), &settings, true, "haproxy");
	assert_non_null(strstr(text, "option httpchk GET /app/up\n"));
}

static int never(struct vane_request *req, struct vane_response *res)
{
	return 0;
}

static const struct vane_filter some[] = { VANE_FILTER_END };

#define STATIC(pattern) VANE_ROUTE(pattern, &vane_static_handler, files)

/* Only what a client would not notice: see front_config_files.c. */
static void directories_are_served_by_the_front(void **state)
{
	struct vane_static_opts opts = {
		.root = "/usr/../usr", .index = "i.html", .max_age_sec = 60
	};
	struct vane_static *files;
	struct vane__front_config config;
	char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_int_equal(vane_static_new(&files, &opts), 0);
	{
		const struct vane_route inner[] = { STATIC("/img/{path:.*}"), VANE_END };
		const struct vane_route guarded[] = { STATIC("/{path:.*}"), VANE_END };
		const struct vane_route routes[] = { STATIC("/static/{path:.*}"),
			VANE_GET("/own/page", never), STATIC("/own/{path:.*}"),
			STATIC("/one/{path}"), VANE_GROUP("/in", NULL, inner),
			VANE_GROUP("/shut", some, guarded), STATIC("/shut/{path:.*}"),
			VANE_ROUTE("/late/{path:.*}", &vane_static_handler),
			STATIC("/{path:.*}"), STATIC("/behind/{path:.*}"), VANE_END };

		assert_int_equal(
			vane__front_config_fill(&config, &plain, false, "x", "/opt/x"), 0);
		vane__front_config_find_files(&config, routes);
	}
	assert_int_equal(config.file_count, 2);
	assert_string_equal(config.files[0].prefix, "/static");
	assert_string_equal(config.files[1].prefix, "/in/img");
	vane__front_config_print(out, &config, "nginx");
	fclose(out);
	assert_non_null(
		strstr(text, "\tlocation ^~ /static/ {\n\t\talias /usr/;\n"
			     "\t\tdisable_symlinks on from=/usr/;\n\t\tindex i.html;\n"
			     "\t\texpires 60s;\n\t\tlocation ~ /\\. {\n"));
	vane_static_free(files);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_server_is_told_path_place_and_mount),
		cmocka_unit_test(words_of_each_server_are_right),
		cmocka_unit_test(who_it_is_to_become_is_handed_on),
		cmocka_unit_test(no_place_to_listen_at_is_lost),
		cmocka_unit_test(managers_believe_nobody_by_themselves),
		cmocka_unit_test(what_would_break_a_configuration_is_refused),
		cmocka_unit_test(options_that_were_given_are_handed_on),
		cmocka_unit_test(options_that_need_more_than_quotes_are_refused),
		cmocka_unit_test(one_process_for_each_core_stays_that),
		cmocka_unit_test(every_place_is_an_upstream),
		cmocka_unit_test(a_front_closes_idle_connections_first),
		cmocka_unit_test(a_cluster_waits_for_what_is_in_progress),
		cmocka_unit_test(directories_are_served_by_the_front),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
