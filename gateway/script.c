/* SPDX-License-Identifier: MIT */
/*
 * script.c - which script a request means, and whether it may run.
 *
 * The docroot says what may be found at all; here is what may be run of it.
 */
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <vane/log.h>
#include <vane/request.h>
#include <vane/docroot.h>

#include "slice.h"

#define BLANKS " \t"

/* A copy of a text that may be NULL. */
static int copy(char **out, const char *text)
{
	size_t size = text != NULL ? strlen(text) + 1 : 0;

	*out = size > 0 ? malloc(size) : NULL;
	if (*out != NULL)
		memcpy(*out, text, size);
	return size == 0 || *out != NULL ? 0 : -ENOMEM;
}

static int refuse(const char *what, const char *why)
{
	vane_log(VANE_LOG_ERROR, "gateway: \"%s\" %s", what, why);
	return -EINVAL;
}

static int check_opts(const struct vane_scripts *opts)
{
	const char *suffix = opts->suffixes;

	if (opts->root != NULL && opts->script != NULL)
		return refuse(opts->script, "cannot be the script where there is a root");
	if (opts->index != NULL && (opts->index[0] == '\0' || opts->index[0] == '.' ||
					   strchr(opts->index, '/') != NULL))
		return refuse(opts->index, "is no name for an index");
	while (suffix != NULL && *(suffix += strspn(suffix, BLANKS)) != '\0') {
		size_t len = strcspn(suffix, BLANKS);

		if (suffix[0] != '.' || len < 2)
			return refuse(suffix, "is no suffix, as .php is");
		suffix += len;
	}
	return 0;
}

/* The one script: it must be there, and its name is absolute, as we run elsewhere. */
static int open_script(struct vane__scripts *scripts, const char *name)
{
	struct stat st;

	if (stat(name, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (scripts->executable && !(st.st_mode & 0111)))
		return -EACCES;
	if (name[0] == '/')
		return copy(&scripts->script, name);
	scripts->script = realpath(name, NULL);
	return scripts->script != NULL ? 0 : -errno;
}

int vane__scripts_init(
	struct vane__scripts *scripts, const struct vane_scripts *opts, bool executable)
{
	int rc = check_opts(opts);

	*scripts = (struct vane__scripts) { .executable = executable };
	if (rc < 0)
		return rc;
	rc = copy(&scripts->index, opts->index);
	if (rc == 0)
		rc = copy(&scripts->suffixes, opts->suffixes);
	if (rc == 0 && opts->script != NULL)
		rc = open_script(scripts, opts->script);
	if (rc == 0 && opts->root != NULL)
		rc = vane_docroot_open(&scripts->docroot, opts->root, &opts->docroot);
	if (rc == 0)
		return 0;
	vane_log(VANE_LOG_ERROR, "gateway: %s: %s",
		opts->root != NULL ? opts->root : opts->script, strerror(-rc));
	vane__scripts_fini(scripts);
	return rc;
}

void vane__scripts_fini(struct vane__scripts *scripts)
{
	vane_docroot_close(scripts->docroot);
	free(scripts->script);
	free(scripts->index);
	free(scripts->suffixes);
	*scripts = (struct vane__scripts) { 0 };
}

/*
 * Find the first regular file along a path, or the directory that all of it is; *len is how
 * much of the path that takes.  Nearly always it is all, so that is tried first.
 */
static int find_along(const struct vane__scripts *scripts, char *path, size_t *len,
	struct vane_file *file)
{
	int whole = vane_docroot_stat(scripts->docroot, path, file), rc;
	size_t i;

	*len = strlen(path);
	if (whole == 0 || whole == -EMFILE || whole == -ENFILE || whole == -ENOMEM)
		return whole;
	for (i = 1; i < *len; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		rc = vane_docroot_stat(scripts->docroot, path, file);
		path[i] = '/';
		if (rc < 0)
			return rc;
		if (S_ISREG(file->mode)) {
			*len = i;
			return 0;
		}
	}
	return whole;
}

static void forbid(struct vane__script *script, const char *why, bool ours)
{
	script->kind = VANE__SCRIPT_FORBIDDEN;
	script->why = why;
	script->ours = ours;
}

/* What becomes of something that cannot be had. */
static int not_found(struct vane__script *script, const char *path, int rc)
{
	switch (rc) {
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
		return rc;
	case -EACCES:
	case -EPERM:
	case -ELOOP:
		if (strstr(path, "/.") != NULL)
			forbid(script, "its name begins with a dot", false);
		else
			forbid(script,
				"no permission, or a symbolic link that is not followed",
				true);
		return 0;
	default:
		script->kind = VANE__SCRIPT_MISSING;
		return 0;
	}
}

/* Whether a name has one of the suffixes, and a part before it. */
static bool has_suffix(const struct vane__scripts *scripts, struct vane_slice name,
	int (*compare)(const char *a, const char *b, size_t n))
{
	const char *suffix = scripts->suffixes;

	while (*(suffix += strspn(suffix, BLANKS)) != '\0') {
		size_t len = strcspn(suffix, BLANKS);

		if (name.len > len && compare(name.data + name.len - len, suffix, len) == 0)
			return true;
		suffix += len;
	}
	return false;
}

bool vane__scripts_claim(const struct vane__scripts *scripts, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;

	return scripts->suffixes != NULL &&
	       has_suffix(scripts, (struct vane_slice) { name, strlen(name) }, strncasecmp);
}

/* The kind of a regular file by its name and mode. */
static void judge(struct vane__script *script, const struct vane__scripts *scripts,
	struct vane_slice name, const struct vane_file *file)
{
	if (scripts->suffixes != NULL && !has_suffix(scripts, name, strncmp)) {
		script->kind = VANE__SCRIPT_STATIC;
		if (has_suffix(scripts, name, strncasecmp))
			forbid(script, "its suffix is in other letters", true);
	} else if (scripts->executable && !(file->mode & 0111)) {
		forbid(script, "it is not executable", true);
	} else {
		script->kind = VANE__SCRIPT_RUN;
	}
}

static size_t count_slashes(const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += text[i] == '/';
	return n;
}

static size_t count_encoded_slashes(const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i + 2 < len; i++)
		n += strncasecmp(text + i, "%2F", 3) == 0;
	return n;
}

/*
 * Whether a slash in the part of the path that names the script was an encoded one.  The
 * raw path has as many parts as the decoded one then, and "%2F" in none of them, or it was.
 * Where dot segments were resolved, nobody knows which slash was which: any of them counts.
 */
static bool hides_slash(const struct vane__script_path *path, size_t len)
{
	size_t parts = count_slashes(path->prefix, strlen(path->prefix)) +
		       count_slashes(path->path, len);
	size_t behind = count_slashes(path->path + len, strlen(path->path + len));
	const char *at = path->target != NULL ? path->target : "";
	size_t raw_len = strcspn(at, "?"), encoded = count_encoded_slashes(at, raw_len);

	if (encoded == 0 || count_slashes(at, raw_len) + encoded != parts + behind)
		return encoded > 0;
	for (; *at != '\0' && *at != '?'; at++) {
		if (*at == '/' && parts-- == 0)
			return false;
		if (*at == '%' && strncasecmp(at, "%2F", 3) == 0)
			return true;
	}
	return false;
}

/* Pieces of text, one behind the other, as one that ends in a NUL; there is room for it. */
static const char *put(
	struct buf *text, const char *a, const char *b, size_t b_len, const char *c)
{
	size_t a_len = strlen(a), c_len = strlen(c);
	char *at = text->data + text->len;

	memcpy(at, a, a_len);
	memcpy(at + a_len, b, b_len);
	memcpy(at + a_len + b_len, c, c_len + 1);
	text->len += a_len + b_len + c_len + 1;
	return at;
}

/* The script is what len bytes of the path name, and index if it is a directory's. */
static int run(struct vane__script *script, const struct vane__scripts *scripts,
	const struct vane__script_path *path, size_t len, const char *index)
{
	const char *root =
		scripts->docroot != NULL ? vane_docroot_root(scripts->docroot) : NULL;
	const char *file = scripts->script != NULL ? scripts->script : "";
	size_t room = 2 * (strlen(path->path) + strlen(index)) + strlen(path->prefix) +
		      strlen(root != NULL ? root : file) + 3;
	int rc = vane__buf_reserve(&script->text, room);

	if (rc < 0)
		return rc;
	script->at = (struct vane__location) {
		.script_name = put(&script->text, path->prefix, path->path, len, index),
		.path_info = put(&script->text, path->path + len, "", 0, ""),
		.script_filename =
			root != NULL ? put(&script->text, root, path->path, len, index)
				     : put(&script->text, file, "", 0, ""),
		.document_root = root,
	};
	script->kind = VANE__SCRIPT_RUN;
	return 0;
}

/* A regular file, with the rest of the path behind it. */
static int decide_file(struct vane__script *script, const struct vane__scripts *scripts,
	const struct vane__script_path *path, size_t len, const struct vane_file *file)
{
	size_t from = len;

	while (from > 0 && path->path[from - 1] != '/')
		from--;
	judge(script, scripts, (struct vane_slice) { path->path + from, len - from }, file);
	if (script->kind == VANE__SCRIPT_STATIC && path->path[len] != '\0')
		script->kind = VANE__SCRIPT_MISSING;
	if (script->kind != VANE__SCRIPT_RUN)
		return 0;
	if (!hides_slash(path, len))
		return run(script, scripts, path, len, "");
	script->kind = VANE__SCRIPT_MISSING;
	return 0;
}

/* A directory, which is its index's if it has one. */
static int decide_directory(struct vane__script *script,
	const struct vane__scripts *scripts, const struct vane__script_path *path,
	struct buf *copied)
{
	size_t len = strlen(path->path);
	bool slash = path->path[len - 1] == '/';
	const char *index = scripts->index;
	struct vane_file file;
	int rc;

	script->kind = VANE__SCRIPT_STATIC;
	if (scripts->suffixes == NULL)
		forbid(script, "it is a directory", false);
	if (index == NULL)
		return 0;
	copied->len = len;
	if (!slash)
		vane__buf_add(copied, "/", 1);
	vane__buf_add(copied, index, strlen(index) + 1);
	rc = vane_docroot_stat(scripts->docroot, copied->data, &file);
	if (rc == -ENOENT || (rc == 0 && !S_ISREG(file.mode)))
		return 0;
	if (rc < 0)
		return not_found(script, copied->data, rc);
	if (!slash) {
		script->kind = VANE__SCRIPT_DIRECTORY;
		return 0;
	}
	judge(script, scripts, (struct vane_slice) { index, strlen(index) }, &file);
	if (script->kind != VANE__SCRIPT_RUN)
		return 0;
	if (!hides_slash(path, len))
		return run(script, scripts, path, len, index);
	script->kind = VANE__SCRIPT_MISSING;
	return 0;
}

/* A copy of the path, with room for an index behind it. */
static int copy_path(struct buf *copied, const char *path, const char *index)
{
	size_t len = strlen(path);
	int rc = vane__buf_reserve(copied, len + (index != NULL ? strlen(index) : 0) + 2);

	return rc < 0 ? rc : vane__buf_add(copied, path, len + 1);
}

static int find_below(struct vane__script *script, const struct vane__scripts *scripts,
	const struct vane__script_path *path)
{
	struct buf copied = { 0 };
	struct vane_file file;
	size_t len;
	int rc = copy_path(&copied, path->path, scripts->index);

	if (rc < 0)
		return rc;
	rc = find_along(scripts, copied.data, &len, &file);
	if (rc < 0)
		rc = not_found(script, path->path, rc);
	else if (S_ISREG(file.mode))
		rc = decide_file(script, scripts, path, len, &file);
	else
		rc = decide_directory(script, scripts, path, &copied);
	vane__buf_fini(&copied);
	return rc;
}

int vane__script_find(struct vane__script *script, const struct vane__scripts *scripts,
	const struct vane__script_path *path)
{
	script->text.len = 0;
	script->at = (struct vane__location) { 0 };
	script->kind = VANE__SCRIPT_MISSING;
	if (scripts->docroot == NULL && (path->path[0] == '/' || path->path[0] == '\0'))
		return run(script, scripts, path, 0, "");
	if (path->path[0] != '/')
		return 0;
	if (!vane__path_climbs(path->path))
		return find_below(script, scripts, path);
	forbid(script, "it has a part \".\" or \"..\"", false);
	return 0;
}

/*
 * Where in a path the part begins that the argument "path" matched.  The slash before it
 * belongs to it, or what matched begins with its own.
 */
static size_t prefix_length(const char *whole, const char *arg)
{
	size_t whole_len = strlen(whole), arg_len = arg != NULL ? strlen(arg) : whole_len;
	size_t at = whole_len - arg_len;

	if (arg == NULL || arg_len > whole_len || strcmp(whole + at, arg) != 0)
		return 0;
	if (at > 0 && whole[at - 1] == '/')
		return at - 1;
	return whole[at] == '/' ? at : 0;
}

/* Whether the path of the route is that of the program itself: it matches nothing else. */
static bool is_own_path(const struct vane__scripts *scripts, const struct vane_request *req)
{
	return scripts->docroot == NULL && strchr(vane_request_route(req), '{') == NULL;
}

/* How much of a request's path stands before what is looked for. */
static size_t prefix_of(const struct vane__scripts *scripts, struct vane_request *req)
{
	const char *whole = vane_request_path(req);

	return is_own_path(scripts, req)
		       ? strlen(whole)
		       : prefix_length(whole, vane_request_path_arg(req, "path"));
}

int vane__script_request(struct vane__script *script, const struct vane__scripts *scripts,
	struct vane_request *req, const char *instead)
{
	const char *whole = vane_request_path(req), *mount = vane_request_mount(req);
	size_t at = prefix_of(scripts, req);
	struct buf prefix = { 0 };
	int rc = vane__buf_add_slice(&prefix, vane__slice(mount));

	if (rc == 0)
		rc = vane__buf_add(&prefix, whole, at);
	if (rc == 0)
		rc = vane__buf_add(&prefix, "", 1);
	if (rc == 0)
		rc = vane__script_find(script, scripts,
			&(struct vane__script_path) { .prefix = prefix.data,
				.path = instead != NULL ? instead : whole + at,
				.target = instead != NULL ? NULL
							  : vane_request_target(req) });
	vane__buf_fini(&prefix);
	return rc;
}

void vane__script_fini(struct vane__script *script)
{
	vane__buf_fini(&script->text);
	*script = (struct vane__script) { 0 };
}
