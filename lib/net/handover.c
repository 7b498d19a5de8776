/* SPDX-License-Identifier: MIT */
/*
 * handover.c - idle connections go to whoever is free.
 *
 * A pair of datagram sockets: a message is sixteen descriptors at most, and arrives whole.
 * All workers read the same end, so who is free takes the next message and who is busy does
 * not; what nobody reads yet waits in the kernel, and stays open there.
 */
#include "config.h" /* for SOCK_CLOEXEC and its like */

#include "handover.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vane/log.h>
#include <vane/loop.h>

#include "base.h"
#include "loop.h"
#include "score.h"

#define PER_MESSAGE 16

/*
 * How much may wait, as bytes of the kernel's book-keeping, near one thousand a message; it
 * cuts this at net.core.wmem_max.
 */
#define QUEUE_BYTES (1024 * 1024)

/* How long a worker without room, or with no use for it, leaves a message to others. */
#define PAUSE_MSEC 100

struct vane_handover {
	int take_fd, give_fd;
	struct vane_loop *loop;
	struct vane_watch *watch;  /* NULL unless attached */
	struct vane_timer *resume; /* while it pauses */
	bool told;                 /* that it pauses; until a message is taken */
	uint64_t tag;              /* of messages, 0: any */
	vane_handover_fn fn;
	void *data;
};

/* A message: a tag, as there must be some bytes, and descriptors beside it. */
struct parcel {
	struct msghdr msg;
	struct iovec iov;
	uint64_t tag;
	union {
		char bytes[CMSG_SPACE(PER_MESSAGE * sizeof(int))];
		struct cmsghdr align;
	} control;
};

static void init_parcel(struct parcel *parcel, size_t count)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->iov.iov_base = &parcel->tag;
	parcel->iov.iov_len = sizeof(parcel->tag);
	parcel->msg.msg_iov = &parcel->iov;
	parcel->msg.msg_iovlen = 1;
	parcel->msg.msg_control = parcel->control.bytes;
	parcel->msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
}

int vane_handover_new(struct vane_handover **out)
{
	struct vane_handover *handover = calloc(1, sizeof(*handover));
	int fds[2], size = QUEUE_BYTES, rc;

	if (handover == NULL)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) {
		rc = -errno;
		free(handover);
		return rc;
	}
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)); /* less will do */
	handover->take_fd = fds[0];
	handover->give_fd = fds[1];
	*out = handover;
	return 0;
}

void vane__handover_fds(const struct vane_handover *handover, int fds[2])
{
	fds[0] = handover->take_fd;
	fds[1] = handover->give_fd;
}

int vane__handover_from(struct vane_handover **out, const int fds[2])
{
	struct vane_handover *handover = calloc(1, sizeof(*handover));

	if (handover == NULL)
		return -ENOMEM;
	handover->take_fd = fds[0];
	handover->give_fd = fds[1];
	*out = handover;
	return 0;
}

/* Send up to a message of them: 0, or a negative errno. */
static int send_parcel(const struct vane_handover *handover, const int *fds, size_t count)
{
	struct parcel parcel;
	struct cmsghdr *head;
	ssize_t n;

	init_parcel(&parcel, count);
	parcel.tag = handover->tag;
	head = CMSG_FIRSTHDR(&parcel.msg);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	do
		n = sendmsg(handover->give_fd, &parcel.msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

size_t vane_handover_give(struct vane_handover *handover, const int *fds, size_t count)
{
	size_t given = 0, i;

	while (given < count) {
		size_t some = count - given < PER_MESSAGE ? count - given : PER_MESSAGE;

		/* a full queue, or too many descriptors on their way: keep the rest */
		if (send_parcel(handover, fds + given, some) < 0)
			break;
		for (i = 0; i < some; i++) {
			if (handover->loop != NULL)
				vane__loop_forget(handover->loop, fds[given + i]);
			close(fds[given + i]);
		}
		given += some;
	}
	if (vane__score != NULL)
		vane__score_add(&vane__score->sums.given, given);
	return given;
}

void vane__handover_give_only(struct vane_handover *handover, struct vane_loop *loop)
{
	handover->loop = loop;
}

void vane__handover_set_tag(struct vane_handover *handover, uint64_t tag)
{
	handover->tag = tag;
}

/* Whether the next message is for workers that serve the same sockets as we do. */
static bool is_ours(const struct vane_handover *handover)
{
	uint64_t tag = 0;

	if (handover->tag == 0)
		return true;
	return recv(handover->take_fd, &tag, sizeof(tag), MSG_PEEK) < 0 ||
	       tag == handover->tag;
}

/* Take one message and give what is in it to the callback.  False if nothing waits. */
static bool take_parcel(struct vane_handover *handover)
{
	int fds[PER_MESSAGE];
	struct parcel parcel;
	struct cmsghdr *head;
	size_t count, i;
	ssize_t n;

	init_parcel(&parcel, PER_MESSAGE);
	do
		n = recvmsg(handover->take_fd, &parcel.msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return false;
	if ((parcel.msg.msg_flags & MSG_CTRUNC) != 0) /* the kernel has closed the others */
		vane_log(VANE_LOG_ERROR,
			"out of descriptors: connections handed over are lost");
	head = CMSG_FIRSTHDR(&parcel.msg);
	if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
		return true;
	count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(head), count * sizeof(int));
	if (vane__score != NULL)
		vane__score_add(&vane__score->sums.taken, count);
	for (i = 0; i < count; i++)
		handover->fn(fds[i], handover->data);
	return true;
}

/* Whether a message will fit: descriptors for which there is none free are lost. */
static bool has_room(const struct vane_handover *handover)
{
	int fds[PER_MESSAGE], count = 0, i;

	while (count < PER_MESSAGE &&
		(fds[count] = fcntl(handover->take_fd, F_DUPFD_CLOEXEC, 0)) >= 0)
		count++;
	for (i = 0; i < count; i++)
		close(fds[i]);
	return count == PER_MESSAGE;
}

static void on_resume(void *data)
{
	struct vane_handover *handover = data;

	handover->resume = NULL;
	vane_watch_update(handover->watch, VANE_READ);
}

/* One message a turn: others are free too, and have been woken as well. */
static void on_parcel(int fd, int events, void *data)
{
	struct vane_handover *handover = data;
	bool ours = is_ours(handover);

	if (ours && has_room(handover)) {
		handover->told = false;
		take_parcel(handover);
		return;
	}
	if (ours && !handover->told)
		vane_log(VANE_LOG_WARNING,
			"out of descriptors: connections handed over are "
			"left to others");
	handover->told = handover->told || ours;
	if (vane_loop_call_later(handover->loop, PAUSE_MSEC, on_resume, handover,
		    &handover->resume) == 0)
		vane_watch_update(handover->watch, 0);
}

int vane_handover_attach(struct vane_handover *handover, struct vane_loop *loop,
	vane_handover_fn fn, void *data)
{
	if (handover->watch != NULL)
		return -EALREADY;
	handover->loop = loop;
	handover->fn = fn;
	handover->data = data;
	return vane_loop_add_watch(
		loop, handover->take_fd, VANE_READ, on_parcel, handover, &handover->watch);
}

/* Take no notice of messages any more. */
static void stop_watching(struct vane_handover *handover)
{
	vane_timer_cancel(handover->resume);
	handover->resume = NULL;
	vane_watch_remove(handover->watch);
	handover->watch = NULL;
}

void vane_handover_detach(struct vane_handover *handover)
{
	if (handover->watch == NULL)
		return;
	stop_watching(handover);
	while (is_ours(handover) && take_parcel(handover))
		;
}

void vane_handover_free(struct vane_handover *handover)
{
	if (handover == NULL)
		return;
	stop_watching(handover);
	close(handover->take_fd);
	close(handover->give_fd);
	free(handover);
}
