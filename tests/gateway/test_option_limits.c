/* SPDX-License-Identifier: MIT */
/*
 * test_option_limits.c - limits and times in the options of vane-gateway.
 */
#include "test.h"

#include <vane/options.h>

#include "base.h"
#include "gateway/main/cmdline.h"
#include "support/option_limits.h"

/* What options end in. */
enum { CGI = 1, UPSTREAM, SPAWN };

static struct vane__cmdline cmdline;

static void define(void)
{
	assert_int_equal(vane__cmdline_define(&cmdline), 0);
}

static void forget(void)
{
	vane__cmdline_fini(&cmdline);
	vane_options_reset();
}

static const void *get(int kind)
{
	static struct vane_cgi_backend_opts cgi;
	static struct vane_fastcgi_backend_opts upstream;
	static struct vane_spawn_opts spawn;

	vane__cmdline_limit_cgi(&cmdline, &cgi);
	vane__cmdline_limit_upstream(&cmdline, &upstream);
	vane__cmdline_limit_spawn(&cmdline, &spawn);
	return kind == CGI        ? (const void *) &cgi
	       : kind == UPSTREAM ? (const void *) &upstream
				  : (const void *) &spawn;
}

#define IN(kind, type, member, otherwise)                                                  \
	{ kind, #type "." #member, offsetof(struct type, member), otherwise }
#define IN_CGI(member, otherwise) IN(CGI, vane_cgi_backend_opts, member, otherwise)
#define IN_UPSTREAM(member, otherwise)                                                     \
	IN(UPSTREAM, vane_fastcgi_backend_opts, member, otherwise)
#define IN_SPAWN(member, otherwise) IN(SPAWN, vane_spawn_opts, member, otherwise)
#define IN_BACKENDS(member, otherwise)                                                     \
	IN_CGI(limits.member, otherwise), IN_UPSTREAM(limits.member, otherwise)

static const struct option_limit rows[] = {
	{ "program-head-timeout", "17ms", 17, { IN_BACKENDS(head_msec, 60000) } },
	{ "program-idle-timeout", "17ms", 17, { IN_BACKENDS(idle_msec, 60000) } },
	{ "program-timeout", "17ms", 17, { IN_BACKENDS(total_msec, VANE_NO_LIMIT) } },
	{ "max-output", "17", 17, { IN_BACKENDS(max_output_bytes, VANE_NO_LIMIT) } },
	{ "max-spool", "17", 17, { IN_BACKENDS(max_spool_bytes, 64 << 20) } },
	{ "max-spool-total", "17", 17, { IN_BACKENDS(max_spool_total, 1 << 30) } },
	{ "max-active", "17", 17, { IN_BACKENDS(max_active, 64) } },
	{ "max-queue", "17", 17, { IN_BACKENDS(max_queue, 256) } },
	{ "queue-timeout", "17ms", 17, { IN_BACKENDS(queue_msec, 10000) } },
	{ "cgi-cpu", "17", 17, { IN_CGI(cpu_sec, VANE_NO_LIMIT) } },
	{ "cgi-memory", "17", 17, { IN_CGI(memory_bytes, VANE_NO_LIMIT) } },
	{ "kill-timeout", "17ms", 17,
		{ IN_CGI(kill_msec, 5000), IN_SPAWN(kill_msec, 5000) } },
	{ "max-idle", "17", 17, { IN_UPSTREAM(max_idle, 0) } },
	{ "instances", "17", 17, { IN_SPAWN(max_instances, 4) } },
	{ "min-instances", "17", 17, { IN_SPAWN(min_instances, VANE_NO_LIMIT) } },
	{ "instance-idle-timeout", "17ms", 17, { IN_SPAWN(idle_msec, 60000) } },
	{ "max-requests", "17", 17, { IN_SPAWN(max_requests, VANE_NO_LIMIT) } },
};

static const char *const others[] = { NULL };

static const struct option_limits limits = { rows, ARRAY_SIZE(rows), others, define, forget,
	get };

static void each_option_follows_the_rule(void **state)
{
	option_limits_check(&limits);
}

static void no_limit_is_forgotten(void **state)
{
	option_limits_check_all_known(&limits);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_follows_the_rule),
		cmocka_unit_test(no_limit_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
