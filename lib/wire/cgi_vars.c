/* SPDX-License-Identifier: MIT */
/*
 * cgi_vars.c - meta-variables as text, and as environ, FastCGI and SCGI want them.
 *
 * What they say of a request is cgi_vars_request.c's business.
 */
#include "cgi_vars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi.h"
#include "scgi.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

/* Where a variable lies in the text. */
struct pair {
	size_t at;
	size_t name_len, value_len;
};

void vane__vars_clear(struct vane__vars *vars)
{
	vars->text.len = vars->pairs.len = vars->count = 0;
}

void vane__vars_fini(struct vane__vars *vars)
{
	vane__buf_fini(&vars->text);
	vane__buf_fini(&vars->pairs);
	vane__buf_fini(&vars->envp);
	vars->count = 0;
}

static struct pair *pairs_of(const struct vane__vars *vars)
{
	return (struct pair *) (void *) vars->pairs.data;
}

static struct pair *find(const struct vane__vars *vars, struct vane_slice name)
{
	struct pair *pairs = pairs_of(vars);
	size_t i;

	for (i = 0; i < vars->count; i++)
		if (pairs[i].name_len == name.len &&
			memcmp(vars->text.data + pairs[i].at, name.data, name.len) == 0)
			return &pairs[i];
	return NULL;
}

/* Note that what stands at the end of the text is a variable; there is room for a pair. */
static void note(struct vane__vars *vars, struct pair pair)
{
	pairs_of(vars)[vars->count++] = pair;
	vars->pairs.len += sizeof(pair);
}

int vane__vars_put(struct vane__vars *vars, struct vane_slice name, const char *value)
{
	struct pair pair = { vars->text.len, name.len, strlen(value) };
	size_t size = name.len + pair.value_len + 2;
	char *at;

	if (vane__buf_reserve(&vars->pairs, sizeof(pair)) < 0 ||
		vane__buf_reserve(&vars->text, size) < 0)
		return -ENOMEM;
	at = vars->text.data + vars->text.len;
	memcpy(at, name.data, name.len);
	at[name.len] = '=';
	memcpy(at + name.len + 1, value, pair.value_len + 1);
	vars->text.len += size;
	note(vars, pair);
	return 0;
}

/* The old text of a variable that changes stays where it is: that is seldom. */
static int set(struct vane__vars *vars, struct vane_slice name, const char *value)
{
	struct pair *old = find(vars, name);
	size_t i = old != NULL ? (size_t) (old - pairs_of(vars)) : vars->count;
	int rc = vane__vars_put(vars, name, value);

	if (rc == 0 && old != NULL) {
		pairs_of(vars)[i] = pairs_of(vars)[--vars->count];
		vars->pairs.len -= sizeof(*old);
	}
	return rc;
}

/* A byte of a field's name as RFC 3875, 4.1.18 wants it. */
static char upper(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char) (c & ~0x20);
	return c == '-' ? '_' : c;
}

int vane__vars_put_http(struct vane__vars *vars, const char *name, const char *value)
{
	static const char http[] = "HTTP_";
	size_t name_len = strlen(name), value_len = strlen(value), i;
	struct pair pair = { vars->text.len, sizeof(http) - 1 + name_len, value_len };
	char *at;

	if (vane__buf_reserve(&vars->pairs, sizeof(pair)) < 0 ||
		vane__buf_reserve(&vars->text, pair.name_len + value_len + 2) < 0)
		return -ENOMEM;
	at = vars->text.data + vars->text.len;
	memcpy(at, http, sizeof(http) - 1);
	for (i = 0; i < name_len; i++)
		at[sizeof(http) - 1 + i] = upper(name[i]);
	if (find(vars, (struct vane_slice) { at, pair.name_len }) != NULL)
		return 0;
	at[pair.name_len] = '=';
	memcpy(at + pair.name_len + 1, value, value_len + 1);
	vars->text.len += pair.name_len + value_len + 2;
	note(vars, pair);
	return 0;
}

int vane__vars_set(struct vane__vars *vars, const char *name, const char *value)
{
	return set(vars, vane__slice(name), value);
}

int vane__vars_settings(struct vane__vars *vars, const char *const *settings)
{
	int rc = 0;

	for (; rc == 0 && settings != NULL && *settings != NULL; settings++) {
		struct vane_slice name = { *settings, strcspn(*settings, "=") };

		if (name.len == 0 || name.data[name.len] == '\0')
			return -EINVAL;
		rc = set(vars, name, name.data + name.len + 1);
	}
	return rc;
}

int vane__vars_environment(struct vane__vars *vars)
{
	const char *zone = getenv("TZ");
	int rc = vane__vars_set(vars, "PATH", DEFAULT_PATH);

	if (rc == 0 && zone != NULL)
		rc = vane__vars_set(vars, "TZ", zone);
	return rc;
}

bool vane__vars_at(const struct vane__vars *vars, size_t i, struct vane_slice *name,
	struct vane_slice *value)
{
	const struct pair *pair;

	if (i >= vars->count)
		return false;
	pair = &pairs_of(vars)[i];
	*name = (struct vane_slice) { vars->text.data + pair->at, pair->name_len };
	*value = (struct vane_slice) { name->data + name->len + 1, pair->value_len };
	return true;
}

const char *vane__vars_get(const struct vane__vars *vars, const char *name)
{
	const struct pair *pair = find(vars, vane__slice(name));

	return pair != NULL ? vars->text.data + pair->at + pair->name_len + 1 : NULL;
}

char *const *vane__vars_environ(struct vane__vars *vars)
{
	char **envp;
	size_t i;

	vars->envp.len = 0;
	if (vane__buf_reserve(&vars->envp, (vars->count + 1) * sizeof(*envp)) < 0)
		return NULL;
	envp = (char **) (void *) vars->envp.data;
	for (i = 0; i < vars->count; i++)
		envp[i] = vars->text.data + pairs_of(vars)[i].at;
	envp[i] = NULL;
	return envp;
}

int vane__vars_fastcgi(const struct vane__vars *vars, struct buf *out)
{
	const struct pair *pairs = pairs_of(vars);
	struct vane_slice name, value;
	size_t i, room = 0;
	unsigned char *at;
	int rc;

	for (i = 0; i < vars->count; i++) {
		if (pairs[i].name_len > INT32_MAX || pairs[i].value_len > INT32_MAX)
			return -EMSGSIZE;
		room += 8 + pairs[i].name_len + pairs[i].value_len;
	}
	rc = vane__buf_reserve(out, room);
	if (rc < 0 || room == 0)
		return rc;
	at = (unsigned char *) out->data + out->len;
	for (i = 0; i < vars->count; i++) {
		vane__vars_at(vars, i, &name, &value);
		at += vane__fcgi_put_pair(at, name, value);
	}
	out->len = (size_t) ((char *) at - out->data);
	return 0;
}

/* The bytes of the variables that an SCGI head does not begin with. */
static size_t scgi_rest(const struct vane__vars *vars)
{
	struct vane_slice name, value;
	size_t i, len = 0;

	for (i = 0; vane__vars_at(vars, i, &name, &value); i++)
		if (!vane__scgi_is_first(name))
			len += vane__scgi_var_len(name, value);
	return len;
}

int vane__vars_scgi(const struct vane__vars *vars, struct buf *out)
{
	const char *length = vane__vars_get(vars, "CONTENT_LENGTH");
	struct vane_slice name, value;
	size_t i;
	int rc = vane__scgi_begin(
		out, vane__slice(length != NULL ? length : "0"), scgi_rest(vars));

	if (rc < 0)
		return rc;
	for (i = 0; vane__vars_at(vars, i, &name, &value); i++)
		if (!vane__scgi_is_first(name))
			vane__scgi_var(out, name, value);
	vane__scgi_end(out);
	return 0;
}
