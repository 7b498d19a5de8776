/* SPDX-License-Identifier: MIT */
/*
 * test_json_oracle.c - lib/web/json.c against Python's parser: documents made at random are read as
 * what was written
 *
 * Each is written twice, as JSON by the writer and as an expression of Python by hand, a line each.
 */
#include "test.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vane/json.h>

#include "base.h"

#define DOCUMENTS 3000

static char json_line[65536], python_line[262144];
static size_t json_len, python_len;
static uint64_t seed = 42;

static unsigned draw(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned) (seed >> 33) % below;
}

static uint64_t draw_bits(void)
{
	return (uint64_t) draw(1u << 31) << 33 ^ (uint64_t) draw(1u << 31) << 16 ^
	       draw(1u << 31);
}

static int keep(const char *bytes, size_t len, void *data)
{
	assert_true(json_len + len < sizeof(json_line));
	memcpy(json_line + json_len, bytes, len);
	json_len += len;
	return 0;
}

static void expect(const char *fmt, ...) VANE_PRINTF(1, 2);

static void expect(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	python_len += (size_t) vsnprintf(
		python_line + python_len, sizeof(python_line) - python_len, fmt, args);
	va_end(args);
	assert_true(python_len < sizeof(python_line));
}

/* Bytes; Python decodes them by a rule of its own, which is ours. */
static struct vane_slice draw_text(char buf[64])
{
	static const char *const pieces[] = { "\"", "\\", "</script>", "\n", "\x7f",
		"\xe2\x80\xa8", "\xc3\xa9", "\xf0\x9f\x90\x93", "\xed\xa0\x80", "\xc0\xaf",
		"\xe2\x80", "\xf4\x90", "u0041" };
	size_t len = 0;
	unsigned n = draw(8);

	expect("b'");
	while (n-- > 0) {
		const char *piece = pieces[draw(ARRAY_SIZE(pieces))];
		size_t piece_len = strlen(piece), i;
		char c = (char) draw(256);

		if (draw(2) == 0) {
			piece = &c;
			piece_len = 1;
		}
		for (i = 0; i < piece_len; i++)
			expect("\\x%02x", (unsigned char) piece[i]);
		memcpy(buf + len, piece, piece_len);
		len += piece_len;
	}
	expect("'.decode('utf-8', 'replace')");
	return (struct vane_slice) { buf, len };
}

static double draw_double(void)
{
	uint64_t bits = draw_bits();
	double value;

	if (draw(3) == 0)
		return ((double) (int64_t) bits) / 1000;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void write_double(struct vane_json *json)
{
	double value = draw_double();

	vane_json_double(json, value);
	if (!isfinite(value))
		expect("None");
	else
		expect("float.fromhex('%a')", value);
}

static void write_scalar(struct vane_json *json)
{
	char buf[64];
	uint64_t bits = draw_bits();

	switch (draw(6)) {
	case 0:
		vane_json_slice(json, draw_text(buf));
		break;
	case 1:
		vane_json_int(json, (int64_t) bits);
		expect("%" PRId64, (int64_t) bits);
		break;
	case 2:
		vane_json_uint(json, bits);
		expect("%" PRIu64, bits);
		break;
	case 3:
		vane_json_bool(json, bits & 1);
		expect(bits & 1 ? "True" : "False");
		break;
	case 4:
		vane_json_null(json);
		expect("None");
		break;
	default:
		write_double(json);
	}
}

static void write_value(struct vane_json *json, int depth);

static void write_object(struct vane_json *json, int depth)
{
	unsigned i, n = draw(5);
	char buf[64], name[128];

	vane_json_begin_object(json);
	expect("{");
	for (i = 0; i < n; i++) {
		struct vane_slice text = draw_text(buf);

		/* no name twice */
		memcpy(name, buf, text.len);
		text.data = name;
		text.len += (size_t) sprintf(name + text.len, "%u", i);
		vane_json_key_slice(json, text);
		expect("+'%u':", i);
		write_value(json, depth - 1);
		expect(",");
	}
	vane_json_end_object(json);
	expect("}");
}

static void write_array(struct vane_json *json, int depth)
{
	unsigned i, n = draw(5);

	vane_json_begin_array(json);
	expect("[");
	for (i = 0; i < n; i++) {
		write_value(json, depth - 1);
		expect(",");
	}
	vane_json_end_array(json);
	expect("]");
}

static void write_value(struct vane_json *json, int depth)
{
	unsigned kind = depth > 0 ? draw(4) : 2;

	if (kind == 0)
		write_object(json, depth);
	else if (kind == 1)
		write_array(json, depth);
	else
		write_scalar(json);
}

static const char script[] =
	"import json, sys\n"
	"def same(a, b):\n"
	"  if isinstance(a, float) or isinstance(b, float):\n"
	"    return float(a) == float(b)\n"
	"  if type(a) is not type(b):\n"
	"    return False\n"
	"  if isinstance(a, list):\n"
	"    return len(a) == len(b) and all(map(same, a, b))\n"
	"  if isinstance(a, dict):\n"
	"    return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)\n"
	"  return a == b\n"
	"lines = sys.stdin.buffer.read().split(b'\\n')\n"
	"for doc, want in zip(lines[0::2], lines[1::2]):\n"
	"  if not same(json.loads(doc.decode('utf-8')), eval(want.decode())):\n"
	"    sys.exit('%r is not %r' % (doc, want))\n"
	"  if b'<' in doc or b'\\xe2\\x80\\xa8' in doc:\n"
	"    sys.exit('%r is not for scripts' % doc)\n"
	"sys.exit(len(lines) // 2 != int(sys.argv[1]))\n";

/* Start Python with that script, which reads what is written to the stream. */
static pid_t start_python(FILE **in)
{
	int ends[2];
	char count[16];
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(count, sizeof(count), "%d", DOCUMENTS);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[0], 0);
		execlp("python3", "python3", "-c", script, count, (char *) NULL);
		_exit(77);
	}
	close(ends[0]);
	*in = fdopen(ends[1], "w");
	assert_non_null(*in);
	return pid;
}

static void python_reads_what_was_written(void **state)
{
	FILE *python;
	pid_t pid = start_python(&python);
	int i, status;

	for (i = 0; i < DOCUMENTS; i++) {
		struct vane_json json;

		json_len = python_len = 0;
		vane_json_init_writer(&json, keep, NULL);
		write_value(&json, 4);
		assert_int_equal(vane_json_fini(&json), 0);
		fwrite(json_line, 1, json_len, python);
		fputc('\n', python);
		fwrite(python_line, 1, python_len, python);
		fputc('\n', python);
	}
	fclose(python);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(python_reads_what_was_written),
	};

	signal(SIGPIPE, SIG_IGN); /* Python may end first, and says why */
	if (system("python3 -c '' 2>/dev/null") != 0) {
		printf("python3 is not here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
