/* SPDX-License-Identifier: MIT */
/*
 * htpasswd.c - users and the hashes of their passwords, from a file as Apache's htpasswd writes it.
 *
 * Hashes are those of crypt(5) that are slow enough: bcrypt (htpasswd -B), yescrypt, SHA-512, SHA-256.
 */
#define _GNU_SOURCE /* explicit_bzero() */
#include "config.h" /* for VANE_WITH_CRYPT */

#include "htpasswd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifdef VANE_WITH_CRYPT
#include <crypt.h>
#endif

#include <vane/log.h>

#include "clock.h"
#include "secret.h"
#include "siphash.h"

/* How often it is looked whether the file has changed. */
#define LOOK_MSEC 1000

struct user {
	char *name, *hash;                    /* in one allocation */
	unsigned char key[VANE__SIPHASH_KEY]; /* made of the hash, which nobody knows */
};

struct vane__htpasswd {
	const char *path;
	struct user *users;
	size_t count;
	struct stat read; /* the file that was */
	unsigned times_read;
	int64_t looked_msec; /* by a clock that only goes forward */
#ifdef VANE_WITH_CRYPT
	struct crypt_data crypt;
#endif
};

static void free_users(struct user *users, size_t count)
{
	while (count-- > 0)
		free(users[count].name);
	free(users);
}

/* Why a hash is not taken, NULL if it is. */
static const char *fault_of(const char *hash)
{
	static const char *const good[] = { "$2y$", "$2b$", "$2a$", "$y$", "$gy$", "$5$",
		"$6$", "$7$" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		if (strncmp(hash, good[i], strlen(good[i])) == 0)
			return NULL;
	if (strncmp(hash, "$apr1$", 6) == 0 || strncmp(hash, "$1$", 3) == 0)
		return "is MD5, which is no protection: use htpasswd -B";
	if (strncmp(hash, "{SHA}", 5) == 0)
		return "is SHA-1 without salt, which is no protection: use htpasswd -B";
	return "is no hash of a kind that is taken: use htpasswd -B";
}

/* A line "name:hash"; what stands behind a second colon is left out.  false: it is none. */
static bool split(char *line, char **hash)
{
	char *colon = strchr(line, ':');

	if (colon == NULL || colon == line)
		return false;
	*colon = '\0';
	*hash = colon + 1;
	(*hash)[strcspn(*hash, ":\r\n")] = '\0';
	return true;
}

static const unsigned char no_key[VANE__SIPHASH_KEY];

static void mark(unsigned char out[VANE__SIPHASH_SIZE],
	const unsigned char key[VANE__SIPHASH_KEY], const char *text)
{
	struct vane__siphash hash;

	vane__siphash_init(&hash, key);
	vane__siphash_add(&hash, text, strlen(text));
	vane__siphash_end(&hash, out);
}

static int add_user(struct user **users, size_t *count, const char *name, const char *hash)
{
	size_t name_size = strlen(name) + 1, hash_size = strlen(hash) + 1;
	struct user *more = realloc(*users, (*count + 1) * sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	*users = more;
	more[*count].name = malloc(name_size + hash_size);
	if (more[*count].name == NULL)
		return -ENOMEM;
	more[*count].hash = more[*count].name + name_size;
	memcpy(more[*count].name, name, name_size);
	memcpy(more[*count].hash, hash, hash_size);
	mark(more[*count].key, no_key, hash);
	++*count;
	return 0;
}

/* A line that cannot be taken lets nobody in, and is named; the others count. */
static int read_line(
	const char *path, int number, char *line, struct user **users, size_t *count)
{
	char *hash;
	const char *fault;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	if (!split(line, &hash)) {
		vane_log(VANE_LOG_WARNING, "%s:%d: expected name:hash", path, number);
		return 0;
	}
	fault = fault_of(hash);
	if (fault == NULL)
		return add_user(users, count, line, hash);
	vane_log(VANE_LOG_WARNING, "%s:%d: the password of %.64s %s", path, number, line,
		fault);
	return 0;
}

static int read_lines(FILE *file, const char *path, struct user **users, size_t *count)
{
	char *line = NULL;
	size_t size = 0;
	int number = 0, rc = 0;

	while (rc == 0 && getline(&line, &size, file) >= 0)
		rc = read_line(path, ++number, line, users, count);
	if (rc == 0 && ferror(file))
		rc = -EIO;
	free(line);
	return rc;
}

static int read_file(struct vane__htpasswd *passwords)
{
	FILE *file = fopen(passwords->path, "re");
	struct user *users = NULL;
	struct stat read;
	size_t count = 0;
	int rc = file != NULL ? 0 : -errno;

	if (rc == 0 && fstat(fileno(file), &read) < 0)
		rc = -errno;
	if (rc == 0)
		rc = read_lines(file, passwords->path, &users, &count);
	if (file != NULL)
		fclose(file);
	if (rc < 0) {
		vane_log(VANE_LOG_ERROR, "%s: cannot be read: %s", passwords->path,
			strerror(-rc));
		free_users(users, count);
		return rc;
	}
	free_users(passwords->users, passwords->count);
	passwords->users = users;
	passwords->count = count;
	passwords->read = read;
	passwords->times_read++;
	return 0;
}

int vane__htpasswd_new(struct vane__htpasswd **out, const char *path)
{
	struct vane__htpasswd *passwords = calloc(1, sizeof(*passwords));
	int rc;

#ifndef VANE_WITH_CRYPT
	vane_log(VANE_LOG_ERROR, "%s: Vane was built without libcrypt", path);
	free(passwords);
	return -ENOTSUP;
#endif
	if (passwords == NULL)
		return -ENOMEM;
	passwords->path = path;
	passwords->looked_msec = vane__now_msec();
	rc = read_file(passwords);
	if (rc < 0)
		vane__htpasswd_free(passwords);
	else
		*out = passwords;
	return rc;
}

void vane__htpasswd_free(struct vane__htpasswd *passwords)
{
	if (passwords == NULL)
		return;
	free_users(passwords->users, passwords->count);
	free(passwords);
}

static bool has_changed(const struct stat *a, const struct stat *b)
{
	return a->st_ino != b->st_ino || a->st_dev != b->st_dev ||
	       a->st_size != b->st_size || a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
	       a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

unsigned vane__htpasswd_look(struct vane__htpasswd *passwords)
{
	struct stat is;
	int64_t now = vane__now_msec();

	if (now - passwords->looked_msec < LOOK_MSEC)
		return passwords->times_read;
	passwords->looked_msec = now;
	if (stat(passwords->path, &is) == 0 && has_changed(&is, &passwords->read))
		read_file(passwords);
	return passwords->times_read;
}

/* Whether the hash is that of the password. */
static bool is_hash_of(
	struct vane__htpasswd *passwords, const char *password, const char *hash)
{
#ifdef VANE_WITH_CRYPT
	const char *got = crypt_r(password, hash, &passwords->crypt);
	bool good = got != NULL && vane__secret_equal(hash, got);

	explicit_bzero(&passwords->crypt, sizeof(passwords->crypt));
	return good;
#else
	return false;
#endif
}

static const struct user *find(const struct vane__htpasswd *passwords, const char *name)
{
	size_t i;

	for (i = 0; i < passwords->count; i++)
		if (strcmp(passwords->users[i].name, name) == 0)
			return &passwords->users[i];
	return NULL;
}

/*
 * The user whose hash a stranger's password is tried on, which takes as long as it would for a user:
 * who there is, is not to be told by the time.  Hashes may differ in what they cost, so there is one
 * for each name, always the same and, to whoever does not know the hashes, any; one that costs most
 * would tell of users whose hashes cost less.  More users leave most strangers with the same one.
 */
static const struct user *stand_in(const struct vane__htpasswd *passwords, const char *name)
{
	unsigned char mine[VANE__SIPHASH_SIZE], most[VANE__SIPHASH_SIZE];
	const struct user *found = NULL;
	size_t i;

	for (i = 0; i < passwords->count; i++) {
		mark(mine, passwords->users[i].key, name);
		if (found != NULL && memcmp(mine, most, sizeof(most)) <= 0)
			continue;
		found = &passwords->users[i];
		memcpy(most, mine, sizeof(most));
	}
	return found;
}

bool vane__htpasswd_check(
	struct vane__htpasswd *passwords, const char *user, const char *password)
{
	const struct user *found = find(passwords, user), *tried = found;
	bool good;

	if (passwords->count == 0)
		return false;
	if (found == NULL)
		tried = stand_in(passwords, user);
	good = is_hash_of(passwords, password, tried->hash);
	return good && found != NULL;
}
