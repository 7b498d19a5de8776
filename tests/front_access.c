/* SPDX-License-Identifier: MIT */
/*
 * front_access.c - what nginx denies stays denied: its rules are about the path that it has
 * resolved, and the application gets the one that was sent.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fronts/front.h"
#include "support/http.h"

/* Each way to the application, with slashes that nginx makes one of and without. */
enum { FASTCGI, SCGI, PROXY, FASTCGI_UNMERGED, SCGI_UNMERGED, PROXY_UNMERGED, WAYS };

#define DENY "location ^~ /env/private/ { deny all; }\n"

static const char config[] =
	"daemon off;\nmaster_process off;\n"
	"pid @DIR@/nginx.pid;\nerror_log @DIR@/error.log crit;\n"
	"events { worker_connections 64; }\n"
	"http {\naccess_log off;\n"
	"client_body_temp_path @DIR@/body;\nfastcgi_temp_path @DIR@/fastcgi;\n"
	"proxy_temp_path @DIR@/proxy;\nscgi_temp_path @DIR@/scgi;\nuwsgi_temp_path "
	"@DIR@/uwsgi;\n"
	"fastcgi_param REQUEST_METHOD $request_method;\nfastcgi_param REQUEST_URI "
	"$request_uri;\n"
	"fastcgi_param SCRIPT_NAME $fastcgi_script_name;\n"
	"scgi_param REQUEST_METHOD $request_method;\nscgi_param REQUEST_URI $request_uri;\n"
	"server { listen 127.0.0.1:@PORT0@;\n" DENY
	"location / { fastcgi_pass unix:@SOCKET@; } }\n"
	"server { listen 127.0.0.1:@PORT1@;\n" DENY
	"location / { scgi_pass unix:@SCGI@; } }\n"
	"server { listen 127.0.0.1:@PORT2@;\n" DENY
	"location / { proxy_pass http://127.0.0.1:@NATIVE@; } }\n"
	"server { listen 127.0.0.1:@PORT3@; merge_slashes off;\n" DENY
	"location / { fastcgi_pass unix:@SOCKET@; } }\n"
	"server { listen 127.0.0.1:@PORT4@; merge_slashes off;\n" DENY
	"location / { scgi_pass unix:@SCGI@; } }\n"
	"server { listen 127.0.0.1:@PORT5@; merge_slashes off;\n" DENY
	"location / { proxy_pass http://127.0.0.1:@NATIVE@; } }\n"
	"}\n";

static const char *const names[] = { "nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx",
	NULL };

static void ask(
	const struct front *front, int way, const char *target, struct answer *answer)
{
	static const char *const fields[] = { "Host: vane.test", NULL };
	const struct ask question = { .method = "GET", .target = target, .fields = fields };
	struct http *http;

	*answer = (struct answer) { 0 };
	assert_int_equal(http_new(&http, front->ports[way], NULL), 0);
	assert_int_equal(http_ask(http, &question, answer), 0);
	http_free(http);
}

static bool says(const struct answer *answer, const char *text)
{
	return answer->body != NULL &&
	       memmem(answer->body, answer->body_len, text, strlen(text)) != NULL;
}

static void what_the_front_denies_no_dot_segment_reaches(void **state)
{
	static const struct {
		const char *target;
		int status;
	} rows[] = {
		{ "/env/private/x", 403 },
		{ "/env/./private/x", 403 },
		{ "/env/public/%2e%2e/private/x", 403 },
		{ "/env/private/../method", 200 },
		{ "/env/private/%2e%2e/method", 200 },
		{ "/env/private/.%2E/method", 200 },
		{ "/env/private/..%2fmethod", 200 },
		{ "/env/private%2F..%2Fmethod", 200 },
		{ "/env/private/a/..%2F..%2fmethod", 200 },
		{ "/env/private/./../method", 200 },
	};
	size_t i, way;

	for (way = 0; way < WAYS; way++) {
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct answer answer;

			ask(*state, (int) way, rows[i].target, &answer);
			if (answer.status != rows[i].status)
				fail_msg("%s: %d", rows[i].target, answer.status);
			assert_int_equal(
				says(&answer, "path=/env/method\n"), rows[i].status == 200);
			answer_fini(&answer);
		}
	}
}

/* Where nginx makes one slash of two, "//.." means something else than it says. */
static void nor_does_one_behind_two_slashes(void **state)
{
	static const char *const targets[] = { "/env/private//../method",
		"/env/private/%2F../method", "/env/private//%2e%2e/method",
		"/env/private/a//../../method", "/env//private/../x/../private//../y" };
	size_t i, way;

	for (way = 0; way < WAYS; way++) {
		for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
			struct answer answer;

			ask(*state, (int) way, targets[i], &answer);
			assert_true(answer.status == 400 || answer.status == 403);
			answer_fini(&answer);
		}
	}
}

static int start(void **state)
{
	static struct front front;
	const char *argv[] = { front_find(names), "-p", ".", "-e", "error.log", "-c",
		"@CONFIG@", NULL };
	const struct front_kind kind = {
		.argv = argv, .config = config, .wants_native = true, .wants_scgi = true
	};

	*state = &front;
	return front_start(&front, &kind);
}

static int stop(void **state)
{
	front_stop(*state, false);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_front_denies_no_dot_segment_reaches),
		cmocka_unit_test(nor_does_one_behind_two_slashes),
	};

	if (front_find(names) == NULL) {
		printf("SKIP: nginx is not installed\n");
		return 77;
	}
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
