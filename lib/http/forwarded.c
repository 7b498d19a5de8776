/* SPDX-License-Identifier: MIT */
/*
 * forwarded.c - the field Forwarded (RFC 7239): what proxies say about a client.
 *
 * Read from the front, as quotes can hold commas: of elements that are not trusted the last one is
 * kept.  No value that is of use needs a backslash, so one that has it says nothing.
 */
#include "forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "slice.h"
#include "xheaders.h"

/* An element: its for= too, as it came. */
struct element {
	struct vane_slice node;
	struct vane__forwarded said;
};

static bool is_token(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static struct vane_slice take_token(struct vane_slice *in)
{
	size_t len = 0;

	while (len < in->len && is_token(in->data[len]))
		len++;
	return vane__slice_take(in, len);
}

/* The text between quotes, with backslashes as they came; false without the second one. */
static bool take_quoted(struct vane_slice *in, struct vane_slice *value)
{
	size_t len = 1;

	while (len < in->len && in->data[len] != '"')
		len += in->data[len] == '\\' ? 2 : 1;
	if (len >= in->len)
		return false;
	*value = (struct vane_slice) { in->data + 1, len - 1 };
	vane__slice_take(in, len + 1);
	return true;
}

static void skip_blanks(struct vane_slice *in)
{
	while (in->len > 0 && (in->data[0] == ' ' || in->data[0] == '\t'))
		vane__slice_take(in, 1);
}

static bool take_char(struct vane_slice *in, char c)
{
	if (in->len == 0 || in->data[0] != c)
		return false;
	vane__slice_take(in, 1);
	return true;
}

/* Where the value of a name goes; NULL: it is of no use. */
static struct vane_slice *place_of(struct element *element, struct vane_slice name)
{
	if (vane__slice_equal_nocase(name, SLICE("for")))
		return &element->node;
	if (vane__slice_equal_nocase(name, SLICE("host")))
		return &element->said.host;
	if (vane__slice_equal_nocase(name, SLICE("proto")))
		return &element->said.proto;
	return NULL;
}

/* One name=value; false if it is malformed, or given twice (4). */
static bool take_pair(struct vane_slice *in, struct element *element)
{
	struct vane_slice name = take_token(in), value, *place;

	if (name.len == 0 || !take_char(in, '='))
		return false;
	if (in->len > 0 && in->data[0] == '"') {
		if (!take_quoted(in, &value))
			return false;
	} else {
		value = take_token(in);
		if (value.len == 0)
			return false;
	}
	place = place_of(element, name);
	if (place == NULL)
		return true;
	if (place->data != NULL)
		return false;
	*place = memchr(value.data, '\\', value.len) == NULL ? value : SLICE("");
	return true;
}

/* Pairs with semicolons between, some of which may be missing. */
static bool take_element(struct vane_slice *in, struct element *element)
{
	*element = (struct element) { .node = { NULL, 0 } };
	do {
		skip_blanks(in);
		if (in->len > 0 && in->data[0] != ';' && in->data[0] != ',' &&
			!take_pair(in, element))
			return false;
		skip_blanks(in);
	} while (take_char(in, ';'));
	return in->len == 0 || in->data[0] == ',';
}

/* An address of either kind. */
static bool is_address(struct vane_slice addr)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	if (addr.len == 0 || addr.len >= sizeof(text))
		return false;
	memcpy(text, addr.data, addr.len);
	text[addr.len] = '\0';
	if (strlen(text) != addr.len)
		return false;
	return inet_pton(memchr(text, ':', addr.len) != NULL ? AF_INET6 : AF_INET, text,
		       bytes) == 1;
}

/* "4.4.4.4", "4.4.4.4:80", "[2001:db8::1]", "[2001:db8::1]:80" (6); a port may be hidden too. */
static void read_node(struct element *element)
{
	struct vane_slice node = element->node, addr;
	bool six = take_char(&node, '[');
	int64_t port;

	addr = vane__slice_split(&node, six ? ']' : ':');
	if (six && node.data != NULL && node.len > 0 && !take_char(&node, ':'))
		return;
	if (six == (memchr(addr.data != NULL ? addr.data : "", ':', addr.len) == NULL) ||
		!is_address(addr) || (six && node.data == NULL))
		return;
	element->said.addr = addr;
	if (node.data != NULL && vane__slice_number(node, &port) == 0 && port < 65536)
		element->said.port = (unsigned) port;
}

bool vane__forwarded(const struct vane__trust *trust, struct vane_slice list,
	struct vane__forwarded *out)
{
	struct element element;
	bool first = true, found = false;

	do {
		if (!take_element(&list, &element))
			return false;
		read_node(&element);
		found = element.said.addr.data == NULL ||
			!vane__trusted(trust, element.said.addr);
		if (found || first)
			*out = element.said;
		first = false;
	} while (take_char(&list, ','));
	return true;
}
