/* clock.h: boot time, wall clock and boot id, read together */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CLOCK_H
#define BND_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define BND_BOOT_ID_LEN 32
#define BND_TIME_LEN	27 /* 2026-11-22T19:20:16.137331Z */

struct bnd_now {
	uint64_t boot_us;		/* CLOCK_BOOTTIME */
	int64_t real_us;		/* CLOCK_REALTIME, for display only */
	char boot[BND_BOOT_ID_LEN + 1]; /* kernel boot_id, 32 hex digits */
};

int bnd_clock_now(struct bnd_now *now, struct bnd_err *err) BND_CHECK;

/*
 * Whether CLOCK_BOOTTIME is the host's: /proc/self/ns/time on a real procfs is
 * time:[4026531834].  Comparing with /proc/1 is not enough.
 */
bool bnd_clock_is_initial(void);

/* Wall clock minus boot time: only a step of the wall clock changes it. */
static inline int64_t
bnd_clock_offset(const struct bnd_now *now)
{
	return now->real_us - (int64_t)now->boot_us;
}

/* The kernel believes that a time service keeps the wall clock (STA_UNSYNC). */
bool bnd_clock_is_synced(void);

/* CLOCK_MONOTONIC in milliseconds: deadlines, within one process. */
uint64_t bnd_clock_ms(void);

/* Wall clock as RFC 3339 text with microseconds. */
void bnd_clock_format(int64_t real_us, char text[static BND_TIME_LEN + 1]);

#endif
