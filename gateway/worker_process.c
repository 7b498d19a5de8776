/* SPDX-License-Identifier: MIT */
/*
 * worker_process.c - the process of a worker: its socket, its output, its end.
 */
#include "config.h" /* for pipe2() */

#include "worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limit.h"

/* Pieces of output that are read before others have their turn, and at the end. */
#define PIECES      4
#define LAST_PIECES 16

static void close_log(struct vane__worker_process *process)
{
	vane_watch_remove(process->log_watch);
	process->log_watch = NULL;
	if (process->log_fd >= 0)
		close(process->log_fd);
	process->log_fd = -1;
}

/* Up to so many pieces of what there is now. */
static void read_log(struct vane__worker_process *process, int pieces)
{
	char piece[4096];
	ssize_t n;

	while (process->log_fd >= 0 && pieces-- > 0) {
		n = read(process->log_fd, piece, sizeof(piece));
		if (n > 0)
			vane__stderrlog_add(&process->log, piece, (size_t) n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_log(process);
		if (n < 0)
			return;
	}
}

void vane__worker_process_hear(struct vane__worker_process *process)
{
	read_log(process, LAST_PIECES);
}

static void on_log(int fd, int events, void *data)
{
	read_log(data, PIECES);
}

void vane__worker_process_move(struct vane__worker_process *process, struct vane_loop *loop)
{
	if (process->loop == loop || process->log_fd < 0)
		return;
	vane_watch_remove(process->log_watch);
	process->log_watch = NULL;
	process->loop = loop;
	vane_loop_add_watch(
		loop, process->log_fd, VANE_READ, on_log, process, &process->log_watch);
}

static int open_log(struct vane__worker_process *process, int *theirs)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*theirs = fds[1];
	process->log_fd = fds[0];
	if (fcntl(process->log_fd, F_SETFL, O_NONBLOCK | O_RDONLY) < 0)
		return -errno;
	return vane_loop_add_watch(process->loop, process->log_fd, VANE_READ, on_log,
		process, &process->log_watch);
}

static int start_child(struct vane__worker_process *process,
	const struct vane__worker_process_opts *opts, vane__child_fn ended, void *data)
{
	struct vane__child_opts child = opts->child;
	int rc;

	child.fds[0] = child.fds[1] = -1;
	rc = child.envp == NULL
		     ? -ENOMEM
		     : vane__program_socket_open(&process->socket, &child.fds[0]);
	if (rc == 0)
		rc = open_log(process, &child.fds[1]);
	child.fds[2] = child.fds[1];
	if (rc == 0)
		rc = vane__child_start(
			opts->children, &child, ended, data, &process->child);
	if (child.fds[0] >= 0)
		close(child.fds[0]);
	if (child.fds[1] >= 0)
		close(child.fds[1]);
	return rc;
}

/* Where it is found, and what it is called. */
static void fill_peer(struct vane__worker_process *process, const char *name)
{
	struct vane__peer *peer = &process->peer;
	struct sockaddr_un *address = &peer->address.local;

	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", process->socket.path);
	peer->address_len = sizeof(*address);
	snprintf(peer->name, sizeof(peer->name), "%s (pid %ld)", name,
		process->child != NULL ? (long) vane__child_pid(process->child) : 0L);
	/* It answers nobody else, so a connection to it may stay, and it need not be asked. */
	peer->keep = 1;
	peer->asked = true;
	vane__stderrlog_init(&process->log, peer->name, VANE__UNLIMITED);
}

int vane__worker_process_start(struct vane__worker_process *process,
	const struct vane__worker_process_opts *opts, vane__child_fn ended, void *data)
{
	int rc;

	process->loop = opts->loop;
	process->log_fd = process->socket.fd = -1;
	vane__peer_init(&process->peer, opts->peer);
	rc = start_child(process, opts, ended, data);
	fill_peer(process, opts->child.argv[0]);
	return rc;
}

/*
 * libfcgi only notes that TERM has come, and goes on to wait for a connection; but it looks
 * at its note when there is one.
 */
static void knock(const struct vane__worker_process *process)
{
	const struct vane__peer *peer = &process->peer;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	/* If that fails, KILL will come. */
	(void) !connect(fd, &peer->address.any, peer->address_len);
	close(fd);
}

void vane__worker_process_end(struct vane__worker_process *process)
{
	vane__child_end(process->child);
	vane__peer_fini(&process->peer);
	knock(process);
}

void vane__worker_process_fini(struct vane__worker_process *process)
{
	vane__child_free(process->child);
	vane__peer_fini(&process->peer);
	vane__program_socket_close(&process->socket);
	vane__stderrlog_end(&process->log);
	close_log(process);
}
