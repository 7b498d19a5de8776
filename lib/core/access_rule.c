/* SPDX-License-Identifier: MIT */
/*
 * access_rule.c - which requests have a line in the access log: conditions, and sampling.
 */
#include "access_rule.h"

#include <stdlib.h>

#include <vane/log.h>

#include "options.h"
#include "slice.h"

/* The least and the most of what a status, or a time in microseconds, may be. */
struct vane__access_condition {
	bool of_time;
	int64_t least, most;
};

static int refuse(struct vane_slice item)
{
	vane_log(VANE_LOG_ERROR,
		"access log: \"%.*s\" is no condition: status>=400, status=5xx, time>500ms",
		(int) item.len, item.data);
	return -EINVAL;
}

/* "404", and "4xx", which is a hundred of them. */
static bool read_status(struct vane_slice text, int64_t *from, int64_t *to)
{
	if (text.len != 3 || text.data[0] < '1' || text.data[0] > '9')
		return false;
	if (memcmp(text.data + 1, "xx", 2) == 0) {
		*from = (text.data[0] - '0') * 100;
		*to = *from + 99;
		return true;
	}
	if (vane__value_integer(text, from) < 0)
		return false;
	*to = *from;
	return true;
}

static bool read_time(struct vane_slice text, int64_t *from, int64_t *to)
{
	if (vane__value_msec(text, from) < 0 || *from > INT64_MAX / 1000)
		return false;
	*from *= 1000;
	*to = *from;
	return true;
}

static void take(struct vane_slice *text, size_t len)
{
	text->data += len;
	text->len -= len;
}

/* ">=", "<=", ">", "<" or "=" off the front of the text, and whether it has one. */
static bool read_comparison(struct vane_slice *text, char *comparison, bool *equal)
{
	if (text->len == 0 || memchr("<>=", text->data[0], 3) == NULL)
		return false;
	*comparison = text->data[0];
	take(text, 1);
	*equal = *comparison == '=' || (text->len > 0 && text->data[0] == '=');
	if (*equal && *comparison != '=')
		take(text, 1);
	return true;
}

static int read_condition(struct vane__access_condition *c, struct vane_slice item)
{
	struct vane_slice rest = item;
	int64_t from, to;
	char comparison;
	bool equal;

	c->of_time = vane__slice_starts(item, SLICE("time"));
	if (!c->of_time && !vane__slice_starts(item, SLICE("status")))
		return refuse(item);
	take(&rest, c->of_time ? 4 : 6);
	if (!read_comparison(&rest, &comparison, &equal) ||
		!(c->of_time ? read_time(rest, &from, &to) : read_status(rest, &from, &to)))
		return refuse(item);
	c->least = comparison == '<' ? 0 : equal ? from : to + 1;
	c->most = comparison == '>' ? INT64_MAX : equal ? to : from - 1;
	return 0;
}

static size_t count_items(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == ',';
	return count;
}

int vane__access_rule_init(struct vane__access_rule *rule, const char *text, int64_t sample)
{
	struct vane_slice item;
	int rc = 0;

	*rule = (struct vane__access_rule) { .sample = sample > 0 ? (uint64_t) sample : 0 };
	if (text == NULL) {
		rule->sample += rule->sample == 0;
		return 0;
	}
	rule->conditions = calloc(count_items(text), sizeof(*rule->conditions));
	if (rule->conditions == NULL)
		return -ENOMEM;
	while (rc == 0) {
		item.data = text;
		item.len = strcspn(text, ",");
		rc = read_condition(&rule->conditions[rule->count++], item);
		text += item.len;
		if (*text++ == '\0')
			break;
	}
	return rc;
}

void vane__access_rule_fini(struct vane__access_rule *rule)
{
	free(rule->conditions);
	rule->conditions = NULL;
	rule->count = 0;
}

bool vane__access_rule_wants(struct vane__access_rule *rule, int status, int64_t took_usec)
{
	size_t i;

	for (i = 0; i < rule->count; i++) {
		const struct vane__access_condition *c = &rule->conditions[i];
		int64_t value = c->of_time ? took_usec : status;

		if (value >= c->least && value <= c->most)
			return true;
	}
	return rule->sample > 0 && rule->seen++ % rule->sample == 0;
}
