/* SPDX-License-Identifier: MIT */
/*
 * test_log.c - lib/base/log.c
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <vane/log.h>

#include "base.h"
#include "log_line.h"
#include "log_sink.h"

struct seen {
	int count;
	enum vane_log_level level;
	char line[8192];
};

static void note_line(enum vane_log_level level, const char *line, void *data)
{
	struct seen *seen = data;

	seen->count++;
	seen->level = level;
	snprintf(seen->line, sizeof(seen->line), "%s", line);
	errno = EBADF;
}

static void lines_below_the_level_are_left_out(void **state)
{
	struct seen seen = { .count = 0 };
	int level, written;

	vane_log_set_function(note_line, &seen);
	for (level = VANE_LOG_NONE; level <= VANE_LOG_DEBUG; level++) {
		vane_log_set_level((enum vane_log_level) level);
		for (written = VANE_LOG_ERROR; written <= VANE_LOG_DEBUG; written++) {
			seen.count = 0;
			vane_log((enum vane_log_level) written, "%d", written);
			assert_int_equal(seen.count, written <= level);
			assert_int_equal(vane_log_wanted((enum vane_log_level) written),
				written <= level);
			assert_true(seen.count == 0 || seen.level == (unsigned) written);
		}
		seen.count = 0;
		vane_log(VANE_LOG_NONE, "never");
		assert_int_equal(seen.count, 0);
	}
	vane_log_set_level(VANE_LOG_INFO);
	vane_log_set_function(NULL, NULL);
}

static void what_could_forge_a_line_is_escaped(void **state)
{
	static const struct {
		const char *text, *line;
	} rows[] = {
		{ "plain ~", "plain ~" },
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x83",
			"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x83" },
		{ "a\nb\r\t\x1b[2J\x7f", "a\\x0ab\\x0d\\x09\\x1b[2J\\x7f" },
		{ "\xff\x80\xc3", "\\xff\\x80\\xc3" },
		{ "\xc0\xaf", "\\xc0\\xaf" },
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xf0\x9f\x8d", "\\xf0\\x9f\\x8d" },
		{ "\xc2\x9b"
		  "2J",
			"\\xc2\\x9b2J" },
	};
	struct seen seen = { .count = 0 };
	size_t i;

	vane_log_set_function(note_line, &seen);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		vane_log(VANE_LOG_ERROR, "%s", rows[i].text);
		assert_string_equal(seen.line, rows[i].line);
	}
	vane_log_set_function(NULL, NULL);
}

static void long_lines_are_cut(void **state)
{
	static char text[10000];
	struct seen seen = { .count = 0 };

	vane_log_set_function(note_line, &seen);
	memset(text, 'x', sizeof(text) - 1);
	vane_log(VANE_LOG_ERROR, "%s", text);
	assert_in_range(strlen(seen.line), 4000, 4095);
	memset(text, '\n', sizeof(text) - 1);
	vane_log(VANE_LOG_ERROR, "%s", text);
	assert_in_range(strlen(seen.line), 4000, 4095);
	assert_int_equal(strlen(seen.line) % 4, 0);
	assert_int_equal(seen.count, 2);
	vane_log_set_function(NULL, NULL);
}

static void errno_is_kept(void **state)
{
	struct seen seen = { .count = 0 };

	vane_log_set_function(note_line, &seen);
	errno = ENOENT;
	vane_log(VANE_LOG_ERROR, "x");
	assert_int_equal(errno, ENOENT);
	assert_int_equal(seen.count, 1);
	vane_log_set_function(NULL, NULL);
}

/* Log a line with standard error sent to a pipe, and read it there. */
static void log_to_stderr(char *out, size_t size)
{
	int saved = dup(STDERR_FILENO), fds[2];
	ssize_t n;

	assert_true(saved >= 0);
	assert_int_equal(pipe(fds), 0);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	vane_log(VANE_LOG_WARNING, "worker %d: gone", 3);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	close(fds[1]);
	n = read(fds[0], out, size - 1);
	assert_true(n > 0);
	out[n] = '\0';
	close(fds[0]);
}

static void lines_go_to_standard_error_with_a_stamp(void **state)
{
	char line[256], letter, end;
	int year, month, day, hour, minute, second;
	long pid;

	log_to_stderr(line, sizeof(line));
	assert_int_equal(
		sscanf(line, "[%c %2d%2d%2d %2d:%2d:%2d %ld] worker 3: gone%c", &letter,
			&year, &month, &day, &hour, &minute, &second, &pid, &end),
		9);
	assert_int_equal(letter, 'W');
	assert_in_range(month, 1, 12);
	assert_in_range(day, 1, 31);
	assert_int_equal(pid, getpid());
	assert_int_equal(end, '\n');
	assert_string_equal(strchr(line, '\n'), "\n");
}

/* Standard error is a pipe, and JOURNAL_STREAM names it, or another one. */
static void journal_has(bool named, char *line, size_t size)
{
	int saved = dup(STDERR_FILENO), fds[2];
	char stream[64];
	struct stat st;
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	assert_int_equal(fstat(fds[1], &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long) st.st_dev,
		(unsigned long long) st.st_ino + !named);
	setenv("JOURNAL_STREAM", stream, 1);
	vane__log_find_journal();
	vane_log(VANE_LOG_ERROR, "broken");
	vane_log(VANE_LOG_WARNING, "nearly");
	vane__log_stderr(VANE_LOG_INFO, "<0>a\nb\n", 7);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	unsetenv("JOURNAL_STREAM");
	vane__log_find_journal();
	close(saved);
	close(fds[1]);
	n = read(fds[0], line, size - 1);
	assert_true(n > 0);
	line[n] = '\0';
	close(fds[0]);
}

static void lines_in_the_journal_have_their_priority(void **state)
{
	char lines[512];

	journal_has(true, lines, sizeof(lines));
	assert_memory_equal(lines, "<3>[E ", 6);
	assert_non_null(strstr(lines, "] broken\n<4>[W "));
	assert_non_null(strstr(lines, "] nearly\n<6><0>a\n<6>b\n"));
	journal_has(false, lines, sizeof(lines));
	assert_memory_equal(lines, "[E ", 3);
	assert_non_null(strstr(lines, "] nearly\n<0>a\nb\n"));
}

/* The system's log, as far as a test needs one. */
static int syslogd(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	unlink(path);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s", path);
	assert_int_equal(bind(fd, (struct sockaddr *) &addr, sizeof(addr)), 0);
	return fd;
}

static const char *received(int fd)
{
	static char text[8192];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void lines_go_to_the_log_of_the_system_with_facility_and_severity(void **state)
{
	char dir[] = "/tmp/vane-syslog-XXXXXX", path[64], month[4], letter[512];
	int fd, priority, day, hour, minute, second;
	long pid;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	fd = syslogd(path);
	assert_int_equal(vane_log_set_syslog("local9", "prog", path), -EINVAL);
	assert_int_equal(vane_log_set_syslog("local3", "prog", path), 0);
	vane_log(VANE_LOG_WARNING, "nearly\n");
	assert_int_equal(
		sscanf(received(fd), "<%d>%3s %d %d:%d:%d prog[%ld]: %s", &priority, month,
			&day, &hour, &minute, &second, &pid, letter),
		8);
	assert_int_equal(priority, 19 * 8 + 4);
	assert_int_equal(pid, getpid());
	assert_string_equal(letter, "nearly\\x0a");
	/* it is started anew */
	close(fd);
	fd = syslogd(path);
	vane_log(VANE_LOG_ERROR, "again");
	assert_non_null(strstr(received(fd), "]: again"));
	vane__log_last_words("[E] killed\n", 11);
	assert_string_equal(received(fd), "<155>prog: [E] killed");
	assert_int_equal(vane_log_set_syslog("daemon", "prog", path), 0);
	vane__log_last_words("x", 1);
	assert_string_equal(received(fd), "<27>prog: x");
	close(fd);
	unlink(path);
	rmdir(dir);
}

static void without_a_log_of_the_system_lines_go_to_standard_error(void **state)
{
	char line[1024];

	assert_int_equal(vane_log_set_syslog("user", "prog", "/nonexistent/log"), 0);
	log_to_stderr(line, sizeof(line));
	assert_non_null(
		strstr(line, "/nonexistent/log: No such file or directory: cannot send"));
	assert_non_null(strstr(line, "] worker 3: gone\n"));
	log_to_stderr(line, sizeof(line));
	assert_null(strstr(line, "cannot send"));
	assert_non_null(strstr(line, "] worker 3: gone\n"));
	vane_log_set_syslog(NULL, NULL, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_below_the_level_are_left_out),
		cmocka_unit_test(what_could_forge_a_line_is_escaped),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(errno_is_kept),
		cmocka_unit_test(lines_go_to_standard_error_with_a_stamp),
		cmocka_unit_test(lines_in_the_journal_have_their_priority),
		cmocka_unit_test(
			lines_go_to_the_log_of_the_system_with_facility_and_severity),
		cmocka_unit_test(without_a_log_of_the_system_lines_go_to_standard_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
