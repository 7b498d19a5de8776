/* SPDX-License-Identifier: MIT */
/*
 * app.h - the inside of an application.
 */
#ifndef VANE__APP_H
#define VANE__APP_H

#include <vane/app.h>

#include "base.h"
#include "list.h"

struct vane__access;
struct vane__router;
struct vane__trust;
struct vane_exchange;

struct vane_app {
	struct vane_app_opts opts; /* defaults filled in; its texts are the application's */
	struct vane__router *router;
	struct vane__trust *trust;   /* NULL: nobody is believed */
	struct vane__access *access; /* NULL: no access log */
	char *mount, *trusted, *temp_dir, *access_log_format, *access_log_if;
	int64_t body_bytes; /* of all bodies that are collected, now */
	struct list left;   /* exchanges whose peers have left, and that a handler holds */
	int64_t crowded_msec; /* when it was last said that they are too many, 0: never */
};

/* exchange.c: name those that no handler has finished, and let go of them. */
void vane__app_end_left(struct vane_app *app);

/*
 * accesslog.c: what writes the access log of an application, if it has one: 0, -ENOMEM, or -EINVAL
 * for its format, which is logged.
 */
int vane__access_new(struct vane__access **out, struct vane_app_opts *opts);
void vane__access_free(struct vane__access *access);

/* accesslog.c: write the line of an exchange that has ended, rc as driver->end() was given. */
void vane__access_log(struct vane_exchange *x, int rc);

/* accesslog.c: the status that its client has got, as far as is known. */
int vane__sent_status(const struct vane_exchange *x, int rc);

/* errorpage.c: answer with the page of a status; why is for debug mode, or NULL.  0 or errno. */
int vane__error_page(struct vane_exchange *x, int status, const char *why);

/* The same, and no function of the program's is asked to. */
int vane__error_page_own(struct vane_exchange *x, int status, const char *why);

#endif
