/* box-walk.c: one step after the other, up to the first that fails */
/* SPDX-License-Identifier: ISC */
#include "box-walk.h"

#include <errno.h>
#include <unistd.h>

#include "box-fault.h"

#define FAILED 125

int
bnd_box_tell(int fd, enum bnd_box_note_kind kind, struct bnd_box_note *note)
{
	note->magic = BND_NOTE_MAGIC;
	note->kind = (uint32_t)kind;
	return write(fd, note, sizeof(*note)) == sizeof(*note) ? 0 : -1;
}

void
bnd_box_walk(const struct bnd_box_step *table, struct bnd_box_child *c)
{
	const struct bnd_box_step *s;
	struct bnd_box_note note;
	enum bnd_step_fault fault;

	for (s = table; s->run != NULL; s++) {
		note = (struct bnd_box_note){ .stage = (uint32_t)s->stage,
			.step = s->step };
		c->job->at[c->slot] = note.stage;
		fault = bnd_box_fault(s->stage, s->step);
		if (fault == BND_FAULT_SKIP)
			continue;
		if (fault == BND_FAULT_NONE && s->run(c, &note) == 0)
			continue;
		note.errnum = fault == BND_FAULT_FAIL ? EIO : note.errnum;
		(void)bnd_box_tell(c->job->status, BND_NOTE_FAILED, &note);
		_exit(FAILED);
	}
}

uint64_t
bnd_box_flags(const uint64_t *flag, enum bnd_box_stage s, unsigned first)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; flag[i] != 0; i++) {
		if (bnd_box_fault(s, first + (unsigned)i) == BND_FAULT_NONE)
			all |= flag[i];
	}
	return all;
}

int
bnd_box_said(int r, struct bnd_box_note *note)
{
	if (r >= 0)
		return 0;
	note->errnum = errno;
	return -1;
}
