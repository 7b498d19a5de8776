/* SPDX-License-Identifier: MIT */
/*
 * fuzz_meta.c - lib/wire/meta.c, with each line of the input as a variable
 */
#include "fuzz.h"

#include "fields.h"
#include "meta.h"

#define MAX_VARS 200

static void check_fields(const struct vane_env *env)
{
	size_t i, k;

	for (i = 0; i < env->field_count; i++) {
		const struct vane_field *field = &env->fields[i];

		FUZZ_CHECK(vane__is_token(field->name));
		FUZZ_CHECK(!vane__field_hop_by_hop(field->name));
		FUZZ_CHECK(vane__field_value_ok(field->value));
		FUZZ_CHECK(field->name.data[field->name.len] == '\0');
		FUZZ_CHECK(field->value.data[field->value.len] == '\0');
		for (k = 0; k < field->name.len; k++)
			FUZZ_CHECK(
				field->name.data[k] == vane__lower(field->name.data[k]) &&
				field->name.data[k] != '_');
	}
}

static void check_env(const struct vane_env *env, size_t vars)
{
	FUZZ_CHECK(env->method.data != NULL && env->version != NULL);
	FUZZ_CHECK(env->body_length >= -1);
	FUZZ_CHECK(env->param_count <= vars && env->field_count <= vars + 4);
	FUZZ_CHECK(env->server_port >= 0 && env->server_port <= 65535);
	FUZZ_CHECK(env->remote_port >= 0 && env->remote_port <= 65535);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *vars[MAX_VARS + 1], *at;
	struct arena arena = { 0 };
	struct vane_field *params;
	struct vane_env env;
	size_t count = 0;
	int rc;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (at = text; at != NULL && count < MAX_VARS; count++) {
		vars[count] = at;
		at = strchr(at, '\n');
		if (at != NULL)
			*at++ = '\0';
	}
	vars[count] = NULL;
	params = vane__meta_split(&arena, vars, &count);
	FUZZ_CHECK(params != NULL);
	rc = vane__meta_env(&env, &arena, params, count);
	FUZZ_CHECK(rc == 0 || rc == 400 || rc == 413);
	check_env(&env, count);
	if (rc == 0) {
		check_fields(&env);
		FUZZ_CHECK(vane__is_token(env.method));
		FUZZ_CHECK(env.target.len > 0 &&
			   (env.target.data[0] == '/' || env.target.data[0] == '*' ||
				   env.script_name.data != NULL ||
				   env.path_info.data != NULL));
	}
	vane__arena_fini(&arena);
	free(text);
	return 0;
}
