/* SPDX-License-Identifier: MIT */
/*
 * looks.c - the demo, error pages and the page of --status in a browser: titles, colours in light and dark, and
 * whether they fit into narrow windows and wide ones.
 */
#include "test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/browser.h"
#include "support/port.h"

#include "base.h"

#define DEMO "examples/demo"

enum { START_MSEC = 30000, WAIT_MSEC = 60000, LOOK_MSEC = 50, TRIES = 3, HEIGHT = 900 };

struct server {
	struct proc proc;
	int port;
};

struct looks {
	struct tmp tmp;
	struct server plain, debug; /* without --debug and with it */
	struct browser browser;
};

/* A path that is longer than any window is wide. */
#define LONG_NAME                                                                          \
	"/nowhere/which-is-a-name-of-many-letters-and-of-no-blank-where-a-line-could-end"  \
	"-and-goes-on-and-on-until-it-is-wider-than-the-widest-of-the-windows-that-are-tried"

static const struct {
	const char *target;
	bool debug;
	const char *title;
} pages[] = {
	{ "/", false, "Vane" },
	{ "/nowhere", false, "404: Not Found" },
	{ "/nowhere", true, "404: Not Found" },
	{ LONG_NAME, true, "404: Not Found" },
	{ "/shout", true, "405: Method Not Allowed" },
	{ "/_status", false, "demo: status" },
};

#define STATUS_PAGE (ARRAY_SIZE(pages) - 1)

static const struct {
	const char *name, *ink, *paper;
} schemes[] = {
	{ "light", "rgb(29, 39, 51)", "rgb(255, 255, 255)" },
	{ "dark", "rgb(230, 233, 236)", "rgb(20, 24, 28)" },
};

static const int widths[] = { 400, 1300 };

static void visit(struct looks *looks, size_t page)
{
	const struct server *server = pages[page].debug ? &looks->debug : &looks->plain;
	char url[512];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", server->port,
		pages[page].target);
	assert_int_equal(browser_open(&looks->browser, url), 0);
}

static void assert_looks(struct looks *looks, size_t page, size_t scheme, int width)
{
	static const char script[] =
		"const style = getComputedStyle(document.body), root = document.documentElement;"
		"return [document.title, style.color, style.backgroundColor, innerWidth,"
		" root.scrollWidth <= root.clientWidth ? 'fits' : root.scrollWidth].join('; ');";
	char want[256], *seen;

	assert_int_equal(
		browser_emulate(&looks->browser, width, HEIGHT, schemes[scheme].name), 0);
	visit(looks, page);
	seen = browser_script(&looks->browser, script);
	assert_non_null(seen);
	snprintf(want, sizeof(want), "%s; %s; %s; %d; fits", pages[page].title,
		schemes[scheme].ink, schemes[scheme].paper, width);
	if (strcmp(seen, want) != 0)
		fail_msg("%s: %s, and not %s", pages[page].target, seen, want);
	free(seen);
}

/* The browser has drawn it: a picture of the window's size, and of more than one colour. */
static void assert_drawn(struct looks *looks, int width)
{
	static const char format[] =
		"const image = new Image();"
		"image.onerror = () => done('no picture');"
		"image.onload = () => {"
		" const c = document.createElement('canvas').getContext('2d');"
		" c.canvas.width = image.width; c.canvas.height = image.height;"
		" c.drawImage(image, 0, 0);"
		" const dots = c.getImageData(0, 0, image.width, image.height).data.buffer;"
		" const colours = new Set(new Uint32Array(dots)).size;"
		" done(image.width + ' x ' + image.height + (colours > 1 ? '' : ', empty')); };"
		"image.src = 'data:image/png;base64,%s';";
	char *png = browser_screenshot(&looks->browser), *script = NULL, *seen, want[64];

	assert_non_null(png);
	assert_true(asprintf(&script, format, png) > 0);
	seen = browser_await_script(&looks->browser, script);
	assert_non_null(seen);
	snprintf(want, sizeof(want), "%d x %d", width, HEIGHT);
	assert_string_equal(seen, want);
	free(seen);
	free(script);
	free(png);
}

static void pages_fit_and_are_light_or_dark(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		for (size_t k = 0; k < ARRAY_SIZE(schemes); k++)
			for (size_t w = 0; w < ARRAY_SIZE(widths); w++) {
				assert_looks(*state, i, k, widths[w]);
				assert_drawn(*state, widths[w]);
			}
}

/* Lines have what was asked for until now: they rise somewhere, in the colour of the scheme. */
static void the_plots_of_the_status_page_have_figures(void **state)
{
	static const char script[] =
		"const lines = [...document.querySelectorAll('svg path:not(.grid)')];"
		"const high = lines[0].getBBox().height > 1 && lines[0].getTotalLength() > 2;"
		"const memory = document.querySelector('[aria-label^=Memory] .s0');"
		"return [document.querySelectorAll('svg').length, lines.length,"
		" lines.every(line => line.getTotalLength() > 0) ? 'drawn' : 'empty',"
		" high ? 'high' : 'flat', getComputedStyle(lines[0]).stroke,"
		" getComputedStyle(memory).strokeWidth].join('; ');";
	static const char *const strokes[] = { "rgb(26, 111, 196)", "rgb(109, 179, 242)" };
	struct looks *looks = *state;
	char want[128], *seen;
	size_t k, w;

	visit(looks, 0);
	poll(NULL, 0, 1100); /* the second of that request is over */
	for (k = 0; k < ARRAY_SIZE(schemes); k++)
		for (w = 0; w < ARRAY_SIZE(widths); w++) {
			assert_int_equal(browser_emulate(&looks->browser, widths[w], HEIGHT,
						 schemes[k].name),
				0);
			visit(looks, STATUS_PAGE);
			seen = browser_script(&looks->browser, script);
			assert_non_null(seen);
			snprintf(want, sizeof(want), "5; 10; drawn; high; %s; 1.5px",
				strokes[k]);
			assert_string_equal(seen, want);
			free(seen);
		}
}

/* Click, and wait until the frame of answers shows a text. */
static void assert_answers(struct looks *looks, const char *css, const char *want)
{
	static const char script[] =
		"const page = frames.answer.document;"
		"return page.body && page.readyState == 'complete' ? page.body.innerText : '';";
	long deadline = proc_now() + WAIT_MSEC;
	char *seen = NULL;

	assert_int_equal(browser_click(&looks->browser, css), 0);
	for (;;) {
		seen = browser_script(&looks->browser, script);
		if ((seen != NULL && strstr(seen, want) != NULL) || proc_now() > deadline)
			break;
		free(seen);
		poll(NULL, 0, LOOK_MSEC);
	}
	if (seen == NULL || strstr(seen, want) == NULL)
		fail_msg("%s: no '%s' in: %s", css, want, seen != NULL ? seen : "nothing");
	free(seen);
}

static void the_demo_shows_the_answers_beside_the_questions(void **state)
{
	struct looks *looks = *state;

	assert_int_equal(browser_emulate(&looks->browser, 1300, HEIGHT, "light"), 0);
	visit(looks, 0);
	assert_answers(looks, "form[action=hello] button", "Hello, Ada!");
	assert_answers(looks, "form[action=shout] button", "HELLO!");
	assert_answers(looks, "a[href=mode]", "http, process ");
	assert_answers(looks, "a[href=request]", "GET /request");
	assert_answers(looks, "a[href=later]", "later");
	assert_answers(looks, "a[href=nowhere]", "404: Not Found");
	assert_answers(looks, "a[href='hello/Ada']", "Hello, Ada!");
}

static int start_server(struct server *server, const struct tmp *tmp, const char *debug)
{
	char listen[40], log[TMP_PATH_MAX], name[32];
	char *argv[] = { (char[]) { DEMO }, listen, (char[]) { "--logging=error" },
		(char[]) { "--status=/_status" }, (char *) (uintptr_t) debug, NULL };
	int rc = -1;

	snprintf(name, sizeof(name), "%s.log", debug != NULL ? "debug" : "plain");
	for (int tries = 0; tries < TRIES && rc != 0; tries++) {
		rc = port_pick(&server->port, 1);
		snprintf(listen, sizeof(listen), "--listen=127.0.0.1:%d", server->port);
		if (rc == 0)
			rc = proc_start(
				&server->proc, &(struct proc_start) { .argv = argv,
						       .log = tmp_path(tmp, log, name) });
		if (rc == 0)
			rc = proc_wait_port(&server->proc, server->port, START_MSEC);
	}
	if (rc != 0)
		proc_print_log(&server->proc);
	return rc;
}

static int stop(void **state)
{
	struct looks *looks = *state;

	browser_stop(&looks->browser);
	proc_stop(&looks->plain.proc);
	proc_stop(&looks->debug.proc);
	tmp_remove(&looks->tmp);
	return 0;
}

static int start(void **state)
{
	static struct looks looks;
	int rc = tmp_make(&looks.tmp);

	*state = &looks;
	if (rc != 0)
		return rc;
	rc = start_server(&looks.plain, &looks.tmp, NULL);
	if (rc == 0)
		rc = start_server(&looks.debug, &looks.tmp, "--debug");
	if (rc == 0)
		rc = browser_start(&looks.browser, &looks.tmp);
	if (rc != 0)
		stop(state);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_fit_and_are_light_or_dark),
		cmocka_unit_test(the_plots_of_the_status_page_have_figures),
		cmocka_unit_test(the_demo_shows_the_answers_beside_the_questions),
	};

	if (!browser_available()) {
		printf("SKIP: there is no chromium with chromedriver\n");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
