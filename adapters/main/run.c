/* SPDX-License-Identifier: MIT */
/*
 * run.c - vane_main(): from a command line to a program that serves.
 */
#include "run.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <vane/cgi.h>
#include <vane/loop.h>
#include <vane/options.h>
#include <vane/process.h>

#include "autoreload.h"
#include "listen.h"
#include "log_line.h"
#include "master.h"
#include "notify.h"
#include "print_config.h"
#include "renewal.h"
#include "sandbox.h"
#include "serve.h"
#include "scoreboard.h"
#include "serve_opts.h"

enum { CANNOT_SERVE = 1, WRONG_WORDS = 2 };

#define SUPERVISOR_STOP_MSEC 10000 /* stopwaitsecs, where it is not set */

extern char **environ;

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Words that a CGI client put into its query are not ours to obey. */
static int parse_words(struct vane__run *run, int argc, char **argv)
{
	int rest = argc;

	if (run->facts.gateway_interface != NULL && run->facts.request_method != NULL &&
		!run->facts.stdin_listening)
		argc -= vane__mode_query_words(argc, argv, getenv("QUERY_STRING"));
	if (vane_options_parse(argc, argv, &rest) < 0)
		return WRONG_WORDS;
	if (rest < argc) {
		fprintf(stderr, "%s: unexpected word '%s', see --help\n", run->name,
			argv[rest]);
		return WRONG_WORDS;
	}
	return 0;
}

/* What no single option can know: whether they go together. */
static int check_together(struct vane__run *run)
{
	const struct vane__settings *s = &run->settings;

	if (s->listen_count > 0 &&
		(vane_option_given("port") || vane_option_given("address")))
		vane_log(VANE_LOG_WARNING,
			"--listen is given: --port and --address are ignored");
	else if (vane__mode_believes(run->choice.mode) && s->listen_count == 0 &&
		 s->address != NULL && !vane__listen_is_loopback(s->address)) {
		fprintf(stderr,
			"%s: --address: '%s' is more than this machine, and %s believes "
			"whoever connects: say --listen=%s:%lld if that is meant\n",
			run->name, s->address, vane__mode_title(run->choice.mode),
			s->address, (long long) s->port);
		return WRONG_WORDS;
	}
	return 0;
}

/*
 * Who is in front owns the processes of the other modes, and a debugger wants one.  What --debug
 * alone sets is let go of in those modes, but for several processes, which it is no help to either.
 */
static int check_autoreload(struct vane__run *run)
{
	struct vane__settings *s = &run->settings;
	bool given = vane_option_given("autoreload");

	s->autoreload = s->doctor == NULL && vane__settings_autoreload(s);
	if (!s->autoreload)
		return 0;
	if (s->processes != 1) {
		fprintf(stderr,
			"%s: --%s and --processes=%lld do not go together: files are watched "
			"by one process; say --processes=1%s\n",
			run->name, given ? "autoreload" : "debug", (long long) s->processes,
			given ? "" : ", or --autoreload=0");
		return WRONG_WORDS;
	}
	if (run->choice.mode == VANE__MODE_HTTP)
		return 0;
	if (given) {
		fprintf(stderr,
			"%s: --autoreload and --mode=%s do not go together: the processes are "
			"the web server's\n",
			run->name, vane__mode_name(run->choice.mode));
		return WRONG_WORDS;
	}
	s->autoreload = false;
	vane_log(VANE_LOG_INFO, "--debug sets no --autoreload in %s mode",
		vane__mode_name(run->choice.mode));
	return 0;
}

/*
 * What is modified is told to the master, of which a confined worker may be another user; and who
 * writes a program wants to open files.
 */
static int check_confined(struct vane__run *run)
{
	struct vane__settings *s = &run->settings;

	if (s->sandbox == VANE__SANDBOX_OFF || !s->autoreload)
		return 0;
	if (vane_option_given("autoreload")) {
		fprintf(stderr, "%s: --autoreload and --sandbox do not go together\n",
			run->name);
		return WRONG_WORDS;
	}
	s->autoreload = false;
	vane_log(VANE_LOG_INFO, "--debug sets no --autoreload with --sandbox");
	return 0;
}

/*
 * One process looks at what comes, and has no pages of its own.  Whom the front has started is asked, and
 * does not ask.
 */
static void prepare_doctor(struct vane__run *run)
{
	struct vane__settings *s = &run->settings;

	if (s->doctor == NULL)
		return;
	s->processes = 1;
	s->status = s->health = s->ready = NULL;
	if (run->choice.never_fork ||
		(run->choice.mode == VANE__MODE_CGI && run->facts.request_method != NULL))
		s->doctor = "";
}

static int choose_mode(struct vane__run *run)
{
	const char *why = NULL;
	int rc;

	run->facts.mode = run->settings.mode;
	run->facts.listen_given = vane_option_given("listen")    ? "by --listen"
				  : vane_option_given("port")    ? "by --port"
				  : vane_option_given("address") ? "by --address"
								 : NULL;
	if (vane__mode_choose(&run->choice, &run->facts, &why) < 0) {
		vane_log(VANE_LOG_ERROR, "%s", why);
		return CANNOT_SERVE;
	}
	prepare_doctor(run);
	rc = check_together(run);
	if (rc == 0)
		rc = check_autoreload(run);
	if (rc == 0)
		rc = check_confined(run);
	if (rc == 0)
		run->caps = vane__serve_caps(run->choice.mode);
	return rc;
}

static bool makes_unix_socket(const struct vane__run *run)
{
	struct vane__listen listen;
	size_t i;

	if (run->choice.source != VANE__SOURCE_BIND)
		return false;
	for (i = 0; i < vane__listen_count(&run->settings); i++) {
		vane__listen_at(&listen, &run->settings, run->choice.mode, i);
		if (listen.kind == VANE__LISTEN_UNIX)
			return true;
	}
	return false;
}

/*
 * The first process of a container gets all orphans in it, and a master is one that collects
 * them; and who was handed workers is their master.  A loop that the program has made already
 * cannot be carried across a fork.  Who is confined could not start a new program, which has a
 * configuration to read and perhaps a port to bind, and one that is root no more could not start programs
 * as other users: a master does that, which is what it was.
 */
static bool must_be_master(const struct vane__run *run)
{
	if (run->inherit.role == VANE__INHERIT_MASTER || run->program->becomes_users ||
		run->settings.sandbox != VANE__SANDBOX_OFF)
		return true;
	return getpid() == 1 && vane_loop_made_at() == NULL;
}

static void count_processes(struct vane__run *run)
{
	int64_t wanted = run->settings.processes;
	bool child = run->inherit.role == VANE__INHERIT_WORKER;

	run->forks = (wanted != 1 || must_be_master(run)) && !run->choice.never_fork &&
		     run->choice.mode != VANE__MODE_CGI;
	run->processes = !run->forks && !child ? 1
			 : wanted == 0         ? vane_cpu_count()
					       : (int) wanted;
	if (child || vane__renewal_is_rehearsal(run))
		run->forks = false;
}

/* Options that others leave nothing to do, each in the log.  Returns how many there are. */
static int name_idle(const struct vane__run *run, enum vane_log_level level)
{
	const struct vane__settings *s = &run->settings;
	bool http = run->choice.mode == VANE__MODE_HTTP;
	bool cgi = run->choice.mode == VANE__MODE_CGI; /* some are named already */
	bool alone = !run->forks && !cgi;
	bool by_size = strcmp(s->log_rotate, "size") == 0;
	bool by_time = strcmp(s->log_rotate, "time") == 0;
	const struct {
		const char *name;
		bool idle;
		const char *why;
	} rows[] = {
		{ "trusted", http && !s->xheaders && !s->forwarded && s->status == NULL,
			"without --xheaders or --forwarded" },
		{ "access-log-buffer", !cgi && s->access_log_file == NULL,
			"without --access-log-file" },
		{ "log-rotate-mode",
			!cgi && s->log_file == NULL && s->access_log_file == NULL,
			"without --log-file or --access-log-file" },
		{ "log-file-max-size", !cgi && !by_size, "without --log-rotate-mode=size" },
		{ "log-file-num-backups", !cgi && !by_size && !by_time,
			"without --log-rotate-mode" },
		{ "log-rotate-when", !cgi && !by_time, "without --log-rotate-mode=time" },
		{ "log-rotate-interval", !cgi && !by_time,
			"without --log-rotate-mode=time" },
		{ "socket-mode", !cgi && !makes_unix_socket(run),
			"where no unix socket is made" },
		{ "max-restarts", alone, "with one process" },
		{ "restart-window", alone, "with one process" },
		{ "max-worker-requests", alone, "with one process" },
		{ "max-worker-memory", alone, "with one process" },
		{ "doctor-front", s->doctor == NULL, "without --doctor" },
		{ "mount", !http && strcmp(s->path_from, "pathinfo") == 0,
			"with --path-from=pathinfo" },
		{ "mount", http && s->mount != NULL && strcmp(s->mount, "auto") == 0,
			"as auto in http mode, where nobody says SCRIPT_NAME" },
	};
	int found = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].idle || !vane_option_given(rows[i].name))
			continue;
		vane_log(level, "--%s has no meaning %s", rows[i].name, rows[i].why);
		found++;
	}
	return found;
}

/*
 * supervisord kills what has not left after its stopwaitsecs, which nobody tells us.  Who was started
 * anew has been warned.
 */
static void warn_of_kill(const struct vane__run *run)
{
	int64_t msec = run->settings.shutdown_msec;

	if (run->facts.supervisor == NULL || run->inherit.role != VANE__INHERIT_NONE ||
		(msec != VANE_NO_LIMIT && msec < SUPERVISOR_STOP_MSEC))
		return;
	vane_log(VANE_LOG_WARNING,
		"supervisord kills after stopwaitsecs, 10 where it is not set: it has to be "
		"above --shutdown-timeout, or requests are cut");
}

/* Settings that have no meaning here are ignored, or refused with --strict. */
static int check_settings(struct vane__run *run)
{
	enum vane_log_level level =
		run->settings.strict ? VANE_LOG_ERROR : VANE_LOG_WARNING;
	enum vane__mode mode = run->choice.mode;
	const char *name;
	size_t i = 0;
	int found = name_idle(run, level);

	while ((name = vane__mode_next_foreign(mode, &i, vane_option_given)) != NULL) {
		if (strcmp(name, "trusted") == 0 && run->settings.status != NULL &&
			mode != VANE__MODE_CGI)
			continue; /* they may see that */
		vane_log(level, "--%s has no meaning in %s mode", name,
			vane__mode_name(mode));
		found++;
	}
	if (mode != VANE__MODE_HTTP)
		run->settings.xheaders = run->settings.forwarded = false;
	if (mode == VANE__MODE_CGI) /* it is another process each time */
		run->settings.status = run->settings.health = run->settings.ready = NULL;
	warn_of_kill(run);
	if (run->choice.never_fork && run->settings.processes != 1) {
		vane_log(level, "--processes has no meaning under mod_fcgid, which counts "
				"itself");
		found++;
	}
	return run->settings.strict && found > 0 ? EX_CONFIG : 0;
}

/* With --doctor something else is in the place of the program's routes. */
static int make_doctor(struct vane__run *run, struct vane_app_opts *opts)
{
	int rc = vane__doctor_init(&run->doctor, run);

	if (rc == 0)
		rc = vane__pages_init(&run->pages, &run->settings, run->doctor.routes);
	vane__doctor_app(&run->doctor, opts);
	return rc;
}

static int make_app(struct vane__run *run)
{
	struct vane_app_opts opts;
	int rc;

	vane__settings_app(&run->settings, &opts,
		run->choice.mode == VANE__MODE_CGI || run->choice.never_fork);
	opts.access_log_file = run->logs.access;
	opts.error_page = run->program->error_page;
	opts.data = run->program->data;
	if (run->settings.doctor != NULL)
		rc = make_doctor(run, &opts);
	else
		rc = vane__pages_init(&run->pages, &run->settings, run->program->routes);
	if (rc == 0)
		rc = vane_app_new(&run->app, run->pages.routes, &opts);
	if (rc == -ENOMEM)
		vane_log(VANE_LOG_ERROR, "out of memory");
	if (rc < 0)
		return CANNOT_SERVE;
	rc = vane__report_unreachable(run);
	return rc != 0 ? rc : vane__report_unserved(run);
}

static const char *route_of(unsigned index, void *data)
{
	const struct vane__run *run = data;

	return vane_app_route_pattern(run->app, index);
}

/* 0: it is not watched. */
static int64_t watched_msec(int64_t msec)
{
	return msec == VANE_NO_LIMIT ? 0 : msec;
}

/* That of the program before, where it is as ours would be, or a new one. */
static int open_board(struct vane__run *run, const struct vane__board_opts *opts)
{
	int *left = &run->inherit.board;
	int rc = *left >= 0 ? vane__board_adopt(opts, *left) : -ENOENT;

	if (rc == 0) {
		*left = -1; /* the board's now */
		return 0;
	}
	if (*left >= 0)
		vane_log(VANE_LOG_INFO,
			"figures begin anew, those of the program before cannot be taken over: "
			"%s",
			rc == -EPROTO ? "it has other routes, or another version of Vane"
				      : strerror(-rc));
	return vane__board_new(opts);
}

/* Nobody has a use for what was handed over, or it is refused. */
static void close_left_board(struct vane__run *run)
{
	if (run->inherit.board >= 0)
		close(run->inherit.board);
	run->inherit.board = -1;
}

/* The scores of the processes, where something reads them. */
static int make_board(struct vane__run *run)
{
	const struct vane__settings *s = &run->settings;
	const struct vane__board_opts opts = {
		.ids = run->processes,
		.routes = (unsigned) vane_app_route_count(run->app),
		.slow_msec = watched_msec(s->slow_msec),
		.slow_stack = s->slow_stack,
		.handler_msec = watched_msec(s->handler_msec),
		.route = route_of,
		.data = run,
	};
	int rc;

	run->pages.app = run->app;
	run->pages.program = run->name;
	run->pages.processes = run->processes;
	if (s->status == NULL && opts.slow_msec == 0 && opts.handler_msec == 0 &&
		(!run->forks || (s->max_requests == VANE_NO_LIMIT &&
					s->max_rss_bytes == VANE_NO_LIMIT)))
		return 0;
	rc = open_board(run, &opts);
	if (run->inherit.role == VANE__INHERIT_WORKER)
		vane__board_close_fd(); /* who is to be the master has it too */
	if (rc == 0 && !run->forks) {
		vane__board_alone();
		rc = vane__watchdog_start();
	}
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot watch processes: %s", strerror(-rc));
	return rc;
}

static void on_ready(void *data)
{
	vane__report_start(data);
}

static int fork_workers(struct vane__run *run)
{
	struct vane_process_opts opts = vane__serve_process_opts(&run->settings);
	struct vane__renewal renewal;
	int rc;

	opts.processes = run->processes;
	opts.ready = on_ready;
	opts.data = run;
	vane__renewal_make(run, &renewal);
	rc = vane__process_fork(&opts, &renewal);
	if (rc < 0)
		vane_log(VANE_LOG_ERROR, "cannot start processes: %s", strerror(-rc));
	return rc < 0 ? rc : 0;
}

/* Whether the web server has started us, as who gives a socket as descriptor 0 may be one. */
static bool may_be_owned(const struct vane__run *run)
{
	return run->choice.source == VANE__SOURCE_STDIN && !run->forks &&
	       run->facts.supervisor == NULL;
}

/* One serving process, forked or not: become who it is to be, and serve. */
static int serve_here(struct vane__run *run)
{
	struct vane__renewal renewal;
	struct vane__service service = {
		.program = run->program,
		.app = run->app,
		.mode = run->choice.mode,
		.owned = may_be_owned(run),
		/* whom a process will be master of was not forked by one, which looks at its score */
		.replaced =
			vane_task_id() >= 0 && run->inherit.role != VANE__INHERIT_WORKER,
		.watched = run->settings.autoreload ? vane__origin_file(&run->origin).file
						    : NULL,
		.socks = &run->socks,
		.pages = &run->pages,
		.look = run->doctor.look,
		.ready = on_ready,
		.ready_data = run,
	};
	int rc = vane__privileges_assume(&run->privileges);

	if (rc == 0)
		rc = vane__confine_enter(&run->confine, run->program->becomes_users);
	if (rc < 0)
		return rc;
	if (vane__renewal_is_rehearsal(run)) {
		rc = vane__serve_rehearse(&service, &run->settings);
		if (rc == 0)
			vane__inherit_report(&run->inherit);
		return rc;
	}
	if (!run->choice.never_fork && vane_task_id() < 0) {
		vane__renewal_make(run, &renewal);
		service.renewal = &renewal;
	}
	return vane__serve(&service, &run->settings);
}

/* The pid file is the master's, and that of a process without one. */
static bool has_pid_file(const struct vane__run *run)
{
	return run->settings.pid_file != NULL &&
	       (run->inherit.role == VANE__INHERIT_NONE ||
		       run->inherit.role == VANE__INHERIT_MASTER);
}

/* The worker of a process that is to be its master. */
static void be_worker(struct vane__run *run)
{
	const struct worker_pipes pipes = { run->inherit.life[0], run->inherit.report };

	run->inherit.life[0] = run->inherit.report = -1;
	vane__renewal_check_handover(run);
	run->socks.pid = (int) run->inherit.from; /* they are that one's */
	vane__process_be_worker(run->processes, &pipes, run->inherit.handover);
	run->inherit.handover[0] = run->inherit.handover[1] = -1;
}

static int serve(struct vane__run *run)
{
	int rc = vane__privileges_find(
		&run->privileges, run->settings.user, run->settings.group);

	run->privileges.becomes_users = run->program->becomes_users;
	vane__notify_begin();
	vane__serve_hold_signals(); /* whoever sees the socket may send one */
	if (rc == 0)
		rc = vane__listen_open(
			&run->socks, &run->settings, &run->choice, &run->inherit);
	if (rc == 0 && has_pid_file(run))
		rc = vane__privileges_pid_file(run->settings.pid_file);
	if (rc < 0)
		return CANNOT_SERVE;
	vane__privileges_warn(&run->privileges);
	vane__report_sockets(run);
	if (run->inherit.role == VANE__INHERIT_WORKER)
		be_worker(run);
	rc = make_board(run);
	close_left_board(run);
	if (rc == 0 && vane__doctor_asks(&run->settings))
		return vane__doctor_run(&run->doctor, run, serve_here);
	if (rc == 0 && run->forks)
		rc = fork_workers(run);
	if (rc == 0)
		rc = serve_here(run);
	if (rc == 0 && run->settings.doctor != NULL)
		rc = vane__doctor_status(&run->doctor);
	return rc < 0 ? CANNOT_SERVE : rc;
}

static int answer_one(struct vane__run *run)
{
	int rc = vane_cgi_serve(run->app, environ, STDIN_FILENO, STDOUT_FILENO);

	if (rc < 0)
		vane_log(VANE_LOG_WARNING, "the response did not reach the web server: %s",
			strerror(-rc));
	return rc < 0 ? CANNOT_SERVE : 0;
}

/* A CGI program has no loop, but things to set up as others do. */
static int serve_cgi(struct vane__run *run)
{
	int rc = vane__confine_enter(&run->confine, run->program->becomes_users);

	if (rc == 0)
		rc = vane__serve_begin(run->program, NULL);
	if (rc < 0)
		return CANNOT_SERVE;
	rc = answer_one(run);
	vane__serve_end(run->program);
	return rc;
}

/* What can be known of a start without one. */
static int check_start(struct vane__run *run)
{
	const struct vane__settings *s = &run->settings;

	if (run->choice.mode != VANE__MODE_CGI &&
		(vane__privileges_find(&run->privileges, s->user, s->group) < 0 ||
			vane__listen_check(s, &run->choice) < 0))
		return CANNOT_SERVE;
	vane__report_check(run);
	return 0;
}

static int go(struct vane__run *run)
{
	int rc = choose_mode(run);

	if (rc != 0)
		return rc;
	count_processes(run);
	vane__report_zeros(run);
	rc = check_settings(run);
	if (rc == 0 && !run->settings.check &&
		vane__logs_open(&run->logs, run->name, &run->settings, run->choice.mode) <
			0)
		rc = CANNOT_SERVE;
	if (rc == 0)
		rc = make_app(run);
	if (rc == 0 && vane__confine_plan(&run->confine, &run->settings,
			       vane__origin_file(&run->origin).file) < 0)
		rc = CANNOT_SERVE;
	if (rc != 0)
		return rc;
	run->pages.sandbox = vane__confine_words(&run->confine);
	if (run->settings.check)
		return check_start(run);
	signal(SIGPIPE, SIG_IGN);
	vane_process_catch_crashes();
	if (watched_msec(run->settings.handler_msec) > 0 ||
		vane__settings_traceback(&run->settings))
		vane_process_trace_crashes();
	if (vane__privileges_nofile(run->settings.nofile) < 0)
		return CANNOT_SERVE;
	if (run->choice.mode != VANE__MODE_CGI)
		return serve(run);
	if (vane__doctor_asks(&run->settings))
		return vane__doctor_run(&run->doctor, run, NULL);
	return run->inherit.role == VANE__INHERIT_NONE ? serve_cgi(run) : CANNOT_SERVE;
}

/* The program's own part, once the words are known. */
static int configure(struct vane__run *run)
{
	struct vane_program *program = run->program;
	int rc = program->configure != NULL ? program->configure(program) : 0;

	assert(rc != 0 || program->routes != NULL); /* given, or set just now */
	return rc;
}

/* What is only asked for, and leaves. */
static int run_words(struct vane__run *run)
{
	const struct vane__settings *settings = &run->settings;
	int rc;

	if (settings->help) {
		vane__settings_help(run->name, run->program->summary);
		return 0;
	}
	if (settings->version) {
		printf("%s (vane %s)\n", run->name, vane_version());
		return 0;
	}
	vane__settings_log(settings);
	rc = configure(run);
	if (rc != 0)
		return rc;
	if (settings->print_config != NULL)
		return vane__print_config(
			       stdout, settings, run->name, run->program->routes) < 0
			       ? CANNOT_SERVE
			       : 0;
	return go(run);
}

static int set_default(const char *text)
{
	const char *equals = strchr(text, '=');
	char name[64];
	int len;

	if (equals == NULL) {
		vane_log(VANE_LOG_ERROR, "default %s: name=value is wanted", text);
		return -EINVAL;
	}
	len = snprintf(name, sizeof(name), "%.*s", (int) (equals - text), text);
	if (len < 0 || (size_t) len >= sizeof(name))
		return -EINVAL;
	return vane_option_set_default(name, equals + 1);
}

/* The options of Vane and of the program, their defaults, then the environment, then the words. */
static int read_options(struct vane__run *run, int argc, char **argv)
{
	const struct vane_program *program = run->program;
	const char *const *text = program->defaults;
	int rc = vane__settings_define(&run->settings);

	if (rc == 0 && program->options != NULL)
		rc = vane_options_define(program->options);
	for (; text != NULL && *text != NULL && rc == 0; text++)
		rc = set_default(*text);
	if (rc == 0)
		rc = vane_options_parse_env("VANE");
	if (rc == 0 && program->env_prefix != NULL)
		rc = vane_options_parse_env(program->env_prefix);
	return rc < 0 ? WRONG_WORDS : parse_words(run, argc, argv);
}

int vane_program_main(int argc, char **argv, struct vane_program *program)
{
	struct vane__run run = { .name = argc > 0 ? base_name(argv[0]) : "vane",
		.program = program };
	int rc;

	if (vane__privileges_descriptors() < 0)
		return CANNOT_SERVE; /* and nowhere to say so */
	vane__log_find_journal();
	rc = vane__renewal_begin(&run, argc, argv) < 0 ? CANNOT_SERVE : 0;
	vane__facts_gather(&run.facts);
	vane__renewal_facts(&run);
	if (rc == 0)
		rc = read_options(&run, argc, argv);
	if (rc == 0)
		rc = run_words(&run);
	vane_sockets_fini(&run.socks);
	vane__watchdog_stop();
	vane__board_free();
	vane_app_free(run.app);
	vane__pages_fini(&run.pages);
	vane__doctor_fini(&run.doctor);
	vane__logs_close(&run.logs);
	vane__renewal_fini(&run);
	vane__settings_fini(&run.settings);
	vane__sandbox_fini();
	vane__autoreload_fini();
	vane_options_reset();
	return rc;
}

int vane_main(int argc, char **argv, const struct vane_route *routes)
{
	struct vane_program program = { .routes = routes };

	return vane_program_main(argc, argv, &program);
}
