/* SPDX-License-Identifier: MIT */
/*
 * vane/util.h - small things that handlers need: escaping, and HTTP dates.
 *
 * Those that write into buf do so as snprintf does: they return the length needed, cut to
 * fit, and always end in a NUL if size is not 0.
 */
#ifndef VANE_UTIL_H
#define VANE_UTIL_H

#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Text that is NULL is "" here. */

/* Percent-encode text for use as one segment or argument of a URL (RFC 3986, 2.1). */
VANE_API size_t vane_url_escape(char *buf, size_t size, const char *text);

/*
 * Take percent-encoding out of text, once (RFC 3986, 2.1): what vane_url_escape() has written comes
 * back.  "+" stays a plus.  What comes out are bytes: whether they are UTF-8 is for the caller.
 *
 * buf may be text itself.  -EINVAL for a "%" without two hexadecimal digits behind it, and for
 * "%00", as text holds no NUL; buf is "" then.  Since 0.2.0.
 */
VANE_API ssize_t vane_url_unescape(char *buf, size_t size, const char *text);

/*
 * Take percent-encoding out of one name or value of a query or of a form: as vane_url_unescape(),
 * and "+" is a blank.  Since 0.2.0.
 */
VANE_API ssize_t vane_url_unescape_plus(char *buf, size_t size, const char *text);

/* Write & < > " ' as HTML character references. */
VANE_API size_t vane_html_escape(char *buf, size_t size, const char *text);

/* A time in seconds since 1970 as an HTTP date, IMF-fixdate (RFC 9110, 5.6.7). */
VANE_API size_t vane_http_date(char *buf, size_t size, int64_t when);

/* The reason phrase of a status (RFC 9110, 15); "Unknown" for one that is not registered. */
VANE_API const char *vane_status_reason(int status);

/* The media type for a file name by its extension; "application/octet-stream" if unknown. */
VANE_API const char *vane_mime_type(const char *filename);

/*
 * Whether a media type is that one, whatever its parameters (RFC 9110, 8.3.1): "application/json;
 * charset=utf-8" is "application/json".  The case of letters is nothing.
 *
 * pattern may be "text/" and a star, for all of a kind, or "application/" and "*+json", for all that
 * end so (RFC 6839).  A type that is malformed, or NULL, is none.  Since 0.2.0.
 */
VANE_API bool vane_media_type_is(const char *type, const char *pattern);

#ifdef __cplusplus
}
#endif

#endif
