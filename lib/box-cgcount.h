/* box-cgcount.h: what a run used, and word of the OOM killer */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CGCOUNT_H
#define BND_BOX_CGCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "box-cgroup.h"
#include "err.h"

/* has is false where the kernel keeps no such counter. */
struct bnd_cg_used {
	bool has_mem, has_pids, has_cpu, has_oom, has_pids_max;
	uint64_t mem_peak, pids_peak, cpu_us, oom_kill, pids_max;
};
void bnd_cg_used(const struct bnd_cg *cg, struct bnd_cg_used *used);
/* How many the OOM killer took; 0 also where nothing counts that. */
uint64_t bnd_cg_oom_kills(const struct bnd_cg *cg);
int bnd_cg_cpu_us(
    const struct bnd_cg *cg, uint64_t *us, struct bnd_err *err) BND_CHECK;
/*
 * Ready for *events, and for nothing else, when the OOM killer was in the leaf;
 * the caller's.  POLLPRI of v2's file, which can always be read, POLLIN of v1's
 * counter.  -1 without a memory row.
 */
int bnd_cg_oom_fd(
    const struct bnd_cg *cg, short *events, struct bnd_err *err) BND_CHECK;

#endif
