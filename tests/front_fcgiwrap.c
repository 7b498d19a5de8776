/* SPDX-License-Identifier: MIT */
/*
 * front_fcgiwrap.c - a CGI program of ours behind fcgiwrap, which stops listening to a program
 * that does not read all of a body.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carrier.h"
#include "support/fcgi_peer.h"
#include "support/proc.h"
#include "support/tmp.h"

#define MIB       (1024 * 1024)
#define WAIT_MSEC 30000

#define FCGIWRAP  "/usr/sbin/fcgiwrap"

struct wrap {
	struct tmp tmp;
	struct proc proc;
	char address[TMP_PATH_MAX + 16], script[4096 + 32];
};

static void the_answer_to_a_body_that_is_not_read_arrives(void **state)
{
	static const size_t sizes[] = { 2000, MIB, MIB + 1, 8 * MIB };
	const struct wrap *wrap = *state;
	char length[48], *body = calloc(1, 8 * MIB);
	const char *const params[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/small",
		"SCRIPT_NAME=", "PATH_INFO=/small", "SERVER_PROTOCOL=HTTP/1.1",
		"GATEWAY_INTERFACE=CGI/1.1", "HTTP_HOST=vane.test", wrap->script, length,
		NULL };
	struct fcgi_peer peer;
	size_t i;

	assert_non_null(body);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct fcgi_peer_request request = {
			.params = params, .body = body, .body_len = sizes[i]
		};

		snprintf(length, sizeof(length), "CONTENT_LENGTH=%zu", sizes[i]);
		assert_int_equal(fcgi_peer_connect(&peer, wrap->address), 0);
		assert_int_equal(fcgi_peer_ask(&peer, &request, WAIT_MSEC), 0);
		if (peer.out.len == 0 || strstr(peer.out.data, "Status: 413 ") == NULL)
			fail_msg("%zu bytes: %s", sizes[i],
				peer.out.len > 0 ? peer.out.data : "no answer");
		fcgi_peer_close(&peer);
	}
	free(body);
}

static int start(void **state)
{
	static struct wrap wrap;
	char *argv[] = { (char *) FCGIWRAP, (char *) "-s", wrap.address, NULL };
	char log[TMP_PATH_MAX], path[TMP_PATH_MAX], program[4096];
	struct proc_start start = { .argv = argv };
	int rc = tmp_make(&wrap.tmp);

	if (rc < 0 || realpath(carrier_program(), program) == NULL)
		return -1;
	*state = &wrap;
	snprintf(wrap.script, sizeof(wrap.script), "SCRIPT_FILENAME=%s", program);
	tmp_path(&wrap.tmp, path, "s");
	snprintf(wrap.address, sizeof(wrap.address), "unix:%s", path);
	start.log = tmp_path(&wrap.tmp, log, "log");
	rc = proc_start(&wrap.proc, &start);
	return rc < 0 ? rc : proc_wait_unix(&wrap.proc, path, WAIT_MSEC);
}

static int stop(void **state)
{
	struct wrap *wrap = *state;

	proc_stop(&wrap->proc);
	tmp_remove(&wrap->tmp);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_to_a_body_that_is_not_read_arrives),
	};

	if (!proc_available(FCGIWRAP)) {
		printf("SKIP: fcgiwrap is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, start, stop);
}
