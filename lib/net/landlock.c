/* SPDX-License-Identifier: MIT */
/*
 * landlock.c - Linux's Landlock by its three system calls, which libc does not wrap: rules of files,
 * and no_new_privs.
 *
 * Structs and rights are the kernel's interface, written out here: a program that is built where
 * linux/landlock.h is old, or missing, has what the kernel can that it runs on.
 */
#include "config.h" /* for O_PATH */

#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <vane/sandbox.h>

#ifdef __linux__

/* They have these numbers everywhere but on Alpha, where libc knows them or nobody does. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_RULESET_VERSION 1
#define RULE_PATH_BENEATH      1

enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REMOVE_DIR = 1 << 4,
	REMOVE_FILE = 1 << 5,
	MAKE_CHAR = 1 << 6,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	MAKE_SOCK = 1 << 9,
	MAKE_FIFO = 1 << 10,
	MAKE_BLOCK = 1 << 11,
	MAKE_SYM = 1 << 12,
	REFER = 1 << 13, /* since version 2: rename to another folder; never, before that */
	TRUNCATE = 1 << 14, /* since version 3 */
	IOCTL_DEV = 1 << 15 /* since version 5 */
};

/* Those that a file has which is no folder. */
#define OF_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)

struct ruleset {
	uint64_t handled_access_fs;
};

struct path_beneath {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

int vane__landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi < 0 ? -errno : abi > 0 ? (int) abi : -ENOSYS;
}

/* All that a version can deny. */
static uint64_t known_to(int abi)
{
	uint64_t known = REFER - 1;

	if (abi >= 2)
		known |= REFER;
	if (abi >= 3)
		known |= TRUNCATE;
	if (abi >= 5)
		known |= IOCTL_DEV;
	return known;
}

/* Devices are made by nobody. */
static uint64_t access_for(unsigned rights)
{
	uint64_t access = 0;

	if ((rights & VANE_SANDBOX_READ) != 0)
		access |= READ_FILE | READ_DIR;
	if ((rights & VANE_SANDBOX_WRITE) != 0)
		access |= WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR |
			  MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER | IOCTL_DEV;
	if ((rights & VANE_SANDBOX_EXECUTE) != 0)
		access |= EXECUTE;
	return access;
}

int vane__landlock_new(int abi)
{
	const struct ruleset ruleset = { known_to(abi) };
	long fd = syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);

	return fd < 0 ? -errno : (int) fd;
}

static int add_rule(int rules, int abi, int fd, unsigned rights)
{
	struct path_beneath rule = { access_for(rights) & known_to(abi), fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_FILES;
	if (rule.allowed_access == 0)
		return 0;
	return syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

int vane__landlock_allow(int rules, int abi, const char *path, unsigned rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = add_rule(rules, abi, fd, rights);
	close(fd);
	return rc;
}

int vane__landlock_enter(int rules)
{
	int rc = vane__no_new_privs();

	if (rc == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		rc = -errno;
	return rc;
}

int vane__no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

#else

int vane__landlock_abi(void)
{
	return -ENOSYS;
}

int vane__landlock_new(int abi)
{
	(void) abi;
	return -ENOSYS;
}

int vane__landlock_allow(int rules, int abi, const char *path, unsigned rights)
{
	(void) rules;
	(void) abi;
	(void) path;
	(void) rights;
	return -ENOSYS;
}

int vane__landlock_enter(int rules)
{
	(void) rules;
	return -ENOSYS;
}

int vane__no_new_privs(void)
{
	return -ENOSYS;
}

#endif
