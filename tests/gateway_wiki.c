/* SPDX-License-Identifier: MIT */
/*
 * gateway_wiki.c - DokuWiki behind vane-gateway and php-fpm, installed, written in and
 * searched by a browser.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/browser.h"
#include "support/hosting.h"
#include "support/pages.h"

#define WAIT_MSEC 20000

#define DOKUWIKI  "/usr/share/dokuwiki"

struct site {
	struct hosting hosting;
	struct browser browser;
};

static void visit(struct site *site, const char *target)
{
	char url[256];

	snprintf(url, sizeof(url), "http://localhost:%d%s", site->hosting.port, target);
	assert_int_equal(browser_open(&site->browser, url), 0);
}

static void fill_in(struct site *site, const char *css, const char *text)
{
	assert_int_equal(browser_type(&site->browser, css, text), 0);
}

static void click(struct site *site, const char *css)
{
	assert_int_equal(browser_click(&site->browser, css), 0);
}

static void assert_sees(struct site *site, const char *css, const char *text)
{
	assert_true(browser_sees(&site->browser, css, text, WAIT_MSEC));
}

static void the_installer_installs(void **state)
{
	struct site *site = *state;

	visit(site, "/install.php");
	fill_in(site, "input[name='d[title]']", "Vane's Wiki");
	fill_in(site, "input[name='d[superuser]']", "admin");
	fill_in(site, "input[name='d[fullname]']", "Ada Min");
	fill_in(site, "input[name='d[email]']", "admin@vane.test");
	fill_in(site, "input[name='d[password]']", "open \"sesame\"");
	fill_in(site, "input[name='d[confirm]']", "open \"sesame\"");
	click(site, "button[name='submit']");
	assert_sees(site, "body", "The configuration was finished successfully");
}

static void the_administrator_logs_in(void **state)
{
	struct site *site = *state;

	visit(site, "/doku.php?id=start&do=login");
	fill_in(site, "#dokuwiki__content input[name='u']", "admin");
	fill_in(site, "#dokuwiki__content input[name='p']", "open \"sesame\"");
	click(site, "#dw__login button[type='submit']");
	assert_sees(site, ".user", "Ada Min");
	visit(site, "/doku.php?id=start&do=admin");
	assert_sees(site, "#dokuwiki__content", "Configuration Settings");
}

static void a_page_is_written(void **state)
{
	struct site *site = *state;

	visit(site, "/doku.php?id=animals:quokka&do=edit");
	fill_in(site, "#wiki__text",
		"====== Quokka ======\nA **small macropod**, and a [[start|link]].\n");
	click(site, "#edbtn__save");
	assert_sees(site, "#dokuwiki__content h1", "Quokka");
	assert_sees(site, "#dokuwiki__content strong", "small macropod");
	visit(site, "/doku.php?id=animals:quokka&do=revisions");
	assert_sees(site, "#dokuwiki__content", "created");
}

/* The first view of a page has a picture that lets the server index it. */
static void a_search_finds_it(void **state)
{
	struct site *site = *state;
	bool found = false;

	for (int i = 0; i < 20 && !found; i++) {
		visit(site, "/doku.php?id=animals:quokka");
		fill_in(site, "#qsearch__in", "macropod\n");
		found = browser_sees(&site->browser, "#dokuwiki__content .search_results",
			"quokka", 1000);
	}
	assert_true(found);
	click(site, "#dokuwiki__content .search_fulltextresult a");
	assert_sees(site, "#dokuwiki__content h1", "Quokka");
}

static void the_administrator_logs_out(void **state)
{
	struct site *site = *state;

	visit(site, "/doku.php?id=start");
	click(site, "#dokuwiki__usertools .action.logout a");
	assert_sees(site, "#dokuwiki__usertools", "Log In");
}

static int unpack(struct hosting *hosting)
{
	const char *const argv[] = { "/bin/sh", "wiki.sh", "wiki", NULL };
	int rc = pages_copy(&hosting->tmp, "wiki.sh", "wiki.sh", NULL);

	return rc == 0 ? hosting_run(hosting, "wiki", argv, NULL) : rc;
}

static int start(void **state)
{
	static struct site site;
	char root[TMP_PATH_MAX];
	const struct hosting_opts opts = { .php = true, .root = root };
	int rc = hosting_prepare(&site.hosting);

	*state = &site;
	if (rc == 0)
		rc = unpack(&site.hosting);
	tmp_path(&site.hosting.tmp, root, "wiki");
	if (rc == 0)
		rc = hosting_start(&site.hosting, &opts);
	if (rc == 0)
		rc = browser_start(&site.browser, &site.hosting.tmp);
	return rc;
}

static int stop(void **state)
{
	struct site *site = *state;

	browser_stop(&site->browser);
	return hosting_stop(&site->hosting);
}

static const char *missing(void)
{
	if (!hosting_available())
		return "vane-gateway";
	if (!phpfpm_available())
		return "php-fpm";
	if (!browser_available())
		return "chromium with chromedriver";
	if (access(DOKUWIKI "/doku.php", R_OK) < 0)
		return "dokuwiki";
	return census_possible() ? NULL : "/proc to count in";
}

/* Debian 13 has taken it out: wiki.sh writes there what it would. */
static bool has_installer(void)
{
	return access(DOKUWIKI "/install.php", R_OK) == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_installer_installs),
		cmocka_unit_test(the_administrator_logs_in),
		cmocka_unit_test(a_page_is_written),
		cmocka_unit_test(a_search_finds_it),
		cmocka_unit_test(the_administrator_logs_out),
	};
	const size_t first = has_installer() ? 0 : 1;

	if (missing() != NULL) {
		printf("SKIP: there is no %s\n", missing());
		return 77;
	}
	http_global_init();
	return _cmocka_run_group_tests("tests", tests + first,
		sizeof(tests) / sizeof(tests[0]) - first, start, stop);
}
