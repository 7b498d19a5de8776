/* SPDX-License-Identifier: MIT */
/*
 * suite_responses.c - rows about what is answered: statuses, redirects, fields, cookies,
 * large and streamed bodies, conditions, errors, and answers that come late or not whole.
 */
#include "suite.h"

#define MIB  (1024 * 1024)

#define LATE "Sun, 06 Nov 1994 08:49:37 GMT"

/* clang-format off */
const struct suite_row suite_responses[] = {
	/* Statuses */
	{ .name = "status-201", .target = "/status/201", .status = 201, .answer = "status 201\n" },
	{ .name = "status-202", .target = "/status/202", .status = 202, .answer = "status 202\n" },
	{ .name = "status-204", .target = "/status/204", .status = 204, .answer = "", .expect = "Transfer-Encoding" },
	{ .name = "status-204-post", .method = "POST", .target = "/status/204", .body = TEXT("x"), .fields = "Content-Type: text/plain",
	  .status = 204, .answer = "" },
	{ .name = "status-299", .target = "/status/299", .status = 299, .answer = "status 299\n" },
	{ .name = "status-300", .target = "/status/300", .status = 300, .answer = "status 300\n" },
	{ .name = "status-304", .target = "/status/304", .status = 304, .answer = "" },
	{ .name = "status-400", .target = "/status/400", .status = 400 },
	{ .name = "status-401", .target = "/status/401", .status = 401 },
	{ .name = "status-403", .target = "/status/403", .status = 403 },
	{ .name = "status-404", .target = "/status/404", .status = 404 },
	{ .name = "status-409", .target = "/status/409", .status = 409 },
	{ .name = "status-410", .target = "/status/410", .status = 410 },
	{ .name = "status-418", .target = "/status/418", .status = 418 },
	{ .name = "status-422", .target = "/status/422", .status = 422 },
	{ .name = "status-429", .target = "/status/429", .status = 429 },
	{ .name = "status-451", .target = "/status/451", .status = 451 },
	{ .name = "status-499", .target = "/status/499", .status = 499 },
	{ .name = "status-500", .target = "/status/500", .status = 500 },
	{ .name = "status-501", .target = "/status/501", .status = 501 },
	{ .name = "status-502", .target = "/status/502", .status = 502 },
	{ .name = "status-503", .target = "/status/503", .status = 503 },
	{ .name = "status-504", .target = "/status/504", .status = 504 },
	{ .name = "status-500-head", .method = "HEAD", .target = "/status/500", .status = 500, .answer = "" },

	/* Redirects */
	{ .name = "redirect-301", .target = "/redirect/301", .status = 301, .expect = "Location: /elsewhere?a=b" },
	{ .name = "redirect-302", .target = "/redirect/302", .status = 302, .expect = "Location: /elsewhere?a=b" },
	{ .name = "redirect-303", .method = "POST", .target = "/redirect/303", .status = 303, .expect = "Location: /elsewhere?a=b" },
	{ .name = "redirect-307", .target = "/redirect/307", .status = 307, .expect = "Location: /elsewhere?a=b" },
	{ .name = "redirect-308", .target = "/redirect/308", .status = 308, .expect = "Location: /elsewhere?a=b" },
	{ .name = "redirect-head", .method = "HEAD", .target = "/redirect/302", .status = 302,
	  .expect = "Location: /elsewhere?a=b", .answer = "" },
	{ .name = "redirect-absolute", .target = "/redirect/302?to=https://other.test/x%3Fy", .status = 302,
	  .expect = "Location: https://other.test/x?y" },
	{ .name = "redirect-relative", .target = "/redirect/302?to=next", .status = 302, .expect = "Location: next" },
	{ .name = "redirect-encoded", .target = "/redirect/302?to=/caf%C3%A9%20x", .status = 302,
	  .expect = "Location: /caf%C3%A9%20x" },

	/* Fields and cookies */
	{ .name = "headers", .target = "/headers", .status = 200, .answer = "headers\n",
	  .expect = "X-One: 1\nX-Two: first\nX-Two: second\nX-Three: kept\nX-Gone\nX-Utf8: gr\xc3\xbc\xc3\x9f\n"
		    "Cache-Control: no-cache, no-store\nVary: Accept-Language\nLink: </style.css>; rel=preload" },
	{ .name = "headers-head", .method = "HEAD", .target = "/headers", .status = 200, .answer = "",
	  .expect = "X-One: 1\nX-Three: kept" },
	{ .name = "set-cookies", .target = "/set-cookies", .status = 200, .answer = "three cookies\n",
	  .expect = "Set-Cookie: a=1; Path=/" },
	{ .name = "fields-100", .target = "/fields/100", .status = 200, .expect = "X-Field-0: value\nX-Field-99: value" },
	{ .name = "field-long-2k", .target = "/long-field/2000", .status = 200, .answer = "a long field\n" },
	{ .name = "refuses-split", .target = "/refused?i=0", .status = 418, .expect = "X-Evil\nX-Split" },
	{ .name = "refuses-newline", .target = "/refused?i=1", .status = 418 },
	{ .name = "refuses-blank-in-name", .target = "/refused?i=2", .status = 418 },
	{ .name = "refuses-colon-in-name", .target = "/refused?i=3", .status = 418 },
	{ .name = "refuses-no-name", .target = "/refused?i=4", .status = 418 },
	{ .name = "refuses-status-field", .target = "/refused?i=5", .status = 418 },
	{ .name = "refuses-connection", .target = "/refused?i=6", .status = 418 },
	{ .name = "refuses-transfer-encoding", .target = "/refused?i=7", .status = 418 },

	/* Bodies */
	{ .name = "empty", .target = "/empty", .status = 200, .answer = "" },
	{ .name = "empty-post", .method = "POST", .target = "/empty", .status = 200, .answer = "" },
	{ .name = "ref", .target = "/ref", .status = 200, .answer = "borrowed, not copied\n" },
	{ .name = "html", .target = "/html?text=%3Cb%3E%26%22'%C3%A9", .status = 200,
	  .answer = "<p>&lt;b&gt;&amp;&quot;&#39;\xc3\xa9</p>\n" },
	{ .name = "big-0", .target = "/big/0", .status = 200, .answer = "" },
	{ .name = "big-1", .target = "/big/1", .status = 200, .answer_pattern = 1, .expect = "Content-Length: 1" },
	{ .name = "big-16k", .target = "/big/16384", .status = 200, .answer_pattern = 16384 },
	{ .name = "big-64k", .target = "/big/65536", .status = 200, .answer_pattern = 65536 },
	{ .name = "big-100001", .target = "/big/100001", .status = 200, .answer_pattern = 100001, .expect = "Content-Length: 100001" },
	{ .name = "big-1m", .target = "/big/1048576", .status = 200, .answer_pattern = MIB },
	{ .name = "big-5m", .target = "/big/5242880", .status = 200, .answer_pattern = 5 * MIB, .expect = "Content-Length: 5242880" },
	{ .name = "big-5m-head", .method = "HEAD", .target = "/big/5242880", .status = 200, .answer = "" },
	{ .name = "source-0", .target = "/source/0", .status = 200, .answer = "" },
	{ .name = "source-1", .target = "/source/1", .status = 200, .answer_pattern = 1 },
	{ .name = "source-70000", .target = "/source/70000", .status = 200, .answer_pattern = 70000, .expect = "Content-Length" },
	{ .name = "source-70000-length", .target = "/source/70000?length", .status = 200, .answer_pattern = 70000,
	  .expect = "Content-Length: 70000" },
	{ .name = "source-3m", .target = "/source/3000000", .status = 200, .answer_pattern = 3000000 },
	{ .name = "source-head", .method = "HEAD", .target = "/source/70000?length", .status = 200, .answer = "" },
	{ .name = "file-0", .target = "/file/0", .status = 200, .answer = "" },
	{ .name = "file-4097", .target = "/file/4097", .status = 200, .answer_pattern = 4097, .expect = "Content-Length: 4097" },
	{ .name = "file-2m", .target = "/file/2000000", .status = 200, .answer_pattern = 2000000, .expect = "Content-Length: 2000000" },
	{ .name = "file-head", .method = "HEAD", .target = "/file/4097", .status = 200, .answer = "" },
	{ .name = "stream-0", .target = "/stream/0", .status = 200, .answer = "" },
	{ .name = "stream-1", .target = "/stream/1", .status = 200, .answer = "chunk 0\n" },
	{ .name = "stream-3", .target = "/stream/3", .status = 200, .answer = "chunk 0\nchunk 1\nchunk 2\n", .expect = "Content-Length" },
	{ .name = "stream-500", .target = "/stream/500", .status = 200, .part = "chunk 498\nchunk 499\n" },
	{ .name = "stream-head", .method = "HEAD", .target = "/stream/3", .status = 200, .answer = "" },

	/* Conditions */
	{ .name = "etag", .target = "/etag", .status = 200, .expect = "ETag: \"v1\"", .answer = "version 1\n" },
	{ .name = "etag-match", .target = "/etag", .fields = "If-None-Match: \"v1\"", .status = 304, .expect = "ETag: \"v1\"", .answer = "" },
	{ .name = "etag-weak-match", .target = "/etag", .fields = "If-None-Match: W/\"v1\"", .status = 304, .answer = "" },
	{ .name = "etag-one-of", .target = "/etag", .fields = "If-None-Match: \"v0\", \"v1\"", .status = 304, .answer = "" },
	{ .name = "etag-any", .target = "/etag", .fields = "If-None-Match: *", .status = 304, .answer = "" },
	{ .name = "etag-other", .target = "/etag", .fields = "If-None-Match: \"v2\"", .status = 200, .answer = "version 1\n" },
	{ .name = "etag-head", .method = "HEAD", .target = "/etag", .fields = "If-None-Match: \"v1\"", .status = 304, .answer = "" },
	{ .name = "etag-put-match", .method = "PUT", .target = "/etag", .fields = "If-Match: \"v1\"", .status = 200 },
	{ .name = "etag-put-other", .method = "PUT", .target = "/etag", .fields = "If-Match: \"v0\"", .status = 412 },
	{ .name = "etag-put-none", .method = "PUT", .target = "/etag", .fields = "If-None-Match: *", .status = 412 },
	{ .name = "modified", .target = "/modified", .status = 200, .expect = "Last-Modified: " LATE, .answer = "old\n" },
	{ .name = "modified-same", .target = "/modified", .fields = "If-Modified-Since: " LATE, .status = 304, .answer = "" },
	{ .name = "modified-before", .target = "/modified", .fields = "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", .status = 200 },
	{ .name = "modified-bad-date", .target = "/modified", .fields = "If-Modified-Since: yesterday", .status = 200 },
	{ .name = "unmodified", .target = "/modified", .fields = "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", .status = 412 },

	/* Errors, and answers that are not whole */
	{ .name = "fail-errno", .target = "/fail/eio", .status = 500 },
	{ .name = "fail-error", .target = "/fail/error", .status = 503 },
	{ .name = "fail-late", .target = "/fail/late", .status = 200, .part = "first\n" },
	{ .name = "fail-cut", .target = "/fail/cut", .status = 200, .cut = true },
	{ .name = "fail-less", .target = "/fail/less", .status = 200, .cut = true },
	{ .name = "fail-source", .target = "/source/20000?breaks", .status = 200, .cut = true },
	{ .name = "fail-source-length", .target = "/source/20000?breaks&length", .status = 200, .answer_pattern = 20000 },
	{ .name = "more-than-promised", .target = "/fail/more", .status = 500 },
	{ .name = "promise-kept", .target = "/fail/exact", .status = 200, .answer = "ten bytes\n", .expect = "Content-Length: 10" },
	{ .name = "promise-kept-head", .method = "HEAD", .target = "/fail/exact", .status = 200, .answer = "", .expect = "Content-Length: 10" },

	/* Preparing, and answering later */
	{ .name = "guard", .target = "/guard", .status = 403 },
	{ .name = "guard-open", .target = "/guard?key=y", .status = 200, .answer = "GET\n" },
	{ .name = "guard-answers", .target = "/guard?key=x", .status = 200, .answer = "answered by prepare\n" },
	{ .name = "later", .target = "/later", .status = 200, .adapter_status = 501, .answer = "later\n" },
	{ .name = "undeclared", .target = "/undeclared", .status = 200, .adapter_status = 500, .answer = "later\n" },
	{ .name = "in-time", .target = "/in-time", .status = 200, .answer = "in time\n" },
	{ .name = "honest", .target = "/honest", .status = 200, .answer = "honest\n" },
	{ 0 },
};
/* clang-format on */
