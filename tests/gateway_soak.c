/* SPDX-License-Identifier: MIT */
/*
 * gateway_soak.c - ten thousand CGI requests through vane-gateway, from clients that leave
 * when they like and to scripts that hang, and nothing is left of them.
 *
 * SOAK_REQUESTS and VANE_SOAK_SEED say how many and which: what a request is follows
 * from the seed and its number alone.
 */
#include "test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "support/crowd.h"
#include "support/hosting.h"

#ifdef __SANITIZE_ADDRESS__
#define REQUESTS  3000
#define CAN_METER false /* it tells by itself what is left at the end */
#else
#define REQUESTS  10000
#define CAN_METER true
#endif
#define BUSY        64  /* clients at a time whose scripts do not hang */
#define PATIENT     192 /* and of those whose scripts do */
#define SERVER_MSEC 60000
#define RETURN_MSEC 30000

#define BODY_MAX    (64 * 1024)
#define FILL_MAX    (128 * 1024)
#define LONG        2000000 /* response in the middle of which clients leave */

/*
 * Each server keeps 64 exchanges with buffers of up to 64 KiB for the next ones, and gives
 * them back when it has a rest, so what is allocated varies.  It is
 * counted after each of some parts: what grows each time is a leak.  A block for each
 * request, however small, is fifty times the slack, one for each client that leaves in the
 * second test at least two times.  Bytes say little as long as those buffers still grow,
 * and what malloc() has from the system is up to it.
 */
#define PARTS            4
#define METER_SIZE       4096
#define BLOCKS_SLACK     50
#define BYTES_SLACK      (4 * 1024 * 1024)
#define MEMORY_SLACK_KIB (64 * 1024)

/* What may stay: in each server an exchange, a read buffer, and lists that have grown. */
#define BYTES_LEFT  (2 * 1024 * 1024)
#define BLOCKS_LEFT 200

enum { BYTES, BLOCKS }; /* in the file of heapmeter.c */

enum kind { GOOD, LEAVES, HANGS };

/* A request, and what is to become of it. */
struct plan {
	enum kind kind;
	char steps[128]; /* of actor.c */
	bool post, chunked, close;
	const char *body;
	size_t body_len;
	int status;
	bool whole;
	char text[24]; /* the response is that, */
	size_t fill;   /* so much of actor.c's filling */
	bool echo;     /* and the body */
};

struct soak {
	struct hosting hosting;
	unsigned long seed;
	long requests;
	bool all_leave;
	long next[2]; /* numbers: of busy clients, and of patient ones */
	long end;
	long answered, left, hung, wrong;
	const volatile int64_t *heap; /* see heapmeter.c */
	int64_t began[2];             /* what that was before the first request */
};

static char noise[2 * BODY_MAX];

/* Numbers that look random and are the same each time (SplitMix64). */
static unsigned long draw(unsigned long *state)
{
	unsigned long z = *state += 0x9e3779b97f4a7c15UL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
	return z ^ (z >> 31);
}

static size_t below(unsigned long *state, size_t limit)
{
	return draw(state) % limit;
}

static bool once_in(unsigned long *state, size_t times)
{
	return below(state, times) == 0;
}

/* One in twenty leaves, one in twenty hangs. */
static enum kind kind_of(const struct soak *soak, unsigned long *dice)
{
	size_t number = below(dice, 20);

	if (number == 0 || soak->all_leave)
		return LEAVES;
	return number == 1 ? HANGS : GOOD;
}

static void plan_body(struct plan *plan, unsigned long *dice)
{
	plan->post = once_in(dice, 2);
	plan->chunked = once_in(dice, 4);
	plan->close = once_in(dice, 2);
	if (!plan->post)
		return;
	plan->body = noise + below(dice, BODY_MAX);
	plan->body_len = below(dice, BODY_MAX);
}

static void plan_good(struct plan *plan, unsigned long *dice, long number)
{
	char *steps = plan->steps;
	const size_t size = sizeof(plan->steps);

	snprintf(plan->text, sizeof(plan->text), "%ld", number);
	plan->status = 200;
	plan->whole = true;
	switch (below(dice, 8)) {
	case 0: /* whatever was posted is not read */
		snprintf(steps, size, "head&say:%ld", number);
		break;
	case 1:
		plan->fill = below(dice, FILL_MAX);
		snprintf(steps, size, "head&say:%ld&fill:%zu", number, plan->fill);
		break;
	case 2: /* a grandchild that would stay */
		snprintf(steps, size, "head&say:%ld&fork:4&close:0&close:1&close:2&hang",
			number);
		break;
	case 3:
		snprintf(
			steps, size, "say:Location:_/cgi/actor.cgi?head^say:%ld~~", number);
		break;
	case 4:
		plan->echo = true;
		snprintf(steps, size, "wait:%zu&head&say:%ld&copy&err:done~",
			below(dice, 30), number);
		break;
	default:
		plan->echo = true;
		snprintf(steps, size, "head&say:%ld&copy", number);
	}
}

/* The gateway's limits end them. */
static void plan_hanging(struct plan *plan, unsigned long *dice)
{
	static const struct {
		const char *steps;
		int status;
		bool whole;
	} rows[] = {
		{ "hang", 504, true },
		{ "ignore:15&hang", 504, true },
		{ "fork:0&hang", 504, true },
		{ "fork:0&ignore:15&hang", 504, true },
		{ "fork:2&ignore:15&hang&exit:0", 504, true },
		{ "close:0&ignore:15&hang", 504, true },
		{ "close:0&close:1&ignore:15&hang", 502, true },
		{ "head&say:x&hang", 200, false },
		{ "head&say:x&ignore:15&hang", 200, false },
		{ "head&say:x&fork:2&ignore:15&hang&exit:0", 200, false },
		{ "head&say:x&close:1&ignore:15&hang", 200, true },
		{ "head&babble:200", 200, false },
	};
	const size_t row = below(dice, sizeof(rows) / sizeof(rows[0]));

	plan->status = rows[row].status;
	plan->whole = rows[row].whole;
	strcpy(plan->text, "x");
	strcpy(plan->steps, rows[row].steps);
}

/* Who leaves does so from scripts that answer, that answer at length, and that hang. */
static void plan_leaving(struct plan *plan, unsigned long *dice, long number)
{
	switch (below(dice, 3)) {
	case 0:
		plan_hanging(plan, dice);
		break;
	case 1:
		plan_good(plan, dice, number);
		break;
	default:
		plan->fill = LONG;
		snprintf(plan->steps, sizeof(plan->steps), "head&fill:%zu", plan->fill);
	}
}

/* The plan of that number, and the dice as they lie then. */
static struct plan plan_of(const struct soak *soak, long number, unsigned long *dice)
{
	struct plan plan;
	unsigned long state = (unsigned long) number;

	*dice = draw(&state) ^ soak->seed;
	plan = (struct plan) { .kind = kind_of(soak, dice) };
	plan_body(&plan, dice);
	if (plan.kind == GOOD)
		plan_good(&plan, dice, number);
	else if (plan.kind == HANGS)
		plan_hanging(&plan, dice);
	else
		plan_leaving(&plan, dice, number);
	return plan;
}

static int put_head(FILE *file, const struct plan *plan)
{
	fprintf(file, "%s /cgi/actor.cgi?%s HTTP/1.1\r\nHost: vane.test\r\n",
		plan->post ? "POST" : "GET", plan->steps);
	if (plan->close)
		fprintf(file, "Connection: close\r\n");
	if (plan->post && plan->chunked)
		fprintf(file, "Transfer-Encoding: chunked\r\n");
	else if (plan->post)
		fprintf(file, "Content-Length: %zu\r\n", plan->body_len);
	return fprintf(file, "\r\n");
}

static void put_chunks(FILE *file, const struct plan *plan, unsigned long *dice)
{
	size_t at = 0, len;

	for (; at < plan->body_len; at += len) {
		len = 1 + below(dice, plan->body_len - at);
		fprintf(file, "%zx\r\n", len);
		fwrite(plan->body + at, 1, len, file);
		fprintf(file, "\r\n");
	}
	fprintf(file, "0\r\n\r\n");
}

/* The bytes of a request; *head is how many of them are its head. */
static void put_request(
	struct errand *errand, const struct plan *plan, unsigned long *dice, size_t *head)
{
	FILE *file = open_memstream(&errand->bytes, &errand->len);

	assert_non_null(file);
	put_head(file, plan);
	*head = (size_t) ftell(file);
	if (plan->post && plan->chunked)
		put_chunks(file, plan, dice);
	else if (plan->post)
		fwrite(plan->body, 1, plan->body_len, file);
	assert_int_equal(fclose(file), 0);
}

/* When: in the head, in the body, before an answer, in the middle of a long one. */
static void plan_leave(
	struct errand *errand, const struct plan *plan, size_t head, unsigned long *dice)
{
	errand->leave = once_in(dice, 2) ? CROWD_CLOSES : CROWD_RESETS;
	errand->leave_sent = errand->len;
	switch (below(dice, 3)) {
	case 0:
		errand->leave_sent = below(dice, head);
		break;
	case 1:
		errand->leave_sent = head + below(dice, errand->len - head + 1);
		break;
	default:
		errand->leave_got = below(dice, plan->fill / 2 + 1);
		errand->leave_msec = (int) below(dice, 40);
	}
}

static bool next(void *data, int client, struct errand *errand)
{
	struct soak *soak = data;
	bool patient = client >= BUSY;
	unsigned long dice = 0;
	struct plan plan = { 0 };
	long *number = &soak->next[patient];
	size_t head;

	for (; *number < soak->end; ++*number) {
		plan = plan_of(soak, *number, &dice);
		if ((plan.kind == HANGS) == patient)
			break;
	}
	if (*number >= soak->end)
		return false;
	errand->number = (*number)++;
	put_request(errand, &plan, &dice, &head);
	if (plan.kind == LEAVES)
		plan_leave(errand, &plan, head, &dice);
	return true;
}

static bool is_filling(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] != (i % 1000 == 99 ? '\n' : 'x'))
			return false;
	}
	return true;
}

static bool has_body(const struct plan *plan, const struct outcome *outcome)
{
	size_t text = strlen(plan->text), echo = plan->echo ? plan->body_len : 0;
	const char *at = outcome->body;

	if (outcome->body_len != text + plan->fill + echo)
		return false;
	return memcmp(at, plan->text, text) == 0 && is_filling(at + text, plan->fill) &&
	       (echo == 0 || memcmp(at + text + plan->fill, plan->body, echo) == 0);
}

static bool is_right(const struct plan *plan, const struct outcome *outcome)
{
	if (outcome->left)
		return plan->kind == LEAVES;
	if (plan->kind == LEAVES)
		return true; /* it would have left, but was served before */
	if (outcome->status != plan->status || outcome->whole != plan->whole)
		return false;
	return plan->status != 200 || !plan->whole || has_body(plan, outcome);
}

static void done(void *data, const struct errand *errand, const struct outcome *outcome)
{
	struct soak *soak = data;
	unsigned long dice;
	struct plan plan = plan_of(soak, errand->number, &dice);

	soak->left += outcome->left;
	soak->hung += plan.kind == HANGS;
	soak->answered += plan.kind != HANGS && !outcome->left;
	if (is_right(&plan, outcome))
		return;
	soak->wrong++;
	if (soak->wrong <= 20)
		print_error("request %ld, %s ?%.60s with %zu bytes: %d%s, %zu bytes: "
			    "%.60s\n",
			errand->number, plan.post ? "POST" : "GET", plan.steps,
			plan.body_len, outcome->status, outcome->whole ? "" : " and cut",
			outcome->body_len, outcome->body == NULL ? "" : outcome->body);
}

/* Requests up to that number. */
static void ask_all(struct soak *soak, long end)
{
	const struct crowd crowd = {
		.port = soak->hosting.port,
		.clients = BUSY + PATIENT,
		.next = next,
		.done = done,
		.data = soak,
		.msec = SERVER_MSEC,
	};

	soak->next[0] = soak->next[1] = soak->end;
	soak->end = end;
	assert_int_equal(crowd_run(&crowd), 0);
	assert_int_equal(soak->wrong, 0);
}

/* Wait until nothing is there that was not before; and no worker has crashed. */
static void settle(struct soak *soak)
{
	struct hosting *hosting = &soak->hosting;

	assert_int_equal(census_return(&hosting->before, &hosting->of,
				 hosting->memory_slack, RETURN_MSEC),
		0);
	assert_int_equal(census_running(hosting->tmp.path), 0);
	assert_int_not_equal(proc_wait_log(&hosting->gateway, "restarting", 0), 0);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Ask so much more, in parts; at each of them but the first something must not grow. */
static void ask_in_parts(struct soak *soak, long count)
{
	int64_t bytes = 0, blocks = 0, more_bytes = INT64_MAX, more_blocks = INT64_MAX;
	long before = soak->end;

	for (int i = 0; i < PARTS; i++) {
		ask_all(soak, before + count * (i + 1) / PARTS);
		settle(soak);
		if (i > 0) {
			more_bytes = least(more_bytes, soak->heap[BYTES] - bytes);
			more_blocks = least(more_blocks, soak->heap[BLOCKS] - blocks);
		}
		bytes = soak->heap[BYTES];
		blocks = soak->heap[BLOCKS];
	}
	print_message("%ld answered, %ld have left, %ld hung; %ld blocks of %ld and %ld "
		      "bytes of %ld more each time\n",
		soak->answered, soak->left, soak->hung, (long) more_blocks, (long) blocks,
		(long) more_bytes, (long) bytes);
	assert_true(more_blocks <= BLOCKS_SLACK);
	assert_true(more_bytes <= BYTES_SLACK);
}

/* Wait until what is allocated is about what it was. */
static void await_heap(struct soak *soak)
{
	long deadline = proc_now() + RETURN_MSEC;
	int64_t bytes, blocks;

	do {
		poll(NULL, 0, 100);
		bytes = soak->heap[BYTES] - soak->began[BYTES];
		blocks = soak->heap[BLOCKS] - soak->began[BLOCKS];
	} while ((bytes > BYTES_LEFT || blocks > BLOCKS_LEFT) && proc_now() < deadline);
	print_message("%ld bytes and %ld blocks more than at the beginning\n", (long) bytes,
		(long) blocks);
	assert_true(bytes <= BYTES_LEFT && blocks <= BLOCKS_LEFT);
}

static void nothing_is_left(void **state)
{
	struct soak *soak = *state;

	ask_in_parts(soak, soak->requests);
	await_heap(soak);
}

static void nothing_is_left_when_everybody_leaves(void **state)
{
	struct soak *soak = *state;

	soak->all_leave = true;
	ask_in_parts(soak, soak->requests / 4);
	await_heap(soak);
}

static long number_from(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value == NULL ? otherwise : strtol(value, NULL, 0);
}

/* Have what the gateway allocates counted: where that can be, or the counts stay 0. */
static int meter_heap(struct soak *soak)
{
	char path[TMP_PATH_MAX];
	char *module = realpath("tests/fixtures/.libs/heapmeter.so", NULL);
	FILE *file = fopen(tmp_path(&soak->hosting.tmp, path, "heapmeter"), "w+e");
	int rc = file == NULL ? -1 : ftruncate(fileno(file), METER_SIZE);

	if (rc == 0)
		soak->heap = mmap(NULL, METER_SIZE, PROT_READ, MAP_SHARED, fileno(file), 0);
	if (rc < 0 || soak->heap == MAP_FAILED)
		return -1;
	fclose(file);
	if (module != NULL && CAN_METER) {
		setenv("VANE_HEAPMETER", path, 1);
		setenv("LD_PRELOAD", module, 1);
	}
	free(module);
	return 0;
}

static int start(void **state)
{
	static const char *const more[] = { "--processes", "2", "--max-active", "1000",
		"--program-head-timeout", "3s", "--program-idle-timeout", "3s",
		"--program-timeout", "4s", "--kill-timeout", "200ms", NULL };
	static struct soak soak;
	struct hosting *hosting = &soak.hosting;
	unsigned long dice;
	int rc;

	*state = &soak;
	soak.requests = number_from("SOAK_REQUESTS", REQUESTS);
	soak.seed = (unsigned long) number_from("VANE_SOAK_SEED", time(NULL));
	print_message("VANE_SOAK_SEED=%lu\n", soak.seed);
	dice = soak.seed;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char) draw(&dice);
	if (hosting_prepare(hosting) < 0 || meter_heap(&soak) < 0 ||
		tmp_copy_program(&hosting->tmp, "cgi/actor.cgi", "tests/fixtures/actor") <
			0)
		return -1;
	rc = hosting_start(hosting,
		&(struct hosting_opts) { .more = more, .memory_slack = MEMORY_SLACK_KIB });
	unsetenv("LD_PRELOAD");
	soak.began[BYTES] = soak.heap[BYTES];
	soak.began[BLOCKS] = soak.heap[BLOCKS];
	return rc;
}

static int stop(void **state)
{
	struct soak *soak = *state;

	return hosting_stop(&soak->hosting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left),
		cmocka_unit_test(nothing_is_left_when_everybody_leaves),
	};

	if (!hosting_possible())
		return 77;
	http_global_init();
	return cmocka_run_group_tests(tests, start, stop);
}
