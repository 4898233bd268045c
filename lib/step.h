/* step.h: whether the wall clock was stepped, and what that means */
/* SPDX-License-Identifier: ISC */
#ifndef BND_STEP_H
#define BND_STEP_H

#include <stdbool.h>
#include <stdint.h>

/* What a step asks for (modes.md, tripwires). */
enum bnd_step {
	BND_STEP_NONE = 0,
	BND_STEP_NOTED,	   /* recorded as clock.jump, no more */
	BND_STEP_FREEZE,   /* above 2 s */
	BND_STEP_LOCKDOWN, /* from an hour on */
};

/*
 * REALTIME - BOOTTIME as the state remembers it and as it is now, in
 * microseconds (slewing moves both, so only steps show), and STA_UNSYNC of
 * adjtimex(2).  The first step from unsynchronised to synchronised of a boot
 * and a forward step while synchronised are the time service's: noted.
 */
struct bnd_step_seen {
	int64_t was_us, now_us;
	bool was_synced, synced;
};
enum bnd_step bnd_step_judge(const struct bnd_step_seen *s);

#endif
