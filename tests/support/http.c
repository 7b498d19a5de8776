/* SPDX-License-Identifier: MIT */
/*
 * http.c - the client, over a libcurl easy handle.
 *
 * Every field that libcurl would add by itself is taken away: what is asked is what the row
 * says, whoever carries it.
 */
#include "support/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ASK_SECONDS 30L

struct http {
	CURL *curl;
	char url[64];
	long seconds; /* to wait for an answer; 0: ASK_SECONDS */
	long connections;
	/* The exchange that runs. */
	struct answer *answer;
	const char *upload;
	size_t upload_left;
	int rc;
};

int http_global_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -ENOMEM;
}

int http_new(struct http **out, int port, const char *path)
{
	struct http *http = calloc(1, sizeof(*http));

	if (http == NULL)
		return -ENOMEM;
	http->curl = curl_easy_init();
	if (http->curl == NULL) {
		free(http);
		return -ENOMEM;
	}
	snprintf(http->url, sizeof(http->url), "http://127.0.0.1:%d/", port);
	if (path != NULL)
		curl_easy_setopt(http->curl, CURLOPT_UNIX_SOCKET_PATH, path);
	*out = http;
	return 0;
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	curl_easy_cleanup(http->curl);
	free(http);
}

long http_connections(const struct http *http)
{
	return http->connections;
}

/* A line of the head.  An interim response (1xx) is forgotten when the next status comes. */
static size_t take_head(char *line, size_t size, size_t count, void *data)
{
	struct http *http = data;
	size_t len = size * count;

	if (len > 5 && strncmp(line, "HTTP/", 5) == 0) {
		answer_fini(http->answer);
		return len;
	}
	if (len > 2)
		http->rc = answer_add_line(http->answer, line, len);
	return http->rc < 0 ? 0 : len;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
	struct http *http = user;

	http->rc = answer_add_body(http->answer, data, size * count);
	return http->rc < 0 ? 0 : size * count;
}

static size_t give_body(char *buf, size_t size, size_t count, void *user)
{
	struct http *http = user;
	size_t len = size * count;

	if (len > http->upload_left)
		len = http->upload_left;
	if (len > 0)
		memcpy(buf, http->upload, len);
	http->upload += len;
	http->upload_left -= len;
	return len;
}

/* libcurl's own words: "Name:" takes its field away, "Name;" sends one that is empty. */
static struct curl_slist *field_list(const struct ask *ask)
{
	static const char *const silenced[] = { "Accept", "User-Agent", "Content-Type",
		"Expect" };
	struct curl_slist *list = NULL;
	bool given[4] = { false };
	char name[32];

	for (const char *const *field = ask->fields; *field != NULL; field++) {
		size_t len = strcspn(*field, ":");
		char *copy = strdup(*field);

		for (size_t i = 0; i < 4; i++)
			given[i] |= strlen(silenced[i]) == len &&
				    strncasecmp(*field, silenced[i], len) == 0;
		if (copy != NULL && copy[len + 1 + strspn(copy + len + 1, " ")] == '\0')
			strcpy(copy + len, ";");
		list = curl_slist_append(list, copy);
		free(copy);
	}
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s:", silenced[i]);
		if (!given[i])
			list = curl_slist_append(list, name);
	}
	if (ask->chunked)
		list = curl_slist_append(list, "Transfer-Encoding: chunked");
	return list;
}

static void set_body(struct http *http, const struct ask *ask)
{
	CURL *curl = http->curl;

	if (ask->chunked) {
		http->upload = ask->body;
		http->upload_left = ask->body_len;
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(curl, CURLOPT_READDATA, http);
	} else if (ask->has_body) {
		curl_easy_setopt(
			curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) ask->body_len);
		curl_easy_setopt(
			curl, CURLOPT_POSTFIELDS, ask->body == NULL ? "" : ask->body);
	}
}

static void set_request(struct http *http, const struct ask *ask, struct curl_slist *fields)
{
	CURL *curl = http->curl;

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, http->url);
	curl_easy_setopt(curl, CURLOPT_REQUEST_TARGET, ask->target);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(
		curl, CURLOPT_TIMEOUT, http->seconds > 0 ? http->seconds : ASK_SECONDS);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, http);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
	set_body(http, ask);
	if (strcmp(ask->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method);
}

static int answer_of(struct http *http, CURLcode code, struct answer *answer)
{
	long status = 0, connections = 0;

	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(http->curl, CURLINFO_NUM_CONNECTS, &connections);
	http->connections += connections;
	answer->status = (int) status;
	answer->whole = code == CURLE_OK;
	if (http->rc < 0)
		return http->rc;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return -ETIMEDOUT;
	if (code == CURLE_COULDNT_CONNECT)
		return -ECONNREFUSED;
	if (code == CURLE_OK || code == CURLE_PARTIAL_FILE || status != 0)
		return 0;
	return -ECONNRESET;
}

void http_set_patience(struct http *http, long seconds)
{
	http->seconds = seconds;
}

int http_ask(struct http *http, const struct ask *ask, struct answer *answer)
{
	struct curl_slist *fields = field_list(ask);
	int rc;

	*answer = (struct answer) { 0 };
	http->answer = answer;
	http->rc = 0;
	set_request(http, ask, fields);
	rc = answer_of(http, curl_easy_perform(http->curl), answer);
	curl_slist_free_all(fields);
	if (rc < 0)
		answer_fini(answer);
	return rc;
}
