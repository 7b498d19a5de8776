/* SPDX-License-Identifier: MIT */
/*
 * fuzz_proxy.c - lib/wire/proxy.c: what comes of a header must not depend on how much of what follows
 * is there, and no part of one may be taken for the whole
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "lib/wire/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice in = { (const char *) data, size };
	struct vane__proxy proxy, again;
	size_t used, used_again, len;
	int rc = vane__proxy_read(&proxy, in, &used);

	FUZZ_CHECK(rc == 0 || rc == 1 || rc == -EBADMSG);
	if (rc != 1)
		return 0;
	FUZZ_CHECK(used >= 8 && used <= size && used <= VANE__PROXY_MAX);
	FUZZ_CHECK(!proxy.said || proxy.peer.sa.sa_family == AF_INET ||
		   proxy.peer.sa.sa_family == AF_INET6);
	for (len = 0; len < used; len++) {
		in.len = len;
		FUZZ_CHECK(vane__proxy_read(&again, in, &used_again) == 0);
	}
	in.len = used;
	FUZZ_CHECK(vane__proxy_read(&again, in, &used_again) == 1 && used_again == used);
	FUZZ_CHECK(memcmp(&again, &proxy, sizeof(proxy)) == 0);
	return 0;
}
