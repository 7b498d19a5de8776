/* SPDX-License-Identifier: MIT */
/*
 * conform_cgi.c - the rows hold for the application as a CGI program, started for each
 * request with the variables that RFC 3875 names, as a web server at its best would do it.
 */
#include "test.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "carrier.h"
#include "support/cgivars.h"

extern char **environ;

static int open_cgi(const struct suite_carrier *carrier, void **client)
{
	*client = NULL;
	return 0;
}

static void close_cgi(void *client)
{
}

static pid_t start_program(char **vars, int in, int out, const int *parent_ends)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(parent_ends[0]);
	close(parent_ends[1]);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	environ = vars;
	execl(carrier_program(), carrier_program(), (char *) NULL);
	_exit(127);
}

/* Write the body and read the answer, whichever is possible. */
static int converse(int to, int from, const struct ask *ask, struct answer *raw)
{
	struct pollfd fds[2] = { { .fd = from, .events = POLLIN },
		{ .fd = to, .events = POLLOUT } };
	size_t sent = 0;
	char buf[16384];
	ssize_t n;
	int rc = 0;

	while (rc == 0) {
		if (fds[1].fd >= 0 && sent == ask->body_len) {
			close(to);
			fds[1].fd = -1;
		}
		if (poll(fds, 2, 30000) <= 0)
			return -ETIMEDOUT;
		if (fds[1].fd >= 0 && fds[1].revents != 0) {
			n = write(to, ask->body + sent, ask->body_len - sent);
			sent = n < 0 && errno != EAGAIN ? ask->body_len
							: sent + (n < 0 ? 0 : (size_t) n);
		}
		if (fds[0].revents != 0) {
			n = read(from, buf, sizeof(buf));
			if (n <= 0)
				break;
			rc = answer_add_body(raw, buf, (size_t) n);
		}
	}
	if (fds[1].fd >= 0)
		close(to);
	return rc;
}

/*
 * What CGI can say of a cut response: fewer bytes than Content-Length, or an exit status
 * other than 0.
 */
static bool is_whole(const struct answer *answer, const struct ask *ask, int wait_status)
{
	const char *length = answer_field(answer, "content-length", 0);

	if (wait_status != 0)
		return false;
	if (length == NULL || strcmp(ask->method, "HEAD") == 0 || answer->status == 304)
		return true;
	return strtoul(length, NULL, 10) == answer->body_len;
}

static int ask_cgi(void *client, const struct ask *ask, struct answer *answer)
{
	struct answer raw = { 0 };
	int to[2], from[2], status = 0, rc;
	char **vars = cgi_vars(ask);
	pid_t pid;

	if (vars == NULL)
		return -ENOMEM;
	if (pipe2(to, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(from, O_CLOEXEC) < 0)
		return -errno;
	pid = start_program(vars, to[0], from[1], (int[]) { to[1], from[0] });
	close(to[0]);
	close(from[1]);
	fcntl(to[1], F_SETFL, O_NONBLOCK);
	rc = converse(to[1], from[0], ask, &raw);
	close(from[0]);
	if (waitpid(pid, &status, 0) != pid)
		rc = -errno;
	if (rc == 0)
		rc = answer_from_cgi(
			answer, raw.body == NULL ? "" : raw.body, raw.body_len);
	if (rc == 0)
		answer->whole = is_whole(answer, ask, status);
	answer_fini(&raw);
	cgi_vars_free(vars);
	return rc;
}

static void a_cgi_program_answers_as_the_test_client_does(void **state)
{
	struct suite_carrier carrier = {
		.name = "cgi",
		.adapter = true,
		.slow = true,
		.open = open_cgi,
		.ask = ask_cgi,
		.close = close_cgi,
	};

	assert_int_equal(suite_run(&carrier), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cgi_program_answers_as_the_test_client_does),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
