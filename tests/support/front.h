/* SPDX-License-Identifier: MIT */
/*
 * front.h - requests as a server in front hands them over, by a driver of its own: with an
 * environment that the test client cannot give.
 */
#ifndef VANE_TEST_FRONT_H
#define VANE_TEST_FRONT_H

#include <vane/app.h>
#include <vane/driver.h>
#include <vane/handler.h>

/* What came of it. */
struct carried {
	int status, ended;
	char body[4096]; /* its beginning */
};

/* Ask an application; the method is GET. */
void front_ask(struct vane_app *app, struct vane_env *env, struct carried *carried);

/* NULL is fine, and stays that. */
struct vane_slice front_slice(const char *text);

/* Answers with what a request says of itself, in one line. */
extern const struct vane_handler front_describer;

#endif
