/* SPDX-License-Identifier: MIT */
/*
 * browser.c - headless Chromium, driven through chromedriver.
 */
#include "support/browser.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/port.h"

#define CHROMIUM   "/usr/bin/chromium"
#define DRIVER     "/usr/bin/chromedriver"
#define START_MSEC 30000
#define LOOK_MSEC  50
/* A click waits for the page that it leads to, on a machine that may have much to do. */
#define PATIENCE_SEC 120
#define ELEMENT      "element-6066-11e4-a52e-4f735466cecf" /* WebDriver, 12.1 */

bool browser_available(void)
{
	return proc_available(CHROMIUM) && proc_available(DRIVER);
}

/* The string that stands behind a name, decoded and to be freed; NULL if there is none. */
static char *json_string(const char *json, const char *name)
{
	char key[80], *value, *to;
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":\"", name);
	at = json == NULL ? NULL : strstr(json, key);
	if (at == NULL)
		return NULL;
	at += strlen(key);
	value = to = malloc(strlen(at) + 1);
	for (; value != NULL && *at != '"' && *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		*to++ = *at == 'n' && at[-1] == '\\' ? '\n' : *at;
	}
	if (value != NULL)
		*to = '\0';
	return value;
}

/* Text as a JSON string's inside. */
static void json_escape(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

/* {"name":"value", ...} from pairs up to a NULL, to be freed. */
static char *json_object(const char *const *pairs)
{
	char *json = NULL;
	size_t len;
	FILE *out = open_memstream(&json, &len);

	if (out == NULL)
		return NULL;
	fputc('{', out);
	for (size_t i = 0; pairs[i] != NULL; i += 2) {
		fprintf(out, "%s\"%s\":\"", i > 0 ? "," : "", pairs[i]);
		json_escape(out, pairs[i + 1]);
		fputc('"', out);
	}
	fputc('}', out);
	fclose(out);
	return json;
}

/* One command; the answer is to be freed. body NULL: GET. */
static int command(
	struct browser *browser, const char *path, const char *body, struct answer *answer)
{
	static const char *const fields[] = { "Host: localhost",
		"Content-Type: application/json", NULL };
	char target[512];
	int rc;

	snprintf(target, sizeof(target), "/session%s%s%s",
		browser->session[0] == '\0' ? "" : "/", browser->session, path);
	*answer = (struct answer) { 0 };
	rc = http_ask(browser->http,
		&(struct ask) { .method = body == NULL ? "GET" : "POST",
			.target = target,
			.fields = fields,
			.body = body,
			.body_len = body == NULL ? 0 : strlen(body),
			.has_body = body != NULL },
		answer);
	return rc == 0 && answer->status != 200 ? -EPROTO : rc;
}

/* One whose answer is only wanted if it went wrong. */
static int tell(struct browser *browser, const char *path, const char *const *pairs)
{
	char *body = json_object(pairs);
	struct answer answer;
	int rc;

	if (body == NULL)
		return -ENOMEM;
	rc = command(browser, path, body, &answer);
	if (rc < 0)
		fprintf(stderr, "browser: %s %s: %s\n", path, body,
			answer.body == NULL ? strerror(-rc) : answer.body);
	answer_fini(&answer);
	free(body);
	return rc;
}

/* Find an element; its path in commands, to be freed, or NULL. */
static char *find(struct browser *browser, const char *css, const char *what)
{
	char *body = json_object(
		(const char *const[]) { "using", "css selector", "value", css, NULL });
	char *id = NULL, *path = NULL;
	struct answer answer;

	if (body != NULL && command(browser, "/element", body, &answer) == 0)
		id = json_string(answer.body, ELEMENT);
	if (id != NULL && asprintf(&path, "/element/%s/%s", id, what) < 0)
		path = NULL;
	if (body != NULL)
		answer_fini(&answer);
	free(id);
	free(body);
	return path;
}

static int act(struct browser *browser, const char *css, const char *what,
	const char *const *pairs)
{
	char *path = find(browser, css, what);
	int rc;

	if (path == NULL) {
		fprintf(stderr, "browser: there is no %s\n", css);
		return -ENOENT;
	}
	rc = tell(browser, path, pairs);
	free(path);
	return rc;
}

int browser_open(struct browser *browser, const char *url)
{
	return tell(browser, "/url", (const char *const[]) { "url", url, NULL });
}

int browser_type(struct browser *browser, const char *css, const char *text)
{
	return act(browser, css, "value", (const char *const[]) { "text", text, NULL });
}

int browser_click(struct browser *browser, const char *css)
{
	return act(browser, css, "click", (const char *const[]) { NULL });
}

static void complain(const char *path, int rc, const struct answer *answer)
{
	fprintf(stderr, "browser: %s: %s\n", path,
		answer->body == NULL ? strerror(-rc) : answer->body);
}

/* A string of an answer, to be freed, or NULL. */
static char *ask_string(
	struct browser *browser, const char *path, const char *body, const char *name)
{
	struct answer answer;
	int rc = command(browser, path, body, &answer);
	char *text = rc == 0 ? json_string(answer.body, name) : NULL;

	if (text == NULL)
		complain(path, rc, &answer);
	answer_fini(&answer);
	return text;
}

/* A command of Chromium's own, the DevTools protocol. */
static int tell_devtools(struct browser *browser, const char *body)
{
	struct answer answer;
	int rc = command(browser, "/goog/cdp/execute", body, &answer);

	if (rc < 0)
		complain(body, rc, &answer);
	answer_fini(&answer);
	return rc;
}

int browser_emulate(struct browser *browser, int width, int height, const char *scheme)
{
	char body[256];
	int rc;

	snprintf(body, sizeof(body),
		"{\"cmd\":\"Emulation.setDeviceMetricsOverride\",\"params\":{\"width\":%d,"
		"\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":false}}",
		width, height);
	rc = tell_devtools(browser, body);
	if (rc < 0)
		return rc;
	snprintf(body, sizeof(body),
		"{\"cmd\":\"Emulation.setEmulatedMedia\",\"params\":{\"features\":[{\"name\":"
		"\"prefers-color-scheme\",\"value\":\"%s\"}]}}",
		scheme);
	return tell_devtools(browser, body);
}

static char *run_script(
	struct browser *browser, const char *path, const char *before, const char *script)
{
	char *body = NULL, *text;
	size_t len;
	FILE *out = open_memstream(&body, &len);

	if (out == NULL)
		return NULL;
	fprintf(out, "{\"args\":[],\"script\":\"");
	json_escape(out, before);
	json_escape(out, script);
	fprintf(out, "\"}");
	fclose(out);
	text = ask_string(browser, path, body, "value");
	free(body);
	return text;
}

char *browser_script(struct browser *browser, const char *script)
{
	return run_script(browser, "/execute/sync", "", script);
}

char *browser_await_script(struct browser *browser, const char *script)
{
	return run_script(browser, "/execute/async", "const done = arguments[0];", script);
}

char *browser_screenshot(struct browser *browser)
{
	return ask_string(browser, "/goog/cdp/execute",
		"{\"cmd\":\"Page.captureScreenshot\",\"params\":{\"format\":\"png\"}}",
		"data");
}

/* What an element shows, to be freed; NULL if it is not there (any more). */
static char *shown(struct browser *browser, const char *css)
{
	char *path = find(browser, css, "text"), *text = NULL;
	struct answer answer;

	if (path == NULL)
		return NULL;
	if (command(browser, path, NULL, &answer) == 0)
		text = json_string(answer.body, "value");
	answer_fini(&answer);
	free(path);
	return text;
}

bool browser_sees(struct browser *browser, const char *css, const char *text, int msec)
{
	long deadline = proc_now() + msec;
	bool seen = false;
	char *now;

	for (;;) {
		now = shown(browser, css);
		seen = now != NULL && strstr(now, text) != NULL;
		if (seen || proc_now() >= deadline)
			break;
		free(now);
		poll(NULL, 0, LOOK_MSEC);
	}
	if (!seen)
		fprintf(stderr, "browser: no \"%s\" in %s: %s\n", text, css,
			now == NULL ? "it is not there" : now);
	free(now);
	return seen;
}

static int open_session(struct browser *browser, const struct tmp *tmp)
{
	static const char format[] =
		"{\"capabilities\":{\"alwaysMatch\":{\"timeouts\":{\"implicit\":2000},"
		"\"goog:chromeOptions\":{\"binary\":\"" CHROMIUM "\",\"args\":["
		"\"--headless\",\"--no-sandbox\",\"--disable-gpu\",\"--disable-quic\","
		"\"--disable-dev-shm-usage\",\"--no-first-run\",\"--disable-sync\","
		"\"--disable-background-networking\",\"--disable-component-update\","
		"\"--no-proxy-server\",\"--user-data-dir=%s/profile\"]}}}}";
	char body[2048], *id = NULL;
	struct answer answer;
	int rc;

	snprintf(body, sizeof(body), format, tmp->path);
	rc = command(browser, "", body, &answer);
	if (rc == 0)
		id = json_string(answer.body, "sessionId");
	if (id == NULL)
		fprintf(stderr, "browser: %s\n",
			answer.body == NULL ? strerror(-rc) : answer.body);
	else
		snprintf(browser->session, sizeof(browser->session), "%s", id);
	answer_fini(&answer);
	free(id);
	return browser->session[0] == '\0' && rc == 0 ? -EPROTO : rc;
}

int browser_start(struct browser *browser, const struct tmp *tmp)
{
	char log[TMP_PATH_MAX], port_word[32];
	const char *const argv[] = { DRIVER, port_word, NULL };
	int port, rc = port_pick(&port, 1);

	*browser = (struct browser) { 0 };
	if (rc < 0)
		return rc;
	snprintf(port_word, sizeof(port_word), "--port=%d", port);
	rc = proc_start(
		&browser->driver, &(struct proc_start) { .argv = (char *const *) argv,
					  .log = tmp_path(tmp, log, "browser.log") });
	if (rc == 0)
		rc = proc_wait_port(&browser->driver, port, START_MSEC);
	if (rc == 0)
		rc = http_new(&browser->http, port, NULL);
	if (rc == 0)
		http_set_patience(browser->http, PATIENCE_SEC);
	if (rc == 0)
		rc = open_session(browser, tmp);
	if (rc < 0) {
		proc_print_log(&browser->driver);
		browser_stop(browser);
	}
	return rc;
}

void browser_stop(struct browser *browser)
{
	struct answer answer = { 0 };
	char target[128];

	if (browser->session[0] != '\0') {
		snprintf(target, sizeof(target), "/session/%s", browser->session);
		http_ask(browser->http,
			&(struct ask) { .method = "DELETE",
				.target = target,
				.fields =
					(const char *const[]) { "Host: localhost", NULL } },
			&answer);
		answer_fini(&answer);
	}
	http_free(browser->http);
	proc_stop(&browser->driver);
	*browser = (struct browser) { 0 };
}
