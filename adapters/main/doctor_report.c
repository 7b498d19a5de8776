/* SPDX-License-Identifier: MIT */
/*
 * doctor_report.c - what --doctor has found, each thing once, in words.
 */
#include "doctor.h"

#include <string.h>

static bool is_known(
	const struct vane__doctor_report *report, const struct vane__doctor_check *check)
{
	size_t i;

	for (i = 0; i < report->count; i++)
		if (report->findings[i].check == check)
			return true;
	return false;
}

size_t vane__doctor_examine(
	struct vane__doctor_report *report, const struct vane__doctor_case *c)
{
	const struct vane__doctor_check *check;
	size_t before = report->count;

	report->asked++;
	for (check = vane__doctor_checks; check->name != NULL; check++) {
		struct vane__doctor_finding *finding = &report->findings[report->count];

		if ((check->probes & c->probe) == 0 || is_known(report, check) ||
			report->count == VANE__DOCTOR_FINDINGS)
			continue;
		*finding = (struct vane__doctor_finding) { .check = check };
		report->count += check->look(c, finding->detail);
	}
	return report->count - before;
}

/* What cannot be mended there is so by its nature, and well known. */
enum vane__doctor_level vane__doctor_weigh(const struct vane__doctor_check *check,
	enum vane__doctor_front front, enum vane__mode mode)
{
	static const char *const always[] = { "wrong-protocol", "unreachable",
		"elsewhere" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(always); i++)
		if (strcmp(check->name, always[i]) == 0)
			return check->level;
	if (front != VANE__FRONT_UNKNOWN &&
		!vane__doctor_has_lines(check->name, front, mode))
		return VANE__DOCTOR_NOTE;
	return check->level;
}

size_t vane__doctor_wrong(const struct vane__doctor_report *report,
	enum vane__doctor_front front, enum vane__mode mode)
{
	size_t i, wrong = 0;

	for (i = 0; i < report->count; i++)
		wrong += vane__doctor_weigh(report->findings[i].check, front, mode) ==
			 VANE__DOCTOR_WRONG;
	return wrong;
}

/* What is to be done. */
static void put_cure(struct buf *out, const struct vane__doctor_finding *finding,
	enum vane__doctor_front front, const struct vane__doctor_words *words)
{
	const char *name = finding->check->name;

	if (vane__doctor_lines(out, name, front, words))
		return;
	if (front == VANE__FRONT_UNKNOWN)
		vane__buf_printf(out,
			"\tthe front does not say what it is: --doctor-front=nginx and so on "
			"has the line that mends it\n");
	else if (front != VANE__FRONT_CGID &&
		 vane__doctor_weigh(finding->check, front, words->program->mode) ==
			 VANE__DOCTOR_WRONG)
		vane__buf_printf(out, "\tcompare with what --print-config=%s prints\n",
			vane__doctor_front_name(front));
}

static void put_all(struct buf *out, const struct vane__doctor_report *report,
	enum vane__doctor_level level, enum vane__doctor_front front,
	const struct vane__doctor_words *words)
{
	size_t i;

	for (i = 0; i < report->count; i++) {
		const struct vane__doctor_finding *finding = &report->findings[i];

		if (vane__doctor_weigh(finding->check, front, words->program->mode) !=
			level)
			continue;
		vane__buf_printf(out, "%s: %s: %s\n",
			level == VANE__DOCTOR_WRONG ? "wrong" : "note",
			finding->check->name, finding->detail);
		put_cure(out, finding, front, words);
	}
}

int vane__doctor_put(struct buf *out, const struct vane__doctor_report *report,
	enum vane__doctor_front front, const struct vane__doctor_words *words)
{
	enum vane__mode mode = words->program->mode;
	size_t wrong = vane__doctor_wrong(report, front, mode);

	vane__buf_printf(out, "%s, by %s, %zu request%s: %zu wrong, %zu to be noted\n",
		vane__doctor_front_title(front), vane__mode_title(mode), report->asked,
		report->asked == 1 ? "" : "s", wrong, report->count - wrong);
	put_all(out, report, VANE__DOCTOR_WRONG, front, words);
	put_all(out, report, VANE__DOCTOR_NOTE, front, words);
	return vane__buf_reserve(out, 1); /* one that failed before fails here */
}
