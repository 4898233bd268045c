/* clock-ms.c: the clock of deadlines */
/* SPDX-License-Identifier: ISC */
/* By itself: pam_bnd.so, which keeps no variables, needs no other. */
#include <time.h>

#include "clock.h"

uint64_t
bnd_clock_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}
