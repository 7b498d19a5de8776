/* SPDX-License-Identifier: MIT */
/*
 * run.c - vane_main(): from a command line to a program that serves.
 */
#include <vane/main.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <vane/app.h>
#include <vane/cgi.h>
#include <vane/handover.h>
#include <vane/log.h>
#include <vane/options.h>
#include <vane/process.h>

#include "identity.h"
#include "listen.h"
#include "mode.h"
#include "print_config.h"
#include "serve.h"
#include "settings.h"

enum { CANNOT_SERVE = 1, WRONG_WORDS = 2 };

extern char **environ;

/* A program about to serve. */
struct run {
	const char *program;
	const struct vane_route *routes;
	struct vane__settings settings;
	struct vane__facts facts;
	struct vane__choice choice;
	struct vane__identity identity;
	bool forks;
	int processes;
	unsigned caps;
	struct vane_app *app;
	struct vane_sockets socks;
	struct vane_handover *handover;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Words that a CGI client put into its query are not ours to obey. */
static int parse_words(struct run *run, int argc, char **argv)
{
	int rest = argc;

	if (run->facts.gateway_interface != NULL && run->facts.request_method != NULL &&
		!run->facts.stdin_listening)
		argc -= vane__mode_query_words(argc, argv, getenv("QUERY_STRING"));
	if (vane_options_parse(argc, argv, &rest) < 0)
		return WRONG_WORDS;
	if (rest < argc) {
		fprintf(stderr, "%s: unexpected word '%s', see --help\n", run->program,
			argv[rest]);
		return WRONG_WORDS;
	}
	return 0;
}

/* What no single option can know: whether they go together. */
static int check_together(struct run *run)
{
	const struct vane__settings *s = &run->settings;

	if (s->listen_count > 0 &&
		(vane_option_given("port") || vane_option_given("address")))
		vane_log(VANE_LOG_WARNING,
			"--listen is given: --port and --address are ignored");
	else if (run->choice.mode == VANE__MODE_FASTCGI && s->listen_count == 0 &&
		 s->address != NULL && !vane__listen_is_loopback(s->address)) {
		fprintf(stderr,
			"%s: --address: '%s' is more than this machine, and FastCGI "
			"believes whoever connects: say --listen=%s:%lld if that is meant\n",
			run->program, s->address, s->address, (long long) s->port);
		return WRONG_WORDS;
	}
	return 0;
}

static int choose_mode(struct run *run)
{
	const char *why = NULL;
	int rc;

	run->facts.mode = run->settings.mode;
	run->facts.listen_given = vane_option_given("listen") ||
				  vane_option_given("port") || vane_option_given("address");
	if (vane__mode_choose(&run->choice, &run->facts, &why) < 0) {
		vane_log(VANE_LOG_ERROR, "%s", why);
		return CANNOT_SERVE;
	}
	if (run->choice.warning != NULL)
		vane_log(VANE_LOG_WARNING, "%s", run->choice.warning);
	rc = check_together(run);
	if (rc != 0)
		return rc;
	if (vane__serve_caps(run->choice.mode, &run->caps) < 0) {
		vane_log(VANE_LOG_ERROR, "this program was built without FastCGI");
		return CANNOT_SERVE;
	}
	return 0;
}

/* A CGI program starts with each request: the web server's log is not for warnings then. */
static enum vane_log_level warning_level(const struct run *run)
{
	return run->choice.mode == VANE__MODE_CGI ? VANE_LOG_DEBUG : VANE_LOG_WARNING;
}

/* Settings that have no meaning in this mode are ignored, or refused with --strict. */
static int check_settings(struct run *run)
{
	enum vane__mode mode = run->choice.mode;
	const char *name;
	size_t i = 0;
	int found = 0;

	while ((name = vane__mode_next_foreign(mode, &i, vane_option_given)) != NULL) {
		vane_log(run->settings.strict ? VANE_LOG_ERROR : warning_level(run),
			"--%s has no meaning in %s mode", name, vane__mode_name(mode));
		found++;
	}
	if (mode != VANE__MODE_HTTP)
		run->settings.xheaders = false;
	if (run->choice.never_fork && run->settings.processes != 1) {
		vane_log(run->settings.strict ? VANE_LOG_ERROR : VANE_LOG_WARNING,
			"--processes has no meaning under mod_fcgid, which counts itself");
		found++;
	}
	return run->settings.strict && found > 0 ? EX_CONFIG : 0;
}

static void count_processes(struct run *run)
{
	int64_t wanted = run->settings.processes;

	run->forks = wanted != 1 && !run->choice.never_fork &&
		     run->choice.mode != VANE__MODE_CGI;
	run->processes = !run->forks ? 1 : wanted == 0 ? vane_cpu_count() : (int) wanted;
}

/* Routes that cannot run, "/ws (async), /poll (timers)". */
struct unserved {
	char text[1024];
	size_t len;
};

static void append(struct unserved *list, const char *before, const char *word)
{
	int n = snprintf(list->text + list->len, sizeof(list->text) - list->len, "%s%s",
		before, word);

	list->len += (size_t) n;
	if (list->len >= sizeof(list->text))
		list->len = sizeof(list->text) - 1;
}

static void list_unserved(const char *pattern, unsigned lacking, void *data)
{
	struct unserved *list = data;
	const char *before = " (";
	unsigned bit;

	append(list, list->len > 0 ? ", " : "", pattern);
	for (bit = 1; bit != 0; bit <<= 1) {
		if ((lacking & bit) == 0)
			continue;
		append(list, before, vane_cap_name(bit));
		before = ", ";
	}
	append(list, ")", "");
}

static int report_unserved(const struct run *run)
{
	struct unserved list = { .len = 0 };
	size_t count = vane_app_unserved(run->app, run->caps, list_unserved, &list);

	if (count == 0)
		return 0;
	vane_log(run->settings.strict ? VANE_LOG_ERROR : warning_level(run),
		"vane: mode %s: %zu of %zu routes cannot run here: %s",
		vane__mode_name(run->choice.mode), count, vane_app_route_count(run->app),
		list.text);
	return run->settings.strict ? EX_CONFIG : 0;
}

static int make_app(struct run *run)
{
	struct vane_app_opts opts;
	int rc;

	vane__settings_app(&run->settings, &opts,
		run->choice.mode == VANE__MODE_CGI || run->choice.never_fork);
	rc = vane_app_new(&run->app, run->routes, &opts);
	if (rc == -ENOMEM)
		vane_log(VANE_LOG_ERROR, "out of memory");
	return rc < 0 ? CANNOT_SERVE : report_unserved(run);
}

/* Sockets as text, each behind a blank. */
static void name_sockets(const struct run *run, char *buf, size_t size)
{
	const char *scheme, *end;
	char name[160];
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < run->socks.count && len < size; i++) {
		if (vane_socket_name(run->socks.fds[i], name, sizeof(name)) < 0)
			snprintf(name, sizeof(name), "descriptor %d", run->socks.fds[i]);
		scheme = run->choice.mode == VANE__MODE_HTTP &&
					 strncmp(name, "unix:", 5) != 0
				 ? "http://"
				 : "";
		end = scheme[0] != '\0' ? "/" : "";
		len += (size_t) snprintf(
			buf + len, size - len, " %s%s%s", scheme, name, end);
	}
}

static void announce(const struct run *run)
{
	char names[1024];

	name_sockets(run, names, sizeof(names));
	vane_log(VANE_LOG_INFO, "%s: mode %s (%s), listening on%s, %d process%s, vane %s",
		run->program, vane__mode_name(run->choice.mode), run->choice.why, names,
		run->processes, run->processes == 1 ? "" : "es", vane_version());
}

/* --check: what would be done, as far as that can be said without doing it. */
static void tell(const struct run *run)
{
	const struct vane__choice *choice = &run->choice;
	char text[300];
	size_t i;

	printf("%s: mode %s (%s), %d process%s, %zu routes\n", run->program,
		vane__mode_name(choice->mode), choice->why, run->processes,
		run->processes == 1 ? "" : "es", vane_app_route_count(run->app));
	if (choice->source == VANE__SOURCE_STDIN)
		printf("would listen on descriptor 0\n");
	if (choice->source == VANE__SOURCE_SYSTEMD)
		printf("would listen on %d descriptors from systemd\n", choice->fds);
	for (i = 0; choice->source == VANE__SOURCE_BIND &&
		    i < vane__listen_count(&run->settings);
		i++) {
		struct vane__listen listen;

		vane__listen_at(&listen, &run->settings, choice->mode, i);
		vane__listen_text(&listen, text, sizeof(text));
		printf("would listen on %s\n", text);
	}
}

static int fork_workers(struct run *run)
{
	struct vane_process_opts opts = {
		.processes = run->processes,
		.max_restarts = (int) run->settings.max_restarts,
		.drain_msec = run->settings.shutdown_msec,
	};
	int rc;

	if (opts.max_restarts == 0)
		opts.max_restarts = -1;
	if (opts.drain_msec == 0)
		opts.drain_msec = 1;
	rc = vane_handover_new(&run->handover);
	if (rc == 0)
		rc = vane_fork_processes(&opts);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot start processes: %s", strerror(-rc));
	return rc < 0 ? rc : 0;
}

static int serve(struct run *run)
{
	int rc = vane__identity_find(
		&run->identity, run->settings.user, run->settings.group);

	vane__serve_hold_signals(); /* whoever reads the start line may send one */
	if (rc == 0)
		rc = vane__listen_open(&run->socks, &run->settings, &run->choice);
	if (rc == 0 && run->settings.pid_file != NULL)
		rc = vane__identity_pid_file(run->settings.pid_file);
	if (rc < 0)
		return CANNOT_SERVE;
	announce(run);
	if (run->forks)
		rc = fork_workers(run);
	if (rc == 0)
		rc = vane__identity_assume(&run->identity);
	if (rc == 0)
		rc = vane__serve(run->app, run->choice.mode, &run->socks, &run->settings,
			run->handover);
	return rc < 0 ? CANNOT_SERVE : 0;
}

static int answer_one(struct run *run)
{
	int rc = vane_cgi_serve(run->app, environ, STDIN_FILENO, STDOUT_FILENO);

	if (rc < 0)
		vane_log(VANE_LOG_WARNING, "the response did not reach the web server: %s",
			strerror(-rc));
	return rc < 0 ? CANNOT_SERVE : 0;
}

static int go(struct run *run)
{
	int rc = choose_mode(run);

	if (rc == 0)
		rc = check_settings(run);
	if (rc == 0)
		rc = make_app(run);
	if (rc != 0)
		return rc;
	count_processes(run);
	if (run->settings.check) {
		tell(run);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	if (vane__identity_nofile(run->settings.nofile) < 0)
		return CANNOT_SERVE;
	return run->choice.mode == VANE__MODE_CGI ? answer_one(run) : serve(run);
}

/* What is only asked for, and leaves. */
static int run_words(struct run *run)
{
	const struct vane__settings *settings = &run->settings;

	if (settings->help) {
		vane__settings_help(run->program);
		return 0;
	}
	if (settings->version) {
		printf("%s (vane %s)\n", run->program, vane_version());
		return 0;
	}
	if (settings->print_config != NULL)
		return vane__print_config(stdout, settings, run->program) < 0 ? CANNOT_SERVE
									      : 0;
	vane__settings_log(settings);
	return go(run);
}

int vane_main(int argc, char **argv, const struct vane_route *routes)
{
	struct run run = { .program = argc > 0 ? base_name(argv[0]) : "vane",
		.routes = routes };
	int rc;

	vane__facts_gather(&run.facts);
	rc = vane__settings_define(&run.settings) < 0 ? WRONG_WORDS : 0;
	if (rc == 0)
		rc = parse_words(&run, argc, argv);
	if (rc == 0)
		rc = run_words(&run);
	vane_sockets_fini(&run.socks);
	vane_handover_free(run.handover);
	vane_app_free(run.app);
	vane__settings_fini(&run.settings);
	vane_options_reset();
	return rc;
}
