/* clock.c: boot time, wall clock and boot id, read together */
/* SPDX-License-Identifier: ISC */
#include "clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "scope.h"
#include "text.h"

#define BOOT_ID	 "/proc/sys/kernel/random/boot_id"

/* Who was stopped between the two readings reads again, so often. */
#define READINGS 8
#define APART_US 10000

/* Once: no process outlives its boot. */
static int
read_boot_id(char boot[static BND_BOOT_ID_LEN + 1], struct bnd_err *err)
{
	static char known[BND_BOOT_ID_LEN + 1];
	SCOPED_FD int fd = -1;
	uint8_t bin[BND_BOOT_ID_LEN / 2];
	char text[64];
	ssize_t n;
	size_t len = 0;

	if (known[0] != '\0') {
		memcpy(boot, known, sizeof(known));
		return 0;
	}
	fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	if (n < 0)
		return bnd_fail_errno(err, "cannot read %s", BOOT_ID);
	for (ssize_t i = 0; i < n && len < BND_BOOT_ID_LEN; i++)
		if (text[i] != '-')
			boot[len++] = text[i];
	boot[len] = '\0';
	if (!bnd_text_from_hex((struct bnd_str){ boot, len }, bin, sizeof(bin)))
		return bnd_fail(err, BND_E_SYS, "%s holds no boot id", BOOT_ID);
	memcpy(known, boot, sizeof(known));
	return 0;
}

static uint64_t
us_of(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000U + (uint64_t)t->tv_nsec / 1000U;
}

int
bnd_clock_now(struct bnd_now *now, struct bnd_err *err)
{
	struct timespec boot, real, after;

	for (int i = 0; i < READINGS; i++) {
		if (clock_gettime(CLOCK_BOOTTIME, &boot) != 0 ||
		    clock_gettime(CLOCK_REALTIME, &real) != 0 ||
		    clock_gettime(CLOCK_BOOTTIME, &after) != 0)
			return bnd_fail_errno(err, "cannot read the clock");
		if (us_of(&after) - us_of(&boot) <= APART_US)
			break;
	}
	now->boot_us = us_of(&boot);
	now->real_us = (int64_t)real.tv_sec * 1000000 + real.tv_nsec / 1000;
	return read_boot_id(now->boot, err);
}

bool
bnd_clock_is_synced(void)
{
	struct timex tx = { 0 };

	return adjtimex(&tx) >= 0 && (tx.status & STA_UNSYNC) == 0;
}

void
bnd_clock_format(int64_t real_us, char text[static BND_TIME_LEN + 1])
{
	int64_t frac = real_us % 1000000;
	time_t sec = (time_t)(real_us / 1000000 - (frac < 0));
	struct tm tm = { 0 };
	char out[80];

	if (frac < 0)
		frac += 1000000;
	/* A year of five digits has no place in the format. */
	if (gmtime_r(&sec, &tm) == NULL || tm.tm_year < 0 || tm.tm_year > 8099)
		memset(&tm, 0, sizeof(tm));
	snprintf(out, sizeof(out), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday + (tm.tm_mday == 0),
	    tm.tm_hour, tm.tm_min, tm.tm_sec, (int)frac);
	memcpy(text, out, BND_TIME_LEN);
	text[BND_TIME_LEN] = '\0';
}
