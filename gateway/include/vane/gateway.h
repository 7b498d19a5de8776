/* SPDX-License-Identifier: MIT */
/*
 * vane/gateway.h - handlers that let foreign programs answer: CGI scripts, FastCGI and SCGI
 * applications; alone, or among the files of a site.
 *
 *	struct vane_fastcgi_backend_opts php_opts = VANE_DEFAULTS;
 *	struct vane_site_opts site_opts = VANE_DEFAULTS;
 *	struct vane_backend *backends[] = { NULL, NULL };
 *	struct vane_site *site;
 *
 *	php_opts.upstream = "unix:/run/php/php-fpm.sock";
 *	php_opts.scripts.root = "/var/www";
 *	php_opts.scripts.index = "index.php";
 *	php_opts.scripts.suffixes = ".php";
 *	rc = vane_fastcgi_backend_new(&backends[0], &php_opts);
 *	...
 *	site_opts.root = "/var/www";
 *	site_opts.backends = backends;
 *	rc = vane_site_new(&site, &site_opts);
 *	...
 *	const struct vane_route routes[] = { VANE_ROUTE("/{path:.*}", &vane_site_handler, site), VANE_END };
 *
 * A route's argument "path" is where scripts are looked for; what stands before it in the
 * request's path becomes the beginning of SCRIPT_NAME.  Without such an argument it is the
 * whole path; but a route that is one path, "/RPC2", is the program's own, where it has no root:
 * SCRIPT_NAME says it, and PATH_INFO is empty.  Where a mode has an event loop the
 * handlers never wait; elsewhere they do, as a handler there has to, and do everything else the
 * same.
 *
 * A backend belongs to the process that uses it first: make it before or after
 * vane_fork_processes(), each worker then counts its own children and connections.
 */
#ifndef VANE_GATEWAY_H
#define VANE_GATEWAY_H

#include <vane/handler.h>
#include <vane/docroot.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the scripts are, and which files are scripts.  Either a root, or a script, or
 * neither: then the application answers every path itself, with PATH_INFO.
 *
 * Below a root a script must exist as a regular file before anybody is asked to run it. The
 * first regular file along the path is it, the rest is PATH_INFO; so /upload/x.jpg/y.php is
 * never x.jpg in the hands of whoever runs .php.
 */
struct vane_scripts {
	const char *root;     /* directory */
	const char *script;   /* one file that answers everything below the route */
	const char *index;    /* what a directory stands for, "index.php"; NULL: nothing */
	const char *suffixes; /* of scripts, ".php .php5"; NULL: every file is one */
	struct vane_docroot_opts docroot; /* symbolic links and names with a dot */
};

/* What a foreign program may take.  Zero means the default, VANE_NO_LIMIT no limit. */
struct vane_backend_limits {
	int64_t head_msec;        /* until its response begins, then 504: 60 s */
	int64_t idle_msec;        /* without a byte of a response that has begun: 60 s */
	int64_t total_msec;       /* in all: no limit */
	int64_t max_head_bytes;   /* 64 KiB, then 502 */
	int64_t max_output_bytes; /* then the connection is cut: no limit */
	/* of standard error a request, the rest is dropped: 64 KiB */
	int64_t max_error_bytes;
	int64_t max_active; /* at a time in a process: 64; further ones queue */
	int64_t max_queue;  /* then 503 with Retry-After: 256 */
	int64_t queue_msec; /* in the queue, then 503: 10 s */
	/*
	 * of a response that its client has not taken, kept in a temporary file so that the
	 * program is free: 64 MiB, then the program waits
	 */
	int64_t max_spool_bytes;
	/* of all of a backend's, in a process: 1 GiB; each may keep 1 MiB in any case */
	int64_t max_spool_total;
};

/* Settings of a CGI backend; limits and times as vane/types.h has them.  Strings are copied. */
struct vane_cgi_backend_opts {
	struct vane_scripts scripts; /* a root or a script there must be */
	/*
	 * runs the scripts: it finds their path in SCRIPT_FILENAME, as php-cgi does, and as
	 * its argument, as perl does; NULL: they are executable themselves
	 */
	const char *interpreter;
	/* "NAME=value" up to a NULL: added, or in the place of ours; NULL: none */
	const char *const *env;
	struct vane_backend_limits limits;
	int64_t cpu_sec;      /* of a child, RLIMIT_CPU: none of ours */
	int64_t memory_bytes; /* of a child, RLIMIT_AS: none of ours */
	int64_t kill_msec;    /* from TERM to KILL: 5 s; no limit: KILL never comes */
	/*
	 * start a script before its body is here, and hand that on as it comes; otherwise
	 * it is collected first, so that a slow client occupies none
	 */
	bool stream;
	/*
	 * pass the words of a query without "=" as arguments (RFC 3875, 4.4): makes holes
	 * in programs that read options
	 */
	bool isindex;
	const char *sendfile_root; /* see struct vane_fastcgi_backend_opts */
	const char *user, *group;  /* as in struct vane_spawn_opts */
};

/* What answers for a kind of scripts, or for an application. */
struct vane_backend;

/*
 * Make a CGI backend (RFC 3875).  Returns 0; -EINVAL for settings that contradict themselves, or
 * a limit below 0, with a line in the log; -errno if the root cannot be opened; -ENOMEM.
 */
VANE_API int vane_cgi_backend_new(
	struct vane_backend **backend, const struct vane_cgi_backend_opts *opts);

/*
 * A FastCGI or SCGI program that is started, and kept running with a listening socket of
 * ours on its descriptor 0 (FastCGI 1.0, 2.2).  Each instance answers one request at a
 * time, and belongs to the process that started it.
 */
struct vane_spawn_opts {
	const char *const
		*argv; /* up to a NULL; a name without a slash is looked for in PATH */
	const char *const *env; /* "NAME=value" up to a NULL, beside PATH and TZ, and
			 PHP_FCGI_MAX_REQUESTS=0; NULL: none */
	const char *directory;  /* to run in; NULL: ours */
	int64_t min_instances;  /* always there, in all processes together: none */
	int64_t max_instances;  /* 4; divided among the processes, each of which has one */
	int64_t idle_msec;      /* then those above min_instances end: 60 s */
	int64_t max_requests;   /* of an instance, then it is replaced: no limit */
	int64_t kill_msec;      /* from TERM to KILL: 5 s; no limit: KILL never comes */
	/*
	 * whom to run it as, with all groups of that user; NULL: as this process, and the user's
	 * own group.  It takes root when the backend is made, else -EPERM, and when the program is started and
	 * ended root or the capabilities for that (vane_program.becomes_users).  A name for root's
	 * number that is not "root" is -EINVAL; a name that nobody has, -ENOENT
	 */
	const char *user, *group;
};

/* Settings of a FastCGI or an SCGI backend; limits and times likewise.  Strings are copied. */
struct vane_fastcgi_backend_opts {
	/*
	 * "unix:/run/app.sock", "127.0.0.1:9000", "[::1]:9000"; several, with commas or
	 * blanks between them: requests go to the one with the fewest, and around those
	 * that are down
	 */
	const char *upstream;
	const struct vane_spawn_opts *spawn; /* or a program to start; copied */
	struct vane_scripts scripts;         /* zero: the application answers every path */
	const char *const
		*params; /* "NAME=value" up to a NULL: added, or in the place of ours */
	struct vane_backend_limits limits;
	int64_t connect_msec; /* 5 s */
	int64_t max_fails; /* failed connects, then a peer rests: 1; no limit: it never does */
	int64_t fail_msec; /* for that long: 10 s; no limit: for good */
	/*
	 * hand bodies on as they come; otherwise they are collected first, so that a slow
	 * client occupies no process of the application
	 */
	bool stream;
	/*
	 * idle connections to keep to each peer, in a process: 0, as a kept one occupies a
	 * process of most applications, and requests that cannot be repeated take a new one;
	 * no limit: all are kept
	 */
	int64_t max_idle;
	int64_t keep_msec; /* close those idle for longer: 10 s */
	/*
	 * ask the application whether it takes several requests on one connection, and do
	 * that if so
	 */
	bool multiplex;
	/*
	 * honour X-Accel-Redirect and X-Sendfile for files below that directory, from which
	 * their path goes; X-Sendfile may say the whole path too; NULL: the fields are
	 * dropped
	 */
	const char *sendfile_root;
};

/*
 * Make a FastCGI backend (FastCGI 1.0, 6.2: responders).  Returns as vane_cgi_backend_new() does.
 */
VANE_API int vane_fastcgi_backend_new(
	struct vane_backend **backend, const struct vane_fastcgi_backend_opts *opts);

/* Make an SCGI backend; max_idle and multiplex have no meaning there. */
VANE_API int vane_scgi_backend_new(
	struct vane_backend **backend, const struct vane_fastcgi_backend_opts *opts);

/*
 * Free a backend, its connections and its programs, and end what it runs.  NULL is fine.  Not while
 * requests are answered, and before the loop that they were answered in is freed.
 */
VANE_API void vane_backend_free(struct vane_backend *backend);

/*
 * Say which loop a process serves with, before its first request: any backend may be told.
 *
 * The programs that min_instances asks for start, so that the first requests find them; without
 * it they start when they are needed.  Where requests have no loop (vane_request_loop(): FastCGI,
 * SCGI), CGI scripts that go on after their response are seen to between requests; without it
 * they are at the next one.  Returns 0 or a negative errno.
 */
VANE_API int vane_backend_start(struct vane_backend *backend, struct vane_loop *loop);

/*
 * Replace the running instances of a backend's program, as after an update of the program: new ones
 * are started, and the old ones leave when they have answered what they are at.  In the
 * process, and on the thread, of the loop that they run in; does nothing for a backend without
 * a program.
 */
VANE_API void vane_backend_reload(struct vane_backend *backend);

/* Answers with a backend's scripts or application; the route's data is a struct vane_backend. */
VANE_API extern const struct vane_handler vane_backend_handler;

/* Settings of a site; only root is needed.  Strings are copied. */
struct vane_site_opts {
	const char *root;  /* directory of files and scripts */
	const char *index; /* what a directory stands for among the files; NULL: nothing */
	struct vane_docroot_opts docroot; /* symbolic links and names with a dot */
	/*
	 * up to a NULL, asked in this order whether a path means one of their scripts; NULL: all
	 * are files.  The list is copied, the backends are borrowed until the last request
	 */
	struct vane_backend *const *backends;
	/*
	 * what is asked in place of a path where there is nothing: a script or a file below
	 * root, "/index.php"; NULL: 404
	 */
	const char *fallback;
};

struct vane_site;

/*
 * Make a site: a directory of files, and of scripts that backends answer.
 *
 * A path means a script of the first backend that has one there, else a file, which is answered
 * as vane_static_serve() does.  What is called a script, by a suffix of any backend, is never
 * sent as a file.  A path of a directory with an index is redirected to itself with a slash at its
 * end.  The fallback answers for what is not there, under any method; not for what is there and
 * may not be had, which is 403.
 *
 * Scripts below the root are scripts of backends with the same root, which have suffixes; a backend
 * without a root answers every path, and comes last.  May be made before the fork and used by all
 * workers.  Returns 0; -EINVAL without a root, for an index that is no name or a fallback that
 * does not begin with a slash; what vane_docroot_open() fails with; -ENOMEM.
 */
VANE_API int vane_site_new(struct vane_site **site, const struct vane_site_opts *opts);

/* Free a site.  NULL is fine.  The routes that lead to it must not be asked any more. */
VANE_API void vane_site_free(struct vane_site *site);

/* Answers from a site; the route's data is a struct vane_site. */
VANE_API extern const struct vane_handler vane_site_handler;

#ifdef __cplusplus
}
#endif

#endif
