/* SPDX-License-Identifier: MIT */
/*
 * test_filter_basic_auth.c - lib/web/filter_basic_auth.c, lib/web/htpasswd.c and lib/http/base64.c
 */
#include "config.h" /* for VANE_WITH_CRYPT */

#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef VANE_WITH_CRYPT
#include <crypt.h>
#endif

#include <vane.h>

#include "base.h"
#include "base64.h"
#include "htpasswd.h"
#include "slice.h"
#include "support/probe.h"
#include "support/tmp.h"

/* SHA-256 with few rounds, of "secret". */
#define SECRET "$5$rounds=1000$salt$CCvcOM6b7TEJDPb37Aec/9UpOg4QhPNAxPpL9ZzjTB7"

static struct tmp tmp;
static char path[200];

static int make_folder(void **state)
{
	return tmp_make(&tmp);
}

static int remove_folder(void **state)
{
	tmp_remove(&tmp);
	return 0;
}

static void write_passwords(const char *text)
{
	tmp_path(&tmp, path, "passwords");
	assert_int_equal(tmp_write(&tmp, "passwords", text, NULL), 0);
}

static int who(struct vane_request *req, struct vane_response *res)
{
	return vane_response_puts(res, vane_request_remote_user(req));
}

static struct vane_basic_auth_opts opts = { .file = path, .realm = "the shop" };
static const struct vane_filter filters[] = { VANE_FILTER(&vane_basic_auth_filter, &opts),
	VANE_FILTER_END };
static const struct vane_route pages[] = { VANE_GET("/who", who), VANE_END };
static const struct vane_route routes[] = { VANE_GROUP("", filters, pages), VANE_END };

static int ask(struct probe *probe, const char *credentials)
{
	char field[1024];
	const char *const fields[] = { field, NULL };
	const struct vane_test_request request = { .target = "/who",
		.fields = credentials != NULL ? fields : NULL };

	snprintf(field, sizeof(field), "Authorization: %s",
		credentials != NULL ? credentials : "");
	return probe_run(probe, &request);
}

#ifdef VANE_WITH_CRYPT

/* The hash that a password was tried on last, or the first bytes of it; nothing is hashed then. */
static bool only_noted;
static char tried[8];

char *__real_crypt_r(const char *phrase, const char *setting, struct crypt_data *data);
char *__wrap_crypt_r(const char *phrase, const char *setting, struct crypt_data *data);

char *__wrap_crypt_r(const char *phrase, const char *setting, struct crypt_data *data)
{
	snprintf(tried, sizeof(tried), "%s", setting);
	return only_noted ? NULL : __real_crypt_r(phrase, setting, data);
}

/* The third bytes of hashes that a name is tried on: of the file as it is, two for each name. */
static size_t try_strangers(struct vane__htpasswd *passwords, char got[], size_t count)
{
	char name[16];
	size_t i, cheap = 0;

	only_noted = true;
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "name%zu", i);
		vane__htpasswd_check(passwords, name, "x");
		got[i] = tried[1];
		vane__htpasswd_check(passwords, name, "other");
		assert_int_equal(got[i], tried[1]);
		cheap += got[i] == '5';
	}
	only_noted = false;
	return cheap;
}

/* A name that always takes as long as the cheapest hash, or as the costliest, is nobody's then. */
static void a_stranger_takes_as_long_as_one_of_the_users(void **state)
{
	enum { NAMES = 400 };
	struct vane__htpasswd *passwords;
	char before[NAMES], now[NAMES];
	size_t i, cheap, changed = 0;

	write_passwords("a:$5$one$x\nb:$6$two$x\n");
	assert_int_equal(vane__htpasswd_new(&passwords, path), 0);
	cheap = try_strangers(passwords, before, NAMES);
	assert_in_range(cheap, NAMES / 4, NAMES * 3 / 4);
	vane__htpasswd_free(passwords);

	/* a user more: most have what they had, or the new one's */
	write_passwords("a:$5$one$x\nb:$6$two$x\nc:$y$three$x\n");
	assert_int_equal(vane__htpasswd_new(&passwords, path), 0);
	try_strangers(passwords, now, NAMES);
	vane__htpasswd_free(passwords);
	for (i = 0; i < NAMES; i++) {
		assert_true(now[i] == before[i] || now[i] == 'y');
		changed += now[i] == 'y';
	}
	assert_in_range(changed, NAMES / 6, NAMES / 2);
}

static void who_has_the_password_is_let_in(void **state)
{
	static const struct {
		const char *credentials;
		int status;
	} rows[] = {
		{ "Basic YWRhOnNlY3JldA==", 200 }, /* ada:secret */
		{ "basic  YWRhOnNlY3JldA==", 200 },
		{ "Basic YWRhOnNlY3JldA==", 200 }, /* remembered */
		{ NULL, 401 },
		{ "Basic YWRhOnNlY3JlZA==", 401 }, /* ada:secred */
		{ "Basic Ym9iOnNlY3JldA==", 401 }, /* bob:secret, who is not there */
		{ "Basic bWQ1OnNlY3JldA==", 401 }, /* md5:secret, whose hash is not taken */
		{ "Basic YWRhOg==", 401 },         /* ada: */
		{ "Basic OnNlY3JldA==", 401 },     /* :secret */
		{ "Basic YWRh", 401 },             /* ada */
		{ "Basic YWRhOnNlY3JldAA=", 401 }, /* ada:secret and a NUL */
		{ "Basic YWRhOnNlY3JldB==", 401 }, /* bits left over */
		{ "Basic YWRhOnNlY3JldA", 401 },
		{ "Basic !!!!", 401 },
		{ "Basic", 401 },
		{ "Bearer YWRhOnNlY3JldA==", 401 },
	};
	struct probe probe;
	size_t i;

	write_passwords("# comment\n\nada:" SECRET ":more\nnonsense\n"
			"md5:$apr1$x$y\nsha:{SHA}x\nold:ab1234567890.\n");
	probe_init_routes(&probe, routes, NULL);
	assert_non_null(strstr(probe.log, "passwords:4: expected name:hash"));
	assert_non_null(strstr(probe.log, "passwords:5: the password of md5 is MD5"));
	assert_non_null(strstr(probe.log, "passwords:6: the password of sha is SHA-1"));
	assert_non_null(strstr(probe.log, "passwords:7: the password of old is no hash"));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(ask(&probe, rows[i].credentials), rows[i].status);
		if (rows[i].status == 200)
			assert_string_equal(probe.got.body, "ada");
		else
			assert_string_equal(probe_field(&probe, "WWW-Authenticate"),
				"Basic realm=\"the shop\", charset=\"UTF-8\"");
	}
	probe_fini(&probe);
}

/* It is looked for once a second. */
static int ask_until(struct probe *probe, int wanted)
{
	int i, status = 0;

	for (i = 0; i < 100 && status != wanted; i++) {
		status = ask(probe, "Basic YWRhOnNlY3JldA==");
		if (status != wanted)
			usleep(100 * 1000);
	}
	return status;
}

static void a_file_that_has_changed_counts(void **state)
{
	struct probe probe;

	write_passwords("ada:" SECRET "\n");
	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(ask_until(&probe, 200), 200);
	write_passwords("bob:" SECRET "\n"); /* and what was remembered is forgotten */
	assert_int_equal(ask_until(&probe, 401), 401);
	write_passwords("bob:" SECRET "\nada:" SECRET "\n");
	assert_int_equal(ask_until(&probe, 200), 200);
	unlink(path); /* what was there counts on */
	assert_int_equal(ask(&probe, "Basic YWRhOnNlY3JldA=="), 200);
	probe_fini(&probe);
}

static void an_empty_file_lets_nobody_in(void **state)
{
	struct probe probe;

	write_passwords("");
	probe_init_routes(&probe, routes, NULL);
	assert_int_equal(ask(&probe, "Basic YWRhOnNlY3JldA=="), 401);
	probe_fini(&probe);
}

#endif

static void settings_that_cannot_be_are_refused(void **state)
{
	static struct vane_basic_auth_opts none = { .realm = "x" };
	static struct vane_basic_auth_opts lost = { .file = "/no/such/file" };
	static struct vane_basic_auth_opts quote = { .file = path, .realm = "a \"b\"" };
	static struct vane_basic_auth_opts *const all[] = { NULL, &none, &lost, &quote };
	size_t i;

	write_passwords("");
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		const struct vane_filter own[] = {
			VANE_FILTER(&vane_basic_auth_filter, all[i]), VANE_FILTER_END
		};
		const struct vane_route some[] = { VANE_GROUP("", own, pages), VANE_END };
		struct vane_app *app = NULL;
		int rc = vane_app_new(&app, some, NULL);

		assert_true(rc == -EINVAL || (all[i] == &lost && rc < 0));
		assert_null(app);
	}
}

static void base64_is_decoded(void **state)
{
	static const struct {
		const char *text, *bytes; /* bytes NULL: refused */
	} rows[] = {
		{ "", "" },
		{ "Zg==", "f" },
		{ "Zm8=", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYmFy", "foobar" },
		{ "+/+/", "\xfb\xff\xbf" },
		{ "Zh==", NULL },
		{ "Zm9=", NULL },
		{ "Zg=", NULL },
		{ "Z===", NULL },
		{ "====", NULL },
		{ "Zm9v\n", NULL },
		{ "Zm 9v", NULL },
		{ "Zg==Zg==", NULL },
		{ "Zm-_", NULL },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ssize_t len = vane__base64_decode(buf, vane__slice(rows[i].text));

		if (rows[i].bytes == NULL) {
			assert_int_equal(len, -EINVAL);
			continue;
		}
		assert_int_equal(len, strlen(rows[i].bytes));
		assert_memory_equal(buf, rows[i].bytes, (size_t) len);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#ifdef VANE_WITH_CRYPT
		cmocka_unit_test(who_has_the_password_is_let_in),
		cmocka_unit_test(a_stranger_takes_as_long_as_one_of_the_users),
		cmocka_unit_test(a_file_that_has_changed_counts),
		cmocka_unit_test(an_empty_file_lets_nobody_in),
#endif
		cmocka_unit_test(settings_that_cannot_be_are_refused),
		cmocka_unit_test(base64_is_decoded),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
