/* step.h: whether the wall clock was stepped, and what that means */
/* SPDX-License-Identifier: ISC */
#ifndef BND_STEP_H
#define BND_STEP_H

#include <stdbool.h>
#include <stdint.h>

#define BND_STEP_US	 INT64_C(2000000)
#define BND_STEP_HOUR_US INT64_C(3600000000)

/* What a step asks for (bnd(7), tripwires). */
enum bnd_step {
	BND_STEP_NONE = 0, /* up to 2 s: small ones add up, see below */
	BND_STEP_NOTED,	   /* recorded as clock.jump, no more */
	BND_STEP_FREEZE,   /* above 2 s */
	BND_STEP_LOCKDOWN, /* from an hour on */
};

/*
 * REALTIME - BOOTTIME as the state remembers it and as it is now, in
 * microseconds (slewing moves both, so only steps show), and STA_UNSYNC of
 * adjtimex(2).  What is remembered moves on with a record only, so many small
 * steps are one large one.  The first step of a boot that finds the clock
 * synchronised, and a forward step while it stays so, are the time service's:
 * noted.
 */
struct bnd_step_seen {
	int64_t was_us, now_us;
	bool was_synced; /* at any time in this boot */
	bool synced;
};
enum bnd_step bnd_step_judge(const struct bnd_step_seen *s);

const char *bnd_step_name(enum bnd_step step); /* "freeze" */

#endif
