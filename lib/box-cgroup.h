/* box-cgroup.h: limits, counters and the kill of a whole tree, v1 or v2 */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CGROUP_H
#define BND_BOX_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box-job.h"
#include "box-policy.h"
#include "err.h"

/* A row of sbx.md 5: memory, swap, pids, cpu ..., each on v2 or v1 or nowhere. */
enum bnd_cg_facility {
	BND_CG_NONE = 0,
	BND_CG_MEMORY,
	BND_CG_SWAP,
	BND_CG_PIDS,
	BND_CG_CPU,
	BND_CG_USAGE,
	BND_CG_FACILITIES,
};
const char *bnd_cg_facility_name(enum bnd_cg_facility f);

#define BND_CG_HIERARCHIES 8

/* What this host has; found once a run (statfs, then one pass over mountinfo). */
struct bnd_cg_host {
	int v2; /* directory of the v2 hierarchy; bnd-sbx is below it */
	char v2_path[BND_BOX_PATH];
	size_t n; /* v1 hierarchies that a limit or counter needs */
	struct {
		char name[32]; /* "memory", "cpu,cpuacct" */
		int dir;       /* our own path of it */
		char path[BND_BOX_PATH];
	} v1[BND_CG_HIERARCHIES];
	unsigned has2, has1; /* a bit per facility */
};
int bnd_cg_find(struct bnd_cg_host *host, struct bnd_err *err) BND_CHECK;
void bnd_cg_forget(struct bnd_cg_host *host);

/* The leaves of one run: v2 bnd-sbx/N always, v1 bnd-sbx-N where a row needs it. */
struct bnd_cg {
	int leaf; /* v2 */
	size_t n;
	struct {
		int dir, tasks;
		char name[32];
		char path[BND_BOX_PATH];
	} v1[BND_CG_HIERARCHIES];
	unsigned v2_rows;		  /* facilities served by the v2 leaf */
	uint64_t oom_before, pids_before; /* counters at the start */
};

/*
 * Make the leaves, write the limits and read them back before anybody joins.
 * BND_E_SYS or BND_E_INPUT name the facility that is missing or differs.
 */
int bnd_cg_make(const struct bnd_cg_host *host, unsigned lease,
    const struct bnd_box_policy *p, struct bnd_cg *cg,
    struct bnd_err *err) BND_CHECK;
/* Where the leaves are, for the lease file; the descriptors for the job. */
void bnd_cg_paths(const struct bnd_cg_host *host, const struct bnd_cg *cg,
    char path[static 8][BND_BOX_PATH], size_t *n);
void bnd_cg_join(const struct bnd_cg *cg, struct bnd_box_job *job);

/* Limits as they are now against what p wants: -1 names file, wanted, seen. */
int bnd_cg_attest(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;
/* Lower what is above p's mem, swap, pids, cpu, and read it back. */
int bnd_cg_lower(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;

/* What the run used; has is false where the kernel keeps no such counter. */
struct bnd_cg_used {
	bool has_mem, has_pids, has_cpu, has_oom, has_pids_max;
	uint64_t mem_peak, pids_peak, cpu_us, oom_kill, pids_max;
};
void bnd_cg_used(const struct bnd_cg *cg, struct bnd_cg_used *used);
int bnd_cg_cpu_us(
    const struct bnd_cg *cg, uint64_t *us, struct bnd_err *err) BND_CHECK;
/* Readable (POLLPRI or POLLIN) when the OOM killer was in the leaf; -1: see err. */
int bnd_cg_oom_fd(const struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;

/* cgroup.kill; cgroup.freeze; cgroup.events: 1 yes, 0 no, -1. */
int bnd_cg_kill(const struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;
int bnd_cg_freeze(
    const struct bnd_cg *cg, bool frozen, struct bnd_err *err) BND_CHECK;
int bnd_cg_populated(const struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;
int bnd_cg_frozen(const struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;

/* Of a run that is not ours: by the paths its lease names (gc, enforce). */
int bnd_cg_open(const struct bnd_cg_host *host,
    char path[static 8][BND_BOX_PATH], size_t n, struct bnd_cg *cg,
    struct bnd_err *err) BND_CHECK;
/* Remove the leaves; all processes must be gone. */
int bnd_cg_remove(const struct bnd_cg_host *host, struct bnd_cg *cg,
    struct bnd_err *err) BND_CHECK;
void bnd_cg_close(struct bnd_cg *cg);

/* Kill everything below bnd-sbx with one write (LOCKDOWN), and wait for 0. */
int bnd_cg_kill_all(const struct bnd_cg_host *host, unsigned wait_ms,
    struct bnd_err *err) BND_CHECK;

#endif
