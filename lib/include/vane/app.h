/* SPDX-License-Identifier: MIT */
/*
 * vane/app.h - an application: routes, and the settings that hold for all of them.
 */
#ifndef VANE_APP_H
#define VANE_APP_H

#include <vane/handler.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_log_file; /* vane/log.h */

/* A line for each request.  What was not sent whole has its bytes, and "cut" at the end. */
enum vane_access_log {
	VANE_ACCESS_LOG_OFF,
	VANE_ACCESS_LOG_COMMON,   /* the Common Log Format of NCSA httpd */
	VANE_ACCESS_LOG_COMBINED, /* the same with Referer and User-Agent */
	VANE_ACCESS_LOG_TORNADO,  /* "200 GET / (127.0.0.1) 0.50ms", at a level by status */
	VANE_ACCESS_LOG_JSON,     /* an object, since 0.2.0 */
	VANE_ACCESS_LOG_FORMAT    /* as .access_log_format says, since 0.2.0 */
};

/* Settings; zero means the default, VANE_NO_LIMIT that there is no limit. */
struct vane_app_opts {
	int64_t max_body_bytes;    /* largest request body: 100 MiB */
	int64_t body_memory_bytes; /* bodies above it go to a temporary file: 256 KiB */
	/*
	 * all bodies that are collected at a time, in memory and in files: 1 GiB; one alone
	 * may be as large as its own limit
	 */
	int64_t max_body_total_bytes;
	int64_t max_form_bytes; /* a form without its files, or JSON: 1 MiB */
	/*
	 * what a request takes beside its body, its handlers' vane_request_alloc()
	 * included: 4 MiB and what a form may have
	 */
	int64_t max_memory_bytes;
	int64_t max_args;  /* arguments in a query or form: 1000 */
	int64_t max_parts; /* parts in a multipart body: 1000 */
	const char *mount; /* path prefix the application lives under, "/app" */
	/*
	 * take it from SCRIPT_NAME, where PATH_INFO is what follows: the front names the
	 * program there
	 */
	bool mount_auto;
	/* the front rewrites: PATH_INFO rules over REQUEST_URI */
	bool path_from_pathinfo;
	/*
	 * believe X-Real-Ip, X-Forwarded-For, X-Scheme and X-Forwarded-Proto of trusted
	 * peers
	 */
	bool xheaders;
	/*
	 * believe Forwarded of trusted peers, for=, proto= and host= (RFC 7239); with .xheaders too
	 * where none of those fields is there.  Choose what the proxy writes itself, and takes away
	 * from its clients: what it passes on, anybody can have said
	 */
	bool forwarded;
	/* "http" or "https": the scheme of all requests; NULL: as it is found out */
	const char *protocol;
	/* their addresses, "10.0.0.1,192.168.0.0/16"; NULL: loopback and unix sockets */
	const char *trusted;
	/*
	 * for whoever writes the program: error pages say why, with the calls that led there, the
	 * routes that were tried, and the request; secrets are masked.  Not in production
	 */
	bool debug;
	/* they are text/plain unless the client would rather have HTML or JSON; since 0.2.0 */
	bool debug_plain;
	enum vane_access_log access_log;
	/*
	 * NULL: as access_log says; or nginx's words, "$remote_addr $status", or Apache httpd's,
	 * "%h %>s", or both: docs/logs.md has all.  What clients send is escaped, after
	 * "escape=json " as in a string of JSON.
	 */
	const char *access_log_format;
	/*
	 * only those for which one of these holds: "status>=400,status=3xx,time>500ms"; NULL:
	 * all
	 */
	const char *access_log_if;
	/* and of those that are left out by that, or of all, one in so many; 0: none, or all */
	int64_t access_log_sample;
	struct vane_log_file
		*access_log_file;      /* borrowed; NULL: standard error, or the log */
	const char *temp_dir;          /* for large bodies: $TMPDIR, else /tmp */
	vane_error_page_fn error_page; /* NULL: those of Vane's */
	void *data; /* the application's own: vane_app_data(), and for error_page */
};

/*
 * Make an application.
 *
 * Routes are borrowed, settings are copied.  Fails with -EINVAL for a pattern or an option
 * that is not well-formed, after logging which and why; -ENOMEM.
 */
VANE_API int vane_app_new(struct vane_app **app, const struct vane_route *routes,
	const struct vane_app_opts *opts);

/*
 * Free an application that nothing uses any more.  NULL is fine.  Deferred responses whose clients
 * have left and that no handler has finished go with it, each with a warning.
 */
VANE_API void vane_app_free(struct vane_app *app);

/*
 * Write the path of a named route into buf, with the mount before it and each value
 * percent-encoded, as snprintf would.
 *
 * Values come in pairs, argument name and text, up to a NULL:
 * vane_app_url(app, buf, sizeof(buf), "story", "id", "7", NULL).  A slash in a value that stands
 * for one segment is written as "%2F".
 *
 * Returns the length it needs, or -ENOENT for an unknown name, -EINVAL if a value is missing, or no
 * path would give it back: none does for what its pattern does not match, nor for "." or ".." as a
 * segment, which clients and servers resolve.  -ENOTSUP where the mount is the front server's to
 * say, with each request: vane_request_url() knows it.
 */
VANE_API int vane_app_url(
	const struct vane_app *app, char *buf, size_t size, const char *name, ...);

/*
 * Tell fn of each route that a mode with these capabilities cannot serve, and which of its
 * needs it lacks.  Returns how many there are.
 */
VANE_API size_t vane_app_each_unserved(const struct vane_app *app, unsigned caps,
	void (*fn)(const char *pattern, unsigned lacking, void *data), void *data);

/*
 * Tell fn of each route that no request can reach: the route before it matches all that it
 * does, or before is NULL and its pattern has "." or ".." as a segment, which no path has.  What
 * regular expressions match is not looked into.  Returns how many there are; it takes a while
 * with a thousand routes.
 */
VANE_API size_t vane_app_each_unreachable(const struct vane_app *app,
	void (*fn)(const char *pattern, const char *before, void *data), void *data);

/* How many routes there are. */
VANE_API size_t vane_app_route_count(const struct vane_app *app);

/*
 * The pattern of the i-th route, behind the prefixes of its groups; NULL past the last.  Since 0.2.0.
 */
VANE_API const char *vane_app_route_pattern(const struct vane_app *app, size_t i);

/* The settings in force, defaults filled in; INT64_MAX where there is no limit. */
VANE_API const struct vane_app_opts *vane_app_opts(const struct vane_app *app);

/*
 * The application's own data, vane_app_opts.data: vane_app_data(vane_request_app(req)).
 * Since 0.2.0.
 */
VANE_API void *vane_app_data(const struct vane_app *app);

/* The word for a capability, "timers"; "?" for anything but one bit. */
VANE_API const char *vane_cap_name(unsigned cap);

#ifdef __cplusplus
}
#endif

#endif
