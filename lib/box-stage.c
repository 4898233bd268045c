/* box-stage.c: the steps of a start, in order, and how each one reports */
/* SPDX-License-Identifier: ISC */
#include "box-stage.h"

#include <string.h>

static const char *const words[BND_STAGES] = {
	[BND_STAGE_NONE] = "none",
	[BND_STAGE_ARGS] = "args",
	[BND_STAGE_PRIVILEGE] = "privilege",
	[BND_STAGE_MODE] = "mode",
	[BND_STAGE_PROFILE] = "profile",
	[BND_STAGE_LOG] = "log",
	[BND_STAGE_SOURCE] = "source",
	[BND_STAGE_LEASE] = "lease",
	[BND_STAGE_CGROUP] = "cgroup",
	[BND_STAGE_FILTER] = "filter",
	[BND_STAGE_CLONE] = "clone",
	[BND_STAGE_MAP] = "map",
	[BND_STAGE_JOIN] = "join",
	[BND_STAGE_TIME] = "time",
	[BND_STAGE_ROOT] = "root",
	[BND_STAGE_NET] = "net",
	[BND_STAGE_HOST] = "host",
	[BND_STAGE_PAYLOAD] = "payload",
	[BND_STAGE_LANDLOCK] = "landlock",
	[BND_STAGE_CREDS] = "creds",
	[BND_STAGE_FDS] = "fds",
	[BND_STAGE_CHDIR] = "chdir",
	[BND_STAGE_SECCOMP] = "seccomp",
	[BND_STAGE_SEAL] = "seal",
	[BND_STAGE_RELAY] = "relay",
	[BND_STAGE_ATTEST] = "attest",
	[BND_STAGE_EXEC] = "exec",
};

const char *
bnd_box_stage_word(enum bnd_box_stage s)
{
	return (unsigned)s < BND_STAGES ? words[s] : "?";
}

bool
bnd_box_note_read(const void *buf, size_t len, struct bnd_box_note *n)
{
	if (len != sizeof(*n))
		return false;
	memcpy(n, buf, sizeof(*n));
	return n->magic == BND_NOTE_MAGIC && n->kind > BND_NOTE_NONE &&
	    n->kind < BND_NOTES && n->stage < BND_STAGES && n->spare == 0 &&
	    n->errnum >= 0 && n->errnum < 4096;
}

int
bnd_box_steps_wrong(const struct bnd_box_step *table, unsigned *state)
{
	const struct bnd_box_step *s, *t;

	for (s = table; s->run != NULL; s++) {
		if ((s->needs & ~*state) != 0 || (s->bars & *state) != 0)
			return (int)(s - table);
		for (t = table; t < s; t++) {
			if (t->stage == s->stage && t->step == s->step)
				return (int)(s - table);
		}
		*state = (*state & ~s->takes) | s->gives;
	}
	return -1;
}
