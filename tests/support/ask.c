/* SPDX-License-Identifier: MIT */
/*
 * ask.c - answers: heads taken apart, bodies put together.
 */
#include "support/ask.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char) tolower((unsigned char) *text);
}

int answer_add_line(struct answer *answer, const char *line, size_t len)
{
	struct answer_field *fields;
	const char *colon, *value;

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	colon = memchr(line, ':', len);
	if (colon == NULL)
		return -EINVAL;
	fields = realloc(answer->fields, (answer->field_count + 1) * sizeof(*fields));
	if (fields == NULL)
		return -ENOMEM;
	answer->fields = fields;
	for (value = colon + 1; value < line + len && (*value == ' ' || *value == '\t');
		value++)
		;
	fields += answer->field_count++;
	fields->name = strndup(line, (size_t) (colon - line));
	fields->value = strndup(value, (size_t) (line + len - value));
	if (fields->name == NULL || fields->value == NULL)
		return -ENOMEM;
	lower(fields->name);
	return 0;
}

long answer_add_head(struct answer *answer, const char *head, size_t len)
{
	const char *at = head, *end = head + len, *next;
	int rc;

	while ((next = memchr(at, '\n', (size_t) (end - at))) != NULL) {
		if (next == at || (next == at + 1 && *at == '\r'))
			return next + 1 - head;
		rc = answer_add_line(answer, at, (size_t) (next - at));
		if (rc < 0)
			return rc;
		at = next + 1;
	}
	return -EINVAL;
}

int answer_add_body(struct answer *answer, const void *data, size_t len)
{
	size_t room = answer->body_room;
	char *body;

	if (answer->body_len + len >= room) {
		room = (answer->body_len + len + 64) * 2;
		body = realloc(answer->body, room);
		if (body == NULL)
			return -ENOMEM;
		answer->body = body;
		answer->body_room = room;
	}
	if (len > 0)
		memcpy(answer->body + answer->body_len, data, len);
	answer->body_len += len;
	answer->body[answer->body_len] = '\0';
	return 0;
}

static void remove_field(struct answer *answer, size_t i)
{
	free(answer->fields[i].name);
	free(answer->fields[i].value);
	answer->field_count--;
	memmove(answer->fields + i, answer->fields + i + 1,
		(answer->field_count - i) * sizeof(*answer->fields));
}

int answer_from_cgi(struct answer *answer, const char *data, size_t len)
{
	const char *status;
	long used = answer_add_head(answer, data, len);

	if (used < 0)
		return (int) used;
	status = answer_field(answer, "status", 0);
	answer->status = status == NULL ? 200 : (int) strtol(status, NULL, 10);
	for (size_t i = 0; i < answer->field_count; i++) {
		if (strcmp(answer->fields[i].name, "status") == 0)
			remove_field(answer, i--);
	}
	return answer_add_body(answer, data + used, len - (size_t) used);
}

const char *answer_field(const struct answer *answer, const char *name, size_t i)
{
	for (size_t n = 0; n < answer->field_count; n++) {
		if (strcmp(answer->fields[n].name, name) == 0 && i-- == 0)
			return answer->fields[n].value;
	}
	return NULL;
}

void answer_fini(struct answer *answer)
{
	for (size_t i = 0; i < answer->field_count; i++) {
		free(answer->fields[i].name);
		free(answer->fields[i].value);
	}
	free(answer->fields);
	free(answer->body);
	*answer = (struct answer) { 0 };
}
