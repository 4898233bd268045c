/* clock.c: stand-in for lib/clock.c: the host's clock, set forward by a file */
/* SPDX-License-Identifier: ISC */
/*
 * /run/.bnd-test-clock holds the seconds to add.  It exists on throw-away hosts
 * only, so that a cool-down can pass in no time there.  Added to both clocks,
 * as a suspend is.  .wall beside it holds seconds, with a sign, to add to the
 * wall clock alone; while .synced is there a time service keeps it.  Time
 * namespaces are looked at by the real lib/clock-initial.c.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define FORWARD "/run/.bnd-test-clock"

static int64_t
us_in(const char *path)
{
	long long s = 0;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lld", &s) != 1)
		s = 0;
	fclose(f);
	return s * 1000000;
}

int
bnd_clock_now(struct bnd_now *now, struct bnd_err *err)
{
	struct timespec boot, real;
	char text[64] = "";
	size_t len = 0;
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &real);
	now->boot_us = (uint64_t)boot.tv_sec * 1000000U +
	    (uint64_t)boot.tv_nsec / 1000U + (uint64_t)us_in(FORWARD);
	now->real_us = (int64_t)real.tv_sec * 1000000 + real.tv_nsec / 1000 +
	    us_in(FORWARD) + us_in(FORWARD ".wall");
	if (f == NULL || fgets(text, sizeof(text), f) == NULL) {
		if (f != NULL)
			fclose(f);
		return bnd_fail(err, BND_E_SYS, "no boot id");
	}
	fclose(f);
	memset(now->boot, 0, sizeof(now->boot));
	for (size_t i = 0; text[i] != '\0' && len < BND_BOOT_ID_LEN; i++) {
		if (text[i] != '-' && text[i] != '\n')
			now->boot[len++] = text[i];
	}
	return 0;
}

uint64_t
bnd_clock_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

bool
bnd_clock_is_synced(void)
{
	return access(FORWARD ".synced", F_OK) == 0;
}

void
bnd_clock_format(int64_t real_us, char text[static BND_TIME_LEN + 1])
{
	time_t sec = (time_t)(real_us / 1000000);
	struct tm tm = { 0 };
	size_t n;

	gmtime_r(&sec, &tm);
	n = strftime(text, BND_TIME_LEN + 1, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(
	    text + n, BND_TIME_LEN + 1 - n, ".%06dZ", (int)(real_us % 1000000));
}
