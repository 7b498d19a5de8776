/* SPDX-License-Identifier: MIT */
/*
 * conform_test.c - the rows hold for the in-process test client, whole and in pieces.
 */
#include "test.h"

#include <vane/app.h>

#include "echoroutes.h"
#include "suite.h"

static int open_pieces(const struct suite_carrier *carrier, void **client)
{
	struct vane_app *app = NULL;
	int rc = vane_app_new(&app, echo_routes, NULL);

	*client = app;
	return rc;
}

static void close_pieces(void *client)
{
	vane_app_free(client);
}

static int ask_pieces(void *client, const struct ask *ask, struct answer *answer)
{
	return suite_ask_app(client, ask, ask->body_len > 10000 ? 777 : 1, answer);
}

static void the_rows_hold_for_the_test_client(void **state)
{
	assert_int_equal(suite_check_reference(), 0);
}

static void it_does_not_matter_in_what_pieces_a_body_comes(void **state)
{
	struct suite_carrier carrier = {
		.name = "test-pieces",
		.single = true,
		.open = open_pieces,
		.ask = ask_pieces,
		.close = close_pieces,
	};

	assert_int_equal(suite_run(&carrier), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rows_hold_for_the_test_client),
		cmocka_unit_test(it_does_not_matter_in_what_pieces_a_body_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
