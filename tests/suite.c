/* SPDX-License-Identifier: MIT */
/*
 * suite.c - asks the rows: of the test client once, then of a carrier in several orders and
 * by several clients, and judges what came back.
 */
#include "suite.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vane/log.h>
#include <vane/test.h>

#include "allow.h"
#include "compare.h"
#include "echoroutes.h"
#include "support/pattern.h"

#define CLIENTS    8
#define FIELDS_MAX 120
#define ALLOW_MAX  200
#define FAIL_LINES 4

/* A row made ready to be asked. */
struct suite_case {
	const struct suite_row *row;
	struct ask ask;
	char *field_text;
	const char *fields[FIELDS_MAX + 4];
	char *body;
	struct answer reference;
	bool seen[ALLOW_MAX]; /* which entries of the allow-list were needed */
	bool allowed;
	unsigned failed; /* how often */
};

struct run {
	const struct suite_carrier *carrier;
	struct suite_case *cases;
	size_t count;
	const char *phase;
	uint64_t seed;
	pthread_mutex_t lock; /* over the marks of cases */
};

/* The case that is judged, for the callbacks of compare.h. */
struct verdict {
	struct run *run;
	struct suite_case *item;
};

static void add_field(struct suite_case *item, size_t *count, const char *line)
{
	if (*count < FIELDS_MAX)
		item->fields[(*count)++] = line;
}

static bool begins_with_field(const char *fields, const char *name)
{
	for (; fields != NULL; fields = strchr(fields, '\n')) {
		fields += *fields == '\n';
		if (strncmp(fields, name, strlen(name)) == 0)
			return true;
	}
	return false;
}

static int prepare_fields(struct suite_case *item)
{
	const struct suite_row *row = item->row;
	size_t count = 0;
	char *rest, *line;

	if (!begins_with_field(row->fields, "Host:"))
		add_field(item, &count, "Host: vane.test");
	item->field_text = strdup(row->fields == NULL ? "" : row->fields);
	if (item->field_text == NULL)
		return -ENOMEM;
	for (line = strtok_r(item->field_text, "\n", &rest); line != NULL;
		line = strtok_r(NULL, "\n", &rest))
		add_field(item, &count, line);
	item->fields[count] = NULL;
	return 0;
}

static int prepare_case(struct suite_case *item, const struct suite_row *row)
{
	item->row = row;
	item->ask.method = row->method == NULL ? "GET" : row->method;
	item->ask.target = row->target;
	item->ask.fields = item->fields;
	item->ask.chunked = row->chunked;
	item->ask.body = row->body.data;
	item->ask.body_len = row->body.len;
	if (row->pattern > 0) {
		item->body = malloc(row->pattern);
		if (item->body == NULL)
			return -ENOMEM;
		pattern_fill(item->body, 0, row->pattern);
		item->ask.body = item->body;
		item->ask.body_len = row->pattern;
	}
	item->ask.has_body = item->ask.body_len > 0 ||
			     strcmp(item->ask.method, "POST") == 0 ||
			     strcmp(item->ask.method, "PUT") == 0;
	return prepare_fields(item);
}

/* The fields that an HTTP client would send: with the length of a body that is announced. */
static void announce(const struct ask *ask, const char **fields, char *line, size_t size)
{
	size_t count = 0;

	for (; ask->fields[count] != NULL && count < FIELDS_MAX; count++)
		fields[count] = ask->fields[count];
	if (ask->has_body && !ask->chunked) {
		snprintf(line, size, "Content-Length: %zu", ask->body_len);
		fields[count++] = line;
	}
	fields[count] = NULL;
}

static int take_response(struct answer *answer, const struct vane_test_response *response)
{
	const char *line = response->fields != NULL ? response->fields : "";
	int rc = 0;

	answer->status = response->status;
	answer->whole = response->whole;
	for (; *line != '\0' && rc == 0; line += strcspn(line, "\n") + 1)
		rc = answer_add_line(answer, line, strcspn(line, "\n"));
	return rc == 0 ? answer_add_body(answer, response->body, response->body_len) : rc;
}

int suite_ask_app(
	struct vane_app *app, const struct ask *ask, size_t piece, struct answer *answer)
{
	const char *fields[FIELDS_MAX + 2];
	char length[48];
	struct vane_test_request request = {
		.method = ask->method,
		.target = ask->target,
		.fields = fields,
		.body = ask->body,
		.body_len = ask->body_len,
		.chunked = ask->chunked,
		.piece = piece,
	};
	struct vane_test_response response;
	int rc;

	announce(ask, fields, length, sizeof(length));
	rc = vane_test_run(app, &request, &response);
	if (rc < 0)
		return rc;
	rc = take_response(answer, &response);
	vane_test_response_fini(&response);
	return rc;
}

static void run_fini(struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		free(run->cases[i].field_text);
		free(run->cases[i].body);
		answer_fini(&run->cases[i].reference);
	}
	free(run->cases);
	pthread_mutex_destroy(&run->lock);
}

/* Make all cases, and ask the test client for what they must be like. */
static int run_init(struct run *run, const struct suite_carrier *carrier)
{
	static const struct suite_row *const tables[] = { suite_requests, suite_responses };
	const char *seed = getenv("VANE_SUITE_SEED");
	struct vane_app *app = NULL;
	size_t room = 0;
	int rc;

	*run = (struct run) { .carrier = carrier, .phase = "reference" };
	pthread_mutex_init(&run->lock, NULL);
	run->seed = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t) time(NULL);
	for (size_t t = 0; t < 2; t++) {
		for (const struct suite_row *row = tables[t]; row->name != NULL; row++)
			room++;
	}
	vane_log_set_level(VANE_LOG_NONE);
	run->cases = calloc(room, sizeof(*run->cases));
	rc = run->cases == NULL ? -ENOMEM : vane_app_new(&app, echo_routes, NULL);
	for (size_t t = 0; t < 2 && rc == 0; t++) {
		for (const struct suite_row *row = tables[t]; row->name != NULL && rc == 0;
			row++) {
			struct suite_case *item = &run->cases[run->count++];

			rc = prepare_case(item, row);
			if (rc == 0)
				rc = suite_ask_app(app, &item->ask, 0, &item->reference);
			if (rc < 0)
				printf("FAIL %s: the test client says %s\n", row->name,
					strerror(-rc));
		}
	}
	vane_app_free(app);
	return rc;
}

static void fail(
	struct run *run, struct suite_case *item, const struct difference *difference)
{
	/* What goes wrong in one order mostly does in all. */
	if (item->failed++ >= FAIL_LINES)
		return;
	printf("FAIL %s %s (%s): %s %s %s\n",
		run->carrier == NULL ? "reference" : run->carrier->name, item->row->name,
		run->phase, differs_name(difference->what), difference->name,
		difference->detail);
}

static void judge_difference(const struct difference *difference, void *data)
{
	struct verdict *verdict = data;
	struct run *run = verdict->run;
	const struct allow *allow =
		allow_find(run->carrier->name, verdict->item->row->name, difference);

	if (allow == NULL) {
		fail(run, verdict->item, difference);
		return;
	}
	verdict->item->seen[allow - allow_list] = true;
	if (!allow_is_general(allow))
		verdict->item->allowed = true;
}

static void judge_reference(const struct difference *difference, void *data)
{
	struct verdict *verdict = data;

	fail(verdict->run, verdict->item, difference);
}

static void ask_and_judge(struct run *run, void *client, struct suite_case *item)
{
	const struct suite_carrier *carrier = run->carrier;
	struct verdict verdict = { .run = run, .item = item };
	struct answer answer = { 0 };
	int rc = carrier->ask(client, &item->ask, &answer);

	pthread_mutex_lock(&run->lock);
	/* One that was cut before its first byte does not look whole either. */
	if (rc == -ECONNRESET && item->row->cut) {
		pthread_mutex_unlock(&run->lock);
		return;
	}
	if (rc < 0) {
		struct difference difference = { .what = DIFFERS_ERROR };

		snprintf(difference.detail, sizeof(difference.detail), "%s", strerror(-rc));
		judge_difference(&difference, &verdict);
	} else {
		compare_answers(item->row, carrier->adapter ? item->row->adapter_status : 0,
			&item->reference, &answer, judge_difference, &verdict);
	}
	pthread_mutex_unlock(&run->lock);
	answer_fini(&answer);
}

/* xorshift64*: the same orders everywhere for the same seed. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static void shuffle(size_t *order, size_t count, uint64_t seed)
{
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;

	for (size_t i = count; i > 1; i--) {
		size_t j = (size_t) (next_random(&state) % i), tmp = order[i - 1];

		order[i - 1] = order[j];
		order[j] = tmp;
	}
}

/*
 * Ask every step-th row, from first on, in an order that the seed gives; 0: that of the file.
 */
static int ask_in_order(struct run *run, uint64_t seed, size_t first, size_t step)
{
	size_t *order = calloc(run->count, sizeof(*order));
	void *client = NULL;
	int rc;

	if (order == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < run->count; i++)
		order[i] = i;
	if (seed != 0)
		shuffle(order, run->count, seed);
	rc = run->carrier->open(run->carrier, &client);
	for (size_t i = first; i < run->count && rc == 0; i += step)
		ask_and_judge(run, client, &run->cases[order[i]]);
	if (client != NULL)
		run->carrier->close(client);
	free(order);
	return rc;
}

struct client {
	pthread_t thread;
	struct run *run;
	size_t number;
	int rc;
};

/* A slow carrier's clients share one order out among them; others ask everything each. */
static void *client_main(void *data)
{
	struct client *client = data;
	struct run *run = client->run;

	if (run->carrier->slow)
		client->rc = ask_in_order(run, run->seed + 3, client->number, CLIENTS);
	else
		client->rc = ask_in_order(run, run->seed + 3 + client->number * 7919, 0, 1);
	return NULL;
}

static int ask_at_once(struct run *run)
{
	struct client clients[CLIENTS] = { 0 };
	size_t started = 0;
	int rc = 0;

	for (; started < CLIENTS; started++) {
		clients[started].run = run;
		clients[started].number = started;
		if (pthread_create(&clients[started].thread, NULL, client_main,
			    &clients[started]) != 0)
			break;
	}
	if (started < CLIENTS)
		rc = -EAGAIN;
	while (started-- > 0) {
		pthread_join(clients[started].thread, NULL);
		if (clients[started].rc < 0)
			rc = clients[started].rc;
	}
	return rc;
}

/* Whether an entry was needed: for that row, or by any if it is for all of them. */
static bool was_needed(const struct run *run, size_t entry, const struct suite_case *item)
{
	if (!allow_is_general(&allow_list[entry]))
		return item->seen[entry];
	for (size_t i = 0; i < run->count; i++) {
		if (run->cases[i].seen[entry])
			return true;
	}
	return false;
}

/* Entries that no answer needed have outlived their reason. */
static int check_allow_list(const struct run *run)
{
	int idle = 0;

	for (size_t i = 0; i < run->count; i++) {
		const struct suite_case *item = &run->cases[i];

		for (size_t n = 0; allow_list[n].fronts != NULL; n++) {
			const struct allow *allow = &allow_list[n];

			if (!allow_is_due(allow) || was_needed(run, n, item) ||
				!allow_is_for(allow, run->carrier->name, item->row->name) ||
				(allow_is_general(allow) && i > 0))
				continue;
			printf("FAIL %s %s: allow.c lets %s %s differ, and it never does\n",
				run->carrier->name, item->row->name,
				differs_name(allow->what),
				allow->names == NULL ? "" : allow->names);
			idle++;
		}
	}
	return idle;
}

static int ask_all_ways(struct run *run)
{
	static const char *const orders[] = { "in order", "first shuffle",
		"second shuffle" };
	int rc = 0;

	for (size_t i = 0; i < 3 && rc == 0; i++) {
		run->phase = orders[i];
		rc = ask_in_order(run, i == 0 ? 0 : run->seed + i, 0, 1);
	}
	if (rc < 0 || run->carrier->single)
		return rc;
	run->phase = "at once";
	return ask_at_once(run);
}

int suite_run(const struct suite_carrier *carrier)
{
	size_t equal = 0, allowed = 0, failed = 0;
	struct run run;
	int rc = run_init(&run, carrier), idle;

	if (rc == 0)
		rc = ask_all_ways(&run);
	if (rc < 0) {
		printf("FAIL %s (%s): %s\n", carrier->name, run.phase, strerror(-rc));
		run_fini(&run);
		return rc;
	}
	idle = check_allow_list(&run);
	for (size_t i = 0; i < run.count; i++) {
		failed += run.cases[i].failed > 0;
		allowed += run.cases[i].allowed && run.cases[i].failed == 0;
		equal += !run.cases[i].allowed && run.cases[i].failed == 0;
	}
	printf("conform %s: %zu rows equal, %zu allowed, %zu failed (seed %llu)\n",
		carrier->name, equal, allowed, failed, (unsigned long long) run.seed);
	run_fini(&run);
	return (int) failed + idle;
}

int suite_check_reference(void)
{
	struct run run;
	int rc = run_init(&run, NULL), failed = 0;

	for (size_t i = 0; i < run.count && rc == 0; i++) {
		struct verdict verdict = { .run = &run, .item = &run.cases[i] };

		compare_with_row(run.cases[i].row, &run.cases[i].reference, judge_reference,
			&verdict);
		failed += run.cases[i].failed > 0;
	}
	printf("conform reference: %zu rows, %d failed\n", run.count, failed);
	run_fini(&run);
	return rc < 0 ? rc : failed;
}
