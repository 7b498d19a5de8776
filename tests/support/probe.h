/* SPDX-License-Identifier: MIT */
/*
 * probe.h - a small application to ask through the test client.
 */
#ifndef VANE_TEST_PROBE_H
#define VANE_TEST_PROBE_H

#include <vane/app.h>
#include <vane/filter.h>
#include <vane/test.h>

/* An application of one handler, which takes all paths, or of routes; and its last answer. */
struct probe {
	struct vane_app *app;
	struct vane_route routes[2];
	int (*answer)(struct vane_response *res); /* what probe_init_answer() was given */
	struct vane_test_response got;
	char field[512];
	char log[4096]; /* what was logged since probe_init() */
};

/* Begin: with one handler and its .data; or with routes.  opts may be NULL. */
void probe_init(struct probe *probe, const struct vane_handler *handler, void *data,
	const struct vane_app_opts *opts);
void probe_init_routes(struct probe *probe, const struct vane_route *routes,
	const struct vane_app_opts *opts);

/* The same with a GET and PUT that is a function of the response alone; and GET it at once. */
void probe_init_answer(struct probe *probe, int (*answer)(struct vane_response *res));
int probe_answer(struct probe *probe, int (*answer)(struct vane_response *res));

/*
 * No application is to be made with that filter: fails the test unless that gives -EINVAL.  What the log
 * says last is in log.
 */
#define PROBE_LINE 256
void probe_refuse_filter(
	const struct vane_filter_type *type, void *data, char log[PROBE_LINE]);

void probe_fini(struct probe *probe);

/* Ask; fails the test if there is no answer at all.  The status is returned. */
int probe_run(struct probe *probe, const struct vane_test_request *request);
int probe_get(struct probe *probe, const char *target);
int probe_method(struct probe *probe, const char *method, const char *target);

/* A field of the answer, NULL if there is none; good until the next call. */
const char *probe_field(struct probe *probe, const char *name);

/* What begin() was given is "name: value" strings: an array of them for a request. */
#define FIELDS(...) ((const char *const[]) { __VA_ARGS__, NULL })

#endif
