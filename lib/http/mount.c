/* SPDX-License-Identifier: MIT */
/*
 * mount.c - where an application lives in the paths of its front server.
 */
#include "mount.h"

#include "slice.h"

bool vane__mount_has(struct vane_slice mount, struct vane_slice path)
{
	return vane__slice_starts(path, mount) &&
	       (path.len == mount.len || path.data[mount.len] == '/');
}

static void skip_slashes(struct vane_slice *s)
{
	while (s->len > 0 && s->data[0] == '/') {
		s->data++;
		s->len--;
	}
}

/* Take an encoded slash off, however the front has it: as it was, or decoded. */
static bool take_encoded_slash(struct vane_slice *info)
{
	size_t len = 0;

	if (info->len >= 1 && info->data[0] == '/')
		len = 1;
	else if (vane__slice_starts(*info, SLICE("%2F")) ||
		 vane__slice_starts(*info, SLICE("%2f")))
		len = 3;
	info->data += len;
	info->len -= len;
	return len > 0;
}

/*
 * Whether PATH_INFO is that part of the path.  Apache leaves encoded slashes as they are
 * when it is told to let them through, and most servers make one slash of several: what
 * they changed is no reason to take the mount for none.
 */
static bool is_same(struct vane_slice path, struct vane_slice info)
{
	while (path.len > 0) {
		if (path.data[0] == '/') {
			if (info.len == 0 || info.data[0] != '/')
				return false;
			skip_slashes(&path);
			skip_slashes(&info);
			continue;
		}
		if (path.data[0] == '\0') {
			if (!take_encoded_slash(&info))
				return false;
		} else {
			if (info.len == 0 || info.data[0] != path.data[0])
				return false;
			info.data++;
			info.len--;
		}
		path.data++;
		path.len--;
	}
	return info.len == 0;
}

struct vane_slice vane__mount_of_front(
	struct vane_slice script_name, struct vane_slice path_info, struct vane_slice path)
{
	struct vane_slice mount = script_name, rest;

	if (mount.len > 0 && mount.data[mount.len - 1] == '/')
		mount.len--;
	if (mount.len == 0 || !vane__mount_has(mount, path))
		return SLICE("");
	rest = (struct vane_slice) { path.data + mount.len, path.len - mount.len };
	return is_same(rest, path_info) ? mount : SLICE("");
}
