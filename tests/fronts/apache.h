/* SPDX-License-Identifier: MIT */
/*
 * apache.h - Apache httpd as a front server.
 */
#ifndef VANE_TEST_APACHE_H
#define VANE_TEST_APACHE_H

#include "fronts/front.h"

/* Which of front.ports. */
enum {
	APACHE_PROXY_FCGI, /* mod_proxy_fcgi to the responder */
	APACHE_FCGID,      /* mod_fcgid starts the program */
	APACHE_CGID,       /* mod_cgid does, for each request */
	APACHE_PROXY_SCGI, /* mod_proxy_scgi to the SCGI responder */
};

/* Whether it can be started here. */
bool apache_installed(void);

/* The folder of its modules, NULL if there is none. */
const char *apache_modules(void);

/* Whom it serves as: httpd does not serve as root. */
const char *apache_user(void);

/* Start httpd. */
int apache_start(struct front *front);

#endif
