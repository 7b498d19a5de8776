/* SPDX-License-Identifier: MIT */
/*
 * testclient.c - the driver without a socket: a struct in, a struct out.
 *
 * Time is virtual: when a deferred response waits for nothing but timers, the clock jumps to
 * the next one.
 */
#include <vane/test.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <vane/driver.h>

#include "buf.h"
#include "dispatch.h"
#include "exchange.h"
#include "fields.h"
#include "slice.h"
#include "text.h"

struct client {
	const struct vane_test_request *asked;
	struct vane_test_response *answer;
	struct vane_exchange *x;
	struct buf fields, body;
	size_t given; /* request body bytes */
	bool starved; /* the last read was told to come back */
	int status;
	bool ended;
	bool left; /* its exchange was aborted: end() frees it */
	int rc;
};

/* Every other read finds nothing when the body comes in pieces, as on a real connection. */
static ssize_t client_read(void *carrier, void *buf, size_t size)
{
	struct client *c = carrier;
	const struct vane_test_request *asked = c->asked;
	size_t left = asked->body_len - c->given, piece = asked->piece;

	if (size == 0)
		return 0;
	if (piece > 0 && !c->starved) {
		c->starved = true;
		return -EAGAIN;
	}
	c->starved = false;
	if (asked->cut_after > 0 && c->given >= asked->cut_after)
		return -EBADMSG;
	if (asked->cut_after > 0 && left > asked->cut_after - c->given)
		left = asked->cut_after - c->given;
	if (piece == 0 || piece > left)
		piece = left;
	if (piece > size)
		piece = size;
	if (piece > 0)
		memcpy(buf, (const char *) asked->body + c->given, piece);
	c->given += piece;
	return (ssize_t) piece;
}

static int client_begin(void *carrier, const struct vane_head *head)
{
	struct client *c = carrier;
	int rc = vane__buf_add_slice(&c->fields, head->fields);

	if (rc == 0)
		c->status = head->status;
	return rc;
}

static ssize_t client_write(void *carrier, const struct vane_slice *piece)
{
	struct client *c = carrier;
	int rc = vane__buf_add_slice(&c->body, *piece);

	return rc < 0 ? rc : (ssize_t) piece->len;
}

static int client_flush(void *carrier)
{
	return 0;
}

static void client_end(void *carrier, int rc)
{
	struct client *c = carrier;

	c->ended = true;
	c->rc = rc;
	if (c->left)
		free(c);
}

static const struct vane_driver client_driver = {
	.mode = "test",
	.caps = VANE_CAP_ASYNC | VANE_CAP_TIMERS | VANE_CAP_STREAM_OUT |
		VANE_CAP_STREAM_IN | VANE_CAP_CLOSE_DETECT | VANE_CAP_MULTIREQUEST,
	.read = client_read,
	.begin = client_begin,
	.write = client_write,
	.flush = client_flush,
	.end = client_end,
};

/* "Name: value" strings as fields, less those that no driver passes on. */
static int add_fields(struct client *c, struct vane_env *env)
{
	const char *const *lines = c->asked->fields;
	struct vane_field *fields;
	size_t count = 0;

	while (lines != NULL && lines[count] != NULL)
		count++;
	fields = vane_exchange_alloc(c->x, (count + 1) * sizeof(*fields));
	if (fields == NULL)
		return -ENOMEM;
	env->fields = fields;
	for (; count > 0; count--, lines++) {
		struct vane_slice value = vane__slice(*lines);
		struct vane_slice name = vane__slice_split(&value, ':');
		char *copy = vane_exchange_alloc(c->x, name.len + value.len + 2);
		size_t i;

		if (copy == NULL)
			return -ENOMEM;
		for (i = 0; i < name.len; i++)
			copy[i] = vane__lower(name.data[i]);
		copy[name.len] = '\0';
		value = vane__slice_trim(value);
		if (value.len > 0)
			memcpy(copy + name.len + 1, value.data, value.len);
		copy[name.len + 1 + value.len] = '\0';
		name.data = copy;
		value.data = copy + name.len + 1;
		if (vane__slice_equal(name, SLICE("host")))
			env->host = value;
		if (!vane__field_hop_by_hop(name) && memchr(copy, '_', name.len) == NULL)
			fields[env->field_count++] = (struct vane_field) { name, value };
	}
	return 0;
}

static int add_params(struct client *c, struct vane_env *env)
{
	const char *const *vars = c->asked->params;
	struct vane_field *params;
	size_t count = 0;

	while (vars != NULL && vars[count] != NULL)
		count++;
	params = vane_exchange_alloc(c->x, (count + 1) * sizeof(*params));
	if (params == NULL)
		return -ENOMEM;
	env->params = params;
	for (; count > 0; count--, vars++) {
		struct vane_slice value = vane__slice(*vars);
		struct vane_slice name = vane__slice_split(&value, '=');
		char *copy = vane_exchange_alloc(c->x, name.len + 1);

		if (copy == NULL)
			return -ENOMEM;
		if (vane__param_hidden(name))
			continue;
		memcpy(copy, name.data, name.len);
		copy[name.len] = '\0';
		name.data = copy;
		if (value.data == NULL)
			value = SLICE("");
		params[env->param_count++] = (struct vane_field) { name, value };
	}
	return 0;
}

static int make_env(struct client *c, struct vane_env *env)
{
	static const struct sockaddr on_unix_socket = { .sa_family = AF_UNIX };
	const struct vane_test_request *asked = c->asked;
	int rc;

	*env = (struct vane_env) {
		.method = vane__slice(asked->method != NULL ? asked->method : "GET"),
		.target = vane__slice(asked->target != NULL ? asked->target : "/"),
		.remote_addr = vane__slice(
			asked->remote_addr != NULL ? asked->remote_addr : "127.0.0.1"),
		.body_length = asked->chunked ? -1 : (int64_t) asked->body_len,
		.version = "HTTP/1.1",
	};
	if (env->remote_addr.len == 0)
		env->peer = &on_unix_socket;
	rc = add_fields(c, env);
	return rc < 0 ? rc : add_params(c, env);
}

/* Turn until the exchange is over: body first, then timers. */
static int turn(struct client *c)
{
	while (!c->ended) {
		if (vane_exchange_wants_body(c->x))
			vane_exchange_readable(c->x);
		else if (!vane__request_timer_fire_next(c->x))
			return -EDEADLK;
	}
	return 0;
}

static void give_answer(struct client *c)
{
	bool out_of_memory =
		vane__buf_add(&c->fields, "", 1) < 0 || vane__buf_add(&c->body, "", 1) < 0;

	*c->answer = (struct vane_test_response) {
		.status = c->status,
		.fields = c->fields.data,
		.body = c->body.data,
		.body_len = out_of_memory ? 0 : c->body.len - 1,
		.whole = c->ended && c->rc == 0 && !out_of_memory,
	};
}

int vane_test_run(struct vane_app *app, const struct vane_test_request *request,
	struct vane_test_response *response)
{
	struct client *c = calloc(1, sizeof(*c));
	int rc;

	*response = (struct vane_test_response) { 0 };
	if (c == NULL)
		return -ENOMEM;
	c->asked = request;
	c->answer = response;
	rc = vane_exchange_new(&c->x, app, NULL);
	if (rc == 0)
		rc = make_env(c, vane_exchange_env(c->x));
	if (rc == 0) {
		vane_exchange_start(c->x, &client_driver, c);
		rc = turn(c);
		give_answer(c);
	}
	c->left = rc == -EDEADLK;
	if (c->left) {
		vane_exchange_abort(c->x, -ECANCELED);
	} else {
		vane_exchange_free(c->x);
		free(c);
	}
	return rc;
}

const char *vane_test_response_field(const struct vane_test_response *response,
	const char *name, size_t i, char *buf, size_t size)
{
	struct vane_slice rest =
		vane__slice(response->fields != NULL ? response->fields : "");
	struct vane_slice wanted;

	if (vane__no_text(__func__, name))
		return NULL;
	wanted = vane__slice(name);
	while (rest.data != NULL && rest.len > 0) {
		struct vane_slice value = vane__slice_split(&rest, '\n');
		struct vane_slice found = vane__slice_split(&value, ':');

		if (!vane__slice_equal_nocase(found, wanted) || i-- > 0)
			continue;
		if (value.len > 0 && value.data[value.len - 1] == '\r')
			value.len--;
		value = vane__slice_trim(value);
		snprintf(buf, size, "%.*s", (int) value.len, value.data);
		return buf;
	}
	return NULL;
}

void vane_test_response_fini(struct vane_test_response *response)
{
	free(response->fields);
	free(response->body);
	*response = (struct vane_test_response) { 0 };
}
