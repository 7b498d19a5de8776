/* SPDX-License-Identifier: MIT */
/*
 * fuzz_form.c - lib/http/form.c
 */
#include "fuzz.h"

#include <vane/util.h>

#include "buf.h"
#include "form.h"

#define MAX_PAIRS 64

static void add_escaped(struct buf *out, const char *text)
{
	size_t need = vane_url_escape(NULL, 0, text);

	FUZZ_CHECK(vane__buf_reserve(out, need + 1) == 0);
	vane_url_escape(out->data + out->len, need + 1, text);
	out->len += need;
}

/* Pairs written again and read again are the same pairs. */
static void check_again(const struct vane__pairs *pairs, struct arena *arena)
{
	struct vane__pairs again = { 0 };
	struct buf text = { 0 };
	size_t i;

	for (i = 0; i < pairs->count; i++) {
		add_escaped(&text, pairs->items[i].name);
		FUZZ_CHECK(vane__buf_add(&text, "=", 1) == 0);
		add_escaped(&text, pairs->items[i].value);
		FUZZ_CHECK(vane__buf_add(&text, "&", 1) == 0);
	}
	FUZZ_CHECK(vane__form_parse(&again, arena, vane__buf_slice(&text), MAX_PAIRS) == 0);
	FUZZ_CHECK(again.count == pairs->count);
	for (i = 0; i < pairs->count; i++) {
		FUZZ_CHECK(strcmp(again.items[i].name, pairs->items[i].name) == 0);
		FUZZ_CHECK(strcmp(again.items[i].value, pairs->items[i].value) == 0);
	}
	vane__buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice in = { (const char *) data, size };
	struct vane__pairs pairs = { 0 };
	struct arena arena = { 0 };
	size_t i, bytes = 0;
	int rc;

	rc = vane__form_parse(&pairs, &arena, in, MAX_PAIRS);
	FUZZ_CHECK(rc == 0 || rc == -EINVAL || rc == -EMSGSIZE);
	FUZZ_CHECK(pairs.count <= MAX_PAIRS);
	FUZZ_CHECK(rc != -EMSGSIZE || pairs.count == MAX_PAIRS);
	FUZZ_CHECK(rc != 0 || size == 0 || memchr(data, '\0', size) == NULL);
	for (i = 0; i < pairs.count; i++)
		bytes += strlen(pairs.items[i].name) + strlen(pairs.items[i].value);
	FUZZ_CHECK(bytes <= size);
	check_again(&pairs, &arena);
	vane__arena_fini(&arena);
	return 0;
}
