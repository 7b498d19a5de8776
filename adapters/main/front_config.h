/* SPDX-License-Identifier: MIT */
/*
 * front_config.h - a program as the server in front of it is told of it.
 */
#ifndef VANE__FRONT_CONFIG_H
#define VANE__FRONT_CONFIG_H

#include <stdio.h>

#include <vane/docroot.h>
#include <vane/handler.h>

#include "listen.h"
#include "settings.h"

/* A directory of files that a front can give instead of the program. */
struct vane__front_files {
	char prefix[256];  /* of the path, "/static" */
	char root[1024];   /* absolute */
	const char *index; /* NULL: none */
	enum vane_symlinks links;
	bool dotfiles;
	int64_t max_age_sec; /* 0: not said */
};

/* A place that a front connects to. */
struct vane__front_peer {
	struct vane__listen listen;
	char host[300]; /* if TCP: "127.0.0.1" or "[::1]" */
};

/* What a configuration is made of. */
struct vane__front_config {
	char name[64];     /* the program's, only letters, digits and "-_" */
	char path[4096];   /* the program's, absolute */
	char mount[256];   /* "/app"; empty: the root */
	char options[640]; /* what the program is to be started with, each behind a blank */
	char given[4096];  /* the user's other options for it, the same way and quoted */
	char identity[256];         /* --user and --group, the same way */
	struct vane__listen listen; /* the first place that a front can connect to */
	char host[300];             /* to connect to, if TCP: "127.0.0.1" or "[::1]" */
	enum vane__mode mode;       /* any but CGI */
	bool listening;             /* it is one that --listen, --port or --address named */
	const struct vane__settings *settings;
	size_t given_places; /* how many these named, also descriptors */
	int processes;       /* as given: 0 is one for each core of where it runs */
	int programs; /* how many to start where that is said of the program, not to it */
	long long max_body_bytes; /* 0: no limit, as most of them say it */
	int stop_seconds;         /* -1: no limit */
	struct vane__front_files files[8];
	size_t file_count;
};

/* Fill in a configuration for a program at that path.  -EINVAL.  A pure function. */
int vane__front_config_fill(struct vane__front_config *config,
	const struct vane__settings *settings, bool listen_given, const char *program,
	const char *path);

/*
 * Add an option that the user gave, unless a configuration says the same in its own words.  -EINVAL
 * if its value cannot stand in a configuration, with a line in the log.
 */
int vane__front_config_give(
	struct vane__front_config *config, const char *name, const char *value);

/*
 * The places where the program listens, in order: all that were named, and what it needs
 * besides to be reached.  false past the end.
 */
bool vane__front_config_place(
	const struct vane__front_config *config, size_t i, struct vane__listen *listen);

/* Those of them that a front can connect to, of which there is one at least; false past the end. */
bool vane__front_config_peer(
	const struct vane__front_config *config, size_t i, struct vane__front_peer *peer);
size_t vane__front_config_peers(const struct vane__front_config *config);

/* front_config_files.c: the directories among a program's routes (NULL: none) that a front can serve. */
void vane__front_config_find_files(
	struct vane__front_config *config, const struct vane_route *routes);

/* Whether that is a place that one can connect to by name. */
bool vane__place_is_named(const struct vane__listen *listen);

/* front_config_words.c: how the program is started; loopback: without an address, on this machine only. */
void vane__front_config_command(
	FILE *out, const struct vane__front_config *config, bool loopback);

/* The same file: what several of them have in common. */
bool vane__front_config_http(const struct vane__front_config *config);
/* "/app" or "/" */
const char *vane__front_config_mount(const struct vane__front_config *config);
/* A listening descriptor 0 alone means FastCGI. */
const char *vane__front_config_mode_option(const struct vane__front_config *config);
/*
 * After how many seconds a front, which closes idle connections after so many by itself, is to close them
 * for the program not to be first, or a request would meet a connection that is just being closed; 0:
 * nothing need be said.
 */
int vane__front_config_kept_sec(const struct vane__front_config *config, int own_sec);
/* A comment: how the program is started for that front, whose user is named. */
void vane__front_config_start(
	FILE *out, const struct vane__front_config *config, const char *front_user);
/* Where it is reached, in a server's own words for a unix socket. */
void vane__front_config_put_peer(
	FILE *out, const struct vane__front_peer *peer, const char *unix_prefix);

/* For servers in front: front_config_nginx.c, front_config_apache.c, front_config_proxy.c. */
void vane__front_config_nginx(FILE *out, const struct vane__front_config *config);
void vane__front_config_apache(FILE *out, const struct vane__front_config *config);
void vane__front_config_mod_fcgid(FILE *out, const struct vane__front_config *config);
void vane__front_config_lighttpd(FILE *out, const struct vane__front_config *config);
void vane__front_config_caddy(FILE *out, const struct vane__front_config *config);
void vane__front_config_haproxy(FILE *out, const struct vane__front_config *config);

/* For what starts programs: front_config_manager.c, front_config_care.c. */
void vane__front_config_supervisor(FILE *out, const struct vane__front_config *config);
void vane__front_config_systemd(FILE *out, const struct vane__front_config *config);
void vane__front_config_logrotate(FILE *out, const struct vane__front_config *config);
void vane__front_config_kubernetes(FILE *out, const struct vane__front_config *config);

/* Write it for one of --print-config's servers. */
void vane__front_config_print(
	FILE *out, const struct vane__front_config *config, const char *server);

#endif
