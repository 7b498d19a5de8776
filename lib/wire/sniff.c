/* SPDX-License-Identifier: MIT */
/*
 * sniff.c - which protocol a connection speaks, by its first bytes, and what to say where that is
 * not the one that is spoken here.
 */
#include "sniff.h"

#include <stdio.h>

#include <vane/log.h>

#include "fcgi_app.h"
#include "slice.h"

#define TOLD_MSEC (60 * 1000)

/* Letters that begin a method, as far as they are here. */
#define LEAST_LETTERS 3

static const char *const titles[VANE__SPOKEN_COUNT] = {
	[VANE__SPOKEN_UNKNOWN] = "nothing known",
	[VANE__SPOKEN_HTTP] = "HTTP",
	[VANE__SPOKEN_FASTCGI] = "FastCGI",
	[VANE__SPOKEN_SCGI] = "SCGI",
	[VANE__SPOKEN_TLS] = "TLS",
	[VANE__SPOKEN_PROXY] = "the PROXY protocol",
};

/* What the web server is told to use for it, and the word of --mode. */
static const struct {
	const char *pass, *mode;
} words[VANE__SPOKEN_COUNT] = {
	[VANE__SPOKEN_HTTP] = { "proxy_pass", "http" },
	[VANE__SPOKEN_FASTCGI] = { "fastcgi_pass", "fastcgi" },
	[VANE__SPOKEN_SCGI] = { "scgi_pass", "scgi" },
};

/* Whether bytes begin as that text does, as far as they go. */
static bool begins(struct vane_slice bytes, const char *text, size_t len)
{
	return bytes.len > 0 &&
	       memcmp(bytes.data, text, bytes.len < len ? bytes.len : len) == 0;
}

/* A method and a blank, or as much of it as has come. */
static bool is_http(struct vane_slice bytes)
{
	size_t n = 0;

	while (n < bytes.len &&
		((bytes.data[n] >= 'A' && bytes.data[n] <= 'Z') || bytes.data[n] == '-'))
		n++;
	return n >= LEAST_LETTERS && (n == bytes.len || bytes.data[n] == ' ');
}

/* A netstring whose first variable is CONTENT_LENGTH. */
static bool is_scgi(struct vane_slice bytes)
{
	size_t n = 0;

	while (n < bytes.len && bytes.data[n] >= '0' && bytes.data[n] <= '9')
		n++;
	if (n == 0 || n >= bytes.len || bytes.data[n] != ':')
		return false;
	vane__slice_take(&bytes, n + 1);
	return begins(bytes, "CONTENT_LENGTH", 15);
}

/* The second version begins with empty lines, which may have been skipped. */
static bool is_proxy(struct vane_slice bytes)
{
	return (bytes.len >= 6 && memcmp(bytes.data, "PROXY ", 6) == 0) ||
	       (bytes.len >= 5 && begins(bytes, "\r\n\r\n\0\r\nQUIT\n", 12)) ||
	       (bytes.len >= 3 && begins(bytes, "\0\r\nQUIT\n", 8));
}

enum vane__spoken vane__sniff(struct vane_slice bytes)
{
	unsigned char first, second;

	if (bytes.len == 0)
		return VANE__SPOKEN_UNKNOWN;
	first = (unsigned char) bytes.data[0];
	second = bytes.len > 1 ? (unsigned char) bytes.data[1] : 0;
	if (first == 0x16 && (bytes.len == 1 || second == 3))
		return VANE__SPOKEN_TLS; /* RFC 8446, 5.1: a handshake, version 3.x */
	if (first == 1 && (bytes.len == 1 || (second >= VANE__FCGI_BEGIN_REQUEST &&
						     second <= VANE__FCGI_UNKNOWN_TYPE)))
		return VANE__SPOKEN_FASTCGI;
	if (is_proxy(bytes))
		return VANE__SPOKEN_PROXY;
	if (is_http(bytes))
		return VANE__SPOKEN_HTTP;
	return is_scgi(bytes) ? VANE__SPOKEN_SCGI : VANE__SPOKEN_UNKNOWN;
}

/* What is to be done about it. */
static void advise(char *buf, size_t size, enum vane__spoken here, enum vane__spoken spoken)
{
	if (spoken == VANE__SPOKEN_TLS)
		snprintf(buf, size, "%s",
			here == VANE__SPOKEN_HTTP
				? "ask for http://, or have a web server in front that ends TLS"
				: "have the web server send plain requests");
	else if (spoken == VANE__SPOKEN_PROXY)
		snprintf(buf, size, "take send-proxy out of the proxy%s",
			here == VANE__SPOKEN_HTTP
				? ", or say --proxy-protocol=ADDRESSES here"
				: "");
	else
		snprintf(buf, size,
			"use %s in place of %s in the web server, or --mode=%s here",
			words[here].pass, words[spoken].pass, words[spoken].mode);
}

void vane__sniff_complain(struct vane__sniff_log *log, int64_t now, enum vane__spoken here,
	enum vane__spoken spoken)
{
	bool again = log->told && now - log->at < TOLD_MSEC;
	char advice[160];

	advise(advice, sizeof(advice), here, spoken);
	vane_log(again ? VANE_LOG_DEBUG : VANE_LOG_WARNING,
		"this looks like %s, but this program was started for %s: %s",
		titles[spoken], titles[here], advice);
	if (again)
		return;
	log->told = true;
	log->at = now;
}

static size_t answer_http(char *out, const char *text)
{
	int len = snprintf(out, VANE__SNIFF_ANSWER,
		"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n%s\n",
		strlen(text) + 1, text);

	return (size_t) len;
}

/* The text is for the web server's error log (FastCGI 1.0, 5.3). */
static size_t answer_fastcgi(char *out, const char *text, struct vane_slice bytes)
{
	unsigned char *at = (unsigned char *) out;
	size_t len = strlen(text);
	unsigned id;

	if (bytes.len < 4)
		return 0;
	id = (unsigned) (unsigned char) bytes.data[2] << 8 | (unsigned char) bytes.data[3];
	memcpy(at + VANE__FCGI_HEAD, text, len);
	len = vane__fcgi_frame(at, VANE__FCGI_STDERR, id, len);
	return len + vane__fcgi_end_request(at + len, id, VANE__FCGI_REQUEST_COMPLETE);
}

static size_t answer_scgi(char *out, const char *text)
{
	int len = snprintf(out, VANE__SNIFF_ANSWER,
		"Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\n\r\n%s\n",
		text);

	return (size_t) len;
}

size_t vane__sniff_answer(char out[VANE__SNIFF_ANSWER], enum vane__spoken here,
	enum vane__spoken spoken, struct vane_slice bytes)
{
	/* handshake_failure (RFC 8446, 6.2), in a record that old versions understand too */
	static const char alert[] = "\x15\x03\x01\x00\x02\x02\x28";
	char text[160];

	snprintf(text, sizeof(text), "%s is spoken here, and this is %s.", titles[here],
		titles[spoken]);
	switch (spoken) {
	case VANE__SPOKEN_HTTP:
		return answer_http(out, text);
	case VANE__SPOKEN_FASTCGI:
		return answer_fastcgi(out, text, bytes);
	case VANE__SPOKEN_SCGI:
		return answer_scgi(out, text);
	case VANE__SPOKEN_TLS:
		memcpy(out, alert, sizeof(alert) - 1);
		return sizeof(alert) - 1;
	default:
		return 0;
	}
}
