/* SPDX-License-Identifier: MIT */
/*
 * vane/types.h - the few types that every other header of Vane uses.
 */
#ifndef VANE_TYPES_H
#define VANE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VANE_API               __attribute__((visibility("default")))
#define VANE_PRINTF(fmt, args) __attribute__((__format__(__printf__, fmt, args)))
#else
#define VANE_API
#define VANE_PRINTF(fmt, args)
#endif

/* The version of the headers; vane_version() has that of the library in use. */
#define VANE_VERSION_MAJOR 0
#define VANE_VERSION_MINOR 2
#define VANE_VERSION_PATCH 0
#define VANE_VERSION       "0.2.0"
/* For #if: 0x000200 is 0.2.0. */
#define VANE_VERSION_NUMBER                                                                \
	(VANE_VERSION_MAJOR << 16 | VANE_VERSION_MINOR << 8 | VANE_VERSION_PATCH)

/*
 * The rule for members of settings that are limits or times, and for options that set them: 0 is
 * the default, VANE_NO_LIMIT is none, and other values below 0 are refused with -EINVAL and a line
 * in the log.  It is the same in every struct and in every mode; on the command line and in
 * configuration files the word for it is "none".
 *
 * So what must be little cannot be nothing: the least time is 1 ms.  Where the default is no limit,
 * both mean that; a minimum, which is named min_, is not there at all with VANE_NO_LIMIT.
 */
#define VANE_NO_LIMIT (-1)

/*
 * The beginning of settings: all of them are 0, which is the default, in C as in C++.  The members
 * that matter are set after it, and no compiler warns of those that are left out:
 *
 *	struct vane_bind_opts where = VANE_DEFAULTS;
 *
 *	where.port = "8001";
 */
#ifdef __cplusplus
#define VANE_DEFAULTS                                                                      \
	{                                                                                  \
	}
#else
#define VANE_DEFAULTS { 0 }
#endif

/*
 * Behind members of structs that programs write as tables: 0 unless it is said.  That is so in any
 * case; g++ warns of members that a table leaves out (-Wextra) unless they have it.
 */
#if defined(__cplusplus) && __cplusplus >= 201402L
#define VANE_ZERO = {}
#else
#define VANE_ZERO
#endif

struct vane_app;      /* routes and settings: vane/app.h */
struct vane_exchange; /* one request and its response: vane/driver.h */
struct vane_request;  /* vane/request.h */
struct vane_response; /* vane/response.h */
struct vane_loop;     /* vane/loop.h */

/*
 * Bytes that belong to somebody else.  They need not be text; where they are text they
 * need not end in a NUL unless the place that hands them out says so.
 */
struct vane_slice {
	const char *data;
	size_t len;
};

/* One field of a request: the name in lower case, the value without white space around it. */
struct vane_field {
	struct vane_slice name;
	struct vane_slice value;
};

/* The version of the library as text, "0.2.0".  Static; may be called at any time. */
VANE_API const char *vane_version(void);

#ifdef __cplusplus
}
#endif

#endif
