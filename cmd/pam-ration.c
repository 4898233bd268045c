/* pam-ration.c: how many refusals of one person the log is told of */
/* SPDX-License-Identifier: ISC */
/*
 * Whoever has a password can have himself refused for ever, and fill the disk
 * that a loosening needs.  One person's refusals do not crowd out another's but
 * where their names share a slot; the system's log and the audit trail have all.
 */
#include "pam-ration.h"

#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "lock.h"
#include "scope.h"
#include "sign.h"

#define PATH	 "run/bnd/refused"
#define PERSONAL "bnd-ration-v1"
#define SLOTS	 256
#define LOCK_MS	 100

/* Of this boot, and for this program alone: not for people to read. */
struct slot {
	uint64_t since_us;
	uint32_t told, left_out;
};

static off_t
place_of(const char *who)
{
	uint8_t hash[BND_HASH_LEN];

	bnd_hash(PERSONAL, NULL, 0, who, strlen(who), hash);
	return (off_t)(hash[0] % SLOTS * sizeof(struct slot));
}

static void
load(int fd, off_t at, uint64_t now_us, struct slot *s)
{
	if (pread(fd, s, sizeof(*s), at) != (ssize_t)sizeof(*s))
		*s = (struct slot){ .since_us = now_us };
	if (s->since_us > now_us ||
	    now_us - s->since_us >= PAM_RATION_S * UINT64_C(1000000)) {
		s->since_us = now_us;
		s->told = 0;
	}
}

bool
pam_ration(const struct bnd_root *root, const char *who, uint32_t *left_out)
{
	SCOPED_FD int fd = bnd_lock(root, PATH, true, true, LOCK_MS, NULL);
	struct bnd_now now;
	struct slot s;
	off_t at;
	bool told;

	*left_out = 0;
	if (fd < 0 || bnd_clock_now(&now, NULL) != 0)
		return true;
	at = place_of(who);
	load(fd, at, now.boot_us, &s);
	told = s.told < PAM_RATION;
	if (told) {
		s.told++;
		*left_out = s.left_out;
		s.left_out = 0;
	} else if (s.left_out < UINT32_MAX)
		s.left_out++;
	return pwrite(fd, &s, sizeof(s), at) != (ssize_t)sizeof(s) || told;
}
