/* SPDX-License-Identifier: MIT */
/*
 * gateway_memory.c - what the process of vane-gateway holds after a rush of requests that are as
 * large as a head may be, in default settings.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/crowd.h"
#include "support/hosting.h"

#define CLIENTS     64
#define FIELDS      250
#define VALUE       230
#define SERVER_MSEC 60000
#define RETURN_MSEC 60000

#ifdef __SANITIZE_ADDRESS__
#define SLACK_KIB (400 * 1024) /* it keeps what was freed from being used again */
#else
#define SLACK_KIB (20 * 1024)
#endif

struct rush {
	struct hosting hosting;
	int left, wrong;
};

/* A head of 60 KB: hundreds of fields of one name, which programs get joined. */
static void put_head(FILE *file)
{
	fprintf(file, "GET /cgi/actor.cgi?head&say:fine HTTP/1.1\r\nHost: vane.test\r\n");
	for (int i = 0; i < FIELDS; i++)
		fprintf(file, "X-Many: %0*d\r\n", VALUE, i);
	fprintf(file, "\r\n");
}

static bool next(void *data, int client, struct errand *errand)
{
	struct rush *rush = data;
	FILE *file;

	if (rush->left == 0)
		return false;
	rush->left--;
	file = open_memstream(&errand->bytes, &errand->len);
	assert_non_null(file);
	put_head(file);
	assert_int_equal(fclose(file), 0);
	return true;
}

static void done(void *data, const struct errand *errand, const struct outcome *outcome)
{
	struct rush *rush = data;

	if (outcome->status != 200 || !outcome->whole || outcome->body_len != 4)
		rush->wrong++;
}

static void ask(struct rush *rush, int requests)
{
	const struct crowd crowd = {
		.port = rush->hosting.port,
		.clients = CLIENTS,
		.next = next,
		.done = done,
		.data = rush,
		.msec = SERVER_MSEC,
	};

	rush->left = requests;
	assert_int_equal(crowd_run(&crowd), 0);
	assert_int_equal(rush->wrong, 0);
}

static void memory_goes_back_after_a_rush(void **state)
{
	struct rush *rush = *state;
	struct hosting *hosting = &rush->hosting;
	struct census now;

	ask(rush, 64);
	assert_int_equal(
		census_return(&hosting->before, &hosting->of, SLACK_KIB, RETURN_MSEC), 0);
	ask(rush, 320);
	assert_int_equal(
		census_return(&hosting->before, &hosting->of, SLACK_KIB, RETURN_MSEC), 0);
	assert_int_equal(census_take(&now, &hosting->of), 0);
	print_message("%ld KiB before, %ld after 64 and 320 requests of %d KiB\n",
		hosting->before.memory, now.memory, FIELDS * (VALUE + 10) / 1024);
}

static int start(void **state)
{
	static const char *const more[] = { NULL };
	static struct rush rush;

	*state = &rush;
	if (hosting_prepare(&rush.hosting) < 0 ||
		tmp_copy_program(
			&rush.hosting.tmp, "cgi/actor.cgi", "tests/fixtures/actor") < 0)
		return -1;
	return hosting_start(&rush.hosting,
		&(struct hosting_opts) { .more = more, .memory_slack = SLACK_KIB });
}

static int stop(void **state)
{
	struct rush *rush = *state;

	return hosting_stop(&rush->hosting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_goes_back_after_a_rush),
	};

	if (!hosting_possible())
		return 77;
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
