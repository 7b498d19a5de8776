/* SPDX-License-Identifier: MIT */
/*
 * doctor_check_path.c - checks of --doctor: where the application is, for the front and for the program.
 *
 * What the front has before the application's own paths is its base, and what the program takes for that
 * its mount.  They have to be the same.
 */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

/* Whether a path lies under a prefix, at the border of a segment. */
static bool is_under(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(path, prefix, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0' || path[len] == '?');
}

static const char *text(const char *s)
{
	return s != NULL ? s : "";
}

static const char *arrived(const struct vane__doctor_case *c)
{
	return text(vane__doctor_seen_get(c->seen, "", "target"));
}

/* What the program takes off, as far as it is told so. */
static const char *mount_of(const struct vane__doctor_case *c)
{
	return c->program->path_info || c->program->mount_auto ? "" : c->program->mount;
}

/* The base; where nobody knows it, what the program was told. */
static const char *base_of(const struct vane__doctor_case *c)
{
	return c->base != NULL ? c->base : mount_of(c);
}

static bool is_doubled(const struct vane__doctor_case *c)
{
	const char *base = base_of(c), *path = arrived(c);

	return base[0] != '\0' && is_under(path, base) &&
	       is_under(path + strlen(base), base);
}

bool vane__doctor_doubled_prefix(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen == NULL || !is_doubled(c))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"%.100s arrives, with %.100s twice: the front puts it before a path that has it",
		arrived(c), base_of(c));
	return true;
}

bool vane__doctor_stripped_prefix(const struct vane__doctor_case *c, char *detail)
{
	const char *base = text(c->base), *mount = mount_of(c);

	if (c->seen == NULL || base[0] == '\0' || mount[0] == '\0' ||
		is_under(arrived(c), base))
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"%.100s was asked for and %.100s arrives: the front takes %.60s off, and the "
		"program, which has --mount=%.60s, finds nothing",
		text(c->target), arrived(c), base, mount);
	return true;
}

/* The mount fits to nothing that is asked for. */
static bool misses_mount(const struct vane__doctor_case *c)
{
	const char *mount = mount_of(c);

	return mount[0] != '\0' && !is_under(arrived(c), mount);
}

/* There is a base that the program knows nothing of, and that the front has left there. */
static bool lacks_mount(const struct vane__doctor_case *c)
{
	const char *base = text(c->base);

	return mount_of(c)[0] == '\0' && !c->program->mount_auto &&
	       !c->program->path_info && base[0] != '\0' && is_under(arrived(c), base) &&
	       !is_doubled(c);
}

bool vane__doctor_mount(const struct vane__doctor_case *c, char *detail)
{
	char other[VANE__DOCTOR_DETAIL];

	if (c->seen == NULL || vane__doctor_stripped_prefix(c, other))
		return false;
	if (misses_mount(c))
		snprintf(detail, VANE__DOCTOR_DETAIL,
			"%.100s arrives, which is not below --mount=%.60s: the program answers "
			"404",
			arrived(c), mount_of(c));
	else if (lacks_mount(c))
		snprintf(detail, VANE__DOCTOR_DETAIL,
			"%.100s arrives, and the program was started without --mount=%.60s: its "
			"routes are looked for at the root",
			arrived(c), c->base);
	else
		return false;
	return true;
}

/* The program goes by SCRIPT_NAME and PATH_INFO, which have to be two. */
bool vane__doctor_path_info(const struct vane__doctor_case *c, char *detail)
{
	const char *script, *info;

	if (c->seen == NULL || c->program->mode == VANE__MODE_HTTP ||
		(!c->program->path_info && !c->program->mount_auto))
		return false;
	script = vane__doctor_seen_get(c->seen, "param", "SCRIPT_NAME");
	info = vane__doctor_seen_given(c->seen, "param", "PATH_INFO");
	if (info != NULL && (c->base == NULL || strcmp(text(script), c->base) == 0))
		return false;
	/* who asks for the mount itself has no PATH_INFO either */
	if (info == NULL && c->target == NULL &&
		vane__doctor_seen_get(c->seen, "param", "PATH_INFO") != NULL)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"SCRIPT_NAME is \"%.100s\" and PATH_INFO %s%.100s%s, and the program goes by them "
		"(%s): %s",
		text(script), info != NULL ? "\"" : "",
		info != NULL ? info : "is not there", info != NULL ? "\"" : "",
		c->program->path_info ? "--path-from=pathinfo" : "--mount=auto",
		info != NULL ? "its routes are looked for at the wrong place"
			     : "every path is \"/\" to its routes");
	return true;
}

/* Some of the path is not what was asked for. */
bool vane__doctor_changed_path(const struct vane__doctor_case *c, char *detail)
{
	const char *base = text(c->base), *target = text(c->target), *path = arrived(c);
	char other[VANE__DOCTOR_DETAIL];

	if (c->seen == NULL || target[0] == '\0' || c->program->path_info ||
		strcmp(target, path) == 0 || vane__doctor_doubled_prefix(c, other) ||
		vane__doctor_stripped_prefix(c, other))
		return false;
	/* a base that is taken off for a program without a mount is as it should be */
	if (mount_of(c)[0] == '\0' && strncmp(target, base, strlen(base)) == 0 &&
		strcmp(target + strlen(base), path) == 0)
		return false;
	if (vane__doctor_seen_get(c->seen, "param", "REQUEST_METHOD") != NULL &&
		vane__doctor_seen_get(c->seen, "param", "REQUEST_URI") == NULL)
		return false; /* that is another finding */
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"%.150s was asked for and %.150s arrives: routes and signatures of links go wrong",
		target, path);
	return true;
}

bool vane__doctor_encoded_slash(const struct vane__doctor_case *c, char *detail)
{
	if (c->seen != NULL || c->status < 400 || c->status >= 500)
		return false;
	snprintf(detail, VANE__DOCTOR_DETAIL,
		"a path with %%2F and // is answered with %d by the front itself",
		c->status);
	return true;
}
