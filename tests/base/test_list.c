/* SPDX-License-Identifier: MIT */
/*
 * test_list.c - lib/base/list.h
 */
#include "test.h"

#include "base.h"
#include "list.h"

struct item {
	char name;
	struct list node;
};

/* What is listed, by name, forwards and backwards. */
static void expect(const struct list *list, const char *names)
{
	const struct list *at;
	size_t len = 0;

	for (at = list->next; at != list; at = at->next, len++)
		assert_int_equal(CONTAINER_OF(at, struct item, node)->name, names[len]);
	assert_int_equal(names[len], '\0');
	for (at = list->prev; at != list; at = at->prev)
		assert_int_equal(CONTAINER_OF(at, struct item, node)->name, names[--len]);
	assert_int_equal(len, 0);
	assert_int_equal(list_empty(list), names[0] == '\0');
}

static void nodes_are_added_before_any_and_taken_out(void **state)
{
	struct item items[] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	struct list list;

	(void) state;
	list_init(&list);
	expect(&list, "");
	list_add(&list, &items[0].node);
	list_add(&list, &items[1].node);
	list_add(list.next, &items[2].node);
	expect(&list, "cab");
	list_del(&items[0].node);
	list_del(&items[0].node);
	expect(&list, "cb");
	list_add(&items[1].node, &items[0].node);
	expect(&list, "cab");
}

static void all_of_a_list_is_moved(void **state)
{
	struct item items[] = { { .name = 'a' }, { .name = 'b' } };
	struct list from, to;

	(void) state;
	list_init(&from);
	list_move(&to, &from);
	expect(&from, "");
	expect(&to, "");
	list_add(&from, &items[0].node);
	list_add(&from, &items[1].node);
	list_move(&to, &from);
	expect(&from, "");
	expect(&to, "ab");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_added_before_any_and_taken_out),
		cmocka_unit_test(all_of_a_list_is_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
