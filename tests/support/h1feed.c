/* SPDX-License-Identifier: MIT */
/*
 * h1feed.c - feed a request to lib/wire/h1in.c in any number of pieces, and write down what came
 * out.
 */
#include "h1feed.h"

#include <stdlib.h>
#include <string.h>

#include <vane/driver.h>

#include "h1in.h"

#define MAX_FIELDS 20

/* The bytes so far, in a buffer that is new for each piece. */
struct feed {
	struct vane__h1in in;
	struct arena arena;
	struct vane__h1_head *head;
	const char *bytes;
	size_t len, first, step;
	char *base;
	size_t came;
	struct buf *out;
};

/* A connection keeps of a head what is in use, and gets it back elsewhere. */
static void move_head(struct feed *f)
{
	struct vane__h1_head *moved = malloc(sizeof(*moved));
	size_t used = offsetof(struct vane__h1_head, fields) +
		      f->head->count * sizeof(f->head->fields[0]);

	memset(moved, 0x5a, sizeof(*moved));
	memcpy(moved, f->head, used);
	free(f->head);
	f->head = f->in.head = moved;
}

/* The next piece comes: false if there is none. */
static bool arrive(struct feed *f)
{
	size_t more = f->came == 0 && f->first > 0 ? f->first : f->step;
	char *moved;

	if (f->came == f->len)
		return false;
	if (more > f->len - f->came)
		more = f->len - f->came;
	moved = malloc(f->came + more);
	if (f->came > 0)
		memcpy(moved, f->base, f->came);
	memcpy(moved + f->came, f->bytes + f->came, more);
	free(f->base);
	f->base = moved;
	f->came += more;
	return true;
}

/* 1 with *used, 0 if it is not whole, or minus a status. */
static int feed_head(struct feed *f, size_t *used)
{
	size_t seen = 0;
	int rc = 0;

	vane__h1in_next(&f->in, f->head);
	while (rc == 0 && arrive(f)) {
		rc = vane__h1in_head(&f->in, f->base, seen, f->came, used);
		seen = f->came;
		if (rc == 0)
			move_head(f);
	}
	return rc;
}

static void write_head(struct feed *f, const struct vane_env *env)
{
	size_t i;

	vane__buf_printf(f->out, "%.*s %.*s %s host=%.*s%s%s\n", (int) env->method.len,
		env->method.data, (int) env->target.len, env->target.data, env->version,
		(int) env->host.len, env->host.len > 0 ? env->host.data : "",
		f->in.keep_alive ? " keep" : "", f->in.expects_continue ? " expect" : "");
	for (i = 0; i < env->field_count; i++)
		vane__buf_printf(f->out, "%s: %s\n", env->fields[i].name.data,
			env->fields[i].value.data);
	if (env->body_length != 0)
		vane__buf_printf(f->out, "length %lld\n", (long long) env->body_length);
}

/* Decode what is there, two bytes of room at a time if the pieces are small. */
static void feed_body(struct feed *f, size_t at)
{
	size_t size = f->step < 16 ? 2 : 4096, before = f->out->len, used;
	char *piece = malloc(size);
	ssize_t n = 0;

	while (n >= 0 && !f->in.body_done) {
		if (at == f->came && !arrive(f))
			break;
		n = vane__h1in_body(&f->in, f->base + at, f->came - at, &used, piece, size);
		at += used;
		if (n > 0)
			vane__buf_add(f->out, piece, (size_t) n);
	}
	free(piece);
	if (n < 0) {
		f->out->len = before; /* how much was decoded before that is left open */
		vane__buf_printf(f->out, "!bad");
		return;
	}
	vane__buf_printf(f->out, f->in.body_done ? "." : "!short");
	if (f->len > at)
		vane__buf_printf(f->out, "\nrest %zu", f->len - at);
}

static void feed(struct feed *f)
{
	struct vane_env env = { .version = "" };
	size_t used = 0;
	int rc = feed_head(f, &used);

	if (rc == 0) {
		vane__buf_printf(f->out, "more");
		return;
	}
	if (rc > 0) {
		f->in.base = f->base;
		rc = vane__h1in_env(&f->in, &env, &f->arena);
	}
	if (rc < 0) {
		vane__buf_printf(f->out, "%d%s", -rc, f->in.keep_alive ? " keep" : "");
		return;
	}
	write_head(f, &env);
	feed_body(f, used);
}

void h1feed(const char *bytes, size_t len, size_t first, size_t step, struct buf *out)
{
	struct feed f = {
		.bytes = bytes,
		.len = len,
		.first = first,
		.step = step,
		.out = out,
		.head = malloc(sizeof(*f.head)),
	};

	vane__h1in_init(&f.in, MAX_FIELDS);
	feed(&f);
	vane__arena_fini(&f.arena);
	free(f.head);
	free(f.base);
	vane__buf_add(out, "", 1); /* its end as text */
	out->len--;
}
