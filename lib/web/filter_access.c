/* SPDX-License-Identifier: MIT */
/*
 * filter_access.c - a filter that lets in, or keeps out, clients by their addresses and networks.
 */
#include <vane/filters.h>
#include <vane/request.h>

#include <stdlib.h>

#include "base.h"
#include "filter_text.h"
#include "slice.h"
#include "xheaders.h"

struct lists {
	struct vane__trust *allow, *deny; /* NULL: there is none */
	bool allow_unknown;
};

static void stop(void *data)
{
	struct lists *lists = data;

	vane__trust_free(lists->allow);
	vane__trust_free(lists->deny);
	free(lists);
}

static int read_list(struct vane__trust **out, const char *member, const char *list)
{
	int rc = list != NULL ? vane__trust_new(out, list) : 0;

	if (rc == -EINVAL)
		vane__filter_refuse(member, "has something that is no address or network");
	return rc;
}

static int start(void *config, void **data)
{
	static const struct vane_access_opts none;
	const struct vane_access_opts *opts = config != NULL ? config : &none;
	struct lists *lists = calloc(1, sizeof(*lists));
	int rc;

	if (lists == NULL)
		return -ENOMEM;
	lists->allow_unknown = opts->allow_unknown;
	rc = read_list(&lists->deny, "vane_access_opts.deny", opts->deny);
	if (rc == 0)
		rc = read_list(&lists->allow, "vane_access_opts.allow", opts->allow);
	if (rc < 0) {
		stop(lists);
		return rc;
	}
	*data = lists;
	return 0;
}

static int before(struct vane_request *req, struct vane_response *res, void *data)
{
	const struct lists *lists = data;
	struct vane_slice addr = vane__slice(vane_request_remote_addr(req));

	if (addr.len == 0) /* which a list of trusted peers takes for one */
		return lists->allow == NULL || lists->allow_unknown ? 0 : 403;
	/* one that is no address could be anybody's, who is denied as well */
	if (lists->deny != NULL &&
		(!vane__is_address(addr) || vane__trusted(lists->deny, addr)))
		return 403;
	return lists->allow == NULL || vane__trusted(lists->allow, addr) ? 0 : 403;
}

const struct vane_filter_type vane_access_filter = {
	.start = start, .stop = stop, .before = before
};
