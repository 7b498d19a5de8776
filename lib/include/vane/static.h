/* SPDX-License-Identifier: MIT */
/*
 * vane/static.h - files of a directory as answers, Tornado's StaticFileHandler.
 *
 * With a media type by their extension, validators and conditions (RFC 9110, 13), single
 * ranges (14), and sent without a copy where the mode can.
 */
#ifndef VANE_STATIC_H
#define VANE_STATIC_H

#include <vane/handler.h>
#include <vane/docroot.h>
#include <vane/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vane_static;

/* What to serve, and how; only root is needed. */
struct vane_static_opts {
	const char *root VANE_ZERO;
	/*
	 * the file that stands for its directory, "index.html"; NULL: directories are not
	 * served
	 */
	const char *index VANE_ZERO;
	enum vane_symlinks symlinks VANE_ZERO; /* see vane/docroot.h, as for dotfiles */
	bool dotfiles VANE_ZERO;
	/*
	 * Cache-Control: max-age; 0: it is not sent, and caches ask when they are unsure;
	 * VANE_NO_LIMIT: a year, for files whose names change with their content
	 */
	int64_t max_age_sec VANE_ZERO;
};

/*
 * Open a directory to serve.
 *
 * The strings are copied.  May be made before the fork and used by all workers.  Returns 0,
 * -EINVAL without a root, for an index that is no name or an age below 0, or what vane_docroot_open()
 * fails with, after a line in the log that names the root.
 */
VANE_API int vane_static_new(struct vane_static **out, const struct vane_static_opts *opts);

/*
 * The settings that it was opened with; root is absolute, and without symbolic links, or NULL if that
 * cannot be known.  They live as long as it does.  Since 0.2.0.
 */
VANE_API const struct vane_static_opts *vane_static_opts(const struct vane_static *files);

/* Free a served directory.  NULL is fine.  Routes that lead to it must not be asked any more. */
VANE_API void vane_static_free(struct vane_static *files);

/*
 * The handler of a route whose .data is a struct vane_static.
 *
 * The file is what {path} of the pattern matched, as in "/static/{path:.*}", else the whole
 * path of the request.  An encoded slash is refused: it must not get around a route that
 * guards a part of the files.
 */
VANE_API extern const struct vane_handler vane_static_handler;

/*
 * Answer with the file at a decoded path below the root, for handlers that choose it.
 *
 * Returns what a handler returns.  404, with nothing written, if there is no such file; else 0
 * or a negative errno.  A directory that has an index is answered with it, after a redirect to
 * the request's target with a slash at its end; other directories and what vane_docroot_find()
 * refuses with 403; OPTIONS with 204, other methods than GET and HEAD with 405.
 */
VANE_API int vane_static_serve(struct vane_static *files, struct vane_request *req,
	struct vane_response *res, const char *path);

/*
 * Answer with an open regular file.
 *
 * The descriptor is passed on, and closed even if the call fails.  A Content-Type that was
 * set is kept, else name decides.  Conditions and ranges count for GET and HEAD as long as the
 * status is 200.  Returns 0, -EINVAL if it is no regular file, or another negative errno.
 *
 * The ETag is made of device, inode, size and time of change: it needs no look at the content,
 * but is another on another machine, and a change that happens within one tick of the file
 * system's clock and keeps the size goes unnoticed.
 */
VANE_API int vane_response_send_file(struct vane_response *res, int fd, const char *name);

#ifdef __cplusplus
}
#endif

#endif
