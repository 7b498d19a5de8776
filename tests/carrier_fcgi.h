/* SPDX-License-Identifier: MIT */
/*
 * carrier_fcgi.h - a carrier: a scripted web server that asks a FastCGI responder.
 */
#ifndef VANE_TEST_CARRIER_FCGI_H
#define VANE_TEST_CARRIER_FCGI_H

#include "suite.h"
#include "support/tmp.h"

/* How the web server behaves. */
struct fcgi_manner {
	char address[TMP_PATH_MAX + 8]; /* as fcgi_peer_connect() wants it */
	bool keep;
	unsigned padding;
	size_t record; /* bytes of content in a record; 0: as many as it holds */
};

/* The carrier; the manner is borrowed. */
struct suite_carrier carrier_fcgi(const char *name, const struct fcgi_manner *manner);

#endif
