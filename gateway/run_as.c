/* SPDX-License-Identifier: MIT */
/*
 * run_as.c - setgroups, setgid, setuid: how a child becomes the user that its program is to be.
 *
 * Names are looked up when a backend is made, as the child of a vfork() may not.  There the calls are
 * the kernel's own: libc's change all threads of a process, and those are the parent's.
 */
#include "config.h" /* for HAVE_LINUX_CAPABILITY_H */

#include "run_as.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#ifdef HAVE_LINUX_CAPABILITY_H
#include <linux/capability.h>
#endif

#include <vane/log.h>

#define MAX_GROUPS 65536

static int complain(const char *user, const char *group, const char *why, int rc)
{
	vane_log(VANE_LOG_ERROR, "gateway: user %s%s%s: %s", user != NULL ? user : "",
		group != NULL ? ":" : "", group != NULL ? group : "", why);
	return rc;
}

/* Those that /etc/group and its like say the user is in. */
static int find_groups(struct vane__run_as *as, const char *user)
{
	int count = 16, had;
	gid_t *grown;

	do {
		had = count;
		grown = realloc(as->groups, (size_t) count * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		as->groups = grown;
		if (getgrouplist(user, as->gid, as->groups, &count) >= 0) {
			as->group_count = (size_t) count;
			return 0;
		}
		if (count <= had)
			count = 2 * had;
	} while (count <= MAX_GROUPS);
	return -E2BIG;
}

static int find_user(struct vane__run_as *as, const char *user, const char *group)
{
	const struct passwd *passwd = getpwnam(user);
	const struct group *entry = group != NULL ? getgrnam(group) : NULL;

	if (passwd == NULL)
		return complain(user, group, "there is no such user", -ENOENT);
	if (group != NULL && entry == NULL)
		return complain(user, group, "there is no such group", -ENOENT);
	as->uid = passwd->pw_uid;
	as->gid = entry != NULL ? entry->gr_gid : passwd->pw_gid;
	if (as->uid == 0 && strcmp(user, "root") != 0)
		return complain(user, group,
			"that is root under another name: say root if it is meant",
			-EINVAL);
	return 0;
}

int vane__run_as_init(struct vane__run_as *as, const char *user, const char *group)
{
	int rc;

	*as = (struct vane__run_as) { .other = false };
	if (user == NULL)
		return group == NULL
			       ? 0
			       : complain(NULL, group, "a group needs a user", -EINVAL);
	rc = find_user(as, user, group);
	if (rc < 0)
		return rc;
	as->other = as->uid != geteuid() || as->gid != getegid();
	if (!as->other)
		return 0;
	if (geteuid() != 0)
		return complain(
			user, group, "only root can run programs as another user", -EPERM);
	rc = find_groups(as, user);
	if (rc < 0) {
		vane__run_as_fini(as);
		return complain(user, group, strerror(-rc), rc);
	}
	return 0;
}

void vane__run_as_fini(struct vane__run_as *as)
{
	free(as->groups);
	*as = (struct vane__run_as) { .other = false };
}

/*
 * From here on it is the child's.  32-bit machines have the calls for numbers above 65535 under names
 * of their own.
 */

#ifdef __linux__
#ifdef SYS_setresuid32
#define SETGROUPS SYS_setgroups32
#define SETRESGID SYS_setresgid32
#define SETRESUID SYS_setresuid32
#else
#define SETGROUPS SYS_setgroups
#define SETRESGID SYS_setresgid
#define SETRESUID SYS_setresuid
#endif

static int set_groups(const gid_t *groups, size_t count)
{
	return (int) syscall(SETGROUPS, count, groups);
}

static int set_group(gid_t gid)
{
	return (int) syscall(SETRESGID, gid, gid, gid);
}

static int set_user(uid_t uid)
{
	return (int) syscall(SETRESUID, uid, uid, uid);
}
#else
static int set_groups(const gid_t *groups, size_t count)
{
	return setgroups((int) count, groups);
}

static int set_group(gid_t gid)
{
	return setgid(gid);
}

static int set_user(uid_t uid)
{
	return setuid(uid);
}
#endif

/* They go with root, but not with a user who has the right to become others. */
static int drop_capabilities(uid_t uid)
{
#ifdef HAVE_LINUX_CAPABILITY_H
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (uid != 0)
		return (int) syscall(SYS_capset, &head, none);
#endif
	(void) uid;
	return 0;
}

static bool leads_back(const struct vane__run_as *as)
{
	return getuid() != as->uid || geteuid() != as->uid || getgid() != as->gid ||
	       getegid() != as->gid || (as->uid != 0 && set_user(0) == 0);
}

int vane__run_as_become(const struct vane__run_as *as)
{
	if (set_groups(as->groups, as->group_count) < 0 || set_group(as->gid) < 0 ||
		set_user(as->uid) < 0 || drop_capabilities(as->uid) < 0)
		return -1;
	if (leads_back(as)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
