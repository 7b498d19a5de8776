/* SPDX-License-Identifier: MIT */
/*
 * sandbox.c - the list of files that a confined process may have, and the step into confinement.
 *
 * As options are, they are named before there is anything to give them to: one list for the
 * process.  What is open already is not asked about.
 */
#include "sandbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vane/log.h>

#include "landlock.h"

#define ALL (VANE_SANDBOX_READ | VANE_SANDBOX_WRITE | VANE_SANDBOX_EXECUTE)

static struct vane__sandbox_place *places;

/* Folders of files are opened and closed by any thread. */
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void lock(void)
{
	while (atomic_flag_test_and_set(&busy))
		;
}

static void unlock(void)
{
	atomic_flag_clear(&busy);
}

void vane__sandbox_add(struct vane__sandbox_place *place)
{
	struct vane__sandbox_place **link = &places;

	lock();
	while (*link != NULL)
		link = &(*link)->next;
	place->next = NULL;
	place->link = link;
	*link = place;
	unlock();
}

void vane__sandbox_remove(struct vane__sandbox_place *place)
{
	lock();
	if (place->link != NULL) {
		*place->link = place->next;
		if (place->next != NULL)
			place->next->link = place->link;
		place->link = NULL;
	}
	unlock();
}

const struct vane__sandbox_place *vane__sandbox_first(void)
{
	return places;
}

static struct vane__sandbox_place *find_copied(const char *path)
{
	struct vane__sandbox_place *place = places;

	while (place != NULL && (!place->copied || strcmp(place->path, path) != 0))
		place = place->next;
	return place;
}

/* Rights add up, and what a program names itself is worth naming. */
static int allow(const char *folder, const char *path, unsigned rights, bool common)
{
	size_t folder_len = folder != NULL ? strlen(folder) + 1 : 0, len = strlen(path);
	struct vane__sandbox_place *place, *same;
	char *text;

	place = calloc(1, sizeof(*place) + folder_len + len + 1);
	if (place == NULL)
		return -ENOMEM;
	text = (char *) (place + 1);
	if (folder != NULL) {
		memcpy(text, folder, folder_len - 1);
		text[folder_len - 1] = '/';
	}
	memcpy(text + folder_len, path, len + 1);
	same = find_copied(text);
	if (same != NULL) {
		free(place);
		same->rights |= rights;
		same->common = same->common && common;
		return 0;
	}
	place->path = text;
	place->rights = rights;
	place->common = common;
	place->copied = true;
	vane__sandbox_add(place);
	return 0;
}

int vane__sandbox_allow(const char *path, unsigned rights, bool common)
{
	char *folder = NULL;
	int rc;

	if (path == NULL || path[0] == '\0' || rights == 0 ||
		(rights & ~(unsigned) ALL) != 0)
		return -EINVAL;
	if (path[0] != '/') {
		folder = getcwd(NULL, 0);
		if (folder == NULL)
			return -errno;
	}
	rc = allow(folder, path, rights, common);
	free(folder);
	return rc;
}

int vane_sandbox_allow(const char *path, unsigned rights)
{
	struct stat st;

	if (path != NULL && path[0] != '\0' && stat(path, &st) < 0)
		return -errno;
	return vane__sandbox_allow(path, rights, false);
}

void vane__sandbox_fini(void)
{
	struct vane__sandbox_place *place = places, *next;

	for (; place != NULL; place = next) {
		next = place->next;
		if (!place->copied)
			continue;
		vane__sandbox_remove(place);
		free(place);
	}
}

/* What the user may not reach it could not open anyway. */
static int allow_all(int rules, int abi)
{
	const struct vane__sandbox_place *place;
	int rc;

	for (place = places; place != NULL; place = place->next) {
		rc = vane__landlock_allow(rules, abi,
			place->path[0] != '\0' ? place->path : "/", place->rights);
		if (rc == 0)
			continue;
		if (rc != -ENOENT && rc != -EACCES && rc != -ENOTDIR && rc != -ELOOP)
			return rc;
		if (!place->common)
			vane_log(VANE_LOG_WARNING, "sandbox: %s is left out: %s",
				place->path, strerror(-rc));
	}
	return 0;
}

int vane__sandbox_enter(int abi)
{
	int rules, rc;

	if (abi <= 0) {
		rc = vane__no_new_privs();
		return rc == -ENOSYS ? 0 : rc; /* it was said that there is none */
	}
	rules = vane__landlock_new(abi);
	if (rules < 0)
		return rules;
	rc = allow_all(rules, abi);
	if (rc == 0)
		rc = vane__landlock_enter(rules);
	close(rules);
	return rc;
}
