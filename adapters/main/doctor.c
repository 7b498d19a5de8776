/* SPDX-License-Identifier: MIT */
/*
 * doctor.c - --doctor: a program that looks at what the server in front sends, in place of serving.
 *
 * With a URL it serves in a child, in the mode and at the place where it would, and asks through the front by
 * itself.  Without, it looks at whatever comes.
 */
#include "doctor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/app.h>
#include <vane/log.h>

#include "listen.h"
#include "responder.h"
#include "run.h"
#include "serve.h"
#include "slice.h"
#include "xheaders.h"

enum { CANNOT_SERVE = 1 };

/* What every option that is on or off takes, for --doctor alone. */
static bool is_word(const char *value, const char *const *words)
{
	while (*words != NULL && strcmp(*words, value) != 0)
		words++;
	return *words != NULL;
}

int vane__doctor_option(void *data, const char *value, const char **why)
{
	static const char *const on[] = { "true", "yes", "on", "1", NULL };
	static const char *const off[] = { "false", "no", "off", "0", NULL };
	const char **doctor = data;
	struct vane__doctor_url url;

	if (is_word(value, off))
		*doctor = NULL;
	else if (is_word(value, on))
		*doctor = "";
	else if (vane__doctor_url_parse(&url, value, why) < 0)
		return -EINVAL;
	else
		*doctor = value;
	return 0;
}

bool vane__doctor_asks(const struct vane__settings *settings)
{
	return settings->doctor != NULL && settings->doctor[0] != '\0';
}

/* As a front is told of it: the first place that has a name. */
static void find_place(char *place, size_t size, const struct vane__run *run)
{
	struct vane__listen listen;

	snprintf(place, size, "PLACE");
	if (run->choice.source != VANE__SOURCE_BIND)
		return;
	vane__listen_at(&listen, &run->settings, run->choice.mode, 0);
	if (listen.kind == VANE__LISTEN_UNIX)
		snprintf(place, size, "unix:%s", listen.path);
	else if (listen.kind == VANE__LISTEN_TCP)
		snprintf(place, size,
			strchr(listen.address, ':') != NULL ? "[%s]:%s" : "%s:%s",
			listen.address[0] == '\0' || strcmp(listen.address, "0.0.0.0") == 0
				? "127.0.0.1"
				: listen.address,
			listen.port);
}

static void fill_program(struct vane__doctor_program *program, const struct vane__run *run)
{
	const struct vane__settings *settings = &run->settings;
	const char *mount = settings->mount;
	bool automatic = run->choice.mode == VANE__MODE_CGI || run->choice.never_fork;

	*program = (struct vane__doctor_program) {
		.mode = run->choice.mode,
		.mount = mount != NULL ? mount : "",
		.mount_auto = mount != NULL ? strcmp(mount, "auto") == 0 : automatic,
		.path_info = strcmp(settings->path_from, "pathinfo") == 0,
		.xheaders = settings->xheaders,
		.forwarded = settings->forwarded,
		.max_body_bytes = settings->max_body_bytes,
	};
	if (program->mount_auto)
		program->mount = "";
	find_place(program->place, sizeof(program->place), run);
}

/* Who asks has it; a program that the front starts has none. */
static int make_secret(struct vane__doctor *doctor)
{
	unsigned char bytes[16];

	if (!vane__doctor_asks(doctor->settings) || doctor->program.mode == VANE__MODE_CGI)
		return 0;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	vane__put_hex(doctor->secret, bytes, sizeof(bytes));
	doctor->secret[sizeof(doctor->secret) - 1] = '\0';
	return 0;
}

int vane__doctor_init(struct vane__doctor *doctor, struct vane__run *run)
{
	int rc;

	*doctor = (struct vane__doctor) {
		.settings = &run->settings,
		.front = vane__doctor_front_named(run->settings.doctor_front),
		.owned = run->choice.never_fork,
		.pages = &run->pages,
	};
	doctor->routes[0] =
		(struct vane_route) VANE_ROUTE("/{path:.*}", &vane__doctor_handler, doctor);
	fill_program(&doctor->program, run);
	doctor->look = calloc(1, sizeof(*doctor->look));
	rc = doctor->look != NULL ? vane__trust_new(&doctor->trust, run->settings.trusted)
				  : -ENOMEM;
	if (rc == 0)
		rc = make_secret(doctor);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "doctor: %s", strerror(-rc));
	return rc;
}

void vane__doctor_fini(struct vane__doctor *doctor)
{
	vane__trust_free(doctor->trust);
	free(doctor->look);
	doctor->trust = NULL;
	doctor->look = NULL;
}

/* It sees what arrives as it is: nothing is taken off the path, and no front is believed. */
void vane__doctor_app(struct vane__doctor *doctor, struct vane_app_opts *opts)
{
	opts->mount = NULL;
	opts->mount_auto = opts->path_from_pathinfo = false;
	opts->xheaders = opts->forwarded = false;
	opts->error_page = vane__doctor_error_page;
	opts->data = doctor;
}

/* ---- asking ---- */

/* What the program that serves says goes to standard error as ever, and one thing to who asks, too. */
static void on_line(enum vane_log_level level, const char *line, void *data)
{
	const int *notice = data;

	fprintf(stderr, "%s\n", line);
	if (strstr(line, "this looks like") != NULL && write(*notice, "!", 1) < 0)
		return; /* it has been told before */
}

/* In the child: serve until it is killed, as its parent is gone, too. */
static void serve_in_child(
	struct vane__run *run, int (*serve)(struct vane__run *run), int notice)
{
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	vane_log_set_function(on_line, &notice);
	rc = serve(run);
	fflush(NULL);
	_exit(rc);
}

/* What was held back for a loop is nobody's here. */
static void let_signals_in(void)
{
	sigset_t set;

	sigemptyset(&set);
	vane__serve_add_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void end_child(pid_t pid)
{
	int status;

	kill(pid, SIGQUIT);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
}

static int ask_child(struct vane__doctor *doctor, struct vane__run *run,
	const struct vane__doctor_url *url, int (*serve)(struct vane__run *run))
{
	int notice[2], rc;
	pid_t pid;

	if (pipe(notice) < 0)
		return CANNOT_SERVE;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(notice[0]);
		serve_in_child(run, serve, notice[1]);
	}
	close(notice[1]);
	let_signals_in();
	rc = pid > 0 ? vane__doctor_probe(doctor, url, notice[0]) : CANNOT_SERVE;
	if (pid > 0)
		end_child(pid);
	close(notice[0]);
	return rc;
}

int vane__doctor_run(struct vane__doctor *doctor, struct vane__run *run,
	int (*serve)(struct vane__run *run))
{
	struct vane__doctor_url url;
	const char *why;

	if (vane__doctor_url_parse(&url, run->settings.doctor, &why) < 0)
		return CANNOT_SERVE;
	return serve != NULL ? ask_child(doctor, run, &url, serve)
			     : vane__doctor_probe(doctor, &url, -1);
}

int vane__doctor_status(const struct vane__doctor *doctor)
{
	return vane__doctor_wrong(&doctor->report, doctor->front, doctor->program.mode) > 0;
}
