/* SPDX-License-Identifier: MIT */
/*
 * fuzz_options.c - times, sizes and options, with the input as values, as a command line and as
 * a file
 *
 * The first byte chooses command line or file, the first line is a value, what follows are words
 * or lines.
 */
#include "config.h" /* for memfd_create() */

#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vane/log.h>

#include "date.h"
#include "options.h"

#define MAX_WORDS 20

/* Whatever can be read can be written, and is read as the same. */
static void check_date(struct vane_slice in)
{
	char text[VANE__DATE_LEN];
	int64_t when, again;

	if (vane__date_parse(in, &when) < 0)
		return;
	vane__date_format(text, when);
	FUZZ_CHECK(
		vane__date_parse((struct vane_slice) { text, sizeof(text) }, &again) == 0);
	FUZZ_CHECK(when == again);
}

static void check_values(struct vane_slice in)
{
	char text[VANE__VALUE_SIZE];
	int64_t number, again;
	bool flag;

	vane__value_boolean(in, &flag);
	vane__value_integer(in, &number);
	vane__value_chosen(in, "one|two|three");
	if (vane__value_msec(in, &number) == 0) {
		vane__value_put_msec(text, number);
		FUZZ_CHECK(vane__value_msec(vane__slice(text), &again) == 0 &&
			   again == number);
	}
	if (vane__value_bytes(in, &number) == 0) {
		vane__value_put_bytes(text, number);
		FUZZ_CHECK(vane__value_bytes(vane__slice(text), &again) == 0 &&
			   again == number);
	}
}

static struct {
	bool flag;
	int64_t count, time, size;
	const char *text, *choice;
} values;

static int set(void *data, const char *value, const char **why)
{
	*why = "is not taken";
	return strlen(value) > 3 ? -EINVAL : 0;
}

static void define(void)
{
	static const struct vane_option options[] = {
		{ .name = "flag", .boolean = &values.flag },
		{ .name = "count", .integer = &values.count, .min = -5, .max = 1000 },
		{ .name = "time-limit", .msec = &values.time },
		{ .name = "size-limit", .bytes = &values.size },
		{ .name = "text", .text = &values.text, .group = "words" },
		{ .name = "choice", .text = &values.choice, .choices = "a|bc|d" },
		{ .name = "call", .set = set },
	};
	size_t i;

	memset(&values, 0, sizeof(values));
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		FUZZ_CHECK(vane_option_define(&options[i]) == 0);
}

/* What was given is there to be asked for, and what holds is within its bounds. */
static void check_given(int rc)
{
	const char *name, *value;
	size_t i;

	FUZZ_CHECK(rc <= 0);
	for (i = 0; vane_option_value(i, &name, &value); i++)
		FUZZ_CHECK(vane_option_given(name) && value != NULL);
	FUZZ_CHECK(values.count >= -5 && values.count <= 1000);
	FUZZ_CHECK(values.choice == NULL ||
		   vane__value_chosen(vane__slice(values.choice), "a|bc|d"));
}

static void parse_words(char *text)
{
	char *argv[MAX_WORDS + 2] = { text /* the program */, NULL };
	int argc = 1, rest = 0;

	while (text != NULL && argc <= MAX_WORDS) {
		argv[argc++] = text;
		text = strchr(text, '\n');
		if (text != NULL)
			*text++ = '\0';
	}
	check_given(vane_options_parse(argc, argv, &rest));
	FUZZ_CHECK(rest >= 0 && rest <= argc);
}

static void parse_file(const char *text, size_t len)
{
	int fd = memfd_create("vane-fuzz", MFD_CLOEXEC);
	char path[40];

	FUZZ_CHECK(fd >= 0 && write(fd, text, len) == (ssize_t) len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_given(vane_options_parse_file(path));
	close(fd);
}

/* Mistakes are explained on standard error, which is the fuzzer's. */
static int silence(void)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDERR_FILENO);
	close(null);
	return kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vane_slice input = { (const char *) data + 1, size > 0 ? size - 1 : 0 },
			  line;
	char *text;
	int kept;

	if (size < 2 || size > 4096)
		return 0;
	vane_log_set_level(VANE_LOG_NONE);
	line = fuzz_line(&input);
	check_date(line);
	check_values(line);
	text = malloc(input.len + 1);
	FUZZ_CHECK(text != NULL);
	if (input.len > 0)
		memcpy(text, input.data, input.len);
	text[input.len] = '\0';
	kept = silence();
	define();
	if (data[0] & 1)
		parse_file(text, input.len);
	else
		parse_words(text);
	vane_options_reset();
	dup2(kept, STDERR_FILENO);
	close(kept);
	free(text);
	return 0;
}
