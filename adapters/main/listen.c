/* SPDX-License-Identifier: MIT */
/*
 * listen.c - opening what the words of --listen name.
 */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/log.h>

#include "netutil.h"
#include "privileges.h"
#include "ownfile.h"

enum { FIRST_SYSTEMD_FD = 3, PLACE_SIZE = 300 };

/* Put a socket on the list, or close it. */
static int add(struct vane_sockets *out, int fd)
{
	int rc = vane_sockets_add(out, fd);

	if (rc < 0)
		close(fd);
	return rc;
}

/* Take an inherited socket: as it is, if others wait in accept(). */
static int adopt_shared(
	struct vane_sockets *out, const struct vane__settings *settings, int fd)
{
	return settings->fd_blocking ? vane__sockets_adopt_blocking(out, fd)
				     : vane_sockets_adopt(out, fd);
}

/* Whether the next name of a list with colons is that one; the list goes on behind it. */
static bool take_name(const char **names, const char *name)
{
	size_t len = strcspn(*names, ":");
	bool same = strlen(name) == len && memcmp(*names, name, len) == 0;

	*names += len;
	*names += **names == ':';
	return same;
}

/* Those of a name, of which there may be several; NULL: all. */
static int adopt_systemd(struct vane_sockets *out, const struct vane__settings *settings,
	int count, const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	int i, found = 0, rc = 0;

	if (names == NULL)
		names = "";
	for (i = 0; i < count && rc == 0; i++) {
		if (name != NULL && !take_name(&names, name))
			continue;
		rc = adopt_shared(out, settings, FIRST_SYSTEMD_FD + i);
		found++;
	}
	return found > 0 ? rc : -ENOENT;
}

/* Neither the variables nor sockets that were not asked for are for the children of ours. */
static void forget_systemd(int count)
{
	int i;

	for (i = 0; i < count; i++)
		(void) fcntl(FIRST_SYSTEMD_FD + i, F_SETFD, FD_CLOEXEC);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

static int bind_tcp(struct vane_sockets *out, const struct vane__listen *listen)
{
	struct vane_bind_opts opts = { .address = listen->address, .port = listen->port };
	struct vane_sockets bound = { 0 };
	int rc = vane_bind_sockets(&opts, &bound);
	size_t i;

	for (i = 0; i < bound.count; i++)
		if (rc == 0)
			rc = add(out, bound.fds[i]);
		else
			close(bound.fds[i]);
	bound.count = 0; /* all gone: the array is left */
	vane_sockets_fini(&bound);
	return rc;
}

/*
 * A worker that becomes another user has to be let in by its web server, so has its file,
 * which belongs to that user from the moment that it is there.
 */
static int bind_unix(struct vane_sockets *out, const struct vane__listen *listen,
	const struct vane__settings *settings)
{
	struct vane__privileges privileges;
	int fd, rc = vane__privileges_find(&privileges, settings->user, settings->group);

	if (rc == 0)
		rc = vane__privileges_begin_files(&privileges);
	if (rc == 0)
		rc = vane_bind_unix_socket(listen->path, settings->socket_mode, 0, &fd);
	vane__privileges_end_files();
	if (rc < 0)
		return rc;
	rc = add(out, fd);
	return rc < 0 ? rc : vane__ownfile_note(listen->path);
}

/* A socket of the program before.  One that was given to it by others is still theirs too. */
static int adopt(struct vane_sockets *out, const struct vane__listen *listen,
	const struct vane__settings *settings, int fd)
{
	int rc;

	if (listen->kind == VANE__LISTEN_FD || listen->kind == VANE__LISTEN_SYSTEMD ||
		listen->kind == VANE__LISTEN_NAMED)
		return adopt_shared(out, settings, fd);
	rc = vane_socket_adopt(fd);
	return rc < 0 ? rc : vane_sockets_add(out, fd);
}

/*
 * Take those of that place which were handed over: how many there are.  The file of a unix socket
 * goes with the process that lives longest, the master.
 */
static int take_inherited(struct vane_sockets *out, const struct vane__listen *listen,
	const struct vane__settings *settings, struct vane__inheritance *inherit)
{
	char place[PLACE_SIZE];
	int count = 0, rc = 0;
	size_t i;

	vane__listen_text(listen, place, sizeof(place));
	for (i = 0; i < inherit->socket_count && rc == 0; i++) {
		if (strcmp(inherit->sockets[i].place, place) != 0)
			continue;
		rc = adopt(out, listen, settings, inherit->sockets[i].fd);
		count++;
	}
	if (rc == 0 && count > 0 && listen->kind == VANE__LISTEN_UNIX &&
		inherit->role == VANE__INHERIT_MASTER)
		rc = vane__ownfile_note(listen->path);
	return rc < 0 && rc != -ENOENT ? rc : count;
}

/* Put those that are open now, and are not on the list yet, on it. */
static int note_places(const struct vane_sockets *out, const struct vane__listen *listen,
	struct vane__inheritance *now)
{
	char place[PLACE_SIZE];
	size_t i;
	int rc = 0;

	vane__listen_text(listen, place, sizeof(place));
	for (i = 0; i < out->count && rc == 0; i++)
		if (!vane__inherit_has_socket(now, out->fds[i]))
			rc = vane__inherit_add_socket(now, out->fds[i], place);
	return rc;
}

/* Those of places that are not listened on any more. */
static void close_unwanted(
	const struct vane__inheritance *before, const struct vane__inheritance *now)
{
	size_t i;

	for (i = 0; i < before->socket_count; i++) {
		const struct vane__inherit_socket *socket = &before->sockets[i];

		if (vane__inherit_has_socket(now, socket->fd))
			continue;
		close(socket->fd);
		if (before->role == VANE__INHERIT_MASTER &&
			strncmp(socket->place, "unix:", 5) == 0)
			unlink(socket->place + 5);
	}
}

/* Whether other sockets are open than those that were handed over. */
static bool is_changed(
	const struct vane__inheritance *before, const struct vane__inheritance *now)
{
	size_t i;

	for (i = 0; i < now->socket_count; i++)
		if (!vane__inherit_has_socket(before, now->sockets[i].fd))
			return true;
	return now->socket_count != before->socket_count;
}

/* A process without a master has no way to hand a new socket to the one it is going to have. */
static int refuse_new(const struct vane__inheritance *inherit)
{
	return inherit->role == VANE__INHERIT_WORKER ? -EOPNOTSUPP : 0;
}

static int open_one(struct vane_sockets *out, const struct vane__listen *listen,
	const struct vane__settings *settings, int systemd_fds)
{
	switch (listen->kind) {
	case VANE__LISTEN_UNIX:
		return bind_unix(out, listen, settings);
	case VANE__LISTEN_FD:
		return adopt_shared(out, settings, listen->fd);
	case VANE__LISTEN_NAMED:
		return adopt_systemd(out, settings, systemd_fds, listen->path);
	case VANE__LISTEN_SYSTEMD:
		return adopt_systemd(out, settings, systemd_fds, NULL);
	default:
		return bind_tcp(out, listen);
	}
}

/* What to do about it, behind the reason; "" if that says it. */
static const char *advice(const struct vane__listen *listen, int rc)
{
	bool tcp = listen->kind == VANE__LISTEN_TCP;

	switch (rc) {
	case -EADDRINUSE:
		return tcp ? ": a program serves there already, stop it or choose another "
			     "port (--port=N or --listen)"
			   : ": a program serves there already, stop it or choose another "
			     "path (--listen=unix:PATH)";
	case -EACCES:
	case -EPERM:
		return tcp ? ": ports below 1024 are root's, start as root with "
			     "--user=NAME "
			     "or choose a higher one (--port=8888)"
			   : ": this user may not make a file there, start as root with "
			     "--user=NAME or choose a folder of its own";
	case -EADDRNOTAVAIL:
		return ": this machine has no such address, see ip address";
	case -EMFILE:
		return ": see --nofile";
	default:
		return "";
	}
}

static const char *reason(const struct vane__listen *listen, int rc)
{
	if (listen->kind == VANE__LISTEN_SYSTEMD && rc == -ENOENT)
		return "LISTEN_PID and LISTEN_FDS hold no sockets for this process";
	if (listen->kind == VANE__LISTEN_NAMED && rc == -ENOENT)
		return "LISTEN_FDNAMES has no such name for this process";
	if (rc == -EOPNOTSUPP)
		return "a new place to listen takes a restart, where there is one process";
	if (rc == -ENOENT && listen->kind == VANE__LISTEN_TCP)
		return "no such address";
	if (listen->kind == VANE__LISTEN_FD &&
		(rc == -ENOTSOCK || rc == -EINVAL || rc == -EBADF))
		return "it is no listening stream socket";
	if (listen->kind == VANE__LISTEN_UNIX && rc == -EEXIST)
		return "something that is no socket is there";
	if (listen->kind == VANE__LISTEN_UNIX && rc == -ENOENT)
		return "there is no such folder";
	return strerror(-rc);
}

/* Log it, unless rc is 0, which is returned. */
static int complain(const struct vane__listen *listen, int rc)
{
	char text[300];

	if (rc == 0)
		return 0;
	vane__listen_text(listen, text, sizeof(text));
	vane_log(VANE_LOG_ERROR, "cannot listen on %s: %s%s", text, reason(listen, rc),
		advice(listen, rc));
	return rc;
}

/* What a place is opened with. */
struct opening {
	struct vane_sockets *out;
	const struct vane__settings *settings;
	int systemd_fds;
	struct vane__inheritance *inherit;
	struct vane__inheritance now; /* its sockets are those that are open */
};

static int open_logged(struct opening *opening, const struct vane__listen *listen)
{
	int rc = take_inherited(opening->out, listen, opening->settings, opening->inherit);

	if (rc == 0)
		rc = refuse_new(opening->inherit);
	if (rc == 0)
		rc = open_one(
			opening->out, listen, opening->settings, opening->systemd_fds);
	if (rc >= 0)
		rc = note_places(opening->out, listen, &opening->now);
	return complain(listen, rc);
}

/* What is open takes the place of what was handed over. */
static void conclude(struct opening *opening, int rc)
{
	struct vane__inheritance *inherit = opening->inherit;

	if (rc == 0) {
		close_unwanted(inherit, &opening->now);
		inherit->changed = is_changed(inherit, &opening->now);
		vane__inherit_swap_sockets(inherit, &opening->now);
	} else {
		vane_sockets_fini(opening->out);
	}
	vane__inherit_fini(&opening->now);
}

/* Whether the folder of a path is one. */
static int check_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t) (slash - path);
	char *folder = len > 0 ? strndup(path, len) : strdup(".");
	struct stat st;
	int rc = folder == NULL ? -ENOMEM : 0;

	if (rc == 0 && stat(folder, &st) < 0)
		rc = -errno;
	else if (rc == 0 && !S_ISDIR(st.st_mode))
		rc = -ENOTDIR;
	free(folder);
	return rc;
}

int vane__listen_check(
	const struct vane__settings *settings, const struct vane__choice *choice)
{
	size_t i;
	int rc = 0;

	for (i = 0; choice->source == VANE__SOURCE_BIND &&
		    i < vane__listen_count(settings) && rc == 0;
		i++) {
		struct vane__listen listen;

		vane__listen_at(&listen, settings, choice->mode, i);
		if (listen.kind == VANE__LISTEN_UNIX)
			rc = complain(&listen, check_folder(listen.path));
	}
	return rc;
}

static void warn_believed(
	const struct vane__listen *listen, const struct vane__choice *choice)
{
	if (!vane__mode_believes(choice->mode) || listen->kind != VANE__LISTEN_TCP ||
		vane__listen_is_loopback(listen->address))
		return;
	vane_log(VANE_LOG_WARNING,
		"%s on %s:%s: whoever reaches it is believed to be the web server",
		vane__mode_title(choice->mode),
		listen->address[0] != '\0' ? listen->address : "*", listen->port);
}

static int open_listed(struct opening *opening, const struct vane__choice *choice)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < vane__listen_count(opening->settings) && rc == 0; i++) {
		struct vane__listen listen;

		vane__listen_at(&listen, opening->settings, choice->mode, i);
		warn_believed(&listen, choice);
		rc = open_logged(opening, &listen);
	}
	return rc;
}

int vane__listen_open(struct vane_sockets *out, const struct vane__settings *settings,
	const struct vane__choice *choice, struct vane__inheritance *inherit)
{
	struct vane__listen inherited = { .kind = VANE__LISTEN_FD, .fd = 0 };
	struct opening opening = { out, settings, choice->fds, inherit };
	int rc;

	*out = (struct vane_sockets) { 0 };
	vane__inherit_init(&opening.now);
	if (choice->source == VANE__SOURCE_SYSTEMD)
		inherited.kind = VANE__LISTEN_SYSTEMD;
	rc = choice->source != VANE__SOURCE_BIND ? open_logged(&opening, &inherited)
						 : open_listed(&opening, choice);
	forget_systemd(inherit->role == VANE__INHERIT_NONE ? choice->fds : 0);
	conclude(&opening, rc);
	return rc;
}
