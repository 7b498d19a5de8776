/* SPDX-License-Identifier: MIT */
/*
 * front_config_proxy.c - how lighttpd, Caddy and HAProxy are told of a program.
 */
#include "front_config.h"

#include <string.h>

/* So long Caddy keeps connections that wait for a request, unless that is said. */
#define CADDY_KEPT_SEC 120

static bool is_http(const struct vane__front_config *s)
{
	return vane__front_config_http(s);
}

/* lighttpd wants a bare IPv6 address. */
static void put_lighttpd_peer(
	FILE *out, const struct vane__front_peer *peer, const char *unix_key)
{
	const char *host = peer->host[0] == '[' ? peer->listen.address : peer->host;

	if (peer->listen.kind == VANE__LISTEN_UNIX)
		fprintf(out, "\"%s\" => \"%s\"", unix_key, peer->listen.path);
	else
		fprintf(out, "\"host\" => \"%s\", \"port\" => %s", host, peer->listen.port);
}

/* mod_proxy sets two of the four; nothing there can set the others, but take them out. */
static void lighttpd_http(FILE *out, const struct vane__front_config *s)
{
	struct vane__front_peer peer;
	size_t i;

	vane__front_config_start(out, s, "www-data");
	fprintf(out, "proxy.server += ( \"%s\" => ( ", vane__front_config_mount(s));
	for (i = 0; vane__front_config_peer(s, i, &peer); i++) {
		fprintf(out, "%s( ", i > 0 ? ",\n\t" : "");
		put_lighttpd_peer(out, &peer, "host");
		fprintf(out, " )");
	}
	fprintf(out, " ) )\n"
		     "setenv.set-request-header += ( \"X-Real-Ip\" => \"\", \"X-Scheme\" "
		     "=> \"\",\n"
		     "\t\"X-Forwarded-For\" => \"\", \"X-Forwarded-Proto\" => \"\" )\n");
}

/* What each place has besides. */
static void end_lighttpd_place(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, ",\n\t\"check-local\" => \"disable\"%s\n)",
		s->mount[0] == '\0' ? ",\n\t\"fix-root-scriptname\" => \"enable\"" : "");
}

/* FastCGI or SCGI; where no place was named, it starts the program itself. */
static void lighttpd_cgilike(FILE *out, const struct vane__front_config *s)
{
	struct vane__front_peer peer;
	size_t i;

	if (s->listening)
		vane__front_config_start(out, s, "www-data");
	else
		fprintf(out, "# lighttpd starts the program itself\n");
	fprintf(out, "%s.server += ( \"%s\" => (", vane__mode_name(s->mode),
		vane__front_config_mount(s));
	for (i = 0; s->listening && vane__front_config_peer(s, i, &peer); i++) {
		fprintf(out, i > 0 ? ", (\n\t" : "(\n\t");
		put_lighttpd_peer(out, &peer, "socket");
		end_lighttpd_place(out, s);
	}
	if (!s->listening) {
		fprintf(out,
			"(\n\t\"socket\" => \"/run/lighttpd/%s.sock\",\n"
			"\t\"bin-path\" => \"%s%s%s%s\",\n\t\"max-procs\" => %d",
			s->name, s->path, vane__front_config_mode_option(s), s->options,
			s->given, s->programs);
		end_lighttpd_place(out, s);
	}
	fprintf(out, ") )\n");
}

void vane__front_config_lighttpd(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "# lighttpd: into lighttpd.conf, with mod_%s in server.modules\n",
		is_http(s) ? "proxy and mod_setenv" : vane__mode_name(s->mode));
	if (is_http(s))
		lighttpd_http(out, s);
	else
		lighttpd_cgilike(out, s);
}

/*
 * What it says of a request, in HTTP: the other two it sets itself, unless it is told to trust who is in
 * front of it.  In FastCGI a client's Proxy would become HTTP_PROXY, and Status would be passed on to the
 * client as if it were a field.  Of several places the next is tried for two seconds where one is not to be
 * reached: left to chance, as by default, one in five hundred requests would meet nothing but that one.
 */
static void caddy_block(FILE *out, const struct vane__front_config *s)
{
	int kept_sec = vane__front_config_kept_sec(s, CADDY_KEPT_SEC);

	fprintf(out, " {\n");
	if (is_http(s))
		fprintf(out, "\t\theader_up X-Real-Ip {remote_host}\n"
			     "\t\theader_up X-Scheme {scheme}\n");
	else
		fprintf(out,
			"\t\theader_up -Proxy\n\t\ttransport fastcgi {\n\t\t\tread_timeout 200s\n\t\t}\n"
			"\t\theader_down -Status\n");
	if (kept_sec > 0)
		fprintf(out, "\t\ttransport http {\n\t\t\tkeepalive %ds\n\t\t}\n",
			kept_sec);
	if (vane__front_config_peers(s) > 1)
		fprintf(out, "\t\tlb_policy round_robin\n\t\tlb_try_duration 2s\n");
	fprintf(out, "\t}\n");
}

void vane__front_config_caddy(FILE *out, const struct vane__front_config *s)
{
	struct vane__front_peer peer;
	size_t i;

	fprintf(out, "# Caddy: into the Caddyfile\n");
	vane__front_config_start(out, s, "www-data");
	fprintf(out, "example.org {\n\trequest_body {\n\t\tmax_size %lld\n\t}\n",
		s->max_body_bytes);
	if (s->mount[0] != '\0')
		fprintf(out, "\t@%s path %s %s/*\n\treverse_proxy @%s", s->name, s->mount,
			s->mount, s->name);
	else
		fprintf(out, "\treverse_proxy");
	for (i = 0; vane__front_config_peer(s, i, &peer); i++) {
		fputc(' ', out);
		vane__front_config_put_peer(out, &peer, "unix/");
	}
	caddy_block(out, s);
	fprintf(out, "}\n");
}

/* Of several, one that is refused is asked once more, and then another; who is down is looked at. */
static void haproxy_servers(FILE *out, const struct vane__front_config *s)
{
	bool many = vane__front_config_peers(s) > 1;
	struct vane__front_peer peer;
	size_t i;

	if (is_http(s) && s->settings->ready != NULL)
		fprintf(out,
			"\toption httpchk GET %s%s\n"
			"\thttp-check expect status 200\n%s",
			s->mount, s->settings->ready,
			many ? "" : "\tdefault-server check inter 1s fall 2 rise 1\n");
	if (many)
		fprintf(out, "\toption redispatch 1\n\tretries 3\n"
			     "\tdefault-server check inter 1s fall 2 rise 1\n");
	for (i = 0; vane__front_config_peer(s, i, &peer); i++) {
		fprintf(out, "\tserver %s", s->name);
		if (many)
			fprintf(out, "-%zu", i);
		fputc(' ', out);
		vane__front_config_put_peer(out, &peer, "unix@");
		fprintf(out, "%s\n", is_http(s) ? "" : " proto fcgi");
	}
}

static void haproxy_frontend(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "frontend %s-front\n\tmode http\n\tbind :80\n\ttimeout client 60s\n",
		s->name);
	if (s->mount[0] != '\0')
		fprintf(out, "\tuse_backend %s if { path %s } || { path_beg %s/ }\n\n",
			s->name, s->mount, s->mount);
	else
		fprintf(out, "\tdefault_backend %s\n\n", s->name);
	if (is_http(s))
		return;
	fprintf(out,
		"fcgi-app %s-app\n\tdocroot /srv\n"
		"\tset-param HTTP_AUTHORIZATION %%[var(txn.authorization)]\n",
		s->name);
	if (s->mount[0] != '\0')
		fprintf(out, "\tpath-info ^(%s)(/.*)?$\n", s->mount);
	fputc('\n', out);
}

void vane__front_config_haproxy(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "# HAProxy: into haproxy.cfg\n");
	vane__front_config_start(out, s, "haproxy");
	haproxy_frontend(out, s);
	fprintf(out,
		"backend %s\n\tmode http\n\toption http-buffer-request\n"
		"\ttimeout connect 5s\n\ttimeout server 200s\n",
		s->name);
	if (s->max_body_bytes > 0)
		fprintf(out,
			"\thttp-request deny deny_status 413 if { req.body_size gt %lld }\n",
			s->max_body_bytes);
	if (is_http(s))
		fprintf(out,
			"\thttp-request set-header X-Real-Ip %%[src]\n"
			"\thttp-request set-header X-Forwarded-For %%[src]\n"
			"\thttp-request set-header X-Scheme %%[ssl_fc,iif(https,http)]\n"
			"\thttp-request set-header X-Forwarded-Proto "
			"%%[ssl_fc,iif(https,http)]\n");
	else /* who a client says it is would be REMOTE_USER, without a look at the password */
		fprintf(out,
			"\thttp-request set-var(txn.authorization) req.hdr(Authorization)\n"
			"\thttp-request del-header Authorization\n"
			"\tuse-fcgi-app %s-app\n",
			s->name);
	haproxy_servers(out, s);
}
