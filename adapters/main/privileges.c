/* SPDX-License-Identifier: MIT */
/*
 * privileges.c - the standard descriptors, user and group, the limit of descriptors, the pid file.
 */
#include "config.h" /* for HAVE_LINUX_CAPABILITY_H */

#include "privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_LINUX_CAPABILITY_H
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#endif

#include <vane/log.h>

#include "ownfile.h"

int vane__privileges_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -errno;
	return 0;
}

static int unknown(const char *option, const char *name)
{
	vane_log(VANE_LOG_ERROR, "--%s=%s: no such %s", option, name, option);
	return -ENOENT;
}

int vane__privileges_find(
	struct vane__privileges *privileges, const char *user, const char *group)
{
	const struct passwd *passwd;
	const struct group *entry;

	*privileges = (struct vane__privileges) {
		.uid = geteuid(), .gid = getegid(), .user = user
	};
	privileges->root = privileges->uid == 0;
	if (user != NULL) {
		passwd = getpwnam(user);
		if (passwd == NULL)
			return unknown("user", user);
		privileges->uid = passwd->pw_uid;
		privileges->gid = passwd->pw_gid;
	}
	if (group != NULL) {
		entry = getgrnam(group);
		if (entry == NULL)
			return unknown("group", group);
		privileges->gid = entry->gr_gid;
	}
	privileges->changes = privileges->uid != geteuid() || privileges->gid != getegid();
	if (privileges->changes && !privileges->root) {
		vane_log(VANE_LOG_ERROR, "--%s=%s: only root can become that",
			user != NULL ? "user" : "group", user != NULL ? user : group);
		return -EPERM;
	}
	return 0;
}

void vane__privileges_warn(const struct vane__privileges *privileges)
{
	if (privileges->root && privileges->user == NULL && privileges->uid == 0)
		vane_log(VANE_LOG_WARNING,
			"requests are handled as root: say --user=NAME to become another "
			"user once the sockets are open");
}

#ifdef HAVE_LINUX_CAPABILITY_H
/*
 * The kernel takes root's rights over files away with root's identity; they are taken back,
 * or the user would have to be allowed to write to /run.
 */
int vane__privileges_begin_files(const struct vane__privileges *privileges)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];

	if (!privileges->changes)
		return 0;
	if (syscall(SYS_capget, &head, rights) < 0)
		return -errno;
	setfsgid(privileges->gid);
	setfsuid(privileges->uid);
	/* neither says whether it failed, but both say what was before */
	if ((uid_t) setfsuid(privileges->uid) != privileges->uid ||
		(gid_t) setfsgid(privileges->gid) != privileges->gid)
		return -EPERM;
	return syscall(SYS_capset, &head, rights) < 0 ? -errno : 0;
}

void vane__privileges_end_files(void)
{
	setfsuid(geteuid());
	setfsgid(getegid());
}

#define CAPABILITIES ((1U << CAP_SETUID) | (1U << CAP_SETGID) | (1U << CAP_KILL))

int vane__privileges_drop_capabilities(bool becomes_users)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];
	uint32_t kept;

	if (syscall(SYS_capget, &head, rights) < 0)
		return -errno;
	kept = becomes_users ? rights[0].permitted & CAPABILITIES : 0;
	memset(rights, 0, sizeof(rights));
	rights[0].permitted = rights[0].effective = kept;
	return syscall(SYS_capset, &head, rights) < 0 ? -errno : 0;
}

/* The kernel is told before that capabilities stay, and after which. */
static int begin_keeping(void)
{
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int end_keeping(void)
{
	int rc = vane__privileges_drop_capabilities(true);

	return rc == 0 && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0 ? -errno : rc;
}
#else
/* Here the user has to be one who may make files there. */
int vane__privileges_begin_files(const struct vane__privileges *privileges)
{
	if (!privileges->changes)
		return 0;
	return setegid(privileges->gid) < 0 || seteuid(privileges->uid) < 0 ? -errno : 0;
}

void vane__privileges_end_files(void)
{
	/* who was not root has not changed, and one who was gets it back */
	if (seteuid(getuid()) < 0 || setegid(getgid()) < 0)
		vane_log(VANE_LOG_ERROR, "cannot become user %ld again: %s",
			(long) getuid(), strerror(errno));
}

int vane__privileges_drop_capabilities(bool becomes_users)
{
	(void) becomes_users;
	return 0;
}

/* Whoever is root no more has no right to become another user. */
static int begin_keeping(void)
{
	return -ENOTSUP;
}

static int end_keeping(void)
{
	return -ENOTSUP;
}
#endif

/*
 * Groups first: the right to change them goes with the user.  The kernel forgets the signal
 * that tells of a parent's death here; a worker's life descriptor still does.
 */
int vane__privileges_assume(const struct vane__privileges *privileges)
{
	int rc = 0;

	if (!privileges->changes)
		return 0;
	if (privileges->becomes_users)
		rc = begin_keeping();
	if (rc == 0 &&
		((privileges->user != NULL ? initgroups(privileges->user, privileges->gid)
					   : setgroups(0, NULL)) < 0 ||
			setgid(privileges->gid) < 0 || setuid(privileges->uid) < 0))
		rc = -errno;
	else if (rc == 0 && privileges->uid != 0 && setuid(0) == 0)
		rc = -EPERM; /* it was not for good */
	if (rc == 0 && privileges->becomes_users)
		rc = end_keeping();
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot become user %ld, group %ld: %s",
			(long) privileges->uid, (long) privileges->gid, strerror(-rc));
	return rc;
}

int vane__privileges_nofile(int64_t limit)
{
	struct rlimit now, wanted;
	int rc = 0;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return -errno;
	wanted = now;
	wanted.rlim_cur = limit > 0 ? (rlim_t) limit : now.rlim_max;
	if (wanted.rlim_cur > wanted.rlim_max)
		wanted.rlim_max = wanted.rlim_cur; /* root may */
	if (setrlimit(RLIMIT_NOFILE, &wanted) < 0)
		rc = -errno;
	if (rc < 0 && limit > 0)
		vane_log(VANE_LOG_ERROR, "--nofile=%lld: %s, the system allows up to %lld",
			(long long) limit, strerror(-rc), (long long) now.rlim_max);
	else
		vane_log(VANE_LOG_DEBUG, "up to %lld open descriptors",
			(long long) (rc < 0 ? now.rlim_cur : wanted.rlim_cur));
	return limit > 0 ? rc : 0;
}

/*
 * A regular file or a negative errno.  Where another user may write to the folder, what has this
 * name can be anything: a named pipe is not waited for, no link is followed, and a file that has
 * another name is left alone.
 */
static int open_pid_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0644);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

/* It is there since we were the program before: perhaps we may not write it any more. */
static bool holds_our_pid(const char *path)
{
	int fd = open_pid_file(path, O_RDONLY);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	long pid = 0;

	if (in == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (fscanf(in, "%ld", &pid) != 1)
		pid = 0;
	fclose(in);
	return pid == (long) getpid();
}

static int write_pid(const char *path)
{
	int fd = open_pid_file(path, O_WRONLY | O_CREAT);
	int rc = 0;

	if (fd < 0)
		return fd;
	if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld\n", (long) getpid()) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int vane__privileges_pid_file(const char *path)
{
	int rc = holds_our_pid(path) ? 0 : write_pid(path);

	if (rc == 0)
		rc = vane__ownfile_note(path);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot write %s: %s", path, strerror(-rc));
	return rc;
}
