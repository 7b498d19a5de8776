/* SPDX-License-Identifier: MIT */
/*
 * fetch.h - a document from an HTTP server: one request, one connection.
 */
#ifndef VANE_TOP_FETCH_H
#define VANE_TOP_FETCH_H

/*
 * Ask "HOST:PORT", "[ADDRESS]:PORT" or "unix:PATH" for a target.  Returns the body, to be freed; or NULL
 * and why, in words.
 */
char *fetch(const char *address, const char *target, const char **why);

#endif
