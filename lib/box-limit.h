/* box-limit.h: rlimits of a policy, soft and hard alike */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LIMIT_H
#define BND_BOX_LIMIT_H

#include <stdint.h>

#include "box-policy.h"
#include "err.h"

#define BND_LIMITS 10
struct bnd_box_limit {
	int resource;	  /* RLIMIT_* */
	const char *name; /* as /proc/N/limits has it */
	uint64_t value;	  /* BND_BOX_TOP: unlimited */
};

/*
 * What is set, never above the hard limits of who asks: in the supervisor and
 * in the init the same.  -1 and errno, as bnd_limit_set(), which no heap needs.
 */
int bnd_limit_plan(const struct bnd_box_policy *p,
    struct bnd_box_limit plan[static BND_LIMITS]) BND_CHECK;
/*
 * A caller's real time, of processor and disks, is not handed down: whoever has
 * it starves the host, and only root can give it.  -1 and errno.
 */
int bnd_limit_priority(void) BND_CHECK;
/* which: the resource that failed. */
int bnd_limit_set(const struct bnd_box_policy *p, uint32_t *which) BND_CHECK;

#endif
