/* SPDX-License-Identifier: MIT */
/*
 * confine.c - --sandbox: no new privileges, no capabilities, and by Landlock no files but those that
 * the program needs.
 *
 * The list is made before the fork, where all that is configured is known; each process takes the
 * step by itself.  What --sandbox-allow and the program name is in the list already.
 */
#include "confine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <vane/log.h>

#include "landlock.h"
#include "privileges.h"
#include "sandbox.h"

/*
 * What libc, and libraries that are loaded later, read in any program: names and addresses, time
 * zones, character sets, certificates, the number of processors.  Files of /etc are named one by one,
 * as others beside them hold secrets.
 */
static const char *const common[] = {
	"/lib",
	"/lib32",
	"/lib64",
	"/usr/lib",
	"/usr/lib32",
	"/usr/lib64",
	"/usr/share",
	"/usr/local/lib",
	"/usr/local/share",
	"/nix/store",
	"/gnu/store",
	"/etc/resolv.conf",
	"/etc/hosts",
	"/etc/host.conf",
	"/etc/nsswitch.conf",
	"/etc/gai.conf",
	"/etc/services",
	"/etc/protocols",
	"/etc/passwd",
	"/etc/group",
	"/etc/localtime",
	"/etc/timezone",
	"/etc/mime.types",
	"/etc/os-release",
	"/etc/ld.so.cache",
	"/etc/ssl/openssl.cnf",
	"/etc/ssl/certs",
	"/etc/pki/tls/certs",
	"/etc/ca-certificates",
	"/proc",
	"/sys/devices/system/cpu",
	"/sys/fs/cgroup",
	"/dev/zero",
	"/dev/full",
	"/dev/random",
	"/dev/urandom",
};

static int allow_common(void)
{
	size_t i;
	int rc = vane__sandbox_allow(
		"/dev/null", VANE_SANDBOX_READ | VANE_SANDBOX_WRITE, true);

	for (i = 0; i < sizeof(common) / sizeof(common[0]) && rc == 0; i++)
		rc = vane__sandbox_allow(common[i], VANE_SANDBOX_READ, true);
	return rc;
}

/* A file that is opened again is perhaps another one then, which has to be made in its folder. */
static int allow_log(const char *path)
{
	const char *slash;
	struct stat st;
	char *folder;
	int rc;

	if (path == NULL)
		return 0;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* /dev/stderr */
		return vane__sandbox_allow(path, VANE_SANDBOX_WRITE, false);
	slash = strrchr(path, '/');
	folder = slash == NULL   ? strdup(".")
		 : slash == path ? strdup("/")
				 : strndup(path, (size_t) (slash - path));
	if (folder == NULL)
		return -ENOMEM;
	rc = vane__sandbox_allow(folder, VANE_SANDBOX_READ | VANE_SANDBOX_WRITE, false);
	free(folder);
	return rc;
}

static int allow_temporary(void)
{
	const char *dir = getenv("TMPDIR");

	return vane__sandbox_allow(dir != NULL && *dir != '\0' ? dir : "/tmp",
		VANE_SANDBOX_READ | VANE_SANDBOX_WRITE, false);
}

static int allow_all(const struct vane__settings *settings, const char *program)
{
	int rc = allow_common();

	if (rc == 0 && program != NULL)
		rc = vane__sandbox_allow(program, VANE_SANDBOX_READ, true);
	if (rc == 0)
		rc = allow_temporary();
	if (rc == 0)
		rc = allow_log(settings->log_file);
	return rc == 0 ? allow_log(settings->access_log_file) : rc;
}

/* Read is not said of what may be written as well. */
static bool is_listed(const struct vane__sandbox_place *place, unsigned right)
{
	return !place->common && (place->rights & right) != 0 &&
	       (right != VANE_SANDBOX_READ || (place->rights & VANE_SANDBOX_WRITE) == 0);
}

/* Several roots may be one folder. */
static bool is_repeated(const struct vane__sandbox_place *place, unsigned right)
{
	const struct vane__sandbox_place *at = vane__sandbox_first();

	while (at != place && (!is_listed(at, right) || strcmp(at->path, place->path) != 0))
		at = at->next;
	return at != place;
}

/* Places behind a verb; what does not fit is not named. */
static void list(char *words, size_t size, const char *verb, unsigned right)
{
	const struct vane__sandbox_place *place = vane__sandbox_first();
	size_t len = strlen(words);
	bool first = true;

	for (; place != NULL && len + 1 < size; place = place->next) {
		if (!is_listed(place, right) || is_repeated(place, right))
			continue;
		snprintf(words + len, size - len, "%s%s %s", first ? ", " : "",
			first ? verb : "", place->path[0] != '\0' ? place->path : "/");
		len += strlen(words + len);
		first = false;
	}
}

/* "no new privileges, files by Landlock (ABI 3): the system's, read /var/www, write /tmp" */
static void find_words(struct vane__confine *confine)
{
	const size_t size = sizeof(confine->words);

#ifndef __linux__
	snprintf(confine->words, size,
		"nothing is confined, as this system has neither no_new_privs nor Landlock");
	return;
#endif
	if (confine->abi <= 0) {
		snprintf(confine->words, size,
			"no new privileges; files are not confined, as %s",
			confine->abi == -EOPNOTSUPP
				? "Landlock was left out when this system was started"
				: "this system has no Landlock");
		return;
	}
	snprintf(confine->words, size,
		"no new privileges, files by Landlock (ABI %d): the system's",
		confine->abi);
	list(confine->words, size, "read", VANE_SANDBOX_READ);
	list(confine->words, size, "write", VANE_SANDBOX_WRITE);
	list(confine->words, size, "run", VANE_SANDBOX_EXECUTE);
}

int vane__confine_plan(struct vane__confine *confine, const struct vane__settings *settings,
	const char *program)
{
	int rc = 0;

	confine->on = settings->sandbox != VANE__SANDBOX_OFF;
	if (!confine->on)
		return 0;
	confine->abi = vane__landlock_abi();
	if (confine->abi > 0)
		rc = allow_all(settings, program);
	find_words(confine);
	if (rc == 0 && confine->abi <= 0 && settings->sandbox == VANE__SANDBOX_REQUIRED) {
		vane_log(VANE_LOG_ERROR, "--sandbox=require: %s", confine->words);
		return -ENOSYS;
	}
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "sandbox: %s", strerror(-rc));
	return rc;
}

const char *vane__confine_words(const struct vane__confine *confine)
{
	return confine->on ? confine->words : NULL;
}

void vane__confine_report(const struct vane__confine *confine)
{
	if (confine->on)
		vane_log(confine->abi > 0 ? VANE_LOG_INFO : VANE_LOG_WARNING, "sandbox: %s",
			confine->words);
}

int vane__confine_enter(const struct vane__confine *confine, bool becomes_users)
{
	int rc;

	if (!confine->on)
		return 0;
	rc = vane__sandbox_enter(confine->abi);
	if (rc == 0)
		rc = vane__privileges_drop_capabilities(becomes_users);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot confine the process: %s", strerror(-rc));
	return rc;
}
