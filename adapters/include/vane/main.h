/* SPDX-License-Identifier: MIT */
/*
 * vane/main.h - a whole program: options, mode, processes, and the application in them.
 */
#ifndef VANE_MAIN_H
#define VANE_MAIN_H

#include <vane/handler.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Serve routes until told to stop: the whole of most programs.
 *
 * Reads the command line (see --help; vane_options_define() adds to it), finds out how the program
 * was started (by hand, under a process manager, as FastCGI or CGI program), forks workers
 * where that is called for, and serves.  Returns the exit status: 0 after a clean stop, 1 if
 * it could not serve, 2 for a wrong command line, 78 (EX_CONFIG) with --strict if a route or
 * a setting has no place in this mode.
 *
 * Without --mount the routes live at the root; as a CGI program and under Apache's mod_fcgid,
 * where options are hard to give, below SCRIPT_NAME.  Words of the command line that a CGI
 * client put into its query are left alone.  All options are forgotten on return.
 */
VANE_API int vane_main(int argc, char **argv, const struct vane_route *routes);

struct vane_loop;
struct vane_option; /* vane/options.h */

/* A program that has something to set up around its routes.  Functions may be NULL. */
struct vane_program {
	const struct vane_route *routes VANE_ZERO; /* or set by configure() */
	const char *summary VANE_ZERO;             /* one line for --help; NULL: none */
	/* options of its own, up to VANE_OPTION_END; NULL: none but what was defined before */
	const struct vane_option *options VANE_ZERO;
	/*
	 * other defaults of Vane's options, "port=9000", up to a NULL; NULL: none.  --help shows
	 * them, and the user overrides them
	 */
	const char *const *defaults VANE_ZERO;
	/*
	 * options may be given by variables of the environment with this prefix too, as by those
	 * with VANE: "SHOP" for SHOP_PORT.  NULL: by VANE's only
	 */
	const char *env_prefix VANE_ZERO;

	/*
	 * The options are read and nothing is opened yet; --check and --print-config come here
	 * too.  Returns 0, or the exit status to leave with.
	 */
	int (*configure)(struct vane_program *program) VANE_ZERO;

	/*
	 * In each process that serves, before its first request: a worker has been forked, and
	 * is the user that it is to be.  Signals that end a process are held until it serves,
	 * so whoever starts children here lets them in there.  loop is NULL in a CGI program.
	 * Returns 0, or a negative errno: the process leaves with 1.
	 */
	int (*start)(struct vane_program *program, struct vane_loop *loop) VANE_ZERO;

	/*
	 * The same process has answered its last request, and what it had not answered is cut.
	 * The loop is still there, but is not run any more.
	 */
	void (*stop)(struct vane_program *program) VANE_ZERO;

	/* error pages of the program's own, given its data; NULL: those of Vane's */
	vane_error_page_fn error_page VANE_ZERO;
	/*
	 * it starts programs as other users (vane/gateway.h): where --user, or --sandbox, takes the rights of root
	 * it keeps those to become another user and to end such a program, CAP_SETUID, CAP_SETGID and
	 * CAP_KILL of Linux.  configure() may set it
	 */
	bool becomes_users VANE_ZERO;
	void *data VANE_ZERO; /* the program's own; handlers have it by vane_app_data() */
};

/*
 * Do as vane_main(), which is this with routes alone, and call the program's functions when
 * it is time for each.  program is borrowed until the return.
 */
VANE_API int vane_program_main(int argc, char **argv, struct vane_program *program);

/*
 * Have --autoreload start the program anew when this file is modified as well: a template, say.
 *
 * The program's file, the shared libraries that it has mapped (those below /usr are left out, and
 * those below /usr/local are not) and files of --config are watched anyway.  Does nothing without
 * --autoreload, and may be called at any time, before vane_main() too: best before the file is read,
 * as what it is then is compared with what it is later.  path is copied; a relative one is of the
 * folder of this moment.  The file may be missing, and come later; that is a modification.  Of a
 * folder it is the names in it that are watched.
 *
 * Returns 0, -EINVAL for NULL or an empty path, -ENOMEM, or what getcwd() failed with.  All paths are
 * forgotten when vane_main() returns.  Since 0.2.0.
 */
VANE_API int vane_autoreload_watch(const char *path);

#ifdef __cplusplus
}
#endif

#endif
