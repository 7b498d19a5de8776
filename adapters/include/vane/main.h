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
 * Reads the command line (see --help; vane_define() adds to it), finds out how the program
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

#ifdef __cplusplus
}
#endif

#endif
