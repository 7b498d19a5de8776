/* SPDX-License-Identifier: MIT */
/*
 * apache.c - Apache httpd as a front server.
 *
 * What is set beyond what a site needs: encoded slashes and repeated ones left alone, the
 * Authorization field and the application's Content-Length passed on, room for long fields.
 */
#include "fronts/apache.h"

#include <pwd.h>
#include <unistd.h>

/* Each virtual host needs its own. */
#define URLS                                                                               \
	"AllowEncodedSlashes NoDecode\n"                                                   \
	"MergeSlashes Off\n"

static const char config[] =
	"ServerRoot @DIR@\n"
	"ServerName vane.test\n"
	"PidFile @DIR@/httpd.pid\n"
	"DefaultRuntimeDir @DIR@/run\n"
	"ErrorLog @DIR@/error.log\n"
	"LogLevel warn\n"
	"<IfModule !unixd_module>\nLoadModule unixd_module "
	"@MODULES@/mod_unixd.so\n</IfModule>\n"
	"LoadModule mpm_event_module @MODULES@/mod_mpm_event.so\n"
	"LoadModule authz_core_module @MODULES@/mod_authz_core.so\n"
	"LoadModule alias_module @MODULES@/mod_alias.so\n"
	"LoadModule env_module @MODULES@/mod_env.so\n"
	"LoadModule cgid_module @MODULES@/mod_cgid.so\n"
	"LoadModule proxy_module @MODULES@/mod_proxy.so\n"
	"LoadModule proxy_fcgi_module @MODULES@/mod_proxy_fcgi.so\n"
	"LoadModule proxy_scgi_module @MODULES@/mod_proxy_scgi.so\n"
	"LoadModule fcgid_module @MODULES@/mod_fcgid.so\n"
	"User @USER@\n"
	"StartServers 1\n"
	"ThreadsPerChild 25\n"
	/* It is what a client waits for after a response that was cut. */
	"KeepAliveTimeout 100ms\n"
	"ScriptSock @DIR@/run/cgid.sock\n"
	"LimitRequestFieldSize 32768\n"
	"LimitRequestFields 200\n"
	"AcceptPathInfo On\n"
	"SetEnv ap_trust_cgilike_cl yes\n"
	"DocumentRoot @DIR@/empty\n"
	"Listen 127.0.0.1:@PORT0@\n"
	"Listen 127.0.0.1:@PORT1@\n"
	"Listen 127.0.0.1:@PORT2@\n"
	"Listen 127.0.0.1:@PORT3@\n"
	"FcgidIPCDir @DIR@/run\n"
	"FcgidProcessTableFile @DIR@/run/table\n"
	"FcgidMaxRequestLen 16777216\n"
	/* It looks for a free process once a second only, and is slow to start one. */
	"FcgidMaxProcesses 16\n"
	"FcgidMinProcessesPerClass 8\n"
	"FcgidSpawnScore 0\n"
	"FcgidTerminationScore 0\n"
	"<Directory />\nRequire all granted\nOptions +ExecCGI\n</Directory>\n"
	"<VirtualHost 127.0.0.1:@PORT0@>\n" URLS "<LocationMatch \"^(/.*)$\">\n"
	"SetHandler \"proxy:unix:@SOCKET@|fcgi://localhost\"\n"
	"CGIPassAuth On\n"
	"</LocationMatch>\n"
	"</VirtualHost>\n"
	"<VirtualHost 127.0.0.1:@PORT1@>\n" URLS "ScriptAlias \"/\" \"@DIR@/echoapp/\"\n"
	"<Location \"/\">\nSetHandler fcgid-script\nCGIPassAuth On\n</Location>\n"
	"</VirtualHost>\n"
	"<VirtualHost 127.0.0.1:@PORT2@>\n" URLS "ScriptAlias \"/\" \"@DIR@/echoapp/\"\n"
	"<Location \"/\">\nSetHandler cgi-script\nCGIPassAuth On\n</Location>\n"
	"</VirtualHost>\n"
	"<VirtualHost 127.0.0.1:@PORT3@>\n" URLS "<LocationMatch \"^(/.*)$\">\n"
	"SetHandler \"proxy:unix:@SCGI@|scgi://localhost\"\n"
	"CGIPassAuth On\n"
	"</LocationMatch>\n"
	"</VirtualHost>\n";

/* By the rarest of them. */
const char *apache_modules(void)
{
	static const char *const places[][2] = {
		{ "/usr/lib/apache2/modules", "/usr/lib/apache2/modules/mod_fcgid.so" },
		{ "/usr/lib64/httpd/modules", "/usr/lib64/httpd/modules/mod_fcgid.so" },
		{ "/usr/lib/httpd/modules", "/usr/lib/httpd/modules/mod_fcgid.so" },
		{ "/usr/local/libexec/apache24",
			"/usr/local/libexec/apache24/mod_fcgid.so" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (access(places[i][1], R_OK) == 0)
			return places[i][0];
	}
	return NULL;
}

const char *apache_user(void)
{
	static const char *const users[] = { "www-data", "apache", "www", "nobody" };

	for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++) {
		if (getpwnam(users[i]) != NULL)
			return users[i];
	}
	return "nobody";
}

static const char *const names[] = { "apache2", "httpd", "/usr/sbin/apache2",
	"/usr/sbin/httpd", NULL };

bool apache_installed(void)
{
	return front_find(names) != NULL && apache_modules() != NULL;
}

int apache_start(struct front *front)
{
	static const char *const dirs[] = { "run", "empty", NULL };
	const char *argv[] = { front_find(names), "-f", "@CONFIG@", "-D", "FOREGROUND",
		NULL };
	const struct tmp_word words[] = {
		{ "MODULES", apache_modules() },
		{ "USER", apache_user() },
		{ 0 },
	};
	const struct front_kind kind = {
		.argv = argv,
		.config = config,
		.words = words,
		.dirs = dirs,
		.wants_program = true,
		.wants_scgi = true,
	};

	return front_start(front, &kind);
}
