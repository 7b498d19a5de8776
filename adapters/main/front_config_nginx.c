/* SPDX-License-Identifier: MIT */
/*
 * front_config_nginx.c - how nginx is told of a program: by proxy_pass, fastcgi_pass or scgi_pass.
 */
#include "front_config.h"

#include <string.h>

/* So long it keeps connections that wait for a request (keepalive_timeout), unless that is said. */
#define KEPT_SEC 60

/*
 * Of several places one that is refused is nevertheless asked again at once: backends that start anew
 * one after the other would soon all be down in nginx's eyes, for ten seconds each.
 */
static void put_servers(FILE *out, const struct vane__front_config *s)
{
	const char *again = vane__front_config_peers(s) > 1 ? " max_fails=0" : "";
	struct vane__front_peer peer;
	size_t i;

	for (i = 0; vane__front_config_peer(s, i, &peer); i++) {
		fprintf(out, "\tserver ");
		vane__front_config_put_peer(out, &peer, "unix:");
		fprintf(out, "%s;\n", again);
	}
}

static void put_kept(FILE *out, const struct vane__front_config *s)
{
	int kept_sec = vane__front_config_kept_sec(s, KEPT_SEC);

	if (s->mode != VANE__MODE_SCGI)
		fprintf(out, "\tkeepalive 16;\n");
	if (kept_sec > 0)
		fprintf(out, "\tkeepalive_timeout %ds;\n", kept_sec);
}

/* A request that was waited for in vain may have been the cause: it is not tried elsewhere. */
static void put_fastcgi(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"\t\tinclude fastcgi_params;\n"
		"\t\tfastcgi_param HTTP_PROXY \"\";\n"
		"\t\t# with auth_basic: $remote_user; without, it is what a client says\n"
		"\t\tfastcgi_param REMOTE_USER \"\";\n"
		"\t\tfastcgi_keep_conn on;\n"
		"\t\tfastcgi_next_upstream error;\n"
		"\t\tfastcgi_read_timeout 200s;\n"
		"\t\tfastcgi_pass %s;\n",
		s->name);
}

static void put_scgi(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"\t\tinclude scgi_params;\n"
		"\t\tscgi_param HTTP_PROXY \"\";\n"
		"\t\tscgi_next_upstream error;\n"
		"\t\tscgi_read_timeout 200s;\n"
		"\t\tscgi_param SERVER_ADDR $server_addr;\n"
		"\t\tscgi_pass %s;\n",
		s->name);
}

static void put_http(FILE *out, const struct vane__front_config *s)
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
		"\t\tproxy_read_timeout 200s;\n"
		"\t\tproxy_redirect off;\n"
		"\t\tproxy_pass http://%s;\n",
		s->name);
}

/*
 * Files that the program would give as well.  What it keeps back nginx does too, and symbolic links
 * besides, as it cannot see where they lead.
 */
static void put_files(FILE *out, const struct vane__front_config *s)
{
	size_t i;

	for (i = 0; i < s->file_count; i++) {
		const struct vane__front_files *files = &s->files[i];

		fprintf(out, "\tlocation ^~ %s%s/ {\n\t\talias %s/;\n", s->mount,
			files->prefix, files->root);
		if (files->links != VANE_SYMLINKS_ANYWHERE)
			fprintf(out, "\t\tdisable_symlinks on from=%s/;\n", files->root);
		if (files->index != NULL)
			fprintf(out, "\t\tindex %s;\n", files->index);
		if (files->max_age_sec > 0)
			fprintf(out, "\t\texpires %llds;\n",
				(long long) files->max_age_sec);
		if (!files->dotfiles)
			fprintf(out, "\t\tlocation ~ /\\. {\n\t\t\treturn 403;\n\t\t}\n");
		fprintf(out, "\t}\n");
	}
}

void vane__front_config_nginx(FILE *out, const struct vane__front_config *s)
{
	fprintf(out,
		"# nginx: save as /etc/nginx/conf.d/%s.conf, which is in the http block\n",
		s->name);
	vane__front_config_start(out, s, "www-data");
	fprintf(out, "upstream %s {\n", s->name);
	put_servers(out, s);
	put_kept(out, s);
	fprintf(out,
		"}\n\n"
		"server {\n\tlisten 80;\n\tserver_name example.org;\n"
		"\tmerge_slashes off;\n\tclient_max_body_size %lld;\n\n",
		s->max_body_bytes);
	put_files(out, s);
	if (s->mount[0] != '\0')
		fprintf(out, "\tlocation ~ ^%s(/|$) {\n", s->mount);
	else
		fprintf(out, "\tlocation / {\n");
	if (s->mode == VANE__MODE_FASTCGI)
		put_fastcgi(out, s);
	else if (s->mode == VANE__MODE_SCGI)
		put_scgi(out, s);
	else
		put_http(out, s);
	fprintf(out, "\t}\n}\n");
}
