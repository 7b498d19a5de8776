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

/* Wait until an element shows a text; false if it does not within so many milliseconds. */
bool browser_sees(struct browser *browser, const char *css, const char *text, int msec);

#endif
