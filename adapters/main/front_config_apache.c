/* SPDX-License-Identifier: MIT */
/*
 * front_config_apache.c - how Apache is told of a program: by mod_proxy and its schemes, or by
 * mod_fcgid, which starts it.
 */
#include "front_config.h"

#include <limits.h>
#include <string.h>

static const char *const schemes[] = { "http", "fcgi", "scgi" };

static bool is_many(const struct vane__front_config *s)
{
	return vane__front_config_peers(s) > 1;
}

/* The one place that there is, or all of them. */
static void put_target(FILE *out, const struct vane__front_config *s)
{
	const char *scheme = schemes[s->mode];
	struct vane__front_peer peer;

	vane__front_config_peer(s, 0, &peer);
	if (is_many(s))
		fprintf(out, "balancer://%s", s->name);
	else if (peer.listen.kind == VANE__LISTEN_UNIX)
		fprintf(out, "unix:%s|%s://%s", peer.listen.path, scheme, s->name);
	else
		fprintf(out, "%s://%s:%s", scheme, peer.host, peer.listen.port);
}

/* Of several, each is asked again at once that has been refused (retry=0): it may be starting anew. */
static void put_members(FILE *out, const struct vane__front_config *s)
{
	const char *scheme = schemes[s->mode];
	struct vane__front_peer peer;
	size_t i;

	if (!is_many(s))
		return;
	fprintf(out, "<Proxy \"balancer://%s\">\n", s->name);
	for (i = 0; vane__front_config_peer(s, i, &peer); i++)
		if (peer.listen.kind == VANE__LISTEN_UNIX)
			fprintf(out, "\tBalancerMember \"unix:%s|%s://%s-%zu\" retry=0\n",
				peer.listen.path, scheme, s->name, i);
		else
			fprintf(out, "\tBalancerMember \"%s://%s:%s\" retry=0\n", scheme,
				peer.host, peer.listen.port);
	fprintf(out, "</Proxy>\n");
}

/* FastCGI or SCGI. */
static void put_handler(FILE *out, const struct vane__front_config *s)
{
	if (s->mount[0] != '\0')
		fprintf(out, "<LocationMatch \"^%s(/.*)?$\">\n", s->mount);
	else
		fprintf(out, "<Location \"/\">\n");
	fprintf(out, "\tSetHandler \"proxy:");
	put_target(out, s);
	fprintf(out,
		"\"\n\tCGIPassAuth On\n\tDirectoryIndex disabled\n\tDirectorySlash Off\n"
		"\tSetEnv ap_trust_cgilike_cl 1\n</Location%s>\n",
		s->mount[0] != '\0' ? "Match" : "");
}

/* mod_proxy appends to what there is of X-Forwarded-For. */
static void put_pass(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"ProxyPreserveHost On\n"
		"RequestHeader set X-Real-Ip expr=%%{REMOTE_ADDR}\n"
		"RequestHeader unset X-Forwarded-For\n"
		"RequestHeader set X-Scheme expr=%%{REQUEST_SCHEME}\n"
		"RequestHeader set X-Forwarded-Proto expr=%%{REQUEST_SCHEME}\n"
		"ProxyPass \"%s\" \"",
		vane__front_config_mount(s));
	put_target(out, s);
	fprintf(out, "%s%s\" nocanon\n", s->mount, s->mount[0] != '\0' ? "" : "/");
}

void vane__front_config_apache(FILE *out, const struct vane__front_config *s)
{
	fprintf(out, "# Apache: into a <VirtualHost>, after: a2enmod proxy proxy_%s%s%s\n",
		schemes[s->mode], vane__front_config_http(s) ? " headers" : "",
		is_many(s) ? " proxy_balancer slotmem_shm lbmethod_byrequests" : "");
	vane__front_config_start(out, s, "www-data");
	fprintf(out,
		"AllowEncodedSlashes NoDecode\nMergeSlashes Off\nLimitRequestBody %lld\n"
		"ProxyTimeout 200\n",
		s->max_body_bytes);
	put_members(out, s);
	if (vane__front_config_http(s))
		put_pass(out, s);
	else
		put_handler(out, s);
}

/*
 * A program that mod_fcgid starts gets options by a wrapper only, which is the program
 * itself then.  The mount is automatic.
 */
void vane__front_config_mod_fcgid(FILE *out, const struct vane__front_config *s)
{
	const char *slash = strrchr(s->path, '/');

	fprintf(out,
		"# Apache: into a <VirtualHost>, after: a2enmod fcgid\n"
		"# Apache starts the program itself: as many as it needs%s\n"
		"AllowEncodedSlashes NoDecode\nFcgidMaxRequestLen %lld\nFcgidIOTimeout 200\n"
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
