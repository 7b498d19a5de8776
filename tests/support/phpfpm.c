/* SPDX-License-Identifier: MIT */
/*
 * phpfpm.c - php-fpm as a test starts it.
 */
#include "support/phpfpm.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>

#include "support/pages.h"

#define START_MSEC 20000

static const char *program(void)
{
	static char found[64];
	glob_t versions;

	if (proc_available("php-fpm"))
		return "php-fpm";
	if (glob("/usr/sbin/php-fpm[0-9]*", 0, NULL, &versions) != 0)
		return NULL;
	snprintf(found, sizeof(found), "%s", versions.gl_pathv[0]);
	globfree(&versions);
	return proc_available(found) ? found : NULL;
}

bool phpfpm_available(void)
{
	return program() != NULL;
}

static int write_files(const struct phpfpm *fpm, const struct tmp *tmp)
{
	const struct tmp_word words[] = {
		{ "DIR", tmp->path },
		{ "SOCKET", fpm->socket },
		{ 0 },
	};
	int rc;

	rc = tmp_mkdir(tmp, "sessions");
	if (rc == 0)
		rc = tmp_mkdir(tmp, "uploads");
	return rc < 0 ? rc : pages_copy(tmp, "php-fpm.conf", "php-fpm.conf", words);
}

int phpfpm_start(struct phpfpm *fpm, const struct tmp *tmp)
{
	char config[TMP_PATH_MAX], log[TMP_PATH_MAX];
	const char *argv[] = { program(), "-F", "-y", config, NULL };
	int rc;

	*fpm = (struct phpfpm) { 0 };
	if (argv[0] == NULL)
		return -ENOENT;
	tmp_path(tmp, fpm->socket, "fpm.sock");
	rc = write_files(fpm, tmp);
	if (rc < 0)
		return rc;
	tmp_path(tmp, config, "php-fpm.conf");
	rc = proc_start(&fpm->proc, &(struct proc_start) {
					    .argv = (char *const *) argv,
					    .log = tmp_path(tmp, log, "php-fpm.log"),
				    });
	if (rc == 0)
		rc = proc_wait_unix(&fpm->proc, fpm->socket, START_MSEC);
	if (rc < 0) {
		proc_print_log(&fpm->proc);
		phpfpm_stop(fpm);
	}
	return rc;
}

void phpfpm_stop(struct phpfpm *fpm)
{
	proc_stop(&fpm->proc);
}
