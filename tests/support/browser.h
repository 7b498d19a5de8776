/* SPDX-License-Identifier: MIT */
/*
 * browser.h - headless Chromium, driven through chromedriver (W3C WebDriver).
 */
#ifndef VANE_TEST_BROWSER_H
#define VANE_TEST_BROWSER_H

#include <stdbool.h>

#include "support/http.h"
#include "support/proc.h"
#include "support/tmp.h"

struct browser {
	struct proc driver; /* the browser is its child */
	struct http *http;
	char session[80];
};

bool browser_available(void);

/*
 * Start it with a new profile in the folder.  0 or a negative errno, when its log has been
 * printed.
 */
int browser_start(struct browser *browser, const struct tmp *tmp);
void browser_stop(struct browser *browser);

/*
 * What a person does.  Elements are named by CSS selectors and waited for.  Each returns 0
 * or a negative errno, and says on standard error what the driver said of it.
 */
int browser_open(struct browser *browser, const char *url);
int browser_type(struct browser *browser, const char *css, const char *text);
int browser_click(struct browser *browser, const char *css);

/* Have a window of that size, and a person who likes "light" or "dark". */
int browser_emulate(struct browser *browser, int width, int height, const char *scheme);

/*
 * What a script comes to, as text and to be freed; NULL if it fails.  It is the body of a function;
 * browser_await_script() is for one that calls done(text) instead.
 */
char *browser_script(struct browser *browser, const char *script);
char *browser_await_script(struct browser *browser, const char *script);

/* The window as PNG in base64, to be freed, or NULL. */
char *browser_screenshot(struct browser *browser);

/* Wait until an element shows a text; false if it does not within so many milliseconds. */
bool browser_sees(struct browser *browser, const char *css, const char *text, int msec);

#endif
