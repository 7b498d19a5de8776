/* SPDX-License-Identifier: MIT */
/*
 * listen.h - where to listen: --listen's words, and the sockets they become.
 */
#ifndef VANE__LISTEN_H
#define VANE__LISTEN_H

#include <vane/netutil.h>
#include <vane/types.h>

#include "inherit.h"
#include "mode.h"
#include "settings.h"

enum vane__listen_kind {
	VANE__LISTEN_TCP,
	VANE__LISTEN_UNIX,
	VANE__LISTEN_FD,
	VANE__LISTEN_NAMED,  /* of systemd's, those of a name */
	VANE__LISTEN_SYSTEMD /* all of them */
};

/* One --listen. */
struct vane__listen {
	enum vane__listen_kind kind;
	char address[256]; /* without brackets; empty: all */
	bool anywhere;     /* no address was given */
	char port[32];
	const char *path; /* within the word; or the name */
	int fd;
};

/* Understand a word.  -EINVAL.  A pure function. */
int vane__listen_parse(struct vane__listen *listen, const char *word);

/* Whether an address stands for this machine only. */
bool vane__listen_is_loopback(const char *address);

/*
 * What the program listens on, in order: as many as vane__listen_count() says.  The default
 * is what --port, --address and the mode say.
 */
size_t vane__listen_count(const struct vane__settings *settings);
void vane__listen_at(struct vane__listen *listen, const struct vane__settings *settings,
	enum vane__mode mode, size_t i);

/* As text: "127.0.0.1:8888", "*:8888", "unix:/run/x.sock", "descriptor 3", "systemd",
 * "socket admin of systemd". */
void vane__listen_text(const struct vane__listen *listen, char *buf, size_t size);

/*
 * Whether the folders of unix sockets are there, 0 or a negative errno: what can be known without
 * making them.  What fails is logged, as below.
 */
int vane__listen_check(
	const struct vane__settings *settings, const struct vane__choice *choice);

/*
 * Bind or adopt all sockets, or none.  What fails is logged: "cannot listen on
 * 127.0.0.1:8888: Address already in use".
 *
 * What was handed over by a program before is taken from there, and closed if it has no place
 * any more; inherit has the sockets that are open now then, and their places.
 */
int vane__listen_open(struct vane_sockets *out, const struct vane__settings *settings,
	const struct vane__choice *choice, struct vane__inheritance *inherit);

#endif
