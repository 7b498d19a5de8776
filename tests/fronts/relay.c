/* SPDX-License-Identifier: MIT */
/*
 * relay.c - nginx or Apache in front of programs that are restarted.
 */
#include "fronts/relay.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fronts/apache.h"
#include "fronts/nginx.h"
#include "support/port.h"

#define START_MSEC 30000

static int start(struct relay *relay, char *const *argv)
{
	char log[TMP_PATH_MAX];
	const struct proc_start start = { .argv = argv,
		.log = tmp_path(relay->tmp, log, "front.log") };
	int rc = proc_start(&relay->proc, &start);

	if (rc == 0)
		rc = proc_wait_port(&relay->proc, relay->port, START_MSEC);
	if (rc < 0) {
		fprintf(stderr, "%s did not start\n", argv[0]);
		proc_print_log(&relay->proc);
		proc_stop(&relay->proc);
	}
	return rc;
}

static int prepare(struct relay *relay, const struct tmp *tmp, const struct relay_to *to)
{
	*relay = (struct relay) { .tmp = tmp, .several = to->count > 1 };
	return port_pick(&relay->port, 1);
}

/* ---- nginx ---- */

#define PARAMS(kind)                                                                       \
	kind "_param REQUEST_METHOD $request_method;\n" kind                               \
	     "_param REQUEST_URI $request_uri;\n" kind                                     \
	     "_param QUERY_STRING $query_string;\n" kind                                   \
	     "_param CONTENT_LENGTH $content_length;\n" kind                               \
	     "_param SERVER_SOFTWARE nginx/$nginx_version;\n" kind                         \
	     "_param SERVER_PROTOCOL $server_protocol;\n"

/* Nothing is sent again but to the next address, where one could not be reached. */
static const char proxy_next[] =
	"proxy_pass http://app; proxy_http_version 1.1;\n"
	"proxy_set_header Host $http_host; proxy_set_header Connection \"\";\n"
	"proxy_next_upstream error;";
static const char proxy[] =
	"proxy_pass http://app; proxy_http_version 1.1;\n"
	"proxy_set_header Host $http_host; proxy_set_header Connection \"\";\n"
	"proxy_next_upstream off;";
static const char fastcgi[] =
	PARAMS("fastcgi") "fastcgi_pass app; fastcgi_next_upstream off;";
static const char fastcgi_kept[] =
	PARAMS("fastcgi") "fastcgi_pass app; fastcgi_next_upstream off;\n"
			  "fastcgi_keep_conn on;";
static const char scgi[] =
	PARAMS("scgi") "scgi_param SCGI 1; scgi_pass app; scgi_next_upstream off;";

static const char nginx_config[] =
	"daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log warn;\n"
	"events { worker_connections 2048; }\n"
	"http {\naccess_log off;\nkeepalive_requests 1000000;\n"
	"client_body_temp_path body;\nfastcgi_temp_path fastcgi;\n"
	"proxy_temp_path proxy;\nscgi_temp_path scgi;\nuwsgi_temp_path uwsgi;\n"
	"upstream app {\n@SERVERS@\n@KEEP@\n}\n"
	"server { listen 127.0.0.1:@PORT@ backlog=1024; location / { @LOCATION@ } }\n}\n";

static const char *location_of(const struct relay_to *to)
{
	if (strcmp(to->mode, "fastcgi") == 0)
		return to->kept ? fastcgi_kept : fastcgi;
	if (strcmp(to->mode, "scgi") == 0)
		return scgi;
	return to->count > 1 ? proxy_next : proxy;
}

static const char *const nginx_names[] = { "nginx", "/usr/sbin/nginx",
	"/usr/local/sbin/nginx", NULL };

bool relay_nginx_installed(void)
{
	return front_find(nginx_names) != NULL;
}

int relay_start_nginx(struct relay *relay, const struct tmp *tmp, const struct relay_to *to)
{
	bool keeps = to->kept || strcmp(to->mode, "http") == 0;
	char servers[1024] = "", port[16];
	const struct tmp_word words[] = { { "SERVERS", servers },
		{ "KEEP", keeps ? "keepalive 64;" : "" }, { "PORT", port },
		{ "LOCATION", location_of(to) }, { NULL, NULL } };
	char *const argv[] = { (char *) front_find(nginx_names), (char *) "-p",
		(char *) tmp->path, (char *) "-e", (char *) "error.log", (char *) "-c",
		(char *) "nginx.conf", NULL };
	int rc = prepare(relay, tmp, to);
	size_t i;

	for (i = 0; i < to->count; i++)
		snprintf(servers + strlen(servers), sizeof(servers) - strlen(servers),
			"server %s max_fails=0;\n", to->addresses[i]);
	snprintf(port, sizeof(port), "%d", relay->port);
	if (rc == 0)
		rc = tmp_write(tmp, "nginx.conf", nginx_config, words);
	return rc < 0 ? rc : start(relay, argv);
}

/* ---- Apache ---- */

/* As many threads as there are clients, from the start: it ends none that it can spare. */
static const char apache_config[] =
	"ServerRoot @DIR@\nServerName vane.test\nPidFile @DIR@/httpd.pid\n"
	"DefaultRuntimeDir @DIR@\nErrorLog @DIR@/error.log\nLogLevel warn\n"
	"<IfModule !unixd_module>\nLoadModule unixd_module "
	"@MODULES@/mod_unixd.so\n</IfModule>\n"
	"LoadModule mpm_event_module @MODULES@/mod_mpm_event.so\n"
	"LoadModule authz_core_module @MODULES@/mod_authz_core.so\n"
	"LoadModule proxy_module @MODULES@/mod_proxy.so\n"
	"LoadModule proxy_fcgi_module @MODULES@/mod_proxy_fcgi.so\n"
	"LoadModule proxy_scgi_module @MODULES@/mod_proxy_scgi.so\n"
	"User @USER@\n"
	"StartServers 2\nServerLimit 2\nThreadsPerChild 64\nMaxRequestWorkers 128\n"
	"MinSpareThreads 1\nMaxSpareThreads 128\n"
	"KeepAliveTimeout 60\nMaxKeepAliveRequests 0\nListenBacklog 1024\n"
	"DocumentRoot @DIR@\nListen 127.0.0.1:@PORT@\n"
	"<Directory />\nRequire all granted\n</Directory>\n"
	"<LocationMatch \"^(/.*)$\">\n"
	"SetHandler \"proxy:@ADDRESS@|@SCHEME@://localhost\"\n"
	"</LocationMatch>\n";

static const char *const apache_names[] = { "apache2", "httpd", "/usr/sbin/apache2",
	"/usr/sbin/httpd", NULL };

bool relay_apache_installed(void)
{
	return apache_installed();
}

int relay_start_apache(
	struct relay *relay, const struct tmp *tmp, const struct relay_to *to)
{
	char port[16];
	const struct tmp_word words[] = { { "DIR", tmp->path }, { "PORT", port },
		{ "MODULES", apache_modules() }, { "USER", apache_user() },
		{ "ADDRESS", to->addresses[0] },
		{ "SCHEME", strcmp(to->mode, "scgi") == 0 ? "scgi" : "fcgi" },
		{ NULL, NULL } };
	char config[TMP_PATH_MAX];
	char *const argv[] = { (char *) front_find(apache_names), (char *) "-f",
		(char *) tmp_path(tmp, config, "apache.conf"), (char *) "-D",
		(char *) "FOREGROUND", NULL };
	int rc = prepare(relay, tmp, to);

	snprintf(port, sizeof(port), "%d", relay->port);
	if (rc == 0)
		rc = tmp_write(tmp, "apache.conf", apache_config, words);
	return rc < 0 ? rc : start(relay, argv);
}

/* ---- both ---- */

/* A port that refuses is where the program is being restarted, and the next one is asked. */
static bool is_complaint(const struct relay *relay, const char *line)
{
	if (strstr(line, "[proxy") != NULL)
		return strstr(line, ":error]") != NULL;
	return strstr(line, "upstream") != NULL &&
	       !(relay->several && strstr(line, "Connection refused") != NULL);
}

long relay_complaints(const struct relay *relay)
{
	char path[TMP_PATH_MAX], line[4096];
	FILE *file = fopen(tmp_path(relay->tmp, path, "error.log"), "re");
	long count = 0;

	if (file == NULL)
		return -errno;
	while (fgets(line, sizeof(line), file) != NULL)
		if (is_complaint(relay, line)) {
			fputs(line, stderr);
			count++;
		}
	fclose(file);
	return count;
}

int relay_stop(struct relay *relay)
{
	return proc_stop(&relay->proc);
}
