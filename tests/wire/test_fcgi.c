/* SPDX-License-Identifier: MIT */
/*
 * test_fcgi.c - lib/wire/fcgi.c: records and name-value pairs
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "fcgi.h"
#include "slice.h"

static void records_are_padded(void **state)
{
	unsigned char out[24] = "12345678abc";

	(void) state;
	memset(out + 11, 'x', sizeof(out) - 11);
	assert_int_equal(vane__fcgi_frame(out, VANE__FCGI_STDIN, 1, 3), 16);
	assert_memory_equal(out, "\1\5\0\1\0\3\5\0abc\0\0\0\0\0x", 17);
	memcpy(out + 8, "abcdefgh", 8);
	assert_int_equal(vane__fcgi_frame(out, VANE__FCGI_STDOUT, 0x1234, 8), 16);
	assert_memory_equal(out, "\1\6\x12\x34\0\10\0\0abcdefghx", 17);
	assert_int_equal(vane__fcgi_stream_end(out, VANE__FCGI_STDIN, 7), 8);
	assert_memory_equal(out, "\1\5\0\7\0\0\0\0", 8);
}

static void pairs_are_taken_apart(void **state)
{
	static const struct {
		struct vane_slice bytes;
		int rc;
		const char *name, *value;
	} rows[] = {
		{ SLICE_INIT(""), 0, NULL, NULL },
		{ SLICE_INIT("\0\0"), 1, "", "" },
		{ SLICE_INIT("\1\2abc"), 1, "a", "bc" },
		{ SLICE_INIT("\x80\0\0\1\x80\0\0\2"
			     "abc"),
			1, "a", "bc" },
		{ SLICE_INIT("\1\2ab"), -EBADMSG, NULL, NULL },
		{ SLICE_INIT("\1"), -EBADMSG, NULL, NULL },
		{ SLICE_INIT("\1\x80\0\0"), -EBADMSG, NULL, NULL },
		{ SLICE_INIT("\x80\0\0"), -EBADMSG, NULL, NULL },
		{ SLICE_INIT("\xff\xff\xff\xff\xff\xff\xff\xff"
			     "ab"),
			-EBADMSG, NULL, NULL },
		{ SLICE_INIT("\xff\xff\xff\xfe\x80\0\0\2"
			     "ab"),
			-EBADMSG, NULL, NULL },
		{ SLICE_INIT("\x80\0\0\2\xff\xff\xff\xfe"
			     "ab"),
			-EBADMSG, NULL, NULL },
	};
	size_t i;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vane_slice pairs = rows[i].bytes, name, value;

		assert_int_equal(vane__fcgi_pair(&pairs, &name, &value), rows[i].rc);
		if (rows[i].rc != 1)
			continue;
		assert_true(vane__slice_equal(name, vane__slice(rows[i].name)));
		assert_true(vane__slice_equal(value, vane__slice(rows[i].value)));
		assert_int_equal(pairs.len, 0);
	}
}

static void pairs_come_back_as_they_were_put(void **state)
{
	static const size_t lengths[] = { 0, 1, 127, 128, 255, 256, 65536, 70000 };
	static unsigned char out[8 + 2 * 70000];
	static char text[70000];
	size_t i, k;

	(void) state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char) ('a' + i % 26);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (k = 0; k < ARRAY_SIZE(lengths); k++) {
			struct vane_slice name = { text, lengths[i] }, got_name;
			struct vane_slice value = { text + 3, lengths[k] }, got_value;
			size_t heads = (name.len < 128 ? 1 : 4) + (value.len < 128 ? 1 : 4);
			struct vane_slice pairs = { (const char *) out, 0 };

			value.len -= value.len > sizeof(text) - 3 ? 3 : 0;
			pairs.len = vane__fcgi_put_pair(out, name, value);
			assert_int_equal(pairs.len, heads + name.len + value.len);
			assert_int_equal(vane__fcgi_pair(&pairs, &got_name, &got_value), 1);
			assert_true(vane__slice_equal(got_name, name));
			assert_true(vane__slice_equal(got_value, value));
			assert_int_equal(pairs.len, 0);
		}
	}
}

/* Write down what a reader tells of bytes that come in pieces of that size; pieces are joined. */
static void tell(char *text, size_t size, struct vane_slice bytes, size_t cut)
{
	struct vane__fcgi_record rec = { .have = 0 };
	enum vane__fcgi_record_event event = VANE__FCGI_RECORD_MORE;
	struct vane_slice in, piece;
	size_t len = 0;

	text[0] = '\0';
	while (bytes.len > 0 && event != VANE__FCGI_RECORD_VERSION) {
		in = vane__slice_take(&bytes, cut);
		while ((event = vane__fcgi_record_next(&rec, &in, &piece)) !=
				VANE__FCGI_RECORD_MORE &&
			event != VANE__FCGI_RECORD_VERSION) {
			if (event == VANE__FCGI_RECORD_START)
				len += (size_t) snprintf(text + len, size - len,
					"%u,%u,%zu:", rec.type, rec.id, rec.length);
			else if (event == VANE__FCGI_RECORD_DATA)
				len += (size_t) snprintf(text + len, size - len, "%.*s",
					(int) piece.len, piece.data);
			else
				len += (size_t) snprintf(text + len, size - len, ";");
			assert_true(len < size);
		}
		if (event == VANE__FCGI_RECORD_MORE)
			assert_int_equal(in.len, 0);
	}
	snprintf(text + len, size - len, "%s",
		event == VANE__FCGI_RECORD_VERSION ? "version"
		: vane__fcgi_record_between(&rec)  ? ""
						   : "...");
}

static void records_are_taken_apart_however_they_are_cut(void **state)
{
	static const struct {
		struct vane_slice bytes;
		const char *told;
	} rows[] = {
		{ SLICE_INIT("\1\5\0\1\0\3\0\0abc"), "5,1,3:abc;" },
		{ SLICE_INIT("\1\5\2\3\0\3\5\0abcxxxxx"), "5,515,3:abc;" },
		{ SLICE_INIT("\1\5\0\1\0\0\0\0\1\4\0\1\0\1\2\0ayy"), "5,1,0:;4,1,1:a;" },
		{ SLICE_INIT("\1\5\0\1\0\0\3\0xxx"), "5,1,0:;" },
		{ SLICE_INIT("\1\377\0\0\0\2\0\0ab"), "255,0,2:ab;" },
		{ SLICE_INIT("\1\5\0\1\0\0\3\0xx"), "5,1,0:..." },
		{ SLICE_INIT("\1\5\0\1\0\3\0\0ab"), "5,1,3:ab..." },
		{ SLICE_INIT("\1\5\0\1\0\3\0"), "..." },
		{ SLICE_INIT("\1\5\0\1\0\1\0\0a\2\5\0\1\0\1\0\0a"), "5,1,1:a;version" },
	};
	static const size_t cuts[] = { SIZE_MAX, 7, 1 };
	size_t i, k;

	(void) state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (k = 0; k < ARRAY_SIZE(cuts); k++) {
			char text[128];

			tell(text, sizeof(text), rows[i].bytes, cuts[k]);
			assert_string_equal(text, rows[i].told);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_padded),
		cmocka_unit_test(pairs_are_taken_apart),
		cmocka_unit_test(pairs_come_back_as_they_were_put),
		cmocka_unit_test(records_are_taken_apart_however_they_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
