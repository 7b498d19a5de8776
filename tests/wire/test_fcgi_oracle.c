/* SPDX-License-Identifier: MIT */
/*
 * test_fcgi_oracle.c - lib/wire/fcgi_request.c against libfcgi: the same bytes are the same
 * requests, and the same answers to records, or the difference stands in a list with its reason
 *
 * The conversations are those of the fuzz corpus.  libfcgi is a process of its own, as it ends
 * itself over some of them, and is told the end of each, as it waits for the rest of what is half
 * sent.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fcgi_request.h"
#include "support/fcgi_peer.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#define WAIT_MSEC 20000

/* libfcgi has no limits, and says that it takes one connection and one request. */
static const struct vane__fcgi_req_limits limits = {
	.max_params_bytes = 2048,
	.max_params = 32,
	.told = { 1, 1 },
};

/* What one of the two has made of a conversation. */
struct account {
	struct fcgi_bytes requests; /* as text: id, parameters, body */
	struct fcgi_bytes replies;  /* records without padding, but those of responses */
	bool died;
	size_t ends[8]; /* where a request ends that another may follow */
	size_t end_count;
};

/* Where they differ, and why that is as it should be. */
static const struct difference {
	const char *name, *why;
} differences[] = {
	{ "abort", "it ends what has come of the parameters, and the program runs" },
	{ "abort-foreign", "an abort of another request ends the parameters of this one" },
	{ "abort-late", "an abort that comes after the answer closes the connection" },
	{ "authorizer", "a program may be any role, Vane is a responder" },
	{ "begin-twice",
		"it goes on with half of each; Vane closes, as neither can be told" },
	{ "empty-foreign-record", "the end of another request's body ends this one's" },
	{ "evil-lengths", "it ends the process for want of 2 GiB" },
	{ "filter", "a program may be any role, Vane is a responder" },
	{ "get-values", "it answers only when more bytes come" },
	{ "half-body", "the program is given what has come of a body, as if it were all" },
	{ "management-in-body",
		"the content of an unknown management record becomes body" },
	{ "nul", "the value ends there; Vane refuses what is not text" },
	{ "padded", "it takes padding behind an empty record for the next header" },
	{ "params-late", "it passes over them; Vane closes" },
	{ "stdin-early", "it takes the parameters for ended" },
	{ "stdout", "it takes the parameters for ended" },
	{ "too-long", "it has no limit" },
	{ "too-many", "it has no limit" },
};

static void add_text(struct fcgi_bytes *bytes, const char *text)
{
	fcgi_bytes_add(bytes, text, strlen(text));
}

static void add_number(struct fcgi_bytes *bytes, const char *name, size_t number)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %zu\n", name, number);
	add_text(bytes, text);
}

static void fini(struct account *account)
{
	fcgi_bytes_fini(&account->requests);
	fcgi_bytes_fini(&account->replies);
}

/* ---- ours ---- */

static void tell_ours(struct account *ours, const struct vane__fcgi_req *in)
{
	size_t i;

	add_number(&ours->requests, "request", in->id);
	for (i = 0; i < in->var_count; i++) {
		add_text(&ours->requests, in->vars[i].name.data);
		add_text(&ours->requests, "=");
		add_text(&ours->requests, in->vars[i].value.data);
		add_text(&ours->requests, "\n");
	}
	add_number(&ours->requests, "body", in->body.len);
	fcgi_bytes_add(&ours->requests, in->body.data, in->body.len);
}

/* A connection goes on after a whole request if that says so, and not after what is refused. */
static void ask_ours(struct account *ours, const struct fcgi_bytes *bytes)
{
	struct vane__fcgi_req in = { .id = 0 };
	struct vane_slice left = { bytes->data, bytes->len };
	enum vane__fcgi_req_event event;
	bool goes_on = true;

	while (goes_on) {
		event = vane__fcgi_req_push(&in, &limits, &left);
		if (event == VANE__FCGI_REQ_REPLY || event == VANE__FCGI_REQ_REFUSED)
			fcgi_bytes_add(&ours->replies, in.reply, in.reply_len);
		if (event == VANE__FCGI_REQ_DONE)
			tell_ours(ours, &in);
		goes_on = event == VANE__FCGI_REQ_REPLY ||
			  ((event == VANE__FCGI_REQ_DONE ||
				   event == VANE__FCGI_REQ_ABORTED) &&
				  in.keep);
		if (event != VANE__FCGI_REQ_DONE && event != VANE__FCGI_REQ_ABORTED)
			continue;
		assert_true(ours->end_count < LENGTH(ours->ends));
		ours->ends[ours->end_count++] = bytes->len - left.len;
		vane__fcgi_req_reset(&in);
	}
	vane__fcgi_req_fini(&in);
}

/* ---- libfcgi's ---- */

static void tell_theirs(FCGX_Request *request, int to)
{
	struct fcgi_bytes text = { 0 }, body = { 0 };
	char piece[512], *const *var;
	int n;

	while ((n = FCGX_GetStr(piece, sizeof(piece), request->in)) > 0)
		fcgi_bytes_add(&body, piece, (size_t) n);
	add_number(&text, "request", (size_t) request->requestId);
	for (var = request->envp; *var != NULL; var++) {
		if (strncmp(*var, "FCGI_ROLE=", 10) == 0) /* its own */
			continue;
		add_text(&text, *var);
		add_text(&text, "\n");
	}
	add_number(&text, "body", body.len);
	fcgi_bytes_add(&text, body.data, body.len);
	if (write(to, text.data, text.len) != (ssize_t) text.len)
		_exit(1);
	fcgi_bytes_fini(&text);
	fcgi_bytes_fini(&body);
}

static void serve(int fd, int to)
{
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (freopen("/dev/null", "w", stderr) == NULL) /* it says there why it ends */
		_exit(1);
	signal(SIGABRT, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, fd, 0) != 0)
		_exit(1);
	while (FCGX_Accept_r(&request) == 0) {
		tell_theirs(&request, to);
		FCGX_PutS("Content-Type: text/plain\r\n\r\nok", request.out);
	}
	_exit(0);
}

/* Keep what is no part of a response, or of the end of one.  Whether it is that end. */
static bool sort_record(struct account *theirs, const unsigned char *record, size_t len)
{
	unsigned char head[8];

	assert_int_equal(record[0], 1);
	if (record[1] == FCGI_PEER_STDOUT || record[1] == FCGI_PEER_STDERR)
		return false;
	if (record[1] == FCGI_PEER_END && record[12] == 0)
		return true;
	memcpy(head, record, sizeof(head));
	head[6] = 0; /* the padding */
	fcgi_bytes_add(&theirs->replies, head, sizeof(head));
	fcgi_bytes_add(&theirs->replies, record + 8, len);
	return false;
}

/* Take the whole records off what has come.  Returns how many responses have ended with them. */
static size_t sort_records(struct account *theirs, struct fcgi_bytes *bytes)
{
	size_t at = 0, ends = 0;

	while (bytes->len - at >= 8) {
		const unsigned char *record = (const unsigned char *) bytes->data + at;
		size_t len = (size_t) record[4] << 8 | record[5];

		if (bytes->len - at < 8 + len + record[6])
			break;
		ends += sort_record(theirs, record, len);
		at += 8 + len + record[6];
	}
	if (at > 0)
		memmove(bytes->data, bytes->data + at, bytes->len - at);
	bytes->len -= at;
	return ends;
}

/* Returns how many bytes have come, 0 at the end. */
static size_t read_some(int fd, struct fcgi_bytes *to)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char piece[4096];
	ssize_t n;

	assert_int_equal(poll(&pfd, 1, WAIT_MSEC), 1);
	n = read(fd, piece, sizeof(piece));
	if (n > 0)
		fcgi_bytes_add(to, piece, (size_t) n);
	return n > 0 ? (size_t) n : 0;
}

/* A socket to listen on without a name that others could have, and its address. */
static int listen_somewhere(struct sockaddr_un *addr, socklen_t *len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
	*len = sizeof(addr->sun_family);
	assert_true(fd >= 0);
	assert_int_equal(
		bind(fd, (struct sockaddr *) addr, *len), 0); /* the kernel picks one */
	*len = sizeof(*addr);
	assert_int_equal(getsockname(fd, (struct sockaddr *) addr, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	return fd;
}

/*
 * Say all of it, and that there is no more, and listen to the end.  What libfcgi has read behind a
 * request is lost, so the next one waits for the answer.
 */
static void converse(struct account *theirs, int fd, const struct fcgi_bytes *bytes,
	const struct account *ours)
{
	struct fcgi_bytes answer = { 0 };
	size_t at = 0, ended = 0, i;
	bool goes_on = true;

	for (i = 0; i <= ours->end_count && goes_on; i++) {
		size_t to = i < ours->end_count ? ours->ends[i] : bytes->len;

		send(fd, bytes->data + at, to - at, MSG_NOSIGNAL); /* it may have closed */
		at = to;
		if (i == ours->end_count || at == bytes->len)
			shutdown(fd, SHUT_WR);
		while (goes_on && (at == bytes->len || ended <= i)) {
			goes_on = read_some(fd, &answer) > 0;
			ended += sort_records(theirs, &answer);
		}
	}
	assert_int_equal(answer.len, 0); /* no half records */
	fcgi_bytes_fini(&answer);
}

static void ask_theirs(
	struct account *theirs, const struct fcgi_bytes *bytes, const struct account *ours)
{
	struct sockaddr_un addr;
	socklen_t len;
	int door = listen_somewhere(&addr, &len), fd, told[2], status;
	pid_t pid;

	assert_int_equal(pipe(told), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		serve(door, told[1]);
	close(told[1]);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *) &addr, len), 0);
	close(door);
	converse(theirs, fd, bytes, ours);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	theirs->died = !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;
	while (read_some(told[0], &theirs->requests) > 0)
		;
	close(told[0]);
	close(fd);
}

/* ---- the tests ---- */

static bool same(const struct fcgi_bytes *a, const struct fcgi_bytes *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static const char *reason(const char *name)
{
	size_t i;

	for (i = 0; i < LENGTH(differences); i++)
		if (strcmp(differences[i].name, name) == 0)
			return differences[i].why;
	return NULL;
}

static void show(const char *who, const struct account *account)
{
	size_t i;

	print_message("%s%s:\n%.*s\nreplies:", who, account->died ? " (has died)" : "",
		(int) account->requests.len, account->requests.data);
	for (i = 0; i < account->replies.len; i++)
		print_message(" %02x", (unsigned char) account->replies.data[i]);
	print_message("\n");
}

/* Whether it is as expected: the same, or known not to be. */
static bool compare(const char *name, const struct fcgi_bytes *bytes)
{
	struct account ours = { .died = false }, theirs = { .died = false };
	const char *why = reason(name);
	bool agree;

	ask_ours(&ours, bytes);
	ask_theirs(&theirs, bytes, &ours);
	agree = !theirs.died && same(&ours.requests, &theirs.requests) &&
		same(&ours.replies, &theirs.replies);
	if (agree && why != NULL)
		print_message("%s: they agree, though \"%s\"\n", name, why);
	if (!agree && why == NULL) {
		print_message("%s:\n", name);
		show("ours", &ours);
		show("libfcgi", &theirs);
	}
	fini(&ours);
	fini(&theirs);
	return agree == (why == NULL);
}

static void read_file(const char *folder, const char *name, struct fcgi_bytes *to)
{
	char path[1024];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	to->len = 0;
	while ((c = getc(file)) != EOF)
		fcgi_bytes_add(to, &(char) { (char) c }, 1);
	fclose(file);
}

static void conversations_mean_the_same_to_libfcgi(void **state)
{
	const char *srcdir = getenv("srcdir");
	struct fcgi_bytes bytes = { 0 };
	struct dirent *entry;
	size_t known = 0, wrong = 0;
	char folder[512];
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/tests/corpus/fcgi_request",
		srcdir != NULL ? srcdir : ".");
	dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		read_file(folder, entry->d_name, &bytes);
		wrong += !compare(entry->d_name, &bytes);
		known += reason(entry->d_name) != NULL;
	}
	closedir(dir);
	fcgi_bytes_fini(&bytes);
	assert_int_equal(wrong, 0);
	assert_int_equal(known, LENGTH(differences));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversations_mean_the_same_to_libfcgi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
