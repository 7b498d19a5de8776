/* SPDX-License-Identifier: MIT */
/*
 * access_rule.h - which requests have a line in the access log.
 */
#ifndef VANE__ACCESS_RULE_H
#define VANE__ACCESS_RULE_H

#include "base.h"

struct vane__access_condition;

/* Some conditions, of which one has to hold; and one line in so many besides. */
struct vane__access_rule {
	struct vane__access_condition *conditions;
	size_t count;
	uint64_t sample; /* 0: none besides */
	uint64_t seen;   /* of those that no condition is for */
};

/*
 * Understand "status>=400,time>500ms", NULL: nothing; and one in so many of what is left, 0 for all if
 * there is no condition, and for none if there is.  -EINVAL, which is logged, or -ENOMEM.
 */
int vane__access_rule_init(
	struct vane__access_rule *rule, const char *text, int64_t sample);
void vane__access_rule_fini(struct vane__access_rule *rule);

/* Whether it has a line. */
bool vane__access_rule_wants(struct vane__access_rule *rule, int status, int64_t took_usec);

#endif
