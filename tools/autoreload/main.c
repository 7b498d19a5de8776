/* SPDX-License-Identifier: MIT */
/*
 * main.c - vane-autoreload: runs a program, and again when it has failed and was modified since.
 *
 * A program with --autoreload restarts itself while it serves.  This is for when it cannot: it does
 * not start, or it has crashed.  Signals are held and taken one by one, so that nothing here runs in a
 * handler.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "look.h"

#define LOOK_NSEC 500000000L

enum { WRONG_WORDS = 2 };

struct wanted {
	char **words; /* of the program, up to a NULL; the first is its path */
	const char **paths;
	size_t path_count;
	const char *build;
	sigset_t signals;
	uint64_t base,
		last; /* what is known of the paths: when it was used, and half a second ago */
	int leaving; /* TERM, INT, HUP or QUIT has come */
};

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: vane-autoreload [--watch=PATH]... [--build=COMMAND] PROGRAM "
		     "[WORD]...\n"
		     "\n"
		     "Runs a program; if it fails, again when it was modified.\n"
		     "\n"
		     "  --watch=PATH     a file, or a folder with all that is in it; the "
		     "program's is\n"
		     "                   watched anyway\n"
		     "  --build=COMMAND  run by the shell when something was modified\n"
		     "  --               what follows is the program\n");
	return status;
}

static int refuse(const char *word)
{
	fprintf(stderr, "vane-autoreload: what is %s?\n", word);
	return usage(stderr, WRONG_WORDS);
}

/* 0, or what to leave with and -1 for --help. */
static int read_words(struct wanted *wanted, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--") == 0) {
			i++;
			break;
		}
		if (strncmp(word, "--watch=", 8) == 0 && word[8] != '\0')
			wanted->paths[wanted->path_count++] = word + 8;
		else if (strncmp(word, "--build=", 8) == 0 && word[8] != '\0')
			wanted->build = word + 8;
		else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
			return -1;
		else
			return refuse(word);
	}
	if (i >= argc)
		return usage(stderr, WRONG_WORDS);
	wanted->words = argv + i;
	return 0;
}

/* As the shell does: a name without a slash is looked for in PATH. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH");
	char *found = NULL;

	while (strchr(name, '/') == NULL && path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		if (asprintf(&found, "%.*s%s%s", (int) len, path, len > 0 ? "/" : "./",
			    name) < 0)
			return NULL;
		if (access(found, X_OK) == 0)
			return found;
		free(found);
		path += len + (path[len] == ':');
	}
	return strdup(name);
}

static uint64_t look(const struct wanted *wanted)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < wanted->path_count; i++)
		sum = look_at(sum, wanted->paths[i]);
	return sum;
}

static void look_anew(struct wanted *wanted)
{
	wanted->base = wanted->last = look(wanted);
}

/* Whether something was modified and rests: two looks are the same. */
static int is_modified(struct wanted *wanted)
{
	uint64_t now = look(wanted);
	int rests = now == wanted->last;

	wanted->last = now;
	return rests && now != wanted->base;
}

/* A terminal that is gone is no wish for a reload. */
static int meant_by(const siginfo_t *info)
{
	return info->si_signo == SIGHUP && info->si_code > 0 ? SIGTERM : info->si_signo;
}

static int is_order(int signo)
{
	return signo == SIGTERM || signo == SIGINT || signo == SIGQUIT;
}

/* The program has from the terminal what this process has from there, but for what is meant by it. */
static void pass_on(const siginfo_t *info, pid_t to)
{
	int signo = meant_by(info);

	if (to > 0 && (info->si_code <= 0 || signo != info->si_signo))
		kill(to, signo);
	else if (to < 0 && is_order(signo))
		kill(to, signo);
}

/*
 * Wait for a signal, half a second at most, and pass it on to a child, or with a negative number
 * to a group of them, which the terminal does not reach and only orders to leave are for.
 */
static void wait_briefly(struct wanted *wanted, pid_t to)
{
	const struct timespec pause = { .tv_nsec = LOOK_NSEC };
	siginfo_t info;
	int signo = sigtimedwait(&wanted->signals, &info, &pause);

	if (signo <= 0 || signo == SIGCHLD)
		return;
	if (is_order(meant_by(&info)))
		wanted->leaving = meant_by(&info);
	pass_on(&info, to);
}

/* Whether the command went well.  A broken build is shown: what it prints is not touched. */
static int build(struct wanted *wanted)
{
	int status = 0;
	pid_t pid = child_start_command(wanted->build);

	if (pid < 0) {
		fprintf(stderr, "vane-autoreload: cannot build: %s\n", strerror(-pid));
		return 0;
	}
	while (!child_ended(pid, &status))
		wait_briefly(wanted, -pid);
	look_anew(wanted); /* with what was built */
	if (status != 0 && !wanted->leaving)
		fprintf(stderr, "Build exited with status %d\n", status);
	return status == 0;
}

/* Until there is a change that can be built. */
static void await_change(struct wanted *wanted)
{
	fprintf(stderr, "vane-autoreload: waiting for a change of %s\n",
		wanted->path_count > 1 ? "what is watched" : wanted->words[0]);
	while (!wanted->leaving) {
		wait_briefly(wanted, 0);
		if (wanted->leaving || !is_modified(wanted))
			continue;
		if (wanted->build == NULL && access(wanted->words[0], X_OK) < 0)
			continue; /* it is deleted first, and written then */
		if (wanted->build == NULL || build(wanted))
			return;
	}
}

/* While it runs a build gives it what its own --autoreload looks for.  Its status. */
static int run(struct wanted *wanted)
{
	int status = 127;
	pid_t pid;

	look_anew(wanted);
	pid = child_start(wanted->words);
	if (pid < 0) {
		fprintf(stderr, "vane-autoreload: cannot run %s: %s\n", wanted->words[0],
			strerror(-pid));
		return status;
	}
	while (!child_ended(pid, &status)) {
		wait_briefly(wanted, pid);
		if (wanted->build != NULL && !wanted->leaving && is_modified(wanted)) {
			build(wanted);
			if (wanted->leaving)
				kill(pid, wanted->leaving);
		}
	}
	return status;
}

static int run_again_and_again(struct wanted *wanted)
{
	int status = 0;

	look_anew(wanted);
	if (wanted->build != NULL && access(wanted->words[0], X_OK) < 0 && !build(wanted))
		await_change(wanted);
	while (!wanted->leaving) {
		status = run(wanted);
		if (status == 0 || wanted->leaving)
			return status;
		fprintf(stderr, "Script exited with status %d\n", status);
		status = 0; /* who is told to leave now has nothing to complain of */
		await_change(wanted);
	}
	return status;
}

static void hold_signals(struct wanted *wanted)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2,
		SIGCHLD };
	size_t i;

	sigemptyset(&wanted->signals);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&wanted->signals, signals[i]);
	signal(SIGCHLD,
		SIG_DFL); /* ignored by who started this, children would leave no status */
	sigprocmask(SIG_BLOCK, &wanted->signals, &child_mask);
}

int main(int argc, char **argv)
{
	struct wanted wanted = { 0 };
	int rc;

	wanted.paths = calloc((size_t) argc + 1, sizeof(*wanted.paths));
	if (wanted.paths == NULL)
		return EXIT_FAILURE;
	rc = read_words(&wanted, argc, argv);
	if (rc == 0) {
		wanted.words[0] = find_program(wanted.words[0]);
		if (wanted.words[0] == NULL)
			return EXIT_FAILURE;
		wanted.paths[wanted.path_count++] = wanted.words[0];
		hold_signals(&wanted);
		rc = run_again_and_again(&wanted);
		free(wanted.words[0]);
	} else if (rc < 0) {
		rc = usage(stdout, 0);
	}
	free(wanted.paths);
	return rc;
}
