/* SPDX-License-Identifier: MIT */
/*
 * filter_security.c - a filter that adds security headers: nosniff, X-Frame-Options, Referrer-Policy,
 * Content-Security-Policy, Cross-Origin-*, Strict-Transport-Security (HSTS).
 *
 * The defaults are those that OWASP advises and that break no page which frames nothing of others.
 */
#include <vane/filters.h>
#include <vane/request.h>
#include <vane/response.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "buf.h"
#include "exchange.h"
#include "filter_text.h"

/* A field, the member that changes it, and its default; NULL: it is left out. */
static const struct known {
	const char *name, *member;
	size_t at;
	const char *otherwise;
} known[] = {
#define KNOWN(name, member, otherwise)                                                     \
	{ name, "vane_security_opts." #member,                                             \
		offsetof(struct vane_security_opts, member), otherwise }
	KNOWN("X-Content-Type-Options", content_type_options, "nosniff"),
	KNOWN("X-Frame-Options", frame_options, "DENY"),
	KNOWN("Referrer-Policy", referrer_policy, "strict-origin-when-cross-origin"),
	KNOWN("Cross-Origin-Opener-Policy", opener_policy, "same-origin"),
	KNOWN("Cross-Origin-Resource-Policy", resource_policy, "same-origin"),
	KNOWN("Cross-Origin-Embedder-Policy", embedder_policy, NULL),
	KNOWN("Content-Security-Policy", csp, NULL),
	KNOWN("Permissions-Policy", permissions_policy, NULL),
	/* the last, as it is left out over http */
	KNOWN("Strict-Transport-Security", transport_security, "max-age=31536000"),
#undef KNOWN
};

/* Those that are sent. */
struct fields {
	size_t count, plain; /* of all, over http */
	struct {
		const char *name, *value;
		size_t end; /* of its line */
	} list[ARRAY_SIZE(known)];
	struct buf
		lines; /* all of them, for a head that is empty: most are when this runs */
};

static void stop(void *data)
{
	struct fields *fields = data;

	vane__buf_fini(&fields->lines);
	free(fields);
}

static const char *value_of(
	const struct vane_security_opts *opts, const struct known *field)
{
	const char *value = field->otherwise;

	if (opts != NULL) {
		memcpy(&value, (const char *) opts + field->at, sizeof(value));
		if (value == NULL)
			value = field->otherwise;
	}
	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* One that is sent. */
static int add(struct fields *fields, const char *name, const char *value)
{
	int rc = vane__buf_printf(&fields->lines, "%s: %s\r\n", name, value);

	fields->list[fields->count].name = name;
	fields->list[fields->count].value = value;
	fields->list[fields->count].end = fields->lines.len;
	fields->count++;
	return rc;
}

static int start(void *config, void **data)
{
	struct fields *fields = calloc(1, sizeof(*fields));
	size_t i;
	int rc = 0;

	if (fields == NULL)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(known) && rc == 0; i++) {
		const char *value = value_of(config, &known[i]);

		if (i + 1 == ARRAY_SIZE(known))
			fields->plain = fields->count;
		rc = vane__filter_check_value(known[i].member, value);
		if (rc == 0 && value != NULL)
			rc = add(fields, known[i].name, value);
	}
	if (rc < 0) {
		stop(fields);
		return rc;
	}
	*data = fields;
	return 0;
}

static int after(struct vane_request *req, struct vane_response *res, void *data)
{
	const struct fields *fields = data;
	bool https = vane_request_scheme(req)[4] == 's';
	size_t i, count = https ? fields->count : fields->plain;
	int rc = 0;

	if (res->head.len == 0 && count > 0)
		return vane__response_add_lines(
			res, (struct vane_slice) {
				     fields->lines.data, fields->list[count - 1].end });
	for (i = 0; i < count && rc == 0; i++)
		if (vane_response_field(res, fields->list[i].name).data == NULL)
			rc = vane_response_add_field(
				res, fields->list[i].name, fields->list[i].value);
	return rc;
}

const struct vane_filter_type vane_security_filter = {
	.start = start, .stop = stop, .after = after
};
