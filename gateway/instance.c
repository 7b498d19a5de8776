/* SPDX-License-Identifier: MIT */
/*
 * instance.c - one process of a program that we start: its socket, its output, its end.
 */
#include "config.h" /* for pipe2() */

#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Pieces of output that are read before others have their turn, and at the end. */
#define PIECES      4
#define LAST_PIECES 16

static void close_log(struct vane__instance *inst)
{
	vane_loop_remove_handler(inst->log_watch);
	inst->log_watch = NULL;
	if (inst->log_fd >= 0)
		close(inst->log_fd);
	inst->log_fd = -1;
}

/* Up to so many pieces of what there is now. */
static void read_log(struct vane__instance *inst, int pieces)
{
	char piece[4096];
	ssize_t n;

	while (inst->log_fd >= 0 && pieces-- > 0) {
		n = read(inst->log_fd, piece, sizeof(piece));
		if (n > 0)
			vane__stderrlog_add(&inst->log, piece, (size_t) n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_log(inst);
		if (n < 0)
			return;
	}
}

void vane__instance_hear(struct vane__instance *inst)
{
	read_log(inst, LAST_PIECES);
}

static void on_log(int fd, int events, void *data)
{
	read_log(data, PIECES);
}

static int open_log(struct vane__instance *inst, int *theirs)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*theirs = fds[1];
	inst->log_fd = fds[0];
	if (fcntl(inst->log_fd, F_SETFL, O_NONBLOCK | O_RDONLY) < 0)
		return -errno;
	return vane_loop_add_handler(
		inst->loop, inst->log_fd, VANE_READ, on_log, inst, &inst->log_watch);
}

static int start_child(struct vane__instance *inst, const struct vane__instance_opts *opts,
	vane__child_fn ended, void *data)
{
	struct vane__child_opts child = opts->child;
	int rc;

	child.fds[0] = child.fds[1] = -1;
	rc = child.envp == NULL ? -ENOMEM
				: vane__program_socket_open(&inst->socket, &child.fds[0]);
	if (rc == 0)
		rc = open_log(inst, &child.fds[1]);
	child.fds[2] = child.fds[1];
	if (rc == 0)
		rc = vane__child_start(opts->children, &child, ended, data, &inst->child);
	if (child.fds[0] >= 0)
		close(child.fds[0]);
	if (child.fds[1] >= 0)
		close(child.fds[1]);
	return rc;
}

/* Where it is found, and what it is called. */
static void fill_peer(struct vane__instance *inst, const char *name)
{
	struct vane__peer *peer = &inst->peer;
	struct sockaddr_un *address = &peer->address.local;

	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", inst->socket.path);
	peer->address_len = sizeof(*address);
	snprintf(peer->name, sizeof(peer->name), "%s (pid %ld)", name,
		inst->child != NULL ? (long) vane__child_pid(inst->child) : 0L);
	/* It answers nobody else, so a connection to it may stay, and it need not be asked. */
	peer->keep = 1;
	peer->asked = true;
	vane__stderrlog_init(&inst->log, peer->name, -1);
}

int vane__instance_start(struct vane__instance *inst,
	const struct vane__instance_opts *opts, vane__child_fn ended, void *data)
{
	int rc;

	inst->loop = opts->loop;
	inst->log_fd = inst->socket.fd = -1;
	vane__peer_init(&inst->peer, opts->peer);
	rc = start_child(inst, opts, ended, data);
	fill_peer(inst, opts->child.argv[0]);
	return rc;
}

/*
 * libfcgi only notes that TERM has come, and goes on to wait for a connection; but it looks
 * at its note when there is one.
 */
static void knock(const struct vane__instance *inst)
{
	const struct vane__peer *peer = &inst->peer;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	/* If that fails, KILL will come. */
	(void) !connect(fd, &peer->address.any, peer->address_len);
	close(fd);
}

void vane__instance_end(struct vane__instance *inst)
{
	vane__child_end(inst->child);
	vane__peer_fini(&inst->peer);
	knock(inst);
}

void vane__instance_fini(struct vane__instance *inst)
{
	vane__child_free(inst->child);
	vane__peer_fini(&inst->peer);
	vane__program_socket_close(&inst->socket);
	vane__stderrlog_end(&inst->log);
	close_log(inst);
}
