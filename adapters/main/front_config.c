/* SPDX-License-Identifier: MIT */
/*
 * front_config.c - how each server in front wants to be told.
 *
 * Each was tried in front of a program; what stands in them beyond the necessary is there
 * to hand requests on as they came: slashes, encoded slashes, Authorization, bodies.
 *
 * A native server is told to believe X-Real-Ip, X-Forwarded-For, X-Scheme and
 * X-Forwarded-Proto: all that speak HTTP to it set each of them, or take it out, whatever the
 * client wrote.
 */
#include "front_config.h"

#include <limits.h>
#include <string.h>

typedef void (*print_fn)(FILE *out, const struct vane__front_config *s);

static bool is_unix(const struct vane__front_config *s)
{
	return s->listen.kind == VANE__LISTEN_UNIX;
}

static bool is_http(const struct vane__front_config *s)
{
	return s->mode == VANE__MODE_HTTP;
}

/* "/app" or "/" */
static const char *place(const struct vane__front_config *s)
{
	return s->mount[0] != '\0' ? s->mount : "/";
}

/*
 * Nobody but root makes a socket in /run, and then only root may connect to it: it has to
 * become the front's user.
 */
static void put_start(FILE *out, const struct vane__front_config *s, const char *front_user)
{
	fprintf(out, "# start the program with: ");
	vane__front_config_command(out, s, true);
	if (is_http(s))
		fprintf(out, " --xheaders");
	if (s->processes != 1)
		fprintf(out, " --processes=%d", s->processes);
	if (s->identity[0] != '\0')
		fprintf(out, "%s", s->identity);
	else if (is_unix(s) && strncmp(s->listen.path, "/run/", 5) == 0)
		fprintf(out, " --user=%s", front_user);
	fputc('\n', out);
}

/* Where it is reached, in a server's own words for a unix socket. */
static void put_peer(FILE *out, const struct vane__front_config *s, const char *unix_prefix)
{
	if (is_unix(s))
		fprintf(out, "%s%s", unix_prefix, s->listen.path);
	else
		fprintf(out, "%s:%s", s->host, s->listen.port);
}

/* A request that was waited for in vain may have been the cause: it is not tried elsewhere. */
static void nginx_fastcgi(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"\t\tinclude fastcgi_params;\n"
		"\t\tfastcgi_param HTTP_PROXY \"\";\n"
		"\t\tfastcgi_keep_conn on;\n"
		"\t\tfastcgi_next_upstream error;\n"
		"\t\tfastcgi_pass %s;\n",
		s->name);
}

static void nginx_scgi(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"\t\tinclude scgi_params;\n"
		"\t\tscgi_param HTTP_PROXY \"\";\n"
		"\t\tscgi_next_upstream error;\n"
		"\t\tscgi_param SERVER_ADDR $server_addr;\n"
		"\t\tscgi_pass %s;\n",
		s->name);
}

static void nginx_http(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"\t\tproxy_http_version 1.1;\n"
		"\t\tproxy_set_header Connection \"\";\n"
		"\t\tproxy_set_header Host $http_host;\n"
		"\t\tproxy_set_header X-Real-Ip $remote_addr;\n"
		"\t\tproxy_set_header X-Forwarded-For $remote_addr;\n"
		"\t\tproxy_set_header X-Scheme $scheme;\n"
		"\t\tproxy_set_header X-Forwarded-Proto $scheme;\n"
		"\t\tproxy_next_upstream error;\n"
		"\t\tproxy_pass http://%s;\n",
		s->name);
}

static void nginx(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"# nginx: save as /etc/nginx/conf.d/%s.conf, which is in the http block\n",
		s->name);
	put_start(out, s, "www-data");
	fprintf(out, "upstream %s {\n\tserver ", s->name);
	put_peer(out, s, "unix:");
	fprintf(out,
		";\n%s}\n\n"
		"server {\n\tlisten 80;\n\tserver_name example.org;\n"
		"\tmerge_slashes off;\n\tclient_max_body_size %lld;\n\n",
		s->mode == VANE__MODE_SCGI ? "" : "\tkeepalive 16;\n", s->max_body_bytes);
	if (s->mount[0] != '\0')
		fprintf(out, "\tlocation ~ ^%s(/|$) {\n", s->mount);
	else
		fprintf(out, "\tlocation / {\n");
	if (s->mode == VANE__MODE_FASTCGI)
		nginx_fastcgi(out, s);
	else if (s->mode == VANE__MODE_SCGI)
		nginx_scgi(out, s);
	else
		nginx_http(out, s);
	fprintf(out, "\t}\n}\n");
}

/* FastCGI or SCGI. */
static void apache_cgilike(
	FILE *out, const struct vane__front_config *s, const char *scheme)
{
	if (s->mount[0] != '\0')
		fprintf(out, "<LocationMatch \"^%s(/.*)?$\">\n", s->mount);
	else
		fprintf(out, "<Location \"/\">\n");
	fprintf(out, "\tSetHandler \"proxy:");
	if (is_unix(s))
		fprintf(out, "unix:%s|%s://%s\"\n", s->listen.path, scheme, s->name);
	else
		fprintf(out, "%s://%s:%s\"\n", scheme, s->host, s->listen.port);
	fprintf(out,
		"\tCGIPassAuth On\n\tDirectoryIndex disabled\n\tDirectorySlash Off\n"
		"\tSetEnv ap_trust_cgilike_cl 1\n</Location%s>\n",
		s->mount[0] != '\0' ? "Match" : "");
}

static void apache(FILE *out, const struct vane__front_config *s)
{
	static const char *const schemes[] = { "http", "fcgi", "scgi" };
	const char *slash = s->mount[0] != '\0' ? "" : "/";

	fprintf(out, "# Apache: into a <VirtualHost>, after: a2enmod proxy proxy_%s%s\n",
		schemes[s->mode], is_http(s) ? " headers" : "");
	put_start(out, s, "www-data");
	fprintf(out,
		"AllowEncodedSlashes NoDecode\nMergeSlashes Off\nLimitRequestBody %lld\n",
		s->max_body_bytes);
	if (!is_http(s)) {
		apache_cgilike(out, s, schemes[s->mode]);
		return;
	}
	/* mod_proxy appends to what there is of X-Forwarded-For */
	fprintf(out,
		"ProxyPreserveHost On\n"
		"RequestHeader set X-Real-Ip expr=%%{REMOTE_ADDR}\n"
		"RequestHeader unset X-Forwarded-For\n"
		"RequestHeader set X-Scheme expr=%%{REQUEST_SCHEME}\n"
		"RequestHeader set X-Forwarded-Proto expr=%%{REQUEST_SCHEME}\n"
		"ProxyPass \"%s\" \"",
		place(s));
	if (is_unix(s))
		fprintf(out, "unix:%s|http://%s", s->listen.path, s->name);
	else
		fprintf(out, "http://%s:%s", s->host, s->listen.port);
	fprintf(out, "%s%s\" nocanon\n", s->mount, slash);
}

/*
 * A program that mod_fcgid starts gets options by a wrapper only, which is the program
 * itself then.  The mount is automatic.
 */
static void mod_fcgid(FILE *out, const struct vane__front_config *s)
{
	const char *slash = strrchr(s->path, '/');

	fprintf(out,
		"# Apache: into a <VirtualHost>, after: a2enmod fcgid\n"
		"# Apache starts the program itself: as many as it needs%s\n"
		"AllowEncodedSlashes NoDecode\nFcgidMaxRequestLen %lld\n"
		"ScriptAliasMatch \"^%s(/.*)?$\" \"%s$1\"\n"
		"<Directory \"%.*s\">\n\tRequire all granted\n</Directory>\n"
		"<LocationMatch \"^%s(/.*)?$\">\n\tSetHandler fcgid-script\n"
		"\tOptions +ExecCGI\n\tCGIPassAuth On\n\tSetEnv ap_trust_cgilike_cl 1\n",
		s->given[0] == '\0' ? ", without options" : "",
		s->max_body_bytes > 0 ? s->max_body_bytes : LLONG_MAX, s->mount, s->path,
		slash > s->path ? (int) (slash - s->path) : 1, s->path, s->mount);
	if (s->given[0] != '\0')
		fprintf(out, "\tFcgidWrapper \"%s%s\" virtual\n", s->path, s->given);
	fprintf(out, "</LocationMatch>\n");
}

/* A listening descriptor 0 alone means FastCGI. */
static const char *mode_option(const struct vane__front_config *s)
{
	return s->mode == VANE__MODE_SCGI ? " --mode=scgi" : "";
}

/* lighttpd wants a bare IPv6 address. */
static void put_lighttpd_peer(
	FILE *out, const struct vane__front_config *s, const char *unix_key)
{
	const char *host = s->host[0] == '[' ? s->listen.address : s->host;

	if (is_unix(s))
		fprintf(out, "\"%s\" => \"%s\"", unix_key, s->listen.path);
	else
		fprintf(out, "\"host\" => \"%s\", \"port\" => %s", host, s->listen.port);
}

/* mod_proxy sets two of the four; nothing there can set the others, but take them out. */
static void lighttpd_http(FILE *out, const struct vane__front_config *s)
{
	put_start(out, s, "www-data");
	fprintf(out, "proxy.server += ( \"%s\" => (( ", place(s));
	put_lighttpd_peer(out, s, "host");
	fprintf(out, " )) )\n"
		     "setenv.set-request-header += ( \"X-Real-Ip\" => \"\", \"X-Scheme\" "
		     "=> \"\",\n"
		     "\t\"X-Forwarded-For\" => \"\", \"X-Forwarded-Proto\" => \"\" )\n");
}

static void lighttpd(FILE *out, const struct vane__front_config *s)
{
	const char *root =
		s->mount[0] == '\0' ? ",\n\t\"fix-root-scriptname\" => \"enable\"" : "";

	fprintf(out, "# lighttpd: into lighttpd.conf, with mod_%s in server.modules\n",
		is_http(s) ? "proxy and mod_setenv" : vane__mode_name(s->mode));
	if (is_http(s)) {
		lighttpd_http(out, s);
		return;
	}
	if (!s->listening)
		fprintf(out, "# lighttpd starts the program itself\n");
	else
		put_start(out, s, "www-data");
	fprintf(out, "%s.server += ( \"%s\" => ((\n", vane__mode_name(s->mode), place(s));
	if (!s->listening)
		fprintf(out,
			"\t\"socket\" => \"/run/lighttpd/%s.sock\",\n"
			"\t\"bin-path\" => \"%s%s%s%s\",\n\t\"max-procs\" => %d",
			s->name, s->path, mode_option(s), s->options, s->given,
			s->programs);
	else {
		fputc('\t', out);
		put_lighttpd_peer(out, s, "socket");
	}
	fprintf(out, ",\n\t\"check-local\" => \"disable\"%s\n)) )\n", root);
}

static void caddy(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "# Caddy: into the Caddyfile\n");
	put_start(out, s, "www-data");
	fprintf(out, "example.org {\n\trequest_body {\n\t\tmax_size %lld\n\t}\n",
		s->max_body_bytes);
	if (s->mount[0] != '\0')
		fprintf(out, "\t@%s path %s %s/*\n\treverse_proxy @%s ", s->name, s->mount,
			s->mount, s->name);
	else
		fprintf(out, "\treverse_proxy ");
	put_peer(out, s, "unix/");
	/* The other two it sets itself, unless it is told to trust who is in front of it. */
	if (is_http(s))
		fprintf(out, " {\n\t\theader_up X-Real-Ip {remote_host}\n"
			     "\t\theader_up X-Scheme {scheme}\n\t}");
	/* It would pass FastCGI's Status on to the client as if it were a field. */
	if (!is_http(s))
		fprintf(out, " {\n\t\ttransport fastcgi\n\t\theader_down -Status\n\t}");
	fprintf(out, "\n}\n");
}

static void haproxy(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "# HAProxy: into haproxy.cfg\n");
	put_start(out, s, "haproxy");
	fprintf(out, "frontend %s-front\n\tmode http\n\tbind :80\n", s->name);
	if (s->mount[0] != '\0')
		fprintf(out, "\tuse_backend %s if { path %s } || { path_beg %s/ }\n\n",
			s->name, s->mount, s->mount);
	else
		fprintf(out, "\tdefault_backend %s\n\n", s->name);
	if (!is_http(s)) {
		fprintf(out, "fcgi-app %s-app\n\tdocroot /srv\n", s->name);
		if (s->mount[0] != '\0')
			fprintf(out, "\tpath-info ^(%s)(/.*)?$\n", s->mount);
		fputc('\n', out);
	}
	fprintf(out, "backend %s\n\tmode http\n\toption http-buffer-request\n", s->name);
	if (is_http(s))
		fprintf(out,
			"\thttp-request set-header X-Real-Ip %%[src]\n"
			"\thttp-request set-header X-Forwarded-For %%[src]\n"
			"\thttp-request set-header X-Scheme %%[ssl_fc,iif(https,http)]\n"
			"\thttp-request set-header X-Forwarded-Proto "
			"%%[ssl_fc,iif(https,http)]\n");
	else
		fprintf(out, "\tuse-fcgi-app %s-app\n", s->name);
	fprintf(out, "\tserver %s ", s->name);
	put_peer(out, s, "unix@");
	fprintf(out, "%s\n", is_http(s) ? "" : " proto fcgi");
}

void vane__front_config_print(
	FILE *out, const struct vane__front_config *config, const char *server)
{
	static const struct {
		const char *server;
		print_fn print;
	} rows[] = {
		{ "nginx", nginx },
		{ "apache", apache },
		{ "mod_fcgid", mod_fcgid },
		{ "lighttpd", lighttpd },
		{ "caddy", caddy },
		{ "supervisor", vane__front_config_supervisor },
		{ "systemd", vane__front_config_systemd },
		{ "haproxy", haproxy },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].server, server) == 0)
			rows[i].print(out, config);
}
