/* SPDX-License-Identifier: MIT */
/*
 * test_socket_owner.c - unix sockets that are opened for another user: lib/net/unixsock.c with
 * adapters/main/listen.c and adapters/main/privileges.c.
 *
 * Whatever changes a file by its name is counted: where others may write to the directory, the
 * name may be that of another file by then.
 */
#include "test.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/main/listen.h"
#include "support/tmp.h"

static int by_name; /* calls that change a file which they find by its name */

int __wrap_chmod(const char *path, mode_t mode);
int __wrap_fchmodat(int dir, const char *path, mode_t mode, int flags);
int __wrap_chown(const char *path, uid_t uid, gid_t gid);
int __wrap_lchown(const char *path, uid_t uid, gid_t gid);
int __wrap_fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags);

int __wrap_chmod(const char *path, mode_t mode)
{
	by_name++;
	return 0;
}

int __wrap_fchmodat(int dir, const char *path, mode_t mode, int flags)
{
	by_name++;
	return 0;
}

int __wrap_chown(const char *path, uid_t uid, gid_t gid)
{
	by_name++;
	return 0;
}

int __wrap_lchown(const char *path, uid_t uid, gid_t gid)
{
	by_name++;
	return 0;
}

int __wrap_fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags)
{
	by_name++;
	return 0;
}

static void open_at(
	const char *path, const char *user, unsigned mode, struct vane_sockets *out)
{
	char word[TMP_PATH_MAX + 8];
	const char *words[] = { word };
	const struct vane__settings settings = {
		.listen = words, .listen_count = 1, .user = user, .socket_mode = mode
	};
	const struct vane__choice choice = { .mode = VANE__MODE_FASTCGI };
	struct vane__inheritance inherit;

	vane__inherit_init(&inherit);
	snprintf(word, sizeof(word), "unix:%s", path);
	by_name = 0;
	assert_int_equal(vane__listen_open(out, &settings, &choice, &inherit), 0);
	vane__inherit_fini(&inherit);
	assert_int_equal(by_name, 0);
}

static void close_all(struct vane_sockets *sockets)
{
	while (sockets->count > 0)
		close(sockets->fds[--sockets->count]);
	vane_sockets_fini(sockets);
}

static void a_socket_is_made_with_its_mode(void **state)
{
	static const unsigned modes[] = { 0660, 0600, 0666 };
	char path[TMP_PATH_MAX];
	struct stat st;
	size_t i;

	tmp_path(*state, path, "s");
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct vane_sockets sockets = { 0 };
		mode_t mask = umask(077);

		open_at(path, NULL, modes[i], &sockets);
		umask(mask);
		assert_int_equal(lstat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, modes[i]);
		close_all(&sockets);
	}
}

/* In a directory where only root may write; and afterwards all is as it was. */
static void a_socket_is_made_for_its_user(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct vane_sockets sockets = { 0 };
	char path[TMP_PATH_MAX], other[TMP_PATH_MAX];
	struct stat st;
	FILE *file;

	if (geteuid() != 0 || nobody == NULL)
		skip(); /* nobody else can give files away */
	tmp_path(*state, path, "owned");
	assert_int_equal(stat(((const struct tmp *) *state)->path, &st), 0);
	assert_int_equal(st.st_mode & 022, 0);
	open_at(path, "nobody", 0660, &sockets);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_uid, nobody->pw_uid);
	assert_int_equal(st.st_gid, nobody->pw_gid);
	assert_int_equal(st.st_mode & 0777, 0660);
	close_all(&sockets);
	file = fopen(tmp_path(*state, other, "other"), "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_gid, getegid());
}

static int start(void **state)
{
	static struct tmp tmp;

	*state = &tmp;
	return tmp_make(&tmp);
}

static int stop(void **state)
{
	tmp_remove(*state);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_is_made_with_its_mode),
		cmocka_unit_test(a_socket_is_made_for_its_user),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
